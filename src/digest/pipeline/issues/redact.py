"""The verb ``redact``: what is removed on request goes from everything that is kept or shown, and does not come back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256

from pydantic import ValidationError
from sqlalchemy import Connection, select

from digest import codec, files, store, tree
from digest.assemble.redacting import redacted, told
from digest.deliver.folder import mails_of
from digest.errors import DigestError, NotFoundError
from digest.model import (
    SPAN_JOINT,
    Issue,
    IssueDocument,
    IssueId,
    IssueState,
    Picture,
    Post,
    Redaction,
    RedactionKind,
    Unit,
    Version,
    Work,
)
from digest.pipeline.drafts.draft import chosen
from digest.pipeline.installation import Installation
from digest.pipeline.issues.announce import announce
from digest.pipeline.issues.correct import rebind
from digest.pipeline.issues.publish import text_of
from digest.pipeline.issues.tree import planned
from digest.publish.addresses import url_of
from digest.publish.pictures import pictures
from digest.publish.wording import wording
from digest.store.database import reading, transaction
from digest.store.schema import identities, merges
from digest.text.blackout import MOST_WORDS, fingerprint, words_of

_LARGEST_FILE = 10_000_000  # bytes
_LEAST_QUOTE = 3  # words: fewer would stand in texts of anybody


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants removed."""

    names: Sequence[str] = ()  # in each spelling
    quotes: Sequence[str] = ()  # the words, or the id of a printed quote
    posts: Sequence[str] = ()  # address, key or id
    sources: Sequence[str] = ()  # slug or address


@dataclass(frozen=True, slots=True)
class Unrecalled:
    """Mails of an issue that people have, with what was removed in them."""

    issue: IssueId
    mails: int


@dataclass(frozen=True, slots=True)
class Redacted:
    """What went, and what no command can call back."""

    posts: int = 0  # that lost words
    removed: int = 0  # posts that are gone whole
    versions: tuple[tuple[IssueId, int], ...] = ()
    pictures: int = 0
    files: int = 0  # mails in ``[mail] folder``, of the issues that lose something
    mails: tuple[Unrecalled, ...] = ()
    purge: tuple[str, ...] = ()  # addresses of which caches may hold the former bytes


def redact(installation: Installation, request: Request, now: datetime, *, dry_run: bool = False) -> Redacted:
    """Remove from stored texts, every version of every issue, pages, feeds and pictures; and from now on.

    The rules are written into ``[database] redactions_file`` first, so that what a crash leaves is done when the
    installation is opened again.

    Args:
        dry_run: say what would go, and change nothing.

    Raises:
        NotFoundError: there is no such quote, post or source.
        DigestError: there is nothing to remove, or too few words to know it by.
        TemplateError: a template has a mistake; what is published is not changed.
    """
    with reading(installation.engine) as connection:
        present = store.redactions.rules_in_force(connection)
        rules = tuple(_rules(connection, request, present, now))
    if not rules:
        raise DigestError("Nothing is to be removed: see digest redact --help")
    if dry_run:
        return _enforce(installation, rules, now, dry_run=True)
    _keep(installation, (*present, *rules))
    try:
        done = _enforce(installation, rules, now)
    except (
        DigestError
    ):  # nothing is in force, so nothing is to be done again; what is stored writes its file itself
        _keep(installation, present)
        raise
    announce(installation, now)
    return done


def restore(installation: Installation, now: datetime) -> Redacted:
    """Remove again what a restored database holds although it was removed once; costs nothing where it does not.

    Raises:
        DigestError: ``[database] redactions_file`` cannot be read.
    """
    kept = _kept(installation)
    with reading(installation.engine) as connection:
        present = store.redactions.rules_in_force(connection)
    known = {rule.fingerprint for rule in present}
    if {rule.fingerprint for rule in kept} < known:
        _keep(installation, present)
    missing = tuple(rule for rule in kept if rule.fingerprint not in known)
    return _enforce(installation, missing, now) if missing else Redacted()


# ── the rules ────────────────────────────────────────────────────────────────────────────────────


def _rules(
    connection: Connection, request: Request, present: Sequence[Redaction], now: datetime
) -> Iterator[Redaction]:
    salt = present[0].salt if present else secrets.token_hex(16)
    for name in request.names:
        yield _of_words(name, salt, now, least=1)
    for quote in request.quotes:
        for part in _quoted(connection, quote).split(SPAN_JOINT):
            yield _of_words(part, salt, now, least=_LEAST_QUOTE)
    kind = RedactionKind.ADDRESS
    for name in (*_posts(connection, request.posts), *_sources(connection, request.sources)):
        yield Redaction(fingerprint(kind, name, salt), kind, 0, salt, now)


def _of_words(text: str, salt: str, now: datetime, *, least: int) -> Redaction:
    count = len(words_of(text))
    if not least <= count <= MOST_WORDS:
        raise DigestError(f"{text!r} has {count} words; between {least} and {MOST_WORDS} tell what is meant.")
    return Redaction(fingerprint(RedactionKind.WORDS, text, salt), RedactionKind.WORDS, count, salt, now)


def _quoted(connection: Connection, quote: str) -> str:
    """The words of a printed quote that is named by its id, else the words themselves."""
    if not quote.startswith("q-"):
        return quote
    for _, _, document in store.sweeping.documents(connection):
        for pick in document.picks:
            for printed in pick.quotes:
                if printed.id == quote:
                    return printed.quote.text
    raise NotFoundError(f"No issue prints a quote {quote}.")


def _posts(connection: Connection, names: Sequence[str]) -> Iterator[str]:
    """All that the posts are known by: their keys, addresses and ids, also those of entries merged into them."""
    for post in chosen(connection, names):
        yield from _known_by(connection, post)


