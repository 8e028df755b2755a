"""What is wrong between the values of ``[mail]``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parseaddr
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from digest.deliver.dkim import check_selector
from digest.deliver.verp import LONGEST_NAME
from digest.errors import ConfigError
from digest.settings import MailSettings

Findings = Iterator[tuple[str, str]]  # key, what is wrong

_EXAMPLE_HOST = re.compile(
    r"(.*\.)?(example(\.(org|com|net))?|invalid|test|localhost)|127\..*", re.IGNORECASE
)


def is_example(host: str) -> bool:
    """A host that is reserved for examples and tests (RFC 2606, RFC 6761), or this machine."""
    return bool(_EXAMPLE_HOST.fullmatch(host))


def mail_findings(mail: MailSettings) -> Findings:
    """What is wrong between the values of ``[mail]``."""
    for key, text in (("from", mail.from_), ("reply_to", mail.reply_to), ("bounces", mail.bounces)):
        if (key == "from" or text) and (why := _no_address(text)):
            yield key, f'expected an address such as "Name <news@example.org>", got {text!r}: {why}'
    if not mail.postal.strip():
        yield "postal", "expected the postal line that every newsletter must show"
    if bool(mail.warm_up) != bool(mail.warm_up_from):
        yield "warm_up", "expected `warm_up` and `warm_up_from` together, such as [500, 1000] and 2026-11-22"
    elif min(mail.warm_up, default=1) < 1:
        yield "warm_up", "expected at least 1 message a day"
    yield from _returns(mail)
    yield from _signatures(mail)
    yield from _relay("", mail.relay, mail.username, mail)
    if mail.second_relay:
        yield from _relay("second_", mail.second_relay, mail.second_username, mail)


def _returns(mail: MailSettings) -> Findings:
    name = parseaddr(mail.bounces)[1].rpartition("@")[0]
    if mail.verp and len(name) > LONGEST_NAME:
        yield "bounces", f"expected at most {LONGEST_NAME} characters before the @, or `verp = false`"


def _signatures(mail: MailSettings) -> Findings:
    for path in mail.dkim_keys:
        try:
            check_selector(path.stem)
        except ConfigError as error:
            yield "dkim_keys", f"the name of {path.name} is its selector: {error}"


def _no_address(text: str) -> str:
    address = parseaddr(text)[1]
    if not address or any(char < " " for char in text):
        return "there is none in it"
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        return str(error)
    return ""


def _relay(prefix: str, url: str, username: str, mail: MailSettings) -> Findings:
    expected = "expected smtp://host:port or smtps://host:port"
    try:
        relay = urlsplit(url)
        host, _ = relay.hostname, relay.port
    except ValueError:
        yield f"{prefix}relay", f"{expected}, got {url!r}"
        return
    if relay.username is not None or relay.password is not None:
        where = f"`{prefix}username` and `{prefix}password_file`"
        yield f"{prefix}relay", f"{expected}, without a name or password: those go to {where}"
    elif relay.scheme not in ("smtp", "smtps") or not host or relay.path.strip("/") or relay.query:
        yield f"{prefix}relay", f"{expected}, got {url!r}"
    if username and relay.scheme == "smtp" and mail.starttls == "never" and not is_example(host or ""):
        yield (
            "starttls",
            f'expected "required" or "offered": with "never" the password would cross to {host} in clear',
        )
