"""From where a request comes, and how many sign-ups may come from there.

A network is what one household or office has: 256 addresses of IPv4 (/24), or what a provider gives to one customer
of IPv6 (/56). Only it is remembered, for an hour, and no address.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta

SIGN_UPS = 5
PERIOD = timedelta(hours=1)
_IPV4_PREFIX, _IPV6_PREFIX = 24, 56
_MOST_HOPS = 20
_NOWHERE = "unknown"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def caller(peer: str, forwarded: Sequence[str], proxies: Sequence[str]) -> str:
    """Who asks: ``peer``, or whom our own proxies name in X-Forwarded-For.

    Read from its end, where our proxy wrote: the first address that is no proxy of ours. What stands before it is
    the caller's own word and counts for nothing, as the whole header does where ``peer`` is no proxy of ours.

    Args:
        peer: the address of the connection.
        forwarded: the values of X-Forwarded-For, as they came.
        proxies: ``[serve] proxies``: addresses and networks.
    """
    named = [part.strip() for value in forwarded for part in value.split(",")]
    present = peer
    for hop in reversed(named[-_MOST_HOPS:]):
        if not _is_ours(present, proxies) or _address(hop) is None:
            break
        present = hop
    return present


def network(address: str) -> str:
    """The network that an address belongs to: ``192.0.2.0/24``, ``2001:db8:1:200::/56``; "unknown" where it is none."""
    found = _address(address)
    if found is None:
        return _NOWHERE
    prefix = _IPV4_PREFIX if found.version == 4 else _IPV6_PREFIX
    return str(ipaddress.ip_network((int(found), prefix), strict=False))


def admitted(times: Sequence[datetime], now: datetime) -> tuple[datetime, ...] | None:
    """The sign-ups of a network that count, with one more now; None where it has had its share of this hour."""
    recent = tuple(time for time in times if now - PERIOD < time <= now)
    return None if len(recent) >= SIGN_UPS else (*recent, now)


def _is_ours(address: str, proxies: Sequence[str]) -> bool:
    found = _address(address)
    return found is not None and any(_within(found, proxy) for proxy in proxies)


def _within(address: Address, proxy: str) -> bool:
    try:
        return address in ipaddress.ip_network(proxy, strict=False)
    except ValueError:
        return False


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
