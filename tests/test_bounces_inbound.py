"""Mail comes in: over LMTP as a mail server speaks it, from files of every kind, by commands; on loopback."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

import bounce_samples as samples
from bounce_samples import READER, mail
from bounced import bounced_at, effects, is_held, recorded, send_out, tag_of
from deliver_samples import KEYS, NOW
from digest.deliver import verp
from digest.deliver.bounces.report import MAX_BYTES
from digest.deliver.inbound import files
from digest.deliver.inbound.lmtp import listening
from digest.errors import ConfigError, DigestError, StoreError
from digest.model import BounceEffect
from digest.pipeline.mail.bounces import take

Arrived = list[tuple[bytes, str]]


@contextmanager
def server(answer: bool | Exception = True, where: str = "127.0.0.1:0") -> Iterator[tuple[str, Arrived]]:
    """An LMTP server that keeps what comes, and gives this answer to each mail."""
    arrived: Arrived = []

    def take_mail(data: bytes, recipient: str) -> bool:
        arrived.append((data, recipient))
        if isinstance(answer, Exception):
            raise answer
        return answer

    with listening(where, take_mail) as address:
        yield address, arrived


def client(address: str) -> smtplib.LMTP:
    """A client of it, from the standard library."""
    host, _, port = address.rpartition(":")
    return smtplib.LMTP(address) if address.startswith("/") else smtplib.LMTP(host, int(port), timeout=10)


def as_bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()


# ── LMTP ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_bounce_comes_in_over_lmtp_and_acts(engine: Engine) -> None:
    """The whole way: conversation, VERP address, ledger."""
    send_out(engine, READER)
    recipient = verp.sender("bounces@example.org", tag_of(engine))

    def take_mail(data: bytes, to: str) -> bool:
        return not take(engine, KEYS, data, to, "lmtp", NOW).is_personal

    with listening("127.0.0.1:0", take_mail) as address, client(address) as session:
        assert session.sendmail("", [recipient], samples.POSTFIX) == {}
        assert session.sendmail("", [recipient.upper()], samples.POSTFIX) == {}
    assert effects(engine) == [BounceEffect.HELD]
    assert bounced_at(engine) == NOW
    assert is_held(engine)


def test_the_bytes_arrive_as_they_were_sent() -> None:
    """Dots at the beginning of lines, long lines, bytes over 127."""
    data = b"Subject: x\r\n\r\n.\r\n..two\r\n" + b"y" * 5_000 + b"\r\n\xff\xfe\r\n"
    with server() as (address, arrived), client(address) as session:
        session.sendmail("", ["bounces@example.org"], data)
    assert arrived == [(data, "bounces@example.org")]


def test_a_socket_of_this_machine_serves_as_well(tmp_path: Path) -> None:
    """It may be left over from a run that was killed, and is gone at the end."""
    path = tmp_path / "lmtp"
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(path))
    with server(where=str(path)) as (address, arrived):
        with client(address) as session:
            session.sendmail("", ["bounces@example.org"], b"Subject: x\r\n\r\n")
        assert len(arrived) == 1
    assert not path.exists()


def test_what_a_person_wrote_is_given_back_to_them() -> None:
    """With a sentence that says where to write."""
    with server(answer=False) as (address, _), client(address) as session:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            session.sendmail("mira@example.net", ["bounces@example.org"], b"Subject: hello\r\n\r\n")
        assert refused.value.smtp_code == 550
        assert b"write to the address in From" in as_bytes(refused.value.smtp_error)


def test_what_cannot_be_stored_stays_with_the_mail_server() -> None:
    """A database that is away is no reason to lose a bounce."""
    with server(answer=StoreError("The database is away.")) as (address, _), client(address) as session:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            session.sendmail("", ["bounces@example.org"], b"Subject: x\r\n\r\n")
        assert refused.value.smtp_code == 451


def test_one_recipient_at_a_time() -> None:
    """So each mail has one answer; the others are asked to come again."""
    with server() as (address, arrived), client(address) as session:
        refused = session.sendmail("", ["a@example.org", "b@example.org"], b"Subject: x\r\n\r\n")
        assert {to: code for to, (code, _) in refused.items()} == {"b@example.org": 452}
        session.sendmail("", ["b@example.org"], b"Subject: x\r\n\r\n")
    assert [to for _, to in arrived] == ["a@example.org", "b@example.org"]


def test_a_mail_that_is_too_large_is_refused() -> None:
    """Announced or not, and nothing of it is kept."""
    data = b"Subject: x\r\n\r\n" + b"x" * 998 * (MAX_BYTES // 990)
    with server() as (address, arrived), client(address) as session:
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            session.sendmail("", ["bounces@example.org"], data)
        assert refused.value.smtp_code == 552
    assert arrived == []


def test_too_many_clients_are_asked_to_come_later() -> None:
    """The twenty that are there are served on."""
    with server() as (address, arrived):
        sessions = [client(address) for _ in range(20)]
        host, _, port = address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as more:
            assert more.recv(100).startswith(b"421 4.3.2")
        sessions[0].sendmail("", ["bounces@example.org"], b"Subject: x\r\n\r\n")
        for session in sessions:
            session.quit()
    assert len(arrived) == 1


def test_the_end_does_not_wait_for_clients() -> None:
    """One that says nothing, and one in the middle of a mail."""
    with server() as (address, arrived):
        silent = client(address)
        busy = client(address)
        busy.ehlo()
        for command in ("MAIL FROM:<>", "RCPT TO:<bounces@example.org>", "DATA"):
            busy.docmd(command)
    assert arrived == []
    for session in (silent, busy):
        session.close()


def test_many_clients_at_once_are_served() -> None:
    """In threads; every mail arrives once."""
    with server() as (address, arrived):

        def send(number: int) -> None:
            with client(address) as session:
                session.sendmail("", [f"b{number}@example.org"], b"Subject: x\r\n\r\n")

        threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(to for _, to in arrived) == sorted(f"b{number}@example.org" for number in range(12))


def test_where_nobody_can_listen_is_said() -> None:
    """The port is taken; the folder of the socket is missing."""
    with server() as (address, _):
        for where in (address, "/nowhere/at/all/lmtp"):
            with (
                pytest.raises(ConfigError, match=r"\[inbound\] lmtp: nobody can listen at"),
                server(where=where),
            ):
                pass


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def lines(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def test_a_file_is_one_mail(tmp_path: Path) -> None:
    """Of at most a megabyte."""
    path = tmp_path / "one.eml"
    path.write_bytes(samples.POSTFIX)
    assert list(files.mails(path)) == [samples.POSTFIX]
    path.write_bytes(b"x" * (MAX_BYTES + 5))
    assert [len(data) for data in files.mails(path)] == [MAX_BYTES]


def test_an_mbox_is_taken_apart(tmp_path: Path) -> None:
    """At lines that begin with "From " after an empty one; a quoted one in a body loses its mark."""
    first, second = lines(samples.POSTFIX), b"Subject: x\n\nDear all,\n>From here on\nFrom what I hear\n"
    path = tmp_path / "mbox"
    path.write_bytes(b"From MAILER-DAEMON Sun Nov 22\n" + first + b"\nFrom mira Sun Nov 22\n" + second)
    assert list(files.mails(path)) == [first + b"\n", second.replace(b">From", b"From")]


def test_folders_and_maildirs_are_read(tmp_path: Path) -> None:
    """In the order of names, without hidden files; of a Maildir what is read and what is new."""
    folder, maildir = tmp_path / "folder", tmp_path / "maildir"
    for path in (folder / "b.eml", folder / "a.eml", folder / ".hidden", folder / "sub" / "c.eml"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"Subject: {path.name}".encode())
    for part in ("cur", "new", "tmp"):
        (maildir / part).mkdir(parents=True)
        (maildir / part / "1.host").write_bytes(f"Subject: {part}".encode())
    assert list(files.mails(folder)) == [b"Subject: a.eml", b"Subject: b.eml"]
    assert list(files.mails(maildir)) == [b"Subject: cur", b"Subject: new"]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(DigestError, match="nowhere is not there"):
        list(files.mails(tmp_path / "nowhere"))


def test_a_large_mbox_is_read_mail_by_mail(tmp_path: Path) -> None:
    """A mail that does not end takes no more than its share."""
    path = tmp_path / "mbox"
    with path.open("wb") as file:
        for number in range(3):
            file.write(b"From x\nSubject: %d\n\n" % number + b"some words\n" * 300_000 + b"\n")
    began = time.thread_time()
    sizes = [len(data) for data in files.mails(path)]
    assert len(sizes) == 3
    assert max(sizes) < MAX_BYTES + 1_000
    assert time.thread_time() - began < 10


def test_a_folder_of_bounces_acts_once(engine: Engine, tmp_path: Path) -> None:
    """The address is known from the headers that a mailbox adds; reading it again changes nothing."""
    send_out(engine, READER)
    recipient = verp.sender("bounces@example.org", tag_of(engine))
    (tmp_path / "1.eml").write_bytes(f"Delivered-To: {recipient}\r\n".encode() + samples.POSTFIX)
    (tmp_path / "2.eml").write_bytes(mail(f"From: {READER}\nSubject: hi", "hello"))
    for _ in range(2):
        for data in files.mails(tmp_path):
            take(engine, KEYS, data, "", "file", NOW)
    assert [bounce.source for bounce in recorded(engine)] == ["file"]
