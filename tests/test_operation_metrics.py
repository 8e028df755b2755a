"""The numbers are true, stay within bounds, and the alerts that stand on them can fire."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, Engine, insert, text, update

from databases import migrated_sqlite
from digest import store
from digest.collect.poll import NEVER
from digest.metrics import durations
from digest.metrics.catalogue import FIGURES, Kind
from digest.metrics.exposition import exposition
from digest.model import (
    BounceEffect,
    BounceKind,
    DeliveryState,
    Mark,
    Notice,
    NoticeKind,
    SendState,
    SuppressionCause,
)
from digest.store import schema
from digest.store.database import open_database, transaction
from outbox_samples import a_mail
from promql import Scrape, UnreadableError, series
from query_plans import plan_of
from store_samples import NOW, WEEKLY, a_post, a_source, request, store_post, subscribe

ROOT = Path(__file__).parents[1]
RULES = ROOT / "packaging" / "prometheus" / "digest.rules.yml"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def rules() -> dict[str, Mapping[str, Any]]:
    yaml = pytest.importorskip("yaml")
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def numbers(
    engine: Engine, now: datetime = NOW, folders: Mapping[str, Path] | None = None
) -> dict[str, float]:
    """Every number by name and labels: ``digest_sends{state=running}``."""
    answer = exposition(engine, folders or {}, now).decode()
    found = {}
    for family in text_string_to_metric_families(answer):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


# ── what they tell ───────────────────────────────────────────────────────────────────────────────


def test_an_empty_installation_has_nothing_to_tell(engine: Engine) -> None:
    """Zero where nothing waits, and no line for what has never happened."""
    found = numbers(engine)
    assert found["digest_sources_due"] == 0
    assert found["digest_outbox_oldest_seconds"] == 0
    assert found["digest_deliveries_in_doubt"] == 0
    assert not [name for name in found if "timestamp" in name and name.startswith("digest_")]


def test_sources_are_counted_by_state_with_the_age_of_the_worst(engine: Engine) -> None:
    """A source that is followed no longer, or is gone, is neither due nor failing."""
    good: dict[str, object] = {
        "last_polled_at": NOW - HOUR,
        "last_good_at": NOW - HOUR,
        "next_poll_at": NOW + HOUR,
    }
    rows: dict[str, dict[str, object]] = {
        "fresh": {"added_at": NOW - 2 * HOUR},
        "well": good,
        "late": {**good, "next_poll_at": NOW - 3 * HOUR},
        "broken": {**good, "failures": 4, "last_good_at": NOW - 9 * DAY},
        "gone": {**good, "failures": 1, "last_good_at": NOW - 90 * DAY, "next_poll_at": NEVER},
        "retired": {**good, "retired": True, "failures": 9, "last_good_at": NOW - 90 * DAY},
    }
    with transaction(engine) as connection:
        for slug, values in rows.items():
            store.sources.add_source(connection, a_source(slug), NOW)
            this = update(schema.sources).where(schema.sources.c.slug == slug)
            connection.execute(this.values({"added_at": NOW, **values}))
    found = numbers(engine)
    states = {
        name: found[f"digest_sources{{state={name}}}"] for name in ("new", "answering", "failing", "gone")
    }
    assert states == {"new": 1, "answering": 2, "failing": 1, "gone": 1}
    assert found["digest_sources{state=retired}"] == 1
    assert found["digest_sources_due"] == 2
    assert found["digest_sources_due_oldest_seconds"] == 3 * 3600
    assert found["digest_sources_failing_longest_seconds"] == 9 * 86400
    assert found["digest_last_poll_timestamp_seconds"] == (NOW - HOUR).timestamp()


def test_posts_of_a_day_and_held_ones_are_counted(engine: Engine) -> None:
    """First seen, not published."""
    with transaction(engine) as connection:
        store_post(connection, a_post("a" * 16, published=NOW - 30 * DAY))
        store_post(
            connection, a_post("b" * 16, guid="b", url="https://harbour.example.org/b", held="back-fill")
        )
        store_post(
            connection,
            a_post("c" * 16, guid="c", url="https://harbour.example.org/c", first_seen=NOW - 2 * DAY),
        )
    found = numbers(engine)
    assert (found["digest_posts_last_day"], found["digest_posts_held"]) == (2, 1)


def test_a_send_is_told_by_issue_and_state_and_how_long_it_has_waited(engine: Engine) -> None:
    """With what is in doubt, over all sends."""
    with transaction(engine) as connection:
        subscribe(connection, "ada@example.org", "ben@example.org", "cem@example.org")
        request(connection)
        connection.execute(_as(DeliveryState.IN_DOUBT, 1))
        connection.execute(_as(DeliveryState.ACCEPTED, 2))
    found = numbers(engine, NOW + 2 * HOUR)
    issue = f"issue={WEEKLY}"
    assert found[f"digest_deliveries{{{issue},state=queued}}"] == 1
    assert found[f"digest_deliveries{{{issue},state=accepted}}"] == 1
    assert found["digest_deliveries_in_doubt"] == 1
    assert found["digest_deliveries_pending_oldest_seconds"] == 2 * 3600
    assert found["digest_sends{state=running}"] == 1
    assert found["digest_issues{digest=weekly,state=approved}"] == 1


def test_what_is_read_from_the_database_no_label_of_it_names_a_person(engine: Engine) -> None:
    """Addresses, relays' words and tokens stand in the rows, and in no number."""
    with transaction(engine) as connection:
        subscribe(connection, "ada@example.org")
        request(connection)
        store.suppressions.suppress(
            connection, "ben@example.org", "550 ben@example.org", NOW, SuppressionCause.BOUNCE
        )
        store.holds.hold(connection, "cem@example.org", NOW + DAY, "full", NOW)
        store.outbox.put(connection, a_mail("a secret key", "dee@example.org"))
    answer = exposition(engine, {}, NOW).decode()
    assert not re.search(r"ada|ben@|cem|dee|secret|@", answer)
    assert 'digest_suppressions{cause="bounce"} 1.0' in answer


