"""A mail server in one thread of a process of its own, whose synced log is the truth about what it took.

    python sink_server.py [--log FILE] [--port N]

Prints its port. With a log, a line per message is written and synced before its 250; without, it only counts, and
costs next to nothing. Standard input takes orders, one a line, each answered by a line:

    NUMBER STAGE ACTION [taken]   from now on the NUMBERth transaction (the next is 1) meets ACTION at STAGE
    idle                          answers once no connection is open
    count                         how many messages it took
    faults                        how many of those ordered were not met yet

STAGE is ``mail``, ``rcpt``, ``data``, ``body`` (its first bytes) or ``dot``. ACTION is ``drop``, ``hang``, ``slow``,
``garbage``, ``kill:PID`` (the client is frozen, answered and killed), ``kill-first:PID`` (killed without an answer),
or a reply such as ``451_later``; 421 also ends the connection. What is ``taken`` is logged although the client
never hears of it. A client must wait for the 354 before it sends a body.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import selectors
import signal
import socket
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_DOT = b"\r\n.\r\n"
_AFTER_DOT = 4_096  # a client may send the next envelope with the dot, and no body: the dot is near the end
_HEAD = 8_192  # bytes of a message in which its Message-ID is looked for
_BLOCK = 1 << 18
_TRICKLE = 0.02  # seconds between two bytes of a slow answer
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)
_OFFERS = b"250-sink.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 0\r\n"
_STAGES = {b"MAIL": "mail", b"RCPT": "rcpt", b"DATA": "data"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What one transaction meets."""

    stage: str
    action: str
    taken: bool


@dataclass(slots=True, eq=False)
class Peer:
    """A client, and how far its transaction has come."""

    connection: socket.socket
    lines: bytearray = field(default_factory=bytearray)  # commands that are not whole yet
    answer: bytearray = field(default_factory=bytearray)
    in_body: bool = False
    head: bytearray = field(default_factory=bytearray)
    tail: bytes = b""
    recipient: str = ""
    transaction: int = 0
    fault: Fault | None = None
    refused: bool = False  # the envelope; what was pipelined behind it is refused too
    silent: bool = False  # it hangs: whatever comes is not answered
    leaving: bool = False  # the connection is closed after the answer
    slow: bool = False
    doomed: int = 0  # the process to be killed with the answer


