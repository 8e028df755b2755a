"""The tree of a digest: 500 issues built, built again, with one more; and the first issue of all.

Processor time, in fresh folders; what reading the issues from the database takes is measured beside it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from digest import codec, tree
from digest.model import IssueDocument
from digest.publish.addresses import PublishedIssue
from digest.publish.page import Shelf
from digest.publish.plan import House, plan
from feed_samples import ENVIRONMENT, RESOURCES, SOURCES, week
from publish_samples import DIGEST, PUBLISH

ISSUES = 500
PICKS = 12
MOST_SECONDS, MOST_SECONDS_AGAIN, MOST_TIMES = 10, 1, 10


@dataclass(frozen=True, slots=True)
class Trees:
    """Milliseconds of processor time; ``reading`` is that of all issues, and part of none of the others."""

    first: float
    all: float
    again: float
    one_more: float
    reading: float
    files: int
    megabytes: float

    def lines(self) -> list[str]:
        """For a person."""
        more = (self.one_more + self.reading) / self.first
        return [
            f"a tree of {ISSUES} issues of {PICKS} posts: {self.files:,} files, {self.megabytes:.0f} MB",
            f"  {'the first issue':30} {self.first:9.0f} ms",
            f"  {'all of them':30} {self.all:9.0f} ms (at most {MOST_SECONDS} s)",
            f"  {'the same again':30} {self.again:9.0f} ms (at most {MOST_SECONDS_AGAIN} s)",
            f"  {'one more':30} {self.one_more:9.0f} ms",
            f"  {'reading them':30} {self.reading:9.0f} ms",
            f"  one more, read and written, takes {more:.1f} times the first (at most {MOST_TIMES})",
        ]


def trees(runs: int = 3) -> Trees:
    """Measure all of them in this run; of the quick ones the median of several."""
    issues = [week(ago, PICKS) for ago in range(ISSUES + runs)]
    stored = [codec.dump(IssueDocument, issue.document) for issue in issues]
    with TemporaryDirectory() as folder:
        many = Path(folder) / "many"
        _update(Path(folder) / "warm", issues[-1:])  # templates are compiled once in a process
        first = [_update(Path(folder) / str(run), issues[-1:]) for run in range(runs)]
        everything = _update(many, issues[runs:])
        again = [_update(many, issues[runs:]) for _ in range(runs)]
        more = [_update(many, issues[start:]) for start in reversed(range(runs))]
        sizes = [path.stat().st_size for path in many.rglob("*") if path.is_file()]
    began = time.process_time()
    for data in stored:
        codec.load(IssueDocument, data)
    reading = (time.process_time() - began) * 1000
    return Trees(
        median(first), everything, median(again), median(more), reading, len(sizes), sum(sizes) / 1e6
    )


def _update(root: Path, issues: Sequence[PublishedIssue]) -> float:
    """What ``digest publish`` does once it has read the issues, in milliseconds."""
    gc.collect()
    gc.freeze()  # the issues of the benchmark are no garbage of the work
    began = time.process_time()
    house = House(PUBLISH, ENVIRONMENT, RESOURCES.strings, SOURCES)
    with tree.locked(root):
        tree.bring_up_to_date(root, plan([Shelf(DIGEST, tuple(issues))], house))
    return (time.process_time() - began) * 1000
