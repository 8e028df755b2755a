"""What is old is forgotten; what proves a send, or keeps a thing from being done twice, never is."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, Engine, Table, func, insert, select, text, update

from digest import store
from digest.model import (
    BounceEffect,
    BounceKind,
    DeliveryState,
    Errand,
    IssueState,
    Mark,
    Notice,
    NoticeKind,
    NoticeState,
    OutboxKind,
    Redaction,
    RedactionKind,
    SendState,
    Session,
    Settlement,
    SuppressionCause,
)
from digest.pipeline.upkeep import pruning as verb
from digest.settings import RetentionSettings
from digest.store import pruning, schema
from digest.store.database import reading, transaction
from installation import NOW as TODAY
from installation import Clock, Place, installed
from outbox_samples import a_mail
from store_samples import NOW, WEEKLY, a_post, a_version, an_issue, request, store_post, subscribe

DAY = timedelta(days=1)
YEARS = 365 * 20 * DAY
SETTINGS = RetentionSettings(audit_days=730)
PAGE = (Path(__file__).parents[1] / "docs" / "operation.md").read_text(encoding="utf-8")


def never() -> bool:
    return False


def prune(engine: Engine, now: datetime, unfinished: tuple[str, ...] = ()) -> dict[str, int]:
    """Apply every rule, and forget the addresses of the ledger."""
    done = {
        rule.name: pruning.apply(engine, rule, never) for rule in pruning.rules(SETTINGS, unfinished, now)
    }
    before = now - timedelta(days=SETTINGS.addresses_days)
    done["addresses"] = pruning.forget_addresses(engine, before, now, never)
    return {name: count for name, count in done.items() if count}


def rows(engine: Engine, table: Table) -> list[tuple[object, ...]]:
    with reading(engine) as connection:
        return sorted(tuple(row) for row in connection.execute(select(table)))


def count(engine: Engine, table: Table) -> int:
    return len(rows(engine, table))


# ── each rule ────────────────────────────────────────────────────────────────────────────────────


def _notices(connection: Connection) -> None:
    for key, state, at in (("old", NoticeState.BROUGHT, NOW - 31 * DAY), ("new", NoticeState.BROUGHT, NOW)):
        notice = Notice(key, NoticeKind.TRIAL, "x", "", at, at + DAY, state, settled_at=at)
        store.notices.put(connection, notice)
    waits = Notice("waits", NoticeKind.TRIAL, "x", "", NOW - YEARS, NOW + DAY, next_try_at=NOW)
    store.notices.put(connection, waits)


def _bounces(connection: Connection) -> None:
    plain = {
        "kind": BounceKind.SOFT,
        "domain": "",
        "status": "",
        "source": "lmtp",
        "why": "",
        "words": "x@y.org",
    }
    rows = [
        {"at": at, "effect": effect, "fingerprint": f"{at}{effect}", **plain}
        for at in (NOW - 366 * DAY, NOW)
        for effect in (BounceEffect.UNMATCHED, BounceEffect.HELD)
    ]
    connection.execute(insert(schema.bounces), rows)


def _sign_ins(connection: Connection) -> None:
    editor = store.editors.add(connection, "mira@hollin.test", "Mira", (), NOW - YEARS)
    assert editor is not None
    for key, seen in (("idle", NOW - DAY), ("open", NOW)):
        store.editors.begin(connection, Session(key, editor, "c", NOW - DAY, seen, NOW - DAY))
    store.editors.begin(connection, Session("long", editor, "c", NOW - 15 * DAY, NOW, NOW))
    store.editors.give_errand(connection, "over", editor, Errand.CHOOSE, NOW - DAY)
    store.editors.tried(connection, ["203.0.113.0/24"], NOW - DAY)
    store.editors.tried(connection, ["203.0.113.0/24"], NOW)


def _domains(connection: Connection) -> None:
    for domain, until in (("old.org", NOW - 91 * DAY), ("new.org", NOW - 89 * DAY)):
        store.holds.pause_domain(connection, domain, until, "why", until - DAY)


def _single_issues(connection: Connection) -> None:
    for key, at in (("old", NOW - 366 * DAY), ("new", NOW - DAY)):
        store.outbox.put(connection, a_mail(key, kind=OutboxKind.ISSUE))
        closed = update(schema.outbox).where(schema.outbox.c.key == key)
        connection.execute(closed.values(state=DeliveryState.ACCEPTED, settled_at=at, reply="250 ok"))


def _audit(connection: Connection) -> None:
    for at in (NOW - 731 * DAY, NOW - 729 * DAY):
        store.audit.add(connection, "command line", "send", "weekly", at)


OLD: dict[str, tuple[Callable[[Connection], None], dict[str, int]]] = {
    "notices": (_notices, {"notices": 1}),
    "bounces": (_bounces, {"unmatched bounces": 1, "words of bounces": 1}),
    "sign-ins": (_sign_ins, {"sessions that have ended": 2, "links of editors": 1, "wrong passwords": 1}),
    "pauses of domains": (_domains, {"pauses of domains": 1}),
    "single issues": (_single_issues, {"addresses of single issues": 1}),
    "the log": (_audit, {"log of the desk": 1}),
}


@pytest.mark.parametrize("what", OLD)
def test_what_is_old_is_forgotten_and_what_is_not_stays(engine: Engine, what: str) -> None:
    """One of each that is too old, beside one that is not quite; a second time there is nothing left to do."""
    write, expected = OLD[what]
    with transaction(engine) as connection:
        write(connection)
    assert prune(engine, NOW) == expected
    assert prune(engine, NOW) == {}


def test_a_count_tells_before_what_is_done_then(engine: Engine) -> None:
    """``--dry-run`` is no guess."""
    with transaction(engine) as connection:
        for write, _ in OLD.values():
            write(connection)
    foretold = {rule.name: pruning.count(engine, rule) for rule in pruning.rules(SETTINGS, (), NOW)}
    assert {name: count for name, count in foretold.items() if count} == prune(engine, NOW)


def test_without_audit_days_the_log_is_kept(engine: Engine) -> None:
    """The default."""
    names = {rule.name for rule in pruning.rules(RetentionSettings(), (), NOW)}
    assert "log of the desk" not in names
    assert "log of the desk" in {rule.name for rule in pruning.rules(SETTINGS, (), NOW)}


# ── texts ────────────────────────────────────────────────────────────────────────────────────────


def _revised(connection: Connection, key: str) -> None:
    """A post of two years ago with three revisions."""
    then = NOW - 730 * DAY
    post = a_post(key, guid=key, url=f"https://harbour.example.org/{key}", first_seen=then, published=then)
    store_post(connection, post)
    connection.execute(update(schema.revisions).where(schema.revisions.c.post == key).values(seen_at=then))
    for number in (2, 3):
        row = connection.execute(select(schema.revisions).where(schema.revisions.c.post == key)).first()
        assert row is not None
        connection.execute(
            insert(schema.revisions).values({**row._mapping, "number": number, "seen_at": then})
        )
    connection.execute(update(schema.posts).where(schema.posts.c.key == key).values(revision=3))


def test_former_texts_go_except_those_that_an_issue_may_quote(engine: Engine) -> None:
    """A printed post keeps all of them, one in a draft too, and every post its newest."""
    printed, drafted, neither = "p" * 16, "d" * 16, "n" * 16
    with transaction(engine) as connection:
        store.issues.digest_started(connection, "weekly", NOW)
        for key in (printed, drafted, neither):
            _revised(connection, key)
        draft = an_issue()
        assert store.issues.save_draft(connection, draft)
        store.issues.freeze(connection, draft, a_version(draft, 1), {printed: Settlement.PICKED}, NOW)
    assert prune(engine, NOW, unfinished=(drafted,)) == {"former texts of posts": 2}
    kept = [(row[0], row[1]) for row in rows(engine, schema.revisions)]
    assert kept == [
        (drafted, 1),
        (drafted, 2),
        (drafted, 3),
        (neither, 3),
        (printed, 1),
        (printed, 2),
        (printed, 3),
    ]


def test_what_an_edit_replaced_goes_once_its_issue_is_published(engine: Engine) -> None:
    """Who changed what, and when, stays."""
    with transaction(engine) as connection:
        store.issues.digest_started(connection, "weekly", NOW)
        assert store.issues.save_draft(connection, an_issue())
        connection.execute(
            text(
                'INSERT INTO edits (issue, number, at, changes, "by", undoes, before) '
                "VALUES (:issue, 1, :at, '[]', 'mira', 0, :before)"
            ),
            {
                "issue": str(WEEKLY),
                "at": (NOW - 181 * DAY).isoformat(timespec="microseconds"),
                "before": "{}",
            },
        )
    assert prune(engine, NOW) == {}
    with transaction(engine) as connection:
        connection.execute(update(schema.issues).values(state=IssueState.PUBLISHED))
    assert prune(engine, NOW) == {"what edits replaced": 1}
    assert count(engine, schema.edits) == 1


# ── the ledger ───────────────────────────────────────────────────────────────────────────────────

PEOPLE = tuple(f"reader{number}@example.org" for number in range(1, 8))


def _sent(engine: Engine, state: SendState = SendState.FINISHED) -> None:
    """A send to seven people: four have it, one refuses it, one is open, one is in doubt."""
    with transaction(engine) as connection:
        subscribe(connection, *PEOPLE)
        request(connection)
        states = [
            *[DeliveryState.ACCEPTED] * 4,
            DeliveryState.REJECTED,
            DeliveryState.QUEUED,
            DeliveryState.IN_DOUBT,
        ]
        for number, each in enumerate(states, 1):
            row = update(schema.deliveries).where(schema.deliveries.c.id == number)
            connection.execute(row.values(state=each, reply=f"to {PEOPLE[number - 1]}", settled_at=NOW))
        connection.execute(update(schema.sends).values(state=state))


def _named(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        query = select(schema.deliveries.c.address).where(schema.deliveries.c.address != "")
        return sorted(connection.execute(query).scalars())


def test_addresses_are_taken_out_of_the_rows_of_old_sends_and_the_rows_stay(engine: Engine) -> None:
    """With the relay's words, which name them; what is open or in doubt is left alone, however old."""
    _sent(engine)
    assert prune(engine, NOW + 364 * DAY) == {}
    assert prune(engine, NOW + 366 * DAY) == {"addresses": 5}
    assert _named(engine) == ["reader6@example.org", "reader7@example.org"]
    with reading(engine) as connection:
        counts = {state: n for state, n in store.deliveries.counts(connection, WEEKLY).items() if n}
        said = connection.execute(select(schema.deliveries.c.reply)).scalars().all()
        assert connection.execute(select(schema.sends.c.forgotten_at)).scalar() is None
    assert counts == {"accepted": 4, "rejected": 1, "queued": 1, "in_doubt": 1}
    assert sorted(said) == ["", "", "", "", "", "to reader6@example.org", "to reader7@example.org"]


