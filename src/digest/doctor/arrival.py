"""What became of a message on its way: the one that left beside the one that arrived."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from digest.deliver.opened import House, Opened
from digest.doctor.answers import LookUp, is_below, same_name
from digest.doctor.check import Check, failed, ok, warning
from digest.doctor.signatures import Signature, signatures

# What a reader's program shows or acts on, and what no relay has a reason to change.
_HEADERS = (
    "From",
    "To",
    "Subject",
    "Date",
    "Reply-To",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
)
_METHOD = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]{1,12})\b", re.IGNORECASE)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_SHOWN = 3  # examples in a sentence


def arrival_checks(sent: bytes, received: bytes, sender: str, look: LookUp) -> Iterator[Check]:
    """What a relay and the receiver did to a message.

    Args:
        sent: its bytes as we handed them over.
        received: its bytes as the mailbox has them; any line ends.
        sender: the envelope's, as we gave it.
        look: asks DNS, for the keys of signatures.
    """
    left, came = Opened(sent, sender, House()), Opened(with_crlf(received), sender, House())
    yield _headers(left, came)
    yield _message_id(left, came)
    yield _envelope(sender, came)
    yield _links(left, came)
    yield _pictures(left, came)
    yield _text(left, came)
    yield from _signed(left, came, look)
    yield from _receivers_word(came)


def with_crlf(data: bytes) -> bytes:
    """Lines as on the wire; a mailbox keeps them as its system does."""
    return _LINE_END.sub(b"\r\n", data)


def _headers(left: Opened, came: Opened) -> Check:
    changed = [name for name in _HEADERS if _values(left, name) != _values(came, name)]
    if not changed:
        return ok("headers", "they arrived as they left.")
    what = "; ".join(f"{name} is {_shown(_values(came, name))}" for name in changed)
    return failed(
        "headers", f"changed on the way: {what}.", "Ask the relay's provider to leave headers alone."
    )


def _values(message: Opened, name: str) -> list[str]:
    return [" ".join(_decoded(value).split()) for value in message.all(name)]


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _shown(values: list[str]) -> str:
    return repr(values[0][:120]) if values else "missing"


def _message_id(left: Opened, came: Opened) -> Check:
    if left.one("Message-ID") == came.one("Message-ID"):
        return ok("Message-ID", "it arrived as it left.")
    return warning(
        "Message-ID",
        f"it was replaced by {came.one('Message-ID')[:120] or 'none'}.",
        "Bounces are then told apart by the envelope's sender only: keep [mail] verp on.",
    )


def _envelope(sender: str, came: Opened) -> Check:
    path = came.one("Return-Path").strip("<> ")
    if not path:
        return warning("envelope", "the mailbox kept no Return-Path.", "Look in its headers for who sent it.")
    if path.lower() == sender.lower():
        return ok("envelope", f"bounces go to {path}.")
    return warning(
        "envelope",
        f"bounces go to {path[:120]} instead of {sender}.",
        "The relay keeps them: let it report them by its webhook (docs/bounces.md).",
    )


def _links(left: Opened, came: Opened) -> Check:
    gone = list((Counter(left.links) - Counter(came.links)).elements())
    new = list((Counter(came.links) - Counter(left.links)).elements())
    if not gone and not new:
        return ok("links", f"all {len(left.links)} lead where they led.")
    example = f", for example {gone[0][:80]} → {new[0][:80]}" if gone and new else ""
    return failed(
        "links",
        f"{len(gone)} of {len(left.links)} were rewritten or taken out, {len(new)} are new{example}.",
        "Turn click tracking off at the relay's provider: readers were promised none.",
    )


def _pictures(left: Opened, came: Opened) -> Check:
    own = set(left.attributes("img", "src"))
    new = [source for source in came.attributes("img", "src") if source not in own]
    if not new:
        return ok("pixel", "no picture was added.")
    shown = ", ".join(source[:80] for source in new[:_SHOWN])
    return failed(
        "pixel",
        f"{len(new)} picture{'s were' if len(new) > 1 else ' was'} added: {shown}.",
        "Turn open tracking off at the relay's provider: readers were promised none.",
    )


def _text(left: Opened, came: Opened) -> Check:
    if left.text.split() == came.text.split():
        return ok("text", "the plain part arrived as it left.")
    return warning(
        "text", "the plain part was changed.", "Compare the two; a footer of the relay can be turned off."
    )


# ── who vouches for it ───────────────────────────────────────────────────────────────────────────


def _signed(left: Opened, came: Opened, look: LookUp) -> Iterator[Check]:
    found = signatures(came.data, look)
    domain = left.one("From").rpartition("@")[2].strip("<> ")
    for each in found:
        yield _signature(each)
    if not any(_vouches(each, domain) for each in found):
        which = "arrived" if not found else f"of {domain} holds"
        yield failed("DKIM", f"no signature {which}.", "Let digest sign ([mail] dkim_keys), or the relay.")


def _vouches(signature: Signature, domain: str) -> bool:
    related = is_below(signature.domain, domain) or is_below(domain, signature.domain)
    return not signature.wrong and (same_name(signature.domain, domain) or related)


def _signature(signature: Signature) -> Check:
    whose = f"the signature of {signature.domain or 'nobody'} ({signature.selector or 'no selector'})"
    if signature.wrong:
        return failed(
            "DKIM", f"{whose} does not hold: {signature.wrong}.", "Whoever changed it must sign it anew."
        )
    return ok("DKIM", f"{whose} holds.")


def _receivers_word(came: Opened) -> Iterator[Check]:
    """What the receiver itself found; of several headers only the first one is its own (RFC 8601, section 5)."""
    words = came.all("Authentication-Results")[:1]
    results = {name.lower(): result.lower() for name, result in _METHOD.findall(words[0] if words else "")}
    if not results:
        return
    said = ", ".join(f"{name} {result}" for name, result in results.items())
    if all(result == "pass" for result in results.values()):
        yield ok("receiver", f"it found {said}.")
    else:
        yield warning("receiver", f"it found {said}.", "See SPF, DKIM and DMARC in `digest doctor`.")
