"""Sending an issue: once to each, whatever is repeated, refused, held or left; and copies that leave the ledger alone."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import requests
from sqlalchemy import text

from digest.deliver import lint
from digest.demo.conversation import DROP, KEEP_AND_DROP, Envelope, Replies, Stage
from digest.errors import DigestError, NotFoundError
from digest.model import DeliveryState, IssueId, SendState
from digest.pipeline.drafts.draft import draft
from digest.pipeline.installation import Installation
from digest.pipeline.issues.publish import approve, publish
from digest.pipeline.mail import send as sending
from digest.pipeline.mail.send import Sent, dry_run, send, sent
from digest.pipeline.mail.steering import cancel, pause, resume, settle
from digest.pipeline.posts.collect import collect
from digest.store.database import reading
from digest.web.app import create_app
from digest.web.server import serve
from installation import NOW, Clock, Place, installed, installed_for, process

SUNDAY = IssueId("weekly", date(2026, 11, 22))
HOUR = timedelta(hours=1)
READERS = ("ada@example.org", "bo@example.org", "cy@example.net")


@pytest.fixture
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """On SQLite, and on the database of a test that uses ``database_url``."""
    with installed_for(request, tmp_path) as place:
        place.blog.write("sluice", "weir", at=NOW)
        place.subscribe(*READERS)
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    """An installation with a published issue."""
    with here.opened() as installation:
        published(installation)
        yield installation


def published(installation: Installation) -> IssueId:
    collect(installation, Clock(), everything=True)
    issue = draft(installation, "weekly", NOW).issue.id
    approve(installation, issue, NOW)
    publish(installation, issue, NOW)
    return issue


def states(result: Sent) -> dict[str, int]:
    """How many rows are in each state, those that there are."""
    return {state.value: count for state, count in result.counts.items() if count}


def contents(installation: Installation) -> Mapping[str, list[tuple[object, ...]]]:
    """Every row of every table that a send could touch."""
    tables = ("issues", "versions", "renderings", "sends", "deliveries", "subscriptions", "settlements")
    with reading(installation.engine) as connection:
        return {
            table: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {table}"))), key=repr)
            for table in tables
        }


def letters(folder: Path) -> list[EmailMessage]:
    return [_letter(path.read_bytes()) for path in sorted(folder.rglob("*.eml"))]


def _letter(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def words_of(message: EmailMessage) -> str:
    """Both parts, decoded."""
    return "\n".join(part.get_content() for part in message.walk() if not part.is_multipart())


# ── once ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_sending_twice_sends_once(here: Place, home: Installation) -> None:
    """Everyone gets one copy, of their own, and the second ``send`` finds nothing to do."""
    first = send(home, SUNDAY, Clock())
    assert (states(first), first.send.state, first.problem) == ({"accepted": 3}, SendState.FINISHED, "")
    again = send(home, SUNDAY, Clock(NOW + HOUR))
    assert (states(again), dict(again.moved)) == ({"accepted": 3}, {})
    assert here.recipients() == sorted(READERS)
    assert [lint.findings(message.data) for message in here.inbox.messages] == [()] * 3
    assert len({_letter(message.data)["Message-ID"] for message in here.inbox.messages}) == 3
    assert len({_letter(message.data)["List-Unsubscribe"] for message in here.inbox.messages}) == 3


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_two_processes_at_once_send_once(here: Place, home: Installation) -> None:
    """A double click, or a person beside the scheduler: the ledger has one row for each, and one owner."""
    started = [process("--config", here.path, "send", str(SUNDAY), folder=here.folder) for _ in range(2)]
    ended = [(one.communicate(timeout=60), one.returncode) for one in started]
    assert [code for _, code in ended] == [0, 0], ended
    assert here.recipients() == sorted(READERS)
    assert states(sent(home, SUNDAY)) == {"accepted": 3}


def test_who_subscribes_later_gets_the_next_issue(here: Place, home: Installation) -> None:
    """The audience is written down when the send is asked for."""
    send(home, SUNDAY, Clock())
    here.subscribe("di@example.org")
    send(home, SUNDAY, Clock())
    assert here.recipients() == sorted(READERS)


def test_an_issue_without_readers_is_sent_to_nobody(tmp_path: Path) -> None:
    """And that send is over at once."""
    with installed(tmp_path) as place:
        place.blog.write("sluice", at=NOW)
        with place.opened() as home:
            result = send(home, published(home), Clock())
    assert (states(result), result.send.state) == ({}, SendState.FINISHED)


# ── copies ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_a_dry_run_touches_nothing_else(here: Place, home: Installation) -> None:
    """One .eml file for each reader; no row, no published file, no mail server knows of it."""
    before, tree = contents(home), here.tree()
    assert dry_run(home, SUNDAY, here.folder / "look", NOW) == 3
    assert sorted(str(letter["To"]) for letter in letters(here.folder / "look")) == sorted(READERS)
    assert contents(home) == before
    assert here.tree() == tree
    assert here.inbox.commands == ()


def test_a_dry_run_shows_what_is_sent_then(here: Place, home: Installation) -> None:
    """Apart from its date, and the mark that tells its row, the letter that an editor has looked at is the letter that leaves."""
    dry_run(home, SUNDAY, here.folder / "look", NOW)
    send(home, SUNDAY, Clock())
    looked = {str(letter["To"]): letter for letter in letters(here.folder / "look")}
    for message in here.inbox.messages:
        arrived = _letter(message.data)
        del arrived["X-Digest-Delivery"]
        assert arrived.as_bytes() == looked[message.recipient].as_bytes()


def test_a_test_copy_is_marked_and_leaves_the_ledger_alone(here: Place, home: Installation) -> None:
    """It goes to one address, says [Test], and its link unsubscribes nobody; the send is still to come."""
    before = contents(home)
    reply = sending.test_copy(home, SUNDAY, "ada@example.org", NOW)
    assert reply.startswith("250")
    assert contents(home) == before
    (copy,) = (_letter(message.data) for message in here.inbox.messages)
    assert copy["Subject"].startswith("[Test] ")
    send(home, SUNDAY, Clock())
    assert here.recipients() == sorted([*READERS, "ada@example.org"])


def test_nothing_leaves_before_mail_is_live(here: Place) -> None:
    """A send goes to a folder of .eml files and says so; it counts as sent, so that going live repeats nothing."""
    with here.opened() as home:
        published(home)
        url = home.settings.database.url
    here.configure(live="false", database=url)
    ran = here.done("send", SUNDAY)
    outbox = here.folder / "var" / "outbox"
    assert f"[mail] live is false, so mails are written to {outbox}" in ran.out
    assert sorted(str(letter["To"]) for letter in letters(outbox)) == sorted(READERS)
    assert here.done("send", SUNDAY, "--json").data["live"] is False
    here.configure(database=url)
    here.done("send", SUNDAY)
    assert here.inbox.commands == ()


# ── what each reader gets ────────────────────────────────────────────────────────────────────────


def test_readers_get_the_themes_they_chose(here: Place) -> None:
    """One who chose schools reads of schools; one whose theme has nothing this week gets no mail."""
    here.blog.write("bell", at=NOW, about="school")
    here.subscribe("di@example.org", themes="schools")
    here.configure(database=_database(here), sources='[[themes]]\nslug = "ships"\ntitle = "Ships"')
    here.subscribe("ed@example.org", themes="ships")
    with here.opened() as home:
        result = send(home, published(home), Clock())
    assert states(result) == {"accepted": 4, "nothing_for_them": 1}
    mails = {message.recipient: words_of(_letter(message.data)) for message in here.inbox.messages}
    assert "ed@example.org" not in mails
    assert "The sluice" in mails["ada@example.org"]
    assert "The bell" in mails["ada@example.org"]
    assert "The sluice" not in mails["di@example.org"]
    assert "The bell" in mails["di@example.org"]


def _database(here: Place) -> str:
    (line,) = re.findall(r'\[database\]\nurl = "(.*)"', here.path.read_text(encoding="utf-8"))
    return str(line)


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_the_unsubscribe_link_in_the_mail_works(here: Place, home: Installation) -> None:
    """Opening it changes nothing, for scanners open every link; one click ends it, and later issues stay away."""
    send(home, SUNDAY, Clock())
    mail = next(_letter(each.data) for each in here.inbox.messages if each.recipient == "bo@example.org")
    (address,) = re.findall(r"<(http[^>]*)>", mail["List-Unsubscribe"])
    assert address in words_of(mail)
    app = create_app(home.engine, home.settings, home.keys, home.templates, Clock())
    with serve(app, "127.0.0.1", 0) as base:
        link = address.replace(home.settings.publish.app_url.rstrip("/"), base)
        before = contents(home)
        assert requests.get(link, timeout=10).status_code == 200
        assert requests.head(link, timeout=10).status_code == 200
        assert contents(home) == before
        answer = requests.post(
            link, data={"List-Unsubscribe": "One-Click"}, timeout=10, allow_redirects=False
        )
        assert answer.status_code == 200
    here.blog.write("bell", at=NOW + HOUR)
    collect(home, Clock(NOW + 2 * HOUR), everything=True)
    second = draft(home, "weekly", NOW + 2 * HOUR).issue.id
    approve(home, second, NOW + 2 * HOUR)
    publish(home, second, NOW + 2 * HOUR)
    assert states(send(home, second, Clock(NOW + 2 * HOUR))) == {"accepted": 2}
    assert here.recipients().count("bo@example.org") == 1
    with here.opened() as restarted:
        here.subscribe("bo@example.org")  # an import subscribes nobody again who has left
        assert states(sent(restarted, second)) == {"accepted": 2}


# ── what the relay says ──────────────────────────────────────────────────────────────────────────


def saying(stage: Stage, reply: str, recipient: str) -> Replies:
    """A relay that gives this reply at that stage, to one recipient only."""

    def replies(at: Stage, envelope: Envelope) -> str | None:
        return reply if at is stage and envelope.recipients[-1:] == (recipient,) else None

    return replies


def test_greylisting_is_tried_again_later(here: Place, home: Installation) -> None:
    """4xx puts a row back with a time; before it nothing is tried, after it the same bytes arrive once."""
    here.inbox.replies = saying(Stage.RCPT, "451 4.7.1 come back later", "bo@example.org")
    result = send(home, SUNDAY, Clock())
    assert states(result) == {"accepted": 2, "queued": 1}
    assert result.next_try_at is not None
    assert timedelta(minutes=3) < result.next_try_at - NOW < timedelta(minutes=8)
    here.inbox.replies = None
    assert states(send(home, SUNDAY, Clock(NOW + timedelta(minutes=1)))) == {"accepted": 2, "queued": 1}
    assert states(send(home, SUNDAY, Clock(result.next_try_at))) == {"accepted": 3}
    assert here.recipients() == sorted(READERS)
    assert len({_letter(message.data)["Date"] for message in here.inbox.messages}) == 1


def test_a_refusal_is_final(here: Place, home: Installation) -> None:
    """5xx closes the row with the relay's words; the others are not kept back."""
    here.inbox.replies = saying(Stage.RCPT, "550 5.1.1 no such person", "bo@example.org")
    result = send(home, SUNDAY, Clock())
    assert (states(result), result.send.state) == ({"accepted": 2, "rejected": 1}, SendState.FINISHED)
    here.inbox.replies = None
    assert states(send(home, SUNDAY, Clock(NOW + 5 * HOUR))) == {"accepted": 2, "rejected": 1}


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
@pytest.mark.parametrize(("loss", "verdict", "copies"), [(KEEP_AND_DROP, "sent", 1), (DROP, "resend", 1)])
def test_a_doubt_waits_for_a_person(
    here: Place, home: Installation, loss: str, verdict: str, copies: int
) -> None:
    """The connection is lost after the dot: nobody knows. It is shown, never sent again by itself, and settled by hand."""
    here.inbox.replies = saying(Stage.BODY, loss, "bo@example.org")
    assert states(send(home, SUNDAY, Clock())) == {"accepted": 2, "in_doubt": 1}
    here.inbox.replies = None
    assert states(send(home, SUNDAY, Clock(NOW + HOUR))) == {"accepted": 2, "in_doubt": 1}
    shown = here.done("show", SUNDAY)
    assert f"digest settle {SUNDAY} bo@example.org sent|resend" in shown.out
    assert here.done("show", SUNDAY, "--json").data["in_doubt"] == ["bo@example.org"]
    settle(home, SUNDAY, "bo@example.org", NOW + HOUR, was_sent=verdict == "sent")
    result = send(home, SUNDAY, Clock(NOW + HOUR))
    assert (states(result), result.send.state) == ({"accepted": 3}, SendState.FINISHED)
    assert here.recipients().count("bo@example.org") == copies
    with pytest.raises(NotFoundError, match=r"No message of .* to bo@example.org is in doubt"):
        settle(home, SUNDAY, "bo@example.org", NOW + HOUR, was_sent=True)


