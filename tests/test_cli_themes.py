"""``digest themes``: what the entries of a feed are about, from outside, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from golden import matches
from installation import Ran, command

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Brim Courier</title>
<link>https://brim.example/</link><language>en</language>{items}</channel></rss>"""
ITEM = """<item><guid isPermaLink="false">{id}</guid><title>{id} of the week</title>
<pubDate>{day:02} Nov 2026 08:00:00 GMT</pubDate><description>{text}</description></item>"""
TEXTS = {
    "match": "The striker scored a penalty before half-time, and the goalkeeper of the visitors left injured.",
    "terrace": "A late penalty decided the cup final; the goalkeeper had saved two, and the stadium fell silent.",
    "drought": "The reservoir above Tessaly stands at a fifth, and the farmers share one pump.",
    "bank": "The bank cut its dividend and its shares fell; investors fear that mortgage lending will shrink.",
    "loans": "Small firms borrow less for a third quarter; investors expect a recession, and bonds are cheap.",
    "stew": "Brown the onions, add garlic and beans, and let the stew simmer until the bread is baked.",
}
THEMES = """
[[themes]]
slug = "water"
title = "Water"
terms = ["reservoir", "drought", "river"]

[[themes]]
slug = "sport"
title = "Sport"
terms = ["match", "goal", "coach", "league"]
"""


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return written(tmp_path, TEXTS)


def written(folder: Path, texts: Mapping[str, str]) -> Path:
    """A feed with an item for each text."""
    items = [ITEM.format(id=name, text=text, day=day) for day, (name, text) in enumerate(texts.items(), 1)]
    path = folder / "feed.xml"
    path.write_text(FEED.format(items="".join(items)), encoding="utf-8")
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(THEMES, encoding="utf-8")
    return path


def lines(ran: Ran) -> dict[str, Any]:
    """Each line of JSON by its id."""
    assert (ran.code, ran.err) == (0, "")
    return {str(each["id"]): each for each in ran.rows}


def test_the_format_is_stable(feed: Path, config: Path) -> None:
    """Line by line, with themes and without."""
    themed = command("themes", feed, "--config", config, "--json").out
    alone = command("themes", feed, "--json").out
    assert matches("themes.jsonl", (themed + alone).encode())


def test_entries_come_under_the_themes_of_a_configuration(feed: Path, config: Path) -> None:
    """By a term or by what they read like; the file needs nothing but its themes."""
    found = lines(command("themes", feed, "--config", config, "--json"))
    assert {name: each["theme"] for name, each in found.items()} == {
        "match": "sport",
        "terrace": "sport",
        "drought": "water",
        "bank": None,
        "loans": None,
        "stew": None,
    }
    assert found["match"]["group"] == found["terrace"]["group"] == "sport"
    assert found["bank"]["group"] == found["loans"]["group"] != found["stew"]["group"]


def test_without_a_configuration_all_is_grouped_by_itself(feed: Path) -> None:
    """No theme, and the groups are named by their own words."""
    found = lines(command("themes", feed, "--json"))
    assert {each["theme"] for each in found.values()} == {None}
    assert found["match"]["group"] == found["terrace"]["group"]
    assert found["bank"]["label"] in TEXTS["bank"]
    assert found["stew"]["label"] == ""


def test_a_person_reads_the_groups_and_why(feed: Path, config: Path) -> None:
    """The largest group first."""
    said = command("--config", config, "themes", feed).out
    assert said.lstrip().startswith("Sport (2)\n  match of the week\n    “match” stands in its title.")
    assert "alone (1)\n  stew of the week" in said


def test_lists_of_subjects_of_your_own_are_heeded(feed: Path, config: Path) -> None:
    """A word that only they list places a post that has none of the theme's terms."""
    subjects = config.parent / "mine" / "subjects"
    subjects.mkdir(parents=True)
    (subjects / "en.toml").write_text('hydrology = """reservoir drought river onions garlic stew simmer"""\n')
    config.write_text(f'{THEMES}\n[publish]\ntemplates_dir = "mine"\n', encoding="utf-8")
    assert lines(command("themes", feed, "--config", config, "--json"))["stew"]["theme"] == "water"


def test_a_folder_of_templates_that_is_missing_is_told(feed: Path, config: Path) -> None:
    """Rather than passed over for ours."""
    config.write_text(f'{THEMES}\n[publish]\ntemplates_dir = "mine"\n', encoding="utf-8")
    ran = command("themes", feed, "--config", config)
    assert ran.code != 0
    assert "mine is no folder" in ran.err


def test_a_mistake_in_a_theme_is_reported_with_its_line(feed: Path, config: Path) -> None:
    """And no other table is asked for."""
    config.write_text(THEMES.replace('slug = "sport"', 'slug = "Sport!"'), encoding="utf-8")
    ran = command("themes", feed, "--config", config)
    assert ran.code != 0
    assert "config.toml line 8" in ran.err


def test_tellings_of_one_story_share_its_name(tmp_path: Path) -> None:
    """Of the same days; other posts have a story of their own."""
    texts = {
        "first": "On Monday the crane Old Marta fell into the harbour of Lower Brim; its driver, Odo Karsk, was unhurt.",
        "second": "Odo Karsk climbed unhurt from the cab when Old Marta, the crane of Lower Brim, went into the harbour.",
        **TEXTS,
    }
    found = lines(command("themes", written(tmp_path, texts), "--json"))
    assert found["first"]["story"] == found["second"]["story"]
    assert len({each["story"] for each in found.values()}) == len(texts) - 1
