"""What ``[operate]`` and ``[notices]`` say, checked, and the two secrets that they name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from digest.config.mailing import Findings
from digest.config.secrets import read_secret
from digest.errors import ConfigError
from digest.net.guard import endpoint
from digest.settings import NoticesSettings, OperateSettings, Settings

METRICS_VARIABLE = "DIGEST_METRICS_TOKEN"  # a name, not a token
NOTICES_VARIABLE = "DIGEST_NOTICES_SECRET"
_SHORTEST = 16  # characters
_HOST_PORT = re.compile(r"(?:\[[0-9A-Fa-f:]{2,39}\]|[A-Za-z0-9.-]{1,253}):\d{1,5}")


def operate_findings(operate: OperateSettings) -> Findings:
    """What is wrong with ``[operate]``: a key, and what was expected."""
    if operate.listen and not _HOST_PORT.fullmatch(operate.listen):
        yield "listen", f'expected "127.0.0.1:9108", got {operate.listen!r}'
    if operate.heartbeat:
        yield from _address("heartbeat", operate.heartbeat)
    for text in operate.allow:
        try:
            endpoint(text)
        except ValueError as error:
            yield "allow", str(error)


def notices_findings(notices: NoticesSettings) -> Findings:
    """What is wrong with ``[notices]``: a key, and what was expected."""
    if notices.webhook:
        yield from _address("webhook", notices.webhook)


def _address(key: str, url: str) -> Findings:
    """No name or password in it: they would stand in this file, and the guard contacts no such address."""
    try:
        parts = urlsplit(url)
        named = parts.username is not None or not parts.hostname
    except ValueError:
        named = True
    if named:
        yield key, "expected an address without a name and password"


def metrics_token(settings: Settings, environ: Mapping[str, str]) -> str:
    """Who brings it may read /metrics: $DIGEST_METRICS_TOKEN, else the file; "" where ``metrics`` asks for none.

    Raises:
        ConfigError: it is missing, too short, or cannot be read.
    """
    if settings.operate.metrics != "token":
        return ""
    return _secret(
        settings.operate.metrics_token_file, "[operate] metrics_token_file", METRICS_VARIABLE, environ
    )


def notices_secret(settings: Settings, environ: Mapping[str, str]) -> str:
    """What signs notices: $DIGEST_NOTICES_SECRET, else the file; "" where no webhook is set.

    Raises:
        ConfigError: as ``metrics_token``: a notice that nobody can tell from a forged one is not sent.
    """
    if not settings.notices.webhook:
        return ""
    return _secret(
        settings.notices.webhook_secret_file, "[notices] webhook_secret_file", NOTICES_VARIABLE, environ
    )


def _secret(file: Path | None, key: str, variable: str, environ: Mapping[str, str]) -> str:
    found = environ.get(variable, "")
    if not found and file is None:
        raise ConfigError(
            f"There is no secret for {key.partition(' ')[0]}: name its file in {key}, or set {variable}."
        )
    if not found and file is not None:
        found = read_secret(file, key, variable)
    if len(found.strip()) < _SHORTEST:
        raise ConfigError(
            f"{key}: expected at least {_SHORTEST} characters (`openssl rand -hex 32` makes a secret)."
        )
    return found.strip()
