"""What takes mail from us, and mail that leaves the ledger alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Protocol

from digest.deliver.folder import Folder
from digest.deliver.ledger import Accepted, Outcome
from digest.errors import RelayError
from digest.model import Message


class Transport(Protocol):
    """A connection to whatever takes mail: ``deliver.smtp.Smtp`` or ``deliver.folder.Folder``."""

    def open(self) -> None:
        """Be ready to send. Raises RelayError (UnreachableError where waiting may help)."""

    def send(
        self, message: Message, before_body: Callable[[], bool], following: Message | None = None
    ) -> Outcome:
        """Hand a message over; ``before_body`` is asked once, before the first byte of it.

        ``following`` is what the next call will bring: its envelope may go out with the end of this body.
        Raises RelayError only where the message was certainly not taken.
        """

    def close(self) -> None:
        """Hang up."""

    def abort(self) -> None:
        """End whatever waits on this connection, from another thread: it counts as lost."""


def dry_run(messages: Iterable[Message], folder: Path) -> int:
    """Write every message as an .eml file and touch nothing else; how many there were.

    Raises:
        RelayError: the folder cannot be written.
    """
    with Folder(folder) as transport:
        return sum(isinstance(transport.send(message, _always), Accepted) for message in messages)


def send_copy(transport_factory: Callable[[], Transport], message: Message) -> str:
    """Send one message past the ledger, such as a test copy; the relay's words.

    Raises:
        RelayError: it was not accepted, or nobody knows whether it was.
    """
    with closing(transport_factory()) as transport:
        outcome = transport.send(message, _always)
    if isinstance(outcome, Accepted):
        return outcome.reply
    raise RelayError(
        f"The copy to {message.recipient} was not accepted: {getattr(outcome, 'reply', 'withheld')}."
    )


def _always() -> bool:
    return True
