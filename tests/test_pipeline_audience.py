"""Lists come in as often as one likes: nobody is mailed, nobody who left comes back, and all that is left out is told."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select, text

from digest import store, tokens
from digest.errors import DigestError, NotFoundError, StoreError
from digest.model import DeliveryState, Subscription, SubscriptionState, SuppressionCause
from digest.pipeline.installation import Installation
from digest.pipeline.readers.audience import (
    Imported,
    Wanted,
    add_subscriber,
    audience_lines,
    forget,
    import_subscribers,
    suppress,
)
from digest.roster.rows import Standing
from digest.store import schema
from digest.store.audience import ImportRow
from digest.store.database import reading, transaction
from installation import NOW, Place, installed

MONTHLY = """
[[digests]]
slug = "monthly"
title = "The Hollin Monthly"
days = ["sunday"]
at = "09:00"
zone = "Europe/Berlin"
themes = ["water"]
"""


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Place]:
    with installed(tmp_path, database=database_url) as place:
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    with here.opened() as installation:
        yield installation


def written(here: Place, *rows: Sequence[str], name: str = "people.csv") -> Path:
    path = here.folder / name
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def imported(home: Installation, *paths: Path, **how: object) -> Imported:
    return import_subscribers(home, Wanted(paths, **how), NOW)  # type: ignore[arg-type]


def counts(done: Imported) -> dict[str, int]:
    """What an import counted, without what it did not meet."""
    numbers = {name: getattr(done.report, name) for name in done.report.__dataclass_fields__}
    return {name: count for name, count in {**numbers, "not_taken": done.not_taken}.items() if count}


def audience(home: Installation) -> dict[str, Subscription]:
    with reading(home.engine) as connection:
        return {each.address: each for each in store.audience.subscriptions(connection, "weekly")}


def suppressions(home: Installation) -> dict[str, str]:
    with reading(home.engine) as connection:
        found = store.suppressions.listed(connection, store.suppressions.Window())
        return {each.address: each.reason for each in found}


# ── our own lists ────────────────────────────────────────────────────────────────────────────────


def test_an_import_can_be_repeated(here: Place, home: Installation) -> None:
    """With and without the optional columns, in any order, beside columns that mean nothing to us."""
    path = written(
        here,
        ("name", "themes", "address", "consent_at"),
        ("Ada", "water; Schools", "ada@example.org", "2026-11-01"),
        ("Bo", "", "bo@example.org", "2026-11-01T10:00:00+02:00"),
        ("Nobody", "", "nobody", ""),
    )
    assert counts(imported(home, path)) == {"added": 2, "not_taken": 1}
    first = audience(home)
    again = imported(home, path)
    assert counts(again) == {"unchanged": 2, "not_taken": 1}
    assert [str(each) for each in again.refused] == ["people.csv, line 4: 'nobody' is no address."]
    assert again.files[0].ignored == ("name",)
    assert audience(home) == first
    assert {each.address: each.themes for each in first.values()} == {
        "ada@example.org": ("schools", "water"),
        "bo@example.org": None,
    }
    assert first["bo@example.org"].consent_at == datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def test_where_consent_comes_from_is_kept(here: Place, home: Installation) -> None:
    """What the row says, else what the operator says, else which list it was."""
    rows = (("address", "consent_source"), ("ada@example.org", "a fair"), ("bo@example.org", ""))
    imported(home, written(here, *rows), source="Paper, November")
    imported(home, written(here, ("e-mail",), ("cy@example.org",), name="tin box.csv"))
    assert {each.address: each.consent_source for each in audience(home).values()} == {
        "ada@example.org": "a fair",
        "bo@example.org": "Paper, November",
        "cy@example.org": "CSV file tin box.csv",
    }


def test_a_theme_that_somebody_chose_is_never_widened_to_all(here: Place, home: Installation) -> None:
    """A row of ours whose themes are all unknown is left out; one that has a known one keeps that."""
    path = written(
        here,
        ("address", "themes"),
        ("ada@example.org", "boats"),
        ("bo@example.org", "boats,water"),
    )
    done = imported(home, path)
    assert counts(done) == {"added": 1, "not_taken": 1}
    assert done.refused[0].why == "none of its themes is one of weekly: boats"
    assert dict(done.unknown_tags) == {"boats": 2}
    assert audience(home)["bo@example.org"].themes == ("water",)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (
            ("bo@example.org", "daily"),
            "expected a digest (weekly), got 'daily': add a column, or give --digest",
        ),
        (("bo@example.org", "weekly", "yesterday"), "'yesterday' is no date like"),
        (("bo@example.org", "weekly", "", "gone fishing"), "'gone fishing' is no state of a subscription"),
    ],
)
def test_a_mistake_in_one_row_costs_that_row(
    here: Place, home: Installation, cells: tuple[str, ...], why: str
) -> None:
    """It is named by its line, so that it can be mended and the same list imported again."""
    header = ("address", "digest", "consent_at", "state")
    done = imported(home, written(here, header, cells, ("ada@example.org", "weekly", "", "")))
    assert counts(done) == {"added": 1, "not_taken": 1}
    assert (done.refused[0].line, done.refused[0].why[: len(why)]) == (2, why)


def test_a_file_that_is_no_list_is_refused_whole(here: Place, home: Installation) -> None:
    """And with it the good lists beside it: nobody is brought in by half of what was asked for."""
    good = written(here, ("address",), ("ada@example.org",), name="good.csv")
    bad = written(here, ("name", "town"), ("Bo", "Hollin"), name="bad.csv")
    with pytest.raises(
        DigestError, match=r"^bad\.csv is no list of subscribers: line 1 names no column of addr"
    ):
        imported(home, good, bad)
    with pytest.raises(DigestError, match=r"There is no digest 'daily' in config\.toml; it has weekly"):
        imported(home, good, digest="daily")
    with pytest.raises(DigestError, match=r"missing\.csv cannot be read: No such file or directory"):
        imported(home, good, here.folder / "missing.csv")
    with pytest.raises(DigestError, match=r"cannot be read: Is a directory"):
        imported(home, here.folder)
    assert audience(home) == {}


def test_a_trial_says_the_same_and_changes_nothing(here: Place, home: Installation) -> None:
    """--dry-run is the import itself, taken back."""
    path = written(here, ("address", "state"), ("ada@example.org", ""), ("bo@example.org", "bounced"))
    trial = imported(home, path, dry_run=True)
    assert (audience(home), suppressions(home)) == ({}, {})
    done = imported(home, path)
    assert trial.report == done.report
    assert counts(done) == {"added": 1, "barred": 1}


# ── who left, stays away ─────────────────────────────────────────────────────────────────────────


def test_the_most_careful_of_several_rows_about_one_person_counts(here: Place, home: Installation) -> None:
    """Whatever their order, within one list or over several, however the address is cased."""
    subscribed = written(
        here, ("email",), *((f"{name}@example.org",) for name in "abc"), name="subscribed.csv"
    )
    gone = written(
        here,
        ("email", "state"),
        ("B@Example.org", "unsubscribed"),
        ("c@example.org", "unsubscribed"),
        ("C@example.org", "cleaned"),
    )
    assert counts(imported(home, subscribed, gone)) == {
        "added": 1,
        "ended": 1,
        "barred": 1,
        "unchanged": 3,
    }
    assert {each.address: each.state.value for each in audience(home).values()} == {
        "a@example.org": "confirmed",
        "B@example.org": "unsubscribed",
    }
    assert list(suppressions(home)) == ["C@example.org"]
    assert counts(imported(home, gone, subscribed)) == {"unchanged": 6}


def test_who_left_here_or_is_suppressed_here_is_not_subscribed_again(here: Place, home: Installation) -> None:
    """An import undoes nothing that happened since; the counts say so."""
    path = written(here, ("address",), *((f"{name}@example.org",) for name in ("ada", "bo", "cy")))
    imported(home, path)
    with transaction(home.engine) as connection:
        store.audience.unsubscribe(connection, 1, "weekly", NOW)
    suppress(home, "BO@example.org", "they wrote to us", NOW)
    assert counts(imported(home, path)) == {"unchanged": 1, "unsubscribed": 1, "suppressed": 1}
    assert audience(home)["ada@example.org"].state is SubscriptionState.UNSUBSCRIBED
    assert suppressions(home) == {"BO@example.org": "they wrote to us"}


@pytest.mark.parametrize(
    ("left_at", "state"),
    [
        ("2026-11-21", SubscriptionState.UNSUBSCRIBED),
        ("2026-11-01", SubscriptionState.CONFIRMED),
        ("", SubscriptionState.UNSUBSCRIBED),
    ],
)
def test_an_old_list_does_not_end_what_somebody_began_since(
    here: Place, home: Installation, left_at: str, state: SubscriptionState
) -> None:
    """Who left there and then came here by their own hand stays; who left there since does not, nor who left at an unknown time."""
    imported(home, written(here, ("address", "consent_at"), ("ada@example.org", "2026-11-10")))
    gone = written(here, ("address", "left_at"), ("ada@example.org", left_at), name="unsubscribed.csv")
    imported(home, gone)
    assert audience(home)["ada@example.org"].state is state


def test_what_waits_for_confirmation_elsewhere_waits_here(here: Place, home: Installation) -> None:
    """No mail goes to them, and a list that has their consent confirms them."""
    rows = (("address", "state"), ("ada@example.org", "unconfirmed"))
    assert counts(imported(home, written(here, *rows))) == {"pending": 1}
    assert audience(home)["ada@example.org"].consent_source
    assert counts(imported(home, written(here, ("address",), ("ada@example.org",)))) == {"added": 1}


def test_all_of_a_list_can_be_taken_as_having_left(here: Place, home: Installation) -> None:
    """listmonk's export has no column for who left one list: its filter says it, and --as says it here."""
    path = written(here, ("email",), ("ada@example.org",))
    assert counts(imported(home, path, standing=Standing.UNSUBSCRIBED)) == {"ended": 1}
    assert counts(imported(home, path)) == {"unsubscribed": 1}


