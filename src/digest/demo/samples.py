"""The sample posts, videos and themes, written for this project; every person and place is invented.

A post is an HTML file as an editor left it, with a header of TOML in a comment on top. Its body may say
``post:SLUG`` for the address of another sample post, and ``picture:NAME`` for a picture.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from digest.codec import from_data

SAMPLES = Path(__file__).with_name("samples")
PEOPLE_CSV = SAMPLES / "people.csv"  # three subscribers, for `digest subscribers import`
THEMES_TOML = SAMPLES / "themes.toml"  # five themes, as config.toml writes them


@dataclass(frozen=True, slots=True)
class SampleComment:
    """A reader's comment under a sample post."""

    author: str
    days_ago: float
    text: str


@dataclass(frozen=True, slots=True)
class SamplePost:
    """A sample post; ``days_ago`` counts back from the demo's now."""

    slug: str
    title: str
    id: str  # the number in Blogger's ids
    author: str
    language: str  # BCP 47
    days_ago: float
    labels: tuple[str, ...]
    body: str  # HTML, with post: and picture: addresses
    picture: str = ""
    comments: tuple[SampleComment, ...] = ()


@dataclass(frozen=True, slots=True)
class SampleVideo:
    """A sample video, which no platform has."""

    id: str
    title: str
    days_ago: float
    views: int
    description: str


@dataclass(frozen=True, slots=True)
class SampleChannel:
    """The sample video channel, newest video first."""

    title: str
    videos: tuple[SampleVideo, ...]


@cache
def posts() -> tuple[SamplePost, ...]:
    """All sample posts, newest first."""
    found = [
        read_post(file.stem, file.read_text(encoding="utf-8")) for file in (SAMPLES / "posts").glob("*.html")
    ]
    return tuple(sorted(found, key=lambda post: (post.days_ago, post.slug)))


def read_post(slug: str, text: str) -> SamplePost:
    """A sample post from its file: ``<!--`` TOML ``-->`` HTML.

    Raises:
        ValueError: the header is missing, no TOML, or lacks a field; a defect of the sample.
    """
    start, opening, rest = text.partition("<!--\n")
    header, closing, body = rest.partition("\n-->\n")
    if start or not (opening and closing):
        raise ValueError(f"The sample post {slug!r} must begin with a header of TOML between <!-- and -->.")
    fields: Mapping[str, object] = tomllib.loads(header)
    return from_data(SamplePost, {**fields, "slug": slug, "body": body.strip()})


@cache
def channel() -> SampleChannel:
    """The sample video channel."""
    return from_data(SampleChannel, tomllib.loads((SAMPLES / "channel.toml").read_text(encoding="utf-8")))
