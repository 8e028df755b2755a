"""What a relay does to a message is seen by comparing; signatures are made by dkimpy and read by us."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from digest.doctor.answers import LookUp
from digest.doctor.arrival import arrival_checks
from digest.doctor.check import Check, Level
from digest.doctor.signatures import signatures
from test_doctor_spf import looking

dkim = pytest.importorskip("dkim", reason="needs dkimpy")

_RSA = generate_private_key(65_537, 2_048)
PEM = _RSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
PUBLIC = base64.b64encode(
    _RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
LOOK: LookUp = looking({("s1._domainkey.hollin.test", "TXT"): f"v=DKIM1; k=rsa; p={PUBLIC}"})
SENDER = "news+d7@hollin.test"

HEADERS = (
    "From: The Hollin Weekly <news@hollin.test>",
    "To: ada@example.org",
    "Subject: The Hollin Weekly: probe 0123456789ab =?utf-8?q?=C3=A4?=",
    "Date: Sun, 22 Nov 2026 09:00:00 +0000",
    "Message-ID: <weekly.1@hollin.test>",
    "List-Id: <weekly.hollin.test>",
    "List-Unsubscribe: <https://hollin.test/u/weekly/test>",
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    "MIME-Version: 1.0",
    'Content-Type: multipart/alternative; boundary="=_b"',
)
BODY = (
    "--=_b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe well  is dry. \r\n\r\n"
    "--=_b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    '<p><a href="https://hollin.test/well">The well</a> <img src="https://hollin.test/a.jpg" alt="A"></p>\r\n'
    "--=_b--\r\n\r\n\r\n"
)
LEFT = ("\r\n".join(HEADERS) + "\r\n\r\n" + BODY).encode()


def signed(data: bytes = LEFT, way: bytes = b"relaxed", **more: object) -> bytes:
    """The message with a signature of hollin.test, by dkimpy."""
    signature: bytes = dkim.sign(
        data,
        b"s1",
        b"hollin.test",
        PEM,
        canonicalize=(way, way),
        include_headers=[b"from", b"subject"],
        **more,
    )
    return signature + data


def arrived(data: bytes, *, path: str = SENDER) -> bytes:
    """As a mailbox keeps it: a Return-Path, a Received, and the line ends of its system."""
    head = f"Return-Path: <{path}>\r\nReceived: from relay.test by mx.example.org; Sun, 22 Nov 2026 09:00:02 +0000\r\n"
    return (head.encode() + data).replace(b"\r\n", b"\n")


def levels(received: bytes, look: LookUp = LOOK) -> dict[str, Level]:
    return {check.about: check.level for check in compared(received, look)}


def compared(received: bytes, look: LookUp = LOOK) -> list[Check]:
    return list(arrival_checks(signed(), received, SENDER, look))


def test_what_arrives_as_it_left_is_right_in_everything() -> None:
    """Headers of the way on top do not matter."""
    assert set(levels(arrived(signed())).values()) == {Level.OK}


@pytest.mark.parametrize(
    ("change", "about", "level"),
    [
        ((b"https://hollin.test/well", b"https://click.relay.test/x/9"), "links", Level.FAILED),
        ((b"</p>", b'<img src="https://open.relay.test/1.gif" width="1"></p>'), "pixel", Level.FAILED),
        ((b"The well  is dry.", b"The well is dry.\nSent by relay.test"), "text", Level.WARNING),
        (
            (b"Message-ID: <weekly.1@hollin.test>", b"Message-ID: <77@relay.test>"),
            "Message-ID",
            Level.WARNING,
        ),
        ((b"Subject: The", b"Subject: [spam?] The"), "headers", Level.FAILED),
        ((b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\n", b""), "headers", Level.FAILED),
        ((b"<https://hollin.test/u/weekly/test>", b"<https://relay.test/u/1>"), "headers", Level.FAILED),
        ((SENDER.encode(), b"bounce@relay.test"), "envelope", Level.WARNING),
        ((b"Return-Path: <" + SENDER.encode() + b">\n", b""), "envelope", Level.WARNING),
    ],
)
def test_each_change_is_seen_under_its_name(change: tuple[bytes, bytes], about: str, level: Level) -> None:
    """And says what to do."""
    found = [check for check in compared(arrived(signed()).replace(*change)) if check.about == about]
    assert [check.level for check in found] == [level]
    assert found[0].todo


def test_a_header_written_in_another_way_is_no_change() -> None:
    """Folded elsewhere, or its words encoded otherwise."""
    other = arrived(LEFT).replace(
        b"probe 0123456789ab =?utf-8?q?=C3=A4?=", b"probe\n 0123456789ab =?UTF-8?B?w6Q=?="
    )
    assert levels(other)["headers"] is Level.OK


def test_bodies_in_another_encoding_are_compared_by_what_they_say() -> None:
    """Relays turn quoted-printable into base64 and back."""
    head, _, rest = LEFT.decode().partition("\r\n\r\nThe well  is dry. \r\n")
    packed = base64.encodebytes(b"The well  is dry.\r\n").decode()
    turned = f"{head}\r\nContent-Transfer-Encoding: base64\r\n\r\n{packed}{rest}".encode()
    found = levels(arrived(turned))
    assert (found["text"], found["links"]) == (Level.OK, Level.OK)


# ── signatures ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", [b"relaxed", b"simple"])
@pytest.mark.parametrize(
    "data",
    [
        LEFT,
        LEFT + b"\r\n\r\n",
        b"From: a@hollin.test\r\nSubject:  x \r\n\t y\r\n\r\n",
        LEFT.replace(b" is ", b" \t is  "),
    ],
    ids=["a message", "empty lines at its end", "no body", "odd spaces"],
)
def test_signatures_of_another_program_hold(data: bytes, way: bytes) -> None:
    """Both canonical forms of RFC 6376, section 3.4."""
    (found,) = signatures(signed(data, way), LOOK)
    assert (found.domain, found.selector, found.wrong) == ("hollin.test", "s1", "")


def test_ed25519_holds_too() -> None:
    """RFC 8463; the canonical form of this message is written by hand."""
    key = Ed25519PrivateKey.generate()
    hashed = base64.b64encode(sha256(b"x\r\n").digest()).decode()
    value = f"v=1; a=ed25519-sha256; c=relaxed/relaxed; d=hollin.test; s=e; h=from; bh={hashed}; b="
    proof = key.sign(sha256(f"from:a@hollin.test\r\ndkim-signature:{value}".encode()).digest())
    message = f"DKIM-Signature: {value}{base64.b64encode(proof).decode()}\r\nFrom: a@hollin.test\r\n\r\nx\r\n"
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    look = looking({("e._domainkey.hollin.test", "TXT"): f"v=DKIM1; k=ed25519; p={public}"})
    assert [each.wrong for each in signatures(message.encode(), look)] == [""]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ((b"The well  is dry", b"The well is wet"), "the body was changed"),
        ((b"Subject: The", b"Subject: A"), "a signed header was changed"),
        ((b"d=hollin.test", b"d=other.test"), "there is no such record"),
        ((b"a=rsa-sha256", b"a=rsa-sha1"), "its algorithm is 'rsa-sha1'"),
        ((b"bh=", b"xx="), "it lacks bh="),
        ((b" c=relaxed/relaxed;", b" c=relaxed/relaxed; l=20;"), "only a part of the body"),
        ((b"; s=s1", b""), "it lacks s="),
    ],
)
def test_a_signature_that_does_not_hold_says_why(change: tuple[bytes, bytes], why: str) -> None:
    """A person has to know who changed what."""
    (found,) = signatures(
        signed().replace(*change, 1) if b"Subject" not in change[0] else _resubjected(change), LOOK
    )
    assert why in found.wrong


def _resubjected(change: tuple[bytes, bytes]) -> bytes:
    head, mark, rest = signed().partition(b"From: The")
    return head + mark + rest.replace(*change, 1)


def test_a_signature_by_another_key_does_not_hold() -> None:
    """Control: the key in DNS decides, and not the one who says so."""
    other = generate_private_key(65_537, 2_048).public_key()
    public = base64.b64encode(other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    look = looking({("s1._domainkey.hollin.test", "TXT"): f"p={public}"})
    assert signatures(signed(), look)[0].wrong


@pytest.mark.parametrize(
    ("received", "found"),
    [
        (arrived(LEFT), "no signature arrived"),
        (arrived(signed()).replace(b"The well  is dry", b"Dry"), "no signature of hollin.test holds"),
    ],
)
def test_somebody_has_to_vouch_for_our_domain(received: bytes, found: str) -> None:
    """A relay's own signature, of its own domain, is not enough for DMARC."""
    assert [check.found for check in compared(received) if check.level is Level.FAILED][-1].startswith(found)


