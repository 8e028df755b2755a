"""Inbound mail of every kind is understood: who is gone, who is full, who refuses us, and who is only on leave."""

from __future__ import annotations

import base64
import random
import time
from email import message_from_bytes

import pytest
from flufl.bounce import all_failures

import bounce_samples as samples
from bounce_samples import OURS, READER, arf, mail, prose, report, status
from digest.deliver.bounces.failures import LONGEST_WORDS, failure
from digest.deliver.bounces.reading import Meaning, read
from digest.deliver.bounces.report import MAX_BYTES
from digest.model import BounceKind

TAG = "d42.mzxw6ytboi4dqnrtgm2tmnzyhe"


def kind_of(data: bytes) -> BounceKind:
    """The kind of the failure that a mail reports."""
    arrival = read(data)
    assert arrival.meaning is Meaning.FAILURE, arrival
    assert arrival.failure is not None
    return arrival.failure.kind


# ── reports of mail systems ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", samples.ABSENT)
def test_a_mailbox_that_does_not_exist_is_known_in_every_shape(name: str) -> None:
    """Whether the code says it, the words, or only the part for people."""
    arrival = read(samples.ABSENT[name])
    assert kind_of(samples.ABSENT[name]) is BounceKind.ADDRESS
    assert arrival.failure is not None
    assert arrival.failure.recipient == READER


@pytest.mark.parametrize("name", samples.SOFT)
def test_a_mailbox_that_cannot_be_had_this_time_is_a_soft_failure(name: str) -> None:
    """Full, given up after days, or for a reason that nobody gives."""
    assert kind_of(samples.SOFT[name]) is BounceKind.SOFT


@pytest.mark.parametrize("name", samples.POLICY)
def test_a_refusal_of_us_says_nothing_of_the_address(name: str) -> None:
    """5.7.x does so even beside "user unknown"; 5.1.7 and 5.1.8 are about the sender."""
    assert kind_of(samples.POLICY[name]) is BounceKind.POLICY


def test_a_message_that_is_too_large_says_nothing_of_the_address() -> None:
    """It is the message's fault."""
    assert kind_of(samples.TOO_LARGE) is BounceKind.MESSAGE


@pytest.mark.parametrize("name", samples.NO_FAILURE)
def test_a_delay_or_a_delivery_is_no_failure(name: str) -> None:
    """Nor is a forwarding list of which one member is gone and another has the mail."""
    arrival = read(samples.NO_FAILURE[name])
    assert (arrival.meaning, arrival.failure) == (Meaning.NO_FAILURE, None)


@pytest.mark.parametrize("name", samples.AUTOMATIC)
def test_the_answer_of_a_mailbox_is_no_failure(name: str) -> None:
    """Not even one that quotes "550 user unknown"."""
    arrival = read(samples.AUTOMATIC[name])
    assert (arrival.meaning, arrival.failure) == (Meaning.AUTOMATIC, None)


@pytest.mark.parametrize(
    "subject",
    [
        "Undeliverable: Water",
        "Delivery Status Notification (Failure)",
        "Unzustellbar: Wasser",
        "Échec de la remise : Eau",
    ],
)
def test_a_mail_system_that_signs_as_a_person_is_known_by_its_subject(subject: str) -> None:
    """A reply to such a mail is not."""
    text = "Your message was not delivered: 550 5.1.1 User unknown"
    for prefix, meaning in (("", Meaning.FAILURE), ("Re: ", Meaning.PERSONAL)):
        data = mail(f"From: Support <help@isp.example.net>\nTo: {OURS}\nSubject: {prefix}{subject}", text)
        assert read(data).meaning is meaning


def test_what_a_person_wrote_is_for_a_person() -> None:
    """Even where it speaks of bounces."""
    letter = mail(
        f"From: Mira Oduya <{READER}>\nTo: {OURS}\nSubject: Re: Water",
        "My colleague's mailbox is full, 552 5.2.2, what now?",
    )
    assert read(letter).meaning is Meaning.PERSONAL


def test_of_several_recipients_the_mildest_failure_counts() -> None:
    """One alias, two mailboxes: one is gone, the other one full, so the address is not dead."""
    two = status("failed", "5.1.1", "550 5.1.1 User unknown", "a@elsewhere.example.com")
    data = report(f"{two}\n\nFinal-Recipient: rfc822; b@elsewhere.example.com\nAction: failed\nStatus: 5.2.2")
    assert kind_of(data) is BounceKind.SOFT


