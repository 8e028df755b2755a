"""An installation in which everybody attacks: a blog, an editor, readers, the relay, and who sends bounces."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import requests
from starlette.types import ASGIApp

import bounce_samples
import loopback
from desk import Browser, Desk, desk_of
from desk_pages import addresses
from digest import store
from digest.demo.conversation import KEEP_AND_DROP, Envelope, Stage
from digest.model import Errand, Issue, IssueId, Role
from digest.net.http import Fetcher
from digest.pipeline.drafts import draft
from digest.pipeline.editors import sending, signing
from digest.pipeline.editors.editor_mail import tell_editors
from digest.pipeline.installation import Installation
from digest.pipeline.mail.bounces import take
from digest.pipeline.mail.send import send
from digest.pipeline.posts import collect
from digest.pipeline.readers.audience import add_subscriber, suppress
from digest.store.database import reading
from digest.tokens import unsubscribe_url
from digest.web.app import create_app
from digest.web.desk.app import create_desk
from digest.web.frames import FRAMES
from digest.web.server import serve
from hostile_posts import batches, feed
from installation import NOW, Place, installed
from watching import Unguarded
from xss import Vector

SUNDAY = IssueId.parse("weekly/2026-11-22")
SKIPPED = IssueId.parse("daily/2026-11-20")
LOST = 1  # the reader of whose mail nobody knows
BESIDE = """
[[digests]]
slug = "daily"
title = {title}
description = {title}
days = ["friday"]
at = "18:00"
zone = "UTC"

