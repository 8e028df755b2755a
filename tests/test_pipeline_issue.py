"""From a draft to a published issue: verbs in their order, what each one keeps, and what a crash leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from digest import codec, store
from digest.errors import DigestError, TooEarlyError, VerbatimError
from digest.model import IssueDocument, IssueId, IssueState, Settlement
from digest.pipeline.drafts.draft import Drafted, draft, skip
from digest.pipeline.installation import Installation
from digest.pipeline.issues.publish import approve, publish, rebuild
from digest.pipeline.mail.send import send
from digest.pipeline.mail.steering import pause, resume
from digest.pipeline.posts.collect import collect
from digest.store.database import reading, transaction
from installation import NOW, SLOT, Clock, Place, installed_for

SUNDAY = IssueId("weekly", date(2026, 11, 22))
HOUR = timedelta(hours=1)


@pytest.fixture
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """On SQLite, and on the database of a test that uses ``database_url``."""
    with installed_for(request, tmp_path) as place:
        place.blog.write("sluice", "weir", "ferry", at=NOW)
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    with here.opened() as installation:
        yield installation


def collected(home: Installation, now: datetime = NOW) -> None:
    (polled,) = collect(home, Clock(now), everything=True)
    assert polled.ok, polled


def drafted(home: Installation, now: datetime = NOW) -> Drafted:
    collected(home, now)
    return draft(home, "weekly", now)


def titles(document: IssueDocument) -> set[str]:
    return {pick.title for pick in document.picks}


# ── drafting ─────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_made_for_the_next_open_slot(home: Installation) -> None:
    """With everything new in it, each under its theme, with its own words."""
    made = drafted(home)
    assert (made.issue.id, made.issue.state, made.kept) == (SUNDAY, IssueState.DRAFT, "")
    assert titles(made.issue.document) == {"The sluice", "The weir", "The ferry"}
    assert [group.slug for group in made.issue.document.groups] == ["water"]
    assert all(pick.quotes[0].quote.speaker == "Ines Varga" for pick in made.issue.document.picks)


def test_drafting_twice_gives_the_same_bytes(home: Installation) -> None:
    """Same posts, same draft: nothing in it depends on the hour or on the order of rows."""
    first = codec.dump(IssueDocument, drafted(home).issue.document)
    again = codec.dump(IssueDocument, draft(home, "weekly", NOW + HOUR).issue.document)
    assert first == again


def test_a_draft_takes_in_what_came_since(here: Place, home: Installation) -> None:
    """Until it is approved it follows the sources, also where a post was edited."""
    drafted(home)
    here.blog.posts[0] = replace(here.blog.posts[0], about="river")
    here.blog.write("bell", at=NOW + HOUR, about="school")
    document = drafted(home, NOW + 2 * HOUR).issue.document
    assert titles(document) == {"The sluice", "The weir", "The ferry", "The bell"}
    (edited,) = [pick for pick in document.picks if pick.title == "The sluice"]
    assert (edited.revision, "about the river" in edited.quotes[0].quote.text) == (2, True)


def test_an_editors_change_is_never_drafted_over(here: Place, home: Installation) -> None:
    """The words of a person stay, whatever is new; the answer says so."""
    issue = drafted(home).issue
    edited = replace(issue, document=replace(issue.document, subject="From the mill"), edit=1)
    with transaction(home.engine) as connection:
        assert store.issues.save_draft(connection, edited, replaces_edit=0)
    here.blog.write("bell", at=NOW + HOUR)
    again = drafted(home, NOW + 2 * HOUR)
    assert "was changed by an editor and was left as it is" in again.kept
    assert (again.issue.document.subject, again.issue.edit) == ("From the mill", 1)
    assert approve(home, SUNDAY, NOW + 3 * HOUR).document.subject == "From the mill"


def test_an_issue_of_today_does_not_wait_for_its_slot(home: Installation) -> None:
    """``--now``: dated today, besides the schedule; what it takes is not in the regular one."""
    collected(home)
    made = draft(home, "weekly", NOW, today=True).issue
    assert made.id == IssueId("weekly", date(2026, 11, 20))
    approve(home, made.id, NOW)
    assert publish(home, made.id, NOW).state is IssueState.PUBLISHED
    assert draft(home, "weekly", NOW, today=True).kept.endswith("is published already and was left as it is.")
    regular = draft(home, "weekly", NOW).issue
    assert (regular.id, regular.document.picks) == (SUNDAY, ())


# ── verbs too early, and again ───────────────────────────────────────────────────────────────────


def test_a_verb_before_its_turn_names_the_next_step(home: Installation) -> None:
    """Nothing is skipped over: a draft is not published, an approved issue not sent, an unsent one not paused."""
    drafted(home)
    with pytest.raises(TooEarlyError, match=f"is a draft; approve it first: digest approve {SUNDAY}"):
        publish(home, SUNDAY, NOW)
    with pytest.raises(TooEarlyError, match=f"is a draft; approve it first: digest approve {SUNDAY}"):
        send(home, SUNDAY, Clock())
    approve(home, SUNDAY, NOW)
    with pytest.raises(TooEarlyError, match=f"publish it first: digest publish {SUNDAY}"):
        send(home, SUNDAY, Clock())
    publish(home, SUNDAY, NOW)
    for steer in (pause, resume):
        with pytest.raises(TooEarlyError, match=f"is not being sent; send it first: digest send {SUNDAY}"):
            steer(home, SUNDAY, NOW)


def test_approving_again_changes_nothing(home: Installation) -> None:
    """A double click makes one version, one number and one moment of approval."""
    drafted(home)
    once = approve(home, SUNDAY, NOW)
    assert approve(home, SUNDAY, NOW + HOUR) == once
    assert (once.version, once.document.number) == (1, 1)


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_two_approvals_at_once_make_one_version(home: Installation) -> None:
    """Whoever comes second finds it done, or is told that it changed meanwhile."""

    def attempt(number: int) -> str:
        try:
            return approve(home, SUNDAY, NOW + number * HOUR).state
        except DigestError as error:
            return str(error)

    drafted(home)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(attempt, range(4)))
    assert "approved" in results
    assert all(result == "approved" or "was changed meanwhile" in result for result in results)
    assert home.issue(SUNDAY).version == 1


def test_an_issue_with_nothing_in_it_is_not_approved(here: Place, home: Installation) -> None:
    """The sentence says what is missing and what may be done."""
    here.blog.posts = []
    collect(home, Clock(), everything=True)
    draft(home, "weekly", NOW)
    with pytest.raises(DigestError, match=f"It has no post.*digest skip {SUNDAY}"):
        approve(home, SUNDAY, NOW)


# ── what an issue takes ──────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_the_second_issue_has_only_what_is_new(here: Place, home: Installation) -> None:
    """Freezing settles each post once; a week later nothing of the first issue comes back."""
    drafted(home)
    approve(home, SUNDAY, NOW)
    here.blog.write("bell", "register", at=SLOT + 24 * HOUR, about="school")
    second = drafted(home, SLOT + 48 * HOUR).issue
    assert second.id.slot == date(2026, 11, 29)
    assert titles(second.document) == {"The bell", "The register"}
    assert approve(home, second.id, SLOT + 49 * HOUR).document.number == 2


def test_what_comes_after_the_draft_stays_open(here: Place, home: Installation) -> None:
    """Approving takes what the editor has seen, and nothing that arrived behind the editor's back."""
    drafted(home)
    here.blog.write("bell", at=NOW + HOUR)
    collected(home, NOW + 2 * HOUR)
    assert titles(approve(home, SUNDAY, NOW + 3 * HOUR).document) == {"The sluice", "The weir", "The ferry"}
    assert titles(draft(home, "weekly", NOW + 4 * HOUR).issue.document) == {"The bell"}


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
@pytest.mark.parametrize("approved", [False, True])
def test_a_skipped_issue_leaves_its_posts_open(home: Installation, approved: bool) -> None:
    """They are in the next one, also where it had been approved; its number goes to the next as well."""
    drafted(home)
    if approved:
        approve(home, SUNDAY, NOW)
    skipped = skip(home, SUNDAY, "the editors are at the fair", NOW)
    assert (skipped.state, skipped.skipped_why) == (IssueState.SKIPPED, "the editors are at the fair")
    assert skip(home, SUNDAY, "again", NOW) == skipped
    following = draft(home, "weekly", NOW).issue
    assert following.id.slot == date(2026, 11, 29)
    assert titles(following.document) == {"The sluice", "The weir", "The ferry"}
    assert approve(home, following.id, NOW).document.number == 1
    with pytest.raises(DigestError, match="was skipped"):
        approve(home, SUNDAY, NOW)


