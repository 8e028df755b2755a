"""Inbound mail acts upon the ledger and the audience: once, where it proves itself, on both databases."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, select, update

import bounce_samples as samples
from bounce_samples import away, mail, report, status
from bounced import (
    DAY,
    READER,
    bounced_at,
    came_back,
    delivery_to,
    effects,
    is_held,
    issue_of,
    recorded,
    send_out,
    suppressed,
    tag_of,
)
from deliver_samples import KEYS, NOW
from digest import tokens
from digest.deliver import verp
from digest.deliver.bounces import matching
from digest.deliver.bounces.failures import failure
from digest.deliver.bounces.matching import Event
from digest.deliver.bounces.reading import Arrival, Meaning
from digest.deliver.message import message_id
from digest.model import BounceEffect, BounceKind, DeliveryState, SubscriptionState, SuppressionCause
from digest.pipeline.mail.bounces import judge, take, take_events
from digest.store import audience, bounces, deliveries, holds
from digest.store.database import reading, transaction
from digest.store.schema import deliveries as deliveries_table
from digest.store.schema import holds as holds_table
from digest.tokens import Keys

GONE = samples.POSTFIX
OTHER = "tam@mail.example.net"
STRANGER = Keys((b"a key that somebody else invented",))


# ── one address ──────────────────────────────────────────────────────────────────────────────────


def test_a_bounce_marks_its_delivery_and_holds_the_address(engine: Engine) -> None:
    """The row stays accepted, for the relay took it, and says when it came back."""
    send_out(engine, READER, OTHER)
    taken = came_back(engine, GONE, now=NOW + timedelta(minutes=5))
    assert (taken.meaning, taken.effect) == (Meaning.FAILURE, BounceEffect.HELD)
    assert delivery_to(engine, READER).state is DeliveryState.ACCEPTED
    assert bounced_at(engine) == NOW + timedelta(minutes=5)
    assert bounced_at(engine, OTHER) is None
    assert is_held(engine)
    assert not is_held(engine, OTHER)
    assert not is_held(engine, now=NOW + 4 * DAY)
    assert suppressed(engine) == []


def test_the_second_one_in_a_later_issue_suppresses(engine: Engine) -> None:
    """Three days and more later."""
    send_out(engine, READER)
    came_back(engine, GONE)
    later = NOW + 7 * DAY
    send_out(engine, at=later)
    assert came_back(engine, GONE, sent=later).effect is BounceEffect.SUPPRESSED
    (suppression,) = suppressed(engine)
    assert (suppression.address, suppression.cause) == (READER, SuppressionCause.BOUNCE)
    assert "7 days apart" in suppression.reason


def test_a_mail_that_stayed_between_them_forgives(engine: Engine) -> None:
    """Large providers have bounced live addresses for a day."""
    send_out(engine, READER)
    came_back(engine, GONE)
    send_out(engine, at=NOW + 7 * DAY)
    send_out(engine, at=NOW + 14 * DAY)
    assert came_back(engine, GONE, sent=NOW + 14 * DAY).effect is BounceEffect.HELD
    assert suppressed(engine) == []


def test_the_same_bounce_counts_once(engine: Engine) -> None:
    """The same mail again, another report on the same delivery, and by another way."""
    send_out(engine, READER)
    came_back(engine, GONE)
    for data, source in ((GONE, "lmtp"), (GONE, "file"), (samples.GMAIL, "imap"), (samples.FULL, "lmtp")):
        assert came_back(engine, data, source=source, now=NOW + 5 * DAY).effect is None
    assert len(recorded(engine)) == 1
    assert bounced_at(engine) == NOW


def test_without_its_fingerprint_the_same_bounce_would_count_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: where each report has one of its own, the same mail acts twice."""
    numbers = count()
    monkeypatch.setattr("digest.store.bounces.recording._fingerprint", lambda *_: f"report {next(numbers)}")
    send_out(engine, READER)
    assert [came_back(engine, GONE).effect for _ in range(2)] == [BounceEffect.HELD] * 2


