"""Whether a domain lets an address send mail in its name: SPF (RFC 7208), with its limits on look-ups."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

from digest.doctor.answers import Address, Answer, Kind, LookUp, address_kind, addresses, is_below
from digest.doctor.macros import Mail, expanded

LOOK_UPS = 10  # of include, a, mx, ptr, exists and redirect in all (section 4.6.4)
VOIDS = 2  # of them that may find nothing
_HOSTS = 10  # of one mx or ptr

_TERM = re.compile(
    r"(?P<qualifier>[+?~-]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)(?P<colon>:(?P<value>\S*?))?"
    r"(?:/(?P<four>[0-9]{1,3}))?(?://(?P<six>[0-9]{1,3}))?",
    re.IGNORECASE,
)
_MODIFIER = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9._-]*)=(?P<value>\S*)")


class Result(StrEnum):
    """What SPF says (section 2.6)."""

    PASS = "pass"  # noqa: S105 (a result, not a password)
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    PERMERROR = "permerror"  # the record is wrong
    TEMPERROR = "temperror"  # DNS did not answer


_QUALIFIERS = {
    "": Result.PASS,
    "+": Result.PASS,
    "-": Result.FAIL,
    "~": Result.SOFTFAIL,
    "?": Result.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What SPF says of an address, by which words, and how many look-ups it took (of ``LOOK_UPS``)."""

    result: Result
    why: str
    look_ups: int = 0
    record: str = ""


@dataclass(frozen=True, slots=True)
class _Term:
    qualifier: str
    name: str
    value: str
    four: int
    six: int
    text: str


class _EndedError(Exception):
    """The evaluation ends here, with an error of the record or of DNS."""

    def __init__(self, result: Result, why: str) -> None:
        super().__init__(why)
        self.result = result


def evaluate(address: Address, sender: str, look: LookUp, helo: str = "unknown") -> Verdict:
    """``check_host`` (section 4) for mail from ``sender`` that comes from ``address``.

    Args:
        address: of the machine that hands the mail over.
        sender: the envelope's, ``local@domain``.
        look: asks DNS.
        helo: the name by which the machine greets.
    """
    run = _Run(Mail(address, sender, helo), look)
    domain = sender.rpartition("@")[2]
    try:
        result, why = run.check(domain)
    except _EndedError as ended:
        result, why = ended.result, str(ended)
    return Verdict(result, why, run.used, run.records.get(domain, ""))


@dataclass
class _Run:
    mail: Mail
    look: LookUp
    used: int = 0
    voids: int = 0
    records: dict[str, str] = field(default_factory=dict)

    def check(self, domain: str) -> tuple[Result, str]:
        record = self._record(domain)
        if record is None:
            return Result.NONE, f"{domain} has no SPF record"
        terms, redirect = _parsed(record, domain)
        for term in terms:
            if _MATCHES[term.name](self, term, domain):
                return _QUALIFIERS[term.qualifier], f"{term.text} in the record of {domain}"
        if not redirect or any(term.name == "all" for term in terms):
            return Result.NEUTRAL, f"nothing in the record of {domain} speaks of it"
        self._count()
        target = self._expand(redirect, domain)
        result, why = self.check(target)
        if result is Result.NONE:
            raise _EndedError(
                Result.PERMERROR, f"{domain} redirects to {target or '?'}, which has no SPF record"
            )
        return result, why

    # ── mechanisms (section 5) ───────────────────────────────────────────────────────────────

    def all(self, _term: _Term, _domain: str) -> bool:
        return True

    def include(self, term: _Term, domain: str) -> bool:
        self._count()
        target = self._target(term, domain)
        result, _ = self.check(target)
        if result is Result.NONE:
            raise _EndedError(Result.PERMERROR, f"{domain} includes {target}, which has no SPF record")
        return result is Result.PASS

    def a(self, term: _Term, domain: str) -> bool:
        self._count()
        return self._has(self._target(term, domain), term)

    def mx(self, term: _Term, domain: str) -> bool:
        self._count()
        target = self._target(term, domain)
        hosts = self._answer(target, Kind.MX).records
        if len(hosts) > _HOSTS:
            raise _EndedError(Result.PERMERROR, f"{target} has more than {_HOSTS} MX records")
        return any(self._has(host, term) for host in hosts)

    def ptr(self, term: _Term, domain: str) -> bool:
        self._count()
        target = self._target(term, domain)
        names = self._answer(self.mail.address.reverse_pointer, Kind.PTR).records[:_HOSTS]
        return any(is_below(name, target) and self._has(name) for name in names)

    def ip(self, term: _Term, _domain: str) -> bool:
        return self.mail.address in _network(term.value, term, term.name)

    def exists(self, term: _Term, domain: str) -> bool:
        self._count()
        return bool(self._answer(self._target(term, domain), Kind.A).records)

    # ── look-ups, counted ────────────────────────────────────────────────────────────────────

    def _has(self, name: str, term: _Term | None = None) -> bool:
        found = addresses(self._answer(name, address_kind(self.mail.address)).records)
        if term is None:
            return self.mail.address in found
        prefix = term.four if self.mail.address.version == 4 else term.six
        return any(self.mail.address in ip_network(f"{each}/{prefix}", strict=False) for each in found)

    def _count(self) -> None:
        self.used += 1
        if self.used > LOOK_UPS:
            raise _EndedError(Result.PERMERROR, f"its record asks for more than {LOOK_UPS} look-ups")

    def _answer(self, name: str, kind: Kind) -> Answer:
        answer = self.look(name, kind)
        if answer.problem:
            raise _EndedError(
                Result.TEMPERROR, f"{name} {kind.value} could not be looked up: {answer.problem}"
            )
        self.voids += not answer.records
        if self.voids > VOIDS:
            raise _EndedError(
                Result.PERMERROR, f"more than {VOIDS} of its look-ups find nothing, the last one {name}"
            )
        return answer

    def _record(self, domain: str) -> str | None:
        answer = self.look(domain, Kind.TXT)
        if answer.problem:
            raise _EndedError(Result.TEMPERROR, f"{domain} TXT could not be looked up: {answer.problem}")
        found = [text for text in answer.records if re.match(r"v=spf1(\s|$)", text, re.IGNORECASE)]
        if len(found) > 1:
            raise _EndedError(Result.PERMERROR, f"{domain} has {len(found)} SPF records instead of one")
        if found:
            self.records.setdefault(domain, found[0])
        return found[0] if found else None

    def _target(self, term: _Term, domain: str) -> str:
        return self._expand(term.value, domain) if term.value else domain

    def _expand(self, text: str, domain: str) -> str:
        try:
            return expanded(text, self.mail, domain)
        except ValueError as error:
            raise _EndedError(
                Result.PERMERROR, f"{text!r} in the record of {domain} is wrong: {error}"
            ) from error


