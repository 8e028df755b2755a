"""`digest backup` and `digest restore`: everything comes back, and nothing of it is sent a second time by itself."""

from __future__ import annotations

import gzip
import io
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from databases import migrated_sqlite
from digest import config, store
from digest.backup import manifest as manifests
from digest.backup.making import make
from digest.backup.manifest import Manifest
from digest.backup.restoring import restore
from digest.backup.verifying import verify
from digest.errors import DigestError, StoreError
from digest.model import DeliveryState, IssueId, SendState
from digest.model.moves import Move, MoveKind
from digest.moving import rows
from digest.moving.shapes import shapes
from digest.pipeline.mail.send import request
from digest.store import moves
from digest.store.database import open_database, reading, transaction
from digest.store.schema import issues
from installation import Place, installed, process
from populated import populate, postgres_database
from store_samples import NOW, WEEKLY, subscribe

LATER = NOW + timedelta(hours=3)
SETTINGS = """
[[digests]]
slug = "weekly"
title = "Weekly"
days = ["sunday"]
at = "09:00"
zone = "UTC"
[mail]
from = "news@example.org"
postal = "1 Example Street"
dkim_keys = ["var/dkim/autumn.pem"]
[publish]
tag = "tag:example.org,2026:"
feeds_url = "https://example.org/feeds/"
app_url = "https://example.org/"
templates_dir = "own"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation in a folder of its own, as files: a populated database, keys, a template, a picture."""
    folder = tmp_path / "old"
    for name, words in {
        "config.toml": SETTINGS,
        "var/secret.key": "5ca1ab1e" * 8,
        "var/dkim/autumn.pem": "a key",
        "own/email/letter.txt.j2": "Dear {{ reader }}",
        "var/pictures/ab/abc.jpg": "a picture",
        "var/redactions.json": "[]",
        "feeds/weekly/atom.xml": "made anew",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words)
    migrated_sqlite(folder / "var" / "digest.db")
    engine = database_of(folder)
    with transaction(engine) as connection:
        populate(connection)
    engine.dispose()
    return folder


def database_of(folder: Path) -> Engine:
    return open_database(f"sqlite:///{folder / 'var' / 'digest.db'}")


def back_up(
    folder: Path, place: Path, environ: Mapping[str, str] = {}, engine: Engine | None = None
) -> Manifest:
    path = folder / "config.toml"
    opened = engine or database_of(folder)
    try:
        return make(opened, path, config.load(path), environ, place, NOW)
    finally:
        opened.dispose()


@pytest.fixture
def saved(home: Path, tmp_path: Path) -> Path:
    """A backup of it."""
    place = tmp_path / "saved.tar.gz"
    back_up(home, place)
    return place


def states(engine: Engine) -> dict[str, object]:
    """What a sender would find."""
    with reading(engine) as connection:
        send = store.deliveries.send(connection, WEEKLY)
        assert send is not None
        return {
            "send": send.state,
            "why": send.why,
            "mails": {
                state: count for state, count in store.deliveries.counts(connection, WEEKLY).items() if count
            },
            "others": [row.state for row in store.outbox.rows(connection)],
            "held": store.moves.why_held(connection),
        }


# ── all of it ────────────────────────────────────────────────────────────────────────────────────


def test_everything_comes_back_into_a_new_folder(home: Path, saved: Path, tmp_path: Path) -> None:
    """Keys, secrets, settings, own templates and pictures byte for byte; feeds/ is made anew from the rows."""
    new = tmp_path / "new"
    restore(saved, new, LATER)
    kept = {
        path.relative_to(home) for path in home.rglob("*") if path.is_file() and "digest.db" not in path.name
    }
    kept -= {Path("feeds/weekly/atom.xml")}
    assert kept == {
        path.relative_to(new) for path in new.rglob("*") if path.is_file() and "digest.db" not in path.name
    }
    assert all((new / path).read_bytes() == (home / path).read_bytes() for path in kept)


def test_every_row_comes_back_but_what_is_held(home: Path, saved: Path, tmp_path: Path) -> None:
    """Only sends, mails that were open and drafts differ."""
    restore(saved, tmp_path / "new", LATER)
    with reading(database_of(home)) as before, reading(database_of(tmp_path / "new")) as after:
        differing = {
            shape.name for shape in shapes() if rows.tally(before, shape) != rows.tally(after, shape)
        }
    assert differing <= {"sends", "deliveries", "outbox", "issues"}
    assert "outbox" in differing


