"""An editor's change of an issue, as a new document; and which standing rules follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from digest.assemble import arranging, quotes
from digest.assemble.excerpt import excerpt
from digest.assemble.issue import may_edit
from digest.assemble.related import video_key
from digest.assemble.spelling import respelt_pick
from digest.errors import DigestError, NotFoundError
from digest.model import (
    Issue,
    IssueDocument,
    IssueState,
    Note,
    Pick,
    Quote,
    Rule,
    RuleKind,
    SourceOwner,
    Theme,
    Video,
)
from digest.text.language import clean, collapsed
from digest.text.links import absolute, video

LONGEST_LINE = 300  # characters of a title or subject
LONGEST_INTRODUCTION = 20_000  # characters
LONGEST_BLURB = 2_000  # characters of a blurb or note
MOST_NOTES = 50


@dataclass(frozen=True, slots=True)
class NewNote:
    """What an editor adds by hand: words, a titled link, or both; ``group`` names the theme at whose head it stands."""

    text: str = ""
    url: str = ""
    title: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What an editor wants changed; what is None or empty stays. A post is named by its address or its key."""

    title: str | None = None
    subject: str | None = None
    introduction: str | None = None
    add: Sequence[str] = ()  # stored posts, also those that came since it was drafted
    drop: Sequence[str] = ()  # never in an issue of the digest
    later: Sequence[str] = ()  # not in this one; it is open for the next
    move: Sequence[tuple[str, str]] = ()  # post and slug of its new theme
    blurbs: Sequence[tuple[str, str]] = ()  # post and what is said of it
    places: Sequence[tuple[str, int]] = ()  # post and its place in its theme, from 1
    pin: Sequence[str] = ()  # posts that stay at the head of their theme
    unpin: Sequence[str] = ()
    themes: Sequence[str] = ()  # that stand first, in this order
    quotes: Sequence[tuple[str, Sequence[int]]] = ()  # post and numbers of the quotes read in it, from 1
    excerpts: Sequence[
        tuple[str, str, str]
    ] = ()  # post, words of it that are printed, and who says them or ""
    best: str | None = None  # the id of the quote of the week; "" for none
    hide: Sequence[str] = ()  # addresses of videos that are shown no longer
    names: Sequence[tuple[str, str]] = ()  # a name as it is spelt, and as it should be
    notes: Sequence[NewNote] = ()
    unnote: Sequence[str] = ()  # ids of notes


@dataclass(frozen=True, slots=True)
class Stock:
    """What a change may draw on besides the issue.

    Args:
        themes: of the digest, in the order of the issue.
        added: what the posts of ``Change.add`` make of themselves.
        quotes: what is read in the posts of ``Change.quotes``, by post key.
        texts: of the posts of ``Change.excerpts``, in the revisions that the issue shows, by post key.
    """

    themes: Sequence[Theme] = ()
    added: Sequence[IssueDocument] = ()
    quotes: Mapping[str, Sequence[Quote]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revised:
    """A document after a change, and the keys of the posts that were taken out for good, or left for later."""

    document: IssueDocument
    dropped: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


def edited(issue: Issue, change: Change, stock: Stock, now: datetime) -> Issue:
    """The issue as the editor wants it: a draft, its count of changes raised by one.

    Raises:
        NotFoundError: the issue has no such post, quote, video or note, or the digest no such theme.
        DigestError: it is published or skipped, nothing is to change, or a text is empty or too long.
    """
    may_edit(issue)
    if change == Change():
        raise DigestError(f"Nothing is to change in {issue.id}: see digest edit --help")
    new = revised(issue.document, change, stock)
    return replace(
        issue if issue.state is IssueState.DRAFT else reopened(issue, _void(now)),
        document=replace(new.document, number=None),
        edit=issue.edit + 1,
        updated_at=now,
        dropped=_gone(new.document, issue.dropped, new.dropped),
        later=_gone(new.document, issue.later, new.later),
    )


def revised(document: IssueDocument, change: Change, stock: Stock) -> Revised:
    """A document with a change, whatever state its issue is in.

    Raises:
        NotFoundError: the issue has no such post, quote, video or note, or the digest no such theme.
        DigestError: a text is empty or too long.
    """
    for added in stock.added:
        document = arranging.joined(document, added, stock.themes)
    document = _arranged(document, change, stock.themes)
    dropped = tuple(arranging.key_of(document, name) for name in change.drop)
    later = tuple(arranging.key_of(document, name) for name in change.later)
    document = _said(_without_videos(document, change.hide), change)
    document = _quoted(document, change, stock)
    document = arranging.without(document, {*dropped, *later})
    return Revised(_noted(document, change), dropped, later)


def reopened(issue: Issue, why: str) -> Issue:
    """An approved issue as the draft that it is again; it waits for a person, for this reason."""
    document = replace(issue.document, number=None)
    return replace(issue, state=IssueState.DRAFT, approved_at=None, held=why, document=document)


def _void(now: datetime) -> str:
    return f"it was changed on {now:%Y-%m-%d %H:%M} UTC, after its approval"


def _gone(document: IssueDocument, before: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in (*before, *new) if key not in document.posts))


