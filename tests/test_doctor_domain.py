"""What the doctor says of a domain: pure, with a table in the place of DNS."""

from __future__ import annotations

import base64
from ipaddress import ip_address

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from digest.doctor import dmarc
from digest.doctor.answers import Answer, tags
from digest.doctor.check import Check, Level
from digest.doctor.domain import (
    Sender,
    SigningKey,
    bounce_check,
    dkim_checks,
    dmarc_checks,
    name_checks,
    spf_checks,
)
from digest.doctor.signatures import key_record
from test_doctor_spf import Table, looking

ADDRESS = ip_address("192.0.2.7")


def public_of(bits: int) -> str:
    key = generate_private_key(65_537, bits).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


PUBLIC, OTHER, WEAK = public_of(2_048), public_of(2_048), public_of(1_024)
KEY = SigningKey("hollin.test", "s1", f"v=DKIM1; k=rsa; p={PUBLIC}")
OWN = Sender("hollin.test", "news@hollin.test", (ADDRESS,), own=True, keys=(KEY,))


def said(checks: object) -> list[tuple[str, Level]]:
    return [(check.about, check.level) for check in checks]  # type: ignore[attr-defined]


# ── SPF ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("record", "own", "level"),
    [
        ("v=spf1 ip4:192.0.2.7 -all", True, Level.OK),
        ("v=spf1 -all", True, Level.FAILED),
        ("v=spf1 ~all", True, Level.FAILED),
        ("v=spf1 -all", False, Level.WARNING),
        ("v=spf1 +all", True, Level.WARNING),
        ("v=spf1 nonsense -all", False, Level.FAILED),
        ("v=spf1 include:hollin.test -all", False, Level.FAILED),
        ("", False, Level.FAILED),
        ("!", True, Level.WARNING),
    ],
)
def test_spf_is_told_by_what_follows_from_it(record: str, own: bool, level: Level) -> None:
    """Our own machine must be named; a provider may send from others than it listens on."""
    table: Table = {("hollin.test", "TXT"): record} if record else {}
    sender = Sender("hollin.test", "news@hollin.test", (ADDRESS,), own=own)
    (check,) = spf_checks(sender, looking(table))
    assert (check.level, bool(check.todo)) == (level, level is not Level.OK)


def test_a_record_is_tried_even_where_no_address_is_known() -> None:
    """A mistake in it is found, and the person is asked for the address."""
    sender = Sender("hollin.test", "news@hollin.test")
    (sound,) = spf_checks(sender, looking({("hollin.test", "TXT"): "v=spf1 -all"}))
    (wrong,) = spf_checks(sender, looking({("hollin.test", "TXT"): "v=spf1 ip4:x -all"}))
    assert (sound.level, "--address" in sound.todo, wrong.level) == (Level.WARNING, True, Level.FAILED)


def test_what_is_to_be_added_is_said_word_for_word() -> None:
    """With the record as it is now."""
    (check,) = spf_checks(OWN, looking({("hollin.test", "TXT"): "v=spf1 mx -all"}))
    assert check.todo == 'Add "ip4:192.0.2.7" to the record "v=spf1 mx -all".'


# ── DKIM ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("record", "level", "words"),
    [
        (f"v=DKIM1; k=rsa; p={PUBLIC}", Level.OK, "holds our key"),
        (f"p={PUBLIC[:50]} {PUBLIC[50:]}", Level.OK, "holds our key"),
        (f"v=DKIM1; p={OTHER}", Level.FAILED, "another key"),
        (f"v=DKIM1; t=y; p={PUBLIC}", Level.WARNING, "t=y"),
        ("v=DKIM1; p=", Level.FAILED, "withdrawn"),
        ("v=DKIM1; p=!!!", Level.FAILED, "no key"),
        ("v=DKIM1; k=ed25519; p=AAAA", Level.FAILED, "no key"),
        ("v=DKIM2; p=AAAA", Level.FAILED, "no DKIM key"),
        ("v=spf1 -all", Level.FAILED, "no DKIM key"),
        ("!", Level.FAILED, "could not be looked up"),
        ("", Level.FAILED, "no such record"),
        ([f"v=DKIM1; p={PUBLIC}", "v=DKIM1; p="], Level.FAILED, "2 records instead of one"),
    ],
)
def test_the_key_in_dns_must_be_the_one_on_the_disk(
    record: str | list[str], level: Level, words: str
) -> None:
    """And what is to be published is said whole."""
    table: Table = {("s1._domainkey.hollin.test", "TXT"): record} if record else {}
    (check,) = dkim_checks(OWN, looking(table))
    assert (check.level, words in check.found) == (level, True)
    assert level is not Level.FAILED or f"p={PUBLIC}" in check.todo


