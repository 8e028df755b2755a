"""A visit: several documents of one host over one connection, as safe as one by one."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import loopback
from digest.errors import FetchError
from digest.net import watch
from digest.net.http import Fetcher
from digest.net.watch import Watchdog

OK = b"HTTP/1.1 200 OK\r\n"


def kept(body: bytes, **headers: str) -> bytes:
    """An answer after which the connection stays open."""
    return loopback.response(body, **({"connection": "keep-alive"} | headers))


@contextmanager
def talking(*answers: bytes | Callable[[loopback.Request], bytes]) -> Iterator[loopback.Server]:
    """Answers the requests of each connection in this order, then closes it."""

    def talk(first: loopback.Request) -> None:
        request: loopback.Request | None = first
        for number, answer in enumerate(answers):
            if number:
                request = loopback._read(first.connection)
                if request is None:
                    return
                server.requests.append(request)
            assert request is not None
            request.send(answer(request) if callable(answer) else answer)

    with loopback.serve(talk) as server:
        yield server


def test_documents_of_one_host_share_a_connection() -> None:
    """So a host with many feeds is asked for one after the other, and greeted once."""
    with talking(kept(b"one"), kept(b"two"), kept(b"", status="304 Not Modified")) as server:
        with Fetcher([server.endpoint], timeout=5).visit() as visit:
            assert visit.get(server.url("/1")).body == b"one"
            assert visit.get(server.url("/2")).body == b"two"
            assert visit.get(server.url("/3"), etag='"x"').status == 304
        assert server.connections == 1
        assert [request.path for request in server.requests] == ["/1", "/2", "/3"]


def test_a_connection_that_the_server_closed_is_opened_anew() -> None:
    """Servers tire of waiting; nobody hears of it."""
    with talking(kept(b"one")) as server, Fetcher([server.endpoint], timeout=5).visit() as visit:
        for number in range(3):
            assert visit.get(server.url(f"/{number}")).body == b"one"
            time.sleep(0.05)
        assert server.connections == 3


def test_a_connection_that_is_closed_just_as_it_is_used_is_tried_once_more() -> None:
    """On a new connection, and once: a server that never answers is not asked for ever."""

    def hang_up(request: loopback.Request) -> bytes:
        request.connection.shutdown(socket.SHUT_RDWR)
        return b""

    with talking(kept(b"one"), hang_up) as server, Fetcher([server.endpoint], timeout=5).visit() as visit:
        for _ in range(3):
            assert visit.get(server.url()).body == b"one"
        assert (server.connections, len(server.requests)) == (3, 5)
    with talking(hang_up) as server, Fetcher([server.endpoint], timeout=5).visit() as visit:
        with pytest.raises(FetchError, match="ended before the whole document"):
            visit.get(server.url())
        assert len(server.requests) == 1


def test_each_document_has_a_deadline_of_its_own() -> None:
    """A kept connection is watched as a new one is, and a visit may take longer than one document."""

    def late(request: loopback.Request) -> bytes:
        time.sleep(0.4)
        return kept(b"late")

    def silent(request: loopback.Request) -> bytes:
        time.sleep(3)
        return b""

    with talking(late, late, late, silent) as server, Fetcher([server.endpoint], timeout=1).visit() as visit:
        for _ in range(3):
            assert visit.get(server.url()).body == b"late"
        began = time.monotonic()
        with pytest.raises(FetchError, match="longer than 1 s"):
            visit.get(server.url())
        assert time.monotonic() - began < 2
        assert server.connections == 1
        assert visit.get(server.url()).body == b"late"


def test_what_one_document_left_over_is_no_part_of_the_next() -> None:
    """Bytes behind an answer were written by nobody we asked (CWE-444)."""
    smuggled = kept(b"one") + kept(b"smuggled")
    with talking(smuggled, kept(b"two")) as server, Fetcher([server.endpoint], timeout=5).visit() as visit:
        assert visit.get(server.url("/1")).body == b"one"
        time.sleep(0.05)
        assert visit.get(server.url("/2")).body in (b"one", b"two")


def test_a_cookie_is_for_one_document() -> None:
    """Also on a kept connection."""
    with talking(kept(b"one", set_cookie="who=we"), kept(b"two")) as server:
        with Fetcher([server.endpoint], timeout=5).visit() as visit:
            visit.get(server.url("/1"))
            visit.get(server.url("/2"))
        assert all("cookie" not in request.headers for request in server.requests)


def test_another_host_is_another_connection_and_checked() -> None:
    """A visit that is led away asks the guard as any other does, and touches nothing that is refused."""
    with talking(kept(b"private")) as canary:
        away = loopback.redirect(canary.url("/"), connection="keep-alive")
        with talking(kept(b"one"), away) as server, Fetcher([server.endpoint], timeout=5).visit() as visit:
            assert visit.get(server.url("/1")).body == b"one"
            with pytest.raises(FetchError, match="is not a public address"):
                visit.get(server.url("/2"))
            assert visit.get(server.url("/3")).body == b"one"
        assert canary.connections == 0


def test_a_visit_leaves_no_connection_behind() -> None:
    """Once it is over, the server sees the end of it."""
    ended = threading.Event()

    def answer(request: loopback.Request) -> None:
        request.send(kept(b"one"))
        request.connection.settimeout(5)
        if request.connection.recv(1) == b"":
            ended.set()

    with loopback.serve(answer) as server:
        with Fetcher([server.endpoint], timeout=5).visit() as visit:
            visit.get(server.url())
            assert not ended.is_set()
        assert ended.wait(2)


# ── watchdogs ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_watchdog_ends_a_wait(pair: tuple[socket.socket, socket.socket]) -> None:
    """At its time, and not before."""
    began = time.monotonic()
    with Watchdog(0.3, pair[0]) as watchdog:
        assert pair[0].recv(1) == b""
    assert 0.3 <= time.monotonic() - began < 1.3
    assert watchdog.bitten


def test_many_watchdogs_share_a_thread_and_each_keeps_its_time() -> None:
    """The shorter ones bite first, whichever was first there; those called off do not bite."""
    before = threading.active_count()
    pairs = [socket.socketpair() for _ in range(30)]
    dogs = [Watchdog(0.1 + 0.02 * (30 - at), ours) for at, (ours, _) in enumerate(pairs)]
    for dog in dogs:
        dog.__enter__()
    for dog in dogs[::3]:
        dog.__exit__(None, None, None)
    assert threading.active_count() <= before + 1
    time.sleep(1.2)
    assert [dog.bitten for dog in dogs] == [bool(at % 3) for at in range(30)]
    for dog, (ours, theirs) in zip(dogs, pairs, strict=True):
        dog.__exit__(None, None, None)
        ours.close()
        theirs.close()


def test_watchdogs_that_were_called_off_are_let_go() -> None:
    """A thousand documents of a second leave nothing that waits for its half minute to pass."""
    for _ in range(2_000):
        with Watchdog(30):
            pass
    assert len(watch._kennel._queue) < 600


def test_a_connection_that_comes_too_late_is_shut_at_once(pair: tuple[socket.socket, socket.socket]) -> None:
    """Time may run out while a name is looked up."""
    with Watchdog(0.05) as watchdog:
        time.sleep(0.2)
        watchdog.watch(pair[0])
        assert pair[0].recv(1) == b""