# ── others' lists ────────────────────────────────────────────────────────────────────────────────

_MAILCHIMP = ("Email Address", "First Name", "MEMBER_RATING", "OPTIN_TIME", "LEID", "EUID", "TAGS")


def audience_zip(here: Place) -> Path:
    """An audience as Mailchimp exports it."""
    path = here.folder / "audience_export_1a2b.zip"
    lists = {
        "subscribed": [("ada@example.org", '"Water","VIP"'), ("bo@example.org", '"VIP"')],
        "unsubscribed": [("cy@example.org", '"Schools"')],
        "cleaned": [("di@example.org", "")],
        "nonsubscribed": [("shop@example.org", "")],
    }
    with zipfile.ZipFile(path, "w") as archive:
        for kind, people in lists.items():
            buffer = io.StringIO(newline="")
            rows = csv.writer(buffer)
            rows.writerow(_MAILCHIMP)
            rows.writerows(
                (address, "A.", "2", "2025-03-01 09:00:00", "1", "a", tags) for address, tags in people
            )
            archive.writestr(f"{kind}_email_audience_export_1a2b.csv", buffer.getvalue())
        archive.writestr("__MACOSX/._subscribed.csv", b"\0\0")
        archive.writestr("README.md", "words")
    return path


def test_an_audience_of_mailchimps_comes_in_as_one_zip(here: Place, home: Installation) -> None:
    """Subscribed, unsubscribed and cleaned; tags that name a theme are its choice, and others mean nothing."""
    done = imported(home, audience_zip(here), source="Mailchimp export 2026-11")
    assert counts(done) == {"added": 2, "ended": 1, "barred": 1}
    assert dict(done.unknown_tags) == {"VIP": 2}
    assert [file.note for file in done.files if file.note] == [
        "people who never asked for mail: not imported"
    ]
    people = audience(home)
    assert {each.address: (each.state.value, each.themes) for each in people.values()} == {
        "ada@example.org": ("confirmed", ("water",)),
        "bo@example.org": ("confirmed", None),
        "cy@example.org": ("unsubscribed", ("schools",)),
    }
    assert {each.consent_source for each in people.values()} == {"Mailchimp export 2026-11"}
    assert {each.consent_at for each in people.values()} == {datetime(2025, 3, 1, 9, tzinfo=UTC)}
    assert suppressions(home) == {"di@example.org": "Mailchimp export 2026-11"}
    assert counts(imported(home, audience_zip(here))) == {"unchanged": 4}


