"""The Outbox on a whole installation: confirmations leave by themselves, once, and can be explained."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from threading import Event

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import Engine

from digest.deliver import dkim, lint, verp
from digest.demo.conversation import KEEP_AND_DROP, Envelope, Stage
from digest.model import DeliveryState, Subscription, SubscriptionState
from digest.pipeline.installation import Installation
from digest.pipeline.mail import outbox
from digest.pipeline.mail.notices import Stationery
from digest.pipeline.readers import latest, signing_up
from digest.rounds import rounds
from digest.store import audience, reader_changes
from digest.store import outbox as rows
from digest.store.database import reading, transaction
from installation import NOW, SLOT, Clock, Place, installed

READER = "ines@example.org"


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Place]:
    with installed(tmp_path, database=database_url) as place:
        yield place


def stationery(installation: Installation) -> Stationery:
    return Stationery(
        installation.settings, installation.templates, installation.resources.strings, installation.keys
    )


def ask(
    installation: Installation, address: str = READER, choice: str = "", clock: Clock | None = None
) -> None:
    """Somebody signs up."""
    digest, now = installation.settings.digests[0], (clock or Clock())()
    network = f"net of {address}"
    assert signing_up.ask(
        installation.engine, stationery(installation), digest, address, choice, network, now
    )


def states(engine: Engine) -> list[DeliveryState]:
    with reading(engine) as connection:
        return [row.state for row in rows.rows(connection)]


# ── sending ──────────────────────────────────────────────────────────────────────────────────────


def test_a_confirmation_leaves_by_itself(here: Place) -> None:
    """Within seconds, while the application runs; with the link that its page answers to."""
    with here.opened() as installation, rounds(installation, Clock()):
        ask(installation)
        _until(lambda: len(here.inbox.messages) == 1)
        (received,) = here.inbox.messages
        assert received.recipient == READER
        mail = message_from_bytes(received.data)
        assert mail["Subject"] == "Please confirm: The Hollin Weekly"
        token = re.findall(rb"/l/([A-Za-z0-9_-]{22})", received.data)[0].decode()
        assert signing_up.confirm(installation.engine, installation.keys, token, (), NOW)
        _until(lambda: states(installation.engine) == [DeliveryState.ACCEPTED])


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about within 30 s")


def test_two_senders_at_once_send_each_mail_once(here: Place) -> None:
    """`digest run` and `digest serve` beside each other, on one database."""
    with here.opened() as installation:
        for number in range(12):
            ask(installation, f"reader{number}@example.org")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: outbox.send(installation, Clock(), Event()), range(2)))
        outbox.send(installation, Clock(), Event())
        assert here.recipients() == sorted(f"reader{number}@example.org" for number in range(12))


def test_a_relay_that_is_away_is_tried_again(here: Place) -> None:
    """Nothing is lost: the mail waits, and leaves once it is taken."""
    clock = Clock()
    with here.opened() as installation:
        ask(installation)
        here.inbox.replies = _says({Stage.MAIL: "421 busy"})
        outbox.send(installation, clock, Event())
        assert states(installation.engine) == [DeliveryState.QUEUED]
        here.inbox.replies = None
        clock.now = NOW.replace(hour=9)
        outbox.send(installation, clock, Event())
        assert here.recipients() == [READER]


def test_an_address_that_is_refused_is_told_to_the_operator(here: Place) -> None:
    """With the relay's words, on the command line."""
    here.inbox.replies = _says({Stage.RCPT: "550 5.1.1 nobody here"})
    with here.opened() as installation:
        ask(installation, clock=Clock(datetime.now(UTC)))
    assert here.done("outbox", "send").out.startswith("1 rejected")
    (row,) = here.done("outbox", "list", "--json").rows
    assert (row["kind"], row["state"], row["address"]) == ("confirmation", "rejected", READER)
    assert "550 5.1.1 nobody here" in str(row["reply"])
    assert "nobody here" in here.done("outbox", "list", "--state", "rejected").out
    assert here.done("outbox", "list", "--state", "queued", "--json").rows == []
    wrong = here.digest("outbox", "list", "--state", "lost")
    assert (wrong.code, "expected one of queued, claimed" in wrong.err) == (1, True)


def test_a_doubt_waits_for_a_person(here: Place) -> None:
    """The relay took it and hung up: nobody knows, so nothing is sent again by itself."""
    here.inbox.replies = _says({Stage.BODY: KEEP_AND_DROP})
    with here.opened() as installation:
        ask(installation, clock=Clock(datetime.now(UTC)))
    here.done("outbox", "send")
    here.inbox.replies = None
    assert here.done("outbox", "send").out == "Nothing was due.\n"
    (row,) = here.done("outbox", "list", "--state", "in_doubt", "--json").rows
    assert here.done("outbox", "settle", row["id"], "resend").out == f"Mail {row['id']} is sent again.\n"
    here.done("outbox", "send")
    assert here.recipients() == [READER, READER]
    again = here.digest("outbox", "settle", row["id"], "sent")
    assert (again.code, "No mail" in again.err) == (1, True)


def _says(replies: dict[Stage, str]) -> Callable[[Stage, Envelope], str | None]:
    return lambda stage, _envelope: replies.get(stage)


