"""What comes back is read, proven and acted upon: mails, reports of providers, and what our relay has refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Engine

from digest.deliver import message, verp
from digest.deliver.bounces import matching, reading
from digest.deliver.bounces.failures import failure
from digest.deliver.bounces.matching import Event
from digest.deliver.bounces.reading import Arrival, Meaning
from digest.model import BounceEffect, Delivery
from digest.store import audience, bounces, holds
from digest.store.bounces import BY_RELAY, Heard
from digest.store.database import reading as reading_transaction
from digest.store.database import transaction
from digest.store.statements import batches
from digest.tokens import Keys

_UNPROVEN = "nothing in it proves that it speaks of a mail of ours"
_AT_ONCE = 50  # in one transaction, for senders wait for it
_NO_SUCH_MAIL = "no mail to this address has the id that it names"
_OF_OUTBOX = "it speaks of a confirmation or a notice, and of no issue"


@dataclass(frozen=True, slots=True)
class Taken:
    """What an inbound mail was, and what it did; ``effect`` None where it did nothing, or nothing anew."""

    meaning: Meaning
    effect: BounceEffect | None = None

    @property
    def is_personal(self) -> bool:
        """Whether a person should read it."""
        return self.meaning is Meaning.PERSONAL


def take(engine: Engine, keys: Keys, data: bytes, recipient: str, source: str, now: datetime) -> Taken:
    """Act upon an inbound mail, whatever it is; the same one twice acts once.

    Raises:
        StoreError: the database cannot be used; nothing was done, and the mail should be brought again.
    """
    arrival = reading.read(data, recipient)
    if arrival.meaning is Meaning.LEAVING:
        return _part(engine, keys, arrival, now)
    if arrival.failure is None:
        return Taken(arrival.meaning)
    heard = Heard(arrival.failure, source)
    delivery = matching.delivery_of(arrival, keys)
    with transaction(engine) as connection:
        if delivery is None:
            why = _OF_OUTBOX if matching.is_of_outbox(arrival, keys) else _UNPROVEN
            return Taken(arrival.meaning, bounces.record_unmatched(connection, heard, why, data, now))
        return Taken(arrival.meaning, bounces.record(connection, heard, delivery, now))


def _part(engine: Engine, keys: Keys, arrival: Arrival, now: datetime) -> Taken:
    """Unsubscribe who asks for it by mail; words that prove nothing are for a person to read."""
    found = verp.read_unsubscribe(keys, f"unsubscribe {arrival.leaving}")
    if found is None:
        return Taken(Meaning.PERSONAL)
    digest, subscriber = found
    with transaction(engine) as connection:
        audience.unsubscribe(connection, subscriber, digest, now, "a mail to us")
    return Taken(Meaning.LEAVING)


def take_events(
    engine: Engine, keys: Keys, domain: str, events: Iterable[Event], source: str, now: datetime
) -> int:
    """Act upon a provider's report, some events at a time; how many of them were new.

    ``domain`` is that of our Message-IDs.

    Raises:
        StoreError: the database cannot be used; what was done stays so, and the report may be brought again.
    """
    new = 0
    for some in batches(events, _AT_ONCE):
        with transaction(engine) as connection:
            new += _take_events(connection, keys, domain, some, source, now)
    return new


def _take_events(
    connection: Connection, keys: Keys, domain: str, events: Sequence[Event], source: str, now: datetime
) -> int:
    """Rows are locked in the order of their ids, as senders do: so neither waits for the other for ever."""
    matched = [(_delivery_of(connection, keys, domain, event), event) for event in events]
    ours = sorted(((id_, event) for id_, event in matched if id_ is not None), key=lambda each: each[0])
    effects = [bounces.record(connection, Heard(event.failure, source), id_, now) for id_, event in ours]
    for event in (event for id_, event in matched if id_ is None):
        heard = Heard(event.failure, source)
        effects.append(bounces.record_unmatched(connection, heard, _NO_SUCH_MAIL, b"", now))
    return sum(effect is not None for effect in effects)


def _delivery_of(connection: Connection, keys: Keys, domain: str, event: Event) -> int | None:
    sent = bounces.sent_to(connection, event.failure.recipient)
    return matching.delivery_of_event(event, keys, sent, partial(_message_id, domain))


def _message_id(domain: str, delivery: Delivery) -> str:
    return message.message_id(delivery.issue, delivery.subscriber, delivery.version, domain)


def judge(engine: Engine, now: datetime) -> int:
    """Apply the rules of bounces to what our relay has refused since the last time; how many refusals there were.

    Ends the holds that are over, too.
    """
    with reading_transaction(engine) as connection:
        refused = bounces.refused(connection, now)
    for some in batches(refused, _AT_ONCE):
        with transaction(engine) as connection:
            holds.forget_ended(connection, now)
            for delivery in some:
                heard = Heard(failure(delivery.address, "", delivery.reply), BY_RELAY)
                bounces.record(connection, heard, delivery.id, now)
    return len(refused)
