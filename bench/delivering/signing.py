"""What a DKIM signature costs: the bare RSA-2048 call, ours on top of an unsigned copy, and dkimpy's."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deliver_samples import ISSUE, sample_letterhead
from digest.deliver.dkim import Signer, signer
from digest.deliver.message import Stencil, stencil
from digest.model import Rendering

HERE = Path(__file__).parent
DOMAIN, SELECTOR = "example.org", "s1"
TIMES = 200
_HEADERS = b"x" * 700  # about as many bytes as the canonical headers of a message


@dataclass(frozen=True, slots=True)
class Signing:
    """Milliseconds of processor time, a message."""

    bare: float
    ours: float
    dkimpy: float | None


def new_key(path: Path) -> RSAPrivateKey:
    """An RSA key of 2048 bits, stored in PEM."""
    key = generate_private_key(65_537, 2_048)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return key


def measured(folder: Path, mail: Mapping[str, str], peer: Path | None, runs: int) -> Signing:
    """Medians of ``runs``, in each of which all take their turn; dkimpy by the Python ``peer``."""
    path = folder / f"{SELECTOR}.pem"
    key = new_key(path)
    plain, signed = _stencil(mail), _stencil(mail, signer(DOMAIN, SELECTOR, path.read_bytes()))
    bare = partial(key.sign, _HEADERS, PKCS1v15(), SHA256())
    works = (bare, partial(_copy, plain), partial(_copy, signed))
    times = [tuple(map(_milliseconds, works)) for _ in range(runs)]
    return Signing(
        median(alone for alone, _, _ in times),
        median(after - before for _, before, after in times),
        _dkimpy(peer, path, _copy(plain), runs) if peer else None,
    )


def _dkimpy(peer: Path, key: Path, message: bytes, runs: int) -> float:
    path = key.with_name("message.eml")
    path.write_bytes(message)
    command = [peer, HERE / "dkimpy_peer.py", key, path, str(runs)]
    return float(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)


def _stencil(mail: Mapping[str, str], *signers: Signer) -> Stencil:
    page, text = mail["html"], mail["text"]
    rendering = Rendering(ISSUE, 1, "", mail["subject"], page, text, sha256(page.encode()).hexdigest())
    return stencil(rendering, replace(sample_letterhead(), signers=signers), datetime.now(UTC))


def _copy(of: Stencil) -> bytes:
    return of.letter(7, "reader7@example.org", 7).data


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(TIMES):
        work()
    return (time.process_time() - began) * 1000 / TIMES
