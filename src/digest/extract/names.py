"""Names: who a heading or a signature names, and the topic that an "On …:" names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

from digest.extract.headings import Title, bare
from digest.extract.words import Phrase, Token, Words, fold, tokens
from digest.text.language import normalise

_MOST_WORDS = 6
_MOST_WORDS_OF_DESCRIPTION = 5  # words, the name's first included
_MOST_WORDS_OF_ROLE = 14  # "— Ilse Varga, marine biologist at the station of Port Almeda"
_INTRODUCES = frozenset(":–—-(,|")
_DASHES = "—–-―‒−~"
_ENDS_NAME = re.compile(r"[,;:()\[\]|/•·“”„«»\"]|\s[–—-]\s|(?<=\w{5})\.\s")
_NAMES_IN_TEXT = 50_000


def topic(text: str, words: Words, language: str) -> str:
    """A topic heading without ornaments and without "On": "corruption" of "On corruption:"."""
    heading = bare(text)
    found = tokens(heading)
    folded = tuple(token.folded for token in found)
    for grammar in words.topics(language):
        if size := _longest(folded, grammar.on):
            return heading[_before_quote(heading, found[size].start) :].strip()
        if size := _longest(folded[::-1], frozenset(phrase[::-1] for phrase in grammar.on_after)):
            return heading[: found[-size - 1].end].strip()
    return heading


def _before_quote(heading: str, start: int) -> int:
    """A topic that begins with a quotation mark keeps it: On "independence"."""
    return start if heading[start - 1].isspace() or heading[start - 1] in "'’" else start - 1


def _longest(folded: Phrase, phrases: frozenset[Phrase]) -> int:
    sizes = (size for size in range(min(len(folded) - 1, 5), 0, -1) if folded[:size] in phrases)
    return next(sizes, 0)


def speaker_on(text: str, words: Words, language: str, post: str) -> tuple[str, str] | None:
    """The person and the topic of "Mira Halden on the press", where the post names that person elsewhere too."""
    heading = bare(text)
    found = tokens(heading)
    for grammar in words.topics(language):
        for i in range(1, min(len(found), _MOST_WORDS)):
            before = heading[: found[i].start].strip()
            name = before.rstrip(",") if looks_like_name(before.rstrip(","), words) else person(before, words)
            if not (size := _longest(tuple(token.folded for token in found[i:]), grammar.on)):
                continue
            if looks_like_name(name, words) and (before.endswith(",") or post.count(name) > 1):
                return name, heading[found[i + size].start :].strip()
    return None


# ── names ────────────────────────────────────────────────────────────────────────────────────────


def named_by(title: Title, words: Words, text: str) -> str:
    """The speaker whom a heading of key quotes names, or ``""``.

    "of X in …", "from the interview with X", "X's key quotes", "Interview with X: key quotes"; in languages that
    put no word before the name, what follows the heading where the post names that person elsewhere too.
    """
    return _without_caseless_title(
        _named_after(title.after, words, text) or _named_before(title.before, words), text
    )


def _without_caseless_title(name: str, text: str) -> str:
    """Where a script has no capitals, the part of a name that the post repeats, without "the talk of" before it."""
    if not name or name[0].isupper() or text.count(name) > 1:
        return name
    parts = name.split()
    tails = (" ".join(parts[i:]) for i in range(1, len(parts) - 1))
    return next((tail for tail in tails if text.count(tail) > 1), name)


def _named_after(after: str, words: Words, text: str) -> str:
    found = tokens(after)
    grammar = words.grammar
    if name := _owner(found, after, words):
        return name
    name = _name_at(found, 0, after, words)
    if name and (after[:1] in _INTRODUCES or _known(name, text)):
        return name
    starts = [
        i + 1
        for connectors in (grammar.by, grammar.with_)
        for i in _where(found, connectors)
        if not (i and _is_particle(found[i], after, words) and after[found[i - 1].start].isupper())
    ]
    if name := next((name for i in starts if (name := _name_at(found, i, after, words))), ""):
        return name
    described = (_described(found, i, after, words) for i in (*starts, 0))
    return next((name for name in described if " " in name or (name and text.count(name) > 1)), "")


def _where(found: Sequence[Token], these: frozenset[str]) -> list[int]:
    return [i for i, token in enumerate(found) if token.folded in these]


def _described(found: Sequence[Token], first: int, text: str, words: Words) -> str:
    """A name behind an article or a description: "of the Prime Minister", "de la maestra Pilar Ordás"."""
    grammar = words.grammar
    stops = (grammar.until | grammar.by | grammar.with_) - grammar.articles
    for i in range(first, min(len(found), first + _MOST_WORDS_OF_DESCRIPTION)):
        if found[i].folded in stops:
            return ""
        if name := "" if _is_article(found, i, words) else _name_at(found, i, text, words):
            return name
    return ""


def _is_article(found: Sequence[Token], i: int, words: Words) -> bool:
    return i < len(found) and found[i].folded in words.grammar.articles


def _owner(found: Sequence[Token], after: str, words: Words) -> str:
    """ "from Radio Osterfell's interview with X" is about X, "from X's talk" about X."""
    owned = next((i for i, token in enumerate(found) if token.folded.endswith("'s")), None)
    if owned is None:
        return ""
    later = (i for i in _where(found, words.grammar.with_) if i > owned)
    return next((name for i in later if (name := _name_at(found, i + 1, after, words))), "")


def _named_before(before: str, words: Words) -> str:
    before = before.rstrip(" :–—-|,")
    found = tokens(before)
    connected = reversed(_where(found, words.grammar.by | words.grammar.with_))
    names = (_name_at(found, i, before, words) for i in (*(i + 1 for i in connected), 0))
    return next((name for name in names if name), "")


def interviewee(title: str, words: Words, text: str) -> str:
    """Whom a post's title names: "Interview with X", "X: …"; only a person of whom the post itself speaks."""
    head = title.partition(":")[0].strip()
    found = tokens(title)
    names = [_name_at(found, i + 1, title, words) for i in _where(found, words.grammar.with_)]
    if head != title.strip() and looks_like_name(head, words):
        parts = head.split()  # "Signalwoman Ottoline Marsh" is Ottoline Marsh in the text
        names += [" ".join(parts[i:]) for i in range(len(parts) - 1)]
    return next((name for name in names if " " in name and name in text), "")


