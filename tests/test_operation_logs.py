"""What is logged helps whoever reads it, and names nobody: no address, token or secret link, in any process."""

from __future__ import annotations

import io
import json
import logging
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html import unescape

import pytest
import requests

import loopback
from digest import logs
from digest.demo.conversation import Envelope, Stage
from digest.demo.letters import Received
from digest.masks import veiled
from digest.model import IssueId
from digest.settings import LogSettings
from installation import Place, installed, process
from provider_reports import POSTMARK_LOGIN, postmark

TOKEN = "41.q83vEjRWeJASNFZ4kBI0Vg"
ISSUE = IssueId.parse("weekly/2026-11-22")


# ── what is veiled ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("550 <ada.lovell@example.org>: no", "550 <a•••@example.org>: no"),
        ("to=ada%40example.org&x=1", "t•••@example.org&x=1"),
        ("bounces+41.q83vEjRWeJASNFZ4kBI0Vg@example.org", "b•••@example.org"),
        ("zoë@bücher.example", "z•••@bücher.example"),
        (f"/u/weekly/{TOKEN}/themes", "/u/weekly/41.•••/themes"),
        ("/l/mF3kQ0aZ7-pL_2xYt8WnVbC4dR6sHj1uEoGiKqTzM5A", "/l/•••"),
        ("key 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e", "key •••"),
        ("DIGEST_SECRET=5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E", "DIGEST_SECRET=•••"),
    ],
)
def test_addresses_and_secrets_are_veiled(text: str, shown: str) -> None:
    """In whatever they stand."""
    assert veiled(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "weekly/2026-11-22: 12 accepted, 1 rejected",
        "source the-lowland-harbour-and-lighthouse-letter: 304",
        "https://blog.example.org/2026/11/who-keeps-the-harbour-lights-burning.html",
        "12@4 and @weekly",
        "requests.exceptions.ConnectionRefusedError, ssl.SSLCertVerificationError",
    ],
)
def test_what_is_no_secret_can_be_read(text: str) -> None:
    """Names of issues, sources and posts."""
    assert veiled(text) == text