def test_a_cap_lists_the_rest_by_title(here: Place, home: Installation) -> None:
    """They are printed under "Also published", settled as such, and do not come again."""
    here.configure(digest="max_picks = 2", database=home.settings.database.url)
    with here.opened() as capped:
        document = drafted(capped).issue.document
        assert (len(document.picks), len(document.also_published)) == (2, 1)
        approve(capped, SUNDAY, NOW)
        with reading(capped.engine) as connection:
            settled = connection.execute(text("SELECT settlement FROM settlements")).scalars()
            assert sorted(settled) == [Settlement.LISTED, Settlement.PICKED, Settlement.PICKED]
        assert draft(capped, "weekly", NOW).issue.document.picks == ()


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_a_quote_that_left_its_source_blocks_the_issue(home: Installation) -> None:
    """Verbatim or nothing: the stored revision is asked once more, and the issue stays the draft that it was."""
    before = drafted(home).issue
    with transaction(home.engine) as connection:
        connection.execute(text("UPDATE revisions SET text = replace(text, 'sluice', 'slice')"))
    with pytest.raises(VerbatimError, match=r"sluice"):
        approve(home, SUNDAY, NOW)
    assert home.issue(SUNDAY) == before
    with reading(home.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM settlements")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM versions")).scalar() == 0


