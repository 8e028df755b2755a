"""An approval that becomes void, and what editors changed: stored whole or not at all, beside whoever else is at work.

Each promise about two at once has a control: the same run with the guard taken out, which must be seen to break it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, select, update

from digest.errors import DigestError
from digest.model import Edit, Issue, IssueId, IssueState, Settlement
from digest.store import editions, issues, schema, statements
from digest.store.database import reading, transaction
from store_samples import HOUR, NOW, WEEKLY, a_post, a_version, an_issue, freeze, meanwhile, store_post

WHY = "it was changed after its approval"
KEYS = ("a" * 16, "b" * 16)


@pytest.fixture
def approved(engine: Engine) -> Issue:
    """An approved issue that has settled two posts."""
    with transaction(engine) as connection:
        for key in KEYS:
            store_post(connection, a_post(key))
        return freeze(connection, settled=KEYS)


def stored(engine: Engine, issue_id: IssueId = WEEKLY) -> Issue:
    with reading(engine) as connection:
        found = issues.issue(connection, issue_id)
    assert found is not None
    return found


def settled(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return set(connection.execute(select(schema.settlements.c.post)).scalars())


def reopen(engine: Engine, issue: Issue) -> bool:
    with transaction(engine) as connection:
        return issues.reopen(connection, issue, WHY, NOW + HOUR)


def edited(issue: Issue, title: str = "By hand") -> Issue:
    return replace(issue, document=replace(issue.document, title=title), edit=issue.edit + 1)


# ── void ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_void_approval_frees_what_it_settled(engine: Engine, approved: Issue) -> None:
    """Posts and number are there for the next issue; the version is kept, and the draft waits, with why."""
    assert reopen(engine, approved)
    draft = stored(engine)
    assert (draft.state, draft.held, draft.approved_at) == (IssueState.DRAFT, WHY, None)
    assert (draft.version, draft.document.number, settled(engine)) == (1, None, set())
    with transaction(engine) as connection:
        assert issues.version(connection, WEEKLY, 1).number == 1
        assert issues.next_number(connection, "weekly") == 1


def test_approved_again_it_is_another_version_and_corrects_nothing(engine: Engine, approved: Issue) -> None:
    """Nobody has seen the first: only the second was ever public."""
    assert reopen(engine, approved)
    draft = stored(engine)
    with transaction(engine) as connection:
        version = a_version(draft, issues.next_number(connection, "weekly"), draft.version + 1)
        issues.freeze(connection, draft, version, dict.fromkeys(KEYS, Settlement.PICKED), NOW + 2 * HOUR)
        issues.published(connection, WEEKLY, NOW + HOUR)
        (public,) = editions.published(connection, "weekly")
    again = stored(engine)
    assert (again.version, again.held, settled(engine)) == (2, "", set(KEYS))
    assert [(each.number, each.correction) for each in public.versions] == [(2, "")]


def test_a_correction_says_so(engine: Engine, approved: Issue) -> None:
    """It is a fact of the version, not its number."""
    corrected = replace(
        a_version(approved, 1, 2), correction="The name of the mill.", frozen_at=NOW + 3 * HOUR
    )
    with transaction(engine) as connection:
        issues.published(connection, WEEKLY, NOW)
        connection.execute(schema.versions.insert().values(**statements.columns_of(corrected)))
        connection.execute(update(schema.issues).values(version=2))
        (public,) = editions.published(connection, "weekly")
    assert [each.correction for each in public.versions] == ["", "The name of the mill."]


@pytest.mark.parametrize("seen", [{"edit": 5}, {"version": 4}])
def test_only_what_its_editor_has_seen_is_reopened(
    engine: Engine, approved: Issue, seen: Mapping[str, int]
) -> None:
    """Another edit or another version is another issue to look at; everything stays."""
    assert not reopen(engine, replace(approved, **seen))  # type: ignore[arg-type]
    assert (stored(engine).state, settled(engine)) == (IssueState.APPROVED, set(KEYS))


def test_edits_are_kept_in_their_order(engine: Engine, approved: Issue) -> None:
    """From the one that an editor has seen on."""
    with transaction(engine) as connection:
        for number in (2, 1, 3):
            issues.add_edit(connection, Edit(approved.id, number, NOW, (f"Change {number}.",)))
        assert [each.changes for each in issues.edits(connection, WEEKLY, after=1)] == [
            ("Change 2.",),
            ("Change 3.",),
        ]
        assert len(issues.edits(connection, WEEKLY)) == 3


def test_the_newest_issue_that_left_a_post_for_later_is_found(engine: Engine) -> None:
    """By the whole key, in its own digest."""
    earlier, daily = IssueId("weekly", date(2026, 11, 15)), IssueId("daily", date(2026, 11, 29))
    with transaction(engine) as connection:
        for issue_id, keys in ((WEEKLY, ("abc", "abcd")), (earlier, ("abc", "x")), (daily, ("abc",))):
            assert issues.save_draft(connection, an_issue(issue_id, later=keys))
        found = issues.left_open(connection, "weekly", "abc")
        assert found is not None
        assert (found.id, found.later) == (WEEKLY, ("abc", "abcd"))
        assert issues.left_open(connection, "weekly", "ab") is None
        assert issues.left_open(connection, "weekly", "%") is None


# ── two at once ──────────────────────────────────────────────────────────────────────────────────


def publish(engine: Engine) -> object:
    """What the scheduler does when the time has come: True, or what it is told."""
    try:
        with transaction(engine) as connection:
            return issues.published(connection, WEEKLY, NOW)
    except DigestError as error:
        return str(error)


def test_an_issue_that_is_being_changed_does_not_go_out(engine: Engine, approved: Issue) -> None:
    """The scheduler comes while the editor's change is being written: it waits, and is told no."""

    def change(connection: Connection) -> None:
        assert issues.reopen(connection, approved, WHY, NOW)
        assert issues.save_draft(connection, edited(approved), replaces_edit=approved.edit)

    told = meanwhile(engine, change, lambda: publish(engine))
    assert told == f"{WEEKLY} is not approved; approve it first: digest approve {WEEKLY}"
    assert (stored(engine).state, stored(engine).document.title) == (IssueState.DRAFT, "By hand")


