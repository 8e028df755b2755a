"""Characters, languages and sentences of untrusted text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from heapq import nlargest
from itertools import islice
from typing import Protocol

from digest.model import Span

# What XML 1.0 (§2.2) forbids or discourages, and what is invisible: bidi controls, zero-width characters, soft
# hyphens, word joiners, interlinear marks, object replacement characters.
_JUNK = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\\ud800-\\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc]"
    # Tag characters spell the flags of regions after a black flag, and hidden text anywhere else.
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+"
    # Joiners shape Arabic, Syriac, N'Ko, Indic, Myanmar, Khmer and Mongolian letters, and join emoji.
    "|(?<![\u0600-\u061b\u061d-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u180d\u180f-\u18af"
    "\u2190-\u2bff\ufb50-\ufdcf\ufdf0-\ufdff\ufe0f\ufe70-\ufefc\U0001f000-\U0001faff])[\u200c\u200d]+"
    "|(?<=[\u200c\u200d])[\u200c\u200d]+"
)
_LONG = 200  # characters from which on it is worth it to look at the unusual ones alone
_PLAIN_BYTES = bytes(range(0x20, 0x7F)) + b"\n\t"
# Letters of Latin, quotation marks, dashes, currencies, arrows, dingbats: in NFC beside anything but combining marks.
_INERT = re.compile(
    "[\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u22ff\u2500-\u27bf]*+"
)
_BREAK = re.compile("\r\n?|[\u2028\u2029]")
_PARAGRAPH = re.compile(r"[^\n]+")
_WEB_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_PRIMARY_TAG = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")

_RTL_LANGUAGE = re.compile("ar[cz]?|azb|ckb|dv|fa|glk|he|iw|ks|lrc|mzn|nqo|pnb|ps|sd|syr|ug|ur|yi")
_RTL_SCRIPT = re.compile("adlm|arab|hebr|mand|nkoo|rohg|samr|syrc|thaa")

_PARAGRAPH_LIMIT = 5_000  # sentencex is quadratic in runs of quotation marks
_LOOKS = (160, 1_000)  # characters in which a language is looked for: the beginning tells most
_IDENTIFIED = 500  # characters that the identifier needs; it takes a tenth of a millisecond for a thousand
_FEWEST_TELLING = 8  # words that only one language has: from so many on, and …
_TELLING_SHARE = 0.08  # … from this share of all words on, there is no need to ask the identifier
_TELLING_LEAD = 6  # times as many as of any other language
_ENOUGH_SHARE = (
    0.12  # two such words and this share are enough if they are of the language expected, and no other
)
# Where sentencex ends a sentence and there is no end: after an initial ("M. Dupont"), an abbreviation without a vowel
# ("Dr."), and a short word before a number ("Pag. 12").
_INITIAL = re.compile(r"(?:^|[\s(«„“‘'’.-])(?:[^\W\d_]|[B-DF-HJ-NP-TV-Z][b-df-hj-np-tv-z]{1,2})\.$")
_SHORT = re.compile(r"(?:^|\s)[^\W\d_]{1,4}\.$")

_LOOK_AHEAD = 80  # whether a sentence ends at the limit shows behind it
_FEWEST_LETTERS = 12  # below this a guess without a hint is noise
_LEAD = 4.0  # log-odds over the next language, below which a few words could be of either
_PRIOR = 60.0  # log-odds that a hint is worth: a sentence in another language does not outweigh it, a paragraph does


# Frequent words that their neighbours spell otherwise: not "de" or "la", which half a dozen languages share.
_TELLING = {
    word: language
    for language, words in {
        "en": "the and of that with for which this from have has they their been would by it",
        "de": "und der das nicht ist mit für von auf sich auch eine wird dem dass werden",
        "es": "el los las y una del por pero más fue desde hasta también sus muy esta",
        "fr": "les et des est une du dans pour qui pas sur avec cette aux ont mais",
        "pt": "os uma não do da em são dos das pelo pela ao mais foi às também",
        "it": "il di che è della nel gli delle sono anche più alla dei degli con questo",
        "nl": "het een niet zijn voor naar aan wordt deze ook bij maar uit hebben worden heeft",
    }.items()
    for word in words.split()
}


class _Identifier(Protocol):
    def __call__(self, text: str) -> list[tuple[str, float]]: ...


def clean(text: str) -> str:
    """The text as XML 1.0 characters in NFC, without bidi controls and invisible characters.

    Joiners (ZWNJ, ZWJ) stay after a letter of a script that needs them, and in emoji. Line breaks of every
    kind become ``\\n``; other whitespace is left alone. ``clean(clean(x)) == clean(x)``.
    """
    if is_clean(text):
        return text
    text = _BREAK.sub("\n", text)
    while (cleaned := unicodedata.normalize("NFC", _JUNK.sub("", text))) != text:
        text = cleaned
    return text


def is_clean(text: str) -> bool:
    """Whether ``clean`` has nothing to look for: what is junk is not printable, but for the object replacement.

    A fast no means nothing: the text may be clean all the same.
    """
    if len(text) > _LONG and _is_harmless(text):
        return True
    if not (text.isprintable() or text.replace("\n", "").replace("\t", "").replace("\xa0", "").isprintable()):
        return False
    return text.isascii() or ("\ufffc" not in text and unicodedata.is_normalized("NFC", text))


def _is_harmless(text: str) -> bool:
    """Whether there are only ASCII and letters and signs that nothing composes with: told in a third of the time."""
    try:
        rest = text.encode().translate(None, _PLAIN_BYTES)
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return not rest or _INERT.fullmatch(rest.decode()) is not None


def collapsed(text: str) -> str:
    """The text, which is clean, with one space for every run of whitespace, and none at its ends."""
    # Of ASCII it is told faster: being clean, it has no other whitespace than this.
    has_breaks = "\n" in text or "\t" in text if text.isascii() else not text.isprintable()
    return " ".join(text.split()) if has_breaks or "  " in text else text.strip(" ")


def normalise(text: str) -> str:
    """The verbatim normalisation: ``clean``, then every run of whitespace is one space, none at the ends.

    Whitespace is what Unicode calls so: spaces of every width, no-break spaces, tabs, line breaks. Nothing else
    changes: not case, not quotation marks, not dashes, not ellipses. Two texts are *the same words* when their
    normalised forms are equal.
    """
    return collapsed(clean(text))


def primary(tag: str) -> str:
    """The primary language of a BCP 47 tag (``de`` of ``de-AT`` or ``de_AT``), or ``""``."""
    match = _PRIMARY_TAG.match(tag.strip())
    return match.group().lower() if match else ""


def detect(text: str, hint: str = "", usual: str = "") -> str:
    """The language of a text as a BCP 47 primary tag, or ``""`` where nothing tells.

    Args:
        text: of which the first thousand characters are looked at.
        hint: what the feed or page says of itself. It decides for short texts; a paragraph that is clearly in another
            language outweighs it.
        usual: the language of the texts around it, which a few words confirm; it decides nothing by itself.
    """
    hint = primary(hint)
    for limit in _LOOKS:
        sample = _without_addresses(text[: 2 * limit])[:limit]
        if (telling := _by_words(sample, hint or usual)) and telling == (hint or telling):
            return telling
        if len(text) <= limit:
            break
    if not next(islice(filter(str.isalpha, sample), _FEWEST_LETTERS - 1, None), ""):
        return hint
    sample = sample[:_IDENTIFIED]
    scores = dict(_identifier()(sample.lower() if sample.isupper() else sample))
    if hint:
        if hint not in scores:
            return hint
        scores[hint] += _PRIOR
    best, second = nlargest(2, scores, key=scores.__getitem__)
    return "" if best == "zxx" or scores[best] - scores[second] < _LEAD else best


def _without_addresses(text: str) -> str:
    return _WEB_ADDRESS.sub(" ", text) if "://" in text or "www." in text else text


def _by_words(sample: str, expected: str = "") -> str:
    """The language that the frequent words of a text leave no doubt about, or ``""``; less is enough if it is expected."""
    words = sample.lower().split()
    telling = [word for word in words if word in _TELLING]
    languages = [_TELLING[word] for word in telling]
    if languages.count(expected) == len(languages) >= _ENOUGH_SHARE * len(words) and len({*telling}) > 1:
        return expected
    (language, most), (_, second) = [*Counter(languages).most_common(2), ("", 0), ("", 0)][:2]
    enough = most >= max(_FEWEST_TELLING, _TELLING_SHARE * len(words), _TELLING_LEAD * second)
    return language if enough else ""


@cache
def _identifier() -> _Identifier:
    from py3langid import rank  # 0.3 s and numpy: only for who needs it

    identifier: _Identifier = rank
    return identifier


def sentences(text: str, language: str) -> tuple[Span, ...]:
    """The sentences of a text as (start, end) in code points, without whitespace at their ends.

    A line break always ends a sentence. Languages that sentencex does not know are cut as English is, and
    abbreviations that it does not know end none.
    """
    from sentencex import get_sentence_boundaries

    spans: list[Span] = []
    for offset, paragraph in _paragraphs(text):
        for boundary in get_sentence_boundaries(primary(language) or "en", paragraph):
            start, end = boundary["start_index"], boundary["end_index"]
            words = paragraph[start:end]
            if stripped := words.strip():
                start += offset + len(words) - len(words.lstrip())
                spans.append((start, start + len(stripped)))
    return tuple(_mended(text, spans))


def _mended(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """The spans, as one where only an abbreviation parts them."""
    before: Span | None = None
    for span in spans:
        if before and _goes_on(text, before, span):
            before = before[0], span[1]
        else:
            yield from (before,) if before else ()
            before = span
    yield from (before,) if before else ()


def _goes_on(text: str, before: Span, after: Span) -> bool:
    end, head = text[max(before[0], before[1] - 6) : before[1]], text[after[0]]
    if not end.endswith(".") or "\n" in text[before[1] : after[0]]:
        return False
    if head.islower() or head == "-" or _INITIAL.search(end):
        return True
    return head.isdigit() and _SHORT.search(end) is not None


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Lines of at most 5,000 characters, cut at a space where there is one, with their offsets."""
    for match in _PARAGRAPH.finditer(text):
        start, end = match.span()
        while start < end:
            stop = min(start + _PARAGRAPH_LIMIT, end)
            if stop < end and (space := text.rfind(" ", start + 1, stop)) > 0:
                stop = space
            yield start, text[start:stop]
            start = stop


def shorten(text: str, limit: int, language: str = "en") -> str:
    """The normalised text in at most ``limit`` characters: whole sentences if one fits, else words and an ellipsis."""
    text = normalise(text)
    if len(text) <= limit:
        return text
    window = text[: limit + _LOOK_AHEAD]
    fitting = [end for _, end in sentences(window, language) if end <= limit]
    if fitting:
        return text[: fitting[-1]]
    if limit < 2:
        return "…"[:limit]
    head = text[:limit]
    return head[: max(head.rfind(" "), 0) or limit - 1].rstrip(" ,;:–—-") + "…"


def direction(language: str) -> str:
    """``"rtl"`` or ``"ltr"`` for a BCP 47 tag; a script subtag (``az-Arab``) decides before the language."""
    subtags = language.lower().replace("_", "-").split("-")
    script = next((subtag for subtag in subtags[1:] if len(subtag) == 4 and subtag.isalpha()), "")
    rtl = _RTL_SCRIPT.fullmatch(script) if script else _RTL_LANGUAGE.fullmatch(subtags[0])
    return "rtl" if rtl else "ltr"
