"""The encoder of the extra ``semantic``, and what it changes from outside: the real one, with its own weights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from digest import encoder as encoders
from digest import store
from digest.assemble.meanings import unpacked
from digest.encoder import Encoder, encoder
from digest.errors import ConfigError
from digest.model import Redaction, RedactionKind
from digest.pipeline.drafts.draft import draft
from digest.pipeline.drafts.extra import Wishes, draft_extra
from digest.pipeline.installation import Installation
from digest.pipeline.posts.collect import collect
from digest.store.database import reading, transaction
from digest.text.blackout import Blackout, fingerprint
from effort import effort
from installation import NOW, Clock, Place, command, installed
from store_samples import a_post, store_post

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Bresk</title><link>https://bresk.example/</link>
{items}</channel></rss>"""
ITEM = '<item><guid isPermaLink="false">{id}</guid><title>{title}</title><description>{text}</description></item>'
SALT = "5ca1ab1e" * 4
POSTS = {
    "wiosla": ("Złoto w czwórce", "Juniorzy z Breska wygrali w niedzielę regaty i zostali mistrzami kraju."),
    "targi": (
        "Nowości z hal",
        "Wystawcy pokazali lekkie komputery i telefony, które długo działają bez ładowania.",
    ),
}
CONFIG = """
[[themes]]
slug = "sport"
title = "Sport"
terms = ["match", "champion", "athlete", "medal"]

[[themes]]
slug = "gadgets"
title = "Gadgets"
terms = ["laptop", "battery", "device", "electronics fair"]
"""


# ── the encoder ──────────────────────────────────────────────────────────────────────────────────


def test_what_says_alike_is_near_in_any_language() -> None:
    """Nearer than what says something else in the same language."""
    cat, gato, tax = (
        "The cat sleeps on the roof.",
        "El gato duerme en el tejado.",
        "The tax on salt has been lowered.",
    )
    found = unpacked(encoder().encode([cat, gato, tax]))
    assert found[cat] @ found[gato] > 0.6 > 0.3 > found[cat] @ found[tax]


def test_a_text_has_one_point_whatever_comes_beside_it() -> None:
    """Byte for byte, in any order."""
    texts = ["Rain.", "Rain fell on the mill for three days.", "Regen fiel drei Tage lang auf die Mühle."]
    together = encoder().encode(texts)
    assert together == {each: encoder().encode([each])[each] for each in reversed(texts)}


@pytest.mark.parametrize(
    "letter", ["", " ", "\x00", "\ufdfa", "a", "ا", "木", "\U0001f9d1\u200d\U0001f680", "\u0301"]
)
def test_hostile_texts_take_no_longer(letter: str) -> None:
    """Of nothing, of one word without an end, of letters that unfold into eighteen."""
    encoder().encode(["the weights are loaded"])
    with effort() as spent:
        encoder().encode([letter * 600])
    assert spent.seconds < 3


def test_without_the_extra_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is opened."""
    monkeypatch.setattr(encoders, "PACKAGE", "no-such-encoder")
    with pytest.raises(ConfigError, match=r"pip install 'digest-pipeline\[semantic\]'"):
        encoder()


# ── what is kept ─────────────────────────────────────────────────────────────────────────────────


def test_points_are_kept_by_model_and_text(engine: Engine) -> None:
    """What another model said is not known, and what is kept stays as it was."""
    with transaction(engine) as connection:
        store.meanings.keep(connection, "m 1", {"a": b"\x01\x02", "b": b"\x03\x04"}, NOW)
        store.meanings.keep(connection, "m 1", {"a": b"\x05\x06", "\ud800": b"\x07\x08"}, NOW)
    with reading(engine) as connection:
        known = store.meanings.known(connection, "m 1", ["a", "c", "\ud800"])
        assert known == {"a": b"\x01\x02", "\ud800": b"\x07\x08"}
        assert store.meanings.known(connection, "m 2", ["a"]) == {}


def test_old_points_are_let_go(engine: Engine) -> None:
    """Those since a moment stay."""
    with transaction(engine) as connection:
        store.meanings.keep(connection, "m", {"old": b"\x01"}, NOW - timedelta(days=1))
        store.meanings.keep(connection, "m", {"new": b"\x02"}, NOW)
        store.meanings.forget(connection, NOW)
    with reading(engine) as connection:
        assert store.meanings.known(connection, "m", ["old", "new"]) == {"new": b"\x02"}


def test_what_is_removed_on_request_leaves_no_point(engine: Engine) -> None:
    """A point tells something of the words it was made of: all are made anew from what is left."""
    words = RedactionKind.WORDS
    rule = Redaction(fingerprint(words, "Ines Varga", SALT), words, 2, SALT, NOW)
    with transaction(engine) as connection:
        store_post(connection, a_post("a", title="The bakery of Ines Varga"))
        store.meanings.keep(connection, "m", {"The bakery of Ines Varga. ": b"\x01"}, NOW)
        store.sweeping.sweep(connection, Blackout([rule]))
        assert store.meanings.known(connection, "m", ["The bakery of Ines Varga. "]) == {}


# ── an issue ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Place]:
    """A blog of ours that asks for meanings."""
    with installed(tmp_path, database=database_url) as place:
        place.configure(database=database_url)
        with place.path.open("a", encoding="utf-8") as file:
            file.write("\n[assemble]\nsemantic = true\n")
        place.blog.write("sluice", "weir", at=NOW)
        yield place


def points(home: Installation) -> int:
    with reading(home.engine) as connection:
        return int(connection.execute(text("SELECT count(*) FROM meanings")).scalar_one())


class Counting:
    """How many texts an encoder was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts = 0
        encode = Encoder.encode

        def counted(each: Encoder, texts: object) -> dict[str, bytes]:
            listed = list(texts)  # type: ignore[call-overload]
            self.texts += len(listed)
            return encode(each, listed)

        monkeypatch.setattr(Encoder, "encode", counted)


