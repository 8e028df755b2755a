"""Who takes our mail, and on what terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from digest.errors import ConfigError
from digest.settings import MailSettings

_PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Relay:
    """Who takes our mail, and on what terms. ``timeout`` is in seconds, per answer."""

    host: str
    port: int
    tls: bool = False  # from the first byte (RFC 8314), not by STARTTLS
    starttls: Literal["required", "offered", "never"] = "offered"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 300.0

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'smtps' if self.tls else 'smtp'}://{host}:{self.port}"


def relay(mail: MailSettings, password: str = "") -> Relay:
    """The relay that ``[mail]`` names.

    Raises:
        ConfigError: ``relay`` is no smtp:// or smtps:// address.
    """
    try:
        url = urlsplit(mail.relay)
        scheme, host, port, odd = url.scheme, url.hostname, url.port, url.username or url.path.strip("/")
    except ValueError:
        scheme, host, port, odd = "", None, None, ""
    if scheme not in _PORTS or not host or odd or port == 0:
        raise ConfigError(
            f"[mail] relay: expected smtp://HOST:PORT or smtps://HOST:PORT, got {mail.relay!r}"
            " (user name and password have settings of their own)."
        )
    return Relay(
        host=host,
        port=port or _PORTS[scheme],
        tls=scheme == "smtps",
        starttls=mail.starttls,
        username=mail.username,
        password=password,
        timeout=mail.timeout_seconds,
    )
