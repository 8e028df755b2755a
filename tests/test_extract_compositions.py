"""Posts composed of independent habits of markup and wording: all that is listed in them is read, and nothing else.

``tests/compositions.py`` makes them. CI reads a fixed sample; ``DIGEST_COMPOSITIONS=20000`` reads that many. What fails is
printed with the choices that made it.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace

import pytest

from composed_pages import PAGES
from compositions import Composition, Expected, compose
from digest.collect.page import read_page
from digest.extract.reading import read, read_post, verbatim
from digest.extract.words import Words
from digest.model import Entry, Reading
from digest.resources import Resources
from digest.text.html import document, sanitise

WORDS = Words.merge(Resources().words())
URL = "https://odde.example/post"
MANY = int(os.environ.get("DIGEST_COMPOSITIONS", "900"))
GROUPS = 12  # of tests, so that they run side by side


def reading(post: Composition) -> Reading:
    """What is read in a composed post; every quote is checked against its text."""
    html = sanitise(post.html, URL)
    found = read(html, url=URL, title=post.title, language=post.language, summary="", words=WORDS)
    text = document(html).text
    assert all(verbatim(quote, text) for quote in found.quotes)
    return found


def page(post: Composition, around: str) -> Entry:
    """A composed post as the page that stands around it is read."""
    body = around.replace("{title}", post.title).replace("{body}", post.html)
    head = f'<head><meta charset="utf-8"><title>{post.title} | Odde Herald</title></head>'
    return read_page(f"<!doctype html><html>{head}{body}</html>".encode(), URL)


def words_around(around: str, post: Composition) -> list[str]:
    """What a page says itself, in pieces; nothing that its post says, too."""
    pieces = re.split(r"<[^>]*>|\{title\}|\{body\}", around)
    return [piece.strip() for piece in pieces if piece.strip() and piece.strip() not in post.html]


def listed(found: Reading) -> Expected:
    """The same, as expectations are written."""
    return Expected(
        summary=found.summary,
        themes=[(theme.title, theme.description) for theme in found.themes],
        quotes=[(quote.text, quote.speaker, quote.topics) for quote in found.quotes],
        posts=[(link.title, link.url) for link in found.related_posts],
        videos=[(video.title, video.platform, video.id) for video in found.related_videos],
    )


@pytest.mark.parametrize("group", range(GROUPS))
def test_composed_posts_are_read_as_composed(group: int) -> None:
    """Whatever habits come together, every theme, quote, name, topic, post and video is read word for word."""
    posts = {seed: compose(seed) for seed in range(group, MANY, GROUPS)}
    missed = {seed: post.choices for seed, post in posts.items() if listed(reading(post)) != post.expected}
    assert not missed


@pytest.mark.parametrize("name", PAGES)
def test_composed_posts_are_found_in_whole_pages(name: str) -> None:
    """Title and lists are those of the post; nothing of what stands around it leaks into its text.

    A list of links in a <nav> is the page's on a page, and of several <article> one is the post where no title is
    outside of them.
    """
    posts = [compose(seed) for seed in range(40)]
    for post in posts:
        if post.choices.get("posts") == "nav" or post.choices.get("sections") == "article":
            continue
        entry = page(post, PAGES[name])
        found = listed(read_post(replace(entry, language=post.language), WORDS))
        found.summary, found.videos = post.expected.summary, post.expected.videos
        assert found == post.expected, post.choices
        assert not [words for words in words_around(PAGES[name], post) if words in entry.text]
        assert entry.title == post.title or "{title}" not in PAGES[name]


def test_the_same_number_composes_the_same_post() -> None:
    """So that a miss can be looked at again."""
    assert compose(7) == compose(7)
    assert len({compose(seed).html for seed in range(50)}) == 50
