"""One person, added by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from digest import store
from digest.errors import DigestError
from digest.model import ConsentStep, Editor
from digest.pipeline.installation import Installation
from digest.pipeline.readers.audience.importing import is_erased, offers
from digest.pipeline.readers.audience.remembering import remember
from digest.roster.addresses import fault
from digest.store.audience import ImportRow
from digest.store.audit import COMMAND_LINE
from digest.store.database import transaction


def add_subscriber(
    installation: Installation,
    address: str,
    digest_slug: str,
    themes: Sequence[str],
    source: str,
    now: datetime,
    by: Editor | str = COMMAND_LINE,
) -> str:
    """Subscribe a person who gave their consent now, and say what became of it.

    Raises:
        DigestError: it is no address, there is no such digest or theme, they have left or are suppressed, or asked to
            be forgotten: then they can only come back by their own hand.
    """
    address = address.strip()
    if why := fault(address):
        raise DigestError(f"{why[0].upper()}{why[1:]}: expected one like ada@example.org.")
    slug, slugs = choice(installation, digest_slug, themes)
    row = ImportRow(address, slug, slugs, now, source)
    erased = is_erased(installation)
    with transaction(installation.engine) as connection:
        report = store.audience.import_rows(connection, [row], now, erased)
        number = store.audience.number_of(connection, address)
        if report.added and number is not None:
            who = by.address if isinstance(by, Editor) else by
            store.consents.note(connection, number, slug, ConsentStep.ADDED, now, f"{who}: {source}")
            remember(installation, connection, by, "add subscriber", address, now, f"to {slug}: {source}")
    if report.added:
        return f"{address} gets {slug} from its next issue on."
    if report.unchanged:
        return f"{address} is subscribed to {slug} already."
    reasons = {
        "has left, and can only come back by their own hand": report.unsubscribed,
        "is suppressed: digest suppressions list": report.suppressed,
        "asked to be forgotten, and can only come back by their own hand": report.erased,
    }
    raise DigestError(f"{address} {next(why for why, count in reasons.items() if count)}.")


def choice(
    installation: Installation, digest_slug: str, themes: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """A digest and themes of it by their names; without a digest's the only one there is, without themes' all ("()").

    Raises:
        DigestError: there is no such digest or theme, or there are several digests.
    """
    slug = _digest(installation, digest_slug)
    return slug, _themes(installation, slug, themes)


def _digest(installation: Installation, slug: str) -> str:
    if slug:
        return installation.digest(slug).slug
    digests = installation.settings.digests
    if len(digests) > 1:
        raise DigestError(f"Say which digest: --digest {' or '.join(each.slug for each in digests)}.")
    return digests[0].slug


def _themes(installation: Installation, digest: str, wanted: Sequence[str]) -> tuple[str, ...]:
    slugs, unknown = offers(installation)[digest].chosen(wanted)
    if unknown:
        raise DigestError(
            f"{digest} has no theme {', '.join(unknown)}; `digest theme list` names those there are."
        )
    return slugs
