"""The mails of an issue: renderings for each choice of themes, and from them one message for each person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection

from digest import codec, store
from digest.deliver import letterhead as letterheads
from digest.deliver.letterhead import Letterhead
from digest.deliver.message import Stencil, stencil
from digest.errors import DigestError
from digest.model import (
    Delivery,
    Issue,
    IssueDocument,
    IssueId,
    Message,
    Rendering,
    SubscriptionState,
    Version,
)
from digest.pipeline.installation import Installation
from digest.publish import newsletter
from digest.store.database import reading

EVERYTHING = ""  # the choice of those who take all themes


# ── renderings ───────────────────────────────────────────────────────────────────────────────────


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


# ── messages ─────────────────────────────────────────────────────────────────────────────────────


def letters(installation: Installation, issue_id: IssueId) -> Callable[[Delivery], Message]:
    """The letter for a row: of the version that the row was claimed with, which a correction may change at any time.

    It may be called by any number of threads at once.
    """
    head = letterhead(installation, issue_id.digest)

    @lru_cache(maxsize=2)  # the version of now, and the one of before it
    def stencils(version: int) -> Mapping[str, Stencil]:
        with reading(installation.engine) as connection:
            asked = store.deliveries.send(connection, issue_id)
            found = store.issues.renderings(connection, issue_id, version)
        assert asked is not None  # its row was claimed
        # The date of the request, not of this attempt: a retry sends the same bytes.
        return {rendering.choice: stencil(rendering, head, asked.requested_at) for rendering in found}

    def letter(row: Delivery) -> Message:
        by_choice = stencils(row.version)
        if row.choice not in by_choice:  # on its way while the issue was corrected
            raise DigestError(
                f"Version {row.version} of {row.issue} has nothing for who chose only {row.choice}; "
                f"end the send, or correct it again: digest cancel {row.issue}"
            )
        return by_choice[row.choice].letter(row.subscriber, row.address, row.id)

    return letter


def all_letters(installation: Installation, issue: Issue, now: datetime) -> Iterator[Message]:
    """The letter for each confirmed subscriber as things are now, past the ledger; one at a time, for there may be
    a million.
    """
    head = letterhead(installation, issue.id.digest)
    rendered: dict[str, Stencil | None] = {}
    with reading(installation.engine) as connection:
        for subscription in store.audience.subscriptions(connection, issue.id.digest):
            if subscription.state is not SubscriptionState.CONFIRMED:
                continue
            choice = store.audience.choice_of(subscription.themes)
            if choice not in rendered:
                rendering = render(installation, issue.document, issue.version, choice)
                rendered[choice] = stencil(rendering, head, now) if rendering else None
            if copies := rendered[choice]:
                yield copies.letter(subscription.subscriber, subscription.address)


def letterhead(installation: Installation, digest_slug: str) -> Letterhead:
    """Who the mails of a digest are from."""
    settings = installation.settings
    return letterheads.letterhead(
        installation.digest(digest_slug),
        settings.mail,
        settings.publish,
        installation.keys,
        newsletter.UNSUBSCRIBE,
        installation.signers,
    )
