"""Why a name stands on a quotation: where the text says who speaks, and whom a pronoun or a role means there.

The reason is a clause that ``digest explain`` prints, so each way of naming is tested by its sentence.
"""

from __future__ import annotations

import pytest

from attributed import attributions
from digest.extract.prose.speakers import NAMED, Attribution


def only(text: str, language: str = "en", authors: tuple[str, ...] = ()) -> Attribution:
    """Who says the only quotation of a text."""
    [told] = attributions(text, language, authors=authors)
    return told


# ── where the text says it ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "text", "why"),
    [
        ("en", "“We wait,” said Ana Roth, “for nobody.”", "named between its parts by ‘said’"),
        ("en", "“We wait for you,” Ana Roth said.", "named behind it by ‘said’"),
        ("en", "“We wait for you,” growled Ana Roth.", "named behind it"),
        ("en", "“Is it you?” Ana Roth asked.", "named behind it by ‘asked’"),
        ("en", "Ana Roth said: “We wait for you.”", "named before it by ‘said’"),
        ("en", "According to Ana Roth, “we wait for nobody here”.", "named before it by ‘According to’"),
        ("en", "“We wait for you.”</p><p>— Ana Roth, poet", "named in the line under it"),
        ("tr", "Ana Roth, “Biz burada bekleriz”, dedi.", "named around it by ‘dedi’"),
        ("de", "„Wir warten hier“, sagte am Montag Ana Roth.", "named behind it by ‘sagte’"),
        ("fr", "« Nous attendons », explique Ana Roth.", "named behind it by ‘explique’"),
        ("es", "“Aquí esperamos”, dijo Ana Roth.", "named behind it by ‘dijo’"),
    ],
)
def test_the_reason_says_where_somebody_is_named(language: str, text: str, why: str) -> None:
    """By which verb, and on which side of the quotation."""
    told = only(text, language)
    assert (told.name, told.why) == ("Ana Roth", why)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Dana Orlo met Ana Roth. “We wait for you,” Ana Roth said to Orlo.", "Ana Roth"),
        ("Ana Roth, who had met Dana Orlo, said: “We wait for you.”", "Ana Roth"),
        ("After Dana Orlo had left, “we wait for nobody here,” said Ana Roth.", "Ana Roth"),
        ("“We wait for you,” Ana Roth told Dana Orlo.", "Ana Roth"),
        ("Dana Orlo was silent. Ana Roth said: “We wait.” Orlo left.", "Ana Roth"),
    ],
)
def test_whoever_else_is_there_does_not_speak(text: str, who: str) -> None:
    """Not who is told something, nor who stands in a clause beside it."""
    assert only(text).name == who


@pytest.mark.parametrize(
    "text",
    [
        "Nobody has said “we wait for nobody here” yet.",
        "A banner that said “Closed for the whole season” hung there.",
        "People who say “we wait for nobody here” are wrong.",
        "It is all in her book “The tides of the whole north”.",
    ],
)
def test_signs_works_and_nobody_in_particular_say_nothing(text: str) -> None:
    """Such words are denied: no later rule makes a quotation of them."""
    told = only(text)
    assert (told.name, told.reported, told.denied) == ("", False, True)
    assert told.why == "these are nobody’s words"


# ── whom it means ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "means"),
    [
        (
            "Ana Roth came in. She sat down. “We wait for you,” she said.",
            "‘she’ is Ana Roth, the subject of the sentence before",
        ),
        ("Minister Ana Roth came. “We wait,” the minister said.", "‘the minister’ is Ana Roth"),
        ("The Harbour Union met. “We wait,” the union said.", "‘the union’ is Harbour Union"),
        (
            "“We wait for you,” she said. Ana Roth has run the ferry for years.",
            "‘she’ is Ana Roth, whom the next sentences introduce",
        ),
    ],
)
def test_the_reason_says_whom_a_short_word_means(text: str, means: str) -> None:
    """A pronoun, a role or an organisation, each with its grounds."""
    told = only(text)
    assert told.why.endswith(means)
    assert told.name in {"Ana Roth", "Harbour Union"}


def test_a_verb_alone_means_who_was_the_subject() -> None:
    """In languages that leave the pronoun out."""
    told = only("Ana Roth llegó. “No nos vamos de aquí”, dijo.", "es")
    assert told.name == "Ana Roth"
    assert told.why == "told behind it by ‘dijo’; ‘dijo’ is Ana Roth, the subject of the sentence before"


def test_words_behind_what_somebody_does_are_theirs() -> None:
    """Without a verb of speech: who acts in the sentence before, in the same paragraph, speaks."""
    told = only("Ana Roth shook her head. “We wait for nobody.”")
    assert told.name == "Ana Roth"
    assert told.why.startswith("no verb of speech; ")


def test_who_has_spoken_goes_on() -> None:
    """In the next paragraph too, as long as nobody else is named."""
    first, second = attributions("“We wait,” said Ana Roth.</p><p>“For nobody else.”")
    assert (first.name, second.name) == ("Ana Roth", "Ana Roth")
    assert second.why == "no verb of speech; goes on speaking"


def test_a_question_is_not_answered_by_who_asked_it() -> None:
    """The other one of two who talk does."""
    text = "Ana Roth met Tomas Reyl. “Do we wait?” asked Ana Roth. “We always do,” came the answer from Reyl."
    asked, answered = attributions(text)
    assert asked.name == "Ana Roth"
    assert answered.name != "Ana Roth"


def test_the_author_says_what_i_say() -> None:
    """If there is one; of several nobody knows which."""
    text = "“We wait for you,” I said."
    assert only(text, authors=("Mia Feld",)).name == "Mia Feld"
    assert only(text, authors=("Mia Feld", "Jan Roth")).name == ""


def test_who_is_named_in_a_quotation_does_not_say_it() -> None:
    """ "She" who says "Ana Roth is late" is somebody else."""
    told = only("Ana Roth was the last. “Ana Roth is always late,” she said.")
    assert told.name == ""


@pytest.mark.parametrize(
    "text",
    [
        "Ana Roth and Mia Feld met. Both smiled. “We wait for you,” she said.",
        "Ana Roth left. Somebody shouted: “We wait for you here.”",
    ],
)
def test_what_is_not_sure_stays_without_a_name(text: str) -> None:
    """Somebody speaks, and below the stated confidence nobody is printed."""
    told = only(text)
    assert told.reported
    assert told.name == ""
    assert told.confidence < NAMED


def test_somebody_named_long_before_is_no_longer_meant() -> None:
    """A scene of twenty-five sentences is remembered."""
    far = "Ana Roth came in. " + "It rained on the harbour. " * 40 + "“We wait for you,” she said."
    assert only(far).name == ""