def test_durations_and_polls_are_of_this_process(engine: Engine) -> None:
    """A failure is measured as one, and raised as it was."""
    before = numbers(engine)
    with durations.timed("draft"):
        pass
    with pytest.raises(ZeroDivisionError), durations.timed("draft"):
        raise ZeroDivisionError
    durations.count_poll(durations.outcome(ok=True, new=3))
    durations.count_poll(durations.outcome(ok=True, new=0))
    durations.count_poll(durations.outcome(ok=False, new=0))
    after = numbers(engine)

    def grew(name: str) -> float:
        return after[name] - before.get(name, 0)

    count = "digest_work_duration_seconds_count{outcome=%s,work=draft}"
    assert (grew(count % "done"), grew(count % "failed")) == (1, 1)
    outcomes = ("new", "nothing_new", "failed")
    assert [grew(f"digest_polls_total{{outcome={each}}}") for each in outcomes] == [1, 1, 1]


def test_names_follow_the_customs_of_prometheus() -> None:
    """One prefix, base units, ``_total`` for counters only, each once and with a sentence."""
    names = [figure.name for figure in FIGURES]
    assert len(set(names)) == len(names)
    for figure in FIGURES:
        assert re.fullmatch(r"digest_[a-z_]+", figure.name)
        assert figure.name.endswith("_total") == (figure.kind is Kind.COUNTER)
        assert not re.search(r"_(minutes|hours|ms|kb|mb)$", figure.name)
        assert figure.help.endswith(".")


# ── the alerts ───────────────────────────────────────────────────────────────────────────────────


def _as(state: DeliveryState, row: int) -> Any:
    return update(schema.deliveries).where(schema.deliveries.c.id == row).values(state=state)


def _send(connection: Connection) -> None:
    subscribe(connection, "ada@example.org", "ben@example.org")
    request(connection)


