"""The command explain, and an explanation as text for an editor and as data for a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli import shell
from digest.cli.documents import AllowOption, UrlOption, entries_at
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from digest.extract.explained import ExplainedQuote
    from digest.extract.prose.keyquotes import KeyScore
    from digest.model import Reading, Span
    from digest.pipeline.drafts.explain import Explanation, Placed

app = typer.Typer()

WIDTH = 80
_INDENT = "  "
_TIED = "\u00a0"  # a space at which no line is broken

PostArgument = Annotated[
    str,
    typer.Argument(
        metavar="URL_OR_FILE", help="A stored post's address, key or id; else a feed or page to read."
    ),
]


@app.command()
def explain(
    place: PostArgument,
    url: UrlOption = "",
    allow: AllowOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain where a post stands in each digest, and what is read in it, each with why. Changes nothing."""
    for explanation in _explanations(place, url, allow, config):
        if as_json:
            shell.emit(data(explanation))
        else:
            shell.say("\n".join(lines(explanation)))


def _explanations(
    place: str, url: str, allow: list[str] | None, config: Path | None
) -> tuple[Explanation, ...]:
    """A file is read; an address, key or id is looked up, and an address that is not stored is fetched."""
    from digest.errors import NotFoundError
    from digest.pipeline.drafts.explain import explain_entry
    from digest.resources import Resources

    is_file = Path(place).is_file()
    if not is_file and (stored := _stored(place, config)):
        return (stored,)
    if not is_file and not _is_address(place):
        raise NotFoundError(
            f"There is no post and no file {place}: give a post's address, key or id, or a file."
        )
    words = Resources().section_words
    return tuple(explain_entry(entry, words) for entry in entries_at(place, url, allow))


