"""A received message, and what a person wants to see of it. Everything in it was written by strangers."""

from __future__ import annotations

import binascii
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Received:
    """One message for one recipient, as it came."""

    number: int  # from 1, in order of arrival
    recipient: str  # of the envelope
    sender: str  # of the envelope
    data: bytes = field(repr=False)  # RFC 5322, lines ending in CRLF
    received_at: datetime
    path: Path | None = None  # the .eml file, where the inbox has a folder

    @property
    def letter(self) -> Letter:
        """The message taken apart."""
        return read_letter(self.data)


@dataclass(frozen=True, slots=True)
class Letter:
    """The parts of a message for showing; each is "" where the message has none."""

    subject: str
    sender: str
    headers: tuple[tuple[str, str], ...]  # in order, unfolded, otherwise as they came
    html: str = field(repr=False)
    text: str = field(repr=False)


def read_letter(data: bytes) -> Letter:
    """Take a message apart. Whatever is broken in it is shown as it came; nothing is raised."""
    message = message_from_bytes(data)  # the old policy: the new one raises on headers that it cannot parse
    headers = tuple((name, _one_line(value)) for name, value in message.raw_items())
    return Letter(
        subject=_decoded(message.get("Subject", "")),
        sender=_decoded(message.get("From", "")),
        headers=headers,
        html=_part(message, "text/html"),
        text=_part(message, "text/plain"),
    )


def _one_line(value: object) -> str:
    return " ".join(str(value).encode("utf-8", "replace").decode().split())


def _decoded(value: object) -> str:
    """A header with its encoded words (RFC 2047) decoded, or as it came where that fails."""
    raw = _one_line(value)
    try:
        return _one_line(make_header(decode_header(raw)))
    except (HeaderParseError, LookupError, ValueError, binascii.Error):
        return raw


def _part(message: Message, kind: str) -> str:
    """The first part of that type that is no attachment, decoded."""
    for part in message.walk():
        if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
            payload = part.get_payload(decode=True)
            return _text(payload, part.get_content_charset("utf-8")) if isinstance(payload, bytes) else ""
    return ""


def _text(payload: bytes, charset: str) -> str:
    try:
        return payload.decode(charset, "replace")
    except (LookupError, ValueError):
        return payload.decode("utf-8", "replace")
