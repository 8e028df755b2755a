"""Couriers: processes that fetch as this one does, and whose end costs nothing but speed."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

import loopback
from digest.errors import FetchError
from digest.net.couriers import Couriers
from digest.net.http import Fetcher

LONG_ENOUGH = 20  # seconds, for a process to start on a busy machine


def until(true: Callable[[], bool]) -> None:
    """Wait until it is so."""
    ends = time.monotonic() + LONG_ENOUGH
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


@contextmanager
def at_work(fetcher: Fetcher, count: int = 1, lines: int = 1) -> Iterator[Couriers]:
    """Couriers whose lines are all free."""
    with Couriers(fetcher, count, lines) as couriers:
        until(lambda: couriers._free.qsize() == count * lines)
        yield couriers


def greet(request: loopback.Request) -> None:
    """Answer by path: a body with validators, nothing new, a redirect, or what is none."""
    known = request.headers.get("if-none-match") == '"one"'
    answers = {
        "/": loopback.response(
            b"" if known else b"one",
            "304 Not Modified" if known else "200 OK",
            etag='"one"',
            cache_control="max-age=60",
            content_type="text/xml; charset=utf-8",
        ),
        "/away": loopback.redirect("/", "301 Moved Permanently"),
        "/missing": loopback.response(b"no", "404 Not Found", retry_after="7"),
        "/cut": loopback.response(b"one", content_length="9"),
        "/inside": loopback.redirect("http://127.0.0.1:1/"),
    }
    request.send(answers[request.path])


def served_by(endpoint: str, process: int) -> bool:
    """Whether that process has a socket that the server at ``endpoint`` is at the other end of."""
    port = f"{int(endpoint.rpartition(':')[2]):04X}"
    lines = (line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:])
    nodes = {f"socket:[{each[9]}]" for each in lines if each[2].endswith(f":{port}")}
    descriptors = Path(f"/proc/{process}/fd")
    return any(str(each.readlink()) in nodes for each in descriptors.iterdir())


@pytest.mark.parametrize("path", ["/", "/away", "/missing"])
def test_an_answer_is_the_same_as_if_it_were_fetched_here(path: str) -> None:
    """Whatever there is to an answer: its body, validators, redirects and wishes."""
    with loopback.serve(greet) as server:
        fetcher = Fetcher([server.endpoint], timeout=5, user_agent="digest/test")
        with at_work(fetcher) as couriers, couriers.visit() as visit:
            for etag in ("", '"one"'):
                assert visit.get(server.url(path), etag) == fetcher.get(server.url(path), etag)
        sent = [request.headers for request in server.requests]
        assert sent[0].pop("connection", "") == sent[1].pop("connection", "")
        assert sent[0] == sent[1]


@pytest.mark.parametrize("path", ["/cut", "/inside"])
def test_a_failure_says_the_same_as_if_it_were_met_here(path: str) -> None:
    """Also where the guard of addresses keeps a courier from going on."""
    with loopback.serve(greet) as server:
        fetcher = Fetcher([server.endpoint], timeout=5)
        with pytest.raises(FetchError) as here:
            fetcher.get(server.url(path))
        with at_work(fetcher) as couriers, couriers.visit() as visit:
            with pytest.raises(FetchError) as there:
                visit.get(server.url(path))
            assert str(there.value) == str(here.value)
            assert visit.get(server.url("/")).body == b"one"


def test_a_courier_fetches_in_a_process_of_its_own() -> None:
    """That is what it is for."""
    waiting, told = Event(), Event()

    def answer(request: loopback.Request) -> None:
        waiting.set()
        told.wait(LONG_ENOUGH)
        greet(request)

    with loopback.serve(answer) as server, at_work(Fetcher([server.endpoint])) as couriers:

        def visit() -> None:
            with couriers.visit() as visit:
                visit.get(server.url("/"))

        thread = Thread(target=visit)
        thread.start()
        assert waiting.wait(LONG_ENOUGH)
        assert served_by(server.endpoint, couriers._processes[0].pid)
        told.set()
        thread.join()


def test_documents_of_one_visit_share_a_connection_and_those_of_two_do_not() -> None:
    """As where they are fetched here."""

    def answer(request: loopback.Request) -> None:
        following: loopback.Request | None = request
        while following:
            following.send(loopback.response(following.path.encode(), connection="keep-alive"))
            following = loopback._read(request.connection)

    with loopback.serve(answer) as server, at_work(Fetcher([server.endpoint], timeout=5)) as couriers:
        for number in (1, 2):
            with couriers.visit() as visit:
                assert [visit.get(server.url(path)).body for path in ("/a", "/b")] == [b"/a", b"/b"]
            assert server.connections == number


def test_nobody_waits_for_a_line() -> None:
    """While couriers start, and while all of their lines are busy, this process fetches."""
    with loopback.serve(greet) as server:
        fetcher = Fetcher([server.endpoint], timeout=5)
        with Couriers(fetcher, 1, 1) as couriers, couriers.visit() as visit:
            assert visit.get(server.url("/")).body == b"one"
        with at_work(fetcher, lines=2) as couriers, ExitStack() as visits:
            for _ in range(5):
                visit = visits.enter_context(couriers.visit())
                assert visit.get(server.url("/")).body == b"one"
            assert couriers._free.qsize() == 0
            visits.close()
            assert couriers._free.qsize() == 2


def test_without_couriers_everything_is_fetched_here() -> None:
    """No process is started where none is asked for."""
    with loopback.serve(greet) as server, Couriers(Fetcher([server.endpoint]), 0, 3) as couriers:
        assert couriers._processes == []
        with couriers.visit() as visit:
            assert visit.get(server.url("/")).body == b"one"


def test_where_no_process_can_be_started_everything_is_fetched_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is full collects more slowly, and not less."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with loopback.serve(greet) as server, Couriers(Fetcher([server.endpoint]), 2, 1) as couriers:
        with couriers.visit() as visit:
            assert visit.get(server.url("/")).body == b"one"
        assert couriers._processes == []


def test_a_courier_that_dies_costs_only_its_speed() -> None:
    """What it was fetching is fetched here, as is what follows, and its line is used no more."""
    asked = Event()

    def answer(request: loopback.Request) -> None:
        if not asked.is_set():
            asked.set()
            os.kill(couriers._processes[0].pid, signal.SIGKILL)
        else:
            greet(request)

    with loopback.serve(answer) as server, at_work(Fetcher([server.endpoint], timeout=5)) as couriers:
        with couriers.visit() as visit:
            assert visit.get(server.url("/")).body == b"one"
            assert visit.get(server.url("/missing")).status == 404
        assert couriers._free.qsize() == 0
        with couriers.visit() as visit:
            assert visit.get(server.url("/")).body == b"one"


def test_what_is_under_way_when_they_end_fails() -> None:
    """It is not begun again here: whoever ends them wants no more of it."""
    asked, told = Event(), Event()
    failures: list[str] = []

    def answer(request: loopback.Request) -> None:
        asked.set()
        told.wait(LONG_ENOUGH)

    def visit(couriers: Couriers) -> None:
        with couriers.visit() as visit, pytest.raises(FetchError) as error:
            visit.get(server.url("/"))
        failures.append(str(error.value))

    with loopback.serve(answer) as server:
        with at_work(Fetcher([server.endpoint])) as couriers:
            thread = Thread(target=visit, args=(couriers,))
            thread.start()
            assert asked.wait(LONG_ENOUGH)
        thread.join(5)
        told.set()
        assert failures == [f"{server.url('/')} was not fetched to the end: fetching has been stopped."]
        assert len(server.requests) == 1
        assert all(process.poll() is not None for process in couriers._processes)


LEFT = """
import os, sys, time
from digest.net.couriers import Couriers
from digest.net.http import Fetcher
couriers = Couriers(Fetcher(), 2, 1)
while couriers._free.qsize() < 2:
    time.sleep(0.01)
print(*(process.pid for process in couriers._processes), flush=True)
os.kill(os.getpid(), 9)
"""


def test_couriers_end_with_the_process_that_started_them() -> None:
    """Even if it is killed: nothing is left running."""
    ran = subprocess.run([sys.executable, "-c", LEFT], capture_output=True, text=True, check=False)
    left = [int(word) for word in ran.stdout.split()]
    assert len(left) == 2
    until(lambda: not any(Path(f"/proc/{process}/cmdline").exists() for process in left))


def test_certificates_of_ones_own_stay_in_this_process() -> None:
    """So a courier can never trust others than this process does."""
    with pytest.raises(TypeError):
        Couriers(Fetcher(tls=ssl.create_default_context()), 1, 1)