def _is_address(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _stored(name: str, config: Path | None) -> Explanation | None:
    """The post of an installation; without one, an address can still be read."""
    from digest.errors import ConfigError
    from digest.pipeline.drafts.explain import explain_stored

    try:
        path = shell.config_path(config)
    except ConfigError:
        if config or not _is_address(name):
            raise
        return None
    with shell.installation(path) as installation:
        return explain_stored(installation, name, shell.now())


# ── for an editor ────────────────────────────────────────────────────────────────────────────────


def lines(explanation: Explanation) -> Iterator[str]:
    """An explanation in lines of at most 80 characters, where words allow it."""
    yield from _head(explanation)
    for title, part in (
        ("WHERE IT STANDS", _places(explanation)),
        ("SUMMARY", _wrapped(explanation.read.reading.summary, 1)),
        ("ITS THEMES", _themes(explanation.read.reading)),
        ("QUOTES", _quotes(explanation)),
    ):
        found = list(part)
        if found:
            yield ""
            yield title
            yield from found
    yield ""


def _wrapped(text: str, depth: int, first: str = "") -> Iterator[str]:
    """A paragraph; ``first`` stands before its first line instead of spaces."""
    if text:
        indent = _INDENT * depth
        filled = fill(
            text,
            WIDTH,
            initial_indent=first or indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield from filled.replace(_TIED, " ").splitlines()


def _head(explanation: Explanation) -> Iterator[str]:
    from digest.model import Post

    post = explanation.post
    yield from _wrapped(post.title or "(no title)", 0)
    yield f"{_INDENT}{post.url}"
    facts = [f"{post.language or 'unknown language'}", f"{len(post.text.split()):,} words"]
    if isinstance(post, Post):
        source = explanation.source
        facts[:0] = [
            (source.title if source else "") or post.source,
            f"published {post.published:%Y-%m-%d}",
            f"first seen {post.first_seen:%Y-%m-%d %H:%M} UTC",
            f"revision {post.revision}",
            f"key {post.key}",
        ]
    else:
        facts.append("not stored")
    yield from _wrapped(" · ".join(facts), 1)


def _places(explanation: Explanation) -> Iterator[str]:
    for placed in explanation.placed:
        standing = placed.standing
        joint = "for" if standing.state == "open" else "in"
        where = f" {joint} {standing.issue}" if standing.issue else ""
        yield from _wrapped(f"{standing.digest}: {standing.state}{where}. {standing.why}", 1)
        yield from _wrapped(_theme(placed), 2)
        yield from _wrapped(standing.ranking, 2)


def _theme(placed: Placed) -> str:
    """The theme, and why unless it was said where the post stands."""
    theme = placed.theme
    why = "" if theme.why in placed.standing.why else f" {theme.why}"
    return f"Theme {placed.theme_title}, score {theme.score:.1f}.{why}" if theme.theme else f"No theme.{why}"


def _themes(reading: Reading) -> Iterator[str]:
    for theme in reading.themes:
        about = f": {theme.description}" if theme.description else ""
        yield from _wrapped(f"{theme.title}{about} ({theme.origin})", 2, first=f"{_INDENT}· ")


def _quotes(explanation: Explanation) -> Iterator[str]:
    printed = _printed(explanation)
    for number, each in enumerate(explanation.read.quotes, 1):
        quote = each.quote
        yield from _wrapped(f"“{quote.text}”", 2, first=f"{number:2}. ")
        yield from _wrapped(f"{quote.speaker or 'Speaker unknown'}: {each.speaker_why}", 2)
        spans = ", ".join(f"{start}–{end}" for start, end in quote.spans)
        topics = f" · on {', '.join(quote.topics)}" if quote.topics else ""
        yield from _wrapped(
            f"{quote.origin} · characters {spans} · confidence {quote.confidence:g}{topics}", 2
        )
        yield from _wrapped(_key(quote.key, each.score), 2)
        yield from _wrapped(printed.get(quote.spans, ""), 2)


def _key(total: float, score: KeyScore | None) -> str:
    if score is None:
        return f"key {total:g}: the post lists it"
    parts = (f"{part.name} {part.value:g} × {part.weight:g}" for part in score.parts)
    return f"key {total:g}: {' · '.join(part.replace(' ', _TIED) for part in parts)}"


def _printed(explanation: Explanation) -> Mapping[tuple[Span, ...], str]:
    """That a quote is printed, and why, by its spans."""
    return {
        shown.quote.spans: f"printed: {shown.why}" if shown.why else "printed"
        for placed in explanation.placed
        for shown in placed.printed
    }


# ── for a program ────────────────────────────────────────────────────────────────────────────────


def data(explanation: Explanation) -> dict[str, Any]:
    """An explanation as ``digest explain --json`` prints it; docs/formats.md describes it."""
    from digest.model import Post
    from digest.text.times import rfc3339

    post = explanation.post
    stored = post if isinstance(post, Post) else None
    reading = explanation.read.reading
    return {
        "key": stored.key if stored else "",
        "id": post.guid if isinstance(post, Post) else post.id,
        "url": post.url,
        "title": post.title,
        "language": post.language,
        "source": stored.source if stored else "",
        "revision": stored.revision if stored else None,
        "published": rfc3339(post.published),
        "first_seen": rfc3339(stored.first_seen) if stored else None,
        "digests": [_placed_data(placed) for placed in explanation.placed],
        "summary": reading.summary,
        "themes": [{"title": theme.title, "origin": theme.origin.value} for theme in reading.themes],
        "quotes": [_quote_data(each) for each in explanation.read.quotes],
    }


def _placed_data(placed: Placed) -> dict[str, Any]:
    standing = placed.standing
    return {
        "digest": standing.digest,
        "state": standing.state.value,
        "issue": str(standing.issue) if standing.issue else None,
        "why": standing.why,
        "theme": placed.theme.theme or None,
        "theme_why": placed.theme.why,
        "theme_score": placed.theme.score,
        "ranking": standing.ranking,
        "printed": [[list(span) for span in shown.quote.spans] for shown in placed.printed],
    }


def _quote_data(each: ExplainedQuote) -> dict[str, Any]:
    from digest.pipeline.posts.documents import quote_data

    parts = each.score.parts if each.score else ()
    return {
        **quote_data(each.quote),
        "speaker_why": each.speaker_why,
        "key_parts": [{"name": part.name, "value": part.value, "weight": part.weight} for part in parts],
    }
