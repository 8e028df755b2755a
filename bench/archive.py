"""What it costs to draft an issue beside an archive: 500 new posts against 10,000, 100,000 and 1,000,000 older ones.

    python bench/archive.py [POSTS …]

Every word is made up, by Zipf's law. The older posts are written into a SQLite file straight away, each under the
rarest twelve of its words, as `store.archive` would have them; that this work is right is for the tests, and what it
costs is measured beside, on the last 2,000 posts. Processor time and peak memory of a process of its own, for: looking
up what is related to twelve picks, the draft without reading its posts, reading them, and all of it.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from unittest.mock import patch

from digest import config, store
from digest.assemble.window import Material
from digest.extract.reading import read_post
from digest.model import IssueId, Post, PostKind, Reading
from digest.pipeline.drafts import composing
from digest.pipeline.drafts.composing import compose, followed
from digest.pipeline.drafts.draft import open_posts
from digest.pipeline.installation import Installation
from digest.pipeline.issues.archive import index_archive, likely_related
from digest.store.database import reading, transaction
from digest.store.posts import NewPost
from digest.wiring import open_installation

SIZES = (10_000, 100_000, 1_000_000)
NEW = 500
OWN = 3  # of the sources that write the new posts
SOURCES = 20
WORDS_OF_NEW = 300
WORDS_OF_OLDER = 40
VOCABULARY = 60_000
UNINDEXED = 2_000  # of the older posts, which the index is measured with
RUNS = 3
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)

CONFIG = """\
[[digests]]
slug = "weekly"
title = "The Weekly"
days = ["sunday"]
at = "09:00"
zone = "UTC"
{sources}
{themes}
[mail]
relay = "smtp://127.0.0.1:25"
from = "The Weekly <weekly@example.org>"
postal = "2 Mill Lane"

[publish]
tag = "tag:example.org,2026:"
feeds_url = "https://example.org/feeds/"
app_url = "https://example.org/"

[database]
url = "sqlite:///{folder}/digest.db"
"""


# ── invented posts ───────────────────────────────────────────────────────────────────────────────


def word(rank: int) -> str:
    """A word for a rank: letters alone, and longer for rarer ones."""
    letters = ""
    rank += 30
    while rank:
        rank, letter = divmod(rank, 20)
        letters += "bcdfghklmnprstvwzyjx"[letter] + "aeiou"[letter % 5]
    return letters + "nd"


WEIGHTS = list(accumulate(1 / (rank + 10) for rank in range(VOCABULARY)))


def ranks(draw: random.Random, number: int) -> list[int]:
    """So many words, by rank."""
    return draw.choices(range(VOCABULARY), cum_weights=WEIGHTS, k=number)


def new_posts() -> list[NewPost]:
    """Posts of this week, of sources of ours and others."""
    draw = random.Random(2026)
    found = []
    for number in range(NEW):
        said = [word(rank) for rank in ranks(draw, WORDS_OF_NEW)]
        title, text = (
            " ".join(said[:8]).capitalize(),
            ". ".join(" ".join(said[at : at + 15]).capitalize() for at in range(8, WORDS_OF_NEW, 15)),
        )
        source, when = f"s{number % SOURCES}", NOW - timedelta(minutes=20 * number + 60)
        post = Post(
            f"new{number:013}", source, PostKind.ARTICLE, f"new-{number}", f"https://{source}.test/{number}",
            title, when, when, language="en", html=f"<p>{text}.</p>", text=f"{text}.",
        )  # fmt: skip
        found.append(NewPost(post, post.guid, f"hash {number}"))
    return found


Row = tuple[object, ...]


def older(size: int) -> Iterator[tuple[Row, Row, list[Row]]]:
    """Posts of before: a row of ``posts``, one of ``revisions``, those of ``telling``."""
    draw = random.Random(size)
    for number in range(size):
        said = ranks(draw, WORDS_OF_OLDER)
        key, when = (
            f"{number:016}",
            (NOW - timedelta(days=30, minutes=5 * number)).isoformat(timespec="microseconds"),
        )
        source = f"s{number % OWN}"
        text = " ".join(map(word, said))
        indexed = int(number < size - UNINDEXED)
        url = f"https://{source}.test/old/{number}"
        post = (key, source, "article", url, url, key, "", "", when, when, None, 1, None, "", indexed)
        revision = (key, 1, key, text[:60], "", text, "", "[]", "[]", "en", "[]", when)
        rare = sorted(set(said), reverse=True)[:12] if indexed else []
        yield post, revision, [(key, word(rank), when, 0.25) for rank in rare]


def fill(path: Path, size: int) -> None:
    """The older posts, written in the order of a bulk load."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -200000")
    database.execute("DROP INDEX ix_telling_term_published_post")
    rows = older(size)
    columns = (
        "key, source, kind, guid, url, url_hash, title_trace, link_trace, first_seen, published, updated, "
        "revision, comments, held, indexed"
    )
    while batch := list(islice(rows, 20_000)):
        database.execute("BEGIN")
        database.executemany(
            f"INSERT INTO posts ({columns}) VALUES ({', '.join('?' * 15)})", [post for post, _, _ in batch]
        )
        said = "post, number, hash, title, html, text, summary, authors, labels, language, videos, seen_at"
        database.executemany(
            f"INSERT INTO revisions ({said}) VALUES ({', '.join('?' * 12)})", [row for _, row, _ in batch]
        )
        database.executemany(
            "INSERT INTO telling (post, term, published, weight) VALUES (?, ?, ?, ?)",
            [row for _, _, rows_of in batch for row in rows_of],
        )
        database.execute("COMMIT")
    database.execute("CREATE INDEX ix_telling_term_published_post ON telling (term, published, post)")
    database.execute(
        "INSERT INTO term_counts SELECT term, count(*) FROM telling GROUP BY term "
        "UNION ALL SELECT '', count(*) FROM posts"
    )
    database.close()


