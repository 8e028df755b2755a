"""Macros in SPF records: ``%{i}._spf.%{d2}`` (RFC 7208, section 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from digest.doctor.answers import Address

_MACRO = re.compile(r"%(?:\{([slodiphv])([0-9]{0,3})(r?)([.\-+,/_=]*)\}|([%_-]))", re.IGNORECASE)
_ESCAPES = {"%": "%", "_": " ", "-": "%20"}
_LONGEST = 253  # characters of a name; longer ones lose labels from the left


@dataclass(frozen=True, slots=True)
class Mail:
    """What macros speak of: who hands the mail over, from whom it is, and how that machine greets."""

    address: Address
    sender: str
    helo: str


def expanded(text: str, mail: Mail, domain: str) -> str:
    """The name that a text with macros stands for.

    Raises:
        ValueError: there is a ``%`` in it that begins no macro.
    """
    if "%" in _MACRO.sub("", text):
        raise ValueError("a % that begins no macro")
    name = _MACRO.sub(lambda match: _value(match, mail, domain), text)
    while len(name) > _LONGEST and "." in name:
        name = name.partition(".")[2]
    return name


def _value(match: re.Match[str], mail: Mail, domain: str) -> str:
    letter, digits, reverse, delimiters, escape = match.groups()
    if escape:
        return _ESCAPES[escape]
    value = _letter(letter.lower(), mail, domain)
    if digits or reverse or delimiters:
        if digits and not int(digits):
            raise ValueError("a macro that keeps no part")
        parts = re.split(f"[{re.escape(delimiters or '.')}]", value)
        parts = parts[::-1] if reverse else parts
        value = ".".join(parts[-int(digits) :] if digits else parts)
    return quote(value, safe="-._~") if letter.isupper() else value


def _letter(letter: str, mail: Mail, domain: str) -> str:
    local, _, origin = mail.sender.rpartition("@")
    four = mail.address.version == 4
    return {
        "s": mail.sender,
        "l": local or "postmaster",
        "o": origin,
        "d": domain,
        "i": str(mail.address) if four else ".".join(mail.address.exploded.replace(":", "")),
        "p": "unknown",  # asking for it is discouraged, and this is what it then says (section 7.3)
        "v": "in-addr" if four else "ip6",
        "h": mail.helo,
    }[letter]
