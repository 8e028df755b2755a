"""A person's data: what we have of them, for them to take, and forgetting it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from digest import codec, store, tokens
from digest.model import LinkPurpose
from digest.store.database import transaction
from digest.store.personal import PersonalData, about
from digest.tokens import Keys


def export(engine: Engine, token: str, now: datetime) -> bytes | None:
    """What we have of the person whom a link was mailed to, as JSON; None where the link is none any more."""
    with transaction(engine) as connection:
        link = store.reader_links.use(connection, tokens.proof(token), LinkPurpose.EXPORT, now)
        return codec.dump(PersonalData, about(connection, link.subscriber)) if link else None


def erase(engine: Engine, keys: Keys, token: str, now: datetime) -> bool:
    """Forget the person whom a link was mailed to; False where the link is none any more."""
    with transaction(engine) as connection:
        link = store.reader_links.use(connection, tokens.proof(token), LinkPurpose.ERASE, now)
        theirs = store.audience.subscription(connection, link.subscriber, link.digest) if link else None
        if theirs is None:
            return False
        fingerprint = tokens.fingerprints(keys, theirs.address)[0]
        return store.audience.erase(connection, theirs.address, fingerprint, now)