@pytest.mark.parametrize(
    ("header", "level"),
    [
        ("mx.example.org; spf=pass smtp.mailfrom=x; dkim=pass header.d=hollin.test; dmarc=pass", Level.OK),
        ("mx.example.org; spf=softfail; dkim=pass", Level.WARNING),
        ("mx.example.org; none", None),
    ],
)
def test_the_receivers_own_word_is_told(header: str, level: Level | None) -> None:
    """Only that of the first header: further ones were there before, and anybody may have written them."""
    forged = f"Authentication-Results: {header}\nAuthentication-Results: mx; spf=fail\n".encode()
    assert levels(forged + arrived(signed())).get("receiver") is level


JUNK: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no head": lambda: b"\r\n\r\n" + b"x" * 1000,
    "only spaces": lambda: b"DKIM-Signature: " + b" " * 500_000,
    "blank lines": lambda: LEFT + b"\r\n" * 200_000 + b"x",
    "semicolons": lambda: b"DKIM-Signature: " + b"b=;" * 100_000 + b"\r\n\r\n",
    "many signatures": lambda: (
        b"DKIM-Signature: a=rsa-sha256; d=hollin.test; s=s1; h=from; b=AA; bh=AA\r\n" * 5_000 + LEFT
    ),
    "bytes": lambda: bytes(range(256)) * 400,
    "half an encoded word": lambda: b"Subject: =?utf-8?b?!!!?=\r\nFrom: =?x?q?=\r\n\r\n",
}


@pytest.mark.parametrize("name", JUNK)
def test_junk_is_told_in_a_moment(name: str) -> None:
    """Whatever is in the file, there are checks, and the work is small."""
    begun = time.thread_time()
    assert compared(arrived(JUNK[name]()))
    assert time.thread_time() - begun < 5
