"""How everything stands, for the first page of the desk: what needs an editor, what comes next, what is being sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest import store
from digest.assemble.steps import goes_out, next_step
from digest.assemble.window import draft_opens, slot_on
from digest.desk.today import Coming, Need, Standing, coming, needs
from digest.model import DeliveryState, Issue, IssueId, SendState
from digest.pipeline.drafts import draft
from digest.pipeline.installation import Installation
from digest.settings import DigestSettings
from digest.store.database import reading


@dataclass(frozen=True, slots=True)
class Outlook:
    """One digest: the draft as it grows, and when it goes out; ``issue`` is None while there is no draft."""

    digest: DigestSettings
    at: datetime
    opens: datetime  # when its draft is made
    issue: Issue | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page shows."""

    needs: tuple[Need, ...]
    coming: tuple[Coming, ...]
    outlooks: tuple[Outlook, ...]
    running: tuple[Standing, ...]


def overview(installation: Installation, now: datetime) -> Overview:
    """How everything stands at this moment, from one look at the database."""
    digests = installation.settings.digests
    with reading(installation.engine) as connection:
        unfinished = standings(installation, connection, now)
        sources = store.sources.all_sources(connection)
        outlooks = tuple(_outlook(connection, digest, now) for digest in digests)
        checkup = store.checks.newest(connection)
    found = [each for each in map(coming, unfinished) if each]
    return Overview(
        needs(unfinished, sources, now, checkup),
        tuple(sorted(found, key=lambda each: each.at)),
        outlooks,
        tuple(each for each in unfinished if each.send and each.send.state is SendState.RUNNING),
    )


def outlooks(installation: Installation, now: datetime) -> tuple[Outlook, ...]:
    """How each digest stands, in the order of config.toml."""
    with reading(installation.engine) as connection:
        return tuple(_outlook(connection, digest, now) for digest in installation.settings.digests)


def standing(installation: Installation, issue: Issue, now: datetime) -> Standing:
    """How one issue stands."""
    with reading(installation.engine) as connection:
        return _standing(connection, issue, installation.digest(issue.id.digest), now)


def standings(installation: Installation, connection: Connection, now: datetime) -> tuple[Standing, ...]:
    """How each unfinished issue stands."""
    return tuple(
        _standing(connection, issue, digest, now)
        for digest in installation.settings.digests
        for issue in store.issues.unfinished(connection, digest.slug)
    )


def _standing(connection: Connection, issue: Issue, digest: DigestSettings, now: datetime) -> Standing:
    send = store.deliveries.send(connection, issue.id)
    counts: Mapping[DeliveryState, int] = store.deliveries.counts(connection, issue.id) if send else {}
    return Standing(issue, digest, send, next_step(issue, digest, send, now), counts)


def _outlook(connection: Connection, digest: DigestSettings, now: datetime) -> Outlook:
    day = draft.slot_to_draft(connection, digest, now)
    issue = store.issues.issue(connection, IssueId(digest.slug, day))
    at = goes_out(issue, digest) if issue else slot_on(digest, day).at
    return Outlook(digest, at, draft_opens(digest, day), issue)