def test_without_its_condition_a_draft_goes_out(
    engine: Engine, approved: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: the same UPDATE by the issue's id alone publishes what nobody approved."""

    def by_id_alone(
        connection: Connection,
        issue_id: IssueId,
        _states: Collection[IssueState],
        values: Mapping[str, object],
    ) -> bool:
        ours = update(schema.issues).where(schema.issues.c.id == issue_id)
        return statements.write(connection, ours.values(**values)) == 1

    monkeypatch.setattr(issues, "_move", by_id_alone)
    told = meanwhile(
        engine, lambda connection: issues.reopen(connection, approved, WHY, NOW), lambda: publish(engine)
    )
    assert (told, stored(engine).state) == (True, IssueState.PUBLISHED)


def test_an_issue_that_is_going_out_is_not_changed(engine: Engine, approved: Issue) -> None:
    """The other order: the editor comes while it is being published, and is told no."""
    changed = meanwhile(
        engine,
        lambda connection: issues.published(connection, WEEKLY, NOW),
        lambda: reopen(engine, approved),
    )
    assert (changed, stored(engine).state) == (False, IssueState.PUBLISHED)
    assert settled(engine) == set(KEYS)


def approve(engine: Engine, seen: Issue) -> object:
    """Approve the draft that was looked at: True, or what its approver is told."""
    try:
        with transaction(engine) as connection:
            version = a_version(seen, issues.next_number(connection, "weekly"))
            issues.freeze(connection, seen, version, {}, NOW)
            return True
    except DigestError as error:
        return str(error)


def draft(engine: Engine) -> Issue:
    with transaction(engine) as connection:
        assert issues.save_draft(connection, an_issue())
    return stored(engine)


def test_what_is_approved_is_what_was_looked_at(engine: Engine) -> None:
    """Somebody approves while another one's change is being written: nothing is frozen."""
    seen = draft(engine)

    def change(connection: Connection) -> None:
        assert issues.save_draft(connection, edited(seen), replaces_edit=seen.edit)

    told = meanwhile(engine, change, lambda: approve(engine, seen))
    assert told == f"{WEEKLY} was changed meanwhile; look at it again: digest show {WEEKLY}"
    assert (stored(engine).state, stored(engine).version) == (IssueState.DRAFT, 0)


def test_without_its_condition_an_approval_overwrites_a_change(engine: Engine) -> None:
    """The control of the test above: an UPDATE that does not ask which edit was seen loses the editor's work."""
    seen = draft(engine)

    def change(connection: Connection) -> None:
        assert issues.save_draft(connection, edited(seen), replaces_edit=seen.edit)

    def whatever_was_changed() -> int:
        ours = update(schema.issues).where(
            schema.issues.c.id == WEEKLY, schema.issues.c.state == IssueState.DRAFT
        )
        with transaction(engine) as connection:
            return statements.write(
                connection, ours.values(state=IssueState.APPROVED, document=seen.document)
            )

    assert meanwhile(engine, change, whatever_was_changed) == 1
    assert stored(engine).document.title == "Harbours"


def test_an_edit_comes_too_late_for_what_is_being_approved(engine: Engine) -> None:
    """The other order: the editor is told, and the version holds what was approved."""
    seen = draft(engine)

    def freezing(connection: Connection) -> None:
        version = a_version(seen, issues.next_number(connection, "weekly"))
        issues.freeze(connection, seen, version, {}, NOW)

    def save() -> bool:
        with transaction(engine) as connection:
            return issues.save_draft(connection, edited(seen), replaces_edit=seen.edit)

    assert meanwhile(engine, freezing, save) is False
    assert (stored(engine).state, stored(engine).document.title) == (IssueState.APPROVED, "Harbours")


def test_of_two_who_change_an_approved_issue_one_is_told(engine: Engine, approved: Issue) -> None:
    """The second waits, and finds that the approval is void already."""

    def first(connection: Connection) -> None:
        assert issues.reopen(connection, approved, WHY, NOW)
        assert issues.save_draft(connection, edited(approved, "First"), replaces_edit=approved.edit)

    assert meanwhile(engine, first, lambda: reopen(engine, approved)) is False
    assert stored(engine).document.title == "First"
