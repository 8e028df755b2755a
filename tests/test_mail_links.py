"""Scanners of mail open what is in it: every link of a thousand mails is followed, and not one row changes."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser
from sqlalchemy import Engine, select

from chaos import IS_LONG
from deliver_samples import ISSUE, KEYS, NOW, rendering, request_send, sample_letterhead, settings
from digest.deliver.message import stencil
from digest.resources import Resources
from digest.store import deliveries, schema
from digest.store.database import migrate, open_database, reading
from digest.web.app import create_app
from digest.web.server import serve

MAILS = 1_000
SEEN = MAILS if IS_LONG else 30  # mails whose links a browser opens, too
APP = "https://app.example.org"  # as the mails of these tests name the application
_LINK = re.compile(r"https://app\.example\.org[^\s\"'<>]*")


@dataclass
class Post:
    """A thousand readers' mails, and the application that their links lead to."""

    engine: Engine
    url: str

    def links(self) -> list[list[str]]:
        """Of each mail: what its parts and its headers lead to, on this machine."""
        template = stencil(rendering(), sample_letterhead(), NOW)
        with reading(self.engine) as connection:
            rows = deliveries.rows(connection, ISSUE)
        letters = (template.letter(row.subscriber, row.address, row.id).data for row in rows)
        return [[link.replace(APP, self.url) for link in _links(letter)] for letter in letters]

    def contents(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table."""
        with reading(self.engine) as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                for table in schema.metadata.sorted_tables
            }


def _links(letter: bytes) -> list[str]:
    message = email.message_from_bytes(letter, policy=default)
    assert isinstance(message, EmailMessage)
    texts = [str(value) for value in message.values()]
    texts += [part.get_content() for part in message.walk() if not part.is_multipart()]
    return sorted({link for text in texts for link in _LINK.findall(text)})


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    migrate(engine)
    request_send(engine, MAILS)
    app = create_app(engine, settings(tmp_path), KEYS, Resources().environment(), lambda: NOW)
    with serve(app, "127.0.0.1", 0) as url:
        yield Post(engine, url)
    engine.dispose()


def scan(links: list[str]) -> set[int]:
    """What scanners do, all over a share of the mails: ask for the head, open, prefetch; the answers."""
    with requests.Session() as session:
        asked = [session.get(link, timeout=30) for link in links]
        asked += [session.head(link, timeout=30) for link in links[::10]]
        asked += [session.get(link, timeout=30, headers={"Sec-Purpose": "prefetch"}) for link in links[::10]]
        return {answer.status_code for answer in asked}


def test_a_crawler_that_opens_every_link_of_a_thousand_mails_changes_no_row(
    post: Post, browser: Browser
) -> None:
    """Whatever a link says, only a POST acts upon it; and each link leads somewhere."""
    mails, before = post.links(), post.contents()
    assert all(mails)
    every = sorted({link for links in mails for link in links})
    assert len(every) >= MAILS  # each reader has one of their own
    with ThreadPoolExecutor(4) as pool:
        assert set().union(*pool.map(scan, (every[part::4] for part in range(4)))) == {200}
    assert post.contents() == before


def test_control_one_click_changes_a_row(post: Post) -> None:
    """The measure can fail: the same link, by POST."""
    mails, before = post.links(), post.contents()
    requests.post(mails[0][0], data={"List-Unsubscribe": "One-Click"}, timeout=30)
    assert post.contents() != before


@pytest.mark.browser
def test_a_browser_that_opens_the_links_of_mails_changes_no_row(post: Post, browser: Browser) -> None:
    """Scripts run, pictures load and pages are laid out, as where a scanner renders what it finds."""
    mails, before = post.links(), post.contents()
    with browser.new_context() as context:
        page = context.new_page()
        for link in (link for links in mails[:SEEN] for link in links):
            answer = page.goto(link)
            assert answer
            assert answer.ok
    assert post.contents() == before
