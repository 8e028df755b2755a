"""Issues: optimistic drafts, one number each, posts settled once, bytes kept as they were."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Engine

from digest import codec
from digest.errors import DigestError, NotFoundError
from digest.model import Issue, IssueDocument, IssueId, IssueState, Rendering, SendState, Settlement
from digest.store import deliveries, editions, issues, posts
from digest.store.database import reading, transaction
from store_samples import HOUR, NOW, WEEKLY, a_post, a_version, an_issue, freeze, request, store_post

NEXT = IssueId("weekly", date(2026, 11, 29))
EXTRA = IssueId("weekly", date(2026, 11, 22), "election")


def stored(engine: Engine, issue_id: IssueId = WEEKLY) -> Issue:
    with reading(engine) as connection:
        found = issues.issue(connection, issue_id)
    assert found is not None
    return found


# ── drafting ─────────────────────────────────────────────────────────────────────────────────────


def test_a_digest_starts_once(engine: Engine) -> None:
    """The first call gives the time, every later one gives it back."""
    with transaction(engine) as connection:
        assert issues.digest_started(connection, "weekly", NOW) == NOW
        assert issues.digest_started(connection, "weekly", NOW + HOUR) == NOW
        assert issues.digest_started(connection, "monthly", NOW + HOUR) == NOW + HOUR
        assert issues.started(connection, "weekly") == NOW
        with pytest.raises(NotFoundError, match="yearly has never been opened"):
            issues.started(connection, "yearly")


def test_a_draft_comes_back_and_may_be_made_anew(engine: Engine) -> None:
    """Drafting again replaces the document and keeps when it was first made."""
    draft = an_issue(introduction="First")
    again = an_issue(introduction="Again", created_at=NOW + HOUR, updated_at=NOW + HOUR)
    with transaction(engine) as connection:
        assert issues.save_draft(connection, draft)
        assert issues.issue(connection, WEEKLY) == draft
        assert issues.save_draft(connection, again)
    assert stored(engine) == replace(again, created_at=NOW)


def test_a_draft_made_anew_never_overwrites_an_edit(engine: Engine) -> None:
    """The scheduler may draft while an editor writes; the editor wins, and the second of two editors is told."""
    edited = an_issue(introduction="By hand", edit=1)
    with transaction(engine) as connection:
        assert issues.save_draft(connection, an_issue())
        assert issues.save_draft(connection, edited, replaces_edit=0)
        assert not issues.save_draft(connection, an_issue(introduction="By machine"))
        assert not issues.save_draft(connection, an_issue(introduction="By another", edit=1), replaces_edit=0)
    assert stored(engine) == edited


@pytest.mark.parametrize("end", ["approve", "skip"])
def test_what_is_no_draft_any_more_is_never_redrafted(engine: Engine, end: str) -> None:
    """Approved and skipped issues stay as they are."""
    with transaction(engine) as connection:
        if end == "approve":
            freeze(connection)
        else:
            issues.save_draft(connection, an_issue())
            issues.skip(connection, WEEKLY, "too little", NOW)
        before = issues.issue(connection, WEEKLY)
        assert not issues.save_draft(connection, an_issue(introduction="Late"))
        assert issues.issue(connection, WEEKLY) == before


def test_a_draft_is_held_and_keeps_what_only_a_person_said(engine: Engine) -> None:
    """A veto stays through a new draft that was begun before it; when it goes out and what was dropped come along."""
    draft = an_issue(goes_out_at=NOW + HOUR, drafted_at=NOW)
    later = replace(draft, drafted_at=NOW + HOUR, dropped=("aaaabbbbccccdddd",))
    with transaction(engine) as connection:
        assert issues.save_draft(connection, draft)
        assert issues.hold(connection, WEEKLY, "too thin", NOW)
        assert issues.save_draft(connection, later)
    assert stored(engine) == replace(later, held="too thin")
    with transaction(engine) as connection:
        issues.skip(connection, WEEKLY, "nothing came", NOW)
        assert not issues.hold(connection, WEEKLY, "too late", NOW)
    assert stored(engine).held == "too thin"


def test_issues_that_go_out_at_another_time_are_known(engine: Engine) -> None:
    """Regular ones that are not skipped; an approved one can be put off, a published one cannot."""
    with transaction(engine) as connection:
        for issue_id in (WEEKLY, EXTRA, NEXT):
            issues.save_draft(connection, an_issue(issue_id, goes_out_at=NOW))
        issues.skip(connection, NEXT, "away", NOW)
        assert issues.moved(connection, "weekly") == (NOW,)
        assert not issues.put_off(connection, WEEKLY, NOW + HOUR, NOW)
        issues.freeze(connection, stored_in(connection), a_version(an_issue(), 1), {}, NOW)
        assert issues.put_off(connection, WEEKLY, NOW + HOUR, NOW)
        assert issues.moved(connection, "weekly") == (NOW + HOUR,)
        issues.published(connection, WEEKLY, NOW + HOUR)
        assert not issues.put_off(connection, WEEKLY, NOW, NOW)


def stored_in(connection: Connection) -> Issue:
    found = issues.issue(connection, WEEKLY)
    assert found is not None
    return found


def test_what_another_issue_has_settled_is_told_with_its_name(engine: Engine) -> None:
    """Of the same digest; what an issue settled itself is no other's."""
    with transaction(engine) as connection:
        store_post(connection, a_post("a" * 16))
        store_post(connection, a_post("b" * 16))
        freeze(connection, WEEKLY, ["a" * 16])
        keys = ["a" * 16, "b" * 16, "c" * 16]
        assert issues.settled_elsewhere(connection, EXTRA, keys) == {"a" * 16: WEEKLY}
        assert issues.settled_elsewhere(connection, WEEKLY, keys) == {}
        assert issues.settled_elsewhere(connection, replace(EXTRA, digest="monthly"), keys) == {}


