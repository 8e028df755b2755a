"""Commands on what comes back: `digest bounces`, `digest suppressions`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption
from digest.text.amounts import amount

if TYPE_CHECKING:
    from digest.model import Bounce
    from digest.store.suppressions import Window

bounces = typer.Typer(help="Mail that came back, and complaints.", invoke_without_command=True)
suppressions = typer.Typer(help="Addresses that are never written to.", no_args_is_help=True)

SinceOption = Annotated[str, typer.Option("--since", metavar="TIME", help="From this date or time on (UTC).")]
UntilOption = Annotated[str, typer.Option("--until", metavar="TIME", help="Before this date or time (UTC).")]
DomainOption = Annotated[str, typer.Option("--domain", help="Only addresses at this domain.")]


@bounces.callback()
def list_bounces(
    context: typer.Context,
    since: SinceOption = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest first.")] = 100,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what came back: about whom, what it says, what it did; and what rests now."""
    if context.invoked_subcommand is not None:
        return
    from digest import store
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = tuple(store.bounces.listed(connection, _moment("--since", since), limit))
        pauses = store.holds.pauses(connection, shell.now())
    if as_json:
        for bounce in found:
            shell.emit(_data(bounce))
        return
    shell.table(
        ("when (UTC)", "address", "issue", "kind", "effect", "why", "their words"),
        (_row(bounce) for bounce in found),
    )
    for pause in pauses:
        shell.say(f"{pause.domain} rests until {pause.until:%Y-%m-%d %H:%M} UTC: {pause.why}")


@bounces.command("read")
def read(
    path: Annotated[
        Path, typer.Argument(metavar="FILE|DIR", help="A mail, an mbox, a Maildir, or a folder of mails.")
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Act upon mails in files as if they came in now; reading the same ones again changes nothing."""
    from digest.pipeline.mail.inbound import read_files

    with shell.installation(config) as installation:
        counts = read_files(installation, path, shell.now())
    if as_json:
        shell.emit(dict(counts))
        return
    shell.say(f"{amount(sum(counts.values()), 'mail')} read.")
    for words, count in sorted(counts.items()):
        shell.say(f"  {count} {words}")


@suppressions.command("list")
def list_suppressions(
    since: SinceOption = "",
    until: UntilOption = "",
    domain: DomainOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the addresses that are never written to, and those that are held for some days: since when, and why."""
    from digest import store
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = tuple(store.suppressions.listed(connection, _window(since, until, domain)))
        held = store.holds.held(connection, shell.now())
    rows = [(each.address, each.cause.value, f"{each.at:%Y-%m-%d %H:%M}", each.reason) for each in found]
    rows += [
        (each.address, "held", f"{each.since:%Y-%m-%d %H:%M}", f"until {each.until:%Y-%m-%d}: {each.why}")
        for each in held
        if not domain or each.address.lower().endswith(f"@{domain.lower()}")
    ]
    columns = ("address", "cause", "since", "reason")
    if as_json:
        for row in rows:
            shell.emit(dict(zip(columns, row, strict=True)))
        return
    shell.table(columns, rows)


@suppressions.command("undo")
def undo(
    since: Annotated[str, typer.Option("--since", metavar="TIME", help="From this date or time on (UTC).")],
    until: UntilOption = "",
    domain: DomainOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back what bounces did in a storm; complaints, and what a person suppressed, stay."""
    from dataclasses import asdict

    from digest import store
    from digest.store.database import transaction

    window = _window(since, until, domain)
    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        undone = store.bounces.undo(connection, window, shell.now())
    if as_json:
        shell.emit(asdict(undone))
        return
    shell.say(
        f"{undone.suppressions} suppressions and {undone.holds} holds are taken back, {undone.pauses} domains may be "
        f"written to again, and {undone.bounces} bounces no longer count."
    )


def _window(since: str, until: str, domain: str) -> Window:
    from digest.store.suppressions import Window

    return Window(_moment("--since", since), _moment("--until", until), domain.strip().lstrip("@"))


def _moment(option: str, text: str) -> datetime | None:
    from digest.errors import DigestError
    from digest.roster.moments import moment

    try:
        return moment(text)
    except ValueError:
        raise DigestError(
            f"{option}: expected a date or time like 2026-11-22 or 2026-11-22T08:00, got {text[:40]!r}."
        ) from None


def _row(bounce: Bounce) -> tuple[str, ...]:
    issue = str(bounce.issue) if bounce.issue else ""
    kind = f"{bounce.kind} {bounce.status}".strip()
    address = bounce.address or "nobody known"
    return f"{bounce.at:%Y-%m-%d %H:%M}", address, issue, kind, bounce.effect, bounce.why, bounce.words


def _data(bounce: Bounce) -> object:
    from digest import codec
    from digest.model import Bounce

    return codec.to_data(Bounce, bounce)
