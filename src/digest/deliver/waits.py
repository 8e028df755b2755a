"""What a conversation waits for, and how one alone is driven to its end.

A conversation is a coroutine that never blocks: where it cannot go on it says what it waits for, and whoever drives
it comes back with the answer. ``at_once`` drives one, and blocks its thread; ``digest.sender.loop`` drives all
connections of a run in one thread.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Coroutine, Generator
from math import ceil
from types import coroutine
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Readiness(NamedTuple):
    """Until a socket is ready; answered with True, or with False once time is up."""

    descriptor: int
    event: int  # of ``select.poll``; an error counts as ready, for the next call to raise it
    deadline: float  # of ``time.monotonic``


class Dial(NamedTuple):
    """Until there is a connection; answered with its socket, or with the OSError or UnicodeError why there is none.

    A name can only be looked up by a call that blocks.
    """

    host: str
    port: int
    seconds: float

    def __call__(self) -> socket.socket:
        """Block until it is there. Raises OSError, or UnicodeError for a name that cannot be one."""
        return socket.create_connection((self.host, self.port), timeout=self.seconds)


class Answer(Generic[T]):
    """Until somebody tells a value, or what has gone wrong."""

    value: T | BaseException

    def tell(self, value: T | BaseException) -> None:
        """Have the conversation go on with it."""
        self.value = value

    @property
    def is_told(self) -> bool:
        """Whether it is known."""
        return hasattr(self, "value")


class Turn:
    """Until everybody else has had a turn."""


TURN = Turn()
Wait = Readiness | Dial | Answer[Any] | Turn
Conversation = Coroutine[Wait, Any, T]


@coroutine
def until(wait: Wait) -> Generator[Wait, Any, Any]:
    """Wait for it: what a conversation awaits. What went wrong is raised."""
    return (yield wait)


def at_once(conversation: Conversation[T]) -> T:
    """Drive one conversation that waits for its socket only, however long that takes."""
    answer: Any = None
    try:
        while True:
            wait = (
                conversation.throw(answer) if isinstance(answer, BaseException) else conversation.send(answer)
            )
            answer = _waited(wait)
    except StopIteration as end:
        value: T = end.value
        return value


def _waited(wait: Wait) -> object:
    match wait:
        case Readiness(descriptor, event, deadline):
            poll = select.poll()
            poll.register(descriptor, event)
            return bool(poll.poll(milliseconds(deadline - time.monotonic())))
        case Dial():
            try:
                return wait()
            except (OSError, UnicodeError) as error:
                return error
    raise RuntimeError(f"a conversation alone waits for nobody: {wait!r}")


def milliseconds(seconds: float) -> int:
    """As ``select.poll`` wants a time: rounded up, so that nobody is asked too soon."""
    return max(0, ceil(seconds * 1_000))
