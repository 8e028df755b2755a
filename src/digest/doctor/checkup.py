"""Doctor's rounds, made beside all else and kept in the database: a page that shows them asks nobody."""

from __future__ import annotations

from collections.abc import Callable

from digest import store
from digest.doctor.check import Check, Checkup, failed
from digest.doctor.rounds import Patient, rounds
from digest.errors import DigestError
from digest.net.dns import Dns
from digest.pipeline.installation import Clock, Installation
from digest.store.database import transaction


def check_up(
    installation: Installation,
    clock: Clock,
    nameserver: str = "",
    is_over: Callable[[], bool] = lambda: False,
) -> Checkup | None:
    """Look at everything, and keep what was found; None, and what was found before stays, where it ``is_over`` first.

    It takes some seconds, or a minute where nobody answers.

    Args:
        nameserver: the DNS server to be asked, as for ``Dns``.

    Raises:
        StoreError: it cannot be kept.
    """
    found = _found(installation, clock, nameserver, is_over)
    if found is None:
        return None
    checkup = Checkup(clock(), found)
    with transaction(installation.engine) as connection:
        store.checks.keep(connection, checkup)
    return checkup


def _found(
    installation: Installation, clock: Clock, nameserver: str, is_over: Callable[[], bool]
) -> tuple[Check, ...] | None:
    found: list[Check] = []
    try:
        patient = Patient(installation.settings, Dns(nameserver).look, clock)
        for check in rounds(patient):
            if is_over():
                return None
            found.append(check)
    except DigestError as error:  # what it stands on is what is wrong
        found.append(failed("doctor", str(error), "Look from the command line: digest doctor"))
    return tuple(found)
