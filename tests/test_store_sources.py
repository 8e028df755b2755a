"""Sources, themes and rules: the file wins, removing retires, nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from digest.errors import DigestError, NotFoundError
from digest.model import FullText, PostKind, Rule, RuleKind, Source, SourceOwner, Theme
from digest.store import posts, sources
from digest.store.database import reading, transaction
from store_samples import HOUR, NOW, a_post, a_source, store_post

HARBOUR, TIDES = a_source("harbour"), a_source("tides", own=True, weight=2.0)
SCHOOLS = Theme(
    "schools", "Schools", ("school", "pupil"), ("school of fish",), (("de", ("Schule",)),), "Learning", 1.5
)
WATER = Theme("water", "Water", ("well",))
ALWAYS = Rule(RuleKind.SOURCE_THEME, "harbour", "water")
NEVER = Rule(RuleKind.NEVER_VIDEO, "https://video.example.org/1")


def write_file(
    engine: Engine, *wanted: Source, themes: Sequence[Theme] = (), rules: Sequence[Rule] = (), days: int = 0
) -> None:
    """What a start of digest does with config.toml."""
    with transaction(engine) as connection:
        sources.sync(connection, wanted, themes, rules, NOW + timedelta(days=days))


def stored(engine: Engine, slug: str) -> Source:
    with reading(engine) as connection:
        found = sources.source(connection, slug)
    assert found is not None
    return found


def followed(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return [source.slug for source in sources.all_sources(connection)]


def polled(engine: Engine, slug: str, **learned: object) -> None:
    """A poll that taught something."""
    with transaction(engine) as connection:
        source = sources.source(connection, slug)
        assert source is not None
        sources.save_poll(connection, replace(source, **learned))  # type: ignore[arg-type]


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def test_what_the_file_says_is_stored_once_however_often_it_is_read(engine: Engine) -> None:
    """A second start changes nothing, not even when a source was added."""
    write_file(engine, HARBOUR, TIDES)
    write_file(engine, HARBOUR, TIDES, days=1)
    assert stored(engine, "tides") == replace(TIDES, added_at=NOW)
    assert followed(engine) == ["harbour", "tides"]


def test_a_source_taken_out_of_the_file_is_retired_and_keeps_its_posts(engine: Engine) -> None:
    """Removing never deletes; only polling stops."""
    write_file(engine, HARBOUR, TIDES)
    with transaction(engine) as connection:
        store_post(connection, a_post())
    write_file(engine, TIDES)
    assert followed(engine) == ["tides"]
    assert stored(engine, "harbour").retired
    with reading(engine) as connection:
        assert posts.post(connection, a_post().key) == a_post()
        assert [source.slug for source in sources.all_sources(connection, retired=True)] == [
            "harbour",
            "tides",
        ]
        assert [source.slug for source in sources.due(connection, NOW)] == ["tides"]


def test_a_source_that_comes_back_goes_on_where_it_stopped(engine: Engine) -> None:
    """Its validators and times are remembered, so nothing is fetched or printed again."""
    write_file(engine, HARBOUR)
    polled(engine, "harbour", etag='W/"7"', last_good_at=NOW, next_poll_at=NOW + HOUR)
    before = stored(engine, "harbour")
    write_file(engine)
    write_file(engine, HARBOUR)
    assert stored(engine, "harbour") == before


def test_a_new_title_keeps_slug_and_polling_memory(engine: Engine) -> None:
    """An editor who renames a blog does not make a new source."""
    write_file(engine, HARBOUR)
    polled(engine, "harbour", etag="7")
    write_file(engine, replace(HARBOUR, title="Harbour, renamed", weight=3.0))
    found = stored(engine, "harbour")
    assert (found.title, found.weight, found.etag) == ("Harbour, renamed", 3.0, "7")


def test_a_title_learned_from_the_feed_stays_where_the_file_gives_none(engine: Engine) -> None:
    """The next start does not take the blog's name away."""
    untitled = replace(HARBOUR, title="")
    write_file(engine, untitled)
    polled(
        engine,
        "harbour",
        title="Harbour Lights",
        site_url="https://harbour.example.org/",
        kind=PostKind.VIDEO,
    )
    write_file(engine, untitled)
    found = stored(engine, "harbour")
    assert (found.title, found.site_url, found.kind) == (
        "Harbour Lights",
        "https://harbour.example.org/",
        PostKind.VIDEO,
    )


