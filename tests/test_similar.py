"""Words by their stems, and how alike two texts are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.similar import (
    cosine,
    document_counts,
    extent,
    fold,
    near,
    stems,
    trail,
    vector,
    weigh,
    words,
)

HARBOUR = "The harbour inquiry heard the crane driver. The inquiry asked why the crane was never inspected."
COPY = "The harbour inquiry heard a crane driver. The inquiry asked why that crane had never been inspected."
BAKERY = "Flour, patience and a hot oven: how the bakers of Lower Brim make two hundred loaves before six."


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "school", "Schools"),
        ("en", "policy", "policies"),
        ("en", "church", "churches"),
        ("de", "Wahl", "Wahlen"),
        ("de", "Lehrer", "Lehrerinnen"),
        ("de", "Station", "Stationen"),
        ("de", "Haus", "Häuser"),
        ("fr", "élection", "elections"),
        ("es", "elección", "elecciones"),
        ("pt", "eleição", "eleições"),
        ("it", "scuola", "scuole"),
        ("ru", "выборы", "выборов"),
        ("fa", "مدرسه", "مدرسه‌های"),
        ("fa", "كتاب", "کتاب‌ها"),
        ("ar", "انتخابات", "الانتخابات"),
        ("", "reporter", "reporters"),
    ],
)
def test_inflected_words_share_a_stem(language: str, one: str, other: str) -> None:
    """An editor writes a term once and finds it in its other forms."""
    assert stems(one, language) == stems(other, language)


@pytest.mark.parametrize(
    ("one", "other"), [("police", "policy"), ("news", "new"), ("state", "status"), ("bus", "bush")]
)
def test_different_words_keep_different_stems(one: str, other: str) -> None:
    """Cutting less is better than finding what is not there."""
    assert stems(one, "en") != stems(other, "en")


def test_a_trail_finds_whole_words_and_phrases_only() -> None:
    """ "Press" is not in "pressure", and a word may follow itself."""
    assert trail("free press", "en") in trail("A free press, they say.", "en")
    assert trail("press", "en") not in trail("under pressure", "en")
    assert trail("school school", "en").count(trail("school", "en")) == 2


def test_scripts_without_spaces_are_found_by_their_characters() -> None:
    """A Japanese term stands in a sentence without spaces."""
    assert trail("学校", "ja") in trail("村の学校で先生が", "ja")
    assert extent("学校 and 先生") == (1, 4)
    assert cosine(vector("村の学校で先生が話した"), vector("学校の先生")) > 0.3


def test_indic_vowel_signs_do_not_cut_words() -> None:
    """Devanagari vowels are marks, not letters, to a regular expression."""
    assert words("चुनाव आयोग।") == ["चुनाव", "आयोग"]


def test_the_same_story_is_near_and_another_is_not() -> None:
    """Weighed by rarity, a retelling is close to what it retells."""
    vectors = [vector(text, "en") for text in (HARBOUR, COPY, BAKERY)]
    counts = document_counts(vectors)
    one, copy, other = (weigh(each, counts, len(vectors)) for each in vectors)
    assert near(one, copy)
    assert not near(one, other)


def test_short_words_and_numbers_say_nothing() -> None:
    """Two texts that share only these are not alike."""
    assert cosine(vector("It is in 2026 and the end"), vector("It is the sun of 2026 and all")) == 0.0


@given(
    st.text(max_size=200), st.text(max_size=200), st.sampled_from(["", "en", "de", "fr", "ru", "fa", "ar"])
)
def test_likeness_is_symmetric_and_between_nought_and_one(a: str, b: str, language: str) -> None:
    """Whatever the texts hold; a text is most like itself."""
    one, other = vector(a, language), vector(b, language)
    assert cosine(one, other) == cosine(other, one)
    assert 0.0 <= cosine(one, other) <= 1.0
    assert not one or cosine(one, one) == pytest.approx(1.0)


@given(st.text(max_size=100))
def test_folding_again_changes_nothing(text: str) -> None:
    """A folded word is found by its folded self."""
    assert fold(fold(text)) == fold(text)


def test_a_huge_text_is_read_in_good_time() -> None:
    """Only the beginning is looked at, and no pattern runs away."""
    hostile = "a" * 3_000_000 + "ا" * 1_000_000
    assert len(words(hostile)) == 1