def test_a_status_report_in_base64_is_read() -> None:
    """RFC 3464 forbids it, and gateways do it."""
    groups = status("failed", "5.1.1", "550 5.1.1 User unknown")
    plain = samples.report(groups)
    packed = base64.encodebytes(groups.encode()).decode().strip()
    marked = f"message/delivery-status\nContent-Transfer-Encoding: base64\n\n{packed}".replace("\n", "\r\n")
    data = plain.replace(
        f"message/delivery-status\n\n{groups}".replace("\n", "\r\n").encode(), marked.encode()
    )
    assert data != plain
    assert kind_of(data) is BounceKind.ADDRESS


def test_an_internationalised_report_is_read() -> None:
    """RFC 6533: other types, addresses in UTF-8."""
    groups = status("failed", "5.1.1", "550 5.1.1 User unknown", "jürgen@mail.example.net")
    data = report(groups.replace("rfc822;", "utf-8;"), back="message/global")
    data = data.replace(b"message/delivery-status", b"message/global-delivery-status")
    arrival = read(data)
    assert arrival.failure is not None
    assert (arrival.failure.kind, arrival.failure.recipient) == (
        BounceKind.ADDRESS,
        "jürgen@mail.example.net",
    )


def test_a_report_without_actions_is_read_by_its_status() -> None:
    """Some leave out what RFC 3464 requires."""
    assert kind_of(report("Final-Recipient: rfc822; a@b.example\nStatus: 5.1.1")) is BounceKind.ADDRESS
    assert read(report("Final-Recipient: rfc822; a@b.example\nStatus: 4.0.0")).failure is None


# ── codes and words ──────────────────────────────────────────────────────────────────────────────

SENTENCES = {
    "550 5.0.350 Remote server returned an error -> 550 5.1.1 no such user": BounceKind.ADDRESS,
    "550 5.5.0 Requested action not taken: mailbox unavailable": BounceKind.ADDRESS,
    "550 Requested action not taken: mailbox unavailable": BounceKind.ADDRESS,
    "550 Message was not accepted -- invalid mailbox. It is unavailable: user not found": BounceKind.ADDRESS,
    "550 permanent failure for one or more recipients (a@b.example:550 5.1.1 x)": BounceKind.ADDRESS,
    "550 #5.1.0 Address rejected a@b.example": BounceKind.ADDRESS,
    "553 5.3.0 <a@b.example>... No such user here": BounceKind.ADDRESS,
    "550 5.4.310 DNS domain b.example does not exist": BounceKind.ADDRESS,
    "554 Sorry, no valid recipients (#5.1.3)": BounceKind.ADDRESS,
    "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)": BounceKind.ADDRESS,
    "550 5.1.1 The user does not exist, see https://help.example/spam-policy": BounceKind.ADDRESS,
    "550 l'adresse est introuvable": BounceKind.ADDRESS,
    "550 El buzón a@b.example no existe": BounceKind.ADDRESS,
    "550 <a@b.example>: Recipient address rejected.": BounceKind.ADDRESS,
    "550 Domain does not exist": BounceKind.ADDRESS,
    "552 5.2.2 Mailbox full": BounceKind.SOFT,
    "552 5.1.1 the mailbox is over quota": BounceKind.SOFT,
    "5.1.0 unknown address error, they said 552 5.2.2 full": BounceKind.SOFT,
    "550 5.2.1 this user gets mail at a rate that leaves no room for more": BounceKind.SOFT,
    "554 5.3.0 <a@b.example>: Recipient address rejected: internal error": BounceKind.SOFT,
    "550 5.4.4 the name server gave no reply that we understand": BounceKind.SOFT,
    "550 5.2.0 Mailbox has exceeded the limit": BounceKind.SOFT,
    "450 4.1.1 User unknown in local recipient table": BounceKind.SOFT,
    "554 5.4.14 Hop count exceeded - possible mail loop": BounceKind.SOFT,
    "550 something went wrong": BounceKind.SOFT,
    "554 5.7.1 <a@b.example>: Relay access denied": BounceKind.POLICY,
    "550 5.7.1 No such user!": BounceKind.POLICY,
    "550 Administrative prohibition": BounceKind.POLICY,
    "550 5.1.1 refused: 5.7.1 your address is blacklisted": BounceKind.POLICY,
    "550 5.1.0 this host is not allowed to send by its SPF record": BounceKind.POLICY,
    "554 No PTR record found for 192.0.2.7": BounceKind.POLICY,
    "550 Unroutable sender address": BounceKind.POLICY,
    "550 Blocked": BounceKind.POLICY,
    "571 Delivery not authorized, message refused": BounceKind.POLICY,
    "553 5.1.7 Sender address rejected": BounceKind.POLICY,
    "550 5.1.1 Sender address rejected: not found": BounceKind.POLICY,
    "552 message size exceeds fixed maximum message size": BounceKind.MESSAGE,
    "554 5.6.0 malformed message": BounceKind.MESSAGE,
    "552 5.2.3 message length exceeds what the recipient has set": BounceKind.MESSAGE,
}


