"""Every locked package held against published advisories, with pip-audit; says clearly where none can be reached.

    python packaging/audit.py PIP_AUDIT

Exit codes: 0 no advisory names a locked version, 1 one does, 3 nobody could be asked, so nothing is known.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
UNKNOWN = 3
# What pip-audit, or what it stands on, says when it gets no answer.
_AWAY = (
    "ConnectionError",
    "Max retries exceeded",
    "ProxyError",
    "ConnectTimeout",
    "ServiceError",
    "Failed to establish",
)


def audit(program: str, lock: Path) -> int:
    """Ask about one lock, and say what came of it."""
    options = ["--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    ran = subprocess.run([program, *options, "--requirement", str(lock)], capture_output=True, text=True)
    said = ran.stdout + ran.stderr
    if ran.returncode and any(words in said for words in _AWAY):
        sys.stdout.write(
            f"{lock.name}: no source of advisories can be reached, so nothing is known of its packages.\n"
        )
        return UNKNOWN
    sys.stdout.write(f"{lock.name}:\n{said}")
    return min(ran.returncode, 1)


def main() -> None:
    """All locks; the worst of them is the exit code."""
    codes = {audit(sys.argv[1], ROOT / name) for name in LOCKS}
    sys.exit(1 if 1 in codes else max(codes))


if __name__ == "__main__":
    main()
