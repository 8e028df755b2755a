"""One send over many connections: one commit for all of them, as fast as relays and limits allow, and no faster."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import Connection, Engine, event

from deliver_samples import ISSUE, mail_settings, rendering, request_send, sample_letterhead
from digest.deliver.ledger import Claim, Settled
from digest.deliver.message import letter
from digest.deliver.pacing import Limits
from digest.deliver.smtp import Relay, Smtp, relay
from digest.demo import conversation
from digest.demo.conversation import Envelope, Stage
from digest.demo.inbox import Inbox
from digest.errors import StoreError
from digest.model import BounceEffect, BounceKind, Delivery, DeliveryState, Message, SendState
from digest.sender import IssueLedger, Report, Transport, run, scribe, send_all, send_issue
from digest.store import deliveries, holds, schema
from digest.store.database import reading, transaction
from scripted_relay import Client, scripted

S = DeliveryState
ALL_AT_ONCE = Limits(connections=6, first_connections=6)


def now() -> datetime:
    return datetime.now(UTC)


def personal(delivery: Delivery) -> Message:
    return letter(rendering(), sample_letterhead(), delivery.subscriber, delivery.address, now())


def over(url: str, **mail: object) -> Callable[[], Transport]:
    where = relay(mail_settings(relay=url, **mail))
    return lambda: Smtp(where)


def send(
    engine: Engine,
    *relays: Callable[[], Transport],
    limits: Limits = ALL_AT_ONCE,
    stop: Event | None = None,
    patience: timedelta = timedelta(),
    told: Callable[[Settled], None] = lambda _: None,
) -> Report:
    return send_issue(
        engine, ISSUE, relays, personal, now, stop or Event(), limits=limits, patience=patience, told=told
    )


def ask(engine: Engine, readers: int, *addresses: str) -> tuple[str, ...]:
    return request_send(engine, readers, now=now(), addresses=addresses)


def states(engine: Engine) -> dict[DeliveryState, int]:
    with reading(engine) as connection:
        return {state: count for state, count in deliveries.counts(connection, ISSUE).items() if count}


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for it."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def in_the_background(work: Callable[[], object]) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield thread
    thread.join(30)
    assert not thread.is_alive()


# ── together ─────────────────────────────────────────────────────────────────────────────────────


def test_many_connections_bring_everybody_one_message(engine: Engine) -> None:
    """At the same time, and each row is closed with the relay's words."""
    readers = ask(engine, 60)
    with Inbox() as inbox:
        report = send(engine, over(inbox.smtp_url))
        connections = {command.connection for command in inbox.commands if command.verb == "DATA"}
    assert Counter(received.recipient for received in inbox.messages) == Counter(readers)
    assert report == Report({S.ACCEPTED: 60})
    assert len(connections) == 6
    assert states(engine) == {S.ACCEPTED: 60}


def test_one_thread_serves_all_connections(engine: Engine) -> None:
    """The caller's: what makes messages and hears of them need not be safe for many."""
    ask(engine, 30)
    seen: set[int] = set()

    def make_message(delivery: Delivery) -> Message:
        seen.add(threading.get_ident())
        return personal(delivery)

    with Inbox() as inbox:
        relays = [over(inbox.smtp_url)]
        told = lambda _: seen.add(threading.get_ident())  # noqa: E731
        send_issue(engine, ISSUE, relays, make_message, now, Event(), limits=ALL_AT_ONCE, told=told)
    assert states(engine) == {S.ACCEPTED: 30}
    assert seen == {threading.get_ident()}


def test_connections_share_their_commits(engine: Engine) -> None:
    """The ledger is as durable as with one connection, and costs a fraction of it."""
    ask(engine, 60)
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)

    def together(stage: Stage, _: Envelope) -> None:
        if stage is Stage.BODY:  # all that wait are answered at the same moment, ten times a second
            time.sleep(0.1 - time.monotonic() % 0.1)

    with Inbox(replies=together) as inbox:
        send(engine, over(inbox.smtp_url))
    assert states(engine) == {S.ACCEPTED: 60}
    assert len(commits) < 60  # one connection alone would need two for each message