[[themes]]
slug = "odd"
title = {title}
description = {title}
terms = [{title}, "mill"]
"""


@dataclass
class Besieged:
    """The desk, and the whole application at ``home``, with an editor in ``browser``."""

    place: Place
    desk: Desk
    home: str  # with a slash at its end, and without a Content-Security-Policy
    guarded: str  # the same application as it is
    groups: Sequence[Sequence[Vector]]

    @property
    def issue(self) -> Issue:
        return self.desk.installation.issue(SUNDAY)

    @cached_property
    def browser(self) -> Browser:
        """An editor with every role, whose name is an attack."""
        browser = Browser(f"{self.home}desk/", self.desk.browser(*Role).session)
        name = " ".join(each.words for each in self.groups[0][:4])
        signing.change_editor(self.desk.installation, "mira@hollin.test", self.desk.clock(), name=name)
        return browser

    def pages(self) -> list[str]:
        """Every page of the desk, below ``home``, and what they show where they are asked for odd things."""
        editor = signing.editor_of(self.desk.installation, "mira@hollin.test")
        link = signing.link(
            self.desk.installation, editor, Errand.CHOOSE, timedelta(days=1), self.desk.clock()
        )
        odd = requests.compat.quote(self.groups[0][0].text, safe="")
        values: Mapping[str, Sequence[str]] = {
            "digest": ["weekly"],
            "edition": [str(SUNDAY).partition("/")[2]],
            "post": [pick.post for pick in self.issue.document.picks],
            "slug": ["hollin"],
            "number": ["1"],
            "/themes/{slug}": ["themes/water", "themes/odd"],
            "secret": [link.rpartition("/")[2]],
            "/issue/{digest}/{edition}?": [
                f"issue/{SKIPPED}",
                f"issue/{SUNDAY}?{odd}",
                f"issue/weekly/{odd}",
            ],
            "/issue/{digest}/{edition}/proof/pictures/{name}": [],
            "/issue/{digest}/{edition}/proof/{name}": [f"issue/{SUNDAY}/proof/{name}" for name in FRAMES],
            "/deliveries/{digest}/{edition}?": [
                f"deliveries/{SUNDAY}?address={odd}",
                f"deliveries/{SUNDAY}?state={odd}",
                f"deliveries/{SUNDAY}?state=in_doubt",
            ],
            "/sign-in?": [f"sign-in?to={odd}", "sign-in?to=javascript:ran(1)"],
            "/prove?": [f"prove?to={odd}"],
            "/sources/{slug}?": [f"sources/{odd}"],
            "/subscribers?": [
                "subscribers?state=suppressed",
                f"subscribers?address={odd}&digest={odd}&state={odd}",
            ],
            "/subscribers/{number}?": [f"subscribers/{odd}"],
            "/log?": [f"log?who={odd}&action={odd}&subject={odd}", f"log?since={odd}"],
            "/?": [odd],
        }
        application = create_desk(self.desk.installation, self.desk.clock)
        return [f"desk/{path}" for path in addresses(application, values)]

    def readers_pages(self) -> list[str]:
        """What readers can open, below ``home``."""
        with reading(self.desk.installation.engine) as connection:
            reader = next(iter(store.audience.subscriptions(connection)))
        theirs = unsubscribe_url("x", self.desk.installation.keys, "weekly", reader.subscriber).removeprefix(
            "x/"
        )
        return [
            "s/",
            "s/weekly",
            "s/daily",
            "s/weekly/form",
            theirs,
            *(f"{theirs}/{page}" for page in ("themes", "pause", "you")),
        ]

    def published(self) -> list[str]:
        """Every document of the tree, below ``home``."""
        found = [
            path for path in self.place.tree() if path.endswith((".html", ".xml", ".json", ".opml", ".txt"))
        ]
        return [f"feeds/{path}" for path in found]


@contextmanager
def besieged(
    folder: Path, vectors: Sequence[Vector], size: int, templates: Path | None = None
) -> Iterator[Besieged]:
    """A published and sent issue of ``vectors``, ``size`` of them in each post; ``templates`` override ours."""
    groups = list(batches(vectors, size))
    body = feed(groups, NOW - timedelta(hours=1))
    title = json.dumps(" ".join(each.words for each in groups[-1][:3]).replace("\n", " "))

    def answer(request: loopback.Request) -> None:
        request.send(loopback.response(body, content_type="application/atom+xml"))

    with installed(folder) as place, loopback.serve(answer) as blog:
        place.configure(
            feed=blog.url("/feed"),
            endpoint=blog.endpoint,
            digest="max_picks = 200\nexpires_hours = 240",
            sources=BESIDE.format(title=title),
            publish=f'templates_dir = "{templates}"' if templates else "",
        )
        with desk_of(place) as desk:
            desk.installation = _staying_here(desk.installation)
            whole = _application(desk)
            with serve(Unguarded(whole), "127.0.0.1", 0) as home, serve(whole, "127.0.0.1", 0) as guarded:
                found = Besieged(place, desk, f"{home}/", f"{guarded}/", groups)
                _live_through(found)
                yield found


def _staying_here(installation: Installation) -> Installation:
    """Without the pictures of videos: their platform is not asked."""
    nowhere = Fetcher(installation.settings.collect.allow, ports=())
    return replace(installation, gallery=replace(installation.gallery, fetcher=nowhere))


def _application(desk: Desk) -> ASGIApp:
    here = desk.installation
    whole = create_app(
        here.engine, here.settings, here.keys, here.templates, desk.clock, here.resources.strings
    )
    whole.mount("/desk", create_desk(here, desk.clock))
    return whole


def _live_through(found: Besieged) -> None:
    """From the draft to the last bounce, each with its share of the vectors."""
    here, clock = found.desk.installation, found.desk.clock
    assert all(polled.ok for polled in collect.collect(here, clock))
    for slug in ("weekly", "daily"):
        draft.draft(here, slug, clock())
    for number, group in enumerate(found.groups):
        add_subscriber(
            here, f"reader{number}@hollin.test", "weekly", (), " ".join(each.words for each in group), clock()
        )
        suppress(here, f"gone{number}@hollin.test", group[0].words, clock())
    _edit(found)
    tell_editors(here, clock())
    _send(found)
    for number, group in enumerate(found.groups):
        status = bounce_samples.status(
            "failed", "5.1.1", f"550 5.1.1 {_line(group[0])}", f"reader{number}@hollin.test"
        )
        back = bounce_samples.report(status, _line(group[-1]), sender=f"{_line(group[0])} <mx@hollin.test>")
        take(here.engine, here.keys, back, "", "lmtp", clock())


def _edit(found: Besieged) -> None:
    """What an editor can type, and a skipped issue with its reason."""
    browser, (first, *_), everything = (
        found.browser,
        found.groups,
        [each for group in found.groups for each in group],
    )
    page, words = f"issue/{SUNDAY}", " ".join(each.words for each in first[:5])

    def change(do: str, **values: str) -> None:
        browser.send(page, f"{page}/change", do=do, seen=str(found.issue.edit), **values)

    change(
        "say",
        title=words[:300],
        subject=words[:300],
        introduction="\n\n".join(each.words for each in everything),
    )
    change("note", text=words, url="https://hollin.test/?" + first[0].text, title=words, group="")
    for pick, group in zip(found.issue.document.picks[:5], found.groups, strict=False):
        change("blurb", post=pick.post, blurb=" ".join(each.words for each in group))
        for shown in pick.quotes:
            change("speaker", quote=shown.id, speaker=group[0].words)
    browser.send(f"issue/{SKIPPED}/skip", f"issue/{SKIPPED}/skip", why=words)


def _send(found: Besieged) -> None:
    """Approve and send, to a relay that says what it likes, and hangs up after one of them."""
    flat, browser = [each for group in found.groups for each in group], found.browser

    def reply(stage: Stage, envelope: Envelope) -> str | None:
        if stage is not Stage.BODY:
            return None
        number = int(envelope.recipients[0].partition("@")[0].removeprefix("reader"))
        if number == LOST:
            return KEEP_AND_DROP
        return f"{'550 5.3.0' if number % 20 == 0 else '250 2.0.0'} {_line(flat[number])}"

    found.place.inbox.replies = reply
    seen_at = found.issue.updated_at.isoformat()
    approved = browser.send(f"issue/{SUNDAY}", f"issue/{SUNDAY}/approve", seen_at=seen_at)
    assert approved.ok, approved.text
    assert browser.send(f"send/{SUNDAY}", f"send/{SUNDAY}/start").ok
    found.desk.later(sending.UNDO)
    send(found.desk.installation, SUNDAY, found.desk.clock)


def _line(vector: Vector) -> str:
    """As one line of ASCII, as relays speak."""
    return " ".join(vector.words.encode("ascii", "replace").decode().split())[:400]
