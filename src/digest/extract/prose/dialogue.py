"""Speech without a closing mark before its attribution: dialogue after a dash, and incises between the marks.

« Nous ne vendrons pas, dit-elle, ni demain. »  ·  —No vendemos —dijo Reyl—. Ni mañana.  ·  «Не отдадим, — сказал
Рейл. — Никогда».  ·  „Nie sprzedamy – mówi Reyl. – Nigdy”. What begins with a verb of speech behind a comma or a dash
is the reporter's; what stands before and after it was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from digest.extract.prose.clauses import COMMAS, Word, abbreviated, inverted, is_small, words_of
from digest.extract.speechwords import Speech
from digest.model import Span

_DASHES = "—–―"
_OPENING = re.compile(rf"^(?:[{_DASHES}]+\s*|--\s*|-\s+|-(?=[¿¡\"“«„]|[^\W\d]))")
# where an aside may begin: behind a dash, or behind a comma or what ends a sentence
_BEGINS = re.compile(rf"(?P<dash>\s[{_DASHES}]\s?|[,.!?…»][{_DASHES}]\s?|\s--?\s)(?=\w)|[,!?…]\s+(?=\w)")
_LATER = re.compile(rf"[.!?…:]\s(?P<dash>[{_DASHES}]\s?|-\s)(?=\w)")
_MOST_TRIED = 5
_DASH = re.compile(rf"\s[{_DASHES}]|[{_DASHES}](?=[\s.,;:!?…]|$)|\s--?\s")
_STOP = re.compile(r" ?[,.!?…;:](?=\s|$)")
_MOST_BEFORE_VERB = 4  # small words: "m'a-t-elle dit", "se souvient", "le dijo"
_LONGEST_SMALL = 4
_LOOK = 120  # characters in which a role stands
_END = re.compile(r"[,.!?…;:—–]")
_TO_ME = frozenset({"m", "me", "mi", "мне"})
_NESTED = "”’\"'»›"
_LONGEST = 200  # characters of a clause


def opening_dash(text: str) -> int:
    """How many characters the dash has that begins a paragraph of dialogue; 0 where none does."""
    match = _OPENING.match(text)
    return match.end() if match and match.end() < len(text) else 0


def later_dash(text: str, speech: Speech) -> int:
    """Where dialogue begins within a paragraph, as in Polish papers: "… długo. – Czekamy – mówi Varn."; else its end.

    Without an attribution it would be a thought in dashes.
    """
    for match in islice(_LATER.finditer(text), _MOST_TRIED):
        span = match.end(), len(text)
        if text[match.end()].isupper() and any(_asides(text, span, speech, dashed=True)):
            return match.start("dash")
    return len(text)


def spoken(text: str, span: Span, speech: Speech, *, dashed: bool) -> list[Span]:
    """What is said in a part of a text, without the asides of the reporter.

    Args:
        text: of the paragraph.
        span: of the part.
        speech: the words of the language; in some no attribution stands inside the marks.
        dashed: the part is dialogue after a dash, where every language has its asides.
    """
    said: list[Span] = []
    at, end = span
    for aside in _asides(text, span, speech, dashed=dashed) if dashed or speech.inside else ():
        said.append((at, aside[0]))
        at = aside[1]
    said.append((at, end))
    return [trimmed for part in said if (trimmed := _trimmed(text, part))]


def _trimmed(text: str, span: Span) -> Span | None:
    start, end = span
    while start < end and (text[start].isspace() or text[start] in _DASHES):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in COMMAS):
        end -= 1
    return (start, end) if any(map(str.isalnum, text[start:end])) else None


def _asides(text: str, span: Span, speech: Speech, *, dashed: bool) -> Iterator[Span]:
    at, end = span
    for match in _BEGINS.finditer(text, *span):
        if match.start() < at or not _begins_aside(text, match, end, speech, dashed=dashed):
            continue
        keeps = match.start() + (text[match.start()] in "!?….»")  # what ends the words before it is said
        at = _dash_end(text, match, end) if match["dash"] else _comma_end(text, match, end, speech)
        yield keeps, at


def _begins_aside(text: str, match: re.Match[str], end: int, speech: Speech, *, dashed: bool) -> bool:
    if dashed and _narrates(text, match):
        return True
    stop = _END.search(text, match.end(), min(end, match.end() + _LONGEST))
    clause = text[match.end() : stop.start() if stop else min(end, match.end() + _LONGEST)]
    found = words_of(clause, most=_MOST_BEFORE_VERB + 4)
    asks = stop is not None and stop.group() == "?" and not (dashed and text[match.start()] in "!?…")
    if text[match.start() - 1] in _NESTED and found and found[0].form in _TO_ME and not match["dash"]:
        return False  # « “Reste”, m'a-t-il dit » is what the speaker tells of another
    if _is_turned(clause, found, speech) and not asks:
        return True
    if dashed and not speech.pronouns:
        return inverted(clause, speech)
    if dashed and _runs_out(match["dash"], clause, stop, found, speech):
        return True
    verb = _verb(clause, found, speech)
    if match["dash"]:
        return verb is not None or _is_framed(clause, found, speech)
    return verb is not None and _is_whole(clause, found[verb:], speech)


def _runs_out(
    dash: str | None, clause: str, stop: re.Match[str] | None, found: Sequence[Word], speech: Speech
) -> bool:
    """Whether words behind a dash end with the sentence instead of a second dash: "– Nie – mruczy potem."."""
    if not dash or not dash[0].isspace() or not dash[-1].isspace() or stop is None or stop.group() != ".":
        return False
    return 1 < len(found) <= _MOST_BEFORE_VERB and clause[0].islower() and not is_small(found[0].form, speech)


def _is_framed(clause: str, found: Sequence[Word], speech: Speech) -> bool:
    """Whether a verb, whichever it is, and who speaks stand behind a dash: "westchnęła", "вздохнула она", "ríe Reyl"."""
    if not found or not clause[0].islower() or is_small(found[0].form, speech):
        return False
    if len(found) == 1:
        return found[0].end > _LONGEST_SMALL
    return any(clause[word.start].isupper() or word.form in speech.pronouns for word in found[1:3])


def _is_turned(clause: str, found: Sequence[Word], speech: Speech) -> bool:
    """Whether a pronoun hangs on a verb, whichever it is: "philosophe-t-il", "s'est-elle écriée"."""
    pronouns = [word for word in found[1:4] if word.form in speech.pronouns]
    return bool(pronouns) and clause[:1].islower() and clause[pronouns[0].start - 1] == "-"


def _narrates(text: str, match: re.Match[str]) -> bool:
    """Whether a dash in dialogue leads to the narrator: behind what ends a sentence, or set as " —Reyl"."""
    dash, lower = match["dash"], text[match.end()].islower()
    if not dash:
        return False
    spaced = dash[0].isspace()
    ended = text[match.start() - 1] if spaced else dash[0]
    if lower:
        return ended in "!?…."
    return spaced and (ended in "!…." or not dash[-1].isspace())


def _verb(clause: str, found: Sequence[Word], speech: Speech) -> int | None:
    """Which word is the last of the verb of speech that begins a clause, behind pronouns and auxiliaries at most."""
    forms = [word.form for word in found]
    for i in range(min(len(found), _MOST_BEFORE_VERB + 1)):
        if size := speech.verbs.at(forms, i):
            return i + size - 1
        hyphened = i > 0 and clause[found[i].start - 1] == "-"  # "a-t-elle ajouté"
        if len(forms[i]) > _LONGEST_SMALL or not clause[found[i].start].islower():
            return None
        if not hyphened and _begins_clause(forms[i], speech):
            return None
    return None


def _begins_clause(form: str, speech: Speech) -> bool:
    """Whether a small word says that no incise begins here: « Ici, on raconte … »."""
    return form in speech.pronouns or form in speech.possessives or form in speech.subordinate


def _is_whole(clause: str, found: Sequence[Word], speech: Speech) -> bool:
    """Whether nothing or the subject follows a verb: "dit-elle", "dice Reyl", "explique le maire", "assicura"."""
    if len(found) < 2:
        return True
    verb, after = found[:2]
    named = clause[verb.end] == "-" or clause[after.start].isupper()
    return named or any(
        after.form in kind for kind in (speech.pronouns, speech.articles, speech.possessives, speech.a)
    )


def _dash_end(text: str, match: re.Match[str], end: int) -> int:
    """Where the words go on behind the next dash, and what stands behind it of the reporter's sentence."""
    closing = _DASH.search(text, match.end(), end)
    if closing is None:
        return end
    at = closing.end()
    while at < end and (text[at].isspace() or text[at] in ".,;:"):
        at += 1
    return at


