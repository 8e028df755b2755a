"""collect/identity.py: which post an entry is, whether it changed, and whether it is news."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.collect.identity import backfill, identified, post_key, published, revision_hash, updated
from digest.model import Comments, Entry, PostKind, Video

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SOURCE = "https://elm.example.org/feed.xml"
VIDEO = Video("youtube", "Abc-_123xyZ", "https://www.youtube.com/watch?v=Abc-_123xyZ")
POST = Entry(
    "tag:elm.example.org,2026:1",
    "https://elm.example.org/dam",
    "The dam",
    html="<p>Water.</p>",
    text="Water.",
    videos=(VIDEO,),
)


def post(id: str, days_ago: float | None = None) -> Entry:
    """An entry published so many days ago, or on an unknown day."""
    date = None if days_ago is None else NOW - timedelta(days=days_ago)
    return Entry(id, f"https://elm.example.org/{id}", id, published=date)


def held(
    entries: list[Entry], *, first: bool, days: float = 7, last_good_days: float | None = 1
) -> dict[str, str]:
    """What is back-fill for a digest of so many days; the last good poll was so many days ago."""
    last_good = None if last_good_days is None else NOW - timedelta(days=last_good_days)
    period_start = NOW - timedelta(days=days)
    return backfill(
        entries, first=first, period_start=period_start, last_good=last_good, first_posts=5, now=NOW
    )


# ── keys and hashes ──────────────────────────────────────────────────────────────────────────────


def test_a_key_is_sixteen_characters_of_its_source_and_identity() -> None:
    """It does not depend on anything else of the entry, and is another in another source."""
    key = post_key(SOURCE, POST)
    assert re.fullmatch("[a-z2-7]{16}", key)
    assert key == post_key(SOURCE, replace(POST, title="x", url="https://new.example.org/", text="y"))
    assert len({key, post_key(SOURCE + "2", POST), post_key(SOURCE, replace(POST, id="other"))}) == 3


def test_keys_are_for_ever() -> None:
    """They are stored in issues: a change of the method would break every published id."""
    assert post_key(SOURCE, POST) == "t6brdxlupw2o5bzv"


def test_a_revision_is_what_was_written() -> None:
    """Title, text, markup and videos make one; dates, comments, whitespace in markup and titles of players do not."""
    same = revision_hash(POST)
    noise = [
        replace(POST, updated=NOW, published=NOW),
        replace(POST, comments=Comments(7, "https://elm.example.org/dam#c")),
        replace(POST, html="<p>Water.</p>\n"),
        replace(POST, videos=(replace(VIDEO, title="x", thumbnail="y"),)),
        replace(POST, labels=("new",), summary="new"),
    ]
    changes = [
        replace(POST, title="The dams"),
        replace(POST, text="Water!"),
        replace(POST, html="<p><b>Water.</b></p>"),
        replace(POST, videos=()),
    ]
    assert {revision_hash(entry) for entry in noise} == {same}
    assert same not in {revision_hash(entry) for entry in changes}


# ── identities ───────────────────────────────────────────────────────────────────────────────────


def test_an_entry_given_twice_is_one() -> None:
    """The same id and link; the one that was updated last is meant, whichever comes first."""
    old, new = replace(POST, updated=NOW - timedelta(days=1)), replace(POST, updated=NOW, text="More water.")
    for entries in ([old, new], [new, old]):
        assert identified(entries) == ((POST.id, new),)


def test_posts_that_share_an_id_are_told_apart() -> None:
    """By their links, and where these are the same too, by their titles; the order of the document does not matter."""
    dam, mill = POST, replace(POST, url="https://elm.example.org/mill", title="The mill")
    weir = replace(mill, title="The weir")
    found = identified([dam, mill, weir])
    assert [entry.title for _, entry in found] == ["The dam", "The mill", "The weir"]
    assert len({identity for identity, _ in found}) == 3
    assert dict(found) == dict(identified([weir, mill, dam]))


def test_the_identity_is_the_entry_s_id() -> None:
    """So that its key follows from the entry alone."""
    found = identified([POST, replace(POST, url="https://elm.example.org/mill", title="M"), post("single")])
    assert all(identity == entry.id for identity, entry in found)
    assert found[2][0] == "single"
    assert len({post_key(SOURCE, entry) for _, entry in found}) == 3


def test_two_posts_with_one_title_are_never_merged() -> None:
    """A title alone is no identity."""
    assert len(identified([replace(post("a"), title="Links"), replace(post("b"), title="Links")])) == 2


def test_dates_to_come_and_missing_dates_are_now() -> None:
    """Nothing is published before we saw it announced, or never."""
    assert published(post("a", 3), NOW) == NOW - timedelta(days=3)
    assert published(post("a", -3), NOW) == published(post("a"), NOW) == NOW


# ── back-fill ────────────────────────────────────────────────────────────────────────────────────


def test_on_a_first_collection_the_last_period_is_new() -> None:
    """However many posts that is; what is older is held, with its date in the sentence."""
    entries = [post(str(days), days) for days in range(20)]
    found = held(entries, first=True, days=7.5, last_good_days=None)
    assert set(found) == {str(days) for days in range(8, 20)}
    assert found["10"] == "It was published on 2026-11-12, before this source was first collected."


def test_on_a_first_collection_the_newest_few_are_always_new() -> None:
    """A source that was silent for a year is not empty in the first issue."""
    entries = [post(str(days), days) for days in range(400, 420)]
    assert set(held(entries, first=True)) == {str(days) for days in range(405, 420)}


def test_undated_posts_of_a_first_collection_are_new_only_among_the_newest_few() -> None:
    """A feed without dates would fill the first issue otherwise; its order stands for their age."""
    found = held([post(str(number)) for number in range(30)], first=True)
    assert set(found) == {str(number) for number in range(5, 30)}
    assert found["7"] == "It was published, before this source was first collected."


def test_a_post_that_appears_late_is_held() -> None:
    """More than 14 days before the last good poll; what is younger, undated or to come is new."""
    entries = [post("late", 15.5), post("recent", 14.5), post("undated"), post("future", -2)]
    found = held(entries, first=False)
    assert set(found) == {"late"}
    assert "2026-11-07" in found["late"]
    assert "14 days before the last good poll on 2026-11-21" in found["late"]


def test_after_a_long_silence_nothing_is_late() -> None:
    """The 14 days count from the last good poll, not from now."""
    assert held([post("a", 40)], first=False, last_good_days=30) == {}
    assert held([post("a", 400)], first=False, last_good_days=None) == {}


def test_of_a_flood_the_newest_are_new() -> None:
    """Fifty are a busy week; of fifty-one, which a new blog system replays, all but twenty are held."""
    entries = [post(str(number), number / 10) for number in range(51)]
    assert held(entries[:50], first=False) == {}
    found = held(entries, first=False)
    assert set(found) == {str(number) for number in range(20, 51)}
    assert found["30"] == "It is one of 51 posts that appeared in one poll, and not of the newest 20."


def test_a_video_is_never_updated() -> None:
    """Every vote moves the date that a channel's feed gives; an article's is its author's."""
    moved = replace(POST, updated=NOW)
    assert updated(moved) == NOW
    assert updated(replace(moved, kind=PostKind.VIDEO)) is None
