"""`digest preview`: an issue in all its forms on this machine, over real HTTP and in a real browser."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from digest.demo.pictures import png
from digest.model import IssueId
from digest.web.frames import in_scheme
from digest.web.preview import create_preview
from digest.web.server import serve
from installation import NOW, Place, installed, process

SHIPPED = Path(__file__).parents[1] / "templates"
MASTHEAD = "email/masthead.mjml.j2"


@dataclass(frozen=True)
class Answer:
    """What the preview answered."""

    status: int
    text: str
    policy: str
    kind: str


@dataclass(frozen=True)
class Shown:
    """An issue of an installation, and where it is shown."""

    place: Place
    issue: str
    address: str

    def get(self, path: str, host: str = "", method: str = "GET") -> Answer:
        """Ask for a path."""
        asked = urlsplit(self.address)
        with closing(http.client.HTTPConnection(asked.hostname or "", asked.port, timeout=30)) as connection:
            connection.request(method, path, headers={"Host": host or asked.netloc})
            answer = connection.getresponse()
            policy = answer.headers["Content-Security-Policy"] or ""
            kind = answer.headers["Content-Type"] or ""
            return Answer(answer.status, answer.read().decode(), policy, kind)

    def stamp(self) -> str:
        """What tells this state from any other."""
        return str(json.loads(self.get("/state.json").text)["stamp"])

    def write(self, text: str, name: str = MASTHEAD) -> None:
        """Put a template into the user's folder."""
        file = self.place.folder / "mine" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def masthead(more: str = "") -> str:
    """The masthead that ships, with something before it."""
    return more + (SHIPPED / MASTHEAD).read_text(encoding="utf-8")


@contextmanager
def preview(folder: Path) -> Iterator[Shown]:
    """An issue of two posts, shown."""
    (folder / "mine").mkdir()
    with installed(folder, publish='templates_dir = "mine"') as place:
        place.blog.write("flood", "mill", at=datetime.now(UTC))
        issue = place.drafted()
        with place.opened() as installation:
            app = create_preview(installation, IssueId.parse(issue), lambda: NOW, folder)
            with serve(app, "127.0.0.1", 0) as address:
                yield Shown(place, issue, address)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """One for the tests that change nothing."""
    with preview(tmp_path_factory.mktemp("still")) as shown:
        yield shown


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """One whose templates tests change."""
    with preview(tmp_path_factory.mktemp("changing")) as shown:
        yield shown


@pytest.fixture
def shown(changing: Shown) -> Shown:
    """The same, with no template of its user's own."""
    shutil.rmtree(changing.place.folder / "mine" / "email", ignore_errors=True)
    return changing


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A tab of a browser."""
    with browser.new_context(viewport={"width": 1500, "height": 1000}) as context:
        yield context.new_page()


FRAMES = (
    "/mail-light.html",
    "/mail-dark.html",
    "/mail-bare.html",
    "/entry.html",
    "/page.html",
    "/checks.html",
)


def test_the_table_has_every_form_of_the_issue(still: Shown) -> None:
    """Mail at two widths in three lights, text part, headers, entry, page, links; size and findings beside them."""
    table = still.get("/").text
    for path in (*FRAMES, "/mail.txt"):
        assert f'src="{path[1:]}?' in table, path
    assert table.count('width="375"') == table.count("phone, ") // 2 == 3
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in table
    assert "KB of HTML" in table
    assert "<td>12</td>" in table


@pytest.mark.parametrize("path", [*FRAMES, "/mail.txt"])
def test_every_frame_is_inert(still: Shown, path: str) -> None:
    """Whatever a post or a template brought: nothing runs, nothing is submitted, however the page is opened."""
    answer = still.get(path)
    assert answer.status == 200
    assert answer.policy.endswith("; sandbox")
    assert "script-src" not in answer.policy
    assert answer.policy.startswith("default-src 'none'")


def test_each_form_says_what_the_issue_says(still: Shown) -> None:
    """The quote of a post stands in the mail, its text, the entry and the page."""
    for path in ("/mail-light.html", "/mail.txt", "/entry.html", "/page.html"):
        assert "Nobody in Hollin asked the" in " ".join(still.get(path).text.split()), path
    assert still.get("/mail.txt").kind.startswith("text/plain")


def test_the_links_are_asked(still: Shown) -> None:
    """Those of the posts lead to a host that there is not."""
    checks = still.get("/checks.html").text
    assert checks.count("<strong>dead</strong>: <code>https://hollin.test/") == 4
    assert "Mail programs&#39; support was not checked: install Node, and run make node." in checks


def test_pictures_come_from_here_before_they_are_published(still: Shown) -> None:
    """Those of the gallery, and nothing else of this machine."""
    name = f"{'ab' * 16}.jpg"
    folder = still.place.folder / "var" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"a picture")
    assert still.get(f"/pictures/{name}").text == "a picture"
    assert still.get("/pictures/..%2F..%2Fconfig.toml").status == 404
    assert still.get(f"/pictures/{'0' * 32}.jpg").status == 404


def test_only_this_machine_is_answered(still: Shown) -> None:
    """Another's page cannot read it under a name that leads here, and nothing is written by asking."""
    assert still.get("/", host="evil.example").status == 400
    assert still.get("/", host="localhost").status == 200
    assert still.get("/", method="POST").status == 405


