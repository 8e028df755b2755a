"""An issue as everything that it will be, before anybody gets it: a letter, a page, an entry of the feed."""

from __future__ import annotations

from datetime import datetime

from digest.deliver import message
from digest.errors import DigestError
from digest.model import Issue, IssueDocument, Message, Rendering
from digest.pipeline.installation import Installation
from digest.pipeline.mail.letters import letterhead, render
from digest.publish.addresses import PublishedIssue
from digest.publish.feeds.entries import FeedEntry
from digest.publish.feeds.press import Press
from digest.publish.feeds.timeline import Place
from digest.publish.page import issue_page
from digest.publish.wording import wording

_NOBODY = 0  # the number of no subscriber: the links of a proof change nothing for anybody
_ADDRESS = "reader@example.org"


def letter_of(installation: Installation, issue: Issue, now: datetime) -> tuple[Rendering, Message]:
    """What a reader of all themes would get, and the message that brings it, to nobody.

    Raises:
        TemplateError: a template has a mistake.
        DigestError: there is nothing in it to send.
    """
    rendering = render(installation, issue.document, issue.version)
    if rendering is None:
        raise DigestError(f"{issue.id} has nothing in it to send.")
    head = letterhead(installation, issue.id.digest)
    return rendering, message.letter(rendering, head, _NOBODY, _ADDRESS, now)


def page_of(installation: Installation, issue: Issue, now: datetime) -> str:
    """Its page on the web.

    Raises:
        TemplateError: a template has a mistake.
    """
    digest = installation.digest(issue.id.digest)
    return issue_page(
        _as_published(issue, now),
        digest=digest,
        publish=installation.settings.publish,
        templates=installation.templates,
        strings=installation.resources.strings(digest.language),
    )


def entry_of(installation: Installation, issue: Issue, now: datetime) -> FeedEntry:
    """Its entry in the digest's feed.

    Raises:
        TemplateError: a template has a mistake.
    """
    digest, published = installation.digest(issue.id.digest), _as_published(issue, now)
    words = wording(installation.resources.strings(digest.language), digest)
    press = Press(digest, installation.settings.publish, installation.templates, words, {})
    place: Place[IssueDocument] = Place(
        str(issue.id), issue.document, published, published.published_at, published.updated_at
    )
    return press.issue(place, issue.document)


def _as_published(issue: Issue, now: datetime) -> PublishedIssue:
    at = issue.published_at or now
    return PublishedIssue(issue.document, issue.version, at, at)
