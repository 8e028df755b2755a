"""Forgetting a person: what stays is the fact that mail went out, and a keyed hash by which no list brings them back.

Ledger rows point to the subscriber, so that row stays, without a name; its number is never given to anybody else.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from digest.model import DeliveryState
from digest.store import bounces, consents, outbox, sign_ups
from digest.store.deliveries import cancel_for
from digest.store.schema import deliveries, subscribers, subscriptions, suppressions
from digest.store.schema import erasures as erasures_table
from digest.store.statements import address_key, insert_into, write

_GONE = "[erased]"


def erase(connection: Connection, address: str, fingerprint: str, now: datetime) -> bool:
    """Keep nothing of an address but ``fingerprint`` (``tokens.fingerprints``), and send it nothing more.

    False where nothing was known of it; even then the fingerprint is kept, for that is what was asked for.
    """
    key = address_key(address)
    mark = insert_into(connection, erasures_table).values(fingerprint=fingerprint, at=now)
    connection.execute(mark.on_conflict_do_nothing())
    known = write(connection, delete(suppressions).where(suppressions.c.address_key == key)) > 0
    outbox.erase(connection, address, now)
    bounces.erase(connection, address)
    number = connection.execute(select(subscribers.c.id).where(subscribers.c.address_key == key)).scalar()
    if number is None:
        return known
    sign_ups.erase(connection, number)
    consents.erase(connection, number)
    cancel_for(connection, number, None, DeliveryState.CANCELLED, "erased", now)
    _blank(connection, number, address)
    connection.execute(delete(subscriptions).where(subscriptions.c.subscriber == number))
    nameless = {"address": "", "address_key": f"#{number}"}
    connection.execute(update(subscribers).where(subscribers.c.id == number).values(**nameless))
    return True


def erasures(connection: Connection) -> frozenset[str]:
    """The fingerprints of all who were forgotten."""
    return frozenset(connection.execute(select(erasures_table.c.fingerprint)).scalars())


def lift_erasure(connection: Connection, fingerprints: Collection[str]) -> None:
    """Somebody who was forgotten came back by their own hand."""
    connection.execute(delete(erasures_table).where(erasures_table.c.fingerprint.in_(fingerprints)))


def _blank(connection: Connection, subscriber: int, address: str) -> None:
    """Take an address out of its ledger rows; relays repeat it in their replies."""
    theirs = deliveries.c.subscriber == subscriber
    connection.execute(update(deliveries).where(theirs).values(address=""))
    spelled = re.compile(re.escape(address.strip()), re.IGNORECASE)
    rows = connection.execute(select(deliveries.c.id, deliveries.c.reply).where(theirs)).all()
    for row in rows:
        without = spelled.sub(_GONE, row.reply)
        if without != row.reply:
            connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(reply=without))
