"""The relay is really asked, and no message is begun."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest

from deliver_samples import mail_settings
from digest.deliver.smtp import Relay, relay
from digest.demo.inbox import Inbox
from digest.doctor.check import Check, Level
from digest.doctor.relay import is_own, leaves_from, relay_addresses, relay_checks, tls_check
from test_deliver_smtp import certificate, server_tls, trusting  # noqa: F401 - fixtures

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def looked_at(
    inbox: Inbox, context: ssl.SSLContext | None = None, password: str = "", **settings: object
) -> dict[str, Check]:
    known = relay(mail_settings(relay=inbox.smtp_url, **settings), password)
    return {check.about: check for check in relay_checks(known, datetime.now(UTC), context)}


def verbs(inbox: Inbox) -> list[str]:
    return [command.verb for command in inbox.commands]


def test_a_relay_is_asked_without_a_message(server_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:  # noqa: F811
    """Greeting, TLS, password, goodbye."""
    with Inbox(starttls=server_tls, login=("news", "right")) as inbox:
        found = looked_at(inbox, trusting, "right", username="news", starttls="required")
    assert [command for command in verbs(inbox) if command not in ("STARTTLS", "EHLO", "AUTH", "QUIT")] == []
    assert (found["relay"].level, "signs us in as news" in found["relay"].found) == (Level.OK, True)
    assert (found["TLS"].level, "ends in 1 days" in found["TLS"].found) == (Level.WARNING, True)


@pytest.mark.parametrize(
    ("settings", "password", "words"),
    [
        ({"username": "news"}, "wrong", "refused AUTH"),
        ({"starttls": "required"}, "", "offers no STARTTLS"),
    ],
)
def test_what_keeps_us_out_is_told_in_the_relays_words(
    settings: dict[str, object], password: str, words: str
) -> None:
    """And the exit code is 1."""
    with Inbox(login=("news", "right") if password else None) as inbox:
        found = looked_at(inbox, None, password, **settings)
    assert list(found) == ["relay"]
    assert (found["relay"].level, words in found["relay"].found) == (Level.FAILED, True)


def test_a_certificate_that_nobody_trusts_is_told(server_tls: ssl.SSLContext) -> None:  # noqa: F811
    """As sending would tell it."""
    with Inbox(tls=server_tls) as inbox:
        found = looked_at(inbox)
    assert "certificate that does not verify" in found["relay"].found


def test_nobody_at_home_is_told() -> None:
    """Nothing listens on port 1."""
    (check,) = relay_checks(Relay("127.0.0.1", 1, timeout=1), NOW)
    assert (check.about, check.level) == ("relay", Level.FAILED)


def test_a_relay_on_this_machine_needs_no_tls() -> None:
    """Nobody is in between."""
    with Inbox() as inbox:
        assert looked_at(inbox)["TLS"].level is Level.OK


@pytest.mark.parametrize(
    ("days", "starttls", "level"),
    [
        (60, "required", Level.OK),
        (60, "offered", Level.WARNING),
        (13, "required", Level.WARNING),
        (0, "required", Level.WARNING),
    ],
)
def test_a_certificate_is_told_before_it_ends(days: int, starttls: str, level: Level) -> None:
    """And that STARTTLS which is only offered can be taken out by whoever is in between."""
    ends = (NOW + timedelta(days=days, hours=1)).strftime("%b %d %H:%M:%S %Y GMT")
    known = Relay("relay.test", 587, starttls=starttls)  # type: ignore[arg-type]
    assert tls_check(known, {"notAfter": ends}, NOW, at_home=False).level is level


def test_mail_in_the_clear_is_told() -> None:
    """Passwords never go that way, but words do."""
    assert tls_check(Relay("relay.test", 25), {}, NOW, at_home=False).level is Level.WARNING


@pytest.mark.parametrize(
    ("host", "addresses", "own"),
    [
        ("localhost", ["127.0.0.1"], True),
        ("relay", ["10.0.0.4"], True),
        ("mail.hollin.test", ["1.1.1.1"], True),
        ("smtp.provider.test", ["1.1.1.1"], False),
        ("nothollin.test", ["1.1.1.1"], False),
        ("smtp.provider.test", [], False),
    ],
)
def test_a_relay_is_ours_at_home_or_under_our_name(host: str, addresses: list[str], own: bool) -> None:
    """A provider's addresses are its own business."""
    assert is_own(Relay(host, 25), tuple(map(ip_address, addresses)), "hollin.test") is own


def test_mail_leaves_from_public_addresses_only() -> None:
    """From a relay on this machine, by those of the machine; a private one says nothing to the world."""
    assert leaves_from(tuple(map(ip_address, ["1.1.1.1", "10.0.0.4"]))) == (ip_address("1.1.1.1"),)
    assert not any(address.is_loopback for address in leaves_from((ip_address("127.0.0.1"),)))


def test_the_name_of_a_relay_is_looked_up() -> None:
    """One that is unknown has no address, and is told when it is asked."""
    assert ip_address("127.0.0.1") in relay_addresses(Relay("127.0.0.1", 25))
    assert relay_addresses(Relay("nobody.invalid", 25)) == ()
