"""Posts under their themes by what they read like, where no term of a theme stands in them."""

from __future__ import annotations

from random import Random

import pytest

from assembled_news import BENCH, SUBJECTS, THEMES
from assembling import WATER, listed, material
from digest.assemble.placing import place
from digest.assemble.subjects import NO_SUBJECTS, borrowed, hinted, read
from digest.assemble.themes import Assignment
from digest.assemble.window import Material
from digest.model import Rule, RuleKind, Theme
from digest.text.similar import stem
from effort import effort

SPORT = Theme("sport", "Sport", ("match", "goal", "coach", "league"))
MONEY = Theme("money", "Money", ("profit", "bank", "inflation", "investors"))
TRIES = "The winger crossed twice before half-time and the stadium sang; the captain left with a hamstring injury."
RATES = "The lender raised its mortgage rate, and retailers fear that consumer spending falls in the next quarter."
STEW = "Brown the onions with garlic, add the beans, and let the stew simmer; serve it with bread and a little vinegar."


def placed(*posts: Material, themes: tuple[Theme, ...] = (SPORT, MONEY)) -> dict[str, Assignment]:
    """The assignments with the subjects that ship."""
    return place(posts, themes, (), SUBJECTS)


def test_a_post_without_a_term_comes_under_the_theme_it_reads_like() -> None:
    """And the reason names its own words."""
    found = placed(material("a", "A cold night", text=TRIES), material("b", "A hard winter", text=RATES))
    assert {key: each.theme for key, each in found.items()} == {"a": "sport", "b": "money"}
    assert found["a"].why.startswith("It reads like the posts under Sport: “")
    assert 0 < found["a"].score <= 3


def test_what_belongs_to_no_theme_has_none() -> None:
    """A recipe is neither sport nor money, and water is not food."""
    assert placed(material("a", "Beans", text=STEW))["a"].theme == ""
    assert placed(material("a", "Beans", text=STEW), themes=(WATER,))["a"].theme == ""


def test_a_language_that_the_theme_does_not_speak_is_left_unplaced() -> None:
    """Rather than misplaced."""
    polish = "Napastnik trafił dwa razy przed przerwą, a kapitan zszedł z boiska z kontuzją uda."
    assert placed(material("a", "Zimna noc", text=polish, language="pl"))["a"].theme == ""


def test_a_theme_reads_in_every_language_it_has_terms_for() -> None:
    """The same themes, a German post."""
    football = Theme("sport", "Sport", ("match",), terms_by_language=(("de", ("Liga", "Trainer", "Tor")),))
    text = "Der Stürmer traf kurz vor der Halbzeit, der Torhüter verletzte sich, und die Tribüne sang bis zum Abpfiff."
    assert placed(material("a", "Kalter Abend", text=text, language="de"), themes=(football, MONEY))[
        "a"
    ].theme == ("sport")


def test_what_a_post_says_of_itself_comes_before_what_it_reads_like() -> None:
    """A label or a listed key theme, and before both an editor's rule."""
    filed = material("a", "A cold night", text=TRIES, labels=("Inflation",))
    assert placed(filed)["a"].theme == "money"
    told = material("a", "A cold night", text=TRIES, reading=listed("The bank and its stadium"))
    assert placed(told)["a"].theme == "money"
    rule = Rule(RuleKind.SOURCE_THEME, "harbour", "sport")
    assert place([filed], (SPORT, MONEY), [rule], SUBJECTS)["a"].theme == "sport"


def test_a_not_term_keeps_a_post_from_a_theme() -> None:
    """Also from one that it reads like."""
    cautious = Theme("sport", "Sport", SPORT.terms, not_terms=("stadium",))
    assert placed(material("a", "The stadium", text=TRIES), themes=(cautious,))["a"].theme == ""


def test_a_batch_teaches_words_that_no_list_has() -> None:
    """Posts that a term places show what else their theme is about."""
    theme = Theme("bees", "Bees", ("beekeeper",))
    lore = "The hive hummed, the queen laid, and the drones gathered at the frame while brood ripened in wax."
    others = [
        material(f"o{number}", "A walk", text="Gravel, a gate, and a long grey wall. " * 2)
        for number in range(6)
    ]
    known = [material(f"k{number}", "The beekeeper", text=lore) for number in range(6)]
    found = place([*known, *others, material("new", "June", text=lore)], (theme,), (), NO_SUBJECTS)
    assert found["new"].theme == "bees"
    assert found["o1"].theme == ""


