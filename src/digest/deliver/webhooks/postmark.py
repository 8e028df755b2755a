"""Postmark: bounces and spam complaints as JSON, one to a report, with basic authentication.

Its reply to our message ends in the id that ``MessageID`` repeats.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from digest.deliver.bounces.matching import Event
from digest.deliver.webhooks.posted import Posted, basic_login, same, text, told, values
from digest.model import BounceKind

# https://postmarkapp.com/developer/api/bounce-api#bounce-types
_KINDS = {
    "HardBounce": BounceKind.ADDRESS,
    "BadEmailAddress": BounceKind.ADDRESS,
    "SoftBounce": BounceKind.SOFT,
    "DnsError": BounceKind.SOFT,
    "Undeliverable": BounceKind.SOFT,
    "Unknown": BounceKind.SOFT,
    "SpamNotification": BounceKind.POLICY,
    "Blocked": BounceKind.POLICY,
    "ISPBlock": BounceKind.POLICY,
    "DMARCPolicy": BounceKind.POLICY,
    "VirusNotification": BounceKind.MESSAGE,
    "TemplateRenderingFailed": BounceKind.MESSAGE,
    "SpamComplaint": BounceKind.COMPLAINT,
}


def is_genuine(posted: Posted, secret: str, now: datetime) -> bool:  # noqa: ARG001  # it signs no time
    """Whether a report has the name and password that stand in the webhook's address."""
    return same(basic_login(posted.headers), secret)


def events(body: bytes) -> Iterator[Event]:
    """The failures and complaints of a report."""
    for found in values(body):
        kind = _KINDS.get(text(found, "Type"))
        if kind is None or text(found, "RecordType") not in ("Bounce", "SpamComplaint"):
            continue
        said = text(found, "Details") or text(found, "Description")
        yield Event(told(text(found, "Email"), said, kind), (text(found, "MessageID"),))
