"""The formats of lists: by which columns each is known, what they say, and what their words mean.

As these programs wrote their exports in 2026. Names, ratings, notes, postal and network addresses are not taken over: nothing
here needs them.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from digest.roster.rows import Standing

GUARDED = "=+-@\t\r'"  # what a spreadsheet may take for a formula, and the mark that guards against it

_PIECES = re.compile(r"[,;|]")
_MOST_TAGS = 200


@dataclass(frozen=True, slots=True)
class Format:
    """A format as tables. Names of columns are in the form of ``plain``; of several, the first that a row fills counts."""

    name: str
    title: str
    telling: tuple[frozenset[str], ...]  # a header with all names of one of these is of this format
    address: tuple[str, ...]
    tags: tuple[str, ...]
    consent_at: tuple[str, ...]
    states: Mapping[str, Standing]  # in lower case
    unsaid: Standing = Standing.SUBSCRIBED  # what an empty state means
    signs: Mapping[str, Standing] = field(default_factory=dict)  # what a filled column means
    digest: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    consent_source: tuple[str, ...] = ()
    left_at: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    cause: tuple[str, ...] = ()
    paused_until: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    split: Callable[[str], tuple[str, ...]] = lambda _: ()
    ours: bool = False  # its tags are what people chose, and its cells may be guarded
    passed_over: frozenset[str] = frozenset()  # known columns of which nothing is taken

    @property
    def columns(self) -> frozenset[str]:
        """The columns of which something is taken."""
        taken = (self.address, self.digest, self.state, self.tags, self.consent_at, self.consent_source)
        of_leaving = (self.left_at, self.why, self.cause, self.paused_until, self.number, self.signs)
        return frozenset().union(*taken, *of_leaving)


def plain(name: str) -> str:
    """A column's name however it is cased, spaced and punctuated: "E-mail Address" is ``emailaddress``."""
    return "".join(filter(str.isalnum, name.casefold()))


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _listed(cell: str) -> tuple[str, ...]:
    """Tags parted by commas, those with a comma of their own in quotation marks: ``"Water, wells","Schools"``."""
    try:
        pieces = next(csv.reader([cell], skipinitialspace=True), [])
    except csv.Error:
        pieces = cell.split(",")
    return _trimmed(pieces)


def _parted(cell: str) -> tuple[str, ...]:
    return _trimmed(_PIECES.split(cell))


def _trimmed(pieces: Collection[str]) -> tuple[str, ...]:
    return tuple(piece.strip() for piece in pieces if piece.strip())[:_MOST_TAGS]


def _of_attributes(cell: str) -> tuple[str, ...]:
    """Tags among listmonk's attributes, which are JSON of any shape; what is none has none."""
    try:
        attributes = json.loads(cell)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(attributes, dict):
        return ()
    found: list[str] = []
    for name, value in attributes.items():
        if plain(name) in ("themes", "tags", "topics", "lists"):
            values = value if isinstance(value, list) else _PIECES.split(str(value))
            found += [each for each in values if isinstance(each, str)]
    return _trimmed(found)


_WORDS: Mapping[str, Standing] = {
    **dict.fromkeys(
        ("subscribed", "confirmed", "active", "enabled", "yes", "true", "1"), Standing.SUBSCRIBED
    ),
    **dict.fromkeys(("pending", "unconfirmed", "awaiting confirmation"), Standing.PENDING),
    **dict.fromkeys(
        ("unsubscribed", "optedout", "opted out", "inactive", "disabled", "left", "no", "false", "0"),
        Standing.UNSUBSCRIBED,
    ),
    **dict.fromkeys(
        (
            "suppressed",
            "cleaned",
            "bounced",
            "blocklisted",
            "blocked",
            "complained",
            "complaint",
            "spam",
            "deleted",
        ),
        Standing.SUPPRESSED,
    ),
}

MAILCHIMP = Format(
    name="mailchimp",
    title="Mailchimp",
    telling=(_names("emailaddress leid euid"), _names("emailaddress memberrating")),
    address=("emailaddress", "email"),
    tags=("tags",),
    consent_at=("confirmtime", "optintime"),
    state=("status", "memberstatus"),
    states=_WORDS,
    signs={"unsubtime": Standing.UNSUBSCRIBED, "cleantime": Standing.SUPPRESSED},
    left_at=("unsubtime", "cleantime"),
    split=_listed,
    passed_over=_names(
        "firstname lastname address phonenumber birthday memberrating optinip confirmip latitude longitude gmtoff "
        "dstoff timezone cc region lastchanged leid euid notes unsubcampaigntitle unsubcampaignid unsubreason "
        "unsubreasonother cleancampaigntitle cleancampaignid"
    ),
)

LISTMONK = Format(
    name="listmonk",
    title="listmonk",
    telling=(_names("uuid email attributes status"), _names("uuid email attribs status")),
    address=("email",),
    tags=("attributes", "attribs"),
    consent_at=("createdat",),
    state=("status",),
    states=_WORDS,
    left_at=("updatedat",),
    split=_of_attributes,
    passed_over=_names("id uuid name"),
)

GHOST = Format(
    name="ghost",
    title="Ghost",
    telling=(_names("email subscribedtoemails"),),
    address=("email",),
    tags=("labels",),
    consent_at=("createdat",),
    state=("subscribedtoemails",),
    states=_WORDS,
    unsaid=Standing.UNSUBSCRIBED,
    signs={"deletedat": Standing.UNSUBSCRIBED},
    left_at=("deletedat",),
    split=_listed,
    passed_over=_names("id name note complimentaryplan stripecustomerid tiers products giftid error"),
)

_ADDRESS = (
    "emailaddress",
    "email",
    "mail",
    "emailadresse",
    "adresseemail",
    "courriel",
    "correoelectronico",
    "address",
)

OURS = Format(
    name="csv",
    title="CSV",
    telling=tuple(map(_names, _ADDRESS)),
    address=_ADDRESS,
    digest=("digest",),
    tags=("themes", "tags", "labels"),
    consent_at=("consentat", "consentdate", "consent"),
    consent_source=("consentsource", "source"),
    state=("state", "status"),
    states=_WORDS,
    left_at=("leftat", "unsubscribedat"),
    why=("why", "reason"),
    cause=("cause",),
    paused_until=("pauseduntil",),
    number=("number",),
    split=_parted,
    ours=True,
)

FORMATS = {known.name: known for known in (MAILCHIMP, LISTMONK, GHOST, OURS)}  # in the order of asking


def recognised(header: Collection[str]) -> Format | None:
    """The format whose columns a header has; names as ``plain`` makes them."""
    names = frozenset(header)
    return next((known for known in FORMATS.values() if any(map(names.issuperset, known.telling))), None)
