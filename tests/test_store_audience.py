"""The audience: imports that can be repeated, leaving that lasts, addresses that are never written to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, update

from digest.model import DeliveryState, SubscriptionState
from digest.roster.rows import Standing
from digest.store import audience, deliveries, holds, reader_changes, schema
from digest.store.audience import ImportReport, ImportRow
from digest.store.database import aside, reading, session, transaction
from store_samples import HOUR, LEASE, NOW, WEEKLY, begin_row, request, subscribe

ADA = ImportRow("Ada.Lorne@Example.ORG", "weekly", None, NOW, "the fair of Port Vellan")


def import_rows(engine: Engine, *rows: ImportRow) -> ImportReport:
    with transaction(engine) as connection:
        return audience.import_rows(connection, rows, NOW)


def test_an_import_subscribes_once_however_often_it_is_repeated(engine: Engine) -> None:
    """The address keeps its spelling but for the domain; consent is kept with when and where."""
    assert import_rows(engine, ADA) == ImportReport(added=1)
    assert import_rows(engine, ADA) == ImportReport(unchanged=1)
    with reading(engine) as connection:
        (found,) = audience.subscriptions(connection)
        assert audience.subscription(connection, found.subscriber, "weekly") == found
        assert audience.subscription(connection, found.subscriber, "monthly") is None
    assert (found.address, found.state) == ("Ada.Lorne@example.org", SubscriptionState.CONFIRMED)
    assert (found.themes, found.consent_at, found.consent_source) == (None, NOW, "the fair of Port Vellan")


def test_one_mailbox_is_one_subscriber_however_it_is_spelled(engine: Engine) -> None:
    """Nobody gets two copies for a capital letter; two digests are two subscriptions of one person."""
    spellings = ("ada.lorne@example.org", " ADA.LORNE@EXAMPLE.ORG ", "Ada.Lorne@Example.org")
    rows = [replace(ADA, address=spelling) for spelling in spellings]
    assert import_rows(engine, *rows, replace(ADA, digest="monthly")) == ImportReport(added=2, unchanged=2)
    with reading(engine) as connection:
        found = list(audience.subscriptions(connection))
        assert [row.digest for row in audience.subscriptions(connection, "monthly")] == ["monthly"]
    assert {row.subscriber for row in found} == {1}
    assert {row.address for row in found} == {"ada.lorne@example.org"}


def test_an_import_never_changes_what_a_person_chose_since(engine: Engine) -> None:
    """Themes stay as they are, and nobody who left is subscribed again."""
    import_rows(engine, replace(ADA, themes=("water", "schools")), replace(ADA, address="bo@example.org"))
    with transaction(engine) as connection:
        audience.unsubscribe(connection, 2, "weekly", NOW)
    report = import_rows(engine, ADA, replace(ADA, address="BO@example.org"))
    assert report == ImportReport(unchanged=1, unsubscribed=1)
    with reading(engine) as connection:
        ada, bo = audience.subscriptions(connection)
    assert ada.themes == ("schools", "water")
    assert bo.state is SubscriptionState.UNSUBSCRIBED


def test_an_import_confirms_who_was_pending(engine: Engine) -> None:
    """The consent that the file proves is the missing one."""
    import_rows(engine, replace(ADA, consent_source="form"))
    with transaction(engine) as connection:
        connection.execute(update(schema.subscriptions).values(state=SubscriptionState.PENDING))
    assert import_rows(engine, ADA) == ImportReport(added=1)
    with reading(engine) as connection:
        (found,) = audience.subscriptions(connection)
    assert (found.state, found.consent_source) == (SubscriptionState.CONFIRMED, ADA.consent_source)


def test_an_import_never_undoes_a_suppression(engine: Engine) -> None:
    """Not for another spelling, nor for an address we never knew."""
    with transaction(engine) as connection:
        audience.suppress(connection, "ada.lorne@example.org", "complained", NOW)
    assert import_rows(engine, ADA) == ImportReport(suppressed=1)
    with reading(engine) as connection:
        assert list(audience.subscriptions(connection)) == []


def test_an_import_of_thousands_adds_up(engine: Engine) -> None:
    """More than one batch: every row is counted once and stored once."""
    rows = [replace(ADA, address=f"reader{number % 1500}@example.org") for number in range(1600)]
    assert import_rows(engine, *rows) == ImportReport(added=1500, unchanged=100)
    with reading(engine) as connection:
        assert len(list(audience.subscriptions(connection, "weekly"))) == 1500
        assert audience.confirmed_count(connection, "weekly") == 1500


def test_an_import_that_was_interrupted_is_done_again(engine: Engine) -> None:
    """It goes in by parts; what the first try did is unchanged to the second, and nobody is counted twice."""
    rows = [replace(ADA, address=f"reader{number}@example.org") for number in range(45_000)]
    rows[44_000] = replace(rows[3], standing=Standing.SUPPRESSED)
    rows[44_001] = replace(rows[4], standing=Standing.UNSUBSCRIBED, address="READER4@example.org")

    def tried(stops_after: int) -> ImportReport:
        with session(engine) as connection:
            with aside(connection):
                staged = audience.stage(connection, rows, lambda _: False)
            return audience.settle(connection, staged, NOW, _parts(connection, stops_after))

    with pytest.raises(KeyboardInterrupt):
        tried(stops_after=5)
    assert tried(stops_after=9) == ImportReport(added=4_998, barred=1, unchanged=40_001)
    with reading(engine) as connection:
        assert audience.confirmed_count(connection, "weekly") == 44_996


def _parts(connection: Connection, stops_after: int) -> Callable[[], AbstractContextManager[object]]:
    """A transaction for each part, the one after so many of which is interrupted at its end."""
    begun = iter(range(99))

    @contextmanager
    def part() -> Iterator[None]:
        with connection.begin():
            yield
            if next(begun) == stops_after:
                raise KeyboardInterrupt

    return part


def test_people_keep_the_numbers_that_they_had_elsewhere(engine: Engine) -> None:
    """Links in old mails are made of them; a number that is taken is never given to a second person."""
    wanted = {"ada": 7, "bo": 3, "cy": 0, "di": 999_999}
    rows = [replace(ADA, address=f"{name}@example.org", number=number) for name, number in wanted.items()]
    assert import_rows(engine, *rows) == ImportReport(added=4)
    assert import_rows(engine, *rows) == ImportReport(unchanged=4)
    late = [replace(ADA, address=f"{name}@example.org", number=3) for name in ("eve", "flo")]
    assert import_rows(engine, *late, replace(ADA, address="bo@example.org", number=5)) == ImportReport(
        added=2, unchanged=1, renumbered=3
    )
    with reading(engine) as connection:
        numbers = {
            row.address.partition("@")[0]: row.subscriber for row in audience.subscriptions(connection)
        }
    assert {name: numbers[name] for name in ("ada", "bo", "di")} == {"ada": 7, "bo": 3, "di": 999_999}
    assert len(set(numbers.values())) == 6
    assert min(numbers[name] for name in ("cy", "eve", "flo")) > 999_999


def test_numbers_are_kept_over_many_parts(engine: Engine) -> None:
    """Nobody without a number is given one that a row further down wants."""
    rows = [replace(ADA, address=f"reader{number}@example.org", number=number) for number in range(21_000)]
    with session(engine) as connection:
        with aside(connection):
            staged = audience.stage(connection, rows, lambda _: False)
        report = audience.settle(connection, staged, NOW, connection.begin)
    assert report == ImportReport(added=21_000)
    with reading(engine) as connection:
        numbers = {row.address: row.subscriber for row in audience.subscriptions(connection)}
    assert numbers.pop("reader0@example.org") == 21_000
    assert all(address == f"reader{number}@example.org" for address, number in numbers.items())


def test_choices_are_those_of_people_who_get_mail(engine: Engine) -> None:
    """Each is rendered once; the order of a person's themes does not matter."""
    with transaction(engine) as connection:
        subscribe(connection, "a@example.org", "b@example.org")
        subscribe(connection, "c@example.org", themes=("water", "schools", "water"))
        subscribe(connection, "d@example.org", themes=("schools", "water"))
        subscribe(connection, "e@example.org", themes=("health",))
        subscribe(connection, "f@example.org", digest="monthly", themes=("elections",))
        audience.unsubscribe(connection, 5, None, NOW)
        assert audience.choices(connection, "weekly") == ("", "schools,water")
        audience.suppress(connection, "A@example.org", "bounced twice", NOW)
        assert audience.confirmed_count(connection, "weekly") == 3


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────


