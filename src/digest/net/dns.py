"""DNS, asked with a deadline; a failure is an answer, too."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address

import dns.exception
import dns.nameserver
import dns.rdata
import dns.resolver

from digest.doctor.answers import Answer, Kind
from digest.errors import ConfigError

SECONDS = 5.0  # for each answer, however many servers are tried
MOST = 400  # look-ups of one resolver: records are written by others, and lead to further ones
_RECORDS = 100  # that are read of one answer
_LONGEST = 16_384  # characters of one record


@dataclass
class Dns:
    """A resolver that remembers what it was told. It is for one thread at a time.

    Args:
        nameserver: ``ADDRESS`` or ``ADDRESS:PORT`` to be asked; "" means those of this machine.
        seconds: for each answer.

    Raises:
        ConfigError: ``nameserver`` is no address, or this machine knows of none.
    """

    nameserver: str = ""
    seconds: float = SECONDS
    asked: int = field(default=0, init=False)
    _known: dict[tuple[str, Kind], Answer] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            self._resolver = dns.resolver.Resolver(configure=not self.nameserver)
        except dns.exception.DNSException as error:
            raise ConfigError(
                f"This machine names no DNS server ({error}); name one with --nameserver."
            ) from error
        if self.nameserver:
            self._resolver.nameservers = [_server(self.nameserver)]

    def look(self, name: str, kind: Kind) -> Answer:
        """The records of a name; a name that does not exist has none."""
        key = name.rstrip(".").lower(), kind
        if key not in self._known:
            self._known[key] = self._ask(name, kind)
        return self._known[key]

    def _ask(self, name: str, kind: Kind) -> Answer:
        self.asked += 1
        if self.asked > MOST:
            return Answer(problem=f"more than {MOST} look-ups")
        if not name.strip("."):
            return Answer(problem="it is no name")
        try:
            found = self._resolver.resolve(
                f"{name.rstrip('.')}.",
                kind.value,
                raise_on_no_answer=False,
                lifetime=self.seconds,
                search=False,
            )
        except dns.resolver.NXDOMAIN:
            return Answer()
        except dns.exception.Timeout:
            return Answer(problem=f"no answer in {self.seconds:g} s")
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            return Answer(problem=_sentence(error))
        records = sorted(found.rrset or (), key=_wanted)[:_RECORDS]
        return Answer(tuple(_text(record) for record in records))


def _server(text: str) -> dns.nameserver.Nameserver:
    host, port = text, "53"
    if "]:" in text or text.count(":") == 1:
        host, _, port = text.rpartition(":")
    try:
        if 0 < int(port) < 65536:
            return dns.nameserver.Do53Nameserver(str(ip_address(host.strip("[]"))), int(port))
    except ValueError:
        pass
    raise ConfigError(f"expected the address of a DNS server, such as 192.0.2.53, got {text!r}.")


def _wanted(record: dns.rdata.Rdata) -> int:
    return int(getattr(record, "preference", 0))


def _text(record: dns.rdata.Rdata) -> str:
    """A record as ``Answer`` has it. The strings of a TXT are put together without a space (RFC 7208, section 3.3)."""
    strings = getattr(record, "strings", None)
    if strings is not None:
        return b"".join(strings).decode("utf-8", "replace")[:_LONGEST]
    value = next(
        (getattr(record, name) for name in ("address", "exchange", "target") if hasattr(record, name)), ""
    )
    return str(value).rstrip(".")


def _sentence(error: Exception) -> str:
    said = " ".join(str(error).split()).rstrip(".")[:200]
    return said or type(error).__name__
