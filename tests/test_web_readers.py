"""A reader's way out, over real HTTP: the page, one click, undo, and what strangers get."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine

from deliver_samples import ISSUE, KEYS, NOW, request_send, settings
from digest.masks import masked
from digest.model import DeliveryState, Subscription, SubscriptionState
from digest.resources import Resources
from digest.store import audience, deliveries
from digest.store.database import migrate, open_database, reading, transaction
from digest.tokens import Keys, token, unsubscribe_url
from digest.web.app import create_app
from digest.web.server import serve

READER, OTHER, ODD = "reader1@example.org", "reader2@example.org", "<b>@example.org"


@dataclass
class Site:
    """The application, and what it did to its database."""

    engine: Engine
    url: str

    def link(self, address: str = READER, keys: Keys = KEYS) -> str:
        return unsubscribe_url(self.url, keys, "weekly", self.subscription(address).subscriber)

    def subscription(self, address: str = READER) -> Subscription:
        with reading(self.engine) as connection:
            (found,) = (each for each in audience.subscriptions(connection) if each.address == address)
        return found

    def state(self, address: str = READER) -> SubscriptionState:
        return self.subscription(address).state

    def everything(self) -> list[object]:
        """All rows that a reader's page could change."""
        with reading(self.engine) as connection:
            return [*audience.subscriptions(connection), *deliveries.rows(connection, ISSUE)]


@pytest.fixture
def site(engine: Engine, tmp_path: Path) -> Iterator[Site]:
    request_send(engine, 2, addresses=(ODD,))
    app = create_app(engine, settings(tmp_path), KEYS, Resources().environment(), lambda: NOW)
    with serve(app, "127.0.0.1", 0) as url:
        yield Site(engine, url)


def plain(answer: requests.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text))


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


def test_the_page_asks_and_changes_nothing(site: Site) -> None:
    """GET and HEAD write nothing, however often a scanner opens the link."""
    before = site.everything()
    for _ in range(3):
        answer = requests.get(site.link(), timeout=10)
        assert requests.head(site.link(), timeout=10).status_code == 200
    assert answer.status_code == 200
    assert "r•••@example.org gets The Lowland Weekly by email." in plain(answer)
    assert "Unsubscribe from The Lowland Weekly" in plain(answer)
    assert "reader1" not in answer.text
    assert site.everything() == before


def test_a_crawler_that_follows_every_link_changes_nothing(site: Site) -> None:
    """Every link, form address and style sheet of the page, by GET."""
    before = site.everything()
    page = requests.get(site.link(), timeout=10)
    for address in re.findall(r'(?:href|action)="([^"]+)"', page.text):
        requests.get(requests.compat.urljoin(page.url, address), timeout=10)
        requests.get(requests.compat.urljoin(page.url, address + "/undo"), timeout=10)
    assert site.everything() == before


def test_the_button_unsubscribes_and_undo_takes_it_back(site: Site) -> None:
    """The forms of the pages themselves, as a browser would send them."""
    page = requests.get(site.link(), timeout=10)
    left = submit(page)
    assert "You are unsubscribed" in plain(left)
    assert site.state() is SubscriptionState.UNSUBSCRIBED
    back = submit(left)
    assert "You are subscribed again" in plain(back)
    assert site.state() is SubscriptionState.CONFIRMED
    assert "You are unsubscribed" in plain(submit(back))
    assert site.state() is SubscriptionState.UNSUBSCRIBED


def submit(page: requests.Response) -> requests.Response:
    """Press the only button of a page."""
    (action,) = re.findall(r'<form method="post" action="([^"]+)">', page.text)
    answer = requests.post(requests.compat.urljoin(page.url, action), timeout=10, allow_redirects=False)
    assert answer.status_code == 200
    return answer


def test_unsubscribing_cancels_what_has_not_left_yet(site: Site) -> None:
    """Their queued mail stays here; other people's does not."""
    requests.post(site.link(), timeout=10)
    with reading(site.engine) as connection:
        states = {row.address: row.state for row in deliveries.rows(connection, ISSUE)}
    assert states[READER] is DeliveryState.CANCELLED
    assert states[OTHER] is DeliveryState.QUEUED


def test_who_has_left_is_told_so_and_may_come_back(site: Site) -> None:
    """The link in an old mail shows where they stand."""
    requests.post(site.link(), timeout=10)
    page = requests.get(site.link(), timeout=10)
    assert "You are unsubscribed" in plain(page)
    assert "You are subscribed again" in plain(submit(page))


def test_a_suppressed_address_does_not_come_back_by_undo(site: Site) -> None:
    """Whoever complained is not written to again because of an old link."""
    requests.post(site.link(), timeout=10)
    with transaction(site.engine) as connection:
        audience.suppress(connection, READER, "a complaint", NOW)
    assert "You are unsubscribed" in plain(requests.post(site.link() + "/undo", timeout=10))
    assert site.state() is SubscriptionState.UNSUBSCRIBED


def test_an_address_with_markup_is_shown_as_text(site: Site) -> None:
    """Nothing a stranger wrote becomes part of the page."""
    page = requests.get(site.link(ODD), timeout=10)
    assert page.status_code == 200
    assert "&lt;•••@example.org" in page.text
    assert "<•••" not in page.text


# ── one click ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"data": ""},
        {"data": b"\x00" * 100_000, "headers": {"Content-Type": "application/octet-stream"}},
    ],
    ids=["form", "multipart", "empty", "nonsense"],
)
def test_one_click_is_enough(site: Site, body: dict[str, object]) -> None:
    """RFC 8058: a POST as form or multipart, without a cookie, answered without a redirect."""
    answer = requests.post(site.link(), timeout=10, allow_redirects=False, **body)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert site.state() is SubscriptionState.UNSUBSCRIBED
    assert site.state(OTHER) is SubscriptionState.CONFIRMED


