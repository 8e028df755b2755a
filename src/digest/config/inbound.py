"""What ``[inbound]`` says, checked; the password of its mailbox, and the secrets of webhooks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from digest.config.secrets import read_secret
from digest.errors import ConfigError
from digest.settings import InboundSettings, Settings

IMAP_VARIABLE = "DIGEST_IMAP_PASSWORD"  # a name, not a password
WEBHOOKS_VARIABLE = "DIGEST_WEBHOOKS"
PROVIDERS = ("brevo", "mailgun", "postmark", "sendgrid", "ses")
_SHORTEST_SECRET = 8
_HOST_PORT = re.compile(r"(?:\[[0-9A-Fa-f:]{2,39}\]|[A-Za-z0-9.-]{1,253}):\d{1,5}")
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}")


def findings(inbound: InboundSettings) -> Iterator[tuple[str, str]]:
    """What is wrong with the table: a key, and what was expected."""
    if inbound.lmtp and not (inbound.lmtp.startswith("/") or _HOST_PORT.fullmatch(inbound.lmtp)):
        yield "lmtp", f'expected "127.0.0.1:8024", or the whole path of a socket, got {inbound.lmtp!r}'
    if inbound.imap:
        yield from _mailbox(inbound)


def _mailbox(inbound: InboundSettings) -> Iterator[tuple[str, str]]:
    expected = "expected imaps://host:port"
    try:
        url = urlsplit(inbound.imap)
        host, _ = url.hostname or "", url.port
    except ValueError:
        yield "imap", f"{expected}, got {inbound.imap!r}"
        return
    is_here = host in ("localhost", "127.0.0.1", "::1")
    if url.scheme not in ("imap", "imaps") or not host or url.path.strip("/") or url.username is not None:
        yield "imap", f"{expected}, got {inbound.imap!r}; the name goes to `imap_user`"
    elif url.scheme == "imap" and not is_here:
        yield "imap", f"{expected}: with imap:// the password would cross to {host} in clear"
    if not inbound.imap_user:
        yield "imap_user", "expected the name to sign in with"


def imap_password(settings: Settings, environ: Mapping[str, str]) -> str:
    """The mailbox's password: $DIGEST_IMAP_PASSWORD, else the file; "" where no mailbox is read.

    Raises:
        ConfigError: there is none, or its file cannot be read.
    """
    inbound = settings.inbound
    if not inbound.imap:
        return ""
    if environ.get(IMAP_VARIABLE):
        return environ[IMAP_VARIABLE]
    if inbound.imap_password_file is None:
        raise ConfigError(
            f"[inbound] imap is {inbound.imap!r}, but there is no password: name its file in [inbound] "
            f"imap_password_file, or set {IMAP_VARIABLE}."
        )
    return read_secret(inbound.imap_password_file, "[inbound] imap_password_file", IMAP_VARIABLE).rstrip(
        "\r\n"
    )


def webhook_secrets(settings: Settings, environ: Mapping[str, str]) -> Mapping[str, str]:
    """What proves a provider's reports, by the provider's name: $DIGEST_WEBHOOKS, else the file; {} where there is none.

    Raises:
        ConfigError: the file cannot be read, or names another provider; the sentence never shows a secret.
    """
    path, text = settings.inbound.webhooks_file, environ.get(WEBHOOKS_VARIABLE, "")
    if not text and path is None:
        return {}
    if not text and path is not None:
        text = read_secret(path, "[inbound] webhooks_file", WEBHOOKS_VARIABLE)
    return _secrets(text, WEBHOOKS_VARIABLE if environ.get(WEBHOOKS_VARIABLE) else str(path))


def _secrets(text: str, place: str) -> Mapping[str, str]:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise ConfigError(f'{place}: expected lines such as postmark = "NAME:PASSWORD".') from None
    for name, secret in found.items():
        if why := _fault(name, secret):
            raise ConfigError(f"{place}: {why}.")
    return {name: str(secret).strip() for name, secret in found.items()}


def _fault(name: str, secret: object) -> str:
    """What is wrong with one line of the secrets, or ""."""
    if name not in PROVIDERS:
        return f"expected the name of a provider ({', '.join(PROVIDERS)}), got {name!r}"
    if not isinstance(secret, str) or len(secret.strip()) < _SHORTEST_SECRET:
        return f"{name}: expected a text of at least {_SHORTEST_SECRET} characters between quotation marks"
    if name == "ses" and not _TOPIC.fullmatch(secret.strip()):
        return "ses: expected the ARN of the SNS topic, such as arn:aws:sns:REGION:ACCOUNT:NAME"
    if name == "postmark" and ":" not in secret:
        return "postmark: expected NAME:PASSWORD, as in the webhook's address"
    return ""
