"""``make screenshots``: what people see, as pictures in ``var/screenshots``. Look at them one by one.

Names of shots, or beginnings of names, may be given: only these are taken. ``docs`` puts those that the
documentation shows into ``docs/``, side by side and small.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

from screenshots.camera import browser, take  # noqa: E402  after the path to it
from screenshots.desk import desk  # noqa: E402
from screenshots.mails import mails  # noqa: E402
from screenshots.pages import pages  # noqa: E402
from screenshots.readers import readers  # noqa: E402
from screenshots.shown import compose  # noqa: E402

FOLDER = ROOT / "var" / "screenshots"


def main(names: list[str]) -> None:
    """Take every shot, or those whose names begin with one of ``names``."""
    if names == ["docs"]:
        for place in compose(FOLDER, ROOT / "docs"):
            print(place.relative_to(ROOT), place.stat().st_size)
        return
    FOLDER.mkdir(parents=True, exist_ok=True)

    def is_wanted(name: str) -> bool:
        return not names or name.startswith(tuple(names))

    with browser() as opened:
        for shot in (*mails(), *pages(), *readers()):
            if is_wanted(shot.name):
                print(take(opened, shot, FOLDER).relative_to(ROOT))
        for place in desk(opened, FOLDER, is_wanted):
            print(place.relative_to(ROOT))


main(sys.argv[1:])
