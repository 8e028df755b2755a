"""Which mail of ours a report speaks of, and what proves it: without a proof it changes nothing.

A mail that comes back proves itself by a tag of ours, in the address that it came to or in the headers that it gives
back. A provider's report is proven by its signature, and then names the mail by an id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from digest.deliver import verp
from digest.deliver.bounces.failures import Failure
from digest.deliver.bounces.reading import Arrival
from digest.model import Delivery
from digest.tokens import Keys

_SHORTEST_ID = 8  # characters: a shorter one may stand in any reply by chance


@dataclass(frozen=True, slots=True)
class Event:
    """A failure or complaint that a provider reports.

    ``ids`` name the mail as the provider's replies do, ``message_id`` is the one that we gave it, where the provider
    knows it still, and ``mark`` the value of our header.
    """

    failure: Failure
    ids: tuple[str, ...] = ()
    message_id: str = ""
    mark: str = ""


def delivery_of(arrival: Arrival, keys: Keys) -> int | None:
    """The delivery that an inbound mail is proven to speak of."""
    by_address = (verp.read_sender(keys, address) for address in arrival.recipients)
    by_header = (verp.read_mark(keys, mark) for mark in arrival.marks)
    return next((row for row in (*by_address, *by_header) if row is not None), None)


def is_of_outbox(arrival: Arrival, keys: Keys) -> bool:
    """Whether an inbound mail is proven to speak of a confirmation or a notice."""
    return any(
        verp.read_sender(keys, address, verp.OUTBOX) is not None for address in arrival.recipients
    ) or any(verp.read_mark(keys, mark, verp.OUTBOX) is not None for mark in arrival.marks)


def delivery_of_event(
    event: Event, keys: Keys, sent: Iterable[Delivery], message_id: Callable[[Delivery], str]
) -> int | None:
    """The delivery that a provider's report speaks of, among those that were ``sent`` to its address."""
    marked = verp.read_mark(keys, event.mark)
    for delivery in sent:
        if delivery.id == marked or any(_is_in(id_, delivery.reply) for id_ in event.ids):
            return delivery.id
        if event.message_id and message_id(delivery) == f"<{event.message_id.strip('<> ')}>":
            return delivery.id
    return None


def _is_in(id_: str, reply: str) -> bool:
    return len(id_) >= _SHORTEST_ID and id_.strip("<> ") in reply
