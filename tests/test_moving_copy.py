"""`digest db copy`: every row, of either kind of database, and at most one of the two in use."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, select, text, update

from databases import migrated_sqlite
from digest import store
from digest.errors import StoreError
from digest.model import DeliveryState, SendState
from digest.model.moves import Move, MoveKind
from digest.moving import copying, rows
from digest.moving.copying import copy
from digest.moving.shapes import Shape, decoder, encoder, shapes
from digest.store.database import migrate, open_database, reading, transaction
from digest.store.leader import leadership
from digest.store.schema import metadata, posts, subscribers
from installation import command, installed
from populated import ODD, populate, postgres_database
from store_samples import NOW, WEEKLY, subscribe

WAYS = ["sqlite to postgresql", "postgresql to sqlite"]


@dataclass(frozen=True, slots=True)
class Two:
    """A database with rows, and an empty one."""

    source: Engine
    target: Engine


def a_file(folder: Path, name: str) -> Path:
    """Where a database with its tables is."""
    path = folder / f"{name}.db"
    migrated_sqlite(path)
    return path


@pytest.fixture(params=[pytest.param(way, marks=pytest.mark.postgres) for way in WAYS])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Two]:
    """Each pair of kinds."""
    with ExitStack() as stack:

        def opened(kind: str, name: str) -> Engine:
            if kind == "sqlite":
                return open_database(f"sqlite:///{a_file(tmp_path, name)}")
            server: Engine = request.getfixturevalue("postgres_server")
            return open_database(stack.enter_context(postgres_database(server, migrated=True)))

        source, target = (
            opened(kind, name) for kind, name in zip(request.param.split(" to "), ("old", "new"), strict=True)
        )
        with transaction(source) as connection:
            populate(connection)
        yield Two(source, target)
        source.dispose()
        target.dispose()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Two]:
    """Two SQLite files, for what is the same on both kinds."""
    source, target = (open_database(f"sqlite:///{a_file(tmp_path, name)}") for name in ("old", "new"))
    with transaction(source) as connection:
        populate(connection)
    yield Two(source, target)
    source.dispose()
    target.dispose()


def test_every_row_arrives_as_it_was(two: Two) -> None:
    """Also odd characters, bytes, microseconds and fractions; and what it says is what is there."""
    done = copy(two.source, two.target, NOW)
    counted = {tally.table: tally.rows for tally in done.tables}
    assert counted["deliveries"] == 4
    assert counted["outbox"] == 1
    with reading(two.source) as of, reading(two.target) as into:
        assert tuple(rows.tally(of, shape) for shape in shapes()) == done.tables
        assert tuple(rows.tally(into, shape) for shape in shapes()) == done.tables
        assert (
            into.execute(select(store.schema.revisions.c.title).order_by("post")).scalars().first()
            is not None
        )
        assert ODD in into.execute(select(store.schema.revisions.c.title)).scalars().all()


def test_no_number_is_given_a_second_time(two: Two) -> None:
    """Links are made from them: the number of somebody who was erased stays unused in the new database, too."""
    with transaction(two.source) as connection:
        subscribe(connection, "gone@example.org")
        last = (
            connection.execute(select(subscribers.c.id).order_by(subscribers.c.id.desc())).scalars().first()
        )
        connection.execute(text("DELETE FROM subscriptions WHERE subscriber = :id"), {"id": last})
        if "consents" in metadata.tables:
            connection.execute(text("DELETE FROM consents WHERE subscriber = :id"), {"id": last})
        connection.execute(text("DELETE FROM subscribers WHERE id = :id"), {"id": last})
    copy(two.source, two.target, NOW)
    with transaction(two.target) as connection:
        subscribe(connection, "new@example.org")
        newest = (
            connection.execute(select(subscribers.c.id).order_by(subscribers.c.id.desc())).scalars().first()
        )
    assert last is not None
    assert newest == last + 1


def test_the_old_one_refuses_whoever_still_has_it_open(two: Two) -> None:
    """A process that was not stopped writes nothing into a database that nobody reads any more."""
    copy(two.source, two.target, NOW)
    for write in (
        lambda connection: subscribe(connection, "late@example.org"),
        lambda connection: connection.execute(update(posts).values(held="")),
        lambda connection: connection.execute(text("DELETE FROM outbox")),
    ):
        with (
            pytest.raises(StoreError, match=r"was moved to .*: name that one in"),
            transaction(two.source) as open_still,
        ):
            write(open_still)


def test_a_trial_leaves_the_old_one_in_use_and_sends_nothing(pair: Two) -> None:
    """In the copy the send is paused and what was open is in doubt, and it says where it comes from."""
    copy(pair.source, pair.target, NOW, trial=True)
    with transaction(pair.source) as of:
        subscribe(of, "late@example.org")
    with reading(pair.target) as into:
        send = store.deliveries.send(into, WEEKLY)
        assert send is not None
        assert (send.state, send.why.startswith("copied from")) == (SendState.PAUSED, True)
        states = store.deliveries.counts(into, WEEKLY)
        assert states[DeliveryState.SENDING] == states[DeliveryState.CLAIMED] == 0
        assert states[DeliveryState.IN_DOUBT] == 1
        assert [row.state for row in store.outbox.rows(into)] == [DeliveryState.IN_DOUBT]
        assert "digest db release" in store.moves.why_held(into)


def test_what_was_held_stays_held_where_it_moves(pair: Two) -> None:
    """A restored database that nobody has looked at sends nothing from its new place either."""
    with transaction(pair.source) as connection:
        store.moves.add(connection, Move(MoveKind.HELD, "the backup of Monday", NOW))
    copy(pair.source, pair.target, NOW)
    with reading(pair.target) as connection:
        assert "the backup of Monday" in store.moves.why_held(connection)


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def test_a_target_with_rows_is_refused_and_kept(pair: Two) -> None:
    """Whatever is in it is somebody's; the source goes on."""
    with transaction(pair.target) as into:
        subscribe(into, "theirs@example.org")
    with pytest.raises(StoreError, match="has rows already, in subscribers"):
        copy(pair.source, pair.target, NOW)
    with transaction(pair.source) as of, reading(pair.target) as into:
        subscribe(of, "later@example.org")
        assert into.execute(select(subscribers.c.address)).scalars().all() == ["theirs@example.org"]


