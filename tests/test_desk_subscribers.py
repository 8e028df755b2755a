"""Subscribers at the desk: found, looked at with all that they agreed to, added, suppressed, exported and erased."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from desk import PASSWORD, Browser, Desk, desk_of
from digest import store
from digest.model import DeliveryState, IssueId, OutboxKind, Role, SubscriptionState
from digest.pipeline.drafts import draft
from digest.pipeline.issues import publish
from digest.pipeline.mail import send as mailing
from digest.pipeline.posts import collect
from digest.pipeline.readers import signing_up
from digest.pipeline.readers.audience import tending
from digest.store.audience import ImportRow
from digest.store.database import reading, transaction
from digest.store.schema import metadata, outbox
from installation import NOW, command, installed

SUNDAY = IssueId.parse("weekly/2026-11-22")
READERS = ("ada@hollin.test", "bo@hollin.test", "abel@weir.test")
TOUCHED = [
    "subscribers",
    "subscriptions",
    "suppressions",
    "erasures",
    "consents",
    "sign_ups",
    "reader_links",
    "outbox",
    "deliveries",
    "holds",
    "networks",
    "editors",
    "sessions",
    "errands",
    "tries",
    "audit",
]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with installed(tmp_path_factory.mktemp("desk")) as place:
        place.blog.write("mill", at=NOW - timedelta(hours=1))
        with desk_of(place) as desk:
            yield desk


@pytest.fixture
def desk(opened: Desk) -> Iterator[Desk]:
    """The same desk for all, on Friday morning, with three readers and no editor."""
    opened.clock.now = NOW
    people = [ImportRow(address, "weekly", None, NOW, "the fair") for address in READERS]
    with transaction(opened.installation.engine) as connection:
        store.audience.import_rows(connection, people, NOW)
    yield opened
    with transaction(opened.installation.engine) as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name in TOUCHED:
                connection.execute(table.delete())


@pytest.fixture
def admin(desk: Desk) -> Browser:
    return desk.browser(Role.ADMIN)


def number(desk: Desk, address: str) -> int:
    return tending.number_of(desk.installation, address)


def listed(page: str) -> list[str]:
    """The addresses of a list."""
    return re.findall(r'subscribers/\d+"><bdi>([^<]+)</bdi>', page)


def test_people_are_found_by_how_their_address_begins(desk: Desk, admin: Browser) -> None:
    """However it is cased, in a digest, in a state; page by page."""
    assert listed(admin.get("subscribers").text) == ["ada@hollin.test", "bo@hollin.test", "abel@weir.test"]
    assert listed(admin.get("subscribers?address=AD").text) == ["ada@hollin.test"]
    assert listed(admin.get("subscribers?address=a").text) == ["abel@weir.test", "ada@hollin.test"]
    assert listed(admin.get("subscribers?address=a%25").text) == []
    bo = number(desk, "bo@hollin.test")
    with transaction(desk.installation.engine) as connection:
        store.audience.unsubscribe(connection, bo, "weekly", NOW)
    assert listed(admin.get("subscribers?state=unsubscribed").text) == ["bo@hollin.test"]
    assert listed(admin.get("subscribers?state=confirmed&address=b").text) == []
    assert "Nobody like this" in admin.get("subscribers?state=pending").text


def test_a_chart_tells_how_many_had_confirmed_week_by_week(desk: Desk, admin: Browser) -> None:
    """Who came later, and who left, at their time; in words and as a table, for an hour as it was."""
    later, at = NOW - timedelta(days=20), NOW - timedelta(days=60)
    people = [
        ImportRow("cy@weir.test", "weekly", None, at, "the fair"),
        ImportRow("di@weir.test", "weekly", None, at, "the fair"),
    ]
    with transaction(desk.installation.engine) as connection:
        store.audience.import_rows(connection, people, at)
    cy, di = number(desk, "cy@weir.test"), number(desk, "di@weir.test")
    with transaction(desk.installation.engine) as connection:
        store.audience.unsubscribe(connection, cy, "weekly", later)
    desk.clock.now = NOW + timedelta(hours=2)
    page = unescape(admin.get("subscribers").text)
    assert (
        "<strong>The Hollin Weekly: confirmed.</strong> 4 now, 0 on 29 May 2026; most on 20 November 2026: 4."
        in page
    )
    rows = dict(
        re.findall(r'<th scope="row"><bdi>([^<]+ 2026)</bdi></th><td class="number">(\d+)</td>', page)
    )
    assert [rows[day] for day in ("18 September 2026", "25 September 2026", "6 November 2026")] == [
        "0",
        "2",
        "1",
    ]
    assert len(rows) == 26
    with transaction(desk.installation.engine) as connection:
        store.audience.unsubscribe(connection, di, "weekly", NOW)
    assert "4 now" in admin.get("subscribers?digest=weekly").text
    desk.later(timedelta(hours=1))
    assert "3 now" in admin.get("subscribers?digest=weekly").text
    assert "<svg" not in admin.get("subscribers?address=a").text


def test_a_long_list_goes_on_behind_its_last_row(
    desk: Desk, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number, or by address where that is searched for; the link names no address."""
    from digest.web.desk import subscribers

    monkeypatch.setattr(subscribers, "PAGE", 1)
    for query in ("", "?address=a", "?state=confirmed"):
        found, path = [], f"subscribers{query}"
        while path:
            page = admin.get(path).text
            found += listed(page)
            link = re.search(r'href="[^"]*/desk/(subscribers\?[^"]*after=[^"]*)"', page)
            path = link[1].replace("&amp;", "&") if link else ""
            assert not re.search("@|%40", path)
        assert sorted(found) == sorted({*found})
        assert len(found) == (2 if "address" in query else 3)


