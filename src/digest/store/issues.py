"""Issues: drafts, what was frozen, what freezing settled, and the stored renderings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from datetime import date, datetime

from sqlalchemy import Connection, Text, and_, exists, func, select, type_coerce, update

from digest import codec
from digest.errors import DigestError, NotFoundError
from digest.model import (
    Before,
    Edit,
    Issue,
    IssueDocument,
    IssueId,
    IssueState,
    Rendering,
    SendState,
    Settlement,
    Version,
)
from digest.store.schema import digests, sends, settlements
from digest.store.schema import edits as edits_table
from digest.store.schema import issues as issues_table
from digest.store.schema import renderings as renderings_table
from digest.store.schema import versions as versions_table
from digest.store.statements import batches, columns_of, insert_into, write

_EDIT_COLUMNS = tuple(edits_table.c[field.name] for field in fields(Edit))
_ISSUE_COLUMNS = tuple(issues_table.c[field.name] for field in fields(Issue))
_REDRAFTED = ("document", "edit", "updated_at", "goes_out_at", "drafted_at", "dropped", "later")


def digest_started(connection: Connection, slug: str, now: datetime) -> datetime:
    """When this digest was first seen; the first call makes that ``now``."""
    first = insert_into(connection, digests).values(slug=slug, started_at=now)
    connection.execute(first.on_conflict_do_nothing())
    return started(connection, slug)


def started(connection: Connection, slug: str) -> datetime:
    """When this digest was first seen.

    Raises:
        NotFoundError: it was never.
    """
    found: datetime | None = connection.execute(
        select(digests.c.started_at).where(digests.c.slug == slug)
    ).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"The digest {slug} has never been opened with this database.")
    return found


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def issue(connection: Connection, issue_id: IssueId) -> Issue | None:
    """One issue, or None."""
    row = connection.execute(select(*_ISSUE_COLUMNS).where(issues_table.c.id == issue_id)).one_or_none()
    return Issue(**row._mapping) if row else None


def issues(
    connection: Connection, digest: str | None = None, states: Collection[IssueState] | None = None
) -> tuple[Issue, ...]:
    """Issues by slot and name, oldest first: of one digest or all, in some states or any."""
    query = select(*_ISSUE_COLUMNS).order_by(issues_table.c.slot, issues_table.c.name, issues_table.c.digest)
    if digest is not None:
        query = query.where(issues_table.c.digest == digest)
    if states is not None:
        query = query.where(issues_table.c.state.in_(states))
    return tuple(Issue(**row._mapping) for row in connection.execute(query))


def unfinished(connection: Connection, digest: str) -> tuple[Issue, ...]:
    """The issues of a digest that may still need a step: not published, or neither sent nor given up; oldest first."""
    ended = exists().where(
        sends.c.issue == issues_table.c.id, sends.c.state.in_((SendState.FINISHED, SendState.CANCELLED))
    )
    query = (
        select(*_ISSUE_COLUMNS)
        .where(issues_table.c.digest == digest, issues_table.c.state != IssueState.SKIPPED, ~ended)
        .order_by(issues_table.c.slot, issues_table.c.name)
    )
    return tuple(Issue(**row._mapping) for row in connection.execute(query))


def slots(connection: Connection, digest: str) -> tuple[tuple[date, IssueState], ...]:
    """The slot and state of each regular issue of a digest, oldest first."""
    query = (
        select(issues_table.c.slot, issues_table.c.state)
        .where(issues_table.c.digest == digest, issues_table.c.name == "")
        .order_by(issues_table.c.slot)
    )
    return tuple((row.slot, row.state) for row in connection.execute(query))


def moved(connection: Connection, digest: str) -> tuple[datetime, ...]:
    """When the regular issues go out that do so at another time than their slot's; skipped ones left out."""
    query = select(issues_table.c.goes_out_at).where(
        issues_table.c.digest == digest,
        issues_table.c.name == "",
        issues_table.c.state != IssueState.SKIPPED,
        issues_table.c.goes_out_at.is_not(None),
    )
    return tuple(connection.execute(query).scalars())


def settled_elsewhere(
    connection: Connection, issue_id: IssueId, keys: Collection[str]
) -> Mapping[str, IssueId]:
    """Which of these posts another issue of the digest has settled, by post key."""
    found: dict[str, IssueId] = {}
    for batch in batches(sorted(keys)):
        theirs = select(settlements.c.post, settlements.c.issue).where(
            settlements.c.digest == issue_id.digest,
            settlements.c.issue != issue_id,
            settlements.c.post.in_(batch),
        )
        found |= {row.post: row.issue for row in connection.execute(theirs)}
    return found


def left_open(connection: Connection, digest: str, key: str) -> Issue | None:
    """The newest issue of a digest from which an editor left this post to the next one."""
    named = type_coerce(issues_table.c.later, Text).contains(f'"{key}"', autoescape=True)
    query = select(*_ISSUE_COLUMNS).where(issues_table.c.digest == digest, named)
    row = connection.execute(query.order_by(issues_table.c.slot.desc()).limit(1)).one_or_none()
    return Issue(**row._mapping) if row else None