def test_five_soft_failures_suppress(engine: Engine) -> None:
    """In five issues within thirty days."""
    for week in range(5):
        at = NOW + week * 7 * DAY
        send_out(engine, *([READER] if week == 0 else []), at=at)
        came_back(engine, samples.FULL, sent=at)
    assert effects(engine) == [BounceEffect.NOTHING] * 4 + [BounceEffect.SUPPRESSED]
    assert [each.address for each in suppressed(engine)] == [READER]


def test_a_held_address_gets_nothing_that_waits(engine: Engine) -> None:
    """Mail of another issue that has not begun to leave is closed."""
    send_out(engine, READER)
    waiting = NOW + DAY
    send_out(engine, at=waiting, state=DeliveryState.QUEUED)
    came_back(engine, GONE, now=waiting)
    row = delivery_to(engine, READER, waiting)
    assert (row.state, row.reply) == (DeliveryState.SUPPRESSED, "the address is held: its mail came back")


def test_a_refusal_of_us_pauses_the_domain_and_nobody(engine: Engine) -> None:
    """An hour; the next refusal pauses it no longer."""
    send_out(engine, READER, OTHER)
    assert came_back(engine, samples.GMAIL_POLICY).effect is BounceEffect.PAUSED
    assert came_back(engine, samples.GMAIL_POLICY, OTHER).effect is BounceEffect.NOTHING
    with reading(engine) as connection:
        assert holds.paused_domains(connection, NOW) == {"mail.example.net": NOW + timedelta(hours=1)}
        assert holds.paused_domains(connection, NOW + timedelta(hours=1)) == {}
    assert not is_held(engine)
    assert suppressed(engine) == []


def test_a_complaint_unsubscribes_and_suppresses_at_once(engine: Engine) -> None:
    """The mail itself did arrive, so its row did not bounce."""
    issue = send_out(engine, READER)
    taken = take(engine, KEYS, samples.arf(mark=tag_of(engine)), "fbl@example.org", "lmtp", NOW)
    assert (taken.meaning, taken.effect) == (Meaning.COMPLAINT, BounceEffect.SUPPRESSED)
    (suppression,) = suppressed(engine)
    assert (suppression.cause, suppression.reason) == (
        SuppressionCause.COMPLAINT,
        f"complained about {issue}",
    )
    assert bounced_at(engine) is None
    with reading(engine) as connection:
        (subscription,) = audience.subscriptions(connection)
        assert subscription.state is SubscriptionState.UNSUBSCRIBED
        assert bounces.complaints(connection, issue) == 1


@pytest.mark.parametrize("name", [*samples.AUTOMATIC, *samples.NO_FAILURE])
def test_automatic_mail_changes_nothing(engine: Engine, name: str) -> None:
    """Although it comes to the right address."""
    send_out(engine, READER)
    taken = came_back(engine, {**samples.AUTOMATIC, **samples.NO_FAILURE}[name])
    assert taken.effect is None
    assert recorded(engine) == []
    assert bounced_at(engine) is None


def test_who_asks_to_leave_by_mail_has_left(engine: Engine) -> None:
    """With the token of our mailto link; without one a person has to read it."""
    send_out(engine, READER)
    subscriber = delivery_to(engine, READER).subscriber
    token = tokens.token(KEYS, tokens.UNSUBSCRIBE, "weekly", subscriber)
    forged = tokens.token(STRANGER, tokens.UNSUBSCRIBE, "weekly", subscriber)
    for words, meaning, state in (
        ("me please", Meaning.PERSONAL, SubscriptionState.CONFIRMED),
        (f"weekly {forged}", Meaning.PERSONAL, SubscriptionState.CONFIRMED),
        (f"weekly {token}", Meaning.LEAVING, SubscriptionState.UNSUBSCRIBED),
    ):
        letter = mail(f"From: {READER}\nTo: bounces@example.org\nSubject: unsubscribe {words}", "")
        assert take(engine, KEYS, letter, "bounces@example.org", "lmtp", NOW).meaning is meaning
        with reading(engine) as connection:
            assert [each.state for each in audience.subscriptions(connection)] == [state]


