"""Signing up over real HTTP: one mail, one button; and nothing that a stranger could learn or misuse."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from lxml import html
from sqlalchemy import Engine, event

from deliver_samples import KEYS
from digest import tokens
from digest.deliver import lint
from digest.deliver.ledger import Settled
from digest.model import DeliveryState, SubscriptionState
from digest.pipeline.readers import signing_up
from digest.store import audience, outbox, sign_ups
from digest.store.database import reading, transaction
from reader_pages import all_pages
from reader_site import READER, Page, Site, link_of, site

PENDING, CONFIRMED = SubscriptionState.PENDING, SubscriptionState.CONFIRMED


@pytest.fixture
def here(engine: Engine, tmp_path: Path) -> Iterator[Site]:
    with site(engine, tmp_path) as opened:
        yield opened


# ── the way in ───────────────────────────────────────────────────────────────────────────────────


def test_a_person_signs_up_and_confirms(here: Site) -> None:
    """The form, a mail, a page with one button: only the button subscribes, and it says what the person gets."""
    asked = here.sign_up()
    assert "We have noted mira@example.org" in asked.words
    assert here.state() is PENDING
    page = here.open_mailed()
    assert "m•••@example.org gets The Lowland Weekly by email once you press the button." in page.words
    assert here.state() is PENDING
    done = page.submit()
    assert "The Lowland Weekly comes to you from its next issue on." in done.words
    subscription = here.subscriptions()["weekly"]
    assert subscription.state is CONFIRMED
    assert subscription.themes is None
    assert subscription.consent_at == here.clock.now
    assert subscription.consent_source == "the form of weekly, confirmed by mail"


def test_themes_are_those_that_were_ticked(here: Site) -> None:
    """They wait with the rest until the button is pressed."""
    here.sign_up(theme=["water"])
    page = here.open_mailed()
    assert "Your themes: Water" in page.words
    page.submit()
    assert here.subscriptions()["weekly"].themes == ("water",)


def test_the_newsletters_are_listed(here: Site) -> None:
    """Each leads to its form."""
    page = here.open("s/")
    assert [link.get("href") for link in page.tree.iter("a")] == ["weekly", "daily"]
    assert "Get The Lowland Daily by email" in here.open("s/daily").words
    assert here.open("s/hourly").status == 404


def test_the_confirmation_says_who_writes_and_that_it_is_automatic(here: Site) -> None:
    """It keeps the rules of mail, belongs to no list, and nothing of it was typed by whoever asked."""
    here.sign_up("odd@example.org", theme=["water", "<script>"])
    (mail,) = here.mails()
    assert mail["Subject"] == "Please confirm: The Lowland Weekly"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None
    assert lint.grave(lint.findings(here.raw_mails()[0])) == ()
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        assert "odd" not in body.get_content()
        assert "script" not in body.get_content()


# ── what does not work ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mira",
        "mira@",
        "@example.org",
        "a b@example.org",
        "a@b@example.org",
        "mira@example",
        f"{'a' * 250}@example.org",
        "mira@example.org\r\nBcc: all@example.org",
    ],
)
def test_what_is_no_address_is_said_beside_the_field(here: Site, address: str) -> None:
    """What was typed stays, nothing is written, and nobody is mailed."""
    before = here.everything()
    page = here.sign_up(address)
    assert page.status == 422
    assert "Write an email address, such as name@example.org." in page.words
    assert here.everything() == before


def test_a_link_works_once(here: Site) -> None:
    """Whoever finds the mail later can do nothing with it."""
    page = here.confirmed()
    assert page.status == 200
    link = link_of(here.mails()[0])
    assert "This link does not work any more" in here.open(link).words
    assert Page(requests.post(f"{here.url}/{link}", timeout=20)).status == 404


def test_a_link_works_for_a_week(here: Site) -> None:
    """And not a day longer."""
    here.sign_up()
    here.wait(days=7)
    assert here.open_mailed().status == 404
    here.wait(seconds=-1)
    assert here.open_mailed().status == 200


def test_a_wrong_token_and_an_old_one_get_the_same_answer(here: Site) -> None:
    """Nothing can be learned from it."""
    here.sign_up()
    here.wait(days=8)
    old, wrong = here.open_mailed(), here.open("l/AAAAAAAAAAAAAAAAAAAAAA")
    assert (old.status, old.words) == (wrong.status, wrong.words)
    for odd in ("l/%00", "l/" + "a" * 5000, "l/%ff%fe"):
        assert here.open(odd).status == 404


def test_only_the_hash_of_a_token_is_kept(here: Site) -> None:
    """Who reads the database can confirm nobody, once the mail is gone."""
    here.sign_up()
    token = link_of(here.mails()[0]).removeprefix("l/")
    with transaction(here.engine) as connection:
        (row,) = outbox.claim(connection, "a sender", 1, here.clock.now)
        outbox.begin(connection, [row], here.clock.now)
        settled = outbox.settle(connection, [(row, accepted())], here.clock.now)
    assert settled == {(row.id, row.fence)}
    kept = repr(here.everything())
    assert token not in kept
    assert tokens.proof(token) in kept


def accepted() -> Settled:
    return Settled(DeliveryState.ACCEPTED, None, "250 taken")


# ── programs and strangers ───────────────────────────────────────────────────────────────────────


def test_the_answer_is_the_same_whatever_is_known_of_an_address(here: Site) -> None:
    """New, waiting, subscribed, unsubscribed or suppressed: the same page, by the same statements."""
    here.confirmed("known@example.org")
    here.confirmed("left@example.org")
    requests.post(here.path("left@example.org"), timeout=20)
    here.sign_up("waiting@example.org")
    with transaction(here.engine) as connection:
        audience.suppress(connection, "never@example.org", "complained", here.clock.now)
    here.wait(days=2)
    seen = {}
    for name in ("new", "known", "left", "waiting", "never"):
        form = here.open("s/weekly")
        here.wait(minutes=30)
        with statements(here.engine) as executed:
            page = form.submit(address=f"{name}@example.org")
        seen[name] = page.words.replace(f"{name}@", "NAME@"), page.status, tuple(executed)
    assert len(set(seen.values())) == 1
    assert [str(mail["To"]) for mail in here.mails()[3:]] == [
        f"{name}@example.org" for name in ("new", "known", "left", "waiting")
    ]


class statements:  # noqa: N801  # reads as a word
    """The SQL that runs within a block."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.seen = engine, list[str]()

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self.note)
        return self.seen

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self.note)

    def note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.seen.append(statement)


