"""A message taken apart as its receiver does it, from its bytes alone, for the rules to look at."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Parsed
from functools import cached_property
from urllib.parse import urlsplit

import lxml.html
from lxml.etree import Comment, ParserError

from digest.deliver.headers import header_names

TEXT_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class House:
    """What only the sender knows: ``hosts`` of our own, the ``domain`` of our ids, the ``postal`` line; "" skips a rule."""

    hosts: frozenset[str] = frozenset()
    domain: str = ""
    postal: str = ""


@dataclass(frozen=True)
class Opened:
    """A message taken apart; ``data`` is its bytes, ``sender`` its envelope's."""

    data: bytes
    sender: str
    house: House

    @cached_property
    def parsed(self) -> Parsed:
        """Its parts, as the standard library reads them."""
        return message_from_bytes(self.data)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of its headers, in order."""
        return header_names(self.data)

    @cached_property
    def text(self) -> str:
        """The plain part, decoded."""
        return self._decoded("text/plain")

    @cached_property
    def page(self) -> str:
        """The HTML part, decoded."""
        return self._decoded("text/html")

    @cached_property
    def tree(self) -> lxml.html.HtmlElement | None:
        """The HTML part, parsed; None where there is nothing in it."""
        try:
            return lxml.html.document_fromstring(
                self.page.encode(), parser=lxml.html.HTMLParser(encoding="utf-8")
            )
        except ParserError:  # an empty page
            return None

    def all(self, name: str) -> list[str]:
        """Every value of a header, unfolded."""
        return [re.sub(r"\r?\n", "", str(value)) for value in self.parsed.get_all(name, [])]

    def one(self, name: str) -> str:
        """A header's value where it is there exactly once, else ""."""
        values = self.all(name)
        return values[0].strip() if len(values) == 1 else ""

    def raw_lines(self, name: str) -> list[bytes]:
        """The lines of a header as they are folded, the first one with its name."""
        block = self.data.partition(b"\r\n\r\n")[0]
        match = re.search(rb"(?im)^%b:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*" % name.encode(), block)
        return match[0].split(b"\r\n") if match else []

    def elements(self, *tags: str) -> list[lxml.html.HtmlElement]:
        """The elements of these names in the page, in order; all elements where none is named."""
        return [] if self.tree is None else [e for e in self.tree.iter(*tags) if isinstance(e.tag, str)]

    def attributes(self, tag: str, name: str) -> list[str]:
        """An attribute's values, of all elements of a name that have it."""
        return [str(e.get(name)).strip() for e in self.elements(tag) if e.get(name) is not None]

    @property
    def styles(self) -> str:
        """All that is read as style: elements, attributes, and the comments that Outlook reads as markup."""
        written = [element.text_content() for element in self.elements("style")]
        written += [str(element.get("style")) for element in self.elements() if element.get("style")]
        comments = [] if self.tree is None else self.tree.getroottree().iter(Comment)
        return "\n".join((*written, *(comment.text or "" for comment in comments)))

    @property
    def links(self) -> list[str]:
        """Where the page leads, in order."""
        return self.attributes("a", "href")

    @property
    def automatic(self) -> bool:
        """A confirmation or notice, which is no mail of a list."""
        return bool(self.all("Auto-Submitted"))

    @property
    def way_out(self) -> str:
        """The first address of List-Unsubscribe."""
        return self.one("List-Unsubscribe").partition(",")[0].strip(" <>")

    def _decoded(self, kind: str) -> str:
        parts = [part for part in self.parsed.walk() if part.get_content_type() == kind]
        payload = parts[0].get_payload(decode=True) if parts else b""
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def host(url: str) -> str:
    """The host of an address, or ""."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # brackets that hold no IPv6 address
        return ""


def is_secure(url: str) -> bool:
    """Over https, or on this very machine, where a demo runs."""
    name = host(url)
    try:
        local = ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = name == "localhost"
    return url.startswith("https://") or (url.startswith("http://") and local)
