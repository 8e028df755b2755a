"""Signing up by the form, and confirming it: double opt-in.

Asking does the same work whatever is known of the address: the same statements, and the same mail is made. Only the
database knows whether the mail is written, so neither an answer nor its speed tells a stranger who reads what.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_urlsafe

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection, Engine

from digest import store, tokens
from digest.model import LinkPurpose, OutboxMail, ReaderLink, SignUp
from digest.pipeline.mail import notices
from digest.pipeline.mail.notices import Stationery
from digest.settings import DigestSettings
from digest.store.database import transaction
from digest.tokens import Keys

TOKEN_BYTES = 16
CONSENT = "the form of {digest}, confirmed by mail"
_LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets


def mailbox(text: str) -> str | None:
    """The address as we write it, or None where it is none; whether anybody reads there is not asked."""
    typed = text.strip()
    if len(typed) > _LONGEST_ADDRESS:
        return None
    try:
        return validate_email(typed, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def ask(
    engine: Engine,
    stationery: Stationery,
    digest: DigestSettings,
    address: str,
    choice: str,
    network: str,
    now: datetime,
) -> bool:
    """Note a wish and mail its confirmation; False, and nothing is noted, where the network has had its share.

    Raises:
        StoreError: the database cannot be used.
    """
    token, mail = _question(stationery, digest, address, now)
    with transaction(engine) as connection:
        if not store.sign_ups.admit(connection, network, now):
            return False
        _write(connection, digest, address, choice, token, mail, now)
    return True


def write_question(
    connection: Connection,
    stationery: Stationery,
    digest: DigestSettings,
    address: str,
    choice: str,
    now: datetime,
) -> None:
    """The same for somebody of whom an editor says that they want it: only they themselves can say yes."""
    token, mail = _question(stationery, digest, address, now)
    _write(connection, digest, address, choice, token, mail, now)


def _question(
    stationery: Stationery, digest: DigestSettings, address: str, now: datetime
) -> tuple[str, OutboxMail]:
    """A new token, and the mail that brings it."""
    token = token_urlsafe(TOKEN_BYTES)
    link = link_url(stationery, token)
    return token, notices.link_mail(stationery, digest, address, LinkPurpose.CONFIRM, link, token, now)


def _write(
    connection: Connection,
    digest: DigestSettings,
    address: str,
    choice: str,
    token: str,
    mail: OutboxMail,
    now: datetime,
) -> None:
    """Note the wish and, at most once a day, the mail that asks for its confirmation."""
    subscriber = store.sign_ups.ask(connection, address, digest.slug, choice, now)
    proof, until = tokens.proof(token), now + notices.CONFIRM_WITHIN
    kept = ReaderLink(proof, LinkPurpose.CONFIRM, subscriber, digest.slug, "", now, until)
    key = f"confirmation:{subscriber}:{digest.slug}:{now:%Y-%m-%d}"
    store.sign_ups.mail_once(connection, kept, replace(mail, key=key))


def link_url(stationery: Stationery, token: str) -> str:
    """Where a mailed link leads: ``{app_url}/l/{token}``."""
    return f"{stationery.settings.publish.app_url.rstrip('/')}/l/{token}"


def wishes(connection: Connection, link: ReaderLink, now: datetime) -> tuple[SignUp, ...]:
    """What the owner of the address that a link was mailed to may confirm."""
    return store.sign_ups.waiting(connection, link.subscriber, now)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What somebody has subscribed to; ``digest`` is that of the mail."""

    subscriber: int
    digest: str
    wishes: tuple[SignUp, ...]


def confirm(
    engine: Engine,
    keys: Keys,
    token: str,
    digests: Collection[str],
    now: datetime,
    wording: Callable[[str], str] = lambda _: "",
) -> Confirmed | None:
    """Subscribe the owner of an address to what the mail was about, and to what else of their wishes is in ``digests``.

    ``wording`` is what the page said on which they agreed to a digest; it is kept with their consent.
    None where the link was used, or is too old: it works once. Whoever was erased before gives a fresh consent here.
    """
    with transaction(engine) as connection:
        link = store.reader_links.use(connection, tokens.proof(token), LinkPurpose.CONFIRM, now)
        if link is None:
            return None
        wanted = [wish for wish in wishes(connection, link, now) if wish.digest in {link.digest, *digests}]
        if link.digest not in {wish.digest for wish in wanted}:  # they have left everything since
            return None
        for wish in wanted:
            source, said = CONSENT.format(digest=wish.digest), wording(wish.digest)
            store.sign_ups.confirm(connection, wish, source, now, said)
            store.reader_links.use_up(connection, wish.subscriber, wish.digest, now)
        address = store.sign_ups.address(connection, link.subscriber)
        store.audience.lift_erasure(connection, tokens.fingerprints(keys, address))
        return Confirmed(link.subscriber, link.digest, tuple(wanted))
