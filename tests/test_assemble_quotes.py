"""Which quotes an issue prints, and what it is called."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assembling import pick, quote
from digest.assemble import headline
from digest.assemble.quotes import (
    LEAST_KEY,
    MOST_OF_ONE,
    Printed,
    QuoteOfTheWeek,
    choose,
    quote_id,
    quote_of_the_week,
)
from digest.model import Group, Quote, QuoteOrigin

LONG = "We kept the books open because nobody had told us that they could be closed, and so they stayed open."
SHORT = "No."
OTHER = "The river does not read the treaty, and the people who live on it have stopped reading it as well."
THIRD = "A school with one stove and one teacher is still a school, and I would not call it anything else."


def chosen(quotes: list[Quote], limit: int = 2, printed: Printed | None = None) -> list[str]:
    """The words that are printed."""
    return [each.quote.text for each in choose("postkey", quotes, limit, printed or Printed())]


def group(slug: str, title: str, *scores: float, names: tuple[str, ...] = ()) -> Group:
    """A group of as many picks as it has scores."""
    titles = names or ("",) * len(scores)
    picks = [pick(f"{slug}{n}", score=each, title=titles[n]) for n, each in enumerate(scores)]
    return Group(slug, title, tuple(picks))


# ── choosing ─────────────────────────────────────────────────────────────────────────────────────


def test_listed_quotes_come_before_those_found_in_prose() -> None:
    """What the post underlines itself is better than what we underline."""
    prose = quote(LONG, origin=QuoteOrigin.PROSE)
    assert chosen([prose, quote(SHORT, start=200)], 1) == [SHORT]


def test_listed_quotes_win_however_key_the_others_are() -> None:
    """A word without a name that the post lists, before a whole thought by the one whom its title names."""
    listed = quote(SHORT, start=200, speaker="", confidence=0.1)
    assert chosen([quote(LONG, origin=QuoteOrigin.PROSE, key=1.0), listed], 1) == [SHORT]
    edited = quote(OTHER, start=400, origin=QuoteOrigin.EDITOR, speaker="", confidence=0.1)
    assert chosen([quote(LONG), edited], 1) == [OTHER]


def test_of_quotations_in_prose_the_most_key_are_printed() -> None:
    """And none that is not worth it, even where nothing else is left."""
    prose = [
        quote(words, start=start, origin=QuoteOrigin.PROSE, key=key)
        for words, start, key in ((LONG, 0, 0.7), (OTHER, 200, 0.9), (THIRD, 400, LEAST_KEY - 0.01))
    ]
    assert chosen(prose, 1) == [OTHER]
    assert chosen(prose, 3) == [LONG, OTHER]


def test_a_comfortable_length_is_better_than_a_word_or_a_page() -> None:
    """Forty to four hundred characters."""
    page = quote(" ".join(f"word{number}" for number in range(90)), start=500)
    assert chosen([quote(SHORT), page, quote(LONG, start=2000)], 1) == [LONG]


def test_a_second_speaker_and_another_topic_are_preferred() -> None:
    """Two quotes of a post show two sides of it."""
    first = quote(LONG, topics=("Books",))
    same = quote(OTHER, start=200, topics=("Books",))
    fresh = quote(THIRD, start=400, topics=("Schools",), speaker="Bero Latt")
    assert chosen([first, same, fresh]) == [LONG, THIRD]


def test_a_quote_that_is_sure_comes_before_one_that_is_not() -> None:
    """Of two that are alike in everything else, here and for the week."""
    sure, unsure = quote(OTHER, start=300), quote(LONG, confidence=0.5)
    assert chosen([unsure, sure], 1) == [OTHER]
    both = pick("a", unsure, sure)
    assert quote_of_the_week([both]).id == both.quotes[1].id


def test_quotes_stand_in_the_order_of_the_post() -> None:
    """Whatever order they were chosen in."""
    assert chosen([quote(OTHER, start=300), quote(LONG, start=10)]) == [LONG, OTHER]


@pytest.mark.parametrize("again", [LONG, f"“{LONG.upper()}”", LONG[:60], f"As I said: {LONG}"])
def test_the_same_words_are_never_printed_twice_in_an_issue(again: str) -> None:
    """However they are set, and also as a part of other words."""
    printed = Printed()
    assert chosen([quote(LONG)], printed=printed) == [LONG]
    assert chosen([quote(again)], printed=printed) == []


def test_two_quotes_that_share_a_sentence_are_the_same_words() -> None:
    """One begins before it and the other ends after it: whoever reads both would read it twice."""
    printed = Printed()
    assert chosen([quote(f"{SHORT} {LONG}")], printed=printed) == [f"{SHORT} {LONG}"]
    assert chosen([quote(f"{LONG} Nobody!")], printed=printed) == []
    assert chosen([quote(OTHER)], printed=printed) == [OTHER]


def test_a_person_who_was_heard_enough_lets_others_speak_first() -> None:
    """Even where the post lists the one and the other only stands in its prose; nobody is silenced."""
    printed = Printed(quote(words) for words in (LONG, OTHER)[:MOST_OF_ONE])
    listed = quote(THIRD, start=300)
    other = quote("Ask the miller.", speaker="Bero Latt", origin=QuoteOrigin.PROSE, key=0.7)
    assert chosen([listed, other], 1, printed) == ["Ask the miller."]
    assert chosen([listed], 1, printed) == [THIRD]


def test_one_person_may_be_heard_twice_before_that() -> None:
    """A post with two good quotes of one speaker prints both; without a name nobody is counted."""
    assert chosen([quote(LONG), quote(OTHER, start=300)]) == [LONG, OTHER]
    printed = Printed(quote(words, speaker="") for words in (LONG, OTHER))
    assert chosen([quote(THIRD, speaker="", start=9), quote(SHORT, speaker="")], 1, printed) == [THIRD]


def test_every_quote_says_why_it_is_printed() -> None:
    """By where it was found."""
    prose = quote(OTHER, start=300, origin=QuoteOrigin.PROSE, key=0.8)
    edited = quote(THIRD, start=600, origin=QuoteOrigin.EDITOR)
    assert [each.why for each in choose("postkey", [quote(LONG), prose, edited], 3, Printed())] == [
        "The post lists it.",
        "It is one of the key quotations in its prose (0.80 of 1).",
        "An editor chose it.",
    ]


def test_a_word_within_another_word_is_not_the_same_words() -> None:
    """ "No" is not in "nobody"."""
    printed = Printed()
    chosen([quote(LONG)], printed=printed)
    assert chosen([quote("No")], printed=printed) == ["No"]


def test_a_quote_without_a_word_is_not_printed() -> None:
    """Nor is any where none is wanted."""
    assert chosen([quote("…")]) == []
    assert chosen([quote(LONG)], 0) == []


def test_a_quotes_anchor_is_permanent() -> None:
    """From the post's key and the words as they read, not from where they stand."""
    assert quote_id("abcdefghijk", quote("Two  words")) == quote_id(
        "abcdefghijk", quote("Two words", start=90)
    )
    assert quote_id("abcdefghijk", quote("Two words")) != quote_id("zbcdefghijk", quote("Two words"))
    assert quote_id("abcdefghijk", quote("Two words")).startswith("q-abcdefgh-")