def test_a_blog_that_moved_is_the_same_source_polled_afresh(engine: Engine) -> None:
    """Same slug, new URL: validators of the old server mean nothing to the new one."""
    write_file(engine, HARBOUR)
    with transaction(engine) as connection:
        store_post(connection, a_post())
    polled(
        engine,
        "harbour",
        etag="7",
        body_hash="b",
        failures=3,
        next_poll_at=NOW + HOUR,
        first_collected_at=NOW,
    )
    write_file(engine, replace(HARBOUR, url="https://new.example.net/feed"))
    found = stored(engine, "harbour")
    assert (found.url, found.etag, found.body_hash, found.failures) == (
        "https://new.example.net/feed",
        "",
        "",
        0,
    )
    assert (found.next_poll_at, found.first_collected_at) == (None, NOW)


def test_a_new_slug_for_a_known_url_takes_posts_and_rules_along(engine: Engine) -> None:
    """The URL says which source it is; posts, identities and rules follow."""
    write_file(engine, HARBOUR)
    with transaction(engine) as connection:
        store_post(connection, a_post())
        sources.add_rule(connection, ALWAYS)
    write_file(engine, replace(HARBOUR, slug="quay"))
    assert followed(engine) == ["quay"]
    with reading(engine) as connection:
        found = posts.post(connection, a_post().key)
        assert found is not None
        assert found.source == "quay"
        assert a_post().guid in posts.known(connection, "quay", [a_post().guid])
        assert [rule.subject for rule in sources.rules(connection)] == ["quay"]


def test_two_sources_can_swap_their_slugs(engine: Engine) -> None:
    """However the editor names them, each keeps its own posts."""
    write_file(engine, HARBOUR, TIDES)
    polled(engine, "harbour", etag="of harbour")
    write_file(engine, replace(HARBOUR, slug="tides"), replace(TIDES, slug="harbour"))
    assert (stored(engine, "tides").url, stored(engine, "tides").etag) == (HARBOUR.url, "of harbour")
    assert stored(engine, "harbour").url == TIDES.url


def test_the_file_takes_a_slug_and_whoever_had_it_gets_another(engine: Engine) -> None:
    """A source added by command goes on under a numbered slug."""
    with transaction(engine) as connection:
        sources.add_source(connection, a_source("harbour"), NOW)
        sources.add_source(connection, a_source("tides"), NOW)
    write_file(engine, replace(a_source("tides"), slug="harbour"))
    assert followed(engine) == ["harbour", "harbour-2"]
    assert stored(engine, "harbour-2").url == a_source("harbour").url
    assert stored(engine, "harbour-2").owner is SourceOwner.COMMAND


def test_a_slug_of_the_file_does_not_swallow_another_source_added_by_command(engine: Engine) -> None:
    """Same slug, other URL: two sources, each with its own posts."""
    with transaction(engine) as connection:
        store_post(connection, a_post(source="harbour"))
    write_file(engine, replace(a_source("harbour"), url="https://elsewhere.example.net/feed"))
    assert stored(engine, "harbour-2").url == a_source("harbour").url
    with reading(engine) as connection:
        found = posts.post(connection, a_post().key)
    assert found is not None
    assert found.source == "harbour-2"


def test_the_file_takes_over_what_was_added_by_command(engine: Engine) -> None:
    """The same URL in both is one source, and the file's."""
    with transaction(engine) as connection:
        sources.add_source(connection, a_source("harbour", title="Mine"), NOW)
    write_file(engine, HARBOUR)
    assert (stored(engine, "harbour").owner, stored(engine, "harbour").title) == (
        SourceOwner.FILE,
        HARBOUR.title,
    )


def test_the_file_leaves_alone_what_was_added_by_command(engine: Engine) -> None:
    """Sources, themes and rules of the desk survive a start."""
    with transaction(engine) as connection:
        sources.add_source(connection, a_source("tides"), NOW)
        sources.add_theme(connection, WATER)
        sources.add_rule(connection, NEVER)
    write_file(engine, HARBOUR, themes=[SCHOOLS])
    with reading(engine) as connection:
        assert followed(engine) == ["harbour", "tides"]
        assert [theme.slug for theme in sources.themes(connection)] == ["schools", "water"]
        assert sources.rules(connection) == (replace(NEVER, owner=SourceOwner.COMMAND),)


# ── themes and rules ─────────────────────────────────────────────────────────────────────────────


