"""Commands on one document from outside: parse and extract. Their formats are stable: docs/formats.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import JsonOption

if TYPE_CHECKING:
    from digest.model import Entry, Reading

app = typer.Typer()

PlaceArgument = Annotated[str, typer.Argument(metavar="FILE_OR_URL", help="A feed, or one HTML page.")]
UrlOption = Annotated[
    str, typer.Option("--url", help="The address the document has on the web, for its links.")
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="HOST:PORT", help="A private address that may be fetched."),
]


@app.command()
def parse(
    place: PlaceArgument, url: UrlOption = "", allow: AllowOption = None, as_json: JsonOption = False
) -> None:
    """Show what a feed or page gives: one line per entry. Follows no link."""
    from digest.pipeline.posts.documents import entry_data

    for entry in entries_at(place, url, allow):
        if as_json:
            shell.emit(entry_data(entry))
        else:
            when = f"{entry.published:%Y-%m-%d}" if entry.published else "no date"
            shell.say(f"{entry.title} ({when}, {len(entry.text.split())} words) {entry.url}")


@app.command()
def extract(
    place: PlaceArgument, url: UrlOption = "", allow: AllowOption = None, as_json: JsonOption = False
) -> None:
    """Show what each post says about itself: themes, quotes, related posts and videos. Follows no link."""
    from digest.extract.reading import read_post
    from digest.pipeline.posts.documents import reading_data
    from digest.resources import Resources

    words = Resources().section_words
    for entry in entries_at(place, url, allow):
        reading = read_post(entry, words)
        if as_json:
            shell.emit(reading_data(entry, reading))
        else:
            _describe(entry, reading)


def entries_at(place: str, url: str, allow: list[str] | None) -> tuple[Entry, ...]:
    """The entries of a feed or page, in a file or at an address."""
    from digest.net.http import Fetcher
    from digest.pipeline.posts.documents import entries, load
    from digest.resources import Resources

    try:
        fetcher = Fetcher(allow or ())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--allow") from error
    return entries(*load(place, url, fetcher), Resources().page_words)


def _describe(entry: Entry, reading: Reading) -> None:
    shell.say(f"\n{entry.title}\n  {entry.url}\n  {reading.summary}")
    for theme in reading.themes:
        shell.say(
            f"  theme ({theme.origin}): {theme.title}"
            + (f": {theme.description}" if theme.description else "")
        )
    for quote in reading.quotes:
        topics = f" [{', '.join(quote.topics)}]" if quote.topics else ""
        key = f", key {quote.key:g}" if quote.key < 1 else ""
        shell.say(f"  “{quote.text}” — {quote.speaker or 'unknown'}{topics} ({quote.origin}{key})")
    for link in reading.related_posts:
        shell.say(f"  related post: {link.title} {link.url}")
    for video in reading.related_videos:
        shell.say(f"  related video: {video.title} {video.url}")
