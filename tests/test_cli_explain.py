"""``digest explain``: where a post stands and why, and what is read in it and why, for an editor or a program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from installation import Place, Ran, command, installed

PROSE = """<html lang="en"><head><title>Nobody counted the sluices, says Halden</title></head><body><article>
<h1>Nobody counted the sluices, says Halden</h1>
<p>Mira Halden, who kept the sluice for thirty years, was asked on Monday why it is shut. “We asked for water for
eleven years,” she said, “and what we were given was a commission that drank it.”</p>
<p>The ministry counts them differently. “Thank you for your interest,” said its spokesman.</p>
</article></body></html>"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=datetime.now(UTC))
        yield place


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PROSE, encoding="utf-8")
    return path


SLUICE = "https://hollin.test/sluice"


def data(place: Place, name: str = SLUICE) -> Any:
    """The explanation of a post for a program."""
    return json.loads(place.done("explain", name, "--json").out)


def explained(place: Place, name: str = SLUICE) -> tuple[dict[str, Any], str]:
    """Where a post stands in its only digest, for a program, and the whole as an editor reads it."""
    (digest,) = data(place, name)["digests"]
    return digest, place.done("explain", name).out


def words(ran: Ran) -> str:
    """What was printed, without its line breaks."""
    return " ".join(ran.out.split())


# ── a stored post ────────────────────────────────────────────────────────────────────────────────


def test_before_a_draft_a_post_is_open(here: Place) -> None:
    """For the issue that the next draft makes."""
    here.done("collect")
    digest, text = explained(here)
    assert digest["state"] == "open"
    assert str(digest["issue"]).startswith("weekly/")
    assert f"weekly: open for {digest['issue']}. No draft is made yet." in text


def test_a_draft_shows_where_it_would_stand(here: Place) -> None:
    """Under which theme and why; what came afterwards is said to have come afterwards."""
    here.done("collect")
    here.done("draft", "weekly")
    digest, _ = explained(here)
    assert (digest["state"], digest["theme"]) == ("open", "water")
    assert str(digest["why"]).startswith("In the draft: It stands under “Water”.")
    assert "Theme Water" in words(here.done("explain", SLUICE))
    here.blog.write("well", at=datetime.now(UTC))
    here.done("collect", "--all")
    late, _ = explained(here, "https://hollin.test/well")
    assert "came after the draft was made; draft it again: digest draft weekly" in str(late["why"])


def test_a_frozen_issue_settles_it_and_says_which_quotes_it_prints(here: Place) -> None:
    """Picked, in which issue, with the spans of the quotes."""
    here.drafted()
    issue = here.published()
    digest, text = explained(here)
    assert (digest["state"], digest["issue"]) == ("picked", issue)
    (quote,) = data(here)["quotes"]
    assert digest["printed"] == [quote["spans"]]
    assert f"weekly: picked in {issue}. It stands under “Water”." in text
    assert "\n    printed: The post lists it.\n" in text
    assert str(digest["ranking"]).startswith("It ranks by a score of ")
    assert str(digest["ranking"]) in words(here.done("explain", SLUICE))


def test_a_post_cut_by_the_cap_is_listed(here: Place) -> None:
    """Its title stands under "Also published"."""
    here.configure(digest="max_picks = 1")
    here.published()
    states = {name: explained(here, f"https://hollin.test/{name}")[0] for name in ("sluice", "weir")}
    assert sorted(str(each["state"]) for each in states.values()) == ["listed", "picked"]
    (listed,) = (each for each in states.values() if each["state"] == "listed")
    assert "“Also published”. The issue has room for 1, and those rank before it." in str(listed["why"])
    assert "for how new it is" in str(listed["ranking"])


def test_after_a_skipped_issue_it_is_open_again(here: Place) -> None:
    """And the explanation says why the issue was skipped."""
    issue = here.drafted()
    here.done("skip", issue, "--why", "holidays")
    digest, _ = explained(here)
    assert digest["state"] == "open"
    assert f"It stood in {issue}, which was skipped (holidays)." in str(digest["why"])


