"""The phrases by which posts of a group can be told from others: words of their titles, names and subjects in their texts.

What stands in a fixed place of each item of one source (its opening, its call to subscribe) says nothing of an item, nor
do words that most posts have.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log, sqrt

from digest.assemble.subjects import Subject, Subjects
from digest.assemble.window import Material
from digest.text.similar import fold, stem

TEXT_READ = 2_000  # characters of a post
TITLE_READ = 300  # characters
MOST_WORDS = 4  # of a phrase
LONGEST = 60  # characters of a phrase
SMALL = 3  # letters of a word that no phrase begins or ends with, unless it is written in capitals
USUAL, FEW = 0.4, 8  # share of the posts of a language that have a usual word; of fewer posts nobody can say
REPEATED, FEWEST_REPEATED = 0.15, 3  # share and number of a source's posts in which its boilerplate stands
IN_TITLE = 3.0  # times as much as in a text
MORE_WORDS = 0.3  # what each further word of a phrase adds to its worth
OF_SUBJECT = 2.0  # times as much: words of the subject that a group is about most
NAMELESS = 0.3  # times as much: words of a title that no text writes as a name and no subject knows
NOT_OWN = 0.01  # what a phrase is worth that other posts have as often

_TOKEN = re.compile(r"[^\W_]+(?:[-’'.][^\W_]+)*")
_PIECE = re.compile(r"[^\n.!?]+")
_PLACE_HOLDERS = re.compile(r"https?://\S+|www\.\S+|\d+")
_GOES_ON = "_,;:"  # marks after which a sentence goes on


@dataclass(frozen=True, slots=True)
class Wording:
    """What a post says: phrases as stems between spaces, each with how the post spells it."""

    language: str
    titled: Mapping[str, str]
    texted: Mapping[str, str]  # title and text


def wordings(posts: Sequence[Material], subjects: Subjects) -> list[Wording]:
    """The phrases of each post."""
    titles = [each.post.title[:TITLE_READ] for each in posts]
    texts = _without_boilerplate(posts)
    usual = _usual(posts, titles, texts)
    known = {
        language: frozenset(word for field in fields for word in field.hints)
        for language, fields in subjects.items()
    }
    found = []
    for each, title, text in zip(posts, titles, texts, strict=True):
        language = each.post.language
        titled = _of_title(title, language, usual[language])
        texted = _of_text(f"{title}\n{text}", language, usual[language], known.get(language, frozenset()))
        found.append(Wording(language, dict(titled), dict(texted)))
    return found


def best(groups: Sequence[Sequence[Wording]], subjects: Subjects, alone: Sequence[Wording] = ()) -> list[str]:
    """For each group the phrase that many of its posts have, rather in their titles, and few others do; "" for none.

    Args:
        alone: posts of no group, from which the groups are told too.
    """
    everyone = [*alone, *(each for group in groups for each in group)]
    everywhere: Counter[str] = Counter()
    for each in everyone:
        everywhere.update(each.titled.keys() | each.texted.keys())
    return [_best(group, everywhere, len(everyone), subjects) for group in groups]


def _best(group: Sequence[Wording], everywhere: Counter[str], total: int, subjects: Subjects) -> str:
    titled = Counter(phrase for each in group for phrase in each.titled)
    texted = Counter(phrase for each in group for phrase in each.texted)
    only_titled = Counter(phrase for each in group for phrase in each.titled if phrase not in each.texted)
    about = _leading_words(texted, subjects.get(group[0].language, ()))
    fewest = max(2, sqrt(len(group) * 0.5))
    worth = {}
    for phrase, posts in (texted + only_titled).items():
        if posts < fewest:
            continue
        known = any(word in texted for word in phrase.split())
        named = IN_TITLE * titled[phrase] * (1 if known else NAMELESS) + posts
        own = log((posts / len(group)) / (everywhere[phrase] / total))
        subject = OF_SUBJECT if any(word in about for word in phrase.split()) else 1.0
        worth[phrase] = named * max(own, NOT_OWN) * subject * (1 + MORE_WORDS * phrase.count(" "))
    found = min(worth, key=lambda phrase: (-worth[phrase], -len(phrase), phrase), default="")
    return _spelled(group, found)


def _leading_words(texted: Counter[str], fields: Sequence[Subject]) -> Collection[str]:
    """The words of the subject that a group is about most."""
    hints = [field.hints for field in fields]
    return max(
        hints,
        key=lambda words: sum(count * words[word] for word, count in texted.items() if word in words),
        default=(),
    )


def _spelled(group: Sequence[Wording], phrase: str) -> str:
    """As titles write it most often, else as texts do."""
    titled = Counter(each.titled[phrase] for each in group if phrase in each.titled)
    texted = Counter(each.texted[phrase] for each in group if phrase in each.texted)
    spellings = titled or texted
    return min(spellings, key=lambda spelling: (-spellings[spelling], spelling), default="")


# ── what says nothing ────────────────────────────────────────────────────────────────────────────


def _without_boilerplate(posts: Sequence[Material]) -> list[str]:
    """The texts without what many posts of their source say in the same words, addresses and numbers aside.

    What leads to an address is left out, too: it says what to do there.
    """
    pieces = [
        [
            (piece[0], _shape(piece[0]))
            for piece in _PIECE.finditer((each.post.text or each.post.summary)[:TEXT_READ])
        ]
        for each in posts
    ]
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for each, found in zip(posts, pieces, strict=True):
        said[each.source.slug].update({shape for _, shape in found})
    of_source = Counter(each.source.slug for each in posts)
    texts = []
    for each, found in zip(posts, pieces, strict=True):
        slug = each.source.slug
        often = max(FEWEST_REPEATED, REPEATED * of_source[slug])
        texts.append(
            ".".join(piece for piece, shape in found if said[slug][shape] < often and "://" not in piece)
        )
    return texts


def _shape(piece: str) -> str:
    return " ".join(_PLACE_HOLDERS.sub("", fold(piece)).split())


def _usual(posts: Sequence[Material], titles: Sequence[str], texts: Sequence[str]) -> dict[str, set[str]]:
    """The words of each language that too many posts have to say anything of one."""
    have: dict[str, Counter[str]] = defaultdict(Counter)
    number = Counter(each.post.language for each in posts)
    for each, title, text in zip(posts, titles, texts, strict=True):
        language = each.post.language
        have[language].update({stem(word, language) for word in _TOKEN.findall(fold(f"{title}\n{text}"))})
    return {
        language: {word for word, posts in counts.items() if posts >= USUAL * number[language]}
        if number[language] >= FEW
        else set()
        for language, counts in have.items()
    }


# ── phrases ──────────────────────────────────────────────────────────────────────────────────────


def _of_title(title: str, language: str, usual: Collection[str]) -> Iterator[tuple[str, str]]:
    """Up to four words that stand together, of which the first and the last say something."""
    tokens = list(_TOKEN.finditer(title))
    stems = [_stem(token[0], language) for token in tokens]
    telling = [_is_telling(token[0], word, usual) for token, word in zip(tokens, stems, strict=True)]
    for start, first in enumerate(tokens):
        for end in range(start, min(start + MOST_WORDS, len(tokens))):
            if end > start and title[tokens[end - 1].end() : tokens[end].start()] != " ":
                break
            spelled = title[first.start() : tokens[end].end()]
            if telling[start] and telling[end] and len(spelled) <= LONGEST:
                yield " ".join(stems[start : end + 1]), spelled


def _of_text(
    text: str, language: str, usual: Collection[str], known: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Names (words with a capital within a sentence) and words that a subject knows, alone or two together."""
    found = []
    for token in _TOKEN.finditer(text):
        word = _stem(token[0], language)
        if not token[0][0].isupper() and word not in known:
            continue
        if _within_sentence(text, token.start()) and _is_telling(token[0], word, usual):
            found.append((token, word))
    yield from ((word, token[0]) for token, word in found)
    for (first, word), (second, other) in pairwise(found):
        if text[first.end() : second.start()] == " " and second.end() - first.start() <= LONGEST:
            yield f"{word} {other}", text[first.start() : second.end()]


def _within_sentence(text: str, start: int) -> bool:
    """Whether a word stands behind another of its sentence: a capital is its own there, and a call begins with its verb."""
    if start < 2 or text[start - 1] != " ":
        return False
    before = text[start - 2]
    return before.isalnum() or before in _GOES_ON


@lru_cache(maxsize=50_000)
def _stem(token: str, language: str) -> str:
    return stem(fold(token), language)


def _is_telling(token: str, word: str, usual: Collection[str]) -> bool:
    """Whether a phrase may begin or end with a word."""
    return (
        word not in usual
        and not token[0].isdigit()
        and (len(token) > SMALL or (len(token) > 1 and token.isupper()))
    )
