"""One unit, done as far as it goes now; what became due by it is said, and done next by whoever is free."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from digest import store
from digest.assemble.steps import NextStep, Step, next_step
from digest.doctor.checkup import check_up
from digest.errors import DigestError, RelayError
from digest.logs import about
from digest.model import Issue, IssueId, Unit, Work
from digest.pipeline.drafts import draft
from digest.pipeline.editors.editor_mail import tell_editors
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.issues import announce, publish
from digest.pipeline.mail import bounces, outbox, send
from digest.pipeline.mail.inbound import read_mailbox
from digest.pipeline.posts import collect
from digest.pipeline.upkeep import pruning, telling, webhook
from digest.store.audit import SCHEDULER
from digest.store.database import reading
from digest.wiring import mailbox_of
from digest.work import due

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=30)  # with a relay that is away: long enough for the sender to give up and pause


@dataclass(frozen=True, slots=True)
class Hands:
    """What a unit is done with: ``stop`` ends it early, ``patience`` is how long a send waits for its relay."""

    installation: Installation
    clock: Clock
    stop: Event
    patience: timedelta = PATIENCE


def do(hands: Hands, unit: Unit) -> tuple[Unit, ...]:
    """Do a unit, unless it is not due any more; the units that are due because of it.

    Raises:
        DigestError: it could not be done; what was done of it stays, and it is tried again later.
    """
    return _DOING[unit.work](hands, unit)


def do_all(hands: Hands, units: Iterable[Unit]) -> None:
    """Do units one after the other, and what follows from each; one that fails is told of and keeps no other back."""
    waiting = deque(units)
    while waiting and not hands.stop.is_set():
        unit = waiting.popleft()
        with about(job=unit.work), told(unit.subject or unit.work):
            waiting += do(hands, unit)


@contextmanager
def told(name: object) -> Iterator[None]:
    """A failure in this block is for the operator to read, and for the next look to try again."""
    try:
        yield
    except DigestError as error:
        log.error("%s: %s", name, error)  # noqa: TRY400  # the sentence says it all


# ── posts ────────────────────────────────────────────────────────────────────────────────────────


def poll(hands: Hands, host: str = "") -> None:
    """Poll what is due, of one host or of all, and say what came of it."""
    for polled in collect.collect(hands.installation, hands.clock, host=host, stop=hands.stop):
        say = log.info if polled.ok else log.warning
        say("source %s: %s", polled.source, polled.status, extra={"source": polled.source})


def _poll(hands: Hands, unit: Unit) -> tuple[Unit, ...]:
    poll(hands, unit.subject)
    return ()


# ── issues ───────────────────────────────────────────────────────────────────────────────────────


def _draft(hands: Hands, unit: Unit) -> tuple[Unit, ...]:
    digest, now = hands.installation.digest(unit.subject), hands.clock()
    if not due.draft_is_due(hands.installation, digest, now):
        return ()
    drafted = draft.draft(hands.installation, digest.slug, now)
    log.info("%s: %s", drafted.issue.id, drafted.kept or "drafted")
    return due.of_issue(hands.installation, digest, drafted.issue, hands.clock()).units


def _publish(hands: Hands, unit: Unit) -> tuple[Unit, ...]:
    """Take the steps up to the send, one after the other."""
    issue = hands.installation.issue(IssueId.parse(unit.subject))
    while not hands.stop.is_set():
        step = _next_step(hands.installation, issue, hands.clock())
        if step.step not in due.PUBLISHING:
            break
        issue = _take(hands, issue, step)
    return due.of_issue(
        hands.installation, hands.installation.digest(issue.id.digest), issue, hands.clock()
    ).units


def _take(hands: Hands, issue: Issue, step: NextStep) -> Issue:
    log.debug("%s", step.why)
    if step.step is Step.SKIP:
        log.warning("%s is skipped: %s", issue.id, step.why)
        return draft.skip(hands.installation, issue.id, step.why, hands.clock(), SCHEDULER)
    if step.step is Step.APPROVE:
        return publish.approve(hands.installation, issue.id, hands.clock(), by=SCHEDULER)
    published = publish.publish(hands.installation, issue.id, hands.clock())
    log.info("%s is published", issue.id)
    return published


def _next_step(installation: Installation, issue: Issue, now: datetime) -> NextStep:
    with reading(installation.engine) as connection:
        wanted = store.deliveries.send(connection, issue.id)
    return next_step(issue, installation.digest(issue.id.digest), wanted, now)


def _tree(hands: Hands, _: Unit) -> tuple[Unit, ...]:
    publish.rebuild(hands.installation)
    return ()


def _hub(hands: Hands, _: Unit) -> tuple[Unit, ...]:
    announce.announce(hands.installation, hands.clock())
    return ()


# ── mail, what comes back, and upkeep ─────────────────────────────────────────────────────────────────────────────────────────


def _send(hands: Hands, unit: Unit) -> tuple[Unit, ...]:
    """Send what is due, and stay a while for what the relay puts off; the rest is for a later look."""
    issue = hands.installation.issue(IssueId.parse(unit.subject))
    if _next_step(hands.installation, issue, hands.clock()).step is not Step.SEND:
        return ()
    _foretell(hands.installation, issue, hands.clock())
    result = send.send(
        hands.installation,
        issue.id,
        hands.clock,
        stop=hands.stop,
        patience=hands.patience,
        by=SCHEDULER,
        senders=due.shards_of(hands.installation, issue.id),
    )
    moved = ", ".join(f"{count} {state}" for state, count in result.moved.items() if count)
    if moved:
        log.info("%s: %s", issue.id, moved)
    if result.problem:
        raise RelayError(result.problem)
    return ()


def _foretell(installation: Installation, issue: Issue, now: datetime) -> None:
    """Say once, when a send begins, that it cannot reach everybody in time."""
    with reading(installation.engine) as connection:
        begun = store.deliveries.send(connection, issue.id)
    if begun is None and (expected := send.forecast(installation, issue.id, now)).is_too_late:
        log.warning("%s: %s", issue.id, expected.sentence)


def _outbox(hands: Hands, _: Unit) -> tuple[Unit, ...]:
    if problem := outbox.send(hands.installation, hands.clock, hands.stop).problem:
        raise RelayError(problem)
    return ()


def _editors(hands: Hands, _: Unit) -> tuple[Unit, ...]:
    tell_editors(hands.installation, hands.clock())
    return ()


def _notices(hands: Hands, _: Unit) -> tuple[Unit, ...]:
    telling.tell(hands.installation, hands.clock())
    return ()


def _webhook(hands: Hands, _: Unit) -> tuple[Unit, ...]:
    webhook.bring(hands.installation, hands.clock)
    return ()


def _prune(hands: Hands, _: Unit) -> tuple[Unit, ...]:
    pruning.prune_daily(hands.installation, hands.clock, hands.stop)
    return ()


def _doctor(hands: Hands, _: Unit) -> tuple[Unit, ...]:
    if due.checkup_is_due(hands.installation, hands.clock()):
        check_up(hands.installation, hands.clock, is_over=hands.stop.is_set)
    return ()


def _refusals(hands: Hands, _: Unit) -> tuple[Unit, ...]:
    bounces.judge(hands.installation.engine, hands.clock())
    return ()


def _mailbox(hands: Hands, _: Unit) -> tuple[Unit, ...]:
    box = mailbox_of(hands.installation.settings)
    if box is not None:
        read_mailbox(hands.installation, box, hands.clock)
    return ()


_DOING: Mapping[Work, Callable[[Hands, Unit], tuple[Unit, ...]]] = {
    Work.POLL: _poll,
    Work.DRAFT: _draft,
    Work.EDITORS: _editors,
    Work.NOTICES: _notices,
    Work.WEBHOOK: _webhook,
    Work.DOCTOR: _doctor,
    Work.PRUNE: _prune,
    Work.PUBLISH: _publish,
    Work.TREE: _tree,
    Work.HUB: _hub,
    Work.SEND: _send,
    Work.OUTBOX: _outbox,
    Work.REFUSALS: _refusals,
    Work.MAILBOX: _mailbox,
}
