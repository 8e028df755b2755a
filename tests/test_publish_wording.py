"""Words, dates, lines and colours of what we publish."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import TemplateError
from digest.publish.colours import DARK_TINT, LIGHT_TINT, READABLE, contrast, readable
from digest.publish.columns import width as columns
from digest.publish.columns import wrap
from digest.publish.wording import Wording, label, link, web
from digest.resources import Resources
from publish_samples import DIGEST

RESOURCES = Resources()
colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def words(language: str = "en", zone: str = "UTC") -> Wording:
    return Wording(RESOURCES.strings(language), language, zone)


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "November 22, 2026"),
        ("en-GB", "22 November 2026"),
        ("de", "22. November 2026"),
        ("fr", "22 novembre 2026"),
        ("es", "22 de noviembre de 2026"),
        ("fa", "۲۲ نوامبر ۲۰۲۶"),
        ("xx", "November 22, 2026"),
        ("de-XX", "22. November 2026"),
    ],
)
def test_a_date_is_written_as_the_language_does(language: str, day: str) -> None:
    """By CLDR, in the language's digits; a language that nobody knows gets English dates."""
    assert words(language).day(date(2026, 11, 22)) == day


def test_the_date_of_a_moment_is_that_of_the_digest_s_zone() -> None:
    """Late in the evening in UTC it is tomorrow in Auckland."""
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert words(zone="Pacific/Auckland").day(late) == "November 23, 2026"


def test_a_date_near_the_issue_needs_no_year() -> None:
    """Unless it is another year's."""
    assert words().day(date(2026, 11, 20), near=date(2026, 11, 22)) == "November 20"
    assert words().day(date(2025, 12, 31), near=date(2026, 1, 3)) == "December 31, 2025"


def test_plurals_follow_the_language() -> None:
    """CLDR's rules choose the phrase; a form that the strings lack is the general one."""
    polish = Wording(
        {"day_one": "{number} dzień", "day_few": "{number} dni", "day_other": "{number} dnia"}, "pl", "UTC"
    )
    assert [polish.count("day", number) for number in (1, 2, 5)] == ["1 dzień", "2 dni", "5 dnia"]
    assert words("de").count("comments", 1) == "1 Kommentar"
    assert words("fa").count("comments", 12) == "۱۲ دیدگاه"


@pytest.mark.parametrize("text", ["{nobody}", "{", "{0}", "{title.nothing}", "{title!z}"])
def test_a_phrase_with_a_wrong_placeholder_names_its_file_and_key(text: str) -> None:
    """The sentence tells what may stand there."""
    with pytest.raises(TemplateError, match=r"strings/en\.toml: why .*\{title\}"):
        Wording({"why": text}, "en", "UTC").say("why", title="Weekly")


@pytest.mark.parametrize("language", RESOURCES.languages())
def test_every_language_has_every_phrase_with_the_same_placeholders(language: str) -> None:
    """Shipped languages are complete, and none forgets a number or a title."""
    english, other = RESOURCES.strings_of("en"), RESOURCES.strings_of(language)
    assert set(other) == set(english)
    for key, text in english.items():
        assert sorted(_placeholders(other[key])) == sorted(_placeholders(text)), key


def _placeholders(text: str) -> list[str]:
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(text) if name]


@pytest.mark.parametrize(
    "url",
    ["", "javascript:alert(1)", "/relative", "mailto:a@example.org", "data:text/html,x", "ftp://x.example/"],
)
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    """The title stays, as text and escaped."""
    assert web(url) == ""
    assert str(link("Up & <b>away</b>", url)) == "Up &amp; &lt;b&gt;away&lt;/b&gt;"


def test_a_link_is_escaped() -> None:
    """Neither its words nor its address can leave their place."""
    assert str(link('"><script>', 'https://x.example/"><b>')) == (
        '<a href="https://x.example/%22%3E%3Cb%3E">&#34;&gt;&lt;script&gt;</a>'
    )


@given(
    st.text(max_size=80), st.sampled_from(["https://blog.example.org/a", "", "javascript:1", "https://[x"])
)
def test_the_words_of_a_link_are_one_line_whatever_the_title(title: str, url: str) -> None:
    """No title makes it fail or spread over lines."""
    assert "\n" not in label(title, url)


@given(st.text(max_size=400), st.integers(8, 80))
def test_wrapping_loses_no_word_and_keeps_the_width(text: str, limit: int) -> None:
    """Whatever the script, letters come back in order and no line is too wide."""
    lines = wrap(text, limit)
    assert all(columns(line) <= limit for line in lines)
    assert "".join("".join(lines).split()) == "".join("".join(wrap(text, 10_000)).split())


@given(st.text("ab “é", max_size=300), st.integers(8, 40))
def test_a_line_takes_every_word_that_it_has_room_for(text: str, limit: int) -> None:
    """The quick way for simple letters breaks where the way for all letters does, to which a wide one at the end leads."""
    quickly, carefully = wrap(text, limit)[:-1], wrap(f"{text} 港", limit)
    assert quickly == carefully[: len(quickly)]


def test_simple_letters_take_one_column() -> None:
    """Of the letters that are not looked up one by one, none is wide and none combines; a wide one beside it has all looked up."""
    known = (letter for letter in map(chr, range(0x2600)) if unicodedata.category(letter) != "Cn")
    letters = [letter for letter in known if columns(letter) == 1]
    assert len(letters) > 7_000
    assert [letter for letter in letters if columns(f"{letter}港") != 3] == []


def test_wide_letters_count_twice() -> None:
    """Chinese and Japanese fill a line with half as many characters, and break without spaces."""
    assert wrap("港の新聞は夜に学校で刷られた", 10) == ["港の新聞は", "夜に学校で", "刷られた"]


@given(colours)
def test_any_accent_can_be_read_on_both_papers(colour: str) -> None:
    """A setting cannot make links unreadable, in light or dark."""
    for paper in (LIGHT_TINT, DARK_TINT):
        assert contrast(readable(colour, paper), paper) >= READABLE


def test_an_accent_that_can_be_read_stays_as_it_is() -> None:
    """The colour that was set is the colour that is shown."""
    assert readable("#0b5d5b", LIGHT_TINT) == "#0b5d5b"
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_a_digest_s_own_words_are_in_its_language() -> None:
    """The mail of a German digest asks in German."""
    german = Wording(RESOURCES.strings("de"), "de", DIGEST.zone)
    assert german.say("unsubscribe") == "Abbestellen"