def test_a_body_leaves_only_after_its_row_is_committed(engine: Engine) -> None:
    """Seen from another connection to the database at the moment the relay has the body; so with each of them."""
    ask(engine, 12)
    seen: list[tuple[str, DeliveryState]] = []

    def look(stage: Stage, envelope: Envelope) -> None:
        if stage is Stage.BODY:
            with reading(engine) as connection:
                rows = {row.address: row.state for row in deliveries.rows(connection, ISSUE)}
            seen.append((envelope.recipients[0], rows[envelope.recipients[0]]))

    with Inbox(replies=look) as inbox:
        send(engine, over(inbox.smtp_url))
    assert len(seen) == 12
    assert {state for _, state in seen} == {S.SENDING}


def test_no_more_rows_are_on_their_way_than_connections(engine: Engine) -> None:
    """So many at most would be in doubt if the process died at that moment."""
    ask(engine, 30)
    most = 0

    def look(stage: Stage, _: Envelope) -> None:
        nonlocal most
        if stage is Stage.BODY:
            most = max(most, states(engine).get(S.SENDING, 0))

    with Inbox(replies=look) as inbox:
        send(engine, over(inbox.smtp_url))
    assert 1 <= most <= 6


def test_progress_is_told_row_by_row(engine: Engine) -> None:
    """Once each, after it is written."""
    ask(engine, 9)
    heard: list[DeliveryState] = []
    with Inbox() as inbox:
        send(engine, over(inbox.smtp_url), told=lambda settled: heard.append(settled.state))
    assert heard == [S.ACCEPTED] * 9


@dataclass(slots=True)
class FailingLedger(IssueLedger):
    """A disk that is full from the third turn on."""

    turns: list[int] = field(default_factory=list)

    def turn(
        self,
        connection: Connection,
        settled: Sequence[tuple[Delivery, Settled]],
        asking: Sequence[Delivery],
        now: datetime,
    ) -> tuple[frozenset[Claim], frozenset[Claim]]:
        self.turns.append(1)
        if len(self.turns) > 2:
            raise StoreError("the disk is full")
        return IssueLedger.turn(self, connection, settled, asking, now)


def test_without_a_ledger_nothing_leaves(engine: Engine) -> None:
    """Every connection stops; what the relay has without our having written it is in doubt, and only that."""
    readers = ask(engine, 40)
    with Inbox() as inbox:
        with pytest.raises(StoreError, match="the disk is full"):
            send_all(
                engine,
                FailingLedger(ISSUE),
                [over(inbox.smtp_url)],
                personal,
                now,
                Event(),
                limits=ALL_AT_ONCE,
            )
        arrived = len(inbox.messages)
        assert arrived <= 12
        send(engine, over(inbox.smtp_url))
        came = Counter(received.recipient for received in inbox.messages)
    assert max(came.values()) == 1
    assert states(engine)[S.ACCEPTED] + states(engine).get(S.IN_DOUBT, 0) == len(readers)
    assert states(engine).get(S.IN_DOUBT, 0) <= 6


# ── relays ───────────────────────────────────────────────────────────────────────────────────────


def test_a_relay_that_asks_to_slow_down_is_given_fewer_connections(engine: Engine) -> None:
    """Three of six are told at the same time: half of them go on, and more only after a while without complaint.

    The others finish the message in hand, so it is counted from the thirteenth body on.
    """
    ask(engine, 40)
    lock, begun, present, most = threading.Lock(), 0, 0, 0
    refusals = ["421 4.7.0 too many connections"] * 3

    def busy(stage: Stage, _: Envelope) -> str | None:
        nonlocal begun, present, most
        if stage is Stage.MAIL:
            with lock:
                return refusals.pop() if refusals else None
        if stage is Stage.BODY:
            with lock:
                begun, present = begun + 1, present + 1
                most = max(most, present) if begun > 12 else 0
            time.sleep(0.05)
            with lock:
                present -= 1
        return None

    with Inbox(replies=busy) as inbox:
        report = send(engine, over(inbox.smtp_url))
    assert report.counts == {S.ACCEPTED: 37, S.QUEUED: 3}
    assert 2 <= most <= 5  # three, a fourth after fifteen, a fifth after twenty more


