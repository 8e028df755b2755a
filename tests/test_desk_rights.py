"""To create, to approve and to send are three acts, and each is somebody's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.desk.rights import Act, ForbiddenError, listed, may, require, require_another
from digest.model import AuditEntry, Editor, Role

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ISSUE = "weekly/2026-11-22"


def editor(*roles: Role, number: int = 1, left: bool = False) -> Editor:
    return Editor(number, f"editor{number}@hollin.test", "Mira", roles, NOW, NOW if left else None)


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        (Role.VIEWER, {Act.SEE}),
        (Role.EDITOR, {Act.SEE, Act.EDIT}),
        (Role.PUBLISHER, {Act.SEE, Act.APPROVE, Act.SEND}),
        (Role.ADMIN, {Act.SEE, Act.MANAGE}),
    ],
)
def test_each_role_grants_its_acts_and_no_other(role: Role, acts: set[Act]) -> None:
    """An admin sends nothing, and a publisher edits nothing, unless they are that as well."""
    assert {act for act in Act if may(editor(role), act)} == acts


def test_one_person_may_hold_all_roles() -> None:
    """In a team of one."""
    assert all(may(editor(*Role), act) for act in Act)


def test_who_has_left_or_is_nothing_may_do_nothing() -> None:
    """Whatever they were."""
    assert not any(may(each, act) for each in (editor(*Role, left=True), editor()) for act in Act)


def test_a_refusal_says_who_may() -> None:
    """In one sentence, with what the editor is."""
    with pytest.raises(ForbiddenError, match=r"To send an issue one is publisher; .* is viewer and editor\."):
        require(editor(Role.VIEWER, Role.EDITOR), Act.SEND)
    assert listed(()) == "nothing yet"


@pytest.mark.parametrize(
    ("act", "done", "refused"),
    [
        (Act.APPROVE, "edit", True),
        (Act.SEND, "edit", True),
        (Act.SEND, "approve", True),
        (Act.APPROVE, "approve", False),
        (Act.APPROVE, "sign in", False),
        (Act.EDIT, "approve", False),
    ],
)
def test_four_eyes_keep_creating_approving_and_sending_apart(act: Act, done: str, refused: bool) -> None:
    """What somebody else did stands in nobody's way."""
    entry = AuditEntry(NOW, 1, "editor1@hollin.test", done, ISSUE)
    require_another(editor(*Role, number=2), act, [entry])
    if refused:
        with pytest.raises(ForbiddenError, match="somebody else"):
            require_another(editor(*Role), act, [entry])
    else:
        require_another(editor(*Role), act, [entry])
