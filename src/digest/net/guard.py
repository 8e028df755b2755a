"""Which addresses may be contacted: public ones, and what the operator names as ``host:port``.

A feed's address, and every redirect, is written by strangers; without a guard it may point into our own
network (CWE-918, server-side request forgery). The decision falls at connect time: the name is resolved
once, every answer is checked, and the connection goes to the address that was checked. So it does not
matter how the host was spelled, or what the name resolves to a second later.
"""

from __future__ import annotations

import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from digest.errors import FetchError

Address = IPv4Address | IPv6Address
Endpoint = tuple[str, int]  # (host, lower case and without brackets; port)
Resolver = Callable[[str, int], Sequence[str]]  # a name and a port → addresses as text

PUBLIC_PORTS = frozenset({80, 443, 8080, 8443})

_PER_ADDRESS = 10.0  # seconds to connect to one of several addresses before the next one is tried
_MAX_ADDRESSES = 16  # that are tried; all are checked

# The IANA special-purpose registries (RFC 6890) and what tunnels or embeds another address. An explicit
# list, because ``ipaddress.is_global`` says True for 224/4, 192.88.99/24, 2002::/16 and 3fff::/20.
_NOT_PUBLIC_4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Only 2000::/3 is handed out as global unicast. Everything else falls with it: ::1, IPv4-mapped and
# -compatible, NAT64 (64:ff9b::), fc00::/7, fe80::/10, fec0::/10, multicast.
_GLOBAL_6 = ip_network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ip_network(text)
    for text in (
        "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)

# A last label that is a number makes the whole host an IPv4 address in some spelling (WHATWG URL, §3.5).
_NUMERIC_LABEL = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")


def is_public(address: Address) -> bool:
    """Whether an address is one that anybody on the internet may contact."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _GLOBAL_6 and not any(address in network for network in _NOT_PUBLIC_6)


def endpoint(text: str) -> Endpoint:
    """Read ``host:port``, ``127.0.0.1:8000`` or ``[::1]:8000``.

    Raises:
        ValueError: the text is no host and port; its sentence says what is expected.
    """
    host, _, port = text.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]").lower()
    if not (_literal(host) or _NAME.fullmatch(host)) or not re.fullmatch(r"[0-9]{1,5}", port):
        raise ValueError(f"expected host:port, for example 127.0.0.1:8000, got {text!r}")
    if not 0 < int(port) < 65536:
        raise ValueError(f"expected a port from 1 to 65535, got {text!r}")
    return host, int(port)


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Every address that this machine's resolver has for a name.

    Raises:
        OSError, UnicodeError: there is none, or the name is none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides which endpoints may be contacted, and opens connections to those only.

    ``allow`` are endpoints that may be contacted although private or on another port; ``ports`` are the
    ports that a public address may be contacted on.
    """

    allow: frozenset[Endpoint] = frozenset()
    ports: frozenset[int] = PUBLIC_PORTS
    resolver: Resolver = field(default=system_resolver, repr=False)

    @classmethod
    def of(cls, allow: Iterable[str], ports: Iterable[int] = PUBLIC_PORTS) -> Guard:
        """A guard from texts such as ``127.0.0.1:8000``.

        Raises:
            ValueError: one of them is no ``host:port``.
        """
        return cls(frozenset(endpoint(text) for text in allow), frozenset(ports))

    def check(self, host: str, port: int, timeout: float) -> tuple[Address, ...]:
        """The addresses of ``host``, all of them fit to be contacted; looked up within ``timeout`` seconds.

        Raises:
            FetchError: the host is oddly spelled, has no address, or one that must not be contacted.
        """
        host = host.removeprefix("[").removesuffix("]").removesuffix(".").lower()
        literal = _literal(host)
        if not literal:
            _refuse_odd_spelling(host)
        addresses = (literal,) if literal else self._look_up(host, port, timeout)
        for address in addresses:
            self._refuse(host, address, port)
        return addresses[:_MAX_ADDRESSES]

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """An open TCP connection to a checked address of ``host``, within ``timeout`` seconds.

        Raises:
            FetchError: it must not be contacted, or cannot be reached.
        """
        ends = time.monotonic() + timeout
        why = "it took too long"
        for address in self.check(host, port, timeout):
            left = ends - time.monotonic()
            if left <= 0:
                break
            try:
                return socket.create_connection((str(address), port), timeout=min(left, _PER_ADDRESS))
            except OSError as error:
                why = error.strerror or str(error) or type(error).__name__
        raise FetchError(f"{host}:{port} cannot be reached: {why}")

    def _refuse(self, host: str, address: Address, port: int) -> None:
        if (host, port) in self.allow or (str(address), port) in self.allow:
            return
        if not is_public(address):
            raise FetchError(
                f"{host}:{port} is not contacted: {address} is not a public address "
                f"(name {host}:{port} under [collect] allow to permit it)"
            )
        if port not in self.ports:
            ports = ", ".join(map(str, sorted(self.ports)))
            raise FetchError(f"{host}:{port} is not contacted: only the ports {ports} are")

    def _look_up(self, host: str, port: int, timeout: float) -> tuple[Address, ...]:
        addresses = _within(timeout, host, lambda: self.resolver(host, port))
        if not addresses:
            raise FetchError(f"{host} has no address")
        return tuple(ip_address(text.partition("%")[0]) for text in addresses)


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host) if "%" not in host else None
    except ValueError:
        return None


def _refuse_odd_spelling(host: str) -> None:
    """``0x7f.1``, ``2130706433``, ``fe80::1%lo``, ``good\\@127.0.0.1``: nobody honest writes a host like that."""
    last = host.rpartition(".")[2]
    if not _NAME.fullmatch(host) or _NUMERIC_LABEL.fullmatch(last) or len(host) > 253:
        raise FetchError(f"{host[:80]!r} is not contacted: it is no host name and no plain address")


def _within(timeout: float, host: str, look_up: Callable[[], Sequence[str]]) -> Sequence[str]:
    """The resolver's answer; it cannot be interrupted, so it has a thread that is left behind when late."""
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(look_up())
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name=f"look-up {host}", daemon=True).start()
    try:
        found = answers.get(timeout=max(timeout, 0.001))
    except queue.Empty:
        raise FetchError(f"{host} could not be looked up in {timeout:.0f} s") from None
    if isinstance(found, Exception):
        raise FetchError(f"{host} could not be looked up: {getattr(found, 'strerror', None) or found}")
    return found