def test_themes_and_rules_come_back_as_they_were_in_the_order_of_the_file(engine: Engine) -> None:
    """Every field survives; the order is the editor's."""
    write_file(engine, HARBOUR, themes=[WATER, SCHOOLS], rules=[NEVER, ALWAYS])
    with reading(engine) as connection:
        assert sources.themes(connection) == (WATER, SCHOOLS)
        assert set(sources.rules(connection)) == {NEVER, ALWAYS}
    write_file(engine, HARBOUR, themes=[SCHOOLS])
    with reading(engine) as connection:
        assert sources.themes(connection) == (SCHOOLS,)
        assert sources.rules(connection) == ()


def test_themes_and_rules_added_by_command_can_be_changed_and_retired(engine: Engine) -> None:
    """They are the desk's own."""
    write_file(engine, HARBOUR)
    with transaction(engine) as connection:
        sources.add_theme(connection, WATER)
        sources.add_theme(connection, replace(WATER, title="Water and wells"))
        sources.add_rule(connection, ALWAYS)
        sources.add_rule(connection, replace(ALWAYS, theme="schools"))
        assert [theme.title for theme in sources.themes(connection)] == ["Water and wells"]
        assert [rule.theme for rule in sources.rules(connection)] == ["schools"]
        sources.retire_theme(connection, "water")
        sources.retire_rule(connection, RuleKind.SOURCE_THEME, "harbour")
        assert sources.themes(connection) == ()
        assert sources.rules(connection) == ()


def test_what_the_file_owns_is_read_only_elsewhere(engine: Engine) -> None:
    """The sentence says where to change it."""
    write_file(engine, HARBOUR, themes=[WATER], rules=[ALWAYS])
    with transaction(engine) as connection:
        with pytest.raises(DigestError, match=r"source harbour comes from config\.toml; remove it there"):
            sources.retire_source(connection, "harbour")
        with pytest.raises(DigestError, match=r"theme water comes from config\.toml; change it there"):
            sources.add_theme(connection, WATER)
        with pytest.raises(DigestError, match=r"rule for harbour comes from config\.toml"):
            sources.retire_rule(connection, RuleKind.SOURCE_THEME, "harbour")


def test_what_does_not_exist_cannot_be_retired(engine: Engine) -> None:
    """Unknown names are named."""
    with transaction(engine) as connection:
        with pytest.raises(NotFoundError, match="no source quay"):
            sources.retire_source(connection, "quay")
        with pytest.raises(NotFoundError, match="no theme quay"):
            sources.retire_theme(connection, "quay")
        with pytest.raises(NotFoundError, match="no source quay"):
            sources.add_rule(connection, Rule(RuleKind.SOURCE_THEME, "quay", "water"))


# ── by command ───────────────────────────────────────────────────────────────────────────────────


def test_a_source_can_be_added_retired_and_added_again(engine: Engine) -> None:
    """It comes back as the same one, whatever slug it is added under."""
    with transaction(engine) as connection:
        assert sources.add_source(connection, HARBOUR, NOW) == "harbour"
        sources.retire_source(connection, "harbour")
        assert sources.all_sources(connection) == ()
        assert (
            sources.add_source(connection, replace(HARBOUR, slug="quay", title=""), NOW + HOUR) == "harbour"
        )
        assert sources.all_sources(connection) == (replace(HARBOUR, owner=SourceOwner.COMMAND, added_at=NOW),)


@pytest.mark.parametrize(
    ("added", "said"),
    [
        (replace(HARBOUR, slug="quay"), r"already followed as harbour \(in config\.toml\)"),
        (replace(HARBOUR, url="https://quay.example.org/feed"), "slug harbour is taken"),
        (replace(TIDES, slug="quay"), r"already followed as tides \(by command\)"),
    ],
)
def test_a_source_is_not_followed_twice(engine: Engine, added: Source, said: str) -> None:
    """Neither its URL nor its slug."""
    write_file(engine, HARBOUR)
    with transaction(engine) as connection:
        sources.add_source(connection, TIDES, NOW)
        with pytest.raises(DigestError, match=said):
            sources.add_source(connection, added, NOW)


# ── polling ──────────────────────────────────────────────────────────────────────────────────────


def test_due_are_those_never_polled_then_the_longest_overdue(engine: Engine) -> None:
    """A source whose time has not come is not there, across restarts."""
    write_file(engine, *(a_source(slug) for slug in ("new", "late", "later", "soon")))
    polled(engine, "late", next_poll_at=NOW - HOUR)
    polled(engine, "later", next_poll_at=NOW)
    polled(engine, "soon", next_poll_at=NOW + timedelta(seconds=1))
    with reading(engine) as connection:
        assert [source.slug for source in sources.due(connection, NOW)] == ["new", "late", "later"]