def _arranged(document: IssueDocument, change: Change, themes: Sequence[Theme]) -> IssueDocument:
    """Where the posts stand."""
    for name, slug in change.move:
        document = arranging.moved(document, name, slug, themes)
    for name, number in change.places:
        document = arranging.placed(document, name, number)
    for name in change.pin:
        document = arranging.pinned(document, name, True)
    for name in change.unpin:
        document = arranging.pinned(document, name, False)
    return arranging.ordered(document, change.themes)


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def _said(document: IssueDocument, change: Change) -> IssueDocument:
    """What is said of the issue and of its posts."""
    for name, text in change.blurbs:
        pick = arranging.pick_of(document, name)
        document = arranging.changed(document, pick, replace(pick, blurb=_text("blurb", text, LONGEST_BLURB)))
    for old, new in change.names:
        document = _respelt(document, old, line("name", new))
    if change.title is not None:
        document = replace(document, title=line("title", change.title))
    if change.subject is not None:
        document = replace(document, subject=line("subject", change.subject))
    if change.introduction is not None:
        document = replace(document, introduction=introduction(change.introduction))
    return document


def introduction(text: str) -> str:
    """An editor's words as the plain paragraphs that an issue prints.

    Raises:
        DigestError: they are too long.
    """
    return _text("introduction", text, LONGEST_INTRODUCTION)


def _text(what: str, text: str, most: int) -> str:
    text = clean(text).strip()
    if len(text) > most:
        raise DigestError(f"The {what} has {len(text)} characters; {most} are the most.")
    return text


def line(what: str, text: str) -> str:
    """An editor's words for a title, a subject or a name, on one line.

    Raises:
        DigestError: there are none, or more than ``LONGEST_LINE`` characters.
    """
    found = collapsed(clean(text))
    if not found or len(found) > LONGEST_LINE:
        raise DigestError(f"The {what} needs between 1 and {LONGEST_LINE} characters; it has {len(found)}.")
    return found


def _respelt(document: IssueDocument, old: str, new: str) -> IssueDocument:
    """The issue with a name spelt otherwise wherever it stands as a speaker's or an author's."""
    spelling = (Rule(RuleKind.SPELLING, old, spelling=new),)
    groups = [
        replace(group, picks=tuple(respelt_pick(pick, spelling) for pick in group.picks))
        for group in document.groups
    ]
    if tuple(groups) == document.groups:
        raise NotFoundError(f"{document.id} has no {old!r} among its speakers and authors.")
    return arranging.grouped(document, groups)


# ── quotes and videos ────────────────────────────────────────────────────────────────────────────


def _quoted(document: IssueDocument, change: Change, stock: Stock) -> IssueDocument:
    """The quotes that the editor chose, and the one of the week."""
    for name, numbers in change.quotes:
        pick = arranging.pick_of(document, name)
        chosen = _numbered(pick, stock.quotes.get(pick.post, ()), numbers)
        document = arranging.changed(document, pick, _with_quotes(document, pick, chosen))
    for name, words, speaker in change.excerpts:
        pick = arranging.pick_of(document, name)
        added = excerpt(stock.texts.get(pick.post, ""), words, speaker and line("speaker", speaker), pick.url)
        kept = [shown.quote for shown in pick.quotes if shown.quote.spans != added.spans]
        document = arranging.changed(document, pick, _with_quotes(document, pick, [*kept, added]))
    return document if change.best is None else _with_best(document, change.best)


def _with_best(document: IssueDocument, best: str) -> IssueDocument:
    if best and best not in {printed.id for pick in document.picks for printed in pick.quotes}:
        raise NotFoundError(f"{document.id} prints no quote {best}; see: digest show {document.id} --json")
    why = "An editor chose it." if best else ""
    return replace(document, quote_of_the_week=best, quote_of_the_week_why=why)


