"""What is wrong with a message, seen as its receivers see it: from its bytes alone.

A finding begins with the number of its rule: 1 From and To, 2 Subject, 3 Date, 4 Message-ID, 5 parts,
6 List-Id, 7 and 8 unsubscribing by one click (RFC 8058), 9 Feedback-ID, 10 automatic mail, 11 no header but
ours, 12 the sender's local part, 15 encodings and line ends, 16 addresses, 18 the same links in both parts,
21 language and direction, 22 nothing active and nothing from elsewhere, 23 a visible way out, 24 no gap left.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message as Parsed
from email.utils import getaddresses, parsedate_to_datetime
from urllib.parse import urlsplit

import lxml.html
from lxml.etree import ParserError

from digest.deliver.message import HEADERS, OPTIONAL, header_names, one_line

# Broken in these, a message could reach the wrong people, run something, or hold them: it must not leave.
_GRAVE = frozenset({1, 2, 3, 4, 5, 7, 8, 11, 15, 22, 24})

_ONE_CLICK = "List-Unsubscribe=One-Click"
_LIST_ONLY = frozenset({"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID"})
_MESSAGE_ID = re.compile(r"<[^<>@\s]{1,200}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+>")
_LIST_ID = re.compile(r"[^<>]*<[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+>")
_BARE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_TEXT_LINK = re.compile(r"https?://[^\s<>\"]+")
_ACTIVE = ("script", "form", "iframe", "object", "embed", "input", "button")
_REMOTE_STYLE = re.compile(r"@import|@font-face|expression\s*\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Read:
    """A message taken apart: ``text`` and ``page`` are the decoded parts, ``tree`` the parsed page."""

    data: bytes
    parsed: Parsed
    names: tuple[str, ...]
    text: str
    page: str
    tree: lxml.html.HtmlElement | None

    def all(self, name: str) -> list[str]:
        """Every value of a header, unfolded."""
        return [re.sub(r"\r?\n", "", str(value)) for value in self.parsed.get_all(name, [])]

    def one(self, name: str) -> str:
        """A header's value where it is there exactly once, else ""."""
        values = self.all(name)
        return values[0].strip() if len(values) == 1 else ""

    @property
    def automatic(self) -> bool:
        """A confirmation or notice, which is no mail of a list."""
        return bool(self.all("Auto-Submitted"))

    @property
    def way_out(self) -> str:
        """The address of List-Unsubscribe."""
        return self.one("List-Unsubscribe").strip("<>")


def findings(message: bytes) -> tuple[str, ...]:
    """A sentence for each rule that the message breaks, in the order of the rules; empty when it is fit to leave."""
    read = _read(message)
    return tuple(f"{number}: {sentence}" for number, rule in _RULES.items() for sentence in rule(read))


def grave(found: tuple[str, ...]) -> tuple[str, ...]:
    """Those findings with which a message must not leave."""
    return tuple(sentence for sentence in found if int(sentence.partition(":")[0]) in _GRAVE)


def _read(data: bytes) -> _Read:
    parsed = message_from_bytes(data)
    text, page = (_decoded(parsed, kind) for kind in ("text/plain", "text/html"))
    return _Read(data, parsed, header_names(data), text, page, _tree(page))


