"""What the pages of readers share: whose link it is, what their digest is called, and how an address is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import HTTPException
from sqlalchemy import Connection, Engine
from starlette.requests import Request
from starlette.responses import Response

from digest import tokens
from digest.callers import caller, network
from digest.masks import masked
from digest.model import Subscription, Theme
from digest.pipeline.mail.notices import Stationery
from digest.settings import DigestSettings, Settings
from digest.store import audience, sources
from digest.tokens import Keys
from digest.web.pages import Pages


@dataclass(frozen=True, slots=True)
class Reception:
    """What the pages of readers work with."""

    engine: Engine
    settings: Settings
    pages: Pages
    clock: Callable[[], datetime]
    keys: Keys = field(repr=False)

    @property
    def stationery(self) -> Stationery:
        """What mails to readers are written with."""
        return Stationery(self.settings, self.pages.environment, self.pages.strings, self.keys)

    def digest(self, slug: str) -> DigestSettings:
        """The settings of a digest; what nobody publishes is not there (404)."""
        known = self.settings.digest(slug)
        if known is None:
            raise HTTPException(404)
        return known

    def named(self, slug: str) -> Mapping[str, str]:
        """Title and language for a page; a digest that is no more still has readers who leave."""
        known = self.settings.digest(slug)
        return {"title": known.title, "language": known.language} if known else {"title": slug}

    def subscription(self, connection: Connection, digest: str, token: str) -> Subscription:
        """The subscription that a signed link is of; one that was erased gets the answer of a wrong token (404)."""
        number = tokens.verify(self.keys, tokens.UNSUBSCRIBE, digest, token)
        found = audience.subscription(connection, number, digest) if number is not None else None
        if found is None:
            raise HTTPException(404)
        return found

    def themes(self, connection: Connection, digest: DigestSettings | None) -> tuple[Theme, ...]:
        """The themes that a digest covers, in its order."""
        if digest is None:
            return ()
        themes = {theme.slug: theme for theme in sources.themes(connection)}
        return tuple(themes[slug] for slug in digest.themes or themes if slug in themes)

    def shown(
        self, request: Request, page: str, subscription: Subscription, status: int = 200, **values: object
    ) -> Response:
        """A page about one subscription, with its address masked; ``path`` is where its links begin."""
        return self.pages.page(
            request,
            page,
            status,
            address=masked(subscription.address),
            path=self.path(subscription.digest, subscription.subscriber),
            **self.named(subscription.digest),
            **values,
        )

    def day(self, digest: DigestSettings, moment: datetime) -> str:
        """A moment as a date in words, in the zone of a digest."""
        return self.stationery.wording(digest).day(moment)

    def path(self, digest: str, subscriber: int) -> str:
        """Where the pages of one subscription stand below the application's root: ``u/{digest}/{token}``."""
        return f"u/{digest}/{tokens.token(self.keys, tokens.UNSUBSCRIBE, digest, subscriber)}"

    def network(self, request: Request) -> str:
        """The network that a request comes from, past our own proxies."""
        peer = request.client.host if request.client else ""
        forwarded = request.headers.getlist("x-forwarded-for")
        return network(caller(peer, forwarded, self.settings.serve.proxies))
