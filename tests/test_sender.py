"""Claim → send → settle, on both databases, with a real mail server."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine

from deliver_samples import ISSUE, NOW, mail_settings, rendering, request_send, sample_letterhead
from digest.deliver.folder import Folder
from digest.deliver.ledger import Outcome
from digest.deliver.message import letter, test_copy
from digest.deliver.pacing import Limits
from digest.deliver.smtp import Relay, Smtp, relay
from digest.demo import conversation
from digest.demo.inbox import Inbox
from digest.errors import NotFoundError, RelayError
from digest.model import Delivery, DeliveryState, Message, Send, SendState
from digest.sender import Report, Transport, course, dry_run, is_gone, send_copy, send_issue
from digest.sender.owners import owner
from digest.store import audience, deliveries
from digest.store.database import reading, transaction

S = DeliveryState


@dataclass
class Clock:
    """Stands still unless told otherwise; ``step`` is how far each look at it moves it."""

    now: datetime = NOW
    step: timedelta = timedelta()

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def personal(delivery: Delivery) -> Message:
    return letter(rendering(), sample_letterhead(), delivery.subscriber, delivery.address, NOW)


def over(inbox: Inbox) -> Callable[[], Transport]:
    where = relay(mail_settings(relay=inbox.smtp_url))
    return lambda: Smtp(where)


def send(
    engine: Engine,
    transport: Callable[[], Transport],
    make_message: Callable[[Delivery], Message] = personal,
    clock: Clock | None = None,
    stop: Event | None = None,
    patience: timedelta = timedelta(),
    connections: int = 1,
) -> Report:
    return send_issue(
        engine,
        ISSUE,
        (transport,),
        make_message,
        clock or Clock(),
        stop or Event(),
        limits=Limits(connections),
        patience=patience,
    )


def states(engine: Engine) -> dict[DeliveryState, int]:
    with reading(engine) as connection:
        return {state: count for state, count in deliveries.counts(connection, ISSUE).items() if count}


def asked(engine: Engine) -> Send:
    with reading(engine) as connection:
        found = deliveries.send(connection, ISSUE)
    assert found
    return found


def refusing(*replies: tuple[conversation.Stage, str]) -> conversation.Replies:
    left = list(replies)

    def reply(stage: conversation.Stage, _envelope: conversation.Envelope) -> str | None:
        return left.pop(0)[1] if left and left[0][0] == stage else None

    return reply


# ── the normal course ────────────────────────────────────────────────────────────────────────────


def test_everybody_gets_one_message_and_the_send_is_finished(engine: Engine) -> None:
    """One copy each, every row closed with the relay's words."""
    readers = request_send(engine, 5)
    with Inbox() as inbox:
        report = send(engine, over(inbox))
    assert Counter(received.recipient for received in inbox.messages) == Counter(readers)
    assert report == Report({S.ACCEPTED: 5})
    assert states(engine) == {S.ACCEPTED: 5}
    assert asked(engine).state is SendState.FINISHED
    with reading(engine) as connection:
        assert {row.reply for row in deliveries.rows(connection, ISSUE)} == {"250 2.0.0 Ok, kept"}


def test_sending_again_sends_nothing(engine: Engine) -> None:
    """Twice by hand, or by hand and by the scheduler: the ledger remembers."""
    request_send(engine, 3)
    with Inbox() as inbox:
        send(engine, over(inbox))
        assert send(engine, over(inbox)) == Report({})
        assert len(inbox.messages) == 3


def test_each_message_is_personal(engine: Engine) -> None:
    """Everybody's link is their own."""
    request_send(engine, 3)
    with Inbox() as inbox:
        send(engine, over(inbox))
    links = {dict(received.letter.headers)["List-Unsubscribe"] for received in inbox.messages}
    assert len(links) == 3


def test_nobody_asked_says_so(engine: Engine) -> None:
    """A send is requested first, in the transaction that causes it."""
    with Inbox() as inbox, pytest.raises(NotFoundError, match="digest send weekly/2026-11-22"):
        send(engine, over(inbox))


