"""When something needs a person they are told, by mail and by webhook: each thing once, none lost, nobody named."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

import loopback
from digest import config, store
from digest.desk import telling
from digest.desk.today import Need, Urgency
from digest.errors import ConfigError
from digest.model import DeliveryState, Mark, Notice, NoticeKind, NoticeState, OutboxRow, Role, Unit, Work
from digest.pipeline.editors import signing
from digest.pipeline.installation import Installation
from digest.pipeline.upkeep import webhook
from digest.pipeline.upkeep.telling import tell
from digest.store import schema
from digest.store.database import reading, transaction
from digest.work.doing import Hands, do_all
from installation import NOW, Clock, Place, installed
from outbox_samples import a_mail

DESK = "https://digest.example.org/desk/"
SECRET = "a secret of forty-two lamps"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
PAUSED = Need(
    Urgency.STOPPED, "Sending weekly/2026-11-22 is paused: by hand", "Look", "send/weekly/2026-11-22"
)


def told(*needs: Need, now: datetime = NOW, machine: tuple[str, ...] = (), in_doubt: int = 0) -> list[Notice]:
    return list(telling.notices(needs, machine, in_doubt, DESK, now))


# ── what is told, and how often ──────────────────────────────────────────────────────────────────


def test_what_stands_still_is_told_once_a_day() -> None:
    """Its key is of the day, and so whoever looks again on that day tells nothing new."""
    first, later = told(PAUSED)[0], told(PAUSED, now=NOW + HOUR)[0]
    assert first.key == later.key == "stopped:send/weekly/2026-11-22:2026-11-20"
    assert told(PAUSED, now=NOW + DAY)[0].key != first.key
    assert (first.kind, first.url) == (NoticeKind.STOPPED, f"{DESK}send/weekly/2026-11-22")


def test_an_approval_is_asked_for_once() -> None:
    """And once more when it is late."""
    waiting = Need(Urgency.WAITING, "It waits.", "Review", "issue/weekly/2026-11-22")
    late = Need(Urgency.LATE, "It is late.", "Review", "issue/weekly/2026-11-22")
    assert told(waiting)[0].key == told(waiting, now=NOW + DAY)[0].key
    assert told(late)[0].key != told(waiting)[0].key


def test_sources_are_told_together_once_a_week_and_only_when_it_lasts() -> None:
    """However many fail: at most ten are named."""
    needs = [
        Need(Urgency.SOURCE, f"Blog {number} fails.", "Look", f"sources/blog-{number}", NOW - 3 * DAY)
        for number in range(12)
    ]
    fresh = Need(Urgency.SOURCE, "A new one fails.", "Look", "sources/new", NOW - HOUR)
    (notice,) = told(*needs, fresh)
    assert notice.key == "source:2026-W47"
    assert notice.text.splitlines()[-1] == "And 2 more."
    assert len(notice.text.splitlines()) == 11
    assert "A new one" not in notice.text
    assert told(fresh) == []


def test_mail_of_the_outbox_in_doubt_and_what_the_machine_lacks_are_told() -> None:
    """They stand on no page of an issue."""
    found = told(machine=("disk: there is hardly any room at var.",), in_doubt=2)
    assert [each.key for each in found] == ["doubt:outbox:2026-11-20", "machine:disk:2026-11-20"]
    assert found[0].text.startswith("2 mails of the Outbox in doubt")


def test_nobody_is_named_in_a_notice() -> None:
    """A relay's words, which a pause may quote, name whom it refused, and links bring their tokens."""
    words = "550 <ada@example.org> unknown, see https://x.example.org/u/weekly/41.q83vEjRWeJASNFZ4kBI0Vg"
    (notice,) = told(Need(Urgency.STOPPED, f"Sending is paused: {words}", "Look", "send/x"))
    assert "ada@" not in notice.text
    assert "q83vEjRWeJASNFZ4kBI0Vg" not in notice.text
    assert "a•••@example.org" in notice.text


