"""A mailbox that is looked into now and then (IMAP4rev1, RFC 3501): for who has no mail server next door.

A mail is marked as read once it has done its work; one that a person wrote is flagged, and stays unread. Nothing is
deleted or moved.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.deliver.bounces.report import MAX_BYTES
from digest.errors import ConfigError, DigestError
from digest.settings import InboundSettings

if TYPE_CHECKING:
    from imapclient import IMAPClient

_PORTS = {"imap": 143, "imaps": 993}
_SECONDS = 30.0  # for each answer
_MOST_MAILS = 500  # in one look; the rest is for the next one
_READ = f"BODY.PEEK[]<0.{MAX_BYTES}>"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where a mailbox is, and what opens it."""

    host: str
    port: int
    is_tls: bool
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"


def mailbox(settings: InboundSettings, password: str) -> Mailbox | None:
    """The mailbox that ``[inbound] imap`` names, or None.

    Raises:
        ConfigError: the extra that reads it is not installed.
    """
    if not settings.imap:
        return None
    try:
        import imapclient  # noqa: F401
    except ImportError:
        raise ConfigError(
            "[inbound] imap needs the extra `inbound`: pip install 'digest-pipeline[inbound]'"
        ) from None
    url = urlsplit(settings.imap)
    port = url.port or _PORTS[url.scheme]
    return Mailbox(
        url.hostname or "", port, url.scheme == "imaps", settings.imap_user, password, settings.imap_folder
    )


def read(box: Mailbox, take: Callable[[bytes], bool]) -> int:
    """Hand each unread mail to ``take``, which says False where a person should read it; how many there were.

    Raises:
        DigestError: the mailbox cannot be read, or ``take`` raised it: then the mail stays as it was.
    """
    with _opened(box) as client:
        found = client.search(["UNSEEN", "UNFLAGGED", "UNDELETED"])[:_MOST_MAILS]
        for number in found:
            is_taken = take(_mail(client, number))
            client.add_flags([number], [rb"\Seen" if is_taken else rb"\Flagged"], silent=True)
    return len(found)


def latest(box: Mailbox, count: int) -> list[bytes]:
    """The newest mails of a mailbox, the newest first, read or unread; nothing is marked.

    Raises:
        DigestError: the mailbox cannot be read.
    """
    with _opened(box, only_reads=True) as client:
        numbers = sorted(client.search(["UNDELETED"]))[-count:]
        return [_mail(client, number) for number in reversed(numbers)]


@contextmanager
def _opened(box: Mailbox, *, only_reads: bool = False) -> Iterator[IMAPClient]:
    from imapclient import IMAPClient
    from imapclient.exceptions import IMAPClientError

    context = ssl.create_default_context() if box.is_tls else None
    try:
        with IMAPClient(box.host, box.port, ssl=box.is_tls, ssl_context=context, timeout=_SECONDS) as client:
            client.login(box.user, box.password)
            client.select_folder(box.folder, readonly=only_reads)
            yield client
    except (IMAPClientError, OSError) as error:
        said = " ".join(str(error).split())[:200]
        raise DigestError(f"The mailbox of {box.user} at {box.host} cannot be read: {said}.") from error


def _mail(client: IMAPClient, number: int) -> bytes:
    parts = client.fetch([number], [_READ]).get(number, {})
    bodies = [value for key, value in parts.items() if key.startswith(b"BODY[]")]
    return bodies[0] if bodies and isinstance(bodies[0], bytes) else b""
