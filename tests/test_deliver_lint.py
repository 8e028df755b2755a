"""Each rule finds a message that breaks it, and only then."""

from __future__ import annotations

import pytest

from deliver_samples import KEYS, NOW, PAGE, PLACEHOLDER, TEXT, rendering, sample_letterhead
from digest.deliver.findings import Severity, errors
from digest.deliver.letterhead import letterhead
from digest.deliver.lint import RULES, findings, grave
from digest.deliver.message import letter
from digest.deliver.opened import House
from digest.publish import newsletter, sample
from digest.publish.mjml import compile_mjml
from digest.resources import Resources
from effort import effort


def message(page: str = PAGE, text: str = TEXT) -> bytes:
    return letter(rendering(page=page, text=text), sample_letterhead(), 42, "reader@example.org", NOW).data


def without(name: str) -> bytes:
    lines = message().split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(f"{name}:".encode()))


def replaced(old: str, new: str) -> bytes:
    assert old.encode() in message()
    return message().replace(old.encode(), new.encode(), 1)


NOTICE = b"\r\n".join(
    line
    for line in replaced("MIME-Version: 1.0", "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated").split(
        b"\r\n"
    )
    if not line.startswith((b"List-", b"Feedback-ID"))
)

SIGNED = (
    "from:from:to:to:subject:subject:date:date:message-id:message-id:mime-version:list-id:feedback-id"
    ":list-unsubscribe:list-unsubscribe:list-unsubscribe-post:list-unsubscribe-post"
)


def signed(domain: str = "example.org", **tags: str) -> bytes:
    """The message under a signature of a key of 2048 bits, or one that differs from it in some tags."""
    own = {"v": "1", "a": "rsa-sha256", "c": "relaxed/relaxed", "d": domain, "s": "mail", "h": SIGNED}
    line = "; ".join(
        f"{name}={value}" for name, value in (own | {"bh": "AAAA", "b": "A" * 344} | tags).items()
    )
    return f"DKIM-Signature: {line}\r\n".encode() + message()