def test_back_fill_is_held_and_the_way_out_is_named(here: Place) -> None:
    """The command in the sentence lets it in."""
    here.blog.write(*(f"old{n}" for n in range(9)), at=datetime.now(UTC) - timedelta(days=200))
    here.done("collect")
    digest, text = explained(here, "https://hollin.test/old8")
    assert (digest["state"], digest["issue"]) == ("held", None)
    key = data(here, "https://hollin.test/old8")["key"]
    assert f"digest posts release {key}" in " ".join(text.split())
    here.done("posts", "release", key)
    assert explained(here, "https://hollin.test/old8")[0]["state"] in {"open", "too old"}


def test_a_post_is_found_by_address_key_and_id(here: Place) -> None:
    """The same explanation for each."""
    here.done("collect")
    by_address = data(here)
    assert by_address == data(here, by_address["key"]) == data(here, "tag:hollin.test,2026:sluice")
    assert by_address == data(here, f"{SLUICE}?utm_source=letter#top")


def test_a_listed_quote_is_key_because_the_post_lists_it(here: Place) -> None:
    """With its speaker, its place and no score."""
    here.done("collect")
    (quote,) = data(here)["quotes"]
    assert (quote["origin"], quote["key"], quote["key_parts"]) == ("listed", 1.0, [])
    assert quote["speaker"] == "Ines Varga"
    assert "key 1: the post lists it" in here.done("explain", SLUICE).out


def test_explaining_changes_nothing(here: Place) -> None:
    """Twice in a row it prints the same, and the draft after it is what it was before."""
    here.done("collect")
    before = here.done("draft", "weekly", "--json").data["document"]
    first, second = explained(here), explained(here)
    assert first == second
    assert here.done("draft", "weekly", "--json").data["document"] == before


# ── what is not stored ───────────────────────────────────────────────────────────────────────────


def test_a_file_is_read_without_an_installation(page: Path, tmp_path: Path) -> None:
    """Each quotation in its prose with speaker, reason and the parts of its score."""
    ran = command("explain", page, "--url", "https://x.example/p", "--json", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    found: Any = json.loads(ran.out)
    assert (found["key"], found["digests"]) == ("", [])
    first, *others = found["quotes"]
    assert first["speaker"] == "Mira Halden"
    assert first["speaker_why"]
    assert first["text"].startswith("We asked for water for eleven years")
    weights = sum(part["weight"] for part in first["key_parts"])
    total = sum(part["value"] * part["weight"] for part in first["key_parts"]) / weights
    assert first["key"] == pytest.approx(total, abs=1e-3)
    assert all(each["key"] < first["key"] for each in others)


def test_an_editor_reads_it_in_eighty_columns(page: Path) -> None:
    """Title, where it stands, what was read, and no line that is too wide."""
    ran = command("explain", page, "--url", "https://x.example/p")
    assert ran.out.startswith("Nobody counted the sluices, says Halden\n  https://x.example/p\n")
    assert "not stored" in ran.out
    assert "stands alone 1 × 2" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_an_address_that_is_not_stored_is_fetched(here: Place) -> None:
    """With the installation or without one; a private address only where it is allowed."""
    here.done("collect")
    feed = here.server.url("/feed")
    ran = here.done("explain", feed, "--allow", here.server.endpoint, "--json")
    assert [row["title"] for row in ran.rows] == ["The sluice", "The weir"]
    refused = here.digest("explain", feed)
    assert (refused.code, refused.out) == (1, "")


def test_what_is_nowhere_is_said_to_be_nowhere(here: Place, tmp_path: Path) -> None:
    """With what may be given instead, and one sentence only."""
    ran = here.digest("explain", "no-such-post")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("There is no post and no file no-such-post: give a post's address, key or id")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "There is no config.toml" in command("explain", "no-such-post", folder=empty).err
