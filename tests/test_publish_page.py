"""The pages on the web: complete without a script, linked with each other, safe whatever a feed says."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import html

import golden
from digest.model import IssueDocument, IssueId, Note
from digest.publish.addresses import PublishedIssue
from digest.publish.page import Shelf, issue_page
from digest.publish.plan import House, plan
from digest.publish.shown import cleaned
from digest.resources import Resources
from node_tools import package
from publish_samples import DIGEST, PUBLISH, hostile, issue, published, right_to_left, with_pictures

RESOURCES = Resources()
ENVIRONMENT = RESOURCES.environment()
MONTHLY = DIGEST.model_copy(update={"slug": "monthly", "title": "نامهٔ بندر", "language": "fa"})


def page(shown: PublishedIssue) -> html.HtmlElement:
    return html.document_fromstring(source(shown))


def source(shown: PublishedIssue) -> str:
    digest = DIGEST.model_copy(update={"language": shown.document.language})
    return issue_page(
        shown,
        digest=digest,
        publish=PUBLISH,
        templates=ENVIRONMENT,
        strings=RESOURCES.strings(shown.document.language),
    )


def files(*shelves: Shelf) -> dict[str, bytes]:
    planned = plan(shelves, House(PUBLISH, ENVIRONMENT, RESOURCES.strings, {}))
    return {path: each.make() or b"" for path, each in planned.items()}


def two_digests() -> dict[str, bytes]:
    persian = replace(right_to_left(), id=IssueId("monthly", right_to_left().id.slot))
    extra = published(issue(3, name="election"))
    return files(
        Shelf(DIGEST, (published(), extra, published(weeks_ago=1))), Shelf(MONTHLY, (published(persian),))
    )


def test_every_theme_pick_and_quote_has_its_anchor_once() -> None:
    """Ids are permanent: a link to a quote works as long as the page does."""
    document = issue(30)
    ids = page(published(document)).xpath("//@id")
    wanted = [group.anchor for group in document.groups]
    wanted += [pick.id for pick in document.picks]
    wanted += [quote.id for pick in document.picks for quote in pick.quotes]
    assert set(wanted) <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_page_says_what_the_issue_says() -> None:
    """Every title, blurb, quote, video, related and listed post, and nothing is cut."""
    document = issue(200)
    text = page(published(document)).text_content()
    for pick in document.picks:
        for words in (pick.title, pick.blurb, *(quote.quote.text for quote in pick.quotes)):
            assert words in text
    for listed in (*document.new_videos, *document.also_published):
        assert listed.title in text


def test_other_sites_and_readers_find_what_they_look_for() -> None:
    """Open Graph, canonical address, autodiscovery of the feed, language and direction."""
    shown = page(published(version=2))
    assert shown.xpath("string(//meta[@property='og:title']/@content)") == issue(5).title
    assert (
        shown.xpath("string(//link[@rel='canonical']/@href)")
        == "https://feeds.example.org/weekly/2026-11-22/"
    )
    assert shown.xpath("string(//link[@rel='alternate'][@type='application/atom+xml']/@href)").endswith(
        "atom.xml"
    )
    assert (
        shown.xpath("string(//meta[@property='article:modified_time']/@content)")
        == "2026-11-22T13:00:00+00:00"
    )
    assert (shown.get("lang"), shown.get("dir")) == ("en", "ltr")
    assert page(published(right_to_left())).get("dir") == "rtl"


def test_a_correction_is_dated_and_visible() -> None:
    """A reader can see that the page is not what it was."""
    assert "Corrected on November 22, 2026" in source(published(version=2))
    assert "Corrected" not in source(published())


@pytest.mark.parametrize(
    "document", [issue(5), hostile(issue(12)), right_to_left(), hostile(right_to_left())]
)
def test_a_page_runs_nothing_and_asks_no_other_host(document: IssueDocument) -> None:
    """No script, frame, font, picture or handler, and no address but http and https, whatever a feed says."""
    shown = page(published(document))
    assert not shown.xpath("//script[not(@type='application/ld+json')]|//iframe|//img|//object|//form|//base")
    assert not [name for name in shown.xpath("//@*") if name.attrname.startswith("on")]
    addresses = [str(value) for value in shown.xpath("//@href|//@src|//@cite")]
    assert {urlsplit(address).scheme for address in addresses} <= {"http", "https", ""}
    assert [
        address for address in addresses if not urlsplit(address).scheme and not address.startswith("#")
    ] == []
    assert "url(" not in shown.xpath("string(//style)")


@pytest.mark.parametrize("document", [issue(5), hostile(issue(12)), right_to_left()])
def test_search_engines_read_the_issue_as_linked_data(document: IssueDocument) -> None:
    """JSON-LD that parses whatever a feed says: title, times, language, and each post that is cited."""
    shown = published(document, version=2)
    (text,) = page(shown).xpath("//script[@type='application/ld+json']/text()")
    said = json.loads(text)
    assert said["@type"] == "Article"
    assert said["headline"] == cleaned(document.title)
    assert (said["datePublished"], said["dateModified"]) == (
        "2026-11-22T08:00:00+00:00",
        "2026-11-22T13:00:00+00:00",
    )
    assert said["inLanguage"] == document.language
    linked = [pick for pick in document.picks if pick.url.startswith("https://")]
    assert [each["url"] for each in said.get("citation", [])] == [pick.url for pick in linked]
    assert "<" not in text


def test_a_video_shows_its_picture_and_the_first_is_the_issue_s_own() -> None:
    """From our own host, with its size so that nothing jumps; the first goes with the link in other programs."""
    shown = page(published(with_pictures(issue(5))))
    pictures = shown.xpath("//div[@class='video']/a/img")
    assert len(pictures) == 4  # of two picks and two new videos
    assert all(each.get("src").startswith("https://feeds.example.org/pictures/") for each in pictures)
    assert {(each.get("width"), each.get("height"), each.get("loading")) for each in pictures} == {
        ("480", "270", "lazy")
    }
    assert shown.xpath("string(//meta[@property='og:image']/@content)") == pictures[0].get("src")


def test_notes_of_editors_stand_where_they_belong() -> None:
    """Before all groups, or at the head of theirs; a link where there is one."""
    document = issue(5)
    notes = (
        Note("n-1", "Two lines.\n\nOf one note.", "https://example.org/more", "More of it"),
        Note("n-2", "On the press.", group=document.groups[0].anchor),
    )
    shown = page(published(replace(document, notes=notes)))
    assert shown.xpath("//main/aside[@id='n-1']/p/text()") == ["Two lines.", "Of one note."]
    assert shown.xpath("string(//aside[@id='n-1']//a/@href)") == "https://example.org/more"
    assert "On the press." in shown.xpath(f"string(//section[@id='{document.groups[0].anchor}']/aside)")


def test_an_issue_leads_to_those_beside_it() -> None:
    """The first and the last have one neighbour, those between them two."""
    written = files(Shelf(DIGEST, tuple(published(weeks_ago=ago) for ago in range(3))))
    beside = {
        day: html.document_fromstring(written[f"weekly/2026-11-{day}/index.html"]).xpath("//nav//a/@rel")
        for day in ("08", "15", "22")
    }
    assert beside == {"08": ["next"], "15": ["prev", "next"], "22": ["prev"]}


def test_headings_are_in_order() -> None:
    """One h1, and no level is skipped."""
    for name, data in two_digests().items():
        if name.endswith(".html"):
            levels = [int(each.tag[1]) for each in html.document_fromstring(data).iter("h1", "h2", "h3")]
            assert levels.count(1) == 1, name
            assert all(after - before <= 1 for before, after in pairwise(levels)), name


def test_the_tree_has_a_page_for_each_issue_an_archive_and_a_feed_for_each_digest() -> None:
    """Its paths are what the addresses in it say."""
    pages = [path for path in two_digests() if path.endswith((".html", "atom.xml"))]
    assert [path for path in sorted(pages) if "/themes/" not in path] == [
        "index.html",
        "monthly/2026-11-22/index.html",
        "monthly/2026/index.html",
        "monthly/atom.xml",
        "monthly/index.html",
        "monthly/search/index.html",
        "weekly/2026-11-15/index.html",
        "weekly/2026-11-22+election/index.html",
        "weekly/2026-11-22/index.html",
        "weekly/2026/index.html",
        "weekly/atom.xml",
        "weekly/index.html",
        "weekly/search/index.html",
    ]


def test_every_link_between_our_own_pages_leads_somewhere() -> None:
    """Each address on our host, with its anchor, is a file of the tree that has that anchor."""
    written = two_digests()
    for name, data in written.items():
        here = f"{PUBLISH.feeds_url}/{name}".removesuffix("index.html")
        for href in re.findall(r'href="([^"]+)"', data.decode()):
            address, _, anchor = urljoin(here, href).partition("#")
            if not address.startswith(PUBLISH.feeds_url):
                continue
            path = address.removeprefix(f"{PUBLISH.feeds_url}/")
            target = f"{path}index.html" if path.endswith("/") or not path else path
            assert target in written, f"{name} links to {href}"
            assert not anchor or f'id="{anchor}"' in written[target].decode(), f"{name} links to {href}"


def test_a_digest_without_an_issue_has_a_page_that_says_so_and_no_feed() -> None:
    """Nothing links to a feed that is not there."""
    written = files(Shelf(DIGEST, ()))
    assert sorted(written) == ["index.html", "weekly/index.html"]
    for data in written.values():
        assert b"No issue has been published yet." in data
        assert b"atom.xml" not in data


def test_no_digest_makes_no_tree() -> None:
    """There is nothing to show and nothing is made up."""
    assert files() == {}


def test_each_digest_speaks_its_language_on_the_landing_page() -> None:
    """A Persian digest among English ones keeps its direction, words and digits."""
    shown = html.document_fromstring(two_digests()["index.html"])
    persian = shown.xpath("string(//section[@lang='fa'][@dir='rtl'])")
    assert "۲۲ نوامبر ۲۰۲۶" in str(persian)


def test_the_same_issues_give_the_same_tree() -> None:
    """So an unchanged tree is not written again."""
    assert two_digests() == two_digests()


@pytest.mark.parametrize(("name", "document"), [("en", issue(5)), ("fa", right_to_left())])
def test_the_page_is_the_golden_one(name: str, document: IssueDocument) -> None:
    """Any change of a byte is reviewed as a diff (DIGEST_REFRESH_GOLDEN=1 stores it)."""
    assert golden.matches(f"{name}.page.html", source(published(document)).encode())


def test_every_page_is_valid_html(tmp_path: Path) -> None:
    """By html-validate's recommended rules, where ``make node`` has put it."""
    validate = package("html-validate")
    if validate is None:
        pytest.skip("needs html-validate: make node")
    pages = {path: data for path, data in two_digests().items() if path.endswith(".html")}
    pages["pictures.html"] = source(published(with_pictures(issue(5)))).encode()
    pages["hostile.html"] = source(published(hostile(issue(5)))).encode()
    for path, data in pages.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    rules = {
        "extends": ["html-validate:recommended"],
        "rules": dict.fromkeys(("no-trailing-whitespace", "long-title", "doctype-style"), "off"),
    }
    (tmp_path / ".htmlvalidate.json").write_text(json.dumps(rules), encoding="utf-8")
    command = ["node", str(validate / "bin" / "html-validate.mjs"), *pages]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
