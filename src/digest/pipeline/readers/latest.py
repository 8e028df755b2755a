"""The latest issue, for who has just confirmed and does not want to wait: the stored bytes, once for each reader."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from digest import store
from digest.deliver.letterhead import letterhead
from digest.deliver.message import letter
from digest.model import OutboxKind, OutboxMail, Rendering, Send, Subscription, SubscriptionState
from digest.pipeline.mail.notices import WORTH_SENDING, Stationery
from digest.publish import newsletter
from digest.settings import DigestSettings
from digest.store.audience import choice_of


def to_send(connection: Connection, subscription: Subscription) -> tuple[Send, Rendering] | None:
    """What somebody would get: the newest issue that was sent, as it was rendered for their themes, or else for all.

    None where none was sent, or it has nothing for them, or they are in its ledger: nobody gets an issue twice.
    """
    newest = store.latest.newest_send(connection, subscription.digest)
    if newest is None or subscription.state is not SubscriptionState.CONFIRMED:
        return None
    if store.latest.is_in_ledger(connection, newest.issue, subscription.subscriber):
        return None
    found = store.issues.renderings(connection, newest.issue, newest.version)
    by_choice = {rendering.choice: rendering for rendering in found}
    rendering = by_choice.get(choice_of(subscription.themes), by_choice.get(""))
    return (newest, rendering) if rendering else None


def send(
    connection: Connection,
    stationery: Stationery,
    digest: DigestSettings,
    subscription: Subscription,
    now: datetime,
) -> bool:
    """Write the latest issue into the Outbox; False where there is none to send, or it was written before."""
    found = to_send(connection, subscription)
    if found is None:
        return False
    asked, rendering = found
    settings = stationery.settings
    head = letterhead(digest, settings.mail, settings.publish, stationery.keys, newsletter.UNSUBSCRIBE)
    # The date and the Message-ID that the ledger's copy would have had.
    message = letter(rendering, head, subscription.subscriber, subscription.address, asked.requested_at)
    key = f"issue:{asked.issue}:{subscription.subscriber}"
    mail = OutboxMail(
        OutboxKind.ISSUE,
        key,
        subscription.address,
        message,
        now,
        now + WORTH_SENDING,
        subscription.subscriber,
        subscription.digest,
    )
    return store.outbox.put(connection, mail)
