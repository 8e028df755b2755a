"""A browser in which nothing may happen: what pages run, ask for elsewhere, or would run if they were touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Browser, Page, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "content-security-policy"
# What would run a script if it were loaded, touched or sent: handlers, frames with a document, addresses that run.
_DANGERS = """(home) => [...document.querySelectorAll("*")].flatMap((each) => {
  const ours = (source) => source && (new URL(source, home).origin === new URL(home).origin);
  const runs = (value) => /^[\\x00-\\x20]*(javascript|vbscript|livescript|data:text|data:image.svg)/i.test(value);
  const leads = ["href", "src", "action", "formaction", "data", "xlink:href", "poster", "from", "to", "values", "content"];
  const found = [...each.attributes].filter(({name, value}) =>
    /^on/i.test(name) || name === "srcdoc" || (leads.includes(name) && runs(value)));
  if (each.localName === "base" || each.localName === "object" || each.localName === "embed") found.push({name: "tag"});
  const inert = /json$/.test(each.type ?? "");
  if (each.localName === "script" && !inert && !ours(each.getAttribute("src"))) found.push({name: "text"});
  return found.map(({name}) => `${each.localName} has ${name}: ${each.outerHTML.slice(0, 120)}`);
})"""
_REFUSED = 'addEventListener("securitypolicyviolation", ({violatedDirective}) => refused(violatedDirective))'


@dataclass
class Watched:
    """A window on the pages below ``home``; ``happened`` is what ran or was asked for elsewhere."""

    browser: Browser
    home: str
    happened: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # by a page's Content-Security-Policy

    def __enter__(self) -> Self:
        self.context = self.browser.new_context()
        self.context.expose_function("ran", lambda number="?": self.happened.append(f"ran({number})"))
        self.context.expose_function("refused", lambda directive: self.refused.append(directive))
        self.context.add_init_script(_REFUSED)
        self.context.on("request", self._look)
        self.context.on("requestfailed", self._forget)
        self.tab: Page = self.context.new_page()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.context.close()

    def sign_in(self, session: requests.Session) -> None:
        """With the cookies of an editor who has signed in elsewhere."""
        self.context.add_cookies(
            [{"name": each.name, "value": each.value or "", "url": self.home} for each in session.cookies]
        )

    def open(self, path: str) -> list[str]:
        """What happened while a page was opened, and what would happen if it were touched."""
        answer = self.tab.goto(f"{self.home}{path}")
        assert answer
        assert answer.status < 500, path
        return self.dangers()

    def show(self, page: str) -> list[str]:
        """The same for HTML of a mail or of a feed's entry, as a program would show it that trusts it."""
        self.tab.goto("about:blank")
        self.tab.set_content(page)
        return self.dangers()

    def dangers(self) -> list[str]:
        """What happened since it was asked last, and what of the page that is open would run if it were touched."""
        found: list[str] = self.tab.evaluate(_DANGERS, self.home)
        found += self.happened
        self.happened.clear()
        return found

    def _look(self, request: Request) -> None:
        there = urlsplit(request.url)
        is_ours = there.scheme not in ("http", "https") or request.url.startswith(self.home)
        if not is_ours and request.resource_type != "image":  # a post's pictures may stand elsewhere
            self.happened.append(f"asks for {request.url}")

    def _forget(self, request: Request) -> None:
        """A policy has kept it from being asked."""
        if "csp" in (request.failure or "") and (asked := f"asks for {request.url}") in self.happened:
            self.happened.remove(asked)


class Unguarded:
    """An application without its Content-Security-Policy: what stops a script then is the escaping alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def bare(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                del headers[_POLICY]
            await send(message)

        await self.app(scope, receive, bare)
