"""Who sends how fast: each sender is a process of its own, all in turn, against the same kind of sink."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import ground
import letters

from sink import sink

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PEERS = Path(os.environ.get("DIGEST_PEERS", ROOT / "var" / "peers" / "bin" / "python"))
NODE = Path(os.environ.get("DIGEST_NODE", ROOT / "var" / "node"))
CONNECTIONS = 10
_SINK_USER = "postfix"  # smtp-sink refuses to run as root

Mail = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Time:
    """What one run of one sender took, a message."""

    seconds: float
    cpu: float  # processor seconds


@dataclass(frozen=True, slots=True)
class Place:
    """Where the senders of one run send to."""

    port: int
    folder: Path
    mail: dict[str, str]
    connections: int = CONNECTIONS

    @property
    def parts(self) -> Path:
        """The mail as a file."""
        return self.folder / "mail.json"


Sender = Callable[[Place, int], Time]


def ours(place: Place, messages: int, *, key: Path | None = None, processes: int = 1) -> Time:
    """digest with its ledger on SQLite, synchronous=FULL, signing where there is a ``key``; all processes send one issue."""
    signing = f'dkim_keys = ["{key}"]' if key else ""
    with TemporaryDirectory(dir=place.folder) as name:
        folder = Path(name)
        config = ground.write_config(folder, place.port, place.connections // processes, signing)
        ground.prepare(folder, place.mail, messages).dispose()
        running = [_start([sys.executable, HERE / "ours.py", config]) for _ in range(processes)]
        said = [_said(process) for process in running]
    if sum(each["accepted"] for each in said) != messages:
        raise SystemExit(f"Not all of {messages} were accepted: {said}")
    began, ended = min(each["began"] for each in said), max(each["ended"] for each in said)
    return Time((ended - began) / messages, sum(each["cpu"] for each in said) / messages)


def python(way: str, place: Place, messages: int) -> Time:
    """One of the ways of ``peer.py``."""
    return _run(
        [PEERS, HERE / "peer.py", way, place.parts, place.port, messages, place.connections], messages
    )


def nodemailer(place: Place, messages: int, *, key: Path | None = None) -> Time:
    """nodemailer with its pool, signing where there is a ``key``."""
    command = ["node", HERE / "nodemailer.cjs", place.parts, place.port, messages, place.connections]
    return _run([*command, *([key] if key else [])], messages, NODE_PATH=str(NODE / "node_modules"))


def smtp_source(place: Place, messages: int) -> Time:
    """Postfix's generator of load: C, no ledger, one and the same body."""
    size = len(letters.email(place.mail, 0).as_bytes())
    options = f"-d -s {place.connections} -l {size} -m {messages} -f a@example.org -t b@example.org"
    began, worked = time.perf_counter(), _children()
    subprocess.run(["smtp-source", *options.split(), f"127.0.0.1:{place.port}"], check=True)
    return Time((time.perf_counter() - began) / messages, (_children() - worked) / messages)


SENDERS: dict[str, Sender] = {
    "digest": ours,
    "nodemailer, pooled": nodemailer,
    "smtplib, EmailMessage": partial(python, "smtplib"),
    "smtplib, kept open, ready bytes": partial(python, "smtplib-kept"),
    "aiosmtplib, ready bytes": partial(python, "aiosmtplib"),
    "smtp-source": smtp_source,
}


def missing(name: str) -> str:
    """Why a sender cannot take part, or ""."""
    if name.startswith("nodemailer") and not (NODE / "node_modules" / "nodemailer").is_dir():
        return "nodemailer is not installed: make bench-deliver"
    if "smtplib" in name and not PEERS.exists():
        return "aiosmtplib is not installed: make bench-deliver"
    if name == "smtp-source" and shutil.which("smtp-source") is None:
        return "Debian's postfix is not installed"
    return ""


def race(senders: Mapping[str, tuple[Sender, int]], place: Place, runs: int) -> dict[str, Time]:
    """The median of each, who takes so many messages a run; they take turns."""
    times: dict[str, list[Time]] = {name: [] for name in senders}
    for _ in range(runs):
        for name, (sender, messages) in senders.items():
            times[name].append(sender(place, messages))
    return {name: _median(found) for name, found in times.items() if found}


@contextmanager
def cheap_sink() -> Iterator[Place]:
    """Ours: one thread that reads, finds the dot and answers."""
    with TemporaryDirectory() as name, sink() as server:
        folder = Path(name)
        yield Place(server.port, folder, letters.write(folder / "mail.json"))


@contextmanager
def postfix_sink(port: int = 10_025) -> Iterator[Place]:
    """Debian's smtp-sink."""
    user = ["-u", _SINK_USER] if os.getuid() == 0 else []
    with (
        TemporaryDirectory() as name,
        subprocess.Popen(["smtp-sink", *user, f"127.0.0.1:{port}", "256"]) as server,
    ):
        try:
            time.sleep(0.5)
            folder = Path(name)
            yield Place(port, folder, letters.write(folder / "mail.json"))
        finally:
            server.kill()


@contextmanager
def away(place: Place, milliseconds: int) -> Iterator[tuple[Place, subprocess.Popen[str]]]:
    """The same sink behind a network that takes so long there and back, and what delays it."""
    command = [sys.executable, HERE / "far.py", str(place.port), str(milliseconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as far:
        assert far.stdout
        try:
            yield Place(int(far.stdout.readline()), place.folder, place.mail), far
        finally:
            far.kill()


def _run(command: Sequence[object], messages: int, **environ: str) -> Time:
    said = _said(_start(command, **environ))
    return Time(said["seconds"] / messages, said["cpu"] / messages)


def _start(command: Sequence[object], **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, text=True, env=os.environ | environ
    )


def _said(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a sender tells of itself at its end."""
    out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{process.args} failed")
    said: dict[str, Any] = json.loads(out.splitlines()[-1])
    return said


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _median(times: Sequence[Time]) -> Time:
    return Time(median(time.seconds for time in times), median(time.cpu for time in times))
