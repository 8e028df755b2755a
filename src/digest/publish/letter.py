"""The text part of the newsletter: a letter in 72 columns, its links as numbered notes under each section."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from digest.model import Group, ListedPost, Pick, PickQuote
from digest.publish.addresses import feed_url, issue_url
from digest.publish.columns import COLUMNS, width, wrap
from digest.publish.shown import Shown, listed_url
from digest.publish.wording import Wording, label, web
from digest.settings import DigestSettings, PublishSettings
from digest.text.language import normalise

_QUOTE_INDENT = "    "


def letter(
    part: Shown,
    words: Wording,
    digest: DigestSettings,
    publish: PublishSettings,
    *,
    postal: str,
    unsubscribe: str,
    preferences: str,
) -> str:
    """The letter: masthead, introduction, contents, quote of the week, themes, lists, foot. Ends with a line break.

    Lines are at most ``COLUMNS`` wide except for an address, which is never broken. Its links are those of the HTML.
    """
    page = issue_url(publish, part.document.id)
    notes = _Notes()
    sections = [
        _masthead(part, words),
        _opening(part, words, notes, page),
        _quote_of_the_week(part, words, notes),
        *(_group(group, part, words, notes, page) for group in part.document.groups),
        _list(words.say("new_videos"), _new_videos(part, notes), notes),
        _list(words.say("also_published"), _also_published(part, notes), notes),
        _left_out(part, words, notes, page),
    ]
    links = [
        ("preferences", preferences),
        ("unsubscribe", unsubscribe),
        ("on_the_web", page),
        ("feed", feed_url(publish, digest.slug)),
    ]
    foot = _foot(words, digest, links, postal)
    return "\n\n\n".join("\n".join(section) for section in [*sections, foot] if section) + "\n"


class _Notes:
    """Numbers the links of a section; a section's list is taken once it is complete."""

    def __init__(self) -> None:
        self._used = 0
        self._open: dict[str, int] = {}

    def mark(self, url: str) -> str:
        """`` [7]`` for the address, the same within a section; "" for what is no web address."""
        address = web(url)
        if not address:
            return ""
        if address not in self._open:
            self._used += 1
            self._open[address] = self._used
        return f" [{self._open[address]}]"

    def take(self) -> list[str]:
        """The list under a section, with an empty line before it."""
        lines = [f"[{number}] {url}" for url, number in self._open.items()]
        self._open = {}
        return ["", *lines] if lines else []


# ── the sections ─────────────────────────────────────────────────────────────────────────────────


def _masthead(part: Shown, words: Wording) -> list[str]:
    issue = part.document
    number = [words.say("issue_number", number=words.number(issue.number))] if issue.number else []
    dateline = " · ".join([*number, words.day(issue.id.slot)])
    return [*_underlined(issue.digest_title, "="), *wrap(dateline)]


def _opening(part: Shown, words: Wording, notes: _Notes, page: str) -> list[str]:
    lines = [*_paragraphs(part.document.introduction), *_editors_words("", part, notes)]
    if len(part.document.groups) > 1:
        names = [f"{group.title}{notes.mark(f'{page}#{group.anchor}')}" for group in part.document.groups]
        lines += wrap(f"{words.say('contents')}: {', '.join(names)}")
    return [*lines, *notes.take()]


def _paragraphs(text: str) -> list[str]:
    """An editor's plain paragraphs, each with an empty line after it."""
    paragraphs = [wrap(paragraph) for paragraph in text.splitlines() if paragraph.strip()]
    return [line for paragraph in paragraphs for line in (*paragraph, "")]


def _editors_words(anchor: str, part: Shown, notes: _Notes) -> list[str]:
    """What an editor says at the head of a group, or before all groups."""
    lines: list[str] = []
    for note in part.document.notes:
        if note.group == anchor:
            lines += _paragraphs(note.text)
            if note.url:
                lines += [*wrap(f"{label(note.title, note.url)}{notes.mark(note.url)}"), ""]
    return lines


def _quote_of_the_week(part: Shown, words: Wording, notes: _Notes) -> list[str]:
    if part.headline is None:
        return []
    pick, quote = part.headline.pick, part.headline.quote
    lines = [*_heading(words.say("quote_of_the_week")), *_quote(quote, words, notes), ""]
    lines += wrap(f"{label(pick.title, pick.url)}{notes.mark(pick.url)} · {pick.source_title}")
    return [*lines, *notes.take()]


