"""How fast, how patient and how frugal collecting is, beside ``reader``, ``rss2email`` and bare HTTP clients.

    make bench-collect                 2,000 feeds of 20 entries, five runs
    python bench/collect.py 500 3      500 feeds, three runs

``DIGEST_PEERS`` names a Python that has reader, rss2email, requests and pycurl; without it they are left out. Peers
that are slow collect a share of the feeds for the first time (it says how many). Each run is a process of its own.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent / "collecting"
sys.path.insert(0, str(HERE))

import servers  # noqa: E402

import feeds  # noqa: E402

PEERS = os.environ.get("DIGEST_PEERS", "")
SHARE = 200  # feeds that a slow peer collects
MISBEHAVING = 100  # sources beside the others; the rate is that of the others
LARGER = 5  # times as many feeds, to see whether memory grows


def run(who: str, folder: Path, urls: Sequence[str]) -> tuple[float, float]:
    """Feeds a second, and peak memory in MB, of one run on the state in ``folder``."""
    python = sys.executable if who == "digest" else PEERS
    listed = folder / "urls.txt"
    listed.write_text("\n".join(urls), encoding="utf-8")
    done = subprocess.run(
        [python, HERE / "runs.py", who, folder, listed], stdout=subprocess.PIPE, check=True, text=True
    )
    measured = json.loads(done.stdout.splitlines()[-1])
    good = sum(not feeds.is_bad(url) for url in urls)
    return good / measured["seconds"], measured["memory"]


class Feeds:
    """What is served: as many feeds, and by how many posts they have grown."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.count = count
        self.later = 0

    def grow(self) -> None:
        """Publish another post in each of them."""
        self.later += 1
        feeds.write(self.folder, self.count, self.later)


def runs(who: str, urls: Sequence[str], times: int, served: Feeds | None = None) -> None:
    """A line of the table: medians of a first collection, of one in which nothing changed, and one with a new post each.

    Without ``served`` of a first collection only.
    """
    firsts, seconds, thirds = [], [], []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as name:
            firsts.append(run(who, Path(name), urls))
            if served:
                seconds.append(run(who, Path(name), urls))
                served.grow()
                thirds.append(run(who, Path(name), urls))
    line(who, len(urls), firsts, seconds, thirds)


def line(who: str, count: int, *columns: Sequence[tuple[float, float]]) -> None:
    """Print medians with their spread, and the peak of the first column."""
    peak = f"{median(memory for _, memory in columns[0]):.0f}" if columns[0] else ""
    cells = [_rate(columns[0]), peak, *map(_rate, columns[1:])]
    print(f"| {who} | {count} | {' | '.join(cells)} |", flush=True)


def _rate(measured: Sequence[tuple[float, float]]) -> str:
    if not measured:
        return ""
    rates = [rate for rate, _ in measured]
    return f"{median(rates):.0f} ({min(rates):.0f}–{max(rates):.0f})"


def bare(who: str, urls: Sequence[str], times: int) -> None:
    """A line of the table for a client that only asks whether anything changed."""
    with tempfile.TemporaryDirectory() as name:
        line(who, len(urls), [], [run(who, Path(name), urls) for _ in range(times)], [])


def main(count: int, times: int) -> None:
    """Print the table."""
    with servers.serving(LARGER * count) as (kind, folder):
        served = Feeds(folder, count)
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        libraries = ", ".join(f"{name} {version(name)}" for name in ("requests", "lxml", "nh3", "SQLAlchemy"))
        print(f"{machine}; {libraries}; {kind}; medians of {times} (least–most)\n")
        print("| who | feeds | first, feeds/s | peak, MB | unchanged, feeds/s | one post new, feeds/s |")
        print("|---|---|---|---|---|---|")
        urls = feeds.good(servers.PORT, count)
        runs("digest", urls, times, served)
        runs("digest", urls + feeds.bad(servers.BAD_PORT, MISBEHAVING), 1)
        runs("digest", feeds.good(servers.PORT, LARGER * count), 1)
        if PEERS:
            runs("reader", urls[:SHARE], times, served)
            runs("rss2email", urls[:SHARE], times, served)
            for who in ("requests", "requests2", "pycurl"):
                bare(who, urls, times)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [2_000, 5][len(given) :]))
