"""``digest doctor`` on a whole installation: its own DNS, relay, web server and mailbox on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.demo.inbox import Inbox
from digest.web.app import create_app
from digest.web.server import serve
from installation import NOW, Place, Ran, installed
from mailbox_server import PASSWORD, USER, mailbox_server
from name_server import NameServer, Zone, name_server, text_record

ADDRESS = "198.51.100.7"
ZONE: Zone = {
    ("hollin.test", "TXT"): [f'"v=spf1 ip4:{ADDRESS} -all"'],
    ("hollin.test", "MX"): ["10 mail.hollin.test."],
    ("_dmarc.hollin.test", "TXT"): ['"v=DMARC1; p=reject"'],
    ("mail.hollin.test", "A"): [ADDRESS],
    ("7.100.51.198.in-addr.arpa", "PTR"): ["mail.hollin.test."],
}


@dataclass
class Web:
    """An application that is known only once its address is."""

    app: ASGIApp | None = None
    seen: list[tuple[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.seen.append((scope["method"], scope["path"]))
        assert self.app is not None
        await self.app(scope, receive, send)


@dataclass
class House:
    """An installation with everything around it."""

    place: Place
    names: NameServer
    web: Web

    def doctor(self, *arguments: object) -> Ran:
        return self.place.digest(
            "doctor", "--nameserver", self.names.address, "--address", ADDRESS, *arguments
        )

    def levels(self) -> dict[str, str]:
        return {str(row["about"]): str(row["level"]) for row in self.doctor("--json").rows}


@contextmanager
def house(folder: Path, zone: Zone = ZONE) -> Iterator[House]:
    """A landing page that is published, and an application that serves it."""
    web = Web(app=_starting)
    with installed(folder) as place, name_server(zone) as names, serve(web, "127.0.0.1", 0) as address:
        port = address.rpartition(":")[2]
        place.configure(port=port, endpoint=f'{place.server.endpoint}", "127.0.0.1:{port}')
        place.feeds.mkdir()
        (place.feeds / "index.html").write_text("<h1>The Hollin Weekly</h1>", encoding="utf-8")
        with place.opened() as opened:
            web.app = create_app(
                opened.engine,
                opened.settings,
                opened.keys,
                opened.templates,
                lambda: NOW,
                opened.resources.strings,
            )
        yield House(place, names, web)


async def _starting(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers uvicorn's start and end only."""
    while scope["type"] == "lifespan":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def test_a_house_in_order_has_nothing_to_mend(tmp_path: Path) -> None:
    """Every look is told, none failed, the exit code is 0, nobody is mailed and nothing is asked but with GET."""
    with house(tmp_path) as here:
        ran = here.doctor()
        assert (ran.code, ran.err) == (0, ""), ran
        assert here.place.recipients() == []
        assert {method for method, _ in here.web.seen} == {"GET"}
    abouts = [line.split(":")[0].split(None, 1)[1] for line in ran.out.splitlines()]
    assert abouts == [
        "database", "folders", "disk", "secrets", "templates", "relay", "TLS", "SPF", "PTR", "DKIM", "DMARC",
        "alignment", "bounces", "inbound", "notices", "feeds_url", "List-Unsubscribe", "clock",
    ]  # fmt: skip
    assert [line for line in ran.out.splitlines() if line.startswith("failed")] == []


def test_what_is_wrong_fails_under_its_name_and_says_what_to_do(tmp_path: Path) -> None:
    """A domain of which nothing is known, and an open secret: only these fail."""
    with house(tmp_path, {("hollin.test", "A"): ["198.51.100.8"]}) as here:
        key = tmp_path / "var" / "secret.key"
        key.chmod(0o644)
        ran = here.doctor("--json")
    assert ran.code == 1
    failed = {str(row["about"]): str(row["todo"]) for row in ran.rows if row["level"] == "failed"}
    assert list(failed) == ["secrets", "SPF", "PTR", "DMARC"]
    assert failed["secrets"] == f"Run: chmod 600 {key}"
    assert all(row["todo"] for row in ran.rows if row["level"] != "ok")


