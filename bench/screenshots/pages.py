"""The pages on the web, of an invented digest: an issue, its archive, a theme, the search, on a phone and a desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from screenshots.camera import Shot
from screenshots.mails import illustrated, with_long_words

from digest.model import IssueDocument, IssueId
from digest.publish.page import Shelf
from digest.publish.plan import House, Planned, plan
from digest.resources import Resources
from publish_samples import DIGEST, PUBLISH, issue, published, right_to_left

WIDTHS = (390, 1280)
SEARCH, SOUGHT = "weekly/search/", "sluice"


def pages() -> Iterator[Shot]:
    """What LOOK asks for of the page, and of the lists that lead to it."""
    document, stills = illustrated(issue(8))
    written = _written(document)
    names = {
        "issue": "weekly/2026-11-22/index.html",
        "archive": "weekly/index.html",
        "year": "weekly/2026/index.html",
        "theme": "weekly/themes/press-freedom/index.html",
        "search-without-script": "weekly/search/index.html",
        "landing": "index.html",
    }
    for name, path in names.items():
        for width in WIDTHS:
            yield Shot(f"page-{name}-{width}", written[path], width, pictures=stills)
        yield Shot(f"page-{name}-390-dark", written[path], 390, "dark", stills)
    found = {path.removeprefix(SEARCH): data for path, data in _found(document).items()}
    for width in WIDTHS:
        yield Shot(
            f"page-search-results-{width}",
            written[f"{SEARCH}index.html"],
            width,
            pictures=found,
            search=SOUGHT,
        )
    persian, stills = illustrated(right_to_left())
    written = _written(persian)
    yield Shot("page-issue-390-rtl", written["weekly/2026-11-22/index.html"], 390, pictures=stills)
    yield Shot("page-archive-390-rtl", written["weekly/index.html"], 390)
    long = _written(with_long_words(document))
    yield Shot("page-issue-320-long-words", long["weekly/2026-11-22/index.html"], 320)


def _written(newest: IssueDocument) -> dict[str, str]:
    """The pages of a year and a half of issues, the newest of which is given, in its language."""
    planned = _planned(newest)
    return {path: (each.make() or b"").decode() for path, each in planned.items() if path.endswith(".html")}


def _found(newest: IssueDocument) -> dict[str, bytes]:
    """What the search over these issues loads: its script and its index."""
    planned = _planned(newest)
    return {
        path: each.make() or b""
        for path, each in planned.items()
        if path.startswith(SEARCH) and path.endswith((".mjs", ".json"))
    }


def _planned(newest: IssueDocument) -> Mapping[str, Planned]:
    resources = _resources()
    digest = DIGEST.model_copy(update={"language": newest.language, "title": newest.digest_title})
    older = [published(weeks_ago=ago) for ago in range(1, 75)]
    if newest.language != "en":
        older = [replace(each, document=_as(newest, each.document.id)) for each in older]
    house = House(PUBLISH, resources.environment(), resources.strings, {})
    return plan([Shelf(digest, (published(newest), *older))], house)


def _as(model: IssueDocument, issue_id: IssueId) -> IssueDocument:
    return replace(model, id=issue_id)


@cache
def _resources() -> Resources:
    return Resources()