def test_unsubscribing_is_for_one_digest_or_for_all(engine: Engine) -> None:
    """It can be repeated, and says whether anything ended."""
    with transaction(engine) as connection:
        for digest in ("weekly", "monthly"):
            subscribe(connection, "ada@example.org", digest=digest)
        assert audience.unsubscribe(connection, 1, "weekly", NOW)
        assert not audience.unsubscribe(connection, 1, "weekly", NOW + HOUR)
        assert [audience.confirmed_count(connection, digest) for digest in ("weekly", "monthly")] == [0, 1]
        assert audience.unsubscribe(connection, 1, None, NOW)
        assert audience.confirmed_count(connection, "monthly") == 0
        assert not audience.unsubscribe(connection, 99, None, NOW)


def test_unsubscribing_cancels_mail_that_has_not_begun_to_leave(engine: Engine) -> None:
    """Queued and claimed rows of that digest close; what is already leaving goes its way."""
    with transaction(engine) as connection:
        subscribe(connection, *(f"{name}@example.org" for name in ("queued", "claimed", "sending")))
        request(connection)
        sending, _ = reversed(deliveries.claim(connection, WEEKLY, "w", 2, NOW, LEASE))
        assert begin_row(connection, sending, NOW)
        for subscriber in (1, 2, 3):
            assert audience.unsubscribe(connection, subscriber, "weekly", NOW + HOUR)
        closed = deliveries.rows(connection, WEEKLY, DeliveryState.CANCELLED)
        counts = deliveries.counts(connection, WEEKLY)
    assert (counts[DeliveryState.CANCELLED], counts[DeliveryState.SENDING]) == (2, 1)
    assert {(row.reply, row.settled_at, row.owner, row.lease_until) for row in closed} == {
        ("unsubscribed", NOW + HOUR, "", None)
    }


