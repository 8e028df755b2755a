"""Readers keep their themes when editors rename or merge them, and get only what they chose."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.store.audience import choice_of, subscriptions
from digest.store.database import reading
from installation import NOW, Place, installed

SLUG = st.sampled_from(["water", "schools", "health", "sea", "a", "b", "water-2"])


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Place]:
    with installed(tmp_path, database=database_url) as place:
        yield place


def chosen(here: Place) -> dict[str, tuple[str, ...] | None]:
    """What each address reads."""
    with here.opened() as installation, reading(installation.engine) as connection:
        return {each.address: each.themes for each in subscriptions(connection)}


def test_a_merged_theme_keeps_its_readers(here: Place) -> None:
    """Whoever chose it reads the other one; who takes everything goes on to; a name within a name is left alone."""
    here.done("theme", "add", "rivers", "Rivers", "--term", "ferry")
    here.done("theme", "add", "rivers-2", "More rivers", "--term", "raft")
    here.subscribe("rivers@example.org", themes="rivers")
    here.subscribe("both@example.org", themes="rivers schools")
    here.subscribe("same@example.org", themes="rivers water")
    here.subscribe("longer@example.org", themes="rivers-2")
    here.subscribe("all@example.org")
    assert (
        here.done("theme", "merge", "rivers", "water").out
        == "3 subscriptions that chose rivers have water now.\n"
    )
    assert chosen(here) == {
        "rivers@example.org": ("water",),
        "both@example.org": ("schools", "water"),
        "same@example.org": ("water",),
        "longer@example.org": ("rivers-2",),
        "all@example.org": None,
    }
    assert "rivers" not in {row["slug"] for row in here.done("theme", "list", "--json").rows}


def test_a_theme_that_has_a_new_name_keeps_its_readers(here: Place) -> None:
    """config.toml has a new slug: `digest check` says who would get nothing, and one command mends it."""
    here.subscribe("reader@example.org", themes="schools")
    text = here.path.read_text(encoding="utf-8")
    here.path.write_text(text.replace('slug = "schools"', 'slug = "learning"'), encoding="utf-8")
    told = "1 subscriptions chose schools, which is covered no longer: digest theme merge schools THEME"
    assert told in here.done("check").out
    here.done("theme", "merge", "schools", "learning")
    assert chosen(here) == {"reader@example.org": ("learning",)}
    assert "covered no longer" not in here.done("check").out


def test_removing_a_theme_says_who_chose_it(here: Place) -> None:
    """And what to do for them."""
    here.done("theme", "add", "rivers", "Rivers", "--term", "ferry")
    here.subscribe("reader@example.org", themes="rivers")
    assert "1 subscriptions chose it" in here.done("theme", "remove", "rivers").out


@pytest.mark.parametrize(
    ("old", "into", "said"),
    [("water", "nowhere", "There is no theme nowhere"), ("water", "water", "cannot take its own place")],
)
def test_what_cannot_be_merged_is_said(here: Place, old: str, into: str, said: str) -> None:
    """And changes nothing."""
    here.subscribe("reader@example.org", themes="water")
    ran = here.digest("theme", "merge", old, into)
    assert (ran.code, said in ran.err) == (1, True)
    assert chosen(here) == {"reader@example.org": ("water",)}


def test_a_theme_of_the_file_is_covered_until_it_is_taken_out(here: Place) -> None:
    """No command writes config.toml."""
    out = here.done("theme", "merge", "schools", "water").out
    assert "schools stands in config.toml" in out


@given(st.sets(SLUG, min_size=1), SLUG, SLUG)
def test_nobody_loses_or_gains_a_theme(themes: set[str], old: str, into: str) -> None:
    """Merging is the same as renaming in each choice."""
    renamed = {into if theme == old else theme for theme in themes}
    assert (
        set(choice_of(into if theme == old else theme for theme in choice_of(themes).split(",")).split(","))
        == renamed
    )


def test_who_chose_themes_gets_subject_contents_and_quote_of_those_only(here: Place) -> None:
    """Not a word of another theme stands in their mail; with nothing left they get none, and the ledger says why."""
    here.blog.write("sluice", "weir", at=NOW, about="water")
    here.blog.write("classroom", "desk", at=NOW, about="school")
    here.subscribe("all@example.org")
    here.subscribe("water@example.org", themes="water")
    here.done("theme", "add", "rivers", "Rivers", "--term", "ferry")
    here.subscribe("nothing@example.org", themes="rivers")
    issue = here.published()
    here.done("send", issue)
    mails = {each.recipient: message_from_bytes(each.data) for each in here.inbox.messages}
    assert set(mails) == {"all@example.org", "water@example.org"}
    for part in mails["water@example.org"].walk():
        if not part.is_multipart():
            words = part.get_payload(decode=True)
            assert isinstance(words, bytes)
            assert b"sluice" in words
            assert b"classroom" not in words
            assert b"Schools" not in words
    assert "Schools" not in str(mails["water@example.org"]["Subject"])
    sent = here.done("send", issue, "--json").data["deliveries"]
    assert isinstance(sent, dict)
    assert (sent["accepted"], sent["nothing_for_them"]) == (2, 1)
