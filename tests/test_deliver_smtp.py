"""The SMTP conversation, with a real server and with relays that follow a script."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from deliver_samples import mail_settings
from digest.deliver.ledger import Accepted, Lost, Outcome, Refused, Stage, UnreachableError, Withheld
from digest.deliver.smtp import BlockingSmtp, Relay, relay
from digest.demo import conversation
from digest.demo.inbox import Inbox
from digest.errors import ConfigError, RelayError
from digest.model import Message
from scripted_relay import Client, scripted

BODY = b"Subject: Water\r\n\r\nOne line.\r\n"


def message(data: bytes = BODY, recipient: str = "reader@example.org") -> Message:
    return Message("news@example.org", recipient, "<1@example.org>", data)


def yes() -> bool:
    return True


def to(server: Inbox, **settings: object) -> Relay:
    settings = {"username": settings.pop("username", ""), **settings}
    password = str(settings.pop("password", ""))
    return relay(mail_settings(relay=server.smtp_url, **settings), password)


def at(port: int, **values: object) -> Relay:
    return Relay("127.0.0.1", port, timeout=0.4, **values)  # type: ignore[arg-type]


def send_once(where: Relay, letter: Message | None = None, before_body: Callable[[], bool] = yes) -> Outcome:
    with BlockingSmtp(where) as smtp:
        return smtp.send(letter or message(), before_body)


def start(where: Relay) -> None:
    with BlockingSmtp(where):
        pass


def answering(*replies: tuple[conversation.Stage, str]) -> conversation.Replies:
    """The inbox gives these replies, each once, and its usual ones otherwise."""
    left = list(replies)

    def reply(stage: conversation.Stage, _envelope: conversation.Envelope) -> str | None:
        if left and left[0][0] == stage:
            return left.pop(0)[1]
        return None

    return reply


# ── a message goes over ──────────────────────────────────────────────────────────────────────────


def test_a_message_arrives_as_it_was_and_the_relays_words_are_kept() -> None:
    """The bytes, the envelope, and the reply that the ledger will show."""
    with Inbox() as inbox, BlockingSmtp(to(inbox)) as smtp:
        assert smtp.send(message(), yes) == Accepted("250 2.0.0 Ok, kept")
    (received,) = inbox.messages
    assert (received.sender, received.recipient, received.data) == (
        "news@example.org",
        "reader@example.org",
        BODY,
    )


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        (b".\r\n", b".\r\n"),
        (b"a\r\n.\r\n..\r\n...b\r\n", b"a\r\n.\r\n..\r\n...b\r\n"),
        (b"no line end", b"no line end\r\n"),
        (b"bare\n.\nends\r.\rhere\n", b"bare\r\n.\r\nends\r\n.\r\nhere\r\n"),
        ((b"x" * 70 + b"\r\n") * 13_000, (b"x" * 70 + b"\r\n") * 13_000),
    ],
    ids=["a dot", "dots", "no end", "bare line ends cannot smuggle a dot", "large"],
)
def test_any_body_arrives_whole(sent: bytes, arrives: bytes) -> None:
    """Leading dots are doubled on the wire (RFC 5321, section 4.5.2), and only CRLF ends a line."""
    with Inbox() as inbox, BlockingSmtp(to(inbox)) as smtp:
        assert isinstance(smtp.send(message(sent), yes), Accepted)
        assert isinstance(smtp.send(message(), yes), Accepted)
    assert [received.data for received in inbox.messages] == [arrives, BODY]


def test_a_connection_is_used_again() -> None:
    """Many messages, one greeting, one goodbye."""
    with Inbox() as inbox, BlockingSmtp(to(inbox)) as smtp:
        for number in range(5):
            assert isinstance(smtp.send(message(recipient=f"reader{number}@example.org"), yes), Accepted)
    assert {command.connection for command in inbox.commands} == {1}
    assert [command.verb for command in inbox.commands if command.verb in ("EHLO", "QUIT")] == [
        "EHLO",
        "QUIT",
    ]


def test_the_envelope_is_one_packet_where_the_relay_pipelines() -> None:
    """MAIL, RCPT and DATA wait for no answer in between (RFC 2920)."""

    def script(client: Client) -> None:
        client.greet("PIPELINING")
        client.envelope()
        client.body()
        client.say("250 ok")

    with scripted(script) as server:
        send_once(at(server.port))
    assert server.reads[1] == 3


def test_the_envelope_goes_step_by_step_where_it_does_not() -> None:
    """Without PIPELINING each command waits for its answer."""
    with Inbox(hide=["PIPELINING"]) as inbox, BlockingSmtp(to(inbox)) as smtp:
        assert isinstance(smtp.send(message(), yes), Accepted)

    def script(client: Client) -> None:
        client.greet()
        client.envelope()
        client.body()
        client.say("250 ok")

    with scripted(script) as server:
        send_once(at(server.port))
    assert server.reads[:4] == [1, 1, 1, 1]


def test_our_name_is_our_address() -> None:
    """EHLO says an address literal, which is always true and asks no DNS."""
    with scripted(lambda client: client.greet("SIZE")) as server:
        start(at(server.port))
    assert server.lines[0] == "EHLO [127.0.0.1]"


def test_ipv6_works() -> None:
    """``smtp://[::1]:2525`` is a relay like any other."""
    with scripted(lambda client: client.greet("SIZE"), host="::1") as server:
        start(relay(mail_settings(relay=f"smtp://[::1]:{server.port}")))
    assert server.lines[0] == "EHLO [IPv6:::1]"


