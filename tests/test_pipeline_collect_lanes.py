"""Lanes: groups side by side, the jobs of a group in order, and whoever is slow delays nobody else."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from threading import Event

import pytest

from digest.pipeline.posts.collecting import lanes
from digest.pipeline.posts.collecting.lanes import Lane, Lanes

Job = tuple[str, int]


def groups(names: Sequence[str], jobs: int = 1) -> list[list[Job]]:
    """One group for each name, with numbered jobs."""
    return [[(name, number) for number in range(jobs)] for name in names]


def echo(_: Lane, group: Sequence[Job]) -> Iterator[Job]:
    """Work that is done at once."""
    yield from group


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the patience, so that the tests need not have it."""
    monkeypatch.setattr(lanes, "PATIENCE", 0.1)
    monkeypatch.setattr(lanes, "GRACE", 0.3)


def test_every_job_is_done_once_and_a_group_in_order() -> None:
    """However many groups there are for however few lanes."""
    done = defaultdict(list)
    for result in Lanes(groups([str(at) for at in range(60)], 5), echo, 4, Event()).results():
        if result:
            done[result[0]].append(result[1])
    assert len(done) == 60
    assert all(numbers == [0, 1, 2, 3, 4] for numbers in done.values())


def test_nothing_to_do_ends_at_once() -> None:
    """No lane is opened."""
    assert list(Lanes([], echo, 4, Event()).results()) == []


def test_there_are_no_more_lanes_than_asked_for() -> None:
    """As long as nobody is kept waiting by the network, work waits for its turn."""
    at_work: list[int] = []
    running = threading.Semaphore(0)

    def work(_: Lane, group: Sequence[Job]) -> Iterator[Job]:
        running.release()
        time.sleep(0.02)
        at_work.append(running._value)
        running.acquire()
        yield from group

    assert len([each for each in Lanes(groups("abcdefghijkl"), work, 3, Event()).results() if each]) == 12
    assert max(at_work) <= 3


@pytest.mark.usefixtures("impatient")
def test_who_keeps_a_lane_waiting_delays_nobody_else() -> None:
    """Six silent servers for two lanes: what is quick is done while they are silent still."""
    speaks = Event()
    slow = {"a", "b", "c", "d", "e", "f"}

    def work(lane: Lane, group: Sequence[Job]) -> Iterator[Job]:
        if group[0][0] in slow:
            with lane.waiting():
                speaks.wait(20)
        yield from group

    names = [*sorted(slow), *(str(at) for at in range(40))]
    order = []
    for result in Lanes(groups(names), work, 2, Event()).results():
        if result:
            order.append(result[0])
        if len(order) == 40:
            speaks.set()
    assert slow.isdisjoint(order[:40])
    assert sorted(order) == sorted(names)


@pytest.mark.usefixtures("impatient")
def test_slow_work_of_our_own_opens_no_lane() -> None:
    """Only the network is slow without costing anything."""
    threads: set[str] = set()

    def work(_: Lane, group: Sequence[Job]) -> Iterator[Job]:
        threads.add(threading.current_thread().name)
        time.sleep(0.3)
        yield from group

    assert len([each for each in Lanes(groups("abcdef"), work, 2, Event()).results() if each]) == 6
    assert len(threads) <= 2


@pytest.mark.usefixtures("impatient")
def test_there_is_an_end_to_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many servers are silent, so many threads and no more."""
    monkeypatch.setattr(lanes, "MOST_WAITING", 5)
    speaks, waiting = Event(), set()

    def work(lane: Lane, group: Sequence[Job]) -> Iterator[Job]:
        waiting.add(group[0])
        with lane.waiting():
            speaks.wait(20)
        yield from group

    full_since = 0.0
    for _ in Lanes(groups([str(at) for at in range(30)]), work, 2, Event()).results():
        if len(waiting) >= 7 and not full_since:
            full_since = time.monotonic()
        if full_since and time.monotonic() > full_since + 1 and not speaks.is_set():
            assert len(waiting) == 7  # a second is time enough for an eighth
            speaks.set()
    assert speaks.is_set()
    assert len(waiting) == 30


def test_what_ends_everything_is_raised() -> None:
    """A database that cannot be used is no matter of one source."""

    def work(_: Lane, group: Sequence[Job]) -> Iterator[Job]:
        yield group[0]
        if group[0][0] == "c":
            raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        list(Lanes(groups("abcdef"), work, 2, Event()).results())


@pytest.mark.usefixtures("impatient")
def test_a_stop_begins_nothing_and_does_not_wait_for_the_silent() -> None:
    """What is under way has a moment to end; a server that says nothing does not keep us."""
    stop, silent = Event(), Event()
    begun: list[str] = []

    def work(lane: Lane, group: Sequence[Job]) -> Iterator[Job]:
        begun.append(group[0][0])
        if group[0][0] == "a":
            with lane.waiting():
                silent.wait(20)
        else:
            stop.set()
        yield from group

    began = time.monotonic()
    with closing(Lanes(groups("abcdefgh"), work, 2, stop).results()) as results:
        assert [each for each in results if each] == [("b", 0)]
    assert time.monotonic() - began < 5
    assert sorted(begun) == ["a", "b"]
    silent.set()


def test_a_reader_who_leaves_keeps_no_lane() -> None:
    """Threads end even if nobody takes what they found."""
    results = Lanes(groups([str(at) for at in range(200)], 5), echo, 4, Event()).results()
    next(results)
    results.close()
    ends = time.monotonic() + 5
    while any(isinstance(thread, Lane) for thread in threading.enumerate()):
        assert time.monotonic() < ends
        time.sleep(0.01)