def _comma_end(text: str, match: re.Match[str], end: int, speech: Speech) -> int:
    """Where the words go on behind the next comma or full stop; behind what tells more of the one who is named."""
    at = _stop(text, match.end(), end, speech)
    while at < end and text[at] == "," and _describes(text, match.end(), at, end, speech):
        at = _stop(text, at + 1, end, speech)
    return min(end, at + 1)


def _describes(text: str, start: int, at: int, end: int, speech: Speech) -> bool:
    """Whether a role or a relative clause follows a name: "explique Jean Reyl, maire d'Odde", but not "dit-elle, qui"."""
    if text[at - 1].isspace() or _is_turned(text[start:at], words_of(text[start:at]), speech):
        return False
    behind = words_of(text, at, min(end, at + _LOOK), most=2)
    if not behind:
        return False
    aged = behind[0].form.isdigit()  # "Yvonne K., 84 ans"
    of = behind[-1].form in speech.prepositions and not is_small(behind[0].form, speech)  # "éleveuse à Odde"
    return (
        aged or of or behind[0].form in speech.relatives or any(word.form in speech.people for word in behind)
    )


def _stop(text: str, start: int, end: int, speech: Speech) -> int:
    for match in _STOP.finditer(text, start, end):
        if not abbreviated(text, match.start(), speech):
            return match.start()
    return end
