"""How a post is found for an explanation, and where it is settled, on every database."""

from __future__ import annotations

from sqlalchemy import Engine

from digest.model import Post, Settlement
from digest.store import merges, standings
from digest.store.database import reading, transaction
from store_samples import NOW, WEEKLY, a_post, freeze, store_post

POST = a_post()
MOVED = a_post("m" * 16, guid="new id", url="https://moved.example.org/lights", text="The lights are kept.")


def found(engine: Engine, name: str) -> str:
    """The key of the post that is found by a name, or ""."""
    with reading(engine) as connection:
        post: Post | None = standings.find(connection, name)
    return post.key if post else ""


def test_a_post_is_found_by_key_address_and_id(engine: Engine) -> None:
    """And nothing by any other name."""
    with transaction(engine) as connection:
        store_post(connection, POST)
    assert [found(engine, name) for name in (POST.key, POST.url, POST.guid)] == [POST.key] * 3
    assert found(engine, "https://harbour.example.org/none") == ""
    assert found(engine, "x" * 1_000) == ""


def test_a_post_is_found_by_the_address_of_what_was_merged_into_it(engine: Engine) -> None:
    """Until the merge is taken back, when the address is that of a post of its own."""
    with transaction(engine) as connection:
        store_post(connection, POST)
        merges.merge(connection, MOVED, POST.key, "The same title and text.", NOW)
    assert found(engine, MOVED.url) == POST.key
    with transaction(engine) as connection:
        own = merges.unmerge(connection, MOVED.key, NOW)
    assert found(engine, MOVED.url) == own.key != POST.key


def test_a_post_is_settled_once_in_each_digest(engine: Engine) -> None:
    """With the issue and what it decided."""
    with transaction(engine) as connection:
        store_post(connection, POST)
        assert standings.settled(connection, POST.key) == {}
        freeze(connection, settled=[POST.key])
        assert standings.settled(connection, POST.key) == {"weekly": (WEEKLY, Settlement.PICKED)}
