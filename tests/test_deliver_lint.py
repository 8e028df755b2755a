"""Each rule finds a message that breaks it, and only then."""

from __future__ import annotations

import pytest

from deliver_samples import KEYS, NOW, PAGE, PLACEHOLDER, TEXT, rendering, sample_letterhead
from digest.deliver.lint import findings, grave
from digest.deliver.message import letter, letterhead
from digest.publish import newsletter, sample
from digest.publish.mjml import compile_mjml
from digest.resources import Resources


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
    "15 a bare line feed": (15, replaced("MIME-Version: 1.0\r\n", "MIME-Version: 1.0\n")),
    "15 8bit": (15, replaced("quoted-printable", "8bit")),
    "15 a long line": (15, replaced("<html lang", "<html " + "x" * 70 + " lang")),
    "16 raw characters": (16, replaced("From: The", "From: Thé")),
    "16 a domain in another script": (16, replaced("To: reader@", "To: reader@bücher.")),
    "18 only in HTML": (
        18,
        message(page=PAGE.replace("</h1>", '</h1><a href="https://x.example.org/">x</a>')),
    ),
    "18 only in text": (18, message(text=TEXT + "https://x.example.org/\n")),
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
    "22 a data address": (
        22,
        message(page=PAGE.replace("<h1>", '<img alt="" src=" DATA:image/png;base64,AA"><h1>')),
    ),
    "22 an event": (22, message(page=PAGE.replace("<h1>", '<h1 onclick="x()">'))),
    "22 a script address": (22, message(page=PAGE.replace("<h1>", '<a href="javascript:x()">x</a><h1>'))),
    "22 MJML left over": (22, message(page=PAGE.replace("<h1>", "<mj-foo></mj-foo><h1>"))),
    "23 hidden in HTML": (23, message(page=PAGE.replace(PLACEHOLDER, "https://x.example.org/"))),
    "23 hidden in text": (23, message(text=TEXT.replace(PLACEHOLDER, ""))),
    "24 a placeholder": (
        24,
        message(page=PAGE.replace("<h1>", '<a href="https://preferences.invalid/">x</a><h1>')),
    ),
    "24 an empty link": (24, message(page=PAGE.replace("<h1>", '<a href=" ">x</a><h1>'))),
    "24 an empty picture": (24, message(page=PAGE.replace("<h1>", '<img alt="" src=""><h1>'))),
}


def numbers(data: bytes) -> set[int]:
    return {int(finding.partition(":")[0]) for finding in findings(data)}


@pytest.mark.parametrize(("rule", "data"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_rule_is_found(rule: int, data: bytes) -> None:
    """One fault at a time, each found under its number."""
    assert rule in numbers(data)


def test_a_good_message_has_no_finding() -> None:
    """Otherwise the tests above would prove nothing."""
    assert findings(message()) == ()


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
    assert grave(findings(BROKEN["11 one too many"][1])) == (
        "11: the headers are not exactly the expected ones: Bcc",
    )
