"""DKIM signatures (RFC 6376), by RSA (rsa-sha256) and Ed25519 (RFC 8463): relaxed/relaxed, all of the body.

Every header is signed, List-Unsubscribe and its -Post among them (RFC 8058, section 4), and those by which a mail
could be turned into another one are signed once more than they are there, so that nobody can add a second one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from digest.errors import ConfigError, DigestError

HEADER = "DKIM-Signature"
RSA_BITS = 2048
ONCE_MORE = (
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "mime-version",
    "content-type",
    "list-unsubscribe",
    "list-unsubscribe-post",
)

_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII)
_SPACES = re.compile(rb"[ \t]+")
_LINE = 72

Key = RSAPrivateKey | Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, and where its public half stands: at ``selector._domainkey.domain`` in the DNS."""

    domain: str
    selector: str
    key: Key = field(repr=False)

    @property
    def name(self) -> str:
        """Of its record in the DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def algorithm(self) -> str:
        """As the tag a= names it."""
        return "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"


def signer(domain: str, selector: str, pem: bytes) -> Signer:
    """A signer from the PEM of its private key.

    Raises:
        ConfigError: it is no private key of RSA with 2048 bits or more, nor of Ed25519, or the selector is none.
    """
    check_selector(selector)
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(
            f"The DKIM key {selector} is no private key in PEM without a password: digest keys dkim {selector} makes one."
        ) from error
    if isinstance(key, Ed25519PrivateKey) or (isinstance(key, RSAPrivateKey) and key.key_size >= RSA_BITS):
        return Signer(domain.lower(), selector, key)
    raise ConfigError(
        f"The DKIM key {selector} is neither RSA with {RSA_BITS} bits or more nor Ed25519: digest keys dkim {selector} makes one."
    )


def check_selector(selector: str) -> None:
    """Whether a key may have this name.

    Raises:
        ConfigError: it is no name in the DNS.
    """
    if not _SELECTOR.fullmatch(selector):
        raise ConfigError(
            f"A DKIM selector is lower-case letters, digits and hyphens, at most 63, not {selector[:80]!r}."
        )


def record(signer: Signer) -> str:
    """What the DNS must say at ``signer.name``, as TXT (RFC 6376, section 3.6.1)."""
    public = signer.key.public_key()
    if isinstance(signer.key, RSAPrivateKey):
        kind, data = "rsa", public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        kind, data = "ed25519", public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k={kind}; p={base64.b64encode(data).decode('ascii')}"


# ── canonical forms (RFC 6376, sections 3.4.2 and 3.4.4) ─────────────────────────────────────────


def relaxed_header(name: str, value: bytes) -> bytes:
    """One header field, unfolded, without the line end."""
    unfolded = _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.strip().lower().encode() + b":" + unfolded


def relaxed_lines(piece: bytes) -> bytes:
    """Some lines of a body; a whole body has no empty lines at its end besides."""
    return _SPACES.sub(b" ", piece).replace(b" \r\n", b"\r\n")


def relaxed_body(body: bytes) -> bytes:
    """A whole body."""
    lines = relaxed_lines(body).rstrip(b"\r\n ")
    return lines + b"\r\n" if lines else b""


# ── signing ──────────────────────────────────────────────────────────────────────────────────────


def signature(signer: Signer, headers: Mapping[str, bytes], body_hash: bytes) -> bytes:
    """The DKIM-Signature header of a message, its line end included.

    Args:
        headers: relaxed, by their lower-case names, in the order in which they are signed.
        body_hash: SHA-256 of the relaxed body.
    """
    shown, relaxed = _template(signer, tuple(headers))
    body = binascii.b2a_base64(body_hash, newline=False)
    signed = b"\r\n".join((*headers.values(), relaxed + body + b"; b="))
    lines = _broken(base64.b64encode(_sign(signer.key, signed)).decode("ascii"))
    return b"%b%b;\r\n b=%b\r\n" % (shown, body, "\r\n ".join(lines).encode())


def _sign(key: Key, data: bytes) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.sign(data, PKCS1v15(), SHA256())
    return key.sign(sha256(data).digest())


@lru_cache(maxsize=64)
def _template(signer: Signer, names: Sequence[str]) -> tuple[bytes, bytes]:
    """The header up to the body's hash, and its relaxed form."""
    tags = [
        f"v=1; a={signer.algorithm}; c=relaxed/relaxed;",
        f"d={signer.domain}; s={signer.selector};",
        *_broken_names([*names, *ONCE_MORE]),
        "bh=",
    ]
    value = "\r\n ".join(tags).encode()
    return f"{HEADER}: ".encode() + value, relaxed_header(HEADER, value)


def _broken_names(names: Sequence[str]) -> Iterator[str]:
    """The tag h= on several lines; white space may stand around its colons."""
    line = "h="
    for position, name in enumerate(names):
        last = position == len(names) - 1
        if len(line) + len(name) + 1 > _LINE:
            yield line
            line = ""
        line += name + (";" if last else ":")
    yield line


def _broken(text: str) -> list[str]:
    return [text[start : start + _LINE] for start in range(0, len(text), _LINE)]


def signed(data: bytes, signers: Sequence[Signer]) -> bytes:
    """A whole message under the signatures of all keys; without a key as it was.

    Raises:
        DigestError: one of its headers stands there twice.
    """
    if not signers:
        return data
    head, _, body = data.partition(b"\r\n\r\n")
    headers: dict[str, bytes] = {}
    for line in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = line.partition(b":")
        key = name.decode("ascii", "replace").strip().lower()
        if key in headers:
            raise DigestError(f"A message with two headers {key} is not signed: nothing was sent.")
        headers[key] = relaxed_header(key, value)
    body_hash = sha256(relaxed_body(body)).digest()
    return b"".join(signature(each, headers, body_hash) for each in signers) + data
