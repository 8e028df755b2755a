"""Who asked for what by the form, until the owner of the address confirms it.

What a stranger types here decides nothing: it waits, apart from the subscriptions, for the owner of the address.
Each function writes the same statements whether the address is new, known, subscribed or suppressed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, or_, select, update

from digest import callers
from digest.model import ConsentStep, LinkPurpose, OutboxMail, ReaderLink, SignUp, SubscriptionState
from digest.store import consents, outbox, reader_links
from digest.store.columns import ColumnValue
from digest.store.schema import networks, sign_ups, subscribers, subscriptions
from digest.store.schema import reader_links as links_table
from digest.store.statements import address_key, insert_into, write

KEPT = timedelta(days=7)  # as long as the link that confirms
QUIET = timedelta(days=1)  # between two confirmations to one address


def admit(connection: Connection, network: str, now: datetime) -> bool:
    """Whether one more sign-up may come from a network; it is counted then."""
    insert = insert_into(connection, networks).values(network=network, times=())
    connection.execute(insert.on_conflict_do_nothing())
    row = networks.c.network == network
    times = connection.execute(select(networks.c.times).where(row).with_for_update()).scalar_one()
    counted = callers.admitted(times, now)
    connection.execute(update(networks).where(row).values(times=counted or times, seen_at=now))
    return counted is not None


def ask(connection: Connection, address: str, digest: str, choice: str, now: datetime) -> int:
    """Note what was asked for at an address; the subscriber's number. The last wish for a digest is the one that counts."""
    key = address_key(address)
    values = {"address": address, "address_key": key, "created_at": now}
    insert = insert_into(connection, subscribers).values(**values)
    # Touched in any case: of two requests for one address the second waits here, and then sees what the first has written.
    known = insert.on_conflict_do_update(index_elements=["address_key"], set_={"address_key": key})
    number: int = connection.execute(known.returning(subscribers.c.id)).scalar_one()
    _note(connection, SignUp(number, digest, choice, now))
    return number


def _note(connection: Connection, sign_up: SignUp) -> None:
    values = {"choice": sign_up.choice, "asked_at": sign_up.asked_at}
    theirs = {"subscriber": sign_up.subscriber, "digest": sign_up.digest}
    insert = insert_into(connection, sign_ups).values(**theirs, **values)
    connection.execute(insert.on_conflict_do_update(index_elements=list(theirs), set_=values))
    pending = {**theirs, "state": SubscriptionState.PENDING, "choice": sign_up.choice, "consent_source": ""}
    connection.execute(insert_into(connection, subscriptions).values(**pending).on_conflict_do_nothing())


def mail_once(connection: Connection, link: ReaderLink, mail: OutboxMail) -> None:
    """Write the confirmation and its link, unless the address got one within ``QUIET``.

    Its owner may confirm one and ask for another digest on the same day: who confirms is no victim.
    """
    reader_links.put(connection, link, ~_has_been_asked(link))
    outbox.put(connection, mail, exists().where(links_table.c.proof == link.proof))


def _has_been_asked(link: ReaderLink) -> ColumnElement[bool]:
    earlier = links_table.alias("earlier")
    return exists().where(
        earlier.c.subscriber == link.subscriber,
        earlier.c.purpose == LinkPurpose.CONFIRM,
        earlier.c.made_at > link.made_at - QUIET,
        or_(earlier.c.used_at.is_(None), earlier.c.digest == link.digest),
    )


def waiting(connection: Connection, subscriber: int, now: datetime) -> tuple[SignUp, ...]:
    """What was asked for at an address and not confirmed, by digest."""
    columns = (sign_ups.c.subscriber, sign_ups.c.digest, sign_ups.c.choice, sign_ups.c.asked_at)
    theirs = and_(sign_ups.c.subscriber == subscriber, sign_ups.c.asked_at > now - KEPT)
    query = select(*columns).where(theirs).order_by(sign_ups.c.digest)
    return tuple(SignUp(**row._mapping) for row in connection.execute(query))


def address(connection: Connection, subscriber: int) -> str:
    """Where a subscriber gets mail."""
    found: str = connection.execute(
        select(subscribers.c.address).where(subscribers.c.id == subscriber)
    ).scalar_one()
    return found


def confirm(connection: Connection, wish: SignUp, source: str, now: datetime, wording: str = "") -> None:
    """Subscribe the owner of an address to what they asked for.

    Args:
        source: how they gave their consent.
        wording: what the page said on which they gave it.
    """
    how = f"{source}, asked for {wish.asked_at:%Y-%m-%d %H:%M} UTC"
    what = f"{wording} ({wish.choice})" if wish.choice else wording
    consents.note(connection, wish.subscriber, wish.digest, ConsentStep.CONFIRMED, now, how, what)
    theirs = {"subscriber": wish.subscriber, "digest": wish.digest}
    values: dict[str, ColumnValue] = {
        "state": SubscriptionState.CONFIRMED,
        "choice": wish.choice,
        "consent_at": now,
        "consent_source": source,
        "unsubscribed_at": None,
        "paused_until": None,
    }
    insert = insert_into(connection, subscriptions).values(**theirs, **values)
    connection.execute(insert.on_conflict_do_update(index_elements=list(theirs), set_=values))
    done = and_(sign_ups.c.subscriber == wish.subscriber, sign_ups.c.digest == wish.digest)
    connection.execute(delete(sign_ups).where(done))


def erase(connection: Connection, subscriber: int) -> None:
    """Keep nothing of what was asked for at an address, nor the links that were mailed there."""
    for table in (sign_ups, links_table):
        connection.execute(delete(table).where(table.c.subscriber == subscriber))


def sweep(connection: Connection, now: datetime) -> int:
    """Forget what nobody confirmed in time, whoever has nothing else, and the networks of the last hours."""
    old = write(connection, delete(sign_ups).where(sign_ups.c.asked_at <= now - KEPT))
    asked = exists().where(
        sign_ups.c.subscriber == subscriptions.c.subscriber, sign_ups.c.digest == subscriptions.c.digest
    )
    # An import knows no sign-up: what it left pending has a source.
    pending = and_(subscriptions.c.state == SubscriptionState.PENDING, subscriptions.c.consent_source == "")
    connection.execute(delete(subscriptions).where(pending, ~asked))
    connection.execute(delete(networks).where(networks.c.seen_at <= now - callers.PERIOD))
    return old
