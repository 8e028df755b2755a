"""The Outbox: one row a key, the states of the ledger, a fence, and bytes that go when a row is closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, select

from digest.deliver.ledger import Settled
from digest.model import DeliveryState, OutboxKind, OutboxRow
from digest.store import audience, outbox, schema
from digest.store.database import transaction
from outbox_samples import NOW, a_mail, put
from store_samples import subscribe

HOUR = timedelta(hours=1)
ACCEPTED = Settled(DeliveryState.ACCEPTED, None, "250 taken")
AGAIN = Settled(DeliveryState.QUEUED, NOW + HOUR, "451 come back")
DOUBT = Settled(DeliveryState.IN_DOUBT, None, "no answer")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with transaction(engine) as opened:
        yield opened


def one(connection: Connection) -> OutboxRow:
    (row,) = outbox.rows(connection)
    return row


def data(connection: Connection) -> list[bytes]:
    return list(connection.execute(select(schema.outbox.c.data)).scalars())


def sending(connection: Connection, key: str = "a") -> OutboxRow:
    """A row whose body may leave."""
    assert put(connection, key)
    (row,) = outbox.claim(connection, "a sender", 1, NOW)
    assert outbox.begin(connection, [row], NOW) == {(row.id, row.fence)}
    return replace(row, state=DeliveryState.SENDING)


def test_a_key_is_written_once(connection: Connection) -> None:
    """Whatever causes the mail again, also after it was sent."""
    row = sending(connection)
    assert not put(connection, "a")
    outbox.settle(connection, [(row, ACCEPTED)], NOW)
    assert not put(connection, "a")
    assert put(connection, "b")
    assert outbox.known(connection, ["a", "b", "c"]) == {"a", "b"}


def test_a_row_goes_its_way_and_its_bytes_go(connection: Connection) -> None:
    """A link may stand in them: they are kept only for as long as they may have to be sent."""
    row = sending(connection)
    assert outbox.message(connection, row).data.startswith(b"From: news@example.org")
    assert data(connection) != [b""]
    outbox.settle(connection, [(row, ACCEPTED)], NOW)
    closed = one(connection)
    assert (closed.state, closed.reply, closed.attempts, closed.settled_at) == (
        "accepted",
        "250 taken",
        1,
        NOW,
    )
    assert data(connection) == [b""]


def test_a_row_that_was_put_off_comes_due_again(connection: Connection) -> None:
    """With its bytes, and one attempt more."""
    row = sending(connection)
    outbox.settle(connection, [(row, AGAIN)], NOW)
    assert outbox.claim(connection, "a sender", 1, NOW) == ()
    assert not outbox.has_work(connection, NOW)
    (again,) = outbox.claim(connection, "a sender", 1, NOW + HOUR)
    assert (again.attempts, again.fence, again.reply) == (1, 2, "451 come back")
    assert data(connection) != [b""]


def test_nobody_gets_another_s_row(connection: Connection) -> None:
    """A row is claimed once, and the oldest first."""
    for key in "abc":
        put(connection, key)
    first = outbox.claim(connection, "one", 2, NOW)
    second = outbox.claim(connection, "two", 2, NOW)
    assert [row.key for row in first] == ["a", "b"]
    assert [row.key for row in second] == ["c"]


def test_the_fence_stops_a_late_owner(connection: Connection) -> None:
    """Whoever slept past the lease begins nothing, even in one call with the row's new owner."""
    put(connection, "a")
    (late,) = outbox.claim(connection, "late", 1, NOW)
    outbox.close_late(connection, NOW + outbox.LEASE)
    (new,) = outbox.claim(connection, "new", 1, NOW + outbox.LEASE)
    assert outbox.begin(connection, [late, new], NOW + outbox.LEASE) == {(new.id, new.fence)}
    assert outbox.settle(connection, [(late, AGAIN)], NOW) == frozenset()
    assert one(connection).state is DeliveryState.SENDING


def test_a_crash_after_the_fence_leaves_a_doubt(connection: Connection) -> None:
    """Never sent again by itself; a late answer still settles it, or a person does."""
    row = sending(connection)
    outbox.abandoned(connection, lambda owner: owner == "a sender", NOW)
    assert one(connection).state is DeliveryState.IN_DOUBT
    assert outbox.claim(connection, "another", 1, NOW + HOUR) == ()
    assert outbox.settle(connection, [(row, AGAIN)], NOW) == frozenset()
    assert outbox.settle(connection, [(row, ACCEPTED)], NOW)
    assert one(connection).state is DeliveryState.ACCEPTED


