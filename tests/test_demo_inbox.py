"""The sample inbox as a mail server: what it keeps, what it refuses when asked to, and how it ends."""

from __future__ import annotations

import shutil
import smtplib
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from threading import Event, Thread

import pytest

from digest.demo.conversation import DROP, KEEP_AND_DROP, MAX_MESSAGE, Envelope, Stage
from digest.demo.inbox import Inbox
from digest.errors import DigestError

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LETTER = b"Subject: Hello\r\nTo: ada@example.org\r\n\r\nOne line.\r\n.\r\n..two dots\r\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    """An inbox with a folder and a clock that stands still."""
    with Inbox(tmp_path / "mail", clock=lambda: NOW) as running:
        yield running


def client(inbox: Inbox) -> smtplib.SMTP:
    """The standard library's client, connected."""
    return smtplib.SMTP("127.0.0.1", inbox.port, local_hostname="sender.example.org", timeout=5)


def send(inbox: Inbox, *recipients: str, data: bytes = LETTER) -> None:
    """One message to these recipients, ada@example.org if none is given."""
    with client(inbox) as connection:
        connection.sendmail("digest@example.org", recipients or ("ada@example.org",), data)


# ── keeping ──────────────────────────────────────────────────────────────────────────────────────


def test_a_message_is_kept_as_it_came(inbox: Inbox) -> None:
    """The same bytes, dots and all, with its envelope and the time of the inbox's clock."""
    send(inbox)
    (message,) = inbox.messages
    assert message.data == LETTER
    assert (message.number, message.recipient, message.sender) == (1, "ada@example.org", "digest@example.org")
    assert message.received_at == NOW


def test_every_recipient_gets_a_copy(inbox: Inbox) -> None:
    """One message for three people is three entries and three files."""
    send(inbox, "a@example.org", "b@example.com", "c@example.net")
    assert [message.recipient for message in inbox.messages] == [
        "a@example.org",
        "b@example.com",
        "c@example.net",
    ]
    assert inbox.folder
    assert len(list(inbox.folder.glob("*.eml"))) == 3


def test_a_message_is_there_as_soon_as_it_is_accepted(inbox: Inbox) -> None:
    """The 250 comes after the copy, in memory and in the folder."""
    with client(inbox) as connection:
        for count in range(1, 21):
            connection.sendmail("digest@example.org", ["ada@example.org"], LETTER)
            assert len(inbox.messages) == count
            path = inbox.messages[-1].path
            assert path
            assert path.read_bytes() == LETTER


def test_a_recipient_cannot_choose_the_file(inbox: Inbox) -> None:
    """Whatever the address is, the file stays in the folder."""
    send(inbox, "../../../etc/evil@example.org", '"a/b"@example.org', f"{'x' * 300}@example.org")
    folder = inbox.folder
    assert folder
    assert {message.path.parent for message in inbox.messages if message.path} == {folder}
    assert len(list(folder.iterdir())) == 3


def test_without_a_folder_mail_is_kept_in_memory() -> None:
    """Nothing is written anywhere."""
    with Inbox() as inbox:
        send(inbox)
        assert [message.path for message in inbox.messages] == [None]


def test_a_message_that_is_too_large_is_refused(inbox: Inbox) -> None:
    """With 552, before or after the body."""
    with client(inbox) as connection, pytest.raises(smtplib.SMTPResponseException) as refusal:
        connection.sendmail("digest@example.org", ["ada@example.org"], b"x" * 70 + b"\r\n" * MAX_MESSAGE)
    assert refusal.value.smtp_code == 552
    assert inbox.messages == ()


def test_a_message_without_its_final_dot_is_not_kept(inbox: Inbox) -> None:
    """A client that goes away in the middle has sent nothing."""
    with client(inbox) as connection:
        connection.ehlo()
        connection.mail("digest@example.org")
        connection.rcpt("ada@example.org")
        connection.putcmd("DATA")
        connection.getreply()
        connection.send(b"Subject: Half\r\n\r\nThis line is the last")
        connection.close()
    send(inbox, "next@example.org")
    assert [message.recipient for message in inbox.messages] == ["next@example.org"]


