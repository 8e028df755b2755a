"""Notices and marks in the database: one of each key, one process at a time, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from digest.model import Mark, Notice, NoticeKind, NoticeState
from digest.store import marks, notices
from digest.store.database import reading, transaction
from store_samples import NOW

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def a_notice(key: str = "a", at: datetime = NOW) -> Notice:
    return Notice(key, NoticeKind.DOUBT, "Look.", "", at, at + DAY, next_try_at=at)


def put(engine: Engine, *keys: str) -> list[bool]:
    with transaction(engine) as connection:
        return [notices.put(connection, a_notice(key)) for key in keys]


def claim(engine: Engine, now: datetime = NOW, limit: int = 9) -> list[str]:
    with transaction(engine) as connection:
        return [notice.key for notice in notices.claim(connection, limit, now)]


def stored(engine: Engine) -> Notice:
    with reading(engine) as connection:
        return notices.newest(connection, 1)[0]


def test_of_one_key_there_is_one_notice(engine: Engine) -> None:
    """The first; a second one says that it was not written."""
    assert put(engine, "a", "b", "a") == [True, True, False]
    with reading(engine) as connection:
        assert notices.known(connection, ["a", "c"]) == {"a"}
        assert len(notices.newest(connection, 9)) == 2


def test_of_eight_that_claim_at_once_each_notice_is_one_s(engine: Engine) -> None:
    """Nobody gets another's, and none is left."""
    keys = [f"n{number:02}" for number in range(20)]
    put(engine, *keys)
    with ThreadPoolExecutor(8) as pool:
        got = [key for part in pool.map(lambda _: claim(engine, limit=3), range(8)) for key in part]
    assert len(set(got)) == len(got)
    assert sorted(got + claim(engine, limit=20)) == keys


def test_a_lease_that_ends_gives_a_notice_to_the_next_and_the_last_word_is_theirs(engine: Engine) -> None:
    """What the first process says then is not written any more."""
    put(engine, "a")
    with transaction(engine) as connection:
        (first,) = notices.claim(connection, 1, NOW)
    assert claim(engine, NOW + notices.LEASE - MINUTE) == []
    with transaction(engine) as connection:
        (second,) = notices.claim(connection, 1, NOW + notices.LEASE)
        brought = {"state": NoticeState.BROUGHT, "next_try_at": None, "settled_at": NOW}
        assert not notices.settle(connection, replace(first, **brought))  # type: ignore[arg-type]
        assert notices.settle(connection, replace(second, **brought, attempts=1))  # type: ignore[arg-type]
    assert (stored(engine).state, stored(engine).attempts) == (NoticeState.BROUGHT, 1)
    assert claim(engine, NOW + DAY) == []


def test_what_is_of_no_use_any_more_has_failed(engine: Engine) -> None:
    """It is closed when somebody looks, and brought by nobody."""
    put(engine, "a")
    assert claim(engine, NOW + DAY) == []
    assert stored(engine).state is NoticeState.FAILED
    assert stored(engine).settled_at == NOW + DAY


def test_a_mark_keeps_the_latest_time(engine: Engine) -> None:
    """A clock that was set back does not undo it."""
    for at in (NOW, NOW + DAY, NOW - DAY):
        with transaction(engine) as connection:
            marks.remember(connection, Mark.TICK, at)
    with reading(engine) as connection:
        assert marks.all_marks(connection) == {Mark.TICK: NOW + DAY}


def test_of_eight_that_want_the_same_turn_one_gets_it(engine: Engine) -> None:
    """The first time as on any other day; a mark from the future keeps nobody from it."""

    def take(now: datetime) -> bool:
        with transaction(engine) as connection:
            return marks.take_turn(connection, Mark.PRUNE, now - DAY, now)

    def at_once(now: datetime) -> int:
        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(take, [now] * 8))

    assert [at_once(NOW), at_once(NOW + MINUTE), at_once(NOW + DAY)] == [1, 0, 1]
    with transaction(engine) as connection:
        marks.remember(connection, Mark.PRUNE, NOW + 400 * DAY)
    assert [at_once(NOW + 2 * DAY), at_once(NOW + 2 * DAY)] == [1, 0]
