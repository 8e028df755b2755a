"""Links are really asked: what is there, what is gone, what refuses, what never answers."""

from __future__ import annotations

import time

import loopback
from digest.net.alive import MOST, NOT_ASKED, Reach, reach
from digest.net.http import Fetcher


def answer(request: loopback.Request) -> None:
    """A page, and odd ones: gone, closed to programs, moved, huge, slow."""
    match request.path.partition("?")[0]:
        case "/gone":
            request.send(loopback.response(status="404 Not Found"))
        case "/refuses":
            request.send(loopback.response(status="403 Forbidden"))
        case "/moved":
            request.send(loopback.redirect("/page"))
        case "/huge":
            request.send(loopback.response(content_length=str(10**12)) + b"x" * 1000)
        case "/silent":
            time.sleep(1)
        case _:
            request.send(loopback.response(b"<p>A page.</p>", content_type="text/html"))


def test_each_link_is_told_from_the_others() -> None:
    """A page that is there, one that moved and one too large to read are alive; one that is gone is dead."""
    with loopback.serve(answer) as server:
        fetcher = Fetcher([server.endpoint], timeout=5)
        names = ("/page", "/moved", "/huge", "/gone", "/refuses")
        found = reach([server.url(name) for name in names], fetcher)
    assert [each.alive for each in found.values()] == [True, True, True, False, False]
    assert [each.dead for each in found.values()] == [False, False, False, True, False]
    assert found[server.url("/refuses")].sentence == "it answers 403"


def test_a_server_that_says_nothing_is_given_up() -> None:
    """Within the fetcher's deadline, and the sentence says so."""
    with loopback.serve(answer) as server:
        found = reach([server.url("/silent")], Fetcher([server.endpoint], timeout=0.2))
    (only,) = found.values()
    assert only.dead
    assert "longer than 0.2 s" in only.sentence


def test_private_addresses_are_not_asked() -> None:
    """The guard stands before every link: nothing in a post makes us look into our own network."""
    with loopback.serve(answer) as server:
        (only,) = reach([server.url("/page")], Fetcher(timeout=5)).values()
        assert server.requests == []
    assert only.dead


def test_a_document_is_asked_once_however_many_places_in_it_are_linked() -> None:
    """Quotes link to words of the same page."""
    with loopback.serve(answer) as server:
        urls = [server.url(f"/page#:~:text={word}") for word in ("lamp", "oil", "quay")]
        found = reach(urls, Fetcher([server.endpoint], timeout=5))
        assert len(server.requests) == 1
    assert [found[url].alive for url in urls] == [True] * 3


def test_there_is_an_end_to_asking() -> None:
    """Of very many links the last are not asked, and none is where there is no time left."""
    with loopback.serve(answer) as server:
        fetcher = Fetcher([server.endpoint], timeout=5)
        many = [server.url(f"/page?{number}") for number in range(MOST + 2)]
        found = reach(many, fetcher)
        assert list(found.values()).count(NOT_ASKED) == 2
        assert len(server.requests) == MOST
        assert reach(many[:1], fetcher, patience=-1) == {many[0]: NOT_ASKED}
    assert not NOT_ASKED.dead
    assert Reach(0, "refused").dead