def test_mail_without_a_sender_is_taken(inbox: Inbox) -> None:
    """Bounces and notices come from the null sender (RFC 5321 §4.5.5)."""
    with client(inbox) as connection:
        connection.sendmail("", ["ada@example.org"], LETTER)
    assert [message.sender for message in inbox.messages] == [""]


def test_many_clients_at_once_lose_nothing(inbox: Inbox) -> None:
    """Eight connections with ten messages each are eighty messages, each with its own number."""

    def send_ten(person: int) -> None:
        for count in range(10):
            send(inbox, f"{person}-{count}@example.org")

    threads = [Thread(target=send_ten, args=(person,)) for person in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({message.recipient for message in inbox.messages}) == 80
    assert [message.number for message in inbox.messages] == list(range(1, 81))


# ── what was said ────────────────────────────────────────────────────────────────────────────────


def test_commands_are_written_down_per_connection(inbox: Inbox) -> None:
    """Enough to see that a client says things in order and uses one connection for several messages."""
    with client(inbox) as connection:
        connection.sendmail("digest@example.org", ["a@example.org"], LETTER)
        connection.sendmail("digest@example.org", ["b@example.org"], LETTER)
    send(inbox)
    verbs = [command.verb for command in inbox.commands if command.connection == 1]
    assert verbs == ["EHLO", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA", "QUIT"]
    assert "RCPT TO:<b@example.org>" in [command.line for command in inbox.commands]
    assert {command.connection for command in inbox.commands} == {1, 2}


def test_commands_may_come_in_one_packet(inbox: Inbox) -> None:
    """PIPELINING (RFC 2920) is offered, and works."""
    with (
        socket.create_connection(("127.0.0.1", inbox.port), timeout=5) as connection,
        connection.makefile("rb") as replies,
    ):
        connection.sendall(b"EHLO sender.example.org\r\n")
        offered = [replies.readline()]
        while not offered[-1].startswith((b"220 ", b"250 ")) or len(offered) < 3:
            offered.append(replies.readline())
        assert b"250-PIPELINING\r\n" in offered
        connection.sendall(
            b"MAIL FROM:<d@example.org>\r\nRCPT TO:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
        )
        assert [replies.readline()[:3] for _ in range(4)] == [b"250", b"250", b"250", b"354"]
        connection.sendall(LETTER.replace(b"\r\n.", b"\r\n..") + b".\r\nQUIT\r\n")
        assert [replies.readline()[:3] for _ in range(2)] == [b"250", b"221"]
    assert [message.data for message in inbox.messages] == [LETTER, LETTER]


def test_extensions_can_be_left_out() -> None:
    """A client must do without what is not offered."""
    with Inbox(hide={"PIPELINING", "8BITMIME", "SMTPUTF8"}) as inbox, client(inbox) as connection:
        connection.ehlo()
        assert set(connection.esmtp_features) == {"size", "help"}


# ── being difficult ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stage", [Stage.EHLO, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.BODY])
@pytest.mark.parametrize("code", [421, 451, 550])
def test_mail_can_be_refused_at_any_stage(inbox: Inbox, stage: Stage, code: int) -> None:
    """The client sees the reply, and nothing is kept; afterwards the inbox is as before."""
    inbox.replies = lambda at, _: f"{code} 4.0.0 Not now" if at == stage else None
    with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)) as refusal:
        send(inbox)
    assert str(code) in str(refusal.value)
    assert inbox.messages == ()
    inbox.replies = None
    send(inbox)
    assert len(inbox.messages) == 1


def test_one_recipient_can_be_refused(inbox: Inbox) -> None:
    """The others get their mail; at RCPT the last recipient is the one being asked about."""
    inbox.replies = lambda at, mail: (
        "550 5.1.1 No such person" if at == Stage.RCPT and mail.recipients[-1].startswith("gone") else None
    )
    with client(inbox) as connection:
        refused = connection.sendmail(
            "d@example.org", ["a@example.org", "gone@example.org", "b@example.org"], LETTER
        )
    assert refused == {"gone@example.org": (550, b"5.1.1 No such person")}
    assert [message.recipient for message in inbox.messages] == ["a@example.org", "b@example.org"]


