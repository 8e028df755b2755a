"""Too long a mail is cut by Gmail: what gives way before that, and what never does."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from digest.errors import DigestError
from digest.model import Group
from digest.publish.fitting import HTML_LIMIT
from mails import mail, tree
from publish_samples import issue, with_pictures


@pytest.mark.parametrize("picks", [5, 26, 30])
def test_thirty_picks_fit_with_room_to_spare(picks: int) -> None:
    """Rows of one column: each with two quotes, a video card for every third, below 88 % of the limit."""
    rendering = mail(with_pictures(issue(picks)))
    assert len(tree(rendering).xpath("//h3")) == picks
    assert len(tree(rendering).xpath("//blockquote")) == 2 * picks
    assert len(rendering.html.encode()) < 0.88 * HTML_LIMIT
    assert "more on the web" not in rendering.text


@pytest.mark.parametrize("picks", [60, 200])
def test_what_does_not_fit_is_counted_and_linked(picks: int) -> None:
    """The longest groups give way; each says in both parts how much more of it is on the web."""
    rendering = mail(issue(picks))
    shown = len(tree(rendering).xpath("//h3"))
    assert 40 < shown < picks
    more = [int(number) for number in re.findall(r"(\d+) more on the web", rendering.text)]
    assert sum(more) == picks - shown
    assert rendering.html.count("more on the web") == len(more)
    assert len(rendering.html.encode()) > 0.93 * HTML_LIMIT


def test_a_long_mail_loses_what_matters_least_first() -> None:
    """Titles at the end, then related posts, then further quotes; every post is still there."""
    related, blocks = "//a[starts-with(., 'An older story')]", "//blockquote"
    seen = []
    for picks in range(30, 54, 4):
        page = tree(mail(issue(picks)))
        assert len(page.xpath("//h3")) == picks
        seen.append((bool(page.xpath(related)), len(page.xpath(blocks)) > picks + 1))
    assert seen == sorted(seen, reverse=True)
    assert {(True, True), (False, True), (False, False)} <= set(seen)


def test_an_issue_of_many_themes_fits_too() -> None:
    """Headings take room as well: a theme without a post left is only counted."""
    document = issue(200)
    groups = tuple(
        Group(f"theme-{number}", f"A theme, number {number}", (pick,))
        for number, pick in enumerate(document.picks)
    )
    rendering = mail(replace(document, groups=groups))
    page = tree(rendering)
    shown = len(page.xpath("//h3"))
    assert shown > 25
    assert len(page.xpath("//h2")) == shown + 3  # and quote of the week, new videos, also published
    assert re.findall(r"(\d+) more on the web", rendering.text) == [str(200 - shown)]


def test_a_blurb_too_large_for_any_mail_is_cut() -> None:
    """One monstrous blurb costs neither its post nor the others."""
    document = issue(6)
    huge = replace(document.picks[0], blurb="word " * 30_000)
    first, *rest = document.groups
    rendering = mail(replace(document, groups=(replace(first, picks=(huge, *first.picks[1:])), *rest)))
    assert len(tree(rendering).xpath("//h3")) == 6
    assert "word word…" in rendering.text


def test_a_quote_too_large_for_any_mail_is_left_to_the_web() -> None:
    """Its words are never cut, so the next one stands in its place."""
    document = replace(issue(6), quote_of_the_week="")
    first, *rest = document.groups
    long, short = first.picks[0].quotes
    monstrous = replace(long, quote=replace(long.quote, text="word " * 30_000))
    huge = replace(first.picks[0], quotes=(monstrous, short))
    rendering = mail(replace(document, groups=(replace(first, picks=(huge, *first.picks[1:])), *rest)))
    assert len(tree(rendering).xpath("//h3")) == 6
    assert short.quote.text in tree(rendering).text_content()


def test_an_introduction_too_large_for_any_mail_is_an_error() -> None:
    """It is the editor's own text, so the editor is asked to shorten it."""
    with pytest.raises(DigestError, match="shorten its introduction or notes"):
        mail(replace(issue(2), introduction="word " * 30_000))
