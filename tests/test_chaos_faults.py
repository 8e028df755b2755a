"""A mail server at its worst: more than 500 faults of every kind in one send, at every stage of a transaction."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from chaos import IS_LONG, Scene, scene
from deliver_samples import ISSUE
from digest.model import DeliveryState, SendState
from digest.store import deliveries
from digest.store.database import transaction

HOUR = 3_600.0
COMMON = (  # each of these tells its side: what is not taken is tried again, what was taken is not
    "mail 451_4.3.0_later",
    "mail 421_4.3.2_closing",
    "mail drop",
    "mail slow",
    "mail garbage",
    "rcpt 450_4.2.1_busy",
    "rcpt 452_4.5.3_too_many",
    "rcpt 421_4.7.0_slow_down",
    "rcpt drop",
    "rcpt slow",
    "data 451_4.3.0_later",
    "data 421_4.3.2_closing",
    "data slow",
    "data garbage",
    "dot 451_4.3.0_later",
    "dot 452_4.3.1_full",
    "dot 421_4.3.2_closing",
    "dot slow taken",
)
UNSURE = (  # after the dot nobody knows: one doubt each
    "data drop",
    "body drop",
    "dot drop taken",
    "dot drop",
    "dot garbage taken",
    "dot 299_4xx? taken",
)
HARD = ("rcpt 550_5.1.1_unknown", "rcpt 553_5.1.3_odd", "dot 554_5.6.0_no", "data 554_5.5.0_no")
LONG = ("mail hang", "rcpt hang", "data hang", "dot hang", "dot hang taken", "body hang")


def faults(count: int) -> list[str]:
    """Mixed by chance, always the same: mostly soft, one in ten unsure, few for good, and few that take long."""
    chance = random.Random(7)
    chosen = [chance.choice(COMMON) for _ in range(count - count // 8 - 18)]
    chosen += [UNSURE[number % len(UNSURE)] for number in range(count // 8)]
    chosen += [HARD[number % len(HARD)] for number in range(12)]
    chosen += LONG
    chance.shuffle(chosen)
    return chosen


def resume(place: Scene) -> None:
    """What a person does who finds that the send has paused itself."""
    with transaction(place.engine) as connection:
        asked = deliveries.send(connection, ISSUE)
        if asked and asked.state is SendState.PAUSED:
            deliveries.set_send_state(connection, ISSUE, SendState.RUNNING)


def test_five_hundred_faults_lose_nothing_and_send_nothing_twice(database_url: str, tmp_path: Path) -> None:
    """What the relay refused for now is tried again, hour after hour; only what nobody can know stays in doubt."""
    count = 5_000 if IS_LONG else 520
    planned = faults(count)
    unsure = sum(fault in UNSURE or fault in LONG for fault in planned)
    with scene(database_url, tmp_path, readers=3 * count) as place:
        for number, fault in enumerate(planned):
            place.sink.order(f"{3 * number + 1} {fault}")
        for hour in range(40):
            assert place.finish(clock=(hour * HOUR,), timeout=1) == 0
            found = place.verdict()
            assert found.is_good, found
            assert found.doubts <= unsure
            if not found.rows[DeliveryState.QUEUED]:
                break
            resume(place)
        assert found.rows[DeliveryState.QUEUED] == 0
        assert found.rows[DeliveryState.REJECTED] <= count // 40
        assert place.sink.order("faults") == "0"  # each was met
        print(f"{count} faults: {found}")  # noqa: T201


@pytest.mark.parametrize("fault", sorted({*COMMON, *UNSURE, *HARD}))
def test_one_fault_concerns_one_message(tmp_path: Path, fault: str) -> None:
    """Whatever one message meets, all others are sent in the same run; and only what may be known is decided."""
    with scene(f"sqlite:///{tmp_path / 'digest.db'}", tmp_path, readers=12) as place:
        place.sink.order(f"6 {fault}")
        assert place.finish(connections=1) == 0
        found = place.verdict()
        assert found.is_good, found
        assert found.rows[DeliveryState.ACCEPTED] >= 11
        assert found.doubts <= (fault in UNSURE)
