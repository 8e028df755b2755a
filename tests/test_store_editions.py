"""What was public of an issue, on both databases: its version when it was published, and each later one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, update

from digest.store import editions, issues
from digest.store.database import transaction
from digest.store.schema import issues as issues_table
from digest.store.schema import versions
from digest.store.statements import columns_of
from store_samples import HOUR, NOW, WEEKLY, a_version, an_issue, freeze


def add_version(connection: Connection, number: int, introduction: str, frozen_at: datetime) -> None:
    """Another frozen state of the issue, which becomes its newest."""
    version = replace(a_version(an_issue(introduction=introduction), 1, number), frozen_at=frozen_at)
    connection.execute(versions.insert().values(**columns_of(version)))
    connection.execute(update(issues_table).where(issues_table.c.id == WEEKLY).values(version=number))


def numbers(connection: Connection) -> list[list[int]]:
    return [
        [version.number for version in found.versions] for found in editions.published(connection, "weekly")
    ]


def test_what_is_not_published_is_not_there(engine: Engine) -> None:
    """Approved, and nobody has seen it."""
    with transaction(engine) as connection:
        freeze(connection)
        assert editions.published(connection, "weekly") == ()


def test_a_version_that_was_replaced_before_it_was_published_was_never_public(engine: Engine) -> None:
    """Approved, edited, approved again: only the second one is."""
    with transaction(engine) as connection:
        freeze(connection)
        add_version(connection, 2, "Edited", NOW + HOUR)
        issues.published(connection, WEEKLY, NOW + 2 * HOUR)
        assert numbers(connection) == [[2]]


def test_each_correction_is_public_from_then_on(engine: Engine) -> None:
    """Oldest first, with what stood there before."""
    with transaction(engine) as connection:
        freeze(connection)
        issues.published(connection, WEEKLY, NOW)
        add_version(connection, 2, "Corrected", NOW + HOUR)
        add_version(connection, 3, "Corrected again", NOW + timedelta(days=3))
        (found,) = editions.published(connection, "weekly")
    assert [(version.number, version.frozen_at) for version in found.versions] == [
        (1, NOW),
        (2, NOW + HOUR),
        (3, NOW + timedelta(days=3)),
    ]
    assert found.published_at == NOW


def test_a_clock_that_was_set_back_loses_no_issue(engine: Engine) -> None:
    """Published, by the clock, before it was frozen: its first version is the public one."""
    with transaction(engine) as connection:
        freeze(connection)
        issues.published(connection, WEEKLY, NOW - HOUR)
        assert numbers(connection) == [[1]]
