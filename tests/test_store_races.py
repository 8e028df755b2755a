"""Several workers, editors and readers at once, each with a connection of their own.

Each promise has a control: the same run with the guard taken out, which must be seen to break it.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import pytest
from sqlalchemy import Connection, Engine, Select

from digest.deliver.ledger import claim_of
from digest.model import Delivery, DeliveryState, Send, SendState
from digest.store import audience, deliveries
from digest.store.database import transaction
from digest.store.deliveries import claiming, fencing
from store_samples import (
    A_MOMENT,
    HOUR,
    LEASE,
    NOW,
    WEEKLY,
    begin_row,
    freeze,
    meanwhile,
    request,
    settle_row,
    subscribe,
)

S = DeliveryState


def start(engine: Engine, people: int = 1) -> None:
    with transaction(engine) as connection:
        subscribe(connection, *(f"reader{number}@example.org" for number in range(people)))
        request(connection)


def claim(engine: Engine, owner: str = "one", limit: int = 1) -> tuple[Delivery, ...]:
    with transaction(engine) as connection:
        return deliveries.claim(connection, WEEKLY, owner, limit, NOW, LEASE)


def begin(engine: Engine, delivery: Delivery) -> bool:
    with transaction(engine) as connection:
        return begin_row(connection, delivery, NOW)


def state_of(engine: Engine, delivery: Delivery) -> DeliveryState:
    with transaction(engine) as connection:
        return next(row.state for row in deliveries.rows(connection, WEEKLY) if row.id == delivery.id)


# ── leaving against sending ──────────────────────────────────────────────────────────────────────


def leave(connection: Connection) -> None:
    assert audience.unsubscribe(connection, 1, "weekly", NOW)


def suppress(connection: Connection) -> None:
    audience.suppress(connection, "reader0@example.org", "complained", NOW)


def pause(connection: Connection) -> None:
    deliveries.set_send_state(connection, WEEKLY, SendState.PAUSED, "a person said so")


@pytest.mark.parametrize(
    ("act", "becomes"),
    [(leave, S.CANCELLED), (suppress, S.SUPPRESSED), (pause, S.QUEUED)],
    ids=["leave", "suppress", "pause"],
)
def test_nothing_begins_to_leave_once_a_person_has_said_no(
    engine: Engine, act: Callable[[Connection], None], becomes: DeliveryState
) -> None:
    """The worker asks while the answer is being written: it waits, and is told no."""
    start(engine)
    (delivery,) = claim(engine)
    assert meanwhile(engine, act, lambda: begin(engine, delivery)) is False
    assert state_of(engine, delivery) is becomes


def test_without_its_conditions_the_fence_lets_mail_out_to_people_who_left(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: the same UPDATE by the rows' ids alone sends."""
    monkeypatch.setattr(fencing, "locked", lambda _, rows: dict.fromkeys(map(claim_of, rows), S.CLAIMED))
    monkeypatch.setattr(fencing, "refusal", lambda *_: None)
    start(engine)
    (delivery,) = claim(engine)
    assert meanwhile(engine, leave, lambda: begin(engine, delivery)) is True


def test_who_leaves_while_the_fence_is_passed_leaves_after_the_message(engine: Engine) -> None:
    """The other order: the message is on its way, the person is unsubscribed, nothing is called back."""
    start(engine)
    (delivery,) = claim(engine)

    def pass_the_fence(connection: Connection) -> None:
        assert begin_row(connection, delivery, NOW)

    def leave_now() -> bool:
        with transaction(engine) as connection:
            return audience.unsubscribe(connection, 1, "weekly", NOW)

    assert meanwhile(engine, pass_the_fence, leave_now) is True
    assert state_of(engine, delivery) is S.SENDING


def test_an_editor_and_a_worker_never_wait_for_each_other(engine: Engine) -> None:
    """A worker that writes a row and then looks at the send, while an editor pauses it: both get through."""
    start(engine, 2)
    refused, _ = claim(engine, limit=2)

    def editor() -> None:
        with transaction(engine) as connection:
            pause(connection)

    with ThreadPoolExecutor(1) as other:
        with transaction(engine) as connection:
            assert settle_row(connection, refused, S.REJECTED, "550 no such user", None, NOW)
            pausing = other.submit(editor)
            time.sleep(A_MOMENT)
            assert not deliveries.finish_if_done(connection, WEEKLY, NOW)
        pausing.result(30)
    with transaction(engine) as connection:
        counts = deliveries.counts(connection, WEEKLY)
    assert (counts[S.REJECTED], counts[S.QUEUED]) == (1, 1)


def test_a_row_that_was_held_while_its_send_was_cancelled_is_closed_later(engine: Engine) -> None:
    """A worker claims while the editor cancels, and dies: nothing stays open for ever, nothing is sent."""
    start(engine)

    def take(connection: Connection) -> None:
        assert deliveries.claim(connection, WEEKLY, "one", 1, NOW, LEASE)

    def cancel() -> None:
        with transaction(engine) as connection:
            deliveries.set_send_state(connection, WEEKLY, SendState.CANCELLED)
            deliveries.cancel_open(connection, WEEKLY, NOW)

    meanwhile(engine, take, cancel)
    with transaction(engine) as connection:
        deliveries.expire(connection, NOW)
        assert deliveries.counts(connection, WEEKLY)[S.CANCELLED] == 1


