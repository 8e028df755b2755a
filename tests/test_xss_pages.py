"""Whatever a blog, an editor, a reader, a relay or a bounce says: no page, mail or feed runs it, in a real browser.

The escaping is tried without the Content-Security-Policy, which would hide its mistakes; the policy is tried where the
escaping is broken on purpose. ``DIGEST_XSS=long`` takes three vectors a post instead of six, so that fewer of them
stand in the shadow of another one.
"""

from __future__ import annotations

import email.policy
import json
import os
import re
from collections.abc import Iterator
from email import message_from_bytes
from html import unescape
from threading import Event

import pytest
import requests
from playwright.sync_api import Browser

from digest.pipeline.mail import outbox
from digest.resources import Resources
from hostile_desk import SUNDAY, Besieged, besieged
from watching import Watched
from xss import vectors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("xss")]

SIZE = 3 if os.environ.get("DIGEST_XSS") == "long" else 6
SHOWN = (".html", ".xml", ".opml", ".txt")
FILES = (".csv", ".jsonl", "data.json")  # which a browser only saves
TITLE = "<bdi>{{ pick.title }}</bdi>"


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    with besieged(tmp_path_factory.mktemp("siege"), vectors(), SIZE) as found:
        yield found


@pytest.fixture
def watched(browser: Browser, siege: Besieged) -> Iterator[Watched]:
    with Watched(browser, siege.home) as watched:
        watched.sign_in(siege.browser.session)
        yield watched


# ── what is shown ────────────────────────────────────────────────────────────────────────────────


def test_there_are_enough_vectors_and_each_reaches_the_pages(siege: Besieged) -> None:
    """In titles, choices, the published page, the feed and the mail's preview: what is not shown would prove nothing."""
    assert len({vector.text for vector in vectors()}) >= 300
    issue = f"desk/issue/{SUNDAY}"
    picks = "".join(text_of(siege, f"{issue}/pick/{pick.post}") for pick in siege.issue.document.picks)
    seen = {
        "outline": text_of(siege, issue),
        "picks": picks,
        "page": text_of(siege, f"feeds/{SUNDAY}/"),
        "feed": text_of(siege, "feeds/weekly/videos.xml") + text_of(siege, "feeds/weekly/themes/water.xml"),
        "source": text_of(siege, "desk/sources/hollin"),
    }
    assert {name: text.count("ran(") > 20 for name, text in seen.items()} == dict.fromkeys(seen, True)
    for name in ("outline", "picks", "page"):
        assert [each.label for each in vectors() if each.label not in seen[name]] == [], name


def test_no_page_runs_what_it_shows(siege: Besieged, watched: Watched) -> None:
    """Every page of the desk with its frames, of readers, and of what is published."""
    paths = [
        *siege.pages(),
        *siege.readers_pages(),
        *(path for path in siege.published() if path.endswith(SHOWN)),
    ]
    assert len(paths) > 100
    shown = [path for path in paths if not path.endswith(FILES)]
    found = {path: dangers for path in shown if (dangers := watched.open(path))}
    assert found == {}


def test_no_answer_to_a_form_runs_what_it_was_sent(siege: Besieged, watched: Watched) -> None:
    """A source that is only tried, a sign-in with odd words, a form that wants what does not exist."""
    watched.open("desk/sources")
    watched.tab.get_by_label("Try an address").fill(siege.desk.installation.settings.sources[0].url)
    watched.tab.get_by_role("button", name="Try it").click()
    assert siege.groups[0][0].label in watched.tab.inner_text("main")
    assert watched.dangers() == []
    odd = dict.fromkeys(
        (
            "do",
            "post",
            "quote",
            "url",
            "address",
            "password",
            "code",
            "to",
            "name",
            "title",
            "terms",
            "why",
            "source",
        ),
        siege.groups[0][0].text,
    )
    posted = (f"issue/{SUNDAY}/change", "sources/try", f"deliveries/{SUNDAY}/settle", "me/code")
    for path in (*posted, "subscribers/add", "subscribers/suppress", "themes/try", "editors/add"):
        assert watched.show(siege.browser.send("me", path, **odd, seen="0").text) == []
    assert watched.show(siege.browser.post("sign-in", **odd).text) == []