def test_a_send_without_a_name_left_is_not_looked_at_again(engine: Engine) -> None:
    """Once what was in doubt is settled, the rest follows, and it is done with."""
    _sent(engine)
    prune(engine, NOW + 366 * DAY)
    with transaction(engine) as connection:
        connection.execute(update(schema.deliveries).values(state=DeliveryState.ACCEPTED))
    assert prune(engine, NOW + 367 * DAY) == {"addresses": 2}
    with reading(engine) as connection:
        assert connection.execute(select(schema.sends.c.forgotten_at)).scalar() == NOW + 367 * DAY
    assert prune(engine, NOW + 368 * DAY) == {}


@pytest.mark.parametrize("state", [SendState.RUNNING, SendState.PAUSED])
def test_a_send_that_is_not_over_keeps_its_addresses(engine: Engine, state: SendState) -> None:
    """It may go on."""
    _sent(engine, state)
    assert prune(engine, NOW + YEARS) == {}
    assert len(_named(engine)) == 7


def test_nobody_gets_an_issue_twice_after_their_address_was_forgotten(engine: Engine) -> None:
    """Asking for it once more writes no second row, and one that is tried again is begun no more."""
    _sent(engine)
    prune(engine, NOW + 366 * DAY)
    before = count(engine, schema.deliveries)
    with transaction(engine) as connection:
        asked = store.deliveries.send(connection, WEEKLY)
        assert asked is not None
        assert not store.deliveries.request_send(connection, asked, ())
        expired = update(schema.deliveries).where(schema.deliveries.c.id == 1)
        connection.execute(expired.values(state=DeliveryState.EXPIRED))
        later = NOW + 367 * DAY
        assert store.deliveries.retry(connection, WEEKLY, later + DAY, later)[DeliveryState.EXPIRED] == 1
        claimed = store.deliveries.claim(connection, WEEKLY, "a sender", 9, later, DAY)
        begun = store.deliveries.begin(connection, claimed, later)
    assert {1, 6} <= {row.id for row in claimed}
    assert 1 not in {number for number, _ in begun}
    assert count(engine, schema.deliveries) == before


