"""collect/merging.py: an entry with an unknown id is a post that we know, or it is not, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.collect.merging import Match, is_global, match, matches
from digest.model import Entry, Post, PostKind, Video

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 20, 7, 45, 10, tzinfo=UTC)
DAM = (
    "The old dam above Hollin was built by hand in the winter of 1911, when the mill had stopped and forty families "
    "had nothing to eat. Ines Varga has read the ledgers of that winter and found the name of every man who carried "
    "stones, and of the eleven women who were paid half as much for the same work. Her book is out in spring."
)
MILL = (
    "Nobody remembers who gave the mill its red door, but everybody in the valley can tell where they stood on the "
    "day it was painted over. Tam Orrel went from house to house with a tape recorder and asked about colours, and "
    "what he heard is a history of quarrels that were never settled and of three weddings that came out of them."
)
THREAD = "This is the open thread of the week. Be kind to each other."
REPORT = (
    "Water level at the weir {a} centimetres, at the bridge {b} centimetres, at the lock {c} centimetres. Rain in "
    "the valley {d} millimetres, on the ridge {e} millimetres. Boats that passed the lock {f}, of which barges {g}, "
    "and licences that were given out {h}, of which for one day {i}, for a week {j} and for the whole season {k}."
)
CLIP = Video("youtube", "Abc-_123xyZ", "https://www.youtube.com/watch?v=Abc-_123xyZ")

KNOWN = Post(
    "k" * 16,
    "hollin",
    PostKind.ARTICLE,
    "http://hollin.example.org/?p=41",
    "http://hollin.example.org/2026/11/the-dam/",
    "Who built the dam",
    first_seen=NOW,
    published=NOW - DAY,
    text=DAM,
)
SAME = Entry("new id", KNOWN.url, KNOWN.title, published=KNOWN.published, text=KNOWN.text)
OTHER = {
    "url": "https://hollin.example.org/x",
    "title": "X",
    "published": NOW - 9 * DAY,
}  # in everything but its text


def decided(entry: Entry, *posts: Post, source: str = "hollin") -> Match | None:
    return match(source, entry, posts or (KNOWN,))


def differing(*names: str, **changes: object) -> Entry:
    """The known post under another id, with those of title, address and date another one."""
    values = {name: OTHER[name] for name in names} | changes
    return replace(SAME, **values)  # type: ignore[arg-type]


# ── labelled before the rules were written ───────────────────────────────────────────────────────

MERGED: Mapping[str, Entry] = {
    "http becomes https": differing(
        id=KNOWN.guid.replace("http:", "https:"), url=KNOWN.url.replace("http:", "https:")
    ),
    "a new host": differing(
        id="https://varga.example.net/?p=41", url="https://varga.example.net/2026/11/the-dam"
    ),
    "a new system with ids of its own": differing("url", id="urn:uuid:0c5d6f1e-41aa-4c3b-9a6f-0f0c1f1f1f1f"),
    "a new system that dates everything anew": differing("url", "published"),
    "a new system that names posts anew": differing("url", title="The dam, and who built it"),
    "only the address is the same": differing("title", "published"),
    "only the date is the same, to the second": differing("title", "url"),
    "an address that gained a campaign": differing("title", "published", url=KNOWN.url + "?utm_source=feed"),
    "a feed that gives only a beginning from now on": differing("published", text=DAM[:250] + " […]"),
    "a title with other quotation marks and a sentence more": differing(
        "published", title="“Who built the dam?”", text=DAM + " It costs nine crowns."
    ),
}

APART: Mapping[str, Entry] = {
    "a column with the same title": differing("url", "published", text=MILL),
    "the same title on the same day": differing("url", text=MILL),
    "another post at an address that is used again": differing("title", "published", text=MILL),
    "two posts imported in the same second": differing("title", "url", text=MILL),
    "the same words without anything else": differing("title", "url", "published"),
    "nothing to compare but a title": differing("url", "published", text=""),
    "a text that is gone": differing("url", text=""),
}


@pytest.mark.parametrize("case", MERGED)
def test_a_post_under_a_new_id_is_known(case: str) -> None:
    """Title, address or date is the same, and the text is alike."""
    found = decided(MERGED[case])
    assert found is not None
    assert found.key == KNOWN.key
    assert found.reason.startswith(f"Its id was {KNOWN.guid}: the same ")


@pytest.mark.parametrize("case", APART)
def test_a_new_post_is_not_taken_for_another(case: str) -> None:
    """Never on a title alone, nor on words alone."""
    assert decided(APART[case]) is None


def test_a_form_that_is_filled_in_again_is_a_new_post() -> None:
    """The level of a river has one title all year and most of its words; its numbers make it another post."""
    monday = REPORT.format(**dict(zip("abcdefghijk", range(20, 31), strict=True)))
    sunday = REPORT.format(**dict(zip("abcdefghijk", range(50, 61), strict=True)))
    known = replace(KNOWN, title="The river this week", text=monday)
    entry = replace(SAME, title=known.title, text=sunday, url="https://hollin.example.org/48", published=NOW)
    assert decided(entry, known) is None
    assert decided(replace(entry, text=monday), known) is not None


def test_an_open_thread_is_new_every_week() -> None:
    """Short texts are often the same: two other things must be the same too."""
    known = replace(KNOWN, title="Open thread", text=THREAD)
    entry = replace(
        SAME, title="Open thread", text=THREAD, url="https://hollin.example.org/48", published=NOW
    )
    assert decided(entry, known) is None
    assert decided(replace(entry, url=known.url), known) is not None
    assert decided(replace(entry, url=known.url, text="Be kind."), known) is None


def test_a_feed_of_titles_is_known_by_title_and_address() -> None:
    """Where there is no text at all, as in many link lists."""
    known = replace(KNOWN, text="")
    assert decided(differing("published", text=""), known) is not None
    assert decided(differing("title", "published", text=""), known) is None


def test_a_front_page_is_the_address_of_nothing() -> None:
    """Feeds that link every post to the site's front page are common."""
    known = replace(KNOWN, url="https://hollin.example.org/")
    assert decided(differing("title", "published", url="https://www.hollin.example.org"), known) is None


