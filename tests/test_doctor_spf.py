"""SPF as RFC 7208 has it, on records of invented domains: pure, with a table in the place of DNS."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

import pytest

from digest.doctor.answers import Answer, Kind, LookUp
from digest.doctor.macros import Mail, expanded
from digest.doctor.spf import LOOK_UPS, Result, Verdict, evaluate

Table = Mapping[tuple[str, str], str | list[str]]


def looking(table: Table) -> LookUp:
    """A table of (name, type) → records; a name that is not in it has none, ``!`` could not be asked."""

    def look(name: str, kind: Kind) -> Answer:
        found = table.get((name, kind.value), [])
        if found == "!":
            return Answer(problem="no answer in 5 s")
        return Answer((found,) if isinstance(found, str) else tuple(found))

    return look


def verdict(record: str, address: str = "192.0.2.7", **more: str | list[str]) -> Verdict:
    """What a record of hollin.test says; further records as ``name__TYPE``, ``_`` for ``.`` in names."""
    table: dict[tuple[str, str], str | list[str]] = {("hollin.test", "TXT"): record}
    for key, value in more.items():
        name, _, kind = key.partition("__")
        table[name.replace("_", "."), kind] = value
    return evaluate(ip_address(address), "news@hollin.test", looking(table))


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.7 -all", Result.PASS),
        ("v=spf1 +ip4:192.0.2.0/29 -all", Result.PASS),
        ("v=spf1 ip4:192.0.2.8 -all", Result.FAIL),
        ("v=spf1 ip4:192.0.2.8 ~all", Result.SOFTFAIL),
        ("v=spf1 ?all", Result.NEUTRAL),
        ("v=spf1", Result.NEUTRAL),
        ("V=SPF1 IP4:192.0.2.7", Result.PASS),
        ("v=spf1 ip6:2001:db8::/32 -all", Result.FAIL),
        ("v=spf10 ip4:192.0.2.7", Result.NONE),
        ("v=spf1 -ip4:192.0.2.7 all", Result.FAIL),
        ("v=spf1 future=word ip4:192.0.2.7", Result.PASS),
    ],
)
def test_the_first_mechanism_that_matches_decides(record: str, result: Result) -> None:
    """By its qualifier; unknown modifiers are passed over (section 6)."""
    assert verdict(record).result is result


@pytest.mark.parametrize(
    "wrong",
    [
        "ip4:192.0.2", "ip4:192.0.2.0/33", "ip4", "ip4:", "ip4:192.0.2.0//24", "ip6:2001:db8::/129", "all:x",
        "all/24", "include", "include:", "include:a.test/24", "exists", "ptr/24", "a:/33", "mx//129", "ipv4:1.2.3.4",
        "-", "redirect=a.test redirect=b.test", "a:%{z}.test", "a:%", "a:%{d0}", "ip6:192.0.2.7",
    ],
)  # fmt: skip
def test_a_mistake_anywhere_spoils_the_record(wrong: str) -> None:
    """Receivers treat it as no statement at all (section 4.6), even behind a mechanism that matches."""
    if "%" not in wrong:  # a macro is expanded when it is its turn
        assert verdict(f"v=spf1 ip4:192.0.2.7 {wrong} -all").result is Result.PERMERROR
    assert verdict(f"v=spf1 {wrong} -all").result is Result.PERMERROR


def test_two_records_are_none() -> None:
    """Section 4.5; other texts beside the one do not matter."""
    assert "2 SPF records" in verdict(["v=spf1 -all", "v=spf1 +all"]).why  # type: ignore[arg-type]
    both = looking({("hollin.test", "TXT"): ["site=1", "v=spf1 +all"]})
    assert evaluate(ip_address("192.0.2.7"), "a@hollin.test", both).result is Result.PASS


@pytest.mark.parametrize(
    ("record", "address"),
    [
        ("v=spf1 a -all", "192.0.2.7"),
        ("v=spf1 a/24 -all", "192.0.2.200"),
        ("v=spf1 a:%{d} -all", "192.0.2.7"),
        ("v=spf1 a//64 -all", "2001:db8::99"),
        ("v=spf1 a/8//64 -all", "2001:db8::99"),
        ("v=spf1 mx -all", "192.0.2.9"),
        ("v=spf1 ptr -all", "192.0.2.9"),
        ("v=spf1 exists:%{i}.list.test -all", "192.0.2.1"),
        ("v=spf1 include:other.test -all", "192.0.2.50"),
        ("v=spf1 redirect=other.test", "192.0.2.50"),
    ],
)
def test_each_mechanism_finds_its_address(record: str, address: str) -> None:
    """And none of them finds another one."""
    more: dict[str, str | list[str]] = {
        "hollin_test__A": ["192.0.2.7"],
        "hollin_test__AAAA": ["2001:db8::7"],
        "hollin_test__MX": ["mx.hollin.test"],
        "mx_hollin_test__A": "192.0.2.9",
        "9_2_0_192_in-addr_arpa__PTR": ["elsewhere.test", "mx.hollin.test"],
        "192_0_2_1_list_test__A": "127.0.0.2",
        "other_test__TXT": "v=spf1 ip4:192.0.2.50 -all",
    }
    assert verdict(record, address, **more).result is Result.PASS
    assert verdict(record, "198.51.100.1", **more).result is Result.FAIL


def test_a_record_that_asks_too_much_is_none() -> None:
    """Ten look-ups are allowed (section 4.6.4), and an include in a ring ends there."""
    ring = verdict("v=spf1 include:a.test -all", a_test__TXT="v=spf1 include:hollin.test -all")
    assert ring.result is Result.PERMERROR
    assert f"more than {LOOK_UPS} look-ups" in ring.why
    hosts = {f"h{number}_test__A": "198.51.100.1" for number in range(11)}
    ten = "v=spf1 " + " ".join(f"a:h{number}.test" for number in range(10)) + " -all"
    assert verdict(ten, **hosts).result is Result.FAIL
    assert verdict(ten).look_ups == 3
    assert verdict(ten.replace("-all", "a:h10.test -all"), **hosts).result is Result.PERMERROR


def test_a_record_that_finds_nothing_too_often_is_none() -> None:
    """Two look-ups may be in vain."""
    assert verdict("v=spf1 a:no.test a:none.test -all").result is Result.FAIL
    assert "find nothing" in verdict("v=spf1 a:no.test a:none.test a:never.test -all").why


@pytest.mark.parametrize(
    ("record", "more"),
    [
        ("v=spf1 include:none.test -all", {}),
        ("v=spf1 redirect=none.test", {}),
        ("v=spf1 mx -all", {"hollin_test__MX": [f"m{number}.test" for number in range(11)]}),
    ],
)
def test_what_leads_to_no_record_is_a_mistake(record: str, more: dict[str, str | list[str]]) -> None:
    """An include or redirect into nothing, and more MX than are allowed."""
    assert verdict(record, "192.0.2.7", **more).result is Result.PERMERROR


def test_silence_is_no_mistake_of_the_record() -> None:
    """Nothing is known then, and it is said of which name."""
    found = verdict("v=spf1 a:away.test -all", away_test__A="!")
    assert (found.result, "away.test A could not" in found.why) == (Result.TEMPERROR, True)
    assert (
        evaluate(ip_address("192.0.2.7"), "a@b.test", looking({("b.test", "TXT"): "!"})).result
        is Result.TEMPERROR
    )


def test_a_long_record_is_read_in_a_moment() -> None:
    """30,000 mechanisms, and a text that an impatient expression would turn over and over."""
    many = "v=spf1 " + "ip4:198.51.100.1 " * 30_000 + "-all"
    assert verdict(many).result is Result.FAIL
    assert verdict("v=spf1 a:" + "/1" * 30_000).result is Result.NEUTRAL


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("%{s}", "strong-bad@email.hollin.test"),
        ("%{o}", "email.hollin.test"),
        ("%{d4}", "email.hollin.test"),
        ("%{d2}", "hollin.test"),
        ("%{dr}", "test.hollin.email"),
        ("%{d2r}", "hollin.email"),
        ("%{l-}", "strong.bad"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.hollin.test"),
        ("%{L}%%%_%-", "strong-bad% %20"),
        ("%{h}", "mail.hollin.test"),
    ],
)
def test_macros_stand_for_parts_of_the_mail(text: str, name: str) -> None:
    """In the manner of the examples of section 7.4."""
    mail = Mail(ip_address("192.0.2.3"), "strong-bad@email.hollin.test", "mail.hollin.test")
    assert expanded(text, mail, "email.hollin.test") == name


def test_macros_write_an_ipv6_address_digit_by_digit() -> None:
    """Section 7.3; and a name that grows too long loses labels from the left."""
    mail = Mail(ip_address("2001:db8::cb01"), "a@hollin.test", "h")
    assert expanded("%{i}", mail, "d").startswith("2.0.0.1.0.d.b.8.0")
    assert len(expanded("%{d}." * 40 + "end", mail, "hollin.test")) <= 253
