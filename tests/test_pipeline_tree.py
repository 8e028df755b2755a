"""What publishing makes of an installation: its feeds, lists, former addresses; and what moves no date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from lxml import etree
from sqlalchemy import update

from atom_schema import check
from digest import codec, store
from digest.collect.opml import read_opml
from digest.model import IssueDocument, IssueId, Source, Version
from digest.pipeline.drafts.draft import draft
from digest.pipeline.installation import Installation
from digest.pipeline.issues.publish import approve, publish, rebuild
from digest.pipeline.posts.collect import collect
from digest.store.database import transaction
from digest.store.schema import issues as issues_table
from digest.store.schema import versions
from digest.store.statements import columns_of
from installation import NOW, Clock, Place, installed

HOUR = timedelta(hours=1)
FOLLOWED = Source(
    "tern", "https://tern.example.org/feed.xml", title="Tern Rock", site_url="https://tern.example.org/"
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=NOW)
        yield place


def published(home: Installation) -> IssueId:
    collect(home, Clock(NOW), everything=True)
    issue = draft(home, "weekly", NOW).issue.id
    approve(home, issue, NOW)
    publish(home, issue, NOW)
    return issue


def correct(home: Installation, issue: IssueId, introduction: str) -> None:
    """Another frozen version of a published issue, an hour later."""
    with transaction(home.engine) as connection:
        before = store.issues.version(connection, issue)
        document = replace(codec.load(IssueDocument, before.data), introduction=introduction)
        data = codec.dump(IssueDocument, document)
        after = Version(issue, before.number + 1, data, f"{before.number + 1}", NOW + HOUR, introduction)
        connection.execute(versions.insert().values(**columns_of(after)))
        newest = update(issues_table).where(issues_table.c.id == issue)
        connection.execute(newest.values(version=after.number, document=document))


def dates(place: Place) -> dict[str, set[str]]:
    """``updated`` of the entries of each Atom feed."""
    return {
        path: {entry.updated for entry in feedparser.parse(data).entries}
        for path, (data, _) in place.tree().items()
        if path.endswith(".xml") and b"<feed" in data
    }


def test_an_issue_is_in_every_feed_of_its_digest(here: Place) -> None:
    """Each valid, each with compressed forms beside it."""
    with here.opened() as home:
        published(home)
    tree = {path: data for path, (data, _) in here.tree().items() if not path.endswith((".gz", ".br"))}
    assert sorted(path for path in tree if path.endswith((".xml", ".opml", "feed.json"))) == [
        "feeds.opml",
        "weekly/atom.xml",
        "weekly/feed.json",
        "weekly/quotes.xml",
        "weekly/rss.xml",
        "weekly/sources.opml",
        "weekly/themes/water.xml",
    ]
    assert {"index.html", "weekly/index.html", "weekly/2026-11-22/index.html"} <= set(tree)
    for path, data in tree.items():
        if path.endswith(".xml") and path != "weekly/rss.xml":
            assert check(data) == [], path
    assert {f"{path}.gz" for path in tree if not path.startswith(".")} <= set(here.tree())


def test_a_pick_names_the_source_that_it_is_from(here: Place) -> None:
    """With the address that we follow."""
    with here.opened() as home:
        published(home)
    feed = here.feeds / "weekly" / "themes" / "water.xml"
    source = etree.fromstring(feed.read_bytes()).find("{*}entry/{*}source")
    assert source is not None
    assert source.findtext("{*}id") == here.server.url("/feed")
    assert source.findtext("{*}title") == "Mill Lane"


def test_lists_name_our_feeds_and_the_public_sources(here: Place) -> None:
    """OPML that another reader takes; a source that only our network can reach is nobody's business."""
    with here.opened() as home:
        with transaction(home.engine) as connection:
            store.sources.add_source(connection, FOLLOWED, NOW)
        published(home)
    ours, theirs = (
        read_opml((here.feeds / path).read_bytes(), path).outlines
        for path in ("feeds.opml", "weekly/sources.opml")
    )
    assert [outline.url.partition("/feeds/")[2] for outline in ours] == [
        "weekly/atom.xml",
        "weekly/themes/water.xml",
        "weekly/quotes.xml",
    ]
    assert [(outline.url, outline.title, outline.site_url) for outline in theirs] == [
        (FOLLOWED.url, "Tern Rock", "https://tern.example.org/")
    ]


