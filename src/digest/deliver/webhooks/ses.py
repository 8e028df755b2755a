"""Amazon SES by way of SNS: signed with a certificate of Amazon's that the report itself names.

Anybody with an account there can have Amazon sign something, so a report counts only if it is of our own topic; and
the certificate is fetched, and a subscription confirmed, only at Amazon's addresses. SES's reply to our message has
the id that ``mail.messageId`` repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from digest.deliver import verp
from digest.deliver.bounces.failures import Failure, failure
from digest.deliver.bounces.matching import Event
from digest.deliver.webhooks.posted import Values, inner, is_near, objects, same, text, unpacked, values
from digest.model import BounceKind

_HOST = r"https://sns\.[a-z0-9-]{3,30}\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE = re.compile(rf"{_HOST}/SimpleNotificationService-[0-9a-f]{{32}}\.pem", re.ASCII)
_SUBSCRIBE = re.compile(rf"{_HOST}/\?[A-Za-z0-9&=%:._~+-]{{1,4000}}", re.ASCII)
_HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303  # Amazon's default
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
    "UnsubscribeConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
_NO_COMPLAINT = ("not-spam", "auth-failure")
_ABOUT_MESSAGE = ("MessageTooLarge", "ContentRejected", "AttachmentRejected")


def certificate_url(body: bytes, topic: str) -> str | None:
    """Where the certificate is that a report of our topic says it is signed with; None where that is not Amazon's."""
    found = _posted(body)
    url = text(found, "SigningCertURL")
    return url if same(text(found, "TopicArn"), topic) and _CERTIFICATE.fullmatch(url) else None


def is_genuine(body: bytes, topic: str, certificate: bytes, now: datetime) -> bool:
    """Whether a report of our topic is signed with the certificate (PEM), at a time that is near."""
    found = _posted(body)
    if not same(text(found, "TopicArn"), topic) or not _is_recent(text(found, "Timestamp"), now):
        return False
    signature, algorithm = unpacked(text(found, "Signature")), _HASHES.get(text(found, "SignatureVersion"))
    names = _SIGNED.get(text(found, "Type"), ())
    if algorithm is None or not names:
        return False
    signed = "".join(f"{name}\n{found[name]}\n" for name in names if isinstance(found.get(name), str))
    try:
        known = x509.load_pem_x509_certificate(certificate)
        key = known.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        key.verify(signature, signed.encode(errors="surrogatepass"), padding.PKCS1v15(), algorithm)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return known.not_valid_before_utc <= now <= known.not_valid_after_utc


def subscription(body: bytes) -> str | None:
    """What is to be fetched so that our topic sends its reports here, where that is what it asks for."""
    found = _posted(body)
    url = text(found, "SubscribeURL")
    wanted = text(found, "Type") == "SubscriptionConfirmation" and _SUBSCRIBE.fullmatch(url)
    return url if wanted else None


def events(body: bytes) -> Iterator[Event]:
    """The failures and complaints of a report."""
    for found in values(text_of_message(body)):
        mail = inner(found, "mail")
        headers = {text(header, "name").lower(): text(header, "value") for header in objects(mail, "headers")}
        for told in _failures(found):
            mark, message_id = headers.get(verp.MARK.lower(), ""), headers.get("message-id", "")
            yield Event(told, (text(mail, "messageId"),), message_id, mark)


def text_of_message(body: bytes) -> bytes:
    """What SES says, within what SNS says."""
    message = _posted(body).get("Message")
    return message.encode(errors="replace") if isinstance(message, str) else b""


def _failures(found: Values) -> Iterator[Failure]:
    match text(found, "notificationType", "eventType"):
        case "Bounce":
            bounce = inner(found, "bounce")
            for recipient in objects(bounce, "bouncedRecipients"):
                told = _bounce(bounce, recipient)
                if told is not None:
                    yield told
        case "Complaint":
            complaint = inner(found, "complaint")
            kind = text(complaint, "complaintFeedbackType")
            if kind in _NO_COMPLAINT or text(
                complaint, "complaintSubType"
            ):  # it was on their list, and not sent
                return
            for recipient in objects(complaint, "complainedRecipients"):
                words = f"complaint, by Amazon's feedback loop: {kind or 'abuse'}"
                yield Failure(BounceKind.COMPLAINT, text(recipient, "emailAddress"), "", words)


def _bounce(bounce: Values, recipient: Values) -> Failure | None:
    status, said = text(recipient, "status"), text(recipient, "diagnosticCode")
    kind, subtype = text(bounce, "bounceType"), text(bounce, "bounceSubType")
    if kind == "Transient" and not said and not status:  # so it reports somebody who is on leave
        return None
    told = failure(text(recipient, "emailAddress"), status, said or f"{kind} {subtype}")
    if subtype in _ABOUT_MESSAGE:
        return Failure(BounceKind.MESSAGE, told.recipient, told.status, told.words)
    if kind == "Transient" and told.kind is BounceKind.ADDRESS:
        return Failure(BounceKind.SOFT, told.recipient, told.status, told.words)
    return told


def _posted(body: bytes) -> Values:
    found = values(body)
    return found[0] if len(found) == 1 else {}


def _is_recent(timestamp: str, now: datetime) -> bool:
    try:
        at = datetime.fromisoformat(timestamp)
    except ValueError:
        return False
    return is_near(at if at.tzinfo else at.replace(tzinfo=UTC), now)
