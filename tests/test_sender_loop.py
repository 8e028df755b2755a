"""One thread, many conversations: each goes on when what it waits for has come, and a slow one holds up nobody."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from digest.deliver.ledger import Accepted, Lost, Outcome, UnreachableError
from digest.deliver.smtp import Relay, Smtp
from digest.deliver.waits import TURN, Answer, Dial, Readiness, at_once, until
from digest.model import Message
from digest.sender.loop import Loop
from scripted_relay import Client, scripted


@contextmanager
def running() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


def drive(loop: Loop, seconds: float = 20) -> None:
    """Until everybody has come to the end."""
    deadline = time.monotonic() + seconds
    while loop:
        assert time.monotonic() < deadline, "a conversation does not end"
        loop.turn(0.05)


def message(number: int) -> Message:
    data = b"Subject: Water\r\n\r\nOne line.\r\n"
    return Message("news@example.org", f"reader{number}@example.org", f"<{number}@example.org>", data)


async def yes() -> bool:
    return True


def taking(pause: float = 0) -> Callable[[Client], None]:
    """A relay that takes one message, after a pause."""

    def script(client: Client) -> None:
        client.greet("PIPELINING")
        client.envelope()
        client.body()
        time.sleep(pause)
        client.say("250 kept")
        client.line()

    return script


# ── waiting ──────────────────────────────────────────────────────────────────────────────────────


def test_whoever_can_go_on_goes_on_while_another_one_waits() -> None:
    """The second conversation starts later and ends first: its socket had something to say."""
    near, far = socket.socketpair()
    ended: list[str] = []

    async def patient() -> None:
        assert await until(Readiness(near.fileno(), select.POLLIN, time.monotonic() + 20))
        ended.append("patient")

    async def quick() -> None:
        await until(TURN)
        ended.append("quick")
        far.send(b"now you")

    with near, far, running() as loop:
        loop.start(patient())
        loop.start(quick())
        drive(loop)
    assert ended == ["quick", "patient"]


def test_time_that_is_up_is_an_answer() -> None:
    """False, and no earlier than agreed."""
    near, far = socket.socketpair()
    heard: list[tuple[bool, float]] = []

    async def wait() -> None:
        begun = time.monotonic()
        heard.append(
            (await until(Readiness(near.fileno(), select.POLLIN, begun + 0.1)), time.monotonic() - begun)
        )

    with near, far, running() as loop:
        loop.start(wait())
        drive(loop)
    ((came, after),) = heard
    assert not came
    assert after >= 0.1


@pytest.mark.parametrize("value", [7, ValueError("no")])
def test_an_answer_may_be_told_before_or_after_it_is_asked_for(value: int | ValueError) -> None:
    """What has gone wrong is raised where it was asked."""
    early: Answer[int] = Answer()
    late: Answer[int] = Answer()
    heard: list[object] = []

    async def ask() -> None:
        for answer in (early, late):
            try:
                heard.append(await until(answer))
            except ValueError as error:
                heard.append(error)

    early.tell(value)
    with running() as loop:
        loop.start(ask())
        loop.turn(0)
        loop.turn(0)
        assert heard == [value]
        late.tell(value)
        drive(loop)
    assert heard == [value, value]


def test_what_a_conversation_raises_comes_out() -> None:
    """A defect is loud."""

    async def broken() -> None:
        raise ZeroDivisionError

    with running() as loop:
        loop.start(broken())
        with pytest.raises(ZeroDivisionError):
            loop.turn(0)


def test_alone_nobody_is_waited_for_who_cannot_come() -> None:
    """A conversation alone that asks the others is a defect, and no endless wait."""

    async def ask() -> None:
        await until(Answer[int]())

    with pytest.raises(RuntimeError, match="waits for nobody"):
        at_once(ask())


# ── mail ─────────────────────────────────────────────────────────────────────────────────────────


def send(loop: Loop, port: int, number: int, outcomes: dict[int, Outcome]) -> None:
    async def one() -> None:
        smtp = Smtp(Relay("127.0.0.1", port, starttls="never", timeout=20))
        outcomes[number] = await smtp.send(message(number), yes)
        await smtp.close()

    loop.start(one())


def test_a_slow_relay_holds_up_nobody_else() -> None:
    """Both are driven by one thread; the quick one has its answer while the slow one thinks."""
    outcomes: dict[int, Outcome] = {}
    with scripted(taking(pause=0.5)) as slow, scripted(taking()) as quick, running() as loop:
        send(loop, slow.port, 1, outcomes)
        send(loop, quick.port, 2, outcomes)
        while not outcomes:
            loop.turn(0.05)
        assert outcomes == {2: Accepted("250 kept")}
        drive(loop)
    assert outcomes[1] == Accepted("250 kept")


def test_hanging_up_leaves_the_message_in_hand_in_doubt() -> None:
    """What has no answer counts as lost after the dot, at once; and no new connection is made for it."""
    waiting = threading.Event()

    def silent(client: Client) -> None:
        client.greet("PIPELINING")
        client.envelope()
        client.body()
        waiting.set()
        client.line()

    outcomes: dict[int, Outcome] = {}
    with scripted(silent) as server, running() as loop:
        send(loop, server.port, 1, outcomes)
        while not waiting.is_set():
            loop.turn(0.05)
        loop.hang_up()
        drive(loop, 5)
    assert outcomes == {1: Lost(True, "no answer in time")}
    assert server.connections == 1


def test_hanging_up_ends_a_wait_for_a_greeting_or_a_connection() -> None:
    """A relay that takes connections and says nothing must not hold up the end of a process."""
    said: list[str] = []

    async def open_one(port: int) -> None:
        try:
            await Smtp(Relay("127.0.0.1", port, timeout=60)).open()
        except UnreachableError as error:
            said.append(str(error))

    with socket.create_server(("127.0.0.1", 0)) as silent, running() as loop:
        port = silent.getsockname()[1]
        loop.start(open_one(port))
        deadline = time.monotonic() + 0.3
        while time.monotonic() < deadline:
            loop.turn(0.05)
        loop.start(open_one(port))
        loop.hang_up()
        drive(loop, 5)
    assert [sentence.count("no answer in time") for sentence in said] == [1, 1]


# ── new connections ──────────────────────────────────────────────────────────────────────────────


def test_a_connection_is_made_aside() -> None:
    """Its socket comes to whoever asked, and so does the reason where there is none."""
    results: list[object] = []

    async def dial(port: int) -> None:
        try:
            with await until(Dial("127.0.0.1", port, 5)) as connection:
                results.append(connection.getpeername()[1])
        except OSError as error:
            results.append(type(error))

    with socket.create_server(("127.0.0.1", 0)) as there, running() as loop:
        loop.start(dial(there.getsockname()[1]))
        drive(loop)
        loop.start(dial(1))
        drive(loop)
        assert results == [there.getsockname()[1], ConnectionRefusedError]


def test_a_connection_that_comes_too_late_is_closed() -> None:
    """Nobody waits for it any more: the other side sees the end of it."""

    async def dial(port: int) -> None:
        with pytest.raises(TimeoutError):
            await until(Dial("127.0.0.1", port, 5))

    with socket.create_server(("127.0.0.1", 0)) as there:
        with running() as loop:
            loop.start(dial(there.getsockname()[1]))
            loop.turn(0)
            loop.hang_up()
            drive(loop)
        there.settimeout(10)
        connection, _ = there.accept()
        with connection:
            connection.settimeout(10)
            assert connection.recv(1) == b""