def test_issues_are_listed_by_slot_digest_and_state(engine: Engine) -> None:
    """The regular issue and an extra one of the same day are two; ``slots`` has the regular ones only."""
    other = IssueId("monthly", date(2026, 11, 1))
    with transaction(engine) as connection:
        for issue_id in (NEXT, EXTRA, WEEKLY, other):
            issues.save_draft(connection, an_issue(issue_id))
        issues.skip(connection, NEXT, "holiday", NOW)
        assert [issue.id for issue in issues.issues(connection)] == [other, WEEKLY, EXTRA, NEXT]
        assert [issue.id for issue in issues.issues(connection, "weekly")] == [WEEKLY, EXTRA, NEXT]
        assert [issue.id for issue in issues.issues(connection, states=[IssueState.SKIPPED])] == [NEXT]
        assert issues.slots(connection, "weekly") == (
            (WEEKLY.slot, IssueState.DRAFT),
            (NEXT.slot, IssueState.SKIPPED),
        )
        assert issues.issue(connection, IssueId("weekly", date(2020, 1, 1))) is None


def test_unfinished_are_issues_that_still_need_a_step(engine: Engine) -> None:
    """Drafts, approved ones, and published ones whose send has not ended; not what was skipped, sent or given up."""
    ids = [replace(WEEKLY, slot=WEEKLY.slot + timedelta(weeks=week)) for week in range(6)]
    draft, skipped, approved, running, finished, cancelled = ids
    with transaction(engine) as connection:
        for issue_id in (draft, skipped):
            issues.save_draft(connection, an_issue(issue_id))
        issues.skip(connection, skipped, "holiday", NOW)
        freeze(connection, approved)
        for issue_id in (running, finished, cancelled):
            request(connection, issue_id)
            issues.published(connection, issue_id, NOW)
        deliveries.finish_if_done(connection, finished, NOW)
        deliveries.set_send_state(connection, cancelled, SendState.CANCELLED)
        assert [issue.id for issue in issues.unfinished(connection, "weekly")] == [draft, approved, running]
        assert issues.unfinished(connection, "monthly") == ()


# ── freezing ─────────────────────────────────────────────────────────────────────────────────────


