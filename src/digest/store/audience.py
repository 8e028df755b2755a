"""Who reads: subscribers, their subscriptions, and the addresses we must not write to.

An address is one mailbox however its letters are cased; it is kept as it was given, its domain lower-cased.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, select, update

from digest.model import DeliveryState, Subscription, SubscriptionState
from digest.store.columns import ColumnValue
from digest.store.deliveries import cancel_for
from digest.store.schema import subscribers, suppressions
from digest.store.schema import subscriptions as subscriptions_table
from digest.store.statements import address_key, batches, insert_into, write

_LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
_MOST_THEMES = 50
_IS_SUPPRESSED = exists().where(suppressions.c.address_key == subscribers.c.address_key)

# ── importing ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One subscription from a file; ``themes`` None or empty means all of them."""

    address: str
    digest: str
    themes: tuple[str, ...] | None
    consent_at: datetime | None
    consent_source: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the rows of an import; ``refused`` has a sentence for each that cannot be written to."""

    added: int = 0
    unchanged: int = 0  # subscribed already, with whatever themes they chose since
    unsubscribed: int = 0  # they left: no import subscribes them again
    suppressed: int = 0
    refused: tuple[str, ...] = ()

    def __add__(self, other: ImportReport) -> ImportReport:
        return ImportReport(
            self.added + other.added,
            self.unchanged + other.unchanged,
            self.unsubscribed + other.unsubscribed,
            self.suppressed + other.suppressed,
            self.refused + other.refused,
        )


def import_rows(connection: Connection, rows: Iterable[ImportRow], now: datetime) -> ImportReport:
    """Subscribe people who gave their consent elsewhere; importing the same rows again changes nothing.

    A pending subscription becomes confirmed. Nobody who unsubscribed is subscribed again, no suppression
    is undone, and the themes of a subscription that exists stay as they are.
    """
    report = ImportReport()
    for batch in batches(rows):
        report += _import_batch(connection, batch, now)
    return report


def _import_batch(connection: Connection, rows: Sequence[ImportRow], now: datetime) -> ImportReport:
    refused = tuple(fault for row in rows if (fault := _fault(row)))
    usable = [row for row in rows if not _fault(row)]
    suppressed = _suppressed(connection, {address_key(row.address) for row in usable})
    allowed = [row for row in usable if address_key(row.address) not in suppressed]
    ids = _subscriber_ids(connection, allowed, now)
    by_id = {
        (ids[address_key(row.address)], row.digest): row for row in reversed(allowed)
    }  # the first one counts
    states = _states(connection, ids.values())
    new = {key: row for key, row in by_id.items() if states.get(key) in (None, SubscriptionState.PENDING)}
    left = sum(states.get(key) is SubscriptionState.UNSUBSCRIBED for key in by_id)
    _confirm(connection, new)
    unchanged = len(allowed) - len(new) - left
    return ImportReport(len(new), unchanged, left, len(usable) - len(allowed), refused)


def _fault(row: ImportRow) -> str:
    local, _, domain = row.address.strip().rpartition("@")
    is_address = local and domain and "@" not in local.strip('"') and row.address.strip().isprintable()
    if not is_address or " " in row.address.strip() or len(row.address.strip()) > _LONGEST_ADDRESS:
        return f"{row.address[:60]!r} is no address of a person."
    if len(row.themes or ()) > _MOST_THEMES or any("," in theme or not theme for theme in row.themes or ()):
        return f"{row.address}: at most {_MOST_THEMES} themes, named by their slugs."
    return ""


def _suppressed(connection: Connection, keys: Iterable[str]) -> set[str]:
    found = select(suppressions.c.address_key).where(suppressions.c.address_key.in_(list(keys)))
    return set(connection.execute(found).scalars())


def _subscriber_ids(connection: Connection, rows: Sequence[ImportRow], now: datetime) -> Mapping[str, int]:
    """The id behind each address key; those that are new are stored."""
    new = {
        address_key(row.address): {"address": _shown(row.address), "created_at": now}
        for row in reversed(rows)
    }
    insert = insert_into(connection, subscribers).on_conflict_do_nothing()
    if new:
        connection.execute(insert, [{"address_key": key, **columns} for key, columns in sorted(new.items())])
    query = select(subscribers.c.address_key, subscribers.c.id).where(
        subscribers.c.address_key.in_(list(new))
    )
    return {row.address_key: row.id for row in connection.execute(query)}


def _states(connection: Connection, ids: Iterable[int]) -> Mapping[tuple[int, str], SubscriptionState]:
    columns = (subscriptions_table.c.subscriber, subscriptions_table.c.digest, subscriptions_table.c.state)
    query = select(*columns).where(subscriptions_table.c.subscriber.in_(list(ids)))
    return {(row.subscriber, row.digest): row.state for row in connection.execute(query)}


def _confirm(connection: Connection, rows: Mapping[tuple[int, str], ImportRow]) -> None:
    if not rows:
        return
    insert = insert_into(connection, subscriptions_table)
    confirmed = insert.on_conflict_do_update(
        index_elements=["subscriber", "digest"],
        set_={name: insert.excluded[name] for name in ("state", "consent_at", "consent_source")},
        where=subscriptions_table.c.state == SubscriptionState.PENDING,
    )
    connection.execute(confirmed, [_row(subscriber, row) for (subscriber, _), row in rows.items()])


def _row(subscriber: int, row: ImportRow) -> Mapping[str, ColumnValue]:
    return {
        "subscriber": subscriber,
        "digest": row.digest,
        "state": SubscriptionState.CONFIRMED,
        "choice": choice_of(row.themes),
        "consent_at": row.consent_at,
        "consent_source": row.consent_source,
    }


def choice_of(themes: Iterable[str] | None) -> str:
    """Themes as a rendering's choice: sorted slugs joined by ",", or "" for all of them."""
    return ",".join(sorted(set(themes or ())))


