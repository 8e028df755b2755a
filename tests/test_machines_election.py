"""One of any number of schedulers is elected, and another one within five seconds of its end, whatever that was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, text

from digest.store.database import open_database
from digest.store.leader import stand
from faulty_line import faulty_line

pytestmark = pytest.mark.postgres
TAKE_OVER = 5.0
END_SESSIONS = text("""
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")
STAND = """
import sys
from threading import Event
from digest.store.database import open_database
from digest.store.leader import stand
def term(over):
    print("elected", flush=True)
    over.wait()
stand(open_database(sys.argv[1]), Event(), term)
"""


@dataclass
class Candidate:
    """A scheduler that only counts its terms."""

    engine: Engine
    stop: Event = field(default_factory=Event)
    elected: int = 0
    serves: bool = False

    def term(self, over: Event) -> None:
        self.elected += 1
        self.serves = True
        over.wait()
        self.serves = False


@contextmanager
def candidate(url: str) -> Iterator[Candidate]:
    here = Candidate(open_database(url))
    thread = Thread(target=stand, args=(here.engine, here.stop, here.term))
    thread.start()
    try:
        yield here
    finally:
        here.stop.set()
        thread.join()
        here.engine.dispose()


def wait_for(what: Callable[[], bool], seconds: float = 20) -> float:
    """How long it took."""
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, "it took too long"
        time.sleep(0.02)
    return time.monotonic() - begun


def test_one_is_elected_and_the_next_one_when_it_ends(postgres_url: str) -> None:
    """The second waits; it is elected when the first has stopped, and nobody else ever was."""
    with candidate(postgres_url) as second_to_come:
        wait_for(lambda: second_to_come.serves)
        with candidate(postgres_url) as other:
            time.sleep(1.5)
            assert other.elected == 0
            second_to_come.stop.set()
            assert wait_for(lambda: other.serves) < TAKE_OVER
    assert (second_to_come.elected, other.elected) == (1, 1)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_scheduler_that_is_killed_or_frozen_is_followed_within_seconds(
    postgres_url: str, number: int
) -> None:
    """A frozen machine keeps its connection open for ever: the server ends it, because nothing is heard."""
    with subprocess.Popen(
        [sys.executable, "-c", STAND, postgres_url], stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout
        assert first.stdout.readline() == "elected\n"
        with candidate(postgres_url) as second:
            time.sleep(0.5)
            assert second.elected == 0
            os.kill(first.pid, number)
            assert wait_for(lambda: second.serves) < TAKE_OVER
        first.kill()


def test_a_term_is_over_once_the_connection_is_gone(postgres_url: str) -> None:
    """Ended by the server: who led stops leading before it can be elected again."""
    with candidate(postgres_url) as here:
        wait_for(lambda: here.serves)
        with here.engine.connect() as connection:
            connection.execute(END_SESSIONS)
        wait_for(lambda: here.elected == 2)
        assert here.serves


def test_a_term_is_over_once_nothing_is_heard_of_the_server(postgres_url: str) -> None:
    """A dead line: it gives up by itself, and somebody with a sound line follows."""
    with faulty_line(postgres_url) as line, candidate(line.url) as far:
        wait_for(lambda: far.serves)
        with candidate(postgres_url) as near:
            line.hold()
            assert wait_for(lambda: near.serves) < TAKE_OVER
            wait_for(lambda: not far.serves)
            line.release()
            line.cut()
            time.sleep(1.5)
            assert (near.elected, far.elected, far.serves) == (1, 1, False)
