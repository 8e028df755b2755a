"""A whole installation in a folder: its config.toml, a blog, a mail server and its commands, all on loopback."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from pathlib import Path

import pytest
from sqlalchemy import make_url

import loopback
from databases import migrated_sqlite
from digest import cli, config
from digest.demo.inbox import Inbox
from digest.pipeline.installation import Installation
from digest.wiring import open_installation

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # a Friday; the slot is on Sunday at 08:00 UTC
SLOT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ISSUE = "weekly/2026-11-22"
SECRET = "5ca1ab1e" * 8

CONFIG = """\
[[digests]]
slug = "weekly"
title = "The Hollin Weekly"
days = ["sunday"]
at = "09:00"
zone = "Europe/Berlin"
{digest}

[[sources]]
url = "{feed}"
slug = "hollin"
{sources}

[[themes]]
slug = "water"
title = "Water"
terms = ["water", "well", "river"]

[[themes]]
slug = "schools"
title = "Schools"
terms = ["school", "teacher"]

[mail]
live = {live}
relay = "{relay}"
starttls = "never"
from = "The Hollin Weekly <digest@hollin.test>"
postal = "Hollin Editors, 2 Mill Lane, Hollin"
timeout_seconds = 5

[publish]
tag = "tag:hollin.test,2026:"
feeds_url = "http://127.0.0.1:{port}/feeds/"
app_url = "http://127.0.0.1:{port}/"
{publish}

[collect]
allow = ["{endpoint}"]
timeout_seconds = 5

[database]
url = "{database}"

[serve]
port = {port}
{serve}
"""


# ── a blog ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class BlogPost:
    """A post with one theme and one key quote of its own; ``about`` is the word that its theme goes by."""

    name: str
    published: datetime
    about: str = "water"

    @property
    def quote(self) -> str:
        return f"Nobody in Hollin asked the {self.name} about the {self.about} before it was gone."

    @property
    def html(self) -> str:
        return (
            f"<p>Ines Varga spoke in the mill about {self.about} and the {self.name}, and many people came.</p>"
            f"<h2>Key Themes</h2><ul><li>The {self.name}: what the {self.about} meant to the valley.</li></ul>"
            f"<h2>Key Quotes</h2><h3>On {self.about}</h3><ul><li>“{self.quote}” — Ines Varga</li></ul>"
        )


@dataclass
class Blog:
    """An Atom feed that a test writes and rewrites; it answers conditional requests as a good server does."""

    posts: list[BlogPost] = field(default_factory=list)
    status: str = "200 OK"
    seconds: float = 0.0  # that an answer takes

    def write(self, *names: str, at: datetime, about: str = "water") -> None:
        """Publish a post of each name, the first one newest."""
        hours = timedelta(hours=1)
        self.posts += [BlogPost(name, at - hours * number, about) for number, name in enumerate(names, 1)]

    @property
    def body(self) -> bytes:
        return (
            '<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:hollin.test,2026:blog</id>'
            f"<title>Mill Lane</title>{''.join(map(_entry, self.posts))}</feed>"
        ).encode()

    def answer(self, request: loopback.Request) -> None:
        time.sleep(self.seconds)
        tag = f'"{sha256(self.body).hexdigest()[:16]}"'
        if self.status.startswith("200") and request.headers.get("if-none-match") == tag:
            request.send(loopback.response(status="304 Not Modified", etag=tag))
        else:
            request.send(
                loopback.response(self.body, self.status, etag=tag, content_type="application/atom+xml")
            )


def _entry(post: BlogPost) -> str:
    return (
        f"<entry><id>tag:hollin.test,2026:{post.name}</id><title>The {post.name}</title>"
        f'<link rel="alternate" href="https://hollin.test/{post.name}"/>'
        f"<published>{post.published.isoformat()}</published><updated>{post.published.isoformat()}</updated>"
        f'<author><name>Tam Orrel</name></author><content type="html">{escape(post.html)}</content></entry>'
    )


# ── commands ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, object]:
        """The one JSON object that it printed."""
        (line,) = self.out.splitlines()
        loaded: dict[str, object] = json.loads(line)
        return loaded

    @property
    def rows(self) -> list[dict[str, object]]:
        """The JSON objects that it printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def command(*arguments: object, folder: Path | None = None, **environ: str) -> Ran:
    """Run ``digest`` in this process, as its entry point does; whatever is no error of ours fails the test."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(folder or Path.cwd()), _environ(environ), redirect_stdout(out), redirect_stderr(err):
        try:
            cli.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return Ran(code, out.getvalue(), err.getvalue())


@contextmanager
def _environ(changes: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(_clean(before) | changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if not name.startswith("DIGEST_")}


def process(*arguments: object, folder: Path, **environ: str) -> subprocess.Popen[str]:
    """Start ``digest`` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from digest.cli import main; main()", *map(str, arguments)],
        cwd=folder,
        env=_clean(os.environ) | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# ── an installation ──────────────────────────────────────────────────────────────────────────────


