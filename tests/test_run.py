"""``digest run`` as a process: it collects, serves and sends; it ends when told, and what kills it repeats nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from digest.demo.conversation import Envelope, Stage
from digest.model import IssueId
from digest.pipeline.mail.send import sent
from digest.store.database import open_database, transaction
from digest.store.schema import deliveries, sends
from installation import Place, installed_for, process

READERS = tuple(f"reader{number}@example.org" for number in range(12))


@pytest.fixture
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    with installed_for(request, tmp_path, port=_free_port()) as place:
        place.blog.write("sluice", "weir", at=datetime.now(UTC))
        yield place


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def running(place: Place) -> Iterator[subprocess.Popen[str]]:
    """``digest run``, from the line with which it says that it runs; killed at the end if it still does."""
    with process("--config", place.path, "run", folder=place.folder) as started:
        assert started.stdout
        line = started.stdout.readline()
        assert line.startswith("digest runs; feeds and pages are served at http://127.0.0.1:"), line
        try:
            yield started
        finally:
            started.kill()


def end(started: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str]:
    """Its exit code and its log after a signal."""
    started.send_signal(number)
    _, log = started.communicate(timeout=30)
    return started.returncode, log


def wait_for(what: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def address(place: Place, path: str) -> str:
    with place.opened() as installation:
        return f"http://127.0.0.1:{installation.settings.serve.port}/{path}"


# ── while it runs ────────────────────────────────────────────────────────────────────────────────


def test_it_collects_and_serves_until_it_is_told_to_end(here: Place) -> None:
    """Sources are polled at once, the feed that was published is served, and SIGTERM ends it with exit 0."""
    issue = here.published()
    here.blog.write("bell", at=datetime.now(UTC))
    asked = len(here.server.requests)
    with here.opened() as home, transaction(home.engine) as connection:
        connection.exec_driver_sql("UPDATE sources SET next_poll_at = NULL")
    with running(here) as started:
        feed = requests.get(address(here, "feeds/weekly/atom.xml"), timeout=10)
        page = requests.get(address(here, f"feeds/{issue}/"), timeout=10)
        wait_for(lambda: len(here.server.requests) > asked)
        code, log = end(started)
    assert (feed.status_code, page.status_code) == (200, 200)
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert code == 0, log
    assert "source hollin: " in log
    assert "Traceback" not in log


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_a_second_one_on_the_same_database_ends_at_once(here: Place) -> None:
    """One scheduler ticks at a time; the second says so, and takes over once the first is gone, even killed."""
    with running(here) as first:
        with process("--config", here.path, "run", folder=here.folder) as second:
            out, err = second.communicate(timeout=30)
        assert (second.returncode, out) == (1, "")
        assert "Another `digest run` is at work on this database" in err
        first.kill()
        first.wait(30)
        with running(here) as third:
            assert end(third, signal.SIGINT)[0] == 0


def test_serving_alone_sends_nothing(here: Place) -> None:
    """``digest serve`` may stand beside it, or on another machine: pages, and no schedule."""
    here.subscribe(*READERS[:2])
    here.published()
    with process("--config", here.path, "serve", folder=here.folder) as started:
        assert started.stdout
        assert started.stdout.readline().startswith("Serving at http://127.0.0.1:")
        assert requests.get(address(here, "feeds/"), timeout=10).status_code == 200
        code, log = end(started)
    assert code == 0, log
    assert here.recipients() == []


# ── killed in the middle of a send ───────────────────────────────────────────────────────────────


def asked_for(place: Place) -> IssueId:
    """An issue whose send was asked for and could not begin: the relay was away."""
    place.subscribe(*READERS)
    issue = place.published()
    port = place.path.read_text(encoding="utf-8").rpartition("port = ")[2].strip()
    place.configure(relay=f"smtp://127.0.0.1:{_free_port()}", port=port)
    assert place.digest("send", issue).code == 1
    place.configure(port=port)
    return IssueId.parse(issue)


def kill_at(place: Place, stage: Stage, number: int, process_id: int) -> None:
    """SIGKILL when the relay is asked for the so-manieth time at that stage."""
    seen = Counter[Stage]()

    def replies(at: Stage, _: Envelope) -> str | None:
        seen[at] += 1
        if at is stage and seen[at] == number:
            os.kill(process_id, signal.SIGKILL)
            time.sleep(0.3)  # it is gone before the reply
        return None

    place.inbox.replies = replies


def is_over(place: Place, issue: IssueId) -> bool:
    """Whether nothing of it is left to do by itself."""
    with place.opened() as home:
        counts = sent(home, issue).counts
    return not any(count for state, count in counts.items() if state in ("queued", "claimed", "sending"))


@pytest.mark.parametrize(("stage", "doubts"), [(Stage.RCPT, 0), (Stage.BODY, 1)])
def test_a_kill_in_the_middle_of_a_send_repeats_nothing(here: Place, stage: Stage, doubts: int) -> None:
    """Started again it goes on: everyone has one copy; a message that was on its way waits for a person, and only that."""
    issue = asked_for(here)
    text = here.path.read_text(encoding="utf-8")
    here.path.write_text(text.replace("timeout_seconds = 5\n", "timeout_seconds = 5\nconnections = 1\n", 1))
    with running(here) as first:
        kill_at(here, stage, 5, first.pid)
        first.wait(30)
    here.inbox.replies = None
    assert 0 < len(here.inbox.messages) < len(READERS)
    tree = here.tree()
    with running(here) as second:
        wait_for(lambda: is_over(here, issue))
        assert end(second)[0] == 0
    arrived = Counter(here.recipients())
    doubtful = here.done("show", issue, "--json").data["in_doubt"]
    assert isinstance(doubtful, list)
    # The envelope goes out behind the body before: that one may not have been answered.
    assert doubts <= len(doubtful) <= 1
    assert set(arrived.values()) == {1}
    assert set(arrived) | set(doubtful) == set(READERS)
    assert here.tree() == tree


def test_control_a_ledger_that_forgets_sends_twice(here: Place) -> None:
    """The measure can fail: with the ledger set back, everyone gets a second copy."""
    issue = asked_for(here)
    here.done("send", issue)
    assert set(Counter(here.recipients()).values()) == {1}
    with here.opened() as home:
        engine = open_database(home.settings.database.url)
    with transaction(engine) as connection:
        connection.execute(sends.update().values(state="running"))
        connection.execute(deliveries.update().values(state="queued", settled_at=None))
    engine.dispose()
    here.done("send", issue)
    assert set(Counter(here.recipients()).values()) == {2}
