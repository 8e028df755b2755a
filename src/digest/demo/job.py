"""The main job on samples: everything an installation does, on loopback, with embedded defaults.

State is kept in ``var/demo/`` and documents in ``feeds/demo/``, below the folder it is run in; both start afresh.
"""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from digest import config, store
from digest.demo import samples, site
from digest.demo.inbox import Inbox
from digest.errors import DigestError
from digest.extract.reading import read_post
from digest.model import DeliveryState, Errand, Issue, IssueState, PostKind, Role
from digest.net.http import Fetcher
from digest.pipeline.drafts.draft import draft, open_posts
from digest.pipeline.drafts.extra import Wishes, draft_extra
from digest.pipeline.editors import signing
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.issues.publish import approve, publish
from digest.pipeline.mail.send import Sent, send
from digest.pipeline.posts.collect import collect
from digest.pipeline.readers.audience import Wanted, import_subscribers
from digest.publish.addresses import feed_url, issue_url
from digest.rounds import rounds
from digest.store.database import reading
from digest.web.api.app import PREFIX, create_api
from digest.web.app import create_app
from digest.web.desk.app import create_desk
from digest.web.server import serve
from digest.wiring import open_installation

HOST = "127.0.0.1"
DIGEST = "weekly"

_CONFIG = """\
# Written by `digest demo`, anew each time. Try: digest --config {file} show {digest}/{today}

[[digests]]
slug = "{digest}"
title = "The Ellary Review of Reviews"
description = "What people said in interviews and speeches this week, in their own words."
days = ["{weekday}"]
at = "09:00"
zone = "UTC"

[[sources]]
url = "{sources}{blog}"
slug = "sample-blog"
own = true

[[sources]]
url = "{sources}{channel}"
slug = "sample-channel"

[mail]
live = true  # it goes to an inbox on this machine
relay = "{relay}"
starttls = "never"
from = "The Ellary Review <digest@ellary.test>"
reply_to = "editors@ellary.test"
postal = "Ellary Review, 4 Gannet Street, Ellary"

[publish]
tag = "tag:ellary.test,2026:demo/"
feeds_url = "{app}/feeds/"
app_url = "{app}/"
feeds_dir = "../../feeds/demo"

[collect]
allow = ["{sources_host}"]

[database]
url = "sqlite:///digest.db"

[serve]
host = "{host}"
port = {port}
secret_file = "secret.key"

{themes}"""


_INTRODUCTION = (
    "This issue waits for you: change it, approve it and send it. Its mails go to the inbox on this machine."
)


@dataclass(frozen=True, slots=True)
class Done:
    """What the demo did, and where to look at it. Counts; ``seconds`` is the job without imports."""

    issue: str
    posts: int
    videos: int
    themes_read: int
    quotes_read: int
    groups: int
    picks: int
    quotes: int
    mails: int
    seconds: float
    feed: str
    page: str
    inbox: str
    config: str
    desk: str  # signs an editor in, once, by a button

    def data(self) -> dict[str, object]:
        """For a program."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Running:
    """The demo while it stays up."""

    done: Done
    installation: Installation
    inbox: Inbox


def summary_rows(done: Done) -> tuple[tuple[str, str], ...]:
    """What it did, a row per step, and the addresses to open."""
    return (
        ("collect", f"{done.posts} posts and {done.videos} videos from a sample blog and a sample channel"),
        ("extract", f"{done.themes_read} key themes and {done.quotes_read} key quotes in what is new"),
        ("draft", f"{done.issue}: {done.picks} picks under {done.groups} headings, {done.quotes} quotes"),
        ("approve", "every quote found word for word in its source; the issue is frozen"),
        ("publish", "an Atom feed and pages in feeds/demo/"),
        ("send", f"{done.mails} mails accepted by the inbox"),
        ("in all", f"{done.seconds:.1f} s"),
        ("feed", done.feed),
        ("page", done.page),
        ("inbox", done.inbox),
        ("desk", done.desk),
        ("settings", done.config),
    )


@contextmanager
def run(folder: Path, clock: Clock, port: int = 0) -> Iterator[Running]:
    """Do the whole job below ``folder`` and keep its servers up for the length of the block.

    Raises:
        DigestError: a port or the folder cannot be had, or a step failed.
    """
    begun, now = time.monotonic(), clock()
    with ExitStack() as stack:
        home = _fresh(folder)
        sources = stack.enter_context(site.serve(now))
        inbox = stack.enter_context(Inbox(home / "inbox"))
        path = _write_config(home, sources, inbox.smtp_url, port or _reserved(stack), now)
        installation = _staying_here(stack.enter_context(open_installation(path, now)))
        application = create_app(
            installation.engine,
            installation.settings,
            installation.keys,
            installation.templates,
            clock,
            installation.resources.strings,
        )
        application.mount("/desk", create_desk(installation, clock))
        application.mount(PREFIX, create_api(installation, clock))
        where = installation.settings.serve
        stack.enter_context(serve(application, where.host, where.port))
        import_subscribers(installation, Wanted([samples.PEOPLE_CSV], DIGEST), now)
        issue, result, counts = _job(installation, clock)
        stack.enter_context(
            rounds(installation, clock)
        )  # whoever signs up finds the confirmation in the inbox
        seconds = time.monotonic() - begun
        desk = _desk(installation, issue, clock())
        yield Running(
            _done(installation, issue, result, counts, inbox.url, path, seconds, desk),
            installation,
            inbox,
        )


def _staying_here(installation: Installation) -> Installation:
    """The installation with pictures from this machine only: the samples name videos of a real platform, too."""
    here = Fetcher(installation.settings.collect.allow, ports=())
    return replace(installation, gallery=replace(installation.gallery, fetcher=here))


def _fresh(folder: Path) -> Path:
    home, feeds = folder / "var" / "demo", folder / "feeds" / "demo"
    try:
        for old in (home, feeds):
            if old.exists():
                shutil.rmtree(old)
        home.mkdir(parents=True)
    except OSError as error:
        raise DigestError(
            f"The demo cannot write below {folder}: {error}. Run it in a folder of yours."
        ) from error
    return home


def _reserved(stack: ExitStack) -> int:
    """A free port that nobody else is given before we listen on it: it is bound for as long as the demo runs."""
    held = stack.enter_context(socket.socket())
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((HOST, 0))
    return int(held.getsockname()[1])


def _write_config(home: Path, sources: str, relay: str, port: int, now: datetime) -> Path:
    """The demo's own config.toml and secret, as ``digest init`` would leave them after some editing."""
    path = home / "config.toml"
    text = _CONFIG.format(
        file=path,
        digest=DIGEST,
        today=now.date(),
        weekday=f"{now:%A}".lower(),
        sources=sources,
        sources_host=urlsplit(sources).netloc,
        blog=site.BLOG_FEED,
        channel=site.CHANNEL_FEED,
        relay=relay,
        app=f"http://{HOST}:{port}",
        host=HOST,
        port=port,
        themes=samples.THEMES_TOML.read_text(encoding="utf-8"),
    )
    path.write_text(text, encoding="utf-8")
    config.write_secret(home / "secret.key")
    return path


