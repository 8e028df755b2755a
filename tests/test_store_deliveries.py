"""The ledger: one row per person, claimed by one worker, sent at most once by itself, never lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Engine, insert

from digest.deliver.ledger import Settled, claim_of
from digest.errors import DigestError, NotFoundError
from digest.model import Delivery, DeliveryState, IssueId, Send, SendState
from digest.store import audience, deliveries, schema
from digest.store.database import transaction
from query_plans import plan_of
from store_samples import HOUR, LEASE, NOW, WEEKLY, begin_row, freeze, request, settle_row, subscribe

PEOPLE = ("ada@example.org", "bo@example.org", "cleo@example.org")
LATER = NOW + LEASE
NEXT = IssueId("weekly", date(2026, 11, 29))
S = DeliveryState


def start(engine: Engine, *addresses: str) -> None:
    """A running send to these people."""
    with transaction(engine) as connection:
        subscribe(connection, *(addresses or PEOPLE))
        request(connection)


def claim(
    connection: Connection, limit: int = 1, owner: str = "one", now: object = NOW
) -> tuple[Delivery, ...]:
    return deliveries.claim(connection, WEEKLY, owner, limit, now, LEASE)  # type: ignore[arg-type]


def claimed(connection: Connection) -> Delivery:
    (delivery,) = claim(connection)
    return delivery


def sending(connection: Connection) -> Delivery:
    delivery = claimed(connection)
    assert begin_row(connection, delivery, NOW)
    return delivery


def states(connection: Connection) -> dict[DeliveryState, int]:
    return {state: count for state, count in deliveries.counts(connection, WEEKLY).items() if count}


def row(connection: Connection, delivery: Delivery) -> Delivery:
    return next(found for found in deliveries.rows(connection, WEEKLY) if found.id == delivery.id)


# ── the request ──────────────────────────────────────────────────────────────────────────────────


def test_a_request_writes_a_row_for_each_person_and_is_stored_once(engine: Engine) -> None:
    """A double click sends once, even when somebody subscribed in between."""
    with transaction(engine) as connection:
        subscribe(connection, *PEOPLE)
        subscribe(connection, "dan@example.org", digest="monthly")
        asked = request(connection)
        subscribe(connection, "late@example.org")
        assert not deliveries.request_send(connection, replace(asked, expires_at=LATER), ())
        assert deliveries.send(connection, WEEKLY) == asked
        rows = deliveries.rows(connection, WEEKLY)
    assert [delivery.address for delivery in rows] == list(PEOPLE)
    assert rows[0] == Delivery(rows[0].id, WEEKLY, 1, PEOPLE[0], "", S.QUEUED, next_try_at=NOW)


def test_rows_that_nothing_is_sent_for_are_closed_from_the_start(engine: Engine) -> None:
    """Suppressed people, people who left, and choices for which the issue has nothing."""
    with transaction(engine) as connection:
        subscribe(connection, *PEOPLE, "dan@example.org")
        subscribe(connection, "eve@example.org", themes=("water", "schools"))
        audience.unsubscribe(connection, 1, "weekly", NOW)
        audience.suppress(connection, "BO@example.org", "complained", NOW)
        audience.suppress(connection, "eve@example.org", "complained", NOW)
        subscribe(connection, "finn@example.org", themes=("schools", "water"))
        request(connection, empty_choices=["schools,water"])
        rows = deliveries.rows(connection, WEEKLY)
    assert [(delivery.address, delivery.state, delivery.settled_at) for delivery in rows] == [
        ("bo@example.org", S.SUPPRESSED, NOW),
        ("cleo@example.org", S.QUEUED, None),
        ("dan@example.org", S.QUEUED, None),
        ("eve@example.org", S.SUPPRESSED, NOW),
        ("finn@example.org", S.NOTHING_FOR_THEM, NOW),
    ]
    assert rows[-1].choice == "schools,water"


# ── claiming ─────────────────────────────────────────────────────────────────────────────────────


def test_a_row_is_claimed_by_one_worker_at_a_time(engine: Engine) -> None:
    """With an owner, a lease and a higher fence; the next worker gets the next row."""
    start(engine)
    with transaction(engine) as connection:
        first = claim(connection, 2, "one")
        second = claim(connection, 5, "two")
        assert claim(connection, 5, "three") == ()
    assert [delivery.address for delivery in first + second] == list(PEOPLE)
    assert {delivery.owner for delivery in first} == {"one"}
    assert {(d.state, d.fence, d.lease_until) for d in first + second} == {(S.CLAIMED, 1, NOW + LEASE)}


def test_rows_are_claimed_when_they_are_due_the_earliest_first(engine: Engine) -> None:
    """What is to be tried again waits for its time."""
    start(engine)
    with transaction(engine) as connection:
        for minutes, delivery in zip((30, 10, 20), claim(connection, 3), strict=True):
            again = NOW + timedelta(minutes=minutes)
            assert settle_row(connection, delivery, S.QUEUED, "450 later", again, NOW)
        assert claim(connection, 3) == ()
        due = claim(connection, 3, now=NOW + timedelta(minutes=20))
    assert [delivery.address for delivery in due] == [PEOPLE[1], PEOPLE[2]]
    assert [(delivery.attempts, delivery.reply) for delivery in due] == [(1, "450 later")] * 2


@pytest.mark.parametrize("state", [SendState.PAUSED, SendState.CANCELLED])
def test_nothing_is_claimed_of_a_send_that_is_held(engine: Engine, state: SendState) -> None:
    """Nor of one whose time is over, nor of none."""
    start(engine)
    with transaction(engine) as connection:
        assert claim(connection, 1, now=NOW + 24 * HOUR) == ()
        assert deliveries.claim(connection, NEXT, "one", 1, NOW, LEASE) == ()
        deliveries.set_send_state(connection, WEEKLY, state, "a person said so")
        assert claim(connection) == ()
        assert deliveries.claim(connection, None, "one", 1, NOW, LEASE) == ()


def test_without_an_issue_the_rows_of_any_running_send_are_claimed(engine: Engine) -> None:
    """In the order in which the sends were asked for, up to the limit in all."""
    start(engine)
    with transaction(engine) as connection:
        request(connection, NEXT)
        taken = deliveries.claim(connection, None, "one", 4, NOW, LEASE)
        assert [send.issue for send in deliveries.running_sends(connection)] == [WEEKLY, NEXT]
    assert [delivery.issue for delivery in taken] == [WEEKLY, WEEKLY, WEEKLY, NEXT]


def test_a_lease_that_ends_gives_back_what_was_not_begun_and_doubts_what_was(engine: Engine) -> None:
    """A crash after the claim loses nothing; a crash in the middle of a body waits for a person."""
    start(engine)
    with transaction(engine) as connection:
        begun = sending(connection)
        waiting = claimed(connection)
        after = NOW + deliveries.SENDING_LEASE
        (again, _) = claim(connection, 5, "two", after)[:2]
        assert row(connection, begun).state is S.IN_DOUBT
        assert "stopped before it had an answer" in row(connection, begun).reply
        assert (again.id, again.fence, again.owner) == (waiting.id, 2, "two")
        assert states(connection) == {S.IN_DOUBT: 1, S.CLAIMED: 2}
        assert claim(connection, 5, "three", after + 9 * HOUR) != ()
        assert row(connection, begun).state is S.IN_DOUBT


def test_a_lease_that_goes_on_is_left_alone(engine: Engine) -> None:
    """A slow worker is not robbed; sending has a lease of its own, as long as a relay may take to answer."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        delivery = claimed(connection)
        assert claim(connection, 1, "two", NOW + LEASE - timedelta(seconds=1)) == ()
        assert begin_row(connection, delivery, NOW + LEASE - timedelta(seconds=1))
        assert claim(connection, 1, "two", NOW + LEASE + timedelta(minutes=19)) == ()
        assert states(connection) == {S.SENDING: 1}


