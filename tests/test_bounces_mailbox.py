"""Bounces from a mailbox, against Debian's Dovecot: each mail acts once and is marked; a person's stays unread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

import bounce_samples as samples
from bounce_samples import READER, mail
from bounced import effects, is_held, send_out, tag_of
from deliver_samples import KEYS, NOW
from digest.deliver import verp
from digest.deliver.bounces.report import MAX_BYTES
from digest.deliver.inbound import imap
from digest.deliver.inbound.imap import Mailbox, mailbox
from digest.errors import DigestError, StoreError
from digest.model import BounceEffect
from digest.pipeline.mail.bounces import take
from digest.settings import InboundSettings
from mailbox_server import PASSWORD, USER, MailboxServer, mailbox_server


@pytest.fixture(scope="module")
def running() -> Iterator[MailboxServer]:
    """One server for these tests."""
    with mailbox_server() as found:
        yield found


@pytest.fixture
def server(running: MailboxServer) -> MailboxServer:
    """With an empty inbox."""
    running.clear()
    return running


def box(server: MailboxServer) -> Mailbox:
    """What opens it, as the settings say it."""
    found = mailbox(InboundSettings(imap=f"imap://127.0.0.1:{server.port}", imap_user=USER), PASSWORD)
    assert found is not None
    return found


def test_a_bounce_in_a_mailbox_acts_and_is_marked_as_read(server: MailboxServer, engine: Engine) -> None:
    """The next look finds nothing; what a person wrote is flagged and unread."""
    send_out(engine, READER)
    recipient = verp.sender("bounces@example.org", tag_of(engine))
    server.deliver("bounce", f"Delivered-To: {recipient}\r\n".encode() + samples.POSTFIX)
    server.deliver("vacation", samples.AUTOMATIC["vacation"])
    server.deliver(
        "letter", mail(f"From: {READER}\nTo: bounces@example.org\nSubject: hello", "Is anybody there?")
    )

    def take_mail(data: bytes) -> bool:
        return not take(engine, KEYS, data, "", "imap", NOW).is_personal

    assert imap.read(box(server), take_mail) == 3
    assert effects(engine) == [BounceEffect.HELD]
    assert is_held(engine)
    assert server.flags() == {"bounce": "S", "vacation": "S", "letter": "F"}
    assert imap.read(box(server), take_mail) == 0


def test_the_bytes_are_those_of_the_mail_and_no_more_than_a_megabyte(server: MailboxServer) -> None:
    """Whatever lies there."""
    large = b"Subject: x\r\n\r\n" + b"y" * 70 + b"\r\n" + (b"z" * 70 + b"\r\n") * (MAX_BYTES // 60)
    server.deliver("large", large)
    server.deliver("odd", b"Subject: \xff\xfe\r\n\r\n.\r\n")
    found: list[bytes] = []

    def keep(data: bytes) -> bool:
        found.append(data)
        return True

    imap.read(box(server), keep)
    assert sorted(found, key=len) == [b"Subject: \xff\xfe\r\n\r\n.\r\n", large[:MAX_BYTES]]


def test_the_latest_mails_are_looked_at_without_a_trace(server: MailboxServer) -> None:
    """The newest first; whether they were read stays as it is."""
    for number in range(3):
        server.deliver(f"{number}", b"Subject: %d\r\n\r\n" % number)
        assert imap.latest(box(server), 1) == [b"Subject: %d\r\n\r\n" % number]
    assert imap.latest(box(server), 2) == [b"Subject: 2\r\n\r\n", b"Subject: 1\r\n\r\n"]
    assert len(imap.latest(box(server), 10)) == 3
    assert set(server.flags().values()) == {""}


def test_what_cannot_be_stored_stays_unread(server: MailboxServer) -> None:
    """And is found by the next look."""
    server.deliver("bounce", samples.POSTFIX)

    def refuse(_data: bytes) -> bool:
        raise StoreError("The database is away.")

    with pytest.raises(StoreError):
        imap.read(box(server), refuse)
    assert "S" not in server.flags()["bounce"]
    assert imap.read(box(server), lambda _: True) == 1


def test_what_is_wrong_with_a_mailbox_is_said_without_its_password(server: MailboxServer) -> None:
    """A wrong password, a folder that is not there, nobody at home."""
    good = box(server)
    for wrong in (
        replace(good, password="not-this-one"),
        replace(good, folder="Nowhere"),
        replace(good, port=1),
        replace(good, host="no-such-host.invalid"),
    ):
        with pytest.raises(DigestError, match=f"The mailbox of {USER} at .* cannot be read: ") as said:
            imap.read(wrong, lambda _: True)
        assert wrong.password not in str(said.value)
    assert PASSWORD not in repr(good)


def test_without_a_setting_there_is_no_mailbox() -> None:
    """And the ports are those of the protocol."""
    assert mailbox(InboundSettings(), "") is None
    found = mailbox(InboundSettings(imap="imaps://mail.example.org", imap_user=USER), PASSWORD)
    assert found == Mailbox("mail.example.org", 993, True, USER, PASSWORD, "INBOX")


def test_a_server_that_speaks_no_imap_is_no_trouble() -> None:
    """It says something else, or hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            with listener.accept()[0] as connection:
                connection.sendall(b"220 mail ESMTP\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        odd = Mailbox("127.0.0.1", listener.getsockname()[1], False, USER, PASSWORD)
        with pytest.raises(DigestError, match="cannot be read"):
            imap.read(odd, lambda _: True)
        thread.join()