# ── before the body ──────────────────────────────────────────────────────────────────────────────


def test_the_ledger_is_asked_after_the_354_and_before_the_first_byte() -> None:
    """``sending`` is committed when the relay is ready, and nothing of the body has left."""
    seen: list[tuple[list[str], int]] = []
    with Inbox() as inbox, BlockingSmtp(to(inbox)) as smtp:

        def before_body() -> bool:
            seen.append(([command.verb for command in inbox.commands], len(inbox.messages)))
            return True

        assert isinstance(smtp.send(message(), before_body), Accepted)
    assert seen == [(["EHLO", "MAIL", "RCPT", "DATA"], 0)]


def test_a_no_of_the_ledger_closes_the_connection_without_the_dot() -> None:
    """The relay discards what has no dot; the next message takes a new connection."""
    with Inbox() as inbox, BlockingSmtp(to(inbox)) as smtp:
        assert smtp.send(message(), lambda: False) == Withheld()
        assert isinstance(smtp.send(message(), yes), Accepted)
    assert len(inbox.messages) == 1
    assert "QUIT" not in [command.verb for command in inbox.commands if command.connection == 1]


def test_an_exception_in_the_ledger_sends_nothing() -> None:
    """No ledger, no send: whatever it raises passes through, and the body never leaves."""

    def fail() -> bool:
        raise KeyboardInterrupt

    with Inbox() as inbox, BlockingSmtp(to(inbox)) as smtp:
        with pytest.raises(KeyboardInterrupt):
            smtp.send(message(), fail)
        assert inbox.messages == ()
        assert isinstance(smtp.send(message(), yes), Accepted)


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hidden", [[], ["PIPELINING"]], ids=["pipelined", "step by step"])
@pytest.mark.parametrize(
    ("at_stage", "reply", "stage"),
    [
        (conversation.Stage.MAIL, "451 4.3.0 later", Stage.MAIL),
        (conversation.Stage.RCPT, "450 4.2.1 greylisted", Stage.RCPT),
        (conversation.Stage.RCPT, "550 5.1.1 no such person", Stage.RCPT),
        (conversation.Stage.DATA, "451 4.3.2 busy", Stage.DATA),
        (conversation.Stage.BODY, "452 4.3.1 disk full", Stage.BODY),
        (conversation.Stage.BODY, "554 5.7.1 we think this is spam", Stage.BODY),
    ],
)
def test_a_refusal_is_told_with_its_stage_and_the_connection_lives_on(
    at_stage: conversation.Stage, reply: str, stage: Stage, hidden: list[str]
) -> None:
    """After RSET the next message goes over the same connection."""
    with Inbox(replies=answering((at_stage, reply)), hide=hidden) as inbox, BlockingSmtp(to(inbox)) as smtp:
        assert smtp.send(message(), yes) == Refused(int(reply[:3]), reply, stage)
        assert smtp.send(message(), yes) == Accepted("250 2.0.0 Ok, kept")
    assert len(inbox.messages) == 1
    assert {command.connection for command in inbox.commands} == {1}


