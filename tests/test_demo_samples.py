"""The samples that newcomers see first: complete, varied, consistent, and about nobody real."""

from __future__ import annotations

import csv
import re
import tomllib
from datetime import datetime

import pytest
from lxml import html

from digest.demo.samples import PEOPLE_CSV, THEMES_TOML, SamplePost, channel, posts, read_post
from digest.settings import ThemeSettings

SECTIONS = ("Key Themes", "Key\xa0Themes", "Zentrale Themen", "موضوعات کلیدی")
RESERVED = (".example.org", ".example.com", ".example.net", "@example.org", "@example.com", "@example.net")


def words_of(post: SamplePost) -> str:
    """The visible text of a post."""
    return "".join(str(part) for part in html.fromstring(f"<div>{post.body}</div>").itertext())


def themes() -> list[ThemeSettings]:
    """The suggested themes, read as config.toml would be."""
    tables = tomllib.loads(THEMES_TOML.read_text(encoding="utf-8"))["themes"]
    return [ThemeSettings.model_validate(table) for table in tables]


def test_there_are_enough_posts_by_different_people_in_more_than_one_language() -> None:
    """At least twelve posts, four authors, and three posts in a second language."""
    languages = [post.language for post in posts()]
    assert len(posts()) >= 12
    assert len({post.author for post in posts()}) >= 4
    assert languages.count("de") >= 3
    assert set(languages) == {"en", "de", "fa"}


@pytest.mark.parametrize("post", posts(), ids=lambda post: post.slug)
def test_a_post_is_long_form_and_its_header_is_complete(post: SamplePost) -> None:
    """500 to 1,200 words, with title, author, number, labels and a date in the past."""
    assert 500 <= len(words_of(post).split()) <= 1200
    assert post.title
    assert post.author
    assert re.fullmatch(r"[0-9]{19}", post.id)
    assert post.labels
    assert post.days_ago > 0
    assert all(0 < comment.days_ago < post.days_ago for comment in post.comments)


def test_some_posts_list_their_themes_and_quotes_and_some_do_not() -> None:
    """Both kinds of extraction have something to do."""
    listed = [post for post in posts() if any(words in words_of(post) for words in SECTIONS)]
    assert len(listed) >= 8
    assert len(posts()) - len(listed) >= 4


def test_at_least_four_markup_habits_are_shown() -> None:
    """Lists; dashes between line breaks; headings over paragraphs; cited blockquotes with players; word processors."""
    bodies = [post.body for post in posts()]
    habits = (
        r"</h3>\s*<ul>\s*<li>“",
        r"<br />- ",
        r"</h3>\s*<p>“",
        r"<blockquote>“[^<]*<cite>.*<iframe",
        r"MsoNormal",
        r"<br />– ",
    )
    for habit in habits:
        assert any(re.search(habit, body, re.DOTALL) for body in bodies), habit


def test_every_address_between_samples_leads_to_a_sample() -> None:
    """``post:`` names a post, ``picture:`` a picture of the same post, and no post lists itself."""
    slugs = {post.slug for post in posts()}
    for post in posts():
        assert set(re.findall(r'"post:([^"]*)"', post.body)) <= slugs - {post.slug}
        assert set(re.findall(r'"picture:([^"]*)"', post.body)) <= {post.picture}


def test_numbers_and_ids_are_used_once() -> None:
    """No two posts or videos can be taken for one another."""
    assert len({post.id for post in posts()}) == len(posts())
    assert len({post.title for post in posts()}) == len(posts())
    assert len({video.id for video in channel().videos}) == len(channel().videos)


def test_videos_have_the_form_of_the_platforms_ids() -> None:
    """Eleven characters, of which the last carries only four bits."""
    mentioned = {
        found
        for post in posts()
        for found in re.findall(r"(?:v=|embed/|youtu\.be/|live/)([\w-]+)", post.body)
    }
    for video in mentioned | {video.id for video in channel().videos}:
        assert re.fullmatch(r"[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]", video), video


def test_some_videos_are_in_posts_and_some_are_new() -> None:
    """An issue has videos to put under a pick, and others to list by themselves."""
    bodies = " ".join(post.body for post in posts())
    shown = [video.id in bodies for video in channel().videos]
    assert 6 <= len(shown) <= 8
    assert any(shown)
    assert "embed/" in bodies


def test_a_week_is_worth_an_issue() -> None:
    """Seven to nine posts in the last seven days, most videos in the last fourteen, and an archive behind them."""
    assert 7 <= sum(post.days_ago < 7 for post in posts()) <= 9
    assert sum(video.days_ago < 14 for video in channel().videos) >= 6
    assert sum(post.days_ago > 7 for post in posts()) >= 5


def test_every_post_has_words_of_a_suggested_theme() -> None:
    """The five themes cover the blog, in each of its languages."""
    for post in posts():
        text = f"{post.title} {' '.join(post.labels)} {words_of(post)}".casefold()
        terms = [
            term
            for theme in themes()
            for term in (*theme.terms, *theme.terms_by_language.get(post.language, ()))
            if term.casefold() in text
        ]
        assert terms, post.slug


def test_five_themes_are_suggested() -> None:
    """With terms in English and German."""
    assert len(themes()) == 5
    assert all(theme.terms and theme.terms_by_language["de"] for theme in themes())


def test_the_subscribers_are_nobody() -> None:
    """Three addresses on reserved domains (RFC 2606), each with when and how it consented."""
    with PEOPLE_CSV.open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    slugs = {theme.slug for theme in themes()}
    assert len({person["address"] for person in people}) == 3
    for person in people:
        assert person["address"].endswith(RESERVED)
        assert datetime.fromisoformat(person["consent_at"]).tzinfo
        assert person["consent_source"]
        assert set(filter(None, person["themes"].split(";"))) <= slugs


@pytest.mark.parametrize(
    "text", ["<p>No header</p>", "<!--\ntitle = 1", "words\n<!--\n-->\n", "<!--\nnot toml\n-->\n<p>"]
)
def test_a_sample_without_a_proper_header_is_refused(text: str) -> None:
    """A mistake in a sample shows at once, not as an empty title."""
    with pytest.raises(ValueError, match=r"header|Expected|Invalid"):
        read_post("a-slug", text)


def test_a_header_that_lacks_a_field_is_refused() -> None:
    """The error names the field."""
    with pytest.raises(ValueError, match="author"):
        read_post("a-slug", '<!--\ntitle = "T"\n-->\n<p>Body</p>')
