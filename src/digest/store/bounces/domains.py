"""When many mailboxes of a domain fail at once, or it refuses us, the domain pauses and its people are spared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, distinct, func, select, update

from digest.deliver import verdicts
from digest.model import BounceEffect, BounceKind, DeliveryState
from digest.store import holds, suppressions
from digest.store.schema import bounces, deliveries
from digest.store.schema import holds as holds_table
from digest.store.schema import suppressions as suppressions_table
from digest.store.statements import address_key, batches

_WENT_OUT = (DeliveryState.ACCEPTED, DeliveryState.REJECTED)


def storm(connection: Connection, domain: str, sent_at: datetime) -> str:
    """Why an address of this domain, written to at ``sent_at``, is spared although it "does not exist", or "".

    What counts is when the mails went out, not when their bounces are read: a folder of old bounces is no storm. The
    bounce that asks is stored already. One that makes it a storm pauses the domain, and takes back what the ones
    before it have done.
    """
    last = holds.last_pause(connection, domain, is_storm=True)
    if last is not None and last.since - verdicts.STORM_WINDOW <= sent_at < last.until:
        return last.why
    if verdicts.is_believed(last.since if last else None, sent_at):
        return ""
    hour = _Hour(domain, sent_at)
    failures = _failures(connection, hour)
    if not verdicts.is_time_to_count(failures):
        return ""
    mails = _mails(connection, hour)
    if not verdicts.is_storm(failures, mails):
        return ""
    why = f"{failures} of {mails} mailboxes at {domain} were unknown within an hour: the domain pauses first"
    holds.pause_domain(connection, domain, sent_at + verdicts.STORM_PAUSE, why, sent_at, is_storm=True)
    _spare(connection, hour)
    return why


def pause_for_policy(connection: Connection, domain: str, words: str, now: datetime) -> bool:
    """Pause a domain that refuses us, unless it has only just been paused for that."""
    last = holds.last_pause(connection, domain, is_storm=False)
    until = verdicts.policy_pause(last.until if last else None, now)
    if until is None:
        return False
    holds.pause_domain(connection, domain, until, f"{domain} refuses us: {words}", now)
    return True


@dataclass(frozen=True, slots=True)
class _Hour:
    """The mails to a domain in the hour around a moment."""

    domain: str
    middle: datetime

    def has(self, at: ColumnElement[datetime]) -> ColumnElement[bool]:
        """The condition that a time lies in it."""
        half = verdicts.STORM_WINDOW / 2
        return at.between(self.middle - half, self.middle + half)

    @property
    def failures(self) -> ColumnElement[bool]:
        """The condition that a bounce is one of its absences."""
        return and_(
            bounces.c.domain == self.domain,
            self.has(bounces.c.sent_at),
            bounces.c.kind == BounceKind.ADDRESS,
            bounces.c.effect.not_in((BounceEffect.UNDONE, BounceEffect.UNMATCHED)),
        )


def _failures(connection: Connection, hour: _Hour) -> int:
    query = select(func.count(distinct(bounces.c.subscriber))).where(hour.failures)
    return connection.execute(query).scalar_one()


def _mails(connection: Connection, hour: _Hour) -> int:
    """How many people of the domain were written to in that hour, with the issues that now come back."""
    failed = select(bounces.c.delivery).where(hour.failures)
    issues = select(deliveries.c.issue).where(deliveries.c.id.in_(failed))
    at_domain = deliveries.c.address.iendswith(f"@{hour.domain}", autoescape=True)
    query = select(func.count(distinct(deliveries.c.subscriber)))
    sent = query.where(deliveries.c.issue.in_(issues), deliveries.c.state.in_(_WENT_OUT), at_domain)
    return connection.execute(sent.where(hour.has(deliveries.c.settled_at))).scalar_one()


def _spare(connection: Connection, hour: _Hour) -> None:
    """Take back what the failures of that hour did to their addresses."""
    theirs = select(deliveries.c.address).join(bounces, bounces.c.delivery == deliveries.c.id)
    acted = bounces.c.effect.in_((BounceEffect.HELD, BounceEffect.SUPPRESSED))
    addresses = connection.execute(theirs.where(hour.failures, acted)).scalars()
    for keys in batches([address_key(address) for address in addresses]):
        holds.release(connection, holds_table.c.address_key.in_(keys))
        suppressions.lift(connection, suppressions_table.c.address_key.in_(keys))
    spared = update(bounces).where(hour.failures)
    connection.execute(spared.values(effect=BounceEffect.SPARED, why=f"a storm at {hour.domain}"))
