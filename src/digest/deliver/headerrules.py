"""Rules 1 to 4, 6 to 14 and 16: what the headers and the envelope of a newsletter must say."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime

from digest.deliver.findings import Finding, error, note, warning
from digest.deliver.headers import one_line
from digest.deliver.message import HEADERS, OPTIONAL
from digest.deliver.opened import Opened, is_secure

_ONE_CLICK = "List-Unsubscribe=One-Click"
_LIST_ONLY = frozenset({"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID"})
_SIGNATURE = "DKIM-Signature"
_ALGORITHMS = frozenset({"rsa-sha256", "ed25519-sha256"})  # RFC 8301, RFC 8463
_MESSAGE_ID = re.compile(r"<[^<>@\s]{1,200}@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)>")
_LIST_ID = re.compile(r"[^<>]*<[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+>")
_UNSUBSCRIBE = re.compile(r"<[^<>\s]+>(?:, ?<mailto:[^<>\s]+>)?")
_LONGEST_LINE = 998  # RFC 5322, section 2.1.1
_LONGEST_LOCAL_PART = 64  # RFC 5321, section 4.5.3.1.1
_RSA_2048 = 256  # bytes of a signature by a key of 2048 bits
_SIGNED = ("from", "to", "subject", "date", "message-id", "mime-version")
_SIGNED_TWICE = ("from", "to", "subject", "date", "message-id")


def from_and_to(mail: Opened) -> Iterator[Finding]:
    """1: one From and one To, with one address each."""
    for name in ("From", "To"):
        addresses = [address for _, address in getaddresses(mail.all(name))]
        if len(mail.all(name)) != 1 or len(addresses) != 1 or "@" not in addresses[0]:
            yield error(1, name, f"expected one {name} with one address")


def subject(mail: Opened) -> Iterator[Finding]:
    """2: a Subject that says something, without control characters, in lines of at most 78 characters."""
    try:
        shown = str(make_header(decode_header(mail.one("Subject"))))
    except (HeaderParseError, LookupError, UnicodeError):
        yield error(2, "Subject", "the Subject cannot be decoded; shorten or rewrite it")
        return
    if not shown.strip():
        yield error(2, "Subject", "expected one Subject that says something")
    if shown.strip(" ") != one_line(shown):
        yield error(2, "Subject", "the Subject holds control characters or an encoded word inside another")
    if any(len(line) > 78 for line in mail.raw_lines("Subject")):
        yield error(2, "Subject", "a line of the Subject is longer than 78 characters")


def date(mail: Opened) -> Iterator[Finding]:
    """3: a Date."""
    try:
        parsedate_to_datetime(mail.one("Date"))
    except ValueError:
        yield error(3, "Date", "expected one Date of RFC 5322")


def message_id(mail: Opened) -> Iterator[Finding]:
    """4: a Message-ID of a domain of our own."""
    found = _MESSAGE_ID.fullmatch(mail.one("Message-ID"))
    if not found:
        yield error(4, "Message-ID", "expected one Message-ID of a domain of our own, <…@example.org>")
    elif mail.house.domain and found[1].lower() != mail.house.domain:
        yield error(
            4,
            "Message-ID",
            f"it ends with {found[1]} and not with {mail.house.domain}, [publish] tag's domain",
        )


def list_id(mail: Opened) -> Iterator[Finding]:
    """6: one List-Id (RFC 2919)."""
    if not mail.automatic and not _LIST_ID.fullmatch(mail.one("List-Id")):
        yield error(6, "List-Id", "expected one List-Id, Title <digest.example.org> (RFC 2919)")


def unsubscribe(mail: Opened) -> Iterator[Finding]:
    """7: one https address to unsubscribe at, on one line, with a mailto beside it at most (RFC 2369, RFC 8058)."""
    if mail.automatic:
        return
    lines = mail.raw_lines("List-Unsubscribe")
    on_its_line = len(lines) == 1 and len(lines[0]) <= _LONGEST_LINE
    if not on_its_line or not _UNSUBSCRIBE.fullmatch(mail.one("List-Unsubscribe")):
        yield error(7, "List-Unsubscribe", "expected one List-Unsubscribe with one <address> on its line")
    elif not is_secure(mail.way_out):
        yield error(
            7, "List-Unsubscribe", "its address is not https; let [publish] app_url begin with https://"
        )


def one_click(mail: Opened) -> Iterator[Finding]:
    """8: unsubscribing by one click (RFC 8058)."""
    if not mail.automatic and mail.one("List-Unsubscribe-Post") != _ONE_CLICK:
        yield error(8, "List-Unsubscribe-Post", f"expected List-Unsubscribe-Post: {_ONE_CLICK}")


def feedback_id(mail: Opened) -> Iterator[Finding]:
    """9: a Feedback-ID without anything personal."""
    if "@" in "".join(mail.all("Feedback-ID")):
        yield error(9, "Feedback-ID", "it holds an address; it may only tell the issue and the digest")


def automatic(mail: Opened) -> Iterator[Finding]:
    """10: what is no mail of a list says that it is automatic (RFC 3834)."""
    if mail.automatic and mail.one("Auto-Submitted") != "auto-generated":
        yield error(10, "Auto-Submitted", "expected Auto-Submitted: auto-generated (RFC 3834)")


def names(mail: Opened) -> Iterator[Finding]:
    """11: exactly the expected headers, so that no title has made one of its own; signatures may stand with them."""
    there = [name for name in mail.names if name != _SIGNATURE]
    expected = [name for name in HEADERS if name in there or name not in OPTIONAL]
    if mail.automatic:
        expected = [*(name for name in expected if name not in _LIST_ONLY), "Auto-Submitted"]
    if sorted(there) != sorted(expected):
        odd = sorted({*there} ^ {*expected}) or ["one of them twice"]
        yield error(11, "headers", f"the headers are not exactly the expected ones: {', '.join(odd)}")


def envelope(mail: Opened) -> Iterator[Finding]:
    """12: an envelope sender that fits, and that tells whose a bounce is."""
    senders = [mail.sender, *(address for _, address in getaddresses(mail.all("From")))]
    if any(len(address.rpartition("@")[0]) > _LONGEST_LOCAL_PART for address in senders):
        yield error(12, "envelope", "the local part of the sender is longer than 64 characters; shorten it")
    elif not mail.automatic and mail.sender and mail.sender == senders[-1]:
        yield note(12, "envelope", "all copies have the same sender, so a bounce does not tell whose it is")


def signature(mail: Opened) -> Iterator[Finding]:
    """13: where it is signed, then so that nothing of it can be changed or added (RFC 6376)."""
    signatures = [_tags(value) for value in mail.all(_SIGNATURE)]
    if mail.sender and not signatures:
        yield note(13, _SIGNATURE, "it is not signed here; see that the relay signs it with DKIM")
    if signatures and all(tags.get("a") != "rsa-sha256" for tags in signatures):
        yield error(13, _SIGNATURE, "expected one of rsa-sha256, which every receiver can verify")
    for tags in signatures:
        signed = tags.get("h", "").lower().split(":")
        if tags.get("a") not in _ALGORITHMS or tags.get("c") != "relaxed/relaxed":
            yield error(13, _SIGNATURE, "expected a=rsa-sha256 or ed25519-sha256, and c=relaxed/relaxed")
        if "l" in tags:
            yield error(
                13, _SIGNATURE, "l= leaves room for strangers' words behind ours; sign all of the body"
            )
        if missing := _unsigned(mail, signed):
            yield error(13, _SIGNATURE, f"it must sign {', '.join(missing)}, once more than they are there")
        if tags.get("a") == "rsa-sha256" and _length(tags.get("b", "")) < _RSA_2048:
            yield error(13, _SIGNATURE, "its key is shorter than 2048 bits; make a new one")


def _tags(value: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.split(";"))
    return {name.strip(): "".join(text.split()) for name, _, text in pairs if name.strip()}


def _unsigned(mail: Opened, signed: list[str]) -> list[str]:
    there = [name for name in (*_SIGNED, *map(str.lower, _LIST_ONLY), "reply-to") if mail.all(name)]
    often = (*_SIGNED_TWICE, "reply-to", "list-unsubscribe", "list-unsubscribe-post")
    return sorted(name for name in there if signed.count(name) < 1 + (name in often))


def _length(signature: str) -> int:
    try:
        return len(base64.b64decode(signature, validate=True))
    except (binascii.Error, ValueError):
        return 0


def aligned(mail: Opened) -> Iterator[Finding]:
    """14: From is of the domain that signs, or of the envelope's (RFC 7489, section 3.1)."""
    domains = [address.rpartition("@")[2].lower() for _, address in getaddresses(mail.all("From"))]
    signers = [_tags(value).get("d", "").lower() for value in mail.all(_SIGNATURE)]
    if not domains or not mail.sender:
        return
    vouching = [*signers, mail.sender.rpartition("@")[2].lower()]
    if not any(_same_house(domains[0], each) for each in vouching):
        yield warning(
            14, "From", f"{domains[0]} is neither the domain that signs nor the envelope's, as DMARC asks for"
        )


def _same_house(one: str, other: str) -> bool:
    """Relaxed alignment, without a list of public suffixes: equal, or one below the other."""
    return bool(one and other) and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))


def addresses(mail: Opened) -> Iterator[Finding]:
    """16: ASCII, but for the recipient's local part; domains as A-labels."""
    head = mail.data.partition(b"\r\n\r\n")[0]
    if any(not line.isascii() for line in head.split(b"\r\n") if not line.startswith(b"To: ")):
        yield error(16, "headers", "a header holds characters outside ASCII")
    if any(not line.rpartition(b"@")[2].isascii() for line in mail.raw_lines("To")):
        yield error(16, "To", "the recipient's domain is not in A-labels")
