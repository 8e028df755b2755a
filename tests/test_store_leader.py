"""One scheduler at a time, whatever becomes of the one before."""

from __future__ import annotations

import subprocess
import sys
import time

from sqlalchemy import Engine

from digest.store.database import open_database
from digest.store.leader import leadership

HOLD = """
import sys
from digest.store.database import open_database
from digest.store.leader import leadership
with leadership(open_database(sys.argv[1])) as leads:
    print(leads, flush=True)
    sys.stdin.read()
"""


def test_one_scheduler_leads_and_the_next_one_when_it_ends(engine: Engine) -> None:
    """A second one is told no, does not wait, and leads once the first has ended."""
    other = open_database(engine.url.render_as_string(hide_password=False))
    with leadership(engine) as first, leadership(other) as second:
        assert (first, second) == (True, False)
    with leadership(other) as second:
        assert second
    other.dispose()


def test_a_scheduler_that_was_killed_blocks_nobody(engine: Engine) -> None:
    """The lock ends with its process, not with a clean exit."""
    url = engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with leadership(engine) as leads:
            assert not leads
        holder.kill()
        holder.wait()
        leads = _leads_before_long(engine)
    assert leads


def _leads_before_long(engine: Engine) -> bool:
    """A server notices a dead client when it next looks at its socket, which takes it a moment."""
    for _ in range(100):
        with leadership(engine) as leads:
            if leads:
                return True
        time.sleep(0.05)
    return False