def test_who_neither_sends_nor_manages_sees_addresses_masked(desk: Desk) -> None:
    """And finds nobody letter by letter, nor may change anything."""
    viewer = desk.browser(Role.VIEWER, Role.EDITOR)
    page = viewer.get("subscribers").text
    assert listed(page) == ["a•••@hollin.test", "b•••@hollin.test", "a•••@weir.test"]
    assert "ada@hollin.test" not in page
    assert viewer.get("subscribers?address=ad").status_code == 422
    assert listed(viewer.get("subscribers?address=ada@hollin.test").text) == ["a•••@hollin.test"]
    ada = number(desk, "ada@hollin.test")
    with transaction(desk.installation.engine) as connection:
        store.suppressions.suppress(connection, "ada@hollin.test", "550 <ADA@hollin.test> unknown", NOW)
    for path in ("subscribers", f"subscribers/{ada}", "subscribers?state=suppressed"):
        page = viewer.get(path).text.casefold()
        assert "unknown" in page
        assert "ada@hollin.test" not in page
    for path in (f"{ada}/change", f"{ada}/data.json", f"{ada}/erase", "add", "suppress", "unsuppress"):
        assert viewer.send("me", f"subscribers/{path}", why="so", do="suppress").status_code == 403


def test_what_a_person_agreed_to_is_told_step_by_step(desk: Desk, admin: Browser) -> None:
    """The words of the button they pressed, their themes, their rests, that they left and came back."""
    key = signed_up(desk, "cy@hollin.test")
    cy = number(desk, "cy@hollin.test")
    assert key
    with transaction(desk.installation.engine) as connection:
        store.audience.choose(connection, cy, "weekly", ["water"], NOW)
        store.reader_changes.pause(connection, cy, "weekly", NOW + timedelta(days=9), NOW)
        store.audience.unsubscribe(connection, cy, "weekly", NOW)
        store.audience.resubscribe(connection, cy, "weekly", NOW)
        steps = [(each.step.value, each.wording) for each in store.consents.trail(connection, cy)]
    assert steps == [
        ("returned", ""),
        ("left", ""),
        ("paused", "until 2026-11-29"),
        ("themes", "water"),
        ("confirmed", "Yes, send me The Hollin Weekly"),
    ]
    page = admin.get(f"subscribers/{cy}").text
    assert "Yes, send me The Hollin Weekly" in page
    assert "the form of weekly, confirmed by mail" in page
    assert page.index("returned") < page.index("themes</strong>") < page.index("confirmed</strong>")


def signed_up(desk: Desk, address: str) -> bool:
    """Somebody signs up by the form, and presses the button of the mail."""
    stationery = tending.stationery_of(desk.installation)
    digest, engine = desk.installation.digest("weekly"), desk.installation.engine
    signing_up.ask(engine, stationery, digest, address, "", "192.0.2.0/24", desk.clock())
    with reading(engine) as connection:
        mail = connection.execute(select(outbox.c.data).order_by(outbox.c.id.desc()).limit(1)).scalar_one()
    token = re.search(rb"/l/([\w-]+)", mail)
    assert token
    wording = stationery.wording(digest).say("confirm_button", title=digest.title)
    confirmed = signing_up.confirm(
        engine, desk.installation.keys, token[1].decode(), [], desk.clock(), lambda _: wording
    )
    return confirmed is not None


