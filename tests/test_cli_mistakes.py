"""Bad input at the command line: one sentence that says what, where and what to do; exit 1; nothing half-written."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.demo.inbox import Inbox
from installation import Place, Ran, command, installed, process


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=datetime.now(UTC))
        yield place


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation for commands that change nothing, because they fail."""
    with installed(tmp_path_factory.mktemp("untouched")) as place:
        yield place


def refused(ran: Ran, *parts: str) -> None:
    """It exits 1, prints nothing on standard output, and its sentence has these parts."""
    assert (ran.code, ran.out) == (1, ""), ran
    assert ran.err.endswith("\n")
    assert "Traceback" not in ran.err
    for part in parts:
        assert part in ran.err


def contents(place: Place) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with sqlite3.connect(place.folder / "var" / "digest.db") as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    connection.close()
    return found


# ── config.toml ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "words", [("collect",), ("check",), ("draft", "weekly"), ("run",), ("serve",), ("config", "export")]
)
def test_a_broken_config_is_told_by_every_command(here: Place, words: tuple[str, ...]) -> None:
    """With its line, and before anything is opened or written."""
    database = here.folder / "var" / "digest.db"
    database.unlink()
    here.path.write_text(here.path.read_text() + "\nport 8000\n", encoding="utf-8")
    line = len(here.path.read_text().splitlines())
    refused(here.digest(*words), f"config.toml line {line}: this is not TOML")
    assert not database.exists()


def test_check_tells_every_mistake_at_once(here: Place) -> None:
    """In the file, in what it refers to, and in the templates, each in a line of its own."""
    templates = here.folder / "mine" / "email"
    templates.mkdir(parents=True)
    (templates / "issue.mjml.j2").write_text("<mjml>\n{% if %}\n</mjml>", encoding="utf-8")
    here.configure(
        publish='templates_dir = "mine"\ncolour = "red"', digest='themes = ["watter"]', sources="weight = 99"
    )
    ran = here.digest("check")
    refused(ran, "unknown key", "did you mean water?", "at most 10", "issue.mjml.j2")
    assert len(ran.err.splitlines()) == 4


def test_check_tells_of_a_broken_secret_and_a_template_together(here: Place) -> None:
    """What the file itself cannot show is checked with it."""
    (here.folder / "var" / "secret.key").write_text("short\n", encoding="ascii")
    (here.folder / "mine" / "strings").mkdir(parents=True)
    (here.folder / "mine" / "strings" / "en.toml").write_text("read_more = 3\n", encoding="utf-8")
    here.configure(publish='templates_dir = "mine"')
    ran = here.digest("check")
    refused(ran, "key file, line 1", "read_more must be a text in quotation marks")


def test_a_database_that_cannot_be_used_is_told(here: Place) -> None:
    """A file that is no database; an address that is no database's is a mistake in the file."""
    (here.folder / "var" / "digest.db").write_bytes(b"not a database, but a letter to one" * 100)
    refused(here.digest("collect"), "digest.db", "not a database")
    here.configure(database="mysql://localhost/digest")
    refused(here.digest("collect"), "[database] url", "sqlite:///PATH")


