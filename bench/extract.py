"""How well and how fast a post's own sections are read: precision, recall and F1 per field on the labelled posts.

Run as ``python bench/extract.py [open|held] [--misses]``. All posts were labelled before the first rule was written.
Those in tests/labelled/open were in view while the rules were written; those in tests/labelled/held were not, and
scored, at first sight: quotes, speakers, related posts, videos 1.000, themes 0.973, summary 0.917, topics 0.889
(both misses in topics were one convention: whether an article goes with its preposition).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from digest.extract.reading import read
from digest.extract.words import Words
from digest.model import Reading
from digest.resources import Resources
from digest.text.html import sanitise

LABELLED = Path(__file__).parents[1] / "tests" / "labelled"
FIELDS = (
    "summary",
    "themes",
    "quotes",
    "speakers",
    "topics",
    "related_posts",
    "related_videos",
    "embedded_videos",
)


@dataclass(frozen=True)
class Labelled:
    """A post and what is to be read in it."""

    name: str
    html: str
    post: Mapping[str, Any]
    expected: Mapping[str, Any]


@dataclass
class Score:
    """Counts of one field over all posts."""

    right: int = 0
    found: int = 0
    wanted: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, name: str, wanted: Sequence[Any], found: Sequence[Any]) -> None:
        rest = list(found)
        for item in wanted:
            if item in rest:
                rest.remove(item)
                self.right += 1
            else:
                self.misses.append(f"{name}: missing {item}")
        self.misses += [f"{name}: wrong {item}" for item in rest]
        self.found += len(found)
        self.wanted += len(wanted)

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def labelled(half: str) -> list[Labelled]:
    """The labelled posts of one half, by name."""
    posts = []
    for path in sorted((LABELLED / half).glob("*.html")):
        label = json.loads(path.with_suffix(".json").read_text("utf-8"))
        posts.append(
            Labelled(f"{half}/{path.stem}", path.read_text("utf-8"), label["input"], label["expected"])
        )
    return posts


def reading(post: Labelled, words: Words) -> Reading:
    """What is read in a labelled post."""
    given = post.post
    html = sanitise(post.html, given["url"])
    return read(
        html,
        url=given["url"],
        title=given["title"],
        language=given["language"],
        summary=given["summary"],
        labels=tuple(given["labels"]),
        words=words,
    )


def facts(expected: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What counts in a label, field by field."""
    quotes = expected["quotes"]
    return {
        "summary": [expected["summary"]],
        "themes": [(theme["title"], theme["description"]) for theme in expected["themes"]],
        "quotes": [quote["text"] for quote in quotes],
        "speakers": [(quote["text"], quote["speaker"]) for quote in quotes],
        "topics": [(quote["text"], topic) for quote in quotes for topic in quote["topics"]],
        "related_posts": [(link["title"], link["url"]) for link in expected["related_posts"]],
        "related_videos": [
            (video["title"], video["platform"], video["id"]) for video in expected["related_videos"]
        ],
        "embedded_videos": [(video["platform"], video["id"]) for video in expected["embedded_videos"]],
    }


def found(reading: Reading) -> dict[str, list[Any]]:
    """The same of a reading."""
    return {
        "summary": [reading.summary],
        "themes": [(theme.title, theme.description) for theme in reading.themes],
        "quotes": [quote.text for quote in reading.quotes],
        "speakers": [(quote.text, quote.speaker) for quote in reading.quotes],
        "topics": [(quote.text, topic) for quote in reading.quotes for topic in quote.topics],
        "related_posts": [(link.title, link.url) for link in reading.related_posts],
        "related_videos": [(video.title, video.platform, video.id) for video in reading.related_videos],
        "embedded_videos": [(video.platform, video.id) for video in reading.embedded_videos],
    }


def scores(posts: Iterable[Labelled], words: Words) -> dict[str, Score]:
    """Every field's score over some posts."""
    result = {name: Score() for name in FIELDS}
    for post in posts:
        wanted, got = facts(post.expected), found(reading(post, words))
        for name in FIELDS:
            result[name].add(post.name, wanted[name], got[name])
    return result


def speed(posts: Sequence[Labelled], words: Words) -> float:
    """Milliseconds for reading 10 KB of sanitised HTML, the best of five rounds over all posts."""
    pages = [(sanitise(post.html, post.post["url"]), post.post) for post in posts]
    size = sum(len(html) for html, _ in pages)
    rounds = []
    for _ in range(5):
        begun = time.perf_counter()
        for html, given in pages:
            read(html, url=given["url"], title="", language=given["language"], summary="", words=words)
        rounds.append(time.perf_counter() - begun)
    return min(rounds) * 1000 * 10_240 / size


def main(arguments: Sequence[str]) -> None:
    """Print the tables."""
    words = Words.merge(Resources(None).words())
    for half in [name for name in ("open", "held") if name in arguments] or ["open", "held"]:
        posts = labelled(half)
        table = scores(posts, words)
        print(f"\n{half}: {len(posts)} posts, {speed(posts, words):.2f} ms per 10 KB")
        print(f"{'field':18}{'wanted':>7}{'found':>7}{'P':>7}{'R':>7}{'F1':>7}")
        for name, score in table.items():
            print(
                f"{name:18}{score.wanted:7}{score.found:7}{score.precision:7.3f}{score.recall:7.3f}{score.f1:7.3f}"
            )
        if "--misses" in arguments:
            print("\n".join(miss for name in FIELDS for miss in table[name].misses))


if __name__ == "__main__":
    main(sys.argv[1:])
