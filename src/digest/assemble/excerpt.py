"""Words that an editor picks out of a post by hand, as a quote: found in its text word for word, or refused."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from digest.errors import DigestError
from digest.model import CLOSING, OPENING, SPAN_JOINT, Quote, QuoteOrigin, Span
from digest.text.language import normalise
from digest.text.links import passage

LONGEST = 1_200  # characters
MOST_SPANS = 10
MOST_TRIES = 100  # places within words at which a part is passed over


def excerpt(text: str, words: str, speaker: str, url: str) -> Quote:
    """A quote of the words, of which parts may be left out by `` […] ``; nobody composes one (docs/verbatim.md).

    Args:
        text: of the stored revision.
        words: as the editor gives them; spaces and line breaks may differ from the text's.
        speaker: a name, or "".
        url: of the post.

    Raises:
        DigestError: a part does not stand in the text, after the parts before it, in whole words; or they are too long.
    """
    parts = [normalise(part) for part in normalise(words).split(SPAN_JOINT.strip())]
    if not all(parts) or len(parts) > MOST_SPANS or sum(map(len, parts)) > LONGEST:
        raise DigestError(
            f"A quote needs between 1 and {LONGEST} characters, and at most {MOST_SPANS} parts joined by “{SPAN_JOINT}”."
        )
    spans = tuple(_spans(text, parts))
    said = SPAN_JOINT.join(normalise(text[start:end]) for start, end in spans)
    if said != SPAN_JOINT.join(parts):
        raise DigestError(f"The post has the words in another form: “{said}”")
    return Quote(said, speaker, (), spans, QuoteOrigin.EDITOR, 1.0, passage(url, text, spans))


def cut(quote: Quote, text: str, words: str, url: str) -> Quote:
    """What is left of a quote that an editor cuts at its ends; each end that was cut is marked (docs/verbatim.md).

    Args:
        quote: as it is printed.
        text: of the stored revision.
        words: what is left, as it stands in the quote.
        url: of the post.

    Raises:
        DigestError: the words are not a part of the quote in one piece, in whole words.
    """
    within = excerpt(
        text[quote.start : quote.end], words.strip().removeprefix(OPENING).removesuffix(CLOSING), "", ""
    )
    spans = tuple((start + quote.start, end + quote.start) for start, end in within.spans)
    first, last = spans[0][0], spans[-1][1]
    whole = [
        (max(start, first), min(end, last)) for start, end in quote.spans if end > first and start < last
    ]
    if list(spans) != whole:
        raise DigestError(
            "A quote can only be cut at its ends; what is left has to stand in it in one piece."
        )
    opening = OPENING if first > quote.start or quote.text.startswith(OPENING) else ""
    closing = CLOSING if last < quote.end or quote.text.endswith(CLOSING) else ""
    return replace(
        quote, text=f"{opening}{within.text}{closing}", spans=spans, link=passage(url, text, spans)
    )


def _spans(text: str, parts: Sequence[str]) -> Iterator[Span]:
    """Where the parts stand, each behind the one before."""
    spread = _Spread(text)
    behind = 0
    for part in parts:
        at = _find(spread.words, part, behind)
        if at is None:
            raise DigestError(f"The post does not say, word for word: “{part}”")
        behind = at + len(part)
        yield spread.offset(at), spread.offset(behind - 1) + 1


def _find(words: str, part: str, behind: int) -> int | None:
    """Where a part stands in whole words; of a part that stands within words again and again, the first few places."""
    at = behind - 1
    for _ in range(MOST_TRIES):
        at = words.find(part, at + 1)
        if at < 0:
            return None
        if not (_within_word(words, at) or _within_word(words, at + len(part))):
            return at
    return None


def _within_word(words: str, place: int) -> bool:
    """Whether a letter or figure stands on either side."""
    return 0 < place < len(words) and words[place - 1].isalnum() and words[place].isalnum()


class _Spread:
    """A text with one space between its words, and where each character of that stands in the text."""

    def __init__(self, text: str) -> None:
        found = [(match.start(), match.group()) for match in re.finditer(r"\S+", text)]
        self.words = " ".join(word for _, word in found)
        self._in_text = [start for start, _ in found]
        self._in_words = list(accumulate((len(word) + 1 for _, word in found), initial=0))[:-1]

    def offset(self, place: int) -> int:
        """Where a character that is no space stands in the text."""
        word = bisect_right(self._in_words, place) - 1
        return self._in_text[word] + place - self._in_words[word]
