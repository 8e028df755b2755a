"""SIGKILL at every point of a send, with a real process, a real database file and a real mail server.

The truth is what the mail server holds. Never lost, never twice; at most one message waits for a person.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine

import dying_sender
from deliver_samples import ISSUE, NOW, mail_settings, rendering, request_send, sample_letterhead
from digest.deliver.message import letter
from digest.deliver.pacing import Limits
from digest.deliver.smtp import Smtp, relay
from digest.demo.inbox import Inbox
from digest.model import Delivery, DeliveryState, Message
from digest.sender import Report, send_issue
from digest.store import deliveries
from digest.store.database import migrate, open_database, reading, transaction
from dying_sender import HASTY, POINTS

READERS = 6
ONE = Limits(connections=1)
KILLED = -9


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    migrate(engine)
    request_send(engine, READERS, now=datetime.now(UTC))
    yield engine
    engine.dispose()


def start(ledger: Engine, inbox: Inbox, point: str, number: int) -> subprocess.Popen[str]:
    command = [sys.executable, dying_sender.__file__, str(ledger.url), inbox.smtp_url, point, str(number)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def die(ledger: Engine, inbox: Inbox, point: str, number: int) -> None:
    process = start(ledger, inbox, point, number)
    process.communicate(timeout=60)
    assert process.returncode == KILLED


def go_on(ledger: Engine, inbox: Inbox, after: timedelta = timedelta()) -> Report:
    """Start again, in this process: no lease is waited for."""

    def make_message(delivery: Delivery) -> Message:
        return letter(rendering(), sample_letterhead(), delivery.subscriber, delivery.address, NOW)

    where = relay(mail_settings(relay=inbox.smtp_url))
    clock = lambda: datetime.now(UTC) + after  # noqa: E731
    return send_issue(ledger, ISSUE, (lambda: Smtp(where),), make_message, clock, Event(), limits=ONE)


def states(ledger: Engine) -> dict[str, DeliveryState]:
    with reading(ledger) as connection:
        return {row.address: row.state for row in deliveries.rows(connection, ISSUE)}


def judge(ledger: Engine, inbox: Inbox) -> tuple[int, int, int]:
    """Messages that were lost, those that came twice, and those that wait for a person."""
    arrived = Counter(received.recipient for received in inbox.messages)
    rows = states(ledger)
    doubts = [address for address, state in rows.items() if state is DeliveryState.IN_DOUBT]
    lost = [address for address in rows if not arrived[address] and address not in doubts]
    assert len(rows) == READERS
    return len(lost), sum(count - 1 for count in arrived.values()), len(doubts)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("number", [0, 2])
def test_a_kill_loses_nothing_and_sends_nothing_twice(
    ledger: Engine, tmp_path: Path, point: str, number: int
) -> None:
    """The next start goes on at once; only a message whose body was begun may wait for a person."""
    if point == "before the claim":
        number = min(number, 1)  # one claim takes them all, the next one finds none
    with Inbox() as inbox:
        die(ledger, inbox, point, number)
        begun = time.monotonic()
        go_on(ledger, inbox)
        assert time.monotonic() - begun < 5
        lost, twice, doubts = judge(ledger, inbox)
    assert (lost, twice) == (0, 0)
    begun_bodies = ("after sending", "in the body", "after the dot", "before the settle")
    # At the other points the message before may have been accepted and not yet settled.
    assert int(point in begun_bodies) <= doubts <= int(point in begun_bodies or number > 0)


def test_starting_again_and_again_repeats_nothing(ledger: Engine) -> None:
    """Killed at one point after the other, in one send."""
    with Inbox() as inbox:
        for point in POINTS:
            die(ledger, inbox, point, 0)
        for _ in range(3):
            go_on(ledger, inbox)
        lost, twice, doubts = judge(ledger, inbox)
    assert (lost, twice) == (0, 0)
    assert 1 <= doubts <= len(POINTS)  # at most one for each kill


def test_a_kill_from_outside_at_any_moment(ledger: Engine) -> None:
    """Whenever the signal comes, the same holds."""
    with Inbox() as inbox:
        for number in range(4):
            process = start(ledger, inbox, "never", 0)
            assert process.stdout
            process.stdout.readline()
            time.sleep(0.004 * number)
            process.kill()
            process.communicate(timeout=60)
        go_on(ledger, inbox)
        lost, twice, doubts = judge(ledger, inbox)
    assert (lost, twice) == (0, 0)
    assert doubts <= 4


def test_control_sending_a_doubt_again_makes_a_second_copy(ledger: Engine) -> None:
    """The measure can fail: what a person may decide, the program must not."""
    with Inbox() as inbox:
        die(ledger, inbox, "after the dot", 2)
        go_on(ledger, inbox)
        (doubt,) = [address for address, state in states(ledger).items() if state is DeliveryState.IN_DOUBT]
        with transaction(ledger) as connection:
            assert deliveries.settle_doubt(connection, ISSUE, doubt, sent=False, now=datetime.now(UTC))
        go_on(ledger, inbox)
        assert judge(ledger, inbox) == (0, 1, 0)


def test_control_accepting_before_the_dot_loses_a_message(ledger: Engine) -> None:
    """The measure can fail: a ledger that trusts the relay too early loses what it was sending."""
    with Inbox() as inbox:
        die(ledger, inbox, HASTY, 0)
        go_on(ledger, inbox)
        assert judge(ledger, inbox) == (1, 0, 0)


def test_a_sender_on_another_machine_keeps_its_rows_until_its_lease_ends(ledger: Engine) -> None:
    """From here nobody can tell whether it lives; later its claim is simply due again."""
    now = datetime.now(UTC)
    with transaction(ledger) as connection:
        deliveries.claim(connection, ISSUE, "elsewhere.example.org:1:a:b", 1, now, timedelta(minutes=30))
    with Inbox() as inbox:
        go_on(ledger, inbox)
        assert len(inbox.messages) == READERS - 1
        go_on(ledger, inbox, after=timedelta(hours=1))
        assert judge(ledger, inbox) == (0, 0, 0)
