"""Where a published issue stands on the web and in the tree, and its permanent ids.

Ids derive from ``[publish] tag``, digest and slot (RFC 4151, RFC 4287 §4.2.6), never from an address: addresses move.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256

from digest.model import IssueDocument, IssueId
from digest.publish.shown import cleaned
from digest.settings import PublishSettings

_FEED = re.compile(r"[^/.][^/]*/(?:atom\.xml|rss\.xml|feed\.json|quotes\.xml|videos\.xml|themes/[^/.]+\.xml)")


@dataclass(frozen=True, slots=True)
class Edition:
    """What was public of an issue from a moment on: its document when it was published, or a corrected one."""

    document: IssueDocument
    public_at: datetime


@dataclass(frozen=True)  # without slots, which ``clean`` could not be remembered in
class PublishedIssue:
    """A frozen version as it is shown: ``published_at`` never moves, ``updated_at`` with each visible correction.

    ``earlier`` are the editions before this one, oldest first; ``sha256`` tells this document from any other.
    """

    document: IssueDocument
    version: int
    published_at: datetime
    updated_at: datetime
    earlier: tuple[Edition, ...] = ()
    sha256: str = ""

    @cached_property
    def clean(self) -> IssueDocument:
        """The document with every text in it cleaned: looked through once, however many pages and feeds show it."""
        return cleaned(self.document)

    @property
    def editions(self) -> tuple[Edition, ...]:
        """All that was public of it, oldest first; the last one still is."""
        since = self.updated_at if self.earlier else self.published_at
        return (*self.earlier, Edition(self.document, since))


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


def rss_url(publish: PublishSettings, digest: str) -> str:
    """The same feed as RSS 2.0."""
    return f"{_base(publish)}/{digest}/rss.xml"


def json_url(publish: PublishSettings, digest: str) -> str:
    """The same feed as JSON Feed 1.1."""
    return f"{_base(publish)}/{digest}/feed.json"


def year_url(publish: PublishSettings, digest: str, year: int) -> str:
    """The page that lists the issues of a year."""
    return f"{archive_url(publish, digest)}{year}/"


def theme_url(publish: PublishSettings, digest: str, theme: str) -> str:
    """The page of a theme: what stood under it in the newest issues."""
    return f"{archive_url(publish, digest)}themes/{theme}/"


def theme_year_url(publish: PublishSettings, digest: str, theme: str, year: int) -> str:
    """What stood under a theme in a year."""
    return f"{theme_url(publish, digest, theme)}{year}/"


def theme_feed_url(publish: PublishSettings, digest: str, theme: str) -> str:
    """The Atom feed of a theme."""
    return f"{archive_url(publish, digest)}themes/{theme}.xml"


def search_url(publish: PublishSettings, digest: str) -> str:
    """The page on which the issues of a digest are searched."""
    return f"{archive_url(publish, digest)}search/"


def subscribe_url(publish: PublishSettings, digest: str) -> str:
    """The form by which people sign up for the mail; it needs the application, which no tree of files is."""
    return f"{publish.app_url.rstrip('/')}/s/{digest}"


def sources_url(publish: PublishSettings, digest: str) -> str:
    """The sources of a digest, as OPML."""
    return f"{_base(publish)}/{digest}/sources.opml"


def feeds_opml_url(publish: PublishSettings) -> str:
    """All our feeds, as OPML."""
    return f"{_base(publish)}/feeds.opml"


def url_of(publish: PublishSettings, path: str) -> str:
    """Where the document at ``path`` of the tree stands on the web; a folder's index has the folder's address."""
    return f"{_base(publish)}/{path.removesuffix('index.html')}"


def is_feed(path: str) -> bool:
    """Whether a feed that readers poll stands at this path of the tree, and no archive of one."""
    return _FEED.fullmatch(path) is not None


def landing_url(publish: PublishSettings) -> str:
    """The page that lists all digests."""
    return f"{_base(publish)}/"


def feed_id(publish: PublishSettings, digest: str) -> str:
    """The Atom id of a digest's feed."""
    return f"{publish.tag}{digest}"


def entry_id(publish: PublishSettings, issue: IssueId) -> str:
    """The Atom id of an issue, in any version of it."""
    return f"{publish.tag}{issue_folder(issue)}"


def part_id(publish: PublishSettings, digest: str, part: str) -> str:
    """The Atom id of a part of a digest that is not an issue: a pick, a quote, a video, or another feed."""
    return f"{publish.tag}{digest}/{part}"


def theme_scheme(publish: PublishSettings) -> str:
    """What says that a category's term is the slug of one of our themes (RFC 4287 §4.2.2.2)."""
    return f"{publish.tag}themes"


def topic_scheme(publish: PublishSettings) -> str:
    """What says that a category's term is a topic as a post names it."""
    return f"{publish.tag}topics"


def _base(publish: PublishSettings) -> str:
    return publish.feeds_url.rstrip("/")
