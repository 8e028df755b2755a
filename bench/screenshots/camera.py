"""Pages in a headless browser, as pictures."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from playwright.sync_api import Browser, Route, sync_playwright

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_TYPES = {".mjs": "text/javascript", ".json": "application/json"}
ADDRESS = "https://shown.example.org/"  # where every page stands; nothing leaves the machine


@dataclass(frozen=True, slots=True)
class Shot:
    """A page, and how it is looked at. ``pictures`` are what it may load, by address or its last part.

    With ``search`` it is shown with the results for these words; its script and index are among the ``pictures`` then.
    """

    name: str
    page: str
    width: int  # pixels
    scheme: Literal["light", "dark"] = "light"
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    search: str = ""


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's chromium; without it the program ends with a sentence."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Screenshots need Debian's chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


def take(opened: Browser, shot: Shot, folder: Path) -> Path:
    """The whole page as a picture; every address but the page's own and its pictures is refused."""

    def answer(route: Route) -> None:
        below, last = route.request.url.removeprefix(ADDRESS), route.request.url.rpartition("/")[2]
        name = below if below in shot.pictures else last
        if route.request.url == address:
            route.fulfill(body=shot.page, content_type="text/html; charset=utf-8")
        elif name in shot.pictures:
            route.fulfill(body=shot.pictures[name], content_type=_TYPES.get(Path(name).suffix))
        else:
            route.abort()

    place = folder / f"{shot.name}.png"
    window = {"width": shot.width, "height": 800}
    scripts, address = (
        bool(shot.search),
        f"{ADDRESS}?{urlencode({'q': shot.search})}" if shot.search else ADDRESS,
    )
    with opened.new_context(
        viewport=window, color_scheme=shot.scheme, java_script_enabled=scripts
    ) as context:
        page = context.new_page()
        page.route("**/*", answer)
        page.goto(address)
        if shot.search:
            page.wait_for_selector("#results[aria-busy=false] a")
        page.screenshot(path=place, full_page=True)
    return place
