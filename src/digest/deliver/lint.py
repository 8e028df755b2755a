"""The 25 rules of a newsletter, applied to a message as its receivers see it: from its bytes and its envelope.

Whoever sends, approves, previews or lints asks here. Two rules need more than a message and are completed in
``pipeline.issues.lint``: 19, that each link is alive, and 25, that each quote is verbatim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from digest.deliver import bodyrules, headerrules, pagerules
from digest.deliver.findings import Finding, errors
from digest.deliver.opened import House, Opened

Rule = Callable[[Opened], Iterator[Finding]]

# Broken in these, a message could reach the wrong people, run something, or hold them: it must not leave.
_GRAVE = frozenset({1, 2, 3, 4, 5, 7, 8, 11, 15, 22, 24})

_NOBODY = House()

RULES: Mapping[int, Rule] = {
    1: headerrules.from_and_to,
    2: headerrules.subject,
    3: headerrules.date,
    4: headerrules.message_id,
    5: bodyrules.parts,
    6: headerrules.list_id,
    7: headerrules.unsubscribe,
    8: headerrules.one_click,
    9: headerrules.feedback_id,
    10: headerrules.automatic,
    11: headerrules.names,
    12: headerrules.envelope,
    13: headerrules.signature,
    14: headerrules.aligned,
    15: bodyrules.encodings,
    16: headerrules.addresses,
    17: bodyrules.size,
    18: bodyrules.same_links,
    19: pagerules.links,
    20: pagerules.pictures,
    21: pagerules.language,
    22: pagerules.inert,
    23: pagerules.way_out,
    24: pagerules.gaps,
}


def findings(message: bytes, sender: str = "", house: House = _NOBODY) -> tuple[Finding, ...]:
    """What the rules find in a message, in their order; only notes, or nothing, when it is fit to leave.

    Args:
        message: its bytes (RFC 5322).
        sender: of its envelope; without it what rules 12 to 14 ask of an envelope is left out.
        house: what only the sender knows; what is missing of it is left out of the rules.
    """
    mail = Opened(message, sender, house)
    return tuple(found for rule in RULES.values() for found in rule(mail))


def grave(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those findings with which a message must not leave."""
    return tuple(finding for finding in errors(found) if finding.rule in _GRAVE)
