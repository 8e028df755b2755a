"""One person at a time: found, invited, taken out of a digest, given their data. Each change is logged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from digest import codec, store
from digest.errors import DigestError, NotFoundError
from digest.model import AuditEntry, Editor, SubscriptionState
from digest.pipeline.installation import Installation
from digest.pipeline.mail.notices import Stationery
from digest.pipeline.readers import signing_up
from digest.pipeline.readers.audience.adding import choice
from digest.pipeline.readers.audience.importing import is_erased
from digest.pipeline.readers.audience.remembering import name_of, remember
from digest.store.audience import Person
from digest.store.audit import COMMAND_LINE
from digest.store.database import reading, transaction
from digest.store.personal import PersonalData, about

MAILS = 20  # the newest ones that are shown of a person
_LOG = 50


def number_of(installation: Installation, address: str) -> int:
    """The number of the subscriber at an address, however it is cased.

    Raises:
        NotFoundError: there is none.
    """
    with reading(installation.engine) as connection:
        number = store.audience.number_of(connection, address)
    if number is None:
        raise NotFoundError(f"Nobody subscribed with the address {address}.")
    return number


def person(installation: Installation, number: int, now: datetime) -> Person:
    """All that is known of a subscriber.

    Raises:
        NotFoundError: there is none of that number, or they were erased.
    """
    with reading(installation.engine) as connection:
        found = store.audience.person(connection, number, MAILS, now)
    if found is None:
        raise NotFoundError(f"There is no subscriber {number}, or nothing is kept of them any more.")
    return found


def history(installation: Installation, number: int) -> tuple[AuditEntry, ...]:
    """What editors did with a subscriber, the newest first."""
    with reading(installation.engine) as connection:
        found = store.audit.newest(connection, _LOG, subject=name_of(number))
    return tuple(entry for _, entry in found)


def invite(
    installation: Installation,
    address: str,
    digest_slug: str,
    themes: Sequence[str],
    now: datetime,
    by: Editor | str = COMMAND_LINE,
) -> str:
    """Mail somebody the question whether they want a digest: they subscribe by its button, or not at all.

    An address gets one such mail a day. Returns the address as we write it.

    Raises:
        DigestError: it is no address, there is no such digest or theme, they have it already, have left, asked to be
            forgotten, or we must not write to them.
    """
    mailbox = signing_up.mailbox(address)
    if mailbox is None:
        raise DigestError(f"{address.strip()[:320]!r} is no address: expected one like ada@example.org.")
    digest, slugs = choice(installation, digest_slug, themes)
    stationery, was_erased = stationery_of(installation), is_erased(installation)(mailbox)
    with transaction(installation.engine) as connection:
        if why := _unwanted(connection, mailbox, digest, was_erased=was_erased):
            raise DigestError(f"{mailbox} {why}.")
        signing_up.write_question(
            connection,
            stationery,
            installation.digest(digest),
            mailbox,
            store.audience.choice_of(slugs),
            now,
        )
        remember(installation, connection, by, "invite", mailbox, now, f"to {digest}")
    return mailbox


def _unwanted(connection: Connection, address: str, digest: str, *, was_erased: bool) -> str:
    """Why nobody is to be asked whether they want a digest, or ""."""
    if was_erased:
        return "asked to be forgotten, and can only come back by their own hand"
    if suppression := store.suppressions.of(connection, address):
        return f"must not be written to: {suppression.reason}"
    states = {each.digest: each.state for each in store.audience.subscriptions_of(connection, address)}
    return {
        SubscriptionState.CONFIRMED: f"is subscribed to {digest} already",
        SubscriptionState.UNSUBSCRIBED: "has left, and can only come back by their own hand",
    }.get(states.get(digest, SubscriptionState.PENDING), "")


def leave(
    installation: Installation,
    number: int,
    digest: str,
    why: str,
    now: datetime,
    by: Editor | str = COMMAND_LINE,
) -> None:
    """End a subscription for somebody who asked us to.

    Raises:
        NotFoundError: there is no such subscriber, or no subscription to end.
    """
    found = person(installation, number, now)
    with transaction(installation.engine) as connection:
        who = by.address if isinstance(by, Editor) else by
        if not store.audience.unsubscribe(connection, number, digest, now, f"{who}: {why}"):
            raise NotFoundError(f"There is no subscription to {digest} to end.")
        remember(installation, connection, by, "unsubscribe", found.address, now, f"from {digest}: {why}")


def export(installation: Installation, number: int, now: datetime, by: Editor | str = COMMAND_LINE) -> bytes:
    """All that is kept of a person, as the JSON that they would get themselves.

    Raises:
        NotFoundError: there is no such subscriber.
    """
    found = person(installation, number, now)
    with transaction(installation.engine) as connection:
        data = codec.dump(PersonalData, about(connection, number))
        remember(installation, connection, by, "export", found.address, now)
    return data


def stationery_of(installation: Installation) -> Stationery:
    """What notices of this installation are written with."""
    return Stationery(
        installation.settings, installation.templates, installation.resources.strings, installation.keys
    )
