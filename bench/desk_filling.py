"""A database as full as a busy installation's after years: what ``bench/desk.py`` asks the desk's pages of."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import islice

from archive import word
from sqlalchemy import Connection, Table, func, insert, literal, select, text, update

from digest import codec, store
from digest.model import (
    BounceEffect,
    BounceKind,
    DeliveryState,
    IssueDocument,
    IssueId,
    PostKind,
    Send,
    SendState,
    Settlement,
    SuppressionCause,
    Version,
)
from digest.pipeline.installation import Installation
from digest.store import schema
from digest.store.database import transaction
from digest.store.statements import columns_of
from publish_samples import issue as sample_issue
from store_samples import an_issue

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
DIGESTS = ("weekly", "daily", "monthly", "letters")
IN_FILE = tuple(f"s{number}" for number in range(20))  # the sources that config.toml has
_BATCH, _NEW = 5_000, 3_000
_WORDS = "the river and its lock keepers were asked what they know of water and of schools in the valley "

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is. ``sends`` of the first digest went to everybody."""

    posts: int = 100_000
    sources: int = 500
    issues: int = 200
    subscribers: int = 300_000
    sends: int = 4
    bounces: int = 20_000
    log: int = 50_000

    def scaled(self, part: int) -> Size:
        """A smaller one, to try the benchmark."""
        return replace(
            self,
            posts=self.posts // part,
            subscribers=self.subscribers // part,
            bounces=self.bounces // part,
            log=self.log // part,
        )


