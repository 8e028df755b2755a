"""SendGrid: a list of events to a report, signed with ECDSA (P-256, SHA-256) over the time and the body.

Its reply to our message has the id with which ``sg_message_id`` begins; it keeps our Message-ID as ``smtp-id``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from digest.deliver.bounces.failures import Failure, failure
from digest.deliver.bounces.matching import Event
from digest.deliver.webhooks.posted import Posted, Values, is_recent, text, unpacked, values
from digest.model import BounceKind

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_MAILBOX = ("4.2.", "5.2.")  # full, mostly; it calls that blocked, too
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


def is_genuine(posted: Posted, secret: str, now: datetime) -> bool:
    """Whether the body is signed for the public key (base64) of the webhook, at a time that is near."""
    timestamp = posted.headers.get(_TIMESTAMP, "")
    signature = unpacked(posted.headers.get(_SIGNATURE, ""))
    try:
        key = load_der_public_key(unpacked(secret))
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(signature, timestamp.encode() + posted.body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return is_recent(timestamp, now)


def events(body: bytes) -> Iterator[Event]:
    """The failures and complaints of a report."""
    for found in values(body):
        told = _failure(found)
        if told is not None:
            id_ = text(found, "sg_message_id").partition(".")[0]
            yield Event(told, (id_,), text(found, "smtp-id"))


def _failure(found: Values) -> Failure | None:
    recipient, said = text(found, "email"), text(found, "reason", "response")
    match text(found, "event"):
        case "spamreport":
            return Failure(BounceKind.COMPLAINT, recipient, "", "spam report, by SendGrid's feedback loop")
        case "bounce":
            told = failure(recipient, text(found, "status"), said)
            if text(found, "type") == "blocked" and not told.status.startswith(_MAILBOX):
                return Failure(BounceKind.POLICY, told.recipient, told.status, told.words)
            return told
        case _:  # deferred: it tries again; dropped: it did not try, and we heard of that before
            return None