# ── the fence ────────────────────────────────────────────────────────────────────────────────────


def late(connection: Connection, _: Delivery) -> None:
    assert claim(connection, 5, "two", LATER)


def left(connection: Connection, delivery: Delivery) -> None:
    audience.unsubscribe(connection, delivery.subscriber, "weekly", NOW)


def left_by_hand(connection: Connection, _: Delivery) -> None:
    connection.execute(schema.subscriptions.update().values(state="unsubscribed"))


def suppressed_by_hand(connection: Connection, delivery: Delivery) -> None:
    row = {"address_key": delivery.address, "address": delivery.address, "reason": "x", "at": NOW}
    connection.execute(insert(schema.suppressions).values(**row))


def held(state: SendState) -> Callable[[Connection, Delivery], None]:
    def hold(connection: Connection, _: Delivery) -> None:
        connection.execute(schema.sends.update().values(state=state))

    return hold


def over(connection: Connection, _: Delivery) -> None:
    connection.execute(schema.sends.update().values(expires_at=NOW))


@pytest.mark.parametrize(
    ("meanwhile", "becomes"),
    [
        (late, S.CLAIMED),
        (left, S.CANCELLED),
        (left_by_hand, S.CANCELLED),
        (suppressed_by_hand, S.SUPPRESSED),
        (held(SendState.PAUSED), S.QUEUED),
        (held(SendState.CANCELLED), S.CANCELLED),
        (over, S.EXPIRED),
    ],
)
def test_nothing_is_sent_that_may_not_be_sent_at_that_moment(
    engine: Engine, meanwhile: Callable[[Connection, Delivery], None], becomes: DeliveryState
) -> None:
    """Whatever happened since the claim, the row goes where it belongs and the body stays here."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        delivery = claimed(connection)
        meanwhile(connection, delivery)
        assert not begin_row(connection, delivery, NOW)
        found = row(connection, delivery)
    assert found.state is becomes
    assert (found.settled_at is not None) == (becomes not in (S.CLAIMED, S.QUEUED))
    assert (found.lease_until is None) == (becomes is not S.CLAIMED)


def test_a_body_is_begun_once(engine: Engine) -> None:
    """A second call with the same claim gets no second permission, and takes nothing away."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        delivery = sending(connection)
        assert not begin_row(connection, delivery, NOW)
        assert states(connection) == {S.SENDING: 1}