def test_no_mail_and_no_entry_of_a_feed_runs_in_a_program_that_trusts_it(
    siege: Besieged, watched: Watched
) -> None:
    """A reader's copy, what editors are mailed, and each entry of the feed as the HTML that it is."""
    siege.place.inbox.replies = None
    outbox.send(siege.desk.installation, siege.desk.clock, Event())
    mails = [
        message_from_bytes(each.data, policy=email.policy.default) for each in siege.place.inbox.messages
    ]
    last = {str(mail["Subject"]): mail for mail in mails}
    assert len(last) >= 2
    bodies = [part.get_content() for mail in last.values() if (part := mail.get_body(("html",)))]
    feed = json.loads((siege.place.feeds / "weekly" / "feed.json").read_text(encoding="utf-8"))
    bodies += [item["content_html"] for item in feed["items"]]
    assert sum(body.count("ran(") for body in bodies) > 100
    assert [dangers for body in bodies if (dangers := watched.show(body))] == []


# ── what stands behind the escaping ──────────────────────────────────────────────────────────────


def test_every_page_forbids_scripts_of_others(siege: Besieged) -> None:
    """No inline script anywhere; no inline style at the desk but in frames, and these run nothing at all."""
    pages = [
        path for path in siege.pages() if "/pick/" not in path or siege.issue.document.picks[0].post in path
    ]
    for path in (*pages, *siege.readers_pages(), f"feeds/{SUNDAY}/", "feeds/weekly/search/"):
        answer = siege.browser.session.get(f"{siege.guarded}{path}", timeout=20)
        policy = directives(answer.headers["content-security-policy"])
        assert policy["default-src"] == "'none'", path
        assert policy.get("script-src", "'self'") == "'self'", path
        assert policy["base-uri"] == "'none'", path
        assert {"form-action", "frame-ancestors"} <= policy.keys(), path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        is_frame = re.search(r"/proof/(mail|entry|page)", path)
        assert (
            "sandbox" in policy if is_frame else path.startswith("feeds/") or policy["style-src"] == "'self'"
        ), path


def test_frames_of_what_others_wrote_may_nothing(siege: Besieged) -> None:
    """Each preview stands in a frame with an empty ``sandbox``."""
    page = siege.browser.session.get(f"{siege.guarded}desk/issue/{SUNDAY}", timeout=20).text
    frames = re.findall(r"<iframe [^>]+>", page)
    assert len(frames) == 7
    assert [frame for frame in frames if "findings.html" not in frame and " sandbox " not in frame] == []


# ── the control: what is broken on purpose is noticed ────────────────────────────────────────────


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    """The desk with one escape switched off in a template: the title of a pick in the outline."""
    folder = tmp_path_factory.mktemp("broken")
    ours = Resources().files["desk/issue.html.j2"].read_text(encoding="utf-8")
    assert ours.count(TITLE) == 1
    (folder / "templates" / "desk").mkdir(parents=True)
    unescaped = ours.replace(TITLE, "<bdi>{{ pick.title | safe }}</bdi>")
    (folder / "templates" / "desk" / "issue.html.j2").write_text(unescaped, encoding="utf-8")
    with besieged(folder, vectors()[:14], SIZE, folder / "templates") as found:
        yield found


def test_a_page_with_one_escape_switched_off_is_seen_to_run(browser: Browser, broken: Besieged) -> None:
    """The control: pictures, drawings, frames and scripts run, and a host elsewhere is asked."""
    with Watched(browser, broken.home) as watched:
        watched.sign_in(broken.browser.session)
        happened = watched.open(f"desk/issue/{SUNDAY}")
    ran = {int(number) for each in happened for number in re.findall(r"^ran\((\d+)\)", each)}
    assert {1, 2, 3, 8, 9} <= ran
    assert any("canary.test" in each for each in happened if each.startswith("asks for"))


def test_the_policy_stops_what_escaping_would_let_through(browser: Browser, broken: Besieged) -> None:
    """The same page under its Content-Security-Policy: nothing runs, and the browser says what it refused."""
    with Watched(browser, broken.guarded) as watched:
        watched.sign_in(broken.browser.session)
        happened = [each for each in watched.open(f"desk/issue/{SUNDAY}") if " has " not in each]
        assert happened == []
        assert {"script-src-attr", "script-src-elem"} <= set(watched.refused)


def text_of(siege: Besieged, path: str) -> str:
    """What a page says, its markup left out."""
    answer = requests.get(f"{siege.home}{path}", cookies=siege.browser.session.cookies, timeout=20)
    assert answer.ok, path
    return unescape(unescape(re.sub(r"<[^>]*>", "", answer.text)))


def directives(policy: str) -> dict[str, str]:
    """A Content-Security-Policy, by the names of its directives."""
    parts = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _, value in parts}