def test_a_page_is_shown_light_or_dark_whatever_the_browser_likes() -> None:
    """What the style sheet asks for is answered in it."""
    page = "<style>:root{color-scheme: light dark}@media (prefers-color-scheme:dark){a{}}</style>"
    assert in_scheme(page, "dark") == "<style>:root{color-scheme: dark}@media (min-width: 0){a{}}</style>"
    assert in_scheme(page, "light") == "<style>:root{color-scheme: light}@media (max-width: 0){a{}}</style>"
    assert in_scheme("<p>light dark</p>", "dark") == "<p>light dark</p>"


def test_what_changes_gets_another_stamp(shown: Shown) -> None:
    """A template, the issue, and not the mere passing of time."""
    before = shown.stamp()
    assert shown.stamp() == before
    shown.write(masthead("Hello. "))
    written = shown.stamp()
    shown.place.done("edit", shown.issue, "--title", "Another title")
    edited = shown.stamp()
    assert len({before, written, edited}) == 3
    assert "Hello." in shown.get("/mail-light.html").text


def test_a_mistake_is_shown_with_file_and_line_and_goes_away(shown: Shown) -> None:
    """What the mistake does not touch is still shown."""
    shown.write(masthead("\n{{ nonsense }}\n"))
    table = shown.get("/").text
    assert "masthead.mjml.j2, line 2: &#39;nonsense&#39; is undefined." in table
    assert "page.html" in table
    assert "mail-light.html" not in table
    assert shown.get("/mail-light.html").status == 404
    shown.write(masthead())
    assert "nonsense" not in shown.get("/").text
    assert shown.get("/mail-light.html").status == 200


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{% if %}", "masthead.mjml.j2, line 1: Expected an expression"),
        ("<mj-nonsense>", "masthead.mjml.j2"),
        ("<td>", "masthead.mjml.j2"),
        ("{% for i in range(9999999) %}{% endfor %}", "masthead.mjml.j2, line 1"),
    ],
)
def test_every_kind_of_mistake_is_a_sentence(shown: Shown, text: str, sentence: str) -> None:
    """Of Jinja2's, of MJML's, of reason."""
    shown.write(masthead(text))
    answer = shown.get("/")
    assert (answer.status, "It cannot be made" in answer.text) == (200, True)
    assert sentence in answer.text


def test_a_template_that_is_no_text_is_a_sentence(shown: Shown) -> None:
    """An editor that saved it in another encoding."""
    file = shown.place.folder / "mine" / MASTHEAD
    file.parent.mkdir()
    file.write_bytes(b"\xff\xfe")
    assert "is no UTF-8 text" in shown.get("/").text


@pytest.mark.browser
def test_the_browser_loads_it_anew_by_itself(shown: Shown, tab: Page) -> None:
    """A mistake appears while nobody touches the page, and goes when it is mended."""
    tab.goto(shown.address)
    tab.wait_for_function("document.getElementById('state').textContent === 'up to date'")
    assert tab.locator(".problem").count() == 0
    shown.write(masthead("\n{{ nonsense }}\n"))
    tab.wait_for_selector(".problem", timeout=20_000)
    assert "line 2: 'nonsense' is undefined" in tab.inner_text(".problem")
    shown.write(masthead("Mended. "))
    tab.wait_for_selector(".problem", state="detached", timeout=20_000)
    assert "Mended." in tab.frame_locator("iframe").first.locator("body").inner_text()


@pytest.mark.browser
def test_dark_and_bare_look_as_they_say(still: Shown, tab: Page) -> None:
    """Whatever this browser prefers: ink on light paper, then light ink on dark; and no frame has a script that ran."""
    tab.goto(still.address)
    tab.wait_for_load_state("networkidle")

    def ink(title: str) -> int:
        heading = tab.frame_locator(f"iframe[title='The mail: {title}']").locator("h1").first
        return sum(map(int, heading.evaluate("e => getComputedStyle(e).color").strip("rgb()").split(",")))

    assert ink("phone, light") < 200 < 600 < ink("phone, dark")
    assert ink("phone, without pictures") == ink("desktop, light") < 200


@pytest.mark.browser
def test_pictures_are_seen_but_where_they_are_off(shown: Shown, tab: Page) -> None:
    """A picture of ours comes from this machine into a frame that may reach nothing else; without it its alt text stands."""
    name = f"{'cd' * 16}.jpg"
    folder = shown.place.folder / "var" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(png("quay"))
    shown.write(masthead(f'<img alt="A quay" src="http://127.0.0.1:8000/feeds/pictures/{name}">'))
    tab.goto(shown.address)
    tab.wait_for_load_state("networkidle")

    def width(title: str) -> int:
        picture = tab.frame_locator(f"iframe[title='The mail: {title}']").locator("img[alt='A quay']")
        return int(picture.evaluate("e => e.naturalWidth"))

    assert [width("phone, light") > 0, width("phone, without pictures") > 0] == [True, False]


def test_the_command_says_where_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    """On this machine only; a port that is taken is one sentence."""
    with installed(tmp_path) as here, socket.create_server(("127.0.0.1", 0)) as taken:
        here.blog.write("mill", at=datetime.now(UTC))
        issue = here.drafted()
        port = taken.getsockname()[1]
        refused = here.digest("preview", issue, "--port", port)
        assert (refused.code, len(refused.err.splitlines())) == (1, 1)
        running = process("--config", here.path, "preview", issue, folder=here.folder)
        assert running.stdout is not None
        said = running.stdout.readline()
        assert said.startswith(f"{issue} is shown at http://127.0.0.1:")
        os.kill(running.pid, signal.SIGINT)
        _, errors = running.communicate(timeout=30)
    assert "Traceback" not in errors
