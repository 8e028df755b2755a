"""A message sent to see what becomes of it: the sample issue, under a number by which it is known again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from digest import sender
from digest.deliver import message
from digest.deliver.opened import House, Opened
from digest.doctor.answers import LookUp
from digest.doctor.arrival import arrival_checks
from digest.doctor.check import Check
from digest.errors import DigestError, NotFoundError
from digest.files import write_tree
from digest.model import Message
from digest.pipeline.installation import Installation
from digest.pipeline.mail.letters import letterhead
from digest.publish import newsletter, sample

_NUMBER = re.compile(r"\bprobe ([0-9a-f]{12})\b", re.IGNORECASE)


def send(installation: Installation, address: str, now: datetime) -> tuple[str, str]:
    """Send a probe of the first digest, and keep what was sent; its number, and the relay's words.

    Raises:
        RelayError: it was not accepted.
        TemplateError: a template has a mistake.
        DigestError: it is no address.
    """
    if not all(address.rpartition("@")[::2]):
        raise DigestError(f"{address!r} is no address; write one like ada@example.org.")
    number = sha256(f"{address}\0{now.isoformat()}".encode(errors="surrogatepass")).hexdigest()[:12]
    probe = _message(installation, number, address, now)
    kept = f"Return-Path: <{probe.sender}>\r\n".encode() + probe.data
    place = _kept(installation, number)
    write_tree(place.parent, {place.name: kept})
    return number, sender.send_copy(installation.transport, probe)


def _message(installation: Installation, number: str, address: str, now: datetime) -> Message:
    settings, digest = installation.settings, installation.settings.digests[0]
    rendering = newsletter.render(
        sample.issue(digest.language).document,
        version=1,
        digest=digest,
        publish=settings.publish,
        mail=settings.mail,
        templates=installation.templates,
        strings=installation.resources.strings(digest.language),
        compile_mjml=installation.compile_mjml,
    )
    named = replace(rendering, subject=f"{digest.title}: probe {number}")
    return message.test_copy(named, letterhead(installation, digest.slug), address, now)


def compare(installation: Installation, mails: Iterable[bytes], look: LookUp) -> Iterator[Check]:
    """What became of a probe; of several that are among the mails, of the one that was sent last.

    Raises:
        NotFoundError: none of them is a probe that this machine has sent.
    """
    newest, came = None, b""
    for received in mails:
        kept = _kept_of(installation, received)
        if kept and (newest is None or kept.stat().st_mtime_ns > newest.stat().st_mtime_ns):
            newest, came = kept, received
    if newest is None:
        raise NotFoundError(
            "No probe that this machine sent is there; send one: digest doctor --send ADDRESS"
        )
    head, _, sent = newest.read_bytes().partition(b"\r\n")
    yield from arrival_checks(sent, came, head.decode().partition("<")[2].rstrip(">"), look)


def _kept_of(installation: Installation, received: bytes) -> Path | None:
    """The file in which what was sent is kept, where a mail is a probe of ours."""
    subject = " ".join(Opened(received, "", House()).one("Subject").split())
    number = _NUMBER.search(subject)
    place = _kept(installation, number[1].lower()) if number else None
    return place if place and place.is_file() else None


def _kept(installation: Installation, number: str) -> Path:
    return installation.settings.mail.folder / f"probe.{number}.eml"