def test_a_relay_that_wants_a_body_after_refusing_the_recipient_gets_an_empty_one() -> None:
    """With pipelining a 354 may follow a refused RCPT (RFC 2920, section 3.1); no byte of the message leaves."""
    asked: list[str] = []

    def script(client: Client) -> None:
        client.greet("PIPELINING")
        for reply in ("250 ok", "550 no such person", "354 go on anyway"):
            client.line()
            client.say(reply)
        assert client.line() == "."
        client.say("554 no valid recipients")
        assert client.line() == "QUIT"

    def note() -> bool:
        asked.append("asked")
        return True

    with scripted(script) as server:
        assert send_once(at(server.port), before_body=note) == Refused(550, "550 no such person", Stage.RCPT)
    assert asked == []


def test_a_refused_sender_stops_everything_because_it_is_about_us() -> None:
    """No subscriber may be given up because the relay does not like our address."""
    refusing = answering((conversation.Stage.MAIL, "550 5.7.1 not your domain"))
    with Inbox(replies=refusing) as inbox, BlockingSmtp(to(inbox)) as smtp:
        with pytest.raises(
            RelayError, match=r"refused our sender address \(550 5\.7\.1 not your domain\)"
        ) as caught:
            smtp.send(message(), yes)
        assert not isinstance(caught.value, UnreachableError)


def test_a_message_larger_than_the_relay_takes_is_not_offered() -> None:
    """SIZE is known from EHLO (RFC 1870), and it is the same for every reader."""
    too_large = pytest.raises(RelayError, match="takes 100 bytes at most; a mail has 400")
    with scripted(lambda client: client.greet("SIZE 100")) as server, too_large:
        send_once(at(server.port), message(b"x" * 400))
    assert server.said("MAIL") == []


def test_the_size_is_declared_where_the_relay_asks_for_it() -> None:
    """And nothing else is, when nothing else is needed."""
    with Inbox() as inbox, BlockingSmtp(to(inbox)) as smtp:
        smtp.send(message(), yes)
    (mail,) = [command.line for command in inbox.commands if command.verb == "MAIL"]
    assert mail == f"MAIL FROM:<news@example.org> SIZE={len(BODY)}"


def test_an_address_in_another_script_needs_a_relay_that_takes_it() -> None:
    """SMTPUTF8 (RFC 6531) is used where it is offered and needed; elsewhere that one recipient is refused."""
    foreign = message(recipient="käthe@example.org")
    with Inbox() as inbox, BlockingSmtp(to(inbox)) as smtp:
        assert isinstance(smtp.send(foreign, yes), Accepted)
        assert inbox.messages[0].recipient == "käthe@example.org"
    with Inbox(hide=["SMTPUTF8"]) as inbox, BlockingSmtp(to(inbox)) as smtp:
        assert smtp.send(foreign, yes) == Refused(
            553, "553 the relay takes only ASCII addresses (it offers no SMTPUTF8)", Stage.RCPT
        )
        assert isinstance(smtp.send(message(), yes), Accepted)


def test_a_body_of_eight_bits_says_so() -> None:
    """8BITMIME (RFC 6152), although our own messages never need it."""
    with Inbox() as inbox, BlockingSmtp(to(inbox)) as smtp:
        smtp.send(message("Grüße\r\n".encode()), yes)
    assert [command.line for command in inbox.commands if "BODY=8BITMIME" in command.line]


