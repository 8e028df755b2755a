"""Other people's mail servers: Postfix's smtp-sink in each of its moods, and a real Postfix before a real Dovecot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import dkim as peer
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from deliver_samples import KEYS, NOW, PAGE, TEXT, rendering, sample_letterhead
from digest.deliver import verp
from digest.deliver.dkim import Signer, record
from digest.deliver.ledger import Accepted, Lost, Outcome, Refused, Stage
from digest.deliver.message import Stencil, stencil
from digest.deliver.smtp import BlockingSmtp, Relay
from digest.errors import RelayError
from digest.model import Message
from mail_servers import Town, smtp_sink, town

pytestmark = pytest.mark.xdist_group("mailservers")

PEOPLE = ("ada", "ben", "cleo", "bounces")


@pytest.fixture(scope="module")
def form() -> Stencil:
    """What all copies share: signed, with dots, long lines and other scripts in it."""
    signer = Signer("example.org", "autumn", rsa.generate_private_key(65_537, 2048))
    head = replace(sample_letterhead(bounces="bounces@example.org"), signers=(signer,))
    text = TEXT + ".\n..\n. dots\n" + "x" * 2_000 + "\ntrailing \t\n"
    return stencil(rendering("Wasser für alle", PAGE + "آب و مدرسه " * 300, text), head, NOW)


@pytest.fixture(scope="module")
def place() -> Iterator[Town]:
    with town(*PEOPLE) as found:
        yield found


def send_all(port: int, messages: list[Message], timeout: float = 10) -> list[Outcome | str]:
    """Send each with the next one's envelope behind it; what became of each, or the name of the error."""
    outcomes: list[Outcome | str] = []
    smtp = BlockingSmtp(Relay("127.0.0.1", port, starttls="never", timeout=timeout))
    for message, following in zip(messages, [*messages[1:], None], strict=True):
        try:
            outcomes.append(smtp.send(message, lambda: True, following))
        except RelayError as error:
            outcomes.append(type(error).__name__)
    smtp.close()
    return outcomes


# ── smtp-sink ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("options", [(), ("-p",), ("-8",), ("-e",), ("-8", "-p", "-N", "-E")])
def test_whatever_the_relay_offers_every_message_goes_over(form: Stencil, options: tuple[str, ...]) -> None:
    """With PIPELINING and without, with 8BITMIME and without."""
    copies = [form.letter(number, f"reader{number}@example.org", number) for number in range(1, 21)]
    with smtp_sink(*options) as port:
        if "-e" in options:  # a server of before 1995
            assert set(send_all(port, copies[:1])) == {"RelayError"}
        else:
            assert {type(outcome) for outcome in send_all(port, copies)} == {Accepted}


@pytest.mark.parametrize("pipelining", [(), ("-p",)], ids=["pipelined", "step by step"])
@pytest.mark.parametrize(
    ("mood", "becomes"),
    [
        (("-f", "RCPT"), lambda found: isinstance(found, Refused) and (found.code, found.stage) == (500, Stage.RCPT)),
        (("-r", "RCPT"), lambda found: isinstance(found, Refused) and (found.code, found.stage) == (450, Stage.RCPT)),
        (("-r", "MAIL"), lambda found: isinstance(found, Refused) and (found.code, found.stage) == (450, Stage.MAIL)),
        (("-f", "MAIL"), lambda found: found == "RelayError"),
        (("-r", "DATA"), lambda found: isinstance(found, Refused) and (found.code, found.stage) == (450, Stage.DATA)),
        (("-r", "."), lambda found: isinstance(found, Refused) and (found.code, found.stage) == (450, Stage.BODY)),
        (("-f", "."), lambda found: isinstance(found, Refused) and (found.code, found.stage) == (500, Stage.BODY)),
        (("-Q", "."), lambda found: isinstance(found, Refused) and (found.code, found.stage) == (421, Stage.BODY)),
        (("-Q", "RCPT"), lambda found: isinstance(found, Refused) and found.code == 421),
        (("-q", "MAIL"), lambda found: isinstance(found, Lost) and not found.after_dot),
        (("-q", "RCPT"), lambda found: isinstance(found, Lost) and not found.after_dot),
        (("-q", "DATA"), lambda found: isinstance(found, Lost) and not found.after_dot),
        (("-q", "."), lambda found: isinstance(found, Lost) and found.after_dot),
        (("-q", "CONNECT"), lambda found: found == "UnreachableError"),
        (("-f", "CONNECT"), lambda found: found == "RelayError"),
        (("-Q", "EHLO"), lambda found: found == "UnreachableError"),
        (("-A", "0"), lambda found: isinstance(found, Refused | Lost)),
    ],
)  # fmt: skip
def test_each_failure_has_its_side(
    form: Stencil,
    mood: tuple[str, ...],
    pipelining: tuple[str, ...],
    becomes: Callable[[Outcome | str], bool],
) -> None:
    """Three messages in a row meet the same: refused where they were refused, in doubt only after the dot."""
    copies = [form.letter(number, f"reader{number}@example.org", number) for number in range(1, 4)]
    with smtp_sink(*mood, *pipelining) as port:
        for found in send_all(port, copies):
            assert becomes(found), found


