"""The newsletter: what a mail program shows, within what mail programs take."""

from __future__ import annotations

import quopri
import re
from base64 import encodebytes
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

import golden
import mails
from digest.errors import DigestError, TemplateError
from digest.isolate import Child
from digest.model import IssueDocument, Rendering
from digest.publish import newsletter
from digest.publish.columns import width
from digest.publish.fitting import HTML_LIMIT, TRANSFER_LIMIT
from digest.publish.newsletter import UNSUBSCRIBE, narrow
from digest.resources import Resources
from mails import links, tree
from publish_samples import (
    DIGEST,
    MAIL,
    each_text,
    hostile,
    issue,
    right_to_left,
    with_pictures,
)

Compile = Callable[[str], str]
ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@pytest.fixture(scope="module")
def compile_mjml() -> Iterator[Compile]:
    """The real compiler, in a child process as in production."""
    with Child(preload=("digest.publish.mjml",)) as child:

        def compiled(text: str) -> str:
            return str(child.run("digest.publish.mjml:compile_mjml", text))

        yield compiled


@pytest.fixture
def mail(compile_mjml: Compile) -> Callable[..., Rendering]:
    return partial(mails.mail, compile_mjml=compile_mjml)


def quoted_printable(rendering: Rendering) -> bytes:
    return quopri.encodestring(rendering.html.encode()).replace(b"\n", b"\r\n")


def base64(rendering: Rendering) -> bytes:
    return encodebytes(rendering.html.encode()).replace(b"\n", b"\r\n")


def long_and_persian() -> IssueDocument:
    """Every letter takes two bytes, and three times that in quoted-printable."""
    persian = right_to_left().picks[0]
    document = issue(200)
    groups = tuple(
        replace(
            group, picks=tuple(replace(persian, id=pick.id, blurb=persian.blurb * 3) for pick in group.picks)
        )
        for group in document.groups
    )
    return replace(document, language="fa", groups=groups)


def with_long_words(document: IssueDocument) -> IssueDocument:
    """Titles, blurbs, quotes and names without a place to break."""
    return each_text(
        document,
        lambda name, text: (
            text.replace(" ", "ſ") * 3
            if name in ("title", "blurb", "text", "speaker", "introduction")
            else text
        ),
    )


ISSUES = {
    "five picks": issue(5),
    "twenty-six picks": issue(26),
    "thirty picks": with_pictures(issue(30)),
    "sixty picks": with_pictures(issue(60)),
    "two hundred picks": with_pictures(issue(200)),
    "long words": with_pictures(with_long_words(issue(40))),
    "no picks": replace(issue(5), groups=(), quote_of_the_week=""),
    "right to left": right_to_left(),
    "mixed directions": replace(right_to_left(), language="en"),
    "two hundred picks right to left": long_and_persian(),
    "hostile in every field": with_pictures(hostile(issue(12))),
}


@pytest.mark.parametrize("name", ISSUES)
def test_every_mail_keeps_the_rules(name: str, mail: Callable[..., Rendering]) -> None:
    """Size, language, direction, pictures of our own, no script, form, font or MJML tag (rules 17, 20–22)."""
    rendering = mail(ISSUES[name])
    page = tree(rendering)
    assert len(rendering.html.encode()) <= HTML_LIMIT
    assert min(len(encoded(rendering)) for encoded in (quoted_printable, base64)) <= TRANSFER_LIMIT
    assert page.get("lang") == ISSUES[name].language
    assert page.get("dir") in ("ltr", "rtl")
    assert not page.xpath("//script|//form|//iframe|//link|//object|//svg")
    assert all(str(src).startswith("https://feeds.example.org/pictures/") for src in page.xpath("//img/@src"))
    assert all(str(img.get("alt")).strip() for img in page.iter("img"))
    assert not [name for name in page.xpath("//@*") if name.attrname.startswith("on")]
    assert "@import" not in rendering.html
    assert "@font-face" not in rendering.html
    assert "<mj-" not in rendering.html
    assert {table.get("role") for table in page.xpath("//table")} == {"presentation"}


@pytest.mark.parametrize("name", ISSUES)
def test_text_and_html_have_the_same_absolute_links(name: str, mail: Callable[..., Rendering]) -> None:
    """Rules 18 and 19: who reads the text misses nothing, and no address needs a base."""
    rendering = mail(ISSUES[name])
    in_html = set(links(rendering))
    assert all(ADDRESS.fullmatch(href) for href in in_html)
    assert set(re.findall(r"(?m)(?:^\[\d+\]|: ) ?(https?://\S+)$", rendering.text)) == in_html