def test_while_one_relay_is_away_the_other_one_takes_the_mail(engine: Engine) -> None:
    """No row is the worse for it, and nothing is said to have gone wrong."""
    readers = ask(engine, 10)
    with Inbox() as inbox:
        report = send(engine, lambda: Smtp(Relay("127.0.0.1", 1, timeout=1)), over(inbox.smtp_url))
    assert sorted(received.recipient for received in inbox.messages) == sorted(readers)
    assert report == Report({S.ACCEPTED: 10})


def test_where_the_first_relay_answers_the_second_is_left_alone(engine: Engine) -> None:
    """It is for the time when the first one is away."""
    ask(engine, 6)
    with Inbox() as first, Inbox() as second:
        send(engine, over(first.smtp_url), over(second.smtp_url))
        assert (len(first.messages), len(second.messages)) == (6, 0)


def test_a_domain_that_says_no_rests_and_the_others_go_on(engine: Engine) -> None:
    """Its rows wait, untried, until it may be asked again; one pause for every sender."""
    ask(engine, 5, *(f"b{number}@tide.example" for number in range(8)))

    def tide_says_no(stage: Stage, envelope: Envelope) -> str | None:
        asked = stage is Stage.RCPT and envelope.recipients[-1].endswith("@tide.example")
        return "451 4.7.500 mail for tide.example is deferred" if asked else None

    with Inbox(replies=tide_says_no) as inbox:
        send(engine, over(inbox.smtp_url), limits=Limits(connections=1), patience=timedelta(seconds=3))
        asked = [command.line for command in inbox.commands if "tide.example" in command.line]
    assert states(engine) == {S.ACCEPTED: 5, S.QUEUED: 8}
    assert len(asked) < 8
    with reading(engine) as connection:
        assert "tide.example" in holds.paused_domains(connection, now())


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


def test_a_rate_holds_over_all_connections(engine: Engine) -> None:
    """40 a second over six connections are 40, not 240."""
    ask(engine, 80)
    at: list[float] = []

    def note(stage: Stage, _: Envelope) -> None:
        if stage is Stage.BODY:
            at.append(time.monotonic())

    with Inbox(replies=note) as inbox:
        send(engine, over(inbox.smtp_url), limits=Limits(connections=6, first_connections=6, per_second=40))
    at.sort()
    assert len(at) == 80
    assert at[-1] - at[0] >= (80 - 0.25 * 40 - 6) / 40


def test_what_may_not_go_this_hour_stays_queued(engine: Engine) -> None:
    """The run ends instead of waiting for hours; nothing is claimed meanwhile."""
    ask(engine, 8)
    with Inbox() as inbox:
        send(engine, over(inbox.smtp_url), limits=Limits(connections=3, per_hour=5))
        assert len(inbox.messages) == 5
    assert states(engine) == {S.ACCEPTED: 5, S.QUEUED: 3}


# ── people and signals ───────────────────────────────────────────────────────────────────────────


def test_a_pause_acts_inside_a_wait_of_the_pace(engine: Engine) -> None:
    """One message in half a minute: nobody waits half a minute for the pause."""
    ask(engine, 5)
    with Inbox() as inbox:
        slow = Limits(connections=2, per_second=1 / 30)
        with in_the_background(lambda: send(engine, over(inbox.smtp_url), limits=slow)) as thread:
            until(lambda: inbox.messages)
            with transaction(engine) as connection:
                deliveries.set_send_state(connection, ISSUE, SendState.PAUSED, "an editor looks")
            paused = time.monotonic()
            thread.join(30)
            assert time.monotonic() - paused < 5  # two seconds, and what a busy machine adds
    assert states(engine) == {S.ACCEPTED: 1, S.QUEUED: 4}


