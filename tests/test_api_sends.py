"""A send through the API: what is known before it, its progress, what steers it, and its mails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import update

from api import READERS, SUNDAY, Api, Client, api_of, drafted, drafted_in, filled
from digest.deliver import ledger
from digest.model import DeliveryState, IssueId, Role, SendState
from digest.pipeline.editors import sending
from digest.pipeline.issues import publish
from digest.store.database import transaction
from digest.store.schema import deliveries, sends
from installation import installed


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with drafted_in(tmp_path_factory.mktemp("api")) as api:
        yield api


@pytest.fixture(scope="module")
def mira(api: Api) -> Client:
    return api.client(Role.EDITOR, Role.PUBLISHER)


@pytest.fixture
def issue(api: Api) -> IssueId:
    """An approved issue of this test's own."""
    return publish.approve(api.installation, api.extra(), api.clock()).id


# ── before, while, after ─────────────────────────────────────────────────────────────────────────


def test_what_is_to_be_known_before_a_send_is_told(mira: Client, issue: IssueId) -> None:
    """How many people, and what became of the send before."""
    before = mira.get(f"/issues/{issue}/send/before").json()
    assert (before["people"], before["confirm_audience"], before["too_late"]) == (3, False, False)


def test_a_large_audience_needs_its_number_and_begins_with_a_part(
    api: Api, mira: Client, monkeypatch: pytest.MonkeyPatch, issue: IssueId
) -> None:
    """Another number is refused: the audience has changed, or it is a mistake."""
    monkeypatch.setattr(sending, "LARGE", 2)
    monkeypatch.setattr(ledger, "FEWEST_FIRST", 1)
    assert "type that number" in mira.start(issue).json()["detail"]
    assert mira.start(issue, confirm_audience=4).status_code == 422
    assert not api.is_sent(issue)
    assert mira.start(issue, confirm_audience=3).status_code == 202
    assert mira.get(f"/issues/{issue}/send").json()["first_part"] is True


def test_where_four_eyes_are_asked_for_who_edited_approves_nothing(tmp_path: Path) -> None:
    """As at the desk."""
    with installed(tmp_path, serve="[desk]\nfour_eyes = true") as place, api_of(place) as api:
        filled(place)
        drafted(api.installation, api.clock)
        mira = api.client(Role.EDITOR, Role.PUBLISHER)
        mira.post(f"/issues/{SUNDAY}/edits", {"title": "Mills"}, mira.tag(f"/issues/{SUNDAY}"))
        refused = mira.post(f"/issues/{SUNDAY}/approve", {}, mira.tag(f"/issues/{SUNDAY}"))
        assert (refused.status_code, "somebody else" in refused.json()["detail"]) == (403, True)


def test_a_send_is_followed_held_resumed_and_ended(api: Api, mira: Client, issue: IssueId) -> None:
    """Each step is in the log."""
    assert mira.get(f"/issues/{issue}/send").status_code == 404
    mira.start(issue)
    assert mira.get(f"/issues/{issue}/send").json()["deliveries"]["queued"] == 3
    held = mira.post(f"/issues/{issue}/send/pause", {"why": "a wrong date"}).json()
    assert (held["state"], held["why"]) == ("paused", "a wrong date")
    assert mira.post(f"/issues/{issue}/send/resume").json()["state"] == "running"
    ended = mira.post(f"/issues/{issue}/send/cancel").json()
    assert (ended["state"], ended["deliveries"]["cancelled"]) == ("cancelled", 3)
    assert mira.post(f"/issues/{issue}/send/resume").status_code == 409
    assert api.log()[-4:] == ["send", "pause", "resume", "cancel"]


def test_a_send_that_has_begun_is_not_taken_back(api: Api, mira: Client, issue: IssueId) -> None:
    """The sentence says what can be done."""
    mira.start(issue)
    api.later(sending.UNDO)
    refused = mira.post(f"/issues/{issue}/send/take-back")
    assert (refused.status_code, "pause it" in refused.json()["detail"]) == (409, True)


def test_deliveries_are_listed_page_by_page_and_found_by_state_and_address(
    api: Api, mira: Client, issue: IssueId
) -> None:
    """The Link of each page leads to the next (RFC 8288)."""
    mira.start(issue)
    first = mira.get(f"/issues/{issue}/deliveries", limit=2)
    found = [row["address"] for row in first.json()["items"]]
    link = requests.utils.parse_header_links(first.headers["Link"])[0]["url"]
    rest = mira.session.get(
        api.url.partition("/api")[0] + link, headers={"Authorization": f"Bearer {mira.token}"}, timeout=20
    )
    assert sorted(found + [row["address"] for row in rest.json()["items"]]) == sorted(READERS)
    assert (rest.json()["next"], "Link" in rest.headers) == (None, False)
    assert len(mira.get(f"/issues/{issue}/deliveries", address="BO@hollin.test").json()["items"]) == 1
    assert mira.get(f"/issues/{issue}/deliveries", state="accepted").json()["items"] == []
    assert mira.get(f"/issues/{issue}/deliveries", cursor="nonsense").status_code == 422


def test_addresses_are_masked_for_who_only_looks(api: Api, mira: Client, issue: IssueId) -> None:
    """Also in the words of the relay, which repeats them."""
    mira.start(issue)
    with transaction(api.installation.engine) as connection:
        connection.execute(update(deliveries).values(reply="550 no ada@hollin.test here"))
    viewer = api.client(Role.VIEWER, address="ivo@hollin.test")
    shown = viewer.get(f"/issues/{issue}/deliveries", address="ada@hollin.test").json()["items"][0]
    assert (shown["address"], shown["reply"]) == ("a•••@hollin.test", "550 no a•••@hollin.test here")
    whole = mira.get(f"/issues/{issue}/deliveries", address="ada@hollin.test").json()["items"][0]
    assert (whole["address"], whole["reply"]) == ("ada@hollin.test", "550 no ada@hollin.test here")


@pytest.mark.parametrize(("arrived", "state"), [(True, "accepted"), (False, "queued")])
def test_a_mail_in_doubt_is_settled_by_a_persons_word(
    api: Api, mira: Client, arrived: bool, state: str, issue: IssueId
) -> None:
    """Once: what is not in doubt is nobody's to settle."""
    mira.start(issue)
    with transaction(api.installation.engine) as connection:
        theirs = deliveries.c.address == "bo@hollin.test"
        connection.execute(update(deliveries).where(theirs).values(state=DeliveryState.IN_DOUBT))
        connection.execute(update(sends).values(state=SendState.RUNNING))
    word = {"address": "bo@hollin.test", "arrived": arrived}
    assert mira.post(f"/issues/{issue}/deliveries/settle", word).ok
    assert (
        mira.get(f"/issues/{issue}/deliveries", address="bo@hollin.test").json()["items"][0]["state"] == state
    )
    assert mira.post(f"/issues/{issue}/deliveries/settle", word).status_code == 404
    assert "settle" in api.log()
