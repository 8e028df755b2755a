"""Older posts of ours beside a draft: indexed as they come, found by their words, few of them read."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from digest import store
from digest.model import IssueDocument
from digest.pipeline.drafts.draft import draft
from digest.pipeline.installation import Installation
from digest.pipeline.issues import archive
from digest.pipeline.issues.archive import index_archive
from digest.pipeline.issues.publish import approve
from digest.pipeline.posts.collect import collect
from digest.store.archive import EVERYTHING
from digest.store.database import reading
from installation import NOW, SLOT, Clock, Place, installed

DAY = timedelta(days=1)


@pytest.fixture
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """With a blog of ours, on SQLite, and on the database of a test that uses ``database_url``."""
    both = "database_url" in request.fixturenames
    database = {"database": request.getfixturevalue("database_url")} if both else {}
    with installed(tmp_path, **database) as place:
        place.configure(sources="own = true", **database)
        place.blog.write("sluice", "weir", "ferry", "kiln", "bell", at=NOW)
        yield place


def collected(home: Installation, now: object = NOW) -> None:
    collect(home, Clock(now), everything=True)  # type: ignore[arg-type]


def rows(home: Installation, table: str) -> int:
    with reading(home.engine) as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def related(document: IssueDocument) -> dict[str, list[tuple[str, str]]]:
    return {
        pick.title: [(each.link.title, each.why) for each in pick.related_posts] for pick in document.picks
    }


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_a_draft_offers_older_posts_on_the_same_theme(here: Place) -> None:
    """By the words that they share, the likest first; never one that stands in the issue itself."""
    with here.opened() as home:
        collected(home)
        draft(home, "weekly", NOW)
        approve(home, draft(home, "weekly", NOW).issue.id, NOW)
        here.blog.write("sluice-again", at=SLOT + DAY)
        collected(home, SLOT + 2 * DAY)
        made = draft(home, "weekly", SLOT + 2 * DAY).issue.document
    (found,) = related(made).values()
    assert found[0] == ("The sluice", "An earlier post of ours on Water.")
    assert len(found) == 3


def test_an_archive_older_than_what_is_read_is_found_all_the_same(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is learned from it and nothing lists it: only the index knows it."""
    monkeypatch.setattr(archive, "ENOUGH_TO_LEARN", 0)
    with here.opened() as home:
        collected(home)
        approve(home, draft(home, "weekly", NOW).issue.id, NOW)
        here.blog.write("kiln-again", at=SLOT + DAY)
        collected(home, SLOT + 2 * DAY)
        made = draft(home, "weekly", SLOT + 2 * DAY).issue.document
        (found,) = related(made).values()
        assert found[0][0] == "The kiln"
        # the control: without the index there is nothing
        monkeypatch.setattr(archive, "LIKELY", 0)
        assert related(draft(home, "weekly", SLOT + 2 * DAY).issue.document) == {"The kiln-again": []}


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_what_is_new_is_indexed_once(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some at a time, however many there are; the second time there is nothing to do."""
    monkeypatch.setattr(archive, "AT_ONCE", 2)
    with here.opened() as home:
        collected(home)
        assert index_archive(home) == 5
        words = rows(home, "telling")
        assert words > 5
        assert (index_archive(home), rows(home, "telling")) == (0, words)


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_two_that_index_at_once_index_each_post_once(here: Place) -> None:
    """Two machines draft two digests: whoever comes second finds it done, and no word is counted twice."""
    with here.opened() as home:
        collected(home)
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: index_archive(home), range(4)))
        assert sum(done) == 5
        with reading(home.engine) as connection:
            assert store.archive.counts(connection, ())[EVERYTHING] == 5


def test_only_our_own_posts_are_indexed(here: Place) -> None:
    """Of others nothing is offered; where a source becomes ours, its posts are."""
    here.configure()
    with here.opened() as home:
        collected(home)
        assert (index_archive(home), rows(home, "telling")) == (0, 0)
    here.configure(sources="own = true")
    with here.opened() as home:
        assert index_archive(home) == 5


def test_few_older_posts_are_read_where_there_is_much_to_learn_from(here: Place) -> None:
    """None beside two hundred new ones; else as many as are missing."""
    with here.opened() as home:
        collected(home)
        draft(home, "weekly", NOW)
        with reading(home.engine) as connection:
            following = store.sources.all_sources(connection)
            sources = {source.slug: source for source in following}
            posts = store.posts.recent(connection, None, None, 9)
            assert len(archive.beside(connection, sources, posts)) == 5
            assert archive.beside(connection, sources, posts * 40) == ()
