"""Issues as lines of a list, what stands in them, and how many readers chose a theme: without reading it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection, Engine

from digest.model import Group, IssueId, IssueState, SendState
from digest.store import audience, choices, issues, listings
from digest.store.audience import ImportRow
from digest.store.database import transaction
from publish_samples import issue as sample_issue
from store_samples import NOW, WEEKLY, an_issue, request, subscribe

EARLIER, LATER = IssueId("weekly", date(2026, 11, 8)), IssueId("weekly", date(2026, 11, 29), "extra")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with transaction(engine) as opened:
        issues.digest_started(opened, "weekly", NOW)
        subscribe(opened, "ada@example.org")
        request(opened)
        for issue_id in (EARLIER, LATER):
            issues.save_draft(opened, an_issue(issue_id))
        yield opened


def test_issues_are_listed_with_their_titles_and_sends(connection: Connection) -> None:
    """The latest first, behind one of them, or only those with a send."""
    found = listings.headings(connection, 10)
    assert [(each.id, each.title, each.state, each.send) for each in found] == [
        (LATER, "Harbours", IssueState.DRAFT, None),
        (WEEKLY, "Harbours", IssueState.APPROVED, SendState.RUNNING),
        (EARLIER, "Harbours", IssueState.DRAFT, None),
    ]
    assert [each.id for each in listings.headings(connection, 1, before=LATER)] == [WEEKLY]
    assert [each.id for each in listings.headings(connection, 10, sent=True)] == [WEEKLY]


def test_what_stands_under_a_theme_is_read_from_the_issues_of_some_weeks(connection: Connection) -> None:
    """With why it stands there; what was skipped, or is older, is left out."""
    pick = sample_issue().picks[0]
    for issue_id in (EARLIER, LATER):
        stored = issues.issue(connection, issue_id)
        assert stored is not None
        document = replace(stored.document, groups=(Group("water", "Water", (pick,)),))
        assert issues.save_draft(connection, replace(stored, document=document, edit=1), 0)
    found = list(listings.placed(connection, WEEKLY.slot))
    assert [(each.issue, each.theme, each.url, each.why) for each in found] == [
        (LATER, "water", pick.url, pick.why)
    ]
    issues.skip(connection, LATER, "nobody is here", NOW)
    assert list(listings.placed(connection, WEEKLY.slot)) == []
    assert [each.issue for each in listings.placed(connection, EARLIER.slot)] == [EARLIER]


def test_the_readers_of_a_theme_are_counted_up_to_a_number(connection: Connection) -> None:
    """Whatever else they chose beside it; a name within a name is another theme."""
    wanted = [("water",), ("schools", "water"), ("water", "water-2"), ("water-2",), None]
    rows = [ImportRow(f"r{number}@a.test", "weekly", each, NOW, "x") for number, each in enumerate(wanted)]
    audience.import_rows(connection, rows, NOW)
    assert choices.readers_of(connection, "water", 100) == 3
    assert choices.readers_of(connection, "water", 2) == 2
    assert choices.readers_of(connection, "water-2", 100) == 2
    assert choices.readers_of(connection, "nothing", 100) == 0
