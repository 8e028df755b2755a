"""What happened after a backup, told to the database that was restored from it: by a relay's log, and by a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest import store
from digest.deliver.letterhead import domain_of_ids
from digest.deliver.message import message_id
from digest.errors import DigestError
from digest.pipeline.installation import Installation
from digest.pipeline.readers.audience.forgetting import suppress
from digest.roster.addresses import fault
from digest.store.audit import COMMAND_LINE
from digest.store.database import transaction

_LONGEST_LINE = 100_000  # bytes


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was found, and what it closed."""

    named: int  # Message-IDs of ours in the log
    accepted: int
    others: int  # mails of the Outbox


def replay_log(installation: Installation, log: Path, now: datetime) -> Replayed:
    """Close as accepted what waits or is in doubt, and stands in a relay's log by its Message-ID.

    The log may be of any mail server that writes Message-IDs, such as Postfix's ``cleanup`` or Exim's ``id=``.

    Raises:
        DigestError: it cannot be read.
    """
    domain = domain_of_ids(installation.settings.publish)
    named = frozenset(_message_ids(_lines(log), domain))
    with transaction(installation.engine) as connection:
        found = [
            number
            for number, issue, subscriber, version in store.replaying.open_rows(connection)
            if message_id(issue, subscriber, version, domain) in named
        ]
        accepted = store.replaying.accept(connection, found, now)
        others = store.replaying.accept_others(connection, named, now)
        store.replaying.finish(connection, now)
        store.audit.add(connection, COMMAND_LINE, "replay", log.name, now, f"{accepted + others} accepted")
    return Replayed(len(named), accepted, others)


def replay_suppressions(installation: Installation, file: Path, now: datetime) -> tuple[int, int]:
    """Never write again to the addresses that stand first in the lines of a file; how many, and how many lines had none.

    Raises:
        DigestError: it cannot be read.
    """
    done = without = 0
    for line in _lines(file):
        address = line.partition(",")[0].strip().strip('"')
        if fault(address):
            without += bool(address)
            continue
        suppress(installation, address, f"replayed from {file.name}", now)
        done += 1
    return done, without


def _message_ids(lines: Iterable[str], domain: str) -> Iterator[str]:
    """Those of ours, as ``deliver.message`` and ``deliver.notice`` make them."""
    ours = re.compile(
        r"(?<![a-z0-9.-])[a-z0-9-]{1,48}\.(?:\d{4}-\d\d-\d\d|notice)\.[0-9a-f]{20}@" + re.escape(domain)
    )
    for line in lines:
        yield from (f"<{found}>" for found in ours.findall(line))


def _lines(file: Path) -> Iterator[str]:
    try:
        with file.open("rb") as opened:
            for line in iter(lambda: opened.readline(_LONGEST_LINE), b""):
                yield line.decode("utf-8", errors="replace")
    except OSError as error:
        raise DigestError(f"{file} cannot be read: {error.strerror}.") from error
