"""``like``: a digest that takes its settings from one above it."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.config.reading import load
from digest.errors import ConfigError
from digest.settings import Settings

HEAD = """
[mail]
from = "The Harbour Letter <letter@example.org>"
postal = "Harbour Desk, 4 Quay Street"

[publish]
tag = "tag:example.org,2026:"
feeds_url = "https://feeds.example.org"
app_url = "https://app.example.org"

[[digests]]
slug = "weekly"
title = "The Harbour Letter"
description = "What was said this week."
days = ["sunday", "friday"]
at = "09:00"
zone = "Europe/Berlin"
max_picks = 7
first_issue = 40
"""


def read(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return load(path)


def test_a_second_language_takes_two_lines_and_a_title(tmp_path: Path) -> None:
    """Days, time, zone and caps are those of the first; its own words and numbers are not."""
    settings = read(
        tmp_path, '[[digests]]\nslug = "brief"\ntitle = "Der Hafenbrief"\nlanguage = "de"\nlike = "weekly"\n'
    )
    first, second = settings.digests
    assert (second.days, second.at, second.zone, second.max_picks) == (first.days, first.at, first.zone, 7)
    assert (second.slug, second.title, second.language) == ("brief", "Der Hafenbrief", "de")
    assert (second.description, second.first_issue) == ("", 1)


def test_what_a_digest_says_itself_goes_first_and_likeness_goes_on(tmp_path: Path) -> None:
    """The third is like the second, and so like the first in what the second does not say."""
    settings = read(
        tmp_path,
        '[[digests]]\nslug = "b"\ntitle = "B"\nlike = "weekly"\nmax_picks = 3\n'
        '[[digests]]\nslug = "c"\ntitle = "C"\nlike = "b"\nzone = "Asia/Tehran"\n',
    )
    assert [digest.max_picks for digest in settings.digests] == [7, 3, 3]
    assert [digest.zone for digest in settings.digests] == ["Europe/Berlin", "Europe/Berlin", "Asia/Tehran"]


@pytest.mark.parametrize("like", ['"montly"', '"b"', "7", '["weekly"]'])
def test_a_digest_is_like_one_that_stands_above(tmp_path: Path, like: str) -> None:
    """A slip, a circle or another kind of value is a sentence with its line."""
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, f'[[digests]]\nslug = "b"\ntitle = "B"\nlike = {like}\n')
    assert "like: expected the slug of a digest that stands above" in str(raised.value)
    assert "line 23" in str(raised.value)


def test_an_empty_likeness_is_none(tmp_path: Path) -> None:
    """As the example has it."""
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, '[[digests]]\nslug = "b"\ntitle = "B"\nlike = ""\n')
    assert "like" not in str(raised.value)
    assert "days" in str(raised.value)


def test_a_mistake_that_is_taken_over_is_told_where_it_stands(tmp_path: Path) -> None:
    """And does not hide behind the digest that is right."""
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, '[[digests]]\nslug = "b"\ntitle = "B"\nlike = "weekly"\nmax_picks = 0\n')
    assert "max_picks" in str(raised.value)
