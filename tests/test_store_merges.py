"""Merged posts: found by an index, joined with a reason, and taken apart again without losing a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, select

from digest.collect import merging
from digest.errors import DigestError, NotFoundError
from digest.model import Entry, Post
from digest.store import merges, posts, schema, sources
from digest.store.database import reading, transaction
from query_plans import plan_of
from store_samples import HOUR, NOW, WEEKLY, a_post, freeze, store_post

REASON = "Its id was tag:harbour: the same title and address."
OLD, OTHER = a_post(), a_post("b" * 16, title="Another", url="https://harbour.example.org/b")
NEW = a_post(
    "m" * 16, guid="new id", url="https://moved.example.org/lights", text="The lights are kept by Ilse."
)
AGAIN = a_post("n" * 16, guid="third id", url="https://third.example.org/lights", text="The lights are out.")


def entry(**changes: object) -> Entry:
    """The old post as a feed with other ids would give it."""
    plain = Entry("new id", "https://moved.example.org/somewhere", "Something else", published=NOW)
    return replace(plain, **changes)  # type: ignore[arg-type]


def store(engine: Engine, *wanted: Post) -> None:
    with transaction(engine) as connection:
        for post in wanted:
            store_post(connection, post)


def merged(engine: Engine, post: Post = NEW, into: str = OLD.key, hours: int = 1) -> None:
    """What collecting does with an entry that is a known post, and says something new."""
    now = NOW + hours * HOUR
    with transaction(engine) as connection:
        known = merges.merge(connection, post, into, REASON, now)
        if known.source == post.source:
            posts.add_revision(connection, known.key, post, f"hash of {post.text}", now)


def found(engine: Engine, key: str) -> Post:
    with reading(engine) as connection:
        post = posts.post(connection, key)
    assert post is not None
    return post


def known_as(engine: Engine, identity: str, source: str = "harbour") -> str:
    with reading(engine) as connection:
        return posts.known(connection, source, [identity])[identity].key


def candidates(engine: Engine, *entries: Entry, source: str = "harbour", first: bool = False) -> list[str]:
    with reading(engine) as connection:
        return sorted(post.key for post in merges.candidates(connection, source, entries, first=first))


# ── candidates ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "similar",
    [
        entry(title="who keeps the Harbour lights?"),
        entry(url="http://moved.example.org/aaaabbbbccccdddd/"),
        entry(published=OLD.published),
    ],
    ids=["title", "address", "date"],
)
def test_candidates_share_title_address_or_date(engine: Engine, similar: Entry) -> None:
    """Whatever host they were on; what shares nothing is none."""
    store(engine, OLD, replace(OTHER, published=NOW - 9 * HOUR))
    assert candidates(engine, similar) == [OLD.key]
    assert candidates(engine, entry()) == []


def test_candidates_are_of_the_source_or_have_the_same_id(engine: Engine) -> None:
    """In another source only an id counts, and only one that is unique in the world."""
    store(engine, OLD, a_post("c" * 16, "tides", guid="41"))
    assert candidates(engine, entry(title=OLD.title), source="tides") == ["c" * 16]
    assert candidates(engine, entry(id=OLD.guid), source="tides") == [OLD.key]
    assert candidates(engine, entry(id="41")) == []


def test_a_first_collection_asks_only_other_sources(engine: Engine) -> None:
    """Its own source has no posts yet, so nothing is searched for."""
    store(engine, OLD)
    assert candidates(engine, entry(title=OLD.title), first=True) == []
    assert candidates(engine, entry(id=OLD.guid), source="tides", first=True) == [OLD.key]


def test_a_first_collection_goes_on_where_a_retired_source_stopped(engine: Engine) -> None:
    """A blog whose address an editor changed is a new source; what it gave before counts as its own."""
    store(engine, OLD, a_post("t" * 16, "tides", title="Another"))
    similar = entry(title=OLD.title)
    assert candidates(engine, similar, source="quay", first=True) == []
    with transaction(engine) as connection:
        sources.retire_source(connection, "harbour")
        (candidate,) = merges.candidates(connection, "quay", [similar], first=True)
        assert (candidate.key, candidate.source) == (OLD.key, "quay")
        assert merges.candidates(connection, "quay", [similar]) == ()


def test_posts_of_the_same_document_are_no_candidates(engine: Engine) -> None:
    """Two entries of one document are never one post."""
    store(engine, OLD)
    with reading(engine) as connection:
        assert merges.candidates(connection, "harbour", [entry(title=OLD.title)], present={OLD.key}) == ()


def test_a_candidate_of_another_source_has_the_id_that_both_gave(engine: Engine) -> None:
    """Also when the post is known by a newer one; else the decision could not see what is the same."""
    store(engine, OLD)
    merged(engine, replace(NEW, guid="urn:new"))
    with reading(engine) as connection:
        (candidate,) = merges.candidates(connection, "tides", [entry(id=OLD.guid)])
    assert candidate.guid == OLD.guid
    assert merging.match("tides", entry(id=OLD.guid, url=candidate.url), [candidate]) is not None


def test_candidates_are_found_by_an_index(engine: Engine) -> None:
    """A poll with a new post costs the same in a table of thousands."""
    store(engine, OLD)
    with transaction(engine) as connection:
        row = connection.execute(select(schema.posts)).first()
        revision = connection.execute(select(schema.revisions)).first()
        assert row is not None
        assert revision is not None
        keys = [f"{number:016}" for number in range(4000)]
        numbered = [
            {**row._mapping, "key": key, "title_trace": key, "link_trace": key, "published": NOW - n * HOUR}
            for n, key in enumerate(keys)
        ]
        connection.execute(schema.posts.insert(), numbered)
        connection.execute(schema.revisions.insert(), [{**revision._mapping, "post": key} for key in keys])
        given = [{"source": "harbour", "identity": key, "post": key} for key in keys]
        connection.execute(schema.identities.insert(), given)
    same = [entry(id=OLD.guid, title=OLD.title, url=OLD.url, published=OLD.published)]

    def ask(connection: Connection) -> object:
        return merges.candidates(connection, "harbour", same), merges.candidates(connection, "tides", same)

    for action in (ask, lambda connection: merges.related(connection, {"harbour": same, "tides": same})):
        plan = plan_of(engine, action)
        for index in ("ix_posts_source_title_trace", "ix_posts_source_link_trace"):
            assert index in plan
        assert "Seq Scan on posts" not in plan
        assert "SCAN posts" not in plan
    assert "ix_identities_identity" in plan_of(engine, ask)


def test_sources_with_candidates_are_told_from_those_without_at_once(engine: Engine) -> None:
    """By any trait, each source among its own posts."""
    store(engine, OLD, a_post("t" * 16, "tides", title="Ebb", url="https://tides.example.org/ebb"))
    unlike = entry(published=None)
    with reading(engine) as connection:
        assert merges.related(connection, {}) == frozenset()
        assert merges.related(connection, {"harbour": [unlike], "tides": []}) == frozenset()
        for similar in (entry(title=OLD.title), entry(url=OLD.url), entry(published=OLD.published)):
            assert merges.related(connection, {"harbour": [unlike, similar]}) == {"harbour"}
        theirs = entry(title=OLD.title, published=None)
        assert merges.related(connection, {"harbour": [unlike], "tides": [theirs]}) == frozenset()
        many = {
            "harbour": [entry(title=f"t {number}") for number in range(1_200)],
            "tides": [entry(title="ebb")],
        }
        assert merges.related(connection, many) == {"tides"}


# ── merging ──────────────────────────────────────────────────────────────────────────────────────


def test_a_merged_entry_is_the_post_from_then_on(engine: Engine) -> None:
    """Under both ids, with the new words and address, and first seen when it was."""
    store(engine, OLD)
    merged(engine)
    post = found(engine, OLD.key)
    assert (post.text, post.url, post.first_seen, post.revision) == (NEW.text, NEW.url, OLD.first_seen, 2)
    assert known_as(engine, OLD.guid) == known_as(engine, "new id") == OLD.key


def test_a_merged_post_is_where_the_entry_is_even_if_it_says_the_same(engine: Engine) -> None:
    """The old host may be gone; undoing gives the old address back."""
    store(engine, OLD)
    merged(engine, replace(NEW, text=OLD.text))
    assert found(engine, OLD.key) == replace(OLD, url=NEW.url, guid="new id")
    assert candidates(engine, entry(url=NEW.url)) == [OLD.key]
    undo(engine)
    assert found(engine, OLD.key) == OLD


def test_merges_are_listed_newest_first_with_why(engine: Engine) -> None:
    """What an editor needs to judge and to undo them."""
    store(engine, OLD, OTHER)
    merged(engine)
    merged(engine, AGAIN, OTHER.key, hours=2)
    with reading(engine) as connection:
        second, first = merges.merges(connection)
    assert (second.key, second.post) == (AGAIN.key, OTHER.key)
    assert first == merges.Merge(
        NEW.key, "harbour", "new id", NEW.url, OLD.key, REASON, NOW + HOUR, undone_at=None
    )


def test_two_polls_that_merge_the_same_entry_merge_it_once(engine: Engine) -> None:
    """Two machines may see the same document."""
    store(engine, OLD)
    merged(engine)
    merged(engine, hours=2)
    with reading(engine) as connection:
        (merge,) = merges.merges(connection)
    assert merge.merged_at == NOW + HOUR


def test_nothing_is_merged_into_a_post_that_there_is_not(engine: Engine) -> None:
    """A sentence, not a crash."""
    store(engine, OLD)
    with transaction(engine) as connection, pytest.raises(NotFoundError, match="no post zzz"):
        merges.merge(connection, NEW, "zzz", REASON, NOW)


# ── two sources ──────────────────────────────────────────────────────────────────────────────────


def test_a_post_that_two_sources_give_is_open_to_digests_of_either(engine: Engine) -> None:
    """Once where both are followed; under the source that is asked for where only one is."""
    store(engine, OLD, a_post("t" * 16, "tides"))
    merged(engine, replace(NEW, source="tides", guid=OLD.guid))
    expected = {
        ("harbour", "tides"): ["harbour", "tides"],
        ("tides",): ["tides", "tides"],
        ("harbour",): ["harbour"],
    }
    with reading(engine) as connection:
        for asked, given in expected.items():
            window = posts.open_posts(connection, "weekly", asked, NOW - HOUR, NOW + HOUR)
            recent = posts.recent(connection, asked, None, 10)
            assert [post.source for post in window] == given
            assert sorted(post.source for post in recent) == given


def test_a_post_goes_over_from_a_source_that_is_followed_no_longer(engine: Engine) -> None:
    """A blog that got a domain of its own goes on: its printed posts do not come again, and its new words count."""
    store(engine, OLD, a_post("t" * 16, "tides"))
    with transaction(engine) as connection:
        freeze(connection, WEEKLY, [OLD.key])
        sources.retire_source(connection, "harbour")
    merged(engine, replace(NEW, source="tides", guid=OLD.guid))
    post = found(engine, OLD.key)
    assert (post.source, post.text) == ("tides", NEW.text)
    with reading(engine) as connection:
        window = posts.open_posts(connection, "weekly", ["tides"], NOW - HOUR, NOW + HOUR)
    assert [post.key for post in window] == ["t" * 16]


# ── undoing ──────────────────────────────────────────────────────────────────────────────────────


def undo(engine: Engine, key: str = NEW.key, hours: int = 5) -> Post:
    with transaction(engine) as connection:
        return merges.unmerge(connection, key, NOW + hours * HOUR)


def test_undoing_makes_two_posts_with_the_words_of_each(engine: Engine) -> None:
    """The entry is new for the next issue; the old post says again what it said, where it said it."""
    store(engine, OLD)
    merged(engine)
    own = undo(engine)
    assert own == found(engine, NEW.key)
    assert (own.text, own.url, own.guid, own.revision) == (NEW.text, NEW.url, "new id", 1)
    assert (own.first_seen, own.published) == (NOW + 5 * HOUR, NEW.published)
    assert found(engine, OLD.key) == replace(OLD, revision=3)
    assert (known_as(engine, "new id"), known_as(engine, OLD.guid)) == (NEW.key, OLD.key)


def test_what_was_quoted_from_a_merged_revision_stays(engine: Engine) -> None:
    """Undoing only adds revisions."""
    store(engine, OLD)
    merged(engine)
    undo(engine)
    with reading(engine) as connection:
        texts = [posts.revision_text(connection, OLD.key, number) for number in (1, 2, 3)]
    assert texts == [OLD.text, NEW.text, OLD.text]


def test_an_entry_that_said_the_same_is_taken_apart_too(engine: Engine) -> None:
    """No revision was made by the merge, so none is needed to undo it."""
    store(engine, OLD)
    merged(engine, replace(NEW, text=OLD.text))
    own = undo(engine)
    assert own.text == OLD.text
    assert (found(engine, OLD.key), own.key) == (OLD, NEW.key)


def test_what_was_undone_is_not_listed_nor_merged_again(engine: Engine) -> None:
    """The entry is known as a post of its own, so no later poll asks."""
    store(engine, OLD)
    merged(engine)
    undo(engine)
    with reading(engine) as connection:
        assert merges.merges(connection) == ()
        assert set(posts.known(connection, "harbour", ["new id"])) == {"new id"}
    with pytest.raises(NotFoundError, match="digest posts merged lists"):
        undo(engine)


def test_the_first_of_two_merges_can_be_undone_and_the_second_stays(engine: Engine) -> None:
    """Each entry gets the words that came with it."""
    store(engine, OLD)
    merged(engine)
    merged(engine, AGAIN, hours=2)
    own = undo(engine)
    post = found(engine, OLD.key)
    assert (own.text, post.text, post.url) == (NEW.text, AGAIN.text, AGAIN.url)
    assert undo(engine, AGAIN.key).text == AGAIN.text
    assert known_as(engine, "third id") == AGAIN.key
    assert (found(engine, OLD.key).text, found(engine, OLD.key).url) == (OLD.text, OLD.url)


def test_a_merge_is_undone_by_the_key_of_its_post_where_there_is_only_one(engine: Engine) -> None:
    """Of several, the sentence names the keys to choose from."""
    store(engine, OLD)
    merged(engine)
    merged(engine, AGAIN, hours=2)
    with pytest.raises(DigestError, match=f"name one of them: {NEW.key}, {AGAIN.key}"):
        undo(engine, OLD.key)
    undo(engine, AGAIN.key)
    assert undo(engine, OLD.key).key == NEW.key


def test_a_post_of_two_sources_is_taken_apart(engine: Engine) -> None:
    """The second source's is its own, at its own address; the first one's stays as it was."""
    store(engine, OLD, a_post("t" * 16, "tides"))
    merged(engine, replace(NEW, source="tides", guid=OLD.guid))
    own = undo(engine)
    assert (own.source, own.url, own.text) == ("tides", NEW.url, OLD.text)
    assert found(engine, OLD.key) == OLD
    assert known_as(engine, OLD.guid, "tides") == NEW.key


def test_an_entry_that_would_have_the_key_of_its_post_gets_another(engine: Engine) -> None:
    """A source at the address that the post's source had before gives it the same key."""
    store(engine, OLD, a_post("t" * 16, "tides"))
    merged(engine, replace(NEW, source="tides", guid=OLD.guid, key=OLD.key))
    own = undo(engine, OLD.key)
    assert own.key not in (OLD.key, NEW.key)
    assert (known_as(engine, OLD.guid, "tides"), known_as(engine, OLD.guid)) == (own.key, OLD.key)


def test_a_post_that_went_over_goes_back(engine: Engine) -> None:
    """To the source that had it, retired or not."""
    store(engine, OLD, a_post("t" * 16, "tides"))
    with transaction(engine) as connection:
        sources.retire_source(connection, "harbour")
    merged(engine, replace(NEW, source="tides", guid=OLD.guid))
    own = undo(engine)
    assert (own.source, own.text) == ("tides", NEW.text)
    assert found(engine, OLD.key) == replace(OLD, revision=3)


def test_merges_follow_a_source_that_is_renamed(engine: Engine) -> None:
    """A new slug in config.toml changes nothing else."""
    store(engine, OLD)
    merged(engine)
    with transaction(engine) as connection:
        source = sources.source(connection, "harbour")
        assert source is not None
        sources.sync(connection, [replace(source, slug="quay")], [], [], NOW + timedelta(days=1))
        (merge,) = merges.merges(connection)
    assert merge.source == "quay"
    assert undo(engine).source == found(engine, OLD.key).source == "quay"
