"""Which addresses may be contacted: whatever way a private one is spelled, it stays untouched."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

import pytest
import requests

from digest.errors import FetchError
from digest.net.guard import Guard, endpoint, is_public
from digest.net.http import Fetcher
from loopback import Request, Server, redirect, response, serve

# Every spelling is asked for with the port of a canary that listens on all addresses of this machine.
PRIVATE_HOSTS = (
    # plain
    "127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "0.0.0.0", "localhost", "LOCALHOST", "localhost.",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::0001]",
    # another number of parts, another base, or both
    "127.1", "127.0.1", "2130706433", "2130706434", "0x7f000001", "0X7F000001", "0x7f.0.0.1", "0x7f.0x0.0x0.0x1",
    "0x7f.1", "017700000001", "0177.0.0.1", "0177.0.0.01", "0177.1", "00000177.0.0.1", "127.0.0.01", "127.000.000.001",
    "127.0.0x1", "0", "0.0", "0x0", "00", "0.0.0.0x0", "4294967295", "127.0.0.1.", "127.1.", "2130706433.",
    # IPv4 inside IPv6
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:0001::1]",
    "[2001:0:7f00:1::]", "[::ffff:0.0.0.0]",
    # percent-encoded, full-width, circled, ideographic full stop
    "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "%6c%6f%63%61%6c%68%6f%73%74", "１２７.０.０.１", "127。0。0。1",
    "①②⑦.⓪.⓪.①", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "ｌｏｃａｌｈｏｓｔ",
    # confusing for parsers
    "good.example\\@127.0.0.1", "good.example@127.0.0.1", "good.example:80@127.0.0.1", "127.0.0.1\\@good.example",
    "good.example%40127.0.0.1", "good.example%00@127.0.0.1", "[::1%25lo]", "[::1%lo]", "[fe80::1%25lo]",
    "127.0.0.1%20", "127.0.0.1%0d%0a", "[127.0.0.1]", "[::ffff:127.0.0.1%25lo]",
)  # fmt: skip

PRIVATE_ADDRESSES = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1",
    "100::1", "2001::1", "2001:0:53aa:64c::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:808:808::1",
    "3fff::1", "3fff:fff::1", "5f00::1", "fc00::1", "fd12:3456:789a::1", "fe80::1", "febf::1", "fec0::1", "ff02::1",
)  # fmt: skip

PUBLIC_ADDRESSES = (
    "1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1",
    "169.253.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.255",
    "2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700::1111", "2a00:1450::1", "3ffe::1",
)  # fmt: skip


def has_ipv6() -> bool:
    """Whether this machine has ::1; some containers have not."""
    if not socket.has_ipv6:
        return False
    with socket.socket(socket.AF_INET6) as tried:
        return tried.connect_ex(("::1", 9)) != errno.EADDRNOTAVAIL


IPV6 = has_ipv6()


@pytest.fixture
def canary() -> Iterator[Server]:
    """A server on every address of this machine, IPv6 and IPv4: it must stay untouched."""
    host, family = ("::", socket.AF_INET6) if IPV6 else ("0.0.0.0", socket.AF_INET)
    with serve(lambda request: request.send(response(b"secret")), host=host, family=family) as server:
        yield server


def fetcher(server: Server, *allow: str) -> Fetcher:
    """A fetcher that would not refuse the canary for its port alone."""
    return Fetcher(allow, timeout=2, ports=(80, 443, server.port))


def test_there_are_enough_spellings() -> None:
    """The list keeps what the promise of sixty spellings says."""
    assert len(set(PRIVATE_HOSTS)) == len(PRIVATE_HOSTS) >= 60


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_a_private_host_is_refused_however_it_is_spelled(host: str, canary: Server) -> None:
    """A source's own address cannot point into our network."""
    with pytest.raises(FetchError, match="could not be fetched"):
        fetcher(canary).get(f"http://{host}:{canary.port}/feed")
    assert canary.connections == 0


