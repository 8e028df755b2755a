"""Mail that comes in, by every way there is, to those who act upon it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from digest.deliver.inbound import files, imap
from digest.deliver.inbound.imap import Mailbox
from digest.deliver.inbound.lmtp import Take
from digest.model import BounceEffect
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.mail.bounces import Taken, take

log = logging.getLogger(__name__)


def taker(installation: Installation, clock: Clock, source: str) -> Take:
    """What a listener calls for each mail; False where a person should read it."""

    def take_mail(data: bytes, recipient: str) -> bool:
        taken = take(installation.engine, installation.keys, data, recipient, source, clock())
        log.info("inbound mail (%s): %s", source, words_for(taken))
        return not taken.is_personal

    return take_mail


def read_mailbox(installation: Installation, box: Mailbox, clock: Clock) -> int:
    """Act upon the unread mails of a mailbox; how many there were.

    Raises:
        DigestError: it cannot be read, or the database cannot be used.
    """
    take_mail = taker(installation, clock, "imap")
    return imap.read(box, lambda data: take_mail(data, ""))


def read_files(installation: Installation, path: Path, now: datetime) -> Mapping[str, int]:
    """Act upon the mails of a file or folder; how many there were of each kind, by ``words_for``.

    Raises:
        DigestError: they cannot be read, or the database cannot be used; what was read before is done.
    """
    counts: Counter[str] = Counter()
    for data in files.mails(path):
        taken = take(installation.engine, installation.keys, data, "", "file", now)
        counts[words_for(taken)] += 1
    return counts


def words_for(taken: Taken) -> str:
    """What an inbound mail was and did, in few words and without anybody's address."""
    if taken.effect is None and taken.meaning in ("failure", "complaint"):
        return f"{taken.meaning}, known already"
    if taken.effect in (None, BounceEffect.NOTHING):
        return str(taken.meaning)
    return f"{taken.meaning}, {taken.effect}"
