"""Subscribers from lists: mails nobody, can be repeated, and never undoes that somebody left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from digest import store, tokens
from digest.model import SuppressionCause
from digest.pipeline.installation import Installation
from digest.pipeline.readers.audience.files import lists, told
from digest.roster.reading import Roster, never_asked, one_line, read
from digest.roster.rows import Row, Standing, Unread
from digest.roster.themes import Offer
from digest.store.audience import ImportReport, ImportRow
from digest.store.database import aside, reading, session

_MOST_THEMES = 50
_MOST_TOLD = 1000  # rows that were not taken, and tags that name no theme
_LONGEST_TAG = 100  # characters
_TOLD_EVERY = 1000  # rows
_CAUSES = {cause.value: cause for cause in SuppressionCause}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be imported, and how it is to be read."""

    paths: Sequence[Path]
    digest: str = ""  # for rows that name none; "" where there is only one
    source: str = ""  # of their consent, where a list says none
    format: str = ""  # of ``roster.formats.FORMATS``; "" for what each header tells
    standing: Standing = Standing.SUBSCRIBED  # nobody in these lists has a less careful one
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class FileRead:
    """What was made of one list."""

    name: str
    format: str
    standing: Standing
    ignored: tuple[str, ...] = ()  # columns
    note: str = ""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A row that was left out, and why."""

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.why}."


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do. Of rows not taken and unknown tags the first 1,000 are named."""

    report: ImportReport
    dry_run: bool
    files: tuple[FileRead, ...]
    rows: int
    not_taken: int
    refused: tuple[NotTaken, ...]
    unknown_tags: Mapping[str, int]  # in how many rows each


def import_subscribers(
    installation: Installation,
    wanted: Wanted,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Bring people with their consent into the audience, all that can be read or, where this raises, none.

    Rows are gathered in a temporary table, in which of several about one person the most careful stays, and brought
    in at the end, by transactions of a second: for a million of them memory stays flat, and nobody waits long. What was
    interrupted there is done by importing again.

    Raises:
        DigestError: a file cannot be read, is no list, or a digest is wanted that there is none of.
    """
    taking = _Taking(installation, wanted, progress)
    with session(installation.engine) as connection:
        with aside(connection):
            staged = store.audience.stage(connection, taking.rows(), is_erased(installation))
        report = store.audience.settle(connection, staged, now, lambda: _unit(connection, wanted.dry_run))
        with aside(connection):
            store.audience.clear(connection)
    return taking.summary(report)


@contextmanager
def _unit(connection: Connection, dry_run: bool) -> Iterator[None]:
    """A transaction of a session; that of a trial leaves nothing."""
    with connection.begin() as bringing_in:
        yield
        if dry_run:
            bringing_in.rollback()


def is_erased(installation: Installation) -> Callable[[str], bool]:
    """Whether an address is of somebody who asked to be forgotten."""
    with reading(installation.engine) as connection:
        erased = store.audience.erasures(connection)
    if not erased:
        return lambda _: False
    return lambda address: not erased.isdisjoint(tokens.fingerprints(installation.keys, address))


class _Taking:
    """Rows of lists → rows of the audience, and notes on what is left out."""

    def __init__(self, installation: Installation, wanted: Wanted, progress: Callable[[int], None]) -> None:
        self._wanted = wanted
        self._progress = progress
        self._files: list[FileRead] = []
        self._rows = 0
        self._not_taken = 0
        self._refused: list[NotTaken] = []
        self._unknown: Counter[str] = Counter()
        self._digests = {digest.slug for digest in installation.settings.digests}
        self._offers = offers(installation)
        only = next(iter(self._digests)) if len(self._digests) == 1 else ""
        self._default = wanted.digest or only
        if wanted.digest:
            installation.digest(wanted.digest)

    def rows(self) -> Iterator[ImportRow]:
        """All that can be taken; what cannot is noted."""
        for name, stream in lists(self._wanted.paths):
            if never_asked(name):
                note = "people who never asked for mail: not imported"
                self._files.append(FileRead(name, "", Standing.UNSUBSCRIBED, note=note))
                continue
            with told(name):
                yield from self._of_list(name, self._opened(name, stream))

    def _opened(self, name: str, stream: BinaryIO) -> Roster:
        roster = read(stream, name, self._wanted.format)
        standing = max(roster.standing, self._wanted.standing, key=lambda each: each.care)
        self._files.append(FileRead(name, roster.format.title, standing, roster.ignored))
        return roster

    def _of_list(self, name: str, roster: Roster) -> Iterator[ImportRow]:
        source = self._wanted.source or ("" if roster.says_source else f"{roster.format.title} file {name}")
        for row in roster.rows:
            self._rows += 1
            if self._rows % _TOLD_EVERY == 0:
                self._progress(self._rows)
            taken = self._taken(row, roster, source)
            if isinstance(taken, ImportRow):
                yield taken
            else:
                self._refuse(name, row.line, taken)

    def summary(self, report: ImportReport) -> Imported:
        """The notes, beside what became of the rows."""
        return Imported(
            report,
            self._wanted.dry_run,
            tuple(self._files),
            self._rows,
            self._not_taken,
            tuple(self._refused),
            dict(self._unknown.most_common()),
        )

    def _refuse(self, file: str, line: int, why: str) -> None:
        self._not_taken += 1
        if len(self._refused) < _MOST_TOLD:
            self._refused.append(NotTaken(file, line, why))

    def _note(self, tags: Sequence[str]) -> None:
        for tag in tags:
            shown = one_line(tag)[:_LONGEST_TAG]
            if shown in self._unknown or len(self._unknown) < _MOST_TOLD:
                self._unknown[shown] += 1

    def _taken(self, row: Row | Unread, roster: Roster, source: str) -> ImportRow | str:
        """A row of the audience, or why it is none."""
        if isinstance(row, Unread):
            return row.why
        standing = max(row.standing, self._wanted.standing, key=lambda each: each.care)
        is_suppressed = standing is Standing.SUPPRESSED
        digest = row.digest or ("" if is_suppressed and roster.says_digest else self._default)
        if digest not in self._digests and (digest or not is_suppressed):
            known = ", ".join(sorted(self._digests))
            return f"expected a digest ({known}), got {digest!r}: add a column, or give --digest"
        slugs, unknown = self._offers[digest].chosen(row.tags) if digest and row.tags else ((), ())
        self._note(unknown)
        if unknown and not slugs and roster.format.ours:
            return f"none of its themes is one of {digest}: {one_line(', '.join(unknown))}"
        if len(slugs) > _MOST_THEMES:
            return f"at most {_MOST_THEMES} themes"
        return ImportRow(
            row.address,
            digest,
            slugs or None,
            row.consent_at,
            row.consent_source or source,
            standing,
            row.left_at,
            row.why or (source if standing is Standing.SUPPRESSED else ""),
            _CAUSES.get(row.cause, SuppressionCause.PERSON),
            row.paused_until,
            row.number,
        )


def offers(installation: Installation) -> Mapping[str, Offer]:
    """The themes of each digest by its slug."""
    with reading(installation.engine) as connection:
        themes = store.sources.themes(connection)
    return {
        digest.slug: Offer(theme for theme in themes if not digest.themes or theme.slug in digest.themes)
        for digest in installation.settings.digests
    }
