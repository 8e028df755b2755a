"""The verbs ``edit`` and ``unapprove``: what they void and free, what a second editor is told, what is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text

from digest import store
from digest.assemble.editing import Change, NewNote
from digest.errors import DigestError, VerbatimError
from digest.model import IssueId, IssueState, Rule, RuleKind, SourceOwner
from digest.pipeline.drafts.draft import draft
from digest.pipeline.drafts.editing import edit, unapprove
from digest.pipeline.installation import Installation
from digest.pipeline.issues.publish import approve, publish
from digest.pipeline.posts.collect import collect
from digest.schedule import advance
from digest.store.database import reading
from installation import NOW, SLOT, Clock, Place, installed_for

SUNDAY = IssueId("weekly", date(2026, 11, 22))
NEXT = IssueId("weekly", date(2026, 11, 29))
HOUR = timedelta(hours=1)
WEIR = "https://hollin.test/weir"


@pytest.fixture
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """On SQLite, and on the database of a test that uses ``database_url``."""
    with installed_for(request, tmp_path) as place:
        place.blog.write("sluice", "weir", "ferry", at=NOW)
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    """With a draft of three posts."""
    with here.opened() as installation:
        collect(installation, Clock(NOW), everything=True)
        draft(installation, "weekly", NOW)
        yield installation


def settled(home: Installation) -> int:
    with reading(home.engine) as connection:
        return int(connection.execute(text("SELECT count(*) FROM settlements")).scalar_one())


def rules(home: Installation) -> set[Rule]:
    with reading(home.engine) as connection:
        return set(store.sources.rules(connection))


# ── an approval that is void ─────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_an_edit_after_approval_voids_it(home: Installation) -> None:
    """Nothing is settled, nothing goes out by itself; approved again, it is version 2 with the same number."""
    assert approve(home, SUNDAY, NOW).document.number == 1
    changed = edit(home, SUNDAY, Change(title="By hand", drop=[WEIR]), NOW + HOUR).issue
    assert (changed.state, changed.version, changed.edit) == (IssueState.DRAFT, 1, 1)
    assert changed.held == "it was changed on 2026-11-20 09:00 UTC, after its approval"
    assert settled(home) == 0
    again = approve(home, SUNDAY, NOW + 2 * HOUR)
    assert (again.version, again.document.number, again.document.title) == (2, 1, "By hand")
    assert (again.held, settled(home)) == ("", 3)


def test_what_was_approved_and_changed_waits_for_a_person(here: Place) -> None:
    """Although the digest approves by itself; the scheduler says why."""
    here.configure(digest='approval = "auto"')
    with here.opened() as home:
        collect(home, Clock(NOW), everything=True)
        draft(home, "weekly", NOW)
        approve(home, SUNDAY, NOW)
        edit(home, SUNDAY, Change(title="By hand"), NOW)
        told: dict[IssueId, str] = {}
        advance(home, home.digest("weekly"), Clock(SLOT + HOUR), Event(), told)
        assert home.issue(SUNDAY).state is IssueState.DRAFT
        assert "after its approval" in told[SUNDAY]


def test_a_post_that_was_taken_out_after_approval_is_free(home: Installation) -> None:
    """It was settled by the approval, and is in the next issue now."""
    approve(home, SUNDAY, NOW)
    edit(home, SUNDAY, Change(later=[WEIR]), NOW)
    approve(home, SUNDAY, NOW)
    assert [pick.url for pick in draft(home, "weekly", NOW).issue.document.picks] == [WEIR]


def test_an_approval_is_withdrawn_by_command(here: Place, home: Installation) -> None:
    """With a reason; a draft stays as it is, and what is published cannot be called back."""
    approve(home, SUNDAY, NOW)
    assert (
        "waits for approval (Bo wants a look)"
        in here.done("unapprove", SUNDAY, "--why", "Bo wants a look").out
    )
    withdrawn = home.issue(SUNDAY)
    assert (withdrawn.state, withdrawn.edit, settled(home)) == (IssueState.DRAFT, 0, 0)
    assert unapprove(home, SUNDAY, "again", NOW) == withdrawn
    approve(home, SUNDAY, NOW)
    publish(home, SUNDAY, NOW)
    with pytest.raises(DigestError, match=f"is published already. Stop its mail: digest cancel {SUNDAY}"):
        unapprove(home, SUNDAY, "too late", NOW)


def test_a_withdrawn_draft_follows_its_sources_again(here: Place, home: Installation) -> None:
    """Nobody has changed a word of it: what came since is in it."""
    approve(home, SUNDAY, NOW)
    unapprove(home, SUNDAY, "there is more", NOW)
    here.blog.write("bell", at=NOW)
    collect(home, Clock(NOW + HOUR), everything=True)
    assert len(draft(home, "weekly", NOW + HOUR).issue.document.picks) == 4


def test_what_is_published_is_corrected_and_not_edited(here: Place, home: Installation) -> None:
    """One sentence that names the way."""
    approve(home, SUNDAY, NOW)
    publish(home, SUNDAY, NOW)
    ran = here.digest("edit", SUNDAY, "--title", "Other")
    assert ran.code == 1
    assert ran.err.strip().endswith(f"correct it openly: digest correct {SUNDAY}")


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_an_editor_beside_the_scheduler(home: Installation) -> None:
    """Whoever comes first wins whole: either it is published as approved, or it is a draft as edited."""
    approve(home, SUNDAY, NOW)

    def attempt(work: int) -> str:
        try:
            if work == 0:
                return str(publish(home, SUNDAY, NOW).document.title)
            return edit(home, SUNDAY, Change(title="By hand"), NOW).issue.document.title
        except DigestError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(attempt, range(2)))
    issue = home.issue(SUNDAY)
    if issue.state is IssueState.PUBLISHED:
        assert (issue.edit, issue.document.title) == (0, told[0])
        assert "digest correct" in told[1] or "changed by somebody else" in told[1]
    else:
        assert (issue.state, issue.document.title, told[1]) == (IssueState.DRAFT, "By hand", "By hand")
        assert "is not approved" in told[0] or "is a draft" in told[0]


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_a_post_that_was_taken_back_blocks_its_issue(here: Place, home: Installation) -> None:
    """Nothing is frozen until it is out; no draft takes it in, until somebody says that it may be printed again."""
    said = here.done("posts", "withdraw", WEIR, "--why", "it names a child").out
    assert "“The weir” is in no issue from now on" in said
    with pytest.raises(VerbatimError, match=r"The weir.*was withdrawn \(it names a child\)"):
        approve(home, SUNDAY, NOW)
    assert settled(home) == 0
    assert "withdrawn. It was withdrawn (it names a child)." in " ".join(
        here.done("explain", WEIR).out.split()
    )
    assert WEIR not in {pick.url for pick in draft(home, "weekly", NOW).issue.document.picks}
    here.done("posts", "restore", WEIR)
    assert WEIR in {pick.url for pick in draft(home, "weekly", NOW).issue.document.picks}
    assert approve(home, SUNDAY, NOW).state is IssueState.APPROVED
    assert "Nobody has withdrawn" in here.digest("posts", "restore", WEIR).err


# ── two editors ──────────────────────────────────────────────────────────────────────────────────


def test_the_second_editor_is_told_what_the_first_one_did(home: Installation) -> None:
    """All of it since what was seen, in sentences; nothing is overwritten."""
    edit(home, SUNDAY, Change(title="Ada's", move=[(WEIR, "schools")]), NOW)
    edit(home, SUNDAY, Change(blurbs=[(WEIR, "A new blurb.")]), NOW)
    with pytest.raises(DigestError) as told:
        edit(home, SUNDAY, Change(title="Bo's"), NOW, seen=0)
    for sentence in (
        "The title is “Ada's”",
        "“The weir” stands under “Schools”",
        "The blurb of “The weir” was",
    ):
        assert sentence in str(told.value)
    with pytest.raises(
        DigestError, match=r"you have seen edit 1, and it is draft at edit 2\. The blurb of “The weir”"
    ):
        edit(home, SUNDAY, Change(title="Bo's"), NOW, seen=1)


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_of_two_editors_at_once_one_is_told(home: Installation) -> None:
    """Both began from the same draft."""

    def attempt(title: str) -> str:
        try:
            return edit(home, SUNDAY, Change(title=title), NOW, seen=0).issue.document.title
        except DigestError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(attempt, ("Ada's", "Bo's")))
    assert sum("was changed by somebody else" in each for each in told) == 1
    assert home.issue(SUNDAY).document.title in told


# ── all that can be changed, by command ──────────────────────────────────────────────────────────


def test_every_action_is_reached_by_command(here: Place, home: Installation) -> None:
    """Texts, order, quotes, notes and names, in one change."""
    sluice, ferry = "https://hollin.test/sluice", "https://hollin.test/ferry"
    here.done(
        *("edit", SUNDAY, "--title", "T", "--subject", "S", "--introduction", "I"),
        *("--blurb", f"{WEIR}=One = two.", "--move", f"{WEIR}=schools", "--place", f"{ferry}=1"),
        *("--pin", sluice, "--themes", "schools,water", "--quotes", f"{ferry}=0"),
        *(
            "--name",
            "Ines Varga=Inés Varga",
            "--note",
            "Mind the step.",
            "--link",
            "The mill=https://m.test/?a=b",
        ),
        *("--under", "schools"),
    )
    document = home.issue(SUNDAY).document
    assert (document.title, document.subject, document.introduction) == ("T", "S", "I")
    assert [(group.slug, [pick.url for pick in group.picks]) for group in document.groups] == [
        ("schools", [WEIR]),
        ("water", [sluice, ferry]),
    ]
    assert document.picks[0].blurb == "One = two."
    assert (document.picks[1].pinned, document.picks[2].quotes) == (True, ())
    assert {shown.quote.speaker for pick in document.picks for shown in pick.quotes} == {"Inés Varga"}
    (note,) = document.notes
    assert (note.text, note.title, note.url) == ("Mind the step.", "The mill", "https://m.test/?a=b")
    assert note.group == "theme-schools"
    shown = here.done("show", SUNDAY).out
    assert f"✎ The mill <https://m.test/?a=b> Mind the step. ({note.id})" in shown
    assert "⚑ The sluice" in shown
    assert "The subject is “S”; it was “Water”." in shown[shown.index("EDITS") :]
    here.done("edit", SUNDAY, "--unnote", note.id, "--quotes", f"{ferry}=1", "--unpin", sluice, "--best", "")
    document = home.issue(SUNDAY).document
    assert (document.notes, document.quote_of_the_week) == ((), "")
    assert document.picks[2].quotes[0].why == "An editor chose it."
    assert approve(home, SUNDAY, NOW).state is IssueState.APPROVED


def test_other_words_of_a_post_are_printed_if_they_stand_there(here: Place, home: Installation) -> None:
    """Beside those that were found; they pass the check of freezing, and words that nobody wrote are refused."""
    here.done("edit", SUNDAY, "--excerpt", f"{WEIR}=many people came — Ines Varga")
    pick = next(pick for pick in home.issue(SUNDAY).document.picks if pick.url == WEIR)
    assert [(shown.quote.origin, shown.quote.speaker) for shown in pick.quotes] == [
        ("editor", "Ines Varga"),
        ("listed", "Ines Varga"),
    ]
    assert (
        "does not say, word for word: “few people"
        in here.digest("edit", SUNDAY, "--excerpt", f"{WEIR}=few people came").err
    )
    assert approve(home, SUNDAY, NOW).state is IssueState.APPROVED


@pytest.mark.parametrize(
    "arguments",
    [
        ("--place", f"{WEIR}=first"),
        ("--blurb", "no sign"),
        ("--quotes", f"{WEIR}=1,b"),
        ("--link", "no address"),
        ("--under", "water"),
    ],
)
def test_an_option_that_cannot_be_read_is_wrong_usage(
    home: Installation, here: Place, arguments: tuple[str, ...]
) -> None:
    """Nothing is changed."""
    assert here.digest("edit", SUNDAY, *arguments).code == 2
    assert home.issue(SUNDAY).edit == 0


# ── what is remembered ───────────────────────────────────────────────────────────────────────────


def test_a_correction_is_remembered_where_it_is_a_rule(here: Place, home: Installation) -> None:
    """The next draft goes by it, until it is forgotten."""
    said = here.done(
        *("edit", SUNDAY, "--move", f"{WEIR}=schools", "--name", "Ines Varga=Inés Varga", "--remember")
    ).out
    assert "Rule from now on: source-theme hollin. Rule from now on: spelling Ines Varga." in said
    assert rules(home) == {
        Rule(RuleKind.SOURCE_THEME, "hollin", "schools", SourceOwner.COMMAND),
        Rule(RuleKind.SPELLING, "Ines Varga", owner=SourceOwner.COMMAND, spelling="Inés Varga"),
    }
    approve(home, SUNDAY, NOW)
    here.blog.write("bell", at=NOW + HOUR)
    collect(home, Clock(NOW + 2 * HOUR), everything=True)
    (pick,) = draft(home, "weekly", NOW + 2 * HOUR).issue.document.picks
    assert pick.quotes[0].quote.speaker == "Inés Varga"
    assert [group.slug for group in home.issue(NEXT).document.groups] == ["schools"]
    here.done("rules", "forget", "spelling", "Ines Varga")
    (pick,) = draft(home, "weekly", NOW + 2 * HOUR).issue.document.picks
    assert pick.quotes[0].quote.speaker == "Ines Varga"


def test_nothing_is_remembered_of_a_change_that_is_not_stored(home: Installation) -> None:
    """All or nothing: the second editor's rule does not stand without the change."""
    edit(home, SUNDAY, Change(notes=[NewNote("x")]), NOW)
    with pytest.raises(DigestError):
        edit(home, SUNDAY, Change(move=[(WEIR, "moon")]), NOW, remember=True)
    assert rules(home) == set()