def test_two_senders_at_once_share_the_work(engine: Engine) -> None:
    """A double click, or two machines: every row is sent by exactly one of them."""
    readers = request_send(engine, 24)
    reports: list[Report] = []
    with Inbox() as inbox:
        threads = [
            threading.Thread(target=lambda: reports.append(send(engine, over(inbox)))) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert Counter(received.recipient for received in inbox.messages) == Counter(readers)
    assert sum(report.counts.get(S.ACCEPTED, 0) for report in reports) == 24
    assert asked(engine).state is SendState.FINISHED


def test_a_folder_is_a_relay_like_any_other(engine: Engine, tmp_path: Path) -> None:
    """Until ``live = true`` the same ledger is kept, and the mail stays here."""
    request_send(engine, 3)
    assert send(engine, lambda: Folder(tmp_path / "outbox")).counts == {S.ACCEPTED: 3}
    assert len(list((tmp_path / "outbox").iterdir())) == 3


# ── what a relay may say ─────────────────────────────────────────────────────────────────────────


def test_4xx_waits_and_then_succeeds(engine: Engine) -> None:
    """Greylisting: back in the queue for about five minutes, and not a moment earlier."""
    request_send(engine, 2)
    clock = Clock()
    with Inbox(replies=refusing((conversation.Stage.RCPT, "450 4.2.0 greylisted"))) as inbox:
        report = send(engine, over(inbox), clock=clock)
        assert report.counts == {S.ACCEPTED: 1, S.QUEUED: 1}
        assert report.next_try_at is not None
        assert timedelta(minutes=4) <= report.next_try_at - NOW <= timedelta(minutes=6)
        clock.now = report.next_try_at - timedelta(seconds=1)
        assert send(engine, over(inbox), clock=clock) == Report({})
        clock.now = report.next_try_at
        assert send(engine, over(inbox), clock=clock).counts == {S.ACCEPTED: 1}
    assert asked(engine).state is SendState.FINISHED


def test_5xx_closes_a_row_and_the_next_one_goes_on(engine: Engine) -> None:
    """One address that is no more keeps nobody else from their mail."""
    request_send(engine, 3)
    with Inbox(replies=refusing((conversation.Stage.RCPT, "550 5.1.1 no such person"))) as inbox:
        assert send(engine, over(inbox)).counts == {S.REJECTED: 1, S.ACCEPTED: 2}
    with reading(engine) as connection:
        (rejected,) = deliveries.rows(connection, ISSUE, S.REJECTED)
    assert rejected.reply == "550 5.1.1 no such person"


@pytest.mark.parametrize("ending", [conversation.DROP, conversation.KEEP_AND_DROP])
def test_a_loss_after_the_dot_waits_for_a_person(engine: Engine, ending: str) -> None:
    """Whether the relay kept it or not: it is never sent again by itself, and the send stays open."""
    request_send(engine, 3)
    with Inbox(replies=refusing((conversation.Stage.BODY, ending))) as inbox:
        assert send(engine, over(inbox)).counts == {S.IN_DOUBT: 1, S.ACCEPTED: 2}
        assert send(engine, over(inbox), clock=Clock(NOW + timedelta(hours=3))) == Report({})
        assert len(inbox.messages) == (3 if ending == conversation.KEEP_AND_DROP else 2)
    assert asked(engine).state is SendState.RUNNING


def test_many_hard_failures_pause_the_send(engine: Engine) -> None:
    """When a relay refuses everybody something is wrong with us: a person looks, and the rest is kept."""
    request_send(engine, 30)
    refusals = [(conversation.Stage.RCPT, "550 5.7.1 blocked")] * 30
    with Inbox(replies=refusing(*refusals)) as inbox:
        report = send(engine, over(inbox))
        assert report.counts == {S.REJECTED: 10}
        assert report.problem == "10 of 10 addresses were refused for good, the last with: 550 5.7.1 blocked"
        assert asked(engine).state is SendState.PAUSED
        assert asked(engine).why == report.problem
        assert states(engine) == {S.REJECTED: 10, S.QUEUED: 20}


def test_a_refused_password_pauses_at_once(engine: Engine) -> None:
    """One try, no row the worse for it; once it is corrected and resumed, everybody gets their mail."""
    request_send(engine, 3)
    with Inbox(login=("news", "right")) as inbox:
        wrong = relay(mail_settings(relay=inbox.smtp_url, username="news"), "wrong")
        report = send(engine, lambda: Smtp(wrong))
        assert "refused AUTH for 'news'" in report.problem
        assert asked(engine).why == report.problem
        assert states(engine) == {S.QUEUED: 3}
        assert [command.verb for command in inbox.commands].count("AUTH") == 1
        assert send(engine, lambda: Smtp(wrong)).problem == report.problem
        with transaction(engine) as connection:
            deliveries.set_send_state(connection, ISSUE, SendState.RUNNING, "")
        right = relay(mail_settings(relay=inbox.smtp_url, username="news"), "right")
        assert send(engine, lambda: Smtp(right)) == Report({S.ACCEPTED: 3})


# ── a relay that is away ─────────────────────────────────────────────────────────────────────────


def nowhere() -> Smtp:
    return Smtp(Relay("127.0.0.1", 1, timeout=1))


def test_a_relay_that_is_away_is_said_and_everything_stays_queued(engine: Engine) -> None:
    """One sentence; and as soon as it is back, the very same command sends."""
    request_send(engine, 3)
    report = send(engine, nowhere)
    assert "The relay smtp://127.0.0.1:1 cannot be reached (connection refused)" in report.problem
    assert report.next_try_at is None
    assert states(engine) == {S.QUEUED: 3}
    assert asked(engine).state is SendState.RUNNING
    with Inbox() as inbox:
        assert send(engine, over(inbox)) == Report({S.ACCEPTED: 3})


def test_twenty_refused_connections_in_a_row_pause_the_send(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With patience a sender tries again, ever more slowly, and at last asks a person."""
    monkeypatch.setattr(course, "LOOK_SECONDS", 0.001)
    request_send(engine, 1)
    clock = Clock(step=timedelta(seconds=1))
    report = send(engine, nowhere, clock=clock, patience=timedelta(hours=1))
    assert report.problem.startswith("20 connections in a row failed. The relay smtp://127.0.0.1:1 cannot")
    assert asked(engine).state is SendState.PAUSED
    assert clock.now - NOW > timedelta(minutes=15)
    with reading(engine) as connection:
        assert [row.attempts for row in deliveries.rows(connection, ISSUE)] == [0]


# ── people change their minds ────────────────────────────────────────────────────────────────────


def at_message(number: int, act: Callable[[Delivery], object]) -> Callable[[Delivery], Message]:
    """Makes messages as always, and lets something happen between the claim and the send of one."""
    made: list[Delivery] = []

    def make_message(delivery: Delivery) -> Message:
        made.append(delivery)
        if len(made) == number:
            act(delivery)
        return personal(delivery)

    return make_message


def test_unsubscribing_between_claim_and_send_is_in_time(engine: Engine) -> None:
    """It is checked in the transaction that allows the first byte."""
    readers = request_send(engine, 4)

    def leave(delivery: Delivery) -> None:
        with transaction(engine) as connection:
            audience.unsubscribe(connection, delivery.subscriber, "weekly", NOW)

    with Inbox() as inbox:
        send(engine, over(inbox), at_message(2, leave))
    assert sorted(received.recipient for received in inbox.messages) == sorted({*readers} - {readers[1]})
    assert states(engine) == {S.ACCEPTED: 3, S.CANCELLED: 1}


@pytest.mark.parametrize(
    ("state", "left"), [(SendState.PAUSED, S.QUEUED), (SendState.CANCELLED, S.CANCELLED)]
)
def test_pause_and_cancel_act_before_the_next_body(
    engine: Engine, state: SendState, left: DeliveryState
) -> None:
    """Even on the message that is made already, when its body has not begun."""
    request_send(engine, 5)

    def act(_delivery: Delivery) -> None:
        with transaction(engine) as connection:
            deliveries.set_send_state(connection, ISSUE, state, "by an editor")
            if state is SendState.CANCELLED:
                deliveries.cancel_open(connection, ISSUE, NOW)

    with Inbox() as inbox:
        send(engine, over(inbox), at_message(3, act))  # made while the second one is in hand
        assert len(inbox.messages) == 1
    assert states(engine) == {S.ACCEPTED: 1, left: 4}


def test_a_paused_send_goes_on_where_it_was(engine: Engine) -> None:
    """With patience the same run goes on by itself once a person resumes it."""
    request_send(engine, 2)
    with transaction(engine) as connection:
        deliveries.set_send_state(connection, ISSUE, SendState.PAUSED, "an editor looks")
    with Inbox() as inbox:
        paused = send(engine, over(inbox))
        assert paused == Report({}, "an editor looks")

        def resume() -> None:
            with transaction(engine) as connection:
                deliveries.set_send_state(connection, ISSUE, SendState.RUNNING, "")

        timer = threading.Timer(0.3, resume)
        timer.start()
        assert send(engine, over(inbox), patience=timedelta(seconds=30)).counts == {S.ACCEPTED: 2}
        timer.join()


def test_cancel_acts_inside_a_wait(engine: Engine) -> None:
    """A sender that waits for a row to come due for an hour ends when the send is cancelled."""
    request_send(engine, 1)
    with Inbox(replies=refusing((conversation.Stage.RCPT, "451 later"))) as inbox:
        thread = threading.Thread(target=lambda: send(engine, over(inbox), patience=timedelta(hours=1)))
        thread.start()
        while states(engine) != {S.QUEUED: 1} or not inbox.commands:
            time.sleep(0.02)
        time.sleep(0.2)
        with transaction(engine) as connection:
            deliveries.set_send_state(connection, ISSUE, SendState.CANCELLED, "")
            deliveries.cancel_open(connection, ISSUE, NOW)
        cancelled = time.monotonic()
        thread.join(10)
    assert time.monotonic() - cancelled < 5  # two seconds, and what a busy machine adds
    assert states(engine) == {S.CANCELLED: 1}


def test_stop_finishes_the_message_in_hand_and_claims_no_other(engine: Engine) -> None:
    """SIGTERM: what was begun is settled, the rest stays queued."""
    request_send(engine, 5)
    stop = Event()
    with Inbox() as inbox:
        send(engine, over(inbox), at_message(3, lambda _: stop.set()), stop=stop, patience=timedelta(hours=1))
        assert len(inbox.messages) == 2
    assert states(engine) == {S.ACCEPTED: 2, S.QUEUED: 3}


def test_after_its_time_nothing_is_sent(engine: Engine) -> None:
    """News of last week in the wrong week is worse than none."""
    request_send(engine, 2, expires=timedelta(hours=1))
    with Inbox() as inbox:
        send(engine, over(inbox), clock=Clock(NOW + timedelta(hours=2)))
        assert inbox.messages == ()
    assert states(engine) == {S.EXPIRED: 2}


# ── crashes and mistakes ─────────────────────────────────────────────────────────────────────────


class Crash(BaseException):
    """What no part of the program catches, like the end of a process."""


@pytest.mark.parametrize("point", ["before the body", "after sending", "after the dot"])
def test_a_crash_leaves_a_row_that_tells_how_far_it_came(engine: Engine, point: str) -> None:
    """The next run goes on at once, on both databases; only a begun body waits for a person."""
    readers = request_send(engine, 4)

    class Crashing(Smtp):
        async def send(
            self,
            message: Message,
            before_body: Callable[[], Awaitable[bool]],
            following: Message | None = None,
        ) -> Outcome:
            async def hook() -> bool:
                begun = await before_body()
                crash("after sending")
                return begun

            crash("before the body")
            outcome = await super().send(message, hook, following)
            crash("after the dot")
            return outcome

    def crash(here: str) -> None:
        if here == point and len(inbox.messages) >= 1:
            raise Crash

    with Inbox() as inbox:
        where = relay(mail_settings(relay=inbox.smtp_url))
        with pytest.raises(Crash):
            send(engine, lambda: Crashing(where))
        send(engine, over(inbox))
        arrived = Counter(received.recipient for received in inbox.messages)
        doubts = states(engine).get(S.IN_DOUBT, 0)
    assert doubts == int(point != "before the body")
    assert max(arrived.values()) == 1
    assert len(arrived) >= len(readers) - doubts


def test_a_message_that_is_not_fit_to_leave_stops_the_send(engine: Engine) -> None:
    """The first message is read as a receiver would; a placeholder in it holds everything back."""
    request_send(engine, 3)

    def unfinished(delivery: Delivery) -> Message:
        page = rendering(page='<html lang="en" dir="ltr"><a href="https://other.invalid/">x</a></html>')
        return letter(page, sample_letterhead(), delivery.subscriber, delivery.address, NOW)

    with Inbox() as inbox:
        report = send(engine, over(inbox), unfinished)
        assert inbox.messages == ()
    assert report.problem.startswith(
        "A message of weekly/2026-11-22 is not fit to leave. 24: links: a placeholder"
    )
    assert states(engine) == {S.QUEUED: 3}
    assert asked(engine).state is SendState.PAUSED


def test_a_folder_that_cannot_be_written_pauses_the_send(engine: Engine, tmp_path: Path) -> None:
    """The disk is full or the folder is gone: said once, nothing lost."""
    request_send(engine, 2)
    (tmp_path / "outbox").write_text("a file is in the way")
    assert "outbox" in send(engine, lambda: Folder(tmp_path / "outbox")).problem
    assert states(engine) == {S.QUEUED: 2}


def test_whose_rows_may_be_taken_over() -> None:
    """Only those of a process of this machine that certainly runs no more."""
    with owner() as mine:
        host, process, token, run = mine.rsplit(":", 3)
        assert not is_gone(mine)
        assert is_gone(f"{host}:{process}:{token}:another run that has ended")
        assert is_gone(f"{host}:{process}:an earlier process:{run}")
        assert is_gone(f"{host}:{2**22 + 1}:{token}:{run}")
        assert not is_gone(f"{host}:1:{token}:{run}")
        assert not is_gone(f"elsewhere:{process}:{token}:x")
    assert is_gone(mine)
    assert not is_gone("")
    assert not is_gone("worker-1")


# ── past the ledger ──────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_writes_files_and_touches_nothing_else(tmp_path: Path) -> None:
    """It needs no database at all."""
    messages = (
        letter(rendering(), sample_letterhead(), number, f"reader{number}@example.org", NOW)
        for number in range(1, 6)
    )
    assert dry_run(messages, tmp_path / "dry") == 5
    assert len(list((tmp_path / "dry").iterdir())) == 5


def test_a_test_copy_goes_to_the_editor_alone() -> None:
    """It arrives, and the relay's words come back."""
    copy = test_copy(rendering(), sample_letterhead(), "editor@example.org", NOW)
    with Inbox() as inbox:
        assert send_copy(over(inbox), copy) == "250 2.0.0 Ok, kept"
        assert [received.recipient for received in inbox.messages] == ["editor@example.org"]


@pytest.mark.parametrize("reply", ["550 5.1.1 no such person", conversation.DROP])
def test_a_test_copy_that_was_not_accepted_is_an_error(reply: str) -> None:
    """One sentence for the command line."""
    copy = test_copy(rendering(), sample_letterhead(), "editor@example.org", NOW)
    answer = refusing((conversation.Stage.BODY, reply))
    with (
        Inbox(replies=answer) as inbox,
        pytest.raises(RelayError, match=r"copy to editor@example\.org was not accepted"),
    ):
        send_copy(over(inbox), copy)
