"""Commands on subscribers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.progress import progress
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Subscription
    from digest.pipeline.readers.audience import Imported
    from digest.store.audience import Person

app = typer.Typer(help="Who gets the mail.", no_args_is_help=True)

_MOST_SHOWN = 20  # rows and tags; --json has up to 1,000
_COUNTS = {
    "added": "subscribed",
    "pending": "pending",
    "ended": "unsubscribed, as the list says",
    "barred": "suppressed, as the list says",
    "unchanged": "unchanged",
    "unsubscribed": "had left and stay so",
    "suppressed": "suppressed already, and not subscribed",
    "erased": "asked to be forgotten, and left out",
}
FormatOption = Annotated[
    str, typer.Option("--format", help="mailchimp, listmonk, ghost or csv (else told by each header).")
]
AsOption = Annotated[
    str,
    typer.Option(
        "--as",
        help="Nobody in these lists is more than: subscribed, pending, unsubscribed or suppressed.",
    ),
]
AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS")]


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV files, or zips of them.")],
    digest: Annotated[str, typer.Option("--digest", help="For rows that name none.")] = "",
    source: Annotated[
        str, typer.Option("--source", help='Of their consent, where a list says none: "Mailchimp, November".')
    ] = "",
    format_name: FormatOption = "",
    as_standing: AsOption = "subscribed",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would happen.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import subscribers with their consent; mails nobody, can be repeated, brings back nobody who left."""
    from digest.pipeline.readers.audience import Wanted, import_subscribers
    from digest.roster.formats import FORMATS
    from digest.roster.rows import Standing

    wanted = Wanted(
        paths=files,
        digest=digest,
        source=source,
        format=_one_of(format_name, "--format", ["", *FORMATS]),
        standing=Standing(_one_of(as_standing, "--as", list(Standing))),
        dry_run=dry_run,
    )
    with shell.installation(config) as installation, progress("rows", quiet=as_json) as bar:
        imported = import_subscribers(installation, wanted, shell.now(), bar.reached)
    if as_json:
        shell.emit(_import_data(imported))
    else:
        _tell(imported)


def _one_of(word: str, option: str, words: list[str]) -> str:
    if word not in words:
        expected = ", ".join(filter(None, words))
        raise typer.BadParameter(f"expected one of {expected}, got {word!r}", param_hint=option)
    return word


def _import_data(imported: Imported) -> dict[str, object]:
    from dataclasses import asdict

    return {
        **asdict(imported.report),
        "dry_run": imported.dry_run,
        "rows": imported.rows,
        "files": [asdict(file) for file in imported.files],
        "not_taken": imported.not_taken,
        "refused": [asdict(each) for each in imported.refused],
        "unknown_tags": imported.unknown_tags,
    }


def _tell(imported: Imported) -> None:
    for file in imported.files:
        ignored = f"; nothing is taken from {', '.join(file.ignored)}" if file.ignored else ""
        shell.say(f"{file.name}: {file.note or f'{file.format}, {file.standing}'}{ignored}")
    report = imported.report
    counts = [f"{count} {words}" for name, words in _COUNTS.items() if (count := getattr(report, name))]
    counts += [f"{imported.not_taken} not taken"] if imported.not_taken else []
    said = f"{imported.rows} rows: {', '.join(counts) or 'nobody'}."
    shell.say(
        f"{said} {'Nothing was changed: this was a trial.' if imported.dry_run else 'Nobody was mailed.'}"
    )
    if report.renumbered:
        shell.say(
            f"{report.renumbered} have other numbers here than there, because theirs were taken: with the old keys, links "
            "in old mails would lead to somebody else."
        )
    for each in imported.refused[:_MOST_SHOWN]:
        shell.say(f"  {each}")
    if imported.not_taken > _MOST_SHOWN:
        shell.say(f"  and {imported.not_taken - _MOST_SHOWN} more.")
    if imported.unknown_tags:
        shown = list(imported.unknown_tags.items())[:_MOST_SHOWN]
        named = ", ".join(f"{tag} ({count})" for tag, count in shown)
        shell.say(f"Tags that name no theme: {named}. `digest theme list` shows the themes there are.")


@app.command("add")
def add(
    address: AddressArgument,
    digest: Annotated[str, typer.Option("--digest", help="Which; needed where there are several.")] = "",
    source: Annotated[str, typer.Option("--source", help="How they gave their consent.")] = "by hand",
    themes: Annotated[list[str], typer.Option("--theme", help="Only these; can be given again.")] = [],  # noqa: B006  typer copies it
    config: ConfigOption = None,
) -> None:
    """Subscribe one person who gave their consent; nobody who has left, and nobody twice."""
    from digest.pipeline.readers.audience import add_subscriber

    with shell.installation(config) as installation:
        said = add_subscriber(installation, address, digest, themes, source, shell.now())
    shell.say(said)