def test_our_key_is_looked_for_in_dns(tmp_path: Path) -> None:
    """What `digest keys dkim` prints is what the doctor asks for."""
    with house(tmp_path) as here:
        made = here.place.done("keys", "dkim", "autumn", "--json").data
        path = here.place.path
        path.write_text(
            path.read_text("utf-8").replace("[mail]", '[mail]\ndkim_keys = ["var/dkim/autumn.pem"]'), "utf-8"
        )
        before = here.levels()["DKIM"]
        here.names.records["autumn._domainkey.hollin.test", "TXT"] = [text_record(str(made["value"]))]
        assert (before, here.levels()["DKIM"]) == ("failed", "ok")
        here.doctor("--send", "ada@example.org")
        ran = here.doctor("--received", arrived(here.place.inbox, tmp_path))
    assert (ran.code, "the signature of hollin.test (autumn) holds" in ran.out) == (0, True)


def test_the_relay_that_stands_in_is_looked_at_too(tmp_path: Path) -> None:
    """It is needed on the day on which nobody has time to look at it."""
    with house(tmp_path) as here:
        path = here.place.path
        second = '[mail]\nsecond_relay = "smtp://127.0.0.1:1"'
        path.write_text(path.read_text("utf-8").replace("[mail]", second), "utf-8")
        rows = here.doctor("--json").rows
    relays = [str(row["level"]) for row in rows if row["about"] == "relay"]
    assert relays == ["ok", "failed"]


def test_another_web_server_in_our_place_is_told(tmp_path: Path) -> None:
    """It answers 200 to everything, but it is not we."""

    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]}
        )
        await send({"type": "http.response.body", "body": b"<p>It works!</p>"})

    with house(tmp_path) as here:
        here.web.app = other
        found = here.levels()
    assert (found["feeds_url"], found["List-Unsubscribe"]) == ("failed", "failed")


def test_a_way_out_that_redirects_is_told(tmp_path: Path) -> None:
    """Mail programs do not follow (RFC 8058, section 3.1)."""

    async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
        target = b"/there" if scope["path"] != "/there" else b""
        status = 302 if target else 200
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"location", target)] if target else [],
            }
        )
        await send({"type": "http.response.body", "body": b"The Hollin Weekly"})

    with house(tmp_path) as here:
        here.web.app = elsewhere
        ran = here.doctor()
    assert "RFC 8058, section 3.1" in ran.out


def test_pages_that_the_world_cannot_reach_are_told(tmp_path: Path) -> None:
    """A private address, as in the example configuration, is nobody's way out."""
    with house(tmp_path) as here:
        here.place.configure()
        assert here.levels()["List-Unsubscribe"] == "failed"


def test_a_mistake_in_the_file_is_told_as_by_check(tmp_path: Path) -> None:
    """Nothing is looked at then."""
    with house(tmp_path) as here:
        here.place.path.write_text("nonsense", encoding="utf-8")
        ran = here.doctor()
    assert (ran.code, ran.out, bool(ran.err)) == (1, "", True)


@pytest.mark.parametrize(("option", "value"), [("--nameserver", "nobody"), ("--address", "nobody")])
def test_an_option_that_is_no_address_is_refused(tmp_path: Path, option: str, value: str) -> None:
    """With what is expected."""
    with installed(tmp_path) as place:
        ran = place.digest("doctor", option, value)
    assert ran.code in (1, 2)
    assert value in ran.err


# ── a probe ──────────────────────────────────────────────────────────────────────────────────────


def arrived(inbox: Inbox, folder: Path, *change: bytes) -> Path:
    """The probe as a Maildir has it, with one thing changed on the way."""
    (received,) = inbox.messages
    new = folder / "Maildir" / "new"
    new.mkdir(parents=True)
    (new.parent / "cur").mkdir()
    data = received.data.replace(*change) if change else received.data  # type: ignore[arg-type]
    (new / "1.a").write_bytes(b"Return-Path: <%s>\r\n%s" % (received.sender.encode(), data))
    (new / "2.b").write_bytes(b"Subject: something else\r\n\r\nHello.\r\n")
    return folder / "Maildir"


def test_a_probe_goes_to_one_address_and_is_known_again(tmp_path: Path) -> None:
    """By its number, among other mail; only who signs is missing."""
    with house(tmp_path) as here:
        sent = here.doctor("--send", "ada@example.org", "--json")
        assert here.place.recipients() == ["ada@example.org"]
        ran = here.doctor("--received", arrived(here.place.inbox, tmp_path), "--json")
    assert len(str(sent.data["probe"])) == 12
    found = {row["about"]: row["level"] for row in ran.rows}
    assert {about for about, level in found.items() if level != "ok"} == {"DKIM"}
    assert set(found) == {"headers", "Message-ID", "envelope", "links", "pixel", "text", "DKIM"}


