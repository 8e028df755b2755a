"""Reports of mail providers, at ``/hooks/{provider}``: proven first, then read, then acted upon.

What cannot prove itself gets 403 and changes nothing; what the database cannot take now gets 503, and the provider
brings it again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from fastapi import APIRouter, HTTPException
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from digest.deliver.bounces.matching import Event
from digest.deliver.webhooks import brevo, mailgun, postmark, sendgrid, ses
from digest.deliver.webhooks.posted import MAX_BODY, Posted
from digest.errors import DigestError
from digest.pipeline.mail.bounces import take_events
from digest.tokens import Keys

log = logging.getLogger(__name__)

Fetch = Callable[[str], bytes]  # a document of a host, or a DigestError

_PROVEN: Mapping[str, Callable[[Posted, str, datetime], bool]] = {
    "brevo": brevo.is_genuine,
    "mailgun": mailgun.is_genuine,
    "postmark": postmark.is_genuine,
    "sendgrid": sendgrid.is_genuine,
}
_EVENTS: Mapping[str, Callable[[bytes], Iterator[Event]]] = {
    "brevo": brevo.events,
    "mailgun": mailgun.events,
    "postmark": postmark.events,
    "sendgrid": sendgrid.events,
    "ses": ses.events,
}
_FETCHES_AN_HOUR = 10  # of certificates: each report names one, and a stranger may name many


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whose reports are taken: what proves them by the provider's name, and what fetches Amazon's certificates."""

    secrets: Mapping[str, str] = field(repr=False)
    fetch: Fetch
    domain: str  # of our Message-IDs


def router(engine: Engine, keys: Keys, hooks: Hooks, clock: Callable[[], datetime]) -> APIRouter:
    """``POST /hooks/{provider}``, for each provider that has a secret."""
    routes = APIRouter()
    certificates = _Certificates(hooks.fetch, clock)

    @routes.post("/hooks/{provider}")
    async def report(provider: str, request: Request) -> Response:
        if provider not in hooks.secrets or provider not in _EVENTS:
            raise HTTPException(404)
        headers = {name.lower(): value for name, value in request.headers.items()}
        posted = Posted(headers, await _body(request))
        return await run_in_threadpool(act, provider, posted)

    def act(provider: str, posted: Posted) -> Response:
        now = clock()
        if not proven(provider, posted, now):
            log.warning("a report to /hooks/%s does not prove that it comes from there", provider)
            return PlainTextResponse("This report proves nothing.\n", 403)
        confirm = ses.subscription(posted.body) if provider == "ses" else None
        if confirm is not None:
            hooks.fetch(confirm)
            log.info("the subscription of the SNS topic is confirmed")
            return PlainTextResponse("The subscription is confirmed.\n")
        new = take_events(engine, keys, hooks.domain, _EVENTS[provider](posted.body), provider, now)
        log.info("a report of %s: %d new", provider, new)
        return PlainTextResponse(f"{new} new\n")

    def proven(provider: str, posted: Posted, now: datetime) -> bool:
        secret = hooks.secrets[provider]
        if provider != "ses":
            return _PROVEN[provider](posted, secret, now)
        url = ses.certificate_url(posted.body, secret)
        certificate = certificates.get(url) if url else None
        return certificate is not None and ses.is_genuine(posted.body, secret, certificate, now)

    return routes


async def _body(request: Request) -> bytes:
    """The body of a request, as long as it is no longer than it may be."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise HTTPException(413)
    return bytes(body)


class _Certificates:
    """Certificates by their address, fetched once, and only so many an hour."""

    def __init__(self, fetch: Fetch, clock: Callable[[], datetime]) -> None:
        self._fetch, self._clock = fetch, clock
        self._known: dict[str, bytes] = {}
        self._fetched: list[datetime] = []
        self._lock = Lock()

    def get(self, url: str) -> bytes | None:
        """The certificate at an address; None where it cannot be had, or was asked for too often."""
        with self._lock:
            if url not in self._known:
                now = self._clock()
                self._fetched = [at for at in self._fetched if now - at < timedelta(hours=1)]
                if len(self._fetched) >= _FETCHES_AN_HOUR:
                    return None
                self._fetched.append(now)
                try:
                    self._known = {**dict(list(self._known.items())[-9:]), url: self._fetch(url)}
                except DigestError as error:
                    log.warning("Amazon's certificate cannot be had: %s", error)
                    return None
            return self._known[url]
