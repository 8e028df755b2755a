"""The mail server by whose log the chaos suite judges: what it notes, when, and what it can be told to do."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sink import Sink, sink

MESSAGE = "Message-ID: <weekly.2026-11-22.ab12@example.org>\r\nSubject: Water\r\n\r\nThe river rose.\r\n"


@pytest.fixture
def noting(tmp_path: Path) -> Iterator[Sink]:
    """A sink with a log."""
    with sink(tmp_path / "sink.log") as running:
        yield running


def send(to: Sink, *recipients: str, message: str = MESSAGE) -> None:
    with smtplib.SMTP("127.0.0.1", to.port, timeout=10) as client:
        for recipient in recipients:
            client.sendmail("news@example.org", [recipient], message)


def test_what_was_answered_stands_in_the_log_already(noting: Sink) -> None:
    """The line is there when the client reads its 250: who dies after that has been heard."""
    with smtplib.SMTP("127.0.0.1", noting.port, timeout=10) as client:
        client.sendmail("news@example.org", ["ada@example.org"], MESSAGE)
        (taken,) = noting.took()
    assert (taken.recipient, taken.issue) == ("ada@example.org", "weekly.2026-11-22")


def test_copies_are_counted_by_issue_and_reader(noting: Sink) -> None:
    """Twice to one reader is seen, and another issue is no copy."""
    send(noting, "ada@example.org", "bo@example.org", "ada@example.org")
    send(noting, "ada@example.org", message=MESSAGE.replace("11-22", "11-29"))
    noting.settle()
    assert noting.copies() == {
        ("weekly.2026-11-22", "ada@example.org"): 2,
        ("weekly.2026-11-22", "bo@example.org"): 1,
        ("weekly.2026-11-29", "ada@example.org"): 1,
    }


@pytest.mark.parametrize("cut", range(1, 6))
def test_a_dot_is_found_wherever_the_packets_end(noting: Sink, cut: int) -> None:
    """Split before, within and after the end of the body; the next envelope may come with it."""
    body = MESSAGE.encode() + b".\r\n"
    with (
        socket.create_connection(("127.0.0.1", noting.port), timeout=10) as client,
        client.makefile("rb") as answers,
    ):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
        assert [answers.readline()[:3] for _ in range(4)] == [b"220", b"250", b"250", b"354"]
        client.sendall(body[:-cut])
        client.sendall(body[-cut:] + b"MAIL FROM:<a@example.org>\r\n")
        assert [answers.readline()[:3] for _ in range(2)] == [b"250", b"250"]
    noting.settle()
    assert [taken.recipient for taken in noting.took()] == ["b@example.org"]


def test_a_body_without_its_dot_is_not_taken(noting: Sink) -> None:
    """As with any mail server: what ends in the middle was never sent."""
    with socket.create_connection(("127.0.0.1", noting.port), timeout=10) as client:
        client.sendall(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n" + MESSAGE.encode())
    noting.settle()
    assert noting.took() == []


def test_orders_concern_one_transaction_and_tell_what_was_taken(noting: Sink) -> None:
    """Refused is not taken; dropped after the dot is taken or not, as it was ordered."""
    noting.order("1 rcpt 550_5.1.1_unknown")
    noting.order("2 dot drop taken")
    noting.order("3 dot drop")
    for name, failure in (("ada", smtplib.SMTPRecipientsRefused), ("bo", OSError), ("cy", OSError)):
        with pytest.raises(failure):
            send(noting, f"{name}@example.org")
    assert noting.order("faults") == "0"
    send(noting, "di@example.org")
    noting.settle()
    assert [taken.recipient for taken in noting.took()] == ["bo@example.org", "di@example.org"]
    assert noting.count() == 2


def test_without_a_log_it_only_counts() -> None:
    """For the benchmarks: nothing is parsed, written or kept."""
    with sink() as counting:
        send(counting, "ada@example.org", "bo@example.org")
        assert counting.count() == 2