def test_a_reply_is_asked_for_with_what_is_known(inbox: Inbox) -> None:
    """Stage by stage: the sender, then the recipients, then the bytes."""
    asked: list[tuple[Stage, Envelope]] = []

    def listen(at: Stage, mail: Envelope) -> None:
        asked.append((at, mail))

    inbox.replies = listen
    send(inbox)
    assert [stage for stage, _ in asked] == [Stage.EHLO, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.BODY]
    assert asked[-1][1] == Envelope(1, "digest@example.org", ("ada@example.org",), LETTER)


def test_a_friendly_reply_in_other_words_still_takes_the_mail(inbox: Inbox) -> None:
    """Only 4xx and 5xx refuse."""
    inbox.replies = lambda at, _: "250 2.6.0 queued as 4711" if at in (Stage.RCPT, Stage.BODY) else None
    with client(inbox) as connection:
        connection.ehlo()
        connection.mail("d@example.org")
        connection.rcpt("ada@example.org")
        assert connection.data(LETTER) == (250, b"2.6.0 queued as 4711")
    assert len(inbox.messages) == 1


@pytest.mark.parametrize(("reply", "kept"), [(DROP, 0), (KEEP_AND_DROP, 1)])
def test_a_connection_can_be_lost_after_the_dot(inbox: Inbox, reply: str, kept: int) -> None:
    """The client cannot tell whether its message was taken: it was, or it was not."""
    inbox.replies = lambda at, _: reply if at == Stage.BODY else None
    with client(inbox) as connection, pytest.raises(smtplib.SMTPServerDisconnected):
        connection.sendmail("digest@example.org", ["ada@example.org"], LETTER)
    assert len(inbox.messages) == kept


@pytest.mark.parametrize("stage", [Stage.EHLO, Stage.MAIL, Stage.RCPT, Stage.DATA])
def test_a_connection_can_be_lost_earlier(inbox: Inbox, stage: Stage) -> None:
    """Without a reply, and with nothing kept."""
    inbox.replies = lambda at, _: DROP if at == stage else None
    with client(inbox) as connection, pytest.raises(smtplib.SMTPServerDisconnected):
        connection.sendmail("digest@example.org", ["ada@example.org"], LETTER)
    assert inbox.messages == ()


def test_a_reply_may_take_its_time(inbox: Inbox) -> None:
    """A slow stage holds up its own connection only."""
    waiting, go_on = Event(), Event()

    def slow_for_one(at: Stage, mail: Envelope) -> None:
        if at == Stage.BODY and mail.recipients == ("slow@example.org",):
            waiting.set()
            go_on.wait(5)

    inbox.replies = slow_for_one
    thread = Thread(target=send, args=(inbox, "slow@example.org"))
    thread.start()
    assert waiting.wait(5)
    send(inbox, "quick@example.org")
    assert [message.recipient for message in inbox.messages] == ["quick@example.org"]
    go_on.set()
    thread.join(5)
    assert [message.recipient for message in inbox.messages] == ["quick@example.org", "slow@example.org"]


# ── who may send, and how ────────────────────────────────────────────────────────────────────────


def test_a_password_can_be_demanded() -> None:
    """No password and a wrong one are refused; the right one is not, and none is written down."""
    with Inbox(login=("digest", "correct horse")) as inbox:
        with pytest.raises(smtplib.SMTPSenderRefused) as refusal:
            send(inbox)
        assert refusal.value.smtp_code == 530
        with client(inbox) as connection, pytest.raises(smtplib.SMTPAuthenticationError) as wrong:
            connection.login("digest", "battery staple")
        assert wrong.value.smtp_code == 535
        with client(inbox) as connection:
            connection.login("digest", "correct horse")
            connection.sendmail("digest@example.org", ["ada@example.org"], LETTER)
        assert len(inbox.messages) == 1
        assert {command.line for command in inbox.commands if command.verb == "AUTH"} == {
            "AUTH PLAIN",
            "AUTH LOGIN",
        }


