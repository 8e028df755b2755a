"""The audience as it is looked through: pages by number or by address, suppressed addresses, one person's trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import Connection, Engine, select

from digest import store
from digest.model import ConsentStep, SubscriptionState
from digest.store import audience, schema
from digest.store.audience import ImportRow, Wanted
from digest.store.database import transaction
from store_samples import NOW

ADDRESSES = (
    "Zora@a.test",
    "ada@a.test",
    "ad.a@a.test",
    "adam@a.test",
    "ad_a@a.test",
    "ad%a@a.test",
    "émile@a.test",
)
DIGESTS = ("weekly", "daily")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with transaction(engine) as opened:
        rows = [ImportRow(address, "weekly", None, NOW, "the fair") for address in ADDRESSES]
        rows += [ImportRow(address, "daily", None, NOW, "the fair") for address in ADDRESSES[1:3]]
        audience.import_rows(opened, rows, NOW)
        yield opened


def found(connection: Connection, wanted: Wanted, size: int = 2) -> list[str]:
    """Everybody, page by page; no page is longer than it may be."""
    addresses: list[str] = []
    after = 0
    for _ in count():
        page = audience.page(connection, wanted, DIGESTS, size, after)
        if not page:
            return addresses
        assert len(page) <= size
        addresses += [each.address for each in page]
        after = page[-1].number
    raise AssertionError


def test_everybody_comes_once_in_the_order_of_their_numbers(connection: Connection) -> None:
    """However small the pages."""
    assert found(connection, Wanted(), 3) == list(ADDRESSES)
    assert found(connection, Wanted(digest="weekly")) == list(ADDRESSES)
    assert found(connection, Wanted(state=SubscriptionState.CONFIRMED), 1) == list(ADDRESSES)
    assert found(connection, Wanted(digest="daily")) == list(ADDRESSES[1:3])


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        ("ad", {"ada@a.test", "ad.a@a.test", "adam@a.test", "ad_a@a.test", "ad%a@a.test"}),
        ("ADA", {"ada@a.test", "adam@a.test"}),
        ("ad_", {"ad_a@a.test"}),
        ("ad%", {"ad%a@a.test"}),
        ("z", {"Zora@a.test"}),
        ("é", {"émile@a.test"}),
        ("x", set()),
        ("ada@a.test", {"ada@a.test"}),
    ],
)
def test_an_address_is_found_by_its_beginning(
    connection: Connection, begins: str, expected: set[str]
) -> None:
    """Each character stands for itself, whatever a database makes of it; nobody comes twice."""
    addresses = found(connection, Wanted(begins=begins), 1)
    assert set(addresses) == expected
    assert len(addresses) == len(expected)


def test_a_beginning_and_a_state_are_asked_for_together(connection: Connection) -> None:
    """And a digest."""
    ada = audience.number_of(connection, "ADA@a.test")
    assert ada is not None
    audience.unsubscribe(connection, ada, "daily", NOW)
    left = SubscriptionState.UNSUBSCRIBED
    assert found(connection, Wanted(state=left)) == ["ada@a.test"]
    assert found(connection, Wanted("daily", left, "a")) == ["ada@a.test"]
    assert found(connection, Wanted("weekly", left, "a")) == []
    assert found(connection, Wanted("daily", SubscriptionState.CONFIRMED, "ad")) == ["ad.a@a.test"]


def test_who_was_erased_is_in_no_list(connection: Connection) -> None:
    """Nor is anything of what they agreed to kept."""
    ada = audience.number_of(connection, "ada@a.test")
    assert ada is not None
    audience.unsubscribe(connection, ada, None, NOW)
    audience.erase(connection, "ada@a.test", "mark", NOW)
    assert "ada@a.test" not in found(connection, Wanted())
    assert audience.person(connection, ada, 5, NOW) is None
    assert connection.execute(select(schema.consents)).all() == []


def test_suppressed_addresses_are_listed_with_whose_they_are(connection: Connection) -> None:
    """Also those of nobody; and taken back one by one."""
    for address in ("adam@a.test", "list@b.test"):
        audience.suppress(connection, address, "asked", NOW)
    listed = audience.barred(connection, "", 10)
    assert [(each.suppression.address, each.number is None) for each in listed] == [
        ("adam@a.test", False),
        ("list@b.test", True),
    ]
    assert [each.suppression.address for each in audience.barred(connection, "", 1, 1)] == ["list@b.test"]
    assert len(audience.barred(connection, "ad", 10)) == 1
    assert store.suppressions.lift_one(connection, "LIST@b.test")
    assert not store.suppressions.lift_one(connection, "list@b.test")
    assert len(audience.barred(connection, "", 10)) == 1


def test_every_step_of_a_person_is_remembered_once(connection: Connection) -> None:
    """What changes nothing is no step."""
    ada = audience.number_of(connection, "ada@a.test")
    assert ada is not None
    audience.choose(connection, ada, "weekly", ["water"], NOW)
    audience.choose(connection, ada, "weekly", ["water"], NOW)
    store.reader_changes.leave_everything(connection, ada, NOW)
    audience.unsubscribe(connection, ada, "weekly", NOW)
    store.reader_changes.return_to_everything(connection, ada, "weekly", NOW)
    audience.resubscribe(connection, ada, "weekly", NOW)
    store.reader_changes.pause(connection, ada, "daily", NOW + timedelta(days=3), NOW)
    store.reader_changes.pause(connection, ada, "daily", None, NOW)
    store.reader_changes.move(connection, ada, "ada@b.test", NOW)
    steps = [(each.step, each.digest) for each in reversed(store.consents.trail(connection, ada))]
    assert steps[0] == (ConsentStep.THEMES, "weekly")
    assert sorted(steps[1:3]) == [(ConsentStep.LEFT, "daily"), (ConsentStep.LEFT, "weekly")]
    assert sorted(steps[3:5]) == [(ConsentStep.RETURNED, "daily"), (ConsentStep.RETURNED, "weekly")]
    assert steps[5:] == [
        (ConsentStep.PAUSED, "daily"),
        (ConsentStep.RESUMED, "daily"),
        (ConsentStep.MOVED, ""),
    ]