def test_a_text_is_read_once(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafting again asks the encoder nothing, and gives the same bytes."""
    asked = Counting(monkeypatch)
    with here.opened() as home:
        collect(home, Clock(NOW), everything=True)
        first = draft(home, "weekly", NOW).issue.document
        kept = points(home)
        assert asked.texts == kept > 2
        assert draft(home, "weekly", NOW + timedelta(hours=1)).issue.document == first
        assert (asked.texts, points(home)) == (kept, kept)


def test_what_is_no_longer_used_is_let_go(here: Place) -> None:
    """When something new is read, after three months."""
    with here.opened() as home:
        with transaction(home.engine) as connection:
            store.meanings.keep(connection, "m", {"old": b"\x01"}, NOW - timedelta(days=91))
        collect(home, Clock(NOW), everything=True)
        draft(home, "weekly", NOW)
        with reading(home.engine) as connection:
            assert store.meanings.known(connection, "m", ["old"]) == {}


def test_an_extra_issue_is_made_with_meanings_too(here: Place) -> None:
    """Of the posts that it names."""
    with here.opened() as home:
        collect(home, Clock(NOW), everything=True)
        draft_extra(home, "weekly", "flood", Wishes(posts=("https://hollin.test/weir",)), NOW)
        assert points(home) > 1


def test_without_the_setting_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default."""
    asked = Counting(monkeypatch)
    with installed(tmp_path) as place:
        place.blog.write("sluice", at=NOW)
        with place.opened() as home:
            collect(home, Clock(NOW), everything=True)
            draft(home, "weekly", NOW)
            assert (asked.texts, points(home)) == (0, 0)


# ── digest themes ────────────────────────────────────────────────────────────────────────────────


def themes_of(folder: Path, config: str) -> list[object]:
    """What ``digest themes`` says of a feed in Polish, for which there is no list of subjects."""
    feed, path = folder / "feed.xml", folder / "config.toml"
    items = "".join(ITEM.format(id=id, title=title, text=said) for id, (title, said) in POSTS.items())
    feed.write_text(FEED.format(items=items), encoding="utf-8")
    path.write_text(config, encoding="utf-8")
    ran = command("themes", feed, "--config", path, "--json")
    assert (ran.code, ran.err) == (0, "")
    return [row["theme"] for row in ran.rows]


def test_a_theme_finds_posts_in_a_language_that_it_has_no_terms_in(tmp_path: Path) -> None:
    """With the setting; without it the words of another language say nothing."""
    assert themes_of(tmp_path, CONFIG) == [None, None]
    assert themes_of(tmp_path, f"{CONFIG}\n[assemble]\nsemantic = true\n") == ["sport", "gadgets"]


def test_a_setting_that_is_no_setting_is_passed_over(tmp_path: Path) -> None:
    """``digest themes`` needs the themes of a file and nothing else; ``digest check`` reports it."""
    assert themes_of(tmp_path, f'{CONFIG}\n[assemble]\nsemantic = "yes"\n') == [None, None]
