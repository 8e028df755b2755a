"""Reports as mail providers post them, signed with keys that a test makes: people, ids and sentences are invented."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from bounce_samples import READER
from deliver_samples import NOW

ID = "0d3c2f5e-7a41-4e0f-9d55-6b1f0a6c9e77"
MESSAGE_ID = "<weekly.2026-11-22.0123456789abcdef0123@example.org>"
UNKNOWN = "550 5.1.1 User unknown"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
CERTIFICATE_URL = f"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-{'0a' * 16}.pem"
MAILGUN_KEY = "key-invented-for-tests"
POSTMARK_LOGIN = "digest:an invented password"
BREVO_TOKEN = "an-invented-token"


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider posts."""

    provider: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def _basic(login: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}


# ── Postmark, Brevo ──────────────────────────────────────────────────────────────────────────────


def postmark(
    kind: str = "HardBounce", said: str = UNKNOWN, login: str = POSTMARK_LOGIN, **more: object
) -> Report:
    record = "SpamComplaint" if kind == "SpamComplaint" else "Bounce"
    found = {"RecordType": record, "Type": kind, "Email": READER, "MessageID": ID, "Details": said} | more
    return Report("postmark", json.dumps(found).encode(), _basic(login))


def brevo(event: str = "hard_bounce", said: str = UNKNOWN, token: str = BREVO_TOKEN) -> Report:
    found = {"event": event, "email": READER, "message-id": f"<{ID}@relay.example>", "reason": said}
    return Report("brevo", json.dumps(found).encode(), {"Authorization": f"Bearer {token}"})


# ── Mailgun ──────────────────────────────────────────────────────────────────────────────────────


def mailgun(
    event: str = "failed",
    severity: str = "permanent",
    said: str = UNKNOWN,
    key: str = MAILGUN_KEY,
    at: datetime = NOW,
    message_id: str = MESSAGE_ID,
) -> Report:
    timestamp, token = str(int(at.timestamp())), "5e1f" * 12
    found = {
        "signature": {
            "timestamp": timestamp,
            "token": token,
            "signature": hmac.digest(key.encode(), f"{timestamp}{token}".encode(), sha256).hex(),
        },
        "event-data": {
            "event": event,
            "severity": severity,
            "recipient": READER,
            "delivery-status": {"code": 550, "message": said},
            "message": {"headers": {"message-id": message_id.strip("<>")}},
        },
    }
    return Report("mailgun", json.dumps(found).encode())


# ── SendGrid ─────────────────────────────────────────────────────────────────────────────────────


@cache
def sendgrid_key(name: str) -> ec.EllipticCurvePrivateKey:
    """A private key for each name."""
    return ec.generate_private_key(ec.SECP256R1())


def sendgrid_secret() -> str:
    """The public key as SendGrid shows it."""
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(sendgrid_key("ours").public_key().public_bytes(*form)).decode()


def sendgrid(*events: dict[str, object], key: str = "ours", at: datetime = NOW) -> Report:
    plain: dict[str, object] = {
        "event": "bounce",
        "email": READER,
        "sg_message_id": f"{ID}.filter01.23.45",
        "reason": UNKNOWN,
        "type": "bounce",
        "status": "5.1.1",
    }
    body = json.dumps([plain | event for event in events or ({},)]).encode()
    timestamp = str(int(at.timestamp()))
    signature = sendgrid_key(key).sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
    }
    return Report("sendgrid", body, headers)


# ── Amazon SES, by SNS ───────────────────────────────────────────────────────────────────────────


@cache
def amazon_key(name: str) -> rsa.RSAPrivateKey:
    """A private key for each name."""
    return rsa.generate_private_key(65537, 2048)


@cache
def certificate(name: str = "amazon", until: datetime = NOW + timedelta(days=30)) -> bytes:
    """A certificate of that key, as PEM."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.example")])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(amazon_key(name).public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=60))
        .not_valid_after(until)
        .sign(amazon_key(name), hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)


def bounce(kind: str = "Permanent", subtype: str = "General", **recipient: str) -> dict[str, object]:
    """What SES says of a bounce."""
    told = {"emailAddress": READER, "status": "5.1.1", "diagnosticCode": f"smtp; {UNKNOWN}"} | recipient
    found = {"bounceType": kind, "bounceSubType": subtype, "bouncedRecipients": [told]}
    return {"notificationType": "Bounce", "bounce": found, "mail": {"messageId": ID}}


def complaint(kind: str = "abuse", subtype: str | None = None) -> dict[str, object]:
    """What SES says of a complaint."""
    found = {
        "complainedRecipients": [{"emailAddress": READER}],
        "complaintFeedbackType": kind,
        "complaintSubType": subtype,
    }
    return {"notificationType": "Complaint", "complaint": found, "mail": {"messageId": ID}}


def ses(
    said: Mapping[str, object] | None = None,
    version: str = "2",
    key: str = "amazon",
    at: datetime = NOW,
    changes: Mapping[str, str] = MappingProxyType({}),
) -> Report:
    """A notification of our topic; ``changes`` are made before it is signed."""
    found = {
        "Type": "Notification",
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
        "TopicArn": TOPIC,
        "Message": json.dumps(said or bounce()),
        "Timestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE_URL,
        **changes,
    }
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{found[name]}\n" for name in names if name in found)
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    found["Signature"] = base64.b64encode(
        amazon_key(key).sign(signed.encode(), padding.PKCS1v15(), algorithm)
    ).decode()
    return Report("ses", json.dumps(found).encode())


SUBSCRIBE_URL = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37fb687f5d51e6e2425"


def ses_subscription(url: str = SUBSCRIBE_URL, key: str = "amazon", topic: str = TOPIC) -> Report:
    """Our topic, or another one, asks whether it may send its reports here."""
    asked = {"Type": "SubscriptionConfirmation", "SubscribeURL": url, "Token": "2336412f37fb687f5d51e6e2425"}
    return ses(key=key, changes=asked | {"TopicArn": topic})
