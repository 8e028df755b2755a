"""DKIM as a receiver sees it (RFC 6376, RFC 8463): the keys in DNS, and whether the signatures of a message hold.

Nothing of it is shared with ``deliver.dkim``, which signs: a mistake there is seen here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from digest.doctor.answers import Answer, Kind, LookUp, tags

PublicKey = RSAPublicKey | Ed25519PublicKey

SHORTEST = 1024  # bits of an RSA key that receivers take at all (RFC 8301, section 3.2)
GOOD = 2048  # bits that they should have
_MOST = 10  # signatures of a message that are looked at

_SPACE = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_SIGNED = re.compile(rb"((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*", re.IGNORECASE)


def record_name(domain: str, selector: str) -> str:
    """Where the key of a selector stands."""
    return f"{selector}._domainkey.{domain}"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What stands in DNS under a selector: a key, or ``wrong`` says why there is none."""

    key: PublicKey | None = None
    wrong: str = ""
    testing: bool = False

    @property
    def bits(self) -> int:
        """Its strength, as that of an RSA key."""
        return self.key.key_size if isinstance(self.key, RSAPublicKey) else GOOD


def key_record(answer: Answer) -> KeyRecord:
    """Read the TXT record of a selector (section 3.6.1)."""
    if answer.problem:
        return KeyRecord(wrong=f"it could not be looked up: {answer.problem}")
    if not answer.records:
        return KeyRecord(wrong="there is no such record")
    if len(answer.records) > 1:
        return KeyRecord(wrong=f"there are {len(answer.records)} records instead of one")
    said = tags(answer.records[0])
    if said.get("v", "DKIM1") != "DKIM1" or "p" not in said:
        return KeyRecord(wrong=f"it is no DKIM key: {answer.records[0][:60]!r}")
    if not said["p"]:
        return KeyRecord(wrong="the key was withdrawn (p= is empty)")
    key = _public_key(said["p"], said.get("k", "rsa").lower())
    if isinstance(key, RSAPublicKey) and key.key_size < SHORTEST:
        return KeyRecord(wrong=f"a key of {key.key_size} bits is too short for receivers")
    flags = said.get("t", "").lower().split(":")
    return KeyRecord(key, "" if key else "what stands in p= is no key", testing="y" in flags)


def _public_key(text: str, kind: str) -> PublicKey | None:
    """The key that base64 in ``p=`` holds, or None; spaces in it mean nothing."""
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(data)
        key = load_der_public_key(data)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPublicKey) and kind == "rsa" else None


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of a message: whose it is, and ``wrong`` with why it does not hold, or ""."""

    domain: str
    selector: str
    wrong: str = ""


def signatures(data: bytes, look: LookUp) -> tuple[Signature, ...]:
    """The signatures that a message carries, each verified; the first ten of them."""
    head, _, body = data.partition(b"\r\n\r\n")
    fields = _fields(head)
    own = [field for field in fields if _name(field) == b"dkim-signature"]
    return tuple(_verified(field, fields, body, look) for field in own[:_MOST])


def _verified(signature: bytes, fields: Sequence[bytes], body: bytes, look: LookUp) -> Signature:
    said = tags(_FOLD.sub(b"", signature.partition(b":")[2]).decode("ascii", "replace"))
    domain, selector = said.get("d", ""), said.get("s", "")
    record = key_record(look(record_name(domain, selector), Kind.TXT)) if domain and selector else KeyRecord()
    wrong = _unreadable(said) or record.wrong or _changed_body(said, body)
    if not wrong and not (record.key and _holds(signature, said, fields, record.key)):
        wrong = "a signed header was changed, or the key in DNS is another one"
    return Signature(domain, selector, wrong)


def _unreadable(said: dict[str, str]) -> str:
    missing = [name for name in ("a", "b", "bh", "d", "h", "s") if not said.get(name)]
    if missing:
        return f"it lacks {', '.join(f'{name}=' for name in missing)}"
    if said["a"].lower() not in ("rsa-sha256", "ed25519-sha256"):
        return f"its algorithm is {said['a'][:30]!r}"
    if "l" in said:
        return "it covers only a part of the body (l=)"
    return ""


def _changed_body(said: dict[str, str], body: bytes) -> str:
    canonical = _relaxed_body(body) if _ways(said)[1] == "relaxed" else _simple_body(body)
    given = "".join(said["bh"].split())
    same = given == base64.b64encode(sha256(canonical).digest()).decode()
    return "" if same else "the body was changed on its way"


def _ways(said: dict[str, str]) -> tuple[str, str]:
    head, _, body = said.get("c", "simple/simple").lower().partition("/")
    return head, body or "simple"


def _holds(signature: bytes, said: dict[str, str], fields: Sequence[bytes], key: PublicKey) -> bool:
    canonical = _relaxed_field if _ways(said)[0] == "relaxed" else _simple_field
    signed = b"".join(canonical(field) + b"\r\n" for field in _chosen(said["h"], fields))
    name, _, value = signature.partition(b":")
    signed += canonical(name + b":" + _SIGNED.sub(rb"\1", value))
    try:
        given = base64.b64decode("".join(said["b"].split()), validate=True)
        if isinstance(key, RSAPublicKey):
            key.verify(given, signed, PKCS1v15(), SHA256())
        else:
            key.verify(given, sha256(signed).digest())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


def _chosen(names: str, fields: Sequence[bytes]) -> list[bytes]:
    """The fields that ``h=`` names, of several of one name the last one first (section 5.4.2)."""
    left: dict[bytes, list[bytes]] = {}
    for field in fields:
        left.setdefault(_name(field), []).append(field)
    wanted = (name.strip().lower().encode("ascii", "replace") for name in names.split(":"))
    return [left[name].pop() for name in wanted if left.get(name)]


# ── canonical forms (section 3.4) ────────────────────────────────────────────────────────────────


def _fields(head: bytes) -> list[bytes]:
    """The header fields, each with its folded lines."""
    return re.split(rb"\r\n(?![ \t])", head)


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower()


def _simple_field(field: bytes) -> bytes:
    return field


def _relaxed_field(field: bytes) -> bytes:
    name, _, value = field.partition(b":")
    return name.strip().lower() + b":" + _SPACE.sub(b" ", _FOLD.sub(b"", value)).strip()


def _simple_body(body: bytes) -> bytes:
    return _without_empty_end(body.split(b"\r\n")) or b"\r\n"


def _relaxed_body(body: bytes) -> bytes:
    return _without_empty_end([_SPACE.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")])


def _without_empty_end(lines: list[bytes]) -> bytes:
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