def test_freezing_approves_numbers_and_settles_at_once(engine: Engine) -> None:
    """The stored document is the frozen one, and the version's bytes come back as they were."""
    with transaction(engine) as connection:
        for key in ("a", "b", "c", "d"):
            store_post(connection, a_post(key))
        draft = an_issue()
        issues.save_draft(connection, draft)
        version = a_version(draft, issues.next_number(connection, "weekly"))
        settled = {"a": Settlement.PICKED, "b": Settlement.LISTED, "c": Settlement.DROPPED}
        issues.freeze(connection, draft, version, settled, NOW + HOUR)
        found = issues.issue(connection, WEEKLY)
        assert issues.version(connection, WEEKLY) == issues.version(connection, WEEKLY, 1) == version
        still_open = posts.open_posts(connection, "weekly", None, NOW - HOUR, NOW + HOUR)
    document = codec.load(IssueDocument, version.data)
    approved = {
        "state": IssueState.APPROVED,
        "version": 1,
        "approved_at": NOW + HOUR,
        "updated_at": NOW + HOUR,
    }
    assert document.number == 1
    assert found == replace(draft, document=document, **approved)  # type: ignore[arg-type]
    assert [post.key for post in still_open] == ["d"]


def test_numbers_go_up_by_one_in_each_digest(engine: Engine) -> None:
    """Extra issues count, other digests do not."""
    monthly = IssueId("monthly", date(2026, 11, 1))
    with transaction(engine) as connection:
        numbers = [
            freeze(connection, issue_id).document.number for issue_id in (WEEKLY, monthly, EXTRA, NEXT)
        ]
    assert numbers == [1, 1, 2, 3]


def test_numbers_may_begin_where_an_earlier_tool_ended(engine: Engine) -> None:
    """From then on they go up by one."""
    with transaction(engine) as connection:
        assert issues.next_number(connection, "weekly", 118) == 118
        freeze(connection)
        assert issues.next_number(connection, "weekly", 118) == 118
        assert issues.next_number(connection, "weekly") == 2


