"""The desk as its editors see it, on the demo: its pages on a phone and a desk, in the light and in the dark, and their mail."""

from __future__ import annotations

import email.policy
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from itertools import product
from pathlib import Path
from threading import Event
from typing import Literal

from playwright.sync_api import Browser, StorageState
from screenshots.camera import Shot, take

from digest.demo import job
from digest.demo.conversation import KEEP_AND_DROP, Envelope, Stage
from digest.model import IssueId
from digest.pipeline.drafts.extra import Wishes, draft_extra
from digest.pipeline.editors import sending
from digest.pipeline.editors.editor_mail import REPORT_AFTER, tell_editors
from digest.pipeline.installation import Installation
from digest.pipeline.issues import publish
from digest.pipeline.mail import outbox
from digest.pipeline.mail import send as sends
from digest.pipeline.readers.audience import add_subscriber

WIDTHS = {390: 844, 1440: 900}  # pixels: width and height
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PEOPLE, REFUSED = 240, ("reader17", "reader101", "reader180")
_INTRODUCTION = (
    "Four conversations this week about who keeps what everybody needs: the river, the schools, the records."
)


class _Ticking:
    """A clock that goes on by a little whenever it is looked at, so that a send takes its time."""

    def __init__(self) -> None:
        self.now, self.step = datetime(2026, 11, 20, 8, 0, tzinfo=UTC), timedelta(0)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def desk(opened: Browser, folder: Path, is_wanted: Callable[[str], bool]) -> Iterator[Path]:
    """Take the pictures that are wanted, by name; the demo goes on between them, from a draft to the report of its send."""
    clock = _Ticking()
    with tempfile.TemporaryDirectory() as home, job.run(Path(home), clock) as running:
        here = running.installation
        draft = _draft(here, clock)
        root = running.done.desk.partition("demo/")[0]
        with _signed_in(opened, running.done.desk) as state:
            for name, path in _before(here, draft).items():
                yield from _taken(opened, folder, state, f"desk-{name}", root + path, is_wanted)
            tell_editors(here, clock())
            publish.approve(here, draft, clock())
            yield from _taken(opened, folder, state, "desk-preflight", f"{root}send/{draft}", is_wanted)
            _send(here, draft, running.inbox, clock)
            for name, path in _after(draft).items():
                yield from _taken(opened, folder, state, f"desk-{name}", root + path, is_wanted)
        clock.now += REPORT_AFTER
        yield from _mails(opened, folder, running, clock, is_wanted)


def _draft(here: Installation, clock: _Ticking) -> IssueId:
    """A draft of all that the demo found, for more people than the demo has."""
    published = here.issue(IssueId("weekly", clock().date()))
    posts = [pick.post for pick in published.document.picks]
    for number in range(PEOPLE):
        add_subscriber(
            here, f"reader{number}@place{number % 7}.example.org", "weekly", (), "the fair", clock()
        )
    wishes = Wishes(posts=posts, introduction=_INTRODUCTION)
    return draft_extra(here, "weekly", "autumn", wishes, clock()).issue.id


def _before(here: Installation, draft: IssueId) -> Mapping[str, str]:
    post = max(here.issue(draft).document.picks, key=lambda pick: len(pick.quotes)).post
    return {
        "sign-in": "sign-in?to=me",
        "today": "",
        "issue": f"issue/{draft}",
        "pick": f"issue/{draft}/pick/{post}",
        "sources": "sources",
        "source": "sources/sample-blog",
        "subscribers": "subscribers",
        "subscriber": "subscribers/1",
        "themes": "themes",
        "theme": "themes/water-climate",
        "editors": "editors",
        "settings": "settings",
        "me": "me",
    }


def _after(draft: IssueId) -> Mapping[str, str]:
    return {
        "today-in-doubt": "",
        "send": f"send/{draft}",
        "deliveries": f"deliveries/{draft}",
        "doubt": f"deliveries/{draft}?state=in_doubt",
        "log": "log",
        "bounces": "bounces",
    }


def _send(here: Installation, draft: IssueId, inbox: job.Inbox, clock: _Ticking) -> None:
    """Publish and send it, to a relay that refuses some and once hangs up before it answers."""
    lost: list[str] = []

    def reply(stage: Stage, envelope: Envelope) -> str | None:
        recipient = envelope.recipients[-1] if envelope.recipients else ""
        if stage is Stage.RCPT and recipient.partition("@")[0] in REFUSED:
            return "550 5.1.1 There is no such mailbox here"
        if stage is Stage.BODY and recipient.startswith("reader") and not lost:
            lost.append(recipient)
            return KEEP_AND_DROP
        return None

    inbox.replies = reply
    publish.publish(here, draft, clock())
    sends.request(here, draft, clock())
    clock.now, clock.step = clock.now + sending.UNDO, timedelta(seconds=1)
    sends.send(here, draft, clock)
    clock.step, inbox.replies = timedelta(0), None


@contextmanager
def _signed_in(opened: Browser, link: str) -> Iterator[StorageState]:
    """The cookies of whoever presses the demo's button."""
    with opened.new_context() as context:
        tab = context.new_page()
        tab.goto(link)
        tab.get_by_role("button").click()
        yield context.storage_state()


def _taken(
    opened: Browser, folder: Path, state: StorageState, name: str, url: str, is_wanted: Callable[[str], bool]
) -> Iterator[Path]:
    for (width, height), scheme in product(WIDTHS.items(), SCHEMES):
        shot = f"{name}-{width}{'-dark' if scheme == 'dark' else ''}"
        if not is_wanted(shot):
            continue
        size = {"width": width, "height": height}
        with opened.new_context(storage_state=state, viewport=size, color_scheme=scheme) as context:  # type: ignore[arg-type]
            tab = context.new_page()
            tab.goto(url)
            tab.wait_for_timeout(300)  # milliseconds, until its frames are drawn
            tab.screenshot(path=folder / f"{shot}.png", full_page=True)
        yield folder / f"{shot}.png"


def _mails(
    opened: Browser, folder: Path, running: job.Running, clock: _Ticking, is_wanted: Callable[[str], bool]
) -> Iterator[Path]:
    """What editors are mailed: that a draft is ready, and what became of a send; the newest of each subject."""
    tell_editors(running.installation, clock())
    outbox.send(running.installation, clock, Event())
    theirs = [each.data for each in running.inbox.messages if each.recipient.startswith("editor@")]
    mails = [message_from_bytes(data, policy=email.policy.default) for data in theirs]
    for number, mail in enumerate({str(mail["Subject"]): mail for mail in mails}.values(), 1):
        body = mail.get_body(("html",))
        for width, scheme in product(WIDTHS, SCHEMES):
            name = f"editor-mail-{number}-{width}{'-dark' if scheme == 'dark' else ''}"
            if body and is_wanted(name):
                yield take(opened, Shot(name, body.get_content(), width, scheme), folder)