def test_leaving_one_digest_cancels_nothing_of_another(engine: Engine) -> None:
    """Whoever leaves the monthly still gets the weekly."""
    with transaction(engine) as connection:
        for digest in ("weekly", "monthly"):
            subscribe(connection, "ada@example.org", digest=digest)
        request(connection)
        audience.unsubscribe(connection, 1, "monthly", NOW)
        assert deliveries.counts(connection, WEEKLY)[DeliveryState.QUEUED] == 1


def test_leaving_elsewhere_cancels_mail_that_has_not_begun_to_leave(engine: Engine) -> None:
    """Who is unsubscribed or suppressed in a list gets nothing more of a send that is under way."""
    with transaction(engine) as connection:
        subscribe(connection, *(f"{name}@example.org" for name in ("left", "barred", "stays", "later")))
        request(connection)
    gone = replace(ADA, address="LEFT@example.org", standing=Standing.UNSUBSCRIBED)
    report = import_rows(
        engine,
        gone,
        replace(gone, address="barred@example.org", standing=Standing.SUPPRESSED, why="cleaned"),
        replace(gone, address="later@example.org", left_at=NOW - HOUR),
    )
    assert report == ImportReport(ended=1, barred=1, unchanged=1)
    with reading(engine) as connection:
        states = {row.address: row.state.value for row in deliveries.rows(connection, WEEKLY)}
    assert states == {
        "left@example.org": "cancelled",
        "barred@example.org": "suppressed",
        "stays@example.org": "queued",
        "later@example.org": "queued",
    }


