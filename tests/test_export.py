"""``digest export`` writes all that one needs to leave, and what it writes is true."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from digest import codec, config, store
from digest.collect.opml import read_opml
from digest.model import IssueDocument, Post
from digest.store.database import reading
from installation import NOW, Place, installed


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        yield place


@pytest.fixture
def left(here: Place) -> Path:
    return exported(here)


def exported(here: Place) -> Path:
    """The export of an installation with a sent issue, and people who stay, left, are suppressed and were erased."""
    here.blog.write("lantern", "ferry", at=NOW - timedelta(days=1))
    here.subscribe("ada@example.org", "bo@example.org", "cy@example.org", "di@example.org")
    here.done("send", here.published())
    here.done("subscribers", "suppress", "cy@example.org", "--why", "=they asked")
    here.done("subscribers", "forget", "di@example.org")
    with here.opened() as home, home.engine.begin() as connection:
        store.audience.unsubscribe(connection, 2, "weekly", NOW)
    folder = here.folder / "all of it"
    assert here.done("export", folder).out == f"{folder}: README.md in it says what each file is.\n"
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_both_databases_hold_the_same(tmp_path: Path, database_url: str) -> None:
    """What is in the files does not tell which one it was."""
    with installed(tmp_path, database=database_url) as place:
        folder = exported(place)
        files = sorted(path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file())
        counts = {path.name: len(rows(path)) for path in folder.glob("*.csv")}
    assert files == [
        "README.md",
        "SHA256SUMS",
        "config.toml",
        "deliveries.csv",
        *["issues"] * 3,
        "posts.jsonl",
        "quotes.csv",
        "sources.opml",
        "subscribers.csv",
        "suppressed.csv",
    ]
    assert counts == {"subscribers.csv": 3, "suppressed.csv": 1, "quotes.csv": 2, "deliveries.csv": 4}


def test_subscribers_stand_with_their_consent_and_the_erased_nowhere(left: Path) -> None:
    """Who left is there too, and who is suppressed beside them."""
    found = {row["address"]: row for row in rows(left / "subscribers.csv")}
    assert {address: row["state"] for address, row in found.items()} == {
        "ada@example.org": "subscribed",
        "bo@example.org": "unsubscribed",
        "cy@example.org": "subscribed",
    }
    assert (found["ada@example.org"]["consent_at"], found["ada@example.org"]["consent_source"]) == (
        "2026-11-01T00:00:00Z",
        "the fair",
    )
    (suppressed,) = rows(left / "suppressed.csv")
    assert (suppressed["address"], suppressed["why"]) == ("cy@example.org", "'=they asked")
    assert not [path for path in left.rglob("*") if path.is_file() and b"di@example.org" in path.read_bytes()]


def test_issues_are_the_bytes_that_were_frozen_and_mailed(here: Place, left: Path) -> None:
    """The JSON has the hash that is stored; page and text are the mail's, without anybody's personal link."""
    (document,) = left.glob("issues/weekly/*/version-1.json")
    with here.opened() as home, reading(home.engine) as connection:
        (version,) = store.holdings.frozen(connection)
    assert sha256(document.read_bytes()).hexdigest() == version.sha256
    picks = codec.load(IssueDocument, document.read_bytes()).picks
    html, text = (document.with_suffix(end).read_text(encoding="utf-8") for end in (".html", ".txt"))
    for pick in picks:
        assert pick.title in html
        assert pick.quotes[0].quote.text in " ".join(text.split())
    assert "unsubscribe.invalid" not in html + text
    assert "/u/weekly/test" in html
    printed = {row["text"]: row["speaker"] for row in rows(left / "quotes.csv")}
    assert printed == {pick.quotes[0].quote.text: "Ines Varga" for pick in picks}


def test_posts_sources_and_settings_can_be_read_by_others(here: Place, left: Path) -> None:
    """Posts as JSON, sources as OPML, and a config.toml that says what the old one said."""
    lines = (left / "posts.jsonl").read_text(encoding="utf-8").splitlines()
    posts = [codec.from_data(Post, json.loads(line)) for line in lines]
    assert sorted(post.title for post in posts) == ["The ferry", "The lantern"]
    outlines = read_opml((left / "sources.opml").read_bytes(), "sources.opml").outlines
    assert [outline.url for outline in outlines] == [here.server.url("/feed")]
    settings = config.load(left / "config.toml")
    assert [digest.slug for digest in settings.digests] == ["weekly"]
    assert [theme.slug for theme in settings.themes] == ["water", "schools"]


def test_every_mail_is_accounted_for_without_naming_the_erased(left: Path) -> None:
    """One row for each person and issue, with the words of the relay."""
    found = rows(left / "deliveries.csv")
    assert [row["address"] for row in found] == ["ada@example.org", "bo@example.org", "cy@example.org", ""]
    assert {(row["state"], row["issue"].partition("/")[0]) for row in found} == {("accepted", "weekly")}
    assert all(row["reply"] and row["settled_at"] for row in found)


def test_the_readme_names_every_file_and_the_checksums_are_right(left: Path) -> None:
    """Nothing lies there that nobody explains."""
    readme = (left / "README.md").read_text(encoding="utf-8")
    names = {path.relative_to(left).parts[0] for path in left.rglob("*") if path.is_file()}
    assert [name for name in names if f"`{name}" not in readme and name != "README.md"] == []
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=left, check=True)


def test_an_export_can_be_repeated_and_imported_elsewhere(here: Place, left: Path, tmp_path: Path) -> None:
    """A second one says the same; another installation takes its people in, mails nobody, and writes to no one who left."""
    before = {path.name: path.read_bytes() for path in left.glob("*.csv")}
    here.done("export", left)
    assert {path.name: path.read_bytes() for path in left.glob("*.csv")} == before
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with installed(elsewhere) as other:
        lists = (left / "subscribers.csv", left / "suppressed.csv")
        done = other.done("subscribers", "import", *lists, "--json").data
        counts = {name: done[name] for name in ("added", "ended", "barred", "not_taken")}
        assert counts == {"added": 2, "ended": 1, "barred": 1, "not_taken": 0}
        with other.opened() as home, reading(home.engine) as connection:
            assert store.audience.confirmed_count(connection, "weekly") == 1
            numbers = {each.address: each.subscriber for each in store.audience.subscriptions(connection)}
        assert numbers == {"ada@example.org": 1, "bo@example.org": 2, "cy@example.org": 3}
        assert other.recipients() == []


def test_an_export_of_nothing_is_whole_too(here: Place) -> None:
    """An installation of this morning; and a folder of somebody else's is left alone."""
    folder = here.folder / "out"
    here.done("export", folder)
    assert rows(folder / "subscribers.csv") == rows(folder / "quotes.csv") == []
    (folder / "mine.txt").write_text("x", encoding="utf-8")
    ran = here.digest("export", folder)
    assert (ran.code, ran.out) == (1, "")
    assert "has files that are of no export, such as mine.txt" in ran.err


def test_an_issue_whose_digest_is_gone_keeps_its_words(here: Place) -> None:
    """What was never mailed has no look without its digest: its JSON is there all the same."""
    here.blog.write("lantern", at=NOW - timedelta(days=1))
    here.published()
    here.path.write_text(
        here.path.read_text(encoding="utf-8").replace('"weekly"', '"daily"'), encoding="utf-8"
    )
    here.done("export", here.folder / "out")
    found = sorted(path.name for path in (here.folder / "out" / "issues").rglob("version*"))
    assert found == ["version-1.json"]
