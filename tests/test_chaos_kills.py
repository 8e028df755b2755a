"""SIGKILL at any moment and at each point of a send, on both databases, with several connections at once.

The truth is the log of a mail server of our own, synced before each of its answers. `make chaos` runs this file and
its sisters; `make chaos-long` does the same for an hour (`DIGEST_CHAOS=long`).
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from chaos import IS_LONG, Scene, moments, scene
from digest.model import DeliveryState

RANDOM_KILLS = 1_000 if IS_LONG else 20
KILLS_AT_A_POINT = 84 if IS_LONG else 2
KILLS_A_SCENE = 50
OWN_HAND = ("after the claim", "after sending", "in the body")  # the sender kills itself there
BY_THE_SINK = {  # the mail server kills it there
    "after the 354": "data kill:{pid}",
    "after the dot": "dot kill-first:{pid} taken",
    "after the reply": "dot kill:{pid} taken",
}


def is_complete(place: Scene) -> bool:
    """Everybody has the issue, but those of whom nobody knows."""
    found = place.check()
    return found.rows[DeliveryState.ACCEPTED] + found.rows[DeliveryState.IN_DOUBT] == place.readers


@pytest.mark.parametrize("seed", range(-(-RANDOM_KILLS // KILLS_A_SCENE)))
def test_kills_at_random_lose_nothing_and_send_nothing_twice(
    database_url: str, tmp_path: Path, seed: int
) -> None:
    """Whenever the signal comes, each check holds, and the next start sends its first message within 5 seconds."""
    kills = min(RANDOM_KILLS, KILLS_A_SCENE)
    with scene(database_url, tmp_path, readers=120 * kills) as place:
        for messages, pause in moments(kills, seed):
            place.kill_after(messages, pause)
            place.check()
        assert place.finish() == 0
        assert is_complete(place)
        assert max(place.restarts) <= 5
        print(f"{kills} kills: {place.check()}, slowest start {max(place.restarts):.2f} s")  # noqa: T201


def die(place: Scene, point: str, number: int) -> None:
    """Let a sender die at ``point``, the ``number``th time that it comes there."""
    if point in OWN_HAND:
        place.bury(place.start(dies=point, after=number))
        return
    process = place.start()
    place.sink.order(f"{number + 1} {BY_THE_SINK[point].format(pid=process.pid)}")
    place.bury(process)


@pytest.mark.parametrize("point", [*OWN_HAND, *BY_THE_SINK])
def test_a_kill_at_a_point_loses_nothing_and_sends_nothing_twice(
    database_url: str, tmp_path: Path, point: str
) -> None:
    """At most one message for each open connection waits for a person."""
    with scene(database_url, tmp_path, readers=60 * KILLS_AT_A_POINT) as place:
        for number in range(KILLS_AT_A_POINT):
            die(place, point, number % 7)
            place.check()
        assert place.finish() == 0
        assert is_complete(place)


def test_a_cold_start_goes_on_within_five_seconds(tmp_path: Path) -> None:
    """From nothing to the first message, after a kill: a new interpreter, all imports, the rows of the dead one."""
    database = f"sqlite:///{tmp_path / 'digest.db'}"
    with scene(database, tmp_path, readers=40) as place:
        die(place, "after the dot", 5)
        before, begun = place.sink.count(), time.time()
        program = f"import chaos_sender as c; c.run(c.Victim({database!r}, {place.sink.url!r}))"
        subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parent, check=True, timeout=60)
        assert place.sink.took()[before].at - begun <= 5
        assert is_complete(place)


def test_control_a_sender_that_sends_doubts_again_sends_twice(database_url: str, tmp_path: Path) -> None:
    """The measure can fail: what a person may decide, the program must not."""
    with scene(database_url, tmp_path, readers=40) as place:
        die(place, "after the dot", 5)
        assert place.finish(pushy=True) == 0
        assert place.verdict().twice
        assert not place.verdict().lost


def test_control_a_sender_that_notes_accepted_before_the_dot_loses_mail(
    database_url: str, tmp_path: Path
) -> None:
    """The measure can fail: a ledger that trusts the relay too early loses what it was sending."""
    with scene(database_url, tmp_path, readers=40) as place:
        place.bury(place.start(dies="in the body", after=5, hasty=True))
        assert place.finish() == 0
        assert place.verdict().lost
        assert not place.verdict().twice
