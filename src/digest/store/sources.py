"""Sources, themes and rules: those that config.toml names, and those added by command.

The file wins on the same URL or slug, and what it names is read-only elsewhere. Removing retires and never
deletes, so posts keep their source and a source that comes back goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Table, and_, bindparam, case, exists, func, or_, select, update

from digest.errors import DigestError, NotFoundError
from digest.model import Rule, RuleKind, Source, SourceOwner, Theme
from digest.store.columns import ColumnValue
from digest.store.database import exclusive
from digest.store.schema import rules as rules_table
from digest.store.schema import source_items
from digest.store.schema import sources as sources_table
from digest.store.schema import themes as themes_table
from digest.store.statements import columns_of, insert_into, write

# What an editor decides of a source, and not its polling; its title may come from either.
_DECIDED = ("own", "weight", "shorts", "live", "premieres", "quotes", "excerpt_words", "fulltext", "labels")
_CHOOSING = ("shorts", "live", "premieres")  # of its videos
_UNREAD: Mapping[str, ColumnValue] = {
    "etag": "",
    "last_modified": "",
    "body_hash": "",
}  # its feed is read next
_NOT_POLLING = ("slug", "url", "old_url", "owner", "retired", "added_at", *_DECIDED)


def sync(
    connection: Connection,
    sources: Sequence[Source],
    themes: Sequence[Theme],
    rules: Sequence[Rule],
    now: datetime,
) -> None:
    """Write what config.toml says; what it no longer says is retired.

    A source is recognised by its URL, else by its slug, and keeps its posts and what we remember of polling
    it; where its URL changed, it is polled afresh. A title that was learned from the feed stays where the
    file gives none. Another source that had a slug of the file goes on under a numbered one.
    """
    exclusive(connection, "digest: sources")
    _sync_sources(connection, sources, now)
    _sync_rows(connection, themes_table, [_theme_row(theme, at) for at, theme in enumerate(themes)])
    _sync_rows(connection, rules_table, [columns_of(rule) for rule in rules])


# ── sources ──────────────────────────────────────────────────────────────────────────────────────


def all_sources(connection: Connection, retired: bool = False) -> tuple[Source, ...]:
    """Every source by slug; the retired ones too where asked for."""
    query = select(sources_table).order_by(sources_table.c.slug)
    if not retired:
        query = query.where(~sources_table.c.retired)
    return tuple(Source(**row._mapping) for row in connection.execute(query))


def source(connection: Connection, slug: str) -> Source | None:
    """One source, retired or not."""
    row = connection.execute(select(sources_table).where(sources_table.c.slug == slug)).one_or_none()
    return Source(**row._mapping) if row else None


def due(connection: Connection, now: datetime) -> tuple[Source, ...]:
    """The sources to poll by ``now``, longest overdue first, and before them those never polled."""
    next_poll_at = sources_table.c.next_poll_at
    query = (
        select(sources_table)
        .where(~sources_table.c.retired, or_(next_poll_at.is_(None), next_poll_at <= now))
        .order_by(next_poll_at.asc().nulls_first(), sources_table.c.slug)
    )
    return tuple(Source(**row._mapping) for row in connection.execute(query))


def save_poll(connection: Connection, source: Source) -> None:
    """Remember what a poll taught: validators, times, failures, status, and what the feed says of itself.

    What an editor decides (URL, weight, owner, whether it is retired) is not written, for it may have
    changed during the poll.
    """
    save_polls(connection, [source])


def save_polls(connection: Connection, sources: Sequence[Source]) -> None:
    """Remember what polls of several sources taught, as ``save_poll`` does."""
    rows = [{"polled": source.slug, **columns_of(source, without=_NOT_POLLING)} for source in sources]
    if rows:
        learn = update(sources_table).where(sources_table.c.slug == bindparam("polled"))
        learned: dict[str, ColumnValue] = {name: bindparam(name) for name in rows[0] if name != "polled"}
        connection.execute(learn.values(learned), rows)


def items(connection: Connection, slug: str) -> Mapping[str, str]:
    """What the last document of a source held that was read: the hash of each item, and the identity of its entry."""
    query = select(source_items.c["items"]).where(source_items.c.source == slug)
    return dict(connection.execute(query).scalar() or ())


def save_items(connection: Connection, found: Mapping[str, Mapping[str, str]]) -> None:
    """Remember what the last documents of sources held, by slug, as ``items`` gives it."""
    rows = [{"source": slug, "items": tuple(held.items())} for slug, held in found.items()]
    if rows:
        insert = insert_into(connection, source_items)
        latest = {"items": insert.excluded["items"]}
        connection.execute(insert.on_conflict_do_update(index_elements=["source"], set_=latest), rows)


def adopt(connection: Connection, slug: str, url: str, moved_to: str) -> bool:
    """Poll a source from now on where it has moved; the address that an editor gave is kept in ``old_url``.

    Its feed is read anew there, changed or not, for what is relative in it leads elsewhere now.

    False, and nothing is written, where an editor has changed ``url`` meanwhile, or another source is at ``moved_to``.
    """
    other = sources_table.alias()
    free = ~exists().where(or_(other.c.url == moved_to, other.c.old_url == moved_to), other.c.slug != slug)
    ours = and_(sources_table.c.slug == slug, sources_table.c.url == url, free)
    given = case((sources_table.c.old_url == "", sources_table.c.url), else_=sources_table.c.old_url)
    moved = update(sources_table).where(ours).values(url=moved_to, old_url=given)
    afresh = {"moved_to": "", "moved_since": None, "moved_times": 0, **_UNREAD}
    return bool(write(connection, moved.values(**afresh)))


def add_source(connection: Connection, source: Source, now: datetime) -> str:
    """Follow a source by command; one that was retired comes back with its posts, under the slug it had.

    Returns the slug.

    Raises:
        DigestError: its URL or slug is followed already, or is in config.toml.
    """
    here = or_(sources_table.c.url == source.url, sources_table.c.old_url == source.url)
    same = or_(sources_table.c.slug == source.slug, here)
    query = select(sources_table).where(same).order_by(sources_table.c.url != source.url)
    found = [Source(**row._mapping) for row in connection.execute(query)]
    for other in found:
        _refuse_taken(other, source)
    added = replace(source, owner=SourceOwner.COMMAND, retired=False)
    if not found:
        connection.execute(sources_table.insert().values(**columns_of(replace(added, added_at=now))))
        return added.slug
    known = found[0]
    decided = {name: getattr(added, name) for name in ("owner", "retired", *_DECIDED)}
    revived = update(sources_table).where(sources_table.c.slug == known.slug)
    connection.execute(revived.values(**decided, title=added.title or known.title))
    return known.slug


def change_source(connection: Connection, changed: Source) -> None:
    """Store what an editor decides of a source that was added by command, and its title.

    Where other videos of a channel are taken now, its next poll is unconditional, so that it finds those.

    Raises:
        NotFoundError: there is no such source.
        DigestError: it is in config.toml.
    """
    _require_command(connection, sources_table, {"slug": changed.slug}, f"source {changed.slug}", "change")
    decided: dict[str, ColumnValue] = {name: getattr(changed, name) for name in ("title", *_DECIDED)}
    before = select(*(sources_table.c[name] for name in _CHOOSING)).where(
        sources_table.c.slug == changed.slug
    )
    if tuple(connection.execute(before).one()) != tuple(decided[name] for name in _CHOOSING):
        decided |= _UNREAD
    connection.execute(update(sources_table).where(sources_table.c.slug == changed.slug).values(**decided))


def retire_source(connection: Connection, slug: str) -> None:
    """Follow a source no longer; its posts are kept.

    Raises:
        NotFoundError: there is no such source.
        DigestError: it is in config.toml.
    """
    _retire(connection, sources_table, {"slug": slug}, f"source {slug}")


def _refuse_taken(other: Source, wanted: Source) -> None:
    if wanted.url not in (other.url, other.old_url):
        raise DigestError(f"The slug {wanted.slug} is taken by {other.url}; choose another one.")
    if not other.retired:
        where = "in config.toml" if other.owner is SourceOwner.FILE else "by command"
        raise DigestError(f"{other.url} is already followed as {other.slug} ({where}).")


def _sync_sources(connection: Connection, wanted: Sequence[Source], now: datetime) -> None:
    stored = all_sources(connection, retired=True)
    matched = _matched(stored, wanted)
    _rename(connection, _renames(stored, wanted, matched))
    for source in wanted:
        known = matched.get(source.slug)
        ours = replace(source, owner=SourceOwner.FILE, retired=False)
        said = replace(ours, added_at=now) if known is None else _updated(known, ours)
        if said != known:
            _upsert(connection, sources_table, columns_of(said))
    kept = [source.slug for source in wanted]
    gone = and_(sources_table.c.owner == SourceOwner.FILE, sources_table.c.slug.not_in(kept))
    connection.execute(update(sources_table).where(gone).values(retired=True))


def _matched(stored: Sequence[Source], wanted: Sequence[Source]) -> Mapping[str, Source]:
    """The stored source behind each wanted slug, each behind one at most.

    By URL, else by the URL that it moved from by itself, else one of the file's by slug, whose URL has changed: one
    that was added by command under that slug is another source.
    """
    by_url = {source.url: source for source in stored}
    by_old_url = {source.old_url: source for source in stored if source.old_url}
    by_slug = {source.slug: source for source in stored if source.owner is SourceOwner.FILE}
    matched: dict[str, Source] = {}
    for known, name in ((by_url, "url"), (by_old_url, "url"), (by_slug, "slug")):
        claimed = {source.slug for source in matched.values()}
        for source in wanted:
            found = known.get(getattr(source, name))
            if found and found.slug not in claimed and source.slug not in matched:
                matched[source.slug] = found
    return matched


def _renames(
    stored: Sequence[Source], wanted: Sequence[Source], matched: Mapping[str, Source]
) -> Mapping[str, str]:
    """Old slug → new slug; a source whose slug the file gives to another one gets a numbered slug."""
    renames = {source.slug: slug for slug, source in matched.items() if source.slug != slug}
    taken = {source.slug for source in stored} | {source.slug for source in wanted}
    kept = {source.slug for source in matched.values()}
    for slug in sorted({source.slug for source in wanted} & ({source.slug for source in stored} - kept)):
        renames[slug] = next(name for name in _numbered(slug) if name not in taken)
        taken.add(renames[slug])
    return renames


def _numbered(slug: str) -> Iterator[str]:
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1


def _rename(connection: Connection, renames: Mapping[str, str]) -> None:
    """In two steps, so that two sources can swap their slugs; posts follow by ON UPDATE CASCADE."""
    for old in renames:
        _rename_one(connection, old, f"~{old}")
    for old, new in renames.items():
        _rename_one(connection, f"~{old}", new)


def _rename_one(connection: Connection, old: str, new: str) -> None:
    connection.execute(update(sources_table).where(sources_table.c.slug == old).values(slug=new))
    theirs = and_(rules_table.c.kind == RuleKind.SOURCE_THEME, rules_table.c.subject == old)
    connection.execute(update(rules_table).where(theirs).values(subject=new))


def _updated(known: Source, ours: Source) -> Source:
    """What we remember of ``known`` under what the file says now; where it moved by itself, it stays there."""
    decided = {name: getattr(ours, name) for name in ("slug", "owner", *_DECIDED)}
    merged = replace(known, **decided, title=ours.title or known.title, retired=False)
    if ours.url in (known.url, known.old_url):
        return merged
    afresh = replace(merged, url=ours.url, old_url="", moved_to="", moved_since=None, moved_times=0)
    return replace(afresh, **_UNREAD, next_poll_at=None, failures=0, status="")


# ── themes and rules ─────────────────────────────────────────────────────────────────────────────


def themes(connection: Connection) -> tuple[Theme, ...]:
    """The themes that are not retired, in the order of config.toml, then those added by command."""
    by_command = themes_table.c.owner == SourceOwner.COMMAND
    query = (
        select(*(column for column in themes_table.c if column.name != "position"))
        .where(~themes_table.c.retired)
        .order_by(by_command, themes_table.c.position, themes_table.c.slug)
    )
    return tuple(Theme(**row._mapping) for row in connection.execute(query))


def add_theme(connection: Connection, theme: Theme) -> None:
    """Add or change a theme by command.

    Raises:
        DigestError: a theme of that slug is in config.toml.
    """
    last = connection.execute(select(func.max(themes_table.c.position))).scalar() or 0
    _add(connection, themes_table, _theme_row(theme, last + 1), {"slug": theme.slug}, f"theme {theme.slug}")


def change_theme(connection: Connection, theme: Theme) -> None:
    """Change a theme that was added by command; it keeps its place.

    Raises:
        NotFoundError: there is no such theme.
        DigestError: it is in config.toml.
    """
    _require_command(connection, themes_table, {"slug": theme.slug}, f"theme {theme.slug}", "change")
    said = columns_of(replace(theme, owner=SourceOwner.COMMAND))
    connection.execute(update(themes_table).where(themes_table.c.slug == theme.slug).values(**said))


def retire_theme(connection: Connection, slug: str) -> None:
    """Cover a theme no longer. Raises as ``retire_source``."""
    _retire(connection, themes_table, {"slug": slug}, f"theme {slug}")


def rules(connection: Connection) -> tuple[Rule, ...]:
    """The rules that are not retired."""
    query = (
        select(rules_table).where(~rules_table.c.retired).order_by(rules_table.c.kind, rules_table.c.subject)
    )
    return tuple(Rule(**row._mapping) for row in connection.execute(query))


def add_rule(connection: Connection, rule: Rule) -> None:
    """Add or change a rule by command; there is one of each kind for a subject.

    Raises:
        NotFoundError: the rule is about a source that there is not.
        DigestError: a rule of that kind for that subject is in config.toml.
    """
    if rule.kind is RuleKind.SOURCE_THEME and source(connection, rule.subject) is None:
        raise NotFoundError(f"There is no source {rule.subject}.")
    key = {"kind": rule.kind, "subject": rule.subject}
    _add(connection, rules_table, columns_of(rule), key, f"{rule.kind} rule for {rule.subject}")


def retire_rule(connection: Connection, kind: RuleKind, subject: str) -> None:
    """Apply a rule no longer. Raises as ``retire_source``."""
    _retire(connection, rules_table, {"kind": kind, "subject": subject}, f"{kind} rule for {subject}")


def _theme_row(theme: Theme, position: int) -> Mapping[str, ColumnValue]:
    return {**columns_of(theme), "position": position}


def _sync_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, ColumnValue]]) -> None:
    connection.execute(update(table).where(table.c.owner == SourceOwner.FILE).values(retired=True))
    for row in rows:
        _upsert(connection, table, {**row, "owner": SourceOwner.FILE, "retired": False})


def _upsert(connection: Connection, table: Table, row: Mapping[str, ColumnValue]) -> None:
    keys = [column.name for column in table.primary_key]
    insert = insert_into(connection, table).values(**row)
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=dict(row)))


# ── what config.toml owns is read-only ───────────────────────────────────────────────────────────


def _add(
    connection: Connection,
    table: Table,
    row: Mapping[str, ColumnValue],
    key: Mapping[str, ColumnValue],
    what: str,
) -> None:
    if _owner(connection, table, key) is SourceOwner.FILE:
        raise DigestError(f"The {what} comes from config.toml; change it there.")
    _upsert(connection, table, {**row, "owner": SourceOwner.COMMAND, "retired": False})


def _retire(connection: Connection, table: Table, key: Mapping[str, ColumnValue], what: str) -> None:
    _require_command(connection, table, key, what, "remove")
    connection.execute(update(table).filter_by(**key).values(retired=True))


def _require_command(
    connection: Connection, table: Table, key: Mapping[str, ColumnValue], what: str, do: str
) -> None:
    owner = _owner(connection, table, key)
    if owner is None:
        raise NotFoundError(f"There is no {what}.")
    if owner is SourceOwner.FILE:
        raise DigestError(f"The {what} comes from config.toml; {do} it there.")


def _owner(connection: Connection, table: Table, key: Mapping[str, ColumnValue]) -> SourceOwner | None:
    """Who owns the row of that key, or None where there is none or it is retired."""
    owner: SourceOwner | None = connection.execute(
        select(table.c.owner).filter_by(**key).where(~table.c.retired)
    ).scalar()
    return owner
