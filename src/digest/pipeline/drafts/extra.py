"""The verb ``draft`` for an extra issue: outside the schedule, with the posts that an editor chose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from digest import store
from digest.assemble import window
from digest.assemble.editing import introduction
from digest.errors import DigestError
from digest.model import Issue, IssueId, IssueState
from digest.pipeline.drafts.composing import compose, prepare
from digest.pipeline.drafts.draft import Drafted, chosen, save, why_kept
from digest.pipeline.installation import Installation
from digest.settings import SLUG
from digest.store.database import reading

FURTHEST = timedelta(days=366)
HELD = "an extra issue is approved by a person"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an editor wants of an extra issue; what is None stays as it is, or is left out of a new one."""

    day: date | None = None  # its date; None: today, in the digest's zone
    posts: Sequence[str] | None = None  # addresses, keys or ids of stored posts
    introduction: str | None = None
    at: time | None = None  # the local time at which it goes out; None: once it is approved


def draft_extra(
    installation: Installation, digest_slug: str, name: str, wishes: Wishes, now: datetime
) -> Drafted:
    """Make an extra issue, or change the draft of it; made again without a wish it is left as it is.

    Raises:
        NotFoundError: an unknown digest, or a post that is not stored.
        DigestError: the name is none, the day is none, or the introduction is too long.
    """
    digest = installation.digest(digest_slug)
    if not re.fullmatch(SLUG, name):
        raise DigestError(
            f"{name!r} is no name for an extra issue: use lower-case letters, digits and hyphens, at most 48."
        )
    today = now.astimezone(ZoneInfo(digest.zone)).date()
    day = wishes.day or today
    if abs(day - today) > FURTHEST:
        raise DigestError(f"{day} is no day for an extra issue: give one within a year of today.")
    issue_id = IssueId(digest.slug, day, name)
    prepare(installation, digest, lambda connection: chosen(connection, wishes.posts or ()), now)
    with reading(installation.engine) as connection:
        existing = store.issues.issue(connection, issue_id)
        if existing and wishes == Wishes(wishes.day):
            return Drafted(existing)
        if existing and (kept := why_kept(existing)):
            return Drafted(existing, kept)
        drafted = _as_wished(installation, connection, issue_id, existing, wishes, now)
    return save(installation, drafted, existing.document if existing else None)


def _as_wished(
    installation: Installation,
    connection: Connection,
    issue_id: IssueId,
    existing: Issue | None,
    wishes: Wishes,
    now: datetime,
) -> Issue:
    if existing is None or wishes.posts is not None:
        posts = tuple(chosen(connection, wishes.posts or ()))
        document = compose(installation, connection, issue_id, posts, chosen=True)
        said = existing.document.introduction if existing else ""
        document = replace(document, introduction=said)
    else:
        document = existing.document
    if wishes.introduction is not None:
        document = replace(document, introduction=introduction(wishes.introduction))
    issue = existing or Issue(issue_id, IssueState.DRAFT, document, now, now, held=HELD)
    if wishes.at is not None:
        at = window.moment(installation.digest(issue_id.digest), issue_id.slot, f"{wishes.at:%H:%M}")
        issue = replace(issue, goes_out_at=at)
    return replace(issue, document=document, updated_at=now, drafted_at=now)
