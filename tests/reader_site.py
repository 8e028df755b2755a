"""The pages of readers as a reader uses them: forms filled in and sent, mails read, links opened. Over real HTTP."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from fastapi import FastAPI
from lxml import html
from sqlalchemy import Engine, select

from deliver_samples import KEYS, digest_settings, mail_settings, publish_settings
from digest.model import Subscription, SubscriptionState, Theme
from digest.pipeline.mail.notices import Stationery
from digest.resources import Resources
from digest.settings import ServeSettings, Settings
from digest.store import audience, schema, sources
from digest.store.database import reading, transaction
from digest.tokens import Keys, unsubscribe_url
from digest.web.app import create_app
from digest.web.server import serve
from installation import Clock

RESOURCES = Resources()
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
THEMES = (
    Theme("water", "Water", ("river",), description="Rivers and wells."),
    Theme("schools", "Schools", ("school",)),
)
READER = "mira@example.org"


@dataclass(frozen=True)
class Page:
    """An answer, as its reader sees it."""

    answer: requests.Response

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def url(self) -> str:
        return str(self.answer.url)

    @property
    def tree(self) -> html.HtmlElement:
        return html.document_fromstring(self.answer.text)

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", self.tree.body.text_content()).strip()

    def fields(self, form: int = 0) -> dict[str, list[str]]:
        """What a form sends if its reader changes nothing: hidden fields, what is typed, what is ticked."""
        found: dict[str, list[str]] = {}
        for box in self.tree.forms[form].iter("input"):
            if box.get("type") not in ("checkbox", "radio") or box.get("checked") is not None:
                found.setdefault(str(box.get("name")), []).append(box.get("value") or "")
        return found

    def submit(self, form: int = 0, **changes: object) -> Page:
        """Send a form, after some fields were changed."""
        action = urljoin(self.url, self.tree.forms[form].get("action"))
        data = {**self.fields(form), **changes}
        return Page(requests.post(action, data=data, timeout=20, allow_redirects=False))


@dataclass
class Site:
    """The application over a database, and a clock that the test sets."""

    engine: Engine
    url: str
    clock: Clock
    settings: Settings
    app: FastAPI

    @property
    def stationery(self) -> Stationery:
        return Stationery(self.settings, RESOURCES.environment(), RESOURCES.strings, KEYS)

    def open(self, path: str) -> Page:
        return Page(requests.get(urljoin(self.url + "/", path), timeout=20, allow_redirects=False))

    def wait(self, **time: float) -> None:
        self.clock.now += timedelta(**time)

    def sign_up(self, address: str = READER, digest: str = "weekly", **changes: Any) -> Page:
        """Open the form, take the time that a person takes, and send it."""
        form = self.open(f"s/{digest}")
        self.wait(seconds=5)
        return form.submit(address=address, **changes)

    def raw_mails(self) -> list[bytes]:
        """The bytes of what waits in the Outbox, the first written first."""
        with reading(self.engine) as connection:
            data = connection.execute(select(schema.outbox.c.data).order_by(schema.outbox.c.id)).scalars()
            return [each for each in data if each]

    def mails(self) -> list[EmailMessage]:
        """What waits in the Outbox, as its readers see it."""
        return [parsed(data) for data in self.raw_mails()]

    def mail_page(self, number: int = -1) -> str:
        """The HTML of a mail."""
        part = self.mails()[number].get_body(("html",))
        assert part is not None
        return str(part.get_content())

    def open_mailed(self, number: int = -1) -> Page:
        """Open the link of a mail; its address is the application's own, wherever it runs in a test."""
        return self.open(link_of(self.mails()[number]))

    def confirmed(self, address: str = READER, digest: str = "weekly", **changes: Any) -> Page:
        """Sign up and confirm it."""
        self.sign_up(address, digest, **changes)
        return self.open_mailed().submit()

    def subscriptions(self, address: str = READER) -> dict[str, Subscription]:
        with reading(self.engine) as connection:
            return {
                each.digest: each for each in audience.subscriptions(connection) if each.address == address
            }

    def state(self, address: str = READER, digest: str = "weekly") -> SubscriptionState | None:
        found = self.subscriptions(address).get(digest)
        return found.state if found else None

    def path(self, address: str = READER, digest: str = "weekly") -> str:
        """Where the pages of a subscription begin: the address under every mail."""
        return unsubscribe_url(self.url, KEYS, digest, self.subscriptions(address)[digest].subscriber)

    def everything(self) -> dict[str, list[str]]:
        """All rows of all tables."""
        with reading(self.engine) as connection:
            return {
                table.name: sorted(map(repr, connection.execute(select(table)).all()))
                for table in schema.metadata.sorted_tables
            }


def parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def link_of(mail: EmailMessage) -> str:
    """The path of the only link of a mail's text."""
    text = mail.get_body(("plain",))
    assert text is not None
    (link,) = re.findall(r"https?://\S+", text.get_content())
    return str(link).partition("example.org/")[2]


@contextmanager
def site(
    engine: Engine, folder: Path, keys: Keys = KEYS, language: str = "en", **serve_settings: Any
) -> Iterator[Site]:
    """Two digests in one language, the weekly one with two themes, and nobody who reads them."""
    digests = (
        digest_settings(themes=("water", "schools"), language=language),
        digest_settings(slug="daily", title="The Lowland Daily", language=language),
    )
    settings = Settings(
        digests=digests,
        mail=mail_settings(),
        publish=publish_settings(feeds_dir=folder),
        serve=ServeSettings(**serve_settings),
    )
    with transaction(engine) as connection:
        for theme in THEMES:
            sources.add_theme(connection, theme)
    clock = Clock(NOW)
    app = create_app(engine, settings, keys, RESOURCES.environment(), clock)
    with serve(app, "127.0.0.1", 0) as url:
        yield Site(engine, url, clock, settings, app)