@pytest.mark.parametrize(
    "address", ["a b@example.org", "a@example.org>\r\nDATA", "<a@example.org>", "a\x00@example.org"]
)
def test_an_address_cannot_add_a_command(address: str) -> None:
    """It is refused before the relay hears of it."""
    with Inbox() as inbox, BlockingSmtp(to(inbox)) as smtp:
        outcome = smtp.send(message(recipient=address), yes)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.stage) == (553, Stage.RCPT)
    assert [command.verb for command in inbox.commands] == ["EHLO", "QUIT"]


# ── losses ───────────────────────────────────────────────────────────────────────────────────────


def test_a_loss_after_the_dot_leaves_a_doubt_whether_the_relay_kept_it_or_not() -> None:
    """From here the two look the same, so both are told alike; the next message takes a new connection."""
    for ending, kept in ((conversation.DROP, 0), (conversation.KEEP_AND_DROP, 1)):
        with (
            Inbox(replies=answering((conversation.Stage.BODY, ending))) as inbox,
            BlockingSmtp(to(inbox)) as smtp,
        ):
            outcome = smtp.send(message(), yes)
            assert isinstance(outcome, Lost)
            assert outcome.after_dot
            assert len(inbox.messages) == kept
            assert isinstance(smtp.send(message(), yes), Accepted)


@pytest.mark.parametrize("stage", [conversation.Stage.MAIL, conversation.Stage.RCPT, conversation.Stage.DATA])
def test_a_loss_before_the_body_is_certain(stage: conversation.Stage) -> None:
    """The message is not theirs, and the ledger was not asked."""
    with Inbox(replies=answering((stage, conversation.DROP))) as inbox, BlockingSmtp(to(inbox)) as smtp:
        assert smtp.send(message(), fail_if_asked) == Lost(False, "the relay closed the connection")


def fail_if_asked() -> bool:
    raise AssertionError("the body was begun")


def test_a_loss_in_the_middle_of_the_body_is_certain() -> None:
    """The relay goes away while a large body is still being written: no dot, no message."""

    def script(client: Client) -> None:
        client.greet("PIPELINING")
        client.envelope()
        client.line()

    with scripted(script) as server:
        outcome = send_once(at(server.port), message((b"x" * 998 + b"\r\n") * 20_000))
    assert isinstance(outcome, Lost)
    assert not outcome.after_dot


def test_no_answer_in_time_after_the_dot_is_a_doubt() -> None:
    """A relay that never answers is not waited for longer than its deadline, even when it trickles."""

    def script(client: Client) -> None:
        client.greet()
        client.envelope()
        client.body()
        for _ in range(40):
            client.connection.sendall(b"2")
            time.sleep(0.1)

    with scripted(script) as server:
        begun = time.monotonic()
        outcome = send_once(at(server.port))
        assert outcome == Lost(True, "no answer in time")
        assert 0.7 < time.monotonic() - begun < 2.5


@pytest.mark.parametrize("answer", ["garbage", "99 too short", "354 what?", "x" * 5000, "250-a\r\n" * 200])
def test_an_answer_after_the_dot_that_is_none_is_a_doubt(answer: str) -> None:
    """Only 2xx, 4xx and 5xx say whose the message is."""

    def script(client: Client) -> None:
        client.greet()
        client.envelope()
        client.body()
        client.say(answer)
        client.line()

    with scripted(script) as server:
        outcome = send_once(at(server.port))
    assert isinstance(outcome, Lost)
    assert outcome.after_dot


def test_a_connection_that_the_relay_closed_while_idle_is_replaced() -> None:
    """A relay may hang up between two messages, or say 421: the message goes over a new connection."""

    def one_message(ending: Callable[[Client], object]) -> Callable[[Client], None]:
        def script(client: Client) -> None:
            client.greet("PIPELINING")
            client.envelope()
            client.body()
            client.say("250 ok")
            ending(client)

        return script

    def says_421(client: Client) -> None:
        client.line()
        client.say("421 4.4.2 enough for one connection")

    with scripted(one_message(Client.hang_up), one_message(says_421), one_message(Client.line)) as server:
        smtp = BlockingSmtp(at(server.port))
        assert [smtp.send(message(), yes) for _ in range(3)] == [Accepted("250 ok")] * 3
        smtp.close()
    assert server.connections == 3


