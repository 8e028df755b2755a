"""From where a request comes, whatever it says of itself, and how many sign-ups may come from there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.callers import PERIOD, SIGN_UPS, admitted, caller, network

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff:1::9", "2001:db8:1:200::/56"),
        ("[2001:db8:1:2ff:1::9]", "2001:db8:1:200::/56"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/56"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_address_belongs_to_a_network(address: str, expected: str) -> None:
    """However it is spelt; who changes the last digits is the same neighbour."""
    assert network(address) == expected


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["203.0.113.5, 192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["203.0.113.5", "192.0.2.1, 10.1.2.3"], "192.0.2.1"),
        ("::ffff:127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.5, nonsense, 10.1.2.3"], "10.1.2.3"),
        ("198.51.100.7", ["192.0.2.1"], "198.51.100.7"),
        ("198.51.100.7", ["127.0.0.1"], "198.51.100.7"),
    ],
)
def test_only_our_own_proxies_are_believed(peer: str, forwarded: list[str], expected: str) -> None:
    """From the end of what they wrote; what a caller puts before it counts for nothing."""
    assert caller(peer, forwarded, ("127.0.0.1", "10.0.0.0/8", "no network")) == expected


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=5))
def test_nothing_that_a_header_holds_is_an_error(peer: str, forwarded: list[str]) -> None:
    """Whatever it is, it ends in a network or in "unknown"."""
    assert network(caller(peer, forwarded, ("0.0.0.0/0", "::/0")))


@given(st.lists(st.timedeltas(timedelta(), timedelta(hours=4)), max_size=60))
def test_never_more_than_a_share_within_an_hour(offsets: list[timedelta]) -> None:
    """In whatever rhythm they come."""
    taken: list[datetime] = []
    times: tuple[datetime, ...] = ()
    for offset in sorted(offsets):
        counted = admitted(times, NOW + offset)
        if counted is not None:
            times = counted
            taken.append(NOW + offset)
    for moment in taken:
        assert sum(moment - PERIOD < each <= moment for each in taken) <= SIGN_UPS


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    """Sign-ups of the future do not count."""
    assert admitted([NOW + timedelta(days=1)] * SIGN_UPS, NOW) == (NOW,)
