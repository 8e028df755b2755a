"""Many sources at once: what is slow, hostile or cannot be stored costs only itself, and an interruption nothing."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text

import loopback
from digest import store
from digest.isolate import Crew
from digest.pipeline.installation import Installation
from digest.pipeline.posts import collect as collecting
from digest.pipeline.posts.collect import Polled, collect
from digest.store.database import reading
from installation import NOW, Blog, Clock, Place, installed, process

READING = ("digest.collect.reading",)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=NOW)
        yield place


@contextmanager
def sources(
    here: Place, names: list[str], answer: Callable[[loopback.Request], None], **changes: object
) -> Iterator[loopback.Server]:
    """Sources of these names, each on an address of its own, all answered by ``answer``; beside them the blog."""
    with loopback.serve(answer, host="0.0.0.0") as server:
        hosts = [f"127.0.{at // 200 + 1}.{at % 200 + 1}:{server.port}" for at in range(len(names))]
        tables = "\n".join(
            f'[[sources]]\nurl = "http://{host}/{name}"\nslug = "{name}"'
            for host, name in zip(hosts, names, strict=True)
        )
        here.configure(sources=tables, endpoint='", "'.join([here.server.endpoint, *hosts]), **changes)
        yield server


def feed_of(name: str) -> bytes:
    """A feed of two posts that no other name has."""
    blog = Blog()
    blog.write(f"{name}-one", f"{name}-two", at=NOW)
    return blog.body.replace(b"tag:hollin.test", f"tag:{name}.test".encode()).replace(
        b"https://hollin.test", f"https://{name}.test".encode()
    )


def well(request: loopback.Request) -> None:
    """Answer with the feed of that name, and conditionally."""
    name = request.path.strip("/")
    tag = f'"{name}"'
    if request.headers.get("if-none-match") == tag:
        request.send(loopback.response(status="304 Not Modified", etag=tag))
    else:
        request.send(loopback.response(feed_of(name), etag=tag))


def by_source(results: tuple[Polled, ...]) -> dict[str, Polled]:
    return {each.source: each for each in results}


def count(home: Installation, table: str) -> int:
    with reading(home.engine) as connection:
        found: int = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        return found


# ── speed and manners ────────────────────────────────────────────────────────────────────────────


def test_many_sources_are_stored_whole(here: Place) -> None:
    """Each post of each source once, and each source with its validators and its next poll."""
    names = [f"s{at}" for at in range(120)]
    with sources(here, names, well), here.opened() as home:
        told: list[object] = []
        results = collect(home, Clock(), begun=told.append, progress=told.append)
        assert sum(each.stored.new for each in results) == 242
        assert (count(home, "posts"), count(home, "revisions"), count(home, "identities")) == (242, 242, 242)
        assert told[0] == 121
        assert {each.source for each in results} == {
            each.source for each in told[1:] if isinstance(each, Polled)
        }
        with reading(home.engine) as connection:
            found = [each for each in store.sources.all_sources(connection) if each.slug in names]
        assert {each.etag for each in found} == {f'"{name}"' for name in names}
        assert all(each.next_poll_at and each.next_poll_at > NOW for each in found)


def test_what_did_not_change_is_asked_for_by_its_validators_only(here: Place) -> None:
    """A thousand polls of unchanged sources: no question without a condition, and nothing is written but the polls."""
    names = [f"s{at}" for at in range(50)]
    with sources(here, names, well) as server, here.opened() as home:
        clock = Clock()
        collect(home, clock)
        server.requests.clear()
        for _ in range(20):
            clock.now += timedelta(days=2)
            assert all(each.ok and each.stored.unchanged for each in collect(home, clock))
        assert len(server.requests) == 1_000
        assert all("if-none-match" in request.headers for request in server.requests)
        assert count(home, "revisions") == 102


def test_one_host_is_asked_one_thing_at_a_time(here: Place) -> None:
    """However many of its feeds are followed and however many lanes there are."""
    open_now, most = threading.Semaphore(0), []

    def answer(request: loopback.Request) -> None:
        open_now.release()
        most.append(open_now._value)
        time.sleep(0.01)
        open_now.acquire()
        request.send(loopback.response(feed_of(request.path.strip("/"))))

    with loopback.serve(answer) as server:
        tables = "\n".join(
            f'[[sources]]\nurl = "{server.url(f"/s{at}")}"\nslug = "s{at}"' for at in range(20)
        )
        here.configure(sources=tables, endpoint=f'{here.server.endpoint}", "{server.endpoint}')
        with here.opened() as home:
            assert all(each.ok for each in collect(home, Clock()))
    assert (len(most), max(most)) == (20, 1)


def test_silent_servers_delay_nobody(here: Place) -> None:
    """Forty that say nothing, for eight lanes: the others are stored long before the first of them is given up."""
    silent = Event()

    def answer(request: loopback.Request) -> None:
        if request.path.startswith("/silent"):
            silent.wait(30)
        else:
            well(request)

    names = [f"silent{at}" for at in range(40)] + [f"s{at}" for at in range(40)]
    with sources(here, names, answer), here.opened() as home:
        order: list[str] = []
        results = by_source(collect(home, Clock(), progress=lambda polled: order.append(polled.source)))
        silent.set()
    assert all(results[name].ok is not name.startswith("silent") for name in names)
    assert {name for name in order[:41] if name.startswith("silent")} == set()
    assert "longer than 5 s" in results["silent0"].status


def test_many_are_fetched_by_several_processes_with_the_same_outcome(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which process asked a server shows nowhere: neither in what is stored nor in how a failure is told."""
    monkeypatch.setattr(collecting, "MANY", 1)

    def answer(request: loopback.Request) -> None:
        time.sleep(0.02)  # long enough for the processes to start
        if request.path == "/missing":
            request.send(loopback.response(b"no", "404 Not Found"))
        else:
            well(request)

    names = [f"s{at}" for at in range(150)] + ["missing"]
    with sources(here, names, answer) as server, here.opened() as home:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        first = by_source(collect(home, Clock(), everything=True))
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > before
        assert {name for name, polled in first.items() if not polled.ok} == {"missing"}
        assert first["missing"].status == "It answered 404."
        assert count(home, "posts") == 302
        server.requests.clear()
        second = collect(home, Clock(NOW + timedelta(days=2)), everything=True)
        assert all(each.stored.unchanged for each in second)
        asked = [request.headers.get("if-none-match") for request in server.requests]
        assert sorted(filter(None, asked)) == sorted(f'"{name}"' for name in names[:-1])