def test_a_thousand_sign_ups_for_one_address_send_one_mail(here: Site) -> None:
    """From as many networks, in any letter case, several at the same time."""
    digest, stationery = here.settings.digests[0], here.stationery

    def ask(number: int) -> bool:
        address = READER.upper() if number % 2 else READER
        network = f"10.{number // 250}.{number % 250}.0/24"
        return signing_up.ask(here.engine, stationery, digest, address, "", network, here.clock.now)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(1000)))
    assert len(here.mails()) == 1


def test_a_day_later_there_may_be_another_mail(here: Site) -> None:
    """Whoever has lost the first one is not locked out."""
    here.sign_up()
    here.wait(hours=23)
    here.sign_up()
    assert len(here.mails()) == 1
    here.wait(hours=1, minutes=1)
    here.sign_up()
    assert len(here.mails()) == 2


def test_who_has_confirmed_may_ask_for_another_newsletter_at_once(here: Site) -> None:
    """Who answers is no victim; until then one mail a day is all, and its page names both."""
    here.sign_up()
    here.sign_up(digest="daily")
    assert len(here.mails()) == 1
    page = here.open_mailed()
    assert "Also asked for at this address: The Lowland Daily" in page.words
    page.submit()
    assert (here.state(), here.state(digest="daily")) == (CONFIRMED, PENDING)
    here.wait(minutes=1)
    here.sign_up(digest="daily")
    assert len(here.mails()) == 2
    here.open_mailed().submit()
    assert here.state(digest="daily") is CONFIRMED


