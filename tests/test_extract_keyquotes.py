"""Which quotations in prose are key: each part of the score, and that they add up to what an editor would choose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assembling import quote
from digest import codec
from digest.assemble.quotes import LEAST_KEY
from digest.errors import TemplateError
from digest.extract.keywords import KeyWords, spoken
from digest.extract.prose.keyquotes import key_scores, with_keys
from digest.extract.prose.speakers import NAMED
from digest.extract.words import Words
from digest.model import Quote, QuoteOrigin
from digest.resources import Resources
from effort import effort

WORDS = Words.merge(Resources().words())
GOOD = "We asked for water for eleven years, and what we were given was a commission that drank it."


def said(text: str, speaker: str = "Mira Halden", **fields: Any) -> Quote:
    """A quotation in prose."""
    return quote(text, speaker=speaker, origin=QuoteOrigin.PROSE, **fields)


def parts(
    text: str, *others: Quote, language: str = "en", title: str = "", **fields: Any
) -> dict[str, float]:
    """The parts of one quotation's score, beside others of its post."""
    quotes = [said(text, **fields), *others]
    score = key_scores(quotes, title=title, words=WORDS.key(language), language=language)[0]
    return {part.name: part.value for part in score.parts}


def best(*texts: str, language: str = "en") -> str:
    """The words with the highest score."""
    found = with_keys([said(text) for text in texts], title="", words=WORDS.key(language), language=language)
    return max(found, key=lambda each: each.key).text


# ── the parts ────────────────────────────────────────────────────────────────────────────────────


def test_a_comfortable_length_says_something_and_can_be_read() -> None:
    """Nothing below twenty characters, all from sixty on, less beyond 280."""
    assert parts("It leaks.")["length"] == 0
    assert parts(GOOD)["length"] == 1
    assert 0 < parts("word " * 90)["length"] < 1
    assert parts("word " * 200)["length"] == 0


def test_scripts_without_spaces_say_more_in_fewer_characters() -> None:
    """Thirty characters of Japanese are a sentence."""
    assert parts("水は条約を読まないし、川のほとりに住む人々も読むのをやめた。", language="ja")["length"] == 1


def test_a_fragment_does_not_stand_alone() -> None:
    """What begins within the reporter's sentence needs that sentence."""
    assert parts("a gift to nobody but the bank on the corner")["stands alone"] == 0
    assert parts(GOOD)["stands alone"] == 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "That is why we closed it, and nobody has asked for it since."),
        ("en", "And it's not over yet, whatever the ministry says."),
        ("de", "Deshalb haben wir das Wehr geschlossen, und niemand hat gefragt."),
        ("fr", "C’est pour cela que nous avons fermé la vanne."),
        ("fr", "Parce que personne n’a demandé, nous avons fermé."),
        ("es", "Por eso cerramos la compuerta y nadie preguntó."),
        ("fa", "زیرا هیچ کس از ما نپرسید که آب کجا رفت."),
        ("ru", "Поэтому мы закрыли плотину, и никто не спросил."),
    ],
)
def test_what_points_out_of_the_quotation_stands_less_well_alone(language: str, text: str) -> None:
    """A reader of the digest does not know what "that" was."""
    assert 0 < parts(text, language=language)["stands alone"] < 1


def test_who_speaks_for_themselves_is_worth_more() -> None:
    """The first person more than the second, and either more than none; contractions count."""
    assert parts("I'm the last one who knows where the valve is.")["in person"] == 1
    assert 0 < parts("You can hear the river from here.")["in person"] < 1
    assert parts("The river can be heard from here.")["in person"] == 0
    assert parts("J’ai vu l’eau monter.", language="fr")["in person"] == 1


def test_a_speaker_weighs_by_the_title_and_by_what_they_say() -> None:
    """Nobody weighs nothing; whom the title names, everything; the others by their share of what is quoted."""
    other = said(GOOD * 3, speaker="Jo Brask")
    assert parts(GOOD, speaker="")["speaker"] == 0
    assert parts(GOOD, other, title="Halden: the valve was shut")["speaker"] == 1
    little, much = parts(GOOD, other)["speaker"], parts(GOOD * 3, said(GOOD, speaker="Jo Brask"))["speaker"]
    assert 0 < little < much < 1


def test_what_others_say_too_is_less_distinct() -> None:
    """By the share of telling words that no other quotation has."""
    assert parts(GOOD)["distinct"] == 1
    assert parts(GOOD, said(GOOD + " It drank it all."))["distinct"] == 0


def test_a_mere_figure_is_no_key_quote() -> None:
    """A number in a sentence is no figure yet."""
    assert parts("Forty-one percent, 312 of 760, up from 288 in 2024.")["no mere figure"] < 0.3
    assert (
        parts("We lost 40 people to a decision that took one man a single afternoon.")["no mere figure"] > 0.7
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Thank you all for coming tonight."),
        ("en", "We will look into it."),
        ("de", "Wir werden das prüfen."),
        ("fr", "Nous prenons cette affaire très au sérieux."),
        ("es", "Muchas gracias a todos por venir."),
        ("pt", "Obrigada a todos pela presença."),
        ("it", "Vi ringrazio di cuore per essere venuti."),
        ("nl", "Dank u wel voor uw komst."),
        ("pl", "Dziękuję wszystkim za przybycie."),
        ("tr", "Hepinize teşekkür ederim."),
        ("ru", "Спасибо всем, кто пришёл."),
        ("ar", "شكرا لكم جميعا على الحضور."),
        ("fa", "از همه شما سپاسگزارم که آمدید."),
    ],
)
def test_a_courtesy_is_no_key_quote(language: str, text: str) -> None:
    """In every language that ships; a sentence beside it counts for itself."""
    assert parts(text, language=language)["no courtesy"] == 0
    assert parts("Thank you. The river does not wait for us.")["no courtesy"] > 0.5