def test_a_redirect_to_a_private_host_is_refused_however_it_is_spelled(canary: Server) -> None:
    """The guard stands before every hop, not only before the first."""

    def send_on(request: Request) -> None:
        host = PRIVATE_HOSTS[int(request.path.strip("/"))]
        request.send(redirect(f"http://{host}:{canary.port}/feed".encode().decode("latin-1")))

    with serve(send_on) as server:
        guarded = fetcher(canary, server.endpoint)
        for number, host in enumerate(PRIVATE_HOSTS):
            with pytest.raises(FetchError, match="could not be fetched"):
                guarded.get(server.url(f"/{number}"))
            assert len(server.requests) == number + 1, f"the redirect to {host} was never asked for"
    assert canary.connections == 0


def test_without_the_guard_many_of_these_spellings_hit_the_canary(canary: Server) -> None:
    """A control: the canary can be reached, so that its silence above means something."""
    hit = set()
    for host in (host for host in PRIVATE_HOSTS if "good.example%" not in host):  # a look-up may take long
        before = len(canary.requests)
        try:
            requests.get(f"http://{host}:{canary.port}/feed", timeout=0.25, allow_redirects=False)
        except (requests.RequestException, ValueError):
            continue
        if len(canary.requests) > before:
            hit.add(host)
    assert len(hit) >= 30
    assert {"127.0.0.1", "2130706433", "0177.0.0.1", "localhost", "good.example@127.0.0.1"} <= hit
    assert "[::1]" in hit or not IPV6


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES)
def test_an_address_of_no_public_use_is_refused(address: str) -> None:
    """Private, shared, tunnelled, documented, reserved and multicast addresses are nobody's web server."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_a_neighbour_of_a_refused_range_is_public(address: str) -> None:
    """The list refuses what it means to, and no more."""
    assert is_public(ip_address(address))


def resolves(*addresses: str) -> Guard:
    """A guard on a machine whose resolver gives these addresses for every name."""
    return Guard(resolver=lambda host, port: addresses)


def test_one_private_answer_among_public_ones_refuses_the_name() -> None:
    """Else the choice among the answers would be the attacker's."""
    with pytest.raises(FetchError, match=r"blog\.example:443 .* 10\.0\.0\.1 is not a public address"):
        resolves("1.1.1.1", "10.0.0.1").check("blog.example", 443, timeout=1)


def test_the_seventeenth_answer_is_checked_as_well() -> None:
    """Only some addresses are tried, but all of them are checked."""
    many = [f"1.1.1.{number}" for number in range(1, 41)]
    assert len(resolves(*many).check("blog.example", 443, timeout=1)) == 16
    with pytest.raises(FetchError, match="not a public address"):
        resolves(*many, "10.0.0.1").check("blog.example", 443, timeout=1)


def test_a_name_with_public_answers_only_passes() -> None:
    """The ordinary case."""
    found = resolves("1.1.1.1", "2606:4700::1111").check("blog.example", 443, timeout=1)
    assert [str(address) for address in found] == ["1.1.1.1", "2606:4700::1111"]


def test_a_name_without_an_address_is_named() -> None:
    """The sentence says which host it was."""
    with pytest.raises(FetchError, match=r"blog\.example has no address"):
        resolves().check("blog.example", 443, timeout=1)


@pytest.mark.parametrize("port", [1, 22, 25, 81, 3306, 5432, 6379, 8000, 9200, 65535])
def test_a_port_that_serves_no_web_page_is_refused(port: int) -> None:
    """A public address is no reason to talk to its mail server or database."""
    with pytest.raises(FetchError, match="only the ports 80, 443, 8080, 8443"):
        resolves("1.1.1.1").check("blog.example", port, timeout=1)


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_the_ports_of_the_web_pass(port: int) -> None:
    """Four ports are enough for feeds."""
    assert resolves("1.1.1.1").check("blog.example", port, timeout=1)