def test_a_stop_hangs_up_on_a_relay_that_does_not_answer(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGTERM: after the grace what has no answer is in doubt, the rest goes back, and the process may end."""
    monkeypatch.setattr(run, "GRACE_SECONDS", 0.5)
    ask(engine, 9)
    stop, silent = Event(), Event()

    def silence(client: Client) -> None:
        client.greet()
        client.envelope()
        client.body()
        silent.set()
        client.line()  # until it hangs up

    def main() -> None:
        send(engine, over(f"smtp://127.0.0.1:{there.port}", timeout_seconds=600), limits=Limits(1), stop=stop)

    with scripted(silence) as there, in_the_background(main):
        assert silent.wait(20)
        stop.set()
    assert states(engine) == {S.IN_DOUBT: 1, S.QUEUED: 8}


def test_a_paused_send_says_why_in_the_log(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """An operator sees it without asking."""
    ask(engine, 30)

    def blocked(stage: Stage, _: Envelope) -> str | None:
        return "550 5.7.1 blocked" if stage is conversation.Stage.RCPT else None

    with caplog.at_level(logging.ERROR), Inbox(replies=blocked) as inbox:
        report = send(engine, over(inbox.smtp_url))
    assert "addresses were refused for good, the last with: 550 5.7.1 blocked" in report.problem
    assert f"{ISSUE} is paused: {report.problem}" in caplog.text
    assert states(engine)[S.REJECTED] <= 10 + 6


def complain(engine: Engine, *rows: Delivery) -> None:
    """These people call their mail spam."""
    with transaction(engine) as connection:
        for row in rows:
            told = {
                "at": now(),
                "delivery": row.id,
                "subscriber": row.subscriber,
                "domain": "example.org",
                "kind": BounceKind.COMPLAINT,
                "status": "",
                "words": "spam",
                "source": "a report",
                "effect": BounceEffect.NOTHING,
                "why": "",
                "fingerprint": f"complaint {row.id}",
            }
            connection.execute(schema.bounces.insert().values(**told))


def test_complaints_pause_a_send_while_it_runs(engine: Engine) -> None:
    """Five people, while there are others who have not got it yet; a person who resumes it is not asked about them again."""
    ask(engine, 400)
    complained = Event()

    def slowly(stage: Stage, _: Envelope) -> None:
        if stage is Stage.BODY:
            time.sleep(0.05)

    def complain_in_the_middle() -> None:
        until(lambda: states(engine).get(S.ACCEPTED, 0) >= 5)
        with reading(engine) as connection:
            rows = deliveries.rows(connection, ISSUE, S.ACCEPTED, 5)
        complain(engine, *rows)
        complained.set()

    with Inbox(replies=slowly) as inbox, in_the_background(complain_in_the_middle):
        report = send(engine, over(inbox.smtp_url), limits=Limits(connections=2))
    assert complained.is_set()
    assert "people called it spam" in report.problem
    assert states(engine)[S.QUEUED] > 0
    with transaction(engine) as connection:
        deliveries.set_send_state(connection, ISSUE, SendState.RUNNING)
        standing = IssueLedger(ISSUE).standing(connection, now())
    assert standing.running


@dataclass(slots=True)
class StumblingLedger(FailingLedger):
    """A database that is away for one turn, and then is back."""

    def turn(
        self,
        connection: Connection,
        settled: Sequence[tuple[Delivery, Settled]],
        asking: Sequence[Delivery],
        now: datetime,
    ) -> tuple[frozenset[Claim], frozenset[Claim]]:
        self.turns.append(1)
        if len(self.turns) == 3:
            raise StoreError("the database is away")
        return IssueLedger.turn(self, connection, settled, asking, now)


def test_what_could_not_be_written_is_written_before_the_run_ends(engine: Engine) -> None:
    """The relay's answers are not forgotten with the first failure: nothing is in doubt that need not be."""
    ask(engine, 20)
    with Inbox() as inbox:
        with pytest.raises(StoreError, match="the database is away"):
            send_all(
                engine,
                StumblingLedger(ISSUE),
                [over(inbox.smtp_url)],
                personal,
                now,
                Event(),
                limits=Limits(1),
            )
        arrived = len(inbox.messages)
    assert 0 < arrived < 20
    assert states(engine)[S.ACCEPTED] == arrived
    assert S.IN_DOUBT not in states(engine)


def test_a_shared_commit_is_waited_for_only_while_that_pays() -> None:
    """At a near relay all connections ask at once; at a far one each comes alone, and waits for nobody."""
    company = scribe.Company()
    assert company.wait(1, 1) == 0
    assert company.wait(1, 4) > 0
    company.came(3)
    assert company.wait(1, 4) > 0  # it paid
    company.came(1)
    waits = []
    for _ in range(32):
        waits.append(company.wait(1, 4) > 0)
        company.came(1)
    assert 1 <= sum(waits) <= 3  # tried again now and then
