"""The verb ``export``: everything one needs to leave, in formats that others read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from digest import codec, config, store, tokens
from digest.model import IssueDocument, Post, Rendering, Version
from digest.parcel import Parcel, parcel
from digest.pipeline.installation import Installation
from digest.pipeline.mail.letters import EVERYTHING, render
from digest.pipeline.posts.sources import export_opml
from digest.pipeline.readers.audience.exporting import subscribed, suppressed
from digest.publish.newsletter import UNSUBSCRIBE
from digest.roster.writing import COLUMNS, csv_lines
from digest.store.database import reading
from digest.text.times import rfc3339

README = """\
# What is in this folder

Everything that `digest` keeps, written at {at}. It holds addresses of people: treat it as you treat them.

| file | what it is |
|---|---|
| `subscribers.csv` | who gets which digest, with the date and source of their consent; also who left, so that they are not written to again |
| `suppressed.csv` | addresses that must not be written to, and why; people who were erased are in no file |
| `sources.opml` | what is followed: any feed reader takes it |
| `config.toml` | the settings, sources, themes and rules as one file, without passwords and keys |
| `issues/DIGEST/SLOT/` | each frozen version of each issue: `version-N.json` (canonical, its SHA-256 is that in the database), `.html` and `.txt` as mailed |
| `posts.jsonl` | every post as it was last seen, one JSON object a line |
| `quotes.csv` | the quotes that issues printed, with speaker, topics and where each stands |
| `deliveries.csv` | what became of each issue for each person, in the words of the relay |
| `SHA256SUMS` | `sha256sum -c SHA256SUMS` says whether all is whole |

CSV files are UTF-8 (RFC 4180); where a spreadsheet might take a cell for a formula, a `'` stands before it. Times are in
UTC. In the pages a link that is personal in the mail leads to a page that explains itself.

To go on with another `digest`: start it with this `config.toml`, then
`digest subscribers import subscribers.csv suppressed.csv`, which mails nobody. Into an empty database everybody comes with the
number they had: with the keys of the old one (`[serve] secret_file`, which is not in here) links in old mails go on to work.
"""
_QUOTES = (
    "issue",
    "quote",
    "text",
    "speaker",
    "topics",
    "origin",
    "post_title",
    "post_url",
    "link",
    "source",
    "published",
)
_DELIVERIES = store.holdings.Sent.__slots__


def export(installation: Installation, folder: Path, now: datetime) -> None:
    """Write everything to a folder, which appears whole and replaces an earlier export.

    Raises:
        DigestError: something else stands there, or the system refused a file.
    """
    with parcel(folder) as parts, reading(installation.engine) as connection:
        parts.write("README.md", [README.format(at=rfc3339(now)).encode()])
        parts.write("config.toml", [_config(installation, connection).encode()])
        parts.write("sources.opml", [export_opml(installation, now).encode()])
        parts.write("subscribers.csv", _csv(COLUMNS, subscribed(connection)))
        parts.write("suppressed.csv", _csv(COLUMNS, suppressed(connection)))
        parts.write(
            "posts.jsonl", (codec.dump(Post, post) + b"\n" for post in store.holdings.posts(connection))
        )
        parts.write("quotes.csv", _csv(_QUOTES, _quotes(connection)))
        parts.write("deliveries.csv", _csv(_DELIVERIES, _sent(connection)))
        for version in store.holdings.frozen(connection):
            _write_version(installation, connection, parts, version)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    return (line.encode() for line in csv_lines(columns, rows))


def _config(installation: Installation, connection: Connection) -> str:
    sources = store.sources.all_sources(connection)
    themes, rules = store.sources.themes(connection), store.sources.rules(connection)
    return config.export(installation.settings, sources, themes, rules)


def _sent(connection: Connection) -> Iterator[Sequence[object]]:
    for row in store.holdings.sent(connection):
        yield (
            row.issue,
            row.version,
            row.address,
            row.choice,
            row.state,
            row.attempts,
            rfc3339(row.settled_at) or "",
            rfc3339(row.bounced_at) or "",
            row.reply,
        )


def _quotes(connection: Connection) -> Iterator[Sequence[object]]:
    """The quotes of each issue as its newest version prints them."""
    newest: dict[str, int] = {}
    for version in store.holdings.frozen(connection):
        newest[str(version.issue)] = version.number
    for version in store.holdings.frozen(connection):
        if newest[str(version.issue)] == version.number:
            yield from _quotes_of(codec.load(IssueDocument, version.data))


def _quotes_of(document: IssueDocument) -> Iterator[Sequence[object]]:
    for pick in document.picks:
        for printed in pick.quotes:
            quote = printed.quote
            yield (
                document.id,
                printed.id,
                quote.text,
                quote.speaker,
                "; ".join(quote.topics),
                quote.origin,
                pick.title,
                pick.url,
                quote.link,
                pick.source_title,
                rfc3339(pick.published) or "",
            )


def _write_version(
    installation: Installation, connection: Connection, parts: Parcel, version: Version
) -> None:
    digest, _, slot = str(version.issue).partition("/")
    name = f"issues/{digest}/{slot}/version-{version.number}"
    parts.write(f"{name}.json", [version.data])
    rendering = _rendering(installation, connection, version)
    if rendering is not None:
        link = tokens.copy_url(installation.settings.publish.app_url, digest)
        parts.write(f"{name}.html", [rendering.html.replace(UNSUBSCRIBE, link).encode()])
        parts.write(f"{name}.txt", [rendering.text.replace(UNSUBSCRIBE, link).encode()])


def _rendering(installation: Installation, connection: Connection, version: Version) -> Rendering | None:
    """The mail for those who take everything: as it was stored when it was sent, else as it would be made now.

    None where its digest is no more in config.toml, whose look it had.
    """
    stored = store.issues.renderings(connection, version.issue, version.number)
    for rendering in stored:
        if rendering.choice == EVERYTHING:
            return rendering
    if installation.settings.digest(version.issue.digest) is None:
        return None
    return render(installation, codec.load(IssueDocument, version.data), version.number)
