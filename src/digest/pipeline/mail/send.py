"""The verb ``send``, and holding, resuming or ending a send. Idempotent: what is left to do is read from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from sqlalchemy import Connection

from digest import sender, store
from digest.assemble.issue import may_send
from digest.deliver import message
from digest.deliver.ledger import Settled
from digest.deliver.pacing import DAY, Limits, Pace, gone, lasts, may_go_at
from digest.errors import DigestError, NotFoundError
from digest.metrics.durations import timed
from digest.model import DeliveryState, Editor, Issue, IssueId, Send, SendState, Unit, Work
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.mail import bounces
from digest.pipeline.mail.letters import all_letters, letterhead, letters, render, save_renderings
from digest.settings import MailSettings
from digest.store.audit import COMMAND_LINE
from digest.store.database import reading, transaction
from digest.text.amounts import amount

_WORTH_ANOTHER = 2_000  # people, for whom another worker joins in a send
_USUAL_RATE = 20.0  # messages a second that a relay takes without a limit of ours: most take more


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a send stands after a run: rows by state, and what this run moved."""

    send: Send
    counts: Mapping[DeliveryState, int]
    moved: Mapping[DeliveryState, int]
    problem: str = ""
    next_try_at: datetime | None = None


@timed("send")
def send(
    installation: Installation,
    issue_id: IssueId,
    clock: Clock,
    *,
    stop: Event | None = None,
    patience: timedelta = timedelta(),
    first_percent: float | None = None,
    told: Callable[[Settled], None] = lambda _: None,
    by: Editor | str = COMMAND_LINE,
    senders: int = 1,
) -> Sent:
    """Send an issue to its audience, or go on with its send; run twice, it sends once.

    The request, the ledger rows and the renderings are stored in one transaction before the first byte. With
    ``first_percent`` (else as ``[mail]`` says) a part of the audience gets it first. ``told`` hears of each row
    that is settled; ``by`` asks for it. Of several ``senders`` each keeps to its part of the limits.

    Raises:
        TooEarlyError: the issue is not published yet.
        DigestError: its send was cancelled, or is paused.
    """
    request(installation, issue_id, clock(), first_percent, by)
    mail, now = installation.settings.mail, clock()
    report = sender.send_issue(
        installation.engine,
        issue_id,
        installation.relays,
        letters(installation, issue_id),
        clock,
        stop or Event(),
        limits=limits(mail, senders),
        pace=pace_so_far(installation, now),
        patience=patience,
        first_wait=timedelta(minutes=mail.first_minutes),
        told=told,
    )
    bounces.judge(installation.engine, clock())
    standing = sent(installation, issue_id)
    return Sent(standing.send, standing.counts, report.counts, report.problem, report.next_try_at)


def request(
    installation: Installation,
    issue_id: IssueId,
    now: datetime,
    first_percent: float | None = None,
    by: Editor | str = COMMAND_LINE,
    noted: Callable[[Connection, Send], None] = lambda *_: None,
) -> Send:
    """Store the request to send an issue, with a row for each of its audience, unless that was done before.

    ``noted`` writes what must be stored with the request or not at all.

    Raises:
        TooEarlyError, DigestError: as ``send``.
    """
    issue = installation.issue(issue_id)
    with transaction(installation.engine) as connection:
        asked = store.deliveries.send(connection, issue_id)
        may_send(issue, asked)
        if asked is None:
            store.audit.add(connection, by, "send", str(issue_id), now)
            asked = _request(installation, connection, issue, now, first_percent)
        noted(connection, asked)
        return asked


def give_back(installation: Installation, now: datetime) -> None:
    """Take back the rows of runs on this machine that are over and could not say so, for the database was away.

    Another process that goes on with such a send cannot tell; it would leave them alone until their leases end.
    """
    with transaction(installation.engine) as connection:
        for running in store.deliveries.running_sends(connection):
            store.deliveries.give_back_of(connection, running.issue, sender.is_gone)
        store.outbox.abandoned(connection, sender.is_gone, now)


def sent(installation: Installation, issue_id: IssueId) -> Sent:
    """Where the send of an issue stands.

    Raises:
        NotFoundError: nobody asked to send it.
    """
    with reading(installation.engine) as connection:
        found = store.deliveries.send(connection, issue_id)
        if found is None:
            raise NotFoundError(f"{issue_id} is not being sent; send it with: digest send {issue_id}")
        return Sent(found, store.deliveries.counts(connection, issue_id), {})


