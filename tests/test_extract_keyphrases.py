"""Phrases that say what a post is about, where it does not say so itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.extract.keyphrases import MOST_PHRASES, key_phrases
from digest.extract.reading import read
from digest.extract.words import Words
from digest.model import ThemeOrigin
from digest.resources import Resources
from digest.text.html import document, sanitise
from digest.text.language import normalise
from effort import effort

WORDS = Words.merge(Resources().words())


def phrases(
    text: str, *, title: str = "", language: str = "en", names: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The key phrases of a text."""
    return key_phrases(text, title=title, words=WORDS, language=language, names=names)


# ── what a key phrase is ─────────────────────────────────────────────────────────────────────────


def test_a_phrase_that_comes_back_is_key() -> None:
    """In any inflection and casing; written as the text mostly writes it."""
    text = "The fishing licence went to nobody. A new fishing licence costs more. Fishing licences are old."
    assert phrases(text) == ("fishing licence",)


def test_what_stands_only_once_is_none() -> None:
    """Unless the title has it, too."""
    assert phrases("The harbour wall is old.") == ()
    assert phrases("The harbour wall is old.", title="Who pays for the harbour wall") == ("harbour wall",)


def test_small_words_join_a_phrase_and_never_end_one() -> None:
    """ "Freedom of the press" is one; "licence of" and "the harbour" are none."""
    text = "The freedom of the press is old. Nobody sells the freedom of the press, or of the road."
    assert phrases(text) == ("freedom of the press",)


@pytest.mark.parametrize(
    "text",
    [
        "It was 12 metres. It is 12 metres. It will be 12 metres.",
        "On Monday morning they came. On Monday morning they left.",
        "Last year it rained. Last year it snowed. Last year it was dry.",
        "Vitamin C helps. Vitamin C heals.",
        "She said so. She said so. She said so again.",
    ],
)
def test_dates_figures_and_single_letters_make_no_phrase(text: str) -> None:
    """Nor do verbs of speech and other small words."""
    assert phrases(text) == ()


def test_who_speaks_or_writes_is_no_theme() -> None:
    """By the whole name or a part of it; a phrase with something else in it stays."""
    text = "Mira Halden runs the Halden archive. Mira Halden says little. The Halden archive is shut."
    assert phrases(text, names=("Mira Halden",)) == ("Halden archive",)
    text = "Ida von der Ley schweigt. Nur Ida von der Ley weiß es."
    assert phrases(text, language="de", names=("Ida von der Ley",)) == ()


def test_no_phrase_repeats_another() -> None:
    """Of a phrase and a part of it the better one stays, and there are five at most."""
    text = (
        "The old harbour wall leaks. The old harbour wall moves. The harbour wall stands. The harbour wall."
    )
    assert len(phrases(text)) == 1
    many = " ".join(f"The {a}x {b}y is here, and the {a}x {b}y is there." for a in "bdfghk" for b in "mnpq")
    assert len(phrases(many)) == MOST_PHRASES


def test_a_hyphened_name_is_not_cut() -> None:
    """No phrase begins or ends within "Saint-Avre-les-Eaux"."""
    text = "La mairie de Saint-Avre-les-Eaux ferme. Sans la mairie de Saint-Avre-les-Eaux, rien."
    assert phrases(text, language="fr") == ("Saint-Avre-les-Eaux",)


def test_a_phrase_stands_within_one_sentence() -> None:
    """Nothing but a space, a hyphen or an apostrophe stands between its words."""
    text = "Nobody sold the harbour. Wall was his name. The harbour (wall) is old, the harbour, wall and all."
    assert phrases(text) == ()


def test_the_capital_of_a_sentence_is_not_the_phrases_own() -> None:
    """Nor are those of a dateline: it is written as it stands within sentences."""
    text = "Harbour walls leak. Harbour walls move. Nobody mends harbour walls."
    assert phrases(text) == ("harbour walls",)
    text = "HARBOUR WALLS, Monday. HARBOUR WALLS, Tuesday. We like our harbour walls."
    assert phrases(text) == ("harbour walls",)


def test_what_comes_early_and_often_comes_first() -> None:
    """By its C-value: a phrase that stands only within a longer one is worth nothing by itself."""
    text = "The tide gauge broke. A sea chart tore. The tide gauge and the sea chart went. A tide gauge came."
    assert phrases(text) == ("tide gauge", "sea chart")
    text = "The broken tide gauge fell. Her broken tide gauge lay there. A broken tide gauge came."
    assert phrases(text) == ("broken tide gauge",)


def test_in_german_a_phrase_ends_with_a_noun() -> None:
    """Where nouns have capitals, what ends without one is none."""
    text = (
        "Die freie Presse schreibt heute viel. Die freie Presse fragt heute viel. "
        "Am Hafen stehen alte Kräne, am Kai liegen Boote, im Speicher lagern Säcke und Fässer, und der Wirt, der "
        "Lotse und die Händlerin warten auf den Dampfer, den Zoll und die Ladung aus dem Norden."
    )
    assert phrases(text, language="de") == ("freie Presse",)


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    """What a post is about it says in its first twenty thousand characters."""
    late = "The tide gauge broke. A tide gauge came."
    assert phrases("Rain. " * 1_000 + late) == ("tide gauge",)
    assert phrases("Rain. " * 4_000 + late) == ()


