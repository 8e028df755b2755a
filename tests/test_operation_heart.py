"""A sign of life for another machine: given after work, never in its way, told once when it fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import loopback
from digest import store
from digest.model import Mark
from digest.pipeline.installation import Installation
from digest.pipeline.upkeep.heart import beating, give_sign
from digest.store.database import reading
from installation import NOW, Clock, Place, installed


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as made:
        yield made


class Listening:
    """The service that expects us: how often it was called, and what it answers."""

    def __init__(self) -> None:
        self.status, self.seconds = "200 OK", 0.0
        self.paths: list[str] = []

    def answer(self, request: loopback.Request) -> None:
        self.paths.append(request.path)
        time.sleep(self.seconds)
        request.send(loopback.response(status=self.status))


@contextmanager
def heard(place: Place) -> Iterator[tuple[Listening, Installation]]:
    service = Listening()
    with loopback.serve(service.answer) as server:
        said = f'\n[operate]\nheartbeat = "{server.url("/beat/5eb63bbbe01eeed0")}"\nallow = ["{server.endpoint}"]\n'
        place.path.write_text(place.path.read_text(encoding="utf-8") + said, encoding="utf-8")
        with place.opened() as installation:
            yield service, installation


def marks(installation: Installation) -> set[Mark]:
    with reading(installation.engine) as connection:
        assert set(store.marks.all_marks(connection).values()) <= {NOW}
        return set(store.marks.all_marks(connection))


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)


def test_a_beat_calls_the_address_and_notes_both_times(place: Place) -> None:
    """The scheduler's tick, and that somebody heard."""
    with heard(place) as (service, installation):
        with beating(installation, Clock()) as beat:
            beat()
            wait_for(lambda: marks(installation) == {Mark.TICK, Mark.HEARTBEAT})
        assert service.paths == ["/beat/5eb63bbbe01eeed0"]


def test_beats_that_come_together_are_one(place: Place) -> None:
    """A thousand within its rest call once more at most."""
    with heard(place) as (service, installation):
        with beating(installation, Clock()) as beat:
            for _ in range(1_000):
                beat()
            wait_for(lambda: bool(service.paths))
        assert len(service.paths) == 1


def test_a_service_that_hangs_keeps_nobody_waiting(place: Place) -> None:
    """``beat()`` returns at once, as often as it is called."""
    with heard(place) as (service, installation):
        service.seconds = 1.0
        with beating(installation, Clock(), rest_seconds=0.0) as beat:
            beat()
            wait_for(lambda: bool(service.paths))
            began = time.thread_time()
            for _ in range(100):
                beat()
            assert time.thread_time() - began < 1
            assert len(service.paths) == 1


def test_a_failure_is_logged_once_and_its_end_once(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Without the address, which may be a secret; the tick is noted all the same."""
    caplog.set_level("INFO")
    with heard(place) as (service, installation), beating(installation, Clock(), rest_seconds=0.0) as beat:
        service.status = "503 Gone Fishing"
        for times in range(1, 4):
            beat()
            wait_for(lambda times=times: len(service.paths) == times)  # type: ignore[misc]
        assert marks(installation) == {Mark.TICK}
        service.status = "200 OK"
        beat()
        wait_for(lambda: "is heard again" in caplog.text)
    assert caplog.text.count("the heartbeat fails: its address answers 503") == 1
    assert "5eb63bbbe01eeed0" not in caplog.text


def test_an_address_in_our_own_network_has_to_be_allowed(place: Place) -> None:
    """As everywhere: what a stranger could make us call is not called."""
    with heard(place) as (service, _):
        said = place.path.read_text(encoding="utf-8")
        place.path.write_text(said.rpartition("allow = [")[0], encoding="utf-8")
        with place.opened() as installation:
            assert "could not be fetched" in give_sign(installation, Clock())
        assert service.paths == []


def test_without_an_address_only_the_tick_is_noted(place: Place) -> None:
    """The default: nobody is called."""
    with place.opened() as installation:
        assert give_sign(installation, Clock()) == ""
        assert marks(installation) == {Mark.TICK}
