"""Subscribers from a file: all of it or nothing, as often as one likes, and nobody who has left comes back."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from digest import store
from digest.errors import DigestError
from digest.pipeline.audience import import_subscribers
from digest.pipeline.installation import Installation
from digest.store.database import reading, transaction
from installation import NOW, Place, installed


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    with here.opened() as installation:
        yield installation


def imported(here: Place, home: Installation, *rows: tuple[str, ...], slug: str = "") -> str:
    """What an import reports, or the sentence with which it is refused."""
    path = here.folder / "people.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    try:
        report = import_subscribers(home, path, slug, NOW)
    except DigestError as error:
        return str(error).removeprefix(str(path))
    return f"{report.added} added, {report.unchanged} unchanged, {len(report.refused)} refused"


def test_an_import_can_be_repeated(here: Place, home: Installation) -> None:
    """With and without the optional columns, in any order, beside columns that mean nothing to us."""
    rows = (
        ("name", "themes", "address", "consent_at"),
        ("Ada", "water; schools", "ada@example.org", "2026-11-01"),
        ("Bo", "", "bo@example.org", "2026-11-01T10:00:00+02:00"),
        ("Nobody", "", "nobody", ""),
    )
    assert imported(here, home, *rows) == "2 added, 0 unchanged, 1 refused"
    assert imported(here, home, *rows) == "0 added, 2 unchanged, 1 refused"
    with reading(home.engine) as connection:
        themes = {each.address: each.themes for each in store.audience.subscriptions(connection, "weekly")}
    assert themes == {"ada@example.org": ("schools", "water"), "bo@example.org": None}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("bo@example.org", "boats", ""), ", line 3: unknown theme boats; `digest theme list`"),
        (("bo@example.org", "", "yesterday"), ", line 3: expected consent_at like 2026-11-22"),
        (("bo@example.org", "", "0001-01-01T00:00:00+14:00"), ", line 3: expected consent_at like"),
    ],
)
def test_a_mistake_in_one_row_imports_nobody(
    here: Place, home: Installation, row: tuple[str, ...], sentence: str
) -> None:
    """All of a file or nothing of it, and the line says where to look."""
    said = imported(here, home, ("address", "themes", "consent_at"), ("ada@example.org", "", ""), row)
    assert said.startswith(sentence)
    with reading(home.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM subscribers")).scalar() == 0


def test_a_file_that_is_no_csv_is_told(here: Place, home: Installation) -> None:
    """Another separator, another encoding, another digest: what is expected instead."""
    assert "has no column 'address'; expected columns: address" in imported(here, home, ("e-mail;themes",))
    assert "expected a digest (weekly), got 'daily'" in imported(
        here, home, ("address",), ("ada@example.org",), slug="daily"
    )
    path = here.folder / "people.csv"
    path.write_bytes("address\nj\u00f6rg@example.org\n".encode("latin-1"))
    with pytest.raises(DigestError, match="is no CSV file in UTF-8"):
        import_subscribers(home, path, "", NOW)


def test_who_is_suppressed_is_not_written_to(here: Place, home: Installation) -> None:
    """An import undoes no suppression; the count says so."""
    with transaction(home.engine) as connection:
        store.audience.suppress(connection, "ada@example.org", "they asked for it", NOW)
    assert imported(here, home, ("address",), ("ada@example.org",), ("bo@example.org",)).startswith("1 added")