def test_another_wish_is_confirmed_only_where_it_is_ticked(here: Site) -> None:
    """A stranger may have added it; the owner of the address decides."""
    here.sign_up()
    here.sign_up(digest="daily", address="MIRA@example.org")
    done = here.open_mailed().submit(digest=["daily"])
    assert "And so do: The Lowland Daily" in done.words
    assert here.state(digest="daily") is CONFIRMED


def test_a_stranger_changes_nothing_for_who_is_subscribed(here: Site) -> None:
    """Themes, consent and state stay as they are until the owner of the address confirms."""
    here.confirmed(theme=["water"])
    before = here.subscriptions()
    here.wait(days=2)
    here.sign_up(theme=["schools"])
    assert here.subscriptions() == before
    here.open_mailed().submit()
    assert here.subscriptions()["weekly"].themes == ("schools",)


def test_a_suppressed_address_is_not_written_to(here: Site) -> None:
    """Its row in the Outbox is closed from the start, without a byte of the mail."""
    with transaction(here.engine) as connection:
        audience.suppress(connection, READER, "complained", here.clock.now)
    here.sign_up()
    with reading(here.engine) as connection:
        (row,) = outbox.rows(connection)
    assert (row.state, row.reply) == (DeliveryState.SUPPRESSED, "the address is suppressed")
    assert here.mails() == []


def test_what_nobody_confirms_is_forgotten(here: Site) -> None:
    """After a week nothing says any more that somebody typed this address, but for the mail's row."""
    here.sign_up()
    here.wait(days=8)
    with transaction(here.engine) as connection:
        sign_ups.sweep(connection, here.clock.now)
    assert here.subscriptions() == {}
    here.wait(days=1)
    here.confirmed()
    with transaction(here.engine) as connection:
        sign_ups.sweep(connection, here.clock.now + timedelta(days=30))
    assert here.state() is CONFIRMED


# ── programs ─────────────────────────────────────────────────────────────────────────────────────


def test_the_field_that_people_do_not_see_catches_programs(here: Site) -> None:
    """They get the answer that everybody gets, and nothing happens."""
    before = here.everything()
    page = here.sign_up(website="https://cheap.example.org")
    assert "Check your mail" in page.words
    assert here.everything() == before


def test_who_is_too_fast_presses_the_button_again(here: Site) -> None:
    """Nobody is turned away: the form comes back filled in, and by then there was time enough."""
    form = here.open("s/weekly")
    page = form.submit(address=READER, theme=["water"])
    assert "One more step: press the button below." in page.words
    assert here.mails() == []
    here.wait(seconds=2)
    assert page.fields()["address"] == [READER]
    assert page.fields()["theme"] == ["water"]
    assert "Check your mail" in page.submit().words
    assert len(here.mails()) == 1


@pytest.mark.parametrize(
    "stamp", ["", "nonsense", tokens.token(KEYS, tokens.FORM, "daily", 1_795_000_000), f"{10**17}.{'A' * 22}"]
)
def test_a_form_that_was_not_shown_is_shown_first(here: Site, stamp: str) -> None:
    """A stamp of nobody, or of another newsletter, is none."""
    page = Page(requests.post(f"{here.url}/s/weekly", data={"address": READER, "shown": stamp}, timeout=20))
    assert "One more step" in page.words
    assert here.mails() == []


def test_a_form_of_yesterday_is_shown_anew(here: Site) -> None:
    """A tab that stayed open overnight works with one more press."""
    form = here.open("s/weekly")
    here.wait(hours=25)
    page = form.submit(address=READER)
    assert "One more step" in page.words
    here.wait(seconds=3)
    assert "Check your mail" in page.submit().words


def test_five_sign_ups_an_hour_from_one_network(here: Site) -> None:
    """The sixth is told when to come back; an hour later it is welcome."""
    pages = [here.sign_up(f"reader{number}@example.org") for number in range(6)]
    assert [page.status for page in pages] == [200] * 5 + [429]
    assert pages[-1].answer.headers["Retry-After"] == "3600"
    assert "Too many people signed up from where you are" in pages[-1].words
    assert len(here.mails()) == 5
    here.wait(hours=1)
    assert here.sign_up("reader6@example.org").status == 200