@dataclass
class Place:
    """An installation and what is around it."""

    folder: Path
    blog: Blog
    server: loopback.Server
    inbox: Inbox

    @property
    def path(self) -> Path:
        return self.folder / "config.toml"

    @property
    def feeds(self) -> Path:
        return self.folder / "feeds"

    def configure(self, **changes: object) -> None:
        """Write config.toml anew; ``digest``, ``sources``, ``publish`` and ``serve`` are further lines of it."""
        values: Mapping[str, object] = {
            "digest": "",
            "sources": "",
            "publish": "",
            "serve": "",
            "feed": self.server.url("/feed"),
            "endpoint": self.server.endpoint,
            "relay": self.inbox.smtp_url,
            "live": "true",
            "port": 8000,
            "database": "sqlite:///var/digest.db",
        }
        if "database" in changes:
            changes["database"] = _without_password(str(changes["database"]))
        self.path.write_text(CONFIG.format_map({**values, **changes}), encoding="utf-8")

    def digest(self, *arguments: object) -> Ran:
        """Run a command on this installation."""
        return command("--config", self.path, *arguments)

    def done(self, *arguments: object) -> Ran:
        """Run a command that must do it."""
        ran = self.digest(*arguments)
        assert (ran.code, ran.err) == (0, ""), ran
        return ran

    def drafted(self) -> str:
        """Collect what the blog has, and draft an issue dated today; its name."""
        self.done("collect", "--all")
        return str(self.done("draft", "weekly", "--now", "--json").data["id"])

    def published(self) -> str:
        """An issue dated today, approved and published; its name."""
        issue = self.drafted()
        self.done("approve", issue)
        self.done("publish", issue)
        return issue

    def opened(self, now: datetime = NOW) -> AbstractContextManager[Installation]:
        """The installation for code that takes the time as an argument."""
        return open_installation(self.path, now)

    def kept(self) -> bytes:
        """Its SQLite database as it is now, for ``go_back``; nobody may have it open."""
        return self._database.read_bytes()

    def go_back(self, kept: bytes) -> None:
        """Make its database again what it was, quicker than to collect and to draft once more; mail that came stays."""
        for left in self._database.parent.glob(f"{self._database.name}*"):
            left.unlink()
        self._database.write_bytes(kept)

    @property
    def _database(self) -> Path:
        return self.folder / "var" / "digest.db"

    def subscribe(self, *addresses: str, themes: str = "") -> None:
        """Import subscribers who gave their consent."""
        file = self.folder / "people.csv"
        with file.open("w", encoding="utf-8", newline="") as opened:
            rows = csv.writer(opened)
            rows.writerow(("address", "themes", "consent_at", "consent_source"))
            rows.writerows((address, themes, "2026-11-01", "the fair") for address in addresses)
        self.done("subscribers", "import", file)

    def tree(self) -> dict[str, tuple[bytes, int]]:
        """Everything in feeds/: bytes and time of change, by path; not the lock, which says nothing."""
        return {
            path.relative_to(self.feeds).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(self.feeds.rglob("*"))
            if path.is_file() and path.name != ".digest.lock"
        }

    def recipients(self) -> list[str]:
        """To whom mail came, sorted; an address stands there once for each copy."""
        return sorted(message.recipient for message in self.inbox.messages)


def _without_password(database: str) -> str:
    """No password stands in config.toml; the driver reads it from the environment (libpq's PGPASSWORD)."""
    url = make_url(database)
    if url.password:
        os.environ["PGPASSWORD"] = str(url.password)
    return url._replace(password=None).render_as_string()


@contextmanager
def installed(folder: Path, **changes: object) -> Iterator[Place]:
    """An installation in ``folder`` with a blog that has nothing yet."""
    blog = Blog()
    with loopback.serve(blog.answer) as server, Inbox() as inbox:
        place = Place(folder, blog, server, inbox)
        place.configure(**changes)
        secret = folder / "var" / "secret.key"
        config.write_secret(secret)
        secret.write_text(SECRET, encoding="ascii")
        if "database" not in changes:
            migrated_sqlite(folder / "var" / "digest.db")
        yield place


@contextmanager
def installed_for(request: pytest.FixtureRequest, folder: Path, **changes: object) -> Iterator[Place]:
    """``installed`` on SQLite, or on the database of a test that uses ``database_url``."""
    if "database_url" in request.fixturenames:
        changes["database"] = request.getfixturevalue("database_url")
    with installed(folder, **changes) as place:
        yield place


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time that was set."""
        return self.now