def _mark(what: Mark, age: timedelta) -> Callable[[Connection], None]:
    return lambda connection: store.marks.remember(connection, what, NOW - age)


def _source(**values: object) -> Callable[[Connection], None]:
    def change(connection: Connection) -> None:
        store.sources.add_source(connection, a_source("late"), NOW)
        connection.execute(update(schema.sources).values(**values))

    return change


def _in_doubt(connection: Connection) -> None:
    _send(connection)
    connection.execute(_as(DeliveryState.IN_DOUBT, 1))


def _paused(connection: Connection) -> None:
    _send(connection)
    store.deliveries.set_send_state(connection, WEEKLY, SendState.PAUSED, "by hand")


def _stalled(connection: Connection) -> None:
    _send(connection)
    connection.execute(update(schema.sends).values(requested_at=NOW - 5 * HOUR))


def _old_mail(connection: Connection) -> None:
    store.outbox.put(connection, replace(a_mail("old"), created_at=NOW - 2 * HOUR))


def _old_notice(connection: Connection) -> None:
    at = NOW - 2 * HOUR
    store.notices.put(connection, Notice("k", NoticeKind.TRIAL, "x", "", at, NOW + DAY, next_try_at=at))


def _bounced(kind: BounceKind, times: int) -> Callable[[Connection], None]:
    def change(connection: Connection) -> None:
        _send(connection)
        connection.execute(update(schema.deliveries).values(state=DeliveryState.ACCEPTED))
        plain = {
            "domain": "",
            "status": "",
            "words": "",
            "source": "lmtp",
            "effect": BounceEffect.HELD,
            "why": "",
        }
        rows = [{"at": NOW, "kind": kind, "fingerprint": str(each), **plain} for each in range(times)]
        connection.execute(insert(schema.bounces), rows)

    return change


def _domain(connection: Connection) -> None:
    store.holds.pause_domain(connection, "example.org", NOW + DAY, "5.7.1", NOW)


TROUBLE: Mapping[str, Callable[[Connection], None]] = {
    "DigestSchedulerSilent": _mark(Mark.TICK, 11 * timedelta(minutes=1)),
    "DigestNothingPolled": _source(last_polled_at=NOW - 7 * HOUR, next_poll_at=NOW - HOUR),
    "DigestSourcesOverdue": _source(last_polled_at=NOW - HOUR, next_poll_at=NOW - 7 * HOUR),
    "DigestSourceFailing": _source(
        last_polled_at=NOW, next_poll_at=NOW + HOUR, failures=9, last_good_at=NOW - 8 * DAY
    ),
    "DigestMailInDoubt": _in_doubt,
    "DigestSendPaused": _paused,
    "DigestSendStalled": _stalled,
    "DigestOutboxWaits": _old_mail,
    "DigestNoticesWait": _old_notice,
    "DigestManyBounces": _bounced(BounceKind.ADDRESS, 11),
    "DigestComplaints": _bounced(BounceKind.COMPLAINT, 5),
    "DigestDomainPaused": _domain,
    "DigestHeartbeatUnheard": _mark(Mark.HEARTBEAT, HOUR),
    "DigestBackupOld": _mark(Mark.BACKUP, 3 * DAY),
    "DigestNothingForgotten": _mark(Mark.PRUNE, 4 * DAY),
}
OUTSIDE = {"DigestDown", "DigestDiskFull"}  # of Prometheus itself, and of the disk: below


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Engine]:
    """A database with the schema of today: which one matters little here."""
    migrated_sqlite(tmp_path / "digest.db")
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    yield engine
    engine.dispose()


def _firing(engine: Engine, up: float = 1) -> set[str]:
    scrape = Scrape(exposition(engine, {}, NOW).decode(), NOW.timestamp(), {"up": up})
    return {name for name, rule in rules().items() if scrape.fires(rule["expr"])}