def version(connection: Connection, issue_id: IssueId, number: int | None = None) -> Version:
    """A frozen version of an issue, the newest one where no number is given.

    Raises:
        NotFoundError: there is no such version.
    """
    query = (
        select(versions_table)
        .where(versions_table.c.issue == issue_id)
        .order_by(versions_table.c.number.desc())
    )
    if number is not None:
        query = query.where(versions_table.c.number == number)
    row = connection.execute(query.limit(1)).one_or_none()
    if row is None:
        which = f"version {number}" if number else "frozen version"
        raise NotFoundError(
            f"There is no {which} of {issue_id}; approving it makes one: digest approve {issue_id}"
        )
    return Version(**row._mapping)


# ── drafting ─────────────────────────────────────────────────────────────────────────────────────


def save_draft(connection: Connection, issue: Issue, replaces_edit: int | None = None) -> bool:
    """Store a draft; False, and nothing is written, where it was approved, skipped or edited meanwhile.

    ``replaces_edit`` is the edit count of the draft this one was made from; by default that of ``issue``,
    as when a draft is made anew. An editor's change raises ``issue.edit`` and names the one before.
    """
    digest_started(connection, issue.id.digest, issue.created_at)
    row = columns_of(issue) | {"digest": issue.id.digest, "slot": issue.id.slot, "name": issue.id.name}
    expected = issue.edit if replaces_edit is None else replaces_edit
    insert = insert_into(connection, issues_table).values(**row)
    saved = insert.on_conflict_do_update(
        index_elements=["id"],
        set_={name: row[name] for name in _REDRAFTED},
        where=and_(issues_table.c.state == IssueState.DRAFT, issues_table.c.edit == expected),
    )
    return write(connection, saved) == 1


def add_edit(connection: Connection, edit: Edit, before: Before | None = None) -> None:
    """Remember what an editor's change did, in the transaction that stores it, and how the issue was before it."""
    connection.execute(edits_table.insert().values(**columns_of(edit), before=before))


def edits(connection: Connection, issue_id: IssueId, after: int = 0) -> tuple[Edit, ...]:
    """The changes of an issue by its editors since one of them, in their order."""
    query = select(*_EDIT_COLUMNS).where(edits_table.c.issue == issue_id, edits_table.c.number > after)
    return tuple(Edit(**row._mapping) for row in connection.execute(query.order_by(edits_table.c.number)))


def before(connection: Connection, issue_id: IssueId, number: int) -> Before | None:
    """The issue as it was before one of its changes; None where that is not known."""
    query = select(edits_table.c.before).where(
        edits_table.c.issue == issue_id, edits_table.c.number == number
    )
    found: Before | None = connection.execute(query).scalar()
    return found


# ── freezing ─────────────────────────────────────────────────────────────────────────────────────


def hold(connection: Connection, issue_id: IssueId, why: str, now: datetime) -> bool:
    """Keep a draft back for a person; False where it is no draft any more."""
    return _move(connection, issue_id, (IssueState.DRAFT,), {"held": why, "updated_at": now})


def next_number(connection: Connection, digest: str, first: int = 1) -> int:
    """The number of the next issue of a digest, at least ``first``; no other transaction gets it before this one ends."""
    _lock(connection, digest)
    highest = select(func.max(issues_table.c.number)).where(issues_table.c.digest == digest)
    return max(int(connection.execute(highest).scalar() or 0) + 1, first)


def freeze(
    connection: Connection,
    issue: Issue,
    version: Version,
    post_settlements: Mapping[str, Settlement],
    now: datetime,
) -> None:
    """Approve a draft: its version, its number (that of the document in the version) and its settlements.

    All or nothing, in the caller's transaction. ``post_settlements`` is by post key.

    Raises:
        DigestError: the draft was edited, approved or skipped meanwhile, or another issue of the digest
            has settled one of its posts.
    """
    _lock(connection, issue.id.digest)
    document = codec.load(IssueDocument, version.data)
    unchanged = and_(
        issues_table.c.id == issue.id,
        issues_table.c.state == IssueState.DRAFT,
        issues_table.c.edit == issue.edit,
    )
    frozen = {"state": IssueState.APPROVED, "approved_at": now, "updated_at": now, "version": version.number}
    frozen |= {"held": ""}
    frozen |= {"document": document, "number": document.number, "goes_out_at": issue.goes_out_at}
    if not write(connection, update(issues_table).where(unchanged).values(**frozen)):
        raise DigestError(f"{issue.id} was changed meanwhile; look at it again: digest show {issue.id}")
    connection.execute(versions_table.insert().values(**columns_of(version)))
    _settle(connection, issue.id, post_settlements, now)


