"""``digest rules``: standing corrections made, listed and forgotten by command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from installation import Place, installed

FILM = "https://youtu.be/aBcDeFgHiJk"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        yield place


def listed(place: Place) -> list[tuple[object, object, object]]:
    """Each rule: its kind, what it is about, and what it says."""
    rows = place.done("rules", "list", "--json").rows
    return [(row["kind"], row["subject"], row["theme"] or row["spelling"]) for row in rows]


def test_rules_are_made_listed_and_forgotten(here: Place) -> None:
    """One of each kind; the list names them as forgetting wants them."""
    here.done("rules", "source-theme", "hollin", "water")
    here.done("rules", "never-video", FILM)
    here.done("rules", "spelling", " Ilse  Moro ", "Ilse Morow")
    made = listed(here)
    assert made == [
        ("never-video", "https://www.youtube.com/watch?v=aBcDeFgHiJk", ""),
        ("source-theme", "hollin", "water"),
        ("spelling", "Ilse Moro", "Ilse Morow"),
    ]
    assert "Ilse Morow" in here.done("rules", "list").out
    for kind, about, _ in made:
        assert "applies no longer" in here.done("rules", "forget", kind, about).out
    assert listed(here) == []


def test_a_rule_is_changed_by_saying_it_again(here: Place) -> None:
    """There is one of each kind for a subject; ``--remove`` forgets it as well."""
    here.done("rules", "spelling", "Ilse Moro", "Ilse Morow")
    here.done("rules", "spelling", "Ilse Moro", "Ilse Morow")
    assert listed(here) == [("spelling", "Ilse Moro", "Ilse Morow")]
    here.done("rules", "spelling", "Ilse Moro", "Ilse Morow", "--remove")
    assert listed(here) == []


def test_a_rule_of_the_file_is_changed_there(here: Place) -> None:
    """No command writes config.toml."""
    here.configure(publish='[[rules]]\nname = "Ilse Moro"\nspelling = "Ilse Morow"')
    assert listed(here) == [("spelling", "Ilse Moro", "Ilse Morow")]
    ran = here.digest("rules", "forget", "spelling", "Ilse Moro")
    assert (ran.code, "comes from config.toml; remove it there" in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("source-theme", "nobody", "water"), 1, "There is no source nobody."),
        (("source-theme", "hollin", "moon"), 1, "There is no theme moon"),
        (("never-video", "https://hollin.test/weir"), 1, "is no address of a video that digest knows"),
        (("spelling", " ", "Ilse"), 1, "The name needs between 1 and 300 characters"),
        (("forget", "spelling", "Nobody"), 1, "There is no spelling rule for Nobody."),
        (("forget", "gravity", "Nobody"), 2, "there are source-theme, never-video, spelling"),
    ],
)
def test_what_cannot_be_a_rule_is_one_sentence(
    here: Place, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    """And nothing is stored."""
    ran = here.digest("rules", *arguments)
    assert ran.code == code
    assert sentence in " ".join(ran.err.replace("│", " ").split())
    assert listed(here) == []
