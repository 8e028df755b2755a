"""One person's message as bytes: its headers, its bodies, and what cannot be slipped into them."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

import golden
from deliver_samples import (
    ISSUE,
    KEYS,
    NOW,
    PAGE,
    PLACEHOLDER,
    TEXT,
    digest_settings,
    mail_settings,
    publish_settings,
    rendering,
    sample_letterhead,
)
from digest.deliver import verp
from digest.deliver.dkim import Signer
from digest.deliver.headers import header_names, one_line, wire_address
from digest.deliver.letterhead import letterhead
from digest.deliver.lint import findings
from digest.deliver.message import (
    HEADERS,
    OPTIONAL,
    letter,
    stencil,
    test_copy,
)
from digest.deliver.smtp.envelope import stuffed
from digest.errors import ConfigError
from digest.model import Message
from digest.tokens import UNSUBSCRIBE, token
from effort import effort

INBOX = "bounces@example.org"
LINK = f"https://app.example.org/u/weekly/{token(KEYS, UNSUBSCRIBE, 'weekly', 42)}"


def written(subject: str = "Water", address: str = "reader@example.org", **values: str) -> Message:
    return letter(rendering(subject, **values), sample_letterhead(), 42, address, NOW)


def read(message: Message) -> EmailMessage:
    """The message as a receiver reads it."""
    parsed = message_from_bytes(message.data, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def part(message: Message, kind: str) -> str:
    content = next(each for each in read(message).walk() if each.get_content_type() == kind).get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def shown(message: Message, name: str) -> str:
    """A header as people see it: unfolded, its encoded words decoded."""
    raw = str(message_from_bytes(message.data)[name]).replace("\r\n", "")
    return str(make_header(decode_header(raw)))


GOLDEN = f"""\
From: The Lowland Weekly <news@example.org>
To: reader@example.org
Subject: Water, schools and a bridge
Date: Sun, 22 Nov 2026 09:00:00 +0000
Message-ID: <weekly.2026-11-22.beeed333f8cee5ec84e0@example.org>
Reply-To: editors@example.org
MIME-Version: 1.0
List-Id: The Lowland Weekly <weekly.example.org>
List-Unsubscribe: <{LINK}>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Feedback-ID: 2026-11-22:weekly:issue:example.org
"""


def test_the_headers_are_exactly_these() -> None:
    """A golden head: every header has a reason, and there is no other."""
    head = sample_letterhead(reply_to="Editors <editors@example.org>")
    block, _, _ = (
        letter(rendering(), head, 42, "reader@example.org", NOW).data.decode("ascii").partition("\r\n\r\n")
    )
    *lines, kind = block.split("\r\n")
    assert lines == GOLDEN.splitlines()
    assert re.fullmatch(r'Content-Type: multipart/alternative; boundary="=_[0-9a-f]{24}"', kind)


@pytest.mark.parametrize(
    ("name", "subject", "text"),
    [
        ("en", "Water, schools and a bridge", TEXT),
        ("fa", "آب، مدرسه و پل", f"هفته‌نامه\n{'آب و مدرسه و پل. ' * 12}\n.\n{PLACEHOLDER}\n"),
    ],
)
def test_the_whole_message_is_the_golden_one(name: str, subject: str, text: str) -> None:
    """Headers, bodies, ways back and a signature, byte for byte as they go to the relay."""
    key = Ed25519PrivateKey.from_private_bytes(b"an invented key, only for tests!")
    head = replace(
        sample_letterhead(bounces=INBOX, reply_to="editors@example.org"),
        signers=(Signer("example.org", "autumn", key),),
    )
    page = PAGE.replace("</h1>", f"</h1><p>{subject * 3}</p>").replace(
        "Weekly", "Weekly" if name == "en" else "هفته‌نامه"
    )
    message = letter(rendering(subject, page, text), head, 42, "reader@example.org", NOW, 7)
    assert golden.matches(f"{name}.message.eml", message.data)


def test_an_extra_issue_has_a_feedback_id_of_its_own() -> None:
    """Complaints about it are not counted with the regular issue of the same day."""
    extra = replace(rendering(), issue=replace(ISSUE, name="flood"))
    message = letter(extra, sample_letterhead(), 42, "reader@example.org", NOW)
    assert shown(message, "Feedback-ID") == "2026-11-22+flood:weekly:issue:example.org"


def test_a_message_is_fit_to_leave() -> None:
    """The rules of the field find nothing wrong with it."""
    assert findings(written().data) == ()


def test_both_bodies_carry_the_personal_link_and_no_placeholder() -> None:
    """The link stands where the rendering had its placeholder, in text and HTML."""
    message = written()
    assert f'<a href="{LINK}">Unsubscribe</a>' in part(message, "text/html")
    assert f"Unsubscribe: {LINK}\n" in part(message, "text/plain")
    assert "unsubscribe.invalid" not in part(message, "text/html") + part(message, "text/plain")


def test_a_link_with_characters_of_html_is_escaped_in_html_only() -> None:
    """An app_url may hold an ampersand."""
    head = letterhead(
        digest_settings(),
        mail_settings(),
        publish_settings(app_url="https://a.example.org/?x&y="),
        KEYS,
        PLACEHOLDER,
    )
    message = letter(rendering(), head, 42, "reader@example.org", NOW)
    assert 'href="https://a.example.org/?x&amp;y=/u/weekly/42.' in part(message, "text/html")
    assert "https://a.example.org/?x&y=/u/weekly/42." in part(message, "text/plain")


# ── ids ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_message_id_is_the_rows_own_and_never_changes() -> None:
    """Whenever and under whatever subject a row is sent again, receivers see the same message."""
    first = written()
    again = letter(
        rendering("Another subject"), sample_letterhead(), 42, "new@example.org", NOW + timedelta(1)
    )
    other = letter(rendering(), sample_letterhead(), 43, "reader@example.org", NOW)
    assert first.message_id == again.message_id == read(first)["Message-ID"]
    assert first.message_id != other.message_id
    assert "reader" not in first.message_id


def test_the_same_row_at_the_same_time_gives_the_same_bytes() -> None:
    """Nothing in a message is left to chance, the boundary included."""
    assert written().data == written().data


def test_ids_take_the_domain_of_the_tag_even_where_it_names_a_person() -> None:
    """``tag:mira@example.org,2026:`` is a legal tag (RFC 4151); its domain is what never changes."""
    publish = publish_settings(tag="tag:Mira@Example.ORG,2026-01:")
    head = letterhead(digest_settings(), mail_settings(), publish, KEYS, PLACEHOLDER)
    assert head.domain == "example.org"


# ── what strangers write ─────────────────────────────────────────────────────────────────────────

HOSTILE = (
    "=?utf-8?q?x=0D=0ABcc:_victim@example.org?=",
    "Water\r\nBcc: victim@example.org",
    "Water\nBcc: victim@example.org\n\n<script>",
    "Water\r\n\r\nA body of my own",
    "Water\x0bBcc: victim@example.org\x85Cc: victim@example.org\u2028To: victim@example.org",
    "=\u200e?utf-8?q?=0AX:_y?=",
    "\ud800 half a character",
    "\u202eredrow",
    "",
)


@pytest.mark.parametrize("subject", HOSTILE)
def test_a_title_never_adds_a_header(subject: str) -> None:
    """Raw line ends, encoded ones, and every other character that some program takes for a line end."""
    message = written(subject)
    parsed = read(message)
    assert header_names(message.data) == tuple(name for name in HEADERS if name not in OPTIONAL)
    assert list(parsed.keys()) == list(header_names(message.data))
    assert shown(message, "Subject").isprintable()
    assert "=?" not in shown(message, "Subject")


def test_control_the_standard_library_alone_makes_a_header_of_a_title() -> None:
    """The attack is real: without our own header, the parser of the standard library decodes it into lines."""
    parsed = message_from_bytes(f"Subject: {HOSTILE[0]}\r\n\r\n".encode(), policy=policy.default)
    assert "\r\n" in str(make_header(decode_header(HOSTILE[0]))) or "\r\n" in str(parsed["Subject"])


@given(
    st.text(max_size=300),
    st.text(max_size=80),
    st.text(max_size=80).filter(lambda text: "<" not in text and ">" not in text),
)
@settings(max_examples=500)
def test_no_text_anywhere_adds_a_header_or_a_finding_about_one(subject: str, title: str, name: str) -> None:
    """Five hundred odd subjects, digest titles and sender names: the head stays the expected one."""
    head = letterhead(
        digest_settings(title=title or "x"),
        mail_settings(**{"from": f"{name} <news@example.org>"}),
        publish_settings(),
        KEYS,
        PLACEHOLDER,
    )
    message = letter(rendering(subject), head, 42, "reader@example.org", NOW)
    found = findings(message.data)
    assert not [
        each
        for each in found
        if not (one_line(subject) == "" and str(each).startswith("2: Subject: expected one"))
    ]
    assert all(len(line) <= 998 for line in message.data.split(b"\r\n"))


@pytest.mark.parametrize(
    "subject", ["Wasser für alle", "آب و مدرسه", "水と学校" * 40, "x" * 400, "word " * 60]
)
def test_any_subject_arrives_as_it_was_written(subject: str) -> None:
    """In every script, however long; no line is longer than 78 characters, and no character is cut in two."""
    message = written(subject)
    assert shown(message, "Subject") == subject.strip()
    assert all(len(line) <= 78 for line in message.data.partition(b"\r\nDate:")[0].split(b"\r\n"))


@pytest.mark.parametrize(
    "name",
    [
        "The Lowland Weekly",
        "Weekly, The",
        'The "Lowland" Weekly \\',
        "Wöchentlich",
        "",
        "Ein langer Name für alle " * 5,
        "a.b (c)",
    ],
)
def test_any_sender_name_is_one_mailbox(name: str) -> None:
    """Commas, quotation marks and brackets in a name do not make a second address."""
    head = sample_letterhead(**{"from": f"{name} <news@example.org>" if name else "news@example.org"})
    message = letter(rendering(), head, 42, "reader@example.org", NOW)
    assert [mailbox.addr_spec for mailbox in read(message)["From"].addresses] == ["news@example.org"]
    assert parseaddr(shown(message, "From")) == (one_line(name).strip('" '), "news@example.org")


@pytest.mark.parametrize(
    "text", ["", "nobody", "Name <nobody>", "a@b@c", "Name <a@example.org> more", "x <\r\nb@c.org>"]
)
def test_a_sender_that_is_no_address_is_a_mistake_in_the_file(text: str) -> None:
    """Said once, when the settings are used, and not for each message."""
    with pytest.raises(ConfigError, match="from: expected Name <address>"):
        sample_letterhead(**{"from": text})


def test_an_address_in_another_script_travels_in_a_labels() -> None:
    """Only its domain can be written in ASCII; a local part that cannot needs SMTPUTF8 of the relay."""
    assert wire_address("reader@bücher.example.org") == "reader@xn--bcher-kva.example.org"
    assert wire_address("käthe@bücher.example.org") == "käthe@xn--bcher-kva.example.org"
    assert wire_address("reader@" + "ü" * 80) == "reader@" + "ü" * 80
    assert findings(written(address="käthe@bücher.example.org").data) == ()


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        "short\n",
        "a line of\n.\nits own\n..\n",
        "x" * 20_000,
        "Zeile für Zeile " * 900,
        "آب و مدرسه " * 900,
        "a\rb\r\nc\n",
        "trailing \t\n",
    ],
)
def test_any_body_survives_and_no_line_is_long(body: str) -> None:
    """Long lines, dots, other scripts, mixed line ends: CRLF, at most 76 characters, and the same text again."""
    message = written(text=body + "\n" + PLACEHOLDER)
    _, _, encoded = message.data.partition(b"\r\n\r\n")
    assert max(map(len, encoded.split(b"\r\n"))) <= 76
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", message.data)
    expected = re.sub("\r\n|\r", "\n", body + "\n" + LINK + "\n")
    assert part(message, "text/plain") == expected


def test_plain_text_comes_first() -> None:
    """Readers show the last part they understand (RFC 2046, section 5.1.4)."""
    kinds = [each.get_content_type() for each in read(written()).walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


# ── ways back ────────────────────────────────────────────────────────────────────────────────────


def returning(row: int | None = 7, **mail: object) -> Message:
    return letter(rendering(), sample_letterhead(bounces=INBOX, **mail), 42, "reader@example.org", NOW, row)


def test_a_bounce_tells_whose_it_is() -> None:
    """By the sender on the envelope, and by a header where a relay puts another sender in its place."""
    message = returning()
    assert message.sender.startswith("bounces+d7.")
    assert verp.read_sender(KEYS, message.sender) == 7
    assert verp.read_mark(KEYS, shown(message, verp.MARK)) == 7
    assert [mailbox.addr_spec for mailbox in read(message)["From"].addresses] == ["news@example.org"]
    assert [found for found in findings(message.data, message.sender) if found.rule != 13] == []


def test_one_may_leave_by_mail_as_well() -> None:
    """Behind the link, on the same line, with the same token (RFC 2369, RFC 8058)."""
    own = LINK.rpartition("/")[2]
    mailto = f"mailto:{INBOX}?subject=unsubscribe%20weekly%20{own}"
    assert shown(returning(), "List-Unsubscribe") == f"<{LINK}>, <{mailto}>"
    assert findings(returning().data) == ()


def test_each_way_back_can_be_turned_off() -> None:
    """For a relay that takes one sender only, and for who has no inbox that reads such mails."""
    assert returning(verp=False).sender == INBOX
    assert shown(returning(verp=False), verp.MARK).startswith("d7.")
    assert shown(returning(mailto_unsubscribe=False), "List-Unsubscribe") == f"<{LINK}>"
    without = written()
    assert without.sender == "news@example.org"
    assert verp.MARK not in read(without)
    assert shown(without, "List-Unsubscribe") == f"<{LINK}>"


def test_what_has_no_row_has_no_way_back_to_one() -> None:
    """A dry run, a proof, a test copy."""
    copy = test_copy(rendering(), sample_letterhead(bounces=INBOX), "editor@example.org", NOW)
    for message in (returning(row=None), copy):
        assert message.sender == INBOX
        assert verp.MARK not in read(message)
    assert "mailto" not in shown(copy, "List-Unsubscribe")


def test_an_inbox_whose_name_leaves_no_room_is_a_mistake_in_the_file() -> None:
    """A local part has 64 characters at most (RFC 5321, section 4.5.3.1.1)."""
    long = f"{'n' * 24}@example.org"
    with pytest.raises(ConfigError, match="at most 23 characters before the @, or set verp = false"):
        sample_letterhead(bounces=long)
    assert sample_letterhead(bounces=long, verp=False).envelope == long


# ── many copies ──────────────────────────────────────────────────────────────────────────────────


def test_a_stencil_makes_the_same_messages_as_letters_made_one_by_one() -> None:
    """In many threads at once: nothing of one copy is in another."""
    head = sample_letterhead(bounces=INBOX)
    form, people = stencil(rendering(), head, NOW), range(1, 200)

    def copy(number: int) -> Message:
        return form.letter(number, f"reader{number}@example.org", number)

    with ThreadPoolExecutor(8) as threads:
        copies = list(threads.map(copy, people))
    assert copies == [
        letter(rendering(), head, number, f"reader{number}@example.org", NOW, number) for number in people
    ]
    assert len({found.message_id for found in copies}) == len(people)


def test_a_copy_is_ready_for_the_wire() -> None:
    """So that a relay gets it as it is, without a look at each of its lines."""
    message = written(text=f".\n..dots\n{'.' * 300}\n{PLACEHOLDER}")
    assert message.ready
    assert stuffed(message) == message.data == stuffed(replace(message, ready=False))


def test_making_a_copy_costs_little() -> None:
    """What costs anything was done with the stencil: far less than encoding 40 KB anew for each."""
    form = stencil(
        rendering(page=PAGE.replace("</h1>", f"</h1>{'<p>Wasser für alle.</p>' * 2_000}")),
        sample_letterhead(),
        NOW,
    )
    with effort() as spent:
        for number in range(1, 201):
            form.letter(number, "reader@example.org", number)
    assert spent.seconds < 200 * 0.001


# ── test copies ──────────────────────────────────────────────────────────────────────────────────


def test_a_test_copy_is_marked_and_unsubscribes_nobody() -> None:
    """Its link leads to an explanation; its id is that of no row."""
    copy = test_copy(rendering(), sample_letterhead(), "editor@example.org", NOW)
    parsed = read(copy)
    assert parsed["Subject"] == "[Test] Water, schools and a bridge"
    assert parsed["List-Unsubscribe"] == "<https://app.example.org/u/weekly/test>"
    assert "https://app.example.org/u/weekly/test" in part(copy, "text/plain")
    assert copy.message_id.startswith("<weekly.2026-11-22.test.")
    assert findings(copy.data) == ()