def fill(installation: Installation, size: Size) -> None:
    """Write it straight into the tables; what the rows mean is what the store would have written."""
    with transaction(installation.engine) as connection:
        _add(connection, schema.sources, _sources(size.sources))
        _add(connection, schema.posts, _posts(size))
        _add(connection, schema.revisions, _revisions(size))
        for number in range(size.issues):
            _publish(connection, DIGESTS[number % len(DIGESTS)], number // len(DIGESTS))
        _add_people(connection, size.subscribers)
    for number in range(size.sends, 0, -1):  # the newest stands at the end of the ledger
        with transaction(installation.engine) as connection:
            _send(connection, number, running=number == 1)
    with transaction(installation.engine) as connection:
        _add(connection, schema.bounces, _bounces(connection, size.bounces))
        _add(connection, schema.suppressions, _suppressions(size.bounces))
        _add(connection, schema.audit, _log(size.log))
    _tidy(installation)


def _tidy(installation: Installation) -> None:
    """As the database keeps itself after a while: PostgreSQL by its autovacuum."""
    tidying = installation.engine.execution_options(isolation_level="AUTOCOMMIT")
    with tidying.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql("ANALYZE" if is_sqlite else "VACUUM ANALYZE")


def _add(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    source = iter(rows)
    while batch := list(islice(source, _BATCH)):
        connection.execute(insert(table), batch)


# ── what is followed ─────────────────────────────────────────────────────────────────────────────


def _sources(count: int) -> Iterator[Row]:
    with_everything = dict.fromkeys(
        ("site_url", "language", "etag", "last_modified", "body_hash", "old_url", "moved_to"), ""
    )
    for number in range(len(IN_FILE), count):
        failing = number % 50 == 49
        yield {
            **with_everything,
            "slug": f"s{number}",
            "url": f"https://s{number}.example.org/feed",
            "title": f"The blog of place {number}",
            "own": False,
            "weight": 1.0,
            "owner": "command",
            "retired": False,
            "kind": PostKind.ARTICLE,
            "added_at": NOW - timedelta(days=900),
            "first_collected_at": NOW - timedelta(days=900),
            "last_polled_at": NOW - timedelta(hours=1),
            "last_good_at": NOW - timedelta(days=30 if failing else 0, hours=1),
            "next_poll_at": NOW + timedelta(hours=1),
            "failures": 300 if failing else 0,
            "status": "It answered with 503." if failing else "It answered with a feed.",
            "shorts": False,
            "live": False,
            "premieres": False,
            "fulltext": "auto",
            "labels": (),
            "moved_times": 0,
            "skip_hours": (),
            "newest_at": NOW - timedelta(hours=5),
        }


def _when(number: int, size: Size) -> datetime:
    """The posts came evenly over two years, the first one last."""
    return NOW - timedelta(minutes=30) - number * timedelta(days=730) / size.posts


def _posts(size: Size) -> Iterator[Row]:
    for number in range(size.posts):
        source, when = f"s{number % size.sources}", _when(number, size)
        yield {
            "key": f"{number:016}",
            "source": source,
            "kind": PostKind.ARTICLE,
            "guid": f"tag:{source}.example.org,2026:{number}",
            "url": f"https://{source}.example.org/{number}",
            "url_hash": sha256(f"https://{source}.example.org/{number}".encode()).hexdigest(),
            "title_trace": "",
            "link_trace": "",
            "first_seen": when,
            "published": when,
            "revision": 1,
            "held": "found late" if number % 1_000 == 999 else "",
            "indexed": 1,
        }


def _revisions(size: Size) -> Iterator[Row]:
    for number in range(size.posts):
        said = f"{_said(number)} “Nobody asked us about the water of place {number},” said Ines Varga."
        yield {
            "post": f"{number:016}",
            "number": 1,
            "hash": f"{number:064}",
            "title": f"What the river says of {word(number)}",
            "html": f"<p>{said}</p>",
            "text": said,
            "summary": "",
            "authors": ("Tam Orrel",),
            "labels": ("water",),
            "language": "en",
            "videos": (),
            "seen_at": _when(number, size),
        }


def _said(number: int) -> str:
    """Words of its own for a new post, so that it tells no story that another one tells."""
    if number > _NEW:
        return _WORDS * 8
    drawn = random.Random(number).choices(range(3_000), k=120)
    return f"{_WORDS} {' '.join(map(word, drawn))}."


# ── issues, and who got them ─────────────────────────────────────────────────────────────────────


def issue_of(digest: str, ago: int) -> IssueId:
    """The issue of some weeks ago; 1 is the newest."""
    return IssueId(digest, date(2026, 11, 15) - timedelta(weeks=ago - 1))


def _publish(connection: Connection, digest: str, ago: int) -> None:
    issue_id = issue_of(digest, ago + 1)
    when = datetime(issue_id.slot.year, issue_id.slot.month, issue_id.slot.day, 9, tzinfo=UTC)
    document = replace(sample_issue(8), id=issue_id, title=f"Water, week {ago}", number=1_000 - ago)
    data = codec.dump(IssueDocument, document)
    store.issues.digest_started(connection, digest, NOW - timedelta(days=900))
    draft = an_issue(issue_id, document=document, created_at=when, updated_at=when)
    version = Version(issue_id, 1, data, sha256(data).hexdigest(), when)
    assert store.issues.save_draft(connection, draft)
    store.issues.freeze(connection, draft, version, {}, when)
    store.issues.published(connection, issue_id, when)
    send = columns_of(Send(issue_id, 1, SendState.FINISHED, when, when + timedelta(days=1)))
    connection.execute(insert(schema.sends).values(**send, finished_at=when))
    settled = [
        {
            "digest": digest,
            "post": f"{ago * 40 + number:016}",
            "issue": issue_id,
            "settlement": Settlement.PICKED,
            "at": when,
        }
        for number in range(12)
    ]
    connection.execute(insert(schema.settlements), settled)


def _add_people(connection: Connection, count: int) -> None:
    """Written by the database itself: a first row of each kind, and its like."""
    first = {
        "id": 1,
        "address": "reader1@example.org",
        "address_key": "reader1@example.org",
        "created_at": NOW,
    }
    connection.execute(insert(schema.subscribers).values(**first))
    numbers = f"WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < {count}) "
    name = "'reader' || n || '@place' || (n % 300) || '.example.org'"
    said = f"SELECT n, {name}, {name}, (SELECT created_at FROM subscribers WHERE id = 1) FROM n"
    columns = "INSERT INTO subscribers (id, address, address_key, created_at) "
    is_sqlite = connection.dialect.name == "sqlite"
    connection.execute(text(columns + numbers + said if is_sqlite else numbers + columns + said))
    people = schema.subscribers.c
    for place, digest in enumerate(DIGESTS):
        subscription = select(
            people.id,
            literal(digest),
            literal("confirmed"),
            literal(""),
            people.created_at,
            literal("a form on paper"),
        ).where(people.id % (3 * place + 1) == 0)
        into = ["subscriber", "digest", "state", "choice", "consent_at", "consent_source"]
        connection.execute(insert(schema.subscriptions).from_select(into, subscription))


def _send(connection: Connection, ago: int, *, running: bool) -> None:
    """A send to all: some bounced, some still wait where it is running, two of them in doubt."""
    issue_id = issue_of(DIGESTS[0], ago)
    connection.execute(schema.sends.delete().where(schema.sends.c.issue == issue_id))
    at = NOW - timedelta(weeks=ago - 1, minutes=40)
    send = Send(issue_id, 1, SendState.RUNNING, at, at + timedelta(days=1))
    assert store.deliveries.request_send(connection, send, ())
    rows = schema.deliveries.c
    theirs = update(schema.deliveries).where(rows.issue == issue_id)
    went = {
        "state": DeliveryState.ACCEPTED,
        "attempts": 1,
        "reply": "250 2.0.0 Ok: queued as 4TzQ1x",
        "version": 1,
    }
    last = rows.id % 5 == 0 if running else rows.id < 0
    for minute in range(30):
        then = theirs.where(rows.id % 30 == minute, ~last)
        connection.execute(then.values(**went, settled_at=at + timedelta(minutes=minute)))
    connection.execute(
        theirs.where(rows.id % 500 == 1).values(
            state=DeliveryState.REJECTED, reply="550 5.1.1 no such mailbox"
        )
    )
    if running:
        newest = select(func.max(rows.id)).scalar_subquery()
        connection.execute(
            theirs.where(rows.id > newest - 2).values(state=DeliveryState.IN_DOUBT, settled_at=None)
        )
    else:
        connection.execute(
            update(schema.sends)
            .where(schema.sends.c.issue == issue_id)
            .values(state=SendState.FINISHED, finished_at=at)
        )


def _bounces(connection: Connection, count: int) -> list[Row]:
    rejected = select(schema.deliveries.c.id, schema.deliveries.c.subscriber).where(
        schema.deliveries.c.state == DeliveryState.ACCEPTED
    )
    found = connection.execute(rejected.order_by(schema.deliveries.c.id.desc()).limit(count)).all()
    return [
        {
            "at": NOW - timedelta(minutes=number % 40_000),
            "delivery": delivery,
            "subscriber": subscriber,
            "sent_at": NOW - timedelta(days=1),
            "domain": f"place{number % 300}.example.org",
            "kind": list(BounceKind)[number % 3],
            "status": "5.1.1",
            "words": "550 5.1.1 There is no such mailbox here.",
            "source": "lmtp",
            "effect": BounceEffect.NOTHING,
            "why": "",
            "fingerprint": f"{number:032}",
        }
        for number, (delivery, subscriber) in enumerate(found)
    ]


def _suppressions(count: int) -> Iterator[Row]:
    for number in range(count):
        address = f"gone{number}@example.org"
        yield {
            "address_key": address,
            "address": address,
            "reason": "asked by phone",
            "cause": SuppressionCause.PERSON,
            "at": NOW,
        }


def _log(count: int) -> Iterator[Row]:
    for number in range(count):
        at = NOW - timedelta(minutes=count - number)
        yield {
            "at": at,
            "editor": None,
            "who": "command line",
            "action": "edit",
            "subject": f"weekly/{number % 400}",
            "detail": "",
        }
