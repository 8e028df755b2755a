"""``make mailcheck``: how much like spam the newsletter looks to SpamAssassin and to rspamd, where these are installed.

An invented issue is made into the raw message that a subscriber would get, and scored without asking the network.
Ends with 1 where a score is above its limit, and says by name what is not installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from deliver_samples import NOW, sample_letterhead  # noqa: E402  after the path to it
from digest.deliver.message import letter  # noqa: E402
from mails import mail  # noqa: E402
from publish_samples import issue  # noqa: E402

START_SECONDS = 30  # rspamd compiles its rules first
_SPAMASSASSIN = re.compile(r"^X-Spam-Status:.*?\bscore=(-?[\d.]+)", re.MULTILINE)
_RSPAMD = re.compile(r"^Score: (-?[\d.]+)", re.MULTILINE)
_RULES = re.compile(
    r"^(?: *-?\d+\.\d [A-Z][A-Z\d_]+ .*|Symbol: \w+ \(-?(?:0\.\d*[1-9]|[1-9])[^\n]*)$", re.MULTILINE
)


def spamassassin(message: bytes) -> tuple[float, str]:
    """The score and what SpamAssassin says of the message; its tests of the network are off (``-L``)."""
    return _scored(("spamassassin", "-L", "-t"), message, _SPAMASSASSIN)


def rspamd(message: bytes) -> tuple[float, str]:
    """The score and the symbols of rspamd, of which one is started for as long as that takes."""
    with _running_rspamd():
        return _scored(("rspamc", "symbols"), message, _RSPAMD)


CHECKS: dict[str, tuple[Callable[[bytes], tuple[float, str]], float]] = {
    "spamassassin": (spamassassin, 1.0),
    "rspamd": (rspamd, 4.0),
}


def main() -> int:
    """Score one message by all that is installed; 1 where one is above its limit."""
    message = letter(mail(issue(8)), sample_letterhead(), 1, "reader@example.org", NOW).data
    above = 0
    for name, (score_of, limit) in CHECKS.items():
        if which(name) is None:
            print(f"{name}: not installed (Debian's package {name}), so not asked")
            continue
        score, words = score_of(message)
        above += score > limit
        print(f"{name}: {score:.1f}, {'above' if score > limit else 'within'} the limit of {limit:.0f}")
        print(*(f"    {line.strip()}" for line in _RULES.findall(words)), sep="\n")
    return 1 if above else 0


def _scored(command: tuple[str, ...], message: bytes, score: re.Pattern[str]) -> tuple[float, str]:
    done = subprocess.run(command, input=message, capture_output=True, timeout=120, check=False)
    words = done.stdout.decode(errors="replace")
    found = score.search(words)
    if found is None:
        raise SystemExit(
            f"{command[0]} gave no score: {(done.stderr.decode(errors='replace') or words).strip()}"
        )
    return float(found[1]), words


@contextmanager
def _running_rspamd() -> Iterator[None]:
    daemon = subprocess.Popen(
        ("rspamd", "--no-fork", "--insecure"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and subprocess.run(("rspamc", "stat"), capture_output=True).returncode:
            time.sleep(0.5)
        yield
    finally:
        daemon.terminate()
        daemon.wait(timeout=30)


if __name__ == "__main__":
    sys.exit(main())