def test_421_on_a_new_connection_is_a_refusal_like_any_other_4xx() -> None:
    """It is not tried again and again in a loop; the ledger waits."""

    def script(client: Client) -> None:
        client.greet()
        client.line()
        client.say("421 4.3.2 shutting down")

    with scripted(script) as server:
        assert send_once(at(server.port)) == Refused(421, "421 4.3.2 shutting down", Stage.MAIL)
    assert server.connections == 1


def test_a_reply_of_many_lines_is_told_as_one_without_control_characters() -> None:
    """It will stand in a table, in a log and on a page."""

    def script(client: Client) -> None:
        client.greet()
        client.line()
        client.say("450-4.7.1 first\x1b[31m", "450 4.7.1 second\x00 " + "é" * 900)
        client.line()

    with scripted(script) as server:
        outcome = send_once(at(server.port))
    assert isinstance(outcome, Refused)
    assert outcome.reply.startswith("450 4.7.1 first [31m 4.7.1 second  ééé")
    assert len(outcome.reply) == 500


# ── a relay that cannot be used ──────────────────────────────────────────────────────────────────


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_nobody_there_says_where_and_what_to_do() -> None:
    """One sentence, and an error that says waiting may help."""
    port = free_port()
    with pytest.raises(
        UnreachableError,
        match=rf"The relay smtp://127\.0\.0\.1:{port} cannot be reached \(connection refused\): start it, or check",
    ):
        BlockingSmtp(at(port)).open()
    with pytest.raises(UnreachableError, match="its name is unknown"):
        BlockingSmtp(Relay("relay.invalid", 25, timeout=5)).open()


@pytest.mark.parametrize(
    ("script", "error", "sentence"),
    [
        (lambda client: client.say("554 go away"), RelayError, "answered the greeting with: 554 go away"),
        (
            lambda client: client.say("421 too busy"),
            UnreachableError,
            "answered the greeting with: 421 too busy",
        ),
        (lambda client: client.say("HTTP/1.1 400 Bad Request"), RelayError, "does not speak SMTP"),
        (lambda client: time.sleep(0.6), UnreachableError, "no answer in time"),
        (lambda client: client.hang_up(), UnreachableError, "closed the connection"),
        (
            lambda client: (client.say("220 hi"), client.line(), client.say("502 only HELO here")),
            RelayError,
            "answered EHLO with: 502",
        ),
    ],
    ids=["554", "421", "HTTP", "silence", "nothing", "no EHLO"],
)
def test_a_bad_start_is_one_sentence(
    script: Callable[[Client], None], error: type[RelayError], sentence: str
) -> None:
    """Where waiting may help it is unreachable; where it will not, the send stops."""
    with scripted(script) as server:
        with pytest.raises(RelayError, match=sentence) as caught:
            BlockingSmtp(at(server.port)).open()
        assert type(caught.value) is error


# ── passwords ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN", "login plain"])
def test_signing_in(mechanisms: str) -> None:
    """PLAIN where it is offered, else LOGIN; the password is never in the clear text of a reply."""
    with (
        Inbox(login=("news", "pässword")) as inbox,
        BlockingSmtp(to(inbox, username="news", password="pässword")) as smtp,
    ):
        assert isinstance(smtp.send(message(), yes), Accepted)

    def script(client: Client) -> None:
        client.greet(f"AUTH {mechanisms}", "AUTH=" + mechanisms)
        line = client.line()
        while not line.startswith("MAIL"):
            client.say("334 VXNlcm5hbWU6" if line == "AUTH LOGIN" or line == "bmV3cw==" else "235 welcome")
            line = client.line()

    with scripted(script) as server:
        send_once(at(server.port, username="news", password="secret"))
    expected = (
        ["AUTH PLAIN AG5ld3MAc2VjcmV0"]
        if "PLAIN" in mechanisms.upper()
        else ["AUTH LOGIN", "bmV3cw==", "c2VjcmV0"]
    )
    assert server.lines[1 : 1 + len(expected)] == expected


