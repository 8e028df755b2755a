"""What stands beside a name and tells who it is: "harbour master X", "X, 54,", "X, an energy economist,"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digest.extract.prose.namings import Run
from digest.extract.prose.narration import Narration
from digest.extract.speechwords import Part, Speech

_APPOSITION = 8  # words that are looked at beside a name
_NEAR = 20  # tokens to the comma that ends an apposition


def neighbours(narration: Narration, run: Run) -> Iterator[str]:
    """The words right before and behind a name."""
    if run.first:
        yield narration.forms[run.first - 1]
    if run.end < len(narration.forms):
        yield narration.forms[run.end]


def is_somebody(narration: Narration, end: int, speech: Speech) -> bool:
    """Whether ", who" or ", with whom" follows, in languages that say it only of people."""
    forms = narration.forms[end : end + 3]
    behind = forms[2:] if forms[1:2] and forms[1] in speech.prepositions else forms[1:2]
    return forms[:1] == [","] and any(form in speech.who for form in behind)


def has_age(narration: Narration, end: int) -> bool:
    """Whether ", 54," follows, or "(54)"."""
    forms = narration.forms[end : end + 3]
    return len(forms) == 3 and forms[0] in {",", "("} and forms[1].isdigit() and len(forms[1]) < 4


def described(narration: Narration, run: Run, speech: Speech) -> list[str]:
    """What stands before a name: "harbour master Tomas Reyl", or with commas "the mayor of Odde, Mirela Dovann,"."""
    i = run.first - 1
    apart = i >= 0 and narration.forms[i] == ","
    if apart:
        i -= 1
        if run.end < len(narration.forms) and narration.forms[run.end][0].isalnum():
            return []
    found: list[str] = []
    for j in range(i, max(-1, i - _APPOSITION), -1):
        form = narration.forms[j]
        begins = form in speech.determiners
        if not form[0].isalnum() or form in speech.verbs.heads or form in speech.relatives:
            return found[:1] if not apart and _names_role(found[:1], speech) else []
        if begins and not (apart and j > 0 and narration.forms[j - 1] in speech.prepositions):
            return found if apart else found[:1]
        if form in speech.prepositions:
            if not apart:
                return found[:1] if _names_role(found[:1], speech) else []
            found.clear()
        elif not begins:
            found.append(form)
    return found[:1] if not apart and _names_role(found[:1], speech) else []


def _names_role(forms: Sequence[str], speech: Speech) -> bool:
    return any(form in speech.people for form in forms)


def apposition(narration: Narration, end: int, speech: Speech) -> list[str]:
    """The nouns of ", an energy economist at the university," and ", 58, ist eine von vier …"."""
    forms = narration.forms
    if end >= len(forms) or forms[end] != ",":
        return []
    begin = end + 1
    if begin + 1 < len(forms) and forms[begin].isdigit() and forms[begin + 1] == ",":
        begin += 2
    found = list(_nouns(forms, begin, speech))[-3:]
    return found if _names_role(found, speech) or _closes(forms, end, speech) else []


def _nouns(forms: Sequence[str], begin: int, speech: Speech) -> Iterator[str]:
    """The words of a phrase up to its first preposition, verb of speech or relative pronoun, without determiners."""
    ends = (Part.PREPOSITION, Part.AND, Part.PRONOUN, Part.MARK)
    for form in forms[begin : begin + _APPOSITION]:
        part = speech.part(form)
        if not form[0].isalpha() or form in speech.relatives or form in speech.verbs.heads or part in ends:
            return
        if part is not Part.DETERMINER:
            yield form


def _closes(forms: Sequence[str], end: int, speech: Speech) -> bool:
    """Whether what follows a name's comma ends with another, or follows a verb of speech: it is no new clause then."""
    near = range(end + 1, min(end + _NEAR, len(forms)))
    stop = next((j for j in near if not forms[j][0].isalnum()), end)
    said = any(form in speech.verbs.heads for form in forms[max(0, end - 6) : end])
    return forms[stop] == "," or said
