"""Commands on mail that is no issue, and the form by which people sign up."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

app = typer.Typer(help="Mail that is no issue: confirmations, links, notices.", no_args_is_help=True)
form_app = typer.Typer()


@app.command("list")
def list_(
    state: Annotated[
        str | None, typer.Option("--state", help="Only of this state: queued, in_doubt, accepted, …")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=10_000, help="How many, the newest first.")
    ] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what waits, what was sent and what failed, with the relay's words."""
    from digest import codec, store
    from digest.errors import DigestError
    from digest.model import DeliveryState, OutboxRow
    from digest.store.database import reading

    states = [each for each in DeliveryState if each == state]
    if state and not states:
        raise DigestError(f"--state: expected one of {', '.join(DeliveryState)}, got {state!r}.")
    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = tuple(store.outbox.rows(connection, states, limit))
    if as_json:
        for row in found:
            shell.emit(codec.to_data(OutboxRow, row))
        return
    lines = (
        (row.id, row.kind, row.address, row.state, f"{row.created_at:%Y-%m-%d %H:%M}", row.reply)
        for row in found
    )
    shell.table(("number", "kind", "address", "state", "written", "reply"), lines)


@app.command()
def send(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Send what waits, once; `digest run` and `digest serve` do so by themselves."""
    from threading import Event

    from digest.pipeline.mail.outbox import send as send_outbox

    with shell.installation(config) as installation:
        report = send_outbox(installation, shell.now, Event())
    counts = {state.value: count for state, count in report.counts.items() if count}
    if as_json:
        shell.emit({"counts": counts, "problem": report.problem})
        return
    shell.say(", ".join(f"{count} {state}" for state, count in counts.items()) or "Nothing was due.")
    if report.problem:
        shell.say(report.problem)


@app.command()
def settle(
    number: Annotated[int, typer.Argument(metavar="NUMBER")],
    what: Annotated[Literal["sent", "resend"], typer.Argument(metavar="sent|resend")],
    config: ConfigOption = None,
) -> None:
    """Decide on a mail in doubt: it was sent, or it is to be sent once more."""
    from digest.pipeline.mail.outbox import settle as settle_mail

    with shell.installation(config) as installation:
        settle_mail(installation, number, shell.now(), was_sent=what == "sent")
    shell.say(f"Mail {number} is marked as sent." if what == "sent" else f"Mail {number} is sent again.")


@form_app.command()
def form(digest: Annotated[str, typer.Argument(metavar="DIGEST")], config: ConfigOption = None) -> None:
    """Print the form by which people sign up, as HTML for another site."""
    from digest.publish.wording import wording
    from digest.web.embedding import snippet

    with shell.installation(config) as installation:
        known = installation.digest(digest)
        words = wording(installation.resources.strings(known.language), known)
        app_url = installation.settings.publish.app_url
        shell.say(snippet(installation.templates, app_url, known, words).rstrip())
