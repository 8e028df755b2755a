"""Another address, one's data, being forgotten: by a link that is mailed anew, used once, within an hour."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine

from deliver_samples import KEYS
from digest import tokens
from digest.model import SubscriptionState
from digest.store import audience
from digest.store.database import transaction
from reader_site import READER, Page, Site, link_of, site

NEW = "mira.new@example.org"
CONFIRMED, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED


@pytest.fixture
def here(engine: Engine, tmp_path: Path) -> Iterator[Site]:
    with site(engine, tmp_path) as opened:
        opened.confirmed()
        yield opened


def asked_for(here: Site, purpose: str) -> Page:
    """Press one of the buttons of "Your address and your data", and open the link that is mailed then."""
    page = Page(requests.post(f"{here.path()}/you", data={"purpose": purpose}, timeout=20))
    assert "A link is on its way." in page.words
    return here.open_mailed()


# ── another address ──────────────────────────────────────────────────────────────────────────────


def test_an_address_is_changed_by_both_its_owners(here: Site) -> None:
    """A link to the old one, a link to the new one, a notice to the old one; the links in old mails go on to work."""
    page = asked_for(here, "address")
    assert "Mail goes to m•••@example.org now." in page.words
    page.submit(address=NEW)
    assert [str(mail["To"]) for mail in here.mails()[1:]] == [READER, NEW]
    assert here.state() is CONFIRMED
    old_links = here.path()
    done = here.open_mailed().submit()
    assert "Your mail goes to mira.new@example.org from now on." in done.words
    assert (here.state(), here.state(NEW)) == (None, CONFIRMED)
    assert "another address from now on" in str(here.mails()[-1].get_body(("plain",)))
    assert str(here.mails()[-1]["To"]) == READER
    assert here.path(NEW) == old_links
    requests.post(old_links, timeout=20)
    assert here.state(NEW) is UNSUBSCRIBED


def test_what_is_no_address_can_be_typed_again(here: Site) -> None:
    """The link is not used up by a slip of the hand."""
    page = asked_for(here, "address").submit(address="mira@")
    assert page.status == 422
    assert "Write an email address" in page.words
    assert "A link is on its way" in page.submit(address=NEW).words


def test_a_new_address_that_reads_already_gets_the_rest(here: Site) -> None:
    """Its own choice of themes stays; the old address leaves."""
    here.wait(days=2)
    here.confirmed(NEW, theme=["water"])
    here.confirmed(digest="daily")
    here.wait(days=2)
    asked_for(here, "address").submit(address=NEW)
    here.open_mailed().submit()
    assert {name: each.themes for name, each in here.subscriptions(NEW).items()} == {
        "daily": None,
        "weekly": ("water",),
    }
    assert {each.state for each in here.subscriptions().values()} == {UNSUBSCRIBED}


def test_a_suppressed_address_is_not_taken(here: Site) -> None:
    """Nothing is mailed there, and the mail goes where it went."""
    with transaction(here.engine) as connection:
        audience.suppress(connection, NEW, "complained", here.clock.now)
    asked_for(here, "address").submit(address=NEW)
    assert all(str(mail["To"]) != NEW for mail in here.mails())
    assert here.state() is CONFIRMED


# ── their data ───────────────────────────────────────────────────────────────────────────────────


def test_a_person_takes_their_data_along(here: Site) -> None:
    """All that is kept of them, as a JSON file; not a word of anybody else."""
    here.confirmed("somebody.else@example.org")
    here.wait(hours=1)
    page = asked_for(here, "export")
    assert "m•••@example.org" in page.words
    answer = page.submit().answer
    assert answer.headers["Content-Disposition"] == 'attachment; filename="weekly-my-data.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    data = json.loads(answer.text)
    assert data["address"] == READER
    assert [(each["digest"], each["state"], each["consent_source"]) for each in data["subscriptions"]] == [
        ("weekly", "confirmed", "the form of weekly, confirmed by mail")
    ]
    assert [each["kind"] for each in data["other_mail"]] == ["confirmation", "link"]
    assert "somebody" not in answer.text


def test_a_person_is_forgotten(here: Site) -> None:
    """No table holds the address any more; links of old mails lead nowhere; an own sign-up brings them back."""
    old_links = here.path()
    done = asked_for(here, "erase").submit()
    assert "We have deleted what we kept about you" in done.words
    assert "mira" not in repr(here.everything()).lower()
    assert requests.get(old_links, timeout=20).status_code == 404
    fingerprint = tokens.fingerprints(KEYS, READER)[0]
    assert fingerprint in repr(here.everything())
    here.wait(days=2)
    here.confirmed()
    assert here.state() is CONFIRMED
    assert fingerprint not in repr(here.everything())


# ── the links ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("purpose", ["export", "erase"])
def test_a_link_works_once_and_for_an_hour(here: Site, purpose: str) -> None:
    """Then it is like any wrong one."""
    page = asked_for(here, purpose)
    link = link_of(here.mails()[-1])
    here.wait(minutes=60)
    assert page.submit().status == 404
    assert here.open(link).status == 404
    here.wait(minutes=-1)
    assert page.submit().status == 200
    assert page.submit().status == 404


def test_one_link_of_each_kind_an_hour(here: Site) -> None:
    """Whoever has a forwarded mail cannot flood its owner; the answer does not tell."""
    before = len(here.mails())
    for _ in range(5):
        for purpose in ("address", "export", "erase"):
            answer = requests.post(f"{here.path()}/you", data={"purpose": purpose}, timeout=20)
            assert answer.status_code == 200
    assert len(here.mails()) == before + 3
    here.clock.now += timedelta(hours=1, seconds=1)
    requests.post(f"{here.path()}/you", data={"purpose": "export"}, timeout=20)
    assert len(here.mails()) == before + 4


def test_a_link_does_only_what_it_was_mailed_for(here: Site) -> None:
    """A confirmation erases nobody, and no purpose but the three is to be had."""
    for purpose in ("confirm", "move", "", "erase everything"):
        assert requests.post(f"{here.path()}/you", data={"purpose": purpose}, timeout=20).status_code == 404
    assert len(here.mails()) == 1


def test_opening_a_link_changes_nothing(here: Site) -> None:
    """Scanners open every link of a mail, and of the pages behind it."""
    for purpose in ("address", "export", "erase"):
        requests.post(f"{here.path()}/you", data={"purpose": purpose}, timeout=20)
    before = here.everything()
    for mail in here.mails():
        for _ in range(2):
            here.open(link_of(mail))
            requests.head(f"{here.url}/{link_of(mail)}", timeout=20)
    assert here.everything() == before
