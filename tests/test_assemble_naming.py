"""What a group is called that formed by itself: what a reader would call it, and never what every post says."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from assembled_news import SUBJECTS
from assembling import material
from digest.assemble.naming import labels
from digest.assemble.window import Material

FERRY = "Since Monday the ferry calls at Skarne again. The Alder Line has hired two captains."
PIER = "Passengers from Skarne wait in the rain, for the Alder Line has closed the shelter on the pier."
TRUFFLES = "Nobody in Lower Brim has found truffles this autumn; the dogs come home with clean paws."
DOGS = "A kilo of truffles costs as much as a cow. In the market of Lower Brim nobody buys."


def called(*groups: Sequence[Material]) -> list[str]:
    """The label of each group."""
    return labels(groups, SUBJECTS)


def pair(key: str, titles: tuple[str, str], texts: tuple[str, str], **fields: Any) -> list[Material]:
    """Two posts of one group."""
    return [
        material(f"{key}{n}", title, text=text, **fields)
        for n, (title, text) in enumerate(zip(titles, texts, strict=True))
    ]


SHIPS = pair("s", ("Alder Line sails again", "The rain and the Alder Line"), (FERRY, PIER))
FUNGI = pair("t", ("No truffles in the woods", "What truffles cost"), (TRUFFLES, DOGS))


def test_several_words_of_titles_name_a_group_before_one_word_does() -> None:
    """As the titles write them."""
    assert called(SHIPS, FUNGI) == ["Alder Line", "truffles"]


def test_a_name_in_the_texts_names_a_group_whose_titles_have_nothing_in_common() -> None:
    """A word with a capital within a sentence."""
    untitled = pair("s", ("Again", "Rain"), (FERRY, PIER))
    assert called(untitled, FUNGI)[0] in {"Alder Line", "Skarne"}


def test_a_series_is_named_by_what_its_titles_begin_with() -> None:
    """Its numbers are no part of the name."""
    series = [
        material(f"d{n}", f"Field Diary #{n}: {what}", text=TRUFFLES)
        for n, what in enumerate(("mud", "hail", "bees"))
    ]
    assert called(series, SHIPS)[0] == "Field Diary"


def test_what_stands_in_every_item_of_a_source_names_nothing() -> None:
    """A call to subscribe, whatever the address and the number in it."""
    call = "\nGet Harbour Weekly Premium at https://shop.example/{0} and read {0} more posts."
    posts = [
        material(key, title, text=text + call.format(n))
        for n, (key, title, text) in enumerate(
            (("a", "Again", FERRY), ("b", "Rain", PIER), ("c", "Woods", TRUFFLES), ("d", "Paws", DOGS))
        )
    ]
    for label in called(posts[:2], posts[2:]):
        assert not set(label.split()) & {"Get", "Harbour", "Weekly", "Premium"}


def test_a_call_to_do_something_names_nothing() -> None:
    """It begins its sentence, or leads to an address."""
    call = "\nDownload software. Now also internet software at https://shop.example/{0}"
    posts = [
        material(f"{key}{n}", title, text=text + call.format(key * n))
        for key, group in (("s", SHIPS), ("t", FUNGI))
        for n, (title, text) in enumerate((each.post.title, each.post.text) for each in group)
    ]
    assert called(posts[:2], posts[2:]) == ["Alder Line", "truffles"]
    bare = [material(f"b{n}", name, text=f"Download {n}{n}.") for n, name in enumerate(("Apples", "Pears"))]
    assert called(bare, SHIPS)[0] == "Apples"


def test_a_label_that_other_groups_carry_as_often_names_none() -> None:
    """A phrase of their own does."""
    ships = pair(
        "s", ("Alder Line sails again", "The rain and the Alder Line"), (FERRY, PIER), labels=("News",)
    )
    fungi = pair("t", ("No truffles in the woods", "What truffles cost"), (TRUFFLES, DOGS), labels=("News",))
    assert called(ships, fungi) == ["Alder Line", "truffles"]


def test_a_label_made_for_machines_is_written_for_people() -> None:
    """Without its underscores."""
    tagged = pair("s", ("Again", "Rain"), (FERRY, PIER), labels=("ferry_traffic",))
    assert called(tagged, FUNGI)[0] == "ferry traffic"


def test_a_phrase_of_two_posts_does_not_name_many() -> None:
    """It would promise what the others do not keep."""
    many = [material(f"m{n}", f"Word{n}{n} only{n}{n}", text=f"Thing{n}{n} is {n}.") for n in range(14)]
    assert called([*many, *FUNGI], SHIPS)[0] != "truffles"


def test_posts_that_share_no_phrase_are_called_by_a_title() -> None:
    """Better one of them than nothing."""
    assert called(pair("x", ("Apples", "Pears"), ("", "")), SHIPS)[0] == "Apples"


def test_the_order_of_the_groups_changes_no_label() -> None:
    """Nor that of the posts in them."""
    groups = [SHIPS, FUNGI]
    expected = dict(zip(("s", "t"), called(*groups), strict=True))
    for seed in range(4):
        shuffled = [Random(seed).sample(group, 2) for group in Random(seed).sample(groups, 2)]
        assert {
            g[0].post.key[0]: name for g, name in zip(shuffled, called(*shuffled), strict=True)
        } == expected