@pytest.mark.parametrize(("sent", "state"), [(True, DeliveryState.ACCEPTED), (False, DeliveryState.QUEUED)])
def test_a_person_settles_a_doubt(connection: Connection, sent: bool, state: DeliveryState) -> None:
    """Once, and after that the late owner has no say."""
    row = sending(connection)
    outbox.settle(connection, [(row, DOUBT)], NOW)
    assert outbox.settle_doubt(connection, row.id, sent, NOW)
    assert one(connection).state is state
    assert not outbox.settle_doubt(connection, row.id, sent, NOW)
    assert outbox.settle(connection, [(row, ACCEPTED)], NOW) == frozenset()


def test_a_crash_before_the_fence_puts_the_row_back(connection: Connection) -> None:
    """Not a byte of it has left."""
    put(connection, "a")
    outbox.claim(connection, "a sender", 1, NOW)
    outbox.abandoned(connection, lambda _: False, NOW)
    assert one(connection).state is DeliveryState.CLAIMED
    outbox.abandoned(connection, lambda _: True, NOW)
    assert one(connection).state is DeliveryState.QUEUED


def test_what_is_too_late_is_not_sent(connection: Connection) -> None:
    """A confirmation of yesterday helps nobody, neither from the queue nor when it is about to leave."""
    put(connection, "a")
    (row,) = outbox.claim(connection, "a sender", 1, NOW)
    assert outbox.begin(connection, [row], NOW + 25 * HOUR) == frozenset()
    assert one(connection).state is DeliveryState.EXPIRED
    put(connection, "b")
    outbox.close_late(connection, NOW + 25 * HOUR)
    assert {row.state for row in outbox.rows(connection)} == {DeliveryState.EXPIRED}
    assert data(connection) == [b"", b""]


def test_an_address_that_was_suppressed_meanwhile_gets_nothing(connection: Connection) -> None:
    """It is asked in the transaction that lets the body leave."""
    put(connection, "a")
    (row,) = outbox.claim(connection, "a sender", 1, NOW)
    audience.suppress(connection, "READER@example.org", "complained", NOW)
    assert outbox.begin(connection, [row], NOW) == frozenset()
    assert (one(connection).state, data(connection)) == (DeliveryState.SUPPRESSED, [b""])


def test_closed_rows_are_forgotten_after_a_while(connection: Connection) -> None:
    """But for issues, of which nobody gets a second copy, however late."""
    outbox.settle(connection, [(sending(connection, "a"), ACCEPTED)], NOW)
    outbox.put(connection, a_mail("issue", kind=OutboxKind.ISSUE))
    (row,) = outbox.claim(connection, "a sender", 1, NOW)
    outbox.settle(connection, [(row, Settled(DeliveryState.REJECTED, None, "550 no"))], NOW)
    put(connection, "open")
    assert outbox.sweep(connection, NOW - timedelta(days=1)) == 0
    assert outbox.sweep(connection, NOW + timedelta(days=1)) == 1
    assert {row.key for row in outbox.rows(connection)} == {"issue", "open"}
    assert not outbox.put(connection, a_mail("issue", kind=OutboxKind.ISSUE))


def test_an_erased_person_leaves_no_trace(connection: Connection) -> None:
    """Open mail is gone; an issue's key stays, without an address."""
    put(connection, "a")
    outbox.put(connection, a_mail("issue", kind=OutboxKind.ISSUE))
    put(connection, "another's", "other@example.org")
    outbox.erase(connection, "Reader@Example.org", NOW)
    assert [(row.key, row.address, row.state) for row in outbox.rows(connection)] == [
        ("another's", "other@example.org", "queued"),
        ("issue", "", "cancelled"),
    ]
    assert outbox.claim(connection, "a sender", 9, NOW)[0].key == "another's"


def test_an_issue_does_not_reach_who_has_left(connection: Connection) -> None:
    """It is asked in the transaction that lets the body leave, as for the copies of the ledger."""
    subscribe(connection, "reader@example.org", "other@example.org")
    for number, address in enumerate(("reader@example.org", "other@example.org"), 1):
        mail = replace(a_mail(address, address, OutboxKind.ISSUE), subscriber=number, digest="weekly")
        assert outbox.put(connection, mail)
    claimed = outbox.claim(connection, "a sender", 2, NOW)
    audience.unsubscribe(connection, 1, "weekly", NOW)
    assert outbox.begin(connection, claimed, NOW) == {(claimed[1].id, claimed[1].fence)}
    assert [(row.state, row.reply) for row in outbox.rows(connection)] == [
        ("sending", ""),
        ("cancelled", "unsubscribed"),
    ]
