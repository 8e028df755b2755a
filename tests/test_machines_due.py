"""What is due, by the rows alone: the same units on SQLite, where threads do them, and on PostgreSQL, where workers do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from digest.model import IssueId, IssueState, Unit, Work
from digest.pipeline.installation import Installation
from digest.pipeline.mail.send import request, senders
from digest.pipeline.mail.steering import pause, resume
from digest.pipeline.posts.collect import collect
from digest.settings import MailSettings
from digest.work import due
from digest.work.doing import Hands, do
from installation import ISSUE, NOW, SLOT, Clock, Place, installed_for

OPENS = SLOT - timedelta(hours=48)
DRAFT, PUBLISH, SEND = Unit(Work.DRAFT, "weekly"), Unit(Work.PUBLISH, ISSUE), Unit(Work.SEND, ISSUE)


@pytest.fixture
def here(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with installed_for(request, tmp_path, digest='approval = "auto"') as place:
        place.blog.write("sluice", "weir", at=NOW)
        with place.opened():
            pass  # a digest begins when it is first seen
        place.subscribe("ada@example.org", "bo@example.org")
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    with here.opened() as installation:
        yield installation


def of_weekly(home: Installation, now: datetime) -> tuple[Unit, ...]:
    return due.of_digest(home, home.settings.digests[0], now).units


def done(home: Installation, unit: Unit, now: datetime) -> tuple[Unit, ...]:
    return do(Hands(home, Clock(now), Event()), unit)


def test_from_a_source_to_mail_each_unit_makes_the_next_one_due(here: Place, home: Installation) -> None:
    """By what it says itself, and by the rows for whoever comes later; done again, each is nothing."""
    (poll,) = due.polls(home, NOW).units
    assert poll == Unit(Work.POLL, here.server.endpoint)
    assert done(home, poll, NOW) == ()
    assert due.polls(home, NOW).units == ()
    assert of_weekly(home, OPENS - timedelta(seconds=1)) == ()
    assert of_weekly(home, OPENS) == (DRAFT,)
    assert done(home, DRAFT, OPENS) == ()
    assert of_weekly(home, SLOT) == (PUBLISH,)
    assert done(home, PUBLISH, SLOT) == (SEND,)
    assert of_weekly(home, SLOT) == (SEND,)
    assert done(home, SEND, SLOT) == ()
    for unit in (poll, DRAFT, PUBLISH, SEND):
        assert done(home, unit, SLOT) == ()
    assert of_weekly(home, SLOT) == ()
    assert here.recipients() == ["ada@example.org", "bo@example.org"]


def test_a_unit_that_is_named_too_early_is_nothing(here: Place, home: Installation) -> None:
    """A job may be late, doubled or of another time: the rows decide."""
    collect(home, Clock(), everything=True)
    done(home, DRAFT, OPENS)
    done(home, PUBLISH, OPENS)
    done(home, SEND, OPENS)
    assert home.issue(IssueId.parse(ISSUE)).state is IssueState.DRAFT
    assert here.recipients() == []


def test_what_waits_for_a_person_is_no_unit(here: Place, home: Installation) -> None:
    """It is told with its reason; a send that is paused between two looks is left alone."""
    collect(home, Clock(), everything=True)
    done(home, DRAFT, OPENS)
    issue = home.issue(IssueId.parse(ISSUE))
    here.configure()  # on hold from now on
    with here.opened() as held:
        found = due.of_issue(held, held.settings.digests[0], issue, SLOT)
    assert found.units == ()
    assert "waits for approval" in found.waiting[issue.id]


def test_a_paused_send_is_no_unit(here: Place, home: Installation) -> None:
    """Until a person resumes it."""
    collect(home, Clock(), everything=True)
    done(home, DRAFT, OPENS)
    done(home, PUBLISH, SLOT)
    request(home, IssueId.parse(ISSUE), SLOT)
    pause(home, IssueId.parse(ISSUE), SLOT, "wait for the map")
    assert of_weekly(home, SLOT) == ()
    assert done(home, SEND, SLOT) == ()
    resume(home, IssueId.parse(ISSUE), SLOT)
    assert of_weekly(home, SLOT) == (SEND,)
    assert here.recipients() == []


@pytest.mark.parametrize(
    ("settings", "people", "workers"),
    [
        ({}, 0, 1),
        ({}, 1_999, 1),
        ({}, 2_000, 2),
        ({}, 10**7, 4),
        ({"senders": 16}, 10**7, 10),  # no more than there are connections
        ({"per_hour": 100}, 10**7, 1),
        ({"warm_up": (50,)}, 10**7, 1),
        ({"live": False}, 10**7, 1),
    ],
)
def test_how_many_workers_share_a_send(settings: dict[str, object], people: int, workers: int) -> None:
    """More for more people, and one where what went is counted over hours."""
    mail = MailSettings.model_validate({"live": True, "from": "a@example.org", "postal": "x", **settings})
    assert senders(mail, people) == workers