# ── settling ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", [S.ACCEPTED, S.REJECTED, S.IN_DOUBT, S.EXPIRED])
def test_a_row_is_settled_with_the_relays_words(engine: Engine, state: DeliveryState) -> None:
    """The reply is kept, cut where a relay talks too much; a closed row says when."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        delivery = sending(connection)
        assert settle_row(connection, delivery, state, "250 " + "ok" * 9000, None, LATER)
        found = row(connection, delivery)
    assert (found.state, found.attempts, len(found.reply), found.lease_until) == (state, 1, 500, None)
    assert found.settled_at == (None if state is S.IN_DOUBT else LATER)


def test_a_row_given_back_untried_is_due_as_before(engine: Engine) -> None:
    """A relay that was away costs nobody an attempt."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        delivery = claimed(connection)
        assert settle_row(connection, delivery, S.QUEUED, "no connection", delivery.next_try_at, LATER)
        found = row(connection, delivery)
    assert (found.state, found.attempts, found.next_try_at, found.owner) == (S.QUEUED, 0, NOW, "")


def test_nothing_is_accepted_that_was_never_begun(engine: Engine) -> None:
    """The ledger's own transitions hold in the database too."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        delivery = claimed(connection)
        for state in (S.ACCEPTED, S.IN_DOUBT):
            assert not settle_row(connection, delivery, state, "250 ok", None, NOW)
        assert states(connection) == {S.CLAIMED: 1}


@pytest.mark.parametrize("state", [S.ACCEPTED, S.QUEUED, S.REJECTED])
def test_a_late_owner_changes_nothing_of_the_next_one(engine: Engine, state: DeliveryState) -> None:
    """A worker that was stopped past its lease finds another fence."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        stale = claimed(connection)
        (fresh,) = claim(connection, 1, "one", LATER)
        assert not begin_row(connection, stale, LATER)
        assert begin_row(connection, fresh, LATER)
        assert not settle_row(connection, stale, state, "late", None, LATER)
        assert states(connection) == {S.SENDING: 1}