def test_a_row_that_is_not_the_same_undoes_the_copy(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of the check: one letter is changed on the way, the sentence names the row, and nothing is moved."""
    write = rows.write

    def wrong(connection: object, shape: Shape, given: object) -> None:
        write(connection, shape, given)  # type: ignore[arg-type]
        if shape.name == "posts":
            connection.execute(update(posts).where(posts.c.key == "B" * 16).values(guid="x"))  # type: ignore[attr-defined]

    monkeypatch.setattr(rows, "write", wrong)
    with pytest.raises(StoreError, match=r"Row B{16} of posts is not the same in both"):
        copy(two.source, two.target, NOW)
    with transaction(two.source) as of, reading(two.target) as into:
        subscribe(of, "later@example.org")
        assert all(rows.is_empty(into, shape) for shape in shapes())


def test_a_scheduler_at_work_is_not_moved_from_under(pair: Two) -> None:
    """`digest run` is stopped first."""
    with leadership(pair.source), pytest.raises(StoreError, match=r"is at work on .*: stop it first"):
        copy(pair.source, pair.target, NOW)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Engine]:
    """A file without a table."""
    engine = open_database(f"sqlite:///{tmp_path / 'fresh.db'}")
    yield engine
    engine.dispose()


def test_another_schema_is_refused(pair: Two, fresh: Engine) -> None:
    """Of the source or of the target; the sentence says what helps."""
    migrate(fresh, "0012")
    with pytest.raises(StoreError, match="is older than this digest"):
        copy(pair.source, fresh, NOW)
    with pytest.raises(StoreError, match="is older than this digest"):
        copy(fresh, pair.target, NOW)


def test_a_newer_schema_is_refused_although_one_may_work_on_it(pair: Two) -> None:
    """Its rows may have columns that this digest would leave behind."""
    with transaction(pair.source) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("INSERT INTO upgrades (revision, works_from) VALUES ('9999', '0020')"))
    with pytest.raises(StoreError, match="A newer digest has brought"):
        copy(pair.source, pair.target, NOW)


def test_tables_of_another_program_are_left_alone(pair: Two, fresh: Engine) -> None:
    """A table called posts may be anybody's."""
    with transaction(fresh) as into:
        into.execute(text("CREATE TABLE posts (words TEXT)"))
    with pytest.raises(StoreError, match="tables of another program"):
        copy(pair.source, fresh, NOW)


def test_a_database_is_not_copied_into_itself(pair: Two) -> None:
    """That would be its end."""
    with pytest.raises(StoreError, match="into itself"):
        copy(pair.source, pair.source, NOW)


def test_a_departed_database_is_not_copied_again(pair: Two, fresh: Engine) -> None:
    """What stands in it is of before; the empty file got its tables, and nothing else."""
    copy(pair.source, pair.target, NOW)
    with pytest.raises(StoreError, match=r"was moved to .*new\.db"):
        copy(pair.source, fresh, NOW)
    with reading(fresh) as connection:
        assert all(rows.is_empty(connection, shape) for shape in shapes())


# ── stopped in the middle ────────────────────────────────────────────────────────────────────────


class StoppedError(Exception):
    """The process ends here."""


def _stop_at(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    def stop(*_: object) -> None:
        raise StoppedError

    monkeypatch.setattr(owner, name, stop)


@pytest.mark.parametrize("place", ["compare", "close", "_arrived"])
def test_stopped_anywhere_at_most_one_is_in_use_and_it_goes_on(
    pair: Two, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Before the rows are committed, before the source is closed, before the target may be used."""
    owner = {"compare": rows, "close": store.moves, "_arrived": copying}[place]
    with monkeypatch.context() as patch:
        _stop_at(patch, owner, place)
        with pytest.raises(StoppedError):
            copy(pair.source, pair.target, NOW)
    usable = [engine for engine in (pair.source, pair.target) if _is_usable(engine)]
    assert usable == ([] if place == "_arrived" else [pair.source])
    copy(pair.source, pair.target, NOW)
    assert [_is_usable(engine) for engine in (pair.source, pair.target)] == [False, True]


def _is_usable(engine: Engine) -> bool:
    try:
        with reading(engine) as connection:
            store.moves.require_here(connection)
            return not all(rows.is_empty(connection, shape) for shape in shapes())
    except StoreError:
        return False


def test_what_is_written_meanwhile_is_refused_or_copied_never_lost(two: Two) -> None:
    """Somebody subscribes all the time: each of them who was told yes is in the new database."""
    told: list[str] = []
    stop = threading.Event()

    def keep_subscribing() -> None:
        while not stop.is_set():
            address = f"reader-{len(told)}@example.org"
            try:
                with transaction(two.source) as connection:
                    subscribe(connection, address)
            except StoreError:
                return
            told.append(address)
            time.sleep(0.01)

    thread = threading.Thread(target=keep_subscribing)
    thread.start()
    try:
        copy(two.source, two.target, NOW)
    finally:
        stop.set()
        thread.join()
    with reading(two.target) as into:
        assert set(told) <= set(into.execute(select(subscribers.c.address)).scalars())


# ── what is carried ──────────────────────────────────────────────────────────────────────────────


def test_every_table_is_carried_but_the_marks_of_a_move(pair: Two) -> None:
    """A new table comes along by itself."""
    with reading(pair.source) as connection:
        present = set(inspect(connection).get_table_names())
    left = {"alembic_version", "moves", "sqlite_sequence", "upgrades"}
    ours = {name for name in present if not name.startswith("procrastinate_")}
    assert {shape.name for shape in shapes()} == ours - left


def test_a_row_reads_back_from_its_canonical_form(pair: Two) -> None:
    """Of every table, value for value and type for type."""
    with reading(pair.source) as connection:
        for shape in shapes():
            encode, decode = encoder(shape), decoder(shape)
            for row in rows.read(connection, shape):
                assert decode(encode(row)) == tuple(row)


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[1]", b"[1,2,3]", b'["x",1,"y"]', b"[" * 100_000, b'["a","b","2026"]', b"\xff"]
)
def test_a_line_that_is_no_row_is_refused(line: bytes) -> None:
    """Whatever stands in a file."""
    shape = next(shape for shape in shapes() if shape.name == "tries")
    with pytest.raises(ValueError):
        decoder(shape)(line)


# ── the commands ─────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _urls(folder: Path) -> Iterator[tuple[str, str]]:
    yield f"sqlite:///{folder / 'var' / 'digest.db'}", f"sqlite:///{folder / 'var' / 'moved.db'}"


def test_an_installation_moves_by_one_command_and_one_setting(tmp_path: Path) -> None:
    """The old address refuses with one sentence, the new one has everything."""
    with installed(tmp_path) as place, _urls(tmp_path) as (old, new):
        place.subscribe("ada@example.org", "bo@example.org")
        told = place.done("db", "copy", old, new).out
        assert "each of them the same in both" in told
        refused = place.digest("collect")
        assert refused.code == 1
        assert refused.err.count("\n") == 1
        assert "was moved to" in refused.err
        place.configure(database=new)
        assert "bo@example.org" in place.done("subscribers", "list").out
        shown = place.done("db", "show", "--json").data
        assert shown["schema"] == shown["newest"]
        assert shown["moves"] == {}


def test_a_trial_copy_says_that_it_holds_its_mail_until_a_word(tmp_path: Path) -> None:
    """The same issue would reach everybody twice; what the hold stops is seen where backups are restored."""
    with installed(tmp_path) as place, _urls(tmp_path) as (old, new):
        place.subscribe("ada@example.org")
        assert "It is a trial" in place.done("db", "copy", old, new, "--trial").out
        assert "No mail leaves" not in place.done("check").out
        place.configure(database=new)
        assert "No mail leaves" in place.done("check").out
        assert "held" in place.done("db", "show").out
        place.done("db", "release")
        assert "nothing to do" in place.done("db", "release").out
        assert "No mail leaves" not in place.done("check").out


@pytest.mark.parametrize(
    ("source", "said"),
    [("sqlite:///nowhere.db", "nowhere.db."), ("mysql://x/y", "must be sqlite:///PATH")],
)
def test_a_wrong_address_is_one_sentence(tmp_path: Path, source: str, said: str) -> None:
    """And makes no empty file."""
    ran = command("db", "copy", source, "sqlite:///new.db", folder=tmp_path)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert said in ran.err
    assert list(tmp_path.iterdir()) == []


def test_an_older_database_is_brought_up_to_date_by_a_command(tmp_path: Path) -> None:
    """And `show` says so before."""
    with installed(tmp_path) as place:
        (tmp_path / "var" / "digest.db").unlink()
        engine = open_database(f"sqlite:///{tmp_path / 'var' / 'digest.db'}")
        migrate(engine, "0010")
        engine.dispose()
        assert "digest db upgrade" in place.done("db", "show").out
        place.done("db", "upgrade")
        assert "that of this digest" in place.done("db", "show").out


def test_moves_are_remembered_one_of_a_kind(pair: Two) -> None:
    """A newer one takes the place of the older."""
    with transaction(pair.source) as connection:
        for name in ("first", "second"):
            store.moves.add(connection, Move(MoveKind.HELD, name, NOW))
        assert [move.place for move in store.moves.known(connection).values()] == ["second"]
