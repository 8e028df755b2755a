"""One send for one Idempotency-Key, whoever comes how often, and whatever ends in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from api import READERS, SUNDAY, Api, Client, api_of, drafted, drafted_in, filled
from digest import store
from digest.api import keyed
from digest.model import IssueId, IssueState, Role, Send
from digest.pipeline.issues import publish
from digest.pipeline.mail import send
from digest.store.database import transaction
from digest.store.schema import keyed_requests
from digest.web import launching
from digest.web.api.entrance import entrance
from digest.web.api.keyed import Keep, Once
from installation import installed_for

AT_ONCE = 200


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


def swept(api: Api) -> int:
    """How many keys `digest prune` would clear away."""
    with transaction(api.installation.engine) as connection:
        return store.keyed_requests.sweep(connection, api.clock())


# ── one key, one send ────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("database_url")
def test_two_hundred_requests_with_one_key_at_once_are_one_send(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Each gets the one answer, or is told that the request is being done; every reader gets one mail."""
    with installed_for(request, tmp_path, serve="api_per_minute = 100000") as place, api_of(place) as api:
        filled(place)
        drafted(api.installation, api.clock)
        publish.approve(api.installation, SUNDAY, api.clock())
        token = api.client(Role.PUBLISHER).token
        with ThreadPoolExecutor(40) as crew:
            found = list(crew.map(lambda _: Client(api.url, token).start(SUNDAY), range(AT_ONCE)))
        statuses = Counter(answer.status_code for answer in found)
        assert statuses.keys() <= {202, 409}
        assert len({answer.text for answer in found if answer.ok}) == 1
        assert api.asked(SUNDAY) == 1
        assert api.accepted(SUNDAY) == 3
        assert api.place.recipients() == sorted(READERS)


def tried_at_once(api: Api, key: str) -> int:
    """How often something is done that many ask for at once with one key."""
    once, editor, done = Once(entrance(api.installation, api.clock), 202), api.editor(), []

    def effect(_: Keep) -> str:
        done.append("once")
        return "{}"

    def ask(_: int) -> None:
        with suppress(keyed.KeyBusyError):
            once.answer(editor, key, "count", b"", effect)

    with ThreadPoolExecutor(8) as crew:
        list(crew.map(ask, range(40)))
    return len(done)


