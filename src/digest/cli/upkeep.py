"""Commands that keep an installation well: prune, and what notices were told."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

app = typer.Typer()
notices_app = typer.Typer(help="What was told because it needed a person.", no_args_is_help=True)


@app.command()
def prune(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many rows of each kind are old.")
    ] = False,
    compact: Annotated[
        bool,
        typer.Option("--compact", help="Write the database's files anew afterwards; others have to wait."),
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget what is old, as [retention] says; `digest run` does so once a day."""
    from digest import store
    from digest.pipeline.upkeep import pruning

    with shell.installation(config) as installation:
        work = pruning.foretell if dry_run else pruning.prune
        done = work(installation, shell.now())
        if compact and not dry_run:
            store.redactions.scrub(installation.engine)
    if as_json:
        shell.emit({"dry_run": dry_run, "rows": done})
        return
    shell.table(("what is old", "rows"), done.items())


@notices_app.command("list")
def list_(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many, newest first.")] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List notices and what became of each, the newest first."""
    from digest import codec, store
    from digest.model import Notice
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = store.notices.newest(connection, limit)
    if as_json:
        for notice in found:
            shell.emit(codec.to_data(Notice, notice))
        return
    rows = (
        (f"{each.created_at:%Y-%m-%d %H:%M}", each.kind, each.state, each.text, each.reply) for each in found
    )
    shell.table(("told", "kind", "webhook", "text", "reply"), rows)


@notices_app.command("test")
def tell_trial(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Tell a trial over both channels, now: by mail to whoever may manage, and to the webhook."""
    from threading import Event

    from digest.pipeline.mail import outbox
    from digest.pipeline.upkeep import telling, webhook

    with shell.installation(config) as installation:
        trial = telling.tell_trial(installation, shell.now())
        sent = outbox.send(installation, shell.now, Event())
        brought = [each for each in webhook.bring(installation, shell.now) if each.key == trial.key]
    counts = {state.value: count for state, count in sent.counts.items() if count}
    state = brought[0].state if brought else trial.state
    reply = brought[0].reply if brought else "none is set"
    if as_json:
        shell.emit({"mails": counts, "problem": sent.problem, "webhook": state.value, "reply": reply})
        return
    mails = ", ".join(f"{count} {name}" for name, count in counts.items())
    shell.say(f"Mail: {mails or 'nobody may manage, or [notices] mails is off'}. {sent.problem}".rstrip())
    shell.say(f"Webhook: {state}{f' ({reply})' if reply else ''}.")
