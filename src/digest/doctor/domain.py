"""What the world knows of the domain that mail is sent from: SPF, DKIM, DMARC, names of addresses, where bounces go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from digest.doctor import dmarc, spf
from digest.doctor.answers import Address, Answer, Kind, LookUp, address_kind, addresses
from digest.doctor.check import Check, failed, ok, warning
from digest.doctor.signatures import GOOD, KeyRecord, key_record, record_name
from digest.doctor.spf import Result, Verdict

_NOBODY = "192.0.2.1"  # of no machine (RFC 5737): with it a record can be tried that no address is known for


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A DKIM key of ours: for which domain and selector, and the TXT record that its public half makes."""

    domain: str
    selector: str
    record: str


@dataclass(frozen=True, slots=True)
class Sender:
    """How mail of ours looks from outside.

    ``addresses`` are those of the machine from which it leaves for the world, as far as they are known; it is
    ``own`` where the relay is ours, else it belongs to a provider who may send from others as well.
    """

    from_domain: str
    envelope: str  # the address to which bounces go
    addresses: tuple[Address, ...] = ()
    own: bool = False
    keys: tuple[SigningKey, ...] = ()

    @property
    def envelope_domain(self) -> str:
        """The domain that SPF is asked of."""
        return self.envelope.rpartition("@")[2]


def domain_checks(sender: Sender, look: LookUp) -> Iterator[Check]:
    """What DNS says of a sender, from wherever its mail leaves."""
    yield from dkim_checks(sender, look)
    yield from dmarc_checks(sender, look)
    yield bounce_check(sender, look)


def address_checks(sender: Sender, look: LookUp) -> Iterator[Check]:
    """What DNS says of the addresses that a sender's mail leaves from."""
    yield from spf_checks(sender, look)
    yield from name_checks(sender, look)


# ── SPF ──────────────────────────────────────────────────────────────────────────────────────────


def spf_checks(sender: Sender, look: LookUp) -> Iterator[Check]:
    """Whether the record of the envelope's domain is right, and lets the machine send from which mail leaves."""
    if not sender.addresses:
        yield _spf_alone(sender, look)
    for address in sender.addresses:
        yield _spf(sender, address, spf.evaluate(address, sender.envelope, look))


def _spf_alone(sender: Sender, look: LookUp) -> Check:
    (nobody,) = addresses((_NOBODY,))
    verdict = spf.evaluate(nobody, sender.envelope, look)
    return _broken_spf(sender, verdict) or warning(
        "SPF",
        f"{sender.envelope_domain} has a record ({_shown(verdict)}); from which address mail leaves is not known.",
        "Name it with --address, or see what arrives with --send.",
    )


def _spf(sender: Sender, address: Address, verdict: Verdict) -> Check:
    broken = _broken_spf(sender, verdict)
    if broken:
        return broken
    domain = sender.envelope_domain
    if verdict.result is Result.PASS:
        return ok("SPF", f"{domain} lets {address} send ({_shown(verdict)}).")
    add = f'Add "ip{address.version}:{address}" to the record "{verdict.record}".'
    if sender.own:
        return failed(
            "SPF", f"{domain} does not let {address} send: {verdict.result.value}, {verdict.why}.", add
        )
    return warning(
        "SPF",
        f"{domain} does not name the relay's address {address} ({verdict.result.value}, {verdict.why}).",
        "A provider may send from other addresses: include what it names in its instructions, and try --send.",
    )


def _broken_spf(sender: Sender, verdict: Verdict) -> Check | None:
    """What is wrong with the record itself, whoever sends."""
    domain = sender.envelope_domain
    match verdict.result:
        case Result.NONE:
            return failed(
                "SPF", f"{domain} has no SPF record.", f'Publish a TXT record at {domain}: "v=spf1 … -all".'
            )
        case Result.PERMERROR:
            return failed("SPF", f"Receivers pass over the record of {domain}: {verdict.why}.", "Correct it.")
        case Result.TEMPERROR:
            return warning("SPF", f"Nothing is known of {domain}: {verdict.why}.", "Try again later.")
    if verdict.record.lower().split()[-1:] in (["+all"], ["all"]):
        return warning(
            "SPF", f"{domain} lets everybody send ({verdict.record}).", 'End the record with "-all".'
        )
    return None


def _shown(verdict: Verdict) -> str:
    return f"{verdict.look_ups} of {spf.LOOK_UPS} look-ups"


# ── DKIM ─────────────────────────────────────────────────────────────────────────────────────────


def dkim_checks(sender: Sender, look: LookUp) -> Iterator[Check]:
    """Whether each key of ours stands in DNS, and is the one on the disk."""
    if not sender.keys:
        yield warning(
            "DKIM",
            "digest does not sign ([mail] dkim_keys names no key).",
            "Make one with `digest keys dkim SELECTOR`, unless the relay signs: digest doctor --send ADDRESS shows it.",
        )
    for key in sender.keys:
        yield _dkim(key, look)


