"""A feed whose every field tries to run a script: an Atom document with vectors of ``xss`` in all that it can say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from itertools import islice

from xss import Vector

_SUBJECTS = (
    "mill",
    "weir",
    "ferry",
    "quay",
    "lock",
    "barge",
    "ford",
    "bridge",
    "pump",
    "dyke",
    "sluice",
    "well",
)


def batches(vectors: Iterable[Vector], size: int) -> Iterator[tuple[Vector, ...]]:
    """The vectors, so many for each post."""
    source = iter(vectors)
    while batch := tuple(islice(source, size)):
        yield batch


def feed(batches: Sequence[Sequence[Vector]], at: datetime) -> bytes:
    """An Atom feed with a post for each batch, the first one newest."""
    every = [vector for batch in batches for vector in batch]
    entries = "".join(
        _entry(number, batch, at - timedelta(minutes=number)) for number, batch in enumerate(batches)
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<id>tag:hollin.test,2026:hostile</id><title>Mill Lane {_said(every[:4])}</title>"
        f'<subtitle type="html">{_said(every[:4])}</subtitle><generator>{_said(every[:4])}</generator>'
        f"{entries}</feed>"
    ).encode()


def _entry(number: int, batch: Sequence[Vector], at: datetime) -> str:
    said, subject = _said(batch), _SUBJECTS[number % len(_SUBJECTS)]
    scheme = next((each.text for each in batch if "script:" in each.text), "https://hollin.test/x")
    return (
        f"<entry xml:lang='{_attribute(batch[0].text)}'>"
        f"<id>tag:hollin.test,2026:{number}{_attribute(batch[0].text)}</id>"
        f"<title>The {subject} {number} and its water {said}</title>"
        f'<link rel="alternate" href="https://hollin.test/{number}?{_attribute(batch[0].text)}"/>'
        f'<link rel="related" href="{_attribute(scheme)}" title="{_attribute(batch[0].words)}"/>'
        f'<link rel="enclosure" href="{_attribute(scheme)}" type="{_attribute(batch[0].text)}" length="x"/>'
        f"<published>{at.isoformat()}</published><updated>{at.isoformat()}</updated>"
        f"<author><name>Tam Orrel {said}</name><uri>{escape(scheme)}</uri></author>"
        f'<category term="{_attribute(batch[-1].words)}" label="{_attribute(batch[-1].words)}"/>'
        f"<media:title>{said}</media:title><media:thumbnail url='{_attribute(scheme)}'/>"
        f'<media:content url="{_attribute(scheme)}" medium="video"><media:description>{said}</media:description>'
        f'</media:content><summary type="html">{said}</summary>'
        f'<content type="html">{escape(_body(number, subject, batch))}</content></entry>'
    )


def _body(number: int, subject: str, batch: Sequence[Vector]) -> str:
    """HTML with the vectors as markup, as text, in attributes, and in every section that a post can list."""
    quotes = "".join(
        f"<li>“Nobody in Hollin asked the {subject} about the water of {number} {escape(each.words)} before it "
        f"was gone.” — Ines Varga {escape(each.words)}</li>"
        for each in batch[:2]
    )
    links = "".join(f'<li><a href="{escape(each.text)}">{escape(each.words)}</a></li>' for each in batch)
    pictures = "".join(
        f'<img src="https://hollin.test/p.jpg" alt="{escape(each.words)}">' for each in batch[:2]
    )
    raw = "".join(f"<p>{each.words}</p>" for each in batch)
    return (
        f"<p>Ines Varga spoke in the {subject} about the water, and many people came. {escape(batch[0].words)}</p>"
        f"<h2>Key Themes</h2><ul><li>The {subject}: the water of {number} {escape(batch[0].words)}</li></ul>"
        f"<h2>Key Quotes</h2><h3>On water {escape(batch[0].words)}</h3><ul>{quotes}</ul>"
        f"<h2>Related Posts</h2><ul>{links}</ul>"
        f'<h2>Related Videos</h2><ul><li><a href="https://www.youtube.com/watch?v=Abc-_12{number % 1000:04}">'
        f"{escape(batch[0].words)}</a></li></ul>"
        f"{pictures}{raw}"
    )


def _said(vectors: Sequence[Vector]) -> str:
    return escape(" ".join(each.words for each in vectors))


def _attribute(text: str) -> str:
    return escape(text, quote=True).replace("\n", "&#10;").replace("\t", "&#9;")