def _known(name: str, text: str) -> bool:
    """Whether the post names the person elsewhere, perhaps in another case of the language."""
    return text.count(name) > 1 or bool(_inflected(name, text))


def _name_at(found: Sequence[Token], first: int, text: str, words: Words) -> str:
    """The name that begins at a word, or ``""``: capitalised words and particles, or words of a script without case."""
    last = first
    while last < min(len(found), first + _MOST_WORDS) and _may_stand(found, first, last, text, words):
        last += 1
    while last > first and _is_particle(found[last - 1], text, words):
        last -= 1
    return _possessor(text[found[first].start : found[last - 1].end]) if last > first else ""


def _may_stand(found: Sequence[Token], first: int, i: int, text: str, words: Words) -> bool:
    """Whether word ``i`` can stand in a name that begins at word ``first``."""
    token = found[i]
    if not text[token.start].isalpha():
        return False
    if i > first:
        ended = _ENDS_NAME.search(text, found[i - 1].end, token.start + 1)
        if ended or found[i - 1].folded.endswith("'s"):
            return False
        if _is_particle(token, text, words):
            return True
    is_initial = text[token.start].isupper() and text[token.start + 1 : token.start + 2] == "."
    return is_initial or not (text[token.start].islower() or token.folded in words.grammar.until)


def _is_particle(token: Token, text: str, words: Words) -> bool:
    return token.folded in words.grammar.particles and text[token.start].islower()


def _possessor(name: str) -> str:
    """The name without the mark of possession."""
    name = re.sub(r"['’]s$", "", normalise(name))
    return name.rstrip("'’")


# ── signatures ───────────────────────────────────────────────────────────────────────────────────


