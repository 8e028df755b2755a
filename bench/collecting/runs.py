"""One run of one collector in a process of its own: ``runs.py WHO FOLDER URLS``; prints seconds and peak memory.

WHO is ``digest``, ``reader``, ``rss2email``, ``requests`` or ``pycurl``; FOLDER is where it keeps its state, so that
a second run on it finds everything unchanged; URLS is a file with one address a line.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import Process
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

THREADS = 8

CONFIG = """\
[[digests]]
slug = "weekly"
title = "Weekly"
days = ["sunday"]
at = "09:00"
zone = "Europe/Berlin"
[mail]
from = "Weekly <digest@hollin.test>"
postal = "Hollin Editors, 2 Mill Lane, Hollin"
[publish]
tag = "tag:hollin.test,2026:"
feeds_url = "http://127.0.0.1/feeds/"
app_url = "http://127.0.0.1/"
[collect]
timeout_seconds = 10
"""


def digest(folder: Path, urls: Sequence[str]) -> float:
    """``digest collect --all``, until the last source that does not misbehave is stored."""
    from datetime import UTC, datetime

    from digest.pipeline.posts.collect import Polled, collect
    from digest.wiring import open_installation

    path = folder / "config.toml"
    if not path.exists():
        allowed = sorted({urlsplit(url).netloc for url in urls})
        sources = "".join(f'[[sources]]\nurl = "{url}"\nslug = "s{at}"\n' for at, url in enumerate(urls))
        path.write_text(f"{CONFIG}allow = {json.dumps(allowed)}\n{sources}", encoding="utf-8")
    good = {f"s{at}" for at, url in enumerate(urls) if url.partition("?")[0].endswith(".xml")}
    ended = [0.0]

    def progress(polled: Polled) -> None:
        if polled.source in good:
            ended.append(time.monotonic())

    with open_installation(path, datetime.now(UTC)) as installation:
        began = time.monotonic()
        polled = collect(installation, lambda: datetime.now(UTC), everything=True, progress=progress)
        print(f"{time.monotonic() - began:.1f} s in all", file=sys.stderr)
    assert all(each.ok for each in polled if each.source in good)
    return ended[-1] - began


def reader(folder: Path, urls: Sequence[str]) -> float:
    """``update_feeds(workers=10)`` of every feed."""
    from reader import make_reader

    made = make_reader(str(folder / "reader.sqlite"))
    for url in urls:
        made.add_feed(url, exist_ok=True)
    began = time.monotonic()
    made.update_feeds(workers=10, scheduled=False)
    return time.monotonic() - began


def rss2email(folder: Path, urls: Sequence[str]) -> float:
    """``r2e run --no-send``."""
    path, data = folder / "r2e.cfg", folder / "r2e.json"
    if not path.exists():
        parts = (f"[feed.s{at}]\nurl = {url}\n" for at, url in enumerate(urls))
        path.write_text(f"[DEFAULT]\nto = ada@hollin.test\n{''.join(parts)}", encoding="utf-8")
    r2e = Path(sys.executable).with_name("r2e")
    began = time.monotonic()
    subprocess.run(
        [r2e, "-c", path, "-d", data, "run", "--no-send"], check=True, stdout=sys.stderr, stderr=sys.stderr
    )
    return time.monotonic() - began


def requests(folder: Path, urls: Sequence[str]) -> float:
    """A bare pool that only asks whether anything changed: one process, a session for each of its threads."""
    return _with_tags(folder, urls, lambda tags: _pool(urls, tags))


def requests2(folder: Path, urls: Sequence[str]) -> float:
    """The same on two processes."""

    def both(tags: dict[str, str]) -> None:
        processes = [Process(target=_pool, args=(urls[half::2], tags, THREADS // 2)) for half in (0, 1)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()

    return _with_tags(folder, urls, both)


def pycurl(folder: Path, urls: Sequence[str]) -> float:
    """One curl multi handle."""
    return _with_tags(folder, urls, lambda tags: _multi(urls, tags))


def _with_tags(folder: Path, urls: Sequence[str], ask: Callable[[dict[str, str]], None]) -> float:
    import requests as library

    known = folder / "tags.json"
    if not known.exists():
        with library.Session() as session:
            known.write_text(json.dumps({url: session.get(url).headers["ETag"] for url in urls}))
    tags = json.loads(known.read_text())
    began = time.monotonic()
    ask(tags)
    return time.monotonic() - began


def _pool(urls: Sequence[str], tags: dict[str, str], threads: int = THREADS) -> None:
    import requests as library

    todo: SimpleQueue[str] = SimpleQueue()
    for url in urls:
        todo.put(url)

    def work() -> None:
        with library.Session() as session:
            while True:
                try:
                    url = todo.get_nowait()
                except Empty:
                    return
                assert session.get(url, headers={"If-None-Match": tags[url]}).status_code == 304

    running = [threading.Thread(target=work) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def _multi(urls: Sequence[str], tags: dict[str, str]) -> None:
    import pycurl as library

    multi, todo, idle = library.CurlMulti(), list(urls), [library.Curl() for _ in range(THREADS)]
    busy = 0
    while todo or busy:
        while todo and idle:
            handle, url = idle.pop(), todo.pop()
            handle.setopt(library.URL, url)
            handle.setopt(library.HTTPHEADER, [f"If-None-Match: {tags[url]}"])
            handle.setopt(library.WRITEFUNCTION, len)
            multi.add_handle(handle)
            busy += 1
        multi.perform()
        _, done, failed = multi.info_read()
        assert not failed
        for handle in done:
            multi.remove_handle(handle)
            idle.append(handle)
            busy -= 1
        multi.select(0.01)


def _peak() -> float:
    """Of this process and of the largest of its children, in MB."""
    return (
        sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        / 1024
    )


RUNS: dict[str, Callable[[Path, Sequence[str]], float]] = {
    run.__name__: run for run in (digest, reader, rss2email, requests, requests2, pycurl)
}

if __name__ == "__main__":
    who, folder, urls = sys.argv[1:]
    seconds = RUNS[who](Path(folder), Path(urls).read_text().split())
    print(json.dumps({"seconds": seconds, "memory": _peak()}))