def test_a_correction_is_on_page_and_feed_and_dated(here: Place) -> None:
    """The issue's entry has moved, the quotes and picks have not."""
    with here.opened() as home:
        issue = published(home)
        correct(home, issue, "We had misspelt the name of the weir.")
        assert set(rebuild(home).changed) >= {"weekly/atom.xml", "weekly/2026-11-22/index.html"}
    found = dates(here)
    assert found.pop("weekly/atom.xml") == {"2026-11-20T09:00:00+00:00"}
    assert set().union(*found.values()) == {"2026-11-20T08:00:00+00:00"}
    page = (here.feeds / "weekly" / "2026-11-22" / "index.html").read_text()
    assert "We had misspelt the name of the weir." in page
    assert "Corrected on November 20, 2026" in page


def test_another_template_moves_no_date(here: Place, tmp_path: Path) -> None:
    """The bytes are others, the entries are not new: no reader shows them again."""
    with here.opened() as home:
        published(home)
        before = dates(here)
        old = (here.feeds / "weekly" / "atom.xml").read_bytes()
    folder = tmp_path / "ours"
    (folder / "page").mkdir(parents=True)
    (folder / "page" / "entry.html.j2").write_text("<p>Read it on our site.</p>")
    here.configure(publish=f'templates_dir = "{folder}"')
    with here.opened() as home:
        assert "weekly/atom.xml" in rebuild(home).changed
    assert (here.feeds / "weekly" / "atom.xml").read_bytes() != old
    assert dates(here) == before


def test_writing_all_again_touches_nothing(here: Place) -> None:
    """In another process, hours later: not a byte, not a time."""
    with here.opened() as home:
        published(home)
    before = here.tree()
    with here.opened(NOW + 9 * HOUR) as home:
        assert rebuild(home).changed == ()
    assert here.tree() == before


def test_a_former_address_goes_on_without_a_web_server_of_ours(here: Place) -> None:
    """A feed goes on there, with its new address in it; a page says where it is now."""
    with here.opened() as home:
        published(home)
    here.configure(publish='redirects = { "old/feed.xml" = "weekly/atom.xml", "news/" = "weekly/" }')
    with here.opened() as home:
        rebuild(home)
    tree = {path: data for path, (data, _) in here.tree().items()}
    assert tree["old/feed.xml"] == tree["weekly/atom.xml"] == tree["news/atom.xml"]
    assert b'href="http://127.0.0.1:8000/feeds/weekly/2026-11-22/"' in tree["news/2026-11-22/index.html"]
    assert b'http-equiv="refresh"' in tree["news/index.html"]
    here.configure()
    with here.opened() as home:
        assert "old/feed.xml" in rebuild(home).removed
    assert not (here.feeds / "news").exists()


@pytest.mark.parametrize(
    "redirects", ['{ "../x" = "weekly/" }', '{ "/x" = "weekly/" }', '{ "x" = "https://y.example/" }']
)
def test_a_former_address_is_a_path_of_ours(here: Place, redirects: str) -> None:
    """Anything else is a mistake that ``digest check`` explains."""
    here.configure(publish=f"redirects = {redirects}")
    ran = here.digest("check")
    assert ran.code == 1
    assert "a path below feeds_url such as weekly/atom.xml" in ran.err


@pytest.mark.parametrize("redirects", ['{ "weekly/" = "weekly/" }', '{ "weekly/" = "weekly/new/" }'])
def test_an_address_cannot_have_moved_into_itself(here: Place, redirects: str) -> None:
    """Readers would be sent round for ever."""
    here.configure(publish=f"redirects = {redirects}")
    ran = here.digest("check")
    assert ran.code == 1
    assert "expected another address than the former one, got 'weekly/' for both" in ran.err


@pytest.mark.parametrize(
    ("old", "new", "path", "starts"),
    [
        ("old.xml", "weekly/atom.xml", "old.xml", b"<?xml"),
        ("old/", "weekly/", "old/themes/water.xml", b"<?xml"),
        ("old/", "weekly/atom.xml", "old/index.html", b"<?xml"),
        ("old.html", "weekly/", "old.html", b"<!doctype html>"),
    ],
)
def test_a_document_or_a_folder_may_have_become_either(
    here: Place, old: str, new: str, path: str, starts: bytes
) -> None:
    """What stands at the former address is what is told there."""
    here.configure(publish=f'redirects = {{ "{old}" = "{new}" }}')
    with here.opened() as home:
        published(home)
    assert here.tree()[path][0].lstrip().startswith(starts)
