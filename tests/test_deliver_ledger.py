"""What the outcome of an attempt means for its row; each promise beside a control that breaks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliver_samples import NOW, delivery
from digest.deliver import ledger
from digest.deliver.ledger import (
    LEGAL,
    OPEN,
    Accepted,
    FirstPart,
    IllegalTransitionError,
    Lost,
    Outcome,
    Refused,
    Settled,
    Stage,
    Withheld,
    after,
    alarm,
    back_off,
    complained,
    deferred,
    first_part,
    first_went,
    unreached,
)
from digest.model import Delivery, DeliveryState

S = DeliveryState

OUTCOMES: st.SearchStrategy[Outcome] = st.one_of(
    st.builds(Accepted, st.just("250 Ok")),
    st.builds(Refused, st.integers(400, 599), st.just("no"), st.sampled_from(Stage)),
    st.builds(Lost, st.booleans()),
    st.just(Withheld()),
)


def copies_and_losses(meaning: Settled, taken: bool) -> tuple[int, int]:
    """What a row's new state leads to when nobody steps in, given whether the relay took the message:
    copies too many, and messages that never come."""
    sent_again = meaning.state in (S.QUEUED, S.CLAIMED)
    closed_as_sent = meaning.state is S.ACCEPTED
    return int(taken and sent_again), int(not taken and closed_as_sent)


# ── never twice by itself, never lost ────────────────────────────────────────────────────────────


def test_a_message_is_accepted_only_by_a_reply_after_the_dot() -> None:
    """250 after the dot closes the row, with the relay's words."""
    assert after(delivery(), Accepted("250 2.0.0 queued as A1"), NOW) == Settled(
        S.ACCEPTED, None, "250 2.0.0 queued as A1"
    )


def test_a_loss_after_the_dot_is_a_doubt_and_is_not_sent_again() -> None:
    """Nobody knows whether the relay took it: a person decides."""
    settled = after(delivery(), Lost(after_dot=True), NOW)
    assert settled.state is S.IN_DOUBT
    assert settled.next_try_at is None
    assert copies_and_losses(settled, taken=True) == (0, 0)
    assert copies_and_losses(settled, taken=False) == (0, 0)


def test_control_sending_a_doubt_again_makes_a_second_copy() -> None:
    """The measure above can fail: with the doubt put back into the queue it counts a duplicate."""
    resent = replace(after(delivery(), Lost(after_dot=True), NOW), state=S.QUEUED)
    assert copies_and_losses(resent, taken=True) == (1, 0)


def test_a_loss_before_the_last_write_is_certainly_not_sent_and_tried_again() -> None:
    """Without the dot no relay delivers a message (RFC 5321, section 4.1.1.4)."""
    settled = after(delivery(), Lost(after_dot=False), NOW)
    assert settled.state is S.QUEUED
    assert settled.next_try_at is not None
    assert settled.next_try_at > NOW
    assert copies_and_losses(settled, taken=False) == (0, 0)


def test_control_accepting_before_the_dot_loses_the_message() -> None:
    """The measure above can fail: a row that is closed before the dot counts as lost."""
    hasty = replace(after(delivery(), Lost(after_dot=False), NOW), state=S.ACCEPTED)
    assert copies_and_losses(hasty, taken=False) == (0, 1)


def test_a_row_cannot_be_accepted_before_sending_was_committed() -> None:
    """A crash in between would send it again, so the ledger refuses loudly."""
    for outcome in (Accepted("250 Ok"), Lost(after_dot=True)):
        with pytest.raises(IllegalTransitionError, match="Row 7 cannot go from claimed"):
            after(delivery(S.CLAIMED), outcome, NOW)


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("state", [S.CLAIMED, S.SENDING])
def test_4xx_goes_back_to_the_queue_wherever_it_comes(stage: Stage, state: DeliveryState) -> None:
    """Also after the dot: a refusal there is certain, and no doubt."""
    settled = after(delivery(state), Refused(451, "451 later", stage), NOW)
    assert (settled.state, settled.reply) == (S.QUEUED, "451 later")


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("state", [S.CLAIMED, S.SENDING])
def test_5xx_is_for_good_wherever_it_comes(stage: Stage, state: DeliveryState) -> None:
    """The row is closed, and the relay's reason is kept."""
    settled = after(delivery(state), Refused(550, "550 5.1.1 no such person", stage), NOW)
    assert settled == Settled(S.REJECTED, None, "550 5.1.1 no such person")


def test_a_message_that_was_withheld_leaves_its_row_as_it_was_in_the_queue() -> None:
    """No attempt was made, so none is counted and nothing has to wait."""
    row = delivery(S.CLAIMED, next_try_at=NOW, reply="421 busy")
    assert after(row, Withheld(), NOW + timedelta(hours=1)) == Settled(S.QUEUED, NOW, "421 busy", tried=False)


# ── waiting ──────────────────────────────────────────────────────────────────────────────────────


def test_the_waits_grow_from_five_minutes_to_about_an_hour() -> None:
    """5, 15, 30, 60, then 67 minutes, each up to 20 % shorter or longer."""
    for attempts, minutes in enumerate((5, 15, 30, 60, 67, 67, 67)):
        waits = [back_off(row, attempts) / timedelta(minutes=minutes) for row in range(500)]
        assert 0.8 <= min(waits) < 0.85
        assert 1.15 < max(waits) <= 1.2


def test_the_jitter_is_the_rows_own() -> None:
    """Rows that failed together come back apart, and the same row always waits as long."""
    assert back_off(7, 2) == back_off(7, 2)
    assert len({back_off(row, 2) for row in range(100)}) == 100


