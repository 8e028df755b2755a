"""Changes of an issue are taken back, the newest first, and everyone's are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digest import store
from digest.assemble.editing import Change, undoable
from digest.errors import DigestError
from digest.model import Edit, IssueId, IssueState
from digest.pipeline.drafts import draft
from digest.pipeline.drafts.editing import ChangedMeanwhileError, edit, undo
from digest.pipeline.installation import Installation
from digest.pipeline.issues import publish
from digest.pipeline.posts import collect
from digest.store.database import reading
from installation import NOW, Clock, Place, installed

SUNDAY = IssueId.parse("weekly/2026-11-22")
WEIR = "https://hollin.test/weir"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("mill", "weir", at=NOW - timedelta(hours=1))
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    with here.opened() as installation:
        list(collect.collect(installation, Clock()))
        draft.draft(installation, "weekly", NOW)
        yield installation


def test_the_newest_change_goes_first(home: Installation) -> None:
    """One after the other, until the issue is what it was; each is one more change, so nothing is hidden."""
    was = home.issue(SUNDAY).document
    edit(home, SUNDAY, Change(title="One"), NOW)
    one = edit(home, SUNDAY, Change(drop=[WEIR]), NOW).issue
    assert (one.dropped != (), len(one.document.picks)) == (True, 1)
    back = undo(home, SUNDAY, NOW)
    assert (back.document.title, len(back.document.picks), back.dropped, back.edit) == ("One", 2, (), 3)
    assert undo(home, SUNDAY, NOW).document == was
    with pytest.raises(DigestError, match="Nothing was changed"):
        undo(home, SUNDAY, NOW)
    edit(home, SUNDAY, Change(title="Two"), NOW)
    assert undo(home, SUNDAY, NOW).document == was


def test_taking_back_voids_an_approval_as_any_change_does(home: Installation) -> None:
    """What goes out is what was approved."""
    edit(home, SUNDAY, Change(title="One"), NOW)
    publish.approve(home, SUNDAY, NOW)
    back = undo(home, SUNDAY, NOW)
    assert (back.state, back.document.number) == (IssueState.DRAFT, None)
    assert "after its approval" in back.held
    assert publish.approve(home, SUNDAY, NOW).document.number == 1


def test_nobody_takes_back_what_they_have_not_seen(home: Installation) -> None:
    """Who and what came between is told."""
    edit(home, SUNDAY, Change(title="One"), NOW, by="mira@hollin.test")
    edit(home, SUNDAY, Change(title="Two"), NOW, by="tam@hollin.test")
    with pytest.raises(
        ChangedMeanwhileError, match=r"changed by tam@hollin\.test: you have seen edit 1.*“Two”"
    ):
        undo(home, SUNDAY, NOW, seen=1)
    assert home.issue(SUNDAY).document.title == "Two"


def test_what_is_published_is_not_taken_back(home: Installation, here: Place) -> None:
    """It is corrected."""
    edit(home, SUNDAY, Change(title="One"), NOW)
    publish.approve(home, SUNDAY, NOW)
    publish.publish(home, SUNDAY, NOW + timedelta(days=3))
    ran = here.digest("undo", SUNDAY)
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)


def test_the_command_says_where_the_issue_stands(home: Installation, here: Place) -> None:
    """And the log says who did what."""
    here.done("edit", SUNDAY, "--title", "One")
    assert "It is at edit 2." in here.done("undo", SUNDAY).out
    with reading(home.engine) as connection:
        done = [(entry.who, entry.action, entry.subject) for entry in store.audit.entries(connection)]
    assert done == [("command line", "edit", str(SUNDAY)), ("command line", "undo", str(SUNDAY))]


def test_what_is_removed_on_request_is_removed_from_what_was_before(home: Installation, here: Place) -> None:
    """Nobody brings a name back by taking a change back."""
    edit(home, SUNDAY, Change(title="Ines Varga speaks"), NOW)
    edit(home, SUNDAY, Change(title="One"), NOW)
    here.done("redact", "--name", "Ines Varga")
    assert "Varga" not in undo(home, SUNDAY, NOW).document.title


@pytest.mark.parametrize(
    ("undoes", "number"),
    [
        ((), 0),
        ((0,), 1),
        ((0, 0), 2),
        ((0, 0, 2), 1),
        ((0, 0, 2, 1), 0),
        ((0, 2 - 1), 0),
        ((0, 0, 2, 0), 4),
        ((0, 1, 0), 3),
    ],
)
def test_what_is_taken_back_next(undoes: tuple[int, ...], number: int) -> None:
    """Never a taking back, and nothing twice."""
    assert undoable([Edit(SUNDAY, place, NOW, (), "", of) for place, of in enumerate(undoes, 1)]) == number