def test_a_machine_that_polls_nothing_is_noticed() -> None:
    """Where a source is due; one that has nothing due is at peace."""
    old = NOW - 7 * HOUR
    assert next(iter(telling.lacks(old, old, (), NOW))).startswith(
        "collecting: no source was polled since 2026-11-20 01:00"
    )
    assert [*telling.lacks(None, old, (), NOW)]
    assert not [*telling.lacks(old, None, (), NOW)]
    assert not [*telling.lacks(NOW - HOUR, old, (), NOW)]
    assert next(iter(telling.lacks(None, None, ("var",), NOW))).startswith(
        "disk: there is hardly any room at var"
    )


# ── both channels ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path, publish="") as made:
        yield made


class Hook:
    """A webhook: what it got, and what it answers."""

    def __init__(self) -> None:
        self.status = "204 No Content"
        self.got: list[loopback.Request] = []
        self.lock = threading.Lock()

    def answer(self, request: loopback.Request) -> None:
        with self.lock:
            self.got.append(request)
        request.send(loopback.response(status=self.status))

    @property
    def keys(self) -> list[str]:
        return [json.loads(each.body)["key"] for each in self.got]


@contextmanager
def hooked(place: Place, allow: bool = True) -> Iterator[Hook]:
    hook = Hook()
    with loopback.serve(hook.answer) as server:
        secret = place.folder / "var" / "notices.key"
        secret.write_text(SECRET, encoding="ascii")
        secret.chmod(0o600)
        said = f'\n[notices]\nwebhook = "{server.url("/hook")}"\nwebhook_secret_file = "var/notices.key"\n'
        said += f'[operate]\nallow = ["{server.endpoint}"]\n' if allow else ""
        place.path.write_text(place.path.read_text(encoding="utf-8") + said, encoding="utf-8")
        yield hook


def in_trouble(installation: Installation) -> None:
    """A mail in doubt, and an editor of each role."""
    for role in Role:
        signing.add_editor(installation, f"{role}@hollin.test", role.title(), (role,), NOW)
    with transaction(installation.engine) as connection:
        store.outbox.put(connection, a_mail("doubtful", now=NOW))
        connection.execute(update(schema.outbox).values(state=DeliveryState.IN_DOUBT))


def mailed(engine: Engine) -> list[OutboxRow]:
    with reading(engine) as connection:
        return [
            row
            for row in store.outbox.rows(connection)
            if row.key.startswith("editor:") and "doubt" in row.key
        ]


def stored(engine: Engine) -> list[Notice]:
    with reading(engine) as connection:
        return list(store.notices.newest(connection, 50))


def test_whom_it_concerns_get_a_mail_and_the_webhook_gets_it_signed(place: Place) -> None:
    """Of four roles the publisher, who may send; and JSON whose signature holds with our secret and with no other."""
    with hooked(place) as hook, place.opened() as installation:
        in_trouble(installation)
        assert [each.kind for each in tell(installation, NOW)] == [NoticeKind.DOUBT]
        assert [row.address for row in mailed(installation.engine)] == ["publisher@hollin.test"]
        (brought,) = webhook.bring(installation, Clock())
    assert brought.state is NoticeState.BROUGHT
    (request,) = hook.got
    assert json.loads(request.body) == {
        "key": "doubt:outbox:2026-11-20",
        "kind": "doubt",
        "text": "1 mail of the Outbox in doubt: digest outbox list --state in_doubt",
        "url": "http://127.0.0.1:8000/desk/",
        "at": "2026-11-20T08:00:00Z",
    }
    seconds, _, proof = request.headers["digest-signature"].partition(",v1=")
    signed = f"{seconds.removeprefix('t=')}.".encode() + request.body
    assert hmac.compare_digest(proof, hmac.digest(SECRET.encode(), signed, sha256).hex())
    assert proof != hmac.digest(b"another secret", signed, sha256).hex()
    assert request.headers["content-type"] == "application/json"


