"""Who reads: subscribers, their subscriptions, and the addresses we must not write to.

An address is one mailbox however its letters are cased; it is kept as it was given, its domain lower-cased.
"""

from __future__ import annotations

from digest.store.audience.changing import choose, resubscribe, unsubscribe
from digest.store.audience.columns import choice_of
from digest.store.audience.course import confirmed_by
from digest.store.audience.erasing import erase, erasures, lift_erasure
from digest.store.audience.importing import ImportReport, import_rows, settle
from digest.store.audience.looking import Barred, Listed, Person, Wanted, barred, number_of, page, person
from digest.store.audience.reading import (
    choices,
    confirmed_count,
    reached_count,
    subscription,
    subscriptions,
    subscriptions_of,
)
from digest.store.audience.staging import ImportRow, Staged, clear, stage
from digest.store.suppressions import suppress

__all__ = [
    "Barred",
    "ImportReport",
    "ImportRow",
    "Listed",
    "Person",
    "Staged",
    "Wanted",
    "barred",
    "choice_of",
    "choices",
    "choose",
    "clear",
    "confirmed_by",
    "confirmed_count",
    "erase",
    "erasures",
    "import_rows",
    "lift_erasure",
    "number_of",
    "page",
    "person",
    "reached_count",
    "resubscribe",
    "settle",
    "stage",
    "subscription",
    "subscriptions",
    "subscriptions_of",
    "suppress",
    "unsubscribe",
]