def test_what_a_relay_changed_in_a_probe_is_told(tmp_path: Path) -> None:
    """The first header that it wrote anew."""
    with house(tmp_path) as here:
        here.doctor("--send", "ada@example.org")
        maildir = arrived(here.place.inbox, tmp_path, b"Subject: ", b"Subject: [list] ")
        ran = here.doctor("--received", maildir / "new" / "1.a")
    assert ran.code == 1
    assert (
        "failed   headers: changed on the way: Subject is '[list] [Test] The Hollin Weekly: probe" in ran.out
    )


def test_until_mail_is_live_a_probe_stays_here(tmp_path: Path) -> None:
    """It goes to the folder, like every mail."""
    with house(tmp_path) as here:
        port = here.place.path.read_text(encoding="utf-8").rpartition("port = ")[2].strip()
        here.place.configure(live="false", port=port)
        ran = here.doctor("--send", "ada@example.org")
        assert here.place.recipients() == []
    assert "written to" in ran.out


@pytest.mark.parametrize("content", [b"", b"Subject: probe 0123456789ab\r\n\r\n", b"\xff" * 1000])
def test_a_message_that_is_no_probe_of_ours_is_refused(tmp_path: Path, content: bytes) -> None:
    """With the command that sends one."""
    with installed(tmp_path) as place:
        (tmp_path / "probe.eml").write_bytes(content)
        ran = place.digest("doctor", "--nameserver", "127.0.0.1", "--received", tmp_path / "probe.eml")
    assert (ran.code, "digest doctor --send ADDRESS" in ran.err) == (1, True)


def test_of_several_probes_the_last_one_counts(tmp_path: Path) -> None:
    """Also where its file comes first by name."""
    with house(tmp_path) as here:
        here.doctor("--send", "ada@example.org")
        here.doctor("--send", "bo@example.org")
        before, last = here.place.inbox.messages
        folder = tmp_path / "saved"
        folder.mkdir()
        (folder / "a.eml").write_bytes(last.data.replace(b"Subject: ", b"Subject: [list] "))
        (folder / "b.eml").write_bytes(before.data)
        ran = here.doctor("--received", folder)
        assert "Subject is '[list]" in ran.out
        assert here.doctor("--received", folder / "none").err.startswith(f"{folder / 'none'} is not there")


def test_a_probe_is_found_in_our_own_mailbox(tmp_path: Path) -> None:
    """Over IMAP, without marking a mail; whoever may not look into it is told so."""
    with house(tmp_path) as here, mailbox_server() as server:
        place = here.place
        inbound = f'\n[inbound]\nimap = "imap://127.0.0.1:{server.port}"\nimap_user = "{USER}"\nimap_password_file = "imap.key"\n'
        place.path.write_text(place.path.read_text("utf-8") + inbound, "utf-8")
        key = tmp_path / "imap.key"
        key.write_text(PASSWORD, "utf-8")
        key.chmod(0o600)
        here.doctor("--send", USER)
        (received,) = place.inbox.messages
        server.deliver("other", b"Subject: hello\r\n\r\nHello.\r\n")
        server.deliver("probe", received.data)
        ran = here.doctor("--received", "mailbox", "--json")
        assert {"headers", "links", "pixel"} <= {row["about"] for row in ran.rows if row["level"] == "ok"}
        assert set(server.flags().values()) == {""}
        key.write_text("wrong", "utf-8")
        assert here.levels()["inbound"] == "failed"


def test_a_mailbox_has_to_be_named_to_be_looked_into(tmp_path: Path) -> None:
    """Or a file."""
    with installed(tmp_path) as place:
        ran = place.digest("doctor", "--received", "mailbox")
    assert (ran.code, "see [inbound] imap" in ran.err) == (1, True)


def test_a_probe_needs_an_address(tmp_path: Path) -> None:
    """A name alone is none."""
    with installed(tmp_path) as place:
        ran = place.digest("doctor", "--send", "ada")
    assert (ran.code, "'ada' is no address" in ran.err) == (1, True)
