"""Themes at the desk: what each caught, what other terms would catch, and every change of them, logged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from digest import codec, config, store
from digest.assemble.trial import Trial, trial
from digest.assemble.window import Material
from digest.errors import DigestError, NotFoundError
from digest.extract.reading import read_post
from digest.model import Editor, SourceOwner, Theme
from digest.pipeline.installation import Installation
from digest.pipeline.readers import chosen_themes
from digest.store.database import reading, transaction
from digest.store.listings import Placed

DAYS = 28
MOST_TRIED = 300  # posts, the newest: more would take seconds
MOST_COUNTED = 10_000  # readers: more are said to be more
_MOST_TERMS = 200
_LONGEST_TERM = 100  # characters


@dataclass(frozen=True, slots=True)
class Covered:
    """A theme, and what it caught in the last days."""

    theme: Theme
    caught: tuple[Placed, ...]  # the newest first

    @property
    def seen(self) -> str:
        """By which a form says which state of the theme it was made from."""
        return _mark(self.theme)


def all_of_them(installation: Installation, now: datetime) -> tuple[Covered, ...]:
    """The themes in the order in which issues show them."""
    with reading(installation.engine) as connection:
        themes = store.sources.themes(connection)
        caught = _caught(connection, now)
    return tuple(Covered(theme, caught.get(theme.slug, ())) for theme in themes)


def one(installation: Installation, slug: str, now: datetime) -> Covered:
    """One theme.

    Raises:
        NotFoundError: there is none of that slug.
    """
    with reading(installation.engine) as connection:
        return Covered(_theme(connection, slug), _caught(connection, now).get(slug, ()))


def readers(installation: Installation, slug: str) -> int:
    """How many subscriptions chose a theme beside those that take all; counted up to ``MOST_COUNTED``."""
    with reading(installation.engine) as connection:
        return store.choices.readers_of(connection, slug, MOST_COUNTED)


def _caught(connection: Connection, now: datetime) -> Mapping[str, tuple[Placed, ...]]:
    found: defaultdict[str, list[Placed]] = defaultdict(list)
    for each in store.listings.placed(connection, (now - timedelta(days=DAYS)).date()):
        found[each.theme].append(each)
    return {theme: tuple(caught) for theme, caught in found.items()}


# ── trying ───────────────────────────────────────────────────────────────────────────────────────


def stated(given: Mapping[str, str], owner: SourceOwner = SourceOwner.COMMAND) -> Theme:
    """A theme as a form says it: terms by line, those of a language behind its name (``de: Wahlen, Wahlkreis``).

    Raises:
        ConfigError: a value is none that config.toml would take.
        DigestError: there are too many terms, or one is too long.
    """
    theme = replace(config.stated_theme(given), owner=owner)
    terms = [*theme.terms, *theme.not_terms, *(each for _, some in theme.terms_by_language for each in some)]
    if len(terms) > _MOST_TERMS or any(len(term) > _LONGEST_TERM for term in terms):
        raise DigestError(
            f"A theme has at most {_MOST_TERMS} terms here, of at most {_LONGEST_TERM} characters each."
        )
    return theme


def tried(installation: Installation, changed: Theme, now: datetime) -> Trial:
    """What a theme would gain and lose of the posts of the last days, the newest 300 at most."""
    with reading(installation.engine) as connection:
        posts = store.posts.recent(connection, None, now - timedelta(days=DAYS), MOST_TRIED)
        sources = {source.slug: source for source in store.sources.all_sources(connection, retired=True)}
        themes, rules = store.sources.themes(connection), store.sources.rules(connection)
    material = (
        Material(post, read_post(post, installation.words, listed_only=True), sources[post.source])
        for post in posts
    )
    return trial(material, themes, changed, rules)


# ── changing ─────────────────────────────────────────────────────────────────────────────────────


def add(installation: Installation, theme: Theme, by: Editor, now: datetime) -> None:
    """Cover a further theme.

    Raises:
        DigestError: there is one of that slug.
    """
    with transaction(installation.engine) as connection:
        if any(known.slug == theme.slug for known in store.sources.themes(connection)):
            raise DigestError(
                f"There is a theme {theme.slug} already: choose another slug, or change that one."
            )
        store.sources.add_theme(connection, theme)
        store.audit.add(connection, by, "add theme", theme.slug, now, ", ".join(theme.terms))


def change(installation: Installation, theme: Theme, seen: str, by: Editor, now: datetime) -> None:
    """Put a theme in the place of the one of its slug, as it was ``seen``.

    Raises:
        NotFoundError: there is none.
        DigestError: it stands in config.toml, or somebody else has changed it meanwhile.
    """
    with transaction(installation.engine) as connection:
        known = _theme(connection, theme.slug)
        if _mark(known) != seen:
            raise DigestError(
                f"Somebody else has changed the theme {theme.slug} meanwhile: load its page again."
            )
        store.sources.change_theme(connection, theme)
        store.audit.add(connection, by, "change theme", theme.slug, now, _differences(known, theme))


def merge(installation: Installation, slug: str, into: str, by: Editor, now: datetime) -> None:
    """Have the readers of a theme read another one in its place, and cover it no longer.

    Raises:
        NotFoundError: there is no theme ``into``.
        DigestError: they are the same.
    """
    with transaction(installation.engine) as connection:
        changed = chosen_themes.merge(connection, slug, into)
        store.audit.add(connection, by, "merge theme", slug, now, f"into {into}: {changed} subscriptions")


def retire(installation: Installation, slug: str, by: Editor, now: datetime) -> None:
    """Cover a theme no longer; who chose it keeps their choice until it is merged.

    Raises:
        NotFoundError: there is none.
        DigestError: it stands in config.toml.
    """
    with transaction(installation.engine) as connection:
        store.sources.retire_theme(connection, slug)
        store.audit.add(connection, by, "remove theme", slug, now)


def _theme(connection: Connection, slug: str) -> Theme:
    found = next((each for each in store.sources.themes(connection) if each.slug == slug), None)
    if found is None:
        raise NotFoundError(f"There is no theme {slug[:60]}.")
    return found


def _mark(theme: Theme) -> str:
    return sha256(codec.dump(Theme, theme)).hexdigest()[:16]


def _differences(old: Theme, new: Theme) -> str:
    """What a change does, for the log: terms that come and go, and which other fields are others."""
    before, after = Counter(old.terms), Counter(new.terms)
    said = [f"+{term}" for term in after - before] + [f"−{term}" for term in before - after]
    names = ("title", "description", "weight", "not_terms", "terms_by_language")
    said += [name for name in names if getattr(old, name) != getattr(new, name)]
    return ", ".join(said)[:2_000]
