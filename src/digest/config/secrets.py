"""What must not stand in config.toml: from the environment, else from a file that only its owner reads."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from digest.errors import ConfigError
from digest.settings import Settings

PASSWORD_VARIABLE = "DIGEST_MAIL_PASSWORD"  # noqa: S105 (a name, not a password)
SECRET_VARIABLE = "DIGEST_SECRET"  # noqa: S105
_MAX_BYTES = 64 * 1024


def mail_password(settings: Settings, environ: Mapping[str, str]) -> str:
    """The relay's password: $DIGEST_MAIL_PASSWORD, else the file; "" where no user name is set.

    Raises:
        ConfigError: there is a user name but no password, or its file cannot be read.
    """
    mail = settings.mail
    if not mail.username:
        return ""
    if environ.get(PASSWORD_VARIABLE):
        return environ[PASSWORD_VARIABLE]
    if mail.password_file is None:
        raise ConfigError(
            f"[mail] username is {mail.username!r}, but there is no password: "
            f"name its file in [mail] password_file, or set {PASSWORD_VARIABLE}."
        )
    return _read(mail.password_file, "[mail] password_file", PASSWORD_VARIABLE).rstrip("\r\n")


def secret_keys(settings: Settings, environ: Mapping[str, str]) -> str:
    """The keys that sign links, one per line: $DIGEST_SECRET, else the file; for ``tokens.parse_keys``.

    Raises:
        ConfigError: the file is missing, empty or cannot be read.
    """
    if environ.get(SECRET_VARIABLE):
        return environ[SECRET_VARIABLE]
    return _read(settings.serve.secret_file, "[serve] secret_file", SECRET_VARIABLE)


def write_secret(path: Path) -> None:
    """Write a fresh key of 32 bytes as hex, readable by its owner only; an existing file is never touched.

    Raises:
        FileExistsError, OSError: it is there already, or cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")


def _read(path: Path, key: str, variable: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
        text = data.decode()
    except OSError as error:
        raise ConfigError(
            f"{key} names {path}, which cannot be read: {error.strerror}. Write it (`digest init` does so for a "
            f"new installation; `openssl rand -hex 32` makes a key), or set {variable}."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{key} names {path}, which holds bytes that are no text.") from error
    if not text.strip():
        raise ConfigError(f"{key} names {path}, which is empty: write the secret into it, or set {variable}.")
    return text
