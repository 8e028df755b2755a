"""One thread that drives many conversations: whoever can go on goes on, and then all wait together in one poll.

A message costs two waits, one for the relay and one for the ledger. To wake a thread for each of them costs more
than all that is done in between; to come back to a coroutine costs next to nothing.
"""

from __future__ import annotations

import select
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from digest.deliver.waits import Answer, Conversation, Dial, Readiness, Turn, milliseconds


class Loop:
    """Conversations on their way, each until it returns. What they raise comes out of ``turn``."""

    def __init__(self) -> None:
        self._ready: deque[tuple[Conversation[None], Any]] = deque()  # may go on, with this answer
        self._waiting: dict[int, tuple[Conversation[None], float]] = {}  # by socket, until when
        self._asking: list[tuple[Conversation[None], Answer[Any]]] = []
        self._idle: list[Conversation[None]] = []
        self._dialling: set[Conversation[None]] = set()
        self._dialled: SimpleQueue[tuple[Conversation[None], socket.socket | Exception]] = SimpleQueue()
        self._has_hung_up = self._is_closed = False
        self._poll = select.poll()
        self._bell, self._rope = socket.socketpair()  # rung by whoever has dialled
        self._bell.setblocking(False)
        self._poll.register(self._bell, select.POLLIN)

    def start(self, conversation: Conversation[None]) -> None:
        """Drive it from the next turn on."""
        self._ready.append((conversation, None))

    def __len__(self) -> int:
        """How many have not come to their end."""
        waiting = (self._ready, self._waiting, self._asking, self._idle, self._dialling)
        return sum(map(len, waiting))

    @property
    def has_idle(self) -> bool:
        """Whether somebody waits for nothing but a next turn."""
        return bool(self._idle)

    def turn(self, seconds: float) -> None:
        """Wait for something to come, so many seconds at most, and let everybody go on as far as they can."""
        self._look_at_answers()
        for descriptor, _ in self._poll.poll(0 if self._ready else milliseconds(self._time_left(seconds))):
            self._came(descriptor)
        self._give_up_late()
        self._ready.extend((conversation, None) for conversation in self._idle)
        self._idle.clear()
        while self._ready:
            self._resume(*self._ready.popleft())

    def hang_up(self) -> None:
        """From now on nothing comes in time: whoever waits for a relay goes on as if time were up."""
        self._has_hung_up = True
        for descriptor in tuple(self._waiting):
            self._end_wait(descriptor, in_time=False)
        for conversation in self._dialling:
            self._ready.append((conversation, TimeoutError()))
        self._dialling.clear()

    def close(self) -> None:
        """Let go of what the loop itself holds; no conversation is on its way any more."""
        self._is_closed = True
        self._bell.close()
        self._rope.close()
        self._forget_dialled()

    # ── who may go on ────────────────────────────────────────────────────────────────────────

    def _resume(self, conversation: Conversation[None], answer: Any) -> None:
        try:
            if isinstance(answer, BaseException):
                wait = conversation.throw(answer)
            else:
                wait = conversation.send(answer)
        except StopIteration:
            return
        match wait:
            case Readiness(descriptor, event, deadline):
                self._wait_for(conversation, descriptor, event, deadline)
            case Answer():
                self._asking.append((conversation, wait))
            case Turn():
                self._idle.append(conversation)
            case Dial():
                self._dial(conversation, wait)

    def _look_at_answers(self) -> None:
        told = [(conversation, answer.value) for conversation, answer in self._asking if answer.is_told]
        if told:
            self._ready.extend(told)
            self._asking = [asking for asking in self._asking if not asking[1].is_told]

    # ── sockets ──────────────────────────────────────────────────────────────────────────────

    def _wait_for(
        self, conversation: Conversation[None], descriptor: int, event: int, deadline: float
    ) -> None:
        if self._has_hung_up:
            self._ready.append((conversation, False))
            return
        self._poll.register(descriptor, event)
        self._waiting[descriptor] = conversation, deadline

    def _end_wait(self, descriptor: int, *, in_time: bool) -> None:
        self._poll.unregister(descriptor)
        conversation, _ = self._waiting.pop(descriptor)
        self._ready.append((conversation, in_time))

    def _came(self, descriptor: int) -> None:
        if descriptor == self._bell.fileno():
            self._take_dialled()
        else:
            self._end_wait(descriptor, in_time=True)

    def _time_left(self, seconds: float) -> float:
        soonest = min((deadline for _, deadline in self._waiting.values()), default=None)
        return seconds if soonest is None else min(seconds, soonest - monotonic())

    def _give_up_late(self) -> None:
        now = monotonic()
        for descriptor in [number for number, (_, deadline) in self._waiting.items() if deadline <= now]:
            self._end_wait(descriptor, in_time=False)

    # ── new connections ──────────────────────────────────────────────────────────────────────

    def _dial(self, conversation: Conversation[None], dial: Dial) -> None:
        if self._has_hung_up:
            self._ready.append((conversation, TimeoutError()))
            return
        self._dialling.add(conversation)
        threading.Thread(
            target=self._connect, args=(conversation, dial), name=f"connecting to {dial.host}", daemon=True
        ).start()

    def _connect(self, conversation: Conversation[None], dial: Dial) -> None:
        """In a thread of its own: to look up a name may take half a minute."""
        try:
            self._dialled.put((conversation, dial()))
        except (OSError, UnicodeError) as error:
            self._dialled.put((conversation, error))
        with suppress(OSError):  # too late
            self._rope.send(b"\0")
        if self._is_closed:
            self._forget_dialled()

    def _take_dialled(self) -> None:
        with suppress(BlockingIOError):
            self._bell.recv(4_096)
        for conversation, result in self._all_dialled():
            if conversation in self._dialling:
                self._dialling.discard(conversation)
                self._ready.append((conversation, result))
            elif isinstance(result, socket.socket):
                result.close()

    def _forget_dialled(self) -> None:
        for _, result in self._all_dialled():
            if isinstance(result, socket.socket):
                result.close()

    def _all_dialled(self) -> Iterator[tuple[Conversation[None], socket.socket | Exception]]:
        with suppress(Empty):
            while True:
                yield self._dialled.get_nowait()
