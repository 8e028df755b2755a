"""What stands in marks and nobody said, and which parts in marks are one quotation."""

from __future__ import annotations

import pytest

from attributed import words
from digest.extract.prose.pairs import pairs
from digest.extract.prose.parts import grouped, is_fragment, word_count
from digest.extract.prose.works import names_something
from digest.text.html import document


def is_named(html: str, language: str = "en") -> bool:
    """Whether the only words in marks are a title, a name or a sign."""
    page = document(f"<p>{html}</p>")
    [part] = pairs(page.text).found
    outer, inner = (part.start, part.end), (part.inner_start, part.inner_end)
    return names_something(page.text, page.lines[0], outer, inner, words().speech(language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "the novel “Tides of the north” sold well"),
        ("en", "a film, “Tides of the north”, opens"),
        ("en", "her essay: “Tides of the north” won"),
        ("en", "a street called “Second Spring”"),
        ("en", "“Tides of the north” (1998) was read"),
        ("en", "“Tides of the north” (Odde Press, 1998) was read"),
        ("en", "He sang “Eleven Ways to Leave a Port” there"),
        ("de", "der Roman „Gezeiten im Norden“ erschien"),
        ("fr", "le roman « Les marées du nord » paraît"),
        ("es", "la novela “Mareas del norte” ganó"),
    ],
)
def test_a_title_is_known_by_its_noun_its_year_or_its_capitals(language: str, text: str) -> None:
    """A noun that has a title stands right before the marks, a year in brackets behind them."""
    assert is_named(text, language)


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://x.example/">“a long walk home”</a> is out',
        "he read <i>“a long walk home”</i> aloud",
        "he read “<em>a long walk home</em>” aloud",
        "he read <cite>“a long walk home”</cite> aloud",
    ],
)
def test_what_is_set_apart_by_itself_is_a_title(text: str) -> None:
    """The words and nothing but them are a link, in italics, or cited."""
    assert is_named(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a banner that read “no harbour for sale”", True),
        ("had a sign above the till: “no harbour for sale”", True),
        ("She held a sign and told him “we will not move”", False),
    ],
)
def test_words_on_a_thing_are_nobodys(text: str, named: bool) -> None:
    """Unless somebody speaks between the sign and the words."""
    assert is_named(text) is named


@pytest.mark.parametrize(
    "text",
    [
        "He said “we leave the port”",
        "She laughed. “We leave the port.”",
        "In the film, “we wanted no heroes,” she says.",
        "“We leave the port and the town to the sea,” she said of her book.",
        "“We leave.”",
    ],
)
def test_what_somebody_says_is_no_title(text: str) -> None:
    """Although a noun that has a title may stand beside it."""
    assert not is_named(text)


# ── parts ────────────────────────────────────────────────────────────────────────────────────────


def groups(text: str, language: str = "en") -> list[list[str]]:
    """The quotations of a paragraph, each by its parts in marks."""
    found = grouped(text, pairs(text).found, words().speech(language))
    return [[text[part.start : part.end] for part in group] for group in found]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "“A b c,” she said, “d e f.”", [["“A b c,”", "“d e f.”"]]),
        ("en", "“A b c,” said Reyl. “D e f.”", [["“A b c,”", "“D e f.”"]]),
        ("fr", "« A b c », dit-elle, « d e f ».", [["« A b c »", "« d e f »"]]),
        ("en", "“A b c.” She said: “D e f.”", [["“A b c.”"], ["“D e f.”"]]),
        ("en", "“A b c,” said Reyl. “D e f,” said Orlo.", [["“A b c,”"], ["“D e f,”"]]),
        ("en", "“A b c?” he asked. “D e f,” she said.", [["“A b c?”"], ["“D e f,”"]]),
    ],
)
def test_parts_are_one_quotation_around_one_attribution(
    language: str, text: str, expected: list[list[str]]
) -> None:
    """If each has its own, or the second stands for something else, they are two."""
    assert groups(text, language) == expected


def test_a_word_in_marks_within_a_sentence_is_a_term() -> None:
    """Fewer than five words of the reporter's sentence are a nickname or an irony, and no quotation."""
    assert groups("It was a “gift” to nobody, a “late and sad gift”.") == []
    assert groups("It was “a gift to nobody but the bank”.") == [["“a gift to nobody but the bank”"]]


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("She called it “a gift to nobody but the bank” and left.", True),
        ("It was a “Gift to Nobody but the Bank” that day", True),
        ("“We wait,” she said.", False),
        ("She said, “We wait.”", False),
        ("She said: “we wait”", False),
        ("He left. “We wait.” She left.", False),
    ],
)
def test_a_fragment_is_a_part_of_the_reporters_sentence(text: str, fragment: bool) -> None:
    """What begins with a small letter, or stands between two words, is no sentence by itself."""
    [part] = pairs(text).found
    assert is_fragment(text, part, words().speech("en")) is fragment


def test_marks_and_dashes_are_no_words() -> None:
    """Numbers are."""
    assert [word_count(text) for text in ("", "— …", "5 boats", "don’t wait", "「雨」")] == [0, 0, 2, 2, 1]
