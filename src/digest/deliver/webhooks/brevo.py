"""Brevo: one event to a report, as JSON, with a bearer token or basic authentication.

Its reply to our message has the id that ``message-id`` repeats.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from digest.deliver.bounces.matching import Event
from digest.deliver.webhooks.posted import Posted, basic_login, bearer, same, text, told, values
from digest.model import BounceKind

_KINDS = {
    "hard_bounce": BounceKind.ADDRESS,
    "invalid_email": BounceKind.ADDRESS,
    "soft_bounce": BounceKind.SOFT,
    "error": BounceKind.SOFT,
    "blocked": BounceKind.POLICY,
    "spam": BounceKind.COMPLAINT,
    "complaint": BounceKind.COMPLAINT,
}


def is_genuine(posted: Posted, secret: str, now: datetime) -> bool:  # noqa: ARG001  # it signs no time
    """Whether a report has the token, or the NAME:PASSWORD, of the webhook."""
    login = basic_login(posted.headers)
    return same(login, secret) if login else same(bearer(posted.headers), secret)


def events(body: bytes) -> Iterator[Event]:
    """The failures and complaints of a report."""
    for found in values(body):
        kind = _KINDS.get(text(found, "event"))
        if kind is not None:
            id_ = text(found, "message-id")
            yield Event(told(text(found, "email"), text(found, "reason"), kind), (id_,), id_)