def test_certainty_is_that_of_the_quote() -> None:
    """A name that may be wrong weighs less."""
    assert parts(GOOD, confidence=0.4)["certain"] == 0.4


# ── together ─────────────────────────────────────────────────────────────────────────────────────


def test_the_best_is_what_an_editor_would_underline() -> None:
    """A whole thought in the first person before a figure, a courtesy, a fragment and a half-sentence."""
    assert best("Thank you all for coming here tonight, it means a lot to the team.", GOOD) == GOOD
    assert best("a commission that drank the water which was meant for the town", GOOD) == GOOD
    assert best("It was 41 percent, 312 of 760 households, in 2024, and 288 in 2023.", GOOD) == GOOD
    assert best("And then they did that to him too, which was the end of it for them.", GOOD) == GOOD


def test_the_parts_explain_the_total() -> None:
    """It is their weighted mean, and is kept with the quote."""
    (score,) = key_scores([said(GOOD)], title="", words=WORDS.key("en"), language="en")
    weights = sum(part.weight for part in score.parts)
    assert score.total == pytest.approx(
        sum(part.value * part.weight for part in score.parts) / weights, abs=1e-3
    )
    (kept,) = with_keys([said(GOOD)], title="", words=WORDS.key("en"), language="en")
    assert kept.key == score.total


def test_the_documentation_names_the_parts_and_their_weights() -> None:
    """docs/verbatim.md, with the thresholds below which nothing is printed and nobody is named."""
    page = (Path(__file__).parents[1] / "docs" / "verbatim.md").read_text(encoding="utf-8")
    (score,) = key_scores([said(GOOD)], title="", words=WORDS.key("en"))
    for part in score.parts:
        assert f"| {part.name} | {part.weight:g} |" in page
    assert f"none from prose below {LEAST_KEY:g}." in " ".join(page.split())
    assert f"printed from a confidence of {NAMED:g} on" in " ".join(page.split())


def test_a_quote_that_was_stored_before_there_were_keys_can_be_read() -> None:
    """Only listed quotes were printed then, so it has the key of one."""
    data = codec.to_data(Quote, quote(GOOD))
    assert data.pop("key") == 1
    assert codec.from_data(Quote, data) == quote(GOOD)


@given(st.lists(st.text(max_size=80), max_size=8), st.sampled_from(["", "en", "de", "fa", "xx"]))
def test_every_part_is_between_nothing_and_one(texts: list[str], language: str) -> None:
    """Whatever is quoted, in whatever language."""
    quotes = [said(text, speaker=text[:5]) for text in texts]
    for score in key_scores(quotes, title="T", words=WORDS.key(language), language=language):
        assert 0 <= score.total <= 1
        assert all(0 <= part.value <= 1 for part in score.parts)


@pytest.mark.parametrize("text", ["thank " * 500, "1 " * 1_000, "." * 2_000, "and it’s " * 200])
def test_many_quotations_are_scored_in_time(text: str) -> None:
    """Two hundred of them, which is the most that are read in a post."""
    with effort() as spent:
        assert len(with_keys([said(text)] * 200, title=text, words=WORDS.key("en"), language="en")) == 200
    assert spent.seconds < 2.0


# ── the words ────────────────────────────────────────────────────────────────────────────────────


def test_every_language_has_its_key_words() -> None:
    """None of the lists is empty in a file that ships."""
    for language in WORDS.languages:
        key = WORDS.key(language)
        assert all((key.first, key.second, key.dangling.all, key.courtesies.all, key.stop, key.dates)), (
            language
        )


def test_a_mistake_in_the_key_words_is_named() -> None:
    """With the file, the table and the list."""
    for tables, expected in (
        ({"key": {"third": []}}, r"words/en\.toml: \[key\] third is unknown"),
        ({"key": {"stop": "the"}}, r"words/en\.toml: \[key\] stop must be a list of texts"),
        ({"key": "stop"}, r"words/en\.toml: \[key\] is no table"),
    ):
        with pytest.raises(TemplateError, match=expected):
            Words.merge({"en": tables})


def test_an_unknown_language_has_no_small_words_of_its_own() -> None:
    """They mean something else in the next language; what is no key phrase in any is none."""
    unknown = WORDS.key("xx")
    assert not unknown.first
    assert {"the", "und", "это"} <= unknown.stop
    assert WORDS.key("xx") == KeyWords.merge(WORDS.key(language) for language in WORDS.languages)


def test_an_apostrophe_parts_two_words() -> None:
    """Straight or curly, and a joint of Persian does not."""
    assert spoken("It's J’ai") == ("it", "s", "j", "ai")
    assert spoken("می\u200cشود") == ("می\u200cشود",)