def _request(
    installation: Installation,
    connection: Connection,
    issue: Issue,
    now: datetime,
    first_percent: float | None,
) -> Send:
    digest = installation.digest(issue.id.digest)
    version = store.issues.version(connection, issue.id)
    empty = save_renderings(
        installation, connection, version, store.audience.choices(connection, digest.slug)
    )
    wanted = Send(
        issue.id, version.number, SendState.RUNNING, now, now + timedelta(hours=digest.expires_hours)
    )
    percent = installation.settings.mail.first_percent if first_percent is None else first_percent
    store.deliveries.request_send(connection, wanted, empty, percent)
    store.jobs.put(connection, Unit(Work.SEND, str(issue.id)))
    return wanted


def senders(mail: MailSettings, people: int) -> int:
    """How many workers may send an issue to so many people at the same time.

    One, where what went is counted over hours and days, or fewer people than one sends to in some minutes wait.
    """
    if not mail.live or mail.per_hour or mail.per_day or mail.warm_up:
        return 1
    return min(mail.senders, mail.connections, 1 + people // _WORTH_ANOTHER)


def limits(mail: MailSettings, senders: int = 1) -> Limits:
    """What ``[mail]`` holds each of so many senders to; a folder takes one message at a time as well as ten."""
    return Limits(
        connections=max(1, mail.connections // senders) if mail.live else 1,
        per_second=mail.per_second and mail.per_second / senders,
        per_hour=mail.per_hour,
        per_day=mail.per_day,
        warm_up=mail.warm_up,
        warm_up_from=mail.warm_up_from,
    )


def pace_so_far(installation: Installation, now: datetime) -> Pace:
    """What has gone in the last hour and day, as far as ``[mail]`` limits it: a restart forgets nothing."""
    bounds, pace = limits(installation.settings.mail), Pace()
    if not (bounds.per_hour or bounds.per_day or bounds.warm_up):
        return pace
    with reading(installation.engine) as connection:
        for at in store.deliveries.gone_since(connection, now - DAY):
            pace = gone(pace, bounds, at)
    return pace


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the last person will have an issue, by our own limits and a usual rate."""

    people: int
    ends_at: datetime
    expires_at: datetime

    @property
    def is_too_late(self) -> bool:
        """Whether some would not get it."""
        return self.ends_at > self.expires_at

    @property
    def sentence(self) -> str:
        """When the last one would have it, and when it expires."""
        ends, expires = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (self.ends_at, self.expires_at))
        return (
            f"by the limits in [mail] the last of {amount(self.people, 'person', 'people')} would have it at {ends}, "
            f"but it expires at {expires}"
        )


def forecast(installation: Installation, issue_id: IssueId, now: datetime) -> Forecast:
    """When the last person will have an issue that is sent, or goes on being sent, now."""
    bounds = limits(installation.settings.mail)
    digest = installation.digest(issue_id.digest)
    with reading(installation.engine) as connection:
        asked = store.deliveries.send(connection, issue_id)
        if asked is None:
            people = store.audience.reached_count(connection, digest.slug, now)
        else:
            people = store.deliveries.counts(connection, issue_id)[DeliveryState.QUEUED]
    begins = max(now, may_go_at(pace_so_far(installation, now), bounds, now))
    expires_at = asked.expires_at if asked else now + timedelta(hours=digest.expires_hours)
    return Forecast(people, begins + lasts(people, bounds, begins, _USUAL_RATE), expires_at)


# ── copies that leave the ledger alone ─────────────────────────────────────────────────────────


def dry_run(installation: Installation, issue_id: IssueId, folder: Path, now: datetime) -> int:
    """Write the mail of every subscriber as an .eml file and touch nothing else; how many there are."""
    issue = installation.issue(issue_id)
    return sender.dry_run(all_letters(installation, issue, now), folder)


def test_copy(installation: Installation, issue_id: IssueId, address: str, now: datetime) -> str:
    """Send one marked copy to an address, whatever state the issue is in; the relay's words.

    Raises:
        RelayError: it was not accepted.
        DigestError: it is no address, or there is nothing to send.
    """
    issue = installation.issue(issue_id)
    if not all(address.rpartition("@")[::2]):
        raise DigestError(f"{address!r} is no address; write one like ada@example.org.")
    rendering = render(installation, issue.document, issue.version)
    if rendering is None:
        raise DigestError(f"{issue_id} has nothing in it to send.")
    copy = message.test_copy(rendering, letterhead(installation, issue_id.digest), address, now)
    return sender.send_copy(installation.transport, copy)
