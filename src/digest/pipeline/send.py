"""The verb ``send``, and holding, resuming or ending a send. Idempotent: what is left to do is read from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from threading import Event

from sqlalchemy import Connection

from digest import codec, sender, store
from digest.assemble.issue import may_send, may_steer
from digest.deliver import message
from digest.deliver.message import Letterhead
from digest.errors import DigestError, NotFoundError
from digest.model import (
    Delivery,
    DeliveryState,
    Issue,
    IssueDocument,
    IssueId,
    Message,
    Rendering,
    Send,
    SendState,
    SubscriptionState,
    Version,
)
from digest.pipeline.installation import Clock, Installation
from digest.publish import newsletter
from digest.store.database import reading, transaction

EVERYTHING = ""  # the choice of those who take all themes


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a send stands after a run: rows by state, and what this run moved."""

    send: Send
    counts: Mapping[DeliveryState, int]
    moved: Mapping[DeliveryState, int]
    problem: str = ""
    next_try_at: datetime | None = None


def send(
    installation: Installation,
    issue_id: IssueId,
    clock: Clock,
    *,
    stop: Event | None = None,
    patience: timedelta = timedelta(),
) -> Sent:
    """Send an issue to its audience, or go on with its send; run twice, it sends once.

    The request, the ledger rows and the renderings are stored in one transaction before the first byte.

    Raises:
        TooEarlyError: the issue is not published yet.
        DigestError: its send was cancelled, or is paused.
    """
    issue = installation.issue(issue_id)
    with transaction(installation.engine) as connection:
        asked = store.deliveries.send(connection, issue_id)
        may_send(issue, asked)
        if asked is None:
            _request(installation, connection, issue, clock())
    report = sender.send_issue(
        installation.engine,
        issue_id,
        installation.transport,
        _letters(installation, issue_id),
        clock,
        stop or Event(),
        patience=patience,
    )
    standing = sent(installation, issue_id)
    return Sent(standing.send, standing.counts, report.counts, report.problem, report.next_try_at)


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


def _request(installation: Installation, connection: Connection, issue: Issue, now: datetime) -> None:
    digest = installation.digest(issue.id.digest)
    version = store.issues.version(connection, issue.id)
    empty = save_renderings(
        installation, connection, version, store.audience.choices(connection, digest.slug)
    )
    wanted = Send(
        issue.id, version.number, SendState.RUNNING, now, now + timedelta(hours=digest.expires_hours)
    )
    store.deliveries.request_send(connection, wanted, empty)


def save_renderings(
    installation: Installation, connection: Connection, version: Version, choices: Iterable[str]
) -> frozenset[str]:
    """Store the mail of a version for everything and for each choice of themes; those that it has nothing for.

    Raises:
        TemplateError: a template has a mistake.
    """
    document = codec.load(IssueDocument, version.data)
    wanted = sorted({EVERYTHING, *choices})
    rendered = {choice: render(installation, document, version.number, choice) for choice in wanted}
    store.issues.save_renderings(connection, [rendering for rendering in rendered.values() if rendering])
    return frozenset(choice for choice, rendering in rendered.items() if rendering is None)


def render(
    installation: Installation, document: IssueDocument, version: int, choice: str = EVERYTHING
) -> Rendering | None:
    """The mail for one choice of themes, before personal links; None where the issue has nothing for it.

    Raises:
        TemplateError: a template has a mistake.
    """
    if newsletter.narrow(document, choice) is None:
        return None
    digest, settings = installation.digest(document.id.digest), installation.settings
    return newsletter.render(
        document,
        version=version,
        digest=digest,
        publish=settings.publish,
        mail=settings.mail,
        templates=installation.templates,
        strings=installation.resources.strings(digest.language),
        compile_mjml=installation.compile_mjml,
        choice=choice,
    )