def test_a_poll_does_not_undo_what_an_editor_decided_meanwhile(engine: Engine) -> None:
    """A source retired or reweighted during its poll stays so."""
    with transaction(engine) as connection:
        sources.add_source(connection, HARBOUR, NOW)
    before = stored(engine, "harbour")
    with transaction(engine) as connection:
        sources.retire_source(connection, "harbour")
        sources.save_poll(connection, replace(before, status="3 new posts", failures=0, etag="8"))
    after = stored(engine, "harbour")
    assert (after.retired, after.status, after.etag) == (True, "3 new posts", "8")


# ── settings and moves ───────────────────────────────────────────────────────────────────────────

DECIDED = {"shorts": False, "live": False, "premieres": False, "quotes": 4, "excerpt_words": 30}


def test_what_an_editor_decides_of_a_source_is_the_file_s_and_survives_its_polls(engine: Engine) -> None:
    """Which videos are taken, how many quotes, how long an excerpt, whether its pages are fetched."""
    chosen = replace(HARBOUR, fulltext=FullText.ALWAYS, **DECIDED)  # type: ignore[arg-type]
    write_file(engine, HARBOUR)
    write_file(engine, chosen)
    assert stored(engine, "harbour") == replace(chosen, added_at=NOW)
    with transaction(engine) as connection:
        sources.save_poll(connection, replace(HARBOUR, etag="8"))
    assert stored(engine, "harbour") == replace(chosen, added_at=NOW, etag="8")


def test_a_source_that_is_added_again_has_its_new_settings(engine: Engine) -> None:
    """And what was learned of it."""
    with transaction(engine) as connection:
        sources.add_source(connection, HARBOUR, NOW)
    polled(engine, "harbour", pace_minutes=90, newest_at=NOW, ttl_minutes=30, skip_hours=(1, 2))
    with transaction(engine) as connection:
        sources.retire_source(connection, "harbour")
        sources.add_source(connection, replace(HARBOUR, fulltext=FullText.NEVER, **DECIDED), NOW)  # type: ignore[arg-type]
    found = stored(engine, "harbour")
    assert (found.fulltext, found.quotes, found.shorts) == (FullText.NEVER, 4, False)
    assert (found.pace_minutes, found.newest_at, found.skip_hours) == (90, NOW, (1, 2))


def moved(engine: Engine, slug: str, url: str, target: str) -> bool:
    with transaction(engine) as connection:
        return sources.adopt(connection, slug, url, target)


def test_a_source_that_moved_by_itself_stays_moved_whatever_the_file_still_says(engine: Engine) -> None:
    """Nobody has to edit config.toml; the address in it is kept through a second move."""
    write_file(engine, HARBOUR)
    target = "https://quay.example.net/feed"
    polled(engine, "harbour", pace_minutes=90, moved_to=target, moved_since=NOW, moved_times=5)
    assert moved(engine, "harbour", HARBOUR.url, "https://quay.example.net/feed")
    assert moved(engine, "harbour", "https://quay.example.net/feed", "https://pier.example.net/feed")
    write_file(engine, HARBOUR, days=1)
    found = stored(engine, "harbour")
    assert (found.url, found.old_url, found.pace_minutes) == (
        "https://pier.example.net/feed",
        HARBOUR.url,
        90,
    )
    assert (found.moved_to, found.moved_since, found.moved_times) == ("", None, 0)
    write_file(engine, replace(HARBOUR, url="https://pier.example.net/feed"), days=2)
    assert stored(engine, "harbour").pace_minutes == 90


def test_a_source_that_moved_is_read_anew_where_it_is(engine: Engine) -> None:
    """Changed or not: what is relative in its feed leads elsewhere now."""
    write_file(engine, HARBOUR)
    polled(engine, "harbour", etag="7", last_modified="Fri, 20 Nov 2026 10:00:00 GMT", body_hash="b")
    assert moved(engine, "harbour", HARBOUR.url, "https://quay.example.net/feed")
    found = stored(engine, "harbour")
    assert (found.etag, found.last_modified, found.body_hash) == ("", "", "")


def test_the_file_can_send_a_source_elsewhere_after_it_moved(engine: Engine) -> None:
    """A new address in config.toml wins over where it had gone."""
    write_file(engine, HARBOUR)
    assert moved(engine, "harbour", HARBOUR.url, "https://quay.example.net/feed")
    write_file(engine, replace(HARBOUR, url="https://lock.example.net/feed"))
    found = stored(engine, "harbour")
    assert (found.url, found.old_url, found.next_poll_at) == ("https://lock.example.net/feed", "", None)


