"""Ways back to us that each copy carries, so that a bounce tells whose it is although relays rewrite much.

A tag such as ``d42.mzxw6…`` names a row of a ledger and proves that we wrote it. It stands in the envelope's sender
(a variable envelope return path: ``bounces+d42.mzxw6…@example.org``), and in a header of ours, for relays that put
a sender of their own in its place. Local parts are lower-cased on their way, so a tag is base32, read in any case.
"""

from __future__ import annotations

import base64
import hmac
import re
from hashlib import sha256
from urllib.parse import quote

from digest import tokens
from digest.tokens import Keys

MARK = "X-Digest-Delivery"
DELIVERY, OUTBOX = "d", "o"  # which ledger a row is of

LONGEST_NAME = (
    23  # of an inbox's local part: what a tag with a row of 12 digits leaves of 64 (RFC 5321, §4.5.3.1.1)
)
_PROOF_BYTES = 16  # of HMAC-SHA-256 (RFC 2104, section 5)
_TAG = re.compile(r"([a-z])([1-9][0-9]{0,11})\.([a-z2-7]{26})", re.ASCII)
_LONGEST_ADDRESS = 320
_UNSUBSCRIBE = re.compile(r"\s*unsubscribe\s+([a-z0-9-]{1,48})\s+(\S{1,64})\s*", re.ASCII | re.IGNORECASE)
_LONGEST_WORDS = 200


def tag(keys: Keys, row: int, ledger: str = DELIVERY) -> str:
    """Like ``d42.mzxw6ytboi4dqnrtgm2tmnzyhe``: a row of a ledger, and 26 characters that prove we wrote it."""
    return f"{ledger}{row}.{_proof(keys.keys[0], ledger, row)}"


def sender(inbox: str, tag: str) -> str:
    """The envelope's sender of one copy: its tag as a sub-address (RFC 5233) of the inbox where bounces arrive."""
    name, _, domain = inbox.rpartition("@")
    return f"{name}+{tag}@{domain}"


def read_sender(keys: Keys, address: str, ledger: str = DELIVERY) -> int | None:
    """The row behind the recipient of a bounce, or None where there is no tag of ours in it."""
    if len(address) > _LONGEST_ADDRESS:
        return None
    return read_mark(keys, address.strip(" \t\r\n<>").rpartition("@")[0].rpartition("+")[2], ledger)


def read_mark(keys: Keys, value: str, ledger: str = DELIVERY) -> int | None:
    """The row that a tag names, or None: as long for a nearly right proof as for a wrong one."""
    match = _TAG.fullmatch(value[:_LONGEST_ADDRESS].strip().lower())
    if match is None or match[1] != ledger:
        return None
    row = int(match[2])
    proofs = [hmac.compare_digest(_proof(key, ledger, row), match[3]) for key in keys.keys]
    return row if any(proofs) else None


def unsubscribe_url(inbox: str, digest: str, token: str) -> str:
    """Leaving by mail: ``mailto:`` with a subject that says whom and what (RFC 2369, section 3.2; RFC 6068)."""
    return f"mailto:{quote(inbox, safe='@+')}?subject=unsubscribe%20{digest}%20{quote(token, safe='')}"


def read_unsubscribe(keys: Keys, words: str) -> tuple[str, int] | None:
    """The digest and the subscriber that such a subject asks to part, or None where it is not ours."""
    match = _UNSUBSCRIBE.fullmatch(words[:_LONGEST_WORDS])
    if match is None:
        return None
    digest = match[1].lower()
    subscriber = tokens.verify(keys, tokens.UNSUBSCRIBE, digest, match[2])
    return None if subscriber is None else (digest, subscriber)


def _proof(key: bytes, ledger: str, row: int) -> str:
    mac = hmac.digest(key, f"bounce\0{ledger}\0{row}".encode(), sha256)[:_PROOF_BYTES]
    return base64.b32encode(mac).rstrip(b"=").decode("ascii").lower()
