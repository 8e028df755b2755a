"""The audience: imports that can be repeated, leaving that lasts, addresses that are never written to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, update

from digest.model import DeliveryState, SubscriptionState
from digest.store import audience, deliveries, schema
from digest.store.audience import ImportReport, ImportRow
from digest.store.database import reading, transaction
from store_samples import HOUR, LEASE, NOW, WEEKLY, request, subscribe

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


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "a b@example.org",
        "ada@example.org\nBcc: all@example.org",
        "a@b@c",
        "x" * 250 + "@e.org",
    ],
)
def test_what_is_no_address_is_refused_and_the_rest_goes_on(engine: Engine, address: str) -> None:
    """One bad line costs one line, and is named."""
    report = import_rows(engine, replace(ADA, address=address), ADA)
    assert (report.added, len(report.refused)) == (1, 1)
    assert "is no address" in report.refused[0]


def test_themes_that_no_rendering_could_have_are_refused(engine: Engine) -> None:
    """A choice is a short list of slugs; commas and hundreds of themes are a mistake in the file."""
    many = tuple(f"theme-{number}" for number in range(51))
    report = import_rows(engine, replace(ADA, themes=("a,b",)), replace(ADA, themes=many))
    assert len(report.refused) == 2


def test_an_import_of_thousands_adds_up(engine: Engine) -> None:
    """More than one batch: every row is counted once and stored once."""
    rows = [replace(ADA, address=f"reader{number % 1500}@example.org") for number in range(1600)]
    assert import_rows(engine, *rows) == ImportReport(added=1500, unchanged=100)
    with reading(engine) as connection:
        assert len(list(audience.subscriptions(connection, "weekly"))) == 1500
        assert audience.confirmed_count(connection, "weekly") == 1500


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
        assert deliveries.begin_sending(connection, sending, NOW)
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


def test_leaving_can_be_undone_by_the_person(engine: Engine) -> None:
    """Once, and not past a suppression."""
    with transaction(engine) as connection:
        subscribe(connection, "ada@example.org")
        assert not audience.resubscribe(connection, 1, "weekly")
        audience.unsubscribe(connection, 1, "weekly", NOW)
        assert audience.resubscribe(connection, 1, "weekly")
        assert audience.confirmed_count(connection, "weekly") == 1
        audience.unsubscribe(connection, 1, "weekly", NOW)
        audience.suppress(connection, "ADA@example.org", "complained", NOW)
        assert not audience.resubscribe(connection, 1, "weekly")


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