def test_without_a_password_none_is_asked_for(inbox: Inbox) -> None:
    """AUTH is not offered, and refused."""
    with client(inbox) as connection, pytest.raises(smtplib.SMTPNotSupportedError):
        connection.login("digest", "anything")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1, made for this run."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed: no certificate for TLS can be made")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = [
        openssl,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    names = [
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        str(path),
        "-out",
        str(path.with_suffix(".crt")),
    ]
    subprocess.run([*command, *names], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


@pytest.fixture
def server_side(certificate: Path) -> ssl.SSLContext:
    """What the inbox speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_side(certificate: Path) -> ssl.SSLContext:
    """What a client that knows the certificate speaks TLS with."""
    return ssl.create_default_context(cafile=str(certificate.with_suffix(".crt")))


def test_starttls_is_offered_and_works(server_side: ssl.SSLContext, client_side: ssl.SSLContext) -> None:
    """The certificate is checked, the password is asked for under TLS only, and the mail arrives."""
    with Inbox(starttls=server_side, login=("digest", "secret")) as inbox:
        with client(inbox) as connection:
            connection.ehlo()
            assert connection.has_extn("starttls")
            assert not connection.has_extn("auth")
            connection.starttls(context=client_side)
            connection.login("digest", "secret")
            connection.sendmail("digest@example.org", ["ada@example.org"], LETTER)
        assert inbox.smtp_url.startswith("smtp://")
        assert [message.data for message in inbox.messages] == [LETTER]
        assert {command.connection for command in inbox.commands} == {1}


def test_tls_from_the_first_byte(server_side: ssl.SSLContext, client_side: ssl.SSLContext) -> None:
    """smtps, with a password."""
    with Inbox(tls=server_side, login=("digest", "secret")) as inbox:
        with smtplib.SMTP_SSL("127.0.0.1", inbox.port, context=client_side, timeout=5) as connection:
            connection.login("digest", "secret")
            connection.sendmail("digest@example.org", ["ada@example.org"], LETTER)
        assert inbox.smtp_url == f"smtps://127.0.0.1:{inbox.port}"
        assert len(inbox.messages) == 1


def test_a_connection_under_tls_can_be_lost_too(
    server_side: ssl.SSLContext, client_side: ssl.SSLContext
) -> None:
    """After the dot, with the message taken."""

    def lose(at: Stage, _: Envelope) -> str | None:
        return KEEP_AND_DROP if at == Stage.BODY else None

    with Inbox(starttls=server_side, replies=lose) as inbox, client(inbox) as connection:
        connection.starttls(context=client_side)
        with pytest.raises((smtplib.SMTPServerDisconnected, ssl.SSLError)):
            connection.sendmail("digest@example.org", ["ada@example.org"], LETTER)
        assert len(inbox.messages) == 1


# ── beginning and ending ─────────────────────────────────────────────────────────────────────────


def test_it_ends_at_once_although_clients_are_connected() -> None:
    """Every connection is closed, and the port is free again."""
    with Inbox() as inbox:
        idle = client(inbox)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    with pytest.raises(smtplib.SMTPServerDisconnected):
        idle.docmd("NOOP")
    idle.close()
    with Inbox(port=inbox.port) as again:
        assert again.port == inbox.port


def test_a_port_that_is_taken_is_named(inbox: Inbox) -> None:
    """One sentence with the port and what to do; nothing is left running."""
    with (
        pytest.raises(DigestError, match=f"127.0.0.1:{inbox.port} .*choose another port"),
        Inbox(port=inbox.port),
    ):
        pass


def test_a_web_port_that_is_taken_stops_the_mail_server_too(inbox: Inbox) -> None:
    """An inbox that cannot be looked at does not stay half open."""
    web_port = int(inbox.url.rpartition(":")[2])
    second = Inbox(web_port=web_port)
    with pytest.raises(DigestError, match=str(web_port)), second:
        pass
    with pytest.raises(ConnectionRefusedError):
        client(second)


def test_it_can_be_read_by_any_mail_client(inbox: Inbox) -> None:
    """A message of the standard library comes back as it was written."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = (
        "Grüße aus Trauenfels",
        "d@example.org",
        "ada@example.org",
    )
    message.set_content("Zeile eins\n")
    with client(inbox) as connection:
        connection.send_message(message)
    assert inbox.messages[0].letter.subject == "Grüße aus Trauenfels"
    assert inbox.messages[0].letter.text.strip() == "Zeile eins"