# ── hostile feeds ────────────────────────────────────────────────────────────────────────────────


def test_a_feed_that_stalls_its_parser_costs_only_its_source(here: Place) -> None:
    """It is let go at the deadline, and told; those after it are read by the same processes."""
    endless = b"<rss><channel><item><title>x</title></item>" + b"<" * 9_000_000  # takes a second a megabyte

    def answer(request: loopback.Request) -> None:
        if request.path == "/endless":
            request.send(loopback.response(endless))
        else:
            well(request)

    names = ["endless", *(f"s{at}" for at in range(12))]
    with sources(here, names, answer), here.opened() as home, Crew(1, timeout=3, preload=READING) as crew:
        crew.run("digest.collect.parse:is_page", b"")
        results = by_source(collect(replace(home, parsers=crew), Clock()))
        assert not results["endless"].ok
        assert "took longer than 3 s" in results["endless"].status
        assert all(results[name].stored.new == 2 for name in names[1:])


def test_a_parser_that_dies_costs_only_its_source(here: Place) -> None:
    """Also when it takes its process with it."""
    lock = threading.Lock()

    def answer(request: loopback.Request) -> None:
        with lock:
            if request.path == "/deadly":
                request.send(loopback.response(b"<rss><channel>" + b"<a/>" * 2_400_000))
            else:
                well(request)

    names = ["deadly", *(f"s{at}" for at in range(6))]
    with (
        sources(here, names, answer),
        here.opened() as home,
        Crew(1, timeout=5, memory=280, preload=READING) as crew,
    ):
        results = by_source(collect(replace(home, parsers=crew), Clock()))
        assert not results["deadly"].ok
        assert sum(results[name].ok for name in names[1:]) == 6


def test_what_cannot_be_stored_costs_only_its_source(here: Place, caplog: pytest.LogCaptureFixture) -> None:
    """The others of its transaction are stored; it has a failure, and the log has the traceback."""
    names = [f"s{at}" for at in range(10)]
    with sources(here, names, well), here.opened() as home:
        with home.engine.begin() as connection:
            connection.execute(
                text(
                    "CREATE TRIGGER poison BEFORE INSERT ON posts WHEN NEW.url LIKE '%//s3.test/%' "
                    "BEGIN SELECT RAISE(ABORT, 'poison'); END"
                )
            )
        results = by_source(collect(home, Clock()))
        assert not results["s3"].ok
        assert [results[name].stored.new for name in names if name != "s3"] == [2] * 9
        with reading(home.engine) as connection:
            failed = store.sources.source(connection, "s3")
        assert failed
        assert (failed.failures, failed.first_collected_at) == (1, None)
    assert "poison" in caplog.text


