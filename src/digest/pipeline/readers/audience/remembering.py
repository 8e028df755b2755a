"""What the log says of people: never an address, so that it has nothing to be erased from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from digest import store, tokens
from digest.model import Editor
from digest.pipeline.installation import Installation


def name_of(number: int) -> str:
    """How the log calls a subscriber."""
    return f"subscriber {number}"


def remember(
    installation: Installation,
    connection: Connection,
    by: Editor | str,
    action: str,
    address: str,
    now: datetime,
    detail: str = "",
) -> None:
    """Log what was done with an address: by the subscriber's number, or by a keyed hash where nobody is known there."""
    number = store.audience.number_of(connection, address)
    mark = tokens.fingerprints(installation.keys, address)[0]
    subject = name_of(number) if number is not None else f"address {mark}"
    store.audit.add(connection, by, action, subject, now, detail.replace(address.strip(), "[the address]"))