BROKEN = {
    "1 no To": (1, without("To")),
    "1 two addresses": (1, replaced("To: reader@example.org", "To: a@example.org, b@example.org")),
    "1 two From": (1, replaced("To: ", "From: x@example.org\r\nTo: ")),
    "2 no Subject": (2, without("Subject")),
    "2 nested encoded word": (2, replaced("Water, schools", "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?= x")),
    "2 control characters": (2, replaced("Water, schools", "=?utf-8?q?=0D=0ABcc?= x")),
    "2 undecodable": (2, replaced("Water, schools", "=?utf-8?b?w?= x")),
    "2 long line": (2, replaced("Water, schools", "Water, " + "schools " * 10)),
    "3 no Date": (3, without("Date")),
    "3 a Date that is none": (3, replaced("Sun, 22 Nov 2026", "yesterday")),
    "4 no Message-ID": (4, without("Message-ID")),
    "4 of another's domain": (4, replaced("@example.org>\r\nMIME", "@example.net>\r\nMIME")),
    "4 of no domain": (4, replaced("@example.org>\r\nMIME", "@localhost>\r\nMIME")),
    "5 no MIME-Version": (5, without("MIME-Version")),
    "5 HTML first": (5, replaced("text/plain", "text/html")),
    "5 empty text": (5, message(text=" ")),
    "6 no List-Id": (6, without("List-Id")),
    "7 none": (7, without("List-Unsubscribe")),
    "7 folded": (7, replaced("List-Unsubscribe: <", "List-Unsubscribe:\r\n <")),
    "7 plain http": (7, replaced("List-Unsubscribe: <https://", "List-Unsubscribe: <http://")),
    "7 an encoded word": (7, replaced("List-Unsubscribe: <https", "List-Unsubscribe: =?utf-8?q?=3Chttps")),
    "8 none": (8, without("List-Unsubscribe-Post")),
    "9 personal": (9, replaced("Feedback-ID: ", "Feedback-ID: reader@example.org:")),
    "10 another word": (10, NOTICE.replace(b"auto-generated", b"auto-replied")),
    "11 one too many": (11, replaced("Date: ", "Bcc: victim@example.org\r\nDate: ")),
    "11 one twice": (11, replaced("Date: ", "List-Id: <a.example.org>\r\nDate: ")),
    "12 a long local part": (12, replaced("<news@", f"<{'n' * 65}@")),
    "13 another way to sign": (13, signed(a="ed25519-sha256")),
    "13 a length": (13, signed(l="400")),
    "13 room for a second From": (13, signed(h="from:to:subject:date:message-id:mime-version")),
    "13 a short key": (13, signed(b="A" * 172)),
    "13 a signature that is none": (13, signed(b="%%%")),
    "15 a bare line feed": (15, replaced("MIME-Version: 1.0\r\n", "MIME-Version: 1.0\n")),
    "15 8bit": (15, replaced("quoted-printable", "8bit")),
    "15 a long line": (15, replaced("<html lang", "<html " + "x" * 70 + " lang")),
    "16 raw characters": (16, replaced("From: The", "From: Thé")),
    "16 a domain in another script": (16, replaced("To: reader@", "To: reader@bücher.")),
    "17 too long": (17, message(page=PAGE.replace("</h1>", f"</h1><p>{'word ' * 20_000}</p>"))),
    "17 nearly too long": (17, message(page=PAGE.replace("</h1>", f"</h1><p>{'word ' * 16_000}</p>"))),
    "18 only in HTML": (
        18,
        message(page=PAGE.replace("</h1>", '</h1><a href="https://x.example.org/">x</a>')),
    ),
    "18 only in text": (18, message(text=TEXT + "https://x.example.org/\n")),
    "19 relative": (19, message(page=PAGE.replace("<h1>", '<a href="/water">Water</a><h1>'))),
    "19 plain http": (19, message(page=PAGE.replace("<h1>", '<a href="http://x.example.org/">x</a><h1>'))),
    "19 another host's address": (
        19,
        message(page=PAGE.replace("<h1>", '<a href="https://x.example.org/">www.bank.example</a><h1>')),
    ),
    "20 no alt text": (
        20,
        message(page=PAGE.replace("<h1>", '<img src="https://feeds.example.org/a.jpg"><h1>')),
    ),
    "20 from elsewhere": (
        20,
        message(page=PAGE.replace("<h1>", '<img alt="" src="https://pixels.example.net/a.gif"><h1>')),
    ),
    "21 no language": (21, message(page=PAGE.replace(' lang="en"', ""))),
    "21 an unknown language": (21, message(page=PAGE.replace('"en"', '"und"'))),
    "21 no direction": (21, message(page=PAGE.replace(' dir="ltr"', ""))),
    "22 a script": (22, message(page=PAGE.replace("<h1>", "<script>x</script><h1>"))),
    "22 a form": (22, message(page=PAGE.replace("<h1>", "<form></form><h1>"))),
    "22 a style from elsewhere": (
        22,
        message(page=PAGE.replace("<body>", '<link rel=stylesheet href="x.css"><body>')),
    ),
    "22 a font": (22, message(page=PAGE.replace("<body>", "<style>@IMPORT url(x)</style><body>"))),
    "22 a style for Outlook": (
        22,
        message(page=PAGE.replace("<h1>", "<!--[if mso]><style>@import 'x'</style><![endif]--><h1>")),
    ),
    "22 a data address": (
        22,
        message(page=PAGE.replace("<h1>", '<img alt="" src=" DATA:image/png;base64,AA"><h1>')),
    ),
    "22 a data address in a style": (
        22,
        message(page=PAGE.replace("<h1>", "<h1 style='background:url( \"data:image/png;base64,AA\")'>")),
    ),
    "22 an event": (22, message(page=PAGE.replace("<h1>", '<h1 onclick="x()">'))),
    "22 a script address": (22, message(page=PAGE.replace("<h1>", '<a href="javascript:x()">x</a><h1>'))),
    "22 MJML left over": (22, message(page=PAGE.replace("<h1>", "<mj-foo></mj-foo><h1>"))),
    "23 hidden in HTML": (23, message(page=PAGE.replace(PLACEHOLDER, "https://x.example.org/"))),
    "23 hidden in text": (23, message(text=TEXT.replace(PLACEHOLDER, ""))),
    "23 no postal line in HTML": (23, message(page=PAGE.replace("4 Dyke Road", ""))),
    "23 no postal line in text": (23, message(text=TEXT.replace("4 Dyke Road", ""))),
    "24 not filled in": (24, message(page=PAGE.replace("</h1>", " of {{ issue.title }}</h1>"))),
    "24 another tool's placeholder": (24, message(text=TEXT + "Dear *|FNAME|*,\n")),
    "24 a placeholder": (
        24,
        message(page=PAGE.replace("<h1>", '<a href="https://preferences.invalid/">x</a><h1>')),
    ),
    "24 an empty link": (24, message(page=PAGE.replace("<h1>", '<a href=" ">x</a><h1>'))),
    "24 an empty picture": (24, message(page=PAGE.replace("<h1>", '<img alt="" src=""><h1>'))),
}


