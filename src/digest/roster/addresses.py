"""Whether a text is the address of one mailbox."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

LONGEST = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
_LONGEST_LOCAL = 64  # RFC 5321 §4.5.3.1.1
_SHOWN = 60
# Nearly all addresses; every part is bounded and begins where no other can, so that no text makes it run away.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}", re.ASCII)


def fault(address: str) -> str:
    """Why a text is no address that mail can be sent to (RFC 5321, RFC 6531), as a clause; "" where it is one."""
    if not address:
        return "there is no address in it"
    if len(address) > LONGEST or address.rfind("@") > _LONGEST_LOCAL or not address.isprintable():
        return f"{address[:_SHOWN]!r} is no address"
    if _PLAIN.fullmatch(address):
        return ""
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return f"{address[:_SHOWN]!r} is no address"
    return ""
