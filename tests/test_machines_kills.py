"""Four workers and two schedulers on one PostgreSQL, any of them killed at any moment: nothing lost, nothing twice.

The truth is the log of a mail server of our own, synced before each of its answers, and the rows. `make
chaos-machines` kills a hundred times (`DIGEST_CHAOS=long`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.model import IssueState
from installation import SLOT
from machines import IS_LONG, OPENS, Fleet, fleet

KILLS = 100 if IS_LONG else 8
WORKERS = ("work1", "work2", "work3", "work4")
SCHEDULERS = ("schedule1", "schedule2")

pytestmark = pytest.mark.postgres


@pytest.fixture
def here(postgres_url: str, tmp_path: Path) -> Iterator[Fleet]:
    with fleet(postgres_url, tmp_path, readers=400 if IS_LONG else 60, per_second=30) as place:
        yield place


def test_kills_at_random_lose_nothing_and_do_nothing_twice(here: Fleet) -> None:
    """While sources are polled, drafts are made, issues are published and mail is sent; at the end all of it is done."""
    chance = random.Random(7)
    here.start(*WORKERS, *SCHEDULERS)
    here.kill_and_replace(KILLS // 4, chance)
    here.wait_for(lambda: here.posts().keys() == here.written())
    here.set_clock(OPENS)
    here.kill_and_replace(KILLS // 4, chance)
    here.wait_for(here.has_drafts)
    here.set_clock(SLOT)
    here.kill_and_replace(KILLS // 4, chance)
    here.wait_for(lambda: here.sink.count() > 0)
    here.kill_and_replace(KILLS - KILLS // 4 * 3, chance)
    here.wait_for(here.is_sent)
    assert here.lost_or_twice() == []
    assert {state for _, state in here.issues()} == {IssueState.PUBLISHED}
    assert all((here.place.feeds / slug / "2026-11-22" / "index.html").is_file() for slug in here.digests)