def _group(group: Group, part: Shown, words: Wording, notes: _Notes, page: str) -> list[str]:
    if not group.picks and not part.more.get(group.anchor):
        return []
    lines = [*_heading(group.title), *_editors_words(group.anchor, part, notes)]
    for pick in group.picks:
        lines += [*_pick(pick, part, words, notes), ""]
    if more := part.more.get(group.anchor):
        lines += wrap(words.count("more_on_the_web", more) + notes.mark(f"{page}#{group.anchor}"))
    while lines[-1] == "":
        lines.pop()
    return [*lines, *notes.take()]


def _pick(pick: Pick, part: Shown, words: Wording, notes: _Notes) -> list[str]:
    lines = _underlined(label(pick.title, pick.url) + notes.mark(pick.url), "-")
    lines += wrap(" · ".join(_facts(pick, part.document.id.slot, words, notes)))
    if pick.blurb:
        lines += ["", *wrap(pick.blurb)]
    for quote in pick.quotes:
        if part.headline is None or quote.id != part.headline.quote.id:
            lines += ["", *_quote(quote, words, notes)]
    related = [
        f"▶ {_video(shown.video.title, shown.video.channel, shown.video.url, notes)}" for shown in pick.videos
    ]
    related += [
        f"→ {label(shown.link.title, shown.link.url)}{notes.mark(shown.link.url)}"
        for shown in pick.related_posts
    ]
    return [*lines, *([""] if related else []), *_hanging(related)]


def _facts(pick: Pick, near: date, words: Wording, notes: _Notes) -> Iterator[str]:
    """Source, date, reading time, comments."""
    yield normalise(pick.source_title)
    yield words.day(pick.published, near=near)
    if pick.minutes:
        yield words.count("minutes", pick.minutes)
    if pick.comments and pick.comments.count:
        yield words.count("comments", pick.comments.count) + notes.mark(pick.comments.url)


def _quote(quote: PickQuote, words: Wording, notes: _Notes) -> list[str]:
    said = quote.quote
    by = " · ".join(filter(None, [said.speaker or words.say("in_context"), *said.topics[:1]]))
    lines = wrap(words.say("quotation", text=said.text), COLUMNS - 2 * len(_QUOTE_INDENT))
    lines += wrap(f"— {by}{notes.mark(said.link)}", COLUMNS - 2 * len(_QUOTE_INDENT))
    return [_QUOTE_INDENT + line for line in lines]


def _list(title: str, lines: list[str], notes: _Notes) -> list[str]:
    return [*_heading(title), *lines, *notes.take()] if lines else []


def _new_videos(part: Shown, notes: _Notes) -> list[str]:
    lines: list[str] = []
    for post in part.document.new_videos:
        if video := post.video:
            by = " · ".join(filter(None, [video.channel or post.source_title, post.theme]))
            lines += _hanging([f"▶ {_video(video.title, by, video.url, notes)}"])
            lines += [f"  {line}" for line in wrap(post.blurb, COLUMNS - 2)]
    return lines


def _also_published(part: Shown, notes: _Notes) -> list[str]:
    return _hanging(f"* {_listed(post, notes)}" for post in part.document.also_published)


def _listed(post: ListedPost, notes: _Notes) -> str:
    return f"{label(post.title, listed_url(post))} · {normalise(post.source_title)}{notes.mark(listed_url(post))}"


def _video(title: str, channel: str, url: str, notes: _Notes) -> str:
    return " · ".join(filter(None, [label(title, url), normalise(channel)])) + notes.mark(url)


def _left_out(part: Shown, words: Wording, notes: _Notes, page: str) -> list[str]:
    if not part.more_listed:
        return []
    return [*wrap(words.count("more_on_the_web", part.more_listed) + notes.mark(page)), *notes.take()]


def _foot(words: Wording, digest: DigestSettings, links: list[tuple[str, str]], postal: str) -> list[str]:
    why = wrap(words.say("why_you_get_this", title=digest.title))
    named = (f"{words.say(key)}: {url}" for key, url in links)
    return ["-" * COLUMNS, *why, "", *named, "", *wrap(postal)]


# ── lines ────────────────────────────────────────────────────────────────────────────────────────


def _heading(title: str) -> list[str]:
    return [*wrap(title.upper()), "-" * COLUMNS, ""]


def _underlined(title: str, stroke: str) -> list[str]:
    lines = wrap(title)
    return [*lines, stroke * max(map(width, lines), default=0)]


def _hanging(items: Iterable[str]) -> list[str]:
    """Each item wrapped, its further lines indented under its first word."""
    lines: list[str] = []
    for item in items:
        first, *rest = wrap(item, COLUMNS - 2)
        lines += [first, *(f"  {line}" for line in rest)]
    return lines
