"""The verb ``correct``: what is published is changed openly, on page and feed at once, and in what mail is still to leave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from digest import store, tree
from digest.assemble.correcting import corrected, may_correct, resettled
from digest.assemble.differences import differences
from digest.assemble.editing import Change, line
from digest.assemble.issue import freeze
from digest.errors import DigestError
from digest.model import Edit, Issue, IssueId, Send, SendState, Unit, Version, Work
from digest.pipeline.drafts.editing import changed_meanwhile
from digest.pipeline.drafts.stock import stock_of
from digest.pipeline.installation import Installation
from digest.pipeline.issues.announce import announce
from digest.pipeline.issues.pictures import illustrated
from digest.pipeline.issues.preflight import preflight
from digest.pipeline.issues.publish import refuse_removed, text_of
from digest.pipeline.issues.tree import planned
from digest.pipeline.mail.letters import save_renderings
from digest.publish.wording import wording
from digest.store.database import transaction

_HELD = "it is being corrected"


@dataclass(frozen=True, slots=True)
class Corrected:
    """An issue after a correction: how many get it by mail again, and the documents that were written."""

    issue: Issue
    mailed: int = 0
    written: tuple[str, ...] = ()  # paths below feeds_dir


def correct(
    installation: Installation,
    issue_id: IssueId,
    change: Change,
    note: str,
    now: datetime,
    *,
    seen: int | None = None,
    mail: bool = False,
) -> Corrected:
    """Freeze the next version of a published issue, with a dated note, and write page and feeds.

    Nobody is mailed, but those whose mail is still to leave get the new version: a running send is held meanwhile,
    and no message of the old one is begun after. A crash leaves it held, for ``resume``.

    Args:
        note: what is corrected, in one sentence.
        seen: the count of changes that its editor has seen; None: whatever it is now.
        mail: whether those who have an earlier version get this one, once.

    Raises:
        NotFoundError: there is no such issue, post, quote or theme.
        TooEarlyError: it is not published.
        VerbatimError: a quote is not in its source; nothing is changed.
        DigestError: a text does not do, its mail must not leave, or somebody else has changed it meanwhile.
        TemplateError: a template has a mistake; nothing is changed.
    """
    issue = installation.issue(issue_id)
    if seen is not None and seen != issue.edit:
        raise changed_meanwhile(installation, issue_id, seen)
    note = line("correction note", note)
    with transaction(installation.engine) as connection:
        stock = stock_of(installation, connection, issue, change)
    after = corrected(issue, change, _dated(installation, issue_id, note, now), stock, now)
    with _held(installation, issue_id):
        after = replace(after, document=illustrated(installation, after.document, issue.document))
        preflight(installation, after, now)
        done = _published(installation, issue, after, note, now, mail=mail)
    announce(installation, now)
    return done


def mail_correction(installation: Installation, issue_id: IssueId, now: datetime) -> Corrected:
    """Queue the newest version for those whose mail of an earlier one was accepted; called again, it adds nobody.

    Raises:
        NotFoundError: there is no such issue.
        TooEarlyError: it is not published.
        DigestError: it was never corrected.
    """
    issue = installation.issue(issue_id)
    may_correct(issue)
    with transaction(installation.engine) as connection:
        version = store.issues.version(connection, issue_id)
        if not version.correction:
            raise DigestError(
                f'{issue_id} was never corrected; do so with: digest correct {issue_id} --note "…"'
            )
        mailed = _queue(installation, connection, version, now)
    return Corrected(installation.issue(issue_id), mailed)


def _dated(installation: Installation, issue_id: IssueId, note: str, now: datetime) -> str:
    digest = installation.digest(issue_id.digest)
    words = wording(installation.resources.strings(digest.language), digest)
    return f"{words.say('corrected', day=words.day(now))}: {note}"


@contextmanager
def _held(installation: Installation, issue_id: IssueId) -> Iterator[None]:
    """A running send is held until the block ends, well or not."""
    with transaction(installation.engine) as connection:
        send = store.deliveries.send(connection, issue_id)
        is_running = send is not None and send.state is SendState.RUNNING
        if is_running:
            store.deliveries.set_send_state(connection, issue_id, SendState.PAUSED, _HELD)
    try:
        yield
    finally:
        if is_running:
            _let_go(installation, issue_id)


def _let_go(installation: Installation, issue_id: IssueId) -> None:
    """Let the send go on, unless a person has said otherwise since."""
    with transaction(installation.engine) as connection:
        send = store.deliveries.send(connection, issue_id)
        if send and send.state is SendState.PAUSED and send.why == _HELD:
            store.deliveries.set_send_state(connection, issue_id, SendState.RUNNING)


def _published(
    installation: Installation, before: Issue, after: Issue, note: str, now: datetime, *, mail: bool
) -> Corrected:
    """Store a correction and write it into the tree; a crash before the last file is mended as for ``publish``."""
    root = installation.settings.publish.feeds_dir
    with tree.locked(root):
        with transaction(installation.engine) as connection:
            version = replace(_frozen(connection, before, after, now), correction=note)
            if not store.corrections.correct(connection, before, after, version):
                raise changed_meanwhile(installation, before.id, before.edit)
            done = differences(before.document, after.document)
            store.issues.add_edit(connection, Edit(after.id, after.edit, now, done))
            store.corrections.settle(connection, after.id, resettled(before.document, after), now)
            rebind(installation, connection, version)
            mailed = _queue(installation, connection, version, now) if mail else 0
            store.jobs.put(connection, Unit(Work.TREE))
            prepared = tree.prepare(root, planned(installation, connection))
        updated = tree.write(root, prepared)
    return Corrected(installation.issue(after.id), mailed, (*updated.changed, *updated.removed))


def _frozen(connection: Connection, before: Issue, after: Issue, now: datetime) -> Version:
    """The corrected version; what authors took back since it was printed stays, but is not printed anew."""
    number = before.document.number
    assert number is not None  # freezing gave it one
    new = set(after.document.posts) - set(before.document.posts)
    _refuse_repeated(connection, after, new)
    refuse_removed(connection, after)
    withdrawn = store.withdrawals.withdrawn(connection, new)
    return freeze(after, number, partial(text_of, connection), now, withdrawn)


def _refuse_repeated(connection: Connection, issue: Issue, new: set[str]) -> None:
    elsewhere = {} if issue.id.name else store.issues.settled_elsewhere(connection, issue.id, new)
    for post, other in elsewhere.items():
        raise DigestError(f"The post {post} stands in {other} already.")


# ── mail ─────────────────────────────────────────────────────────────────────────────────────────


def rebind(installation: Installation, connection: Connection, version: Version) -> None:
    """What of the issue's mail is still to leave is of this version from now on."""
    send = store.deliveries.send(connection, version.issue)
    if send is not None:
        choices = store.corrections.choices(connection, version.issue)
        empty = save_renderings(installation, connection, version, choices)
        store.corrections.bind(connection, version, empty)


def _queue(installation: Installation, connection: Connection, version: Version, now: datetime) -> int:
    """Write the rows of those who have an earlier version; ``send`` or ``run`` does the sending."""
    send = store.deliveries.send(connection, version.issue)
    if send is None:
        return 0
    store.deliveries.expire(connection, now)  # what is too late stays so
    choices = store.corrections.choices(connection, version.issue)
    empty = save_renderings(installation, connection, version, choices)
    hours = installation.digest(version.issue.digest).expires_hours
    wanted = Send(version.issue, version.number, SendState.RUNNING, now, now + timedelta(hours=hours))
    return store.corrections.send_again(connection, wanted, empty)
