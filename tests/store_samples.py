"""Values and stored rows that the tests of the store, and of what stands on it, begin with."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, Engine

from digest import codec
from digest.deliver.ledger import Settled
from digest.model import (
    Comments,
    Delivery,
    DeliveryState,
    Issue,
    IssueDocument,
    IssueId,
    IssueState,
    Post,
    PostKind,
    Send,
    SendState,
    Settlement,
    Source,
    Version,
    Video,
)
from digest.store import audience, deliveries, issues, posts, sources
from digest.store.audience import ImportRow
from digest.store.database import transaction

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=5)
A_MOMENT = 0.3  # seconds in which a transaction that is not blocked would long be over
WEEKLY = IssueId("weekly", date(2026, 11, 22))


def a_source(slug: str = "harbour", **changes: object) -> Source:
    """A source of the file."""
    plain = Source(slug, f"https://{slug}.example.org/feed", title=f"The {slug} blog")
    return replace(plain, **changes)  # type: ignore[arg-type]


def a_post(key: str = "aaaabbbbccccdddd", source: str = "harbour", **changes: object) -> Post:
    """A post with something in every field."""
    plain = Post(
        key,
        source,
        PostKind.ARTICLE,
        guid=f"tag:{source}.example.org,2026:{key}",
        url=f"https://{source}.example.org/{key}",
        title="Who keeps the harbour lights",
        first_seen=NOW,
        published=NOW - HOUR,
        updated=NOW - HOUR / 2,
        authors=("Ilse Morrow",),
        labels=("harbours", "pilots"),
        language="en",
        html="<p>The lights are kept by nobody.</p>",
        text="The lights are kept by nobody.",
        summary="On lights.",
        videos=(Video("youtube", "aBcDeFgHiJk", "https://www.youtube.com/watch?v=aBcDeFgHiJk", "Lights"),),
        comments=Comments(3, "https://harbour.example.org/lights#comments"),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def an_issue(issue_id: IssueId = WEEKLY, introduction: str = "", **changes: object) -> Issue:
    """A draft without picks."""
    document = IssueDocument(issue_id, "The Weekly", "en", "Harbours", "Harbours", introduction, groups=())
    return replace(Issue(issue_id, IssueState.DRAFT, document, NOW, NOW), **changes)  # type: ignore[arg-type]


def a_version(issue: Issue, number: int | None = None, version: int = 1) -> Version:
    """What freezing a draft makes of its document."""
    data = codec.dump(IssueDocument, replace(issue.document, number=number))
    return Version(issue.id, version, data, sha256(data).hexdigest(), NOW)


def store_post(connection: Connection, post: Post) -> None:
    """A stored post, and its source where missing; its identity is its guid, its hash that of its text."""
    if sources.source(connection, post.source) is None:
        sources.add_source(connection, a_source(post.source), NOW)
    posts.add_post(connection, post, post.guid, f"hash of {post.text}", NOW)


def freeze(
    connection: Connection, issue_id: IssueId = WEEKLY, settled: Sequence[str] = (), now: datetime = NOW
) -> Issue:
    """A stored issue that was drafted and approved, with those posts picked."""
    draft = an_issue(issue_id)
    assert issues.save_draft(connection, draft)
    version = a_version(draft, issues.next_number(connection, issue_id.digest))
    issues.freeze(connection, draft, version, dict.fromkeys(settled, Settlement.PICKED), now)
    approved = issues.issue(connection, issue_id)
    assert approved is not None
    return approved


def subscribe(
    connection: Connection, *addresses: str, digest: str = "weekly", themes: tuple[str, ...] = ()
) -> None:
    """Confirmed subscriptions, with ids in this order in an empty database."""
    for address in addresses:
        audience.import_rows(connection, [ImportRow(address, digest, themes, NOW, "a fair")], NOW)


def request(connection: Connection, issue_id: IssueId = WEEKLY, empty_choices: Sequence[str] = ()) -> Send:
    """A running send of a frozen issue to whoever is subscribed."""
    freeze(connection, issue_id)
    send = Send(issue_id, 1, SendState.RUNNING, NOW, NOW + 24 * HOUR)
    assert deliveries.request_send(connection, send, empty_choices)
    return send


def begin_row(connection: Connection, row: Delivery, now: datetime) -> bool:
    """Whether the body of this one row may leave."""
    return bool(deliveries.begin(connection, [row], now))


def settle_row(
    connection: Connection,
    row: Delivery,
    state: DeliveryState,
    reply: str = "",
    next_try_at: datetime | None = None,
    now: datetime = NOW,
) -> bool:
    """Write what became of this one row; whether it was still its owner's."""
    tried = next_try_at is None or next_try_at != row.next_try_at
    return bool(deliveries.settle(connection, [(row, Settled(state, next_try_at, reply, tried))], now))


def meanwhile(engine: Engine, first: Callable[[Connection], object], second: Callable[[], object]) -> object:
    """The result of ``second``, which starts while ``first`` has done its work and not yet committed."""
    with ThreadPoolExecutor(1) as other:
        with transaction(engine) as connection:
            first(connection)
            waiting: Future[object] = other.submit(second)
            time.sleep(A_MOMENT)
        return waiting.result(30)