# ── what never is ────────────────────────────────────────────────────────────────────────────────

KEPT = (
    schema.settlements,
    schema.suppressions,
    schema.identities,
    schema.redactions,
    schema.erasures,
    schema.versions,
    schema.issues,
    schema.subscribers,
    schema.subscriptions,
    schema.posts,
    schema.sources,
    schema.sends,
)


def _proofs(connection: Connection) -> None:
    """One of all that must be there in twenty years."""
    store.issues.digest_started(connection, "weekly", NOW)
    store_post(connection, a_post())
    subscribe(connection, *PEOPLE)
    request(connection)
    store.suppressions.suppress(connection, "ben@example.org", "asked", NOW, SuppressionCause.PERSON)
    store.redactions.add(connection, [Redaction("f" * 32, RedactionKind.WORDS, 2, "salt", NOW)])
    connection.execute(insert(schema.erasures).values(fingerprint="e" * 32, at=NOW))
    settled = {
        "digest": "weekly",
        "post": a_post().key,
        "issue": WEEKLY,
        "settlement": Settlement.PICKED,
        "at": NOW,
    }
    connection.execute(insert(schema.settlements).values(settled))
    store.outbox.put(connection, a_mail("waits"))
    store.outbox.put(connection, a_mail("doubt"))
    doubtful = update(schema.outbox).where(schema.outbox.c.key == "doubt")
    connection.execute(doubtful.values(state=DeliveryState.IN_DOUBT))