def _dkim(key: SigningKey, look: LookUp) -> Check:
    name = record_name(key.domain, key.selector)
    record, own = key_record(look(name, Kind.TXT)), key_record(Answer((key.record,)))
    publish = f'Publish at {name} as TXT: "{key.record}".'
    if record.wrong:
        return failed("DKIM", f"{name}: {record.wrong}.", publish)
    if record.key != own.key:
        return failed("DKIM", f"{name} holds another key than the one on the disk.", publish)
    return _good_key(name, record)


def _good_key(name: str, record: KeyRecord) -> Check:
    if record.testing:
        return warning("DKIM", f"{name} says that it is a test (t=y).", "Take t=y out of the record.")
    if record.bits < GOOD:
        return warning("DKIM", f"{name} holds our key, of {record.bits} bits.", f"Make one of {GOOD} bits.")
    return ok("DKIM", f"{name} holds our key.")


# ── DMARC ────────────────────────────────────────────────────────────────────────────────────────


def dmarc_checks(sender: Sender, look: LookUp) -> Iterator[Check]:
    """What the domain in From asks for, and whether our mail would meet it."""
    domain, walked = sender.from_domain, dmarc.walk(sender.from_domain, look)
    found = dmarc.policy(domain, walked)
    if walked.problem:
        yield warning("DMARC", f"Nothing is known: {walked.problem}.", "Try again later.")
    elif found is None:
        yield failed(
            "DMARC",
            f"{domain} has no DMARC record; large providers refuse newsletters without one.",
            f'Publish a TXT record at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:…".',
        )
    elif found.wrong:
        yield failed("DMARC", f"Receivers pass over the record at {found.at}: {found.wrong}.", "Correct it.")
    else:
        yield ok("DMARC", f"{domain} asks for {found.asks!r} (the record at {found.at}).")
    yield _alignment(sender, found or dmarc.Policy(domain, ""), look)


def _alignment(sender: Sender, policy: dmarc.Policy, look: LookUp) -> Check:
    by = [
        f"DKIM ({key.domain})"
        for key in sender.keys
        if dmarc.aligned(key.domain, sender.from_domain, look, strict=policy.strict_dkim)
    ]
    if dmarc.aligned(sender.envelope_domain, sender.from_domain, look, strict=policy.strict_spf):
        by.append(f"SPF ({sender.envelope_domain})")
    if by:
        return ok("alignment", f"From ({sender.from_domain}) is the domain of {' and '.join(by)}.")
    return failed(
        "alignment",
        f"From is {sender.from_domain}, and neither DKIM nor the envelope ({sender.envelope_domain}) is of that domain.",
        "Sign with a key of that domain, or set another [mail] from.",
    )


# ── names ────────────────────────────────────────────────────────────────────────────────────────


def name_checks(sender: Sender, look: LookUp) -> Iterator[Check]:
    """Whether each address that we send from has a name that leads back to it; a provider's are its own business."""
    for address in sender.addresses if sender.own else ():
        yield _name(address, look)


def _name(address: Address, look: LookUp) -> Check:
    answer = look(address.reverse_pointer, Kind.PTR)
    if answer.problem:
        return warning("PTR", f"{address} could not be looked up: {answer.problem}.", "Try again later.")
    for name in answer.records[:10]:
        if address in addresses(look(name, address_kind(address)).records):
            return ok("PTR", f"{address} is {name}, and {name} is {address}.")
    if not answer.records:
        return failed(
            "PTR", f"{address} has no name.", "Ask whoever provides the address to set its PTR record."
        )
    name = answer.records[0]
    return failed(
        "PTR",
        f"{address} is named {name}, but {name} does not lead back to it.",
        f"Publish an {address_kind(address).value} record for {name}.",
    )


def bounce_check(sender: Sender, look: LookUp) -> Check:
    """Whether what comes back has somewhere to go."""
    domain = sender.envelope_domain
    hosts = look(domain, Kind.MX)
    if hosts.records == ("",):  # "MX 0 .": a domain that takes no mail (RFC 7505)
        return failed(
            "bounces", f"{domain} takes no mail (a null MX).", "Set a [mail] from whose domain does."
        )
    if hosts.records:
        return ok("bounces", f"mail to {domain} goes to {hosts.records[0]}.")
    if hosts.problem:
        return warning("bounces", f"{domain} could not be looked up: {hosts.problem}.", "Try again later.")
    if look(domain, Kind.A).records or look(domain, Kind.AAAA).records:
        return ok("bounces", f"{domain} has no MX record; mail to it goes to its address.")
    return failed("bounces", f"no mail can reach {domain}.", f"Publish an MX record for {domain}.")
