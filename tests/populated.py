"""A database with rows in most of its tables, and values that two kinds of database might take differently."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Connection, Engine, text

from databases import create_postgres
from digest.deliver.ledger import Settled
from digest.model import DeliveryState
from digest.store import audit, deliveries, sources
from digest.store.schema import meanings, networks, pings, tries
from outbox_samples import put
from store_samples import NOW, WEEKLY, a_post, a_source, request, store_post, subscribe

ODD = "Zoë’s “harbour” — 港 \u202f🜁 \\ \" ' % {} \n\t end"
PEOPLE = ("ada@example.org", "Bo@Example.org", "cy@example.org", "dee@example.org")


def populate(connection: Connection) -> None:
    """Sources, posts, an issue being sent to four people (one has it, one is being sent), other mail, odd values."""
    sources.add_source(connection, a_source("b-side", weight=1 / 3, labels=("Ü", "a,b")), NOW)
    for key, title in (("a" * 16, ODD), ("B" * 16, "Second"), ("ä" * 8, "Third"), ("_" * 16, "Fourth")):
        store_post(connection, a_post(key, title=title, text=ODD, published=NOW + timedelta(microseconds=7)))
    connection.execute(
        meanings.insert(),
        [{"model": "m", "text_hash": bytes([0, 255, 7]), "point": bytes(range(256)), "at": NOW}],
    )
    connection.execute(networks.insert().values(network="192.0.2.0/24", times=(NOW,), seen_at=None))
    connection.execute(pings.insert().values(feed="f", hub="h", sha256="", attempts=2, reply=ODD))
    connection.execute(tries.insert(), [{"subject": "x", "at": NOW}, {"subject": "y", "at": NOW}])
    subscribe(connection, *PEOPLE)
    request(connection)
    rows = deliveries.claim(connection, WEEKLY, "a sender", 2, NOW, timedelta(minutes=5))
    deliveries.begin(connection, rows, NOW)
    deliveries.settle(connection, [(rows[0], Settled(DeliveryState.ACCEPTED, None, "250 taken", True))], NOW)
    put(connection, "waiting")
    audit.add(connection, "command line", "send", str(WEEKLY), NOW, ODD)


@contextmanager
def postgres_database(server: Engine, *, migrated: bool = False) -> Iterator[str]:
    """The URL of a PostgreSQL database, empty or with its tables, for as long as the block lasts."""
    name = f"digest_test_{uuid4().hex}"
    create_postgres(server, name, migrated=migrated)
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