class Sink:
    """All clients and the log; ``run`` serves until standard input ends."""

    def __init__(self, port: int, log: Path | None) -> None:
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log else None
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(sys.stdin, selectors.EVENT_READ)
        self.block = bytearray(_BLOCK)
        self.view = memoryview(self.block)
        self.peers: set[Peer] = set()
        self.answering: list[Peer] = []
        self.trickling: deque[tuple[Peer, bytearray]] = deque()
        self.faults: dict[int, Fault] = {}
        self.transactions = 0
        self.took = 0
        self.written: list[str] = []  # lines of the log that are not synced yet
        self.asked_idle = False
        self.over = False

    def run(self) -> None:
        """Serve: read from all who have something to say, sync once, then answer them."""
        while not self.over:
            for key, _ in self.selector.select(_TRICKLE if self.trickling else None):
                if key.data is not None:
                    self._read(key.data)
                elif key.fileobj is self.listener:
                    self._accept()
                else:
                    self._order()
            self._sync()
            self._answer()
            self._trickle()
            if self.asked_idle and not self.peers:
                self.asked_idle = False
                _say("idle")

    # ── connections ──────────────────────────────────────────────────────────────────────────

    def _accept(self) -> None:
        with suppress(BlockingIOError):
            connection, _ = self.listener.accept()
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = Peer(connection)
            self.peers.add(peer)
            self.selector.register(connection, selectors.EVENT_READ, peer)
            self._say(peer, b"220 sink.example.org ready\r\n")

    def _read(self, peer: Peer) -> None:
        try:
            size = peer.connection.recv_into(self.block)
        except BlockingIOError:
            return
        except OSError:
            size = 0
        if not size:
            self._close(peer)
        elif not (peer.silent or peer.leaving):
            if peer.in_body:
                self._body(peer, size)
            else:
                peer.lines += self.view[:size]
                self._commands(peer)

    def _close(self, peer: Peer) -> None:
        if peer in self.peers:
            self.peers.discard(peer)
            self.selector.unregister(peer.connection)
            peer.connection.close()

    def _say(self, peer: Peer, answer: bytes) -> None:
        if not peer.answer:
            self.answering.append(peer)
        peer.answer += answer

    def _sync(self) -> None:
        if self.written and self.log is not None:
            os.write(self.log, "".join(self.written).encode())
            os.fsync(self.log)
        self.written.clear()

    def _answer(self) -> None:
        for peer in self.answering:
            answer, peer.answer = peer.answer, bytearray()
            if peer.slow:
                peer.slow = False
                self.trickling.append((peer, answer))
            else:
                self._send(peer, answer)
        self.answering.clear()

    def _send(self, peer: Peer, answer: bytearray) -> None:
        if peer.doomed:  # frozen, so that it never acts upon the answer that has reached its machine
            _signal(peer.doomed, signal.SIGSTOP)
        try:
            peer.connection.send(answer)
        except OSError:
            peer.leaving = True
        if peer.doomed:
            _signal(peer.doomed, signal.SIGKILL)
            peer.doomed = 0
        if peer.leaving:
            self._close(peer)

    def _trickle(self) -> None:
        for _ in range(len(self.trickling)):
            peer, answer = self.trickling.popleft()
            with suppress(OSError):
                peer.connection.send(answer[:1])
            if answer[1:]:
                self.trickling.append((peer, answer[1:]))
            elif peer.leaving:
                self._close(peer)

    # ── the conversation ─────────────────────────────────────────────────────────────────────

    def _commands(self, peer: Peer) -> None:
        while not (peer.in_body or peer.silent or peer.leaving):
            line, end, rest = peer.lines.partition(b"\n")
            if not end:
                return
            peer.lines = rest
            self._command(peer, bytes(line.rstrip(b"\r")))
        if peer.in_body and peer.lines:  # the first bytes of a body came with its DATA
            early, peer.lines = peer.lines, bytearray()
            self.view[: len(early)] = early
            self._body(peer, len(early))

    def _command(self, peer: Peer, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"MAIL":
            self.transactions += 1
            peer.transaction, peer.refused = self.transactions, False
            peer.fault = self.faults.pop(peer.transaction, None)
        elif verb == b"RCPT":
            peer.recipient = line[line.find(b"<") + 1 : line.rfind(b">")].decode("utf-8", "replace")
        if peer.refused and verb in _STAGES:
            self._say(peer, b"503 there is no envelope\r\n")
        elif peer.fault is not None and _STAGES.get(verb) == peer.fault.stage:
            self._meet(peer, b"354 go on\r\n" if verb == b"DATA" else b"250 ok\r\n")
        elif verb == b"DATA":
            self._say(peer, b"354 go on\r\n")
        elif verb == b"EHLO":
            self._say(peer, _OFFERS)
        else:
            peer.leaving = verb == b"QUIT"
            self._say(peer, b"221 bye\r\n" if peer.leaving else b"250 ok\r\n")
        if verb == b"DATA" and peer.answer.endswith(b"354 go on\r\n"):
            peer.in_body, peer.tail = True, b"\r\n"
            peer.head.clear()

    def _body(self, peer: Peer, size: int) -> None:
        if peer.fault is not None and peer.fault.stage == "body":
            self._meet(peer, b"")
            return
        if self.log is not None and len(peer.head) < _HEAD:
            peer.head += self.view[: min(size, _HEAD)]
        edge = (peer.tail + self.block[: min(size, len(_DOT))]).find(_DOT)
        end = edge - len(peer.tail) if edge >= 0 else self.block.rfind(_DOT, max(0, size - _AFTER_DOT), size)
        if edge < 0 and end < 0:
            peer.tail = bytes((peer.tail + self.block[max(0, size - 4) : size])[-4:])
            return
        peer.in_body = False
        peer.lines += self.view[end + len(_DOT) : size]
        self._dot(peer)
        if peer.lines:
            self._commands(peer)

    def _dot(self, peer: Peer) -> None:
        if peer.fault is not None and peer.fault.stage == "dot":
            if peer.fault.taken:
                self._take(peer)
            self._meet(peer, b"250 taken\r\n")
        else:
            self._take(peer)
            self._say(peer, b"250 taken as %d\r\n" % peer.transaction)

    def _take(self, peer: Peer) -> None:
        self.took += 1
        if self.log is not None:
            found = _MESSAGE_ID.search(peer.head)
            line = {
                "recipient": peer.recipient,
                "message_id": found[1].decode() if found else "",
                "at": time.time(),
            }
            self.written.append(f"{json.dumps(line)}\n")

    def _meet(self, peer: Peer, usual: bytes) -> None:
        """Let a transaction meet its fault, at the stage where ``usual`` would be the answer."""
        fault, peer.fault = peer.fault, None
        assert fault is not None
        action, _, process = fault.action.partition(":")
        if action == "slow":
            peer.slow = True
            self._say(peer, usual)
        elif action == "kill":
            peer.doomed = int(process)
            self._say(peer, usual)
        elif action == "kill-first":
            _signal(int(process), signal.SIGKILL)
            peer.silent = True
        elif action == "hang":
            peer.silent = True
        elif action == "drop":
            peer.leaving = True
            self._say(peer, usual if fault.stage == "data" else b"")
        elif action == "garbage":
            peer.refused = True
            self._say(peer, b"\xff\xfe this is no mail server\r\n")
        else:
            peer.refused, peer.leaving = True, action.startswith("421")
            self._say(peer, action.replace("_", " ").encode() + b"\r\n")

    # ── orders ───────────────────────────────────────────────────────────────────────────────

    def _order(self) -> None:
        words = sys.stdin.readline().split()
        if not words:
            self.over = True
        elif words == ["idle"]:
            self.asked_idle = True
        elif words in (["count"], ["faults"]):
            _say(str(self.took if words == ["count"] else len(self.faults)))
        else:
            number, stage, action, *taken = words
            self.faults[self.transactions + int(number)] = Fault(stage, action, bool(taken))
            _say("ok")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _signal(process: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)
        if number is signal.SIGSTOP:
            _wait_until_stopped(process)


def _wait_until_stopped(process: int) -> None:
    """The signal is on its way to each thread: only then can the answer not be read any more."""
    for _ in range(1_000):
        states = {
            status.read_text().rpartition(")")[2].split()[0]
            for status in Path(f"/proc/{process}/task").glob("*/stat")
        }
        if states <= {"T", "t", "Z"}:
            return
        time.sleep(0.001)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    options = parser.parse_args()
    sink = Sink(options.port, options.log)
    _say(str(sink.port))
    sink.run()


if __name__ == "__main__":
    main()
