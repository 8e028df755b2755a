"""What follows the publication of an issue: a corrected version, what of its mail is still to leave, who is written to again.

Every function works in the caller's transaction, so that version, page and ledger change together or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, Select, and_, case, exists, func, literal, select, update

from digest.deliver.ledger import OPEN
from digest.errors import DigestError
from digest.model import DeliveryState, Issue, IssueId, IssueState, Send, SendState, Settlement, Version
from digest.store.columns import ColumnValue, Instant, Member
from digest.store.deliveries import UNSENT
from digest.store.schema import deliveries, issues, sends, settlements, subscribers, suppressions, versions
from digest.store.statements import columns_of, insert_into, write

_STATE = Member(DeliveryState)


def correct(connection: Connection, seen: Issue, corrected: Issue, version: Version) -> bool:
    """Store the next version of a published issue; False, and nothing is written, where it is not as ``seen``."""
    unchanged = and_(
        issues.c.id == seen.id,
        issues.c.state == IssueState.PUBLISHED,
        issues.c.version == seen.version,
        issues.c.edit == seen.edit,
    )
    values = {name: columns_of(corrected)[name] for name in ("document", "edit", "dropped", "later")}
    values |= {"version": version.number, "updated_at": version.frozen_at}
    if not write(connection, update(issues).where(unchanged).values(**values)):
        return False
    connection.execute(versions.insert().values(**columns_of(version)))
    return True


def settle(
    connection: Connection, issue: IssueId, decided: Mapping[str, Settlement | None], now: datetime
) -> None:
    """What a correction decides of posts, by key: None opens a post for the next issue. Those of other issues stay."""
    for post, settlement in sorted(decided.items()):
        ours = and_(
            settlements.c.digest == issue.digest, settlements.c.post == post, settlements.c.issue == issue
        )
        if settlement is None:
            connection.execute(settlements.delete().where(ours))
            continue
        row = {"digest": issue.digest, "post": post, "issue": issue, "settlement": settlement, "at": now}
        insert = insert_into(connection, settlements).values(**row)
        changed = {"settlement": settlement, "at": now}
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["digest", "post"], set_=changed, where=settlements.c.issue == issue
            )
        )


def accepted(connection: Connection, issue: IssueId, numbers: Collection[int]) -> int:
    """How many mails of these versions of an issue were accepted: nobody can call them back."""
    query = select(func.count()).select_from(deliveries)
    theirs = and_(deliveries.c.issue == issue, deliveries.c.version.in_(numbers))
    return int(
        connection.execute(query.where(theirs, deliveries.c.state == DeliveryState.ACCEPTED)).scalar_one()
    )


# ── the send ─────────────────────────────────────────────────────────────────────────────────────


def choices(connection: Connection, issue: IssueId) -> frozenset[str]:
    """The choices of themes of all who were to get the issue."""
    query = select(deliveries.c.choice).where(deliveries.c.issue == issue).distinct()
    return frozenset(connection.execute(query).scalars())


def bind(connection: Connection, version: Version, empty_choices: Collection[str]) -> None:
    """From the end of this transaction on the send of an issue gives out this version, and begins no body of another.

    What is unsent of choices for which the version has nothing is closed.
    """
    theirs = update(sends).where(sends.c.issue == version.issue)
    connection.execute(theirs.values(version=version.number))
    nothing = and_(
        deliveries.c.issue == version.issue,
        deliveries.c.state.in_(UNSENT),
        deliveries.c.choice.in_(empty_choices),
    )
    closed = {
        "state": DeliveryState.NOTHING_FOR_THEM,
        "reply": "the corrected issue has nothing of their themes",
        "settled_at": version.frozen_at,
        "owner": "",
        "lease_until": None,
    }
    connection.execute(update(deliveries).where(nothing).values(**closed))


def send_again(connection: Connection, wanted: Send, empty_choices: Collection[str]) -> int:
    """Queue the newest version for everybody whose mail of an earlier one was accepted; how many they are.

    ``wanted.requested_at`` dates the mails, ``wanted.expires_at`` is when it is too late for them. Whoever has the
    version, or is still to get the issue, is left out, so it may be called any number of times.

    Raises:
        DigestError: of a send that was cancelled a message is still in somebody's hands.
    """
    query = select(sends.c.state).where(sends.c.issue == wanted.issue)
    state = connection.execute(query.with_for_update(key_share=True)).scalar()  # who asks twice at once waits
    if state is SendState.CANCELLED:
        _refuse_unsent(connection, wanted.issue)
    columns = ["issue", "subscriber", "address", "choice", "version", "state", "next_try_at", "settled_at"]
    added = deliveries.insert().from_select(columns, _had_it(wanted, empty_choices))
    count = write(connection, added)
    if count:
        values = {name: columns_of(wanted)[name] for name in ("version", "requested_at", "expires_at")}
        if state is not SendState.PAUSED:  # whoever paused it lets it go on
            values |= {"state": SendState.RUNNING, "why": "", "finished_at": None}
        connection.execute(update(sends).where(sends.c.issue == wanted.issue).values(**values))
    return count


def _refuse_unsent(connection: Connection, issue: IssueId) -> None:
    unsent = exists().where(deliveries.c.issue == issue, deliveries.c.state.in_(UNSENT))
    if connection.execute(select(unsent)).scalar():
        raise DigestError(
            f"The send of {issue} was cancelled a moment ago and its last message is not settled yet; "
            f"try again: digest correct {issue} --mail"
        )


def _had_it(wanted: Send, empty_choices: Collection[str]) -> Select[*tuple[ColumnValue, ...]]:
    """A row for each subscriber with an accepted mail of an earlier version, and no mail of this one or to come."""
    other = deliveries.alias()
    has_or_gets = exists().where(
        other.c.issue == deliveries.c.issue,
        other.c.subscriber == deliveries.c.subscriber,
        (other.c.version == wanted.version) | other.c.state.in_(OPEN),
    )
    suppressed = exists().where(suppressions.c.address_key == subscribers.c.address_key)
    nothing = deliveries.c.choice.in_(empty_choices)
    state = case(
        (suppressed, literal(DeliveryState.SUPPRESSED, _STATE)),
        (nothing, literal(DeliveryState.NOTHING_FOR_THEM, _STATE)),
        else_=literal(DeliveryState.QUEUED, _STATE),
    )
    requested_at = literal(wanted.requested_at, Instant)
    return (
        select(
            deliveries.c.issue,
            deliveries.c.subscriber,
            subscribers.c.address,
            deliveries.c.choice,
            literal(wanted.version),
            state,
            requested_at,
            case((suppressed | nothing, requested_at)),
        )
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber)
        .where(
            deliveries.c.issue == wanted.issue,
            deliveries.c.state == DeliveryState.ACCEPTED,
            deliveries.c.version < wanted.version,
            ~has_or_gets,
        )
        # Of two mails that somebody has, the one that came last says which themes they take.
        .where(deliveries.c.id == _last_accepted())
        .order_by(deliveries.c.subscriber)
    )


def _last_accepted() -> ColumnValue:
    latest = deliveries.alias()
    return (
        select(func.max(latest.c.id))
        .where(
            latest.c.issue == deliveries.c.issue,
            latest.c.subscriber == deliveries.c.subscriber,
            latest.c.state == DeliveryState.ACCEPTED,
        )
        .correlate(deliveries)
        .scalar_subquery()
    )
