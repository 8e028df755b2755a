"""How well posts come together, and how fast: B-cubed on labelled news, beside k-means with the number of topics known.

    python bench/assemble.py            # the labelled items of tests/labelled/news
    python bench/assemble.py --semantic # and the same with the extra `semantic`, which reads each text first: a minute
    DIGEST_NEWS=FOLDER python bench/assemble.py   # and a collection: FOLDER/TOPIC/*.txt, each with its title first

B-cubed precision, recall and F1: Bagga and Baldwin, "Entity-based cross-document coreferencing", 1998. Purity is the
share of the posts under a theme that belong there. The baselines are told how many topics there are.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import fsum
from pathlib import Path
from typing import Any

from digest.assemble import subjects as vocabulary
from digest.assemble.drafting import draft
from digest.assemble.likeness import counted, unit, weighed
from digest.assemble.meanings import NO_MEANINGS, Meanings, unpacked
from digest.assemble.outline import outline
from digest.assemble.window import Material
from digest.encoder import encoder
from digest.model import IssueId, Post, PostKind, Reading, Source, Theme
from digest.pipeline.drafts.meanings import wanted as wanted_texts
from digest.resources import Resources
from digest.settings import DigestSettings
from digest.text.similar import Vector

NEWS = Path(__file__).parents[1] / "tests" / "labelled" / "news"
LATER = NEWS / "later"  # items of other topics, written by another hand when the rules stood
APART = (
    NEWS / "apart"
)  # stories of two languages, half of them of the same events; never looked at for a rule
COLLECTION = os.environ.get("DIGEST_NEWS", "")
NAMED = {"entertainment": "culture", "tech": "technology"}  # folders of a collection that are themes of ours
SUBJECTS = vocabulary.read(Resources().subjects())
SEED = 2026
STARTS = 5  # of k-means; the best counts
SAMPLE = 300  # items of a collection, three times
WHEN = datetime(2026, 11, 1, tzinfo=UTC)
UNREAD = Reading()


@dataclass(frozen=True)
class Item:
    """A labelled news item."""

    material: Material
    topic: str
    story: str


def labelled(name: str, folder: Path = NEWS) -> list[Item]:
    """The items of one labelled file."""
    return [_item(json.loads(line)) for line in (folder / name).read_text("utf-8").splitlines()]


def _item(told: Mapping[str, Any]) -> Item:
    made = material(told["id"], told["title"], told["text"], told["language"], told["source"])
    when = datetime.fromisoformat(told["published"])
    dated = replace(made, post=replace(made.post, published=when, first_seen=when))
    return Item(dated, told["topic"], told["story"] or told["id"])


def material(key: str, title: str, text: str, language: str, source: str = "news") -> Material:
    """A post with nothing read in it."""
    url = f"https://news.example/{key}"
    post = Post(key, source, PostKind.ARTICLE, key, url, title, WHEN, WHEN, language=language, text=text)
    return Material(post, UNREAD, Source(source, url, own=True))


def collection(folder: Path) -> list[Item]:
    """The items of a public collection: a folder for each topic."""
    items = []
    for path in sorted(folder.glob("*/*.txt")):
        title, _, text = path.read_text("utf-8", errors="replace").strip().partition("\n")
        topic = NAMED.get(path.parent.name, path.parent.name)
        items.append(Item(material(f"{topic}/{path.name}", title, text.strip(), "en"), topic, ""))
    return items


def themes(folder: Path = NEWS) -> list[Theme]:
    """Five themes of ten terms each, written before the items were."""
    tables = tomllib.loads((folder / "themes.toml").read_text("utf-8"))["themes"]
    return [
        Theme(
            table["slug"],
            table["title"],
            tuple(table["terms"]),
            terms_by_language=tuple((tag, tuple(terms)) for tag, terms in table["terms_by_language"].items()),
        )
        for table in tables
    ]


# ── measures ─────────────────────────────────────────────────────────────────────────────────────


def b_cubed(found: Sequence[Hashable], wanted: Sequence[Hashable]) -> tuple[float, float, float]:
    """Precision, recall and F1, over the items."""
    both = Counter(zip(found, wanted, strict=True))
    groups, classes = Counter(found), Counter(wanted)
    precision = fsum(count * count / groups[group] for (group, _), count in both.items()) / len(found)
    recall = fsum(count * count / classes[known] for (_, known), count in both.items()) / len(found)
    return precision, recall, 2 * precision * recall / (precision + recall)


def k_means(vectors: Sequence[Vector], groups: int) -> list[int]:
    """The best of several runs of spherical k-means, each from items drawn by chance."""
    chance = random.Random(SEED)
    return max(
        (_run(vectors, chance.sample(range(len(vectors)), groups)) for _ in range(STARTS)),
        key=lambda run: run[0],
    )[1]


def _run(vectors: Sequence[Vector], seeds: Sequence[int]) -> tuple[float, list[int]]:
    centres: list[Vector] = [vectors[seed] for seed in seeds]
    nearest: list[int] = []
    total = 0.0
    for _ in range(15):
        likes = [
            [fsum(v * centre.get(w, 0.0) for w, v in each.items()) for centre in centres] for each in vectors
        ]
        nearest = [max(range(len(centres)), key=row.__getitem__) for row in likes]
        total = fsum(map(max, likes))
        sums: list[dict[str, float]] = [defaultdict(float) for _ in centres]
        for each, number in zip(vectors, nearest, strict=True):
            for word, value in each.items():
                sums[number][word] += value
        centres = [unit(each) for each in sums]
    return total, nearest


# ── the table ────────────────────────────────────────────────────────────────────────────────────


def line(what: str, found: Sequence[Hashable], wanted: Sequence[Hashable], more: str = "") -> None:
    """One row."""
    precision, recall, f1 = b_cubed(found, wanted)
    print(f"| {what} | {len(found)} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {more} |")


def topics(name: str, items: Sequence[Item], known: Sequence[Theme]) -> None:
    """Themes, no themes, and k-means, on one collection."""
    posts, wanted = [item.material for item in items], [item.topic for item in items]
    found = outline(posts, known, SUBJECTS)
    under = [each.theme == topic for each, topic in zip(found, wanted, strict=True) if each.theme]
    placed = f"{len(under) / len(found):.2f} placed, purity {sum(under) / max(len(under), 1):.3f}"
    line(f"{name}, five themes", [each.group for each in found], wanted, placed)
    alone = outline(posts, known, vocabulary.NO_SUBJECTS)
    line(f"{name}, five themes, no list of subjects", [each.group for each in alone], wanted)
    line(f"{name}, no themes", [each.group for each in outline(posts, (), SUBJECTS)], wanted)
    semantic_topics(name, posts, known, wanted)
    counts = [counted(each.post.title, each.post.text, each.post.language) for each in posts]
    number = len(set(wanted))
    line(f"{name}, k-means, k known", k_means([unit(each) for each in counts], number), wanted)
    line(f"{name}, TF-IDF and k-means, k known", k_means(weighed(counts), number), wanted)


def semantic_topics(
    name: str, posts: Sequence[Material], known: Sequence[Theme], wanted: Sequence[str]
) -> None:
    """The same with meanings: with the lists of subjects, without one for the posts' language, and without themes."""
    meant = understood(posts, known)
    if not meant:
        return
    foreign = {"": SUBJECTS["en"]}  # as for a language that has no list
    for what, themes_of, subjects in (
        ("five themes, semantic", known, SUBJECTS),
        ("five themes, no list of subjects, semantic", known, foreign),
        ("no themes, semantic", (), SUBJECTS),
    ):
        found = outline(posts, themes_of, subjects, (), meant)
        line(f"{name}, {what}", [each.group for each in found], wanted)


