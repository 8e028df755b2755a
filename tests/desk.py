"""A desk that a test opens: an installation with editors, served on loopback, and a browser without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urljoin

import requests
from starlette.applications import Starlette
from starlette.routing import Mount

from digest import store
from digest.model import Editor, Role
from digest.passwords import hashed
from digest.pipeline.editors import signing
from digest.pipeline.installation import Installation
from digest.store.database import transaction
from digest.web.desk.app import create_desk
from digest.web.server import serve
from installation import NOW, Clock, Place

PATIENCE = 60  # seconds for an answer: against hanging for ever, no measure of speed
PASSWORD = "four mills by one river"  # an invented person's


@dataclass
class Browser:
    """Follows redirects, keeps cookies and fills in forms, as a browser without scripts does."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str = "") -> requests.Response:
        """A page of the desk."""
        return self.session.get(urljoin(self.url, path), timeout=PATIENCE)

    def post(self, path: str, origin: str | None = None, **values: str) -> requests.Response:
        """A form as it is, sent from a page of this desk unless another origin is given."""
        sent_by = self.url.removesuffix("/desk/") if origin is None else origin
        headers = {"Origin": sent_by} if sent_by else {}
        return self.session.post(urljoin(self.url, path), data=values, headers=headers, timeout=PATIENCE)

    def send(self, page: str, path: str, **values: str) -> requests.Response:
        """Load a page, and send a form of it with the token that it brings."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(page).text)
        assert found, f"{page} has no form"
        return self.post(path, None, csrf=unescape(found[1]), **values)

    def sign_in(self, address: str, password: str = PASSWORD, **values: str) -> requests.Response:
        """Fill in the form at the door."""
        return self.post("sign-in", None, address=address, password=password, **values)


@dataclass
class Desk:
    """A desk, its clock and its installation."""

    installation: Installation
    clock: Clock
    url: str

    def editor(self, *roles: Role, address: str = "mira@hollin.test") -> Editor:
        """An editor with a password."""
        editor = signing.add_editor(
            self.installation, address, address.partition("@")[0].title(), roles, self.clock()
        )
        with transaction(self.installation.engine) as connection:
            store.editors.set_password(connection, editor.id, _stored())
        return signing.editor_of(self.installation, address)

    def browser(self, *roles: Role, address: str = "mira@hollin.test") -> Browser:
        """The browser of an editor who has signed in."""
        self.editor(*roles, address=address)
        browser = self.stranger()
        assert browser.sign_in(address).ok
        return browser

    def stranger(self) -> Browser:
        """The browser of nobody."""
        return Browser(self.url)

    def later(self, wait: timedelta) -> None:
        """Let time pass."""
        self.clock.now += wait

    def log(self) -> list[tuple[str, str, str]]:
        """Who did what to what, oldest first."""
        with transaction(self.installation.engine) as connection:
            return [(each.who, each.action, each.subject) for each in store.audit.entries(connection)]


_HASHES: list[str] = []


def _stored() -> str:
    if not _HASHES:
        _HASHES.append(hashed(PASSWORD))  # a tenth of a second each
    return _HASHES[0]


@contextmanager
def desk_of(place: Place, now: datetime = NOW, nameserver: str = "") -> Iterator[Desk]:
    """The desk of an installation; its doctor asks a DNS server of the test's."""
    clock = Clock(now)
    with place.opened(now) as installation:
        app = Starlette(routes=[Mount("/desk", create_desk(installation, clock, nameserver))])
        with serve(app, "127.0.0.1", 0) as url:
            yield Desk(installation, clock, f"{url}/desk/")
