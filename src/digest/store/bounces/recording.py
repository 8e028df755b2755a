"""A bounce comes in: it is kept, judged and acted upon, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, select, update

from digest.deliver import verdicts
from digest.deliver.bounces.failures import Failure
from digest.deliver.verdicts import Past, Verdict
from digest.model import BounceEffect, BounceKind, DeliveryState, IssueId, SuppressionCause
from digest.store import audience, holds, suppressions
from digest.store.bounces import domains
from digest.store.database import exclusive
from digest.store.deliveries import cancel_for
from digest.store.schema import bounces, deliveries
from digest.store.statements import insert_into, write

LOCK = "digest: bounces"  # judged one after the other, so that a storm is counted right
BY_RELAY = "smtp"  # the source of what our own relay refused
COUNTED = (BounceEffect.NOTHING, BounceEffect.HELD, BounceEffect.SUPPRESSED, BounceEffect.PAUSED)
_MOST_UNMATCHED = 1_000  # kept to be looked at: anybody can send such
_MOST_PAST = 100
_MAY_BOUNCE = (DeliveryState.ACCEPTED, DeliveryState.REJECTED, DeliveryState.SENDING, DeliveryState.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Heard:
    """A failure or complaint, and who told us: "lmtp", "imap", "file", ``BY_RELAY``, or a provider."""

    failure: Failure
    source: str


@dataclass(frozen=True, slots=True)
class _Mail:
    """The delivery that a bounce speaks of."""

    id: int
    issue: IssueId
    subscriber: int
    address: str
    sent_at: datetime

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()


def record(connection: Connection, heard: Heard, delivery: int, now: datetime) -> BounceEffect | None:
    """Keep a bounce that is proven to speak of a delivery, and do what follows; None where that was done before.

    One delivery fails, and is complained about, once, however many reports tell of it.
    """
    exclusive(connection, LOCK)
    mail = _mail(connection, delivery, now)
    if mail is None:
        return record_unmatched(
            connection, heard, f"it names delivery {delivery}, which was not sent", b"", now
        )
    bounce = _insert(connection, heard, mail, now)
    if bounce is None:
        return None
    judged = _judged(connection, heard, mail, bounce, now)
    _act(connection, heard.failure.kind, mail, judged, now)
    values = {"effect": judged.effect, "why": judged.why}
    connection.execute(update(bounces).where(bounces.c.id == bounce).values(**values))
    if heard.failure.kind is not BounceKind.COMPLAINT:
        _mark(connection, mail, now)
    return judged.effect


def _mark(connection: Connection, mail: _Mail, now: datetime) -> None:
    """Write on the delivery when it came back; one that the relay refused never left."""
    left = (deliveries.c.state != DeliveryState.REJECTED) & deliveries.c.bounced_at.is_(None)
    came_back = update(deliveries).where(deliveries.c.id == mail.id, left)
    connection.execute(came_back.values(bounced_at=now))


def record_unmatched(
    connection: Connection, heard: Heard, why: str, report: bytes, now: datetime
) -> BounceEffect | None:
    """Keep a bounce that proves nothing, to be looked at; only the newest stay. None where it is there already."""
    failure = heard.failure
    key = "\0".join((heard.source, failure.kind, failure.recipient, failure.words)).encode(errors="replace")
    row = {
        "at": now,
        "domain": failure.recipient.rpartition("@")[2].lower(),
        "kind": failure.kind,
        "status": failure.status,
        "words": f"{failure.recipient}: {failure.words}".strip(": "),
        "source": heard.source,
        "effect": BounceEffect.UNMATCHED,
        "why": why,
        "fingerprint": sha256(key + b"\0" + report).hexdigest(),
    }
    insert = insert_into(connection, bounces).values(**row).on_conflict_do_nothing()
    if write(connection, insert) == 0:
        return None
    unmatched = bounces.c.effect == BounceEffect.UNMATCHED
    newest = select(bounces.c.id).where(unmatched).order_by(bounces.c.at.desc(), bounces.c.id.desc())
    old = newest.offset(_MOST_UNMATCHED).limit(_MOST_UNMATCHED)
    connection.execute(delete(bounces).where(bounces.c.id.in_(old.scalar_subquery())))
    return BounceEffect.UNMATCHED


def _mail(connection: Connection, delivery: int, now: datetime) -> _Mail | None:
    columns = (deliveries.c.id, deliveries.c.issue, deliveries.c.subscriber, deliveries.c.address)
    query = select(*columns, deliveries.c.settled_at)
    query = query.where(deliveries.c.id == delivery, deliveries.c.state.in_(_MAY_BOUNCE))
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return _Mail(row.id, row.issue, row.subscriber, row.address, row.settled_at or now)


def _insert(connection: Connection, heard: Heard, mail: _Mail, now: datetime) -> int | None:
    """The new row's id; None where this delivery has such a bounce already."""
    row = {
        "at": now,
        "delivery": mail.id,
        "subscriber": mail.subscriber,
        "sent_at": mail.sent_at,
        "domain": mail.domain,
        "kind": heard.failure.kind,
        "status": heard.failure.status,
        "words": heard.failure.words,
        "source": heard.source,
        "effect": BounceEffect.NOTHING,
        "why": "",
        "fingerprint": _fingerprint(heard, mail),
    }
    insert = insert_into(connection, bounces).values(**row).on_conflict_do_nothing()
    return connection.execute(insert.returning(bounces.c.id)).scalar_one_or_none()


