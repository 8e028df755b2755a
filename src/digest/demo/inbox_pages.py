"""The inbox in a browser: a list of messages, and a page for each with its HTML, text and headers.

Messages are hostile until proven otherwise: everything is escaped, the HTML part stands alone in a
sandboxed frame without scripts, and pictures load from this machine only, so that looking at a message
tells nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from digest.demo.letters import Received
from digest.demo.loopback import Answer, Request
from digest.demo.pages import render

WIDTHS = (390, 640)  # a phone and a mail window, in CSS pixels
SHOWN = 200  # messages in the list, newest first

_SAFE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)
_PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HTML_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src http://127.0.0.1:* http://localhost:*; frame-ancestors 'self'"
)


class InboxPages:
    """The pages over ``messages()``, asked anew for every page."""

    def __init__(self, messages: Callable[[], Sequence[Received]]) -> None:
        self.messages = messages

    def respond(self, request: Request) -> Answer | None:
        """The page at a path: ``/``, ``/N``, ``/N/html``, ``/N/source``, where N is a message's number."""
        if request.path == "/":
            messages = self.messages()
            return _page(render("inbox.html", messages=messages[: -SHOWN - 1 : -1], total=len(messages)))
        if request.path == "/style.css":
            return Answer(render("inbox.css"), "text/css; charset=UTF-8", headers=_SAFE)
        match = re.fullmatch(r"/([1-9][0-9]{0,8})(/html|/source)?", request.path)
        message = self._numbered(int(match[1])) if match else None
        return _VIEWS[match[2] or ""](message) if match and message else None

    def _numbered(self, number: int) -> Received | None:
        return next((message for message in self.messages()[number - 1 : number]), None)


def _page(body: bytes) -> Answer:
    return Answer(body, headers=(*_SAFE, ("Content-Security-Policy", _PAGE_POLICY)))


def _message(message: Received) -> Answer:
    return _page(render("message.html", message=message, letter=message.letter, widths=WIDTHS))


def _html(message: Received) -> Answer:
    """The HTML part by itself, in which links open a new tab: a frame must not leave its sandbox."""
    html = re.sub(
        r"<head(\s[^>]*)?>", r'\g<0><base target="_blank">', message.letter.html, count=1, flags=re.I
    )
    return Answer(
        html.encode("utf-8", "replace"), headers=(*_SAFE, ("Content-Security-Policy", _HTML_POLICY))
    )


def _source(message: Received) -> Answer:
    return Answer(message.data, "text/plain; charset=UTF-8", headers=_SAFE)


_VIEWS: dict[str, Callable[[Received], Answer]] = {"": _message, "/html": _html, "/source": _source}