# ── proof ────────────────────────────────────────────────────────────────────────────────────────


def forgeries(engine: Engine) -> list[tuple[bytes, str]]:
    """A bounce and a complaint about a real delivery by somebody without our key, with what they can know."""
    number = delivery_to(engine, READER).id
    tag = verp.tag(STRANGER, number)
    near = f"{tag_of(engine)[:-1]}{'a' if tag_of(engine)[-1] != 'a' else 'b'}"
    outbox = verp.tag(KEYS, number, verp.OUTBOX)
    return [
        (report(status("failed", "5.1.1", "550 5.1.1 User unknown"), mark=mark), recipient)
        for mark, recipient in (
            ("", "bounces@example.org"),
            (tag, verp.sender("bounces@example.org", tag)),
            (near, verp.sender("bounces@example.org", near)),
            (outbox, verp.sender("bounces@example.org", outbox)),
            (f"d{number}", f"bounces+d{number}@example.org"),
        )
    ] + [(samples.arf(mark=tag), "bounces@example.org")]


def test_a_forged_bounce_changes_nothing(engine: Engine) -> None:
    """It is listed, and that is all: no hold, no suppression, no mark on the row, nobody unsubscribed."""
    send_out(engine, READER)
    for data, recipient in forgeries(engine):
        assert take(engine, KEYS, data, recipient, "lmtp", NOW).effect is BounceEffect.UNMATCHED
    assert {bounce.effect for bounce in recorded(engine)} == {BounceEffect.UNMATCHED}
    assert {bounce.address for bounce in recorded(engine)} == {""}
    assert bounced_at(engine) is None
    assert not is_held(engine)
    assert suppressed(engine) == []
    with reading(engine) as connection:
        assert [each.state for each in audience.subscriptions(connection)] == [SubscriptionState.CONFIRMED]


