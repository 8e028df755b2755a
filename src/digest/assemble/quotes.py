"""Which quotes an issue prints: the best of each post, never the same words twice, one for the week."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from digest.errors import VerbatimError
from digest.model import SPAN_JOINT, IssueDocument, Pick, PickQuote, Quote, QuoteOrigin
from digest.text.language import normalise

COMFORTABLE = range(40, 401)  # characters: long enough to say something, short enough to be read
MEMORABLE = range(60, 241)  # of a quote of the week
LEAST_KEY = 0.6  # below it a quotation in prose is not worth printing
_ORIGINS = {QuoteOrigin.EDITOR: 2.0, QuoteOrigin.LISTED: 1.5, QuoteOrigin.PROSE: 0.0}
_KEY = 2.0  # what it weighs that a quote is key, beside its length and what is chosen already
_NO_LETTER = re.compile(r"[\W_]+")


def quote_id(post: str, quote: Quote) -> str:
    """A quote's permanent anchor, from its post's key and its normalised words."""
    words = sha256(normalise(quote.text).encode()).hexdigest()
    return f"q-{post[:8]}-{words[:10]}"


class Printed:
    """The words that an issue has printed so far; grows as quotes are chosen."""

    def __init__(self) -> None:
        self._words: list[str] = []

    def has(self, quote: Quote) -> bool:
        """Whether the quote's words, or words around or within them, are printed already."""
        words = _bare(quote.text)
        return any(words in printed or printed in words for printed in self._words)

    def add(self, quote: Quote) -> None:
        """Remember that the quote is printed."""
        self._words.append(_bare(quote.text))


def _bare(text: str) -> str:
    """The words without marks and case: two quotes of the same words are equal however they were set."""
    words = _NO_LETTER.sub(" ", normalise(text).casefold()).strip()
    return f" {words} " if words else ""


def choose(post: str, quotes: Iterable[Quote], limit: int, printed: Printed) -> tuple[PickQuote, ...]:
    """The best quotes of one post, in the order in which they stand there.

    What the post lists itself comes first; then how key a quote is, a comfortable length, a named speaker, and
    speakers and topics that are not among those chosen already. Of the quotations in its prose only those are
    printed that are worth it.
    """
    left = [quote for quote in quotes if _is_printable(quote) and not printed.has(quote)]
    chosen: list[Quote] = []
    while left and len(chosen) < limit:
        best = max(left, key=lambda quote: (_worth(quote, chosen), -quote.start))
        chosen.append(best)
        printed.add(best)
        left = [quote for quote in left if not printed.has(quote)]
    return tuple(
        PickQuote(quote_id(post, quote), quote) for quote in sorted(chosen, key=lambda quote: quote.start)
    )


def _is_printable(quote: Quote) -> bool:
    return bool(_bare(quote.text)) and (quote.origin is not QuoteOrigin.PROSE or quote.key >= LEAST_KEY)


def _worth(quote: Quote, chosen: Sequence[Quote]) -> tuple[float, float]:
    """How a quote stands beside those that are chosen already: first by its origin."""
    fresh_speaker = quote.speaker not in {other.speaker for other in chosen}
    fresh_topic = not set(quote.topics) & {topic for other in chosen for topic in other.topics}
    worth = (
        _KEY * quote.key
        + 1.0 * (len(quote.text) in COMFORTABLE)
        + 0.5 * bool(quote.speaker)
        + 0.4 * fresh_speaker
        + 0.4 * fresh_topic
        + quote.confidence
    )
    return _ORIGINS[quote.origin], worth


def quote_of_the_week(picks: Iterable[Pick]) -> str:
    """The id of the printed quote that stands for the issue, or "" where none has a named speaker."""
    best, best_worth = "", 0.0
    for pick in picks:
        for printed in pick.quotes:
            worth = _memorable(printed.quote) + min(pick.score, 5.0) / 5
            if printed.quote.speaker and worth > best_worth:
                best, best_worth = printed.id, worth
    return best


def _memorable(quote: Quote) -> float:
    """A whole thought by one person, of a length that can be set large."""
    whole = len(quote.spans) == 1 and "…" not in quote.text
    return (
        _ORIGINS[quote.origin]
        + quote.key
        + 1.5 * (len(quote.text) in MEMORABLE)
        + 0.5 * whole
        + 0.3 * quote.text.rstrip().endswith((".", "!", "?", "؟", "۔", "。"))
        + quote.confidence
    )


def check_verbatim(document: IssueDocument, text_of: Callable[[str, int], str | None]) -> None:
    """Check every printed quote against the stored revision it was read from.

    Args:
        text_of: post key and revision → the stored text, or None where there is none any more.

    Raises:
        VerbatimError: the words of a quote are not where it says.
    """
    for pick in document.picks:
        text = text_of(pick.post, pick.revision)
        for printed in pick.quotes:
            if text is None or not _stands_in(printed.quote, text):
                raise VerbatimError(
                    f"{document.id}: the quote “{_opening(printed.quote.text)}” ({printed.id}) is not in revision "
                    f"{pick.revision} of “{pick.title}” <{pick.url}>. "
                    f"Read the post again and redraft the issue: digest draft {document.id.digest}"
                )


def _stands_in(quote: Quote, text: str) -> bool:
    """Whether the spans lie in the text, in order and apart, and read as the quote does (docs/verbatim.md)."""
    bounds = [bound for span in quote.spans for bound in span]
    in_order = bounds == sorted(bounds) and all(start < end for start, end in quote.spans)
    if not bounds or not in_order or bounds[0] < 0 or bounds[-1] > len(text):
        return False
    return SPAN_JOINT.join(normalise(text[start:end]) for start, end in quote.spans) == quote.text


def _opening(text: str) -> str:
    return text if len(text) <= 60 else text[:60].rpartition(" ")[0] + " …"
