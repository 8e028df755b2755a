"""An issue of 30 picks compiled into both parts of a mail, beside what npm's mjml takes to render the same MJML.

Ours is everything between the frozen issue and the stored rendering: templates, MJML, inlined styles, the check of the
size, the text part. Theirs is ``mjml2html`` alone, without the time that Node takes to start and to load it. Of both, the
first one of a process (in ours the templates are compiled, in theirs nothing is yet machine code) and the median of many.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from statistics import median
from typing import Self

from jinja2 import Environment

from digest.model import IssueDocument, Pick, Rendering
from digest.publish.mjml import compile_mjml
from digest.publish.newsletter import render
from digest.resources import Resources
from publish_samples import DIGEST, MAIL, PUBLISH, issue, with_pictures

NODE = Path(os.environ.get("DIGEST_NODE", "var/node"))  # where `make node` puts node_modules
RUNS = 40
GOAL = 5

# The processor time of each render in ms. mjml 5 gives a promise, 4 a value: await takes both.
_PEER = """
const mjml = require("mjml"), text = require("fs").readFileSync(0, "utf8");
(async () => {
  const times = [];
  for (let run = 0; run < Number(process.argv[1]); run++) {
    const before = process.cpuUsage();
    const made = await (mjml.default || mjml)(text);
    const { user, system } = process.cpuUsage(before);
    if (!made.html.includes("</html>")) throw new Error("no HTML");
    times.push((user + system) / 1000);
  }
  console.log(JSON.stringify(times));
})();
"""


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of processor time: the first of a process, and the median of the later half."""

    first: float
    median: float

    @classmethod
    def of(cls, times: Sequence[float]) -> Self:
        """Of all renders of a process, in their order."""
        return cls(times[0], median(times[len(times) // 2 :]))


@dataclass(frozen=True, slots=True)
class Mails:
    """One issue; ``theirs`` is None without npm's mjml."""

    bytes: int
    ours: Times
    compiling: Times  # the part of ours that theirs does: MJML → HTML, and inlined styles
    theirs: Times | None
    in_components: Times | None  # theirs, where each post is a section of MJML's own components

    def lines(self) -> list[str]:
        """For a person."""
        head = f"a mail of 30 picks, {self.bytes / 1000:.1f} KB; ms of processor time, first / median of later ones"
        rows = [("digest, all of it", self.ours), ("of that MJML and inlining", self.compiling)]
        if self.theirs is None:
            return [
                head,
                *map(_row, rows),
                "npm's mjml is not installed, so there is nothing to compare with: make node",
            ]
        rows.append(("npm's mjml, the same MJML", self.theirs))
        rows += [("npm's mjml, a section a post", self.in_components)] if self.in_components else []
        return [head, *map(_row, rows), *(self._verdict(name, times) for name, times in rows[2:])]

    def _verdict(self, name: str, theirs: Times) -> str:
        first, later = theirs.first / self.ours.first, theirs.median / self.ours.median
        verdict = "met" if min(first, later) >= GOAL else "short"
        return f"{name}: × {first:.1f} / × {later:.1f} of ours (goal × {GOAL}: {verdict})"


def _row(row: tuple[str, Times]) -> str:
    return f"  {row[0]:30} {row[1].first:7.1f} / {row[1].median:5.1f}"


def mails(runs: int = RUNS) -> Mails:
    """All of them, measured in this run."""
    document = with_pictures(issue(30))
    resources = Resources()
    templates = resources.environment()
    seen: list[str] = []
    compiling: list[float] = []

    def compiled(text: str) -> str:
        seen.append(text)
        began = time.process_time()
        made = compile_mjml(text)
        compiling.append((time.process_time() - began) * 1000)
        return made

    one = partial(_rendering, document, resources, templates, compiled)
    ours = Times.of([_milliseconds(one) for _ in range(runs)])
    theirs, in_components = _theirs(seen[0], runs), _theirs(_in_components(document), runs)
    return Mails(len(one().html.encode()), ours, Times.of(compiling), theirs, in_components)


def _in_components(document: IssueDocument) -> str:
    """The posts of the issue as templates of MJML usually have them: a section each, a component for every part."""
    return f"<mjml><mj-body>{''.join(map(_section, document.picks))}</mj-body></mjml>"


def _section(pick: Pick) -> str:
    title = f'<a href="{escape(pick.url)}">{escape(pick.title)}</a>'
    texts = [title, pick.source_title, escape(pick.blurb), *(escape(each.quote.text) for each in pick.quotes)]
    parts = [f"<mj-text>{text}</mj-text>" for text in texts]
    parts += [
        f'<mj-image href="{escape(shown.video.url)}" src="https://feeds.example.org/{shown.picture.name}" />'
        for shown in pick.videos
        if shown.picture
    ]
    return f"<mj-section><mj-column>{''.join(parts)}</mj-column></mj-section>"


def _rendering(
    document: IssueDocument, resources: Resources, templates: Environment, compiled: Callable[[str], str]
) -> Rendering:
    return render(
        document,
        version=1,
        digest=DIGEST,
        publish=PUBLISH,
        mail=MAIL,
        templates=templates,
        strings=resources.strings("en"),
        compile_mjml=compiled,
    )


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def _theirs(text: str, runs: int) -> Times | None:
    if shutil.which("node") is None or not (NODE / "node_modules" / "mjml").is_dir():
        return None
    done = subprocess.run(
        ["node", "-e", _PEER, str(runs)], cwd=NODE, input=text, capture_output=True, text=True, check=True
    )
    return Times.of(json.loads(done.stdout))
