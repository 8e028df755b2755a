"""The gallery: stills are fetched once, kept as our own, and missed without harm."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import loopback
from digest.demo.pictures import png
from digest.gallery import MAX_BYTES, Gallery
from digest.model import Picture
from digest.net.http import Fetcher
from digest.publish.stills import still
from loopback import Request, Server


def answer(request: Request) -> None:
    """A platform that has some stills, and much else under addresses of stills."""
    match request.path.split("/")[1]:
        case "gone.jpg":
            request.send(loopback.response(b"gone", "404 Not Found"))
        case "login.jpg":
            request.send(loopback.response(b"<html>Sign in", content_type="image/jpeg"))
        case "moved.jpg":
            request.send(loopback.redirect("/quay.png"))
        case "private.jpg":
            request.send(loopback.redirect("http://127.0.0.2:8080/quay.png"))
        case "endless.jpg":
            request.send(loopback.response(b"\xff\xd8" + b"x" * MAX_BYTES))
        case "silent.jpg":
            time.sleep(3)
        case name:
            request.send(loopback.response(png(name), content_type="image/png"))


@pytest.fixture
def platform() -> Iterator[Server]:
    with loopback.serve(answer) as server:
        yield server


@pytest.fixture
def gallery(tmp_path: Path, platform: Server) -> Gallery:
    return Gallery(tmp_path / "pictures", Fetcher([platform.endpoint], 1.0, max_bytes=MAX_BYTES), still)


def test_a_still_is_kept_as_our_own(gallery: Gallery, platform: Server) -> None:
    """Drawn anew, under the hash of its bytes, readable by whoever serves it."""
    found = gallery.fetched([platform.url("/quay.png")])
    expected, data = still(png("quay.png"))
    assert found == {platform.url("/quay.png"): expected}
    assert gallery.read(expected) == data
    assert [each.name for each in gallery.folder.iterdir()] == [expected.name]


def test_two_addresses_of_one_still_are_one_file(gallery: Gallery, platform: Server) -> None:
    """A redirect is followed within the rules of every other fetch."""
    found = gallery.fetched([platform.url("/quay.png"), platform.url("/moved.jpg")])
    assert len(found) == 2
    assert len(set(found.values())) == 1
    assert len(list(gallery.folder.iterdir())) == 1


@pytest.mark.parametrize("name", ["gone.jpg", "login.jpg", "private.jpg", "endless.jpg", "silent.jpg"])
def test_a_failure_costs_only_its_picture(name: str, gallery: Gallery, platform: Server) -> None:
    """Missing, no picture, in a private network, too large or too slow: the others come all the same."""
    wanted = [platform.url(f"/{each}") for each in ("quay.png", name, "well.png")]
    assert list(gallery.fetched(wanted)) == [wanted[0], wanted[2]]


@pytest.mark.parametrize(
    "address",
    ["", "quay.png", "javascript:alert(1)", "file:///etc/hostname", "http://[bank/", "http://\x00/"],
)
def test_an_address_that_is_none_is_left_out(address: str, gallery: Gallery) -> None:
    """Feeds say anything."""
    assert gallery.fetched([address]) == {}


def test_a_private_address_is_not_asked(tmp_path: Path, platform: Server) -> None:
    """The guard of all fetching stands before pictures, too."""
    closed = Gallery(tmp_path, Fetcher([], 1.0), still)
    assert closed.fetched([platform.url("/quay.png")]) == {}
    assert platform.requests == []


def test_a_host_is_asked_over_one_connection_at_a_time(gallery: Gallery, platform: Server) -> None:
    """One request after the other, in the order of the issue."""
    wanted = [platform.url(f"/{number}.png") for number in range(6)]
    assert list(gallery.fetched(wanted)) == wanted
    assert [request.path for request in platform.requests] == [f"/{number}.png" for number in range(6)]


def test_patience_has_an_end(gallery: Gallery, platform: Server) -> None:
    """A draft does not wait for ever for its pictures: what is late is asked for when the issue is approved."""
    assert gallery.fetched([platform.url("/quay.png")], patience=-1) == {}
    assert platform.requests == []


def test_a_decoder_that_gives_up_costs_its_picture(gallery: Gallery, platform: Server) -> None:
    """Its process may have died of it."""

    def draw(data: bytes) -> tuple[Picture, bytes]:
        return still(b"" if data == png("well.png") else data)

    wanted = [platform.url("/well.png"), platform.url("/quay.png")]
    assert list(replace(gallery, draw=draw).fetched(wanted)) == wanted[1:]


@pytest.mark.parametrize("name", ["0" * 32 + ".jpg", "../secret.key", "/etc/hostname", ""])
def test_what_is_not_there_reads_as_nothing(name: str, gallery: Gallery) -> None:
    """A lost picture, and names that no picture of ours has."""
    (gallery.folder.parent / "secret.key").write_bytes(b"secret")
    assert gallery.read(Picture(name, 640, 360)) is None