def test_a_network_is_told_past_our_own_proxy(engine: Engine, tmp_path: Path) -> None:
    """Its X-Forwarded-For is believed from its end; what the caller wrote before it is not."""
    with site(engine, tmp_path, proxies=("127.0.0.1",)) as here:
        stamp = tokens.token(KEYS, tokens.FORM, "weekly", int(here.clock.now.timestamp()))
        here.wait(seconds=3)

        def ask(number: int, forwarded: str) -> int:
            data = {"address": f"reader{number}@example.org", "shown": stamp}
            headers = {"X-Forwarded-For": forwarded}
            return requests.post(f"{here.url}/s/weekly", data=data, headers=headers, timeout=20).status_code

        assert [ask(number, f"192.0.2.{number}") for number in range(6)] == [200] * 5 + [429]
        assert ask(6, "198.51.100.1") == 200
        assert ask(7, "198.51.100.1, 192.0.2.9") == 429


def test_forwarded_headers_of_strangers_count_for_nothing(here: Site) -> None:
    """Without a proxy of ours everybody is who the connection says."""
    stamp = here.open("s/weekly").fields()["shown"]
    here.wait(seconds=3)
    answers = [
        requests.post(
            f"{here.url}/s/weekly",
            data={"address": f"reader{number}@example.org", "shown": stamp},
            headers={"X-Forwarded-For": f"10.{number}.0.1"},
            timeout=20,
        ).status_code
        for number in range(6)
    ]
    assert answers == [200] * 5 + [429]


def test_a_huge_body_is_refused(here: Site) -> None:
    """However it is sent: with its length or without."""
    long = b"address=" + b"a" * 100_000
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for data in (long, iter([long[:50_000], long[50_000:]])):
        answer = requests.post(f"{here.url}/s/weekly", data=data, headers=form, timeout=20)
        assert answer.status_code == 413
    assert requests.post(f"{here.url}/s/weekly", data={"address": "a" * 2000}, timeout=20).status_code == 422


# ── a form of another site ───────────────────────────────────────────────────────────────────────


def test_the_form_for_other_sites_leads_to_one_more_button(here: Site) -> None:
    """It is plain HTML; whoever sends it presses a button of ours, and then gets the mail."""
    lines = html.fromstring(here.open("s/weekly/form").tree.get_element_by_id("lines").text)
    assert lines.get("action") == "https://app.example.org/s/weekly"
    assert lines.get("method") == "post"
    assert [(box.get("name"), box.get("type")) for box in lines.iter("input")] == [
        ("address", "email"),
        ("website", "text"),
    ]
    assert not list(lines.iter("script", "style"))
    data = {"address": READER, "website": ""}
    headers = {"Origin": "https://elsewhere.example.org", "Referer": "https://elsewhere.example.org/"}
    page = Page(requests.post(f"{here.url}/s/weekly", data=data, headers=headers, timeout=20))
    assert "One more step" in page.words
    here.wait(seconds=3)
    page.submit()
    assert [mail["To"] for mail in here.mails()] == [READER]


def test_programs_that_fill_in_the_other_form_are_caught_as_well(here: Site) -> None:
    """The same field that people do not see."""
    data = {"address": READER, "website": "x"}
    assert "Check your mail" in Page(requests.post(f"{here.url}/s/weekly", data=data, timeout=20)).words
    assert here.mails() == []


def test_an_older_mail_confirms_nothing_once_a_newer_one_did(here: Site) -> None:
    """Nor once its owner has left everything: it does not say that they are subscribed."""
    here.sign_up()
    here.wait(days=2)
    here.confirmed()
    assert here.open_mailed(0).status == 404
    here.sign_up(digest="daily")
    requests.post(f"{here.path()}/all", timeout=20)
    page = here.open_mailed()
    assert page.status == 404
    assert here.state(digest="daily") is None


def test_no_log_holds_an_address_or_a_token(here: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Not even the most talkative one, on the whole way through all pages."""
    caplog.set_level(logging.DEBUG)
    all_pages(here)
    said = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("urllib3")
    )
    assert "mira" not in said
    assert "/l/" not in said
    assert "/u/" not in said