def test_the_order_of_the_posts_changes_nothing() -> None:
    """They come from a database in any order."""
    posts = [item.material for item in BENCH.labelled("topics-en.jsonl")[::3]]
    shuffled = posts[:]
    Random(5).shuffle(shuffled)
    assert place(shuffled, THEMES, (), SUBJECTS) == place(posts, THEMES, (), SUBJECTS)


def test_without_themes_every_post_has_an_answer() -> None:
    """None, and why."""
    assert place([material("a")], (), (), SUBJECTS)["a"].why


def test_hostile_posts_take_no_longer() -> None:
    """A hundred kilobytes of one word, of capitals, of marks."""
    posts = [
        material(f"p{number}", text * 3, text=text * (100_000 // len(text)))
        for number, text in enumerate(("goal", "A ", "“", "ß-", "\u0301", "木"))
    ]
    with effort() as spent:
        place(posts, (SPORT, MONEY), (), SUBJECTS)
    assert spent.seconds < 1


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("topics-en", 0.82),
        ("topics-de", 0.84),
        ("topics-fr", 0.92),
        ("topics-es", 0.92),
        ("topics-it", 0.9),
        ("topics-nl", 0.88),
        ("topics-pt", 0.9),
    ],
)
def test_labelled_news_comes_under_its_five_themes(name: str, least: float) -> None:
    """B-cubed F1, as the bench measures it (docs/performance.md)."""
    items = BENCH.labelled(f"{name}.jsonl")
    found = place([item.material for item in items], THEMES, (), SUBJECTS)
    groups = [found[item.material.post.key].theme or item.material.post.key for item in items]
    assert BENCH.b_cubed(groups, [item.topic for item in items])[2] >= least


# ── the subjects ─────────────────────────────────────────────────────────────────────────────────


def test_a_theme_borrows_the_subjects_its_terms_come_from() -> None:
    """One word in common is not enough."""
    subjects = read({"en": {"sport": "match goal coach league penalty", "food": "dough oven"}})["en"]
    assert [each.name for each in borrowed(("goal", "coach", "the oven"), "en", subjects)] == ["sport"]
    assert borrowed(("archive", "letters", "coach"), "en", subjects)[:1] != []
    assert borrowed(("archive", "letters", "diaries", "coach"), "en", subjects) == []


def test_a_word_of_two_subjects_is_half_as_telling() -> None:
    """And one of none tells nothing."""
    fields = read({"en": {"culture": "stage novel", "sport": "stage peloton"}})["en"]
    found = hinted({"stage", "novel", "gravel"}, "en", fields)
    assert found == {"stage": [(0, 0.5), (1, 0.5)], "novel": [(0, 1.0)]}


def test_a_german_compound_counts_as_its_last_word() -> None:
    """In a language that joins words, and in no other; one that a subject has itself counts as that."""
    german = read({"de": {"sport": "treffen", "politics": "gipfeltreffen"}})["de"]
    youth, summit = stem("jugendtreffen", "de"), stem("gipfeltreffen", "de")
    assert hinted({youth, summit}, "de", german) == {youth: [(1, 1.0)], summit: [(0, 1.0)]}
    assert hinted({"jugendtrainer"}, "en", read({"en": {"sport": "trainer"}})["en"]) == {}


def test_a_file_of_subjects_may_hold_what_is_no_text() -> None:
    """It is passed over; the file is a user's."""
    assert [each.name for each in read({"en": {"sport": "match", "year": 2026}})["en"]] == ["sport"]


@pytest.mark.parametrize(
    ("name", "least"), [("topics-en", 0.84), ("topics-fr", 0.68), ("topics-plain-en", 0.88)]
)
def test_news_of_other_topics_comes_under_its_themes(name: str, least: float) -> None:
    """By another hand, of hospitals, rivers, schools, courts and journeys, in two or three sentences."""
    items = BENCH.labelled(f"{name}.jsonl", BENCH.LATER)
    found = place([item.material for item in items], BENCH.themes(BENCH.LATER), (), SUBJECTS)
    groups = [found[item.material.post.key].theme or item.material.post.key for item in items]
    assert BENCH.b_cubed(groups, [item.topic for item in items])[2] >= least
