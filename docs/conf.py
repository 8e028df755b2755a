"""How Sphinx makes the documentation: `make docs`."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))

import reference  # beside this file

project = "digest"
release = version_of("digest-pipeline")
extensions = ["myst_parser"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "digest"
html_show_copyright = False


def setup(app: Sphinx) -> None:
    """Make the pages that come from the code before Sphinx looks which pages there are."""
    app.connect("builder-inited", lambda made: reference.write(Path(made.srcdir) / "reference"))