def test_a_late_answer_closes_a_doubt_but_never_reopens_it(engine: Engine) -> None:
    """The owner who was stopped after the dot still knows the relay's answer; nothing is resent for it."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        delivery = sending(connection)
        claim(connection, 1, "two", NOW + HOUR)
        assert states(connection) == {S.IN_DOUBT: 1}
        assert not settle_row(connection, delivery, S.QUEUED, "450", None, NOW + HOUR)
        assert settle_row(connection, delivery, S.ACCEPTED, "250 ok", None, NOW + HOUR)
        assert states(connection) == {S.ACCEPTED: 1}
        assert not settle_row(connection, delivery, S.ACCEPTED, "250 again", None, NOW + HOUR)


def test_what_comes_back_under_a_cancelled_send_is_cancelled(engine: Engine) -> None:
    """A 4xx after the editor's cancel leaves nothing open."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        delivery = sending(connection)
        deliveries.set_send_state(connection, WEEKLY, SendState.CANCELLED, "wrong issue")
        assert deliveries.cancel_open(connection, WEEKLY, NOW) == 0
        assert settle_row(connection, delivery, S.QUEUED, "450", LATER, NOW)
        assert states(connection) == {S.CANCELLED: 1}


# ── a person's word ──────────────────────────────────────────────────────────────────────────────


def doubt(connection: Connection) -> Delivery:
    delivery = sending(connection)
    assert settle_row(connection, delivery, S.IN_DOUBT, "the connection was lost", None, NOW)
    return delivery


def test_what_is_in_doubt_is_never_sent_again_by_itself(engine: Engine) -> None:
    """Not after a pause, not after any time, and the send is not called finished."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        doubt(connection)
        for state in (SendState.PAUSED, SendState.RUNNING):
            deliveries.set_send_state(connection, WEEKLY, state)
        for hours in (1, 23, 30):
            assert claim(connection, 5, now=NOW + hours * HOUR) == ()
        deliveries.expire(connection, NOW + 30 * HOUR)
        assert not deliveries.finish_if_done(connection, WEEKLY, NOW)
        assert states(connection) == {S.IN_DOUBT: 1}


def test_a_person_may_mark_it_as_sent(engine: Engine) -> None:
    """That closes the last open row, and so the send; the late owner comes too late."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        delivery = doubt(connection)
        assert deliveries.settle_doubt(connection, WEEKLY, "ADA@example.org", True, LATER)
        assert not deliveries.settle_doubt(connection, WEEKLY, "ada@example.org", True, LATER)
        assert not settle_row(connection, delivery, S.ACCEPTED, "250", None, LATER)
        found = row(connection, delivery)
        send = deliveries.send(connection, WEEKLY)
    assert (found.state, found.reply, found.settled_at) == (S.ACCEPTED, "marked as sent by a person", LATER)
    assert send is not None
    assert send.state is SendState.FINISHED


