"""Addresses of people and secret links, where others may look."""

from __future__ import annotations

import re

_GONE = "•••"
_MOST = 20_000  # characters of one text that are looked at, and kept

# One mailbox as it stands in a text or an address of the web, no longer than RFC 5321 lets its parts be.
_ADDRESS = re.compile(r"([^\s@<>\"'(),;:\[\]]{1,64})(?:@|%40)(?=[\w.-]{0,254}[^\W\d_])([\w.-]{0,254}\w)")
_PROVEN = re.compile(
    r"(?<!\d)(\d{1,18}\.)[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])"
)  # as ``tokens.token`` makes them
_RUN = re.compile(r"[A-Za-z0-9_-]{20,}")
_HEX = re.compile(r"[0-9a-fA-F]{32,}")
_NAME = re.compile(r"(?:[A-Z]{0,4}+[a-z]{3,}+)++")  # as of an exception: chance writes no such words


def masked(address: str) -> str:
    """Enough for its owner to know it, too little for whoever was forwarded the mail: ``r•••@example.org``."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{_GONE}@{domain}"


def veiled(text: str) -> str:
    """A text for a log: every address in it masked, and whatever looks like a token or a key left out.

    A run of at least 20 letters and digits in which capitals and small letters mix otherwise than in names such as
    ``ConnectionRefusedError``, or of 32 hex digits, is taken for one; ids of videos and hashes go with them, which a log
    can do without. At most 20,000 characters are kept.
    """
    text = _ADDRESS.sub(lambda found: masked(f"{found[1]}@{found[2]}"), text[:_MOST])
    text = _PROVEN.sub(rf"\1{_GONE}", text)
    return _RUN.sub(lambda found: _GONE if _looks_secret(found[0]) else found[0], text)


def _looks_secret(run: str) -> bool:
    mixed = run not in (run.lower(), run.upper()) and not _NAME.fullmatch(run)
    return mixed or _HEX.search(run) is not None
