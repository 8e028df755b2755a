"""text/language.py: what is kept of characters, and how languages and sentences are told apart."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.language import _by_words as language_by_words
from digest.text.language import clean, detect, direction, is_clean, normalise, primary, sentences, shorten
from effort import effort

GERMAN = (
    "Die Ministerin sprach am Abend über die Schulen im Tal, und viele Eltern hörten ihr zu. Niemand verließ den "
    "Saal, obwohl es draußen schneite und der letzte Bus um neun Uhr fuhr. Danach wurde lange gestritten."
)
ENGLISH = (
    "The minister spoke about the schools of the valley that evening, and many parents listened. Nobody left the "
    "hall, although it was snowing outside and the last bus left at nine. Then they argued for a long time."
)


@pytest.mark.parametrize(
    ("source", "cleaned"),
    [
        ("a\x00b\x0bc\x1fd", "abcd"),
        ("e\u0301", "é"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("zero\u200bwidth\ufeff and soft\u00adhyphen", "zerowidth and softhyphen"),
        ("\ud800lone surrogate", "lone surrogate"),
        ("noncharacter\ufdd0\uffff", "noncharacter"),
        ("hidden\U000e0041\U000e0042 tags", "hidden tags"),
        ("latin\u200cletters\u200d", "latinletters"),
    ],
)
def test_what_cannot_be_seen_or_stored_is_removed(source: str, cleaned: str) -> None:
    """Only characters of XML 1.0 in NFC are left, and none that is invisible or turns the direction of text."""
    assert clean(source) == cleaned


@pytest.mark.parametrize(
    "text",
    ["می\u200cخواهم", "क्\u200dष", "👩\u200d🚀", "🏴\U000e0067\U000e0062\U000e007f", "a\u00a0b\tc", "❤\ufe0f"],
)
def test_what_a_script_needs_stays(text: str) -> None:
    """Joiners in Persian, Hindi and emoji, the tags of a flag, and whitespace of any kind are no junk."""
    assert clean(text) == unicodedata.normalize("NFC", text)


@given(st.text())
def test_cleaning_and_normalising_twice_is_doing_it_once(text: str) -> None:
    """Both can be applied to what they returned: stored text and quotes compare equal for ever."""
    assert clean(clean(text)) == clean(text)
    assert normalise(normalise(text)) == normalise(text)
    assert unicodedata.is_normalized("NFC", clean(text))


@given(st.text(st.sampled_from("a é\u00a0\u2003\u3000\n\t\r\x0b\x1c\x1e\x85\u2028")))
def test_every_run_of_whitespace_becomes_one_space(text: str) -> None:
    """Of whatever width, and however fast it is seen that there is nothing to do."""
    assert normalise(text) == " ".join(clean(text).split())


@given(
    st.text(max_size=40),
    st.sampled_from(["", "Word of the valley ", "“é” — ₀ ä→✓\u00a0\n\t ", "слово ", "\u0301"]),
)
def test_what_is_told_to_be_clean_at_a_glance_is_clean(text: str, usual: str) -> None:
    """However long, and whatever stands beside it; only then is nothing looked for."""
    for whole in (text, usual * 40 + text, text + usual * 40):
        if is_clean(whole):
            assert unicodedata.is_normalized("NFC", whole)
            assert clean(f"\u0000{whole}") == whole


@pytest.mark.parametrize("usual", ["Word of the valley. ", "“é” — ä→✓\u00a0\n\t"])
def test_most_texts_are_clean_at_a_glance(usual: str) -> None:
    """A control, and half a surrogate pair, a combining mark or a control character at their end is seen."""
    assert is_clean(usual * 40)
    assert not any(
        is_clean(usual * 40 + junk)
        for junk in ("\ud800", "e\u0301", "\u200b", "\x7f", "\x1e", "\ufffc", "\u212b")
    )


def test_normalising_changes_nothing_but_whitespace() -> None:
    """Case, quotation marks, dashes and ellipses are words of the author."""
    assert normalise(" “Well”,\u00a0she \n\n\tsaid —  'No…' ") == "“Well”, she said — 'No…'"


@pytest.mark.parametrize(
    ("tag", "language"), [("de-AT", "de"), ("EN_us", "en"), ("gsw", "gsw"), ("", ""), ("x-y", "")]
)
def test_the_primary_tag_of_a_language(tag: str, language: str) -> None:
    """Regions and scripts are dropped; what is no tag is no language."""
    assert primary(tag) == language


def test_a_paragraph_tells_its_language() -> None:
    """With and without a hint; a wrong hint of the feed does not outweigh a paragraph."""
    assert detect(GERMAN) == detect(GERMAN, "en-US") == "de"
    assert detect(ENGLISH) == detect(ENGLISH, "de") == "en"


def test_a_hint_wins_on_short_text() -> None:
    """A heading is too short to contradict the feed."""
    assert detect("Chile: la marcha de hoy", "es") == "es"
    assert detect("OK", "pt-BR") == "pt"


@pytest.mark.parametrize("text", ["Hello world\nhi", "Interview: 5 < 6\nLine one\nSee & more\n\n00:00 Start"])
def test_a_few_words_that_could_be_of_several_languages_tell_none(text: str) -> None:
    """Of 140 languages one is always the likeliest: these would be Fula and Pidgin. What a feed says of itself decides."""
    assert detect(text) == ""
    assert detect(text, "en") == "en"


def test_a_few_words_confirm_the_language_of_the_texts_around() -> None:
    """What is usual helps a short text, and decides nothing: neither another language nor a text without such words."""
    assert detect("Notes from the valley, and the dam", usual="en") == "en"
    assert detect(GERMAN, usual="en") == "de"
    assert detect("Broen for dalen er åben for alle, men ikke for færgen", usual="en") == "da"
    assert detect("12345 67890", usual="en") == ""


def test_half_a_thousand_characters_are_enough() -> None:
    """The identifier is not given more; a text of many letters that are none of a language's takes no longer."""
    with effort() as spent:
        assert detect("Vi går över bron till dalen, sade hon. " * 2_000) == "sv"
        detect("- " * 500_000)
    assert spent.seconds < 1


