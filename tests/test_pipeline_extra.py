"""Extra issues: outside the schedule, with the posts or the words that an editor chose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from threading import Event

import pytest

from digest import codec, schedule, store
from digest.errors import DigestError, NotFoundError
from digest.model import IssueDocument, IssueId, IssueState, Post
from digest.pipeline.drafts.draft import draft
from digest.pipeline.drafts.extra import Wishes, draft_extra
from digest.pipeline.installation import Installation
from digest.pipeline.issues.publish import approve
from digest.pipeline.posts.collect import collect
from digest.store.database import reading
from installation import NOW, SLOT, Clock, Place, installed

FRIDAY = IssueId("weekly", date(2026, 11, 20), "flood")
SUNDAY = IssueId("weekly", date(2026, 11, 22))
WEIR, SLUICE = "https://hollin.test/weir", "https://hollin.test/sluice"
HOUR = timedelta(hours=1)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", "ferry", at=NOW)
        place.subscribe("ada@example.org")
        place.subscribe("bo@example.org", themes="schools")
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    with here.opened() as installation:
        collect(installation, Clock(), everything=True)
        yield installation


def titles(document: IssueDocument) -> list[str]:
    return [pick.title for pick in document.picks]


def test_an_extra_issue_has_the_posts_that_were_chosen(home: Installation) -> None:
    """Each once, by address or by key, and nothing else; dated today, in the digest's zone."""
    (weir,) = [post for post in _open(home) if post.url == WEIR]
    wishes = Wishes(posts=[f"{WEIR}?utm_source=feed", weir.key, SLUICE])
    made = draft_extra(home, "weekly", "flood", wishes, NOW).issue
    assert (made.id, made.state) == (FRIDAY, IssueState.DRAFT)
    assert sorted(titles(made.document)) == ["The sluice", "The weir"]


def _open(home: Installation) -> tuple[Post, ...]:
    with reading(home.engine) as connection:
        return store.posts.recent(connection, None, None, 10)


def test_no_cap_cuts_what_an_editor_chose(here: Place, home: Installation) -> None:
    """Neither the number of picks nor the share of a source."""
    here.configure(digest="max_picks = 1")
    with here.opened() as capped:
        posts = [post.url for post in _open(capped)]
        made = draft_extra(capped, "weekly", "flood", Wishes(posts=posts), NOW).issue
        assert (len(made.document.picks), made.document.also_published) == (3, ())


def test_making_it_twice_gives_the_same_issue(home: Installation) -> None:
    """With nothing said it stays as it is; with new wishes the draft changes, byte for byte the same for the same."""
    wishes = Wishes(posts=[WEIR], introduction="On Monday the weir broke.")
    first = draft_extra(home, "weekly", "flood", wishes, NOW).issue
    assert draft_extra(home, "weekly", "flood", Wishes(), NOW + HOUR).issue == first
    again = draft_extra(home, "weekly", "flood", wishes, NOW + HOUR).issue
    assert codec.dump(IssueDocument, again.document) == codec.dump(IssueDocument, first.document)
    more = draft_extra(home, "weekly", "flood", Wishes(posts=[WEIR, SLUICE]), NOW + HOUR).issue
    assert (len(more.document.picks), more.document.introduction) == (2, "On Monday the weir broke.")
    approve(home, FRIDAY, NOW + 2 * HOUR)
    kept = draft_extra(home, "weekly", "flood", wishes, NOW + 3 * HOUR)
    assert kept.kept.endswith("is approved already and was left as it is.")


def test_its_posts_are_not_repeated_in_the_next_regular_issue(home: Installation) -> None:
    """Also where that was drafted before: it is drafted again, and is refused until it is."""
    draft(home, "weekly", NOW)
    draft_extra(home, "weekly", "flood", Wishes(posts=[WEIR]), NOW)
    assert len(draft(home, "weekly", NOW).issue.document.picks) == 3  # a draft settles nothing
    approve(home, FRIDAY, NOW)
    with pytest.raises(DigestError, match=r"stands in weekly/2026-11-20\+flood already.*digest draft weekly"):
        approve(home, SUNDAY, NOW)
    schedule.advance(home, home.settings.digests[0], Clock(SLOT - HOUR), Event())
    assert titles(home.issue(SUNDAY).document) == ["The sluice", "The ferry"]
    assert approve(home, SUNDAY, SLOT - HOUR).document.number == 2


def test_an_editor_may_choose_a_post_of_an_earlier_issue(home: Installation) -> None:
    """The best of the year was printed before; what was settled stays settled."""
    draft(home, "weekly", NOW)
    approve(home, SUNDAY, NOW)
    draft_extra(home, "weekly", "flood", Wishes(posts=[WEIR]), NOW)
    assert titles(approve(home, FRIDAY, NOW).document) == ["The weir"]


