"""``make screenshots``: what people see, as pictures in ``var/screenshots``. Look at them one by one.

Names of shots, or beginnings of names, may be given: only these are taken. ``readme`` puts some of those that are there
side by side, as the picture in the README.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

from screenshots.camera import browser, take  # noqa: E402  after the path to it
from screenshots.mails import mails  # noqa: E402
from screenshots.pages import pages  # noqa: E402
from screenshots.readers import readers  # noqa: E402
from screenshots.readme import compose  # noqa: E402

FOLDER = ROOT / "var" / "screenshots"


def main(names: list[str]) -> None:
    """Take every shot, or those whose names begin with one of ``names``."""
    if names == ["readme"]:
        print(compose(FOLDER, ROOT / "docs" / "pictures" / "mail.png").relative_to(ROOT))
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with browser() as opened:
        for shot in (*mails(), *pages(), *readers()):
            if not names or shot.name.startswith(tuple(names)):
                print(take(opened, shot, FOLDER).relative_to(ROOT))


main(sys.argv[1:])
