"""The next message's envelope behind this one's body: one round trip a message, and every loss keeps its side."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from deliver_samples import mail_settings
from digest.deliver.ledger import Accepted, Lost, Outcome, Refused, Stage, Withheld
from digest.deliver.smtp import BlockingSmtp, Relay, relay
from digest.deliver.waits import at_once
from digest.deliver.wire import LostError, SilentError, Wire
from digest.demo.inbox import Inbox
from digest.errors import RelayError
from digest.model import Message
from scripted_relay import Client, scripted


def message(number: int, size: int = 0) -> Message:
    data = b"Subject: Water\r\n\r\n" + b"x" * size + b"\r\n"
    return Message(
        "news@example.org", f"reader{number}@example.org", f"<{number}@example.org>", data, ready=True
    )


ONE, TWO, THREE = message(1), message(2), message(3)


def yes() -> bool:
    return True


def never() -> bool:
    raise AssertionError("the body was begun")


@contextmanager
def sending(port: int, timeout: float = 2.0) -> Iterator[BlockingSmtp]:
    smtp = BlockingSmtp(Relay("127.0.0.1", port, timeout=timeout))
    yield smtp
    smtp.close()


def begins(client: Client) -> None:
    """Up to the first body, behind which the next envelope is here already, before any answer to the body."""
    client.greet("PIPELINING")
    client.envelope()
    client.body()
    assert client.line() == "MAIL FROM:<news@example.org>"
    assert client.line() == "RCPT TO:<reader2@example.org>"
    assert client.line() == "DATA"


def answers(*replies: str) -> Callable[[Client], None]:
    """The first body and the envelope behind it get these answers; then the relay hangs up."""

    def script(client: Client) -> None:
        begins(client)
        client.say(*replies)

    return script


def takes_it_all(client: Client) -> None:
    """Any number of messages, nothing ahead of them asked for."""
    client.greet("PIPELINING")
    while client.line().startswith("MAIL"):
        client.say("250 sender ok")
        for reply in ("250 recipient ok", "354 go on"):
            client.line()
            client.say(reply)
        client.body()
        assert client.ahead == b""
        client.say("250 kept")


# ── the gain ─────────────────────────────────────────────────────────────────────────────────────


def test_the_next_envelope_comes_with_the_body() -> None:
    """Body, dot, MAIL, RCPT and DATA are one write: four answers at once, one round trip a message."""

    def script(client: Client) -> None:
        begins(client)
        client.say("250 one", "250 sender ok", "250 recipient ok", "354 go on")
        assert client.body() == "Subject: Water\n\n"
        client.say("250 two")
        assert client.line() == "QUIT"

    with scripted(script) as server, sending(server.port) as smtp:
        assert smtp.send(ONE, yes, TWO) == Accepted("250 one")
        assert smtp.send(TWO, yes) == Accepted("250 two")
    assert server.connections == 1


def test_a_hundred_messages_take_a_hundred_and_four_turns() -> None:
    """Greeting, EHLO, the first envelope, the goodbye: all the rest is one turn a message."""
    turns = []

    def script(client: Client) -> None:
        client.greet("PIPELINING")
        client.envelope()
        for number in range(1, 101):
            client.body()
            turns.append(number)
            if number < 100:
                assert client.line().startswith("MAIL")
                client.line()
                client.line()
            client.say("250 kept", *(["250 ok", "250 ok", "354 go on"] if number < 100 else []))

    letters = [message(number) for number in range(1, 101)]
    with scripted(script) as server, sending(server.port) as smtp:
        for letter, following in zip(letters, [*letters[1:], None], strict=True):
            assert smtp.send(letter, yes, following) == Accepted("250 kept")
    assert (
        len(server.reads) <= 1 + 1 + 100 + 1 + 3
    )  # EHLO, envelope, bodies, QUIT; a body may come in two packets
    assert len(turns) == 100


def test_the_ledger_is_asked_for_each_body_in_its_own_turn() -> None:
    """An envelope ahead says nothing about its row: ``before_body`` of it runs after its own 354."""
    asked: list[int] = []

    def note(number: int) -> Callable[[], bool]:
        def begin() -> bool:
            asked.append(number)
            return True

        return begin

    with Inbox() as inbox, BlockingSmtp(relay(mail_settings(relay=inbox.smtp_url))) as smtp:
        assert isinstance(smtp.send(ONE, note(1), TWO), Accepted)
        assert asked == [1]
        assert isinstance(smtp.send(TWO, note(2), THREE), Accepted)
        assert isinstance(smtp.send(THREE, note(3)), Accepted)
    assert asked == [1, 2, 3]
    assert [received.recipient for received in inbox.messages] == [
        f"reader{n}@example.org" for n in (1, 2, 3)
    ]
    assert {command.connection for command in inbox.commands} == {1}


def test_a_relay_that_does_not_pipeline_gets_one_thing_after_the_other() -> None:
    """Nothing goes ahead, and nothing is lost."""
    with (
        Inbox(hide=["PIPELINING"]) as inbox,
        BlockingSmtp(relay(mail_settings(relay=inbox.smtp_url))) as smtp,
    ):
        assert [type(smtp.send(ONE, yes, TWO)), type(smtp.send(TWO, yes, THREE))] == [Accepted, Accepted]
    assert [command.verb for command in inbox.commands].count("MAIL") == 2


@pytest.mark.parametrize(
    ("following", "offer"),
    [
        (message(2, size=900), "SIZE 500"),
        (Message("news@example.org", "käthe@example.org", "<2@x>", b""), "HELP"),
    ],
    ids=["too large", "another script"],
)
def test_what_the_relay_cannot_carry_is_not_offered_ahead(following: Message, offer: str) -> None:
    """Its own turn will say so, as it does without this."""

    def script(client: Client) -> None:
        client.greet("PIPELINING", offer)
        client.envelope()
        client.body()
        client.say("250 one")
        assert client.line() in ("QUIT", "")

    with scripted(script) as server, sending(server.port) as smtp:
        assert smtp.send(ONE, yes, following) == Accepted("250 one")
        if offer.startswith("SIZE"):
            with pytest.raises(RelayError, match="takes 500 bytes at most"):
                smtp.send(following, never)
        else:
            assert isinstance(smtp.send(following, never), Refused)


# ── what can go wrong in between ─────────────────────────────────────────────────────────────────


def both(*scripts: Callable[[Client], None]) -> tuple[Outcome, Outcome, int]:
    """What becomes of ONE, of TWO whose envelope went ahead, and how many connections it took."""
    with scripted(*scripts) as server, sending(server.port) as smtp:
        outcomes = smtp.send(ONE, yes, TWO), smtp.send(TWO, yes)
    return (*outcomes, server.connections)


def test_a_lost_answer_to_the_dot_is_a_doubt_about_that_one_only() -> None:
    """The envelope behind it has told the relay nothing that counts: that message goes over a new connection."""
    one, two, connections = both(answers(), takes_it_all)
    assert one == Lost(True, "the relay closed the connection")
    assert two == Accepted("250 kept")
    assert connections == 2


@pytest.mark.parametrize("reply", ["452 4.3.1 disk full", "554 5.7.1 we think this is spam"])
def test_a_refused_body_ends_its_own_transaction_only(reply: str) -> None:
    """Without RSET: the envelope that is under way would be forgotten with it."""

    def script(client: Client) -> None:
        begins(client)
        client.say(reply, "250 ok", "250 ok", "354 go on")
        client.body()
        client.say("250 two")

    one, two, connections = both(script)
    assert one == Refused(int(reply[:3]), reply, Stage.BODY)
    assert (two, connections) == (Accepted("250 two"), 1)


def test_421_to_the_body_closes_and_refuses() -> None:
    """Certainly not accepted; the envelope behind it is void."""
    one, two, connections = both(answers("421 4.3.2 shutting down"), takes_it_all)
    assert one == Refused(421, "421 4.3.2 shutting down", Stage.BODY)
    assert (two, connections) == (Accepted("250 kept"), 2)


@pytest.mark.parametrize(
    "replies",
    [
        ("250 one",),
        ("250 one", "421 4.7.0 enough for one connection"),
        ("250 one", "250 ok"),
        ("250 one", "250 ok", "421 4.3.2 shutting down"),
        ("250 one", "250 ok", "250 ok", "421 4.3.2 shutting down"),
        ("250 one", "what is this"),
    ],
)
def test_a_relay_that_goes_away_between_two_messages_has_taken_the_first(replies: tuple[str, ...]) -> None:
    """The second is offered once more on a new connection, and taken once."""
    assert both(answers(*replies), takes_it_all) == (Accepted("250 one"), Accepted("250 kept"), 2)


@pytest.mark.parametrize("goodbye", [(), ("421 4.4.2 you took too long",)], ids=["silently", "with a word"])
def test_a_relay_that_would_not_wait_for_the_body_any_longer_is_noticed(goodbye: tuple[str, ...]) -> None:
    """Between an envelope ahead and its body there may be a pause; the kernel would take a body for nobody."""
    gone = threading.Event()

    def impatient(client: Client) -> None:
        begins(client)
        client.say("250 one", "250 ok", "250 ok", "354 go on", *goodbye)
        client.hang_up()
        gone.set()

    asked: list[int] = []
    with scripted(impatient, takes_it_all) as server, sending(server.port) as smtp:
        assert smtp.send(ONE, yes, TWO) == Accepted("250 one")
        assert gone.wait(10)
        assert smtp.send(TWO, lambda: asked.append(2) or True) == Accepted("250 kept")  # type: ignore[func-returns-value]
    assert asked == [2]


def test_a_relay_that_goes_while_the_ledger_is_asked_has_nothing_for_certain() -> None:
    """A slow ledger makes no doubt: nothing of the body has left us."""
    go, gone = threading.Event(), threading.Event()

    def impatient(client: Client) -> None:
        client.greet("PIPELINING")
        client.envelope()
        go.wait(10)
        client.hang_up()
        gone.set()

    def slowly() -> bool:
        go.set()
        return gone.wait(10)

    with scripted(impatient) as server, sending(server.port) as smtp:
        assert smtp.send(ONE, slowly) == Lost(False, "the relay did not wait for the body")


def test_a_refused_recipient_ahead_is_told_in_its_turn_and_forgotten_with_the_next_envelope() -> None:
    """RSET goes out in one write with the envelope that follows: it costs no round trip of its own."""

    def script(client: Client) -> None:
        begins(client)
        client.say("250 one", "250 ok", "550 5.1.1 no such person", "503 no valid recipients")
        assert [client.line() for _ in range(4)] == [
            "RSET",
            "MAIL FROM:<news@example.org>",
            "RCPT TO:<reader3@example.org>",
            "DATA",
        ]
        client.say("250 forgotten", "250 ok", "250 ok", "354 go on")
        client.body()
        client.say("250 three")

    with scripted(script) as server, sending(server.port) as smtp:
        assert smtp.send(ONE, yes, TWO) == Accepted("250 one")
        assert smtp.send(TWO, never) == Refused(550, "550 5.1.1 no such person", Stage.RCPT)
        assert smtp.send(THREE, yes) == Accepted("250 three")
    assert server.reads[-1] <= 4
    assert server.connections == 1


def test_a_refused_recipient_with_a_354_gets_an_empty_body_and_not_this_one() -> None:
    """RFC 2920, section 3.1: a relay may go on to ask for a body that nobody is to have."""

    def script(client: Client) -> None:
        begins(client)
        client.say("250 one", "250 ok", "550 5.1.1 no such person", "354 go on anyway")
        assert client.line() == "."
        client.say("554 no valid recipients")

    with scripted(script) as server, sending(server.port) as smtp:
        assert smtp.send(ONE, yes, TWO) == Accepted("250 one")
        assert smtp.send(TWO, never) == Refused(550, "550 5.1.1 no such person", Stage.RCPT)


def test_a_relay_that_does_not_forget_a_refused_envelope_is_left() -> None:
    """What follows goes over a new connection."""

    def stubborn(client: Client) -> None:
        client.greet("PIPELINING")
        for reply in ("250 ok", "450 4.2.1 greylisted", "503 no valid recipients"):
            client.line()
            client.say(reply)
        assert client.line() == "RSET"
        client.say("502 what is RSET")

    with scripted(stubborn, takes_it_all) as server, sending(server.port) as smtp:
        assert smtp.send(ONE, never) == Refused(450, "450 4.2.1 greylisted", Stage.RCPT)
        assert smtp.send(TWO, yes) == Accepted("250 kept")
    assert server.connections == 2


def test_another_message_than_expected_takes_a_new_connection() -> None:
    """The relay waits for the body of TWO and would take anything for it: it is left without a dot."""
    gone: list[str] = []

    def script(client: Client) -> None:
        begins(client)
        client.say("250 one", "250 ok", "250 ok", "354 go on")
        gone.append(client.line())

    with scripted(script, takes_it_all) as server, sending(server.port) as smtp:
        assert smtp.send(ONE, yes, TWO) == Accepted("250 one")
        assert smtp.send(THREE, yes) == Accepted("250 kept")
    assert gone == [""]
    assert "RCPT TO:<reader3@example.org>" in server.lines


def test_closing_with_an_envelope_under_way_says_nothing_more() -> None:
    """QUIT would be the first line of a body."""
    gone: list[str] = []

    def script(client: Client) -> None:
        begins(client)
        client.say("250 one", "250 ok", "250 ok", "354 go on")
        gone.append(client.line())

    with scripted(script) as server, sending(server.port) as smtp:
        assert smtp.send(ONE, yes, TWO) == Accepted("250 one")
    assert gone == [""]


def test_a_no_of_the_ledger_withholds_what_went_ahead() -> None:
    """Unsubscribed in between: the connection is closed without the dot, and the relay has nothing."""
    with Inbox() as inbox, BlockingSmtp(relay(mail_settings(relay=inbox.smtp_url))) as smtp:
        assert isinstance(smtp.send(ONE, yes, TWO), Accepted)
        assert smtp.send(TWO, lambda: False, THREE) == Withheld()
        assert isinstance(smtp.send(THREE, yes), Accepted)
    assert [received.recipient for received in inbox.messages] == [
        "reader1@example.org",
        "reader3@example.org",
    ]


def test_a_relay_that_throws_away_what_comes_behind_a_body_is_found_out_once() -> None:
    """It stays silent where it should answer the envelope: that is offered anew, and no other goes ahead."""

    def deaf(client: Client) -> None:
        begins(client)
        client.say("250 one")
        client.line()

    with scripted(deaf, takes_it_all) as server, sending(server.port, timeout=1) as smtp:
        assert smtp.send(ONE, yes, TWO) == Accepted("250 one")
        assert smtp.send(TWO, yes, THREE) == Accepted("250 kept")
        assert smtp.send(THREE, yes) == Accepted("250 kept")
    assert server.connections == 2


def test_a_second_time_is_not_tried_without_end() -> None:
    """Where the new connection fails as well, the message is lost before its body, for certain."""
    one, two, connections = both(answers("250 one"), lambda client: client.greet("PIPELINING"))
    assert one == Accepted("250 one")
    assert two == Lost(False, "the relay closed the connection")
    assert connections == 2


def test_a_body_that_is_cut_is_certain_although_an_envelope_is_behind_it() -> None:
    """No byte of the dot has left us, so nobody can have taken it for whole."""

    def script(client: Client) -> None:
        client.greet("PIPELINING")
        client.envelope()
        client.line()

    with scripted(script) as server, sending(server.port) as smtp:
        outcome = smtp.send(message(1, size=30_000_000), yes, TWO)
    assert isinstance(outcome, Lost)
    assert not outcome.after_dot


# ── how much has left us ─────────────────────────────────────────────────────────────────────────


@contextmanager
def pair() -> Iterator[tuple[Wire, socket.socket]]:
    """A wire, and its other end, with little room between them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
    wire = Wire(near)
    with far:
        yield wire, far
    wire.close()


def test_a_write_that_fails_tells_how_much_has_left() -> None:
    """Exactly what the other end can then read: of what follows it cannot have a byte."""
    with pair() as (wire, far):
        with pytest.raises(SilentError) as caught:
            at_once(wire.write(b"x" * 20_000_000, 0.001))
        wire.close()
        received = 0
        while block := far.recv(1_000_000):
            received += len(block)
    assert 0 < received == caught.value.left < 20_000_000


def test_control_a_write_that_succeeds_may_all_have_left_although_nobody_reads() -> None:
    """What the kernel has taken is out of our hands: no answer to it is a doubt."""
    with pair() as (wire, far):
        at_once(wire.write(b"x" * 1_000, 1))
        far.close()
        with pytest.raises(LostError):
            at_once(wire.reply(1))
