"""Key quotes that a post lists itself: the words verbatim, who said them, and under which topics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from digest.extract.listed.fullnames import resolve, with_surname
from digest.extract.listed.named import named_by, subject
from digest.extract.listed.quoteheads import Post
from digest.extract.listed.quotelists import MOST_QUOTES, Draft, QuoteList
from digest.extract.listed.sections import Section
from digest.extract.words import Words
from digest.model import SPAN_JOINT, Quote, QuoteOrigin, Span
from digest.text.html import Document
from digest.text.language import normalise
from digest.text.links import passage

_SURE, _NAMELESS = 1.0, 0.9  # confidence of a listed quote with and without a named speaker


def listed_quotes(
    document: Document, sections: Iterable[Section], words: Words, *, title: str, language: str, url: str
) -> tuple[Quote, ...]:
    """The quotes under headings of key quotes, in order; the same words under two topics are one quote.

    Args:
        document: of the post.
        sections: those of kind ``QUOTES``.
        words: of all languages.
        title: of the post, which names the speaker where nothing else does ("Interview with X").
        language: of the post (BCP 47 primary tag), or ``""``.
        url: of the post, for the links to the words in it.
    """
    sections = tuple(sections)
    if not sections:
        return ()
    drafts: list[Draft] = []
    post = Post(document)
    for section in sections:
        speaker = named_by(section.title, words, document.text)
        drafts += QuoteList(post, section, words, language, speaker).read()
    drafts = drafts[:MOST_QUOTES]
    headings = " ".join(section.title.words for section in sections)
    names = _full_names(document, {draft.speaker for draft in drafts}, words, title, headings)
    about = subject(document, title, words, language) if "" in names else ""
    if not set(names.values()) - {"", about}:  # nobody else speaks
        names[""] = about
    return _as_quotes(document, drafts, names, url)


def _full_names(
    document: Document, short: set[str], words: Words, title: str, headings: str
) -> dict[str, str]:
    """Each name as the post gives it in full: a person has one name."""
    text = f"{title}\n{document.text}"
    names = {name: _in_full(name, text, words, headings) for name in short}
    return {name: _longest(full, names.values()) for name, full in names.items()}


def _in_full(name: str, text: str, words: Words, headings: str) -> str:
    full = resolve(name, text, words) if name else ""
    within = text.partition("\n")[2] if " " in full else text  # a title may have every word in capitals
    return with_surname(full, within, words, headings)


def _longest(name: str, names: Iterable[str]) -> str:
    """ "Judge Mira Halden" for "Mira Halden", where another quotation is signed so."""
    longer = (other for other in names if " " in name and other.endswith(f" {name}"))
    return max(longer, key=len, default=name)


def _as_quotes(
    document: Document, drafts: Sequence[Draft], names: Mapping[str, str], url: str
) -> tuple[Quote, ...]:
    by_words: dict[str, Draft] = {}
    for draft in drafts:
        words = _joined(document, draft.spans)
        if not any(map(str.isalpha, words)):
            continue
        first = by_words.setdefault(words.casefold(), draft)
        first.topics = list(dict.fromkeys([*first.topics, *draft.topics]))
        first.speaker = first.speaker or draft.speaker
    return tuple(_quote(document, draft, names[draft.speaker], url) for draft in by_words.values())


def _quote(document: Document, draft: Draft, speaker: str, url: str) -> Quote:
    return Quote(
        text=_joined(document, draft.spans),
        speaker=speaker,
        topics=tuple(draft.topics),
        spans=tuple(draft.spans),
        origin=QuoteOrigin.LISTED,
        confidence=_SURE if draft.speaker else _NAMELESS,
        link=passage(url, document.text, draft.spans),
    )


def _joined(document: Document, spans: Iterable[Span]) -> str:
    return SPAN_JOINT.join(normalise(document.text[start:end]) for start, end in spans)