def test_a_healthy_installation_fires_nothing(fresh: Engine) -> None:
    """With everything as it should be, and with nothing that has happened yet."""
    assert _firing(fresh) == set()
    with transaction(fresh) as connection:
        _send(connection)
        _source(last_polled_at=NOW, last_good_at=NOW, next_poll_at=NOW + HOUR)(connection)
        for mark in Mark:
            store.marks.remember(connection, mark, NOW)
    assert _firing(fresh) == set()


def test_the_ledger_the_posts_and_the_bounces_are_read_by_their_indexes(fresh: Engine) -> None:
    """With a million rows as with three: nothing is read whole that grows with the audience or the archive."""

    def scanned(action: Callable[[Connection], object]) -> list[str]:
        plan = plan_of(fresh, action)
        return re.findall(r"SCAN (?:deliveries|posts|bounces)\b(?! USING)", plan)

    assert scanned(lambda connection: store.figures.figures(connection, NOW)) == []
    whole = text("SELECT count(*) FROM posts WHERE url = 'x'")
    assert scanned(lambda connection: connection.execute(whole)) == ["SCAN posts"]


@pytest.mark.parametrize("alert", TROUBLE)
def test_trouble_fires_its_alert_and_no_other(fresh: Engine, alert: str) -> None:
    """Each on the true answer of a database in that state."""
    with transaction(fresh) as connection:
        TROUBLE[alert](connection)
    assert _firing(fresh) - {"DigestSourcesOverdue"} == {alert} - {"DigestSourcesOverdue"}
    assert alert in _firing(fresh)


def test_a_process_that_is_down_and_a_full_disk_fire(fresh: Engine) -> None:
    """The one is Prometheus's own number, the other is read from the disk."""
    assert _firing(fresh, up=0) == {"DigestDown"}
    rule = rules()["DigestDiskFull"]["expr"]
    assert Scrape('digest_disk_free_bytes{folder="feeds"} 5e+08\n', 0).fires(rule)
    assert not Scrape('digest_disk_free_bytes{folder="feeds"} 5e+09\n', 0).fires(rule)


def test_each_rule_has_its_trouble_and_names_numbers_that_exist() -> None:
    """No rule stands on a number that nobody tells, or was never seen to fire."""
    assert rules().keys() == TROUBLE.keys() | OUTSIDE
    known = {figure.name for figure in FIGURES} | {"up"}
    assert {name for rule in rules().values() for name in series(rule["expr"])} <= known


def test_each_rule_tells_a_person_what_to_do() -> None:
    """A sentence on what is, one on what to do, and how bad it is."""
    for rule in rules().values():
        assert rule["labels"]["severity"] in ("page", "info")
        assert all(rule["annotations"][key].endswith(".") for key in ("summary", "action"))


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="needs Debian's prometheus, which brings promtool"
)
def test_prometheus_itself_reads_the_rules() -> None:
    """Its own word, where it is installed."""
    ran = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


# ── the documentation, and controls ──────────────────────────────────────────────────────────────

PAGE = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")


def test_every_number_and_alert_stands_in_the_documentation() -> None:
    """With its kind, labels and help, as it is told."""
    for figure in FIGURES:
        labels = ", ".join(f"`{label}`" for label in figure.labels) or "–"
        assert f"| `{figure.name}` | {figure.kind} | {labels} | {figure.help} |" in PAGE
    for name, rule in rules().items():
        assert f"| `{name}` | {rule['annotations']['summary']} |" in PAGE


def test_an_expression_that_is_none_is_found(engine: Engine) -> None:
    """Control: what evaluates rules does not take anything for one."""
    scrape = Scrape("a 1\nb 2\n", 0)
    assert scrape.fires("a < b and b >= 2 or missing > 0")
    assert not scrape.fires("a > b")
    assert not scrape.fires("missing < 1")
    for broken in ("max(a", "a >", "a b", "> 1", "rate(a[5m]) > 1"):
        with pytest.raises(UnreadableError):
            scrape.fires(broken)