def test_two_issues_that_are_frozen_at_once_get_two_numbers(engine: Engine) -> None:
    """The second waits for the first and then counts on."""
    numbers: list[int | None] = []
    with transaction(engine) as connection:
        issues.digest_started(connection, "weekly", NOW)

    def approve(issue_id: IssueId) -> None:
        with transaction(engine) as connection:
            numbers.append(freeze(connection, issue_id).document.number)

    threads = [threading.Thread(target=approve, args=(issue_id,)) for issue_id in (WEEKLY, EXTRA, NEXT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number or 0 for number in numbers) == [1, 2, 3]


def test_a_post_is_settled_once_per_digest(engine: Engine) -> None:
    """An issue that was drafted before another one took its post is refused whole."""
    with transaction(engine) as connection:
        for key in ("a", "b"):
            store_post(connection, a_post(key))
        freeze(connection, WEEKLY, ["a"])
        issues.save_draft(connection, an_issue(NEXT))
    with pytest.raises(DigestError, match=r"post a stands in weekly/2026-11-22 already.*digest draft weekly"):
        _freeze_next(engine, ["b", "a"])
    with reading(engine) as connection:
        assert issues.issue(connection, NEXT) == an_issue(NEXT)
        assert [p.key for p in posts.open_posts(connection, "weekly", None, NOW - HOUR, NOW + HOUR)] == ["b"]


def _freeze_next(engine: Engine, keys: list[str]) -> None:
    with transaction(engine) as connection:
        version = a_version(an_issue(NEXT), issues.next_number(connection, "weekly"))
        issues.freeze(connection, an_issue(NEXT), version, dict.fromkeys(keys, Settlement.PICKED), NOW)


def test_what_was_edited_after_it_was_looked_at_is_not_approved(engine: Engine) -> None:
    """What was previewed is what is sent; approving twice is refused too."""
    looked_at = an_issue()
    with transaction(engine) as connection:
        issues.save_draft(connection, looked_at)
        issues.save_draft(connection, an_issue(edit=1), replaces_edit=0)
        with pytest.raises(DigestError, match="changed meanwhile"):
            issues.freeze(connection, looked_at, a_version(looked_at, 1), {}, NOW)
        issues.freeze(connection, an_issue(edit=1), a_version(looked_at, 1), {}, NOW)
        with pytest.raises(DigestError, match="changed meanwhile"):
            issues.freeze(connection, an_issue(edit=1), a_version(looked_at, 2, 2), {}, NOW)


# ── after freezing ───────────────────────────────────────────────────────────────────────────────


def test_an_issue_is_published_once(engine: Engine) -> None:
    """The time of the first time stays; a draft is told what comes first."""
    with transaction(engine) as connection:
        issues.save_draft(connection, an_issue(NEXT))
        freeze(connection)
        assert issues.published(connection, WEEKLY, NOW)
        assert not issues.published(connection, WEEKLY, NOW + HOUR)
        with pytest.raises(DigestError, match=r"approve it first: digest approve weekly/2026-11-29"):
            issues.published(connection, NEXT, NOW)
        with pytest.raises(NotFoundError, match="no issue weekly/2020-01-01"):
            issues.published(connection, IssueId("weekly", date(2020, 1, 1)), NOW)
    assert (stored(engine).state, stored(engine).published_at) == (IssueState.PUBLISHED, NOW)


def test_a_skipped_issue_leaves_its_posts_open_and_its_number_to_the_next(engine: Engine) -> None:
    """Nothing is lost, and readers see no gap."""
    with transaction(engine) as connection:
        store_post(connection, a_post("a"))
        freeze(connection, WEEKLY, ["a"])
        issues.skip(connection, WEEKLY, "a week of mourning", NOW)
        assert freeze(connection, NEXT, ["a"]).document.number == 1
    assert (stored(engine).state, stored(engine).skipped_why) == (IssueState.SKIPPED, "a week of mourning")


def test_what_is_published_or_skipped_cannot_be_skipped(engine: Engine) -> None:
    """Readers have it already."""
    with transaction(engine) as connection:
        freeze(connection)
        issues.published(connection, WEEKLY, NOW)
        with pytest.raises(DigestError, match="is published and cannot be skipped"):
            issues.skip(connection, WEEKLY, "late", NOW)


def test_the_feed_gets_published_issues_newest_first(engine: Engine) -> None:
    """With the newest version of each; what is only approved stays unseen."""
    with transaction(engine) as connection:
        for days, issue_id in enumerate((WEEKLY, EXTRA, NEXT)):
            freeze(connection, issue_id)
            if issue_id is not NEXT:
                issues.published(connection, issue_id, NOW + timedelta(days=days))
        found = editions.published(connection, "weekly")
        assert editions.published(connection, "monthly") == ()
    assert [(item.issue, item.published_at, len(item.versions)) for item in found] == [
        (EXTRA, NOW + timedelta(days=1), 1),
        (WEEKLY, NOW, 1),
    ]


def test_a_version_that_does_not_exist_names_the_verb_that_makes_one(engine: Engine) -> None:
    """An issue that was never approved has none."""
    with transaction(engine) as connection:
        issues.save_draft(connection, an_issue())
        with pytest.raises(NotFoundError, match=r"digest approve weekly/2026-11-22"):
            issues.version(connection, WEEKLY)


def test_renderings_are_kept_as_they_were_first_stored(engine: Engine) -> None:
    """A retry with a newer template sends the same bytes as the first try."""
    everything = Rendering(WEEKLY, 1, "", "Harbours", "<p>all</p>", "all", "0")
    water = replace(everything, choice="schools,water", html="<p>some</p>")
    with transaction(engine) as connection:
        freeze(connection)
        issues.save_renderings(connection, [water, everything])
        issues.save_renderings(connection, [replace(everything, html="<p>new template</p>")])
        assert issues.renderings(connection, WEEKLY, 1) == (everything, water)
        assert issues.renderings(connection, WEEKLY, 2) == ()
