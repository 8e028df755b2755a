"""A mail from outside, opened: its parts as text, within limits that no sender of ours can move.

What is over a limit is left out, never waited for. Known costs of the standard library's parser, which the
limits are for: parameters of a header take quadratic time, each nested part a level of recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from functools import cached_property
from itertools import islice

MAX_BYTES = 1_000_000  # of a mail; the rest is not read
_LONGEST_LINE = 998  # RFC 5322 §2.1.1
_MOST_FOLDS = 30  # lines of one header field
_MOST_MARKS = 1_000  # lines that may begin a part
_MOST_NESTED = 30  # parts that hold parts
_MOST_PARTS = 100
_LONGEST_TEXT = 200_000  # characters of all texts together
_NESTING = re.compile(rb"boundary\s*=|^content-type:\s*message/", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """A mail, taken apart; every text is decoded and clipped."""

    mail: Message

    def header(self, name: str) -> str:
        """A header's first value on one line, encoded words decoded; "" where there is none."""
        return next(self.headers(name), "")

    def headers(self, name: str) -> Iterator[str]:
        """Every value of a header, decoded, on one line each."""
        for given, value in self.mail.raw_items():
            if given.lower() == name.lower():
                yield _readable(str(value))

    def parameter(self, name: str) -> str:
        """A parameter of the mail's own Content-Type, such as ``report-type``, in lower case."""
        value = self.mail.get_param(name, "")
        return (value[-1] if isinstance(value, tuple) else str(value)).strip().lower()

    @cached_property
    def parts(self) -> tuple[Message, ...]:
        """All parts from the outside in, those of enclosed mails among them."""
        return tuple(islice(self.mail.walk(), _MOST_PARTS))

    def part(self, *kinds: str) -> Message | None:
        """The first part of one of these types."""
        return next((part for part in self.parts if part.get_content_type() in kinds), None)

    @cached_property
    def text(self) -> str:
        """What it says to a person: its first plain part, else its first page without the tags."""
        plain = self.part("text/plain")
        if plain is not None:
            return decoded(plain)
        page = self.part("text/html")
        return re.sub(r"<[^<>]{0,2000}>", " ", decoded(page)) if page is not None else ""

    @cached_property
    def all_text(self) -> str:
        """Every text and every header of every part, also of what was returned: to look for marks of ours."""
        found, left = [], _LONGEST_TEXT
        for part in self.parts:
            text = f"{_header_block(part)}\n{decoded(part)}"[:left]
            left -= len(text)
            found.append(text)
        return "\n".join(found)


def opened(data: bytes) -> Report:
    """A mail from its bytes; whatever they are, some mail comes of it."""
    return Report(message_from_bytes(_tamed(data[:MAX_BYTES])))


def decoded(part: Message) -> str:
    """A part's text; "" for what holds other parts."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    payload = payload[:_LONGEST_TEXT]
    try:
        return payload.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):  # a charset that nobody knows
        return payload.decode("utf-8", "replace")


def fields(part: Message) -> list[dict[str, str]]:
    """The groups of fields in a ``message/delivery-status`` or a feedback report (RFC 3464 §2.1), names lower-cased.

    The first value of each field counts. Works on what the standard library took apart already, and on what it
    left encoded or took for a mail.
    """
    return groups(_flat(part))


def groups(text: str) -> list[dict[str, str]]:
    """The groups of fields in a text, between empty lines; at most 100."""
    found = (_group(block) for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")))
    return list(islice((group for group in found if group), 100))


def _group(block: str) -> dict[str, str]:
    unfolded = re.sub(r"\n[ \t]+", " ", block.strip("\n"))
    found: dict[str, str] = {}
    for line in unfolded.split("\n")[:200]:
        name, colon, value = line.partition(":")
        if colon and name.strip() and " " not in name.strip():
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _flat(part: Message) -> str:
    """The text of a part that the parser may have taken for one or more mails."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return decoded(part)
    inner = [part for part in payload[:100] if isinstance(part, Message)]
    texts = [text for part in inner for text in (_header_block(part), decoded(part))]
    text = "\n\n".join(texts)
    coding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if coding in ("base64", "quoted-printable"):  # RFC 3464 forbids it, and some do it
        wrapped = Message()
        wrapped["content-transfer-encoding"] = coding
        wrapped.set_payload(text.strip())
        return decoded(wrapped)
    return text


def _header_block(part: Message) -> str:
    return "\n".join(f"{name}: {_as_utf8(str(value))}" for name, value in islice(part.raw_items(), 200))


def _as_utf8(text: str) -> str:
    """A text as the parser keeps it, which may stand there in UTF-8 as it is (RFC 6532)."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _readable(value: str) -> str:
    """A header's value on one line, its encoded words decoded where they can be."""
    line = " ".join(_as_utf8(value).split())[:2_000]
    if "=?" not in line:
        return line
    try:
        words = [
            word.decode(charset or "latin-1", "replace") if isinstance(word, bytes) else word
            for word, charset in decode_header(line)
        ]
    except (LookupError, ValueError):
        return line
    return " ".join("".join(words).split())


def _tamed(data: bytes) -> bytes:
    """The same mail without what makes reading it slow: long lines clipped, endless folds and parts left out."""
    kept, folds, marks, nested = [], 0, 0, 0
    for line in data.splitlines():
        folds = folds + 1 if line[:1] in (b" ", b"\t") else 0
        marks += line.startswith(b"--")
        nested += len(_NESTING.findall(line))
        if marks > _MOST_MARKS or nested > _MOST_NESTED:
            break
        if folds <= _MOST_FOLDS:
            kept.append(line[:_LONGEST_LINE])
    return b"\n".join(kept)