def _decoded(parsed: Parsed, kind: str) -> str:
    parts = [part for part in parsed.walk() if part.get_content_type() == kind]
    payload = parts[0].get_payload(decode=True) if parts else b""
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _tree(page: str) -> lxml.html.HtmlElement | None:
    try:
        return lxml.html.document_fromstring(page.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except ParserError:  # an empty page
        return None


# ── headers ──────────────────────────────────────────────────────────────────────────────────────


def _from_and_to(read: _Read) -> Iterator[str]:
    for name in ("From", "To"):
        addresses = [address for _, address in getaddresses(read.all(name))]
        if len(read.all(name)) != 1 or len(addresses) != 1 or "@" not in addresses[0]:
            yield f"expected one {name} with one address"


def _subject(read: _Read) -> Iterator[str]:
    try:
        shown = str(make_header(decode_header(read.one("Subject"))))
    except (HeaderParseError, LookupError, UnicodeError):
        yield "the Subject cannot be decoded"
        return
    if not shown.strip():
        yield "expected one Subject that says something"
    if shown.strip(" ") != one_line(shown):
        yield "the Subject holds control characters or an encoded word inside another"
    if any(len(line) > 78 for line in _raw_lines(read, "Subject")):
        yield "a line of the Subject is longer than 78 characters"


def _raw_lines(read: _Read, name: str) -> list[bytes]:
    block = read.data.partition(b"\r\n\r\n")[0]
    match = re.search(rb"(?im)^%b:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*" % name.encode(), block)
    return match[0].split(b"\r\n") if match else []


def _date(read: _Read) -> Iterator[str]:
    try:
        parsedate_to_datetime(read.one("Date"))
    except ValueError:
        yield "expected one Date of RFC 5322"


def _message_id(read: _Read) -> Iterator[str]:
    if not _MESSAGE_ID.fullmatch(read.one("Message-ID")):
        yield "expected one Message-ID of a domain of our own, <…@example.org>"


def _list_id(read: _Read) -> Iterator[str]:
    if not read.automatic and not _LIST_ID.fullmatch(read.one("List-Id")):
        yield "expected one List-Id, Title <digest.example.org> (RFC 2919)"


def _unsubscribe(read: _Read) -> Iterator[str]:
    if read.automatic:
        return
    lines = _raw_lines(read, "List-Unsubscribe")
    if (
        len(lines) != 1
        or len(lines[0]) > 998
        or not re.fullmatch(r"<[^<>\s]+>", read.one("List-Unsubscribe"))
    ):
        yield "expected one List-Unsubscribe with one <address> on its line"
    elif not _is_secure(read.way_out):
        yield "the address of List-Unsubscribe is not https"


def _one_click(read: _Read) -> Iterator[str]:
    if not read.automatic and read.one("List-Unsubscribe-Post") != _ONE_CLICK:
        yield f"expected List-Unsubscribe-Post: {_ONE_CLICK}"


def _feedback_id(read: _Read) -> Iterator[str]:
    if "@" in "".join(read.all("Feedback-ID")):
        yield "Feedback-ID holds an address"


def _automatic(read: _Read) -> Iterator[str]:
    if read.automatic and read.one("Auto-Submitted") != "auto-generated":
        yield "expected Auto-Submitted: auto-generated (RFC 3834)"


def _names(read: _Read) -> Iterator[str]:
    expected = tuple(name for name in HEADERS if name in read.names or name not in OPTIONAL)
    if read.automatic:
        expected = (*(name for name in expected if name not in _LIST_ONLY), "Auto-Submitted")
    if sorted(read.names) != sorted(expected):
        odd = sorted({*read.names} ^ {*expected}) or ["one of them twice"]
        yield f"the headers are not exactly the expected ones: {', '.join(odd)}"


def _local_part(read: _Read) -> Iterator[str]:
    if any(len(address.rpartition("@")[0]) > 64 for _, address in getaddresses(read.all("From"))):
        yield "the local part of the sender is longer than 64 characters"


def _addresses(read: _Read) -> Iterator[str]:
    head = read.data.partition(b"\r\n\r\n")[0]
    if any(not line.isascii() for line in head.split(b"\r\n") if not line.startswith(b"To: ")):
        yield "a header holds characters outside ASCII"
    if any(not line.rpartition(b"@")[2].isascii() for line in _raw_lines(read, "To")):
        yield "the recipient's domain is not in A-labels"


# ── parts ────────────────────────────────────────────────────────────────────────────────────────


def _parts(read: _Read) -> Iterator[str]:
    kinds = [part.get_content_type() for part in read.parsed.walk()]
    if read.one("MIME-Version") != "1.0" or kinds != ["multipart/alternative", "text/plain", "text/html"]:
        yield "expected MIME-Version 1.0 and multipart/alternative of text/plain, then text/html"
    elif not read.text.strip():
        yield "the plain text is empty"


def _encodings(read: _Read) -> Iterator[str]:
    if _BARE_END.search(read.data):
        yield "a line does not end in CRLF"
    encodings = {
        str(part["Content-Transfer-Encoding"]) for part in read.parsed.walk() if not part.is_multipart()
    }
    if not encodings <= {"quoted-printable", "base64"}:
        yield "a body is neither quoted-printable nor base64"
    if any(len(line) > 76 for line in read.data.partition(b"\r\n\r\n")[2].split(b"\r\n")):
        yield "a line of a body is longer than 76 characters"


def _links(read: _Read) -> Iterator[str]:
    linked = {url for url in _attributes(read, "a", "href") if url.startswith(("http://", "https://"))}
    written = {url if url in linked else url.rstrip(".,;:!?)]") for url in _TEXT_LINK.findall(read.text)}
    for url in sorted(linked ^ written)[:5]:
        yield f"{'the text' if url in linked else 'the HTML'} lacks the link {url}"


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


def _attributes(read: _Read, tag: str, name: str) -> list[str]:
    if read.tree is None:
        return []
    return [
        str(element.get(name)).strip() for element in read.tree.iter(tag) if element.get(name) is not None
    ]


def _language(read: _Read) -> Iterator[str]:
    root = read.tree
    if (
        root is None
        or root.get("lang", "und") in ("", "und")
        or root.get("dir") not in ("ltr", "rtl", "auto")
    ):
        yield "the page does not say its language and direction"


def _inert(read: _Read) -> Iterator[str]:
    if read.tree is None:
        return
    tags = {element.tag for element in read.tree.iter() if isinstance(element.tag, str)}
    yield from (f"a <{tag}> in the page" for tag in sorted(tags) if tag in _ACTIVE or tag.startswith("mj-"))
    if any(_attributes(read, "link", "href")) or _REMOTE_STYLE.search(read.page):
        yield "a style or font from elsewhere"
    for element in read.tree.iter():
        for name, value in element.items():
            scheme = value.strip().lower()
            if name.lower().startswith("on") or (
                name in ("href", "src") and scheme.startswith(("data:", "javascript:"))
            ):
                yield f"an active attribute: {name}"


def _visible_way_out(read: _Read) -> Iterator[str]:
    if read.automatic or not read.way_out:
        return
    if read.way_out not in read.text or read.way_out not in _attributes(read, "a", "href"):
        yield "the link to unsubscribe is not visible in both parts"


def _gaps(read: _Read) -> Iterator[str]:
    hosts = {_host(url) for url in (*_attributes(read, "a", "href"), *_TEXT_LINK.findall(read.text))}
    if any(host.endswith(".invalid") for host in hosts):  # RFC 6761, section 6.4: never a real one
        yield "a placeholder was left"
    if "" in (*_attributes(read, "a", "href"), *_attributes(read, "img", "src")):
        yield "a link or picture leads nowhere"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_secure(url: str) -> bool:
    """Over https, or on this very machine, where a demo runs."""
    host = _host(url)
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return url.startswith("https://") or (url.startswith("http://") and local)


_RULES: dict[int, Callable[[_Read], Iterator[str]]] = {
    1: _from_and_to,
    2: _subject,
    3: _date,
    4: _message_id,
    5: _parts,
    6: _list_id,
    7: _unsubscribe,
    8: _one_click,
    9: _feedback_id,
    10: _automatic,
    11: _names,
    12: _local_part,
    15: _encodings,
    16: _addresses,
    18: _links,
    21: _language,
    22: _inert,
    23: _visible_way_out,
    24: _gaps,
}
