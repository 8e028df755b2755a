"""Mail that is no issue, and the links in it by which a reader proves that an address is theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from digest.model.deliveries import DeliveryState, Message


class OutboxKind(StrEnum):
    """What a mail of the Outbox is for."""

    CONFIRMATION = "confirmation"  # asks whether who signed up wants it
    LINK = "link"  # brings a link that works once
    NOTICE = "notice"  # tells what was changed
    ISSUE = "issue"  # the latest issue, for who asked for it at once
    SIGN_IN = "sign_in"  # lets an editor in


@dataclass(frozen=True, slots=True)
class OutboxMail:
    """A mail to be written into the Outbox; of all that have the same ``key`` only the first one ever is."""

    kind: OutboxKind
    key: str
    address: str  # as we know it; the message has it as the wire does
    message: Message
    created_at: datetime
    expires_at: datetime  # after this it is not worth sending
    subscriber: int | None = (
        None  # of an issue, with its digest: it leaves only while that subscription is confirmed
    )
    digest: str = ""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A row of the Outbox; states, lease and fence are those of the ledger. The bytes are kept only while it is open."""

    id: int
    kind: OutboxKind
    key: str = field(repr=False)
    address: str = field(repr=False)
    state: DeliveryState
    created_at: datetime
    expires_at: datetime
    attempts: int = 0
    next_try_at: datetime | None = None
    owner: str = ""
    fence: int = 0
    lease_until: datetime | None = None
    reply: str = ""
    settled_at: datetime | None = None


class LinkPurpose(StrEnum):
    """What a link that was mailed to a reader lets them do, once."""

    CONFIRM = "confirm"  # what they signed up for
    ADDRESS = "address"  # name another address
    MOVE = "move"  # to the address that the link was mailed to
    EXPORT = "export"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class ReaderLink:
    """A link that was mailed to a reader. Of its token only ``proof`` is kept, the SHA-256 of it."""

    proof: str
    purpose: LinkPurpose
    subscriber: int
    digest: str  # where they asked for it
    address: str  # the new one of a move, else ""
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody asked for at an address, and its owner has not confirmed; ``choice`` is as in Rendering."""

    subscriber: int
    digest: str
    choice: str
    asked_at: datetime
