"""The ledger page by page: every row once, whatever it is asked for, and never by reading what comes before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, update

from digest.model import DeliveryState, IssueId
from digest.store import deliveries
from digest.store.database import transaction
from digest.store.deliveries import Account
from digest.store.schema import deliveries as table
from query_plans import plan_of
from store_samples import NOW, WEEKLY, request, subscribe

PEOPLE = [f"reader{number}@example.org" for number in range(30)]


@pytest.fixture
def ledger(engine: Engine) -> Engine:
    """Thirty rows in three states, some of them due later than others."""
    with transaction(engine) as connection:
        subscribe(connection, *PEOPLE)
        request(connection)
        for number, state in enumerate((DeliveryState.ACCEPTED, DeliveryState.REJECTED)):
            connection.execute(update(table).where(table.c.id % 3 == number).values(state=state))
        later = update(table).where(table.c.id % 2 == 0)
        connection.execute(later.values(next_try_at=NOW + timedelta(minutes=5)))
    return engine


def walk(
    connection: Connection, state: DeliveryState | None = None, issue: IssueId = WEEKLY
) -> Iterator[tuple[Account, ...]]:
    """Pages of seven, to the last one."""
    after = 0
    while page := deliveries.page(connection, issue, 7, state=state, after=after):
        yield page
        after = page[-1].delivery.id


@pytest.mark.parametrize("state", [None, DeliveryState.ACCEPTED, DeliveryState.QUEUED, DeliveryState.EXPIRED])
def test_every_row_is_on_one_page(ledger: Engine, state: DeliveryState | None) -> None:
    """All of them, or those in one state; each page but the last is full."""
    with transaction(ledger) as connection:
        pages = list(walk(connection, state))
        expected = {row.id for row in deliveries.rows(connection, WEEKLY, state)}
    seen = [row.delivery.id for page in pages for row in page]
    assert (len(seen), set(seen)) == (len(expected), expected)
    assert all(len(page) == 7 for page in pages[:-1])


def test_a_row_that_moves_on_ends_no_list(ledger: Engine) -> None:
    """The last row of a page is sent meanwhile: the list of what waits goes on behind its place."""
    with transaction(ledger) as connection:
        first = deliveries.page(connection, WEEKLY, 4, state=DeliveryState.QUEUED)
        last = first[-1].delivery.id
        connection.execute(update(table).where(table.c.id == last).values(state=DeliveryState.ACCEPTED))
        rest = deliveries.page(connection, WEEKLY, 30, state=DeliveryState.QUEUED, after=last)
    assert {row.delivery.id for row in first}.isdisjoint(row.delivery.id for row in rest)
    assert len(first) + len(rest) == 10


def test_one_person_is_found_by_their_address(ledger: Engine) -> None:
    """However it is written; nobody else, and nothing behind the last row of another issue."""
    with transaction(ledger) as connection:
        (found,) = deliveries.page(connection, WEEKLY, 9, address=" Reader7@EXAMPLE.org ")
        assert found.delivery.address == "reader7@example.org"
        assert deliveries.page(connection, WEEKLY, 9, address="nobody@example.org") == ()
        assert deliveries.page(connection, WEEKLY, 9, after=10_000) == ()


def test_a_page_sorts_nothing(ledger: Engine) -> None:
    """It is read in the order of an index, from its place on."""
    plan = plan_of(
        ledger,
        lambda connection: deliveries.page(connection, WEEKLY, 7, state=DeliveryState.ACCEPTED, after=12),
    )
    if ledger.dialect.name == "sqlite":
        assert "SEARCH deliveries USING INDEX ix_deliveries_issue_state_next_try_at_id" in plan
        assert "TEMP B-TREE" not in plan