def test_only_its_owner_reads_a_backup_and_what_comes_of_it(saved: Path, tmp_path: Path) -> None:
    """It holds addresses and keys."""
    restore(saved, tmp_path / "new", LATER)
    made = [saved, tmp_path / "new", *(path for path in (tmp_path / "new").rglob("*") if path.is_file())]
    assert [path for path in made if path.stat().st_mode & 0o077] == []


def test_the_same_rows_make_the_same_backup(home: Path, tmp_path: Path) -> None:
    """So a copy of it can be told by its hash."""
    for name in ("one", "two"):
        back_up(home, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_keys_from_the_environment_are_in_it_and_passwords_are_named(home: Path, tmp_path: Path) -> None:
    """Without the keys no link in a mail that went out would work; a password can be set again."""
    environ = {"DIGEST_SECRET": "f00d" * 16, "DIGEST_MAIL_PASSWORD": "hush"}
    made = back_up(home, tmp_path / "saved", environ)
    assert made.absent == ("DIGEST_MAIL_PASSWORD",)
    restore(tmp_path / "saved", tmp_path / "new", LATER)
    assert (tmp_path / "new" / "var" / "secret.key").read_text() == "f00d" * 16


def test_what_is_named_by_a_whole_path_waits_beside(home: Path, tmp_path: Path) -> None:
    """A restore writes into its folder and nowhere else."""
    key = tmp_path / "etc" / "autumn.pem"
    key.parent.mkdir()
    key.write_text("elsewhere")
    path = home / "config.toml"
    path.write_text(SETTINGS.replace("var/dkim/autumn.pem", str(key)))
    back_up(home, tmp_path / "saved")
    key.unlink()
    done = restore(tmp_path / "saved", tmp_path / "new", LATER)
    assert not key.exists()
    assert [(tmp_path / "new" / name).read_text() for name in done.elsewhere] == ["elsewhere"]


def test_a_newer_list_of_removals_takes_the_place_of_the_backups(saved: Path, tmp_path: Path) -> None:
    """What was removed on request since is removed again when the installation is opened."""
    newer = tmp_path / "newer.json"
    newer.write_text('[{"newer": true}]')
    restore(saved, tmp_path / "new", LATER, redactions=newer)
    assert (tmp_path / "new" / "var" / "redactions.json").read_text() == newer.read_text()


# ── nothing is sent again by itself ──────────────────────────────────────────────────────────────


def test_what_was_open_is_shown_as_what_it_is_and_waits(saved: Path, tmp_path: Path) -> None:
    """A send pauses; what was just being sent, and open mail of the Outbox, is in doubt; all say why."""
    done = restore(saved, tmp_path / "new", LATER)
    assert done.held == {"sends": 1, "in doubt": 1, "other mails": 1, "drafts": 0}
    found = states(database_of(tmp_path / "new"))
    assert found["send"] is SendState.PAUSED
    assert "restored from the backup of 2026-11-22 18:00 UTC" in str(found["why"])
    assert found["mails"] == {
        DeliveryState.ACCEPTED: 1,
        DeliveryState.IN_DOUBT: 1,
        DeliveryState.QUEUED: 2,
    }
    assert found["others"] == [DeliveryState.IN_DOUBT]
    assert "digest db release" in str(found["held"])


def test_a_draft_waits_for_its_approval(home: Path, tmp_path: Path) -> None:
    """It may have been approved by itself, and sent, after the backup."""
    engine = database_of(home)
    with transaction(engine) as connection:
        connection.execute(issues.update().values(state="draft"))
    back_up(home, tmp_path / "saved")
    restore(tmp_path / "saved", tmp_path / "new", LATER)
    with reading(database_of(tmp_path / "new")) as connection:
        assert "restored" in connection.execute(select(issues.c.held)).scalar_one()


@dataclass(frozen=True, slots=True)
class Lost:
    """An installation that was backed up when a send had been asked for; then everybody got it."""

    place: Place
    issue: str
    backup: Path

    def restored(self, folder: Path) -> Place:
        """What comes back of it, with the same relay."""
        self.place.done("restore", self.backup, folder / "new")
        return replace(self.place, folder=folder / "new")

    @property
    def mails(self) -> int:
        """How many have arrived, of whichever of its copies."""
        return len(self.place.recipients())


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lost]:
    """Three people, who have got their issue."""
    folder = tmp_path_factory.mktemp("lost")
    with installed(folder) as place:
        place.blog.write("sluice", "weir", at=datetime.now(UTC))
        place.subscribe("ada@example.org", "bo@example.org", "cy@example.org")
        issue = place.published()
        with place.opened() as installation:
            request(installation, IssueId.parse(issue), datetime.now(UTC))
        backup = folder.parent / "lost.tar.gz"
        place.done("backup", backup)
        place.done("send", issue)
        assert len(place.recipients()) == 3
        yield Lost(place, issue, backup)
        backup.unlink()


