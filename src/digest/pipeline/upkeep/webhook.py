"""The verb that brings notices to the webhook: JSON, signed, each key once, tried again until it is of no use.

A notice whose process dies between the request and the note of its answer is brought again, under the same
``Idempotency-Key``: of what needs a person, nothing is worse than silence.
"""

from __future__ import annotations

import hmac
import json
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from digest import store
from digest.errors import FetchError
from digest.masks import veiled
from digest.model import Notice, NoticeState
from digest.net.posting import post
from digest.pipeline.installation import Clock, Installation
from digest.store.database import transaction
from digest.text.times import rfc3339

AGAIN_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60))
_AT_ONCE = 10  # requests of one look: together they end before their lease

log = logging.getLogger(__name__)


def bring(installation: Installation, clock: Clock) -> tuple[Notice, ...]:
    """Bring what is due; what came of each. Where the webhook is away it is asked once, and the others wait with the first."""
    if not installation.settings.notices.webhook:
        return ()
    with transaction(installation.engine) as connection:
        due = store.notices.claim(connection, _AT_ONCE, clock())
    tried: list[Notice] = []
    away = ""
    for notice in due:
        why, away = (away, away) if away else _asked(installation, notice, clock())
        done = _after(notice, why, clock())
        with transaction(installation.engine) as connection:
            store.notices.settle(connection, done)
        tried.append(done)
    failed = [notice for notice in tried if notice.reply]
    if failed:
        log.warning("%d notices did not reach the webhook: %s", len(failed), failed[0].reply)
    return tuple(tried)


def _asked(installation: Installation, notice: Notice, now: datetime) -> tuple[str, str]:
    """Why the webhook did not take a notice, or ""; and why it cannot be reached at all, or ""."""
    url, body = str(installation.settings.notices.webhook), payload(notice)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": sha256(notice.key.encode()).hexdigest()[:32],
        "Digest-Signature": signature(installation.notices_secret, body, now),
    }
    try:
        status = post(installation.messenger, url, body, headers)
    except FetchError as error:
        why = veiled(str(error).replace(url, "it"))  # there are webhooks whose address is their secret
        return why, why
    return ("", "") if 200 <= status < 300 else (f"it answers {status}", "")


def payload(notice: Notice) -> bytes:
    """What the webhook gets: ``key``, ``kind``, ``text``, ``url`` and ``at``, as JSON."""
    said = {
        "key": notice.key,
        "kind": notice.kind.value,
        "text": notice.text,
        "url": notice.url,
        "at": rfc3339(notice.created_at),
    }
    return json.dumps(said, ensure_ascii=False).encode()


def signature(secret: str, body: bytes, now: datetime) -> str:
    """``t=1795334400,v1=HEX``: HMAC-SHA-256 over the time in seconds, a full stop and the body."""
    seconds = int(now.timestamp())
    proof = hmac.digest(secret.encode(), f"{seconds}.".encode() + body, sha256)
    return f"t={seconds},v1={proof.hex()}"


def _after(notice: Notice, why: str, now: datetime) -> Notice:
    """A notice after an attempt; at the latest half a day later comes the next, until it expires."""
    tried = replace(notice, attempts=notice.attempts + 1, reply=why)
    if not why:
        return replace(tried, state=NoticeState.BROUGHT, next_try_at=None, settled_at=now)
    wait = AGAIN_AFTER[min(notice.attempts, len(AGAIN_AFTER) - 1)]
    return replace(tried, next_try_at=now + wait)
