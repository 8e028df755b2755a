"""A post as tokens: what is a word, what is a mark, where a sentence ends, and where each stands in the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attributed import narrated, words
from digest.extract.prose.narration import BREAK, QUOTE, Narration, narrate
from digest.extract.prose.utterances import Utterance


def sentences(text: str, language: str = "en") -> list[str]:
    """The sentences of a text as they are written."""
    narration = narrated(text, language)
    return [narration.written(begin, end) for begin, end in narration.sentences]


# ── words and marks ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "text", "forms"),
    [
        ("en", "He left—slowly.", ["he", "left", "—", "slowly", "."]),
        ("en", "a well-known man’s dog", ["a", "well", "known", "man", "s", "dog"]),
        ("en", "- a list", ["-", "a", "list"]),
        ("en", "snake_case", ["snake", "_", "case"]),
        ("en", "50% (or 5.5)", ["50", "%", "(", "or", "5", ".", "5", ")"]),
        ("fr", "l’eau d'Odde", ["l", "eau", "d", "odde"]),
        ("fr", "Yann Le Floc’h", ["yann", "le", "floc’h"]),
        ("ru", "Лук'ян и ёж", ["лук'ян", "и", "еж"]),
        ("fa", "می‌روم", ["می", "روم"]),
        ("de", "Straße", ["strasse"]),
        ("es", "el cami\u0301n", ["el", "camín"]),
        ("hi", "हिन्दी में", ["हिन्दी", "में"]),
    ],
)
def test_a_text_falls_into_words_and_marks(language: str, text: str, forms: list[str]) -> None:
    """A hyphen or an apostrophe inside a word parts it and is no token, but where a letter is spelled with one."""
    assert list(narrated(text, language).forms) == forms


def test_a_quotation_is_one_token_whatever_it_says() -> None:
    """So that its words are nobody's clause; the token knows which utterance it is a part of."""
    narration = narrated("“We wait,” said Ana Roth, “for nobody.” She left.")
    assert [form for form in narration.forms if form == QUOTE] == [QUOTE] * 2
    assert {narration.written(i, i + 1): part for i, part in narration.quotes.items()} == {
        "“We wait,”": 0,
        "“for nobody.”": 0,
    }


def test_what_a_quotation_says_is_without_its_closing_mark() -> None:
    """How words end is looked at there: a comma leads to a verb, a question to an answer."""
    narration = narrated("« Vraiment ? » dit Reyl.", "fr")
    assert narration.said(0).endswith("Vraiment ?")


def test_quotations_that_overlap_or_reach_behind_the_end_are_left_out() -> None:
    """Offsets come from another room; the first of two wins."""

    def utterance(start: int, end: int) -> Utterance:
        return Utterance(((start, end),), ((start, end),), fragment=False, dash=False, block=False)

    found = [utterance(0, 5), utterance(3, 8), utterance(9, 99)]
    narration = narrate("“One” two “six”", found, words().speech("en"))
    assert narration.quotes == {0: 0}
    assert list(narration.forms) == [QUOTE, "two", "“", "six", "”"]


def test_what_stands_between_two_tokens_tells_whether_they_are_one_word() -> None:
    """A space, a hyphen, an apostrophe, or nothing."""
    narration = narrated("Jean-Marc d’Odde, hier")
    assert [narration.joined(i) for i in range(len(narration.forms))] == ["", "-", " ", "’", "", " "]


@settings(deadline=None)
@given(st.text(alphabet="aB'’-–. ,\n“”éЛ\u0301\u200c5", max_size=80))
def test_every_token_stands_where_it_says(text: str) -> None:
    """Offsets rise, tokens do not overlap, and the columns are of one length."""
    narration = narrate(text, (), words().speech("en"))
    assert len(narration.forms) == len(narration.starts) == len(narration.ends) == len(narration.big)
    edges = [edge for pair in zip(narration.starts, narration.ends, strict=True) for edge in pair]
    assert edges == sorted(edges)
    assert all(start < end for start, end in zip(narration.starts, narration.ends, strict=True))
    assert [at for at in range(len(text)) if text[at].isalnum()] == [
        at for at in range(len(text)) if text[at].isalnum() and _is_covered(narration, at)
    ]


def _is_covered(narration: Narration, at: int) -> bool:
    return any(start <= at < end for start, end in zip(narration.starts, narration.ends, strict=True))


# ── sentences ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "He left. She stayed! Why? Nobody knew…", ["He left.", "She stayed!", "Why?", "Nobody knew…"]),
        ("en", "Why?! Nobody knew.", ["Why?!", "Nobody knew."]),
        ("en", "Dr. Reyl met Prof. Feld. He left.", ["Dr. Reyl met Prof. Feld.", "He left."]),
        ("en", "J. R. Feld left. He ran.", ["J. R. Feld left.", "He ran."]),
        ("en", "It is at odde.example. He ran.", ["It is at odde.example.", "He ran."]),
        ("en", "At 5.30 p.m. on Monday he left.", ["At 5.30 p.m. on Monday he left."]),
        ("en", "He said so (in 1998.) Then he left.", ["He said so (in 1998.)", "Then he left."]),
        ("en", "It was 1998. 12 came.", ["It was 1998.", "12 came."]),
        ("de", "Das ist z. B. der Damm. Am 12. kam sie.", ["Das ist z. B. der Damm.", "Am 12. kam sie."]),
        ("en", "one\ntwo. Three", ["one", "two.", "Three"]),
        ("en", "“We wait.” She left. “Now.” He ran.", ["“We wait.”", "She left.", "“Now.”", "He ran."]),
        ("en", "“We wait,” she said. He ran.", ["“We wait,” she said.", "He ran."]),
        ("en", "“Is it?” she asked. He ran.", ["“Is it?” she asked.", "He ran."]),
        ("fr", "Il rit. « Non », dit-elle.", ["Il rit.", "« Non », dit-elle."]),
        ("es", "Se fue. ¿Por qué? Nadie lo sabe.", ["Se fue.", "¿Por qué?", "Nadie lo sabe."]),
    ],
)
def test_where_sentences_end(language: str, text: str, expected: list[str]) -> None:
    """At a stop before a capital, a mark or a quotation, but not behind an abbreviation, an initial or an ordinal."""
    assert sentences(text, language) == expected


def test_a_token_knows_its_sentence_and_its_line() -> None:
    """What stands between two sentences belongs to the one before; a break belongs to no line."""
    narration = narrated("One came. Two left.\nThree stayed.")
    three = list(narration.forms).index("three")
    assert [narration.sentence(i) for i in (0, 3, three - 1, three)] == [0, 1, 1, 2]
    assert narration.written(*narration.line(0)) == "One came. Two left."
    assert narration.written(*narration.line(three)) == "Three stayed."
    assert narration.forms[three - 1] == BREAK
    assert narration.openings == {0, 3, three}


def test_an_offset_leads_to_the_token_there_or_behind_it() -> None:
    """So that italics of the page are found among the tokens."""
    narration = narrated("One came.")
    assert [narration.at(offset) for offset in (0, 1, 4, 8, 99)] == [0, 1, 1, 2, 3]


def test_a_text_without_words_has_no_sentence() -> None:
    """An empty post is read like any other."""
    assert narrated("").sentences == ()
    assert narrated("").sentence(0) == 0