def test_a_zip_that_is_no_audience_is_refused(here: Place, home: Installation) -> None:
    """Empty, broken, or with a password."""
    path = here.folder / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.jpg", b"x")
    with pytest.raises(DigestError, match="has no list in it"):
        imported(home, path)
    whole = audience_zip(here).read_bytes()
    path.write_bytes(whole.replace(b"ada@example.org", b"eve@example.org"))
    with pytest.raises(
        DigestError, match=r"subscribed_email_audience_export_1a2b\.csv is broken: Bad CRC-32"
    ):
        imported(home, path)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(201):
            archive.writestr(f"{number}.csv", "address\n")
    with pytest.raises(DigestError, match="is too large: at most 200 lists"):
        imported(home, path)
    assert audience(home) == {}


def test_nothing_of_a_list_reaches_a_terminal_as_more_than_words(here: Place, home: Installation) -> None:
    """Names of files and columns, tags and reasons: no escape sequence, no second line."""
    path = here.folder / "x.zip"
    red = "\x1b[31m"
    with zipfile.ZipFile(path, "w") as archive:
        cells = f'email,"{red}\nBcc: x"\nada@example.org,\n{red}@example.org,\n'
        archive.writestr(f"{red}.csv", cells)
    tagged = written(here, ("email", "tags"), ("bo@example.org", f"water,{red}\nboats"), (red, ""))
    done = imported(home, path, tagged)
    told = [
        *map(str, done.refused),
        *done.unknown_tags,
        *(f"{file.name}{file.ignored}" for file in done.files),
    ]
    assert len(told) == 5
    assert all(said.isprintable() for said in told)


