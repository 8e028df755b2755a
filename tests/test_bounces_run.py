"""The whole way of a bounce: `digest run` listens, a mail server hands it back, and the next command shows it."""

from __future__ import annotations

import re
import signal
import smtplib
import time
from email import message_from_bytes
from pathlib import Path

import bounce_samples as samples
from bounce_samples import READER, report, status
from digest.demo.conversation import Envelope, Stage
from installation import NOW, Place, installed, process
from mail_servers import free_port
from mailbox_server import PASSWORD, USER, mailbox_server

OTHER = "tam@mail.example.net"


def bounce_of(place: Place, address: str) -> tuple[str, bytes]:
    """The envelope's recipient of a bounce of a mail that came to the demo inbox, and the bounce."""
    (mail,) = (message for message in place.inbox.messages if message.recipient == address)
    mark = str(message_from_bytes(mail.data)["X-Digest-Delivery"])
    return mail.sender, report(status("failed", "5.1.1", "550 5.1.1 User unknown", address), mark=mark)


def test_a_bounce_comes_back_to_a_running_digest(tmp_path: Path) -> None:
    """To the sender of the envelope that it went out with; a relay's own sender is no hindrance."""
    live = 'true\nbounces = "bounces@hollin.test"'
    inbound = '[inbound]\nlmtp = "127.0.0.1:0"'
    with installed(tmp_path, live=live, publish=inbound, port=free_port()) as place:
        place.blog.write("mill", at=NOW)
        place.subscribe(READER, OTHER)
        place.done("send", place.published())
        to_envelope, first = bounce_of(place, READER)
        _, second = bounce_of(place, OTHER)
        assert re.fullmatch(r"bounces\+d\d+\.[a-z2-7]{26}@hollin\.test", to_envelope)
        running = process("--config", place.path, "run", folder=place.folder)
        try:
            with smtplib.LMTP(*_where(running.stdout), timeout=30) as server:
                server.sendmail("", [to_envelope], first)
                server.sendmail("", ["somebody@relay.example"], second)
                server.sendmail("", [to_envelope], samples.AUTOMATIC["vacation"])
        finally:
            running.send_signal(signal.SIGTERM)
            _, said = running.communicate(timeout=60)
        assert running.returncode == 0, said
        assert READER not in said  # no address in a log
        assert to_envelope not in said
        rows = place.done("bounces", "--json").rows
        assert {(row["address"], row["effect"]) for row in rows} == {(READER, "held"), (OTHER, "held")}


def test_what_the_relay_refuses_is_judged_at_once(tmp_path: Path) -> None:
    """The same rules for a refusal in the conversation: the address is held, and the next issue passes it over."""

    def replies(stage: Stage, envelope: Envelope) -> str | None:
        refused = stage is Stage.RCPT and envelope.recipients[-1] == READER
        return "550 5.1.1 User unknown" if refused else None

    with installed(tmp_path) as place:
        place.inbox.replies = replies
        place.blog.write("mill", at=NOW)
        place.subscribe(READER, OTHER)
        place.done("send", place.published())
        (row,) = place.done("bounces", "--json").rows
        assert (row["address"], row["source"], row["effect"]) == (READER, "smtp", "held")
        assert place.done("suppressions", "list", "--json").data["cause"] == "held"


def test_a_running_digest_looks_into_the_mailbox(tmp_path: Path) -> None:
    """At its start, and then every few minutes; the password comes from its own file."""
    with mailbox_server() as server:
        imap = f'imap = "imap://127.0.0.1:{server.port}"\nimap_user = "{USER}"\nimap_password_file = "imap.password"'
        with installed(tmp_path, publish=f"[inbound]\n{imap}", port=free_port()) as place:
            (place.folder / "imap.password").write_text(f"{PASSWORD}\n", encoding="utf-8")
            place.blog.write("mill", at=NOW)
            place.subscribe(READER)
            place.done("send", place.published())
            server.deliver("bounce", bounce_of(place, READER)[1])
            running = process("--config", place.path, "run", folder=place.folder)
            try:
                until = time.monotonic() + 60
                while server.flags() != {"bounce": "S"} and time.monotonic() < until:
                    time.sleep(0.2)
            finally:
                running.send_signal(signal.SIGTERM)
                running.communicate(timeout=60)
            (row,) = place.done("bounces", "--json").rows
            assert (row["address"], row["source"], row["effect"]) == (READER, "imap", "held")


def _where(lines: object) -> tuple[str, int]:
    """Where it says that it listens."""
    for line in lines:  # type: ignore[attr-defined]
        if match := re.search(r"taken at ([\d.]+):(\d+) \(LMTP\)", line):
            return match[1], int(match[2])
    raise AssertionError("it did not say where it listens")