def test_it_may_have_the_date_of_a_regular_one(home: Installation) -> None:
    """They are two issues, with two numbers."""
    draft(home, "weekly", NOW)
    made = draft_extra(home, "weekly", "flood", Wishes(SUNDAY.slot, posts=[WEIR]), NOW).issue
    assert made.id == replace(FRIDAY, slot=SUNDAY.slot)
    approve(home, made.id, NOW)
    draft(home, "weekly", NOW)
    assert approve(home, SUNDAY, NOW).document.number == 2


@pytest.mark.parametrize(
    ("name", "wishes", "kind", "sentence"),
    [
        ("Flood!", Wishes(), DigestError, "'Flood!' is no name for an extra issue"),
        ("a" * 49, Wishes(), DigestError, "at most 48"),
        ("../etc", Wishes(), DigestError, "is no name"),
        ("flood", Wishes(posts=["https://hollin.test/moon"]), NotFoundError, "no stored post https://hollin"),
        ("flood", Wishes(introduction="x" * 20_001), DigestError, "has 20001 characters; 20000 are the most"),
        ("flood", Wishes(day=date.max), DigestError, "is no day for an extra issue"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    home: Installation, name: str, wishes: Wishes, kind: type[DigestError], sentence: str
) -> None:
    """And no issue is made."""
    with pytest.raises(kind, match=sentence.replace("(", r"\(")):
        draft_extra(home, "weekly", name, wishes, NOW)
    with reading(home.engine) as connection:
        assert store.issues.issues(connection, "weekly") == ()


# ── going out ────────────────────────────────────────────────────────────────────────────────────


def tick(home: Installation, now: datetime) -> None:
    schedule.advance(home, home.settings.digests[0], Clock(now), Event())


@pytest.mark.parametrize("approval", ["hold", "auto"])
def test_it_goes_out_when_a_person_approves_it(here: Place, home: Installation, approval: str) -> None:
    """Whatever the digest says, nothing that was opened by hand goes out by itself; approved it goes at once."""
    here.configure(digest=f'approval = "{approval}"')
    with here.opened() as home:
        draft_extra(home, "weekly", "flood", Wishes(introduction="The fair is off."), NOW)
        tick(home, NOW + 5 * HOUR)
        assert home.issue(FRIDAY).state is IssueState.DRAFT
        approve(home, FRIDAY, NOW + 6 * HOUR)
        tick(home, NOW + 6 * HOUR)
        assert home.issue(FRIDAY).state is IssueState.PUBLISHED
    assert here.recipients() == ["ada@example.org", "bo@example.org"]  # words alone are for every choice


def test_it_waits_for_the_time_it_was_given(here: Place, home: Installation) -> None:
    """A local time of its day."""
    draft_extra(home, "weekly", "flood", Wishes(posts=[WEIR], at=time(18, 0)), NOW)
    approve(home, FRIDAY, NOW)
    tick(home, NOW + 8 * HOUR)
    assert home.issue(FRIDAY).state is IssueState.APPROVED
    tick(home, NOW + 9 * HOUR)
    assert home.issue(FRIDAY).state is IssueState.PUBLISHED
    assert here.recipients() == ["ada@example.org"]  # the other one chose a theme that it has nothing of


def test_an_extra_issue_from_end_to_end(here: Place) -> None:
    """Draft, approve, publish, send by command: page, feed, archive and mail name it, each with its own address."""
    here.done("collect", "--all")
    words = here.folder / "words.txt"
    words.write_text("The weir broke.\n\nNobody was hurt.", encoding="utf-8")
    arguments = ("--extra", "flood", "--post", WEIR, "--introduction", words, "--on", "2026-11-24")
    made = here.done("draft", "weekly", *arguments, "--json").data
    issue = "weekly/2026-11-24+flood"
    assert (made["id"], made["kept"], made["edit"]) == (issue, "", 0)
    for verb in ("approve", "publish", "send"):
        here.done(verb, issue)
    page = (here.feeds / issue / "index.html").read_text(encoding="utf-8")
    assert "Nobody was hurt." in page
    assert f"<id>tag:hollin.test,2026:{issue}</id>" in (here.feeds / "weekly/atom.xml").read_text()
    assert issue in (here.feeds / "weekly/index.html").read_text()
    (mail,) = here.inbox.messages
    assert f"/feeds/{issue}/".encode() in mail.data.replace(b"=\r\n", b"")
    assert here.digest("draft", "weekly", "--extra", "flood", "--now").code == 2
    assert here.digest("draft", "weekly", "--post", WEIR).code == 2