HOUSE = House(
    frozenset({"feeds.example.org", "app.example.org"}), "example.org", "The Lowland Weekly, 4 Dyke Road"
)
SENDER = "news@example.org"


def numbers(data: bytes) -> set[int]:
    return {finding.rule for finding in findings(data, house=HOUSE)}


@pytest.mark.parametrize(("rule", "data"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_rule_is_found(rule: int, data: bytes) -> None:
    """One fault at a time, each found under its number."""
    assert rule in numbers(data)


def test_a_good_message_has_no_finding() -> None:
    """Otherwise the tests above would prove nothing."""
    assert findings(message(), house=HOUSE) == ()


@pytest.mark.parametrize(
    "words",
    ["Freedom of expression (Article 19)", "What @import and @font-face do", "url(data: and what it is)"],
)
def test_words_of_a_post_are_no_style(words: str) -> None:
    """A post may speak of what a style must not have; nothing of it loads anything."""
    assert findings(message(page=PAGE.replace("<h1>", f"<p>{words}</p><h1>")), house=HOUSE) == ()


def test_every_rule_of_a_message_is_tripped_here() -> None:
    """Rule 14 has its own test, and 25 is not one of a message."""
    assert {rule for rule, _ in BROKEN.values()} | {14} == set(RULES) == set(range(1, 25))


def test_a_signed_message_is_fit_to_leave() -> None:
    """All that matters is signed, once more than it is there, by a key that is long enough."""
    assert [str(found) for found in findings(signed(), "bounces+7f3a@example.org", HOUSE)] == []


def test_what_only_the_relay_can_do_is_a_note() -> None:
    """A message that nobody has signed yet, under one envelope for all, breaks no rule."""
    found = findings(message(), SENDER, HOUSE)
    assert [(each.rule, each.severity) for each in found] == [(12, Severity.NOTE), (13, Severity.NOTE)]
    assert errors(found) == ()


@pytest.mark.parametrize(
    ("sender", "signer", "expected"),
    [
        (SENDER, "elsewhere.example", set()),
        ("bounce@mail.example.org", "elsewhere.example", set()),
        ("bounce@relay.example", "example.org", set()),
        ("bounce@relay.example", "elsewhere.example", {14}),
        ("bounce@notexample.org", "elsewhere.example", {14}),
    ],
)
def test_from_is_of_the_domain_that_vouches_for_it(sender: str, signer: str, expected: set[int]) -> None:
    """By its signature or by its envelope, as DMARC asks; a name that only ends alike is another's."""
    assert {found.rule for found in findings(signed(signer), sender, HOUSE)} - {12} == expected


def test_a_link_may_name_its_own_host() -> None:
    """With www. or without; and words with a full stop in them are no address."""
    page = PAGE.replace(
        "</h1>",
        '</h1><a href="https://www.x.example.org/a">x.example.org/a</a> <a href="https://x.example.org/b">Mr. Orrel</a>',
    )
    text = TEXT + "https://www.x.example.org/a https://x.example.org/b\n"
    assert findings(message(page, text), house=HOUSE) == ()


def test_a_way_out_by_mail_may_stand_beside_the_first() -> None:
    """Where bounces are read, a mailto is another way to leave."""
    both = replaced(">\r\nList-Unsubscribe-Post", ">, <mailto:leave@example.org>\r\nList-Unsubscribe-Post")
    assert findings(both, house=HOUSE) == ()


def test_hostile_pages_are_looked_at_in_no_time() -> None:
    """No rule runs away on 100 KB of what it looks for."""
    for piece in ("{{", "*|A", "a.", "=?", "url(", '<a href="', "https://a."):
        data = message(page=PAGE.replace("</h1>", "</h1>" + piece * (100_000 // len(piece))))
        with effort() as spent:
            findings(data, SENDER, HOUSE)
        assert spent.seconds < 0.5, piece


@pytest.mark.parametrize("language", ["en", "de", "fa"])
def test_a_newsletter_from_the_real_templates_is_fit_to_leave(language: str) -> None:
    """An issue with one of everything, through MJML and into a message."""
    resources = Resources()
    digest, publish, mail = sample.settings(language)
    rendered = newsletter.render(
        sample.issue(language).document,
        version=1,
        digest=digest,
        publish=publish,
        mail=mail,
        templates=resources.environment(),
        strings=resources.strings(language),
        compile_mjml=compile_mjml,
    )
    head = letterhead(digest, mail, publish, KEYS, newsletter.UNSUBSCRIBE)
    assert findings(letter(rendered, head, 42, "reader@example.org", NOW).data) == ()


def test_a_notice_is_no_list_mail() -> None:
    """A confirmation says that it is automatic, and carries no headers of a list."""
    assert not numbers(NOTICE) & {6, 7, 8, 9, 10, 11, 23}


def test_a_demo_on_this_machine_may_do_without_https() -> None:
    """Its addresses are loopback ones, which nobody else can open."""
    local = message().replace(b"https://app.example.org", b"http://127.0.0.1:8000")
    assert 7 not in numbers(local)


def test_full_stops_and_brackets_after_a_link_are_not_part_of_it() -> None:
    """In a letter a link may end a sentence; one that itself ends in a bracket is still found."""
    page = PAGE.replace("</h1>", '</h1><a href="https://x.example.org/a_(b)">x</a>')
    assert (
        findings(message(page, TEXT + "Also (https://blog.example.org/water). https://x.example.org/a_(b)\n"))
        == ()
    )


@pytest.mark.parametrize(
    "data", [b"", b"\r\n\r\n", b"no headers at all", b"\xff\xfe\x00" * 50, b"Subject: x\r\n" * 2000]
)
def test_bytes_that_are_no_message_are_findings_and_no_crash(data: bytes) -> None:
    """Whatever the bytes are, the answer is a list of sentences."""
    assert {1, 2, 3, 4, 5} <= numbers(data)


def test_what_is_only_untidy_may_leave() -> None:
    """A link missing in the text is said; a header of a stranger's holds the message back."""
    assert grave(findings(BROKEN["18 only in HTML"][1])) == ()
    assert list(map(str, grave(findings(BROKEN["11 one too many"][1])))) == [
        "11: headers: the headers are not exactly the expected ones: Bcc"
    ]
