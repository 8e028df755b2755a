"""Posts and revisions: found again by any identity, open until settled, readable as they were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, select

from digest.errors import NotFoundError
from digest.model import Comments, Post
from digest.store import posts, schema
from digest.store.database import reading, transaction
from digest.store.posts import Known
from query_plans import plan_of
from store_samples import HOUR, NOW, WEEKLY, a_post, freeze, store_post


def store(engine: Engine, *wanted: Post) -> None:
    with transaction(engine) as connection:
        for post in wanted:
            store_post(connection, post)


def test_a_post_comes_back_with_every_field(engine: Engine) -> None:
    """Times in UTC, tuples, videos and comments; and a bare one too."""
    bare = Post("b" * 16, "harbour", a_post().kind, "g", "", "", NOW, NOW)
    store(engine, a_post(), bare)
    with reading(engine) as connection:
        assert posts.post(connection, a_post().key) == a_post()
        assert posts.post(connection, bare.key) == bare
        assert posts.post(connection, "unknown") is None


def test_a_post_is_stored_once(engine: Engine) -> None:
    """Two polls of the same thing at once leave one post, the first."""
    store(engine, a_post())
    with transaction(engine) as connection:
        assert not posts.add_post(connection, a_post(title="Again"), "g", "h", NOW)
        found = posts.post(connection, a_post().key)
    assert found == a_post()


def test_known_finds_posts_by_any_identity_of_their_source(engine: Engine) -> None:
    """However many are asked for, however long they are; those of other sources are unknown."""
    long = "https://harbour.example.org/?" + "x" * 5000
    store(engine, a_post(guid="short"), a_post("b" * 16, guid=long), a_post("c" * 16, "tides", guid="theirs"))
    with transaction(engine) as connection:
        posts.add_identity(connection, "harbour", "alias", a_post().key)
        wanted = ["short", long, "alias", "theirs", *(f"other {number}" for number in range(1200))]
        found = posts.known(connection, "harbour", wanted)
    first = Known(a_post().key, f"hash of {a_post().text}", "harbour", a_post().published)
    assert found == {"short": first, "alias": first, long: replace(first, key="b" * 16)}


def test_when_a_post_was_published_is_known_only_where_its_feed_said_so(engine: Engine) -> None:
    """Else it was first seen then, which says nothing of how often its source publishes."""
    store(engine, replace(a_post(guid="undated"), published=a_post().first_seen))
    with reading(engine) as connection:
        assert posts.known(connection, "harbour", ["undated"])["undated"].published is None


def test_lengths_are_of_the_newest_revisions(engine: Engine) -> None:
    """In code points, as offsets are."""
    store(engine, a_post(text="Übermorgen"), a_post("b" * 16, guid="b", text="x"))
    with transaction(engine) as connection:
        posts.add_revision(connection, "b" * 16, a_post(text="🌊🌊"), "h", NOW)
        found = posts.lengths(connection, [a_post().key, "b" * 16, "nobody"])
    assert found == {a_post().key: 10, "b" * 16: 2}


def test_an_identity_stays_with_the_post_that_had_it_first(engine: Engine) -> None:
    """Two posts are never merged by a repeated id."""
    store(engine, a_post(guid="g"), a_post("b" * 16, guid="g"))
    with reading(engine) as connection:
        assert posts.known(connection, "harbour", ["g"])["g"].key == a_post().key


def test_a_revision_adds_words_and_keeps_what_is_permanent(engine: Engine) -> None:
    """The key, first sight and the old text stay; the new text is the post's from now on."""
    store(engine, a_post(held="too old"))
    edited = a_post(
        "ignored", title="Edited", text="The lights are kept by Ilse.", url="https://new.example.org/1"
    )
    edited = replace(edited, first_seen=NOW + HOUR, published=NOW + HOUR, updated=NOW + HOUR, comments=None)
    with transaction(engine) as connection:
        assert posts.add_revision(connection, a_post().key, edited, "new hash", NOW + HOUR) == 2
        found = posts.post(connection, a_post().key)
        assert posts.revision_text(connection, a_post().key, 1) == a_post().text
        assert posts.revision_text(connection, a_post().key, 2) == edited.text
        assert posts.known(connection, "harbour", [a_post().guid])[a_post().guid].hash == "new hash"
        assert posts.by_url(connection, "https://new.example.org/1") == found
    kept = {"key": a_post().key, "first_seen": NOW, "published": a_post().published, "held": "too old"}
    assert found == replace(edited, revision=2, **kept)  # type: ignore[arg-type]


def test_the_same_words_make_no_revision(engine: Engine) -> None:
    """A feed that is fetched again, or by two pollers at once, adds nothing."""
    store(engine, a_post())
    with transaction(engine) as connection:
        assert (
            posts.add_revision(connection, a_post().key, a_post(title="x"), f"hash of {a_post().text}", NOW)
            == 1
        )
        assert posts.post(connection, a_post().key) == a_post()


def test_noise_is_kept_without_a_revision(engine: Engine) -> None:
    """Comments and the time of an update move without the words."""
    store(engine, a_post())
    with transaction(engine) as connection:
        posts.touch(connection, a_post().key, NOW, Comments(4, "https://harbour.example.org/c"))
        found = posts.post(connection, a_post().key)
    assert found == a_post(updated=NOW, comments=Comments(4, "https://harbour.example.org/c"))


def test_a_post_that_moved_is_found_at_its_new_address(engine: Engine) -> None:
    """Its blog may have got a domain of its own without writing a word."""
    store(engine, a_post())
    new = "https://own.example.net/lights"
    with transaction(engine) as connection:
        posts.touch(connection, a_post().key, None, None, new)
        found = posts.by_url(connection, new)
        assert posts.by_url(connection, a_post().url) is None
    assert found == a_post(url=new, updated=None, comments=None)


