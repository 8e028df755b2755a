"""The search over issues: what its index holds, that a browser reads it, and how little it loads."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from deliver_samples import KEYS, NOW, settings
from digest.files import write_tree
from digest.model import IssueDocument, Note
from digest.publish import search
from digest.publish.addresses import PublishedIssue
from digest.publish.folding import LONGEST, folded, words
from digest.publish.page import Shelf
from digest.publish.plan import House, plan
from digest.resources import Resources
from digest.store.database import open_database
from digest.web.app import create_app
from digest.web.server import serve
from publish_samples import DIGEST, PUBLISH, hostile, issue, published, right_to_left

RESOURCES = Resources()
ENVIRONMENT = RESOURCES.environment()

# What is searched for, and what stands there.
SPELLINGS = [
    ("eleve", "Élève"),
    ("strasse", "Straße"),
    ("οδος", "ΟΔΌΣ"),
    ("کتاب", "كِتَاب"),
    ("میروم", "می‌روم"),
    ("2026", "۲۰۲۶"),
    ("smørrebrød", "Smorrebrod"),
    ("İstanbul", "istanbul"),
    ("dont", "don’t"),
    ("शांति", "शांति"),
    ("ﬁnance", "finance"),
]
LANGUAGES = [
    "Élève, Straße — smørrebrød & Œuvre; don’t",
    "آزادی مطبوعات در سال ۱۴۰۵، می‌رویم",
    "新聞の自由とカタカナ、2026年",
    "เสรีภาพของสื่อ",
    "שָׁלוֹם עולם",
    "सत्य की जय, १२३",
    "ΟΔΟΣ ὁδός İI ıi ﬁ ™ ½ ²",
    "한국어 신문",
    "a_b c-d e.f 😀 g\u0301h",
]


def weeks(number: int, document: IssueDocument | None = None) -> Shelf:
    """A digest of so many issues, the newest of which is ``document`` where one is given."""
    issues = [published(weeks_ago=ago) for ago in range(number)]
    return Shelf(DIGEST, (published(document) if document else issues[0], *issues[1:]))


def files(shelf: Shelf) -> dict[str, bytes]:
    planned = plan([shelf], House(PUBLISH, ENVIRONMENT, RESOURCES.strings, {}))
    return {path: each.make() or b"" for path, each in planned.items()}


def found(written: dict[str, bytes], word: str) -> list[str]:
    """The anchors (or names of issues) that the newest volume has for one word."""
    number = max(int(path.split("/")[2]) for path in written if path.endswith("/issues.json"))
    folder = f"weekly/search/{number}"
    part = json.loads(written[f"{folder}/{search.part_of(word)}.json"])
    lines: list[str] = []
    for count in range(sum(path.startswith(f"{folder}/entries-") for path in written)):
        for shown in json.loads(written[f"{folder}/entries-{count}.json"]):
            lines += [entry[0] or shown["url"].split("/")[-2] for entry in shown["entries"]]
    assert sum(json.loads(written[f"{folder}/issues.json"])) == len(lines)
    return [lines[number] for number in accumulate(part.get(word, []))]


# ── words ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("asked", "written"), SPELLINGS)
def test_words_are_found_however_they_are_spelled(asked: str, written: str) -> None:
    """Case, accents, vowel points, joiners, ligatures and the digits of a script make no difference."""
    assert list(words(asked)) == list(words(written))


def test_scripts_without_spaces_are_found_by_letters_and_pairs() -> None:
    """Nobody has to know where a Chinese or Thai word begins."""
    assert list(words("新聞の自由")) == ["新", "聞", "の", "自", "由", "新聞", "聞の", "の自", "自由"]
    assert list(words("2026年 press")) == ["2026", "年", "press"]


def test_a_word_without_end_is_cut() -> None:
    """Hostile text makes no long index, and takes no long time."""
    assert list(words("x" * 100_000)) == ["x" * LONGEST]
    assert folded("\u0301" * 100_000) == ""


def test_the_browser_splits_words_as_the_index_does(tmp_path: Path) -> None:
    """The module's own functions, in Node, on every language: a word of the one is a word of the other."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    (tmp_path / "search.mjs").write_text(search.module(ENVIRONMENT), encoding="utf-8")
    program = (
        "import {folded, partOf, wanted} from './search.mjs';"
        "const texts = JSON.parse(process.argv[2]);"
        "console.log(JSON.stringify(texts.map((text) => [folded(text),"
        f" wanted(text).map(([word]) => [word, partOf(word, {search.PARTS})])])));"
    )
    (tmp_path / "try.mjs").write_text(program, encoding="utf-8")
    texts = [*LANGUAGES, *(text for pair in SPELLINGS for text in pair)]
    ran = subprocess.run(
        [node, "try.mjs", json.dumps(texts)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    for text, (fold, asked) in zip(texts, json.loads(ran.stdout), strict=True):
        assert fold == folded(text)
        indexed = set(words(text))
        assert asked
        for word, part in asked:
            assert word in indexed, text
            assert part == search.part_of(word)


# ── the index ────────────────────────────────────────────────────────────────────────────────────


def test_a_pick_is_found_by_all_that_is_shown_of_it() -> None:
    """Title, blurb, source, speaker, topic, quote and video lead to its own place on the page."""
    written = files(weeks(2))
    assert found(written, "sluice") == ["p-post-4", "p-post-4"]
    for word in ("copier", "harbour", "halden", "local", "night"):
        assert "p-post-0" in found(written, word), word


def test_an_issue_is_found_by_what_stands_in_no_pick() -> None:
    """Its introduction, notes, new videos and what else was published."""
    document = replace(issue(2), notes=(Note("n-1", "A word on lighthouses."),))
    written = files(weeks(1, document))
    for word in ("gymnasium", "lighthouses", "part", "also"):
        assert "2026-11-22" in found(written, word), word


def test_a_full_volume_never_changes() -> None:
    """Publishing makes only the newest volume again."""
    before, after = (files(Shelf(DIGEST, weeks(70).issues[skip:])) for skip in (1, 0))
    closed = [path for path in before if path.startswith(("weekly/search/1/", "weekly/search/2/"))]
    assert len(closed) == 2 * (search.PARTS + 1 + search.VOLUME // search.SHEET)
    assert all(before[path] == after[path] for path in closed)
    assert before["weekly/search/3/issues.json"] != after["weekly/search/3/issues.json"]


def test_an_index_stays_small_in_each_of_its_files() -> None:
    """A search of three words in a full volume of issues of 30 picks, with its page and script, is less than 100 KB."""
    issues = tuple(_with_words(published(issue(30), weeks_ago=ago), ago) for ago in range(search.VOLUME))
    room_issues = tuple(reversed(issues))
    parts = search.parts(room_issues)
    written = files(Shelf(DIGEST, issues[:1]))
    page = len(written["weekly/search/index.html"]) + len(written["weekly/search/search.mjs"])
    assert 3 * max(map(len, parts)) + page < 100_000


def _with_words(shown: PublishedIssue, ago: int) -> PublishedIssue:
    """The issue with 25 other words in each blurb, as real ones have."""
    groups = tuple(
        replace(
            group,
            picks=tuple(
                replace(pick, blurb=" ".join(_word(hash((ago, pick.id, each)) % 9_000) for each in range(25)))
                for pick in group.picks
            ),
        )
        for group in shown.document.groups
    )
    return replace(shown, document=replace(shown.document, groups=groups))


def _word(number: int) -> str:
    """A word like any other, for a number."""
    letters = "etaoinsrhldcumfpgwybvkxjqz"
    return "".join(letters[number * prime % 9_973 % 26] for prime in (1, 7, 31, 131, 631, 1_999))


def test_whatever_a_feed_says_the_index_is_json() -> None:
    """And has a line for every pick."""
    written = files(weeks(1, hostile(issue(12))))
    for path, data in written.items():
        if path.endswith(".json") and "/search/" in path:
            json.loads(data)
    (shown,) = json.loads(written["weekly/search/1/entries-0.json"])
    assert len(shown["entries"]) == 13


def test_a_digest_without_an_issue_has_nothing_to_search() -> None:
    """And no page that offers to."""
    assert not [path for path in files(Shelf(DIGEST, ())) if "search" in path]


# ── in a browser ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """45 issues, the newest of which is in Persian, as the application serves them, under its own policy."""
    root = tmp_path_factory.mktemp("search")
    write_tree(root / "feeds", files(weeks(45, right_to_left())))
    engine = open_database(f"sqlite:///{root / 'digest.db'}")
    app = create_app(engine, settings(root / "feeds"), KEYS, ENVIRONMENT, lambda: NOW)
    with serve(app, "127.0.0.1", 0) as url:
        yield f"{url}/feeds/weekly/search/"
    engine.dispose()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


def results(page: Page) -> list[str]:
    """The addresses of the results, once the search has come to rest."""
    page.wait_for_selector("#results[aria-busy=false]", state="attached")
    links = page.locator("#results a")
    return [links.nth(at).get_attribute("href") or "" for at in range(links.count())]


def test_a_reader_finds_a_pick_and_the_newest_come_first(site: str, page: Page) -> None:
    """Typed into the form: the beginning of a word will do, and each result leads to its place."""
    page.goto(site)
    page.fill("#q", "Copier HALD")
    page.press("#q", "Enter")
    shown = results(page)
    assert shown[0] == "https://feeds.example.org/weekly/2026-11-15/#p-post-0"
    assert len(shown) == 10


def test_a_search_has_an_address_and_goes_on_in_earlier_issues(site: str, page: Page) -> None:
    """A link to a search opens it; the button shows the rest, until there is none."""
    page.goto(f"{site}?q=sluice")
    assert len(results(page)) == 10
    for _ in range(10):
        if not page.locator("#more").is_visible():
            break
        page.click("#more")
        results(page)
    assert len(results(page)) == 44  # one in every issue but the Persian one


def test_a_persian_word_is_found_in_its_plain_spelling(site: str, page: Page) -> None:
    """Without its joiner, as many keyboards write it."""
    page.goto(f"{site}?q=%D8%B1%D9%88%D8%B2%D9%86%D8%A7%D9%85%D9%87%D8%A7%DB%8C")
    assert results(page)[0].startswith("https://feeds.example.org/weekly/2026-11-22/#")


def test_what_is_not_there_is_said_to_be_not_there(site: str, page: Page) -> None:
    """In words, not by an empty page; markup in a query is text."""
    page.goto(f"{site}?q=%3Cimg+src%3Dx%3Eqqqq")
    page.wait_for_selector("#results[aria-busy=false]", state="attached")
    assert "Nothing was found" in page.inner_text("#status")
    assert page.locator("main img").count() == 0


def test_without_a_script_the_page_leads_to_all_issues(site: str, page: Page) -> None:
    """By theme and by year; the form, which could do nothing, is not shown."""
    assert page.context.browser is not None
    with page.context.browser.new_context(java_script_enabled=False) as context:
        plain = context.new_page()
        plain.goto(site)
        assert not plain.locator("#search").is_visible()
        assert "needs JavaScript" in plain.inner_text("noscript")
        assert plain.locator("nav[aria-label=Themes] a").count() == 5
        assert plain.locator("nav[aria-label=Years] a").count() == 1