def test_leaving_can_be_undone_by_the_person(engine: Engine) -> None:
    """Once, and not past a suppression."""
    with transaction(engine) as connection:
        subscribe(connection, "ada@example.org")
        assert not audience.resubscribe(connection, 1, "weekly", NOW)
        audience.unsubscribe(connection, 1, "weekly", NOW)
        assert audience.resubscribe(connection, 1, "weekly", NOW)
        assert audience.confirmed_count(connection, "weekly") == 1
        audience.unsubscribe(connection, 1, "weekly", NOW)
        audience.suppress(connection, "ADA@example.org", "complained", NOW)
        assert not audience.resubscribe(connection, 1, "weekly", NOW)


def test_the_course_of_a_digest_counts_who_came_and_who_left_on_their_days(engine: Engine) -> None:
    """Also who left before the first day, and whose consent has no date; pending ones and other digests count never."""
    days = [NOW.date() - timedelta(weeks=weeks) for weeks in (2, 1, 0)]
    long_ago, between, today = NOW - timedelta(days=300), NOW - timedelta(days=8), NOW
    people = {
        "ada": long_ago,
        "bo": long_ago,
        "cy": between,
        "di": None,
        "em": today,
        "fay": long_ago,
        "hal": long_ago,
    }
    import_rows(
        engine, *(replace(ADA, address=f"{name}@example.org", consent_at=at) for name, at in people.items())
    )
    import_rows(engine, replace(ADA, address="gus@example.org", digest="monthly"))
    with transaction(engine) as connection:
        numbers = {name: audience.number_of(connection, f"{name}@example.org") or 0 for name in people}
        hal = schema.subscriptions.c.subscriber == numbers["hal"]
        connection.execute(update(schema.subscriptions).where(hal).values(state=SubscriptionState.PENDING))
        audience.unsubscribe(connection, numbers["bo"], "weekly", NOW - timedelta(days=10))
        audience.unsubscribe(connection, numbers["cy"], "weekly", NOW)
        audience.unsubscribe(connection, numbers["fay"], "weekly", NOW - timedelta(days=200))
    with reading(engine) as connection:
        assert audience.confirmed_by(connection, "weekly", days) == (3, 3, 3)
        assert audience.confirmed_by(connection, "monthly", days) == (0, 0, 1)
        assert audience.confirmed_by(connection, "weekly", days[2:]) == (3,)


def test_who_rests_or_is_held_is_not_counted_as_reached(engine: Engine) -> None:
    """Until the rest or the hold is over; what a send would write down is the same number."""
    with transaction(engine) as connection:
        subscribe(connection, "ada@example.org", "bo@example.org", "cy@example.org")
        reader_changes.pause(connection, 1, "weekly", NOW + HOUR, NOW)
        holds.hold(connection, "bo@example.org", NOW + 2 * HOUR, "its mail came back", NOW)
        reached = [audience.reached_count(connection, "weekly", NOW + hours * HOUR) for hours in range(3)]
        assert reached == [1, 2, 3]
        assert audience.confirmed_count(connection, "weekly") == 3
        request(connection)
        assert deliveries.counts(connection, WEEKLY)[DeliveryState.QUEUED] == 1


def test_suppressing_closes_what_has_not_begun_to_leave(engine: Engine) -> None:
    """Of every digest, whatever the spelling; and it can be repeated."""
    with transaction(engine) as connection:
        subscribe(connection, "ada@example.org", "bo@example.org")
        request(connection)
        for reason in ("bounced twice", "complained"):
            audience.suppress(connection, "Ada@Example.org", reason, NOW)
        assert [row.address for row in deliveries.rows(connection, WEEKLY, DeliveryState.SUPPRESSED)] == [
            "ada@example.org"
        ]
        assert audience.confirmed_count(connection, "weekly") == 1