@pytest.mark.parametrize("name", ISSUES)
def test_the_letter_is_at_most_72_columns_wide(name: str, mail: Callable[..., Rendering]) -> None:
    """Only an address may be longer, because it must not be broken; no line ends in a space."""
    lines = mail(ISSUES[name]).text.split("\n")
    assert [line for line in lines if width(line) > 72 and "://" not in line] == []
    assert [line for line in lines if line != line.rstrip()] == []


def test_personal_links_are_placeholders_in_both_parts(mail: Callable[..., Rendering]) -> None:
    """Delivery replaces them before it encodes; unsubscribing is as visible as the rest (rule 23)."""
    rendering = mail(issue(5))
    assert UNSUBSCRIBE in links(rendering)
    assert f"Unsubscribe: {UNSUBSCRIBE}\n" in rendering.text
    for part in (rendering.html, rendering.text):
        assert MAIL.postal in part
        assert DIGEST.title in part


def test_every_quote_is_there_verbatim_once(mail: Callable[..., Rendering]) -> None:
    """The words of each quote in both parts, with their speaker and a link to them (rule 25)."""
    document = issue(1)
    rendering = mail(document)
    text = " ".join(rendering.text.split())
    for shown in document.picks[0].quotes:
        assert tree(rendering).text_content().count(shown.quote.text) == 1
        assert text.count(shown.quote.text) == 1
        assert shown.quote.link in links(rendering)
        assert shown.quote.speaker in rendering.text


def test_hostile_text_is_shown_as_text(mail: Callable[..., Rendering]) -> None:
    """Markup, MJML and template syntax from a feed are words; the tree has the elements of an honest issue."""
    honest, attacked = (tree(mail(document)) for document in (issue(5), hostile(issue(5))))
    assert "<script>alert(1)</script>" in attacked.text_content()
    assert "{{ 7*7 }}" in attacked.text_content()
    assert len(attacked.xpath("//h3")) == len(honest.xpath("//h3"))
    assert {element.tag for element in attacked.iter()} == {element.tag for element in honest.iter()}


def test_the_subject_is_one_clean_line(mail: Callable[..., Rendering]) -> None:
    """No line break, control character or encoded word gets from a title into a header (rule 2)."""
    rendering = mail(
        replace(issue(1), subject="A =?utf-8?q?x=0D=0ABcc:_e@x?= b\r\nBcc: eve@example.net\x00\u202e")
    )
    assert rendering.subject == "A = ?utf-8?q?x=0D=0ABcc:_e@x?= b Bcc: eve@example.net"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("https://bank.example/login", "blog.example.org"),
        ("www.bank.example", "blog.example.org"),
        ("bank.example", "blog.example.org"),
        ("bank.example/login?x=1", "blog.example.org"),
        ("Read https://bank.example/a now", "Read blog.example.org now"),
        ("https://blog.example.org@bank.example/", "blog.example.org"),
        ("See http://[bank.example/", "See blog.example.org"),
        ("https://blog.example.org/about", "https://blog.example.org/about"),
        ("What we know of the 3.5 percent", "What we know of the 3.5 percent"),
        ("St. Odo, revisited. Part two", "St. Odo, revisited. Part two"),
        ("", "blog.example.org"),
    ],
)
def test_a_link_never_names_a_host_that_it_does_not_lead_to(
    title: str, shown: str, mail: Callable[..., Rendering]
) -> None:
    """Rule 19: a title that is another host's address gives way to the real host."""
    document = issue(1)
    posing = replace(document.picks[0], title=title)
    page = tree(mail(replace(document, groups=(replace(document.groups[0], picks=(posing,)),))))
    assert page.xpath("string(//h3)").strip() == shown


def test_a_post_in_another_direction_stands_right(mail: Callable[..., Rendering]) -> None:
    """A Persian post in an English mail has its own lang and dir; an English one in a Persian mail too."""
    for language, other in (("en", "fa"), ("fa", "en")):
        page = tree(mail(replace(right_to_left(), language=language)))
        blocks = page.xpath(f"//div[@lang='{other}']")
        assert blocks
        assert {block.get("dir") for block in blocks} == {"rtl" if other == "fa" else "ltr"}
        assert not page.xpath(f"//body//div[@lang='{language}'][not(@role)]")