# ── publishing ───────────────────────────────────────────────────────────────────────────────────


def test_publishing_again_touches_no_file(here: Place, home: Installation) -> None:
    """Same bytes, same times: an RSS reader that asks for changes hears of none."""
    drafted(home)
    approve(home, SUNDAY, NOW)
    first = publish(home, SUNDAY, NOW)
    tree = here.tree()
    assert {"index.html", "weekly/atom.xml", "weekly/index.html", "weekly/2026-11-22/index.html"} <= set(tree)
    assert publish(home, SUNDAY, NOW + HOUR) == first
    rebuild(home)
    assert here.tree() == tree


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_a_crash_before_the_first_file_is_mended(here: Place, home: Installation) -> None:
    """Published by the book, but not on disk: the next start writes it, with the date that was stored."""
    drafted(home)
    approve(home, SUNDAY, NOW)
    with transaction(home.engine) as connection:  # all that a process had done that died right after
        store.issues.published(connection, SUNDAY, NOW)
    assert here.tree() == {}
    with here.opened(NOW + 5 * HOUR) as restarted:
        rebuild(restarted)
    whole = here.tree()
    assert b"2026-11-20T08:00:00" in whole["weekly/atom.xml"][0]
    publish(home, SUNDAY, NOW + 6 * HOUR)
    assert here.tree() == whole


def test_a_disk_that_refuses_is_told_and_mended(here: Place, home: Installation) -> None:
    """The error names the file; once there is room, ``publish`` writes what is missing, with the same date."""
    drafted(home)
    approve(home, SUNDAY, NOW)
    in_the_way = here.feeds / "weekly"
    in_the_way.parent.mkdir()
    in_the_way.write_text("a file in the place of the folder", encoding="utf-8")
    with pytest.raises(DigestError, match="weekly"):
        publish(home, SUNDAY, NOW)
    in_the_way.unlink()
    assert publish(home, SUNDAY, NOW + HOUR).published_at == NOW
    assert "weekly/atom.xml" in here.tree()


def test_a_folder_that_cannot_be_written_leaves_the_issue_approved(here: Place, home: Installation) -> None:
    """Nothing can be published there at all, so nothing is said to be."""
    drafted(home)
    approve(home, SUNDAY, NOW)
    here.feeds.write_text("a file in the place of the folder", encoding="utf-8")
    with pytest.raises(DigestError, match="feeds cannot be written"):
        publish(home, SUNDAY, NOW)
    assert home.issue(SUNDAY).state is IssueState.APPROVED


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_digests_that_are_published_at_once_are_all_in_the_tree(here: Place, home: Installation) -> None:
    """Whoever writes last writes everything: no page misses an issue that another thread published meanwhile."""
    more = "\n".join(
        f'[[digests]]\nslug = "{name}"\ntitle = "{name}"\ndays = ["sunday"]\nat = "09:00"\nzone = "UTC"'
        for name in ("mills", "boats", "bells")
    )
    here.configure(digest=more, database=home.settings.database.url)
    with here.opened() as several:
        collected(several)
        issues = [draft(several, digest.slug, NOW).issue.id for digest in several.settings.digests]
        for issue in issues:
            approve(several, issue, NOW)
        with ThreadPoolExecutor(len(issues)) as pool:
            list(pool.map(lambda issue: publish(several, issue, NOW), issues))
        tree = here.tree()
        assert all(f"{issue.digest}/2026-11-22/index.html" in tree for issue in issues)
        rebuild(several)
        assert here.tree() == tree
