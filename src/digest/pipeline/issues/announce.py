"""The verb that tells a WebSub hub which of our feeds have new bytes (https://www.w3.org/TR/websub/, section 7).

What the hub is to be told is read from the tree and from what it was told before, so a crash loses nothing and
nothing is told twice; what fails is tried again later.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from digest import store, tree
from digest.errors import FetchError
from digest.net.posting import post_form
from digest.pipeline.installation import Installation
from digest.publish.addresses import is_feed, url_of
from digest.store.database import reading, transaction
from digest.store.pings import Ping

AGAIN_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)

log = logging.getLogger(__name__)


def announce(installation: Installation, now: datetime) -> tuple[Ping, ...]:
    """Tell the hub of every feed that has other bytes than it was told of; what came of each. No hub: nothing.

    A hub that does not answer is asked once, and the other feeds wait with the first.
    """
    hub = installation.settings.publish.hub
    if not hub:
        return ()
    with transaction(installation.engine) as connection:
        store.pings.wanted(connection, hub, _present(installation), now)
    with reading(installation.engine) as connection:
        due = store.pings.due(connection, hub, now)
    told: list[Ping] = []
    away = ""
    for ping in due:
        done, away = (_failed(ping, away, now), away) if away else _told(installation, ping, now)
        with transaction(installation.engine) as connection:
            store.pings.settle(connection, done)
        told.append(done)
    failed = [ping for ping in told if ping.told_at is None]
    if failed:
        log.warning("%s was not told of %d feeds: %s", hub, len(failed), failed[0].reply)
    return tuple(told)


def _present(installation: Installation) -> dict[str, str]:
    """The SHA-256 of each feed that stands in the tree, by its address."""
    publish = installation.settings.publish
    return {
        url_of(publish, path): sha256((publish.feeds_dir / path).read_bytes()).hexdigest()
        for path in tree.ours(publish.feeds_dir)
        if is_feed(path)
    }


def _told(installation: Installation, ping: Ping, now: datetime) -> tuple[Ping, str]:
    """What came of telling the hub, and why it cannot be reached, or ""."""
    form = {"hub.mode": "publish", "hub.url": ping.feed, "hub.topic": ping.feed}
    try:
        status = post_form(installation.fetcher, ping.hub, form)
    except FetchError as error:
        return _failed(ping, str(error), now), str(error)
    reply = f"it answers {status}"
    if not 200 <= status < 300:
        return _failed(ping, reply, now), ""
    return replace(ping, attempts=ping.attempts + 1, next_try_at=None, told_at=now, reply=reply), ""


def _failed(ping: Ping, reply: str, now: datetime) -> Ping:
    """Tried again a few times, ever later; then only when the feed has other bytes."""
    again = now + AGAIN_AFTER[ping.attempts] if ping.attempts < len(AGAIN_AFTER) else None
    return replace(ping, attempts=ping.attempts + 1, next_try_at=again, reply=reply)
