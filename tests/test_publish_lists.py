"""The archive: the newest issues, years, themes; small pages, whatever has been published."""

from __future__ import annotations

from dataclasses import replace

from lxml import html

from digest.publish.addresses import PublishedIssue
from digest.publish.archive import NEWEST
from digest.publish.page import Shelf
from digest.publish.plan import House, Planned, plan
from digest.resources import Resources
from publish_samples import DIGEST, PUBLISH, published

RESOURCES = Resources()
ENVIRONMENT = RESOURCES.environment()
BASE = "https://feeds.example.org/weekly"


def planned(issues: tuple[PublishedIssue, ...]) -> dict[str, Planned]:
    return dict(plan([Shelf(DIGEST, issues)], House(PUBLISH, ENVIRONMENT, RESOURCES.strings, {})))


def page(plans: dict[str, Planned], path: str) -> html.HtmlElement:
    return html.document_fromstring(plans[path].make() or b"")


def weeks(number: int) -> tuple[PublishedIssue, ...]:
    return tuple(published(weeks_ago=ago) for ago in range(number))


def issues_in(shown: html.HtmlElement) -> list[str]:
    """The issues that a page links to, in its order, each once."""
    links = [str(href).partition("#")[0] for href in shown.xpath("//main//a/@href")]
    return list(
        dict.fromkeys(link for link in links if link.startswith(f"{BASE}/20") and link.count("-") == 2)
    )


def test_the_first_page_has_the_newest_issues_and_leads_to_all_others() -> None:
    """By year and by theme; each issue is on exactly one page of a year."""
    plans = planned(weeks(60))
    first = page(plans, "weekly/index.html")
    assert len(issues_in(first)) == NEWEST
    years = first.xpath("//nav[@aria-label='Years']//a/@href")
    assert years == [f"{BASE}/2026/", f"{BASE}/2025/"]
    assert first.xpath("//nav[@aria-label='Themes']//a/text()")[:2] == ["Press freedom", "Water and climate"]
    listed = [link for year in (2026, 2025) for link in issues_in(page(plans, f"weekly/{year}/index.html"))]
    assert len(listed) == len(set(listed)) == 60


def test_a_year_is_told_by_month_newest_first() -> None:
    """With the day beside each title."""
    shown = page(planned(weeks(60)), "weekly/2025/index.html")
    assert shown.xpath("//section/h2/text()") == ["December", "November", "October"]
    assert shown.xpath("string(//section[1]//time)") == "December 28"
    assert shown.xpath("//nav[@aria-label='Years']//span/text()") == ["2025"]


def test_a_theme_has_what_stood_under_it_each_post_at_its_place() -> None:
    """In the newest issues, and by year in all of them; its feed is offered."""
    plans = planned(weeks(60))
    shown = page(plans, "weekly/themes/water-and-climate/index.html")
    assert len(issues_in(shown)) == NEWEST
    assert f"{BASE}/2026-11-22/#p-post-1" in shown.xpath("//li/a/@href")
    assert not [href for href in shown.xpath("//li/a/@href") if "#p-post-0" in href]
    assert shown.xpath("string(//link[@rel='alternate']/@href)") == f"{BASE}/themes/water-and-climate.xml"
    old = page(plans, "weekly/themes/water-and-climate/2025/index.html")
    assert all(link.startswith(f"{BASE}/2025-") for link in issues_in(old))


def test_a_theme_that_an_issue_leaves_out_is_not_said_to_be_in_it() -> None:
    """And a group that is no theme has no page."""
    newest, *older = weeks(3)
    groups = (replace(newest.document.groups[0], slug="", name="other"), *newest.document.groups[2:])
    changed = replace(newest, document=replace(newest.document, groups=groups, quote_of_the_week=""))
    plans = planned((changed, *older))
    shown = page(plans, "weekly/themes/water-and-climate/index.html")
    assert f"{BASE}/2026-11-22/" not in issues_in(shown)
    assert "weekly/themes//index.html" not in plans


def test_no_list_grows_with_the_years() -> None:
    """Of 500 issues every list but the search's own files stays below 100 KB."""
    plans = planned(weeks(500))
    lists = [path for path in plans if path.endswith("index.html") and path.count("-") < 2]
    for path in ("weekly/index.html", "weekly/2020/index.html", "weekly/themes/health/2020/index.html"):
        assert path in lists
        assert len(plans[path].make() or b"") < 100_000


def test_publishing_makes_only_the_lists_again_that_show_the_new_issue() -> None:
    """A year that is over, and what stood under a theme in it, keeps its pages as they are."""
    before, after = planned(weeks(61)[1:]), planned(weeks(61))
    changed = {
        path for path, each in after.items() if path not in before or before[path].inputs != each.inputs
    }
    assert "weekly/2026/index.html" in changed
    assert "weekly/themes/health/2026/index.html" in changed
    assert "weekly/2025/index.html" not in changed
    assert "weekly/themes/health/2025/index.html" not in changed
    assert {path for path in changed if path.startswith("weekly/20") and "-" in path} == {
        "weekly/2026-11-22/index.html",
        "weekly/2026-11-15/index.html",  # leads to the new one
    }
