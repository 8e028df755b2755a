"""Which mail programs do not know what a mail's HTML and CSS use, by the public data of caniemail.com.

The data is not ours and not copied: npm's package ``caniemail`` brings it, where Node is installed and ``make node``
was run. It can say which features a page uses only for one mail program after the other, and fails where its data
has no word on one; so it is asked for a program that is made out to know nothing, which names every feature, and what
the programs that count know of these is looked up in the same data.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "Gmail": ("gmail.desktop-webmail", "gmail.ios", "gmail.android", "gmail.mobile-webmail"),
    "Apple Mail": ("apple-mail.macos", "apple-mail.ios"),
    "Outlook for Windows": ("outlook.windows",),
    "Outlook, new and on the web": ("outlook.outlook-com",),
    "Yahoo": ("yahoo.desktop-webmail", "yahoo.ios", "yahoo.android"),
    "Thunderbird": ("thunderbird.macos", "thunderbird.windows"),
}
_SECONDS = 20.0
_MAIN = "node_modules/caniemail/dist/index.js"
_SCRIPT = """
import { pathToFileURL } from 'node:url';
const { caniemail, rawData } = await import(pathToFileURL(process.argv[1]));
const nobody = 'hey.desktop-webmail';
let html = '';
for await (const piece of process.stdin) html += piece;
for (const feature of rawData.data) feature.stats.hey = { 'desktop-webmail': { any: 'n' } };
const { issues } = caniemail({ clients: [nobody], html });
const used = new Set((issues.errors.get(nobody) ?? []).map((issue) => issue.title));
const newest = (versions) => Object.values(versions).at(-1)[0];
const found = [];
for (const { title, url, stats } of rawData.data) {
  if (!used.has(title)) continue;
  const known = {};
  for (const [family, platforms] of Object.entries(stats))
    for (const [platform, versions] of Object.entries(platforms)) known[`${family}.${platform}`] = newest(versions);
  found.push({ title, url, known });
}
process.stdout.write(JSON.stringify(found));
"""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a mail uses: which programs do ``without`` it on every system that they run on.

    ``partly``: not on each of them, or not all of it.
    """

    title: str
    url: str  # of its page at caniemail.com
    without: tuple[str, ...]
    partly: tuple[str, ...]

    def __str__(self) -> str:
        parts = [f"not in {', '.join(self.without)}"] * bool(self.without)
        parts += [f"in part in {', '.join(self.partly)}"] * bool(self.partly)
        return f"{self.title}: {'; '.join(parts) or 'in all of them'} ({self.url})"


@dataclass(frozen=True, slots=True)
class Support:
    """Every feature that a mail uses; none, and why, where nobody could be asked."""

    features: tuple[Feature, ...] = ()
    skipped: str = ""

    @property
    def gaps(self) -> tuple[Feature, ...]:
        """Those that not every program knows."""
        return tuple(each for each in self.features if each.without or each.partly)


def support(html: str, folder: Path) -> Support:
    """What mail programs know of the features that ``html`` uses.

    Args:
        html: a page.
        folder: where ``make node`` installed npm's packages.
    """
    node, main = shutil.which("node"), folder / _MAIN
    if node is None or not main.is_file():
        return Support(skipped="Mail programs' support was not checked: install Node, and run make node.")
    try:
        ran = subprocess.run(  # our own script; the page is its input and nothing else
            [node, "--input-type=module", "--eval", _SCRIPT, str(main.resolve())],
            input=html.encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
        return Support(tuple(_features(json.loads(ran.stdout))))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        why = f"caniemail could not read the mail ({type(error).__name__})"
        return Support(skipped=f"Mail programs' support was not checked: {why}; run make node again.")


def _features(found: Sequence[Mapping[str, object]]) -> Iterator[Feature]:
    for each in found:
        known = each["known"]
        if not isinstance(known, dict):
            raise TypeError("caniemail's data has another form than it had")
        answers = {name: [known.get(client, "u") for client in clients] for name, clients in PROGRAMS.items()}
        without = tuple(name for name, said in answers.items() if "n" in said and {*said} <= {"n", "u"})
        partly = tuple(name for name, said in answers.items() if name not in without and {*said} & {"n", "a"})
        yield Feature(str(each["title"]), str(each["url"]), without, partly)
