"""Which quotes an issue prints: the best of each post, never the same words twice, many voices, one for the week."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from digest.errors import VerbatimError
from digest.model import CLOSING, OPENING, SPAN_JOINT, IssueDocument, Pick, PickQuote, Quote, QuoteOrigin
from digest.text.blackout import INK
from digest.text.language import normalise
from digest.text.similar import fold

COMFORTABLE = range(40, 401)  # characters: long enough to say something, short enough to be read
MEMORABLE = range(60, 241)  # of a quote of the week
LEAST_KEY = 0.6  # below it a quotation in prose is not worth printing
MOST_OF_ONE = 2  # quotes of one speaker in an issue, while others of the same post wait
RUN = 8  # so many words in a row that two quotes share are the same words
_ORIGINS = {QuoteOrigin.EDITOR: 2.0, QuoteOrigin.LISTED: 1.5, QuoteOrigin.PROSE: 0.0}
_KEY = 2.0  # what it weighs that a quote is key, beside its length and what is chosen already
_NO_LETTER = re.compile(r"[\W_]+")


def quote_id(post: str, quote: Quote) -> str:
    """A quote's permanent anchor, from its post's key and its normalised words."""
    words = sha256(normalise(quote.text).encode()).hexdigest()
    return f"q-{post[:8]}-{words[:10]}"


class Printed:
    """The words that an issue has printed so far, and whose they are; grows as quotes are chosen."""

    def __init__(self, quotes: Iterable[Quote] = ()) -> None:
        self._words: list[str] = []
        self._runs: set[tuple[str, ...]] = set()
        self._voices: Counter[str] = Counter()
        for quote in quotes:
            self.add(quote)

    def has(self, quote: Quote) -> bool:
        """Whether the quote's words, words around or within them, or a long run of them, are printed already."""
        words = _bare(quote.text)
        if any(words in printed or printed in words for printed in self._words):
            return True
        return any(run in self._runs for run in _runs(words))

    def add(self, quote: Quote) -> None:
        """Remember that the quote is printed."""
        words = _bare(quote.text)
        self._words.append(words)
        self._runs.update(_runs(words))
        self._voices[fold(quote.speaker)] += bool(quote.speaker)

    def has_heard_enough_of(self, speaker: str) -> bool:
        """Whether the issue prints so many quotes of that person that others come first."""
        return self._voices[fold(speaker)] >= MOST_OF_ONE


def _bare(text: str) -> str:
    """The words without marks and case: two quotes of the same words are equal however they were set."""
    words = _NO_LETTER.sub(" ", normalise(text).casefold()).strip()
    return f" {words} " if words else ""


def _runs(bare: str) -> Iterator[tuple[str, ...]]:
    words = bare.split()
    return (tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1))


def choose(post: str, quotes: Iterable[Quote], limit: int, printed: Printed) -> tuple[PickQuote, ...]:
    """The best quotes of one post, in the order in which they stand there.

    Of a person who has been heard enough in the issue nothing comes before the words of others. What the post lists
    itself comes first; then how key a quote is, a comfortable length, a named speaker, and speakers and topics that
    are not among those chosen already. Of the quotations in its prose only those are printed that are worth it.
    """
    left = [quote for quote in quotes if _is_printable(quote) and not printed.has(quote)]
    chosen: list[Quote] = []
    while left and len(chosen) < limit:
        best = max(left, key=lambda quote: (*_worth(quote, chosen, printed), -quote.start))
        chosen.append(best)
        printed.add(best)
        left = [quote for quote in left if not printed.has(quote)]
    return as_printed(post, chosen)


def as_printed(post: str, chosen: Iterable[Quote], why: str = "") -> tuple[PickQuote, ...]:
    """Quotes of one post as the issue prints them: in the order in which they stand there, each with why."""
    in_order = sorted(chosen, key=lambda quote: quote.start)
    return tuple(PickQuote(quote_id(post, quote), _signed(quote), why or _why(quote)) for quote in in_order)


def _signed(quote: Quote) -> Quote:
    """A quote whose speaker was removed on request is nobody's."""
    return replace(quote, speaker="") if INK in quote.speaker else quote


def _why(quote: Quote) -> str:
    if quote.origin is QuoteOrigin.PROSE:
        return f"It is one of the key quotations in its prose ({quote.key:.2f} of 1)."
    return "The post lists it." if quote.origin is QuoteOrigin.LISTED else "An editor chose it."


def _is_printable(quote: Quote) -> bool:
    return (
        bool(_bare(quote.text))
        and INK not in quote.text
        and (quote.origin is not QuoteOrigin.PROSE or quote.key >= LEAST_KEY)
    )


def _worth(quote: Quote, chosen: Sequence[Quote], printed: Printed) -> tuple[bool, float, float]:
    """How a quote stands beside those that are chosen already: first by who speaks, then by its origin."""
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
    return not printed.has_heard_enough_of(quote.speaker), _ORIGINS[quote.origin], worth


@dataclass(frozen=True, slots=True)
class QuoteOfTheWeek:
    """The id of the printed quote that stands for the issue, and why; both "" where there is none."""

    id: str = ""
    why: str = ""


def quote_of_the_week(picks: Iterable[Pick]) -> QuoteOfTheWeek:
    """The most memorable quote of the strongest pick that has one by a named speaker.

    A pick whose quotes are too short or too long to be set large comes after one that has a better one.
    """
    signed = [
        (len(printed.quote.text) in MEMORABLE, pick.score, _memorable(printed.quote), pick, printed)
        for pick in picks
        for printed in pick.quotes
        if printed.quote.speaker
    ]
    if not signed:
        return QuoteOfTheWeek()
    *_, pick, best = max(signed, key=lambda entry: entry[:3])  # of equals the first
    return QuoteOfTheWeek(
        best.id, f"“{pick.title}” is the strongest post that quotes somebody by name: {best.quote.speaker}."
    )


def _memorable(quote: Quote) -> float:
    """A whole thought by one person, listed or key."""
    whole = len(quote.spans) == 1 and "…" not in quote.text
    return (
        _ORIGINS[quote.origin]
        + quote.key
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
            if text is None or not stands_in(printed.quote, text):
                raise VerbatimError(
                    f"{document.id}: the quote “{_opening(printed.quote.text)}” ({printed.id}) is not in revision "
                    f"{pick.revision} of “{pick.title}” <{pick.url}>. "
                    f"Read the post again and redraft the issue: digest draft {document.id.digest}"
                )


def stands_in(quote: Quote, text: str) -> bool:
    """Whether the spans lie in the text, in order and apart, and read as the quote does (docs/verbatim.md)."""
    bounds = [bound for span in quote.spans for bound in span]
    in_order = bounds == sorted(bounds) and all(start < end for start, end in quote.spans)
    if not bounds or not in_order or bounds[0] < 0 or bounds[-1] > len(text):
        return False
    said = SPAN_JOINT.join(normalise(text[start:end]) for start, end in quote.spans)
    return said in (quote.text, quote.text.removeprefix(OPENING).removesuffix(CLOSING))


def _opening(text: str) -> str:
    return text if len(text) <= 60 else text[:60].rpartition(" ")[0] + " …"
