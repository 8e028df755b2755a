"""Signed links, and the keys that sign them.

A token of an unsubscribe link is deterministic: the same keys, purpose, digest and subscriber always give
the same one, so nothing has to be stored, and a link in an old mail works for as long as its key is kept.
It is 128 bits of HMAC-SHA-256 (RFC 2104; truncated as its section 5 allows), so that the link stays short
enough for one line of a header.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass, field
from hashlib import sha256

from digest.errors import ConfigError

UNSUBSCRIBE = "unsubscribe"
FORM = "form"  # its number is no subscriber but the second in which a form was shown
ERASED = "erased"
COPY = "test"  # stands in for a token in a test copy, whose link only explains itself

KEY_BYTES = 32  # at least; the output size of SHA-256 (RFC 2104, section 3)
_MAC_BYTES = 16
_TOKEN = re.compile(r"([1-9][0-9]{0,17})\.([A-Za-z0-9_-]{22})", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Keys:
    """Secrets for links: the first one signs, all of them verify, so a new key goes on top of the old ones."""

    keys: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys or min(map(len, self.keys)) < KEY_BYTES:
            raise ConfigError(f"Links are signed with at least one key of {KEY_BYTES} bytes or more.")


def parse_keys(text: str) -> Keys:
    """Read a key file: a key of 32 bytes or more per line, in hex or base64; blank lines and ``#`` comments pass.

    Raises:
        ConfigError: no key, or a line that is none; the sentence never shows what the line holds.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not lines:
        raise ConfigError(
            f"The key file holds no key: write one line of {2 * KEY_BYTES} hex digits into it (`openssl rand -hex {KEY_BYTES}`)."
        )
    return Keys(tuple(_parse_key(number, line) for number, line in lines))


def token(keys: Keys, purpose: str, digest: str, subscriber: int) -> str:
    """Like ``42.q83vEjRWeJASNFZ4kBI0Vg``: the subscriber's number and 22 characters that prove we wrote it."""
    return f"{subscriber}.{_mac(keys.keys[0], purpose, digest, subscriber)}"


def verify(keys: Keys, purpose: str, digest: str, token: str) -> int | None:
    """The subscriber a token was made for, or None. Takes as long for a nearly right token as for a wrong one."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    subscriber, given = int(match[1]), match[2]
    proofs = [hmac.compare_digest(_mac(key, purpose, digest, subscriber), given) for key in keys.keys]
    return subscriber if any(proofs) else None


def unsubscribe_url(app_url: str, keys: Keys, digest: str, subscriber: int) -> str:
    """One person's way out of one digest: ``{app_url}/u/{digest}/{token}``."""
    return unsubscribe_stem(app_url, digest) + token(keys, UNSUBSCRIBE, digest, subscriber)


def unsubscribe_stem(app_url: str, digest: str) -> str:
    """What all such links of a digest begin with; only a token is missing."""
    return f"{app_url.rstrip('/')}/u/{digest}/"


def proof(token: str) -> str:
    """What is kept of a random token: its SHA-256, by which it is known again and from which it cannot be made."""
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


def fingerprints(keys: Keys, address: str) -> tuple[str, ...]:
    """What is kept of an address that was erased: a keyed hash of it, however it is cased, by each key.

    The first one is kept; any of them tells the address again, also after a new key went on top.
    """
    signed = f"{ERASED}\0{address.strip().casefold()}".encode(errors="surrogatepass")
    return tuple(hmac.digest(key, signed, sha256)[:_MAC_BYTES].hex() for key in keys.keys)


def copy_url(app_url: str, digest: str) -> str:
    """The link in a test copy, which leads to an explanation and unsubscribes nobody."""
    return unsubscribe_stem(app_url, digest) + COPY


def _mac(key: bytes, purpose: str, digest: str, subscriber: int) -> str:
    # Purposes are ours and a number is digits, so whatever a link claims as its digest (NULs included),
    # two different triples never sign the same bytes.
    signed = f"{purpose}\0{digest}\0{subscriber}".encode(errors="surrogatepass")
    mac = hmac.digest(key, signed, sha256)[:_MAC_BYTES]
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")


def _parse_key(number: int, line: str) -> bytes:
    key = _decoded(line)
    if len(key) < KEY_BYTES:
        raise ConfigError(
            f"The key file, line {number}: expected {2 * KEY_BYTES} or more hex digits, or base64 of "
            f"{KEY_BYTES} or more bytes (`openssl rand -hex {KEY_BYTES}` writes one)."
        )
    return key


def _decoded(line: str) -> bytes:
    if _HEX.fullmatch(line):
        return bytes.fromhex(line)
    standard = line.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):  # ValueError: characters outside ASCII
        return b""
