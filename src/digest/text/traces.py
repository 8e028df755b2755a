"""What stays of a title and an address when a blog moves to another host or another system.

Traces are stored and compared, so the method stays as it is: what was stored yesterday must be found tomorrow.
"""

from __future__ import annotations

import re
from hashlib import sha256
from urllib.parse import urlsplit

from digest.text.links import canonical
from digest.text.similar import words

# An address whose path is canonical as it is; most are, and making one canonical takes 40 µs.
_PLAIN = re.compile(r"https?://[A-Za-z0-9.:-]+((?:/(?![/.])[A-Za-z0-9_.~-]*)*)")


def title_trace(title: str) -> str:
    """32 hexadecimal digits of a title's words, whatever their case, accents and punctuation; ``""`` without words."""
    return _trace(" ".join(words(title)))


def link_trace(url: str) -> str:
    """32 hexadecimal digits of an address's path and query; ``""`` where these name nothing, as on a front page.

    Scheme, host, tracking parameters, a slash at the end and a fragment may change and leave the same trace.
    """
    if plain := _PLAIN.fullmatch(url):
        return _trace(plain[1].rstrip("/"))
    parts = urlsplit(canonical(url))
    named = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return _trace(named)


def _trace(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32] if text else ""