def test_the_connection_goes_to_the_address_that_was_checked(canary: Server) -> None:
    """A name that resolves to something else a moment later is asked for once only (DNS rebinding)."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.2"] if len(asked) == 1 else ["127.0.0.1"]

    guard = Guard(allow=frozenset({("127.0.0.2", canary.port)}), resolver=rebinding)
    with guard.connect("rebind.example", canary.port, timeout=1) as connection:
        assert connection.getpeername()[0] == "127.0.0.2"
    assert asked == ["rebind.example"]


def test_the_next_address_is_tried_when_one_does_not_answer(canary: Server) -> None:
    """A name with an IPv6 address that leads nowhere still works."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.3", 0))
        port = unused.getsockname()[1]
    with serve(lambda request: request.send(response(b"here"))) as server:
        allow = frozenset({("blog.example", server.port)})
        guard = Guard(allow, resolver=lambda host, port: ["127.0.0.3", "127.0.0.1"])
        with guard.connect("blog.example", server.port, timeout=2) as connection:
            assert connection.getpeername() == ("127.0.0.1", server.port)
    with pytest.raises(FetchError, match=f"127.0.0.3:{port} cannot be reached: Connection refused"):
        Guard.of([f"127.0.0.3:{port}"]).connect("127.0.0.3", port, timeout=1)


def test_a_resolver_that_hangs_does_not_outlast_the_deadline() -> None:
    """The system's resolver cannot be interrupted, so it is left behind."""
    guard = Guard(resolver=lambda host, port: time.sleep(6) or [])  # type: ignore[func-returns-value]
    started = time.monotonic()
    with pytest.raises(FetchError, match=r"slow\.example could not be looked up in"):
        guard.check("slow.example", 443, timeout=0.3)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("allowed", ["127.0.0.1:{}", "localhost:{}", "LOCALHOST:{}", "[::1]:{}"])
def test_what_the_operator_names_may_be_contacted(allowed: str, canary: Server) -> None:
    """A source inside one's own network is named with its port."""
    if "::1" in allowed and not IPV6:
        pytest.skip("this machine has no IPv6")
    host = allowed.partition(":{}")[0]
    fetched = Fetcher([allowed.format(canary.port)], timeout=2).get(f"http://{host}:{canary.port}/feed")
    assert fetched.body == b"secret"


def test_another_port_of_an_allowed_host_stays_closed(canary: Server) -> None:
    """An entry opens one endpoint, not a machine."""
    with pytest.raises(FetchError, match="is not a public address"):
        Fetcher(["127.0.0.1:1"], timeout=2, ports=(canary.port,)).get(canary.url("/"))
    assert canary.connections == 0


def test_the_refusal_says_how_to_permit_it(canary: Server) -> None:
    """An operator who means it needs no manual."""
    with pytest.raises(FetchError, match=rf"name 127\.0\.0\.1:{canary.port} under \[collect\] allow"):
        fetcher(canary).get(f"http://127.0.0.1:{canary.port}/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("Feeds.Example:80", ("feeds.example", 80)),
        ("[::1]:81", ("::1", 81)),
    ],
)
def test_an_endpoint_is_host_and_port(text: str, expected: tuple[str, int]) -> None:
    """The form of ``[collect] allow``."""
    assert endpoint(text) == expected


@pytest.mark.parametrize(
    "text", ["", "127.0.0.1", ":80", "host:", "host:x", "host:0", "host:65536", "http://a:80", "a b:1"]
)
def test_what_is_no_endpoint_is_said(text: str) -> None:
    """Rather a mistake at start than an entry that never matches."""
    with pytest.raises(ValueError, match="expected"):
        endpoint(text)


def test_a_proxy_in_the_environment_is_not_used(canary: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would fetch what the guard refuses."""
    monkeypatch.setenv("http_proxy", canary.url("/"))
    monkeypatch.setenv("all_proxy", canary.url("/"))
    with serve(lambda request: request.send(response(b"direct"))) as server:
        assert Fetcher([server.endpoint], timeout=2).get(server.url("/")).body == b"direct"
    assert canary.connections == 0