def test_one_click_may_come_twice(site: Site) -> None:
    """Providers repeat it; the second is as good as the first."""
    for _ in range(2):
        assert (
            requests.post(site.link(), data={"List-Unsubscribe": "One-Click"}, timeout=10).status_code == 200
        )
    assert site.state() is SubscriptionState.UNSUBSCRIBED


def test_an_old_key_still_lets_people_leave(engine: Engine, tmp_path: Path) -> None:
    """After a new key was put on top, the links in all old mails work."""
    request_send(engine, 1)
    newer = Keys((b"a key of this year, also 32 bytes", *KEYS.keys))
    app = create_app(engine, settings(tmp_path), newer, Resources().environment(), lambda: NOW)
    with serve(app, "127.0.0.1", 0) as url:
        assert requests.post(unsubscribe_url(url, KEYS, "weekly", 1), timeout=10).status_code == 200
        assert Site(engine, url).state() is SubscriptionState.UNSUBSCRIBED


def test_a_link_survives_a_restore_on_another_machine(tmp_path: Path) -> None:
    """A copy of the database and the keys are all that it needs, under whatever address the pages are found then."""
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    migrate(engine)
    request_send(engine, 2)
    link = unsubscribe_url("https://old.example.org/app", KEYS, "weekly", 1)
    engine.dispose()
    with closing(sqlite3.connect(tmp_path / "digest.db")) as backup:
        backup.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    restored = open_database(f"sqlite:///{tmp_path / 'copy.db'}")
    moved = settings(tmp_path, app_url="https://new.example.net/")
    app = create_app(restored, moved, KEYS, Resources().environment(), lambda: NOW)
    with serve(app, "127.0.0.1", 0) as url:
        path = link.removeprefix("https://old.example.org/app")
        assert requests.post(f"{url}{path}", timeout=10).status_code == 200
        assert Site(restored, url).state() is SubscriptionState.UNSUBSCRIBED
        assert Site(restored, url).state(OTHER) is SubscriptionState.CONFIRMED
    restored.dispose()


# ── strangers ────────────────────────────────────────────────────────────────────────────────────


def test_wrong_tokens_all_get_the_same_neutral_answer(site: Site) -> None:
    """Wrong, of another digest, of nobody, of another key: nothing can be learned, nothing changes."""
    before = site.everything()
    other = Keys((b"somebody else's key, 32 bytes long",))
    wrong = [
        f"{site.url}/u/weekly/nonsense",
        f"{site.url}/u/weekly/1.{'A' * 22}",
        f"{site.url}/u/monthly/{token(KEYS, 'unsubscribe', 'weekly', 1)}",
        unsubscribe_url(site.url, KEYS, "weekly", 999),
        site.link(keys=other),
        f"{site.url}/u/weekly/{'9' * 5000}",
        f"{site.url}/u/week%00ly/1.{'A' * 22}",
        f"{site.url}/u/%ff%fe/1.{'A' * 22}",
    ]
    for ask in (requests.get, requests.post):
        for link in wrong:
            answer = ask(link, timeout=10)
            assert (answer.status_code, "nothing at this address" in plain(answer)) == (404, True), link
            assert answer.headers["Cache-Control"] == "no-store"
            undo = requests.post(f"{link}/undo", timeout=10)
            assert undo.status_code == 404
    assert site.everything() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(site: Site, method: str) -> None:
    """There is nothing else to do at these addresses."""
    assert requests.request(method, site.link(), timeout=10).status_code == 405
    assert site.state() is SubscriptionState.CONFIRMED


def test_undo_is_no_link(site: Site) -> None:
    """GET of the undo address is refused, so that no scanner can subscribe anybody."""
    requests.post(site.link(), timeout=10)
    assert requests.get(site.link() + "/undo", timeout=10).status_code == 405
    assert site.state() is SubscriptionState.UNSUBSCRIBED


def test_the_link_of_a_test_copy_explains_itself(site: Site) -> None:
    """It belongs to nobody: neither opening nor clicking it changes anything."""
    before = site.everything()
    for ask in (requests.get, requests.post):
        answer = ask(f"{site.url}/u/weekly/test", timeout=10)
        assert (answer.status_code, "This was a test copy" in plain(answer)) == (200, True)
        assert ask(f"{site.url}/u/unknown/test", timeout=10).status_code == 404
    assert site.everything() == before


def test_a_database_that_is_away_asks_for_patience(tmp_path: Path) -> None:
    """503, so that a provider tries the one click again; no path and no reason reaches the reader."""
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    engine.dispose()
    (tmp_path / "digest.db").unlink()
    (tmp_path / "digest.db").mkdir()
    app = create_app(engine, settings(tmp_path), KEYS, Resources().environment(), lambda: NOW)
    with serve(app, "127.0.0.1", 0) as url:
        answer = requests.post(unsubscribe_url(url, KEYS, "weekly", 1), timeout=10)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "Please try again" in plain(answer)
    assert str(tmp_path) not in answer.text


def test_the_pages_are_private_and_run_nothing(site: Site) -> None:
    """No cache, no index, no referrer, no script, no cookie, no frame."""
    headers = requests.get(site.link(), timeout=10).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("reader@example.org", "r•••@example.org"),
        ("r@example.org", "r•••@example.org"),
        ("käthe@bücher.example.org", "k•••@bücher.example.org"),
        ('"a@b"@example.org', '"•••@example.org'),
    ],
)
def test_an_address_is_masked(address: str, shown: str) -> None:
    """Enough for its owner, too little for whoever was forwarded the mail."""
    assert masked(address) == shown