def test_themes_of_another_digest_are_no_choice_for_this_one(tmp_path: Path) -> None:
    """A digest that covers one theme offers that one; rows of several digests go to each of them."""
    with installed(tmp_path, sources=MONTHLY) as place, place.opened() as home:
        header = ("address", "digest", "themes")
        rows = (("ada@example.org", "monthly", "schools;water"), ("ada@example.org", "weekly", "schools"))
        done = imported(home, written(place, header, *rows, ("bo@example.org", "", "")))
        assert (counts(done), dict(done.unknown_tags)) == ({"added": 2, "not_taken": 1}, {"schools": 1})
        with reading(home.engine) as connection:
            found = {each.digest: each.themes for each in store.audience.subscriptions(connection)}
        assert found == {"monthly": ("water",), "weekly": ("schools",)}


# ── out, and in again ────────────────────────────────────────────────────────────────────────────

_NAMES = st.from_regex(r"[a-z=+'-][a-z0-9]{0,5}", fullmatch=True)
_TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from("=+-@' ,;\""), max_size=12
).map(str.strip)
_ROWS = st.builds(
    ImportRow,
    address=_NAMES.map("{}@example.org".format),
    digest=st.just("weekly"),
    themes=st.sampled_from([None, ("water",), ("schools", "water")]),
    consent_at=st.none() | _TIMES,
    consent_source=_TEXTS,
    standing=st.sampled_from(Standing),
    left_at=st.none() | _TIMES,
    why=_TEXTS.filter(bool),
    cause=st.sampled_from(SuppressionCause),
    paused_until=st.none() | _TIMES,
)


def emptied(home: Installation) -> None:
    with transaction(home.engine) as connection:
        for table in (schema.subscriptions, schema.suppressions, schema.subscribers):
            connection.execute(delete(table))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_ROWS, max_size=8))
def test_what_is_exported_is_imported_as_the_same_audience(
    here: Place, home: Installation, rows: list[ImportRow]
) -> None:
    """Subscriptions of every state with their consent, rests and themes, and suppressed addresses with their reasons."""
    emptied(home)
    with transaction(home.engine) as connection:
        store.audience.import_rows(connection, rows, NOW)
    with reading(home.engine) as connection:
        exported = "".join(audience_lines(connection))
    emptied(home)
    path = here.folder / "out.csv"
    path.write_bytes(exported.encode())
    done = imported(home, path)
    assert done.not_taken == 0, done.refused
    with reading(home.engine) as connection:
        assert sorted("".join(audience_lines(connection)).splitlines()) == sorted(exported.splitlines())


