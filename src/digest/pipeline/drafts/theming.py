"""What the entries of one document are about: `digest themes`, without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from digest.assemble import subjects
from digest.assemble.meanings import NO_MEANINGS, unpacked
from digest.assemble.outline import Outlined, outline
from digest.assemble.window import Material
from digest.encoder import Encoder
from digest.extract.reading import read_post
from digest.model import Entry, Post, Source, Theme
from digest.pipeline.drafts.meanings import wanted
from digest.pipeline.posts.documents import Json
from digest.resources import Resources

_SOURCE = Source("document", "")
_NO_DAY = datetime(1970, 1, 1, tzinfo=UTC)


def themed(
    entries: Sequence[Entry], themes: Sequence[Theme], resources: Resources, encoder: Encoder | None = None
) -> tuple[Outlined, ...]:
    """The theme and the group of each entry, in their order; ``post`` is the entry's id.

    Args:
        encoder: of what texts mean, where they are to be compared by that too.

    Raises:
        TemplateError: a file of words or subjects cannot be read.
    """
    words = resources.section_words
    material = [
        Material(_post(entry), read_post(entry, words, listed_only=True), _SOURCE) for entry in entries
    ]
    undated = frozenset(entry.id for entry in entries if entry.published is None)
    fields = subjects.read(resources.subjects())
    asked = wanted([each.post for each in material], themes, fields)
    known = unpacked(encoder.encode(asked)) if encoder else NO_MEANINGS
    return outline(material, themes, fields, undated, known)


def _post(entry: Entry) -> Post:
    when = entry.published or _NO_DAY
    return Post(
        key=entry.id,
        source=_SOURCE.slug,
        kind=entry.kind,
        guid=entry.id,
        url=entry.url,
        title=entry.title,
        first_seen=when,
        published=when,
        labels=entry.labels,
        language=entry.language,
        text=entry.text,
        summary=entry.summary,
    )


def theme_data(found: Outlined) -> Mapping[str, Json]:
    """An entry as a line of ``digest themes``; docs/formats.md describes it."""
    return {
        "id": found.post,
        "theme": found.theme or None,
        "group": found.group,
        "label": found.label,
        "why": found.why,
        "story": found.story,
    }
