"""Rules 5, 15, 17 and 18: what the two bodies of a newsletter must be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.deliver.findings import Finding, error, warning
from digest.deliver.opened import TEXT_LINK, Opened

HTML_LIMIT = 95_000  # bytes of HTML
CLIP_LIMIT = 102_000  # bytes as they travel, at which Gmail cuts a mail
NEARLY = 0.8  # of the limit: worth a look
_BARE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_MOST_NAMED = 5  # links that stand in one part only


def parts(mail: Opened) -> Iterator[Finding]:
    """5: multipart/alternative of plain text that is not empty, then HTML."""
    kinds = [part.get_content_type() for part in mail.parsed.walk()]
    if mail.one("MIME-Version") != "1.0" or kinds != ["multipart/alternative", "text/plain", "text/html"]:
        yield error(
            5, "parts", "expected MIME-Version 1.0 and multipart/alternative of text/plain, then text/html"
        )
    elif not mail.text.strip():
        yield error(5, "text part", "the plain text is empty")


def encodings(mail: Opened) -> Iterator[Finding]:
    """15: quoted-printable or base64, lines of at most 76 characters that end in CRLF."""
    if _BARE_END.search(mail.data):
        yield error(15, "message", "a line does not end in CRLF")
    encodings = {
        str(part["Content-Transfer-Encoding"]) for part in mail.parsed.walk() if not part.is_multipart()
    }
    if not encodings <= {"quoted-printable", "base64"}:
        yield error(15, "parts", "a body is neither quoted-printable nor base64")
    if any(len(line) > 76 for line in mail.data.partition(b"\r\n\r\n")[2].split(b"\r\n")):
        yield error(15, "parts", "a line of a body is longer than 76 characters")


def fill(mail: Opened) -> float:
    """How much of what Gmail shows is used, 1 being all: of the HTML's bytes, or of them as they travel."""
    travelling = [
        len(str(part.get_payload()).encode("utf-8", "replace"))
        for part in mail.parsed.walk()
        if part.get_content_type() == "text/html"
    ]
    return max(len(mail.page.encode()) / HTML_LIMIT, max(travelling, default=0) / CLIP_LIMIT)


def size(mail: Opened) -> Iterator[Finding]:
    """17: short enough for Gmail, which cuts a long mail with the way to unsubscribe at its end."""
    used = fill(mail)
    kilobytes = f"{len(mail.page.encode()) / 1000:.0f} of {HTML_LIMIT // 1000} KB"
    if used > 1:
        yield error(17, "HTML part", f"Gmail would cut it ({kilobytes}); show fewer posts or quotes")
    elif used > NEARLY:
        yield warning(
            17, "HTML part", f"{kilobytes} are used before Gmail cuts it; take care with what you add"
        )


def same_links(mail: Opened) -> Iterator[Finding]:
    """18: the same links in both parts."""
    linked = {url for url in mail.links if url.startswith(("http://", "https://"))}
    written = {url if url in linked else url.rstrip(".,;:!?)]") for url in TEXT_LINK.findall(mail.text)}
    for url in sorted(linked ^ written)[:_MOST_NAMED]:
        lacking = "text" if url in linked else "HTML"
        yield error(
            18, f"{lacking} part", f"it lacks the link {url}; add it, or take it out of the other part"
        )