# ── Postfix and Dovecot ──────────────────────────────────────────────────────────────────────────


def own_headers_gone(mail: bytes) -> bytes:
    """The mail without what servers on its way have put on top of it."""
    return mail[mail.index(b"DKIM-Signature:") :]


def test_mail_reaches_a_real_mailbox_byte_for_byte(form: Stencil, place: Town) -> None:
    """Through Postfix's queue and Dovecot's LMTP, twenty in a row with each envelope behind the body before it."""
    copies = [form.letter(number, f"{PEOPLE[number % 2]}@example.org", number) for number in range(1, 21)]
    assert {type(outcome) for outcome in send_all(place.port, copies)} == {Accepted}
    arrived = [own_headers_gone(mail) for name in PEOPLE[:2] for mail in place.mails(name, 10)]
    assert sorted(arrived) == sorted(copy.data for copy in copies)


def test_a_signature_survives_the_way_and_the_sender_leads_back(form: Stencil, place: Town) -> None:
    """dkimpy verifies what lies in the mailbox; its Return-Path tells the ledger's row."""
    (outcome,) = send_all(place.port, [form.letter(42, "cleo@example.org", 4_711)])
    assert isinstance(outcome, Accepted)
    (mail,) = place.mails("cleo")
    dns = record(form.head.signers[0]).encode()
    assert peer.verify(mail, dnsfunc=lambda name, timeout=5: dns)
    path = re.search(rb"^Return-Path: <(.*)>", mail, re.MULTILINE)
    assert path is not None
    assert verp.read_sender(KEYS, path[1].decode()) == 4_711


def test_what_comes_back_to_such_a_sender_arrives_in_the_inbox(form: Stencil, place: Town) -> None:
    """With ``recipient_delimiter = +``, as docs/messages.md says."""
    sent = form.letter(42, "ada@example.org", 4_711)
    bounce = Message("", sent.sender, "<bounce@example.org>", b"Subject: it came back\r\n\r\n")
    (outcome,) = send_all(place.port, [bounce])
    assert isinstance(outcome, Accepted)
    assert b"Subject: it came back" in place.mails("bounces")[-1]


def test_a_stranger_among_the_recipients_holds_nobody_up(form: Stencil, place: Town) -> None:
    """Postfix refuses at RCPT while the envelope is under way; the others get theirs, once."""
    before = len(place.mails("ada", 0))
    names = ["ada", "nobody1", "nobody2", "ada", "nobody3", "ada"]
    copies = [form.letter(number, f"{name}@example.org", number) for number, name in enumerate(names, 100)]
    found = send_all(place.port, copies)
    assert [type(outcome) for outcome in found] == [Accepted, Refused, Refused, Accepted, Refused, Accepted]
    assert all(outcome.code == 550 for outcome in found if isinstance(outcome, Refused))
    assert len(place.mails("ada", before + 3)) == before + 3


def test_an_empty_sender_and_a_foreign_recipient_are_said_as_postfix_wants_them(place: Town) -> None:
    """``MAIL FROM:<>`` is what a bounce has; another script needs SMTPUTF8, which Postfix offers."""
    foreign = Message("news@example.org", "käthe@example.org", "<1@example.org>", b"Subject: x\r\n\r\n")
    (outcome,) = send_all(place.port, [foreign])
    assert isinstance(outcome, Refused)
    assert outcome.code == 550  # understood, and nobody of that name


def test_a_mail_that_is_too_large_is_said_before_it_is_sent(place: Town) -> None:
    """Postfix says its limit with SIZE."""
    large = Message("news@example.org", "ada@example.org", "<1@example.org>", b"x\r\n" * 200_000)
    with (
        BlockingSmtp(Relay("127.0.0.1", place.port, starttls="never", timeout=10)) as smtp,
        pytest.raises(RelayError, match="takes 500000 bytes at most; a mail has 600000"),
    ):
        smtp.send(large, lambda: True)