def test_a_person_may_send_it_once_more(engine: Engine) -> None:
    """Under a new fence, so that a late answer to the first try says nothing about the second."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        delivery = doubt(connection)
        assert deliveries.settle_doubt(connection, WEEKLY, "ada@example.org", False, LATER)
        assert not settle_row(connection, delivery, S.ACCEPTED, "250", None, LATER)
        (again,) = claim(connection, 1, "one", LATER)
    assert (again.id, again.fence) == (delivery.id, delivery.fence + 2)


def test_a_doubt_that_is_none_is_not_settled(engine: Engine) -> None:
    """Nor can a cancelled send be sent once more."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        assert not deliveries.settle_doubt(connection, WEEKLY, "ada@example.org", False, NOW)
        assert not deliveries.settle_doubt(connection, WEEKLY, "nobody@example.org", True, NOW)
        doubt(connection)
        deliveries.set_send_state(connection, WEEKLY, SendState.CANCELLED)
        with pytest.raises(DigestError, match="can only be marked as sent"):
            deliveries.settle_doubt(connection, WEEKLY, "ada@example.org", False, NOW)
        with pytest.raises(NotFoundError, match="digest send weekly/2026-11-29"):
            deliveries.settle_doubt(connection, NEXT, "ada@example.org", True, NOW)


# ── the send ─────────────────────────────────────────────────────────────────────────────────────


def test_pausing_gives_back_what_was_only_claimed(engine: Engine) -> None:
    """What is leaving goes its way; resuming goes on with the rest."""
    start(engine)
    with transaction(engine) as connection:
        begun, waiting = sending(connection), claimed(connection)
        paused = deliveries.set_send_state(connection, WEEKLY, SendState.PAUSED, "too many bounces")
        assert paused == deliveries.send(connection, WEEKLY)
        assert (paused.state, paused.why) == (SendState.PAUSED, "too many bounces")
        assert states(connection) == {S.SENDING: 1, S.QUEUED: 2}
        assert not settle_row(connection, waiting, S.REJECTED, "550", None, NOW)
        assert settle_row(connection, begun, S.ACCEPTED, "250", None, NOW)
        assert deliveries.set_send_state(connection, WEEKLY, SendState.RUNNING).why == ""
        assert len(claim(connection, 5)) == 2


@pytest.mark.parametrize("end", [SendState.CANCELLED, SendState.FINISHED])
def test_a_send_that_ended_stays_ended(engine: Engine, end: SendState) -> None:
    """Nobody resumes it by mistake; saying the same twice is no mistake."""
    start(engine)
    with transaction(engine) as connection:
        for _ in range(2):
            deliveries.set_send_state(connection, WEEKLY, end)
        with pytest.raises(DigestError, match=f"is {end} and cannot become running"):
            deliveries.set_send_state(connection, WEEKLY, SendState.RUNNING)


def test_a_send_nobody_asked_for_is_not_found(engine: Engine) -> None:
    """The sentence says how to ask for it."""
    with transaction(engine) as connection:
        assert deliveries.send(connection, WEEKLY) is None
        with pytest.raises(NotFoundError, match=r"digest send weekly/2026-11-22"):
            deliveries.set_send_state(connection, WEEKLY, SendState.PAUSED)
        with pytest.raises(NotFoundError):
            deliveries.cancel_open(connection, WEEKLY, NOW)


def test_cancelling_closes_all_that_has_not_begun_to_leave(engine: Engine) -> None:
    """And counts it."""
    start(engine)
    with transaction(engine) as connection:
        sending(connection)
        claimed(connection)
        assert deliveries.cancel_open(connection, WEEKLY, LATER) == 2
        assert states(connection) == {S.SENDING: 1, S.CANCELLED: 2}


def test_what_is_not_sent_in_time_expires(engine: Engine) -> None:
    """At the hour, not before; what is leaving and what is paused waits for its answer or a person."""
    start(engine)
    with transaction(engine) as connection:
        sending(connection)
        assert deliveries.expire(connection, NOW + 24 * HOUR - timedelta(seconds=1)) == 0
        deliveries.set_send_state(connection, WEEKLY, SendState.PAUSED)
        assert deliveries.expire(connection, NOW + 24 * HOUR) == 0
        deliveries.set_send_state(connection, WEEKLY, SendState.RUNNING)
        assert deliveries.expire(connection, NOW + 24 * HOUR) == 2
        assert states(connection) == {S.SENDING: 1, S.EXPIRED: 2}


