"""Keys that sign mail: read from their files, and made."""

from __future__ import annotations

import os
from email.utils import parseaddr
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.deliver.dkim import RSA_BITS, Signer, signer
from digest.deliver.headers import wire_address
from digest.errors import ConfigError
from digest.settings import MailSettings

_MAX_BYTES = 64 * 1024
_EXPONENT = 65_537


def signers(mail: MailSettings) -> tuple[Signer, ...]:
    """The keys that ``[mail] dkim_keys`` names, in their order; a file's name is its selector.

    Raises:
        ConfigError: a file cannot be read, or holds no private key that fits.
    """
    return tuple(read_signer(path, signing_domain(mail)) for path in mail.dkim_keys)


def signing_domain(mail: MailSettings) -> str:
    """Whose name stands behind a signature: ``dkim_domain``, else the domain of ``from``."""
    address = wire_address(parseaddr(mail.from_)[1])
    return (mail.dkim_domain or address.rpartition("@")[2]).lower()


def read_signer(path: Path, domain: str) -> Signer:
    """The key of one file.

    Raises:
        ConfigError: as ``signers``.
    """
    try:
        with path.open("rb") as file:
            pem = file.read(_MAX_BYTES)
    except OSError as error:
        raise ConfigError(
            f"[mail] dkim_keys names {path}, which cannot be read: {error.strerror}. "
            f"`digest keys dkim {path.stem}` makes a key."
        ) from error
    return signer(domain, path.stem, pem)


def write_key(path: Path, *, is_ed25519: bool) -> None:
    """Make a key, readable by its owner only; an existing file is never touched.

    Raises:
        FileExistsError, OSError: it is there already, or cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate() if is_ed25519 else generate_private_key(_EXPONENT, RSA_BITS)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
