"""The verb that forgets what is old, as ``[retention]`` says; once a day, by whichever machine comes first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Event

from digest import store
from digest.model import Mark
from digest.pipeline.installation import Clock, Installation
from digest.store import pruning
from digest.store.database import reading, transaction

EVERY = timedelta(days=1)
ADDRESSES = "addresses in the ledger"
_SHORT_LIVED = (store.keyed_requests.sweep, store.api_tokens.sweep)  # they know themselves how long they last

log = logging.getLogger(__name__)


def prune(
    installation: Installation, now: datetime, is_over: Callable[[], bool] = lambda: False
) -> Mapping[str, int]:
    """Forget what is old; how many rows of each kind there were. What ``is_over`` cuts short, the next time does.

    Raises:
        StoreError: the database cannot be used; what is done is done.
    """
    engine = installation.engine
    done = {rule.name: pruning.apply(engine, rule, is_over) for rule in _rules(installation, now)}
    done[ADDRESSES] = pruning.forget_addresses(engine, _before(installation, now), now, is_over)
    for sweep in _SHORT_LIVED:
        with transaction(engine) as connection:
            sweep(connection, now)
    pruning.give_back(engine, is_over)
    with transaction(engine) as connection:
        store.marks.remember(connection, Mark.PRUNE, now)
    return done


def foretell(installation: Installation, now: datetime) -> Mapping[str, int]:
    """How many rows of each kind ``prune`` would mean; nothing is changed."""
    engine = installation.engine
    found = {rule.name: pruning.count(engine, rule) for rule in _rules(installation, now)}
    return {**found, ADDRESSES: pruning.count_addresses(engine, _before(installation, now))}


def prune_daily(installation: Installation, clock: Clock, stop: Event) -> None:
    """``prune``, where a day has passed since the last time."""
    now = clock()
    with transaction(installation.engine) as connection:
        if not store.marks.take_turn(connection, Mark.PRUNE, now - EVERY, now):
            return
    done = prune(installation, now, stop.is_set)
    told = ", ".join(f"{count} {name}" for name, count in done.items() if count)
    if told:
        log.info("forgotten by [retention]: %s", told)


def _rules(installation: Installation, now: datetime) -> tuple[pruning.Rule, ...]:
    with reading(installation.engine) as connection:
        unfinished = {
            post
            for digest in installation.settings.digests
            for issue in store.issues.unfinished(connection, digest.slug)
            for post in issue.document.posts
        }
    return pruning.rules(installation.settings.retention, sorted(unfinished), now)


def _before(installation: Installation, now: datetime) -> datetime:
    return now - timedelta(days=installation.settings.retention.addresses_days)