def signed(text: str, words: Words, *, sure: bool = False) -> str:
    """The name in a signature ("— Ilse Varga, marine biologist", "(Käte Solms)"), or ``""`` if it is none.

    Args:
        text: what may be a signature.
        words: of all languages.
        sure: the markup says that it is one (cite, footer, figcaption), so it needs no dash.
    """
    stripped = normalise(text)
    dashed = stripped[:1] in _DASHES and stripped[:1] != ""
    in_brackets = stripped[:1] == "(" and stripped.rstrip(".")[-1:] == ")"
    inside = stripped.strip(_DASHES + " ") if not in_brackets else stripped.rstrip(".").strip("() ")
    if not (dashed or in_brackets or sure) or not inside or len(inside.split()) > _MOST_WORDS_OF_ROLE:
        return ""
    if in_brackets and not _names_somebody(inside, words):
        return ""
    if tokens(inside)[:1] and tokens(inside)[0].folded in words.grammar.said:
        return attributed(inside, words)  # "– said Jo Brask", but "– said with a smile"
    if inside[-1] in "!?…:;" or (inside[-1] == "." and not re.search(r"\b\w\.$", inside)):
        return ""
    return person(inside, words)


def _names_somebody(text: str, words: Words) -> bool:
    """Whether words in brackets can be a signature: not "(from the steps, at noon)", not "(laughs)"."""
    found = tokens(text)
    if not found or found[0].folded in words.grammar.until - words.grammar.articles:
        return False
    initials = [text[token.start] for token in found]
    pairs = pairwise(initials)
    return not initials[0].islower() or any(a.isupper() and b.isupper() for a, b in pairs)


def attributed(text: str, words: Words) -> str:
    """The name next to a verb of speech, as in ", said Mira Halden," and "Jo Brask said"; ``""`` for a pronoun."""
    found = tokens(text)
    verbs = [i for i, token in enumerate(found) if token.folded in words.grammar.said]
    if not verbs or len(found) > _MOST_WORDS_OF_ROLE:
        return ""
    first, last = verbs[0], verbs[-1]
    sides = (text[found[last].end :], text[: found[first].start])
    names = (person(side.strip(" ,.:"), words) for side in sides if any(map(str.isupper, side)))
    return next(
        (name for name in names if name[:1].isupper() and fold(name) not in words.grammar.fillers), ""
    )


def person(text: str, words: Words) -> str:
    """The person in "Minister Aldo Kress, health" or "marine biologist Ilse Varga": the first run of capitals.

    A description in small letters before the name goes, an article too; titles with a capital are part of the name
    as the post gives it. Where the capitals are only those of a place ("the harbour master of Port Almeda"), or there
    is none, the whole is returned, if it is short.
    """
    parts = [part.strip() for part in _ENDS_NAME.split(text.strip())[:3] if part.strip()]
    if not parts:
        return ""
    described = any(_is_small(token, parts[0], words) for token in tokens(parts[0]))
    named = (part for part in parts[1:] if described and looks_like_name(part, words))
    return _first_capitals(next(named, parts[0]), words)


def _is_small(token: Token, text: str, words: Words) -> bool:
    return text[token.start].islower() and token.folded not in words.grammar.particles


def _first_capitals(part: str, words: Words) -> str:
    found = tokens(part)
    skipped = int(len(found) > 1 and _is_article(found, 0, words))
    start = next((i for i in range(skipped, len(found)) if part[found[i].start].isupper()), None)
    small = words.grammar.by | words.grammar.until
    if start is None or (start > skipped and found[start - 1].folded in small):
        return part[found[skipped].start :] if 0 < len(found) <= _MOST_WORDS + skipped else ""
    last = start
    while last < len(found) and not _is_small(found[last], part, words):
        last += 1
    while part[found[last - 1].start].islower():
        last -= 1
    return _possessor(part[found[start].start : found[last - 1].end])


def looks_like_name(text: str, words: Words, *, cased: bool = True) -> bool:
    """Two to five capitalised words and particles and nothing else: perhaps a person, perhaps a title.

    Without ``cased`` words of a script that has no capitals will do.
    """
    found = tokens(text)
    if not 2 <= len(found) <= 5 or _ENDS_NAME.search(text) or text.rstrip()[-1:] in ".!?…":
        return False
    initials = [text[token.start] for token in found]
    ends = (initials[0], initials[-1])
    if not all(
        initial.isupper() or (not cased and initial.isalpha() and not initial.islower()) for initial in ends
    ):
        return False
    return not any(_is_small(token, text, words) for token in found)


