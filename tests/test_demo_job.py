"""``digest demo``: the main job on samples, in a folder of its own, from nothing to three mails."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import feedparser
import pytest

import atom_schema
from installation import command, process

pytestmark = pytest.mark.xdist_group("demo-job")  # so that one run serves all that look at it

PEOPLE = {"ada.fenwick@example.org", "jonas.wieland@example.net", "orla.tamsin@example.com"}


def once(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """``digest demo --once`` in a process of its own."""
    with process("demo", "--once", *options, folder=folder) as started:
        out, err = started.communicate(timeout=60)
    return subprocess.CompletedProcess([], started.returncode, out, err)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("anywhere")


@pytest.fixture(scope="module")
def summary(folder: Path) -> str:
    """What one run printed."""
    ran = once(folder)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# ── once ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_summary_says_what_was_done_and_what_to_open(summary: str) -> None:
    """One row for each step, none of them empty-handed, and the addresses of feed, page and inbox."""
    rows = dict(re.findall(r"^(\w+(?: all)?) {2,}(\S.*)$", summary, re.MULTILINE))
    assert list(rows)[1:] == [
        "collect", "extract", "draft", "approve", "publish", "send", "in all", "feed", "page", "inbox", "desk", "settings",
    ]  # fmt: skip
    assert re.fullmatch(
        r"1[2-9] posts and \d videos from a sample blog and a sample channel", rows["collect"]
    )
    assert re.fullmatch(r"weekly/\d{4}-\d\d-\d\d: \d+ picks under \d headings, \d+ quotes", rows["draft"])
    assert rows["send"] == "3 mails accepted by the inbox"
    assert rows["feed"].endswith("/feeds/weekly/atom.xml")
    for name in ("feed", "page", "inbox"):
        assert rows[name].startswith("http://127.0.0.1:")


def test_it_keeps_to_its_two_folders(folder: Path, summary: str) -> None:
    """State in var/demo/, documents in feeds/demo/: it never touches an installation in the same folder."""
    assert summary
    assert all(name.startswith(("var/demo/", "feeds/demo/")) for name in files(folder))
    assert {"feeds/demo/index.html", "feeds/demo/weekly/atom.xml", "var/demo/config.toml"} <= files(folder)


def test_the_pictures_of_the_mails_are_in_the_feeds(folder: Path, summary: str) -> None:
    """Of the sample channel's videos, drawn anew; nothing else is shown, and nobody off this machine was asked."""
    assert summary
    pages = [
        message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("html",))
        for path in (folder / "var" / "demo" / "inbox").glob("*.eml")
    ]
    sources = {
        source for page in pages if page for source in re.findall(r'<img src="([^"]+)"', page.get_content())
    }
    assert len(sources) > 3
    for source in sources:
        at = re.fullmatch(r"http://127\.0\.0\.1:\d+/feeds/(pictures/[0-9a-f]{32}\.jpg)", source)
        assert at
        assert (folder / "feeds" / "demo" / at[1]).read_bytes().startswith(b"\xff\xd8")


def test_three_mails_come_once(folder: Path, summary: str) -> None:
    """One to each sample subscriber, with both parts and a way out."""
    assert summary
    mails = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in (folder / "var" / "demo" / "inbox").glob("*.eml")
    ]
    assert {str(mail["To"]) for mail in mails} == PEOPLE
    assert len(mails) == len(PEOPLE)
    for mail in mails:
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert [part.get_content_type() for part in mail.walk()] == [
            "multipart/alternative", "text/plain", "text/html",
        ]  # fmt: skip


def test_the_feed_is_valid_and_read_by_readers(folder: Path, summary: str) -> None:
    """By the rules of RFC 4287, and by feedparser: one entry, its quotes in it, no duplicate or untyped link."""
    assert summary
    data = (folder / "feeds" / "demo" / "weekly" / "atom.xml").read_bytes()
    assert atom_schema.check(data) == []
    feed = feedparser.parse(data)
    assert (feed.bozo, len(feed.entries)) == (False, 1)
    (entry,) = feed.entries
    assert "<blockquote" in entry.content[0].value
    links = [(link.rel, link.href) for link in entry.links]
    assert len(links) == len(set(links))
    assert all(link.type for link in entry.links)


def test_its_settings_are_in_order(folder: Path, summary: str) -> None:
    """The config.toml that it leaves is one to try commands with."""
    assert summary
    path = folder / "var" / "demo" / "config.toml"
    assert command("--config", path, "check").code == 0
    shown = command("--config", path, "sources")
    assert "sample-blog" in shown.out
    assert "sample-channel" in shown.out


def test_each_run_starts_afresh(folder: Path, summary: str) -> None:
    """A second run leaves three mails and one issue, not six and two; what is beside it stays as it was."""
    assert summary
    mine = {"var/digest.db": b"mine", "feeds/weekly/atom.xml": b"mine", "config.toml": b"mine"}
    for name, data in mine.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    ran = once(folder, "--json")
    assert ran.returncode == 0
    done = json.loads(ran.stdout)
    assert (done["mails"], done["posts"] >= 12, done["quotes"] > 5) == (3, True, True)
    assert len(list((folder / "var" / "demo" / "inbox").glob("*.eml"))) == 3
    assert {name: (folder / name).read_bytes() for name in mine} == mine
    assert feedparser.parse((folder / "feeds/demo/weekly/atom.xml").read_bytes()).entries[0].title


# ── until Ctrl-C ─────────────────────────────────────────────────────────────────────────────────


@contextmanager
def staying(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``digest demo``, and what it printed until it said that it stays."""
    with process("demo", *options, folder=folder) as started:
        assert started.stdout
        lines = []
        for line in started.stdout:
            lines.append(line)
            if line.startswith("It stays up"):
                break
        try:
            yield started, "".join(lines)
        finally:
            started.kill()


def test_its_addresses_open_until_ctrl_c(tmp_path: Path) -> None:
    """Feed, page, inbox and desk answer 200; Ctrl-C ends it with exit 0 in seconds, and the port is free again."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with staying(tmp_path, "--port", str(port)) as (started, printed):
        addresses = re.findall(r"http://\S+", printed)
        assert len(addresses) == 4
        assert f"http://127.0.0.1:{port}/feeds/weekly/atom.xml" in addresses
        for address in addresses:
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert answer.status == 200
                assert answer.read()
        started.send_signal(signal.SIGINT)
        _, err = started.communicate(timeout=10)
    assert (started.returncode, err) == (0, "")
    socket.create_server(("127.0.0.1", port)).close()


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """One sentence, exit 1, and nothing that goes on running."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = once(tmp_path, "--port", str(taken.getsockname()[1]))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "Nothing can be served on 127.0.0.1" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Here a file stands where its folder would be."""
    (tmp_path / "var").write_text("a file", encoding="utf-8")
    ran = command("demo", "--once", folder=tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert f"The demo cannot write below {tmp_path}" in ran.err