def test_a_row_is_given_up_after_five_days_of_trying() -> None:
    """A relay that says "later" for ever ends as expired, with its last words."""
    row, settled, waited = delivery(), Settled(S.QUEUED, NOW, ""), timedelta()
    while settled.state is S.QUEUED:
        settled = after(row, Refused(450, "450 mailbox busy", Stage.RCPT), NOW)
        waited += (settled.next_try_at or NOW) - NOW
        row = replace(row, attempts=row.attempts + 1)
    assert settled == Settled(S.EXPIRED, None, "given up after 5 days: 450 mailbox busy")
    assert timedelta(days=4.5) < waited < timedelta(days=5.5)


def test_a_relay_that_is_away_costs_no_row_anything() -> None:
    """Nothing was tried: the row is due as before, so that it leaves as soon as the relay is back."""
    row = delivery(S.CLAIMED, next_try_at=NOW)
    assert unreached(row, "connection refused") == Settled(S.QUEUED, NOW, "connection refused", tried=False)


# ── the table ────────────────────────────────────────────────────────────────────────────────────


def test_every_state_has_its_rule_and_closed_ones_stay_closed() -> None:
    """The table is total, and what is settled is never opened again."""
    assert set(LEGAL) == set(DeliveryState)
    assert {S.QUEUED, S.CLAIMED, S.SENDING, S.IN_DOUBT} == OPEN
    assert not any(LEGAL[state] for state in set(DeliveryState) - OPEN)


def test_only_a_person_settles_a_doubt() -> None:
    """No outcome of an attempt can follow it, and of the legal ways out none is another claim."""
    assert LEGAL[S.IN_DOUBT] == {S.ACCEPTED, S.QUEUED}
    assert S.SENDING not in LEGAL[S.QUEUED]


@given(st.sampled_from(DeliveryState), OUTCOMES, st.integers(0, 300), st.integers(1, 10**9))
def test_every_outcome_is_legal_or_raises(
    state: DeliveryState, outcome: Outcome, attempts: int, row: int
) -> None:
    """Whatever comes, a row moves along the table or not at all; only a row at work has outcomes."""
    held: Delivery = delivery(state, id=row, attempts=attempts)
    try:
        settled = after(held, outcome, NOW)
    except IllegalTransitionError:
        return
    assert state in (S.CLAIMED, S.SENDING)
    assert settled.state in LEGAL[state]
    assert (settled.next_try_at is not None) <= (settled.state is S.QUEUED)


# ── the alarm ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tried", "rejected", "pauses"), [(9, 9, False), (10, 10, True), (200, 10, False), (199, 10, True)]
)
def test_many_hard_failures_stop_a_send(tried: int, rejected: int, pauses: bool) -> None:
    """At least 10, and more than 5 %: then a person looks before the rest is tried."""
    assert bool(alarm(tried, rejected, "550 no")) is pauses


def test_the_alarm_says_how_many_and_why() -> None:
    """The editor reads it as the reason of the pause."""
    assert (
        alarm(80, 12, "550 blocked") == "12 of 80 addresses were refused for good, the last with: 550 blocked"
    )
    assert ledger.HARD_FAILURES == 10


# ── a first part, and complaints ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("audience", "percent", "first"),
    [(50_000, 1, 500), (101, 1, 10), (990, 1.5, 15), (10, 1, 0), (11, 50, 10), (0, 1, 0), (50_000, 0, 0)],
)
def test_a_first_part_is_a_share_and_at_least_ten(audience: int, percent: float, first: int) -> None:
    """Where ten are everybody there is no first part."""
    assert first_part(audience, percent) == first


def part(untried: int = 0, complaints: int = 0, **counts: int) -> FirstPart:
    found = {S(name): count for name, count in counts.items()}
    return FirstPart(dict.fromkeys(S, 0) | found, untried, complaints, NOW)


WAIT = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("stands", "after_it", "went"),
    [
        (part(accepted=98, rejected=2), WAIT, True),
        (part(accepted=98, rejected=2), WAIT - timedelta(seconds=1), False),
        (part(accepted=50, untried=50), WAIT, False),
        (part(accepted=60, queued=40), WAIT, True),  # greylisted: tried, and to be tried again
        (part(accepted=8, rejected=2), WAIT, True),  # two of ten may have moved
        (part(suppressed=100), WAIT, True),
        (part(accepted=7, rejected=3), timedelta(), "of the first 10 addresses 3 were refused for good"),
        (
            part(accepted=7, rejected=3, untried=90),
            timedelta(),
            "of the first 10 addresses 3 were refused for good",
        ),
        (part(accepted=99, complaints=2), WAIT, "of the first 99 people 2 called it spam"),
        (part(accepted=4, queued=6), WAIT, "of the first 10 mails only 4 were accepted"),
        (part(accepted=4, in_doubt=6), WAIT, "of the first 10 mails only 4 were accepted"),
    ],
)
def test_the_others_follow_when_the_first_part_went_well(
    stands: FirstPart, after_it: timedelta, went: bool | str
) -> None:
    """Yes, not yet, or a person decides, and why."""
    assert first_went(stands, WAIT, NOW + after_it) == went


@pytest.mark.parametrize(
    ("accepted", "complaints", "alarmed"),
    [(1000, 4, False), (1000, 5, True), (5000, 5, False), (4999, 5, True)],
)
def test_complaints_pause_a_send_when_they_are_many(accepted: int, complaints: int, alarmed: bool) -> None:
    """At least five, and more than one in a thousand."""
    assert bool(complained(accepted, complaints)) is alarmed


def test_a_deferred_row_is_untried_and_waits() -> None:
    """Its domain is left alone: that is no attempt at it."""
    row = delivery(S.CLAIMED, next_try_at=NOW)
    later = NOW + timedelta(hours=1)
    assert deferred(row, later, "it rests") == Settled(S.QUEUED, later, "it rests", tried=False)
