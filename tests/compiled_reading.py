"""Everything that is read of the labelled posts and of the odd feeds, as hashes, one for each; a program that two builds run.

    python tests/compiled_reading.py MODULE …

It first says of each of these modules what kind of file it was loaded from.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import odd_feeds
from digest.collect.reading import read_feed
from digest.errors import ParseError
from digest.extract.words import Words
from digest.resources import Resources
from labelled_posts import BENCH

ADDRESS = "https://elm.example.org/feed"


def readings() -> Iterator[tuple[str, object]]:
    """The labelled posts, each as it is sanitised and read."""
    words = Words.merge(Resources(None).words())
    for folder in (*BENCH.FOLDERS, *BENCH.PROSE):
        for post in BENCH.labelled(folder):
            entry = BENCH.entry(post)
            yield post.name, (entry, BENCH.reading(entry, words))


def feeds() -> Iterator[tuple[str, object]]:
    """The odd feeds, each as it is read and travels to another process, or the sentence that refuses it."""
    for feed in odd_feeds.corpus():
        try:
            yield feed.name, pickle.loads(pickle.dumps(read_feed(feed.body, ADDRESS)))
        except ParseError as error:
            yield feed.name, str(error)


def main(modules: list[str]) -> None:
    """Print what was loaded, and the hashes by name."""
    loaded = {name: Path(str(import_module(name).__file__)).suffix for name in modules}
    read = {
        name: sha256(repr(value).encode("utf-8", "replace")).hexdigest()
        for name, value in (*readings(), *feeds())
    }
    sys.stdout.write(json.dumps({"loaded": loaded, "read": read}))


if __name__ == "__main__":
    main(sys.argv[1:])
