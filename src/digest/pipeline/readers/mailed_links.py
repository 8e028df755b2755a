"""What a reader does by a link that was mailed to them: another address, their data, being forgotten.

The links under every mail are not enough for these, because newsletters get forwarded: whoever has one may ask for
such a link, and it goes to the address of the subscription. It works once, within an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import Connection, Engine

from digest import store, tokens
from digest.model import LinkPurpose, ReaderLink, Subscription
from digest.pipeline.mail import notices
from digest.pipeline.mail.notices import Stationery
from digest.pipeline.readers.signing_up import TOKEN_BYTES, link_url
from digest.settings import DigestSettings
from digest.store.database import reading, transaction

ON_REQUEST = (LinkPurpose.ADDRESS, LinkPurpose.EXPORT, LinkPurpose.ERASE)


@dataclass(frozen=True, slots=True)
class Held:
    """A link in somebody's hand, and the subscription for which it was asked."""

    link: ReaderLink
    subscription: Subscription


def send(
    engine: Engine,
    stationery: Stationery,
    digest: DigestSettings,
    subscription: Subscription,
    purpose: LinkPurpose,
    now: datetime,
) -> None:
    """Mail a link to the address of a subscription; one of each purpose in an hour, and no more is said of it."""
    with transaction(engine) as connection:
        since = now - notices.USE_WITHIN
        if not store.reader_links.made_since(connection, subscription.subscriber, purpose, since):
            _write(connection, stationery, digest, subscription, purpose, subscription.address, now)


def held(engine: Engine, token: str, now: datetime) -> Held | None:
    """What a link would do; None where it is none, was used, or is too old. Changes nothing."""
    with reading(engine) as connection:
        link = store.reader_links.find(connection, tokens.proof(token))
        if link is None or link.used_at or link.expires_at <= now:
            return None
        return _held(connection, link)


def use(engine: Engine, token: str, purpose: LinkPurpose, now: datetime) -> Held | None:
    """Use a link up, and give what it was for; None where it is none any more."""
    with transaction(engine) as connection:
        link = store.reader_links.use(connection, tokens.proof(token), purpose, now)
        return _held(connection, link) if link else None


def name_address(
    engine: Engine, stationery: Stationery, digest: DigestSettings, token: str, address: str, now: datetime
) -> Held | None:
    """Mail a link to the new address, so that its owner says yes; None where the link in hand is none any more."""
    with transaction(engine) as connection:
        link = store.reader_links.use(connection, tokens.proof(token), LinkPurpose.ADDRESS, now)
        found = _held(connection, link) if link else None
        if found is not None:
            _write(connection, stationery, digest, found.subscription, LinkPurpose.MOVE, address, now)
        return found


def move(
    engine: Engine, stationery: Stationery, digest: DigestSettings, token: str, now: datetime
) -> Held | None:
    """Have the mail go to the address that the link was mailed to, and tell the former one.

    None where the link is none any more, or the new address is one that we must not write to.
    """
    with transaction(engine) as connection:
        link = store.reader_links.use(connection, tokens.proof(token), LinkPurpose.MOVE, now)
        found = _held(connection, link) if link else None
        if found is None:
            return None
        if not store.reader_changes.move(connection, found.link.subscriber, found.link.address, now):
            return None
        their_fingerprints = tokens.fingerprints(stationery.keys, found.link.address)
        store.audience.lift_erasure(connection, their_fingerprints)
        key = f"moved:{found.link.proof}"
        notice = notices.moved_notice(stationery, digest, found.subscription.address, key, now)
        store.outbox.put(connection, notice)
        return found


def _held(connection: Connection, link: ReaderLink) -> Held | None:
    subscription = store.audience.subscription(connection, link.subscriber, link.digest)
    return Held(link, subscription) if subscription else None


def _write(
    connection: Connection,
    stationery: Stationery,
    digest: DigestSettings,
    subscription: Subscription,
    purpose: LinkPurpose,
    address: str,
    now: datetime,
) -> None:
    token, number = token_urlsafe(TOKEN_BYTES), subscription.subscriber
    key = f"link:{purpose}:{number}:{tokens.proof(token)[:20]}"
    mail = notices.link_mail(stationery, digest, address, purpose, link_url(stationery, token), key, now)
    new_address = address if purpose is LinkPurpose.MOVE else ""
    until = now + notices.USE_WITHIN
    link = ReaderLink(tokens.proof(token), purpose, number, digest.slug, new_address, now, until)
    if store.outbox.put(connection, mail):
        store.reader_links.put(connection, link)