@dataclass(frozen=True, slots=True)
class _Counts:
    posts: int
    videos: int
    themes: int
    quotes: int


def _job(installation: Installation, clock: Clock) -> tuple[Issue, Sent, _Counts]:
    """The verbs in their order, as the command line or the scheduler would call them."""
    polled = collect(installation, clock, everything=True)
    if failed := [each for each in polled if not each.ok]:
        raise DigestError(f"The sample source {failed[0].source} failed: {failed[0].status}")
    counts = _count(installation, clock())
    drafted = draft(installation, DIGEST, clock(), today=True).issue
    approve(installation, drafted.id, clock())
    issue = publish(installation, drafted.id, clock())
    return issue, send(installation, issue.id, clock), counts


def _desk(installation: Installation, issue: Issue, now: datetime) -> str:
    """Where an editor is signed in, whom a draft waits for."""
    two = [pick.post for pick in issue.document.picks[:2]]
    draft_extra(installation, DIGEST, "try-me", Wishes(posts=two, introduction=_INTRODUCTION), now)
    editor = signing.add_editor(installation, "editor@ellary.test", "Ellary’s editor", tuple(Role), now)
    return signing.link(installation, editor, Errand.DEMO, timedelta(days=1), now)


def _count(installation: Installation, now: datetime) -> _Counts:
    with reading(installation.engine) as connection:
        posts = open_posts(connection, installation.digest(DIGEST), now)
        held = store.posts.held(connection)
    readings = [read_post(post, installation.words) for post in posts]
    videos = sum(post.kind is PostKind.VIDEO for post in (*posts, *held))
    return _Counts(
        posts=len(posts) + len(held) - videos,
        videos=videos,
        themes=sum(len(each.themes) for each in readings),
        quotes=sum(len(each.quotes) for each in readings),
    )


def _done(
    installation: Installation,
    issue: Issue,
    result: Sent,
    counts: _Counts,
    inbox: str,
    path: Path,
    seconds: float,
    desk: str,
) -> Done:
    assert issue.state is IssueState.PUBLISHED
    picks = issue.document.picks
    publishing = installation.settings.publish
    return Done(
        issue=str(issue.id),
        posts=counts.posts,
        videos=counts.videos,
        themes_read=counts.themes,
        quotes_read=counts.quotes,
        groups=len(issue.document.groups),
        picks=len(picks),
        quotes=sum(len(pick.quotes) for pick in picks),
        mails=result.counts[DeliveryState.ACCEPTED],
        seconds=seconds,
        feed=feed_url(publishing, DIGEST),
        page=issue_url(publishing, issue.id),
        inbox=inbox,
        config=str(path),
        desk=desk,
    )
