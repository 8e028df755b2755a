"""A machine at its worst: senders frozen past their lease, a clock that jumps, a full disk, a database that goes away."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from chaos import CONNECTIONS, IS_LONG, Scene, scene
from chaos_sender import NO_LEDGER
from digest.model import DeliveryState
from digest.store.database import transaction

HOUR = 3_600.0
ROUNDS = 50 if IS_LONG else 2
POSTGRES = pytest.param("postgresql", marks=pytest.mark.postgres)


def is_complete(place: Scene, doubts: int = 0) -> bool:
    """Everybody has the issue, but for so many doubts at most."""
    found = place.verdict()
    assert found.is_good, found
    assert found.doubts <= doubts, found
    return found.rows[DeliveryState.ACCEPTED] + found.doubts == place.readers


@pytest.mark.parametrize("seen", range(20, 20 + 30 * ROUNDS, 30))
def test_a_sender_frozen_past_its_lease_changes_nothing_when_it_wakes(
    database_url: str, tmp_path: Path, seen: int
) -> None:
    """Another one takes over what it had claimed; what it had begun it may still finish, once."""
    with scene(database_url, tmp_path, readers=seen + 500) as place:
        sleeper = place.start()
        place.wait_for(seen)
        place.freeze(sleeper)
        assert place.finish(clock=(HOUR,)) == 0
        place.wake(sleeper)
        sleeper.join(60)
        assert sleeper.exitcode == 0
        place.settle()
        assert is_complete(place, doubts=CONNECTIONS)


def test_clocks_that_jump_by_an_hour_send_nothing_twice(database_url: str, tmp_path: Path) -> None:
    """Two senders whose clocks go wrong at every look: leases end early, and none of it makes a copy."""
    with scene(database_url, tmp_path, readers=300 * ROUNDS) as place:
        wild = place.start(clock=(0, HOUR, -HOUR, 0, 0, -HOUR, HOUR))
        assert place.finish(clock=(HOUR, 0, -HOUR)) == 0
        wild.join(60)
        assert wild.exitcode == 0
        assert place.finish(clock=(2 * HOUR,)) == 0
        assert is_complete(place, doubts=2 * CONNECTIONS)


def test_a_full_disk_stops_the_send_and_loses_nothing(tmp_path: Path) -> None:
    """No ledger, no send: it ends with an error, and goes on once there is room."""
    with scene(f"sqlite:///{tmp_path / 'digest.db'}", tmp_path, readers=300 * ROUNDS) as place:
        for room in range(ROUNDS):
            largest = max(path.stat().st_size for path in tmp_path.glob("digest.db*"))
            assert place.finish(file_bytes=largest + 40_000 + 8_192 * room) == NO_LEDGER
            found = place.verdict()
            assert found.is_good, found
            assert found.rows[DeliveryState.QUEUED]
            assert found.doubts <= (room + 1) * CONNECTIONS
        assert place.finish() == 0
        assert is_complete(place, doubts=ROUNDS * CONNECTIONS)


@pytest.mark.parametrize("database_url", [POSTGRES], indirect=True)
def test_a_database_that_goes_away_stops_the_send_and_loses_nothing(
    database_url: str, tmp_path: Path
) -> None:
    """Every session of the sender ends at once, as when the server restarts."""
    with scene(database_url, tmp_path, readers=300 * ROUNDS) as place:
        for _ in range(ROUNDS):
            sender = place.start()
            place.wait_for(place.sink.count() + 20)
            with transaction(place.engine) as connection:
                connection.execute(text(_END_OTHERS))
            sender.join(60)
            assert sender.exitcode in (0, NO_LEDGER)
            place.settle()
            assert place.verdict().is_good
        assert place.finish() == 0
        assert is_complete(place, doubts=ROUNDS * CONNECTIONS)


_END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