@app.command("export")
def export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE.csv]", help="Else to the terminal.")] = None,
    digest: Annotated[str, typer.Option("--digest", help="Only subscriptions to this one.")] = "",
    config: ConfigOption = None,
) -> None:
    """Write subscribers with their consent, and suppressed addresses, as a CSV file that import reads."""
    from digest.files import whole_file
    from digest.pipeline.readers.audience import audience_lines
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        if digest:
            installation.digest(digest)
        lines = audience_lines(connection, digest)
        if file is None:
            for line in lines:
                shell.say(line.removesuffix("\r\n"))
            return
        with whole_file(file) as opened:
            count = sum(bool(opened.write(line.encode())) for line in lines) - 1
    shell.say(f"{file}: {count} rows.")


@app.command("forget")
def forget(address: AddressArgument, config: ConfigOption = None) -> None:
    """Erase a person; what stays is a keyed hash, so that no list brings them back."""
    from digest.pipeline.readers.audience import forget

    with shell.installation(config) as installation:
        forget(installation, address, shell.now())
    shell.say(f"{address} is forgotten.")


@app.command("suppress")
def suppress(
    address: AddressArgument,
    why: Annotated[str, typer.Option("--why", help="For whoever asks later.")] = "by hand",
    config: ConfigOption = None,
) -> None:
    """Never write to an address again, whatever it is subscribed to."""
    from digest.pipeline.readers.audience import suppress

    with shell.installation(config) as installation:
        suppress(installation, address, why, shell.now())
    shell.say(f"{address} is not written to any more.")


@app.command("unsuppress")
def unsuppress(
    address: AddressArgument,
    why: Annotated[str, typer.Option("--why", help="For whoever asks later.")] = "by hand",
    config: ConfigOption = None,
) -> None:
    """Write to an address again that is suppressed or held; who left stays away all the same."""
    from digest.pipeline.readers.audience import unsuppress

    with shell.installation(config) as installation:
        unsuppress(installation, address, why, shell.now())
    shell.say(f"{address} may be written to again.")


@app.command("show")
def show(address: AddressArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one person: subscriptions, what they agreed to step by step, their last mails; as JSON all that is kept."""
    from digest.pipeline.readers.audience import tending

    now = shell.now()
    with shell.installation(config) as installation:
        number = tending.number_of(installation, address)
        if as_json:
            shell.say(tending.export(installation, number, now).decode())
            return
        person = tending.person(installation, number, now)
    for line in _lines(person):
        shell.say(line)


def _lines(person: Person) -> Iterator[str]:
    """What is known of a person, for a terminal."""
    yield f"{person.address}: subscriber {person.number}, known since {person.since:%Y-%m-%d}"
    if person.suppression:
        yield f"  not written to since {person.suppression.at:%Y-%m-%d}: {person.suppression.reason}"
    if person.hold:
        yield f"  held until {person.hold.until:%Y-%m-%d}: {person.hold.why}"
    for subscription in person.subscriptions:
        _, digest, state, themes, consent = _cells(subscription)
        yield f"  {digest}: {state}, themes: {themes}; {consent or 'no consent yet'}"
    for step in person.consents:
        said = f": {step.wording}" if step.wording else ""
        yield f"  {step.at:%Y-%m-%d %H:%M} {step.step} {step.digest}{said} ({step.source or 'by their own hand'})"
    for mail in person.mails:
        came_back = f", came back {mail.bounced_at:%Y-%m-%d}" if mail.bounced_at else ""
        yield f"  {mail.delivery.issue}: {mail.delivery.state}{came_back} {mail.delivery.reply}".rstrip()


@app.command("list")
def list_(
    digest: Annotated[str | None, typer.Option("--digest", help="Only of this digest.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List subscriptions, each with its state, themes and consent."""
    from digest import codec, store
    from digest.model import Subscription
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = store.audience.subscriptions(connection, digest)
        if as_json:
            for subscription in found:
                shell.emit(codec.to_data(Subscription, subscription))
            return
        shell.table(("address", "digest", "state", "themes", "consent"), map(_cells, found))


def _cells(subscription: Subscription) -> tuple[str, ...]:
    given = subscription.consent_at
    return (
        subscription.address,
        subscription.digest,
        subscription.state,
        ", ".join(subscription.themes) if subscription.themes else "all",
        f"{given:%Y-%m-%d} {subscription.consent_source}" if given else subscription.consent_source,
    )
