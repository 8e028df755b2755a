"""Forgetting what is old: which rows, and in steps so short that nobody who writes has to wait.

Rules are data: a table, the rows of it that are old, and what they become. The rows are looked up in a transaction
that only reads, and changed some hundred at a time. What proves that a mail went out, and what keeps a thing from
being done twice, has no rule; docs/operation.md has the whole list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sqlite3 import OperationalError

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)

from digest.deliver.ledger import OPEN
from digest.desk import signing
from digest.model import BounceEffect, IssueState, OutboxKind, SendState
from digest.settings import RetentionSettings
from digest.store.columns import ColumnValue
from digest.store.database import reading, transaction
from digest.store.schema import (
    audit,
    bounces,
    deliveries,
    domain_pauses,
    edits,
    errands,
    issues,
    looks,
    merges,
    notices,
    outbox,
    posts,
    revisions,
    sends,
    sessions,
    settlements,
    tries,
)
from digest.store.statements import batches, write

BATCH = 500  # rows changed in one transaction
_LOOKED_UP = 20_000  # keys in memory
_SPAN = 2_000  # rows of the ledger, by their numbers
_PAUSES_KEPT = timedelta(days=90)  # longer than one storm has a bearing on the next (``deliver.verdicts``)
_FREE_PAGES = 2_000  # that are given back in one transaction
_OVER = (SendState.FINISHED, SendState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is forgotten of a table: ``which`` rows are old, and ``values`` of them then; without values they go whole."""

    name: str
    table: Table
    which: ColumnElement[bool]
    values: Mapping[str, ColumnValue] = field(default_factory=dict)


def rules(settings: RetentionSettings, unfinished: Sequence[str], now: datetime) -> tuple[Rule, ...]:
    """What is old at ``now``; ``unfinished`` are the posts of issues that are still being made."""
    before = {name: now - timedelta(days=days) for name, days in settings if days is not None}
    mail = before["mail_days"]
    return (
        Rule("notices", notices, notices.c.settled_at < mail),
        *_of_bounces(before["bounces_days"]),
        *_of_sign_ins(now),
        Rule("pauses of domains", domain_pauses, domain_pauses.c.until < now - _PAUSES_KEPT),
        Rule("what edits replaced", edits, _is_settled_edit(before["edits_days"]), {"before": None}),
        Rule("former texts of posts", revisions, _is_former(before["revisions_days"], unfinished)),
        _of_latest_issues(before["addresses_days"]),
        *(
            [Rule("log of the desk", audit, audit.c.at < before["audit_days"])]
            if "audit_days" in before
            else []
        ),
    )


def _of_bounces(before: datetime) -> Iterator[Rule]:
    """What a bounce did stays, for the next one counts with it."""
    unmatched = bounces.c.effect == BounceEffect.UNMATCHED
    yield Rule("unmatched bounces", bounces, unmatched & (bounces.c.at < before))
    said = ~unmatched & (bounces.c.words != "") & (bounces.c.at < before)
    yield Rule("words of bounces", bounces, said, {"words": ""})


def _of_sign_ins(now: datetime) -> Iterator[Rule]:
    ended = or_(sessions.c.seen_at < now - signing.IDLE, sessions.c.began_at < now - signing.LONGEST)
    yield Rule("sessions that have ended", sessions, ended)
    yield Rule("previews that editors saw", looks, looks.c.at < now - signing.LONGEST)
    yield Rule("links of editors", errands, errands.c.expires_at < now)
    yield Rule("wrong passwords", tries, tries.c.at < now - signing.TRY_WINDOW)


def _is_settled_edit(before: datetime) -> ColumnElement[bool]:
    settled = select(issues.c.id).where(issues.c.state.in_([IssueState.PUBLISHED, IssueState.SKIPPED]))
    return and_(edits.c.before.is_not(None), edits.c.at < before, edits.c.issue.in_(settled))


def _is_former(before: datetime, unfinished: Sequence[str]) -> ColumnElement[bool]:
    """A text that was replaced, and that no issue quotes, nor a merge may come back to."""
    replaced = exists().where(
        posts.c.key == revisions.c.post, posts.c.revision > revisions.c.number, posts.c.first_seen < before
    )
    quoted = exists().where(settlements.c.post == revisions.c.post)
    merged = exists().where(merges.c.post == revisions.c.post)
    return and_(revisions.c.seen_at < before, replaced, ~quoted, ~merged, revisions.c.post.not_in(unfinished))


def _of_latest_issues(before: datetime) -> Rule:
    """Of an issue that was sent at once, the key stays: nobody gets it twice."""
    old = and_(outbox.c.kind == OutboxKind.ISSUE, outbox.c.settled_at < before, outbox.c.address != "")
    blank = {"address": "", "address_key": "", "reply": ""}
    return Rule("addresses of single issues", outbox, old, blank)