def test_nothing_is_guessed_from_nothing() -> None:
    """A few letters, digits or an address name no language."""
    assert detect("12345 67890") == detect("") == detect("https://example.org/die-schule-im-tal") == ""


def test_sentences_have_exact_offsets() -> None:
    """Spans hold the words without the whitespace around them; abbreviations and line breaks are respected."""
    text = "  Dr. Halden spoke.  Nobody left!\nAnother line"
    assert [text[start:end] for start, end in sentences(text, "en")] == [
        "Dr. Halden spoke.",
        "Nobody left!",
        "Another line",
    ]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Prof. Dr. h. c. Jo Brask sprach z. B. vor ca. 200 Gästen, u. a. am 3. Oktober."),
        ("fr", "M. Dupont et J.-P. Marouis ont vu le Dr. Brask, p. ex. lundi."),
        ("it", "Il sig. Brask rimanda a pag. 12 del verbale."),
        ("nl", "Dhr. Brask sprak o.a. maandag over ca. 3 euro."),
        ("pl", "Zob. s. 12, gdzie prof. Brask pisze o ok. 3 tys. zł."),
        ("tr", "Dr. Halden vb. konuları anlattı."),
        ("ru", "И. И. Иванов заплатил ок. 40 тыс. руб. за год."),
        ("ar", "د. هالدن قالت لا."),
    ],
)
def test_an_abbreviation_ends_no_sentence(language: str, sentence: str) -> None:
    """Neither an initial, nor what goes on with a small letter, nor a short word before a number."""
    text = f"{sentence} Brask!"
    assert [text[start:end] for start, end in sentences(text, language)] == [sentence, "Brask!"]


@given(st.text(max_size=400))
def test_sentences_hold_every_word_once(text: str) -> None:
    """In order, without overlap, and no character but whitespace is left out."""
    spans = sentences(text, "en")
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())


def test_a_hundred_thousand_quotation_marks_take_no_time() -> None:
    """sentencex takes seconds for them in one piece; paragraphs are given to it in pieces."""
    with effort() as spent:
        assert sentences("“" * 100_000, "en")
    assert spent.seconds < 2


@pytest.mark.parametrize(
    ("limit", "shortened"),
    [
        (100, "One two three. Four five six seven."),
        (35, "One two three. Four five six seven."),
        (30, "One two three."),
        (14, "One two three."),
        (13, "One two…"),
        (4, "One…"),
        (2, "O…"),
        (1, "…"),
        (0, ""),
    ],
)
def test_shortening_keeps_whole_sentences_or_whole_words(limit: int, shortened: str) -> None:
    """Whole sentences if one fits, else words and an ellipsis, never more than the limit."""
    assert shorten("One two  three. Four five\nsix seven.", limit) == shortened


@given(st.text(), st.integers(0, 60))
def test_shortened_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    """Whatever the text is."""
    assert len(shorten(text, limit)) <= limit


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fa", "rtl"),
        ("ar-EG", "rtl"),
        ("he", "rtl"),
        ("az-Arab", "rtl"),
        ("ur-Latn", "ltr"),
        ("de", "ltr"),
        ("", "ltr"),
    ],
)
def test_direction_follows_script_before_language(language: str, expected: str) -> None:
    """A script subtag decides where there is one."""
    assert direction(language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "The ferry and the bridge have been open for a week, and that is what the people of the valley wanted.",
            "en",
        ),
        (
            "Die Fähre und die Brücke sind nicht offen, und das ist es, was mit dem Tal und auf dem Fluss wird.",
            "de",
        ),
        (
            "Los vecinos del valle y las escuelas de la ciudad fueron por el puente, pero el río y los campos siguen.",
            "es",
        ),
        (
            "Les gens de la vallée et les écoles sont dans une rue, mais pour les ponts des villes et du fleuve, pas cette fois.",
            "fr",
        ),
        (
            "Os vizinhos do vale não foram pela ponte, mas uma das escolas e os campos da cidade ao rio são dos mais belos.",
            "pt",
        ),
        (
            "Il ponte della valle e gli abitanti del paese che sono nel comune, di notte, anche con il fiume, più alla fine è.",
            "it",
        ),
        (
            "Het dorp en het dal zijn niet ver, maar een brug voor de mensen wordt ook bij deze rivier naar het veld aan.",
            "nl",
        ),
    ],
)
def test_frequent_words_tell_a_language_without_a_model(text: str, language: str) -> None:
    """Where they leave no doubt; what they say is what the identifier says."""
    assert language_by_words(text) == language == detect(text)


def test_frequent_words_of_two_languages_tell_nothing() -> None:
    """Neither do few of them, nor those of a language that is not among them."""
    assert language_by_words(f"{ENGLISH} {GERMAN}") == ""
    assert language_by_words("The dam of the valley") == ""
    assert (
        language_by_words(
            "Broen og færgen er åben, men ikke for alle, og det er dalen der betaler for det hele."
        )
        == ""
    )