def test_mail_is_signed_as_it_leaves(here: Place) -> None:
    """By the keys of whoever sends; what waits in the database carries no signature."""
    with here.opened() as installation:
        ask(installation)
        with reading(installation.engine) as connection:
            (row,) = rows.rows(connection)
            assert b"DKIM-Signature" not in rows.message(connection, row).data
        signer = dkim.signer("hollin.test", "s1", _key())
        signing = replace(installation, signers=(signer,))
        outbox.send(signing, Clock(), Event())
        mark = message_from_bytes(here.inbox.messages[0].data)[verp.MARK]
        assert verp.read_mark(installation.keys, mark, verp.OUTBOX) == row.id
        assert verp.read_mark(installation.keys, mark) is None
    (received,) = here.inbox.messages
    assert received.data.count(b"DKIM-Signature:") == 1
    assert lint.grave(lint.findings(received.data)) == ()


def _key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_the_form_for_another_site_is_printed(here: Place) -> None:
    """Ready to paste."""
    out = here.done("subscribers", "form", "weekly").out
    assert out.startswith('<form method="post" action="http://127.0.0.1:8000/s/weekly"')
    assert out.endswith("</form>\n")


# ── the latest issue ─────────────────────────────────────────────────────────────────────────────


def sent_issue(here: Place) -> str:
    """An issue that has gone to one reader of everything, and one of schools only."""
    here.blog.write("sluice", "weir", at=NOW)
    here.subscribe("early@example.org")
    here.subscribe("water@example.org", themes="water")
    issue = here.published()
    here.done("send", issue)
    return issue


def subscription(installation: Installation, address: str) -> Subscription:
    with reading(installation.engine) as connection:
        (found,) = (each for each in audience.subscriptions(connection) if each.address == address)
    return found


def _ask_for_latest(installation: Installation, address: str) -> bool:
    digest, theirs = installation.settings.digests[0], subscription(installation, address)
    with transaction(installation.engine) as connection:
        return latest.send(connection, stationery(installation), digest, theirs, SLOT)


def test_the_latest_issue_comes_at_once_and_once(here: Place) -> None:
    """The bytes that went to everybody, with a link of one's own; a second request sends nothing."""
    sent_issue(here)
    here.subscribe("late@example.org")
    with here.opened() as installation:
        assert _ask_for_latest(installation, "late@example.org")
        assert not _ask_for_latest(installation, "late@example.org")
        outbox.send(installation, Clock(SLOT), Event())
        assert not _ask_for_latest(installation, "late@example.org")
    early, late = (
        message_from_bytes(each.data)
        for each in here.inbox.messages
        if each.recipient in ("early@example.org", "late@example.org")
    )
    assert (early["Subject"], early["Date"]) == (late["Subject"], late["Date"])
    assert early["List-Unsubscribe"] != late["List-Unsubscribe"]
    assert early["Message-ID"] != late["Message-ID"]


def test_who_has_the_issue_does_not_get_it_again(here: Place) -> None:
    """Whoever is in the ledger is refused."""
    sent_issue(here)
    with here.opened() as installation:
        assert not _ask_for_latest(installation, "early@example.org")


def test_the_latest_issue_has_the_themes_that_were_chosen(here: Place) -> None:
    """Where it was rendered for them: the same bytes as for who chose the same."""
    sent_issue(here)
    here.subscribe("late@example.org", themes="water")
    with here.opened() as installation:
        assert _ask_for_latest(installation, "late@example.org")
        outbox.send(installation, Clock(SLOT), Event())
    subjects = {each.recipient: message_from_bytes(each.data)["Subject"] for each in here.inbox.messages}
    assert subjects["late@example.org"] == subjects["water@example.org"]


def test_nothing_is_offered_before_the_first_issue(here: Place) -> None:
    """Nor to who has left."""
    here.subscribe("late@example.org")
    with here.opened() as installation:
        assert not _ask_for_latest(installation, "late@example.org")
    sent_issue(here)
    here.subscribe("left@example.org")
    with here.opened() as installation:
        theirs = subscription(installation, "left@example.org")
        with transaction(installation.engine) as connection:
            audience.unsubscribe(connection, theirs.subscriber, "weekly", NOW)
        assert not _ask_for_latest(installation, "left@example.org")


# ── a rest ───────────────────────────────────────────────────────────────────────────────────────


def test_who_rests_gets_no_issue(here: Place) -> None:
    """They are not in its ledger; the next one after the rest goes to them."""
    here.subscribe("resting@example.org", "back@example.org")
    with here.opened() as installation:
        for name, year in (("resting", 2099), ("back", 2020)):
            number, until = (
                subscription(installation, f"{name}@example.org").subscriber,
                NOW.replace(year=year),
            )
            with transaction(installation.engine) as connection:
                assert reader_changes.pause(connection, number, "weekly", until, NOW)
    here.blog.write("sluice", at=NOW)
    here.done("send", here.published())
    assert here.recipients() == ["back@example.org"]
    with here.opened() as installation, reading(installation.engine) as connection:
        assert {each.state for each in audience.subscriptions(connection)} == {SubscriptionState.CONFIRMED}