def test_a_weak_key_is_told() -> None:
    """1,024 bits still verify; receivers ask for 2,048."""
    sender = Sender("hollin.test", "a@hollin.test", keys=(SigningKey("hollin.test", "w", f"p={WEAK}"),))
    (check,) = dkim_checks(sender, looking({("w._domainkey.hollin.test", "TXT"): f"p={WEAK}"}))
    assert (check.level, "1024 bits" in check.found) == (Level.WARNING, True)


def test_keys_of_ed25519_are_read() -> None:
    """RFC 8463: 32 bytes as they are."""
    raw = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    record = key_record(Answer((f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}",)))
    assert (record.wrong, record.key is not None, record.bits) == ("", True, 2048)


def test_each_selector_is_looked_at_and_none_is_told() -> None:
    """While keys are rotated there are two."""
    two = Sender("hollin.test", "a@hollin.test", keys=(KEY, SigningKey("hollin.test", "s2", f"p={OTHER}")))
    table: Table = {("s1._domainkey.hollin.test", "TXT"): f"p={PUBLIC}"}
    assert said(dkim_checks(two, looking(table))) == [("DKIM", Level.OK), ("DKIM", Level.FAILED)]
    assert said(dkim_checks(Sender("a.test", "a@a.test"), looking({}))) == [("DKIM", Level.WARNING)]


# ── DMARC ────────────────────────────────────────────────────────────────────────────────────────


def policy_of(domain: str, table: Table) -> dmarc.Policy | None:
    return dmarc.policy(domain, dmarc.walk(domain, looking(table)))


def test_a_domain_without_a_record_has_its_organisations() -> None:
    """``sp=`` speaks of names below it."""
    table: Table = {
        ("_dmarc.hollin.test", "TXT"): "v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@hollin.test"
    }
    above, below = policy_of("hollin.test", table), policy_of("news.mill.hollin.test", table)
    assert above is not None
    assert below is not None
    assert (above.asks, below.asks, below.at) == ("reject", "quarantine", "hollin.test")
    assert policy_of("other.test", table) is None


@pytest.mark.parametrize(
    ("records", "organisation"),
    [
        ({}, "a.b.hollin.test"),
        ({"hollin.test": "v=DMARC1; p=none"}, "hollin.test"),
        ({"b.hollin.test": "v=DMARC1; p=none", "hollin.test": "v=DMARC1; p=none"}, "hollin.test"),
        ({"b.hollin.test": "v=DMARC1; p=none; psd=n", "hollin.test": "v=DMARC1; p=none"}, "b.hollin.test"),
        ({"hollin.test": "v=DMARC1; p=none; psd=y"}, "b.hollin.test"),
    ],
    ids=["none", "one", "the highest", "says that it is one", "one below a registry"],
)
def test_the_organisation_is_found_by_walking_up(records: dict[str, str], organisation: str) -> None:
    """No list of public suffixes is asked (draft-ietf-dmarc-dmarcbis, section 4.10)."""
    table = {(f"_dmarc.{name}", "TXT"): record for name, record in records.items()}
    walked = dmarc.walk("a.b.hollin.test", looking(table))
    assert dmarc.organisation("a.b.hollin.test", walked) == organisation


def test_a_walk_is_short_however_long_the_name_is() -> None:
    """Eight look-ups at most."""
    asked: list[str] = []

    def look(name: str, _kind: object) -> Answer:
        asked.append(name)
        return Answer()

    dmarc.walk(".".join("abcdefghijklmnopqrstuvwxyz") + ".hollin.test", look)
    assert len(asked) == 8
    assert asked[-1] == "_dmarc.test"


@pytest.mark.parametrize(
    ("record", "levels"),
    [
        ("v=DMARC1; p=none", [Level.OK, Level.OK]),
        ("v=DMARC1; p=loud", [Level.FAILED, Level.OK]),
        ("v=DMARC1; rua=mailto:a@hollin.test", [Level.FAILED, Level.OK]),
        ("v=DMARC1; p=none; p=reject", [Level.FAILED, Level.OK]),
        ("", [Level.FAILED, Level.OK]),
        ("!", [Level.WARNING, Level.OK]),
    ],
)
def test_a_policy_must_be_there_and_right(record: str, levels: list[Level]) -> None:
    """Large providers ask for one."""
    table: Table = {("_dmarc.hollin.test", "TXT"): record} if record else {}
    assert [check.level for check in dmarc_checks(OWN, looking(table))] == levels


@pytest.mark.parametrize(
    ("envelope", "key", "record", "level"),
    [
        ("a@bounces.hollin.test", "mail.hollin.test", "v=DMARC1; p=none", Level.OK),
        ("a@bounces.hollin.test", "mail.hollin.test", "v=DMARC1; p=none; aspf=s; adkim=s", Level.FAILED),
        ("a@relay.test", "relay.test", "v=DMARC1; p=none", Level.FAILED),
        ("a@relay.test", "hollin.test", "v=DMARC1; p=none; adkim=s", Level.OK),
        ("a@hollin.test", "", "v=DMARC1; p=none; aspf=s", Level.OK),
    ],
)
def test_dkim_or_spf_must_speak_for_the_domain_in_from(
    envelope: str, key: str, record: str, level: Level
) -> None:
    """Relaxed: of one organisation; strict: the same name (RFC 7489, section 3.1)."""
    keys = (SigningKey(key, "s1", f"p={PUBLIC}"),) if key else ()
    *_, check = dmarc_checks(
        Sender("hollin.test", envelope, keys=keys), looking({("_dmarc.hollin.test", "TXT"): record})
    )
    assert (check.about, check.level) == ("alignment", level)


# ── names ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("table", "level"),
    [
        (
            {("7.2.0.192.in-addr.arpa", "PTR"): "mail.hollin.test", ("mail.hollin.test", "A"): "192.0.2.7"},
            Level.OK,
        ),
        (
            {("7.2.0.192.in-addr.arpa", "PTR"): "mail.hollin.test", ("mail.hollin.test", "A"): "192.0.2.8"},
            Level.FAILED,
        ),
        ({("7.2.0.192.in-addr.arpa", "PTR"): "!"}, Level.WARNING),
        ({}, Level.FAILED),
    ],
)
def test_an_address_has_a_name_that_leads_back_to_it(table: Table, level: Level) -> None:
    """Receivers turn away machines without one; a provider's are its own business."""
    assert said(name_checks(OWN, looking(table))) == [("PTR", level)]
    assert said(name_checks(Sender("hollin.test", "a@hollin.test", (ADDRESS,)), looking(table))) == []


@pytest.mark.parametrize(
    ("table", "level"),
    [
        ({("hollin.test", "MX"): ["mx.hollin.test"]}, Level.OK),
        ({("hollin.test", "AAAA"): ["2001:db8::7"]}, Level.OK),
        ({("hollin.test", "MX"): [""]}, Level.FAILED),
        ({("hollin.test", "MX"): "!"}, Level.WARNING),
        ({}, Level.FAILED),
    ],
    ids=["MX", "an address", "a null MX", "silence", "nothing"],
)
def test_bounces_need_somewhere_to_go(table: Table, level: Level) -> None:
    """By an MX record, else by the domain's own address (RFC 5321, section 5.1)."""
    assert bounce_check(OWN, looking(table)).level is level


def test_a_check_is_one_line() -> None:
    """How it stands, what was found, what to do."""
    assert str(Check("SPF", Level.FAILED, "None.", "Add one.")) == "failed   SPF: None. → Add one."
    assert str(Check("disk", Level.OK, "Room.")) == "ok       disk: Room."


@pytest.mark.parametrize("text", ["a=1; a=2", "nonsense", "=1", "a=1; b"])
def test_a_list_of_tags_with_a_mistake_is_none(text: str) -> None:
    """RFC 6376, section 3.2."""
    assert tags(text) == {}


def test_tags_are_read_with_spaces_and_a_last_semicolon() -> None:
    """Names in lower case, values as they are."""
    assert tags(" V = DMARC1 ;p=none; ") == {"v": "DMARC1", "p": "none"}