@pytest.mark.parametrize(
    "piece", ["a", "Aaaa", "AAAAaa", "a@", "@a", "ab.", "1.", "-", "A1b2", "%40", "a@b."]
)
def test_no_text_keeps_the_veil_busy(piece: str) -> None:
    """A megabyte of what almost matches takes no time to speak of, and is cut."""
    began = time.thread_time()
    assert len(veiled(piece * (1_000_000 // len(piece)))) <= 40_000
    assert time.thread_time() - began < 2


# ── lines ────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def logged(
    monkeypatch: pytest.MonkeyPatch, quiet: bool = False, **settings: object
) -> Iterator[Callable[[], str]]:
    """What is written to stderr while logging is set up so."""
    root, written = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stderr", written)
    logs.set_up(LogSettings.model_validate(settings), quiet=quiet)
    try:
        yield written.getvalue
    finally:
        root.handlers[:] = before
        root.setLevel(level)


def test_a_line_of_json_has_its_time_event_and_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """An issue among the values is known as one; what a block is about stands in each of its lines."""
    with logged(monkeypatch, format="json") as written, logs.about(job="publish", source="hollin"):
        logging.getLogger("digest.x").warning("%s is skipped: %s", ISSUE, "nothing\nnew")
    (line,) = written().splitlines()
    said = json.loads(line)
    assert datetime.fromisoformat(said.pop("time")).tzinfo == UTC
    assert re.fullmatch(r"[0-9a-f]{8}", said.pop("run"))
    assert said == {
        "level": "warning",
        "logger": "digest.x",
        "event": "%s is skipped: %s",
        "message": "weekly/2026-11-22 is skipped: nothing\nnew",
        "digest": "weekly",
        "issue": "weekly/2026-11-22",
        "job": "publish",
        "source": "hollin",
    }


def test_what_a_block_is_about_ends_with_it_and_is_of_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sources that are polled side by side do not take each other's name."""
    log, met = logging.getLogger("digest.x"), threading.Barrier(2)

    def poll(source: str) -> None:
        with logs.about(source=source):
            met.wait(10)
            log.info("polled %s", source)

    with logged(monkeypatch, format="json") as written:
        threads = [threading.Thread(target=poll, args=(each,)) for each in ("hollin", "harbour")]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        log.info("done")
    said = [json.loads(line) for line in written().splitlines()]
    assert all(each["message"] == f"polled {each['source']}" for each in said[:2])
    assert "source" not in said[2]


def test_a_traceback_is_veiled_and_stays_one_line_of_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a library raised may hold anything."""
    with logged(monkeypatch, format="json") as written:
        try:
            int(f"ada@example.org /u/weekly/{TOKEN}")
        except ValueError:
            logging.getLogger("other").exception("it failed")
    (line,) = written().splitlines()
    said = json.loads(line)["error"]
    assert said.startswith("Traceback")
    assert "ValueError: invalid literal" in said
    assert "a•••@example.org /u/weekly/41.•••" in said


def test_a_line_of_text_is_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time in UTC, level, what happened."""
    with logged(monkeypatch) as written:
        logging.getLogger("digest.x").info("%s is published, says %s", ISSUE, "ada@example.org")
    pattern = r"\d{4}-\d\d-\d\dT[\d:.]+Z INFO weekly/2026-11-22 is published, says a•••@example.org\n"
    assert re.fullmatch(pattern, written())


@pytest.mark.parametrize(
    ("quiet", "level", "expected"),
    [
        (False, "debug", ["debug", "info", "warning"]),
        (False, "info", ["info", "warning"]),
        (True, "debug", ["warning"]),
        (True, "error", []),
    ],
)
def test_the_level_says_how_much(
    monkeypatch: pytest.MonkeyPatch, quiet: bool, level: str, expected: list[str]
) -> None:
    """``--quiet`` leaves out what needs nobody, and asks for no more than the setting does."""
    log = logging.getLogger("digest.x")
    with logged(monkeypatch, quiet=quiet, format="json", level=level) as written:
        for say in (log.debug, log.info, log.warning):
            say("x")
    assert [json.loads(line)["level"] for line in written().splitlines()] == expected


# ── all processes, on a whole walk ───────────────────────────────────────────────────────────────


@dataclass
class Walk:
    """A person who signs up, an editor who signs in, and all that must be in no log."""

    place: Place
    url: str
    secrets: set[str] = field(default_factory=set)

    def sign_up(self, address: str) -> None:
        """Fill in the form, open the link of the mail, confirm; then look at all pages of a reader."""
        form = requests.get(f"{self.url}s/weekly", timeout=20).text
        (shown,) = re.findall(r'name="shown" value="([^"]+)"', form)
        time.sleep(2.1)  # in less time nobody fills in a form
        requests.post(f"{self.url}s/weekly", data={"address": address, "shown": unescape(shown)}, timeout=20)
        link = self.link(address)
        requests.get(link, timeout=20)
        page = requests.post(link, data={"digest": "weekly"}, timeout=20).text
        (path,) = set(re.findall(r"u/weekly/([\d]+\.[\w-]{22})", page)) or {""}
        self.secrets |= {address, shown, link.rpartition("/")[2], path}
        for name in ("", "/themes", "/you", "/pause"):
            requests.get(f"{self.url}u/weekly/{path}{name}", timeout=20)

    def sign_in(self, address: str, password: str) -> None:
        """Choose a password by a mailed link, sign in wrongly and rightly, forget it."""
        link = next(
            word for word in self.place.done("editors", "add", address).out.split() if "/choose/" in word
        )
        browser = requests.Session()
        browser.headers["Origin"] = self.url.rstrip("/")
        browser.get(link, timeout=20)
        browser.post(link, data={"password": password}, timeout=20)
        desk = f"{self.url}desk/"
        browser.post(f"{desk}sign-in", data={"address": address, "password": "wrong, alas"}, timeout=20)
        browser.post(f"{desk}sign-in", data={"address": address, "password": password}, timeout=20)
        page = browser.get(desk, timeout=20).text
        browser.post(f"{desk}forgotten", data={"address": address}, timeout=20)
        self.secrets |= {address, password, link.rpartition("/")[2], *browser.cookies.values()}
        self.secrets |= set(re.findall(r'name="csrf" value="([^"]+)"', page))
        self.secrets.add(self.link(address).rpartition("/")[2])

    def bounce(self) -> None:
        """A provider's report on somebody, with its password; then one that proves nothing."""
        report = postmark(Email="gone@lowland.test")
        for headers in (report.headers, {}):
            requests.post(f"{self.url}hooks/postmark", data=report.body, headers=headers, timeout=20)
        self.secrets |= {"gone@lowland.test", POSTMARK_LOGIN, *report.headers.values()}

    def link(self, address: str) -> str:
        """The link in the newest mail to an address, once it is there."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            mails = [mail for mail in self.place.inbox.messages if mail.recipient == address]
            if found := [link for mail in mails for link in links(mail)]:
                return found[-1]
            time.sleep(0.05)
        raise AssertionError(f"no mail with a link came to {address}")


def links(mail: Received) -> list[str]:
    """What a mail leads to, in its text."""
    body = message_from_bytes(mail.data, policy=policy.default).get_body(("plain",))
    return re.findall(r"https?://\S+/(?:l|desk/choose|u/weekly)/\S+", body.get_content() if body else "")


def refusing(stage: Stage, envelope: Envelope) -> str | None:
    """A relay that names whom it refuses."""
    refused = stage is Stage.RCPT and envelope.recipients[-1].startswith("refused")
    return f"550 5.1.1 <{envelope.recipients[-1]}> is unknown here" if refused else None


@pytest.fixture(scope="module")
def somewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation whose second source has a secret in its address, and fails."""

    def nothing(request: loopback.Request) -> None:
        """It hangs up: what could not be fetched is told with its address."""

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("logs")
    with loopback.serve(nothing) as private, installed(folder) as place:
        secret = f"{private.url('/private')}?for=carol@lowland.test&key={SOURCE_KEY}"
        place.configure(
            port=port,
            endpoint=f'{place.server.endpoint}", "{private.endpoint}',
            sources=f'[[sources]]\nurl = "{secret}"\nslug = "private"',
        )
        webhooks = folder / "var" / "webhooks.toml"
        webhooks.write_text(f'postmark = "{POSTMARK_LOGIN}"\n', encoding="utf-8")
        said = '\n[log]\nformat = "json"\nlevel = "debug"\naccess = true\n[inbound]\nwebhooks_file = "var/webhooks.toml"\n'
        place.path.write_text(place.path.read_text(encoding="utf-8") + said, encoding="utf-8")
        place.inbox.replies = refusing
        yield place


SOURCE_KEY = "Xk29-fQzLw7Ty0PvRm4b"


@contextmanager
def running(place: Place, before: str = "") -> Iterator[list[str]]:
    """``digest run`` as a process; the lines that it logged, once the block has ended."""
    code = f"{before}from digest.cli import main; main()"
    words = [sys.executable, "-c", code, "--config", str(place.path), "run"]
    lines: list[str] = []
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stdout
        assert started.stderr
        reader = threading.Thread(target=lambda: lines.extend(started.stderr or ()))
        reader.start()
        try:
            assert started.stdout.readline().startswith("digest runs;")
            yield lines
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(30)
            reader.join()


def wait_for(lines: list[str], word: str) -> None:
    deadline = time.monotonic() + 30
    while not any(word in line for line in list(lines)):
        assert time.monotonic() < deadline, f"{word} was not logged"
        time.sleep(0.05)


def found(lines: list[str], secrets: set[str]) -> set[str]:
    """Those of the secrets that stand in the lines, as they are or as JSON writes them."""
    text = "\n".join(lines)
    return {each for each in secrets if each and (each in text or json.dumps(each)[1:-1] in text)}


def test_no_process_logs_an_address_or_a_token_of_a_whole_walk(somewhere: Place) -> None:
    """Signing up, confirming, signing in, a bounce, a send with a refusal, a source with a key, all at level debug."""
    place = somewhere
    place.subscribe("refused@lowland.test", "gone@lowland.test", "dora@lowland.test")
    with running(place) as lines:
        walk = Walk(place, f"http://127.0.0.1:{place_port(place)}/")
        walk.sign_up("ada@lowland.test")
        walk.sign_in("mira@hollin.test", "four mills by one river")
        walk.bounce()
        place.blog.write("sluice", at=datetime.now(UTC))
        place.digest("collect", "--all")  # fails, for one source does
        issue = str(place.done("draft", "weekly", "--now", "--json").data["id"])
        place.done("approve", issue)
        place.done("publish", issue)
        with process("--config", place.path, "send", issue, folder=place.folder) as sending:
            _, sent = sending.communicate(timeout=60)
        wait_for(lines, '"source": "private"')
    lines += sent.splitlines()
    secrets = walk.secrets | {"carol@lowland.test", SOURCE_KEY, "refused@lowland.test", "dora@lowland.test"}
    mailed = "\n".join(link for mail in place.inbox.messages for link in links(mail))
    secrets |= set(re.findall(r"\d+\.[\w-]{22}|[\w-]{40,}", mailed))
    assert len(secrets) > 12
    assert found(lines, secrets) == set()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    routes = {each["route"] for each in said if "route" in each}
    assert {
        "/u/{digest}/{token}",
        "/l/{token}",
        "/s/{digest}",
        "/hooks/{provider}",
        "/desk/sign-in",
    } <= routes
    assert any(each.get("source") == "private" and each["level"] == "warning" for each in said)


def place_port(place: Place) -> int:
    (port,) = re.findall(r"^port = (\d+)$", place.path.read_text(encoding="utf-8"), re.MULTILINE)
    return int(port)


def test_without_the_veil_they_are_found(somewhere: Place) -> None:
    """Control: the same program with the veil taken off logs the address and the key of the source."""
    lifted = "import digest.logs; digest.logs.veiled = lambda text: text; "
    path = somewhere.folder / "var" / "digest.db"
    for each in sorted(path.parent.glob(f"{path.name}*")):
        each.unlink()  # so that the source is due again
    with running(somewhere, before=lifted) as lines:
        wait_for(lines, '"source": "private"')
    assert found(lines, {"carol@lowland.test", SOURCE_KEY}) == {"carol@lowland.test", SOURCE_KEY}
