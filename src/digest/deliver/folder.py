"""A folder of .eml files in the place of a relay: what every mail goes to until ``[mail] live = true``.

The same row always writes the same file, so trying again never makes a second copy.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from digest.deliver.ledger import Accepted, Outcome, Withheld
from digest.errors import RelayError
from digest.model import IssueId, Message

_ODD = re.compile(r"[^A-Za-z0-9.-]+")
_MAX_NAME = 100  # characters of the message id that are kept in a file name


class Folder:
    """A transport (``digest.sender.Transport``) that keeps each message as one file, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def open(self) -> None:
        """Make the folder.

        Raises:
            RelayError: it cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    async def send(
        self,
        message: Message,
        before_body: Callable[[], Awaitable[bool]],
        following: Message | None = None,  # noqa: ARG002
    ) -> Outcome:
        """Write the message, unless ``before_body`` refuses. Each line of the file ends as it does on the wire.

        Raises:
            RelayError: it cannot be written; then no file of that name has appeared.
        """
        await self.open()
        if not await before_body():
            return Withheld()
        path = self.folder / file_name(message)
        try:
            _write(path, message.data)
        except OSError as error:
            raise _unwritable(path, error) from error
        return Accepted(f"written to {path}")

    async def close(self) -> None:
        """Nothing is held open."""


def mails_of(folder: Path, issue: IssueId) -> tuple[Path, ...]:
    """The files with mails of an issue, of whatever version, test copies among them; sorted."""
    start = f"{issue.digest}.{issue.slot}."  # as a message id begins
    return tuple(sorted(path for path in folder.glob("*.eml") if path.name.startswith(start)))


def file_name(message: Message) -> str:
    """``weekly.2026-11-22.….eml``: readable, from the message id, and its own for each id and recipient."""
    stem = _ODD.sub("-", message.message_id.strip("<>").partition("@")[0])[:_MAX_NAME].strip(".-")
    own = sha256(f"{message.message_id}\0{message.recipient}".encode(errors="surrogatepass")).hexdigest()[:12]
    return f"{stem}.{own}.eml"


def _write(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _unwritable(path: Path, error: OSError) -> RelayError:
    why = error.strerror or str(error)
    return RelayError(
        f"The mail folder cannot be written: {path}: {why}. Make room or set another [mail] folder."
    )