def test_a_send_is_finished_when_no_row_is_open(engine: Engine) -> None:
    """Once; and at once where there was nobody to write to."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        delivery = sending(connection)
        assert not deliveries.finish_if_done(connection, WEEKLY, NOW)
        settle_row(connection, delivery, S.ACCEPTED, "250 ok", None, NOW)
        assert deliveries.finish_if_done(connection, WEEKLY, NOW)
        assert not deliveries.finish_if_done(connection, WEEKLY, NOW)
        assert deliveries.running_sends(connection) == ()
        audience.unsubscribe(connection, 1, None, NOW)
        request(connection, NEXT)
        assert deliveries.finish_if_done(connection, NEXT, NOW)


def test_rows_are_listed_by_state_up_to_a_limit(engine: Engine) -> None:
    """What an editor looks at."""
    start(engine)
    with transaction(engine) as connection:
        delivery = claimed(connection)
        assert [found.id for found in deliveries.rows(connection, WEEKLY, S.CLAIMED)] == [delivery.id]
        assert len(deliveries.rows(connection, WEEKLY, limit=2)) == 2
        assert set(deliveries.counts(connection, WEEKLY)) == set(S)
        assert sum(deliveries.counts(connection, NEXT).values()) == 0


def test_claims_and_fences_over_many_rows_go_by_an_index(engine: Engine) -> None:
    """What is left to do is a query; over a million rows it must not read them all."""
    start(engine, *(f"reader{number}@example.org" for number in range(3)))
    with transaction(engine) as connection:
        people = [
            {"id": number, "address": f"{number}@example.org", "address_key": f"{number}", "created_at": NOW}
            for number in range(100, 4100)
        ]
        connection.execute(schema.subscribers.insert(), people)
        rows = [
            {"issue": WEEKLY, "subscriber": person["id"], "address": "", "choice": ""} for person in people
        ]
        connection.execute(schema.deliveries.insert(), [{**row, "state": S.ACCEPTED} for row in rows])
        delivery = claimed(connection)
    plan = plan_of(engine, lambda connection: claim(connection, 9))
    assert "ix_deliveries_issue_state_next_try_at_id" in plan
    assert "ix_deliveries_leased" in plan
    plan += plan_of(engine, lambda connection: begin_row(connection, delivery, NOW))
    plan += plan_of(engine, lambda connection: audience.unsubscribe(connection, 1, "weekly", NOW))
    assert "uq_deliveries_subscriber_issue" in plan or "sqlite_autoindex_deliveries_1" in plan
    assert "Seq Scan on deliveries" not in plan
    assert "SCAN deliveries" not in plan


# ── a sender that slept past its lease ───────────────────────────────────────────────────────────


def claimed_twice(connection: Connection) -> tuple[Delivery, Delivery]:
    """The same row under an earlier and a later claim of one owner."""
    (earlier,) = claim(connection, 1, "one")
    (later,) = claim(connection, 1, "one", LATER)
    assert later.id == earlier.id
    return earlier, later


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned round"])
def test_of_two_claims_of_one_row_the_later_one_begins(engine: Engine, turned: bool) -> None:
    """Both ask at once: one body may leave, not two."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        earlier, later = claimed_twice(connection)
        asking = [later, earlier] if turned else [earlier, later]
        assert deliveries.begin(connection, asking, LATER) == {claim_of(later)}
        assert states(connection) == {S.SENDING: 1}


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned round"])
def test_of_two_claims_of_one_row_the_later_one_is_settled(engine: Engine, turned: bool) -> None:
    """The earlier one cannot put back into the queue what was accepted under the later one."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        earlier, later = claimed_twice(connection)
        deliveries.begin(connection, [later], LATER)
        settled = [
            (later, Settled(S.ACCEPTED, None, "250 ok")),
            (earlier, Settled(S.QUEUED, NOW, "given back", tried=False)),
        ]
        wanted = settled[::-1] if turned else settled
        assert deliveries.settle(connection, wanted, LATER) == {claim_of(later)}
        assert states(connection) == {S.ACCEPTED: 1}


def test_what_a_sender_left_behind_is_taken_back(engine: Engine) -> None:
    """Only a body that was begun leaves a doubt; the rows of the living stay theirs."""
    start(engine)
    with transaction(engine) as connection:
        sending(connection)
        claimed(connection)
        (living,) = claim(connection, 1, "two")
        assert deliveries.give_back_of(connection, WEEKLY, lambda owner: owner == "one") == 2
        assert deliveries.give_back_of(connection, WEEKLY, lambda owner: owner == "one") == 0
        assert states(connection) == {S.IN_DOUBT: 1, S.QUEUED: 1, S.CLAIMED: 1}
        assert row(connection, living).owner == "two"


# ── a first part ─────────────────────────────────────────────────────────────────────────────────


def start_with_a_part(engine: Engine, people: int) -> None:
    start(engine, "first@example.org")  # so that the digest has an issue before
    with transaction(engine) as connection:
        subscribe(connection, *(f"reader{number}@example.org" for number in range(people - 1)))
        freeze(connection, NEXT)
        send = Send(NEXT, 1, SendState.RUNNING, NOW, NOW + HOUR)
        assert deliveries.request_send(connection, send, (), first_percent=1)


def test_only_the_first_part_is_claimed_until_it_went_well(engine: Engine) -> None:
    """Then all others are."""
    start_with_a_part(engine, 15)
    with transaction(engine) as connection:
        first = deliveries.claim(connection, NEXT, "one", 100, NOW, LEASE)
        assert len(first) == 10
        assert deliveries.claim(connection, NEXT, "one", 100, NOW, LEASE) == ()
        asked = deliveries.send(connection, NEXT)
        assert asked
        deliveries.end_first_part(connection, asked)
        assert len(deliveries.claim(connection, NEXT, "one", 100, NOW, LEASE)) == 5


def test_how_the_first_part_stands(engine: Engine) -> None:
    """Of it alone: who was tried, who was not, and when the last one was."""
    start_with_a_part(engine, 15)
    with transaction(engine) as connection:
        asked = deliveries.send(connection, NEXT)
        assert asked
        one, two, *_ = deliveries.claim(connection, NEXT, "one", 3, NOW, LEASE)
        assert settle_row(connection, one, S.REJECTED, "550 5.1.1 no", None, LATER)
        assert settle_row(connection, two, S.QUEUED, "450 later", LATER, NOW)
        part = deliveries.first_part_of(connection, asked, complaints=1)
    assert (part.untried, part.complaints, part.last_at) == (8, 1, LATER)
    assert (part.counts[S.REJECTED], part.counts[S.QUEUED], part.counts[S.CLAIMED]) == (1, 8, 1)


def test_a_small_audience_has_no_first_part(engine: Engine) -> None:
    """Ten people are everybody."""
    start_with_a_part(engine, 10)
    with transaction(engine) as connection:
        assert len(deliveries.claim(connection, NEXT, "one", 100, NOW, LEASE)) == 10


# ── once more, and what happened ─────────────────────────────────────────────────────────────────


def settled_in_all_ways(connection: Connection) -> None:
    """Seven people: accepted, two refusals, too late, in doubt, later, suppressed."""
    rows = claim(connection, 7)
    for delivery in rows:
        deliveries.begin(connection, [delivery], NOW)
    ends = [
        (S.ACCEPTED, "250 ok"),
        (S.REJECTED, "550 5.1.1 nobody here"),
        (S.REJECTED, "550 5.7.1 not from you"),
        (S.EXPIRED, "too late"),
        (S.IN_DOUBT, "lost"),
        (S.QUEUED, "450 later"),
    ]
    for delivery, (state, reply) in zip(rows, ends, strict=True):
        assert settle_row(connection, delivery, state, reply, LATER if state is S.QUEUED else None, NOW)


def seven(engine: Engine) -> None:
    with transaction(engine) as connection:
        subscribe(connection, *(f"reader{number}@example.org" for number in range(7)))
        audience.suppress(connection, "reader6@example.org", "complained", NOW)
        request(connection)
        settled_in_all_ways(connection)


def test_only_what_certainly_did_not_arrive_is_tried_again(engine: Engine) -> None:
    """What waits, what is too late, and a refusal for policy; never what was accepted, or may have been."""
    seven(engine)
    with transaction(engine) as connection:
        again = deliveries.retry(connection, WEEKLY, NOW + 48 * HOUR, NOW)
        assert again == {S.QUEUED: 1, S.EXPIRED: 1, S.REJECTED: 1}
        assert states(connection) == {
            S.ACCEPTED: 1,
            S.REJECTED: 1,
            S.IN_DOUBT: 1,
            S.SUPPRESSED: 1,
            S.QUEUED: 3,
        }
        asked = deliveries.send(connection, WEEKLY)
        assert asked
        assert asked.expires_at == NOW + 48 * HOUR
        tried_again = claim(connection, 9)
    assert sorted(row.address for row in tried_again) == [
        "reader2@example.org",
        "reader3@example.org",
        "reader5@example.org",
    ]


def test_a_send_that_was_finished_goes_on_and_a_paused_one_waits(engine: Engine) -> None:
    """Whoever paused it lets it go on; a cancelled one stays cancelled."""
    start(engine, "ada@example.org")
    with transaction(engine) as connection:
        settle_row(connection, claimed(connection), S.REJECTED, "554 5.7.1 no", None, NOW)
        assert deliveries.finish_if_done(connection, WEEKLY, NOW)
        deliveries.retry(connection, WEEKLY, LATER, NOW)
        asked = deliveries.send(connection, WEEKLY)
        assert asked
        assert asked.state is SendState.RUNNING
        deliveries.set_send_state(connection, WEEKLY, SendState.PAUSED, "by hand")
        assert deliveries.retry(connection, WEEKLY, LATER, NOW)[S.QUEUED] == 0
        deliveries.set_send_state(connection, WEEKLY, SendState.CANCELLED)
        with pytest.raises(DigestError, match="was cancelled, and so stays"):
            deliveries.retry(connection, WEEKLY, LATER, NOW)
        with pytest.raises(NotFoundError):
            deliveries.retry(connection, NEXT, LATER, NOW)


def test_what_happened_to_each_mail_is_told(engine: Engine) -> None:
    """All of them, those of a state, or one person's, however it is spelt."""
    seven(engine)
    with transaction(engine) as connection:
        assert len(list(deliveries.accounts(connection, WEEKLY))) == 7
        (doubt,) = deliveries.accounts(connection, WEEKLY, state=S.IN_DOUBT)
        (theirs,) = deliveries.accounts(connection, WEEKLY, address="READER1@example.org")
        assert len(list(deliveries.accounts(connection, WEEKLY, limit=3))) == 3
        assert list(deliveries.accounts(connection, WEEKLY, address="nobody@example.org")) == []
        assert list(deliveries.gone_since(connection, NOW - HOUR)) == [NOW] * 3
        assert list(deliveries.gone_since(connection, NOW)) == []
    assert doubt.delivery.reply == "lost"
    assert (theirs.delivery.reply, theirs.bounced_at) == ("550 5.1.1 nobody here", None)