def test_headings_are_in_order(mail: Callable[..., Rendering]) -> None:
    """A screen reader's outline: the digest, its themes, their posts."""
    levels = [int(heading.tag[1]) for heading in tree(mail(issue(5))).iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_same_issue_gives_the_same_bytes(mail: Callable[..., Rendering]) -> None:
    """Before the first row of a send a rendering is hashed: the hash must be able to tell that nothing changed."""
    assert mail(issue(12)) == mail(issue(12))
    assert mail(issue(12)).sha256 != mail(issue(11)).sha256


# ── a choice of themes ───────────────────────────────────────────────────────────────────────────


def test_a_choice_of_themes_narrows_everything(mail: Callable[..., Rendering]) -> None:
    """Subject, contents, quote of the week and posts come from the chosen themes only."""
    document = replace(issue(10), title="Press freedom · Schools", subject="Press freedom · Schools")
    rendering = mail(document, choice="elections,health")
    assert rendering.choice == "elections,health"
    assert rendering.subject == "Elections · Health"
    for absent in ("Press freedom", "PRESS FREEDOM", "New videos", "Also published"):
        assert absent not in tree(rendering).text_content()
    week = narrow(document, "elections,health")
    assert week is not None
    assert week.quote_of_the_week in {quote.id for pick in week.picks for quote in pick.quotes}


def test_the_quote_of_the_week_stays_if_its_theme_was_chosen() -> None:
    """The editor's choice goes before ours."""
    narrowed = narrow(issue(10), "health,press-freedom")
    assert narrowed is not None
    assert narrowed.quote_of_the_week == "q-0-0"


def test_a_choice_that_leaves_nothing_is_none(mail: Callable[..., Rendering]) -> None:
    """Such a subscriber gets no mail, and nobody can render one by mistake."""
    document = issue(3)
    assert narrow(document, "gardening") is None
    assert narrow(document, ",") is None
    with pytest.raises(DigestError, match="nothing under gardening"):
        mail(document, choice="gardening")


def test_no_choice_is_everything() -> None:
    """The whole issue, untouched."""
    assert narrow(issue(3), "") == issue(3)


def test_posts_without_a_theme_go_only_to_those_who_take_everything() -> None:
    """A group that was formed by itself has no slug that anybody could have chosen."""
    document = issue(3)
    unthemed = replace(document, groups=tuple(replace(group, slug="") for group in document.groups))
    assert narrow(unthemed, "press-freedom") is None


# ── mistakes in templates ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mistake", "place"),
    [
        ("<p>{{ group.titel }}</p>", r"group\.mjml\.j2, line 2: .*titel"),
        ("{% if %}", r"group\.mjml\.j2, line 2: "),
        (
            "<p>fine</p>\n<mj-carousell>x</mj-carousell>",
            r"group\.mjml\.j2, line 3: MJML knows no <mj-carousell>",
        ),
        ("<p>fine</p>\n" + "<mj-wrapper>" * 20_000, r"group\.mjml\.j2, line 3: "),
        (
            '{% include "email/nowhere.j2" %}',
            r"email/nowhere\.j2 is missing; it is named in .*group\.mjml\.j2, line 2",
        ),
        ('{{ say("nowhere") }}', r"group\.mjml\.j2, line 2: .*there is no nowhere"),
    ],
)
def test_a_mistake_in_a_template_names_its_file_and_line(
    mistake: str, place: str, tmp_path: Path, mail: Callable[..., Rendering]
) -> None:
    """Whether Jinja2, MJML or the crash of its compiler tells: the file that a person must open, and the line."""
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "group.mjml.j2").write_text(f"<h2>{{{{ group.title }}}}</h2>\n{mistake}\n")
    with pytest.raises(TemplateError, match=place):
        mail(issue(2), resources=Resources(tmp_path))


def test_a_user_s_part_replaces_ours(tmp_path: Path, mail: Callable[..., Rendering]) -> None:
    """One file of a user's folder, and the rest of the newsletter stays."""
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "masthead.mjml.j2").write_text("<h1>Our own masthead</h1>\n")
    page = tree(mail(issue(2), resources=Resources(tmp_path)))
    assert page.xpath("string(//h1)") == "Our own masthead"
    assert len(page.xpath("//h3")) == 2


@pytest.mark.parametrize(("name", "document"), [("en", issue(5)), ("fa", right_to_left())])
def test_the_mail_is_the_golden_one(
    name: str, document: IssueDocument, mail: Callable[..., Rendering]
) -> None:
    """Any change of a byte is reviewed as a diff (DIGEST_REFRESH_GOLDEN=1 stores it)."""
    rendering = mail(document)
    assert golden.matches(f"{name}.mail.html", rendering.html.encode())
    assert golden.matches(f"{name}.mail.txt", rendering.text.encode())


def test_the_preheader_tells_what_the_subject_does_not() -> None:
    """The first titles, short enough for an inbox; never "view in browser"."""
    text = newsletter.preheader(each_text(issue(5), lambda name, text: text))
    assert text.startswith("“We printed it")
    assert len(text) <= newsletter.PREHEADER_LIMIT
