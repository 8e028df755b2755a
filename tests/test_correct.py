"""The verb ``correct``: what readers see, what mail that is still to leave becomes, and who is written to again."""

from __future__ import annotations

import email
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Event, Thread

import feedparser
import pytest
from sqlalchemy import text

from digest import store
from digest.assemble.editing import Change
from digest.demo.conversation import Envelope, Replies, Stage
from digest.errors import DigestError, TemplateError, TooEarlyError, VerbatimError
from digest.model import IssueId, SendState, Settlement
from digest.pipeline.drafts.draft import draft
from digest.pipeline.drafts.editing import edit
from digest.pipeline.installation import Installation
from digest.pipeline.issues.correct import Corrected, correct, mail_correction
from digest.pipeline.issues.publish import approve, publish
from digest.pipeline.mail.send import Sent, send, sent
from digest.pipeline.mail.steering import cancel, pause, resume
from digest.pipeline.posts.collect import collect
from digest.schedule import advance
from digest.store.database import reading, transaction
from installation import NOW, Clock, Place, installed_for

SUNDAY = IssueId("weekly", date(2026, 11, 22))
NEXT = IssueId("weekly", date(2026, 11, 29))
HOUR = timedelta(hours=1)
READERS = ("ada@example.org", "bo@example.org", "cy@example.net")
WEIR = "https://hollin.test/weir"
NOTE = "The mill stands in Hollin, not in Weir."
NEW = Change(title="By the mill in Hollin", subject="By the mill in Hollin")


@pytest.fixture
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """On SQLite, and on the database of a test that uses ``database_url``."""
    with installed_for(request, tmp_path) as place:
        place.blog.write("sluice", "weir", at=NOW)
        place.subscribe(*READERS)
        one = "timeout_seconds = 5\nconnections = 1\n"  # so that a test knows which row is in hand
        place.path.write_text(place.path.read_text().replace("timeout_seconds = 5\n", one, 1))
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    """An installation with a published issue."""
    with here.opened() as installation:
        collect(installation, Clock(), everything=True)
        draft(installation, "weekly", NOW)
        approve(installation, SUNDAY, NOW)
        publish(installation, SUNDAY, NOW)
        yield installation


def entry(here: Place) -> feedparser.FeedParserDict:
    """The issue's entry in the feed."""
    found = feedparser.parse((here.feeds / "weekly/atom.xml").read_bytes())
    assert len(found.entries) == 1
    return found.entries[0]


def page(here: Place) -> str:
    return (here.feeds / "weekly/2026-11-22/index.html").read_text()


def states(result: Sent) -> dict[str, int]:
    return {state.value: count for state, count in result.counts.items() if count}


def subjects(here: Place) -> dict[str, list[str]]:
    """The subjects of all mails that somebody got, by address, in the order in which they came."""
    found: dict[str, list[str]] = {}
    for message in here.inbox.messages:
        found.setdefault(message.recipient, []).append(str(mail(message.data)["Subject"]))
    return found


