"""The mail server of ``sink_server`` from outside: started, given orders, and its log read as the truth."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sink_server


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that the sink took, as its log tells."""

    recipient: str
    message_id: str
    at: float  # seconds since the epoch

    @property
    def issue(self) -> str:
        """What the message is a copy of: its id without the part that is each reader's own."""
        return self.message_id.rpartition("@")[0].rpartition(".")[0]


@dataclass(slots=True)
class Sink:
    """A running sink."""

    process: subprocess.Popen[str]
    port: int
    log: Path | None

    @property
    def url(self) -> str:
        """Its address as ``[mail] relay`` names it."""
        return f"smtp://127.0.0.1:{self.port}"

    def order(self, words: str) -> str:
        """Give an order, and return the answer once it is in force."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def settle(self) -> None:
        """Wait until every client has gone and what it had written is read."""
        assert self.order("idle") == "idle"

    def count(self) -> int:
        """How many messages it took."""
        return int(self.order("count"))

    def took(self) -> list[Taken]:
        """All messages of the log, in their order."""
        assert self.log
        if not self.log.exists():
            return []
        return [Taken(**json.loads(line)) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def copies(self) -> Counter[tuple[str, str]]:
        """How often each reader has each issue."""
        return Counter((taken.issue, taken.recipient) for taken in self.took())


@contextmanager
def sink(log: Path | None = None) -> Iterator[Sink]:
    """Run one; with a ``log`` it syncs a line for each message before it answers."""
    command = [sys.executable, "-I", sink_server.__file__, *(["--log", str(log)] if log else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Sink(process, int(process.stdout.readline()), log)
        finally:
            process.kill()