def test_what_proves_and_what_prevents_is_there_after_twenty_years(engine: Engine) -> None:
    """Settlements, suppressions, identities, fingerprints, what is open or in doubt, a row for each delivery."""
    with transaction(engine) as connection:
        _proofs(connection)
    before = {table.name: rows(engine, table) for table in (*KEPT, schema.deliveries, schema.outbox)}
    assert all(before.values())
    assert prune(engine, NOW + YEARS) == {}
    assert {name: rows(engine, schema.metadata.tables[name]) for name in before} == before


def test_a_rule_that_takes_a_proof_would_be_seen(engine: Engine) -> None:
    """Control: the test above can fail."""
    with transaction(engine) as connection:
        _proofs(connection)
    wrong = pruning.Rule("wrong", schema.settlements, schema.settlements.c.at < NOW + YEARS)
    assert pruning.apply(engine, wrong, never) == 1
    assert rows(engine, schema.settlements) == []


def test_every_table_says_how_long_it_is_kept() -> None:
    """In docs/operation.md; a new table needs a word on that, and none that is gone has one."""
    part = PAGE.partition("## How long things are kept")[2]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", part, re.MULTILINE)) == set(schema.metadata.tables)


# ── in steps ─────────────────────────────────────────────────────────────────────────────────────


def _many(connection: Connection, number: int) -> None:
    old = {"editor": None, "who": "x", "action": "x", "subject": "", "detail": "", "at": NOW - YEARS}
    connection.execute(insert(schema.audit), [old] * number)