# ── a person's hand on it ────────────────────────────────────────────────────────────────────────


def test_a_paused_send_goes_on_where_it_was(here: Place, home: Installation) -> None:
    """Pausing keeps what was put off; only resuming lets ``send`` go on."""
    here.inbox.replies = lambda stage, _: "451 4.3.0 busy" if stage is Stage.RCPT else None
    assert states(send(home, SUNDAY, Clock())) == {"queued": 3}
    assert pause(home, SUNDAY, NOW, "a wrong name").send.why == "a wrong name"
    here.inbox.replies = None
    with pytest.raises(DigestError, match=rf"paused \(a wrong name\); let it go on: digest resume {SUNDAY}"):
        send(home, SUNDAY, Clock(NOW + HOUR))
    assert resume(home, SUNDAY, NOW).send.state is SendState.RUNNING
    assert states(send(home, SUNDAY, Clock(NOW + HOUR))) == {"accepted": 3}
    with pytest.raises(DigestError, match="finished already"):
        pause(home, SUNDAY, NOW)


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_a_cancelled_send_is_over(here: Place, home: Installation) -> None:
    """What was accepted stays accepted, what was queued never leaves."""
    here.inbox.replies = saying(Stage.RCPT, "451 4.7.1 later", "bo@example.org")
    send(home, SUNDAY, Clock())
    assert states(cancel(home, SUNDAY, NOW)) == {"accepted": 2, "cancelled": 1}
    here.inbox.replies = None
    with pytest.raises(DigestError, match="was cancelled; it is not sent again"):
        send(home, SUNDAY, Clock(NOW + HOUR))
    with pytest.raises(DigestError, match="cancelled already"):
        resume(home, SUNDAY, NOW)
    assert "bo@example.org" not in here.recipients()


def test_what_is_late_is_not_sent(here: Place, home: Installation) -> None:
    """After ``expires_hours`` a queued row is closed: nobody reads last week's news as new."""
    here.inbox.replies = saying(Stage.RCPT, "451 4.7.1 later", "bo@example.org")
    send(home, SUNDAY, Clock())
    here.inbox.replies = None
    late = send(home, SUNDAY, Clock(NOW + 25 * HOUR))
    assert (states(late), late.send.state) == ({"accepted": 2, "expired": 1}, SendState.FINISHED)
    assert late.counts[DeliveryState.EXPIRED] == 1
