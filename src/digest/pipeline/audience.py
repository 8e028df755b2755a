"""Subscribers from a file, and how many would get the next mail."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from digest import store
from digest.errors import DigestError
from digest.pipeline.installation import Installation
from digest.store.audience import ImportReport, ImportRow
from digest.store.database import transaction

COLUMNS = ("address", "digest", "themes", "consent_at", "consent_source")
_SEPARATORS = re.compile(r"[,;|]")


def import_subscribers(
    installation: Installation, path: Path, digest_slug: str, now: datetime
) -> ImportReport:
    """Subscribe the people of a CSV file, all of them or none. It mails nobody and can be repeated.

    Columns: ``address``; ``digest`` (else ``digest_slug``, else the only one there is); ``themes`` (slugs
    between spaces, commas or semicolons; empty for everything); ``consent_at`` (RFC 3339 or a date) and ``consent_source``.

    Raises:
        DigestError: the file cannot be read, or a row names an unknown digest or theme, or no date; says which.
    """
    default = digest_slug or _only_digest(installation)
    with transaction(installation.engine) as connection:
        themes = {theme.slug for theme in store.sources.themes(connection)}
        rows = tuple(_rows(installation, path, default, themes))
        return store.audience.import_rows(connection, rows, now)


def _only_digest(installation: Installation) -> str:
    digests = installation.settings.digests
    return digests[0].slug if len(digests) == 1 else ""


def _rows(
    installation: Installation, path: Path, default: str, themes: Collection[str]
) -> Iterator[ImportRow]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "address" not in (reader.fieldnames or ()):
                raise DigestError(f"{path} has no column 'address'; expected columns: {', '.join(COLUMNS)}.")
            for row in reader:
                yield _row(installation, row, f"{path}, line {reader.line_num}", default, themes)
    except OSError as error:
        raise DigestError(f"{path} cannot be read: {error.strerror}.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise DigestError(f"{path} is no CSV file in UTF-8: {error}.") from error


def _row(
    installation: Installation,
    row: Mapping[str, str | None],
    place: str,
    default: str,
    themes: Collection[str],
) -> ImportRow:
    digest = (row.get("digest") or default).strip()
    if installation.settings.digest(digest) is None:
        known = ", ".join(each.slug for each in installation.settings.digests)
        raise DigestError(
            f"{place}: expected a digest ({known}), got {digest!r}; add a column, or give --digest."
        )
    chosen = tuple(_SEPARATORS.sub(" ", row.get("themes") or "").split())
    if unknown := set(chosen) - set(themes):
        raise DigestError(
            f"{place}: unknown theme {', '.join(sorted(unknown))}; `digest theme list` names those there are."
        )
    return ImportRow(
        (row.get("address") or "").strip(),
        digest,
        chosen or None,
        _moment(row.get("consent_at") or "", place),
        (row.get("consent_source") or "").strip(),
    )


def _moment(text: str, place: str) -> datetime | None:
    """A date or time; without a zone it is in UTC."""
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DigestError(
            f"{place}: expected consent_at like 2026-11-22 or 2026-11-22T08:00:00Z, got {text!r}."
        ) from error