_MATCHES: Mapping[str, Callable[[_Run, _Term, str], bool]] = {
    "all": _Run.all,
    "include": _Run.include,
    "a": _Run.a,
    "mx": _Run.mx,
    "ptr": _Run.ptr,
    "ip4": _Run.ip,
    "ip6": _Run.ip,
    "exists": _Run.exists,
}


def _parsed(record: str, domain: str) -> tuple[list[_Term], str]:
    """The mechanisms of a record, in order, and where it redirects, or "". A mistake anywhere spoils all of it."""
    terms, modifiers = [], dict[str, str]()
    for text in record.split()[1:]:
        modifier = _MODIFIER.fullmatch(text)
        if modifier is None:
            terms.append(_term(text, domain))
            continue
        name = modifier["name"].lower()
        if name in modifiers and name in ("redirect", "exp"):
            raise _EndedError(Result.PERMERROR, f"the record of {domain} has {name}= twice")
        modifiers[name] = modifier["value"]
    return terms, modifiers.get("redirect", "")


def _term(text: str, domain: str) -> _Term:
    wrong = _EndedError(Result.PERMERROR, f"{text[:80]!r} in the record of {domain} is no mechanism of SPF")
    match = _TERM.fullmatch(text)
    if match is None or not _well_formed(match):
        raise wrong
    name, value, four, six = match["name"].lower(), match["value"] or "", match["four"], match["six"]
    if name == "ip6":
        four, six = None, four
    if int(four or 0) > 32 or int(six or 0) > 128:
        raise wrong
    term = _Term(match["qualifier"], name, value, int(four or 32), int(six or 128), text)
    if name in ("ip4", "ip6"):
        _network(value, term, name)
    return term


def _well_formed(match: re.Match[str]) -> bool:
    """Whether a mechanism has what it must have, and nothing that it may not have (section 12)."""
    name, named, sized = match["name"].lower(), bool(match["value"]), match["four"] or match["six"]
    if match["colon"] and not named:
        return False
    match name:
        case "all":
            return not (named or sized)
        case "include" | "exists":
            return named and not sized
        case "ptr":
            return not sized
        case "ip4" | "ip6":
            return named and not match["six"]
        case _:
            return True


def _network(text: str, term: _Term, name: str) -> IPv4Network | IPv6Network:
    try:
        if name == "ip4":
            return IPv4Network(f"{text}/{term.four}", strict=False)
        return IPv6Network(f"{text}/{term.six}", strict=False)
    except ValueError as error:
        raise _EndedError(Result.PERMERROR, f"{term.text!r} names no address") from error