@pytest.mark.parametrize("said", SENTENCES)
def test_a_servers_sentence_is_understood(said: str) -> None:
    """The code decides where it says something; else the words do."""
    assert failure(READER, "", said).kind is SENTENCES[said]


def test_an_internet_address_is_no_status() -> None:
    """192.0.2.5.1.1 or 5.1.1.9 in a sentence is no "5.1.1"."""
    assert failure(READER, "", "550 host 5.1.1.9 hung up").status == "5.0.0"
    assert failure(READER, "", "550 5.1.1 host 192.0.2.5").status == "5.1.1"


def test_a_general_status_gives_way_to_a_telling_one() -> None:
    """ "Status: 5.0.0" beside "550 5.1.1 …" is a 5.1.1."""
    assert failure(READER, "5.0.0", "550 5.1.1 gone").status == "5.1.1"
    assert failure(READER, "5.2.2", "550 5.1.1 gone").status == "5.2.2"


def test_the_words_that_are_kept_are_clipped() -> None:
    """Whatever a stranger writes."""
    assert len(failure(READER, "", "550 " + "no " * 10_000).words) <= LONGEST_WORDS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "An error has occurred while attempting to deliver a message for\na@b.example: Envelope expired",
            BounceKind.SOFT,
        ),
        (
            "There was an error delivering your mail to <a@b.example>.\nDomain does not exist.",
            BounceKind.ADDRESS,
        ),
        (f"Final-Recipient: rfc822; {READER}\nAction: failed\nStatus: 5.1.1", BounceKind.ADDRESS),
        (
            "Your mail was not delivered.\n\n--- Returned Message ---\nSubject: 550 user unknown",
            BounceKind.SOFT,
        ),
    ],
)
def test_a_report_without_a_format_is_understood(text: str, kind: BounceKind) -> None:
    """What it says itself counts, not what it gives back."""
    assert kind_of(prose("MAILER-DAEMON", "Mail delivery failed", text)) is kind


def test_a_forwarded_report_is_no_report() -> None:
    """A person asks what a report means that they have got."""
    text = f"Look:\n\nFinal-Recipient: rfc822; {READER}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 gone"
    letter = mail(f"From: Mira <{READER}>\nTo: {OURS}\nSubject: Fwd: Returned mail", text)
    assert read(letter).meaning is Meaning.PERSONAL


# ── complaints, leaving ──────────────────────────────────────────────────────────────────────────


def test_a_feedback_report_is_a_complaint() -> None:
    """Of abuse, fraud, or a kind that is not registered; its words name the reporter."""
    for kind in ("abuse", "fraud", "other", "x-unheard-of"):
        arrival = read(arf(kind, TAG))
        assert arrival.meaning is Meaning.COMPLAINT
        assert arrival.failure is not None
        assert (arrival.failure.kind, arrival.marks) == (BounceKind.COMPLAINT, (TAG,))
        assert "Loop/1.0" in arrival.failure.words


def test_a_complaint_without_a_format_is_one() -> None:
    """By a subject of fixed words and the mail enclosed; the words alone are a person's."""
    head = (
        "From: staff@mail.example.net\nTo: fbl@example.org\nSubject: complaint about message from 192.0.2.7"
    )
    enclosed = mail(
        f'{head}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=_j"',
        f"--=_j\nContent-Type: message/rfc822\n\n{samples.returned(TAG)}\nHello\n\n--=_j--",
    )
    arrival = read(enclosed)
    assert (arrival.meaning, arrival.marks) == (Meaning.COMPLAINT, (TAG,))
    assert read(mail(head, "I did not ask for this.")).meaning is Meaning.PERSONAL


def test_not_spam_and_forged_mail_are_no_complaint() -> None:
    """RFC 6430 takes a complaint back; RFC 6591 reports that somebody used our name."""
    for kind in ("not-spam", "auth-failure"):
        assert read(arf(kind)).meaning is Meaning.NO_FAILURE