def _lock(connection: Connection, digest: str) -> None:
    ours = select(digests.c.slug).where(digests.c.slug == digest)
    connection.execute(ours.with_for_update(key_share=True))  # a plain FOR UPDATE would wait for every draft


def _settle(
    connection: Connection, issue_id: IssueId, post_settlements: Mapping[str, Settlement], now: datetime
) -> None:
    _refuse_settled(connection, issue_id, post_settlements)
    rows = [
        {"digest": issue_id.digest, "post": post, "issue": issue_id, "settlement": settlement, "at": now}
        for post, settlement in sorted(post_settlements.items())
    ]
    for batch in batches(rows):
        connection.execute(settlements.insert(), batch)


def _refuse_settled(connection: Connection, issue_id: IssueId, keys: Collection[str]) -> None:
    for post, issue in settled_elsewhere(connection, issue_id, keys).items():
        again = f"draft it again: digest draft {issue_id.digest}"
        raise DigestError(f"The post {post} stands in {issue} already, so {issue_id} is out of date; {again}")


# ── after freezing ───────────────────────────────────────────────────────────────────────────────


def reopen(connection: Connection, issue: Issue, why: str, now: datetime) -> bool:
    """Make a draft again of an approved issue that is not published: what approving settled is free again.

    Its version is kept, and its number goes to whichever issue is approved next. The draft waits for a person.

    Args:
        issue: as its editor has seen it.
        why: the approval is void, in one sentence.

    Returns:
        False, and nothing is written, where it was edited, published or skipped meanwhile.
    """
    _lock(connection, issue.id.digest)
    document = replace(issue.document, number=None)
    seen = and_(
        issues_table.c.id == issue.id,
        issues_table.c.state == IssueState.APPROVED,
        issues_table.c.edit == issue.edit,
        issues_table.c.version == issue.version,
    )
    reopened = {
        "state": IssueState.DRAFT,
        "approved_at": None,
        "number": None,
        "held": why,
        "updated_at": now,
    }
    if not write(connection, update(issues_table).where(seen).values(**reopened, document=document)):
        return False
    connection.execute(settlements.delete().where(settlements.c.issue == issue.id))
    return True


def published(connection: Connection, issue_id: IssueId, now: datetime) -> bool:
    """Mark an approved issue as published; False where it was already.

    Raises:
        DigestError: it is not approved.
    """
    changed = {"state": IssueState.PUBLISHED, "published_at": now, "updated_at": now}
    if _move(connection, issue_id, (IssueState.APPROVED,), changed):
        return True
    if _state(connection, issue_id) is IssueState.PUBLISHED:
        return False
    raise DigestError(f"{issue_id} is not approved; approve it first: digest approve {issue_id}")


def put_off(connection: Connection, issue_id: IssueId, goes_out_at: datetime, now: datetime) -> bool:
    """Say when an approved issue goes out; False where it is not approved, or published already."""
    changed = {"goes_out_at": goes_out_at, "updated_at": now}
    return _move(connection, issue_id, (IssueState.APPROVED,), changed)


def skip(connection: Connection, issue_id: IssueId, why: str, now: datetime) -> None:
    """Give up an issue that is not published; its posts stay open and its number goes to the next one.

    Raises:
        DigestError: it is published or skipped already.
    """
    changed = {"state": IssueState.SKIPPED, "skipped_why": why, "updated_at": now, "number": None}
    if not _move(connection, issue_id, (IssueState.DRAFT, IssueState.APPROVED), changed):
        raise DigestError(f"{issue_id} is {_state(connection, issue_id)} and cannot be skipped.")
    connection.execute(settlements.delete().where(settlements.c.issue == issue_id))


def _move(
    connection: Connection, issue_id: IssueId, states: Collection[IssueState], values: Mapping[str, object]
) -> bool:
    still = and_(issues_table.c.id == issue_id, issues_table.c.state.in_(states))
    return write(connection, update(issues_table).where(still).values(**values)) == 1


def _state(connection: Connection, issue_id: IssueId) -> IssueState:
    state: IssueState | None = connection.execute(
        select(issues_table.c.state).where(issues_table.c.id == issue_id)
    ).scalar()
    if state is None:
        raise NotFoundError(f"There is no issue {issue_id}.")
    return state


def save_renderings(connection: Connection, renderings: Iterable[Rendering]) -> None:
    """Store the bytes of a version for each choice of themes; those stored already stay as they are."""
    for rendering in renderings:
        insert = insert_into(connection, renderings_table).values(**columns_of(rendering))
        connection.execute(insert.on_conflict_do_nothing())


def renderings(connection: Connection, issue_id: IssueId, version: int) -> tuple[Rendering, ...]:
    """All renderings of a version, by choice."""
    ours = and_(renderings_table.c.issue == issue_id, renderings_table.c.version == version)
    query = select(renderings_table).where(ours).order_by(renderings_table.c.choice)
    return tuple(Rendering(**row._mapping) for row in connection.execute(query))