def understood(posts: Sequence[Material], known: Sequence[Theme] = ()) -> Meanings:
    """What posts and terms mean; nothing where --semantic was not asked for."""
    if "--semantic" not in sys.argv:
        return NO_MEANINGS
    return unpacked(encoder().encode(wanted_texts([each.post for each in posts], known, SUBJECTS)))


def stories(name: str, items: Sequence[Item]) -> None:
    """Stories, found as ``digest themes`` does without themes."""
    posts, wanted = [item.material for item in items], [item.story for item in items]
    line(f"{name}, stories", [each.story for each in outline(posts, (), SUBJECTS)], wanted)
    if meant := understood(posts):
        found = outline(posts, (), SUBJECTS, (), meant)
        line(f"{name}, stories, semantic", [each.story for each in found], wanted)


def timed(what: str, work: Callable[[], object]) -> None:
    """Processor time, the best of three."""
    rounds = []
    for _ in range(3):
        begun = time.process_time()
        work()
        rounds.append(time.process_time() - begun)
    print(f"{what}: {min(rounds):.2f} s")


def speed() -> None:
    """500 posts, made of the labelled items, by themselves and against an archive of 500."""
    texts = [item.material.post for item in labelled("topics-en.jsonl")]
    chance = random.Random(SEED)
    posts = []
    for number in range(1000):
        first, second, third = chance.sample(texts, 3)
        text = f"{first.text}\n\n{second.text}\n\n{third.text}"
        posts.append(material(f"p{number:04}", first.title, text, "en", f"source-{number % 40}"))
    new, old = posts[:500], posts[500:]
    weekly = DigestSettings.model_validate(
        {"slug": "weekly", "title": "Weekly", "days": ("sunday",), "at": "09:00", "zone": "UTC"}
    )
    strings = {"more_posts": "More posts"}
    issue = IssueId("weekly", WHEN.date())
    timed("themes and groups of 500 posts of 300 words", lambda: outline(new, themes(), SUBJECTS))
    timed(
        "a draft of them against 500 older ones",
        lambda: draft(issue, weekly, new, old, themes(), (), strings, WHEN, subjects=SUBJECTS),
    )


def main() -> None:
    """Print the table."""
    print("| what | items | precision | recall | F1 | |\n|---|---|---|---|---|---|")
    for folder in (NEWS, LATER, APART):
        mark = "" if folder is NEWS else f"{folder.name} "
        for path in sorted(folder.glob("topics-*.jsonl")):
            topics(mark + path.stem, labelled(path.name, folder), themes(folder))
        for path in sorted(folder.glob("stories-*.jsonl")):
            stories(mark + path.stem, labelled(path.name, folder))
    together = [item for path in sorted(APART.glob("*.jsonl")) for item in labelled(path.name, APART)]
    stories("apart both languages", together)
    if COLLECTION:
        items = collection(Path(COLLECTION))
        for seed in range(1, 4):
            topics(f"{Path(COLLECTION).name} {seed}", random.Random(seed).sample(items, SAMPLE), themes())
    print()
    speed()


if __name__ == "__main__":
    main()