def test_somebody_is_added_by_asking_them(desk: Desk, admin: Browser) -> None:
    """They subscribe by the button in the mail, for which there is one a day; until then they get nothing."""
    asked = admin.send("subscribers/add", "subscribers/add", **adding("dot@hollin.test", "ask"))
    assert "is not confirmed" in asked.text
    admin.send("subscribers/add", "subscribers/add", **adding("dot@hollin.test", "ask"))
    with reading(desk.installation.engine) as connection:
        (theirs,) = store.audience.subscriptions_of(connection, "dot@hollin.test")
        mails = connection.execute(
            select(outbox.c.kind).where(outbox.c.address == "dot@hollin.test")
        ).scalars()
        assert list(mails) == [OutboxKind.CONFIRMATION]
    assert theirs.state is SubscriptionState.PENDING


def test_nobody_is_asked_who_does_not_want_to_be(desk: Desk, admin: Browser) -> None:
    """Whoever left, is suppressed, or has it already; the sentence says which."""
    ada = number(desk, "ada@hollin.test")
    with transaction(desk.installation.engine) as connection:
        store.audience.unsubscribe(connection, ada, "weekly", NOW)
        store.suppressions.suppress(connection, "bo@hollin.test", "a letter", NOW)
    for address, why in (
        ("ada@hollin.test", "has left"),
        ("bo@hollin.test", "must not be written to: a letter"),
        ("abel@weir.test", "is subscribed to weekly already"),
    ):
        answer = admin.send("subscribers/add", "subscribers/add", **adding(address, "ask"))
        assert (answer.status_code, why in answer.text) == (422, True)
    with reading(desk.installation.engine) as connection:
        assert connection.execute(select(outbox)).all() == []


def test_somebody_is_added_with_the_consent_that_they_gave(desk: Desk, admin: Browser) -> None:
    """How they gave it has to be said, and is kept with who said it."""
    unsaid = admin.send("subscribers/add", "subscribers/add", **adding("dot@hollin.test", "stated"))
    assert unsaid.status_code == 422
    assert "Say how they gave their consent" in unsaid.text
    values = adding("dot@hollin.test", "stated") | {
        "consent": "signed the list at the fair",
        "theme": "weekly/water",
    }
    page = admin.send("subscribers/add", "subscribers/add", **values).text
    assert 'data-label="Themes">water<' in page
    assert "mira@hollin.test: signed the list at the fair" in page
    dot = number(desk, "dot@hollin.test")
    assert desk.log()[-1] == ("mira@hollin.test", "add subscriber", f"subscriber {dot}")
    again = admin.send("subscribers/add", "subscribers/add", **adding("no address", "ask"))
    assert "is no address" in again.text


def adding(address: str, how: str) -> dict[str, str]:
    return {"address": address, "digest": "weekly", "how": how, "consent": ""}


def test_an_address_is_suppressed_and_written_to_again(desk: Desk, admin: Browser) -> None:
    """With a reason each time, which the log keeps without the address."""
    ada = number(desk, "ada@hollin.test")
    path = f"subscribers/{ada}"
    assert "Say why" in admin.send(path, f"{path}/change", do="suppress", why=" ").text
    admin.send(path, f"{path}/change", do="suppress", why="ada@hollin.test asked by phone")
    assert listed(admin.get("subscribers?state=suppressed").text) == ["ada@hollin.test"]
    page = admin.send(path, f"{path}/change", do="unsuppress", why="it was somebody else").text
    assert "We must not write" not in page
    with reading(desk.installation.engine) as connection:
        told = [(each.action, each.detail) for each in store.audit.entries(connection)][-2:]
    assert told == [("suppress", "[the address] asked by phone"), ("unsuppress", "it was somebody else")]
    assert admin.send(path, f"{path}/change", do="unsuppress", why="again").status_code == 404


