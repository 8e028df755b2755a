"""The parts of `digest run` as they are started on machines: by their commands, and ended by SIGTERM."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.cli import shell
from digest.rounds import rounds
from installation import Place, installed, process

READERS = tuple(f"reader{number}@example.org" for number in range(12))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


@pytest.fixture
def here(postgres_url: str, tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path, database=postgres_url, port=free_port()) as place:
        place.blog.write("sluice", "weir", at=datetime.now(UTC))
        yield place


def started(stack: ExitStack, place: Place, command: str) -> subprocess.Popen[str]:
    """The command as a process, from the line with which it says that it is there; killed at the end at the latest."""
    running = stack.enter_context(process("--config", place.path, *command.split(), folder=place.folder))
    stack.callback(running.kill)
    assert running.stdout
    assert running.stdout.readline()
    return running


@pytest.mark.postgres
@pytest.mark.parametrize(
    "commands", [("run",), ("schedule", "work --queues send --concurrency 1", "work --queues publish,draft")]
)
def test_what_is_due_is_done_by_one_process_or_by_several(here: Place, commands: tuple[str, ...]) -> None:
    """A published issue reaches everybody once, and each process ends with exit 0 when it is told to."""
    here.subscribe(*READERS)
    here.published()
    with ExitStack() as stack:
        running = [started(stack, here, command) for command in commands]
        wait_for(lambda: len(here.recipients()) >= len(READERS))
        for each in running:
            each.send_signal(signal.SIGTERM)
        ends = [each.communicate(timeout=30) for each in running]
    assert [each.returncode for each in running] == [0] * len(commands)
    assert here.recipients() == sorted(READERS)
    assert not any("Traceback" in log for _, log in ends)


def test_who_serves_learns_what_another_machine_has_published(tmp_path: Path) -> None:
    """Each has a folder of its own; what one publishes stands in the other's within seconds, byte by byte."""
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=datetime.now(UTC))
        with place.opened() as home, rounds(home, shell.now):
            settings = place.path.read_text(encoding="utf-8").replace(
                'tag = "tag:', 'feeds_dir = "far"\ntag = "tag:'
            )
            issue = place.drafted()
            place.path.write_text(settings, encoding="utf-8")  # commands of another machine from here on
            place.done("approve", issue)
            place.done("publish", issue)
            wait_for(lambda: (place.feeds / issue / "index.html").is_file(), seconds=20)
            wait_for(lambda: _documents(place.feeds) == _documents(tmp_path / "far"), seconds=20)


def _documents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