@pytest.mark.parametrize(
    "text",
    [
        "سد قدیمی بالای روستا در زمستانی ساخته شد که آسیاب از کار افتاده بود و چهل خانواده چیزی برای خوردن نداشتند. "
        "اینس وارگا دفترهای آن زمستان را خوانده و نام همهٔ کسانی را یافته است که سنگ بر دوش کشیدند.",
        "村の上の古い堰は水車が止まり四十の家族に食べるものがなかった冬に人の手で築かれた。石を運んだ人の名がすべて帳簿に残っている。",
    ],
)
def test_texts_are_compared_in_any_script(text: str) -> None:
    """Also where words are not divided by spaces."""
    known = replace(KNOWN, text=text)
    assert decided(differing("title", "published", text=text + " ."), known) is not None
    assert decided(differing("title", "published", text=DAM), known) is None


def test_the_reason_is_a_sentence_for_an_editor() -> None:
    """It says which id the post had, what is the same, and how alike the words are."""
    assert decided(SAME) == Match(
        KNOWN.key, f"Its id was {KNOWN.guid}: the same title, address and date, and the same words.", 4.0
    )
    shorter = decided(differing("published", text=DAM[:-22]))
    assert shorter is not None
    assert "the same title and address, and the same words" in shorter.reason
    changed = decided(differing("published", text=DAM.replace("spring", "a year, or two")))
    assert changed is not None
    assert "% of the words in the same order" in changed.reason


# ── videos ───────────────────────────────────────────────────────────────────────────────────────


def test_two_videos_are_two_posts_whatever_is_written_under_them() -> None:
    """Channels write the same under all of their videos; the video itself decides."""
    known = replace(KNOWN, kind=PostKind.VIDEO, videos=(CLIP,))
    entry = replace(SAME, kind=PostKind.VIDEO, videos=(CLIP,))
    assert decided(replace(entry, videos=(replace(CLIP, id="zzzzzzzzzzz"),)), known) is None
    renamed = replace(
        entry, title="Now with subtitles", url="https://youtu.be/Abc-_123xyZ", text="", published=NOW
    )
    found = decided(renamed, known)
    assert found is not None
    assert found.reason == f"Its id was {KNOWN.guid}: the same video."


def test_an_article_is_not_the_video_that_it_embeds() -> None:
    """A post about a talk and the talk are two things to pick."""
    talk = replace(KNOWN, kind=PostKind.VIDEO, videos=(CLIP,))
    assert decided(replace(SAME, videos=(CLIP,)), talk) is None


# ── two sources ──────────────────────────────────────────────────────────────────────────────────

TAG = "tag:blogger.com,1999:blog-88.post-41"
BLOGGER = replace(KNOWN, guid=TAG)