def _letters(installation: Installation, issue_id: IssueId) -> Callable[[Delivery], Message]:
    """The letter for a row: of the version that the row was claimed with, which a correction may change at any time."""
    head = letterhead(installation, issue_id.digest)

    @lru_cache(maxsize=2)  # the version of now, and the one of before it
    def renderings(version: int) -> tuple[Send, Mapping[str, Rendering]]:
        with reading(installation.engine) as connection:
            asked = store.deliveries.send(connection, issue_id)
            found = store.issues.renderings(connection, issue_id, version)
        assert asked is not None  # its row was claimed
        return asked, {rendering.choice: rendering for rendering in found}

    def letter(row: Delivery) -> Message:
        asked, by_choice = renderings(row.version)
        # The date of the request, not of this attempt: a retry sends the same bytes.
        return message.letter(_for(by_choice, row), head, row.subscriber, row.address, asked.requested_at)

    return letter


def _for(by_choice: Mapping[str, Rendering], row: Delivery) -> Rendering:
    """The rendering for a row; a message that was on its way while the issue was corrected may have none any more.

    Raises:
        DigestError: the version has nothing of the row's themes.
    """
    if row.choice not in by_choice:
        raise DigestError(
            f"Version {row.version} of {row.issue} has nothing for who chose only {row.choice}; "
            f"end the send, or correct it again: digest cancel {row.issue}"
        )
    return by_choice[row.choice]


def letterhead(installation: Installation, digest_slug: str) -> Letterhead:
    """Who the mails of a digest are from."""
    settings = installation.settings
    return message.letterhead(
        installation.digest(digest_slug),
        settings.mail,
        settings.publish,
        installation.keys,
        newsletter.UNSUBSCRIBE,
    )


# ── copies that leave the ledger alone ─────────────────────────────────────────────────────────


def dry_run(installation: Installation, issue_id: IssueId, folder: Path, now: datetime) -> int:
    """Write the mail of every subscriber as an .eml file and touch nothing else; how many there are."""
    issue = installation.issue(issue_id)
    return sender.dry_run(_all_letters(installation, issue, now), folder)


def _all_letters(installation: Installation, issue: Issue, now: datetime) -> Iterator[Message]:
    head = letterhead(installation, issue.id.digest)
    rendered: dict[str, Rendering | None] = {}
    with reading(installation.engine) as connection:
        for subscription in store.audience.subscriptions(connection, issue.id.digest):
            if subscription.state is not SubscriptionState.CONFIRMED:
                continue
            choice = store.audience.choice_of(subscription.themes)
            if choice not in rendered:
                rendered[choice] = render(installation, issue.document, issue.version, choice)
            if rendering := rendered[choice]:
                yield message.letter(rendering, head, subscription.subscriber, subscription.address, now)


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


# ── hold, go on, end, settle ───────────────────────────────────────────────────────────────────


def pause(installation: Installation, issue_id: IssueId, why: str = "paused by hand") -> Sent:
    """Hold a running send; it stops between two messages."""
    return _set(installation, issue_id, SendState.PAUSED, why)


def resume(installation: Installation, issue_id: IssueId) -> Sent:
    """Let a paused send go on; ``send`` or ``run`` does the sending."""
    return _set(installation, issue_id, SendState.RUNNING)


def cancel(installation: Installation, issue_id: IssueId, now: datetime) -> Sent:
    """End a send for good: what has not been sent never will be."""
    return _set(installation, issue_id, SendState.CANCELLED, ended=now)


def _set(
    installation: Installation,
    issue_id: IssueId,
    state: SendState,
    why: str = "",
    *,
    ended: datetime | None = None,
) -> Sent:
    issue = installation.issue(issue_id)
    with transaction(installation.engine) as connection:
        may_steer(issue, store.deliveries.send(connection, issue_id))
        store.deliveries.set_send_state(connection, issue_id, state, why)
        if ended:
            store.deliveries.cancel_open(connection, issue_id, ended)
    return sent(installation, issue_id)


def settle(
    installation: Installation, issue_id: IssueId, address: str, now: datetime, *, was_sent: bool
) -> Sent:
    """A person's word on a message in doubt: it was sent, or it is to be sent once more.

    Raises:
        NotFoundError: there is no such issue, or no message of it to that address is in doubt.
    """
    installation.issue(issue_id)
    with transaction(installation.engine) as connection:
        if not store.deliveries.settle_doubt(connection, issue_id, address, was_sent, now):
            raise NotFoundError(
                f"No message of {issue_id} to {address} is in doubt; digest show {issue_id} lists them."
            )
    return sent(installation, issue_id)
