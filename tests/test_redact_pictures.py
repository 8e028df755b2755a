"""``redact`` and pictures: the still of a video that is shown no longer goes from our host and from our folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import loopback
from digest.model import Picture
from digest.pipeline.drafts.draft import draft
from digest.pipeline.installation import Installation
from digest.pipeline.issues.publish import approve, publish
from digest.pipeline.issues.redact import Request, redact
from digest.pipeline.posts.collect import collect
from digest.publish.pictures import picture_path
from installation import NOW, Clock, Place, installed
from test_pipeline_pictures import VIDEOS, Channel


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    """With a channel of two videos."""
    channel = Channel()
    with loopback.serve(channel.answer) as server, installed(tmp_path) as place:
        channel.url = server.url("").rstrip("/")
        place.blog.write("sluice", "weir", at=NOW)
        source = f'[[sources]]\nurl = "{channel.url}/channel"\nslug = "talks"'
        place.configure(sources=source, endpoint=f'{place.server.endpoint}", "{server.endpoint}')
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    with here.opened() as installation:
        collect(installation, Clock(), everything=True)
        issue = draft(installation, "weekly", NOW).issue.id
        approve(installation, issue, NOW)
        publish(installation, issue, NOW)
        yield installation


def kept(here: Place, home: Installation) -> set[str]:
    """The pictures that stand in our folder and in the tree."""
    folder = home.settings.publish.pictures_dir
    return {path.name for root in (folder, here.feeds / "pictures") for path in root.glob("*.jpg")}


def test_the_still_of_a_removed_video_goes_and_the_other_stays(here: Place, home: Installation) -> None:
    """By the address of the video; the address of its still is among those to purge."""
    before = kept(here, home)
    assert len(before) == 2
    watch = f"https://www.youtube.com/watch?v={VIDEOS[0]}"
    done = redact(home, Request(posts=(watch,)), NOW)
    (gone,) = before - kept(here, home)
    path = picture_path(Picture(gone, 0, 0))
    assert (done.removed, done.pictures) == (1, 1)
    assert f"http://127.0.0.1:8000/feeds/{path}" in done.purge
    assert not (here.feeds / path).exists()


def test_the_stills_of_a_removed_source_go(here: Place, home: Installation) -> None:
    """All of them."""
    done = redact(home, Request(sources=("talks",)), NOW)
    assert (done.pictures, kept(here, home)) == (2, set())