def _fingerprint(heard: Heard, mail: _Mail) -> str:
    """What all reports of one failure, or one complaint, have in common."""
    return f"{mail.id}:{'complaint' if heard.failure.kind is BounceKind.COMPLAINT else 'failure'}"


def _judged(connection: Connection, heard: Heard, mail: _Mail, bounce: int, now: datetime) -> Verdict:
    kind = heard.failure.kind
    if kind is BounceKind.ADDRESS and (why := domains.storm(connection, mail.domain, mail.sent_at)):
        return Verdict(BounceEffect.SPARED, why)
    # What our own relay refuses, the sender has heard itself, with the domain that the reply names or does not.
    is_theirs = kind is BounceKind.POLICY and heard.source != BY_RELAY
    if is_theirs and domains.pause_for_policy(connection, mail.domain, heard.failure.words, now):
        return Verdict(BounceEffect.PAUSED, f"{mail.domain} refuses us, and pauses for {_hours()}")
    failed = Past(kind, mail.issue, mail.sent_at)
    return verdicts.verdict(failed, _past(connection, mail, bounce), _good(connection, mail), now)


def _hours() -> str:
    return f"{verdicts.POLICY_PAUSE.total_seconds() / 3600:.0f} h"


def _past(connection: Connection, mail: _Mail, bounce: int) -> list[Past]:
    theirs = (bounces.c.subscriber == mail.subscriber) & (bounces.c.id != bounce)
    query = select(bounces.c.kind, deliveries.c.issue, bounces.c.sent_at)
    query = query.join(deliveries, deliveries.c.id == bounces.c.delivery)
    query = query.where(theirs, bounces.c.effect.in_(COUNTED)).order_by(bounces.c.sent_at.desc())
    return [Past(row.kind, row.issue, row.sent_at) for row in connection.execute(query.limit(_MOST_PAST))]


def _good(connection: Connection, mail: _Mail) -> list[datetime]:
    """When mails to the address went out that have not come back."""
    kept = (deliveries.c.state == DeliveryState.ACCEPTED) & deliveries.c.bounced_at.is_(None)
    query = select(deliveries.c.settled_at).where(deliveries.c.subscriber == mail.subscriber, kept)
    query = query.where(deliveries.c.settled_at.is_not(None), deliveries.c.id != mail.id)
    newest = query.order_by(deliveries.c.settled_at.desc()).limit(_MOST_PAST)
    return list(connection.execute(newest).scalars())


def _act(connection: Connection, kind: BounceKind, mail: _Mail, judged: Verdict, now: datetime) -> None:
    if judged.effect is BounceEffect.HELD and judged.until is not None:
        holds.hold(connection, mail.address, judged.until, judged.why, now)
        why = "the address is held: its mail came back"
        cancel_for(connection, mail.subscriber, None, DeliveryState.SUPPRESSED, why, now)
    elif judged.effect is BounceEffect.SUPPRESSED:
        is_complaint = kind is BounceKind.COMPLAINT
        cause = SuppressionCause.COMPLAINT if is_complaint else SuppressionCause.BOUNCE
        if is_complaint:
            audience.unsubscribe(connection, mail.subscriber, mail.issue.digest, now, "a complaint")
        suppressions.suppress(connection, mail.address, judged.why, now, cause)
