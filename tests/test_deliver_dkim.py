"""DKIM: what we sign is verified by others' programs, survives what relays do, and breaks by what nobody may do."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dkim as peer
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from dkim.canonicalization import Relaxed
from hypothesis import given
from hypothesis import strategies as st

from deliver_samples import NOW, PAGE, PLACEHOLDER, TEXT, rendering, sample_letterhead
from digest.deliver.dkim import (
    ONCE_MORE,
    Key,
    Signer,
    record,
    relaxed_body,
    relaxed_header,
    signed,
    signer,
)
from digest.deliver.findings import Severity
from digest.deliver.lint import findings
from digest.deliver.message import Stencil, stencil
from digest.errors import ConfigError, DigestError

PERL = Path(__file__).with_name("dkim_peers.pl")
RSA = Signer("example.org", "autumn", rsa.generate_private_key(65_537, 2048))
ED25519 = Signer("example.org", "winter", Ed25519PrivateKey.generate())
PERSIAN = "آب و مدرسه و پل " * 40


def record_of(name: bytes, timeout: int = 5) -> bytes:
    """The DNS of these tests."""
    found = {each.name: record(each) for each in (RSA, ED25519)}
    return found.get(name.decode().rstrip("."), "").encode()


def form(
    signers: tuple[Signer, ...] = (RSA,), page: str = PAGE, text: str = TEXT, subject: str = "Water"
) -> Stencil:
    head = replace(
        sample_letterhead(bounces="bounces@example.org", reply_to="editors@example.org"), signers=signers
    )
    return stencil(rendering(subject, page, text), head, NOW)


def copy(**values: str) -> bytes:
    return form(**values).letter(42, "reader@example.net", 7).data  # type: ignore[arg-type]


def verified(data: bytes, number: int = 0) -> bool:
    try:
        return bool(peer.DKIM(data).verify(idx=number, dnsfunc=record_of))
    except peer.DKIMException:
        return False


# ── what others say ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("subscriber", [1, 42, 123, 123_456_789_012])
@pytest.mark.parametrize(
    ("page", "text"),
    [
        (PAGE, TEXT),
        (PAGE.replace("</h1>", f"</h1>{PERSIAN}"), TEXT + PERSIAN),
        (PAGE, f"two  spaces, \ttabs \t\n\n.\n..dots\n\n{PLACEHOLDER}{PLACEHOLDER} {PLACEHOLDER}\n\n\n"),
        (PAGE.replace(PLACEHOLDER, "/"), "no personal link at all"),
    ],
    ids=["quoted-printable", "base64", "odd lines", "the same for everybody"],
)
def test_dkimpy_verifies_every_copy(page: str, text: str, subscriber: int) -> None:
    """Whatever the encoding, and however long the token in the middle of it."""
    data = form(page=page, text=text).letter(subscriber, "käthe@example.net", 7).data
    assert verified(data)


def test_two_keys_sign_one_mail() -> None:
    """RSA for everybody, Ed25519 (RFC 8463) beside it; the rules of a newsletter find nothing wrong."""
    message = form((RSA, ED25519)).letter(42, "reader@example.net", 7)
    assert message.data.count(b"DKIM-Signature:") == 2
    assert verified(message.data, 0)
    assert verified(message.data, 1)
    assert [
        found for found in findings(message.data, message.sender) if found.severity is Severity.ERROR
    ] == []


@pytest.mark.parametrize(
    "subject", ["Water", "Wasser für alle, und eine sehr lange Zeile, die gefaltet wird", "水と学校" * 20]
)
def test_mail_dkim_verifies_it(subject: str) -> None:
    """Debian's Mail::DKIM, which SpamAssassin and Amavis use."""
    if not _has_mail_dkim():
        pytest.skip("needs perl with Mail::DKIM: make mailservers")
    data = copy(subject=subject, text=TEXT + "trailing  \t\n.\n" + PERSIAN)
    said = subprocess.run(["perl", PERL, RSA.name, record(RSA)], input=data, capture_output=True, check=True)
    assert said.stdout == b"rsa-sha256 pass\n"


def _has_mail_dkim() -> bool:
    perl = shutil.which("perl")
    return (
        perl is not None
        and subprocess.run([perl, "-MMail::DKIM::Verifier", "-e", "1"], capture_output=True).returncode == 0
    )


# ── what may happen on the way, and what may not ─────────────────────────────────────────────────


@pytest.mark.parametrize(
    "relay",
    [
        lambda data: b"Received: from [192.0.2.1]\r\n\tby mx.example.net\r\n" + data,
        lambda data: data.replace(b"Subject: Water", b"SUBJECT:   Water  "),
        lambda data: data.replace(b"List-Id: The Lowland", b"List-Id: The\r\n\t Lowland"),
        lambda data: data.replace(b"The Lowland Weekly\r\n\r\n", b"The  Lowland\tWeekly  \r\n\r\n"),
        lambda data: data + b"\r\n\r\n",
    ],
    ids=[
        "a header on top",
        "letter case and spaces",
        "folded anew",
        "spaces in lines",
        "empty lines at the end",
    ],
)
def test_what_relays_do_is_forgiven(relay: Callable[[bytes], bytes]) -> None:
    """The relaxed forms are for this."""
    data = relay(copy())
    assert data != copy()
    assert verified(data)