def test_whatever_is_asked_for_with_a_key_is_done_once(
    api: Api, mira: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what would not be so by itself; control: where each who comes is taken for the first, it is done each time."""
    assert mira.token
    assert tried_at_once(api, "counted") == 1
    monkeypatch.setattr(store.keyed_requests, "begin", lambda *_: True)
    assert tried_at_once(api, "control") == 40


def test_a_new_try_after_the_send_was_taken_back_sends_nothing(
    api: Api, mira: Client, issue: IssueId
) -> None:
    """The program whose answer was lost tries again; the person who has taken it back meanwhile keeps their word."""
    first = mira.start(issue)
    assert mira.post(f"/issues/{issue}/send/take-back").status_code == 204
    again = mira.start(issue)
    assert (again.status_code, again.text) == (202, first.text)
    assert not api.is_sent(issue)
    assert mira.start(issue, '"another"').status_code == 202
    assert api.is_sent(issue)


def test_without_what_is_kept_of_the_key_the_new_try_would_send(
    api: Api, mira: Client, issue: IssueId
) -> None:
    """Control: it is the key that holds it back."""
    mira.start(issue)
    mira.post(f"/issues/{issue}/send/take-back")
    with transaction(api.installation.engine) as connection:
        connection.execute(delete(keyed_requests))
    mira.start(issue)
    assert api.is_sent(issue)


def test_a_key_is_one_editors_and_one_requests(api: Api, mira: Client, issue: IssueId) -> None:
    """With another body it is refused; another editor's key of the same name is another one."""
    assert mira.start(issue, first_percent=10).status_code == 202
    other = mira.start(issue, first_percent=20)
    assert (other.status_code, other.json()["title"]) == (422, "Unprocessable Entity")
    assert "used for another request" in other.json()["detail"]
    tam = api.client(Role.PUBLISHER, address="tam@hollin.test")
    assert tam.start(issue, first_percent=20).status_code == 202
    assert api.asked(issue) == 1


def test_quotes_around_a_key_say_nothing(mira: Client, issue: IssueId) -> None:
    """The draft writes them, and many programs do not."""
    assert mira.start(issue, '"8e03978e"').text == mira.start(issue, "8e03978e").text


def test_a_key_is_kept_for_a_day(api: Api, mira: Client, issue: IssueId) -> None:
    """Then it is a new one, and `digest prune` clears it away."""
    mira.start(issue)
    mira.post(f"/issues/{issue}/send/take-back")
    api.later(keyed.KEPT - timedelta(seconds=1))
    mira.start(issue)
    assert not api.is_sent(issue)
    swept(api)
    mira.start(issue)
    assert not api.is_sent(issue)
    api.later(timedelta(seconds=1))
    assert swept(api) >= 1
    mira.start(issue)
    assert api.is_sent(issue)


@pytest.mark.parametrize("key", [None, "", '""', "x" * 256, "a\tb", "é"])
def test_a_send_needs_a_key_that_is_one(api: Api, mira: Client, key: str | None, issue: IssueId) -> None:
    """Nothing is begun without."""
    headers = {} if key is None else {"Idempotency-Key": key.encode("latin-1").decode("latin-1")}
    assert mira.post(f"/issues/{issue}/send", {}, headers).status_code == 422
    assert not api.is_sent(issue)


def test_a_refused_send_may_be_asked_for_again_with_its_key(api: Api, mira: Client, issue: IssueId) -> None:
    """Nothing was done, so nothing is kept."""
    mira.post(f"/issues/{issue}/unapprove", {})
    assert mira.start(issue).status_code == 409
    publish.approve(api.installation, issue, api.clock())
    assert mira.start(issue).status_code == 202


# ── what ends in between ─────────────────────────────────────────────────────────────────────────


class Killed(BaseException):
    """The process ends here."""


def kill(*_: object, **__: object) -> None:
    raise Killed


def begun(api: Api, mira: Client) -> None:
    """What is left of a request whose process was killed before it could answer."""
    with transaction(api.installation.engine) as connection:
        connection.execute(update(keyed_requests).values(status=None, body=""))


def test_the_answer_is_kept_in_the_transaction_of_the_request(
    api: Api, mira: Client, monkeypatch: pytest.MonkeyPatch, issue: IssueId
) -> None:
    """Killed right after its effect, taken back, and tried again: it does not come back."""
    with monkeypatch.context() as patch:
        patch.setattr("digest.web.api.sends.launch", ends_after(launching.launch))
        answer = Client(api.url, mira.token).start(issue)
    assert answer.status_code == 500
    assert api.is_sent(issue)
    mira.post(f"/issues/{issue}/send/take-back")
    api.later(keyed.AT_WORK)
    assert mira.start(issue).status_code == 202
    assert not api.is_sent(issue)


def ends_after(work: Callable[..., Send]) -> Callable[..., Send]:
    """Do it, and end before anything else is done."""

    def ended(*given: Any, **named: Any) -> Send:
        work(*given, **named)
        raise RuntimeError("the process ends here")

    return ended


def test_a_request_that_ended_before_its_effect_is_begun_again(
    api: Api, mira: Client, issue: IssueId
) -> None:
    """Not at once, for it may still be at work; after five minutes whoever tries again does it."""
    mira.start(issue)
    begun(api, mira)
    assert mira.start(issue).status_code == 409
    assert "being done" in mira.start(issue).json()["detail"]
    api.later(keyed.AT_WORK)
    assert mira.start(issue).status_code == 202
    assert api.asked(issue) == 1


def test_killed_between_publishing_and_asking_the_next_try_asks(
    api: Api, mira: Client, monkeypatch: pytest.MonkeyPatch, issue: IssueId
) -> None:
    """Two verbs, one after the other: what is published and not asked for is asked for, once."""
    editor = api.editor()
    with monkeypatch.context() as patch:
        patch.setattr(send, "request", kill)
        with pytest.raises(Killed):
            launching.launch(api.installation, issue, editor, api.clock())
    assert api.installation.issue(issue).state is IssueState.PUBLISHED
    assert not api.is_sent(issue)
    assert mira.start(issue).status_code == 202
    launching.launch(api.installation, issue, editor, api.clock())
    assert api.asked(issue) == 1
    assert api.accepted(issue) == 3
