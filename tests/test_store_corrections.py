"""What follows a publication in the store: the next version, the send that is bound to it, and who is written to again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Engine

from digest.errors import DigestError
from digest.model import Delivery, DeliveryState, Issue, Send, SendState, Settlement
from digest.store import audience, corrections, deliveries, issues
from digest.store.database import reading, transaction
from store_samples import (
    NOW,
    WEEKLY,
    a_post,
    a_version,
    begin_row,
    meanwhile,
    request,
    settle_row,
    store_post,
    subscribe,
)

S = DeliveryState
NEXT = replace(WEEKLY, slot=date(2026, 11, 29))
HOUR = timedelta(hours=1)
PEOPLE = ("ada@example.org", "bo@example.org", "cleo@example.org")


def start(connection: Connection) -> None:
    """An issue that is published, and its send."""
    subscribe(connection, *PEOPLE)
    request(connection)
    issues.published(connection, WEEKLY, NOW)


def issue(connection: Connection) -> Issue:
    found = issues.issue(connection, WEEKLY)
    assert found is not None
    return found


def correct(connection: Connection) -> bool:
    """The next version of the issue, with other words."""
    seen = issue(connection)
    after = replace(seen, document=replace(seen.document, title="Other"), edit=seen.edit + 1)
    version = replace(a_version(after, 1, seen.version + 1), correction="A comma.")
    return corrections.correct(connection, seen, after, version)


def bind(connection: Connection, *empty: str) -> None:
    corrections.bind(connection, issues.version(connection, WEEKLY), empty)


def claim(connection: Connection, limit: int = 1) -> tuple[Delivery, ...]:
    return deliveries.claim(connection, WEEKLY, "one", limit, NOW, HOUR)


def accept(connection: Connection, limit: int = 1) -> None:
    for row in claim(connection, limit):
        assert begin_row(connection, row, NOW)
        assert settle_row(connection, row, S.ACCEPTED, "250 ok", None, NOW)


def again(connection: Connection, *empty: str) -> int:
    number = issues.version(connection, WEEKLY).number
    wanted = Send(WEEKLY, number, SendState.RUNNING, NOW + HOUR, NOW + 25 * HOUR)
    return corrections.send_again(connection, wanted, empty)


def rows(connection: Connection) -> list[tuple[str, DeliveryState, int]]:
    return [(row.address[:3], row.state, row.version) for row in deliveries.rows(connection, WEEKLY)]


# ── versions ─────────────────────────────────────────────────────────────────────────────────────


def test_of_two_corrections_of_the_same_version_one_is_stored(engine: Engine) -> None:
    """The second finds the issue changed, and writes nothing."""
    with transaction(engine) as connection:
        start(connection)
        seen = issue(connection)
        after = replace(seen, edit=seen.edit + 1)
        version = a_version(after, 1, 2)
        assert corrections.correct(connection, seen, after, version)
        assert not corrections.correct(connection, seen, after, version)
        assert (issue(connection).version, issue(connection).edit) == (2, 1)


def test_a_draft_is_not_corrected(engine: Engine) -> None:
    """Nor an issue that is approved and not published."""
    with transaction(engine) as connection:
        request(connection)
        assert not correct(connection)


def test_what_another_issue_has_settled_stays_settled_so(engine: Engine) -> None:
    """A correction decides of posts of its own issue, and opens only these."""
    with transaction(engine) as connection:
        start(connection)
        for key in ("a" * 16, "b" * 16):
            store_post(connection, a_post(key, guid=key))
        corrections.settle(
            connection, WEEKLY, {"a" * 16: Settlement.PICKED, "b" * 16: Settlement.LISTED}, NOW
        )
        corrections.settle(connection, WEEKLY, {"b" * 16: None}, NOW)
        corrections.settle(connection, NEXT, {"a" * 16: None}, NOW)
        assert dict(issues.settled_elsewhere(connection, NEXT, ["a" * 16, "b" * 16])) == {"a" * 16: WEEKLY}


# ── the send ─────────────────────────────────────────────────────────────────────────────────────


def test_a_row_that_was_claimed_before_is_not_begun_after(engine: Engine) -> None:
    """It goes back to the queue as it was, and is claimed with the version of now."""
    with transaction(engine) as connection:
        start(connection)
        (row,) = claim(connection)
        assert row.version == 1
        correct(connection)
        bind(connection)
        assert not begin_row(connection, row, NOW)
        assert rows(connection)[0] == ("ada", S.QUEUED, 1)
        (fresh,) = claim(connection)
        assert (fresh.id, fresh.version, fresh.attempts) == (row.id, 2, 0)
        assert begin_row(connection, fresh, NOW)


def test_who_begins_while_the_issue_is_corrected_waits_and_is_refused(engine: Engine) -> None:
    """On PostgreSQL both see the former version at first; the one who comes second is told of the other."""
    with transaction(engine) as connection:
        start(connection)
        (row,) = claim(connection)

    def correcting(connection: Connection) -> None:
        correct(connection)
        bind(connection)

    def beginning() -> bool:
        with transaction(engine) as connection:
            return begin_row(connection, row, NOW)

    assert meanwhile(engine, correcting, beginning) is False
    with reading(engine) as connection:
        assert rows(connection)[0][1] is S.QUEUED


def test_a_body_that_was_begun_goes_its_way(engine: Engine) -> None:
    """It is accepted as the version that it is; refused for now, it comes back as the new one."""
    with transaction(engine) as connection:
        start(connection)
        first, second = claim(connection, 2)
        assert begin_row(connection, first, NOW)
        assert begin_row(connection, second, NOW)
        correct(connection)
        bind(connection)
        assert settle_row(connection, first, S.ACCEPTED, "250 ok", None, NOW)
        assert settle_row(connection, second, S.QUEUED, "451 later", NOW, NOW)
        assert [row.version for row in claim(connection, 3)] == [2, 2]
        assert corrections.accepted(connection, WEEKLY, [1]) == 1
        assert corrections.accepted(connection, WEEKLY, [2]) == 0


def test_a_choice_for_which_nothing_is_left_is_closed(engine: Engine) -> None:
    """The others stay queued."""
    with transaction(engine) as connection:
        subscribe(connection, "dan@example.org", themes=("water",))
        start(connection)
        correct(connection)
        bind(connection, "water")
        assert [state for _, state, _ in rows(connection)] == [S.NOTHING_FOR_THEM, *[S.QUEUED] * 3]


# ── written to again ─────────────────────────────────────────────────────────────────────────────


def test_only_who_has_an_earlier_version_is_written_to_again(engine: Engine) -> None:
    """Once, however often it is asked; a finished send runs again for it."""
    with transaction(engine) as connection:
        start(connection)
        accept(connection, 2)
        correct(connection)
        bind(connection)
        accept(connection)
        assert deliveries.finish_if_done(connection, WEEKLY, NOW)
        assert (again(connection), again(connection)) == (2, 0)
        assert rows(connection)[3:] == [("ada", S.QUEUED, 2), ("bo@", S.QUEUED, 2)]
        found = deliveries.send(connection, WEEKLY)
        assert found == Send(WEEKLY, 2, SendState.RUNNING, NOW + HOUR, NOW + 25 * HOUR)


def test_suppressed_people_and_empty_choices_are_closed_from_the_start(engine: Engine) -> None:
    """As for an issue."""
    with transaction(engine) as connection:
        subscribe(connection, "dan@example.org", themes=("water",))
        start(connection)
        accept(connection, 4)
        audience.suppress(connection, "bo@example.org", "complained", NOW)
        correct(connection)
        assert again(connection, "water") == 4
        states = [row[1] for row in rows(connection)[4:]]
    assert sorted(states) == sorted([S.NOTHING_FOR_THEM, S.QUEUED, S.SUPPRESSED, S.QUEUED])


def test_two_who_ask_at_once_write_once(engine: Engine) -> None:
    """The second waits for the first, and finds nobody."""
    with transaction(engine) as connection:
        start(connection)
        accept(connection, 3)
        correct(connection)

    def second() -> int:
        with transaction(engine) as connection:
            return again(connection)

    assert meanwhile(engine, again, second) == 0


def test_a_cancelled_send_with_a_message_in_hand_is_left(engine: Engine) -> None:
    """What nobody was to get any more must not leave because of a correction."""
    with transaction(engine) as connection:
        start(connection)
        accept(connection)
        correct(connection)
        deliveries.set_send_state(connection, WEEKLY, SendState.CANCELLED)
        with pytest.raises(DigestError, match="not settled yet"):
            again(connection)
        deliveries.cancel_open(connection, WEEKLY, NOW)
        assert again(connection) == 1
