"""Where a published issue stands on the web and in the tree, and its permanent ids.

Ids derive from ``[publish] tag``, digest and slot (RFC 4151, RFC 4287 §4.2.6), never from an address: addresses move.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from digest.model import IssueDocument, IssueId
from digest.settings import PublishSettings


@dataclass(frozen=True, slots=True)
class PublishedIssue:
    """A frozen version as it is shown: ``published_at`` never moves, ``updated_at`` with each correction."""

    document: IssueDocument
    version: int
    published_at: datetime
    updated_at: datetime


def issue_folder(issue: IssueId) -> str:
    """``weekly/2026-11-22``, or ``weekly/2026-11-22+name``: safe as a path and in an address."""
    name = f"+{_plain(issue.name)}" if issue.name else ""
    return f"{issue.digest}/{issue.slot.isoformat()}{name}"


def _plain(name: str) -> str:
    """An extra issue's name in ASCII; where that loses something, a hash keeps two names apart."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return plain if plain == name else f"{plain}-{sha256(name.encode()).hexdigest()[:8]}".lstrip("-")


def issue_url(publish: PublishSettings, issue: IssueId) -> str:
    """The permanent address of an issue's page."""
    return f"{_base(publish)}/{issue_folder(issue)}/"


def archive_url(publish: PublishSettings, digest: str) -> str:
    """The page that lists all issues of a digest."""
    return f"{_base(publish)}/{digest}/"


def feed_url(publish: PublishSettings, digest: str) -> str:
    """The Atom feed of a digest."""
    return f"{_base(publish)}/{digest}/atom.xml"


def landing_url(publish: PublishSettings) -> str:
    """The page that lists all digests."""
    return f"{_base(publish)}/"


def feed_id(publish: PublishSettings, digest: str) -> str:
    """The Atom id of a digest's feed."""
    return f"{publish.tag}{digest}"


def entry_id(publish: PublishSettings, issue: IssueId) -> str:
    """The Atom id of an issue, in any version of it."""
    return f"{publish.tag}{issue_folder(issue)}"


def theme_scheme(publish: PublishSettings) -> str:
    """What says that a category's term is the slug of one of our themes (RFC 4287 §4.2.2.2)."""
    return f"{publish.tag}themes"


def _base(publish: PublishSettings) -> str:
    return publish.feeds_url.rstrip("/")