# ── measuring ────────────────────────────────────────────────────────────────────────────────────


def cost(work: Callable[[], object]) -> float:
    """Seconds of processor time, the least of some runs."""
    found = []
    for _ in range(RUNS):
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return min(found)


def peak() -> float:
    """The most memory that this process had, in MB; what it was started from not counted (Linux)."""
    (line,) = [
        each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM")
    ]
    return int(line.split()[1]) / 1024


def prepare(folder: Path, size: int) -> None:
    """An installation with an archive."""
    sources = "\n".join(
        f'[[sources]]\nslug = "s{number}"\nurl = "https://s{number}.test/feed"\nown = {str(number < OWN).lower()}'
        for number in range(SOURCES)
    )
    themes = "\n".join(
        f'[[themes]]\nslug = "t{number}"\ntitle = "{word(200 + number)}"\n'
        f"terms = {[word(200 + 10 * number + each) for each in range(10)]}"
        for number in range(5)
    )
    path = folder / "config.toml"
    path.write_text(CONFIG.format(sources=sources, themes=themes, folder=folder), encoding="utf-8")
    config.write_secret(folder / "var" / "secret.key")
    with open_installation(path, NOW) as installation:
        fill(folder / "digest.db", size)
        with transaction(installation.engine) as connection:
            store.posts.add_posts(connection, new_posts(), NOW)


def measure(folder: Path, size: int) -> None:
    """One row of the table, in a process of its own."""
    with open_installation(folder / "config.toml", NOW) as installation:
        begin = time.process_time()
        indexed = index_archive(installation)
        per_post = 1000 * (time.process_time() - begin) / max(indexed, 1)
        with reading(installation.engine) as connection:
            digest = installation.digest("weekly")
            posts = open_posts(connection, digest, NOW)
            issue = IssueId("weekly", NOW.date())
            picked = compose(installation, connection, issue, posts).picks
            keys = {pick.post for pick in picked}
            related = sum(len(pick.related_posts) for pick in picked)
            looked_up = cost(lambda: _look_up(installation, posts, keys))
            read = cost(lambda: [read_post(post, installation.words) for post in posts])
            with patch.object(composing, "read_post", lambda *_, **__: Reading()):
                assembled = cost(lambda: compose(installation, connection, issue, posts))
            whole = cost(lambda: _whole(installation, issue))
        memory = peak()
    print(
        f"| {size:,} | {len(posts)} | {related} | {1000 * looked_up:.0f} | {assembled:.2f} | {read:.2f} | {whole:.2f} | "
        f"{memory:.0f} | {per_post:.1f} |",
        flush=True,
    )


def _look_up(installation: Installation, posts: Sequence[Post], keys: set[str]) -> None:
    with reading(installation.engine) as connection:
        sources = followed(connection, installation.digest("weekly"))
        themes = store.sources.themes(connection)
        picks = [
            (Material(post, Reading(), sources[post.source]), themes[0].slug)
            for post in posts
            if post.key in keys
        ]
        likely_related(connection, picks, themes)


def _whole(installation: Installation, issue: IssueId) -> None:
    with reading(installation.engine) as connection:
        posts = open_posts(connection, installation.digest("weekly"), NOW)
        compose(installation, connection, issue, posts)


def main() -> None:
    """A table with a row for each size."""
    if sys.argv[1:2] == ["--measure"]:
        measure(Path(sys.argv[2]), int(sys.argv[3]))
        return
    print(
        "| older posts | new | related | look-up, ms | draft, s | reading, s | all, s | peak, MB | indexing, ms a post |"
    )
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for size in map(int, sys.argv[1:] or SIZES):
        with tempfile.TemporaryDirectory(prefix="digest-archive-") as folder:
            prepare(Path(folder), size)
            subprocess.run([sys.executable, __file__, "--measure", folder, str(size)], check=True)


if __name__ == "__main__":
    main()
