"""``text.blackout``: how words and addresses are known by their fingerprints, and what is put in their place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.model import Redaction, RedactionKind, Video
from digest.text.blackout import INK, Blackout, fingerprint, words_of
from digest.text.html import plain
from effort import effort
from store_samples import a_post

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SALT = "5ca1ab1e" * 4
JANE, DOE = INK * 4, INK * 3


def rule(text: str, kind: RedactionKind = RedactionKind.WORDS) -> Redaction:
    count = len(words_of(text)) if kind is RedactionKind.WORDS else 0
    return Redaction(fingerprint(kind, text, SALT), kind, count, SALT, NOW)


def names(*texts: str, mark: str = "") -> Blackout:
    return Blackout(map(rule, texts), mark)


def addresses(*texts: str) -> Blackout:
    return Blackout(rule(text, RedactionKind.ADDRESS) for text in texts)


# ── words ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Jane Doe said so.", f"{JANE} {DOE} said so."),
        ("JANE  doe, jane-doe", f"{JANE}  {DOE}, {JANE}-{DOE}"),
        ("Doe, Jane", "Doe, Jane"),
        ("Janet Doe and Jane Doerner", "Janet Doe and Jane Doerner"),
        ("Jane\nDoe’s", f"{JANE}\n{DOE}’s"),
        ("", ""),
    ],
)
def test_whole_words_in_any_case_are_found(text: str, without: str) -> None:
    """And nothing that only begins like them; the text stays as long as it was."""
    assert names("Jane Doe").text(text) == without
    assert len(without) == len(text)


def test_accents_and_scripts_without_spaces_are_folded_and_found() -> None:
    """As the same name is written in many ways, and where no space tells where it begins."""
    assert names("Zoë Şahin").text("ZOE SAHIN, Zoë Şahin") == f"{INK * 3} {INK * 5}, {INK * 3} {INK * 5}"
    assert names("山田太郎").text("作家の山田太郎は") == f"作家の{INK * 4}は"


def test_each_spelling_is_a_rule_of_its_own() -> None:
    """What nobody gave is not guessed."""
    assert names("Jane Doe", "J. Doe").text("J. Doe; Ms Doe") == f"{INK}. {DOE}; Ms Doe"


def test_overlapping_names_go_together() -> None:
    """Two rules on the same words put one mark in their place."""
    assert names("Jane Doe", "Doe Smith", mark="[gone]").text("A Jane Doe Smith B") == "A [gone] B"


def test_a_fingerprint_tells_no_word() -> None:
    """Under another salt it is another one."""
    mine, other = rule("Jane Doe"), fingerprint(RedactionKind.WORDS, "Jane Doe", "00" * 16)
    assert "jane" not in str(mine).casefold()
    assert mine.fingerprint != other


@pytest.mark.parametrize(
    "text", ["word " * 20_000, "a" * 100_000, "<" * 100_000, "&" * 100_000, "山" * 20_000, "<a b='" * 16_000]
)
def test_hostile_texts_take_no_longer_than_others(text: str) -> None:
    """Time grows with the text alone, whatever it is made of."""
    ink = names("Jane Doe", " ".join(["many"] * 300))
    with effort() as spent:
        ink.html(text)
        ink.text(text)
    assert spent.seconds < 1.0


# ── HTML ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "html",
    [
        "<p>Jane Doe said <b>so</b>.</p>",
        "<p><b>Jane</b> Doe said so.</p>",
        "<p>Jane&amp;Doe, and <i>Jane\nDoe</i>.</p><ul><li>Doe</li></ul>",
        '<p><a href="https://a.test/jane-doe">Jane Doe</a> is here.</p>',
    ],
)
def test_html_and_its_text_lose_the_same(html: str) -> None:
    """So that the offsets of what else is quoted stay right."""
    ink = names("Jane Doe")
    clean = ink.html(html)
    assert plain(clean) == ink.text(plain(html))
    assert not ink.hits(clean)


def test_what_tags_tell_goes_with_them() -> None:
    """Behind percent signs and character references too; tags that tell nothing stay."""
    ink = names("Jane Doe")
    assert ink.html('<a href="https://a.test/Jane%20Doe">her</a>') == "<a>her</a>"
    assert ink.html('<img src="https://a.test/1.png" alt="Jane&#32;Doe">') == "<img>"
    assert ink.html('<a href="https://a.test/">her</a>') == '<a href="https://a.test/">her</a>'


# ── addresses ────────────────────────────────────────────────────────────────────────────────────


def test_an_address_that_tells_a_name_leads_to_its_site() -> None:
    """Or nowhere, where the site itself does."""
    ink = names("Jane Doe")
    assert ink.address("https://a.test/news/jane-doe?x=1#:~:text=Jane%20Doe") == "https://a.test/"
    assert ink.address("https://jane.doe.test/") == ""
    assert ink.address("https://a.test/news") == "https://a.test/news"
    assert ink.address("https://[jane doe/") == ""


def test_a_removed_post_is_known_by_any_spelling_of_its_address() -> None:
    """And by its key and id; others are not."""
    ink = addresses("https://a.test/weir", "tag:a.test,2026:7")
    assert ink.is_removed("https://a.test/weir?utm_source=mail#top")
    assert ink.is_removed("", "tag:a.test,2026:7")
    assert not ink.is_removed("https://a.test/weir-2", "")
    assert ink.address("https://a.test/weir") == ""


# ── posts ────────────────────────────────────────────────────────────────────────────────────────


def test_a_post_loses_it_in_every_text_and_keeps_its_keys() -> None:
    """Title, words, authors, labels, videos."""
    post = a_post(
        title="Jane Doe",
        html="<p>Jane Doe</p>",
        text="Jane Doe",
        authors=("Jane Doe", "Bo"),
        labels=("jane doe",),
        videos=(Video("youtube", "jane", "https://v.test/jane-doe", "Jane Doe"),),
    )
    clean = names("Jane Doe").post(post)
    assert (clean.key, clean.source, clean.published) == (post.key, post.source, post.published)
    assert (clean.title, clean.text, clean.html) == (f"{JANE} {DOE}",) * 2 + (f"<p>{JANE} {DOE}</p>",)
    assert (clean.authors, clean.labels) == ((f"{JANE} {DOE}", "Bo"), (f"{JANE} {DOE}",))
    assert clean.videos == (Video("youtube", "jane", "https://v.test/", f"{JANE} {DOE}"),)


def test_without_rules_nothing_changes() -> None:
    """And nothing is looked at."""
    post = a_post()
    assert not Blackout(())
    assert Blackout(()).post(post) == post
