"""Commands on a send: begun with a part, told row by row, tried again, and never begun too late unasked."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.demo.conversation import Envelope, Replies, Stage
from installation import Place, installed, process

READERS = ("ada@example.org", "bo@example.org", "cy@example.net")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    """An installation with three readers and a post."""
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=datetime.now(UTC))
        place.subscribe(*READERS)
        yield place


def mail(place: Place, lines: str) -> None:
    """Add settings to ``[mail]``."""
    text = place.path.read_text(encoding="utf-8")
    place.path.write_text(text.replace("[mail]\n", f"[mail]\n{lines}\n"), encoding="utf-8")


def refusing(address: str, reply: str) -> Replies:
    def answer(stage: Stage, envelope: Envelope) -> str | None:
        return reply if stage is Stage.RCPT and envelope.recipients[-1] == address else None

    return answer


# ── what happened ────────────────────────────────────────────────────────────────────────────────


def test_deliveries_tells_of_each_person_what_happened(here: Place) -> None:
    """State, time, attempts and the relay's words; the counts add up to the audience."""
    issue = here.published()
    here.inbox.replies = refusing("bo@example.org", "550 5.1.1 nobody of that name")
    here.done("send", issue)
    told = here.done("deliveries", issue, "--json").data
    assert told["audience"] == 3
    assert told["counts"] == {"accepted": 2, "rejected": 1}
    rows = {row["address"]: row for row in told["deliveries"]}  # type: ignore[attr-defined]
    assert sorted(rows) == sorted(READERS)
    assert (rows["bo@example.org"]["state"], rows["bo@example.org"]["attempts"]) == ("rejected", 1)
    assert rows["bo@example.org"]["reply"].startswith("550 5.1.1 nobody of that name")
    assert rows["ada@example.org"]["reply"] == "250 2.0.0 Ok, kept"


def test_deliveries_may_be_narrowed(here: Place) -> None:
    """To a state, an address, or the first few, and says when there is more."""
    issue = here.published()
    here.done("send", issue)
    one = here.done("deliveries", issue, "--address", "ADA@example.org")
    assert one.out.count("@example") == 1
    assert here.done("deliveries", issue, "--state", "in_doubt", "--json").data["deliveries"] == []
    few = here.done("deliveries", issue, "--limit", 2)
    assert f"{issue}: 3 people; 3 accepted" in few.out
    assert "These are the first 2; more: --limit 0" in few.out


def test_deliveries_of_an_issue_nobody_sent_says_so(here: Place) -> None:
    """With the command that sends it."""
    issue = here.published()
    ran = here.digest("deliveries", issue)
    assert (ran.code, f"send it with: digest send {issue}" in ran.err) == (1, True)


# ── once more ────────────────────────────────────────────────────────────────────────────────────


def test_retry_sends_what_a_policy_refused_once_it_is_lifted(here: Place) -> None:
    """The others have theirs, and get no second one."""
    issue = here.published()
    here.inbox.replies = refusing("cy@example.net", "550 5.7.1 we do not know you")
    here.done("send", issue)
    assert here.recipients() == ["ada@example.org", "bo@example.org"]
    here.inbox.replies = None
    assert f"Queued again: 1 rejected. Then: digest send {issue}" in here.done("retry", issue).out
    here.done("send", issue)
    assert here.recipients() == sorted(READERS)


def test_retry_has_nothing_to_do_where_all_is_well(here: Place) -> None:
    """And says so."""
    issue = here.published()
    here.done("send", issue)
    assert "has nothing to try again" in here.done("retry", issue).out
    assert here.done("retry", issue, "--json").data["queued_again"] == {
        "queued": 0,
        "expired": 0,
        "rejected": 0,
    }


# ── a first part ─────────────────────────────────────────────────────────────────────────────────


def test_a_send_may_begin_with_a_part_and_goes_on_by_itself(here: Place) -> None:
    """Ten people at least; run again after the wait, it sends to all others."""
    here.subscribe(*(f"reader{number}@example.org" for number in range(12)))
    issue = here.published()
    mail(here, "first_minutes = 60")
    here.done("send", issue, "--first-percent", 1)
    assert len(here.inbox.messages) == 10
    here.done("send", issue)
    assert len(here.inbox.messages) == 10
    mail(here, "")
    here.path.write_text(here.path.read_text().replace("first_minutes = 60", "first_minutes = 0"))
    here.done("send", issue)
    assert len(here.recipients()) == len(set(here.recipients())) == 15


def test_a_first_part_that_goes_wrong_keeps_the_others_from_it(here: Place) -> None:
    """Said with what to do; a person who resumes it lets all others have it."""
    here.subscribe(*(f"reader{number}@example.org" for number in range(12)))
    issue = here.published()
    here.inbox.replies = lambda stage, _: "550 5.1.1 nobody" if stage is Stage.RCPT else None
    ran = here.digest("send", issue, "--first-percent", 1)
    assert ran.code != 0
    assert "were refused for good" in ran.err
    assert f"digest resume {issue}" in ran.err
    here.inbox.replies = None
    here.done("resume", issue)
    here.done("send", issue)
    assert len(here.inbox.messages) == 5


# ── too late, and stopped ────────────────────────────────────────────────────────────────────────


def test_a_send_that_cannot_reach_everybody_in_time_asks(here: Place) -> None:
    """Nothing is begun; with the person's word it is."""
    issue = here.published()
    mail(here, "per_day = 1")
    ran = here.digest("send", issue)
    assert ran.code != 0
    assert "the last of 3 people would have it at" in ran.err
    assert f"digest send {issue} --yes" in ran.err
    assert here.digest("deliveries", issue).code == 1
    here.done("send", issue, "--yes")
    assert len(here.inbox.messages) == 1
    here.done("send", issue, "--yes")
    assert len(here.inbox.messages) == 1  # what went today is not forgotten


def test_sigterm_ends_a_send_between_two_messages(here: Place) -> None:
    """What is in hand is finished, the rest stays queued, and the next run sends it."""
    here.subscribe(*(f"reader{number}@example.org" for number in range(40)))
    issue = here.published()
    here.inbox.replies = lambda stage, _: time.sleep(0.2) if stage is Stage.BODY else None
    running = process("--config", here.path, "send", issue, folder=here.folder)
    while not here.inbox.messages:
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=60)
    counts = here.done("deliveries", issue, "--json").data["counts"]
    assert isinstance(counts, dict)
    assert counts["accepted"] == len(here.inbox.messages) < 43
    assert set(counts) == {"accepted", "queued"}
    here.inbox.replies = None
    here.done("send", issue)
    assert len(here.recipients()) == len(set(here.recipients())) == 43
