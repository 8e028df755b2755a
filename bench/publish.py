"""What publishing costs: an issue as a mail, beside npm's mjml, and the tree of feeds and pages.

    make bench-publish                both
    python bench/publish.py mails     or one of them: mails, trees

Processor time. Posts, people and places are made up.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from publishing.mails import mails  # noqa: E402  after the path to it
from publishing.trees import trees  # noqa: E402

PARTS = {"mails": mails, "trees": trees}

if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        print("\n".join(PARTS[name]().lines()))