def test_whoever_looks_how_often_tells_and_brings_it_once(place: Place) -> None:
    """Eight at once, and again an hour later: one row, one mail for each editor, one request."""
    with hooked(place) as hook, place.opened() as installation:
        in_trouble(installation)
        for now in (NOW, NOW + HOUR):
            work = [
                threading.Thread(target=look, args=(installation, now))
                for look in (tell, _bring)
                for _ in range(8)
            ]
            for each in work:
                each.start()
            for each in work:
                each.join()
        _bring(installation, NOW + HOUR)
        assert len(mailed(installation.engine)) == 1
        assert len(stored(installation.engine)) == 1
    assert hook.keys == ["doubt:outbox:2026-11-20"]


def _bring(installation: Installation, now: datetime) -> None:
    webhook.bring(installation, Clock(now))


def test_without_its_lease_a_notice_would_be_brought_twice(place: Place) -> None:
    """Control: what keeps two processes apart is the lease; taken away, both bring it."""
    with hooked(place) as hook, place.opened() as installation:
        in_trouble(installation)
        tell(installation, NOW)
        with transaction(installation.engine) as connection:
            assert (
                len(store.notices.claim(connection, 9, NOW)) == 1
            )  # another process, which has not asked yet
        _bring(installation, NOW)
        assert hook.got == []
        with transaction(installation.engine) as connection:
            connection.execute(update(schema.notices).values(lease_until=None))
        _bring(installation, NOW)
    assert len(hook.got) == 1


def test_a_process_that_dies_with_a_notice_loses_none(place: Place) -> None:
    """Once its lease is over another one brings it, under the same Idempotency-Key."""
    with hooked(place) as hook, place.opened() as installation:
        in_trouble(installation)
        tell(installation, NOW)
        with transaction(installation.engine) as connection:
            (held,) = store.notices.claim(connection, 9, NOW)
        _bring(installation, NOW + store.notices.LEASE)
        with transaction(
            installation.engine
        ) as connection:  # should it live after all, its word comes too late
            assert not store.notices.settle(connection, held)
    assert len(hook.got) == 1
    assert len(hook.got[0].headers["idempotency-key"]) == 32