def test_without_the_proof_a_forged_bounce_would_suppress(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: where the number alone is believed, the same mails hold and suppress."""

    def credulous(arrival: Arrival, keys: Keys) -> int | None:
        marks = [
            *arrival.marks,
            *(address.partition("@")[0].rpartition("+")[2] for address in arrival.recipients),
        ]
        return next((int(mark[1:].partition(".")[0]) for mark in marks if mark[:1] == "d"), None)

    send_out(engine, READER)
    monkeypatch.setattr(matching, "delivery_of", credulous)
    for data, recipient in forgeries(engine):
        take(engine, KEYS, data, recipient, "lmtp", NOW)
    assert is_held(engine)
    assert [each.cause for each in suppressed(engine)] == [SuppressionCause.COMPLAINT]


def test_an_old_key_still_proves(engine: Engine) -> None:
    """After a rotation, what was signed before comes back all the same."""
    send_out(engine, READER)
    recipient = verp.sender("bounces@example.org", tag_of(engine)).upper()
    rotated = Keys((b"a new invented key, only for tests", *KEYS.keys))
    assert take(engine, rotated, GONE, recipient, "lmtp", NOW).effect is BounceEffect.HELD


def test_a_header_that_comes_back_proves_too(engine: Engine) -> None:
    """A relay may replace the envelope's sender."""
    send_out(engine, READER)
    data = report(status("failed", "5.1.1", "550 5.1.1 User unknown"), mark=tag_of(engine))
    assert take(engine, KEYS, data, "relay-bounces@example.org", "imap", NOW).effect is BounceEffect.HELD


def test_a_confirmation_that_comes_back_is_listed_as_one(engine: Engine) -> None:
    """Its tag is of the Outbox, and no delivery's number is taken for it."""
    send_out(engine, READER)
    tag = verp.tag(KEYS, delivery_to(engine, READER).id, verp.OUTBOX)
    take(engine, KEYS, GONE, verp.sender("bounces@example.org", tag), "lmtp", NOW)
    (bounce,) = recorded(engine)
    assert (bounce.effect, bounce.why) == (
        BounceEffect.UNMATCHED,
        "it speaks of a confirmation or a notice, and of no issue",
    )


def test_a_row_that_was_never_sent_cannot_bounce(engine: Engine) -> None:
    """A tag of ours on what is still queued, or was cancelled, is listed only."""
    send_out(engine, READER, state=DeliveryState.CANCELLED)
    assert came_back(engine, GONE).effect is BounceEffect.UNMATCHED
    assert bounced_at(engine) is None


def test_a_bounce_may_be_faster_than_our_own_books(engine: Engine) -> None:
    """While the relay's 250 is not stored yet."""
    send_out(engine, READER, state=DeliveryState.SENDING)
    assert came_back(engine, GONE).effect is BounceEffect.HELD
    assert delivery_to(engine, READER).state is DeliveryState.SENDING


def test_what_matches_nothing_is_kept_up_to_a_number(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can send such: the oldest go."""
    monkeypatch.setattr("digest.store.bounces.recording._MOST_UNMATCHED", 5)
    for number in range(12):
        data = report(status("failed", "5.1.1", f"550 5.1.1 unknown {number}"))
        take(engine, KEYS, data, "bounces@example.org", "lmtp", NOW + timedelta(seconds=number))
    kept = [bounce.words[-2:].strip() for bounce in recorded(engine)]
    assert kept == ["11", "10", "9", "8", "7"]


def test_a_providers_report_is_matched_by_each_of_its_ids(engine: Engine) -> None:
    """The id in the reply, our Message-ID, our header; an id of another person's mail matches nothing."""
    send_out(engine, READER, reply="250 Ok: queued as 4f1e-invented-id")
    row = delivery_to(engine, READER)
    ours = message_id(row.issue, row.subscriber, 1, "example.org")
    told = failure(READER, "", "550 5.1.1 User unknown")
    stranger = failure(OTHER, "", "550 5.1.1 User unknown")
    for event, effect in (
        (Event(stranger, ids=("4f1e-invented-id",)), BounceEffect.UNMATCHED),
        (Event(told, ids=("queued",), message_id="<another@example.org>"), BounceEffect.UNMATCHED),
        (Event(told, mark=tag_of(engine)), BounceEffect.HELD),
        (Event(told, message_id=ours.strip("<>")), None),
        (Event(told, ids=("4f1e-invented-id",)), None),
    ):
        before = len(recorded(engine))
        new = take_events(engine, KEYS, "example.org", [event], "a provider", NOW)
        assert new == (effect is not None)
        assert effects(engine)[before:] == ([effect] if effect else [])


# ── domains ──────────────────────────────────────────────────────────────────────────────────────


def readers(count: int, domain: str = "big.example.net") -> list[str]:
    return [f"reader{number}@{domain}" for number in range(count)]


def test_a_storm_pauses_the_domain_and_spares_its_people(engine: Engine) -> None:
    """Ten of forty within an hour: the nine that were held before are released, those after are not held."""
    people = readers(40)
    send_out(engine, *people, OTHER)
    for person in people[:9]:
        assert came_back(engine, GONE, person).effect is BounceEffect.HELD
    assert came_back(engine, GONE, people[9]).effect is BounceEffect.SPARED
    assert came_back(engine, GONE, people[10]).effect is BounceEffect.SPARED
    assert came_back(engine, GONE, OTHER).effect is BounceEffect.HELD
    with reading(engine) as connection:
        assert holds.paused_domains(connection, NOW) == {"big.example.net": NOW + DAY}
        assert [hold.address for hold in holds.held(connection, NOW)] == [OTHER]
    assert set(effects(engine)[:11]) == {BounceEffect.SPARED}


def test_few_of_many_are_no_storm(engine: Engine) -> None:
    """Ten of 200 are 5 %, not more."""
    people = readers(200)
    send_out(engine, *people)
    assert {came_back(engine, GONE, person).effect for person in people[:10]} == {BounceEffect.HELD}


def test_old_bounces_that_are_read_at_once_are_no_storm(engine: Engine) -> None:
    """Twelve people in twelve weeks: what counts is when their mails went out."""
    people = readers(12)
    later = NOW + 100 * DAY
    for week, person in enumerate(people):
        at = NOW + week * 7 * DAY
        send_out(engine, *(people if week == 0 else []), at=at)
        assert came_back(engine, GONE, person, at, later).effect is BounceEffect.HELD


def test_a_storm_is_of_one_hour(engine: Engine) -> None:
    """Nine now and nine an hour later are none, if each hour stands for itself."""
    people = readers(40)
    send_out(engine, *people)
    next_hour = deliveries_table.c.address.in_(people[20:])
    with transaction(engine) as connection:
        later = update(deliveries_table).where(next_hour).values(settled_at=NOW + timedelta(hours=2))
        connection.execute(later)
    for person in [*people[:9], *people[20:29]]:
        assert came_back(engine, GONE, person).effect is BounceEffect.HELD
    assert came_back(engine, GONE, people[29]).effect is BounceEffect.SPARED
    with reading(engine) as connection:
        assert sorted(hold.address for hold in holds.held(connection, NOW)) == sorted(people[:9])


def test_a_storm_that_comes_again_is_believed(engine: Engine) -> None:
    """A week later the same mailboxes are still unknown: now each is held, and suppressed by the next one."""
    people = readers(12)
    send_out(engine, *people)
    for person in people:
        came_back(engine, GONE, person)
    for week, effect in ((1, BounceEffect.HELD), (2, BounceEffect.SUPPRESSED)):
        at = NOW + week * 7 * DAY
        send_out(engine, at=at)
        assert {came_back(engine, GONE, person, at).effect for person in people} == {effect}


# ── what our own relay refused ───────────────────────────────────────────────────────────────────


def test_what_the_relay_refuses_goes_by_the_same_rules(engine: Engine) -> None:
    """Once, and by its words: an unknown mailbox is held, a refusal of us is not."""
    send_out(engine, READER, OTHER, state=DeliveryState.REJECTED, reply="550 5.1.1 User unknown")
    with transaction(engine) as connection:
        other = deliveries_table.c.address == OTHER
        connection.execute(update(deliveries_table).where(other).values(reply="550 5.7.1 blocked"))
    assert judge(engine, NOW) == 2
    assert judge(engine, NOW) == 0
    assert bounced_at(engine) is None  # it never left
    assert is_held(engine)
    assert not is_held(engine, OTHER)
    assert {(bounce.address, bounce.kind, bounce.source) for bounce in recorded(engine)} == {
        (READER, BounceKind.ADDRESS, "smtp"),
        (OTHER, BounceKind.POLICY, "smtp"),
    }
    with reading(engine) as connection:
        assert holds.paused_domains(connection, NOW) == {}


def test_judging_ends_what_is_over(engine: Engine) -> None:
    """A hold that is over is deleted with the next judgement."""
    send_out(engine, READER)
    came_back(engine, GONE)
    later = NOW + 7 * DAY
    send_out(engine, at=later, state=DeliveryState.REJECTED, reply="550 5.7.1 no")
    judge(engine, later)
    with reading(engine) as connection:
        assert connection.execute(select(holds_table.c.address_key)).all() == []


def test_an_erased_person_leaves_no_words(engine: Engine) -> None:
    """Neither in what matched nor in what did not."""
    send_out(engine, READER)
    came_back(engine, GONE)
    take(engine, KEYS, GONE, "bounces@example.org", "lmtp", NOW)
    assert sum(READER in bounce.words for bounce in recorded(engine)) == 2
    with transaction(engine) as connection:
        bounces.erase(connection, READER.upper())
    assert [bounce.words for bounce in recorded(engine)] == [""]
    assert not is_held(engine)


def test_out_of_office_with_our_header_is_still_automatic(engine: Engine) -> None:
    """Some quote what they answer."""
    send_out(engine, READER)
    data = away(
        "Out of office", "", f"I am away.\n> X-Digest-Delivery: {tag_of(engine)}\n> 550 5.1.1 user unknown"
    )
    assert came_back(engine, data).effect is None
    with reading(engine) as connection:
        assert [row.state for row in deliveries.rows(connection, issue_of(NOW))] == [DeliveryState.ACCEPTED]
