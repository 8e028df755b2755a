"""A source's short name where its owner gave none."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from digest.settings import SourceSettings

_LONGEST = 48
# Parts of a feed's path that say "feed" in every system, and so tell no source from another.
_GENERIC = frozenset(
    [
        "feed",
        "feeds",
        "rss",
        "rss2",
        "atom",
        "xml",
        "json",
        "index",
        "default",
        "posts",
        "blog",
        "videos",
        "channel",
        "channels",
        "public",
        "main",
        "www",
    ]
)


def slug_for(url: str, taken: Collection[str] = (), title: str = "") -> str:
    """A slug from host and path, the same for the same address: ``blog-example-org``, ``example-org-news``.

    Only its query tells an address that has one from others, so its slug is made from the ``title``, or where none is
    known ends in six characters of the address's hash; so does one that is ``taken`` or would be too long.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # an impossible host, which is a mistake that others name
        return _told_apart("source", url, taken)
    host = _ascii(parts.hostname or "").removeprefix("www.")
    words = [word for word in re.split(r"[^a-z0-9]+", parts.path.lower()) if word and word not in _GENERIC]
    slug = "-".join(re.findall("[a-z0-9]+", "-".join([host, *words])))
    named = _of_title(title) if parts.query else slug
    if named and len(named) <= _LONGEST and named not in taken:
        return named
    return _told_apart(named or slug or "source", url, taken)


def _of_title(title: str) -> str:
    """The words of a title, or "" where it is mostly in letters that a slug has not."""
    words = "-".join(re.findall("[a-z0-9]+", _plain(title)))
    letters = sum(char.isalpha() for char in title)
    return words if 2 * sum(map(str.isalpha, words)) > letters else ""


def _ascii(host: str) -> str:
    """Without accents where that is all it takes; else as the name system writes it (RFC 3492)."""
    plain = _plain(host)
    return plain if plain.isascii() else plain.encode("punycode").decode()


def _plain(text: str) -> str:
    """In lower case and without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def with_slugs(sources: Sequence[SourceSettings]) -> tuple[SourceSettings, ...]:
    """The sources of one file, each with a slug; those that were given are taken first."""
    taken = {source.slug for source in sources if source.slug}
    found = []
    for source in sources:
        slug = source.slug or slug_for(source.url, taken)
        taken.add(slug)
        found.append(source.model_copy(update={"slug": slug}))
    return tuple(found)


def _told_apart(slug: str, url: str, taken: Collection[str]) -> str:
    digits = hashlib.sha256(url.encode()).hexdigest()
    for length in range(6, len(digits)):
        found = f"{slug[: _LONGEST - length - 1].strip('-')}-{digits[:length]}"[:_LONGEST]
        if found not in taken:
            return found
    raise ValueError(f"{url} is taken already")
