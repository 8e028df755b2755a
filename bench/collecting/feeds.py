"""Feeds that nobody wrote, and where on 127.0.0.0/8 they are: four to an address, because politeness is per host."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

ENTRIES = 20
PER_HOST = 4
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
WORDS = [
    "river",
    "mill",
    "school",
    "teacher",
    "valley",
    "council",
    "water",
    "archive",
    "ferry",
    "clinic",
    "window",
    "garden",
    "market",
    "letter",
    "station",
    "bridge",
    "harbour",
    "winter",
    "record",
    "neighbour",
    "evening",
    "paper",
    "morning",
    "story",
    "people",
    "country",
    "house",
    "village",
    "question",
    "answer",
    "report",
    "number",
    "library",
    "reader",
    "light",
    "stone",
    "engine",
    "wagon",
    "field",
    "forest",
    "meadow",
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "was",
    "for",
]
NATURAL = WORDS + 3 * WORDS[-8:]  # every third word of a text is a small one


def write(folder: Path, count: int, later: int = 0) -> None:
    """The feeds as files, as they are so many posts later."""
    for number in range(count):
        (folder / f"{number}.xml").write_text(feed(number, later), encoding="utf-8")


def feed(number: int, later: int = 0) -> str:
    """An Atom feed of a blog, some 40 KB: its newest posts."""
    entries = "".join(_entry(number, at) for at in range(-later, ENTRIES - later))
    updated = NOW + timedelta(minutes=later)
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>tag:blog{number}.test,2026:blog</id><title>Blog {number}</title><updated>{updated.isoformat()}</updated>"
        f'<link rel="alternate" href="https://blog{number}.test/"/>{entries}</feed>'
    )


def good(port: int, count: int) -> list[str]:
    """The addresses of feeds."""
    return [f"http://{host(number // PER_HOST)}:{port}/{number}.xml" for number in range(count)]


def bad(port: int, count: int) -> list[str]:
    """The addresses of what misbehaves, each on a host of its own."""
    return [f"http://{host(number, 200)}:{port}/{number}" for number in range(count)]


def is_bad(url: str) -> bool:
    """Whether an address is of what misbehaves."""
    return not url.endswith(".xml")


def host(number: int, first: int = 1) -> str:
    """One address of loopback for each number."""
    return f"127.{first + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"


def _entry(number: int, at: int) -> str:
    chance = random.Random(f"{number} {at}")
    body = "".join(_paragraph(chance, number) for _ in range(chance.randint(3, 8)))
    age = timedelta(days=at) if at >= 0 else timedelta(minutes=at)
    when = (NOW - age - timedelta(minutes=number % 600)).isoformat()
    return (
        f"<entry><id>tag:blog{number}.test,2026:{at}</id><title>{_sentence(chance)}</title>"
        f'<link rel="alternate" href="https://blog{number}.test/{at}"/><published>{when}</published>'
        f"<updated>{when}</updated><author><name>Tam Orrel</name></author>"
        f'<content type="html">{escape(body)}</content></entry>'
    )


def _paragraph(chance: random.Random, number: int) -> str:
    text = " ".join(_sentence(chance) for _ in range(chance.randint(1, 5)))
    word = chance.choice(WORDS)
    return (
        f'<p>{text} <a href="https://blog{number}.test/{word}">{chance.choice(WORDS)}</a> <em>{word}</em></p>'
    )


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(NATURAL, k=chance.randint(6, 18))).capitalize() + "."
