"""Words by their stems, sparse vectors, and how alike two texts are. Light, deterministic, and of any language.

A word is folded (case, diacritics, Arabic and Persian spellings of one letter) and cut back to a stem by
the endings of its script or language, so that "schools" finds "school" and "Lehrerinnen" finds "Lehrer".
Scripts that are written without spaces count by character.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from math import fsum, log, sqrt

Vector = Mapping[str, float]

LONGEST_TEXT = 50_000  # characters; what comes after says nothing new about the subject
SAME_STORY = 0.5  # cosine of weighed vectors from which two texts tell the same thing

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_INDIC = "\u0900-\u0963\u0966-\u0dff\u0f40-\u0fbc"  # their vowel signs are no letters to ``\w``
_WORD = re.compile(rf"[{_UNSPACED}]|(?:[{_INDIC}]|(?![{_UNSPACED}])[^\W_])+")
_EACH_UNSPACED = re.compile(f"[{_UNSPACED}]")
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه"}
)
_PERSIAN_ENDING = re.compile("\u200c(?:هایی|های|ها|ای|ی)\\b")  # joined by a zero-width non-joiner

# Each takes the shortest stem of at least three letters that leaves a whole ending.
_GERMANIC = re.compile(r"(.{3,}?)(?:ern|en|er|em|es|e|n|s)")
_FEMININE = re.compile(r"(.{4,}?)(?:innen|in)")
_ROMANCE = re.compile(r"(.{3,}?)[aeiouy]{0,2}[sx]?")
_CYRILLIC = re.compile(r"(.{3,}?)(?:[аеиоуыэюяьъ]{1,2}[мхв]?)?")
_ARABIC = re.compile(r"(.{3,}?)(?:هایی|های|ها|ان|ات|ین|ون|ی|ه)?")
_ARTICLE = re.compile(r"^[وبلفک]?ال(?=.{3})")
_GERMANIC_LANGUAGES = frozenset({"de", "nl", "sv", "da", "nb", "nn", "no", "lb", "fy", "af", "is"})


def fold(text: str) -> str:
    """Lower case without diacritics, one form for letters that are spelled in several ways."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", plain)).translate(_LETTERS)


def words(text: str) -> list[str]:
    """The folded words of a text, in order; single characters where a script has no spaces."""
    return _WORD.findall(_PERSIAN_ENDING.sub("", fold(text[:LONGEST_TEXT])))


@lru_cache(maxsize=100_000)
def stem(word: str, language: str = "") -> str:
    """A folded word without its ending. ``language`` (a BCP 47 primary tag) decides among Latin scripts."""
    first = word[:1]
    if "\u0400" <= first <= "\u052f":
        return _cut(_CYRILLIC, word)
    if "\u0600" <= first <= "\u06ff":
        return _cut(_ARABIC, _ARTICLE.sub("", word, count=1) if language == "ar" else word)
    if not "a" <= first <= "\u024f":
        return word
    if language in _GERMANIC_LANGUAGES:
        return _germanic(_cut(_FEMININE, word))
    return _english(word) if language in ("en", "") else _cut(_ROMANCE, word)


def _cut(ending: re.Pattern[str], word: str) -> str:
    found = ending.fullmatch(word)
    return found[1] if found else word


def _germanic(word: str) -> str:
    """Cut until nothing gives way: "Stationen" and "Station" end as one, although both end in -n."""
    shorter = _cut(_GERMANIC, word)
    return word if shorter == word else _germanic(shorter)


def _english(word: str) -> str:
    """The plural and the possessive only: cutting more would make "policy" and "police" one word."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")) and word != "news":
        return word[:-1]
    return word


def stems(text: str, language: str = "") -> list[str]:
    """The stems of a text's words, in order."""
    return [stem(word, language) for word in words(text)]


def trail(text: str, language: str = "") -> str:
    """The stems, each between two spaces, so that plain search for one trail in another finds whole words."""
    return "".join(f" {word} " for word in stems(text, language))


def vector(text: str, language: str = "") -> dict[str, float]:
    """How often each stem occurs, dampened: 1 + ln n. Short words and numbers say nothing and are left out.

    Of scripts without spaces, pairs of neighbouring characters take the place of words.
    """
    found = words(text)
    telling = [stem(word, language) for word in found if _telling(word)]
    telling += [a + b for a, b in pairwise(found) if _unspaced(a) and _unspaced(b)]
    return {word: 1 + log(count) for word, count in Counter(telling).items()}


def _telling(word: str) -> bool:
    least = 3 if "\u0600" <= word[0] <= "\u06ff" else 4
    return len(word) >= least and not word.isdigit()


def _unspaced(word: str) -> bool:
    return _EACH_UNSPACED.fullmatch(word) is not None


def document_counts(vectors: Iterable[Vector]) -> Counter[str]:
    """In how many of the vectors each stem occurs."""
    return Counter(word for each in vectors for word in each)


def weigh(each: Vector, counts: Mapping[str, int], total: int) -> dict[str, float]:
    """The vector with each stem weighed by its rarity among ``total`` texts: ln(1 + total / count)."""
    return {word: value * log(1 + total / max(counts.get(word, 0), 1)) for word, value in each.items()}


def cosine(a: Vector, b: Vector) -> float:
    """How alike two vectors are, 0 to 1; the same whichever comes first."""
    if len(b) < len(a):
        a, b = b, a
    product = fsum(value * b[word] for word, value in a.items() if word in b)
    if not product:
        return 0.0
    return min(1.0, product / (_length(a) * _length(b)))


def _length(each: Vector) -> float:
    return sqrt(fsum(value * value for value in each.values()))


def near(a: Vector, b: Vector, at_least: float = SAME_STORY) -> bool:
    """Whether two weighed vectors tell the same story."""
    return cosine(a, b) >= at_least


def extent(text: str) -> tuple[int, int]:
    """How long a text is: its words, and its characters of scripts without spaces, which are no part of a word."""
    spaced, characters = _EACH_UNSPACED.subn(" ", text)
    return len(spaced.split()), characters