# ── names that mean nothing ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("draft", "monthly"), ("no digest 'monthly'", "it has weekly")),
        (("show", "weekly"), ("'weekly' is no issue", "weekly/2026-11-22")),
        (("show", "weekly/2026-02-30"), ("is no issue",)),
        (("show", "monthly/2026-11-22"), ("no digest 'monthly'",)),
        (("show", "weekly/2026-11-22"), ("no issue weekly/2026-11-22", "digest draft weekly")),
        (("approve", "weekly/2026-11-22"), ("no issue weekly/2026-11-22",)),
        (("publish", "weekly/2026-11-22+extra"), ("no issue weekly/2026-11-22+extra",)),
        (("send", "weekly/2026-11-22"), ("no issue weekly/2026-11-22",)),
        (("send", "weekly/2026-11-22", "--to", "ada@example.org"), ("no issue",)),
        (("send", "weekly/2026-11-22", "--dry-run"), ("no issue",)),
        (("pause", "weekly/2026-11-22"), ("no issue weekly/2026-11-22",)),
        (("settle", "weekly/2026-11-22", "ada@example.org", "sent"), ("no issue weekly/2026-11-22",)),
        (("sources", "add", "ferry"), ("url: expected",)),
        (("sources", "add", "https://me:secret@ferry.test/feed"), ("url: expected an address without a name",)),
        (("sources", "add", "https://ferry.test/feed", "--slug", "The Ferry"), ("slug: expected",)),
        (("sources", "add", "https://ferry.test/feed", "--unchecked", "--slug", "hollin"), ("slug hollin is taken",)),
        (("sources", "remove", "ferry"), ("no source ferry",)),
        (("sources", "remove", "hollin"), ("config.toml", "remove it there")),
        (("theme", "add", "water", "Wells"), ("comes from config.toml", "change it there")),
        (("theme", "remove", "ships"), ("no theme ships",)),
        (("rules", "source-theme", "ferry", "water"), ("no source ferry",)),
        (("rules", "source-theme", "hollin", "ships"), ("no theme ships", "digest theme list")),
        (("rules", "never-video", "https://hollin.test/about"), ("no address of a video",)),
        (("rules", "never-video", "https://youtu.be/aBcDeFgHiJk", "--remove"), ("no never-video rule",)),
        (("posts", "release", "nothing"), ("nothing", "digest posts held")),
        (("subscribers", "import", "people.csv"), ("people.csv cannot be read",)),
        (("parse", "missing.xml"), ("missing.xml cannot be read", "file or an http(s) address")),
        (("parse", "http://127.0.0.1:9/feed"), ("could not be fetched",)),
        (("extract", "."), ("cannot be read",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)  # fmt: skip
def test_an_unknown_name_is_told(untouched: Place, words: tuple[str, ...], parts: tuple[str, ...]) -> None:
    """What it is not, and where to look or what to write instead."""
    configured = () if words[0] in ("parse", "extract") else ("--config", untouched.path)
    ran = command(*configured, *words, folder=untouched.folder)
    refused(ran, *parts)
    assert len(ran.err.splitlines()) == 1


def test_a_source_in_other_words_is_the_same_source(here: Place) -> None:
    """An address that differs only in spelling would be collected twice."""
    refused(here.digest("sources", "add", here.server.url("/feed") + "#top"), "followed already, as hollin")


# ── the world outside ────────────────────────────────────────────────────────────────────────────


def test_an_unreachable_source_keeps_no_other_back(here: Place) -> None:
    """The others are collected and printed; the one that failed is told, with why, and the exit code says so."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    here.configure(sources=f'[[sources]]\nurl = "http://127.0.0.1:{port}/feed"\nslug = "ferry"')
    ran = here.digest("collect")
    assert ran.code == 1
    assert "hollin   2         2" in ran.out
    assert ran.err.startswith("1 of 2 sources could not be collected and will be tried again. ferry: ")
    assert f"127.0.0.1:{port}" in ran.err
    assert len(here.done("draft", "weekly", "--now", "--json").data["document"]["groups"]) == 1  # type: ignore[index]


def test_what_is_no_feed_changes_nothing(here: Place) -> None:
    """A login page in the place of a feed: what is known is kept, and the next good answer is read."""
    issue = here.drafted()
    answer, here.blog.posts = here.blog.posts, []
    here.blog.status = "404 Not Found"
    ran = here.digest("collect", "--all")
    assert (ran.code, "1 of 1" in ran.err) == (1, True)
    assert "The sluice" in here.done("show", issue).out
    here.blog.posts, here.blog.status = answer, "200 OK"
    here.done("collect", "--all")


def test_a_mistake_in_a_template_leaves_the_issue_as_it_was(here: Place) -> None:
    """Publishing and sending fail with the file and its line; feeds/, issue and ledger stay; mended, they go on."""
    here.subscribe("ada@example.org")
    issue = here.drafted()
    here.done("approve", issue)
    template = here.folder / "mine" / "page" / "issue.html.j2"
    template.parent.mkdir(parents=True)
    template.write_text("<h1>{{ issue.title }}</h1>\n{{ nobody.knows }}\n", encoding="utf-8")
    here.configure(publish='templates_dir = "mine"')
    before = contents(here)
    refused(here.digest("publish", issue), "issue.html.j2", "nobody")
    assert contents(here) == before
    assert here.tree() == {}
    template.rename(template.with_suffix(".away"))
    here.done("publish", issue)

    mail = here.folder / "mine" / "email" / "issue.mjml.j2"
    mail.parent.mkdir()
    mail.write_text("<mjml><mj-body><mj-text>half", encoding="utf-8")
    before = contents(here)
    refused(here.digest("send", issue), "issue.mjml.j2")
    assert contents(here) == before
    assert here.recipients() == []
    mail.unlink()
    here.done("send", issue)
    assert here.recipients() == ["ada@example.org"]


def test_a_relay_that_is_down_loses_nothing(here: Place) -> None:
    """The rows wait, the sentence names the relay and the next command, and that command sends."""
    here.subscribe("ada@example.org", "bo@example.org")
    issue = here.published()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    here.configure(relay=f"smtp://127.0.0.1:{port}")
    refused(here.digest("send", issue), f"127.0.0.1:{port}", "(2 queued)", f"digest send {issue}")
    refused(here.digest("send", issue, "--to", "cy@example.org"), f"127.0.0.1:{port}")
    here.configure()
    here.done("send", issue)
    assert here.recipients() == ["ada@example.org", "bo@example.org"]


def test_a_relay_that_refuses_us_pauses_the_send(here: Place) -> None:
    """A wrong password: nothing is tried again by itself; the sentence says why and how it goes on."""
    here.subscribe("ada@example.org")
    issue = here.published()
    (here.folder / "var" / "password").write_text("wrong\n", encoding="utf-8")
    with Inbox(login=("editor", "right")) as guarded:
        account = f'{guarded.smtp_url}"\nusername = "editor"\npassword_file = "var/password'
        here.configure(relay=account)
        refused(here.digest("send", issue), "(1 queued)", f"digest resume {issue}")
        refused(here.digest("send", issue), "paused", f"digest resume {issue}")
        (here.folder / "var" / "password").write_text("right\n", encoding="utf-8")
        here.done("resume", issue)
        here.done("send", issue)
        assert [message.recipient for message in guarded.messages] == ["ada@example.org"]


def test_an_address_that_could_break_a_header_is_refused(here: Place) -> None:
    """A test copy goes to one address and nowhere else."""
    issue = here.drafted()
    for address in ("nobody", "ada@example.org\r\nBcc: bo@example.org", "ada@example.org, bo@example.org"):
        refused(here.digest("send", issue, "--to", address))
    assert here.recipients() == []


@pytest.mark.parametrize("verb", ["run", "serve"])
def test_a_port_that_is_taken_is_told(here: Place, verb: str) -> None:
    """It ends at once and says which setting to change."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        here.configure(port=taken.getsockname()[1])
        with process("--config", here.path, verb, folder=here.folder) as started:
            out, err = started.communicate(timeout=30)
    assert (started.returncode, out) == (1, "")
    assert "Nothing can be served on 127.0.0.1" in err
    assert "set another [serve] port" in err
