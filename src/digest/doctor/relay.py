"""The relay as it answers: whether it lets us in, how well the line is kept from others, and from where mail leaves."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from digest.deliver.smtp import BlockingSmtp, Relay
from digest.doctor.answers import Address, is_below
from digest.doctor.check import Check, failed, ok, warning
from digest.errors import RelayError
from digest.net.guard import is_public, system_resolver

PATIENCE = 20.0  # seconds for each answer; a send waits for minutes
SOON = timedelta(days=14)  # before it ends, a certificate that renews itself has been renewed

# UDP to them sends nothing, but tells from which address we would (RFC 5737, RFC 3849).
_FAR_AWAY = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def relay_checks(relay: Relay, now: datetime, context: ssl.SSLContext | None = None) -> Iterator[Check]:
    """Connect, greet, start TLS and sign in, and hand over nothing."""
    try:
        with BlockingSmtp(replace(relay, timeout=min(relay.timeout, PATIENCE)), context) as smtp:
            certificate, offers = smtp.certificate, smtp.offers
    except RelayError as error:
        yield failed("relay", str(error), "No mail leaves before that.")
        return
    signed_in = f" and signs us in as {relay.username}" if relay.username else ""
    yield ok("relay", f"{relay} answers{signed_in}; it offers {', '.join(sorted(offers)) or 'nothing'}.")
    yield tls_check(relay, certificate, now, at_home=_at_home(relay))


def tls_check(relay: Relay, certificate: Mapping[str, object], now: datetime, *, at_home: bool) -> Check:
    """How well the line to a relay is kept; ``certificate`` as ``ssl`` gives it, empty without TLS."""
    ends = str(certificate.get("notAfter", ""))
    if not certificate:
        if at_home:
            return ok("TLS", "none, and the relay is on this machine.")
        todo = 'Use smtps://, or a relay that offers STARTTLS, and set starttls = "required".'
        return warning("TLS", f"mail goes to {relay} in the clear.", todo)
    left = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) - now
    if left < SOON:
        return warning(
            "TLS", f"the certificate of {relay.host} ends in {left.days} days.", "See that it is renewed."
        )
    if not relay.tls and relay.starttls == "offered":
        todo = 'Set [mail] starttls = "required", so that nobody on the way can take it out.'
        return warning("TLS", f"{relay.host} has a certificate that verifies, but could go without.", todo)
    return ok("TLS", f"the certificate of {relay.host} verifies, for another {left.days} days.")


def _at_home(relay: Relay) -> bool:
    return any(address.is_loopback for address in relay_addresses(relay))


# ── from where mail leaves ───────────────────────────────────────────────────────────────────────


def relay_addresses(relay: Relay) -> tuple[Address, ...]:
    """The addresses of the relay's name; none where it is unknown."""
    try:
        return tuple(ip_address(text.partition("%")[0]) for text in system_resolver(relay.host, relay.port))
    except (OSError, UnicodeError):
        return ()


def is_own(relay: Relay, found: tuple[Address, ...], from_domain: str) -> bool:
    """Whether the relay is ours: on this machine, in our network, or under our domain."""
    return is_below(relay.host, from_domain) or any(not is_public(address) for address in found)


def leaves_from(found: tuple[Address, ...]) -> tuple[Address, ...]:
    """The public addresses from which mail leaves a relay with these; for one on this machine, the machine's."""
    at_home = any(address.is_loopback for address in found)
    return tuple(address for address in (_own_addresses() if at_home else found) if is_public(address))


def _own_addresses() -> tuple[Address, ...]:
    found = []
    for family, far in _FAR_AWAY:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as unsent:
                unsent.connect((far, 9))
                found.append(ip_address(str(unsent.getsockname()[0]).partition("%")[0]))
        except OSError:  # no way into that internet
            continue
    return tuple(found)