def names_first(text: str, words: Words, *, cased: bool = True) -> bool:
    """Whether a short line begins with a name: "Ilse Varga, marine biologist", "Gus Tolliver"."""
    name = text.partition(",")[0].strip(" .—–-")
    return looks_like_name(name, words, cased=cased) and len(text.split()) <= _MOST_WORDS_OF_ROLE


# ── one person, one name ─────────────────────────────────────────────────────────────────────────


def resolve(name: str, text: str, words: Words) -> str:
    """The name as the post gives it in full: "Mira Halden" for "Halden", "HALDEN" or "Haliny" → "Halina".

    Args:
        name: from a heading or a signature.
        text: of the whole post.
        words: of all languages.
    """
    text = text[:_NAMES_IN_TEXT]
    title, _, surname = name.partition(" ")
    if surname and " " not in surname and fold(title.rstrip(".")) in words.grammar.polite:
        return _in_full(surname, text, words.grammar.polite) or name
    if name.isupper() and len(name) > 3:
        name = _as_written(name, text)
    if " " not in name:
        return _in_full(name, text, words.grammar.polite) or name
    if full := _with_given_name(name, text):
        return full
    return name if text.count(name) > 1 else _inflected(name, text) or name


def _as_written(name: str, text: str) -> str:
    """A name in capitals as the text writes it, else with capital initials."""
    for match in re.finditer(re.escape(name), text, re.IGNORECASE):
        if not match.group().isupper():
            return match.group()
    return name.title()


def _in_full(surname: str, text: str, polite: Collection[str]) -> str:
    """The most frequent run of capitalised words in the text that ends with the surname, and not just "Ms" before it."""
    if not surname or not surname[0].isupper():
        return ""
    pattern = re.compile(
        rf"(?<![\w'’-])(?:[^\W\d_](?:[\w'’-]{{0,30}}|\w{{0,3}}\.) ){{1,3}}{re.escape(surname)}\b"
    )
    counted: Counter[str] = Counter()
    for match in pattern.finditer(text):
        words = match.group().split(" ")
        first = next(i for i in range(len(words)) if all(word[0].isupper() for word in words[i:]))
        if not first and _begins_sentence(text, match.start()):
            first = 1
        if len(words) - first >= 2 and fold(words[first].rstrip(".")) not in polite:
            counted[" ".join(words[first:])] += 1
    return min(counted, key=lambda full: (-counted[full], len(full)), default="")


def _with_given_name(name: str, text: str) -> str:
    """ "Judge Adaeze Rowntree" for "Judge Rowntree": the same words with one or two capitalised ones in between."""
    first, _, last = name.rpartition(" ")
    pattern = rf"(?<!\w){re.escape(first)} (?:[^\W\d_a-z][\w'’-]{{0,30}}\.? ){{1,2}}{re.escape(last)}\b"
    counted = Counter(match.group() for match in re.finditer(pattern, text))
    return min(counted, key=lambda full: (-counted[full], len(full)), default="")


def _begins_sentence(text: str, at: int) -> bool:
    """Where any word has a capital, so that "Yesterday Halden" looks like a name."""
    return not at or text[at - 1] == "\n" or text[at - 2 : at - 1] in ".!?…:"


def _inflected(name: str, text: str) -> str:
    """The same name in the case in which the post introduces it: "Halina Sowińska" for "Haliny Sowińskiej"."""
    parts = name.split()
    if len(parts) < 2:
        return ""
    pattern = re.compile(" ".join(rf"{re.escape(part[: _stem(part)])}[^\W\d_]{{0,4}}\b" for part in parts))
    others = [match.group() for match in pattern.finditer(text) if fold(match.group()) != fold(name)]
    return Counter(others).most_common(1)[0][0] if others else ""


def _stem(word: str) -> int:
    return max(3, len(word) - 3)
