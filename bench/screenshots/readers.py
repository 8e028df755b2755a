"""The pages of readers, from the list of newsletters to the last link, on a phone; some in the dark, in Persian and on a desk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import requests
from screenshots.camera import Shot

from digest.store.database import migrate, open_database
from reader_pages import all_pages
from reader_site import site

ON_A_DESK = ("subscribe", "themes", "rest")


def readers() -> Iterator[Shot]:
    """The whole walk, as LOOK asks for it."""
    english = _pages("en")
    for name, page in english.items():
        yield Shot(f"reader-{name}-390", page, 390)
        if name.partition("-")[2] in ON_A_DESK:
            yield Shot(f"reader-{name}-1280", page, 1280)
            yield Shot(f"reader-{name}-390-dark", page, 390, "dark")
    for name, page in _pages("fa").items():
        yield Shot(f"reader-{name}-320-rtl", page, 320)


def _pages(language: str) -> Mapping[str, str]:
    """Each page with its style sheet in it: a picture is taken of a page alone."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/digest.db")
        migrate(engine)
        with site(engine, Path(folder), language=language) as opened:
            style = f"<style>{requests.get(f'{opened.url}/style.css', timeout=20).text}</style></head>"
            found = all_pages(opened)
        engine.dispose()
    return {
        name: page.replace("</head>", style, 1) if "style.css" in page else page
        for name, page in found.items()
    }