def test_after_a_restore_nobody_gets_an_issue_twice(lost: Lost, tmp_path: Path) -> None:
    """Not by a send, and not once mail may leave again: the send is paused until a person resumes it."""
    before, new = lost.mails, lost.restored(tmp_path)
    assert "No mail leaves: this database comes from the backup lost.tar.gz" in new.done("check").out
    for words in (("send", lost.issue), ("outbox", "send"), ("db", "release"), ("send", lost.issue)):
        new.digest(*words)
    assert lost.mails == before


def test_a_sender_without_the_hold_sends_everything_again(
    lost: Lost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the hold is what keeps the doubles away."""
    monkeypatch.setattr(moves, "hold_back", lambda *_: {})
    monkeypatch.setattr(moves, "why_held", lambda *_: "")
    before, new = lost.mails, lost.restored(tmp_path)
    new.digest("send", lost.issue)
    assert lost.mails == before + 3


def test_the_relays_log_and_a_list_tell_what_happened_since(lost: Lost, tmp_path: Path) -> None:
    """Who has it by the log is done, and who left is not written to: nobody is left for the send to go on with."""
    before, new = lost.mails, lost.restored(tmp_path)
    arrived = lost.place.inbox.messages[:3]
    ids = {mail.recipient: str(message_from_bytes(mail.data)["Message-ID"]) for mail in arrived}
    log = tmp_path / "mail.log"
    log.write_text(
        f"Nov 23 relay postfix/cleanup[7]: 4F1: message-id={ids['ada@example.org']}\n"
        f"2026-11-23 1x-y <= a@b id={ids['bo@example.org'].strip('<>')}\nnoise \xff\n",
        encoding="latin-1",
    )
    left = tmp_path / "left.csv"
    left.write_text("cy@example.org,2026-11-23\nnobody\n")
    told = new.done("replay", "--mail-log", log, "--suppressions", left, "--json").data
    assert told == {
        "suppressed": 1,
        "no address": 1,
        "Message-IDs of ours": 2,
        "accepted": 2,
        "other mail accepted": 0,
    }
    for words in (("db", "release"), ("resume", lost.issue), ("send", lost.issue)):
        new.digest(*words)
    assert lost.mails == before


# ── under writes ─────────────────────────────────────────────────────────────────────────────────


def test_a_backup_under_writes_is_of_one_moment(home: Path, tmp_path: Path) -> None:
    """While people subscribe, each subscriber in it has the subscription that was written in the same transaction."""
    engine, stop, written = database_of(home), threading.Event(), threading.Event()

    def keep_subscribing() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with transaction(engine) as connection:
                subscribe(connection, f"reader-{number}@example.org")
            written.set()
            time.sleep(0.01)

    thread = threading.Thread(target=keep_subscribing)
    thread.start()
    try:
        written.wait(10)
        back_up(home, tmp_path / "saved")
    finally:
        stop.set()
        thread.join()
    restore(tmp_path / "saved", tmp_path / "new", LATER)
    with reading(database_of(tmp_path / "new")) as connection:
        people, wanted = (
            connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in ("subscribers", "subscriptions")
        )
    assert people == wanted > 4


def test_a_backup_while_a_sender_is_at_work_doubles_nothing(tmp_path: Path) -> None:
    """Each person's mail is accepted, in doubt, or waits in it; from what comes of it nothing leaves by itself, and the
    relay's own list closes all that it took.
    """
    people = [f"reader-{number}@example.org" for number in range(100)]
    (tmp_path / "old").mkdir()
    with installed(tmp_path / "old") as place:
        place.blog.write("sluice", "weir", at=datetime.now(UTC))
        place.subscribe(*people)
        issue = place.published()
        with process("--config", place.path, "send", issue, folder=place.folder) as sender:
            while not place.inbox.messages:
                time.sleep(0.01)
            place.done("backup", tmp_path / "saved")
            assert sender.wait(120) == 0
        place.done("restore", tmp_path / "saved", tmp_path / "new")
        new = replace(place, folder=tmp_path / "new")
        mails = states_of(new, issue)
        assert sum(mails.values()) == len(people)
        assert mails.get(DeliveryState.IN_DOUBT, 0) <= 10  # connections
        new.digest("send", issue)
        log = tmp_path / "log"
        log.write_bytes(b"".join(mail.data for mail in place.inbox.messages))
        new.done("replay", "--mail-log", log)
        assert states_of(new, issue) == {DeliveryState.ACCEPTED: len(people)}
        assert place.recipients() == sorted(people)


def states_of(place: Place, issue: str) -> dict[DeliveryState, int]:
    """How many mails of an issue are in each state."""
    with reading(database_of(place.folder)) as connection:
        counts = store.deliveries.counts(connection, IssueId.parse(issue))
    return {state: count for state, count in counts.items() if count}


# ── from one kind of database to the other ───────────────────────────────────────────────────────


@pytest.mark.postgres
def test_a_server_is_backed_up_and_a_backup_fills_a_server(
    home: Path, tmp_path: Path, postgres_server: Engine
) -> None:
    """From SQLite to PostgreSQL and back: the same rows."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres_database(postgres_server))
        back_up(home, tmp_path / "first")
        restore(tmp_path / "first", tmp_path / "served", LATER, database=url)
        server = open_database(url)
        of_file = verify(tmp_path / "first")
        (tmp_path / "served" / "config.toml").write_text(
            SETTINGS + '[database]\nurl = "postgresql://127.0.0.1/x"\n'
        )
        of_server = back_up(tmp_path / "served", tmp_path / "second", engine=server)
        with pytest.raises(DigestError, match="name an empty one with --database"):
            restore(tmp_path / "second", tmp_path / "third", LATER)
        assert not (tmp_path / "third").exists()
    held = {"sends", "deliveries", "outbox", "issues"}
    assert [table for table in of_file.tables if table.name not in held] == [
        table for table in of_server.tables if table.name not in held
    ]


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def test_a_place_that_is_not_empty_is_refused_and_kept(saved: Path, home: Path) -> None:
    """Somebody's installation is there."""
    before = (home / "var" / "digest.db").read_bytes()
    with pytest.raises(DigestError, match="is not empty"):
        restore(saved, home, LATER)
    assert (home / "var" / "digest.db").read_bytes() == before


def test_a_database_that_is_not_empty_is_refused(saved: Path, home: Path, tmp_path: Path) -> None:
    """And nothing is left in the folder."""
    with pytest.raises(DigestError, match="has tables already"):
        restore(saved, tmp_path / "new", LATER, database=f"sqlite:///{home / 'var' / 'digest.db'}")
    assert not (tmp_path / "new").exists()


def test_a_backup_is_not_written_over_another(saved: Path, home: Path) -> None:
    """The one that is there may be the good one."""
    before = saved.read_bytes()
    with pytest.raises(DigestError, match="is there already"):
        back_up(home, saved)
    assert saved.read_bytes() == before


def test_a_database_that_was_moved_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    """It would be a backup of before; nothing is left of the try."""
    with transaction(database_of(home)) as connection:
        moves.add(connection, Move(MoveKind.DEPARTED, "postgresql://db.example.org/digest", NOW))
    with pytest.raises(StoreError, match="was moved to postgresql"):
        back_up(home, tmp_path / "saved")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_damage_anywhere_is_found(saved: Path, tmp_path: Path) -> None:
    """A byte changed, a tail cut off, something else entirely: one sentence, and nothing is restored."""
    whole = saved.read_bytes()
    bad = tmp_path / "bad"
    places = range(0, len(whole), max(1, len(whole) // 16))
    damaged = [whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :] for at in places if at > 9]
    for data in (*damaged, whole[:-9], whole[: len(whole) // 2], b"", b"notes", gzip.compress(b"notes")):
        bad.write_bytes(data)
        with pytest.raises(DigestError):
            restore(bad, tmp_path / "new", LATER)
        assert not (tmp_path / "new").exists()


def rewritten(saved: Path, place: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """A backup with its members changed."""
    with tarfile.open(saved) as old, tarfile.open(place, "w:gz") as new:
        for info in old.getmembers():
            file = old.extractfile(info)
            assert file is not None
            if (changed := change(info.name, file.read())) is not None:
                info.name, data = changed
                info.size = len(data)
                new.addfile(info, io.BytesIO(data))
    return place


def outside(data: bytes) -> bytes:
    """A manifest by which a file would stand outside."""
    return data.replace(b"here/own/email/letter.txt.j2", b"here/../../letter.txt.j2")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda name, data: None if "rows/03" in name else (name, data), "is missing"),
        (lambda name, data: (name, data + b" " if "secret" in name else data), "not as it was written"),
        (lambda name, data: None if name == manifests.NAME else (name, data), "no manifest"),
        (lambda name, data: (name, b"{}" if name == manifests.NAME else data), "manifest cannot be read"),
        (
            lambda name, data: (name, b"[" * 99_999 if name == manifests.NAME else data),
            "manifest cannot be read",
        ),
        (
            lambda name, data: (
                name,
                data.replace(b'"format":1', b'"format":9') if name == manifests.NAME else data,
            ),
            "is of format 9",
        ),
        (
            lambda name, data: (
                name,
                data.replace(b'"schema":"', b'"schema":"9') if name == manifests.NAME else data,
            ),
            "made by a newer digest",
        ),
        (
            lambda name, data: (
                name.replace("here/own/email", "here/../.."),
                outside(data) if name == manifests.NAME else data,
            ),
            "is no path inside",
        ),
    ],
)
def test_a_backup_that_was_changed_is_one_sentence(
    saved: Path, tmp_path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None], said: str
) -> None:
    """A part left out or changed, no manifest, one of a newer digest, a path that leads out of the folder."""
    bad = rewritten(saved, tmp_path / "bad", change)
    with pytest.raises(DigestError, match=said):
        restore(bad, tmp_path / "new", LATER)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad", "old", "saved.tar.gz"]


def test_a_link_in_a_backup_is_refused(tmp_path: Path) -> None:
    """Only files are in one."""
    with tarfile.open(tmp_path / "bad", "w:gz") as tar:
        info = tarfile.TarInfo("here/config.toml")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(DigestError, match="is not whole, or no backup"):
        verify(tmp_path / "bad")


def test_a_backup_of_an_older_schema_is_brought_up_to_date(home: Path, tmp_path: Path) -> None:
    """Its tables are made as they were, filled, and then changed as an upgrade would."""
    newest = back_up(home, tmp_path / "saved").schema
    older = rewritten(tmp_path / "saved", tmp_path / "older", _of_schema_14)
    restore(older, tmp_path / "new", LATER)
    with reading(database_of(tmp_path / "new")) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == newest
        assert connection.execute(text("SELECT count(*) FROM subscribers")).scalar_one() == 4


def _of_schema_14(name: str, data: bytes) -> tuple[str, bytes] | None:
    """The same backup as a digest of before would have made it: only people, who are in the same columns."""
    if name != manifests.NAME:
        return (name, data) if name.endswith("-subscribers.jsonl") else None
    told = manifests.load(data)
    people = tuple(table for table in told.tables if table.name == "subscribers")
    return name, manifests.dump(replace(told, schema="0014", tables=people, files=()))


# ── the commands ─────────────────────────────────────────────────────────────────────────────────


def test_the_commands_say_what_is_in_it_and_what_to_do(lost: Lost, tmp_path: Path) -> None:
    """Also without a name, and as JSON."""
    place = lost.place
    told = place.done("backup", tmp_path / "a.tar.gz").out
    assert "It was read back, and is whole" in told
    assert place.done("backup", "make", tmp_path / "b.tar.gz", "--json").data["schema"]
    assert "is whole" in place.done("backup", "verify", tmp_path / "a.tar.gz").out
    restored = place.done("restore", tmp_path / "a.tar.gz", tmp_path / "new").out
    assert "digest db release" in restored
    refused = place.digest("restore", tmp_path / "a.tar.gz", tmp_path / "new")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    missing = place.digest("backup", "verify", tmp_path / "none")
    assert (missing.code, missing.err.count("\n")) == (1, 1)