def test_a_source_does_not_move_where_an_editor_or_another_source_was_first(engine: Engine) -> None:
    """What was decided during the poll stands, and two sources are never at one address."""
    write_file(engine, HARBOUR, TIDES)
    assert not moved(engine, "harbour", "https://before.example.org/feed", "https://quay.example.net/feed")
    assert not moved(engine, "harbour", HARBOUR.url, TIDES.url)
    assert moved(engine, "tides", TIDES.url, "https://quay.example.net/feed")
    assert not moved(engine, "harbour", HARBOUR.url, TIDES.url)
    assert stored(engine, "harbour").url == HARBOUR.url


def test_the_file_can_name_both_addresses_of_a_source_that_moved(engine: Engine) -> None:
    """Two sources then, and the one at the new address has the posts; every later start finds them again."""
    write_file(engine, HARBOUR)
    polled(engine, "harbour", pace_minutes=90)
    assert moved(engine, "harbour", HARBOUR.url, "https://quay.example.net/feed")
    quay = replace(HARBOUR, slug="quay", url="https://quay.example.net/feed")
    for _ in range(2):
        write_file(engine, HARBOUR, quay)
        assert followed(engine) == ["harbour", "quay"]
        harbour = stored(engine, "harbour")
        assert (harbour.url, harbour.pace_minutes) == (HARBOUR.url, None)
        assert (stored(engine, "quay").url, stored(engine, "quay").pace_minutes) == (quay.url, 90)


def test_a_source_is_not_followed_again_under_the_address_that_it_moved_from(engine: Engine) -> None:
    """By whichever of its addresses, it is one source."""
    with transaction(engine) as connection:
        sources.add_source(connection, HARBOUR, NOW)
    assert moved(engine, "harbour", HARBOUR.url, "https://quay.example.net/feed")
    with transaction(engine) as connection:
        with pytest.raises(DigestError, match="already followed as harbour"):
            sources.add_source(connection, replace(HARBOUR, slug="again"), NOW)
        sources.retire_source(connection, "harbour")
        assert sources.add_source(connection, replace(HARBOUR, slug="again"), NOW) == "harbour"
    assert stored(engine, "harbour").url == "https://quay.example.net/feed"


# ── changing ─────────────────────────────────────────────────────────────────────────────────────


def test_a_source_added_by_command_is_changed_but_for_its_polling(engine: Engine) -> None:
    """What an editor decides is written; where it is polled, and what is remembered of that, stays."""
    with transaction(engine) as connection:
        sources.add_source(connection, TIDES, NOW)
    polled(engine, "tides", etag='"1"', last_good_at=NOW, failures=2)
    before = stored(engine, "tides")
    with transaction(engine) as connection:
        changed = replace(
            before, own=False, labels=("Coast",), title="Tides", url="https://x.example/", etag=""
        )
        sources.change_source(connection, changed)
    assert stored(engine, "tides") == replace(before, own=False, labels=("Coast",), title="Tides")


def test_a_source_that_is_not_ours_to_change_is_not(engine: Engine) -> None:
    """The file's, one that is followed no longer, and none at all."""
    write_file(engine, HARBOUR)
    with transaction(engine) as connection:
        sources.add_source(connection, TIDES, NOW)
        sources.retire_source(connection, "tides")
    for slug, said in (
        ("harbour", "comes from config.toml; change it"),
        ("tides", "no source"),
        ("quay", "no"),
    ):
        with pytest.raises(DigestError, match=said), transaction(engine) as connection:
            sources.change_source(connection, a_source(slug, own=True))
    assert not stored(engine, "harbour").own


# ── what documents held ──────────────────────────────────────────────────────────────────────────


def test_what_a_document_held_is_remembered_until_the_next_one(engine: Engine) -> None:
    """In place of what the one before held; each source has its own, also under another slug."""
    write_file(engine, HARBOUR, TIDES)
    with transaction(engine) as connection:
        assert sources.items(connection, "harbour") == {}
        sources.save_items(connection, {"harbour": {"ab": "tag:1", "cd": "tag:2"}, "tides": {"ef": "tag:1"}})
        sources.save_items(connection, {"harbour": {"cd": "tag:2", "01": "“3”"}})
        sources.save_items(connection, {})
    write_file(engine, replace(HARBOUR, slug="port"), TIDES)
    with reading(engine) as connection:
        assert sources.items(connection, "port") == {"cd": "tag:2", "01": "“3”"}
        assert sources.items(connection, "tides") == {"ef": "tag:1"}
        assert sources.items(connection, "harbour") == {}
