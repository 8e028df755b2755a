"""DNS is really asked, and whatever a server does, an answer comes back that is a value."""

from __future__ import annotations

import pytest

from digest.doctor.answers import Answer, Kind
from digest.errors import ConfigError
from digest.net.dns import MOST, Dns
from name_server import BROKEN, SILENT, Zone, name_server, text_record

ZONE: Zone = {
    ("hollin.test", "A"): ["192.0.2.7", "192.0.2.8"],
    ("hollin.test", "MX"): ["20 second.hollin.test.", "10 first.hollin.test."],
    ("hollin.test", "TXT"): ['"v=spf1 " "-all"', '"something else"'],
    ("7.2.0.192.in-addr.arpa", "PTR"): ["mail.hollin.test."],
    ("alias.test", "CNAME"): ["hollin.test."],
    ("loop.test", "CNAME"): ["pool.test."],
    ("pool.test", "CNAME"): ["loop.test."],
    ("silent.test", "A"): SILENT,
    ("broken.test", "A"): BROKEN,
    ("long.test", "TXT"): [text_record("x" * 10_240, 20)],
    ("endless.test", "TXT"): [text_record("y" * 60_000)],
    ("many.test", "A"): [f"10.0.{number // 250}.{number % 250}" for number in range(300)],
}


@pytest.mark.parametrize(
    ("name", "kind", "records"),
    [
        ("hollin.test", Kind.MX, ("first.hollin.test", "second.hollin.test")),
        ("7.2.0.192.in-addr.arpa", Kind.PTR, ("mail.hollin.test",)),
        ("hollin.test", Kind.AAAA, ()),
        ("nowhere.test", Kind.A, ()),
        ("long.test", Kind.TXT, ("x" * 10_240,)),
        ("endless.test", Kind.TXT, ("y" * 16_384,)),
    ],
    ids=["the most wanted first", "a name", "none of this type", "no such name", "512 strings", "cut"],
)
def test_records_come_back_as_texts(name: str, kind: Kind, records: tuple[str, ...]) -> None:
    """Strings of one TXT are put together, by TCP where they are too long, up to a limit."""
    with name_server(ZONE) as server:
        assert Dns(server.address).look(name, kind) == Answer(records)


def test_an_alias_is_followed() -> None:
    """The records are those of the name it stands for; their order is the server's."""
    with name_server(ZONE) as server:
        dns = Dns(server.address)
        assert sorted(dns.look("alias.test", Kind.A).records) == ["192.0.2.7", "192.0.2.8"]
        assert set(dns.look("hollin.test", Kind.TXT).records) == {"v=spf1 -all", "something else"}


@pytest.mark.parametrize("name", ["loop.test", "silent.test", "broken.test", "x" * 70 + ".test", "a..b", ""])
def test_a_failure_is_an_answer_that_says_why(name: str) -> None:
    """Aliases in a ring, silence, a server's failure, and names that are none."""
    with name_server(ZONE) as server:
        answer = Dns(server.address, seconds=0.3).look(name, Kind.A)
    assert answer.records == ()
    assert answer.problem


def test_a_question_is_asked_once() -> None:
    """The same name in another spelling is the same question."""
    with name_server(ZONE) as server:
        dns = Dns(server.address)
        assert dns.look("hollin.test", Kind.A) is dns.look("Hollin.TEST.", Kind.A)
    assert len(server.questions) == 1


def test_records_and_look_ups_are_counted() -> None:
    """Whoever writes records cannot keep us asking, or fill our memory."""
    with name_server(ZONE) as server:
        dns = Dns(server.address)
        assert len(dns.look("many.test", Kind.A).records) == 100
        for number in range(MOST):
            answer = dns.look(f"{number}.test", Kind.A)
    assert answer.problem == f"more than {MOST} look-ups"
    assert len(server.questions) < MOST + 2


@pytest.mark.parametrize("text", ["hollin.test", "127.0.0.1:dns", "1.2.3", "127.0.0.1:99999"])
def test_a_server_is_named_by_its_address(text: str) -> None:
    """A name would have to be looked up first."""
    with pytest.raises(ConfigError, match=r"expected the address of a DNS server"):
        Dns(text)


@pytest.mark.parametrize("text", ["127.0.0.1", "::1", "[::1]:5353", "[::1]"])
def test_addresses_of_both_kinds_name_a_server(text: str) -> None:
    """With a port or without."""
    assert Dns(text).asked == 0