def test_who_asks_to_leave_is_heard() -> None:
    """By the subject that our mailto link writes, or by the first line of the text."""
    words = "weekly 42.q83vEjRWeJASNFZ4kBI0Vg"
    by_subject = mail(f"From: {READER}\nTo: {OURS}\nSubject: unsubscribe {words}", "")
    by_text = mail(f"From: {READER}\nTo: {OURS}\nSubject:", f"Unsubscribe {words}\n--\nMira")
    for letter in (by_subject, by_text):
        arrival = read(letter)
        assert (arrival.meaning, arrival.leaving) == (Meaning.LEAVING, words)


# ── what may prove it ────────────────────────────────────────────────────────────────────────────


def test_marks_are_found_in_what_is_given_back() -> None:
    """As an enclosed mail, as bare headers, in the text of a report for people, quoted and folded."""
    bodies = [
        samples.report(status("failed", "5.1.1", "gone"), mark=TAG),
        samples.report(status("failed", "5.1.1", "gone"), mark=TAG, back="text/rfc822-headers"),
        samples.EXIM_OLD.replace(b"{mark}", TAG.encode()),
        samples.QMAIL.replace(b"{mark}", TAG.encode()),
        prose("MAILER-DAEMON@x.example", "failure", f"550 user unknown\n\n> X-Digest-Delivery:\n>  {TAG}"),
    ]
    assert [read(body).marks for body in bodies] == [(TAG,)] * len(bodies)


def test_the_addresses_it_came_to_are_found() -> None:
    """The envelope's first; a mailbox and a file know it only from headers."""
    data = mail(
        f"Delivered-To: <bounces+{TAG}@example.org>\nX-Original-To: other@example.org\nFrom: x@y.example\nTo: List <{OURS}>",
        "hello",
    )
    expected = (f"bounces+{TAG}@example.org", "other@example.org", OURS)
    assert read(data).recipients == expected
    assert read(data, "first@example.org").recipients == ("first@example.org", *expected)


# ── anything at all ──────────────────────────────────────────────────────────────────────────────


def hostile() -> dict[str, bytes]:
    """Mails made to stall or to break a reader."""
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (depth, depth)
        for depth in range(3_000)
    )
    return {
        "nothing": b"",
        "zeros": b"\0" * MAX_BYTES,
        "nested parts": nested,
        "nested mails": b"Content-Type: message/rfc822\r\n\r\n" * 20_000,
        "many parts": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\n" * 150_000,
        "parameters": b"Content-Type: text/plain" + b";a=b" * 250_000,
        "folded parameters": b"Content-Type: text/plain" + b";\r\n a" * 200_000,
        "many headers": b"X: y\r\n" * 150_000,
        "marks": b"X-Digest-Delivery: d1.a\r\n" * 30_000,
        "addresses": b"To: " + b"a@b," * 250_000,
        "encoded words": b"Subject: " + b"=?utf-8?q?a?=" * 70_000,
        "unknown charset": b"From: mailer-daemon@x\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff user unknown",
        "bad base64": b"Content-Transfer-Encoding: base64\r\n\r\n=====",
        "brackets": b"Content-Type: text/html\r\n\r\n" + b"<" * 900_000,
        "status fields": samples.report("Final-Recipient: rfc822; a@b.example\nAction: failed\n\n" * 20_000),
        "spaces": b"From: mailer-daemon@x.example\r\n\r\n" + b"user " + b" " * 900_000,
        "long words": b"From: mailer-daemon@x.example\r\n\r\n" + b"user <" + b"x" * 900_000,
        "lines": b"From: mailer-daemon@x.example\r\n\r\n" + b"recipient your message \r\n" * 40_000,
    }


@pytest.mark.parametrize("name", hostile())
def test_no_mail_stalls_or_breaks_the_reader(name: str) -> None:
    """Processor time, with a generous bound: most take milliseconds."""
    began = time.thread_time()
    read(hostile()[name])
    assert time.thread_time() - began < 5


def test_damaged_reports_are_read_without_an_error() -> None:
    """500 samples with bytes cut out, doubled or changed by chance."""
    chance = random.Random(7)
    whole = [*samples.ABSENT.values(), *samples.SOFT.values(), *samples.AUTOMATIC.values(), arf()]
    for _ in range(500):
        data = bytearray(chance.choice(whole))
        for _ in range(chance.randrange(1, 12)):
            place = chance.randrange(len(data))
            data[place : place + chance.randrange(30)] = chance.randbytes(chance.randrange(30))
        assert read(bytes(data)).recipients is not None


def test_the_library_alone_would_raise() -> None:
    """Control: what the reader's guard is for can happen."""
    raised = 0
    for data in hostile().values():
        try:
            all_failures(message_from_bytes(data[:20_000]))
        except Exception:  # noqa: BLE001
            raised += 1
    assert raised