def test_of_two_workers_that_close_the_last_rows_at_once_one_finishes_the_send(engine: Engine) -> None:
    """Neither sees what the other has not committed; the second waits, and then sees it."""
    start(engine, 2)
    last, very_last = claim(engine, limit=2)

    def close(connection: Connection, delivery: Delivery) -> bool:
        assert settle_row(connection, delivery, S.REJECTED, "550", None, NOW)
        return deliveries.finish_if_done(connection, WEEKLY, NOW)

    def second() -> bool:
        with transaction(engine) as connection:
            return close(connection, very_last)

    assert meanwhile(engine, lambda connection: close(connection, last), second) is True


# ── workers against workers ──────────────────────────────────────────────────────────────────────


def test_workers_that_claim_at_once_share_the_rows(engine: Engine) -> None:
    """Every row goes to exactly one of them."""
    start(engine, 60)

    def work(owner: str) -> list[int]:
        mine: list[int] = []
        while batch := claim(engine, owner, 7):
            mine += [delivery.id for delivery in batch]
        return mine

    with ThreadPoolExecutor(4) as pool:
        taken = [row for rows in pool.map(work, ("one", "two", "three", "four")) for row in rows]
    assert len(taken) == len(set(taken)) == 60


def test_a_worker_passes_over_what_another_one_is_claiming(engine: Engine) -> None:
    """On PostgreSQL it does not even wait; on SQLite it waits its turn. The rows are different in both."""
    start(engine, 2)
    taken: list[Delivery] = []

    def first(connection: Connection) -> None:
        taken.extend(deliveries.claim(connection, WEEKLY, "one", 1, NOW, LEASE))

    second = meanwhile(engine, first, lambda: claim(engine, "two"))
    assert isinstance(second, tuple)
    assert len({delivery.id for delivery in (*taken, *second)}) == 2


def test_without_the_row_locks_two_workers_get_the_same_row(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the two tests above."""
    if engine.dialect.name == "sqlite":
        pytest.skip("on SQLite the whole transaction is the lock")

    def unlocked(
        connection: Connection, query: Select[int], values: Mapping[str, object] = MappingProxyType({})
    ) -> list[int]:
        return list(connection.execute(query, values).scalars())

    monkeypatch.setattr(claiming, "_unlocked_ids", unlocked)
    start(engine, 2)
    taken: list[Delivery] = []

    def first(connection: Connection) -> None:
        taken.extend(deliveries.claim(connection, WEEKLY, "one", 1, NOW, LEASE))

    second = meanwhile(engine, first, lambda: claim(engine, "two"))
    assert isinstance(second, tuple)
    assert [delivery.id for delivery in taken] == [delivery.id for delivery in second]


def test_a_double_click_writes_one_ledger(engine: Engine) -> None:
    """Two requests at once: one is stored, the other is told that it exists."""
    with transaction(engine) as connection:
        subscribe(connection, "ada@example.org", "bo@example.org")
        freeze(connection)
    send = Send(WEEKLY, 1, SendState.RUNNING, NOW, NOW + HOUR)

    def ask() -> bool:
        with transaction(engine) as connection:
            return deliveries.request_send(connection, send, ())

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask) for _ in range(4)]
        assert sorted(answer.result() for answer in answers) == [False, False, False, True]
    with transaction(engine) as connection:
        assert deliveries.counts(connection, WEEKLY)[S.QUEUED] == 2


def test_everybody_at_once_neither_blocks_nor_sends_twice(engine: Engine) -> None:
    """Workers send while people leave, an editor pauses and resumes, and time runs out: no deadlock, no second copy."""
    start(engine, 80)
    done = threading.Event()
    sent: Counter[int] = Counter()

    def send_all(owner: str) -> None:
        while not done.is_set():
            for delivery in claim(engine, owner, 3):
                if begin(engine, delivery):
                    sent[delivery.subscriber] += 1
                    with transaction(engine) as connection:
                        assert settle_row(connection, delivery, S.ACCEPTED, "250 ok", None, NOW)

    def people_leave() -> None:
        for subscriber in range(1, 80, 4):
            with transaction(engine) as connection:
                audience.unsubscribe(connection, subscriber, None, NOW)

    def editor_hesitates() -> None:
        for _ in range(6):
            for state in (SendState.PAUSED, SendState.RUNNING):
                with transaction(engine) as connection:
                    deliveries.set_send_state(connection, WEEKLY, state)
                    deliveries.expire(connection, NOW)

    with ThreadPoolExecutor(5) as pool:
        workers = [pool.submit(send_all, owner) for owner in ("one", "two", "three")]
        others = [pool.submit(people_leave), pool.submit(editor_hesitates)]
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (
            all(other.done() for other in others) and _finished(engine)
        ):
            time.sleep(0.02)
        done.set()
        for action in (*others, *workers):
            action.result()
    with transaction(engine) as connection:
        counts = deliveries.counts(connection, WEEKLY)
    assert set(sent.values()) == {1}
    assert counts[S.ACCEPTED] == len(sent)
    assert counts[S.ACCEPTED] + counts[S.CANCELLED] == 80


def _finished(engine: Engine) -> bool:
    with transaction(engine) as connection:
        return deliveries.finish_if_done(connection, WEEKLY, NOW)