def test_a_single_word_must_be_what_the_title_is_about() -> None:
    """And come back in the text; what somebody is, is no theme by itself."""
    text = "A sponge bends light. This sponge is blind. A lamp, a lamp, a lamp. The minister, the minister."
    assert phrases(text, title="The minister and the sponge") == ("sponge",)
    assert phrases(text) == ()


def test_in_a_language_without_a_file_only_the_title_tells() -> None:
    """Small words that nobody has listed come back all the time."""
    text = "Färjan har kört i hundra år. Färjan är gul. Den har kört varje dag."
    assert phrases(text, language="sv", title="Sista turen för färjan") == ("Färjan",)
    assert phrases(text, language="sv") == ()


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Die Fangquote sinkt. Wer die Fangquote kennt, lacht. Die freie Presse schreibt, die freie Presse fragt.", "freie Presse"),
        ("fr", "La liberté de la presse recule. Sans liberté de la presse, rien.", "liberté de la presse"),
        ("fr", "Le droit d’asile existe. Le droit d’asile coûte.", "droit d’asile"),
        ("es", "El cambio climático avanza. Nadie detiene el cambio climático.", "cambio climático"),
        ("pt", "A reforma agrária parou. A reforma agrária volta.", "reforma agrária"),
        ("it", "Il cambiamento climatico corre. Del cambiamento climatico si parla.", "cambiamento climatico"),
        ("nl", "De sociale huur stijgt. Wie sociale huur betaalt, weet het.", "sociale huur"),
        ("pl", "Wolność prasy ginie. Bez wolności prasy nie ma gazet.", "Wolność prasy"),
        ("tr", "Basın özgürlüğü azaldı. Kimse basın özgürlüğü istemiyor.", "basın özgürlüğü"),
        ("ru", "Свобода печати исчезла. Без свободы печати нет газет.", "Свобода печати"),
        ("fa", "آزادی بیان کم شد. هیچ کس آزادی بیان نخواست.", "آزادی بیان"),
        ("ar", "حرية الصحافة تتراجع. لا أحد يطلب حرية الصحافة.", "حرية الصحافة"),
    ],
)  # fmt: skip
def test_phrases_are_found_in_every_language_that_ships(language: str, text: str, expected: str) -> None:
    """The method knows no language; the small words come from its file."""
    assert {normalise(phrase).casefold() for phrase in phrases(text, language=language)} & {
        expected.casefold(),
        expected.replace("Wolność", "wolności").replace("Свобода", "свободы"),
    }


def test_a_script_without_spaces_gives_no_phrases() -> None:
    """What stands between two marks there is no word but half a sentence."""
    assert phrases("川は待たない。川は待たない、川は待たない。", language="ja", title="川は待たない") == ()


# ── among the themes of a post ───────────────────────────────────────────────────────────────────


def themes(html: str, *labels: str) -> list[tuple[str, ThemeOrigin]]:
    """Title and origin of each theme of a post."""
    safe = sanitise(html, "https://x.example/p")
    found = read(
        safe, url="https://x.example/p", title="", language="en", summary="", words=WORDS, labels=labels
    )
    return [(theme.title, theme.origin) for theme in found.themes]


TWICE = (
    "<p>The fishing licence went to nobody in the harbour, although eleven families had asked for it.</p>"
    "<p>A fishing licence costs more than the boat.</p>"
)


def test_labels_come_first_and_are_not_repeated() -> None:
    """In no other casing or number, and in no longer phrase."""
    derived = ThemeOrigin.DERIVED
    assert themes(TWICE, "Boats", "boats") == [("Boats", derived), ("fishing licence", derived)]
    assert themes(TWICE, "Fishing Licences") == [("Fishing Licences", derived)]
    assert themes(TWICE, "fishing") == [("fishing", derived)]


def test_where_a_post_lists_its_themes_nothing_is_derived() -> None:
    """What it says of itself comes first."""
    assert themes(TWICE + "<h2>Key themes</h2><ul><li>Boats</li></ul>") == [("Boats", ThemeOrigin.LISTED)]


def test_menus_and_comments_say_nothing_of_the_post() -> None:
    """Phrases come from its body, not from what is linked or written below it."""
    around = "<h3>Related posts</h3><ul><li>Stone bridges</li><li>More stone bridges</li></ul>"
    assert themes(TWICE + around) == [("fishing licence", ThemeOrigin.DERIVED)]


# ── promises ─────────────────────────────────────────────────────────────────────────────────────

_WORDS = st.sampled_from(["the", "of", "Harbour", "harbour", "wall", "walls", "12", "л", "воды", "l’eau", "\u00a0", "—", ".", "\n", "يا", "e\u0301"])  # fmt: skip


@given(st.lists(_WORDS, max_size=60), st.sampled_from(["", "en", "de", "fr", "ar"]))
def test_every_phrase_stands_in_the_text(parts: list[str], language: str) -> None:
    """Verbatim, after the one normalisation; and the same text always gives the same phrases."""
    html = sanitise(f"<p>{' '.join(parts)}</p>", "")
    text = document(html).text
    found = phrases(text, title="harbour walls", language=language)
    assert all(phrase in normalise(text) for phrase in found)
    assert found == phrases(text, title="harbour walls", language=language)


@pytest.mark.parametrize("unit", ["harbour wall ", "a of the ", "ab cd ef gh ", "'’-", "م ن و ", "1 2 "])
def test_hostile_text_is_read_in_time(unit: str) -> None:
    """100 KB of the same again."""
    text = unit * (100_000 // len(unit))
    with effort() as spent:
        phrases(text, title=text[:1_000])
    assert spent.seconds < 1.0
