"""An API that a test opens: an installation with editors and their tokens, served on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from starlette.applications import Starlette
from starlette.routing import Mount

from digest import store
from digest.model import DeliveryState, Editor, IssueId, Role
from digest.pipeline.drafts import draft, extra
from digest.pipeline.editors import api_tokens, sending, signing
from digest.pipeline.installation import Installation
from digest.pipeline.mail import send
from digest.pipeline.posts import collect
from digest.store.database import reading
from digest.web.api.app import PREFIX, create_api
from digest.web.server import serve
from installation import NOW, Clock, Place, installed

SUNDAY = IssueId.parse("weekly/2026-11-22")
POSTS = ("mill", "weir", "ford")
READERS = ("ada@hollin.test", "bo@hollin.test", "cy@hollin.test")


@dataclass
class Client:
    """A program with a token, or without one."""

    url: str  # with PREFIX
    token: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> requests.Response:
        """Ask for something."""
        return self.send("GET", path, headers=headers, params=query)

    def post(
        self, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Have something done."""
        return self.send("POST", path, headers=headers, json=body)

    def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **given: Any
    ) -> requests.Response:
        """One request."""
        shown = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.session.request(
            method, self.url + path, headers={**shown, **(headers or {})}, timeout=30, **given
        )

    def start(self, issue: IssueId, key: str = "", **wanted: object) -> requests.Response:
        """Ask for a send under a key; without one, always the same for an issue."""
        return self.post(f"/issues/{issue}/send", wanted, {"Idempotency-Key": key or f'"{issue}"'})

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All of a list, page by page."""
        cursor: str | None = ""
        while cursor is not None:
            part = self.get(path, cursor=cursor, **query).json()
            yield from part["items"]
            cursor = part["next"]

    def tag(self, issue: str) -> dict[str, str]:
        """If-Match with the state of an issue (its path) that this program has just seen."""
        return {"If-Match": self.get(issue).headers["ETag"]}


@dataclass
class Api:
    """A running API, its clock, its installation and what is around it."""

    place: Place
    installation: Installation
    clock: Clock
    url: str
    extras: int = 0

    def editor(self, *roles: Role, address: str = "mira@hollin.test") -> Editor:
        """An editor of that address with these roles, made at the first asking."""
        with reading(self.installation.engine) as connection:
            found = store.editors.known_as(connection, address)
        name = address.partition("@")[0].title()
        return found or signing.add_editor(self.installation, address, name, roles, self.clock())

    def client(self, *roles: Role, address: str = "mira@hollin.test") -> Client:
        """A program with a token of an editor."""
        editor = self.editor(*roles, address=address)
        return Client(self.url, api_tokens.give(self.installation, editor, "a program", self.clock()).secret)

    def stranger(self) -> Client:
        """A program without a token."""
        return Client(self.url)

    def extra(self) -> IssueId:
        """An issue of this test's own, with all posts of the blog; approved by nobody yet."""
        self.extras += 1
        posts = [f"https://hollin.test/{name}" for name in POSTS]
        wishes = extra.Wishes(posts=posts)
        name = f"extra-{self.extras}"
        return extra.draft_extra(self.installation, "weekly", name, wishes, self.clock()).issue.id

    def later(self, wait: timedelta) -> None:
        """Let time pass."""
        self.clock.now += wait

    def is_sent(self, issue: IssueId) -> bool:
        """Whether its send was asked for, and not taken back."""
        with reading(self.installation.engine) as connection:
            return store.deliveries.send(connection, issue) is not None

    def asked(self, issue: IssueId) -> int:
        """How often its send was asked for."""
        with reading(self.installation.engine) as connection:
            done = store.audit.newest(connection, 1_000, subject=str(issue))
        return [entry.action for _, entry in done].count("send")

    def accepted(self, issue: IssueId) -> int:
        """How many mails of it the relay has, once everything is sent that is to be."""
        self.later(sending.UNDO)
        send.send(self.installation, issue, self.clock)
        with reading(self.installation.engine) as connection:
            return store.deliveries.counts(connection, issue)[DeliveryState.ACCEPTED]

    def log(self) -> list[str]:
        """What was done, oldest first."""
        with reading(self.installation.engine) as connection:
            return [each.action for each in store.audit.entries(connection)]


def drafted(installation: Installation, clock: Clock) -> None:
    """Collect, and make the draft of Sunday's issue."""
    list(collect.collect(installation, clock))
    draft.draft(installation, "weekly", clock())


def filled(place: Place) -> None:
    """A blog with three posts, and three readers."""
    place.blog.write(*POSTS, at=NOW - timedelta(hours=1))
    place.subscribe(*READERS)


MANY = 1_000_000  # requests a minute: so many that no test is slowed down


@contextmanager
def drafted_in(folder: Path) -> Iterator[Api]:
    """The API of an installation in ``folder`` with a draft of Sunday's issue and three readers."""
    with installed(folder, serve=f"api_per_minute = {MANY}") as place:
        filled(place)
        with api_of(place) as api:
            drafted(api.installation, api.clock)
            yield api


@contextmanager
def api_of(place: Place, now: datetime = NOW) -> Iterator[Api]:
    """The API of an installation."""
    clock = Clock(now)
    with place.opened(now) as installation:
        app = Starlette(routes=[Mount(PREFIX, create_api(installation, clock))])
        with serve(app, "127.0.0.1", 0) as url:
            yield Api(place, installation, clock, f"{url}{PREFIX}")
