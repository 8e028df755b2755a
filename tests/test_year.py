"""A year of digests in two time zones: nothing is lost and nothing comes twice, whatever happens to the machine."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import delete, select

from digest import schedule, store
from digest.assemble import window
from digest.assemble.steps import Step, is_late, next_step
from digest.model import IssueState, Post
from digest.pipeline.installation import Installation
from digest.pipeline.issues.publish import approve
from digest.settings import DigestSettings
from digest.store.database import reading, transaction
from digest.store.schema import settlements
from installation import Clock, Place, installed
from store_samples import a_post

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FROM = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
UNTIL = FROM + 366 * DAY
TOWNS = """
approval = "auto"
cutoff = "-1 18:00"
pause = ["2026-08-02..2026-08-16", "2026-12-27"]
expires_hours = 336
missed = "{missed}"

[[digests]]
slug = "night"
title = "The Night Weekly"
days = ["sunday"]
at = "01:30"
zone = "America/New_York"
approval = "veto"
review_by = "saturday 12:00"
missed = "{missed}"
first_issue = 41
min_picks = 2
expires_hours = 336
"""


@dataclass
class Year:
    """A machine that is switched on and off; a tick is one look at each digest."""

    place: Place
    ticks: Sequence[datetime]
    posted: list[Post]

    def live(self, since: datetime = FROM) -> None:
        """Every tick; the installation is opened anew where the machine was off."""
        before, awake = since, ExitStack()
        home = awake.enter_context(self.place.opened(since))
        for now in self.ticks:
            if now - before > DAY:
                awake.close()
                home = awake.enter_context(self.place.opened(now))
            self.look(home, before, now)
            before = now
        awake.close()

    def look(self, home: Installation, before: datetime, now: datetime) -> None:
        """Collect what was published since the last look, then advance each digest."""
        with transaction(home.engine) as connection:
            for post in self.posted:
                if before < post.published <= now:
                    seen = replace(post, first_seen=now)
                    store.posts.add_post(connection, seen, post.guid, f"hash of {post.key}", now)
        for digest in home.settings.digests:
            schedule.advance(home, digest, Clock(now), Event())
            decide(home, digest, now)


def decide(home: Installation, digest: DigestSettings, now: datetime) -> None:
    """What a person does about issues that wait for one after a sleep: let them go out now."""
    with reading(home.engine) as connection:
        unfinished = store.issues.unfinished(connection, digest.slug)
    for issue in unfinished:
        step = next_step(issue, digest, None, now).step
        if step is Step.EXPIRED or (step is Step.WAIT_FOR_APPROVAL and is_late(issue, digest, now)):
            approve(home, issue.id, now, goes_out_at=now)


def hours_awake(seed: int) -> Iterator[datetime]:
    """A look every eight hours or so; some nights, weekends and weeks the machine is asleep."""
    chance = random.Random(seed)  # a test
    now = FROM
    while now < UNTIL:
        asleep = chance.choices([timedelta(), 3 * DAY, 9 * DAY, 24 * DAY], [96, 2, 1, 1])[0]
        now += asleep + timedelta(hours=chance.uniform(10, 22))
        yield now


def year_of_posts(seed: int) -> list[Post]:
    """About two posts a week; some weeks have none."""
    chance = random.Random(seed)  # a test
    quiet = set(chance.sample(range(53), 6))
    times = sorted(FROM + timedelta(minutes=chance.randrange(366 * 24 * 60)) for _ in range(120))
    return [
        a_post(f"{number:016x}", "hollin", published=at, url=f"https://hollin.test/{number}", videos=(),
               title=f"{number} boats at pier {number * 7}", text=f"Boat {number} came to pier {number * 7}.")
        for number, at in enumerate(times)
        if (at - FROM).days // 7 not in quiet
    ]  # fmt: skip


@pytest.fixture
def year(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Year]:
    """Of the ``missed`` that the test is for, with its seed."""
    missed, seed = request.param
    with installed(tmp_path, digest=TOWNS.format(missed=missed)) as place:
        with place.opened(FROM):
            pass  # the digests begin
        yield Year(place, list(hours_awake(seed)), year_of_posts(seed))


def mistakes(year: Year) -> list[str]:
    """Every promise that was broken, as a sentence; what came at the very end may still be open."""
    found: list[str] = []
    with year.place.opened(UNTIL) as home, reading(home.engine) as connection:
        for digest in home.settings.digests:
            issues = store.issues.issues(connection, digest.slug)
            printed = Counter(
                post
                for issue in issues
                if issue.state in (IssueState.APPROVED, IssueState.PUBLISHED)
                for post in issue.document.posts
            )
            rows = connection.execute(select(settlements.c.post).where(settlements.c.digest == digest.slug))
            settled = Counter(rows.scalars())
            found += [
                f"{digest.slug}: {post} is printed {count} times"
                for post, count in printed.items()
                if count > 1
            ]
            found += [
                f"{digest.slug}: {post} is printed and not settled"
                for post in printed.keys() - settled.keys()
            ]
            found += [
                f"{digest.slug}: {post} is settled and not printed"
                for post in settled.keys() - printed.keys()
            ]
            last = year.ticks[-1] - 40 * DAY
            old = {post.key for post in year.posted if post.published < last}
            found += [f"{digest.slug}: {post} is lost" for post in old - printed.keys()]
            days = [issue.id.slot for issue in issues]
            found += [f"{digest.slug}: {day} is doubled" for day, count in Counter(days).items() if count > 1]
            found += [
                f"{digest.slug}: {day} is no slot" for day in days if not window.is_regular(digest, day)
            ]
            found += [
                f"{digest.slug}: {day} is lost" for day in _kept_slots(home, digest.slug, year) - set(days)
            ]
            numbers = [issue.document.number for issue in issues if issue.state is IssueState.PUBLISHED]
            first = digest.first_issue
            if numbers != list(range(first, first + len(numbers))):
                found.append(f"{digest.slug}: the numbers are {numbers}")
            late = [
                issue
                for issue in issues
                if issue.published_at and issue.published_at < window.slot_at(digest, issue.id)
            ]
            found += [f"{issue.id} went out before its time" for issue in late]
    return found


def _kept_slots(home: Installation, slug: str, year: Year) -> set[date]:
    """The slots that the machine was awake for, all week."""
    digest = home.digest(slug)
    kept: set[date] = set()
    for slot in window.slots(digest, FROM + 10 * DAY):
        if slot.at > year.ticks[-1]:
            return kept
        near = [tick for tick in year.ticks if abs(tick - slot.at) < 3 * DAY]
        gaps = [later - earlier for earlier, later in pairwise(near)]
        if near and near[0] < slot.at < near[-1] and max(gaps) < DAY:
            kept.add(slot.day)
    return set()


@pytest.mark.parametrize("year", [("merge", 1), ("catch-up", 2), ("skip", 3)], indirect=True)
def test_a_year(year: Year) -> None:
    """Clock changes, pauses, sleeps over one slot and over several, restarts, quiet weeks: each post is settled
    once in each digest, in an issue that is published; no slot has two issues, and none that was awake has none.
    """
    year.live()
    assert mistakes(year) == []


@pytest.mark.parametrize("year", [("merge", 4)], indirect=True)
def test_the_check_of_a_year_can_fail(year: Year) -> None:
    """The same machine with what it had settled taken out of its database: posts come twice, and the check says so."""
    ticks = [tick for tick in year.ticks if tick < FROM + 70 * DAY]
    year.ticks = ticks[: len(ticks) // 2]
    year.live()
    assert mistakes(year) == []
    with year.place.opened(ticks[-1]) as home, transaction(home.engine) as connection:
        connection.execute(delete(settlements))
    year.ticks = ticks[len(ticks) // 2 :]
    year.live(since=ticks[len(ticks) // 2 - 1])
    assert any("is printed 2 times" in mistake for mistake in mistakes(year))
