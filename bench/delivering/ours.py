"""digest itself in a process of its own: ``ours.py CONFIG`` sends what its ledger has, as ``digest send`` does.

Prints when the sending began and ended, and its processor seconds, as JSON. It sends what no other process takes.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

from digest.model import DeliveryState, IssueId
from digest.pipeline.mail.send import send
from digest.wiring import open_installation

ISSUE = IssueId("weekly", date(2026, 11, 22))


def main(config: str) -> None:
    with open_installation(Path(config), datetime.now(UTC)) as installation:
        began, worked = time.time(), time.process_time()
        sent = send(installation, ISSUE, lambda: datetime.now(UTC))
        said = {
            "began": began,
            "ended": time.time(),
            "cpu": time.process_time() - worked,
            "accepted": sent.moved.get(DeliveryState.ACCEPTED, 0),
            "problem": sent.problem,
        }
    print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
