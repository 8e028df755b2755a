"""Which quotes an editor wants under a pick: chosen, picked out, cut at their ends, given to their speaker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from digest.assemble import arranging, quotes
from digest.assemble.editing.change import Change, Stock
from digest.assemble.editing.words import line
from digest.assemble.excerpt import cut, excerpt
from digest.errors import DigestError, NotFoundError
from digest.model import CLOSING, OPENING, IssueDocument, Pick, PickQuote, Quote, QuoteOrigin

_CHOSEN = "An editor chose it."


def quoted(document: IssueDocument, change: Change, stock: Stock) -> IssueDocument:
    """The document with the quotes of the change, and its quote of the week.

    Raises:
        NotFoundError: the issue has no such post or quote.
        DigestError: words are not those of the post, or are printed already.
    """
    for name, numbers in change.quotes:
        pick = arranging.pick_of(document, name)
        chosen = _numbered(pick, stock.quotes.get(pick.post, ()), numbers)
        document = arranging.changed(document, pick, _with_quotes(document, pick, chosen))
    for name, words, speaker in change.excerpts:
        pick = arranging.pick_of(document, name)
        added = excerpt(stock.texts.get(pick.post, ""), words, speaker and line("speaker", speaker), pick.url)
        kept = [shown.quote for shown in pick.quotes if shown.quote.spans != added.spans]
        document = arranging.changed(document, pick, _with_quotes(document, pick, [*kept, added]))
    for printed, words in change.cuts:
        pick, shown = _printed(document, printed)
        shorter = cut(shown.quote, stock.texts.get(pick.post, ""), words, pick.url)
        document = _replaced(document, pick, shown, shorter)
    for printed, speaker in change.speakers:
        pick, shown = _printed(document, printed)
        said = replace(shown.quote, speaker=speaker and line("speaker", speaker), origin=QuoteOrigin.EDITOR)
        document = _replaced(document, pick, shown, said)
    return document if change.best is None else _with_best(document, change.best)


def _with_best(document: IssueDocument, best: str) -> IssueDocument:
    if best:
        _printed(document, best)
    return replace(document, quote_of_the_week=best, quote_of_the_week_why=_CHOSEN if best else "")


def _printed(document: IssueDocument, name: str) -> tuple[Pick, PickQuote]:
    """A printed quote by its id, and under which pick it stands.

    Raises:
        NotFoundError: the issue prints no such quote.
    """
    for pick in document.picks:
        for shown in pick.quotes:
            if shown.id == name:
                return pick, shown
    raise NotFoundError(f"{document.id} prints no quote {name}; see: digest show {document.id} --json")


def _numbered(pick: Pick, found: Sequence[Quote], numbers: Sequence[int]) -> list[Quote]:
    """Those of the quotes read in a post, each once, and as an editor has cut and signed it before."""
    for number in numbers:
        if not 1 <= number <= len(found):
            has = f"only {len(found)}" if found else "no"
            raise NotFoundError(f"“{pick.title}” has {has} quotes to choose from: digest explain {pick.post}")
    return [_as_before(pick, found[number - 1]) for number in dict.fromkeys(numbers)]


def _as_before(pick: Pick, quote: Quote) -> Quote:
    for shown in pick.quotes:
        words = shown.quote.text.removeprefix(OPENING).removesuffix(CLOSING)
        if words in quote.text and quote.start <= shown.quote.start and shown.quote.end <= quote.end:
            return shown.quote
    return quote


def _with_quotes(document: IssueDocument, pick: Pick, chosen: Iterable[Quote]) -> Pick:
    """A pick with these quotes, whose words the issue prints nowhere else."""
    others = [other for other in document.picks if other.post != pick.post]
    printed = quotes.Printed(shown.quote for other in others for shown in other.quotes)
    chosen = list(chosen)
    for quote in chosen:
        if printed.has(quote):
            raise DigestError(f"Its words are printed in {document.id} already: “{quote.text}”")
        printed.add(quote)
    return replace(pick, quotes=quotes.as_printed(pick.post, chosen, _CHOSEN))


def _replaced(document: IssueDocument, pick: Pick, old: PickQuote, new: Quote) -> IssueDocument:
    """The document with one quote in the place of another, also as the quote of the week."""
    wanted = [new if shown is old else shown.quote for shown in pick.quotes]
    document = arranging.changed(document, pick, _with_quotes(document, pick, wanted))
    if document.quote_of_the_week == old.id:
        return replace(document, quote_of_the_week=quotes.quote_id(pick.post, new))
    return document
