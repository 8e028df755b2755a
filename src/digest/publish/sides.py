"""Text among text that is read from the other side: kept apart, so that neither turns the other around."""

from __future__ import annotations

import unicodedata

from markupsafe import Markup

_SIDES = {"L": "ltr", "R": "rtl", "AL": "rtl"}
_LOOKED_AT = 200  # characters; a name or title that says nothing in these says nothing


def side_of(text: str) -> str:
    """``ltr`` or ``rtl`` by the first letter that has a side (UAX #9, rules P2 and P3); "" where none has."""
    sides = (_SIDES.get(unicodedata.bidirectional(character), "") for character in text[:_LOOKED_AT])
    return next(filter(None, sides), "")


def apart(text: str | Markup, within: str) -> Markup:
    """The text, in a span with its own ``dir`` where it is read from another side than the text around it.

    A span with ``dir`` is isolated in HTML: full stops and numbers beside it stay where they belong. It says the side
    itself, because mail programs do not know ``dir="auto"``.
    """
    own = side_of(text.striptags() if isinstance(text, Markup) else text)
    return (
        Markup('<span dir="{}">{}</span>').format(own, text)
        if own not in ("", within)
        else Markup.escape(text)
    )