def _known_by(connection: Connection, post: Post) -> Iterator[str]:
    yield from filter(None, (post.key, post.url, post.guid))
    yield from connection.execute(
        select(identities.c.identity).where(identities.c.post == post.key)
    ).scalars()
    given_too = select(merges.c.url).where(merges.c.post == post.key, merges.c.undone_at.is_(None))
    yield from filter(None, connection.execute(given_too).scalars())


def _sources(connection: Connection, names: Iterable[str]) -> Iterator[str]:
    known = store.sources.all_sources(connection, retired=True)
    for name in names:
        found = [source for source in known if name in (source.slug, source.url, source.old_url)]
        if not found:
            raise NotFoundError(f"There is no source {name}; see: digest sources list")
        for source in found:
            yield from filter(None, (source.slug, source.url, source.old_url, source.moved_to))


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def _keep(installation: Installation, rules: Iterable[Redaction]) -> None:
    path = installation.settings.database.redactions_file
    by_print = {rule.fingerprint: rule for rule in rules}
    data = codec.dump(tuple[Redaction, ...], tuple(by_print[key] for key in sorted(by_print)))
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_tree(path.parent, {path.name: data})


def _kept(installation: Installation) -> tuple[Redaction, ...]:
    path = installation.settings.database.redactions_file
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise DigestError(f"{path} is too large: it holds no redactions of ours.")
        return codec.load(tuple[Redaction, ...], path.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValidationError) as error:
        raise DigestError(
            f"{path} cannot be read, so nobody knows what was removed on request; put a copy of it back."
        ) from error


# ── removing ─────────────────────────────────────────────────────────────────────────────────────


def _enforce(
    installation: Installation, rules: Iterable[Redaction], now: datetime, *, dry_run: bool = False
) -> Redacted:
    """Everything in one transaction, then the tree, the pictures and the database's own files."""
    root = installation.settings.publish.feeds_dir
    with tree.locked(root):
        with transaction(installation.engine) as connection:
            before = _pictures(connection)
            store.redactions.settle_first(connection)
            store.redactions.add(connection, rules)
            done = _without_mails(installation, _swept(installation, connection, now), dry_run=dry_run)
            store.jobs.put(connection, Unit(Work.TREE))
            prepared = tree.prepare(root, planned(installation, connection))
            unused = before - _pictures(connection)
            if dry_run:
                connection.rollback()
        if dry_run:
            return _told(installation, done, unused, tree.differing(root, prepared))
        updated = tree.write(root, prepared)
    for picture in unused:
        installation.gallery.forget(picture)
    store.redactions.scrub(installation.engine)
    return _told(installation, done, unused, (*updated.changed, *updated.removed))


def _without_mails(installation: Installation, done: Redacted, *, dry_run: bool) -> Redacted:
    """Remove the mails that were written as files, of every version of the issues that lose something.

    Before the transaction ends: after it nobody would know any more which issues these are.
    """
    issues = dict.fromkeys(issue for issue, _ in done.versions)
    found = [mail for issue in issues for mail in mails_of(installation.settings.mail.folder, issue)]
    for mail in () if dry_run else found:
        mail.unlink(missing_ok=True)
    return replace(done, files=len(found))


def _told(
    installation: Installation, done: Redacted, unused: Iterable[Picture], paths: Iterable[str]
) -> Redacted:
    publish = installation.settings.publish
    purge = tuple(sorted(url_of(publish, path) for path in paths))
    return replace(done, pictures=len(list(unused)), purge=purge)


def _swept(installation: Installation, connection: Connection, now: datetime) -> Redacted:
    """Stored texts first; then the documents, which are held against them; then what is published, as a new version."""
    ink = store.redactions.blackout(connection)
    swept = store.sweeping.sweep(connection, ink)

    def without(document: IssueDocument) -> IssueDocument:
        marked = ink.marked(f"[{_mark(installation, document.id, now)}]")
        lost = swept.removed | swept.touched
        return redacted(document, marked, swept.removed, lost, partial(text_of, connection))

    changed = store.sweeping.rewrite(connection, without)
    issues = dict.fromkeys(issue for issue, _ in changed)
    for issue_id in issues:
        found = store.issues.issue(connection, issue_id)
        if found and found.state is IssueState.PUBLISHED:
            _publish_anew(installation, connection, found, now)
    mails = (
        Unrecalled(
            issue, store.corrections.accepted(connection, issue, [n for at, n in changed if at == issue])
        )
        for issue in issues
    )
    return Redacted(
        len(swept.touched), len(swept.removed), changed, mails=tuple(each for each in mails if each.mails)
    )


def _publish_anew(installation: Installation, connection: Connection, issue: Issue, now: datetime) -> None:
    """A version that says, with its date, that something was removed; what of its mail is still to leave is of it."""
    mark = _mark(installation, issue.id, now)
    data = codec.dump(IssueDocument, told(issue.document, mark[:1].upper() + mark[1:]))
    version = Version(issue.id, issue.version + 1, data, sha256(data).hexdigest(), now, mark)
    store.sweeping.add_version(connection, version)
    rebind(installation, connection, version)


def _mark(installation: Installation, issue_id: IssueId, now: datetime) -> str:
    """What readers see in the place of what was removed, in the language of the digest."""
    settings = installation.settings
    digest = settings.digest(issue_id.digest) or settings.digests[0]
    words = wording(installation.resources.strings(digest.language), digest)
    return words.say("removed", day=words.day(now))


def _pictures(connection: Connection) -> frozenset[Picture]:
    """The pictures of all versions of all issues, and of drafts."""
    frozen = [document for _, _, document in store.sweeping.documents(connection)]
    drafts = [issue.document for issue in store.issues.issues(connection)]
    return frozenset(picture for document in (*frozen, *drafts) for picture in pictures(document))