def _shown(address: str) -> str:
    local, _, domain = address.strip().rpartition("@")
    return f"{local}@{domain.lower()}"


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def subscriptions(connection: Connection, digest: str | None = None) -> Iterator[Subscription]:
    """The subscriptions to one digest or to all, by subscriber; streamed, for there may be a million."""
    query = _subscriptions().order_by(subscriptions_table.c.subscriber, subscriptions_table.c.digest)
    if digest is not None:
        query = query.where(subscriptions_table.c.digest == digest)
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield _subscription(row)


def subscription(connection: Connection, subscriber: int, digest: str) -> Subscription | None:
    """One subscriber's subscription to one digest, or None."""
    query = _subscriptions().where(_of(subscriber, digest))
    row = connection.execute(query).one_or_none()
    return _subscription(row) if row else None


def confirmed_count(connection: Connection, digest: str) -> int:
    """How many people the next issue of a digest would go to: confirmed, and not suppressed."""
    query = select(func.count()).select_from(subscriptions_table).join(subscribers)
    return connection.execute(query.where(_confirmed(digest), ~_IS_SUPPRESSED)).scalar_one()


def choices(connection: Connection, digest: str) -> tuple[str, ...]:
    """The distinct choices of themes among the confirmed subscriptions of a digest, "" for all themes first."""
    query = select(subscriptions_table.c.choice).where(_confirmed(digest)).distinct()
    return tuple(sorted(connection.execute(query).scalars()))


def _subscriptions() -> Select[*tuple[ColumnValue, ...]]:
    names = ("subscriber", "digest", "state", "choice", "consent_at", "consent_source")
    return select(subscribers.c.address, *(subscriptions_table.c[name] for name in names)).join(
        subscribers, subscribers.c.id == subscriptions_table.c.subscriber
    )


def _subscription(row: Row[*tuple[ColumnValue, ...]]) -> Subscription:
    columns = dict(row._mapping)
    choice = columns.pop("choice")
    return Subscription(**columns, themes=tuple(choice.split(",")) if choice else None)


# ── choosing ─────────────────────────────────────────────────────────────────────────────────────


def choose(connection: Connection, subscriber: int, digest: str, themes: Iterable[str] | None) -> None:
    """The themes that a subscriber wants of a digest from its next issue on; None: all of it."""
    values = {"choice": choice_of(themes)}
    write(connection, update(subscriptions_table).where(_of(subscriber, digest)).values(**values))


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────


def unsubscribe(connection: Connection, subscriber: int, digest: str | None, now: datetime) -> bool:
    """End one subscription, or all of a subscriber's, and cancel their mail that has not begun to leave.

    False where there was nothing left to end.
    """
    active = subscriptions_table.c.state != SubscriptionState.UNSUBSCRIBED
    left = update(subscriptions_table).where(_of(subscriber, digest), active)
    values = {"state": SubscriptionState.UNSUBSCRIBED, "unsubscribed_at": now}
    ended = write(connection, left.values(**values)) > 0
    cancel_for(connection, subscriber, digest, DeliveryState.CANCELLED, "unsubscribed", now)
    return ended


def resubscribe(connection: Connection, subscriber: int, digest: str) -> bool:
    """Undo an unsubscription, by the person's own hand; mail that it cancelled stays cancelled.

    False where there is none to undo, or the address is suppressed.
    """
    suppressed = exists().where(
        suppressions.c.address_key == subscribers.c.address_key, subscribers.c.id == subscriber
    )
    undone = and_(
        _of(subscriber, digest), subscriptions_table.c.state == SubscriptionState.UNSUBSCRIBED, ~suppressed
    )
    values = {"state": SubscriptionState.CONFIRMED, "unsubscribed_at": None}
    return write(connection, update(subscriptions_table).where(undone).values(**values)) == 1


def suppress(connection: Connection, address: str, reason: str, now: datetime) -> None:
    """Never write to an address again, and close its mail that has not begun to leave; the first reason stays."""
    key = address_key(address)
    row = {"address_key": key, "address": _shown(address), "reason": reason, "at": now}
    connection.execute(insert_into(connection, suppressions).values(**row).on_conflict_do_nothing())
    known = connection.execute(select(subscribers.c.id).where(subscribers.c.address_key == key)).scalar()
    if known is not None:
        cancel_for(connection, known, None, DeliveryState.SUPPRESSED, "the address is suppressed", now)


def _of(subscriber: int, digest: str | None) -> ColumnElement[bool]:
    theirs = subscriptions_table.c.subscriber == subscriber
    return theirs if digest is None else theirs & (subscriptions_table.c.digest == digest)


def _confirmed(digest: str) -> ColumnElement[bool]:
    return and_(
        subscriptions_table.c.digest == digest, subscriptions_table.c.state == SubscriptionState.CONFIRMED
    )
