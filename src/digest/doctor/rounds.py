"""The verb ``doctor``: everything that should be known before the first mail leaves, in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path

from digest import config, resources
from digest.config.signing import signers as signers_of
from digest.deliver.dkim import Signer, record
from digest.deliver.inbound.imap import latest
from digest.deliver.smtp import Relay
from digest.deliver.smtp import relay as relay_of
from digest.doctor import machine
from digest.doctor.answers import Address, LookUp
from digest.doctor.check import Check, failed, ok, warning
from digest.doctor.domain import Sender, SigningKey, address_checks, domain_checks
from digest.doctor.pages import Pages
from digest.doctor.relay import is_own, leaves_from, relay_addresses, relay_checks
from digest.errors import DigestError
from digest.isolate import Child
from digest.resources import Resources
from digest.settings import Settings
from digest.wiring import MJML, compiler, fetcher, mailbox_of


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at, and through what: ``look`` asks DNS; ``addresses`` are those a person says mail leaves from."""

    settings: Settings
    look: LookUp
    clock: Callable[[], datetime]
    addresses: tuple[Address, ...] = ()


def rounds(patient: Patient) -> Iterator[Check]:
    """Look at everything, one after the other; each look is told as soon as it is done."""
    settings = patient.settings
    yield from _machine(settings)
    yield from _mail(patient)
    yield _mailbox(settings) or inbound_check(settings)
    yield notices_check(settings)
    yield from Pages(settings, fetcher(settings, 0), patient.clock).checks()


def _mail(patient: Patient) -> Iterator[Check]:
    try:
        relays, signers = _relays(patient.settings), signers_of(patient.settings.mail)
    except DigestError as error:
        yield failed("relay", str(error), "No mail leaves before that.")
        return
    senders = [_sender(patient, relay, signers) for relay in relays]
    for relay, sender in zip(relays, senders, strict=True):
        yield from relay_checks(relay, patient.clock())
        if sender is senders[0] or not patient.addresses:
            yield from address_checks(sender, patient.look)
    yield from domain_checks(senders[0], patient.look)


def _relays(settings: Settings) -> list[Relay]:
    """The relay, and the one that stands in for it where there is such.

    Raises:
        ConfigError: an address is none, or a password is missing.
    """
    mail, environ = settings.mail, os.environ
    found = [relay_of(mail, config.mail_password(settings, environ))]
    if mail.second_relay:
        second = mail.model_copy(update={"relay": mail.second_relay, "username": mail.second_username})
        found.append(relay_of(second, config.second_mail_password(settings, environ)))
    return found


def _machine(settings: Settings) -> Iterator[Check]:
    named = machine.folders(settings)
    yield machine.database_check(settings.database.url)
    yield from machine.folder_checks(named)
    yield from machine.disk_checks(named)
    yield from machine.secret_checks(_secrets(settings))
    with Child(preload=(MJML,)) as child:
        mistakes = resources.check(Resources(settings.publish.templates_dir), compiler(child))
    yield from machine.template_checks(mistakes)


def _secrets(settings: Settings) -> Iterator[Path]:
    mail, inbound = settings.mail, settings.inbound
    yield settings.serve.secret_file
    yield from mail.dkim_keys
    yield from filter(None, (mail.password_file, mail.second_password_file))
    yield from filter(None, (inbound.imap_password_file, inbound.webhooks_file))
    yield from filter(None, (settings.operate.metrics_token_file, settings.notices.webhook_secret_file))


def _sender(patient: Patient, relay: Relay, signers: Iterable[Signer]) -> Sender:
    mail = patient.settings.mail
    address = parseaddr(mail.from_)[1]
    domain = address.rpartition("@")[2]
    found = relay_addresses(relay)
    return Sender(
        from_domain=domain,
        envelope=parseaddr(mail.bounces)[1] or address,
        addresses=patient.addresses or leaves_from(found),
        own=bool(patient.addresses) or is_own(relay, found, domain),
        keys=tuple(SigningKey(each.domain, each.selector, record(each)) for each in signers),
    )


def _mailbox(settings: Settings) -> Check | None:
    """What keeps us out of the mailbox that is read; None where nothing does, or there is none."""
    try:
        box = mailbox_of(settings)
        if box is not None:
            latest(box, 1)
    except DigestError as error:
        return failed("inbound", str(error), "See [inbound] imap, imap_user and imap_password_file.")
    return None


def inbound_check(settings: Settings) -> Check:
    """Whether anybody reads what comes back: the one way to learn that an address is no more."""
    inbound, bounces = settings.inbound, settings.mail.bounces
    ways = [name for name in ("lmtp", "imap", "webhooks_file") if getattr(inbound, name)]
    if not ways:
        return warning("inbound", "nobody reads what comes back.", "Set up [inbound] (docs/bounces.md).")
    if bounces and ways == ["webhooks_file"]:
        todo = "Let [inbound] lmtp or imap read it, or leave [mail] bounces empty."
        return warning("inbound", f"bounces go to {bounces}, which digest does not read.", todo)
    return ok("inbound", f"what comes back is read by {', '.join(ways)}.")


def notices_check(settings: Settings) -> Check:
    """Whether anybody is told when something needs a person."""
    try:
        config.notices_secret(settings, os.environ)
        config.metrics_token(settings, os.environ)
    except DigestError as error:
        return failed("notices", str(error), "digest does not start before that.")
    ways = ["mail to editors"] * settings.notices.mails + ["a webhook"] * bool(settings.notices.webhook)
    if not ways:
        return warning("notices", "nobody is told what needs a person.", "Set [notices] mails or webhook.")
    return ok("notices", f"what needs a person is told by {' and '.join(ways)}: digest notices test")