def test_the_same_blog_twice_in_one_transaction_is_stored_once(here: Place) -> None:
    """Two feeds of one blog that come in together: one post each, with a reason why."""

    def answer(request: loopback.Request) -> None:
        request.send(loopback.response(feed_of("twice")))

    with sources(here, ["main", "mirror"], answer), here.opened() as home:
        collect(home, Clock())
        assert (count(home, "posts"), count(home, "identities"), count(home, "merges")) == (4, 6, 2)


BOMBED = """
import json, resource, sys
from digest.errors import FetchError
from digest.net.http import Fetcher
endpoint, path = sys.argv[1:]
try:
    Fetcher([endpoint], timeout=30).get(f"http://{endpoint}{path}")
except FetchError as error:
    print(error, file=sys.stderr)
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))
"""


def test_a_bomb_of_300_megabytes_adds_at_most_64() -> None:
    """It is let go once it is larger than any feed may be."""
    packed = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packed.compress(bytes(1_000_000)) for _ in range(300)) + packed.flush()

    def answer(request: loopback.Request) -> None:
        body, named = (bomb, {"content_encoding": "gzip"}) if request.path == "/bomb" else (b"<rss/>", {})
        request.send(loopback.response(body, **named))

    with loopback.serve(answer) as server:
        peaks = []
        for path in ("/small", "/bomb"):
            command = [sys.executable, "-c", BOMBED, server.endpoint, path]
            ran = subprocess.run(command, capture_output=True, text=True, check=True)
            peaks.append(json.loads(ran.stdout))
        assert "after decompression" in ran.stderr
    assert peaks[1] - peaks[0] <= 64


# ── what a person sees ───────────────────────────────────────────────────────────────────────────


def test_of_many_sources_the_news_are_listed_and_all_are_counted(here: Place) -> None:
    """A list of a thousand sources in which nothing changed would hide the one that failed."""
    dead: list[str] = []

    def answer(request: loopback.Request) -> None:
        if request.path in dead:
            request.send(loopback.response(b"gone", "404 Not Found"))
        else:
            well(request)

    with sources(here, [f"s{at}" for at in range(30)], answer):
        first = here.done("collect", "--all").out.splitlines()
        assert sum(line.startswith("s") for line in first) == 31  # with the heading, and without hollin
        assert first[-1].startswith(
            "31 sources polled: 62 new posts, 0 of them held back, 0 changed; 0 failed"
        )
        dead.append("/s7")
        ran = here.digest("collect", "--all")
        assert ran.code == 1
        listed = ran.out.splitlines()
        assert [line.split()[0] for line in listed if line.startswith("s")] == ["source", "s7"]
        assert listed[-1].endswith("0 new posts, 0 of them held back, 0 changed; 1 failed.")


# ── interruptions ────────────────────────────────────────────────────────────────────────────────


def test_ctrl_c_ends_cleanly_and_loses_nothing(here: Place) -> None:
    """What came in is stored and listed, a silent server is not waited for, and the rest is polled the next time."""
    silent = Event()

    def answer(request: loopback.Request) -> None:
        if request.path.startswith("/silent"):
            running.send_signal(signal.SIGINT)
            silent.wait(30)
        else:
            well(request)

    names = [f"s{at}" for at in range(6)] + ["silent"]
    with sources(here, names, answer):
        running = process("--config", here.path, "collect", "--all", folder=here.folder)
        out, err = running.communicate(timeout=60)
        silent.set()
        assert (running.returncode, err) == (130, "")
        assert "Stopped." in out
        with here.opened() as home:
            listed = [name for name in names if f"{name} " in out]
            with reading(home.engine) as connection:
                due = {each.slug for each in store.sources.due(connection, NOW)}
            assert "silent" in due
            assert due.isdisjoint(listed)
            assert count(home, "posts") == 2 * len([*listed, *(["hollin"] if "hollin" not in due else [])])


def test_a_database_that_takes_nothing_ends_it(here: Place) -> None:
    """That is no matter of one source: it is told, and not once for each of them."""
    with sources(here, [f"s{at}" for at in range(4)], well), here.opened() as home:
        with home.engine.begin() as connection:
            full = "CREATE TRIGGER full BEFORE UPDATE ON sources BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            connection.execute(text(full))
        with pytest.raises(Exception, match="disk full"):
            collect(home, Clock())


def test_a_thousand_more_sources_take_hardly_more_memory(here: Place) -> None:
    """Nothing but a line per source is kept of what was stored."""
    names = [f"s{at}" for at in range(30)]
    with sources(here, names, well), here.opened() as home:
        collect(home, Clock())
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for day in range(2, 40, 2):
            collect(home, Clock(NOW + timedelta(days=day)), everything=True)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024
