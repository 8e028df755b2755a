"""What DNS says, as values: every decision about a domain is a function of these, whoever looked them up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address


class Kind(StrEnum):
    """The types of records that matter to mail."""

    A = "A"
    AAAA = "AAAA"
    MX = "MX"
    TXT = "TXT"
    PTR = "PTR"


@dataclass(frozen=True, slots=True)
class Answer:
    """The records of one name and type: addresses, hosts (of MX the most wanted first), or texts put together.

    ``problem`` says why nothing is known; without it, no record means that there is none.
    """

    records: tuple[str, ...] = ()
    problem: str = ""


LookUp = Callable[[str, Kind], Answer]


def address_kind(address: Address) -> Kind:
    """The type of the records that hold such an address."""
    return Kind.A if address.version == 4 else Kind.AAAA


def addresses(records: tuple[str, ...]) -> tuple[Address, ...]:
    """The records of A or AAAA, read; what is no address is left out."""
    found = []
    for record in records:
        try:
            found.append(ip_address(record))
        except ValueError:
            continue
    return tuple(found)


def same_name(one: str, other: str) -> bool:
    """Whether two names are one; case and a last dot mean nothing."""
    return one.rstrip(".").lower() == other.rstrip(".").lower()


def is_below(name: str, domain: str) -> bool:
    """Whether a name is a domain or in it."""
    name, domain = name.rstrip(".").lower(), domain.rstrip(".").lower()
    return name == domain or name.endswith(f".{domain}")


def tags(text: str) -> dict[str, str]:
    """A tag list, ``v=DMARC1; p=none``, as DKIM and DMARC write it (RFC 6376, section 3.2); names in lower case.

    A tag that stands there twice makes the list none, as does one without ``=``; then it is empty.
    """
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        name = name.strip().lower()
        if not part.strip():
            continue
        if not equals or not name or name in found:
            return {}
        found[name] = value.strip()
    return found
