"""Parts of a paragraph in marks: which of them are one quotation, and which stand in a sentence of the reporter's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.extract.marks import Quoted
from digest.extract.prose.clauses import (
    COMMAS,
    SENTENCE_ENDS,
    attributes,
    forms_of,
    same_speaker,
    sentence_break,
    speaks,
)
from digest.extract.speechwords import Speech

FEWEST_OF_FRAGMENT = 5  # words; fewer are a term, a nickname, an irony
NO_TITLE = 8  # words: hardly a title has so many
_LOOK = 80  # characters around a quotation
_LONGEST_ARTICLE = 10
_FEW = 3  # words: "Varn said on Monday, “…"
_DENSE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_LETTER = re.compile(r"[^\W_]")
_ENDS_WORDS = frozenset(SENTENCE_ENDS + "—–")
ASKS = frozenset("?؟？")
_GOES_ON = COMMAS | frozenset("—–")
_BEGIN_SENTENCE = SENTENCE_ENDS + ":：–—-([¿¡\"'”’»«“"


def word_count(text: str) -> int:
    """How many words a text has; two characters of a script without spaces count as one."""
    dense = 0 if text.isascii() else len(_DENSE.findall(text))
    return sum(1 for word in text.split() if word.isalnum() or _LETTER.search(word)) + dense // 2


def grouped(text: str, parts: Sequence[Quoted], speech: Speech) -> list[list[Quoted]]:
    """Parts that are one quotation, with nothing but their attribution between them. Short fragments are left out."""
    kept = [part for part in parts if not _is_term(text, part, speech)]
    groups: list[list[Quoted]] = []
    ends = [part.start for part in kept[1:]] + [len(text)] * bool(kept)
    for part, end in zip(kept, ends, strict=True):
        if groups and _goes_on(text, groups[-1][-1], part, end, speech):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _goes_on(text: str, first: Quoted, part: Quoted, end: int, speech: Speech) -> bool:
    between = text[first.end : part.start]
    if not attributes(between, _ended(text, first), speech) or _is_apart(text, part, speech):
        return False
    behind = text[part.end : end]
    behind = behind[: sentence_break(behind, speech)]
    attributed = (text[part.inner_end - 1] in ",!?…" or behind[:1] in COMMAS) and speaks(behind, speech)
    return not attributed or (_ended(text, first) not in ASKS and same_speaker(between, behind, speech))


def _ended(text: str, part: Quoted) -> str:
    """How the words of a part end: the sign within the marks of a quotation in it, too."""
    return text[part.inner_start : part.inner_end].rstrip("’”\"'»›")[-1:]


def _is_apart(text: str, part: Quoted, speech: Speech) -> bool:
    """Whether a part behind an attribution is a term or a title: it goes on with the sentence, or is one."""
    before = text[max(0, part.start - 2) : part.start].rstrip()[-1:]
    words = text[part.inner_start : part.inner_end]
    if before.isalnum():
        return not words[:1].islower()
    if before not in _GOES_ON:
        return is_fragment(text, part, speech)
    return words[:1].isupper() and words[-1] not in SENTENCE_ENDS and word_count(words) < NO_TITLE


def _is_term(text: str, part: Quoted, speech: Speech) -> bool:
    """Whether words in marks are too few for a fragment: a term, a nickname, an irony."""
    inside = text[max(0, part.start - 2) : part.start].rstrip()[-1:].isalnum()
    short = inside and word_count(text[part.inner_start : part.inner_end]) < FEWEST_OF_FRAGMENT
    return short and part.closed and is_fragment(text, part, speech)


def is_fragment(text: str, part: Quoted, speech: Speech) -> bool:
    """Whether words in marks stand inside a sentence of the reporter's instead of being sentences themselves."""
    before = text[max(0, part.start - 2) : part.start].rstrip()[-1:]
    behind = text[part.end : part.end + _LOOK].lstrip()
    words = text[part.inner_start : part.inner_end]
    first = next((letter for letter in words if letter.isalnum()), "")
    ended = words[-1:] in _ENDS_WORDS or (words[-1:] in COMMAS and not before.isalnum())
    if ended and before in _BEGIN_SENTENCE and not first.islower():
        return False
    if first.islower():
        return before != ":" and not (before in COMMAS and ended and _is_led(text, part, speech))
    attributed = speaks(behind, speech, most=_FEW + 1)
    if before.isalnum() and words[-1:] in COMMAS:
        return not attributed and not _is_led(text, part, speech)  # a title with a comma in its marks
    if behind[:1].isalpha() and not attributed and (not ended or _is_article(text, part, speech)):
        return True
    if ended or before in _BEGIN_SENTENCE:
        return False
    if before in COMMAS:
        return not attributed and not _is_led(text, part, speech)
    return behind[:1] not in COMMAS or before.isalnum()


def _is_led(text: str, part: Quoted, speech: Speech) -> bool:
    """Whether a verb of speech stands right before the comma: "Varn said, “We wait” …"."""
    leading = forms_of(text[max(0, part.start - _LOOK) : part.start])[-_FEW:]
    return any(speech.verbs.at(leading, i) for i in range(len(leading)))


def _is_article(text: str, part: Quoted, speech: Speech) -> bool:
    """Whether an article stands before the mark: "a “Louder!” that everybody heard"."""
    forms = forms_of(text[max(0, part.start - _LONGEST_ARTICLE) : part.start])
    return bool(forms) and (forms[-1] in speech.articles or forms[-1] in speech.a)
