"""Text → the words by which it is searched, the same here and in ``templates/page/search.mjs.j2``.

Letters lose case, accents and vowel points; digits of every script are European ones; of a script without spaces
between words, every letter and every two letters are a word (n-grams, as CJK analysers of search engines do).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

LONGEST = 30  # characters of a word that count
_LAST_WITH_MARKS = 0x1F000  # beyond are pictures and ideographs

# What may be left out in writing: accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, the tatweel, joiners.
_LEFT_OUT = re.compile(
    "[\u00ad\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u200b-\u200f'’]"
)
_LETTERS = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ł": "l",
    "ı": "i",
    "ς": "σ",
    "ي": "ی",
    "ى": "ی",
    "ك": "ک",
    "ة": "ه",
}
_ZEROS = (0x660, 0x6F0, 0x966, 0x9E6)  # Arabic, Persian, Devanagari, Bengali
_ALIKE = str.maketrans(_LETTERS | {chr(zero + value): str(value) for zero in _ZEROS for value in range(10)})
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai and Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana, ideographs
)
_SPACELESS_LETTER = re.compile(f"[{_SPACELESS}]")
_PLAIN_WORD = re.compile(r"[^\W_]+")  # of a text without marks: told in half the time
_RUN = re.compile(f"([{_SPACELESS}]+)|[^{_SPACELESS}]+")


def folded(text: str) -> str:
    """The text as it is compared."""
    return _LEFT_OUT.sub("", unicodedata.normalize("NFKD", text).lower()).translate(_ALIKE)


def words(text: str) -> Iterator[str]:
    """The words by which a text is found, as they come, each as often as it stands there."""
    ready = folded(text)
    # Its signs are few: to look for rare ones in the whole text would take longer than to find its words.
    signs = "".join(set(ready))
    found = (_word() if _mark().search(signs) else _PLAIN_WORD).findall(ready)
    if _SPACELESS_LETTER.search(signs) is None:
        yield from (word[:LONGEST] for word in found)
        return
    for word in found:
        for run in _RUN.finditer(word):
            if run[1] is None:
                yield run[0][:LONGEST]
            else:
                yield from run[1]
                yield from map("".join, zip(run[1], run[1][1:], strict=False))


@cache
def _mark() -> re.Pattern[str]:
    return re.compile(f"[{_marks()}]")


@cache
def _word() -> re.Pattern[str]:
    """Letters, digits and marks: the last are in no class of ``re``, and stand inside Indian and Thai words."""
    return re.compile(f"(?:[^\\W_]++|[{_marks()}]++)++")  # possessive: linear whatever it meets


@cache
def _marks() -> str:
    signs = map(chr, range(0x300, _LAST_WITH_MARKS))
    return "".join(sign for sign in signs if unicodedata.category(sign)[0] == "M")
