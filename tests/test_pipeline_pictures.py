"""Pictures on their way: fetched with the draft or with the approval, frozen with the issue, written into the tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest

import loopback
from digest.demo.pictures import png
from digest.model import IssueDocument, IssueState, Picture
from digest.pipeline.drafts.draft import draft
from digest.pipeline.drafts.editing import unapprove
from digest.pipeline.installation import Installation
from digest.pipeline.issues.pictures import illustrated
from digest.pipeline.issues.publish import approve, publish, rebuild
from digest.pipeline.mail.letters import render
from digest.pipeline.posts.collect import collect
from digest.publish.pictures import picture_path, pictures
from installation import NOW, SLOT, Clock, Place, installed

VIDEOS = ("ferryTalk01", "weirTalk002")


@dataclass
class Channel:
    """A video channel and its stills; those in ``missing`` cannot be had."""

    missing: set[str] = field(default_factory=set)
    url: str = ""

    def answer(self, request: loopback.Request) -> None:
        name = request.path.removeprefix("/still/")
        if request.path == "/channel":
            feed = f'<feed xmlns="http://www.w3.org/2005/Atom" {_SPACES}><id>yt:channel:quay</id>{self._entries()}</feed>'
            request.send(loopback.response(feed.encode(), content_type="text/xml"))
        elif name in self.missing:
            request.send(loopback.response(status="503 Service Unavailable"))
        else:
            request.send(loopback.response(png(name, 480, 360), content_type="image/png"))

    def _entries(self) -> str:
        return "".join(
            f"<entry><id>yt:video:{id}</id><yt:videoId>{id}</yt:videoId><title>The {id}</title>"
            f'<link rel="alternate" href="https://www.youtube.com/watch?v={id}"/>'
            f"<published>{(NOW - timedelta(hours=1)).isoformat()}</published>"
            f'<media:group><media:thumbnail url="{escape(self.url)}/still/{id}" width="480" height="360"/>'
            f"<media:description>Of the river {id}.</media:description></media:group></entry>"
            for id in VIDEOS
        )


_SPACES = 'xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"'


@pytest.fixture
def channel() -> Iterator[Channel]:
    found = Channel()
    with loopback.serve(found.answer) as server:
        found.url = server.url("").rstrip("/")
        yield found


@pytest.fixture
def here(tmp_path: Path, channel: Channel) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=NOW)
        source = f'[[sources]]\nurl = "{channel.url}/channel"\nslug = "talks"'
        platform = channel.url.removeprefix("http://")
        place.configure(sources=source, endpoint=f'{place.server.endpoint}", "{platform}')
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    with here.opened() as installation:
        collect(installation, Clock(), everything=True)
        yield installation


def drafted(home: Installation) -> IssueDocument:
    return draft(home, "weekly", NOW).issue.document


def test_a_draft_has_the_stills_of_its_videos(home: Installation) -> None:
    """Drawn anew, in 16:9, in the folder of pictures; the editor sees what will be sent."""
    found = pictures(drafted(home))
    assert len(found) == len(VIDEOS)
    assert {(each.width, each.height) for each in found} == {(480, 270)}
    assert all(home.gallery.read(each) for each in found)


def test_a_draft_made_again_asks_nobody_again(home: Installation, channel: Channel) -> None:
    """It takes the pictures of the draft before it; the same posts make the same document."""
    first = drafted(home)
    channel.missing.update(VIDEOS)
    assert drafted(home) == first


def test_what_could_not_be_had_is_asked_for_when_the_issue_is_approved(
    home: Installation, channel: Channel
) -> None:
    """A still that comes late costs its picture in the draft only."""
    channel.missing.add(VIDEOS[0])
    document = drafted(home)
    assert len(pictures(document)) == 1
    channel.missing.clear()
    issue = approve(home, document.id, NOW)
    assert len(pictures(issue.document)) == 2


def test_a_still_that_never_comes_keeps_no_issue_back(home: Installation, channel: Channel) -> None:
    """Its video is a plain card; the other has its picture."""
    channel.missing.add(VIDEOS[0])
    issue = approve(home, drafted(home).id, NOW)
    rendering = render(home, issue.document, issue.version)
    assert rendering is not None
    assert rendering.html.count("<img") == 1
    assert all(f"watch?v={id}" in rendering.html for id in VIDEOS)


def test_an_approved_issue_has_its_pictures_there_and_nothing_else(home: Installation, here: Place) -> None:
    """So a test copy shows them; they stay while others are published, and go where the approval is withdrawn."""
    issue = approve(home, drafted(home).id, NOW)
    places = {picture_path(picture) for picture in pictures(issue.document)}
    assert {path for path in here.tree() if not path.startswith(".")} == places
    rebuild(home)
    assert places <= here.tree().keys()
    unapprove(home, issue.id, "one more look", NOW)
    rebuild(home)
    assert not places & here.tree().keys()


def test_a_tree_that_cannot_be_written_keeps_no_approval_back(home: Installation, here: Place) -> None:
    """The pictures are written when it is published."""
    (here.folder / "feeds").write_text("in the way", encoding="utf-8")
    assert approve(home, drafted(home).id, NOW).state is IssueState.APPROVED


def test_a_published_issue_has_its_pictures_beside_it(home: Installation, here: Place) -> None:
    """At the addresses that mail and page name, on our own host; the platform's address stands nowhere."""
    issue_id = drafted(home).id
    approve(home, issue_id, NOW)
    issue = publish(home, issue_id, SLOT)
    rendering = render(home, issue.document, issue.version)
    assert rendering is not None
    for picture in pictures(issue.document):
        assert (here.feeds / picture_path(picture)).read_bytes() == home.gallery.read(picture)
        assert f"http://127.0.0.1:8000/feeds/{picture_path(picture)}" in rendering.html
    assert "/still/" not in rendering.html


def test_an_issue_that_has_its_pictures_fetches_nothing(home: Installation) -> None:
    """Neither those it has, nor those of an earlier draft."""
    document = drafted(home)
    nowhere = replace(home, gallery=replace(home.gallery, draw=_must_not_draw))
    assert illustrated(nowhere, document) == document
    assert illustrated(nowhere, _without_pictures(document), document) == document


def _must_not_draw(data: bytes) -> tuple[Picture, bytes]:
    raise AssertionError("nothing was to be fetched")


def _without_pictures(document: IssueDocument) -> IssueDocument:
    groups = tuple(
        replace(
            group,
            picks=tuple(
                replace(pick, videos=tuple(replace(shown, picture=None) for shown in pick.videos))
                for pick in group.picks
            ),
        )
        for group in document.groups
    )
    videos = tuple(replace(post, picture=None) for post in document.new_videos)
    return replace(document, groups=groups, new_videos=videos)