@pytest.mark.parametrize(
    "entry",
    [
        replace(SAME, id=TAG),
        replace(SAME, id=TAG, url="https://varga.example.net/the-dam", text="A beginning …"),
        replace(SAME, id=TAG, url="https://varga.example.net/the-dam", title="The dam, and who built it"),
    ],
    ids=["as it was", "shortened, on a domain of its own", "renamed"],
)
def test_a_post_with_its_own_id_is_the_same_in_another_source(entry: Entry) -> None:
    """The ids of Blogger survive a change of domain; title, address or text must agree."""
    found = decided(entry, BLOGGER, source="varga")
    assert found is not None
    assert found.key == KNOWN.key
    assert found.reason.startswith("The source hollin gives it too: the same id")


@pytest.mark.parametrize(
    "entry",
    [
        replace(SAME, id="another"),
        replace(SAME, id=TAG, url="https://x.example.org/1", title="The mill", text=MILL),
        replace(SAME, id=TAG, url="https://x.example.org/1", title="The mill", text=""),
    ],
    ids=["without its id", "an id that a template repeats", "such an id without a text"],
)
def test_posts_of_two_sources_are_two_without_the_same_id_and_more(entry: Entry) -> None:
    """What is only alike is a story, which drafting finds, and no merge."""
    assert decided(entry, BLOGGER, source="varga") is None
    assert decided(entry, replace(BLOGGER, text=""), source="varga") is None


def test_only_ids_that_are_unique_in_the_world_mean_the_same_in_two_sources() -> None:
    """Numbers and our own hashes do not, whatever else agrees."""
    assert decided(replace(SAME, id="41"), replace(KNOWN, guid="41"), source="varga") is None
    unique = [TAG, "urn:uuid:1", "yt:video:Abc-_123xyZ", "https://a.example.org/1"]
    assert all(map(is_global, unique))
    assert not any(map(is_global, ["41", "", "post-41", "sha256:00ff", "tag:", "tag: 41", "http://a b"]))


# ── a whole document ─────────────────────────────────────────────────────────────────────────────


def test_two_entries_of_one_document_are_never_one_post() -> None:
    """The one with more in common is the known post; the other is new."""
    double = replace(SAME, id="double", published=NOW, url="https://hollin.example.org/again")
    for entries in ([SAME, double], [double, SAME]):
        assert {name: found.key for name, found in matches("hollin", entries, [KNOWN]).items()} == {
            "new id": KNOWN.key
        }


def test_a_blog_that_moved_keeps_all_its_posts_apart() -> None:
    """Every entry of the new system finds its own post among those of the old one."""
    texts = {"dam": DAM, "mill": MILL, "weir": DAM.replace("dam", "weir").replace("stones", "sand") + MILL}
    posts = [
        replace(
            KNOWN, key=name, guid=name, title=f"The {name}", url=f"http://a.example.org/{name}", text=text
        )
        for name, text in texts.items()
    ]
    entries = [
        replace(
            SAME,
            id=f"urn:{post.key}",
            title=post.title,
            url=f"https://b.example.org/post/{n}",
            text=post.text,
        )
        for n, post in enumerate(posts)
    ]
    found = matches("hollin", entries, posts)
    assert {identity: each.key for identity, each in found.items()} == {f"urn:{name}": name for name in texts}


def test_of_a_title_used_for_years_only_the_newest_posts_are_compared() -> None:
    """A thousand numbers of one column cost no more than twenty."""
    column = [
        replace(KNOWN, key=str(n), guid=str(n), url=f"http://a.example.org/{n}", published=NOW - n * DAY)
        for n in range(1000)
    ]
    found = decided(differing("url", published=NOW + DAY / 2), *column)
    assert found is not None
    assert found.key == "0"


words = st.sampled_from(["dam", "mill", "the", "of", "41", "", "\u200f", "堰", "…"])
texts = st.lists(words, max_size=60).map(" ".join)
urls = st.sampled_from(
    ["", "http://a.example.org/1", "https://b.example.org/1", "http://[", "mailto:x@example.org"]
)
dates = st.sampled_from([NOW, NOW - DAY])


@given(
    st.lists(st.builds(Entry, st.text(max_size=5), urls, texts, published=dates, text=texts), max_size=6),
    st.lists(st.tuples(urls, texts, dates, texts), max_size=6),
)
def test_whatever_is_compared_no_post_is_two_entries(
    entries: list[Entry], known: list[tuple[str, str, datetime, str]]
) -> None:
    """Every match names a candidate, and each candidate once."""
    posts = [
        Post(str(n), "hollin", PostKind.ARTICLE, str(n), url, title, NOW, published, text=text)
        for n, (url, title, published, text) in enumerate(known)
    ]
    keys = [found.key for found in matches("hollin", entries, posts).values()]
    assert len(keys) == len(set(keys))
    assert set(keys) <= {post.key for post in posts}
