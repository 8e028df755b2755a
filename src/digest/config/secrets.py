"""What must not stand in config.toml: from the environment, else from a file that only its owner reads."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from digest.errors import ConfigError
from digest.settings import Settings

PASSWORD_VARIABLE = "DIGEST_MAIL_PASSWORD"  # noqa: S105 (a name, not a password)
SECOND_PASSWORD_VARIABLE = "DIGEST_MAIL_SECOND_PASSWORD"  # noqa: S105
SECRET_VARIABLE = "DIGEST_SECRET"  # noqa: S105
_MAX_BYTES = 64 * 1024


def mail_password(settings: Settings, environ: Mapping[str, str]) -> str:
    """The relay's password: $DIGEST_MAIL_PASSWORD, else the file; "" where no user name is set.

    Raises:
        ConfigError: there is a user name but no password, or its file cannot be read.
    """
    mail = settings.mail
    return _password("", mail.username, mail.password_file, PASSWORD_VARIABLE, environ)


def second_mail_password(settings: Settings, environ: Mapping[str, str]) -> str:
    """The second relay's password: $DIGEST_MAIL_SECOND_PASSWORD, else the file; "" where no user name is set.

    Raises:
        ConfigError: as ``mail_password``.
    """
    mail = settings.mail
    return _password(
        "second_", mail.second_username, mail.second_password_file, SECOND_PASSWORD_VARIABLE, environ
    )


def _password(
    prefix: str, username: str, file: Path | None, variable: str, environ: Mapping[str, str]
) -> str:
    if not username:
        return ""
    if environ.get(variable):
        return environ[variable]
    if file is None:
        raise ConfigError(
            f"[mail] {prefix}username is {username!r}, but there is no password: "
            f"name its file in [mail] {prefix}password_file, or set {variable}."
        )
    return read_secret(file, f"[mail] {prefix}password_file", variable).rstrip("\r\n")


def secret_keys(settings: Settings, environ: Mapping[str, str]) -> str:
    """The keys that sign links, one per line: $DIGEST_SECRET, else the file; for ``tokens.parse_keys``.

    Raises:
        ConfigError: the file is missing, empty or cannot be read.
    """
    if environ.get(SECRET_VARIABLE):
        return environ[SECRET_VARIABLE]
    return read_secret(settings.serve.secret_file, "[serve] secret_file", SECRET_VARIABLE)


def write_secret(path: Path) -> None:
    """Write a fresh key of 32 bytes as hex, readable by its owner only; an existing file is never touched.

    Raises:
        FileExistsError, OSError: it is there already, or cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")


def read_secret(path: Path, key: str, variable: str) -> str:
    """What a secret's file says; ``key`` is the setting that names it, ``variable`` takes its place, or is "".

    Raises:
        ConfigError: it cannot be read, or is empty.
    """
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
