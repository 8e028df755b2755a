"""Words and addresses that are not to be shown, found in texts by their fingerprints.

A fingerprint is a salted hash (BLAKE2, RFC 7693) of folded words, so neither the database nor a copy of the rules names
what was removed. Every window of so many words is hashed once: time grows with the text, not with the rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from hashlib import blake2b
from html import unescape
from typing import Any, TypeVar, cast
from urllib.parse import unquote, urlsplit

from digest.model import Post, Redaction, RedactionKind, Span
from digest.text.language import clean
from digest.text.links import canonical
from digest.text.similar import fold

T = TypeVar("T")

INK = "█"  # for each letter of what is removed: so every offset into the text stays right
MOST_WORDS = 400  # of a quote or a name
_WORD_BYTES = 8
# One character of a script without spaces, or a run of letters and digits of another.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_])+")
_TAG = re.compile(r"<[^<>]*>")
_REFERENCE = re.compile(r"&#?\w{1,31};")
_TAG_NAME = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*")
# Keys of ours: other rows and documents refer to them by these.
_KEPT = frozenset({"key", "post", "source", "slug", "id", "name", "group", "picture", "platform", "language"})


def words_of(text: str) -> list[str]:
    """The folded words of a name or a quote."""
    return [fold(match[0]) for match in _WORD.finditer(clean(text))]


def fingerprint(kind: RedactionKind, text: str, salt: str) -> str:
    """What a rule keeps of a name, a quote, an address, an id, a key or a slug."""
    grains = bytes.fromhex(salt)
    if kind is RedactionKind.ADDRESS:
        return _hashed((canonical(text) or text.strip()).encode(errors="surrogatepass"), grains).hex()
    return _hashed(b"".join(_word(word, grains) for word in words_of(text)), grains).hex()


def _word(word: str, grains: bytes) -> bytes:
    return blake2b(word.encode(errors="surrogatepass"), salt=grains, digest_size=_WORD_BYTES).digest()


def _hashed(data: bytes, grains: bytes) -> bytes:
    return blake2b(data, salt=grains, digest_size=16).digest()


class Blackout:
    """All standing rules; false where there is none. ``mark`` stands for what is removed; without one ink does."""

    def __init__(self, redactions: Iterable[Redaction], mark: str = "") -> None:
        self.redactions = tuple(redactions)
        self.mark = mark
        self._words: dict[tuple[str, int], set[bytes]] = defaultdict(set)
        self._addresses: dict[str, set[str]] = defaultdict(set)
        for rule in self.redactions:
            if rule.kind is RedactionKind.WORDS:
                self._words[rule.salt, rule.words].add(bytes.fromhex(rule.fingerprint))
            else:
                self._addresses[rule.salt].add(rule.fingerprint)

    def __bool__(self) -> bool:
        """Whether anything is to be removed."""
        return bool(self.redactions)

    def marked(self, mark: str) -> Blackout:
        """The same rules, with other words for what is removed."""
        return Blackout(self.redactions, mark)

    # ── what is to go ────────────────────────────────────────────────────────────────────────

    def spans(self, text: str) -> list[Span]:
        """Where words that are to go stand in a text: apart, and in order."""
        if not self._words or not text:
            return []
        places = [(match.start(), match.end(), fold(match[0])) for match in _WORD.finditer(text)]
        found = sorted(
            (places[first][0], places[first + count - 1][1])
            for (salt, count), wanted in self._words.items()
            for first in _windows([word for _, _, word in places], bytes.fromhex(salt), count, wanted)
        )
        return _apart(found)

    def hits(self, text: str) -> bool:
        """Whether a text, or an address behind its percent signs, has words that are to go."""
        return bool(self.spans(text) or ("%" in text and self.spans(unquote(text))))

    def is_removed(self, *names: str) -> bool:
        """Whether a post or a source that has these addresses, ids, keys or slugs is to go."""
        return any(
            fingerprint(RedactionKind.ADDRESS, name, salt) in wanted
            for salt, wanted in self._addresses.items()
            for name in names
            if name
        )

    # ── without it ───────────────────────────────────────────────────────────────────────────

    def text(self, text: str) -> str:
        """A text without what is to go; an address that has some of it leads to its site instead."""
        if "://" in text and not any(character.isspace() for character in text):
            return self.address(text)
        return self._over(text, self.spans(text))

    def address(self, url: str) -> str:
        """An address, or that of its site, or "" where even that would tell; a removed one is ""."""
        if self.is_removed(url):
            return ""
        if not self.hits(url):
            return url
        try:
            parts = urlsplit(url)
        except ValueError:
            return ""
        site = f"{parts.scheme}://{parts.netloc}/"
        return "" if self.hits(site) else site

    def html(self, html: str) -> str:
        """Safe HTML without what is to go; its plain text has every other word where it was."""
        if not self._words:
            return html
        bare = _TAG.sub(self._tag, html)
        masked = _REFERENCE.sub(_blank, _TAG.sub(_blank, bare))
        return _inked(bare, self.spans(masked), masked)

    def post(self, post: Post) -> Post:
        """A post without what is to go: as long as before, so that quotes stand where they stood."""
        inked = Blackout(self.redactions)
        return replace(inked.walk(replace(post, html="")), html=inked.html(post.html))

    def walk(self, value: T) -> T:
        """A value of ``digest.model`` without what is to go in any of its texts; keys stay."""
        return cast(T, _walked(value, self.text))

    def _over(self, text: str, spans: Sequence[Span]) -> str:
        if not self.mark:
            return _inked(text, spans, text)
        for start, end in reversed(spans):
            text = text[:start] + self.mark + text[end:]
        return text

    def _tag(self, tag: re.Match[str]) -> str:
        """A tag whose attributes tell what is to go, without them."""
        if not self.hits(unescape(tag[0])) and not self.hits(unquote(unescape(tag[0]))):
            return tag[0]
        name = _TAG_NAME.match(tag[0])
        return f"{name[0]}>" if name else ""


def _windows(words: Sequence[str], grains: bytes, count: int, wanted: set[bytes]) -> Iterable[int]:
    known = {word: _word(word, grains) for word in set(words)}
    hashed = b"".join(known[word] for word in words)
    long = count * _WORD_BYTES
    for start in range(0, len(hashed) - long + 1, _WORD_BYTES):
        if _hashed(hashed[start : start + long], grains) in wanted:
            yield start // _WORD_BYTES


def _apart(found: Iterable[Span]) -> list[Span]:
    """Spans in order, those that overlap as one."""
    merged: list[Span] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _inked(text: str, spans: Sequence[Span], visible: str) -> str:
    """The text with ink over the letters of these spans; only where ``visible`` has letters, too."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], *_ink(text[start:end], visible[start:end])]
        at = end
    return "".join((*pieces, text[at:]))


def _ink(text: str, visible: str) -> Iterable[str]:
    for character, shown in zip(text, visible, strict=True):
        yield INK if shown.isalnum() else character


def _walked(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_walked(each, change) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {each.name: getattr(value, each.name) for each in fields(value) if each.name not in _KEPT}
        return replace(value, **{name: _walked(part, change) for name, part in parts.items()})
    return value
