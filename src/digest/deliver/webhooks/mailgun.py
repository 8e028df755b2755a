"""Mailgun: one event to a report, as JSON with a signature of its own (HMAC-SHA-256 over time and token).

It keeps our Message-ID.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from digest.deliver.bounces.failures import Failure, failure
from digest.deliver.bounces.matching import Event
from digest.deliver.webhooks.posted import Posted, Values, inner, is_recent, same, text, values
from digest.model import BounceKind


def is_genuine(posted: Posted, secret: str, now: datetime) -> bool:
    """Whether every event is signed with the account's signing key, at a time that is near."""
    found = values(posted.body)
    return bool(found) and all(_is_signed(inner(each, "signature"), secret, now) for each in found)


def _is_signed(signature: Values, secret: str, now: datetime) -> bool:
    timestamp, token = text(signature, "timestamp"), text(signature, "token")
    expected = hmac.digest(secret.encode(), f"{timestamp}{token}".encode(), sha256).hex()
    return same(text(signature, "signature"), expected) and is_recent(timestamp, now)


def events(body: bytes) -> Iterator[Event]:
    """The failures and complaints of a report."""
    for report in values(body):
        found = inner(report, "event-data")
        told = _failure(found)
        if told is not None:
            yield Event(told, (), text(inner(found, "message", "headers"), "message-id"))


def _failure(found: Values) -> Failure | None:
    recipient, status = text(found, "recipient"), inner(found, "delivery-status")
    event, severity = text(found, "event"), text(found, "severity")
    if event == "complained":
        return Failure(BounceKind.COMPLAINT, recipient, "", "complained, by Mailgun's feedback loop")
    if event != "failed" or severity == "temporary":  # it tries those again
        return None
    said = " ".join((text(status, "code"), text(status, "message", "description"), text(found, "reason")))
    return failure(recipient, text(status, "enhanced-code"), said)