def test_a_wrong_password_stops_at_once() -> None:
    """One try, one sentence that names the settings and not the password."""
    with Inbox(login=("news", "right")) as inbox:
        with pytest.raises(
            RelayError, match=r"refused AUTH for 'news' \(535.*check \[mail\] username"
        ) as caught:
            BlockingSmtp(to(inbox, username="news", password="wrong")).open()
        assert not isinstance(caught.value, UnreachableError)
        assert "wrong" not in str(caught.value)
    assert [command.verb for command in inbox.commands].count("AUTH") == 1


def test_a_relay_that_cannot_check_passwords_now_may_later() -> None:
    """454 is temporary (RFC 4954, section 6)."""
    busy = answering((conversation.Stage.AUTH, "454 4.7.0 Temporary authentication failure"))
    with Inbox(login=("news", "right"), replies=busy) as inbox, pytest.raises(UnreachableError, match="454"):
        BlockingSmtp(to(inbox, username="news", password="right")).open()


def test_a_relay_without_auth_is_not_sent_a_password() -> None:
    """The settings ask for it, the relay does not offer it: nothing is sent."""
    with Inbox() as inbox, pytest.raises(RelayError, match="offers neither AUTH PLAIN nor LOGIN"):
        BlockingSmtp(to(inbox, username="news", password="secret")).open()


def test_a_missing_user_name_is_a_refused_sender() -> None:
    """A relay that wants AUTH says 530 to MAIL; nobody is rejected for it."""
    refused = pytest.raises(RelayError, match=r"530 5\.7\.0 Authentication required")
    with Inbox(login=("news", "right")) as inbox, BlockingSmtp(to(inbox)) as smtp, refused:
        smtp.send(message(), yes)


