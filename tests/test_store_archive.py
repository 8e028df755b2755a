"""The index of older posts by their words: what is in it, what it finds, and that it is never read through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select

from digest.model import PostKind
from digest.store import archive, posts, schema
from digest.store.archive import EVERYTHING, NEWEST
from digest.store.database import reading, transaction
from query_plans import plan_of
from store_samples import HOUR, NOW, a_post, a_source, store_post

HERE = ["harbour"]


def keep(engine: Engine, *keys: str, **fields: Any) -> None:
    with transaction(engine) as connection:
        for key in keys:
            store_post(connection, a_post(key, **fields))


def pending(engine: Engine, limit: int = 100) -> dict[str, bool]:
    """The keys of posts that are to be indexed, and whether for the first time."""
    with reading(engine) as connection:
        return {post.key: post.is_new for post in archive.unindexed(connection, HERE, 1000, limit)}


def index(engine: Engine, **terms: Mapping[str, float]) -> None:
    """Index posts by key under these words, and count the words."""
    with transaction(engine) as connection:
        found = {post.key: post for post in archive.unindexed(connection, HERE, 1000, 100)}
        archive.count(connection, [words for key, words in terms.items() if found[key].is_new])
        archive.index(connection, [(found[key], words) for key, words in terms.items()])


def nearest(engine: Engine, most: int = 9, **terms: float) -> tuple[str, ...]:
    with reading(engine) as connection:
        return archive.nearest(connection, terms, NOW + HOUR, most)


def test_a_new_post_is_to_be_indexed_until_it_is(engine: Engine) -> None:
    """And again once it says something else; not those of other sources, and so many at a time."""
    keep(engine, "a", "b", "c")
    keep(engine, "d", source="tides")
    assert pending(engine) == {"a": True, "b": True, "c": True}
    assert len(pending(engine, limit=2)) == 2
    index(engine, a={"sluice": 1.0}, b={})
    assert pending(engine) == {"c": True}
    with transaction(engine) as connection:
        posts.add_revision(connection, "a", a_post("a", text="Now of mills."), "another hash", NOW)
    assert pending(engine) == {"a": False, "c": True}


def test_what_is_to_be_indexed_is_the_beginning_of_the_newest_revision(engine: Engine) -> None:
    """A book is not loaded for its first page."""
    keep(engine, "a", text="The lights are kept.", kind=PostKind.VIDEO)
    with reading(engine) as connection:
        (found,) = archive.unindexed(connection, HERE, 10, 100)
    assert (found.text, found.title, found.kind, found.language) == (
        "The lights",
        a_post().title,
        "video",
        "en",
    )


def test_words_are_counted_as_posts_come(engine: Engine) -> None:
    """In how many posts each occurs, and how many posts there are; what nobody said has no count."""
    keep(engine, "a", "b")
    index(engine, a={"sluice": 0.5, "mill": 0.5})
    index(engine, b={"mill": 1.0})
    with reading(engine) as connection:
        assert archive.counts(connection, ["mill", "sluice", "boat"]) == {
            "mill": 2,
            "sluice": 1,
            EVERYTHING: 2,
        }


def test_the_likest_comes_first(engine: Engine) -> None:
    """By the words they share and what these weigh in both; of equals by key. What shares none is not found."""
    keep(engine, "a", "b", "c", "d")
    index(engine, a={"mill": 0.2}, b={"mill": 0.2, "sluice": 0.9}, c={"mill": 0.2}, d={"boat": 1.0})
    assert nearest(engine, mill=0.5, sluice=0.5) == ("b", "a", "c")
    assert nearest(engine, 1, mill=0.5, sluice=0.5) == ("b",)
    assert nearest(engine, kite=1.0) == nearest(engine) == ()


def test_only_what_was_published_before_is_found(engine: Engine) -> None:
    """A post is no earlier one of itself."""
    keep(engine, "a", published=NOW)
    keep(engine, "b", published=NOW - HOUR)
    index(engine, a={"mill": 1.0}, b={"mill": 1.0})
    with reading(engine) as connection:
        assert archive.nearest(connection, {"mill": 1.0}, NOW, 9) == ("b",)


def test_a_post_that_was_edited_is_found_by_its_new_words_only(engine: Engine) -> None:
    """And is counted once."""
    keep(engine, "a")
    index(engine, a={"mill": 1.0})
    with transaction(engine) as connection:
        posts.add_revision(connection, "a", a_post("a", text="Of boats."), "another hash", NOW)
    index(engine, a={"boat": 1.0})
    assert (nearest(engine, mill=1.0), nearest(engine, boat=1.0)) == ((), ("a",))
    with reading(engine) as connection:
        assert archive.counts(connection, ["mill"])[EVERYTHING] == 1


def test_a_word_as_long_as_its_author_likes_is_left_out(engine: Engine) -> None:
    """No index of a database would take it."""
    keep(engine, "a")
    index(engine, a={"m" * 5000: 0.9, "mill": 0.1})
    assert (nearest(engine, mill=1.0), pending(engine)) == (("a",), {})


@pytest.mark.parametrize("older", [NEWEST - 1, NEWEST])
def test_of_a_common_word_the_newest_posts_are_looked_at(engine: Engine, older: int) -> None:
    """However many there are; what is older is found by its rarer words."""
    keep(engine, "z", published=NOW - 1000 * HOUR)
    keep(engine, *(f"a{number:03}" for number in range(older)))
    index(engine, z={"mill": 1.0, "sluice": 1.0})
    with reading(engine) as connection:
        found = archive.unindexed(connection, HERE, 10, 100)
    with transaction(engine) as connection:
        archive.index(connection, [(post, {"mill": 0.5}) for post in found])
    assert ("z" in nearest(engine, 100, mill=1.0)) is (older < NEWEST)
    assert nearest(engine, sluice=1.0) == ("z",)


def test_no_look_up_reads_the_archive_through(engine: Engine) -> None:
    """By the plans of both databases over some thousands of posts: indexes alone, so a million cost no more."""
    with transaction(engine) as connection:
        _many(connection, 4000)
    look_ups: dict[str, Callable[[Connection], object]] = {
        "ix_telling_term_published_post": lambda connection: archive.nearest(
            connection, {"word1": 1.0, "word7": 0.5}, NOW, 9
        ),
        "ix_posts_not_indexed": lambda connection: archive.unindexed(connection, HERE, 1000, 500),
        "term_counts": lambda connection: archive.counts(connection, ["word1", "word7"]),
        "posts": lambda connection: posts.by_keys(connection, ["k00000001", "k00000007"]),
    }
    for index, look_up in look_ups.items():
        plan = plan_of(engine, look_up)
        assert index in plan
        for scan in ("Seq Scan", "SCAN telling", "SCAN posts", "SCAN term_counts", "SCAN revisions"):
            assert scan not in plan, plan


def _many(connection: Connection, number: int) -> None:
    """Indexed posts that share a hundred words, and one that is not indexed."""
    store_post(connection, a_post("new"))
    post = connection.execute(select(schema.posts)).one()._mapping
    revision = connection.execute(select(schema.revisions)).one()._mapping
    keys = [f"k{each:08}" for each in range(number)]
    connection.execute(
        insert(schema.posts), [{**post, "key": key, "url_hash": key, "indexed": 1} for key in keys]
    )
    connection.execute(insert(schema.revisions), [{**revision, "post": key} for key in keys])
    terms = [
        {"post": key, "term": f"word{place % 100}", "published": NOW - place * HOUR, "weight": 0.5}
        for place, key in enumerate(keys)
    ]
    connection.execute(insert(schema.telling), terms)
    counts = [{"term": f"word{each}", "posts": number // 100} for each in range(2000)]
    connection.execute(insert(schema.term_counts), counts)


def test_without_its_index_a_look_up_reads_it_through(engine: Engine) -> None:
    """The control of the test above: the same plan is seen to scan once the index is gone."""
    with transaction(engine) as connection:
        _many(connection, 4000)
        connection.exec_driver_sql("DROP INDEX ix_telling_term_published_post")
    plan = plan_of(engine, lambda connection: archive.nearest(connection, {"word1": 1.0}, NOW, 9))
    assert "Seq Scan on telling" in plan or "SCAN telling" in plan


def test_a_source_of_ours_is_known_by_its_slug(engine: Engine) -> None:
    """A renamed one keeps its posts in the index, for it is theirs and not their source's."""
    keep(engine, "a")
    index(engine, a={"mill": 1.0})
    with transaction(engine) as connection:
        connection.execute(schema.sources.update().values(slug=a_source("pier").slug))
        assert archive.unindexed(connection, ["pier"], 10, 10) == ()
    assert nearest(engine, mill=1.0) == ("a",)
