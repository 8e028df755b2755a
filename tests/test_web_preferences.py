"""A reader's themes, over real HTTP: the page asks, the form is kept, and nobody else can send it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from lxml import html
from sqlalchemy import Engine

from deliver_samples import KEYS, NOW, request_send, settings
from digest.model import Subscription, Theme
from digest.resources import Resources
from digest.store import audience, sources
from digest.store.database import reading, transaction
from digest.tokens import Keys, copy_url, unsubscribe_url
from digest.web.app import create_app
from digest.web.server import serve

READER = "reader1@example.org"
THEMES = (
    Theme("water", "Water", ("river",), description="Rivers and wells."),
    Theme("schools", "Schools", ("school",)),
    Theme("odd", "<b>Odd</b>", ("odd",)),
)


@dataclass
class Site:
    """The application and its database."""

    engine: Engine
    url: str

    def link(self, keys: Keys = KEYS) -> str:
        return unsubscribe_url(self.url, keys, "weekly", self.subscription.subscriber) + "/themes"

    @property
    def subscription(self) -> Subscription:
        with reading(self.engine) as connection:
            (found,) = (each for each in audience.subscriptions(connection) if each.address == READER)
        return found

    def choose(self, *themes: str) -> requests.Response:
        """Send the form with these boxes ticked."""
        return requests.post(self.link(), data={"theme": themes}, timeout=10)


@pytest.fixture
def site(engine: Engine, tmp_path: Path) -> Iterator[Site]:
    request_send(engine, 2)
    with transaction(engine) as connection:
        for theme in THEMES:
            sources.add_theme(connection, theme)
    app = create_app(engine, settings(tmp_path), KEYS, Resources().environment(), lambda: NOW)
    with serve(app, "127.0.0.1", 0) as url:
        yield Site(engine, url)


def ticked(answer: requests.Response) -> dict[str, bool]:
    boxes = html.document_fromstring(answer.text).iter("input")
    return {str(box.get("value")): box.get("checked") is not None for box in boxes}


def test_the_page_asks_and_changes_nothing(site: Site) -> None:
    """Who has not chosen gets everything, so every box is ticked; a scanner may open it as often as it likes."""
    before = site.subscription
    for _ in range(3):
        answer = requests.get(site.link(), timeout=10)
        requests.head(site.link(), timeout=10)
    assert answer.status_code == 200
    assert ticked(answer) == {"odd": True, "schools": True, "water": True}
    assert site.subscription == before


def test_what_is_ticked_is_kept(site: Site) -> None:
    """From the next issue on; the page shows it, and shows it again."""
    answer = site.choose("water", "schools")
    assert "Saved." in answer.text
    assert ticked(answer) == {"odd": False, "schools": True, "water": True}
    assert ticked(requests.get(site.link(), timeout=10)) == ticked(answer)
    assert site.subscription.themes == ("schools", "water")


def test_every_box_means_everything(site: Site) -> None:
    """Also what stands under no theme, and themes that come later."""
    site.choose("water")
    site.choose(*(theme.slug for theme in THEMES))
    assert site.subscription.themes is None


@pytest.mark.parametrize("themes", [(), ("unknown",), ("water,schools",), ("",)])
def test_a_form_without_a_theme_changes_nothing(themes: tuple[str, ...], site: Site) -> None:
    """It says what to do instead, beside the way out."""
    site.choose("water")
    answer = site.choose(*themes)
    assert answer.status_code == 422
    assert "Tick at least one theme" in answer.text
    assert site.subscription.themes == ("water",)


def test_an_unknown_theme_is_passed_over(site: Site) -> None:
    """Of those that a form names, only the digest's own count."""
    site.choose("water", "nowhere", "schools,odd")
    assert site.subscription.themes == ("water",)


def test_a_stranger_s_link_opens_nothing(site: Site) -> None:
    """A forged, foreign or cut token is answered like a page that is not there."""
    foreign = site.link(Keys((b"\x01" * 32,)))
    cut = site.link().removesuffix("/themes")[:-1] + "/themes"
    for link in (foreign, cut, site.link().replace("/weekly/", "/daily/")):
        assert requests.get(link, timeout=10).status_code == 404
        assert requests.post(link, data={"theme": "water"}, timeout=10).status_code == 404
    assert site.subscription.themes is None


def test_a_huge_form_is_refused(site: Site) -> None:
    """Nobody has so many boxes."""
    answer = site.choose(*("water" for _ in range(5_000)))
    assert answer.status_code in (400, 422)
    assert site.subscription.themes is None


def test_who_has_left_sees_that(site: Site) -> None:
    """With the way back; themes are for those who get mail."""
    requests.post(site.link().removesuffix("/themes"), timeout=10)
    answer = requests.get(site.link(), timeout=10)
    assert "You are unsubscribed" in answer.text
    assert not ticked(answer)


def test_the_link_of_a_test_copy_explains_itself(site: Site) -> None:
    """It belongs to nobody."""
    answer = requests.get(f"{copy_url(site.url, 'weekly')}/themes", timeout=10)
    assert answer.status_code == 200
    assert "test copy" in answer.text


def test_titles_and_descriptions_are_shown_as_text(site: Site) -> None:
    """Each box has its label; markup in a title is words."""
    page = html.document_fromstring(requests.get(site.link(), timeout=10).text)
    labels = {
        label.get("for"): " ".join(" ".join(map(str, label.itertext())).split())
        for label in page.iter("label")
    }
    assert labels == {
        "theme-odd": "<b>Odd</b>",
        "theme-schools": "Schools",
        "theme-water": "Water Rivers and wells.",
    }


def test_a_digest_without_themes_says_so(engine: Engine, tmp_path: Path) -> None:
    """The link under its mails leads to a page that explains."""
    request_send(engine, 2)
    app = create_app(engine, settings(tmp_path), KEYS, Resources().environment(), lambda: NOW)
    with serve(app, "127.0.0.1", 0) as url:
        assert "no themes to choose from" in requests.get(Site(engine, url).link(), timeout=10).text