def test_what_is_not_stored_is_not_found(engine: Engine) -> None:
    """A sentence, not a crash."""
    store(engine, a_post())
    with transaction(engine) as connection:
        with pytest.raises(NotFoundError, match="revision 2 of a post"):
            posts.revision_text(connection, a_post().key, 2)
        with pytest.raises(NotFoundError, match="no post zzz"):
            posts.add_revision(connection, "zzz", a_post(), "h", NOW)


def test_a_post_is_found_by_its_address(engine: Engine) -> None:
    """The earliest where two sources gave it, even when the address is absurdly long."""
    url = "https://harbour.example.org/" + "y" * 9000
    later = a_post("a" * 16, "tides", url=url, first_seen=NOW + HOUR)
    store(engine, later, a_post("b" * 16, url=url))
    with reading(engine) as connection:
        found = posts.by_url(connection, url)
        assert found is not None
        assert found.key == "b" * 16
        assert posts.by_url(connection, url + "y") is None


# ── what an issue may take ───────────────────────────────────────────────────────────────────────


def open_keys(engine: Engine, digest: str = "weekly", sources: list[str] | None = None) -> list[str]:
    with reading(engine) as connection:
        found = posts.open_posts(connection, digest, sources, NOW - HOUR, NOW + HOUR)
    return [post.key for post in found]


def test_open_are_posts_first_seen_in_the_window_bounds_included(engine: Engine) -> None:
    """First seen, not published; in the order of first sight."""
    times = {"after": 61, "end": 60, "middle": 0, "start": -60, "before": -61}
    for key, minutes in times.items():
        seen = NOW + timedelta(minutes=minutes)
        store(engine, a_post(key, first_seen=seen, published=NOW - timedelta(days=400)))
    assert open_keys(engine) == ["start", "middle", "end"]


def test_open_are_posts_of_the_sources_asked_for(engine: Engine) -> None:
    """None means all of them; no source, no post."""
    store(engine, a_post("a"), a_post("b", "tides"))
    assert open_keys(engine) == ["a", "b"]
    assert open_keys(engine, sources=["tides"]) == ["b"]
    assert open_keys(engine, sources=[]) == []


def test_a_held_post_is_not_open_until_it_is_released(engine: Engine) -> None:
    """Back-fill is listed with why, and let in by hand."""
    store(
        engine,
        a_post("a"),
        a_post("b", held="published long before we followed it"),
        a_post("c", held="too many"),
    )
    assert open_keys(engine) == ["a"]
    with transaction(engine) as connection:
        assert {post.key: post.held for post in posts.held(connection)} == {
            "b": "published long before we followed it",
            "c": "too many",
        }
        assert posts.held(connection, ["tides"]) == ()
        assert posts.release(connection, ["b", "a", "unknown"]) == 1
    assert open_keys(engine) == ["a", "b"]


def test_a_settled_post_is_open_for_other_digests_only(engine: Engine) -> None:
    """Once per digest."""
    store(engine, a_post("a"), a_post("b"))
    with transaction(engine) as connection:
        freeze(connection, WEEKLY, ["a"])
    assert open_keys(engine) == ["b"]
    assert open_keys(engine, "monthly") == ["a", "b"]


def test_recent_gives_the_newest_published_held_ones_too(engine: Engine) -> None:
    """What a post may be related to."""
    for number, key in enumerate("abcd"):
        store(engine, a_post(key, published=NOW - number * HOUR, held="old" if key == "b" else ""))
    store(engine, a_post("e", "tides"))
    with reading(engine) as connection:
        assert [post.key for post in posts.recent(connection, ["harbour"], NOW - 2 * HOUR, 10)] == [
            "a",
            "b",
            "c",
        ]
        assert [post.key for post in posts.recent(connection, ["harbour"], None, 2)] == ["a", "b"]


def test_windows_over_many_posts_go_by_an_index(engine: Engine) -> None:
    """No query that an issue or a poll needs reads the whole table, so a million posts cost no more than these."""
    store(engine, a_post(), a_post("b" * 16, "tides"))
    with transaction(engine) as connection:
        row = connection.execute(select(schema.posts)).first()
        revision = connection.execute(select(schema.revisions)).first()
        assert row is not None
        assert revision is not None
        keys = [f"{number:016}" for number in range(4000)]
        numbered = [
            {**row._mapping, "key": key, "url_hash": key, "source": "harbour" if number % 50 else "tides"}
            | {"first_seen": NOW - number * HOUR, "published": NOW - number * HOUR}
            for number, key in enumerate(keys)
        ]
        connection.execute(schema.posts.insert(), numbered)
        connection.execute(schema.revisions.insert(), [{**revision._mapping, "post": key} for key in keys])
    queries: dict[str, Callable[[Connection], object]] = {
        "ix_posts_first_seen": lambda connection: posts.open_posts(
            connection, "weekly", None, NOW - 20 * HOUR, NOW
        ),
        "ix_posts_source_published": lambda connection: posts.recent(
            connection, ["tides"], NOW - 4000 * HOUR, 10
        ),
        "ix_posts_published": lambda connection: posts.recent(connection, None, None, 10),
        "ix_posts_url_hash": lambda connection: posts.by_url(connection, a_post().url),
        "ix_posts_held": posts.held,
    }
    for index, query in queries.items():
        plan = plan_of(engine, query)
        assert index in plan
        assert "Seq Scan on posts" not in plan
