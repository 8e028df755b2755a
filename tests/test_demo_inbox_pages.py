"""The inbox in a browser: what is shown of a message, and what a message cannot do to the page."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.demo.inbox import Inbox
from digest.demo.inbox_pages import SHOWN, InboxPages
from digest.demo.letters import Received, read_letter
from digest.demo.loopback import Answer, Request

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HOSTILE = '<script>alert("owned")</script>'


def received(number: int, data: bytes, recipient: str = "ada@example.org") -> Received:
    """A message as the inbox keeps it."""
    return Received(number, recipient, "digest@example.org", data, NOW)


def newsletter(subject: str = "Weekly", html: str = "<html><head></head><body>Hello</body></html>") -> bytes:
    """A message with both parts."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "The Table <d@example.org>",
        "ada@example.org",
        subject,
    )
    message.set_content("Hello\n\nRead it at https://example.org/issue\n")
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


def page(path: str, *messages: bytes) -> Answer:
    """The answer for a path over these messages."""
    kept = [received(number, data) for number, data in enumerate(messages, 1)]
    answer = InboxPages(lambda: kept).respond(Request(path, {}))
    assert answer, path
    return answer


def test_an_empty_inbox_says_so() -> None:
    """And what to do."""
    text = page("/").body.decode()
    assert "No messages" in text
    assert "Reload this page" in text


def test_the_list_names_every_message_newest_first() -> None:
    """To whom, what about, when, how large."""
    text = page("/", newsletter("First"), newsletter("Second")).body.decode()
    assert "2 messages" in text
    assert text.index("Second") < text.index("First")
    for words in ("ada@example.org", "22 November 2026, 09:30:00", " KB", 'href="/2"'):
        assert words in text


def test_a_long_list_shows_the_newest() -> None:
    """And says that there are more."""
    text = page(
        "/", *[b"Subject: number %d.\r\n\r\n" % number for number in range(1, SHOWN + 6)]
    ).body.decode()
    assert f"{SHOWN + 5} messages" in text
    assert f"number {SHOWN + 5}." in text
    assert "number 6." in text
    assert "number 5." not in text


def test_a_message_shows_its_parts() -> None:
    """HTML at two widths, text with links that work, and every header."""
    text = page("/1", newsletter("Grüße")).body.decode()
    assert text.count('<iframe src="/1/html"') == 2
    assert 'width="390"' in text
    assert 'width="640"' in text
    assert "<h1>Grüße</h1>" in text
    assert '<a href="https://example.org/issue"' in text
    for name in ("From", "To", "Subject", "MIME-Version", "Content-Type"):
        assert f"<dt>{name}</dt>" in text


def test_the_html_part_stands_in_a_sandbox() -> None:
    """No scripts, no forms, no pictures from elsewhere, in the frame's attribute and in the answer's own policy."""
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page("/1", newsletter()).body.decode()
    policy = dict(page("/1/html", newsletter()).headers)["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert "https:" not in policy


def test_links_in_the_html_part_open_outside_the_frame() -> None:
    """The rest of the part is what was sent."""
    html = (
        '<!doctype html><html><head lang="en"><title>T</title></head><body><header>x</header></body></html>'
    )
    shown = page("/1/html", newsletter(html=html)).body.decode().strip()
    assert shown == html.replace('<head lang="en">', '<head lang="en"><base target="_blank">')


def test_the_source_is_the_bytes_that_came() -> None:
    """As plain text that no browser takes for a page."""
    data = newsletter(HOSTILE)
    answer = page("/1/source", data)
    assert answer.body == data
    assert answer.content_type.startswith("text/plain")
    assert ("X-Content-Type-Options", "nosniff") in answer.headers


@pytest.mark.parametrize("path", ["/", "/1"])
def test_nothing_of_a_message_becomes_markup(path: str) -> None:
    """Subject, sender, headers and text are shown as text, and the page allows no script at all."""
    data = f"Subject: {HOSTILE}\r\nFrom: {HOSTILE}\r\nX-{HOSTILE}: {HOSTILE}\r\n\r\n{HOSTILE}\r\n".encode()
    answer = page(path, data)
    assert b"<script" not in answer.body
    assert b"&lt;script&gt;" in answer.body
    assert "script-src" not in dict(answer.headers)["Content-Security-Policy"]
    assert dict(answer.headers)["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "path", ["/0", "/2", "/01", "/-1", "/1/", "/1/html/", "/x", "/1/body", "/٣", "/9999999999"]
)
def test_what_is_not_there_is_not_found(path: str) -> None:
    """Only messages that exist have pages."""
    assert InboxPages(lambda: [received(1, newsletter())]).respond(Request(path, {})) is None


BROKEN = {
    "nothing": b"",
    "no headers": b"just a body\r\n",
    "unknown charset in a header": b"Subject: =?martian?b?AAAA?=\r\n\r\nx",
    "broken encoded word": b"Subject: =?utf-8?b?A?=\r\n\r\nx",
    "raw bytes in a header": b"Subject: caf\xe9 \xff\r\n\r\nx",
    "unknown charset in the text": b"Content-Type: text/plain; charset=martian\r\n\r\ncaf\xc3\xa9",
    "wrong charset in the text": b"Content-Type: text/plain; charset=ascii\r\n\r\ncaf\xc3\xa9",
    "broken base64": b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!=\r\n",
    "a multipart without parts": b"Content-Type: multipart/alternative; boundary=x\r\n\r\n",
    "a multipart without boundary": b"Content-Type: multipart/alternative\r\n\r\nx",
    "a message in a message": b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ntext",
    "a charset that is no text encoding": b"Content-Type: text/plain; charset=hex\r\n\r\nzz",
    "a charset that can fail": b"Content-Type: text/plain; charset=punycode\r\n\r\n\xff-\xff",
    "a null in the charset": b'Content-Type: text/plain; charset="a\0b"\r\n\r\nx',
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_message_is_shown_all_the_same(data: bytes) -> None:
    """Every page of it answers."""
    for path in ("/", "/1", "/1/html", "/1/source"):
        assert page(path, data).status == 200


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"Subject: ", b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"]),
)
def test_no_bytes_can_break_the_reading(data: bytes, start: bytes) -> None:
    """Whatever arrives, the parts are text that can be sent on as UTF-8."""
    letter = read_letter(start + data)
    for text in (letter.subject, letter.sender, *(value for header in letter.headers for value in header)):
        assert "\n" not in text
        text.encode()


def test_attachments_are_not_taken_for_the_message() -> None:
    """An attached page is not the HTML part."""
    message = EmailMessage()
    message.set_content("The text")
    message.add_attachment("<p>attached</p>", subtype="html", filename="page.html")
    letter = read_letter(message.as_bytes())
    assert (letter.html, letter.text.strip()) == ("", "The text")


def test_the_inbox_serves_these_pages_over_http() -> None:
    """With the policy in the headers, for its own name only."""
    with Inbox() as inbox, requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{inbox.url}/", timeout=5)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert session.get(f"{inbox.url}/style.css", timeout=5).headers["Content-Type"].startswith("text/css")
        assert session.get(f"{inbox.url}/", headers={"Host": "evil.example"}, timeout=5).status_code == 421
