"""A child process takes the crashes: each costs one call, and says what happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from digest.errors import DigestError, NotFoundError, TemplateError
from digest.isolate import Child, Crew
from digest.model import IssueId


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """A child that also finds the functions written for these tests."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    with Child(timeout=5) as one:
        yield one


def test_a_function_runs_in_one_reused_process(child: Child) -> None:
    """The same process answers each call, and it is not ours."""
    first, second = child.run("os:getpid"), child.run("os:getpid")
    assert first == second != os.getpid()


def test_values_of_the_vocabulary_come_back_as_themselves(child: Child) -> None:
    """Dataclasses of the model, times, tuples, bytes."""
    issue = IssueId("weekly", date(2026, 11, 22), "extra")
    assert child.run("copy:copy", issue) == issue
    when = datetime(2026, 11, 22, tzinfo=UTC)
    assert child.run("copy:copy", (when, b"bytes", {"key": [1.5, None]})) == (
        when,
        b"bytes",
        {"key": [1.5, None]},
    )


@pytest.mark.parametrize(
    ("function", "arguments", "sentence"),
    [
        ("os:abort", (), "crashed its process"),
        ("ctypes:string_at", (0,), "crashed its process"),
        ("os:_exit", (3,), r"crashed its process \(exit status 3\)"),
        ("operator:truediv", (1, 0), "ZeroDivisionError: division by zero"),
        ("builtins:bytearray", (8_000_000_000,), "MemoryError"),
        ("nowhere:nothing", (), "ModuleNotFoundError"),
        ("mjml:mjml2html", ("<mjml><mj-body>" + "<mj-wrapper>" * 20_000,), "crashed|failed"),
    ],
)
def test_a_failure_costs_one_call(
    function: str, arguments: tuple[object, ...], sentence: str, child: Child
) -> None:
    """It raises one of our errors with a sentence, and the next call is answered."""
    with pytest.raises(DigestError, match=sentence):
        child.run(function, *arguments)
    assert child.run("math:sqrt", 4) == 2


def test_a_call_that_takes_too_long_is_ended() -> None:
    """At its deadline, whether it waits or computes; the next call is answered."""
    with Child(timeout=1.5) as child:
        child.start()
        for function, arguments in (("time:sleep", (60,)), ("builtins:sum", (range(10**12),))):
            began = time.monotonic()
            with pytest.raises(DigestError, match=r"took longer than 1\.5 s"):
                child.run(function, *arguments)
            assert time.monotonic() - began < 5
        assert child.run("math:sqrt", 4) == 2


def test_our_own_errors_come_through_as_they_are(child: Child) -> None:
    """The sentence of a template's mistake is not wrapped in another."""
    with pytest.raises(TemplateError, match=r"^The MJML cannot be compiled: "):
        child.run("digest.publish.mjml:compile_mjml", "<mjml><mj-body><mj-section></mj-body></mjml>")
    with pytest.raises(NotFoundError, match="is no issue"):
        child.run("isolated_functions:missing")


def test_only_values_come_back(child: Child) -> None:
    """A child that was taken over cannot make the parent call anything."""
    with pytest.raises(DigestError, match="is not a value"):
        child.run("pathlib:Path", "x")
    with pytest.raises(DigestError, match="something else than values"):
        child.run("isolated_functions:trap")
    assert child.run("math:sqrt", 4) == 2


def test_what_a_function_prints_does_not_disturb(child: Child) -> None:
    """Standard output is for replies only."""
    assert child.run("builtins:print", "x" * 10_000) is None
    assert child.run("os:system", "echo loud") == 0
    assert child.run("math:sqrt", 4) == 2


def test_large_arguments_and_results_pass(child: Child) -> None:
    """More than a pipe holds, in both directions."""
    data = os.urandom(5_000_000)
    assert child.run("copy:copy", data) == data


def test_threads_share_a_child(child: Child) -> None:
    """Each gets the answer to its own question."""
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = child.run("math:factorial", number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[number] for number in (3, 4, 5)] == [6, 24, 120]


def test_a_child_that_was_killed_between_calls_is_replaced(child: Child) -> None:
    """Whoever killed it, the next call works."""
    first = child.run("os:getpid")
    assert isinstance(first, int)
    os.kill(first, signal.SIGKILL)
    _wait_until_gone(first)
    assert child.run("os:getpid") != first


def test_starting_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child imports while its owner goes on."""
    (tmp_path / "slow_to_import.py").write_text("import time; time.sleep(1.5)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Child(preload=("slow_to_import",)) as child:
        began = time.monotonic()
        child.start()
        assert time.monotonic() - began < 1
        assert child.run("math:sqrt", 4) == 2
        assert time.monotonic() - began > 1.5


OWNER = """
import os, sys, time
from digest.isolate import Child, Crew
child = Child(timeout=1)
print(child.run("os:getpid"), flush=True)
child.run("time:sleep", 0)
sys.stdin.read()
os.kill(os.getpid(), 9)
"""


def test_a_child_ends_with_its_owner() -> None:
    """Also when the owner is killed and can close nothing."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert _alive(pid)
    _wait_until_gone(pid)


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while _alive(pid):
        assert time.monotonic() < deadline, f"{pid} is still there"
        time.sleep(0.01)


def _alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# ── a crew ───────────────────────────────────────────────────────────────────────────────────────


def test_a_crew_works_side_by_side_and_waits_for_an_idle_child() -> None:
    """Six calls of a second on three children: at least two rounds, not six, and no more processes."""
    pids: list[object] = []

    def nap() -> None:
        crew.run("time:sleep", 1)
        pids.append(crew.run("os:getpid"))

    with Crew(3, timeout=5) as crew:
        crew.start(3)
        for _ in range(3):
            crew.run("os:getpid")
        began = time.monotonic()
        threads = [threading.Thread(target=nap) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 2 <= time.monotonic() - began < 5.5
    assert len(pids) == 6
    assert len(set(pids)) <= 3


def test_a_crew_uses_the_child_that_is_warm() -> None:
    """A few calls, one after the other, start one process and not all of them."""
    with Crew(4) as crew:
        assert len({crew.run("os:getpid") for _ in range(8)}) == 1


def test_a_crash_costs_a_crew_one_call() -> None:
    """The child is replaced, the others do not notice."""
    with Crew(2, timeout=5) as crew:
        for _ in range(5):
            with pytest.raises(DigestError, match="crashed its process"):
                crew.run("os:abort")
            assert crew.run("math:sqrt", 4) == 2


def test_a_crew_that_was_closed_starts_nothing_again() -> None:
    """A call under way fails at once, and so does every later one: whoever left threads behind is not waited for."""
    failed: list[str] = []

    def call() -> None:
        try:
            crew.run("time:sleep", 60)
        except DigestError as error:
            failed.append(str(error))

    crew = Crew(1, timeout=90)
    crew.run("os:getpid")
    thread = threading.Thread(target=call)
    thread.start()
    time.sleep(0.3)
    began = time.monotonic()
    crew.close()
    thread.join(10)
    assert time.monotonic() - began < 5
    with pytest.raises(DigestError, match="has been ended"):
        crew.run("os:getpid")
    assert len(failed) == 1
