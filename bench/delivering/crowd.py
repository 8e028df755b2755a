"""A million readers: how fast their rows are written, and how much memory their send takes.

As a program, ``crowd.py CONFIG READERS SECONDS`` writes the audience and sends for so long, to a sink that costs
nothing; it prints rows a second, messages a second, and the peak of memory in MB as JSON.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Timer

HERE = Path(__file__).parent
if __name__ == "__main__":
    sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests")]

import ground  # noqa: E402
import race  # noqa: E402
from sqlalchemy import Engine, delete, text  # noqa: E402  after the path of what follows

from deliver_samples import ISSUE  # noqa: E402
from digest.model import DeliveryState, Send, SendState  # noqa: E402
from digest.pipeline.mail.send import send  # noqa: E402
from digest.store import deliveries, schema  # noqa: E402
from digest.store.database import transaction  # noqa: E402
from digest.wiring import open_installation  # noqa: E402

_PEOPLE = """
    WITH RECURSIVE numbers(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM numbers WHERE n < 999 + :readers)
    INSERT INTO subscribers (id, address, address_key, created_at)
    SELECT n, 'reader' || n || '@example.org', 'reader' || n || '@example.org',
           (SELECT created_at FROM subscribers LIMIT 1) FROM numbers
"""
_SUBSCRIPTIONS = """
    INSERT INTO subscriptions (subscriber, digest, state, choice, consent_at, consent_source)
    SELECT id, 'weekly', 'confirmed', '', created_at, 'a form on paper' FROM subscribers WHERE id >= 1000
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a send to many took."""

    rows_a_second: float  # of the ledger, as INSERT … SELECT writes them
    messages_a_second: float
    memory: float  # MB at its peak


def measured(readers: int, seconds: float) -> Crowd:
    """Write the rows of ``readers`` people and begin to send to them, in a process of its own."""
    with race.cheap_sink() as place, TemporaryDirectory() as name:
        config = ground.write_config(Path(name), place.port, place.connections)
        engine = ground.prepare(Path(name), place.mail, 1)
        _fill(engine, readers)
        engine.dispose()
        command = [sys.executable, __file__, str(config), str(seconds)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return Crowd(**json.loads(done.stdout.splitlines()[-1]))


def _fill(engine: Engine, readers: int) -> None:
    with transaction(engine) as connection:
        connection.execute(text(_PEOPLE), {"readers": readers})
        connection.execute(text(_SUBSCRIPTIONS))
        connection.execute(delete(schema.deliveries))
        connection.execute(delete(schema.sends))


def main(config: str, seconds: str) -> None:
    now = datetime.now(UTC)
    with open_installation(Path(config), now) as installation:
        began = time.perf_counter()
        with transaction(installation.engine) as connection:
            wanted = Send(ISSUE, 1, SendState.RUNNING, now, now + timedelta(days=1))
            assert deliveries.request_send(connection, wanted, ())
        wrote = time.perf_counter() - began
        with transaction(installation.engine) as connection:
            rows = deliveries.counts(connection, ISSUE)[DeliveryState.QUEUED]
        stop = Event()
        Timer(float(seconds), stop.set).start()
        began = time.perf_counter()
        sent = send(installation, ISSUE, lambda: datetime.now(UTC), stop=stop)
        rate = sent.moved.get(DeliveryState.ACCEPTED, 0) / (time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows_a_second": rows / wrote, "messages_a_second": rate, "memory": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
