"""An issue with one of everything, to try templates on before a real issue meets them."""

from __future__ import annotations

from datetime import UTC, datetime, time

from digest.model import (
    Comments,
    Group,
    IssueDocument,
    IssueId,
    Link,
    ListedPost,
    Note,
    Pick,
    PickLink,
    PickQuote,
    PickVideo,
    Picture,
    Quote,
    QuoteOrigin,
    Video,
)
from digest.publish.addresses import PublishedIssue
from digest.settings import DigestSettings, MailSettings, PublishSettings

_WHEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_URL = "https://blog.example.org/2026/11/the-lamp.html"
_PICTURE = Picture(f"{'0' * 32}.jpg", 640, 360)
_VIDEO = Video(
    "youtube", "sample00000", "https://www.youtube.com/watch?v=sample00000", "The lamp, lit", "Quay Talks"
)


def settings(language: str) -> tuple[DigestSettings, PublishSettings, MailSettings]:
    """Settings under which the sample can be rendered."""
    digest = DigestSettings(
        slug="sample",
        title="A sample",
        description="One of everything.",
        language=language,
        days=("sunday",),
        at=time(9),
        zone="UTC",
    )
    publish = PublishSettings(
        tag="tag:example.org,2026:", feeds_url="https://feeds.example.org", app_url="https://app.example.org"
    )
    mail = MailSettings.model_validate({"from": "sample@example.org", "postal": "1 Sample Street"})
    return digest, publish, mail


def issue(language: str) -> PublishedIssue:
    """A corrected issue in ``language`` with two themes, and posts in that language and in a right-to-left one."""
    groups = (
        Group("sample-theme", "A theme", (_pick("one", language), _pick("two", "fa"))),
        Group("", "More posts", (_bare_pick(language),)),
    )
    document = IssueDocument(
        id=IssueId("sample", _WHEN.date()),
        digest_title="A sample",
        language=language,
        title="A theme",
        subject="A sample: a theme",
        introduction="A first paragraph.\n\nA second one.",
        groups=groups,
        quote_of_the_week="q-one-0",
        new_videos=(_listed("A new video", _VIDEO), _listed("Another", _VIDEO, _PICTURE)),
        also_published=(_listed("Another post", None),),
        number=1,
        notes=(
            Note("n-1", "A word before all.", _URL, "A link"),
            Note("n-2", "A word.", group="theme-sample-theme"),
        ),
    )
    return PublishedIssue(document, version=2, published_at=_WHEN, updated_at=_WHEN)


def _pick(name: str, language: str) -> Pick:
    quotes = tuple(PickQuote(f"q-{name}-{number}", _quote(number)) for number in range(2))
    return Pick(
        id=f"p-{name}",
        post=name,
        revision=1,
        url=_URL,
        title="The lamp at the end of the quay",
        source="sample",
        source_title="Notes from the quay",
        published=_WHEN,
        updated=None,
        language=language,
        authors=("Ona Tresk",),
        minutes=3,
        blurb="Who lights it, and who pays for the oil.",
        quotes=quotes,
        videos=(PickVideo(_VIDEO, "embedded in the post"), PickVideo(_VIDEO, "the same", _PICTURE)),
        related_posts=(
            PickLink(Link("The oil", _URL), "listed"),
            PickLink(Link("Without a link", ""), "listed"),
        ),
        comments=Comments(2, f"{_URL}#comments"),
        why="its title has “lamp”",
        score=1.0,
    )


def _bare_pick(language: str) -> Pick:
    """A post of which nothing is known but its title, as a poor feed gives it."""
    return Pick(
        id="p-bare",
        post="bare",
        revision=1,
        url="",
        title="A bare post",
        source="sample",
        source_title="Notes from the quay",
        published=_WHEN,
        updated=None,
        language=language,
        authors=(),
        minutes=0,
        blurb="",
        quotes=(),
        videos=(),
        related_posts=(),
        comments=None,
        why="new",
        score=0.0,
    )


def _quote(number: int) -> Quote:
    text = ("A lamp needs no permission.", "Oil does.")[number]
    speaker = ("Ona Tresk", "")[number]
    return Quote(
        text, speaker, ("light",), ((0, len(text)),), QuoteOrigin.LISTED, 1.0, f"{_URL}#:~:text=lamp"
    )


def _listed(title: str, video: Video | None, picture: Picture | None = None) -> ListedPost:
    return ListedPost(title, title, _URL, "Notes from the quay", _WHEN, video, "A sentence.", picture)
