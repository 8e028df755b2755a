"""What collecting does when ids, hosts and addresses change: on a server on loopback, from its bytes to the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest

import loopback
from digest import store
from digest.collect.health import HealthState, health
from digest.model import Post, Source
from digest.pipeline.posts.collect import Polled, collect
from digest.store.database import reading
from installation import NOW, Clock, Place, installed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = {
    "dam": "was built by hand in the winter of 1911, when forty families had nothing to eat and the mill stood still",
    "mill": "lost its red door on a morning that everybody in the valley remembers and nobody can put a date to",
    "weir": "has been mended by the same three brothers since the flood, with willow, with wire and with bad jokes",
    "lock": "opens at six for the ferry and at seven for the bread, and on Sundays for whoever can sing to the keeper",
}
BLOGGER = "tag:blogger.com,1999:blog-7.post-"


@dataclass
class Paper:
    """A feed in which a test decides about every id and address."""

    ids: str = "http://old.hollin.test/?p="
    links: str = "http://old.hollin.test/"
    names: list[str] = field(default_factory=lambda: list(WORDS))
    one_id: bool = False  # for all of them, as broken systems do
    more: str = ""  # at the end of every text
    moved: str = ""  # where it redirects for good
    paths: list[str] = field(default_factory=list)  # that were asked for

    @property
    def body(self) -> bytes:
        entries = "".join(map(self._entry, range(len(self.names))))
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><title>Hollin</title>{entries}</feed>'.encode()

    def _entry(self, number: int) -> str:
        name = self.names[number]
        text = f"<p>The {name} {WORDS[name]}.</p><p>Ask {number} people about the {name} {self.more}.</p>"
        return (
            f"<entry><id>{self.ids}{'' if self.one_id else name}</id><title>The {name}</title><link href='{self.links}{name}'/>"
            f"<published>{(NOW - (number + 1) * DAY).isoformat()}</published>"
            f'<updated>{NOW.isoformat()}</updated><content type="html">{escape(text)}</content></entry>'
        )

    def answer(self, request: loopback.Request) -> None:
        self.paths.append(request.path)
        if self.moved and request.path == "/feed":
            request.send(loopback.redirect(self.moved, "301 Moved Permanently"))
        else:
            request.send(loopback.response(self.body, content_type="application/atom+xml"))


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
def here(tmp_path: Path, paper: Paper) -> Iterator[Place]:
    """An installation that follows the paper as ``hollin``."""
    with loopback.serve(paper.answer) as server, installed(tmp_path) as place:
        place.server = server
        place.configure()
        yield place


def polled(here: Place, hours: float = 0) -> Polled:
    """What one poll of every source gave, that many hours later; of the last source where there are several."""
    with here.opened() as home:
        return collect(home, Clock(NOW + hours * HOUR), everything=True)[-1]


def stored(here: Place) -> dict[str, Post]:
    """All posts, by title and source."""
    with here.opened() as home, reading(home.engine) as connection:
        found = store.posts.recent(connection, None, None, 100)
    return {f"{post.title} ({post.source})": post for post in found}


def source(here: Place) -> Source:
    with here.opened() as home, reading(home.engine) as connection:
        found = store.sources.source(connection, "hollin")
    assert found is not None
    return found


def also_follow(here: Place, slug: str, path: str) -> None:
    """The same paper under another address, beside the first."""
    lines = f'[[sources]]\nurl = "{here.server.url(path)}"\nslug = "{slug}"'
    here.configure(sources=lines)


# ── ids ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ids", "links"),
    [
        ("https://old.hollin.test/?p=", "https://old.hollin.test/"),
        ("urn:uuid:7-", "https://new.hollin.test/blog/2026/11/"),
    ],
    ids=["from http to https", "to another host and system"],
)
def test_a_blog_that_moves_brings_nothing_back_as_new(
    here: Place, paper: Paper, ids: str, links: str
) -> None:
    """Its posts keep their keys and first sight, and are revised where they say more."""
    polled(here)
    before = stored(here)
    paper.ids, paper.links, paper.more = ids, links, "and wait"
    moved = polled(here, 1)
    assert (moved.stored.new, moved.stored.revised) == (0, len(WORDS))
    after = stored(here)
    assert {name: post.key for name, post in after.items()} == {
        name: post.key for name, post in before.items()
    }
    assert {post.first_seen for post in after.values()} == {NOW}
    assert all(post.url.startswith(links) for post in after.values())
    assert polled(here, 2).stored.revised == 0


@pytest.mark.parametrize(
    "ids", [BLOGGER, "http://new.hollin.test/?p="], ids=["under its old ids", "under new ids"]
)
def test_posts_lead_to_the_new_host_although_no_word_changed(here: Place, paper: Paper, ids: str) -> None:
    """The old one may be gone tomorrow."""
    paper.ids = BLOGGER
    polled(here)
    paper.ids, paper.links = ids, "https://new.hollin.test/"
    moved = polled(here, 1)
    assert (moved.stored.new, moved.stored.revised) == (0, 0)
    assert all(post.url.startswith(paper.links) for post in stored(here).values())
    assert len(stored(here)) == len(WORDS)


def test_a_post_that_is_new_on_the_day_of_the_move_is_new(here: Place, paper: Paper) -> None:
    """Only what is known is merged."""
    paper.names = ["mill", "weir", "lock"]
    polled(here)
    paper.names, paper.ids = [*paper.names, "dam"], "urn:moved:"
    assert polled(here, 1).stored.new == 1
    assert set(stored(here)) == {f"The {name} (hollin)" for name in WORDS}


def test_posts_under_one_id_stay_apart_as_they_come_and_go(here: Place, paper: Paper) -> None:
    """Whether the id is alone in its document or not, each post is the one that it was."""
    paper.one_id = True
    for hours, names in enumerate((["dam"], ["dam", "mill"], ["mill"], ["mill", "weir"], list(WORDS))):
        paper.names = names
        polled(here, hours)
        assert len({post.key for post in stored(here).values()}) == len(stored(here))
    assert set(stored(here)) == {f"The {name} (hollin)" for name in WORDS}
    assert polled(here, 9).stored.new == 0


def test_a_merge_is_listed_with_why_and_can_be_undone(here: Place, paper: Paper) -> None:
    """By command; the entry is a post of its own from then on, and no later poll merges it again."""
    polled(here)
    dam = stored(here)["The dam (hollin)"]
    paper.ids, paper.names = "urn:moved:", ["dam"]
    polled(here, 1)
    (merge,) = here.done("posts", "merged", "--json").rows
    assert (merge["post"], merge["id"], merge["source"]) == (dam.key, "urn:moved:dam", "hollin")
    assert merge["reason"] == f"Its id was {dam.guid}: the same title, address and date, and the same words."
    assert str(merge["reason"]) in here.done("posts", "merged").out
    assert "open for the next issue" in here.done("posts", "unmerge", merge["key"]).out
    assert here.done("posts", "merged", "--json").rows == []
    paper.more = "again"
    assert polled(here, 2).stored.revised == 1
    with here.opened() as home, reading(home.engine) as connection:
        texts = {
            key: post.text
            for key in (dam.key, str(merge["key"]))
            if (post := store.posts.post(connection, key))
        }
    assert texts[dam.key] == dam.text
    assert "again" in texts[str(merge["key"])]


def test_what_was_not_merged_cannot_be_undone(here: Place) -> None:
    """One sentence that names the command to look it up."""
    ran = here.digest("posts", "unmerge", "nothing")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "Nothing was merged as nothing; digest posts merged lists the merges.\n"


# ── two sources ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("together", [True, False], ids=["from the first poll on", "later"])
def test_a_blog_that_is_followed_twice_has_each_post_once(here: Place, paper: Paper, together: bool) -> None:
    """Under its old address and under its own domain, where Blogger gives the same ids."""
    paper.ids = BLOGGER
    if not together:
        polled(here)
    also_follow(here, "own-domain", "/own")
    polled(here, 1)
    assert len({post.key for post in stored(here).values()}) == len(WORDS)
    assert len(here.done("posts", "merged", "--json").rows) == len(WORDS)


@pytest.mark.parametrize("ids", [BLOGGER, "post:"], ids=["with ids of the world", "with ids of its own"])
def test_a_blog_under_a_new_slug_goes_on_where_the_old_one_stopped(
    here: Place, paper: Paper, ids: str
) -> None:
    """Its posts go over to the new source, and what changes from then on is kept."""
    paper.ids = ids
    polled(here)
    keys = {post.key for post in stored(here).values()}
    text = here.path.read_text(encoding="utf-8").replace('slug = "hollin"', 'slug = "own-domain"')
    here.path.write_text(text.replace('/feed"\nslug', '/own"\nslug'), encoding="utf-8")
    paper.links = "https://www.hollin.test/"
    assert polled(here, 1).source == "own-domain"
    paper.more = "again"
    assert polled(here, 2).stored.revised == len(WORDS)
    assert set(stored(here)) == {f"The {name} (own-domain)" for name in WORDS}
    assert {post.key for post in stored(here).values()} == keys


def test_ids_of_a_system_s_own_mean_nothing_in_another_source(here: Place, paper: Paper) -> None:
    """Every blog has a post 1."""
    paper.ids = "post:"
    also_follow(here, "own-domain", "/own")
    polled(here)
    assert here.done("posts", "merged", "--json").rows == []
    assert len(stored(here)) == 2 * len(WORDS)


# ── moves ────────────────────────────────────────────────────────────────────────────────────────


def test_a_feed_that_has_moved_for_good_is_polled_there(here: Place, paper: Paper) -> None:
    """After five answers over two days; the old address is kept, and config.toml may still have it."""
    paper.moved = "/new"
    for hours in (0, 12, 24, 36):
        polled(here, hours)
    assert source(here).url == here.server.url("/feed")
    assert "has moved to" in health(source(here), NOW + 36 * HOUR).sentence
    polled(here, 48)
    assert (source(here).url, source(here).old_url) == (here.server.url("/new"), here.server.url("/feed"))
    paper.paths.clear()
    assert polled(here, 49).ok
    assert paper.paths == ["/new"]
    assert len(stored(here)) == len(WORDS)


def test_relative_ids_survive_a_move_of_the_feed(here: Place, paper: Paper) -> None:
    """They start from the address of the feed (RFC 4287 forbids them, and they occur), and so change with it."""
    paper.ids, paper.links = "post-", "posts/"
    polled(here)
    before = stored(here)
    paper.moved = "/blog/2026/feed"
    for hours in (12, 24, 36, 48, 60, 72):
        assert polled(here, hours).stored.new == 0
    after = stored(here)
    assert {name: post.key for name, post in after.items()} == {
        name: post.key for name, post in before.items()
    }
    assert {post.url for post in after.values()} == {
        here.server.url(f"/blog/2026/posts/{name}") for name in WORDS
    }
    assert source(here).url == here.server.url("/blog/2026/feed")
    paper.names = ["mill", "weir", "lock"]
    assert polled(here, 80).stored.new == 0


def test_a_feed_does_not_move_where_another_source_is(here: Place, paper: Paper) -> None:
    """Both stay, each with its posts."""
    also_follow(here, "other", "/new")
    paper.moved = "/new"
    for hours in (0, 12, 24, 36, 48, 60):
        polled(here, hours)
    assert source(here).url == here.server.url("/feed")


# ── health ───────────────────────────────────────────────────────────────────────────────────────


def test_a_source_learns_its_rhythm_and_falls_silent(here: Place) -> None:
    """From the dates in its feed; it answers all the time."""
    polled(here)
    assert (source(here).pace_minutes, source(here).newest_at) == (24 * 60, NOW - DAY)
    assert health(source(here), NOW).state is HealthState.HEALTHY
    assert polled(here, 24 * 5).ok
    assert health(source(here), NOW + 5 * DAY).state is HealthState.SILENT