def test_it_forgets_in_steps_between_which_others_write(engine: Engine) -> None:
    """A writer gets in before the last step: none lasts for all rows."""
    with transaction(engine) as connection:
        _many(connection, 3 * pruning.BATCH)
    (rule,) = [each for each in pruning.rules(SETTINGS, (), NOW) if each.table is schema.audit]
    left: list[int] = []

    def between() -> bool:
        with transaction(
            engine
        ) as connection:  # would wait for ever inside a transaction that holds the lock
            store.marks.remember(connection, Mark.TICK, NOW)
            left.append(connection.execute(select(func.count()).select_from(schema.audit)).scalar_one())
        return False

    assert pruning.apply(engine, rule, between) == 3 * pruning.BATCH
    assert left[1:4] == [3 * pruning.BATCH, 2 * pruning.BATCH, pruning.BATCH]


def test_told_to_stop_it_stops_after_a_step_and_goes_on_another_day(engine: Engine) -> None:
    """What is done is done."""
    with transaction(engine) as connection:
        _many(connection, 2 * pruning.BATCH)
    (rule,) = [each for each in pruning.rules(SETTINGS, (), NOW) if each.table is schema.audit]
    answers: Iterator[bool] = iter([False, False, True, True])
    assert pruning.apply(engine, rule, lambda: next(answers)) == pruning.BATCH
    assert pruning.apply(engine, rule, never) == pruning.BATCH


# ── the verb, and the command ────────────────────────────────────────────────────────────────────


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as made:
        yield made


def test_it_is_done_once_a_day_whoever_looks(place: Place) -> None:
    """Of eight that look at once, one takes the turn; an hour later nobody does, a day later one."""
    with place.opened() as installation:
        clock, took = Clock(), []

        def look() -> None:
            with transaction(installation.engine) as connection:
                took.append(store.marks.take_turn(connection, Mark.PRUNE, clock() - verb.EVERY, clock()))

        def at_once() -> int:
            took.clear()
            threads = [threading.Thread(target=look) for _ in range(8)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            return sum(took)

        assert at_once() == 1
        clock.now = TODAY + timedelta(hours=1)
        assert at_once() == 0
        clock.now = TODAY + timedelta(hours=25)
        assert at_once() == 1


def test_the_daily_round_says_what_it_forgot(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """And notes when it was."""
    caplog.set_level("INFO")
    with place.opened() as installation:
        with transaction(installation.engine) as connection:
            store.editors.tried(connection, ["203.0.113.0/24"], TODAY - DAY)
        verb.prune_daily(installation, Clock(), Event())
        verb.prune_daily(installation, Clock(), Event())
        with reading(installation.engine) as connection:
            assert store.marks.all_marks(connection) == {Mark.PRUNE: TODAY}
    assert caplog.text.count("forgotten by [retention]: 1 wrong passwords") == 1


def test_the_command_counts_and_then_does_it(place: Place) -> None:
    """``digest prune --dry-run`` changes nothing."""
    with place.opened() as installation, transaction(installation.engine) as connection:
        store.editors.tried(connection, ["203.0.113.0/24"], TODAY - 9 * DAY)
    told = [place.done("prune", *extra, "--json").data for extra in (["--dry-run"], [], [])]
    assert [each["rows"]["wrong passwords"] for each in told] == [1, 1, 0]  # type: ignore[index]
    assert "wrong passwords" in place.done("prune", "--dry-run").out


def test_free_pages_go_back_to_the_disk(place: Place) -> None:
    """A file shrinks without being written anew; one of an earlier digest does once it was compacted."""
    path = place.folder / "var" / "digest.db"
    with place.opened() as installation:
        for _ in range(2):
            with transaction(installation.engine) as connection:
                big = {"who": "x" * 3_000, "action": "x", "subject": "", "detail": "", "at": NOW - YEARS}
                connection.execute(insert(schema.audit), [big] * 6_000)
            grown = _size(installation.engine, path)
            with transaction(installation.engine) as connection:
                connection.execute(schema.audit.delete())
            assert pruning.give_back(installation.engine, never) > 2_000
            assert _size(installation.engine, path) < grown / 2
            place.done("prune", "--compact")


def _size(engine: Engine, path: Path) -> int:
    raw = engine.raw_connection()
    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    return path.stat().st_size