def test_no_cell_of_an_export_is_a_formula(here: Place, home: Installation) -> None:
    """A mark stands before what a spreadsheet would run; it is gone again after an import."""
    rows = (
        ("address", "consent_source"),
        ("=1+2@example.org", '=HYPERLINK("http://x")'),
        ("'x@example.org", "@SUM"),
    )
    imported(home, written(here, *rows))
    with reading(home.engine) as connection:
        exported = list(csv.reader(audience_lines(connection)))
    cells = {cell for row in exported for cell in row}
    assert {"'=1+2@example.org", '\'=HYPERLINK("http://x")', "''x@example.org", "'@SUM"} <= cells
    assert not [cell for cell in cells if re.match(r"[=+\-@\t\r]", cell)]


# ── one person ───────────────────────────────────────────────────────────────────────────────────


def test_one_person_is_added_by_hand(home: Installation) -> None:
    """With the consent of now; a second time changes nothing."""
    said = add_subscriber(home, " Ada@Example.ORG ", "", ["Water"], "a letter", NOW)
    assert said == "Ada@Example.ORG gets weekly from its next issue on."
    (found,) = audience(home).values()
    assert (found.address, found.themes, found.consent_at) == ("Ada@example.org", ("water",), NOW)
    assert "already" in add_subscriber(home, "ada@example.org", "weekly", [], "a letter", NOW)


def test_who_left_cannot_be_added_by_hand(home: Installation) -> None:
    """Nor who is suppressed or was forgotten, nor what is no address, nor to what there is none of."""
    for name in ("left", "barred", "forgotten"):
        add_subscriber(home, f"{name}@example.org", "", [], "a letter", NOW)
    with transaction(home.engine) as connection:
        store.audience.unsubscribe(connection, 1, None, NOW)
    suppress(home, "barred@example.org", "they asked", NOW)
    forget(home, "forgotten@example.org", NOW)
    for address, themes, said in (
        ("left@example.org", [], "has left"),
        ("barred@example.org", [], "is suppressed"),
        ("Forgotten@example.org", [], "asked to be forgotten"),
        ("nobody", [], "'nobody' is no address"),
        ("new@example.org", ["boats"], "weekly has no theme boats"),
    ):
        with pytest.raises(DigestError, match=said):
            add_subscriber(home, address, "", themes, "a letter", NOW)


def everything(engine: Engine) -> str:
    """All cells of all tables as one text."""
    with reading(engine) as connection:
        return repr([connection.execute(select(table)).all() for table in schema.metadata.sorted_tables])


def test_who_is_forgotten_leaves_no_trace_but_the_fact_of_mail(here: Place, database_url: str) -> None:
    """Address, consent, suppression and the words of relays go; the ledger keeps that a mail went out, to nobody."""
    here.blog.write("lantern", at=NOW - timedelta(days=1))
    here.subscribe("Ada@example.org", "bo@example.org")
    issue = here.published()
    here.done("send", issue)
    with here.opened() as home:
        with transaction(home.engine) as connection:
            connection.execute(
                text("UPDATE deliveries SET reply = 'queued for <ADA@example.org>' WHERE id = 1")
            )
        suppress(home, "ada@example.org", "a complaint", NOW)
        assert "ada@example.org" in everything(home.engine).lower()
        forget(home, "ada@EXAMPLE.org", NOW)
        assert "ada@example.org" not in everything(home.engine).lower()
        with reading(home.engine) as connection:
            row = connection.execute(select(schema.deliveries).where(schema.deliveries.c.id == 1)).one()
            assert connection.execute(select(func.count()).select_from(schema.subscribers)).scalar() == 2
        assert (row.state, row.address, row.reply) == (DeliveryState.ACCEPTED, "", "queued for <[erased]>")
        if database_url.startswith("sqlite"):
            stored = b"".join(path.read_bytes() for path in here.folder.glob("digest.db*"))
            assert b"bo@example.org" in stored
            assert b"ada@example.org" not in stored.lower()
    again = written(here, ("address",), ("ADA@example.org",))
    with here.opened() as home:
        assert counts(imported(home, again)) == {"erased": 1}
        with pytest.raises(NotFoundError, match=r"Nothing was kept of ada@example\.org"):
            forget(home, "ada@example.org", NOW)
    assert len(here.recipients()) == 2


