"""The tutorial does what it says: its commands, in its order, on the configuration that it gives, beside a real blog."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import loopback
from installation import Blog, Ran, command

TUTORIAL = (Path(__file__).parents[1] / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOG = "https://blog.example.org/"


def blocks(kind: str) -> list[str]:
    """The fenced blocks of one kind, in their order."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)


def lines() -> list[list[str]]:
    """The ``digest`` commands, as a shell would split them."""
    typed = [line[2:] for block in blocks("console") for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in typed if line.startswith("digest ")]


@contextmanager
def blog() -> Iterator[loopback.Server]:
    """A site whose start page names its feed, with three posts of today."""
    written = Blog()
    written.write("mill", "weir", "ferry", at=datetime.now(UTC) - timedelta(hours=1))

    def answer(request: loopback.Request) -> None:
        if request.path == "/feed":
            written.answer(request)
        else:
            page = b'<!doctype html><title>Mill Lane</title><link rel="alternate" href="/feed" type="application/atom+xml">'
            request.send(loopback.response(page, content_type="text/html"))

    with loopback.serve(answer) as server:
        yield server


def follow(folder: Path) -> dict[str, Ran]:
    """Everything that the page asks for, by command; only the blog's address is another one."""
    ran: dict[str, Ran] = {}
    here, place = folder, folder / "my-digest"
    with blog() as server:
        for typed in lines():
            today = re.search(r"weekly/\d{4}-\d\d-\d\d", ran["draft"].out)[0] if "draft" in ran else ""  # type: ignore[index]
            words = [word.replace(BLOG, server.url("/")).replace("weekly/TODAY", today) for word in typed]
            ran[words[0] if words[1:2] != ["add"] else " ".join(words[:2])] = command(*words, folder=here)
            if words[0] == "init":
                here = place
                allowed = (
                    f'\n[collect]\nallow = ["{server.endpoint}"]\n'  # as for a blog on one's own network
                )
                (place / "config.toml").write_text(blocks("toml")[0] + allowed, encoding="utf-8")
    return ran


def test_every_command_of_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    """From an empty folder to the page, the feed and one mail in a folder; none of its commands fails."""
    ran = follow(tmp_path)
    assert {name: (done.code, done.err) for name, done in ran.items() if done.code} == {}
    assert list(ran) == [
        *("init", "check", "sources add", "collect", "sources", "draft", "show"),
        *("approve", "publish", "subscribers add", "send", "deliveries", "editors add"),
    ]
    place = tmp_path / "my-digest"
    assert (place / "feeds" / "weekly" / "atom.xml").read_text(encoding="utf-8").count("<entry") == 1
    assert "you@example.org" in ran["deliveries"].out
    assert len(list((place / "var" / "outbox").rglob("*.eml"))) == 1
    (page,) = (place / "feeds" / "weekly").glob("????-??-??/index.html")
    assert "Nobody in Hollin asked the" in page.read_text(encoding="utf-8")