def test_an_address_that_nobody_subscribed_with_is_suppressed_as_well(desk: Desk, admin: Browser) -> None:
    """The log knows it by a keyed hash."""
    page = admin.send(
        "subscribers?state=suppressed",
        "subscribers/suppress",
        address="list@weir.test",
        why="their lawyer wrote",
    ).text
    assert "list@weir.test" in page
    assert "list@weir.test" not in admin.get("log").text
    page = admin.send(
        "subscribers?state=suppressed", "subscribers/unsuppress", address="list@weir.test", why="a slip"
    ).text
    assert "<h1>Suppressed addresses</h1>" in page
    assert "<bdi>list@weir.test</bdi>" not in page


def test_a_subscription_is_ended_for_who_asks_us_to(desk: Desk, admin: Browser) -> None:
    """The trail says who did it and why."""
    bo = number(desk, "bo@hollin.test")
    page = admin.send(
        f"subscribers/{bo}", f"subscribers/{bo}/change", do="leave", digest="weekly", why="wrote a letter"
    ).text
    assert "mira@hollin.test: wrote a letter" in page
    with reading(desk.installation.engine) as connection:
        assert store.audience.confirmed_count(connection, "weekly") == 2
    twice = admin.send(
        f"subscribers/{bo}", f"subscribers/{bo}/change", do="leave", digest="weekly", why="wrote again"
    )
    assert twice.status_code == 404


def test_the_last_mails_are_shown_with_what_the_relay_said(desk: Desk, admin: Browser) -> None:
    """Of each issue, the newest first."""
    list(collect.collect(desk.installation, desk.clock))
    draft.draft(desk.installation, "weekly", desk.clock())
    publish.approve(desk.installation, SUNDAY, desk.clock())
    publish.publish(desk.installation, SUNDAY, desk.clock())
    mailing.request(desk.installation, SUNDAY, desk.clock())
    mailing.send(desk.installation, SUNDAY, desk.clock)
    page = admin.get(f"subscribers/{number(desk, 'ada@hollin.test')}").text
    assert str(DeliveryState.ACCEPTED) in page
    assert "250" in page
    assert f"desk/send/{SUNDAY}" in page


def test_their_data_is_the_file_that_they_would_get_themselves(desk: Desk, admin: Browser) -> None:
    """And the log keeps who took it."""
    ada = number(desk, "ada@hollin.test")
    answer = admin.send(f"subscribers/{ada}", f"subscribers/{ada}/data.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    data = json.loads(answer.content)
    assert data["address"] == "ada@hollin.test"
    assert data["subscriptions"][0]["digest"] == "weekly"
    assert desk.log()[-1] == ("mira@hollin.test", "export", f"subscriber {ada}")
    shown = command(
        "subscribers",
        "show",
        "ADA@hollin.test",
        "--json",
        folder=desk.installation.settings.serve.secret_file.parents[1],
    )
    assert json.loads(shown.out) == data


def test_a_person_is_erased_by_typing_their_address(desk: Desk, admin: Browser) -> None:
    """After the password, once; the log and the database keep a keyed hash, and nothing that names them."""
    ada = number(desk, "ada@hollin.test")
    wrong = admin.send(f"subscribers/{ada}/erase", f"subscribers/{ada}/erase", address="bo@hollin.test")
    assert "nothing was erased" in wrong.text
    desk.later(timedelta(minutes=20))
    page = admin.get(f"subscribers/{ada}/erase")
    assert page.url.endswith(f"prove?to=subscribers/{ada}/erase")
    late = admin.send("me", f"subscribers/{ada}/erase", address="ada@hollin.test")
    assert "prove" in late.url
    admin.send("prove", "prove", password=PASSWORD, to="")
    done = admin.send(f"subscribers/{ada}/erase", f"subscribers/{ada}/erase", address=" Ada@Hollin.test ")
    assert "They are forgotten" in done.text
    assert admin.get(f"subscribers/{ada}").status_code == 404
    assert "ada@hollin.test" not in admin.get("log").text
    who, action, subject = desk.log()[-1]
    assert (who, action) == ("mira@hollin.test", "erase")
    assert re.fullmatch(r"address [0-9a-f]+", subject)
    back = admin.send(
        "subscribers/add", "subscribers/add", **adding("ada@hollin.test", "stated") | {"consent": "again"}
    )
    assert "asked to be forgotten" in back.text


def test_nobody_of_a_number_is_a_page_that_says_so(admin: Browser) -> None:
    """Whatever is typed into the address."""
    for path in ("0", "999999", "x", "1e9", "9" * 30, "1/erase/more"):
        answer = admin.get(f"subscribers/{path}")
        assert (answer.status_code, "<h1>" in answer.text) == (404, True), path