def test_a_new_key_on_top_of_the_old_one_still_knows_who_was_forgotten(here: Place) -> None:
    """Keys rotate; what was promised stays. Without the old key nobody could know it."""
    path = written(here, ("address",), ("ada@example.org",))
    secret = here.folder / "var" / "secret.key"
    with here.opened() as home, pytest.raises(NotFoundError):
        forget(home, "ada@example.org", NOW)
    secret.write_text(f"{'ab' * 32}\n{secret.read_text()}", encoding="ascii")
    with here.opened() as home:
        assert counts(imported(home, path)) == {"erased": 1}
    secret.write_text("ab" * 32, encoding="ascii")
    with here.opened() as home:
        assert counts(imported(home, path)) == {"added": 1}


def test_who_comes_back_by_their_own_hand_is_welcome(here: Place, home: Installation) -> None:
    """Their own confirmation lifts it."""
    with pytest.raises(NotFoundError):
        forget(home, "ada@example.org", NOW)
    with transaction(home.engine) as connection:
        marks = tokens.fingerprints(home.keys, "Ada@example.org")
        store.audience.lift_erasure(connection, marks)
    assert counts(imported(home, written(here, ("address",), ("ada@example.org",)))) == {"added": 1}


# ── large lists ──────────────────────────────────────────────────────────────────────────────────


def large(here: Place, count: int, name: str = "large.csv") -> Path:
    path = here.folder / name
    with path.open("w", encoding="utf-8") as file:
        file.write("address,consent_at\n")
        file.writelines(f"reader{number}@example.org,2026-11-01\n" for number in range(count))
    return path


def test_nobody_waits_while_a_list_is_read(here: Place, home: Installation) -> None:
    """Others write to the same tables all the time; on SQLite one of them would wait for ever, were it not so."""
    wrote: list[int] = []

    def write_meanwhile(count: int) -> None:
        with transaction(home.engine) as connection:
            store.suppressions.suppress(connection, f"other{count}@example.org", "meanwhile", NOW)
        wrote.append(count)

    done = import_subscribers(home, Wanted([large(here, 3000)]), NOW, write_meanwhile)
    assert wrote == [1000, 2000, 3000]
    assert counts(done) == {"added": 3000}


def test_memory_is_flat_however_many_people(tmp_path: Path) -> None:
    """Four times the rows take next to nothing more."""
    with installed(tmp_path) as place, place.opened() as home:
        imported(home, large(place, 100, "first.csv"))  # what is loaded once
        peaks = [_peak(home, large(place, count)) for count in (10_000, 40_000)]
    assert peaks[1] < 1.3 * peaks[0]


def _peak(home: Installation, path: Path) -> int:
    tracemalloc.start()
    try:
        imported(home, path, dry_run=True)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_that_another_program_keeps_is_told(tmp_path: Path) -> None:
    """The person is erased; what may still stand in free pages is said, and a second time mends it."""
    with installed(tmp_path) as place, place.opened() as home:
        add_subscriber(home, "ada@example.org", "", [], "a letter", NOW)
        with reading(home.engine) as other:
            other.execute(text("SELECT 1 FROM subscribers"))
            with home.engine.connect() as connection:  # the only one in the pool that the command will use
                connection.exec_driver_sql("PRAGMA busy_timeout = 100")
            with pytest.raises(StoreError, match="may still stand in free pages"):
                forget(home, "ada@example.org", NOW)
        assert audience(home) == {}
        with pytest.raises(NotFoundError):
            forget(home, "ada@example.org", NOW)
        stored = b"".join(path.read_bytes() for path in place.folder.glob("var/digest.db*"))
        assert b"ada@example.org" not in stored