# ── doing it ─────────────────────────────────────────────────────────────────────────────────────


def count(engine: Engine, rule: Rule) -> int:
    """How many rows a rule means."""
    with reading(engine) as connection:
        query = select(func.count()).select_from(rule.table).where(rule.which)
        return connection.execute(query).scalar_one()


def apply(engine: Engine, rule: Rule, is_over: Callable[[], bool]) -> int:
    """Do what a rule says, until nothing is left or it ``is_over``; how many rows that was."""
    done = 0
    while not is_over():
        keys = _looked_up(engine, rule)
        for batch in batches(keys, BATCH):
            if is_over():
                return done
            with transaction(engine) as connection:
                done += _changed(connection, rule, batch)
        if len(keys) < _LOOKED_UP:
            break
    return done


def _looked_up(engine: Engine, rule: Rule) -> list[tuple[ColumnValue, ...]]:
    key = rule.table.primary_key.columns
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(select(*key).where(rule.which).limit(_LOOKED_UP))]


def _changed(connection: Connection, rule: Rule, keys: Sequence[tuple[ColumnValue, ...]]) -> int:
    """Of these rows those that are still old: somebody may have changed one meanwhile."""
    these = and_(tuple_(*rule.table.primary_key.columns).in_(keys), rule.which)
    if rule.values:
        return write(connection, update(rule.table).where(these).values(**rule.values))
    return write(connection, delete(rule.table).where(these))


# ── the ledger ───────────────────────────────────────────────────────────────────────────────────

_CLOSED = and_(deliveries.c.state.not_in(OPEN), or_(deliveries.c.address != "", deliveries.c.reply != ""))


def count_addresses(engine: Engine, before: datetime) -> int:
    """How many rows of sends that ended before a moment still name an address."""
    with reading(engine) as connection:
        query = (
            select(func.count())
            .select_from(deliveries)
            .where(deliveries.c.issue.in_(_old_sends(before)), _CLOSED)
        )
        return connection.execute(query).scalar_one()


def forget_addresses(engine: Engine, before: datetime, now: datetime, is_over: Callable[[], bool]) -> int:
    """Blank addresses and the relay's words in the rows of sends that ended before a moment.

    The rows stay, one for each person: what proves that nobody was missed, and keeps anybody from getting it twice.
    A row that is open or in doubt keeps its address, and its send is looked at again.
    """
    with reading(engine) as connection:
        old = list(connection.execute(_old_sends(before)).scalars())
    done = 0
    for issue in old:
        for first in _spans(engine, deliveries.c.issue == issue):
            if is_over():
                return done
            with transaction(engine) as connection:
                these = and_(
                    deliveries.c.issue == issue, deliveries.c.id.between(first, first + _SPAN - 1), _CLOSED
                )
                done += write(connection, update(deliveries).where(these).values(address="", reply=""))
        with transaction(engine) as connection:
            named = exists().where(deliveries.c.issue == sends.c.issue, deliveries.c.address != "")
            forgotten = update(sends).where(sends.c.issue == issue, ~named)
            connection.execute(forgotten.values(forgotten_at=now))
    return done


def _old_sends(before: datetime) -> ColumnValue:
    old = and_(sends.c.state.in_(_OVER), sends.c.forgotten_at.is_(None), sends.c.requested_at < before)
    return select(sends.c.issue).where(old)


def _spans(engine: Engine, theirs: ColumnElement[bool]) -> range:
    """The numbers of some rows, in steps: those of one send were written together, and stand side by side."""
    with reading(engine) as connection:
        query = select(func.min(deliveries.c.id), func.max(deliveries.c.id)).where(theirs)
        first, last = connection.execute(query).one()
    return range(first or 0, (last or -1) + 1, _SPAN)


# ── room ─────────────────────────────────────────────────────────────────────────────────────────


def give_back(engine: Engine, is_over: Callable[[], bool]) -> int:
    """Give free pages of SQLite's file back to the disk, some at a time; how many that was.

    A file that an earlier digest made keeps its free pages for new rows, until it is written anew (``compact``).
    PostgreSQL does this by itself.
    """
    if engine.dialect.name != "sqlite":
        return 0
    with reading(engine) as connection:
        is_incremental = connection.exec_driver_sql("PRAGMA auto_vacuum").scalar() == 2
        free = int(connection.exec_driver_sql("PRAGMA freelist_count").scalar() or 0)
    given = 0
    while is_incremental and given + _FREE_PAGES <= free and not is_over():
        if not _given_back(engine):
            break
        given += _FREE_PAGES
    return given


def _given_back(engine: Engine) -> bool:
    """One step, as a script: of another statement the driver takes its first page only. False where others write."""
    raw = engine.raw_connection()
    try:
        raw.cursor().executescript(f"PRAGMA incremental_vacuum({_FREE_PAGES})")
    except OperationalError:
        return False
    finally:
        raw.close()
    return True