@pytest.mark.parametrize(
    "forge",
    [
        lambda data: data.replace(b"Subject: Water", b"Subject: Win"),
        lambda data: data.replace(b"https://blog.example.org", b"https://evil.example.org"),
        lambda data: data.replace(b"To: reader@", b"To: victim@"),
        lambda data: data.replace(b"List-Unsubscribe: <https://app", b"List-Unsubscribe: <https://evil"),
        lambda data: data.replace(b"List-Unsubscribe-Post: ", b"List-Unsubscribe-Post: x"),
        lambda data: re.sub(rb"X-Digest-Delivery: d7", b"X-Digest-Delivery: d8", data),
        lambda data: data + b"more\r\n",
        *(
            lambda data, name=name: f"{name}: x\r\n".encode() + data
            for name in (
                "From",
                "To",
                "Cc",
                "Subject",
                "Reply-To",
                "Content-Type",
                "List-Unsubscribe",
                "List-Unsubscribe-Post",
            )
        ),
    ],
)
def test_what_nobody_may_do_breaks_it(forge: Callable[[bytes], bytes]) -> None:
    """Another subject, link or recipient, more text, and a second header of those that tell what a mail is."""
    assert forge(copy()) != copy()
    assert not verified(forge(copy()))


def test_every_header_is_signed_and_the_grave_ones_once_more() -> None:
    """RFC 8058, section 4 asks for both List-Unsubscribe headers."""
    head = copy().partition(b"\r\n\r\n")[0].decode()
    unfolded = re.sub(r"\r\n\s+", "", head)
    names = re.search(r"h=([^;]+);", unfolded)
    assert names is not None
    there = [line.partition(":")[0].lower() for line in unfolded.split("\r\n")][1:]
    assert sorted(names[1].split(":")) == sorted([*there, *ONCE_MORE])
    assert all(len(line) <= 78 for line in head.partition("\r\nFrom:")[0].split("\r\n"))


def test_the_same_row_is_signed_alike_every_time() -> None:
    """PKCS #1 v1.5 and Ed25519 leave nothing to chance, so a retry sends the same bytes."""
    both = form((RSA, ED25519))
    assert both.letter(42, "reader@example.net", 7) == both.letter(42, "reader@example.net", 7)


# ── any message ──────────────────────────────────────────────────────────────────────────────────


def test_a_message_from_elsewhere_can_be_signed() -> None:
    """Confirmations and notices are made one by one."""
    data = b"From: a@example.org\r\nSubject: x\r\n\ty\r\n\r\nA body \t\r\n.\r\n\r\n\r\n"
    assert verified(signed(data, (RSA,)))
    assert signed(data, ()) == data
    assert verified(signed(b"From: a@example.org\r\n\r\n", (RSA,)))


def test_a_message_with_a_header_twice_is_not_signed() -> None:
    """Nobody could say which of them the signature means."""
    with pytest.raises(DigestError, match="two headers subject is not signed"):
        signed(b"From: a@example.org\r\nSubject: x\r\nSUBJECT: y\r\n\r\n", (RSA,))


LINES = st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b".", b"=", "ü".encode()]), max_size=40).map(
    b"".join
)


@given(LINES)
def test_a_body_is_relaxed_as_dkimpy_relaxes_it(body: bytes) -> None:
    """RFC 6376, section 3.4.4, on any mixture of spaces and line ends."""
    whole = body + b"\r\n"
    assert relaxed_body(whole) == Relaxed.canonicalize_body(whole)


@given(st.text("aB \t:", max_size=20), st.booleans())
def test_a_header_is_relaxed_as_dkimpy_relaxes_it(value: str, is_folded: bool) -> None:
    """RFC 6376, section 3.4.2."""
    written = (value.replace(":", "\r\n ") if is_folded else value).encode() + b"\r\n"
    ((name, relaxed),) = Relaxed.canonicalize_headers([(b"SubJect", written)])
    assert relaxed_header("SubJect", written) + b"\r\n" == name + b":" + relaxed


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────


def pem(key: Key | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_a_signer_is_read_from_its_key() -> None:
    """The record of it is that of the same key."""
    read = signer("Example.ORG", "autumn", pem(RSA.key))
    assert (read.name, record(read)) == ("autumn._domainkey.example.org", record(RSA))
    assert record(read).startswith("v=DKIM1; k=rsa; p=MII")
    assert record(signer("example.org", "winter", pem(ED25519.key))).startswith("v=DKIM1; k=ed25519; p=")


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (b"", "no private key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key in PEM"),
        (pem(rsa.generate_private_key(65_537, 1024)), "neither RSA with 2048 bits or more nor Ed25519"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither RSA with 2048 bits or more nor Ed25519"),
    ],
    ids=["nothing", "garbage", "a short one", "another kind"],
)
def test_a_key_that_cannot_sign_says_what_to_do(key: bytes, sentence: str) -> None:
    """It is found when the settings are read, and its bytes are not shown."""
    with pytest.raises(ConfigError, match=sentence) as caught:
        signer("example.org", "autumn", key)
    assert "digest keys dkim autumn" in str(caught.value)


@pytest.mark.parametrize("selector", ["", "Autumn", "a_b", "-a", "a..b", "ü", "a" * 64, "../x"])
def test_a_selector_is_a_name_in_the_dns(selector: str) -> None:
    """It is the name of a file as well."""
    with pytest.raises(ConfigError, match="DKIM selector"):
        signer("example.org", selector, pem(RSA.key))


def test_a_key_is_in_no_representation() -> None:
    """A letterhead is logged and compared; its keys are not."""
    assert "key" not in repr(RSA).lower().replace("domainkey", "")