def test_the_quote_of_the_week_has_a_named_speaker() -> None:
    """Words that nobody signs stand for no issue."""
    nameless = pick("a", quote(LONG, speaker=""))
    assert quote_of_the_week([nameless]) == QuoteOfTheWeek()
    named = pick("b", quote(SHORT))
    assert quote_of_the_week([nameless, named]).id == named.quotes[0].id


def test_the_quote_of_the_week_is_a_whole_thought_of_some_length() -> None:
    """Neither a word nor words with a gap."""
    cut = replace(quote(f"{OTHER[:40]} […] {OTHER[50:]}"), spans=((0, 40), (50, 99)))
    best = pick("b", quote(LONG))
    assert quote_of_the_week([pick("a", quote(SHORT), cut), best]).id == best.quotes[0].id


def test_the_quote_of_the_week_is_of_the_strongest_post() -> None:
    """Although a weaker one has a finer quote, and a stronger one has nobody's name; it says so."""
    weak = pick("a", quote(LONG), score=1.0)
    strong = pick(
        "b", replace(quote(OTHER), confidence=0.4, origin=QuoteOrigin.PROSE), score=2.0, title="Rivers"
    )
    strongest = pick("c", quote(THIRD, speaker=""), score=3.0)
    found = quote_of_the_week([weak, strong, strongest])
    assert found.id == strong.quotes[0].id
    assert found.why == "“Rivers” is the strongest post that quotes somebody by name: Mira Halden."


@given(st.lists(st.sampled_from([LONG, OTHER, THIRD, SHORT, LONG[:50]]), max_size=8), st.integers(0, 5))
def test_choosing_keeps_its_limit_and_repeats_nothing(texts: list[str], limit: int) -> None:
    """Whatever a post lists."""
    found = chosen([quote(text, start=200 * number) for number, text in enumerate(texts)], limit)
    assert len(found) <= limit
    assert len(set(found)) == len(found)


# ── titles ───────────────────────────────────────────────────────────────────────────────────────


def test_a_title_names_the_strongest_themes() -> None:
    """By what their picks score together, not by the order of the groups."""
    groups = [group("a", "Water", 1.0), group("b", "Press freedom", 1.0, 1.5), group("c", "Schools", 1.2)]
    assert headline.title(groups, "Weekly") == "Press freedom · Schools · Water"


def test_a_theme_that_does_not_fit_gives_way_to_one_that_does() -> None:
    """Fifty characters are what a phone shows."""
    groups = [
        group("a", "Elections and accountability", 3),
        group("b", "Migration and the long way", 2),
        group("c", "Water", 1),
    ]
    assert headline.title(groups, "Weekly") == "Elections and accountability · Water"


def test_without_themes_the_best_pick_gives_the_title() -> None:
    """Cut between words, with a sign that it is cut."""
    name = "What the printers of Orvane remember about the winter"
    assert headline.title([group("", "More", 1, 2, names=("Less", name))], "Weekly") == (
        "What the printers of Orvane remember about the…"
    )
    assert headline.title([], "The Harbour Weekly") == "The Harbour Weekly"


@given(st.text(max_size=200), st.integers(2, 60))
def test_a_shortened_text_never_ends_within_a_word(text: str, limit: int) -> None:
    """It is whole words of the text, with an ellipsis where some are missing."""
    words = " ".join(text.split()).split(" ")
    found = headline.shortened(" ".join(words), limit)
    if " " in found:
        assert len(found) <= limit
    assert len(found) <= 3 * limit + 1