def mail(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def later(*addresses: str) -> Replies:
    """A relay that puts these addresses off."""
    return lambda stage, to: (
        "451 4.7.1 later" if stage is Stage.RCPT and to.recipients[-1] in addresses else None
    )


# ── what readers see ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_a_correction_shows_on_page_and_feed_and_mails_nobody(here: Place, home: Installation) -> None:
    """The same id, a later ``updated``, the same ``published``, and a note with its date."""
    send(home, SUNDAY, Clock())
    before, written = entry(here), len(here.inbox.messages)
    done = correct(home, SUNDAY, NEW, NOTE, NOW + HOUR)
    after = entry(here)
    assert (done.issue.version, done.issue.document.number, done.mailed) == (2, 1, 0)
    assert (after.id, after.published, after.title) == (before.id, before.published, NEW.title)
    assert (before.updated, after.updated) == ("2026-11-20T08:00:00+00:00", "2026-11-20T09:00:00+00:00")
    told = f"Corrected on November 20, 2026: {NOTE}"
    assert told in page(here)
    assert told in after.content[0].value
    assert {"weekly/2026-11-22/index.html", "weekly/atom.xml"} <= set(done.written)
    assert send(home, SUNDAY, Clock(NOW + HOUR)).moved == {}
    assert len(here.inbox.messages) == written


def test_a_correction_is_a_version_beside_the_one_of_before(home: Installation) -> None:
    """What was published is kept as it was; the new one says what it corrects."""
    with reading(home.engine) as connection:
        first = store.issues.version(connection, SUNDAY)
    correct(home, SUNDAY, NEW, NOTE, NOW + HOUR)
    with reading(home.engine) as connection:
        assert store.issues.version(connection, SUNDAY, 1) == first
        second = store.issues.version(connection, SUNDAY)
        told = store.issues.edits(connection, SUNDAY)[-1].changes
    assert (second.number, second.correction, second.frozen_at) == (2, NOTE, NOW + HOUR)
    assert any("By the mill in Hollin" in sentence for sentence in told)


def test_the_note_is_in_the_language_of_the_digest(here: Place) -> None:
    """With the date as that language writes it."""
    here.configure(digest='language = "de"')
    issue = here.published()
    here.done("correct", issue, "--note", "Die Mühle steht in Hollin.")
    assert "Berichtigt am " in (here.feeds / issue / "index.html").read_text()


def test_a_post_that_a_correction_takes_out_or_in_is_settled_so(here: Place, home: Installation) -> None:
    """Left for later it is open again; taken out for good it is in no issue; taken in it is not in the next one."""
    correct(home, SUNDAY, Change(later=[WEIR]), "The weir comes next week.", NOW + HOUR)
    assert [pick.url for pick in draft(home, "weekly", NOW + HOUR).issue.document.picks] == [WEIR]
    correct(home, SUNDAY, Change(add=[WEIR]), "The weir is here after all.", NOW + 2 * HOUR)
    assert draft(home, "weekly", NOW + 2 * HOUR).issue.document.picks == ()
    correct(home, SUNDAY, Change(drop=[WEIR]), "The weir is gone for good.", NOW + 3 * HOUR)
    assert draft(home, "weekly", NOW + 3 * HOUR).issue.document.picks == ()
    with reading(home.engine) as connection:
        decided = Counter(connection.execute(text("SELECT settlement FROM settlements")).scalars())
    assert decided == {Settlement.PICKED: 1, Settlement.DROPPED: 1}
    assert page(here).count("Corrected on ") == 4  # three notes, and the date at its head


def test_a_quote_that_is_not_in_its_source_blocks_a_correction(here: Place, home: Installation) -> None:
    """Everything is as it was: the issue, the tree, and a send that was running goes on."""
    here.inbox.replies = later("bo@example.org")
    send(home, SUNDAY, Clock())
    with transaction(home.engine) as connection:
        connection.execute(text("UPDATE revisions SET text = 'other words'"))
    before = here.tree()
    with pytest.raises(VerbatimError, match="is not in revision 1"):
        correct(home, SUNDAY, NEW, NOTE, NOW + HOUR)
    assert (home.issue(SUNDAY).version, here.tree()) == (1, before)
    assert sent(home, SUNDAY).send.state is SendState.RUNNING


def test_a_template_with_a_mistake_blocks_a_correction(here: Place) -> None:
    """It is found before anything is stored."""
    own = here.folder / "own"
    (own / "page").mkdir(parents=True)
    here.configure(publish=f'templates_dir = "{own.as_posix()}"')
    issue = here.published()
    (own / "page/issue.html.j2").write_text("{{ nothing.like.that }}")
    with here.opened() as home:
        before = home.issue(IssueId.parse(issue))
        with pytest.raises(TemplateError, match=r"issue\.html\.j2"):
            correct(home, before.id, NEW, NOTE, NOW + HOUR)
        assert home.issue(before.id) == before


def test_a_correction_whose_mail_could_not_leave_is_refused(here: Place) -> None:
    """As an approval is: before anything is stored, and with the reason."""
    own = here.folder / "own"
    (own / "email").mkdir(parents=True)
    here.configure(publish=f'templates_dir = "{own.as_posix()}"')
    issue = here.published()
    (own / "email/foot.mjml.j2").write_text("<mj-nothing>{{ postal }}</mj-nothing>")
    with here.opened() as home:
        before = home.issue(IssueId.parse(issue))
        with pytest.raises(TemplateError, match=r"foot\.mjml\.j2"):
            correct(home, before.id, NEW, NOTE, NOW + HOUR)
        assert home.issue(before.id) == before


def test_what_is_not_published_is_edited_and_not_corrected(here: Place, home: Installation) -> None:
    """And two editors do not overwrite each other."""
    here.blog.write("ferry", at=NOW)
    collect(home, Clock(), everything=True)
    draft(home, "weekly", NOW)
    with pytest.raises(TooEarlyError, match=f"digest edit {NEXT}"):
        correct(home, NEXT, NEW, NOTE, NOW)
    correct(home, SUNDAY, NEW, NOTE, NOW, seen=0)
    with pytest.raises(DigestError, match="changed by somebody else: you have seen edit 0"):
        correct(home, SUNDAY, NEW, NOTE, NOW, seen=0)
    with pytest.raises(DigestError, match="digest correct"):
        edit(home, SUNDAY, NEW, NOW)


# ── mail that is still to leave ──────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_those_still_queued_get_the_corrected_version(here: Place, home: Installation) -> None:
    """Who has it keeps what they have; the relay that was busy gets the new one, with its note."""
    here.inbox.replies = later("bo@example.org")
    assert states(send(home, SUNDAY, Clock())) == {"accepted": 2, "queued": 1}
    here.inbox.replies = None
    old = home.issue(SUNDAY).document.subject
    correct(home, SUNDAY, NEW, NOTE, NOW + HOUR)
    assert states(send(home, SUNDAY, Clock(NOW + HOUR))) == {"accepted": 3}
    assert subjects(here) == {
        "ada@example.org": [old],
        "bo@example.org": [NEW.subject],
        "cy@example.net": [old],
    }
    letter = next(found for found in here.inbox.messages if found.recipient == "bo@example.org")
    body = mail(letter.data).get_body(("plain",))
    assert body is not None
    assert NOTE in " ".join(str(body.get_content()).split())


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_no_message_of_the_old_version_is_begun_after(here: Place, home: Installation) -> None:
    """A sender in the middle of its run, which has rows in hand, changes over between two messages."""
    old = home.issue(SUNDAY).document.subject
    corrected, asked = Event(), Event()

    def once_asked(stage: Stage, to: Envelope) -> str | None:
        if stage is Stage.RCPT and to.recipients[-1] == "bo@example.org" and not corrected.is_set():
            asked.set()  # bo's row is claimed, and its old letter made
            corrected.wait(30)
        return None

    here.inbox.replies = once_asked
    sending = Thread(target=send, args=(home, SUNDAY, Clock()), kwargs={"patience": timedelta()})
    sending.start()
    assert asked.wait(30)
    correct(home, SUNDAY, NEW, NOTE, NOW)
    corrected.set()
    sending.join(60)
    send(home, SUNDAY, Clock())
    assert subjects(here) == {
        "ada@example.org": [old],
        "bo@example.org": [NEW.subject],
        "cy@example.net": [NEW.subject],
    }


def test_a_send_that_a_person_paused_stays_paused(here: Place, home: Installation) -> None:
    """And gives out the corrected version once they let it go on."""
    here.inbox.replies = later(*READERS)
    send(home, SUNDAY, Clock())
    here.inbox.replies = None
    pause(home, SUNDAY, NOW, "a wrong name")
    correct(home, SUNDAY, NEW, NOTE, NOW)
    assert sent(home, SUNDAY).send.why == "a wrong name"
    resume(home, SUNDAY, NOW)
    send(home, SUNDAY, Clock(NOW + HOUR))
    assert subjects(here) == {address: [NEW.subject] for address in READERS}


def test_readers_for_whom_nothing_is_left_get_nothing(here: Place, home: Installation) -> None:
    """A correction may take out all that somebody chose."""
    here.subscribe("dan@example.org", themes="water")
    here.inbox.replies = later("dan@example.org")
    send(home, SUNDAY, Clock())
    here.inbox.replies = None
    everything = [pick.url for pick in home.issue(SUNDAY).document.picks]
    here.blog.write("school", at=NOW, about="school")
    collect(home, Clock(), everything=True)
    only_school = Change(add=["https://hollin.test/school"], later=everything)
    correct(home, SUNDAY, only_school, "Water comes next week.", NOW)
    assert states(send(home, SUNDAY, Clock(NOW + HOUR))) == {"accepted": 3, "nothing_for_them": 1}
    assert "dan@example.org" not in here.recipients()


# ── mailed again ─────────────────────────────────────────────────────────────────────────────────


def mailed(home: Installation, now: timedelta = HOUR) -> Corrected:
    return correct(home, SUNDAY, NEW, NOTE, NOW + now, mail=True)


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_who_has_the_old_version_is_mailed_once_and_only_if_asked(here: Place, home: Installation) -> None:
    """Exactly those whose mail was accepted; not who came since, nor who was refused, nor who left."""
    here.inbox.replies = lambda stage, to: (
        "550 5.1.1 nobody" if stage is Stage.RCPT and to.recipients[-1].startswith("bo@") else None
    )
    send(home, SUNDAY, Clock())
    here.inbox.replies = None
    here.subscribe("late@example.org")
    assert mailed(home).mailed == 2
    with transaction(home.engine) as connection:
        store.audience.unsubscribe(connection, 3, "weekly", NOW + HOUR)
    result = send(home, SUNDAY, Clock(NOW + HOUR))
    assert (states(result), result.send.state) == (
        {"accepted": 3, "rejected": 1, "cancelled": 1},
        SendState.FINISHED,
    )
    got = subjects(here)
    assert {address: len(found) for address, found in got.items()} == {
        "ada@example.org": 2,
        "cy@example.net": 1,
    }
    assert got["ada@example.org"][1] == NEW.subject
    assert mail_correction(home, SUNDAY, NOW + HOUR).mailed == 0
    assert send(home, SUNDAY, Clock(NOW + 2 * HOUR)).moved == {}


def test_the_corrected_copy_is_a_message_of_its_own(here: Place, home: Installation) -> None:
    """Under the Message-ID of the first one many mailboxes would drop it; it is dated by the correction."""
    send(home, SUNDAY, Clock())
    mailed(home)
    send(home, SUNDAY, Clock(NOW + HOUR))
    adas = [mail(found.data) for found in here.inbox.messages if found.recipient == "ada@example.org"]
    assert len({str(found["Message-ID"]) for found in adas}) == 2
    assert [str(found["Date"])[:25] for found in adas] == [
        "Fri, 20 Nov 2026 08:00:00",
        "Fri, 20 Nov 2026 09:00:00",
    ]


def test_it_may_be_asked_for_afterwards(here: Place, home: Installation) -> None:
    """``--mail`` alone; of two corrections the newest is mailed, and nobody gets two."""
    with pytest.raises(DigestError, match="was never corrected"):
        mail_correction(home, SUNDAY, NOW)
    send(home, SUNDAY, Clock())
    correct(home, SUNDAY, NEW, NOTE, NOW)
    correct(home, SUNDAY, Change(subject="Again"), "The river is the Ald.", NOW + HOUR)
    assert "3 who have it get version 3" in here.done("correct", SUNDAY, "--mail").out
    assert "no mail is queued" in here.done("correct", SUNDAY, "--mail").out
    here.done("send", SUNDAY)
    assert {tuple(found[1:]) for found in subjects(here).values()} == {("Again",)}


def test_a_third_version_reaches_who_waits_for_the_second(here: Place, home: Installation) -> None:
    """A mail of a correction that is still queued is bound to the next one: two mails in all, not three."""
    send(home, SUNDAY, Clock())
    mailed(home)
    correct(home, SUNDAY, Change(subject="Again"), "The river is the Ald.", NOW + HOUR, mail=True)
    assert states(send(home, SUNDAY, Clock(NOW + HOUR))) == {"accepted": 6}
    assert {tuple(found[1:]) for found in subjects(here).values()} == {("Again",)}


def test_digest_run_sends_it(here: Place, home: Installation) -> None:
    """Even long after the issue: a correction has its own time, after which it is too late."""
    send(home, SUNDAY, Clock())
    mailed(home, 72 * HOUR)
    advance(home, home.digest("weekly"), Clock(NOW + 73 * HOUR), Event())
    assert copies(here) == dict.fromkeys(READERS, 2)
    mail_again = Change(subject="Again")
    correct(home, SUNDAY, mail_again, "The river is the Ald.", NOW + 74 * HOUR, mail=True)
    advance(home, home.digest("weekly"), Clock(NOW + 99 * HOUR), Event())
    assert copies(here) == dict.fromkeys(READERS, 2)


def test_a_cancelled_send_is_corrected_for_those_it_reached(here: Place, home: Installation) -> None:
    """The others still get nothing."""
    here.inbox.replies = later("bo@example.org")
    send(home, SUNDAY, Clock())
    here.inbox.replies = None
    cancel(home, SUNDAY, NOW)
    assert mailed(home).mailed == 2
    send(home, SUNDAY, Clock(NOW + HOUR))
    assert "bo@example.org" not in here.recipients()
    assert len(here.recipients()) == 4


# ── a crash in the middle ────────────────────────────────────────────────────────────────────────


class PowerCutError(BaseException):
    """The machine is gone; nothing of ours can catch it."""


def cut_after(messages: int, here: Place) -> Callable[[], object]:
    """A clock that dies once so many messages are accepted: between two steps of a sender."""

    def clock() -> object:
        if len(here.inbox.messages) >= messages:
            raise PowerCutError
        return NOW + HOUR

    return clock


@pytest.mark.parametrize("messages", [3, 4, 5])
def test_a_crash_repeats_no_correction(here: Place, home: Installation, messages: int) -> None:
    """Whatever is done again afterwards, nobody has two of them; a doubt waits for a person."""
    crash_and_repeat(here, home, messages)
    result = send(home, SUNDAY, Clock(NOW + 2 * HOUR))
    assert max(copies(here).values()) == 2
    assert states(result).get("in_doubt", 0) <= 1
    assert sum(copies(here).values()) == 6


def test_control_without_the_ledger_a_crash_makes_a_second_copy(here: Place, home: Installation) -> None:
    """The test above can fail: where the rows are forgotten, somebody gets the correction twice."""
    crash_and_repeat(here, home, 5, forget=True)
    send(home, SUNDAY, Clock(NOW + 2 * HOUR))
    assert max(copies(here).values()) == 3


def crash_and_repeat(here: Place, home: Installation, messages: int, *, forget: bool = False) -> None:
    send(home, SUNDAY, Clock())
    mailed(home)
    with pytest.raises(PowerCutError):
        send(home, SUNDAY, cut_after(messages, here))  # type: ignore[arg-type]
    if forget:
        with transaction(home.engine) as connection:
            connection.execute(text("DELETE FROM deliveries WHERE version <> 1"))
    mail_correction(home, SUNDAY, NOW + HOUR)


def copies(here: Place) -> Counter[str]:
    return Counter(here.recipients())


# ── the command ──────────────────────────────────────────────────────────────────────────────────


def test_the_command_takes_what_edit_takes_and_a_note(here: Place, home: Installation) -> None:
    """Without a note it says how to write one; nothing is changed then."""
    refused = here.digest("correct", SUNDAY, "--title", "Other")
    assert (refused.code, "say what is corrected" in refused.err) == (2, True)
    assert home.issue(SUNDAY).version == 1
    ran = here.done("correct", SUNDAY, "--title", "By hand", "--blurb", f"{WEIR}=Water.", "--note", NOTE)
    assert ran.out == f"{SUNDAY} is corrected: version 2 is on its page and in the feeds.\n"
    data = here.done("correct", SUNDAY, "--subject", "Once more", "--note", "A comma.", "--json").data
    assert (data["version"], data["mailed"]) == (3, 0)
    assert "Water." in page(here)