def test_what_the_webhook_does_not_take_is_tried_again_ever_later(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """After 1, 5, 15 … minutes, until three days are over; then it has failed, and says so."""
    with hooked(place) as hook, place.opened() as installation:
        hook.status = "503 Not Now"
        in_trouble(installation)
        tell(installation, NOW)
        now, waits = NOW, []
        while (notice := stored(installation.engine)[0]).state is NoticeState.QUEUED:
            assert notice.next_try_at is not None
            waits.append(notice.next_try_at - now)
            now = notice.next_try_at
            _bring(installation, now)
        assert waits[1:7] == list(webhook.AGAIN_AFTER)
        assert notice.state is NoticeState.FAILED
        assert notice.reply == "it answers 503"
        assert NOW + timedelta(days=2) < now <= NOW + timedelta(days=4)
        assert len(hook.got) == notice.attempts < 20
    assert "1 notices did not reach the webhook: it answers 503" in caplog.text


def test_a_webhook_that_is_away_is_asked_once_for_all_that_waits(place: Place) -> None:
    """The others wait with the first; no row keeps its address, which may be a secret itself."""
    with hooked(place, allow=False) as hook, place.opened() as installation:
        in_trouble(installation)
        for key in ("a", "b"):
            _put(installation, key)
        tried = webhook.bring(installation, Clock())
        assert [each.attempts for each in tried] == [1, 1]
        assert {each.state for each in tried} == {NoticeState.QUEUED}
        assert "could not be fetched" in tried[0].reply
        assert "/hook" not in tried[0].reply
    assert hook.got == []  # a private address that [operate] allow does not name


def _put(installation: Installation, key: str) -> None:
    notice = Notice(key, NoticeKind.TRIAL, "x", "", NOW, NOW + DAY, next_try_at=NOW)
    with transaction(installation.engine) as connection:
        store.notices.put(connection, notice)


def test_a_redirect_is_no_answer(place: Place) -> None:
    """What needs a person is not told to whoever a redirect names."""
    with hooked(place) as hook, place.opened() as installation:
        hook.status = "302 Found"
        _put(installation, "a")
        (tried,) = webhook.bring(installation, Clock())
    assert (tried.state, tried.reply) == (NoticeState.QUEUED, "it answers 302")


def test_without_a_webhook_it_is_mailed_and_that_is_all(place: Place) -> None:
    """A row says that it was told; setting a webhook later brings no old ones."""
    with place.opened() as installation:
        in_trouble(installation)
        tell(installation, NOW)
        assert len(mailed(installation.engine)) == 1
        assert [each.state for each in stored(installation.engine)] == [NoticeState.TOLD]
    with hooked(place) as hook, place.opened() as installation:
        webhook.bring(installation, Clock(NOW + HOUR))
    assert hook.got == []


def test_without_mails_only_the_webhook_hears_of_it(place: Place) -> None:
    """``[notices] mails = false``."""
    with hooked(place) as hook:
        text = place.path.read_text(encoding="utf-8").replace("[notices]", "[notices]\nmails = false")
        place.path.write_text(text, encoding="utf-8")
        with place.opened() as installation:
            in_trouble(installation)
            tell(installation, NOW)
            assert mailed(installation.engine) == []
            _bring(installation, NOW)
    assert len(hook.got) == 1


def test_the_scheduler_tells_brings_and_forgets(place: Place) -> None:
    """Its chores are these verbs: what `digest run` does of itself."""
    with hooked(place) as hook, place.opened() as installation:
        in_trouble(installation)
        chores = [Unit(Work.NOTICES), Unit(Work.WEBHOOK), Unit(Work.PRUNE)]
        do_all(Hands(installation, Clock(), threading.Event()), chores)
        with reading(installation.engine) as connection:
            assert Mark.PRUNE in store.marks.all_marks(connection)
    assert hook.keys == ["doubt:outbox:2026-11-20"]


# ── the commands ─────────────────────────────────────────────────────────────────────────────────


def test_a_trial_goes_over_both_channels_and_is_listed(place: Place) -> None:
    """``digest notices test`` says what came of each; ``notices list`` shows it afterwards."""
    with hooked(place) as hook:
        place.done("editors", "add", "ada@hollin.test", "--role", "admin")
        place.done("outbox", "send")
        before = len(place.inbox.messages)
        assert place.done("notices", "test", "--json").data == {
            "mails": {"accepted": 1},
            "problem": "",
            "webhook": "brought",
            "reply": "",
        }
        assert len(place.inbox.messages) == before + 1
        hook.status = "500 No"
        said = place.done("notices", "test").out
        assert "Webhook: queued (it answers 500)." in said
        states = [row["state"] for row in place.done("notices", "list", "--json").rows]
        assert sorted(map(str, states)) == ["brought", "queued"]
        assert "a trial of the notices" in place.done("notices", "list").out


def test_a_webhook_without_a_secret_is_a_mistake(place: Place) -> None:
    """Nobody could tell our notices from forged ones; the sentence says how to make one."""
    with hooked(place):
        (place.folder / "var" / "notices.key").unlink()
        ran = place.digest("collect")
    assert (ran.code, ran.out) == (1, "")
    assert "[notices] webhook_secret_file names" in ran.err


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            '[notices]\nwebhook = "https://ada:pw@chat.example.org/"',
            "[notices] webhook: expected an address without",
        ),
        (
            '[operate]\nheartbeat = "https://ada@beats.example.org/"',
            "[operate] heartbeat: expected an address without",
        ),
        ('[operate]\nlisten = "9108"', '[operate] listen: expected "127.0.0.1:9108"'),
        ('[operate]\nallow = ["nowhere"]', "[operate] allow: "),
        ("[retention]\naddresses_days = 1", "[retention] addresses_days: expected at least 30, got 1"),
        ('[log]\nformat = "xml"', "[log] format: expected 'text' or 'json'"),
    ],
)
def test_mistakes_in_these_tables_are_told_with_their_line(place: Place, lines: str, said: str) -> None:
    """As all others, by ``digest check``."""
    place.path.write_text(f"{place.path.read_text(encoding='utf-8')}\n{lines}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(place.path)
    assert any(said in finding for finding in caught.value.findings)
