"""What a signature of dkimpy takes, by the peers' Python: ``dkimpy_peer.py KEY MESSAGE RUNS``, in milliseconds."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

import dkim

TIMES = 20


def main(key: str, message: str, runs: str) -> None:
    data, pem = Path(message).read_bytes(), Path(key).read_bytes()
    times = []
    for _ in range(int(runs)):
        began = time.process_time()
        for _ in range(TIMES):
            dkim.sign(data, b"s1", b"example.org", pem, canonicalize=(b"relaxed", b"relaxed"))
        times.append((time.process_time() - began) * 1000 / TIMES)
    print(median(times))


if __name__ == "__main__":
    main(*sys.argv[1:])
