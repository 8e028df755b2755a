"""What takes mail from us, and mail that leaves the ledger alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Protocol

from digest.deliver.folder import Folder
from digest.deliver.ledger import Accepted, Outcome
from digest.deliver.waits import at_once
from digest.errors import RelayError
from digest.model import Message


class Transport(Protocol):
    """A connection to whatever takes mail: ``deliver.smtp.Smtp`` or ``deliver.folder.Folder``.

    Its methods are conversations (``deliver.waits``): they never block, and say what they wait for.
    """

    async def open(self) -> None:
        """Be ready to send. Raises RelayError (UnreachableError where waiting may help)."""

    async def send(
        self, message: Message, before_body: Callable[[], Awaitable[bool]], following: Message | None = None
    ) -> Outcome:
        """Hand a message over; ``before_body`` is asked once, before the first byte of it.

        ``following`` is what the next call will bring: its envelope may go out with the end of this body.
        Raises RelayError only where the message was certainly not taken.
        """

    async def close(self) -> None:
        """Hang up."""


def dry_run(messages: Iterable[Message], folder: Path) -> int:
    """Write every message as an .eml file and touch nothing else; how many there were.

    Raises:
        RelayError: the folder cannot be written.
    """
    transport = Folder(folder)
    at_once(transport.open())
    return sum(isinstance(at_once(transport.send(message, _always)), Accepted) for message in messages)


def send_copy(transport_factory: Callable[[], Transport], message: Message) -> str:
    """Send one message past the ledger, such as a test copy; the relay's words.

    Raises:
        RelayError: it was not accepted, or nobody knows whether it was.
    """
    outcome = at_once(_alone(transport_factory(), message))
    if isinstance(outcome, Accepted):
        return outcome.reply
    raise RelayError(
        f"The copy to {message.recipient} was not accepted: {getattr(outcome, 'reply', 'withheld')}."
    )


async def _alone(transport: Transport, message: Message) -> Outcome:
    try:
        return await transport.send(message, _always)
    finally:
        await transport.close()


async def _always() -> bool:
    return True