def test_the_password_is_in_no_representation() -> None:
    """A relay is logged and compared; its password is not."""
    assert "secret" not in repr(at(25, username="news", password="secret"))


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for ``127.0.0.1`` that nobody but these tests trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    pem = tmp_path_factory.mktemp("tls") / "relay.pem"
    made = [
        openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "2", "-subj", "/CN=relay", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(pem),
        "-out", str(pem.with_suffix(".crt")),
    ]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True)
    pem.write_text(pem.read_text() + pem.with_suffix(".crt").read_text())
    return pem


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_starttls_is_used_where_it_is_offered(server_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    """EHLO again inside, then the password, then the mail."""
    with Inbox(starttls=server_tls, login=("news", "right")) as inbox, ExitStack() as stack:
        smtp = stack.enter_context(BlockingSmtp(to(inbox, username="news", password="right"), trusting))
        assert isinstance(smtp.send(message(), yes), Accepted)
    verbs = [command.verb for command in inbox.commands]
    assert verbs[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]


def test_smtps_speaks_tls_from_the_first_byte(server_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    """RFC 8314: smtps:// needs no STARTTLS."""
    with Inbox(tls=server_tls) as inbox, BlockingSmtp(to(inbox), trusting) as smtp:
        assert isinstance(smtp.send(message(), yes), Accepted)
    assert inbox.smtp_url.startswith("smtps://")


@pytest.mark.parametrize("size", [100, 16_384, 1_000_000])
def test_messages_follow_one_another_inside_tls(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext, size: int
) -> None:
    """Bodies of one record and of many, each with the next envelope behind it, over one connection."""
    letters = [
        message((b"x" * 78 + b"\r\n") * (size // 80), f"reader{number}@example.org") for number in range(5)
    ]
    with Inbox(starttls=server_tls) as inbox, BlockingSmtp(to(inbox), trusting) as smtp:
        for letter, following in zip(letters, [*letters[1:], None], strict=True):
            assert smtp.send(letter, yes, following) == Accepted("250 2.0.0 Ok, kept")
    assert [received.data for received in inbox.messages] == [letter.data for letter in letters]
    assert {command.connection for command in inbox.commands} == {1}


def test_a_connection_tells_what_the_relay_offers_and_who_it_is(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    """For `digest doctor`: after TLS, and nothing while it is closed."""
    with Inbox(starttls=server_tls) as inbox:
        smtp = BlockingSmtp(to(inbox), trusting)
        assert (dict(smtp.offers), dict(smtp.certificate)) == ({}, {})
        with smtp:
            assert "PIPELINING" in smtp.offers
            assert "STARTTLS" not in smtp.offers
            assert smtp.certificate["subjectAltName"] == (("IP Address", "127.0.0.1"),)
        assert (dict(smtp.offers), dict(smtp.certificate)) == ({}, {})


@pytest.mark.parametrize("starttls", ["required", "offered"])
def test_a_certificate_that_does_not_verify_stops_everything(
    server_tls: ssl.SSLContext, starttls: str
) -> None:
    """Also where TLS was only offered: an attacker in between offers it too."""
    with Inbox(starttls=server_tls) as inbox:
        with pytest.raises(RelayError, match="certificate that does not verify") as caught:
            BlockingSmtp(to(inbox, starttls=starttls)).open()
        assert not isinstance(caught.value, UnreachableError)
    assert "MAIL" not in [command.verb for command in inbox.commands]


def test_required_tls_that_is_not_offered_sends_nothing_in_the_clear() -> None:
    """A man in the middle may have removed the offer."""
    with Inbox() as inbox, pytest.raises(RelayError, match=r"offers no STARTTLS.*nothing was sent"):
        BlockingSmtp(to(inbox, starttls="required", username="news", password="secret")).open()
    assert [command.verb for command in inbox.commands] == ["EHLO"]


def test_tls_can_be_turned_off(server_tls: ssl.SSLContext) -> None:
    """For a relay on this machine with a certificate of its own making."""
    with Inbox(starttls=server_tls) as inbox, BlockingSmtp(to(inbox, starttls="never")) as smtp:
        assert isinstance(smtp.send(message(), yes), Accepted)


def test_commands_slipped_in_before_the_handshake_are_not_believed() -> None:
    """Plain text after the 220 would be read as if it had come by TLS (CVE-2011-0411)."""

    def script(client: Client) -> None:
        client.greet("STARTTLS")
        client.line()
        client.say("220 go on", "250 injected")
        client.line()

    with scripted(script) as server, pytest.raises(RelayError, match="bytes before the TLS handshake"):
        BlockingSmtp(at(server.port)).open()


def test_smtps_to_a_plain_port_is_explained() -> None:
    """The commonest mistake in the file."""

    def script(client: Client) -> None:
        client.say("220 relay.example.org ready")
        client.connection.recv(4096)
        time.sleep(0.1)

    with scripted(script) as server, pytest.raises(RelayError, match="speaks no TLS on this port"):
        BlockingSmtp(at(server.port, tls=True)).open()


# ── the setting ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("smtp://mail.example.org", "mail.example.org", 25, False),
        ("smtp://mail.example.org:587", "mail.example.org", 587, False),
        ("smtps://mail.example.org/", "mail.example.org", 465, True),
        ("smtp://[2001:db8::1]:2525", "2001:db8::1", 2525, False),
    ],
)
def test_the_relay_is_an_address(url: str, host: str, port: int, tls: bool) -> None:
    """Scheme, host and port; the port has a default for each scheme."""
    found = relay(mail_settings(relay=url))
    assert (found.host, found.port, found.tls) == (host, port, tls)
    assert str(found) == url.rstrip("/") + ("" if re.search(r":\d+$", url) else f":{port}")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://h:0",
        "smtp://h:99999",
        "smtp://u:p@h",
        "smtp://h/x",
        "smtp://[::1",
    ],
)
def test_a_relay_that_is_no_address_is_a_mistake_in_the_file(url: str) -> None:
    """Also one with a password in it: config.toml holds no secrets."""
    with pytest.raises(ConfigError, match=r"\[mail\] relay: expected smtp://HOST:PORT"):
        relay(mail_settings(relay=url))
