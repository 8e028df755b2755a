"""The rules of the API by themselves: how often one may ask, what a key and a cursor are, what a token lets do."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from digest import store
from digest.api import credentials, keyed, limits, paging
from digest.api.keyed import KeyedRequest, Verdict
from digest.model import ApiToken, Editor, Role
from digest.store.database import transaction
from digest.tokens import Keys

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32
SECRET = credentials.PREFIX + "A" * 43


def editor(*roles: Role, left_at: datetime | None = None) -> Editor:
    return Editor(1, "mira@hollin.test", "Mira", roles, NOW, left_at)


def token(*roles: Role, expires_at: datetime | None = None, revoked_at: datetime | None = None) -> ApiToken:
    return ApiToken(1, 1, "a program", roles, NOW, expires_at, None, revoked_at)


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (f"Bearer {SECRET}", SECRET),
        (f"bearer  {SECRET} ", SECRET),
        (f"Basic {SECRET}", ""),
        (SECRET, ""),
        (f"Bearer {SECRET}x", ""),
        (f"Bearer {SECRET}\n", ""),
        ("Bearer digest_", ""),
        ("", ""),
    ],
)
def test_a_header_has_a_token_or_none(header: str, found: str) -> None:
    """Of ours, and nothing beside it (RFC 6750, section 2.1)."""
    assert credentials.bearer(header) == found


def test_a_token_is_known_after_a_new_key_went_on_top() -> None:
    """What is stored is the hash by the key of its day; without the key nobody makes one."""
    stored = credentials.prints(Keys((OLD,)), SECRET)[0]
    assert stored in credentials.prints(Keys((NEW, OLD)), SECRET)
    assert stored not in credentials.prints(Keys((NEW,)), SECRET)


def test_a_token_lets_in_until_it_is_revoked_or_over_or_its_editor_has_left() -> None:
    """At the very moment at which it ends it is over."""
    soon = NOW + timedelta(seconds=1)
    assert credentials.works(token(expires_at=soon), editor(), NOW)
    assert not credentials.works(token(expires_at=NOW), editor(), NOW)
    assert not credentials.works(token(revoked_at=NOW), editor(), NOW)
    assert not credentials.works(token(), editor(left_at=NOW), NOW)


@given(st.sets(st.sampled_from(Role)), st.sets(st.sampled_from(Role)))
def test_a_bearer_is_what_both_editor_and_token_are(theirs: set[Role], its: set[Role]) -> None:
    """Whatever either of them was once."""
    assert set(credentials.as_bearer(editor(*theirs), token(*its)).roles) == theirs & its


# ── how often ────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(1, 1_000), st.lists(st.floats(0, 120), max_size=60))
def test_nobody_gets_more_than_a_minutes_worth_and_what_came_in_since(
    per_minute: int, waits: list[float]
) -> None:
    """In any stretch of time; and whoever waits as long as they are told is let in."""
    bucket, now, served = None, NOW, 0
    for wait in waits:
        now += timedelta(seconds=wait)
        bucket, seconds = limits.spend(bucket, per_minute, now)
        served += not seconds
        assert served <= per_minute + (now - NOW).total_seconds() * per_minute / 60 + 1e-6
        if seconds:
            assert limits.spend(bucket, per_minute, now + timedelta(seconds=seconds))[1] == 0


def test_a_clock_that_goes_back_gives_nothing() -> None:
    """And takes nothing."""
    bucket, _ = limits.spend(None, 60, NOW)
    assert limits.spend(bucket, 60, NOW - timedelta(hours=1))[0].left == 58
    assert not limits.is_full(bucket, 60, NOW)
    assert limits.is_full(bucket, 60, NOW + timedelta(seconds=1))


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────


def kept(status: int | None = None, begun_at: datetime = NOW) -> KeyedRequest:
    return KeyedRequest(1, "key", "print", begun_at, status)


LATE = NOW + keyed.AT_WORK


@pytest.mark.parametrize(
    ("found", "wanted", "now", "verdict"),
    [
        (None, "print", NOW, Verdict.BEGIN),
        (kept(), "other", NOW, Verdict.OTHER),
        (kept(202), "other", NOW, Verdict.OTHER),
        (kept(202), "print", NOW, Verdict.REPEAT),
        (kept(202), "print", LATE, Verdict.REPEAT),
        (kept(), "print", LATE - timedelta(seconds=1), Verdict.BUSY),
        (kept(), "print", LATE, Verdict.AGAIN),
    ],
)
def test_a_request_is_done_repeated_or_refused(
    found: KeyedRequest | None, wanted: str, now: datetime, verdict: Verdict
) -> None:
    """By what is kept under its key."""
    assert keyed.verdict(found, wanted, now) is verdict


def test_a_key_is_begun_once_and_answered_once(engine: Engine) -> None:
    """Whoever comes second; the first answer stays, and one that was given is not given up."""
    with transaction(engine) as connection:
        number = store.editors.add(connection, "mira@hollin.test", "Mira", [Role.PUBLISHER], NOW)
        assert number
        request = KeyedRequest(number, "key", "print", NOW)
        assert store.keyed_requests.begin(connection, request)
        assert not store.keyed_requests.begin(connection, request)
        assert store.keyed_requests.take_over(connection, request, LATE)
        assert not store.keyed_requests.take_over(connection, request, LATE)
        store.keyed_requests.answer(connection, request, 202, "first")
        store.keyed_requests.answer(connection, request, 202, "second")
        store.keyed_requests.give_up(connection, request)
        found = store.keyed_requests.found(connection, number, "key")
        assert found
        assert (found.status, found.body, found.begun_at) == (202, "first", LATE)


def test_a_token_that_ended_long_ago_is_forgotten(engine: Engine) -> None:
    """After a year; one that works stays."""
    with transaction(engine) as connection:
        number = store.editors.add(connection, "mira@hollin.test", "Mira", [Role.VIEWER], NOW)
        assert number
        for name, ends in (("ended", NOW), ("works", None)):
            store.api_tokens.add(connection, ApiToken(0, number, name, (Role.VIEWER,), NOW, ends), name)
        assert store.api_tokens.sweep(connection, NOW + credentials.KEPT - timedelta(seconds=1)) == 0
        assert store.api_tokens.sweep(connection, NOW + credentials.KEPT) == 1
        assert [each.name for each in store.api_tokens.listed(connection)] == ["works"]


# ── cursors ──────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(0, 2**63 - 1))
def test_a_cursor_leads_back_to_its_number(number: int) -> None:
    """Whatever it looks like."""
    assert paging.number_of(paging.cursor(number)) == number


@given(st.text(max_size=200))
def test_any_other_text_is_no_cursor(text: str) -> None:
    """Nothing but our own error, whatever a link brings."""
    for read in (paging.number_of, paging.word_of):
        try:
            found = read(text)
        except paging.CursorError:
            continue
        assert found == 0 or isinstance(found, int | str)


@pytest.mark.parametrize("key", [-1, 2**63, "word", None, 1.5, [1], "a\0b"])
def test_a_cursor_of_something_else_is_none(key: object) -> None:
    """Made by hand, or by another list."""
    made = base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
    with pytest.raises(paging.CursorError):
        paging.number_of(made)
