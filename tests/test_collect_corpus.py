"""collect/parse.py on tests/feeds: a corpus of odd and broken feeds, each with the entries that are to be read in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import odd_feeds
from digest.collect.parse import parse_feed
from digest.errors import ParseError
from digest.model import Entry, SourceFeed
from digest.text.times import rfc3339

FEEDS = sorted(path for path in odd_feeds.FOLDER.iterdir() if not path.name.endswith(".expected.json"))
# XML 1.0 §2.2, and the controls that change the direction of what follows.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


def expected(path: Path) -> list[Mapping[str, Any]]:
    """The entries that were written down beside a feed."""
    told: list[Mapping[str, Any]] = json.loads(
        path.with_name(f"{path.stem}.expected.json").read_text("utf-8")
    )
    return told


def told(entry: Entry, names: Mapping[str, Any]) -> dict[str, object]:
    """Of an entry, the fields that are told of it."""
    values = {name: getattr(entry, name) for name in names}
    return values | ({"published": rfc3339(entry.published)} if "published" in names else {})


def test_the_corpus_is_what_was_written() -> None:
    """At least 150 feeds; ``python tests/odd_feeds.py`` writes the files that are there, and no others."""
    written = {f"{feed.name}.{feed.suffix}": feed for feed in odd_feeds.corpus()}
    assert len(FEEDS) >= 150
    assert {path.name: path.read_bytes() for path in FEEDS} == {
        name: feed.body for name, feed in written.items()
    }
    for path in FEEDS:
        assert expected(path) == list(written[path.name].expected), path.name


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.stem)
def test_an_odd_feed_gives_its_entries(path: Path) -> None:
    """All of them, none invented, in their order, with what is told of each."""
    entries = parse_feed(path.read_bytes(), odd_feeds.URL).entries
    wanted = expected(path)
    assert len(entries) == len(wanted)
    assert [told(entry, names) for entry, names in zip(entries, wanted, strict=True)] == wanted


def texts(feed: SourceFeed) -> list[str]:
    """Whatever a feed says that somebody may print."""
    own = [feed.title, feed.url, feed.author, feed.language]
    for entry in feed.entries:
        own += [
            entry.id,
            entry.url,
            entry.title,
            entry.html,
            entry.text,
            entry.summary,
            *entry.authors,
            *entry.labels,
        ]
        own += [part for video in entry.videos for part in (video.url, video.title, video.channel)]
    return own


BODIES = [path.read_bytes() for path in FEEDS]
_SNIPPETS = st.sampled_from(
    [
        *(b"<", b">", b"&", b"]]>", b"<![CDATA[", b"</item>", b"<entry>", b"&#x0;", b"&#55357;", b"\x00", b"\xff\xfe"),
        *(b"\x1b", b'<a href="', b"<!--", b"<?xml", b"\xe2\x80\xae", b"{", b"\\ud83d", b"<media:group>"),
        *(b' xml:base="//["', b"&lt;svg&gt;"),
    ]
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A feed of the corpus, cut, spliced with another, and with something thrown in."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        kind = draw(st.integers(0, 3))
        if kind == 0:
            body = body[:at] + draw(_SNIPPETS | st.binary(max_size=8)) + body[at:]
        elif kind == 1:
            body = body[:at] + body[at + draw(st.integers(0, 60)) :]
        elif kind == 2:
            other = draw(st.sampled_from(BODIES))
            body = body[:at] + other[draw(st.integers(0, len(other))) :]
        else:
            body = body[:at]
    return body


@given(damaged() | st.binary(max_size=300))
@settings(max_examples=300, deadline=4_000)
def test_no_bytes_do_any_harm(body: bytes) -> None:
    """Nothing but our own error is raised, nothing hangs, and no text has a character that XML does not have."""
    try:
        feed = parse_feed(body, odd_feeds.URL)
    except ParseError:
        return
    assert [text for text in texts(feed) if FORBIDDEN.search(text)] == []
    assert all(entry.id for entry in feed.entries)
