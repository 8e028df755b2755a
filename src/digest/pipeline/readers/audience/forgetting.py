"""Addresses that are written to no more, and people who are forgotten."""

from __future__ import annotations

from datetime import datetime

from digest import store, tokens
from digest.errors import DigestError, NotFoundError
from digest.model import Editor
from digest.pipeline.installation import Installation
from digest.pipeline.readers.audience.remembering import remember
from digest.roster.addresses import fault
from digest.store.audit import COMMAND_LINE
from digest.store.database import transaction


def suppress(
    installation: Installation, address: str, why: str, now: datetime, by: Editor | str = COMMAND_LINE
) -> None:
    """Never write to an address again, whoever asks for it.

    Raises:
        DigestError: it is no address.
    """
    _check(address)
    with transaction(installation.engine) as connection:
        store.suppressions.suppress(connection, address, why, now)
        remember(installation, connection, by, "suppress", address, now, why)


def unsuppress(
    installation: Installation, address: str, why: str, now: datetime, by: Editor | str = COMMAND_LINE
) -> None:
    """Take back that an address is not written to, or is held; who left stays away all the same.

    Raises:
        NotFoundError: it is neither suppressed nor held.
    """
    with transaction(installation.engine) as connection:
        lifted = store.suppressions.lift_one(connection, address)
        released = store.holds.release_one(connection, address)
        if not (lifted or released):
            raise NotFoundError(f"{address} is neither suppressed nor held.")
        remember(installation, connection, by, "unsuppress", address, now, why)


def forget(installation: Installation, address: str, now: datetime, by: Editor | str = COMMAND_LINE) -> None:
    """Erase a person: their address stays nowhere, and a keyed hash of it keeps lists from bringing them back.

    SQLite's file is written anew. PostgreSQL's keeps the bytes of dead rows until it needs their room.

    Raises:
        StoreError: another program keeps SQLite's file, so that its free pages may still hold the address.
        DigestError: it is no address.
        NotFoundError: nothing was known of it; the hash is kept all the same.
    """
    _check(address)
    mark = tokens.fingerprints(installation.keys, address)[0]
    with transaction(installation.engine) as connection:
        known = store.audience.erase(connection, address, mark, now)
        store.audit.add(connection, by, "erase", f"address {mark}", now)
    store.redactions.scrub_sqlite(installation.engine)
    if not known:
        raise NotFoundError(f"Nothing was kept of {address}; no list will bring it in from now on.")


def _check(address: str) -> None:
    if why := fault(address.strip()):
        raise DigestError(f"{why[0].upper()}{why[1:]}: expected one like ada@example.org.")