def _numbered(pick: Pick, found: Sequence[Quote], numbers: Sequence[int]) -> list[Quote]:
    """Those of the quotes read in a post, each once."""
    for number in numbers:
        if not 1 <= number <= len(found):
            has = f"only {len(found)}" if found else "no"
            raise NotFoundError(f"“{pick.title}” has {has} quotes to choose from: digest explain {pick.post}")
    return [found[number - 1] for number in dict.fromkeys(numbers)]


def _with_quotes(document: IssueDocument, pick: Pick, chosen: Iterable[Quote]) -> Pick:
    """A pick with these quotes, whose words the issue prints nowhere else."""
    others = [other for other in document.picks if other.post != pick.post]
    printed = quotes.Printed(shown.quote for other in others for shown in other.quotes)
    chosen = list(chosen)
    for quote in chosen:
        if printed.has(quote):
            raise DigestError(f"Its words are printed in {document.id} already: “{quote.text}”")
        printed.add(quote)
    return replace(pick, quotes=quotes.as_printed(pick.post, chosen, "An editor chose it."))


def _without_videos(document: IssueDocument, addresses: Sequence[str]) -> IssueDocument:
    for address in addresses:
        hidden = video_key(video(address) or Video("", "", address))
        groups = [
            replace(group, picks=tuple(_without_video(pick, hidden) for pick in group.picks))
            for group in document.groups
        ]
        listed = tuple(
            each for each in document.new_videos if not each.video or video_key(each.video) != hidden
        )
        shown = arranging.grouped(replace(document, new_videos=listed), groups)
        if shown == document:
            raise NotFoundError(f"{document.id} shows no video {address}; see: digest show {document.id}")
        document = shown
    return document


def _without_video(pick: Pick, hidden: tuple[str, str]) -> Pick:
    return replace(pick, videos=tuple(each for each in pick.videos if video_key(each.video) != hidden))


# ── notes ────────────────────────────────────────────────────────────────────────────────────────


def _noted(document: IssueDocument, change: Change) -> IssueDocument:
    """The issue with the editor's notes; one that is added twice stands there once."""
    for unwanted in change.unnote:
        if unwanted not in {note.id for note in document.notes}:
            known = ", ".join(note.id for note in document.notes) or "none"
            raise NotFoundError(f"{document.id} has no note {unwanted}; there are {known}.")
    kept = {note.id: note for note in document.notes if note.id not in change.unnote}
    added = {note.id: note for note in (_note(document, new) for new in change.notes)}
    there = {group.anchor for group in document.groups}
    notes = tuple(
        note if note.group in there else replace(note, group="") for note in (kept | added).values()
    )
    if len(notes) > MOST_NOTES:
        raise DigestError(f"{document.id} would have {len(notes)} notes; {MOST_NOTES} are the most.")
    return replace(document, notes=notes)


def _note(document: IssueDocument, new: NewNote) -> Note:
    group = arranging.group_of(document, new.group).anchor if new.group else ""
    url = absolute(new.url)
    if new.url and not url.startswith(("http://", "https://")):
        raise DigestError(f"{new.url!r} is no address of a page on the web.")
    text = _text("note", new.text, LONGEST_BLURB)
    title = line("title of a link", new.title or url) if url else ""
    if not (text or url):
        raise DigestError("A note needs words or a link.")
    name = sha256("\n".join((group, url, title, text)).encode()).hexdigest()[:10]
    return Note(f"n-{name}", text, url, title, group)


# ── what is remembered ───────────────────────────────────────────────────────────────────────────


def rules_of(document: IssueDocument, change: Change) -> Iterator[Rule]:
    """The corrections of a change that can stand as rules from now on.

    Args:
        document: before the change.

    Raises:
        NotFoundError: the issue has no such post.
    """
    for name, slug in change.move:
        source = arranging.pick_of(document, name).source
        yield Rule(RuleKind.SOURCE_THEME, source, slug, SourceOwner.COMMAND)
    for address in change.hide:
        found = video(address)
        yield Rule(RuleKind.NEVER_VIDEO, found.url if found else address, owner=SourceOwner.COMMAND)
    for old, new in change.names:
        yield Rule(RuleKind.SPELLING, old, owner=SourceOwner.COMMAND, spelling=line("name", new))
