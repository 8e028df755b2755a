"""What a domain asks receivers to do with mail that only claims to be from it: DMARC (RFC 7489).

Which domain stands for an organisation is found by walking up the tree of names, as the successor of that
RFC does (draft-ietf-dmarc-dmarcbis, section 4.10), so that no list of public suffixes has to be kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.doctor.answers import Kind, LookUp, same_name, tags

_LABELS = 8  # at which a walk begins at most
POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Policy:
    """A DMARC record: at which name it stands and what it says; ``wrong`` says why receivers pass over it."""

    at: str
    record: str
    asks: str = "none"  # of mail from the domain that was looked up
    strict_dkim: bool = False
    strict_spf: bool = False
    reports: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """The records on the way from a name to the top, by name, nearest first; ``problem`` where DNS did not answer."""

    found: tuple[tuple[str, str], ...]
    problem: str = ""


def walk(domain: str, look: LookUp) -> Walk:
    """Ask a domain and those around it for their DMARC records, eight look-ups at most."""
    labels = domain.rstrip(".").lower().split(".")
    starts = [0, *range(max(1, len(labels) - _LABELS + 1), len(labels))]
    found: list[tuple[str, str]] = []
    for start in starts:
        name = ".".join(labels[start:])
        answer = look(f"_dmarc.{name}", Kind.TXT)
        if answer.problem:
            return Walk(tuple(found), f"_dmarc.{name} could not be looked up: {answer.problem}")
        records = [text for text in answer.records if re.match(r"v\s*=\s*DMARC1\s*(;|$)", text)]
        found += [(name, record) for record in records[:1] if len(records) == 1]
    return Walk(tuple(found))


def organisation(domain: str, walked: Walk) -> str:
    """The domain that stands for the organisation to which ``domain`` belongs; itself where no record says more."""
    domain = domain.rstrip(".").lower()
    top = domain
    for name, record in walked.found:
        suffix = tags(record).get("psd", "u").lower()
        if suffix == "n":
            return name
        if suffix == "y" and name != domain:
            inside = domain.removesuffix(f".{name}").rpartition(".")[2]
            return f"{inside}.{name}"
        top = name
    return top


def policy(domain: str, walked: Walk) -> Policy | None:
    """What holds for a domain: its own record, else its organisation's; None where there is none."""
    above = organisation(domain, walked)
    for name, record in walked.found:
        if same_name(name, domain) or name == above:
            return _read(name, record, below=not same_name(name, domain))
    return None


def aligned(one: str, other: str, look: LookUp, *, strict: bool) -> bool:
    """Whether two domains count as one sender (section 3.1): the same, or unless ``strict`` of one organisation."""
    if same_name(one, other):
        return True
    return not strict and organisation(one, walk(one, look)) == organisation(other, walk(other, look))


def _read(at: str, record: str, *, below: bool) -> Policy:
    said = tags(record)
    asks = said.get("p", "").lower()
    if below and "sp" in said:
        asks = said["sp"].lower()
    wrong = (
        "" if asks in POLICIES else f"its policy is {asks or 'missing'!r} instead of {', '.join(POLICIES)}"
    )
    return Policy(
        at=at,
        record=record,
        asks=asks,
        strict_dkim=said.get("adkim", "r").lower() == "s",
        strict_spf=said.get("aspf", "r").lower() == "s",
        reports=said.get("rua", ""),
        wrong=wrong,
    )
