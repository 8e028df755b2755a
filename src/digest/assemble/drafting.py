"""Open posts → the draft of an issue. The same input gives the same document, whatever its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

from digest.assemble import headline, quotes, rank, related
from digest.assemble.grouping import clusters
from digest.assemble.meanings import NO_MEANINGS, Meanings
from digest.assemble.placing import place
from digest.assemble.rank import Candidate
from digest.assemble.stories import Story, origin, stories
from digest.assemble.subjects import NO_SUBJECTS, Subjects
from digest.assemble.themes import Assignment, assign
from digest.assemble.window import Material
from digest.model import (
    Group,
    IssueDocument,
    IssueId,
    ListedPost,
    Pick,
    PickLink,
    PickQuote,
    PickVideo,
    PostKind,
    Rule,
    Source,
    Theme,
)
from digest.settings import DigestSettings
from digest.text.language import normalise, shorten
from digest.text.links import canonical
from digest.text.similar import extent

ENOUGH_TO_LEARN = 200  # posts, new ones and older
BLURB = 300  # characters: two or three lines
WORDS_A_MINUTE = 200
CHARACTERS_A_MINUTE = 500  # of scripts without spaces
LONGEST_WORD = 12  # characters, on average: what stands between spaces of a script without them is no word


@dataclass(frozen=True, slots=True)
class _Furniture:
    """What stands around the picks, by post key."""

    videos: Mapping[str, tuple[PickVideo, ...]]
    posts: Mapping[str, tuple[PickLink, ...]]
    quotes: Mapping[str, tuple[PickQuote, ...]]

    @property
    def shown(self) -> frozenset[related.Key]:
        """The videos that stand under a pick."""
        return frozenset(related.video_key(each.video) for under in self.videos.values() for each in under)


Older = Callable[[Sequence[tuple[Material, str]]], Sequence[Material]]


def _none_older(_picks: Sequence[tuple[Material, str]]) -> Sequence[Material]:
    return ()


def draft(
    issue_id: IssueId,
    digest: DigestSettings,
    material: Sequence[Material],
    beside: Sequence[Material],
    themes: Sequence[Theme],
    rules: Sequence[Rule],
    strings: Mapping[str, str],
    now: datetime,
    *,
    subjects: Subjects = NO_SUBJECTS,
    meanings: Meanings = NO_MEANINGS,
    chosen: bool = False,
    older: Older = _none_older,
) -> IssueDocument:
    """The issue that the open posts make.

    Args:
        material: the open posts. Articles become picks, or are listed by title where a cap cuts them; videos
            stand under the picks they belong to, the others among the new videos.
        beside: a few older posts: of our own sources, from which themes learn and which may be related, and of
            channels, whose repeated lines say nothing. Open posts among them are passed over.
        themes: in the editors' order, which the groups keep; the order of ``digest.themes`` goes before it.
        strings: phrases in the digest's language; ``more_posts`` is the title of the last group.
        now: decides freshness, and nothing else.
        subjects: the words of common subjects, from which themes borrow (``assemble.subjects``).
        meanings: of posts and terms (``assemble.meanings``); what is lacking goes by words.
        chosen: an editor has chosen the posts: no cap cuts them, and videos without an article are picks.
        older: further posts that may be related to picks, each given with the slug of its theme.
    """
    themes = covered(themes, digest)
    articles, videos = _parted(material)
    if chosen and not articles:
        articles, videos = videos, []
    ours = _ours(beside, material)
    told = stories(distinct(articles), meanings)
    placed = _placed(told, ours, themes, rules, subjects, meanings)
    candidates = _candidates(told, placed, themes, now)
    selection = rank.select(candidates, None if chosen else digest.max_picks, meanings)
    shelves = _shelves(selection.picked, themes, subjects, meanings, strings["more_posts"])
    picked = [candidate for shelf in shelves for candidate in shelf.candidates]
    with_themes = [(candidate.material, candidate.assignment.theme) for candidate in picked]
    archive = _once([*ours, *_ours(older([pair for pair in with_themes if pair[1]]), material)])
    forbidden = related.forbidden_videos(rules)
    repeated = related.repeated_lines([*videos, *_parted(beside)[1]])
    furniture = _Furniture(
        related.assign_videos([each.material for each in picked], videos, forbidden, repeated, meanings),
        related.assign_posts(with_themes, _themed(archive, themes, rules), themes),
        _quotes(picked, digest.quotes_per_pick),
    )
    groups = tuple(
        Group(shelf.slug, shelf.title, tuple(_pick(each, furniture) for each in shelf.candidates), shelf.name)
        for shelf in shelves
    )
    title = headline.title(groups, digest.title)
    best = quotes.quote_of_the_week(pick for group in groups for pick in group.picks)
    return IssueDocument(
        issue_id,
        digest.title,
        digest.language,
        title=title,
        subject=title,
        introduction="",
        groups=groups,
        quote_of_the_week=best.id,
        quote_of_the_week_why=best.why,
        new_videos=_new_videos(videos, furniture.shown | forbidden, repeated, themes, rules),
        also_published=_also_published(selection, digest.max_picks),
    )


def _parted(material: Iterable[Material]) -> tuple[list[Material], list[Material]]:
    """Articles and videos."""
    articles: list[Material] = []
    videos: list[Material] = []
    for each in material:
        (videos if each.post.kind is PostKind.VIDEO else articles).append(each)
    return articles, videos


def covered(themes: Sequence[Theme], digest: DigestSettings) -> tuple[Theme, ...]:
    """The themes of a digest in its order: those it names, or all that are not retired."""
    live = {theme.slug: theme for theme in themes if not theme.retired}
    return tuple(live[slug] for slug in dict.fromkeys(digest.themes or live) if slug in live)


def distinct(articles: Iterable[Material]) -> tuple[Material, ...]:
    """One of each address, where several sources carry the same post: ours, else the one published first."""
    by_address: dict[str, Material] = {}
    for each in sorted(articles, key=origin):
        by_address.setdefault(canonical(each.post.url) or each.post.key, each)
    return tuple(by_address.values())


def _ours(older: Iterable[Material], material: Iterable[Material]) -> list[Material]:
    """The articles of our own sources that are not open."""
    is_open = {each.post.key for each in material}
    return [
        each
        for each in older
        if each.source.own and each.post.kind is PostKind.ARTICLE and each.post.key not in is_open
    ]


def _once(older: Iterable[Material]) -> list[Material]:
    return list({each.post.key: each for each in older}.values())


def _to_learn_from(older: Sequence[Material], new: int) -> list[Material]:
    """The newest older posts beside a few new ones: what a theme's posts read like shows in many."""
    newest = sorted(older, key=lambda each: (-each.post.published.timestamp(), each.post.key))
    return newest[: max(0, ENOUGH_TO_LEARN - new)]


def _placed(
    told: Sequence[Story],
    ours: Sequence[Material],
    themes: Sequence[Theme],
    rules: Sequence[Rule],
    subjects: Subjects,
    meanings: Meanings,
) -> Mapping[str, Assignment]:
    """The theme of each story, by the key of its teller; ``ours`` are older posts to learn themes from."""
    tellers = [story.teller for story in told]
    return place([*tellers, *_to_learn_from(ours, len(tellers))], themes, rules, subjects, meanings)


def _candidates(
    told: Sequence[Story], placed: Mapping[str, Assignment], themes: Sequence[Theme], now: datetime
) -> list[Candidate]:
    """The stories, each with its theme and what it scores."""
    tellers = [story.teller for story in told]
    weights = {theme.slug: theme.weight for theme in themes}
    posts = Counter(teller.source.slug for teller in tellers)
    candidates = []
    for story in told:
        each = story.teller
        assignment = placed[each.post.key]
        score = rank.score(
            each,
            assignment,
            theme_weight=weights.get(assignment.theme, 1.0),
            source_posts=posts[each.source.slug],
            also_told=len(story.others),
            now=now,
        )
        candidates.append(Candidate(each, assignment, score, story.others))
    return candidates


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A group before its picks are furnished; ``slug`` and ``name`` as those of a ``Group``."""

    slug: str
    name: str
    title: str
    candidates: Sequence[Candidate]


def _shelves(
    picked: Iterable[Candidate], themes: Sequence[Theme], subjects: Subjects, meanings: Meanings, more: str
) -> list[_Shelf]:
    """The picks by theme in the editors' order, then those without one: what is alike, and at the end the others.

    On a shelf the picks stand by rank, and shelves that formed by themselves by their best pick.
    """
    ranked = sorted(picked, key=rank.by_rank)
    shelves = [
        _Shelf(theme.slug, "", theme.title, [each for each in ranked if each.assignment.theme == theme.slug])
        for theme in themes
    ]
    rest = {each.material.post.key: each for each in ranked if not each.assignment.theme}
    found = clusters([each.material for each in rest.values()], subjects, meanings)
    alike = [
        _Shelf("", each.name, each.label, [rest.pop(key) for key in list(rest) if key in each.keys])
        for each in found
        if len(each.members) > 1
    ]
    alike.sort(key=lambda shelf: rank.by_rank(shelf.candidates[0]))
    shelves += [*alike, _Shelf("", "", more, list(rest.values()))]
    return [shelf for shelf in shelves if shelf.candidates]


def _themed(
    archive: Iterable[Material], themes: Sequence[Theme], rules: Sequence[Rule]
) -> list[tuple[Material, str]]:
    return [(each, assign(each.post, each.reading, themes, rules).theme) for each in archive]


def _quotes(picked: Iterable[Candidate], most: int) -> dict[str, tuple[PickQuote, ...]]:
    """The quotes of each pick, as many as its source says, else as the digest does; no words twice."""
    printed = quotes.Printed()
    chosen = {}
    for material in (each.material for each in picked):
        limit = most if material.source.quotes is None else material.source.quotes
        key = material.post.key
        chosen[key] = quotes.choose(key, material.reading.quotes, limit, printed)
    return chosen


def _pick(candidate: Candidate, furniture: _Furniture) -> Pick:
    post, source = candidate.material.post, candidate.material.source
    return Pick(
        id=f"p-{post.key}",
        post=post.key,
        revision=post.revision,
        url=post.url,
        title=post.title,
        source=source.slug,
        source_title=_name(source),
        published=post.published,
        updated=post.updated,
        language=post.language or source.language,
        authors=post.authors,
        minutes=0 if post.kind is PostKind.VIDEO else minutes(post.text),
        blurb=_blurb(candidate.material),
        quotes=furniture.quotes[post.key],
        videos=furniture.videos[post.key],
        related_posts=furniture.posts[post.key],
        comments=post.comments,
        why=_why(candidate),
        score=candidate.score.total,
        own=source.own,
        parts=tuple(candidate.score.parts),
        source_feed=source.url,
        source_site=source.site_url,
    )


def _why(candidate: Candidate) -> str:
    assignment = candidate.assignment
    why = assignment.why if assignment.theme else f"It is new from {_name(candidate.material.source)}."
    if not candidate.also_told:
        return why
    return f"{why} Also told by {', '.join(_name(other.source) for other in candidate.also_told)}."


def _name(source: Source) -> str:
    return source.title or source.slug


def _blurb(material: Material) -> str:
    """The post's summary in two or three lines; or in so many words, where its source says how many.

    A summary that has fewer words than that gives way to a text that has enough.
    """
    post, words = material.post, material.source.excerpt_words
    if post.kind is PostKind.VIDEO:
        return related.first_sentence(material)
    texts = [text for text in (material.reading.summary, post.summary, post.text) if text.strip()]
    if words is None:
        return shorten(next(iter(texts), ""), BLURB, post.language)
    enough = [text for text in texts if len(text.split()) >= words]
    text = normalise(next(iter(enough or texts), ""))
    limit = len(" ".join(text.split()[:words])) + 1  # with the space that ends the last word
    return shorten(text, min(limit, LONGEST_WORD * words), post.language)


def minutes(text: str) -> int:
    """How long a text takes to read, at least one minute."""
    words, characters = extent(text)
    return max(1, ceil(words / WORDS_A_MINUTE + characters / CHARACTERS_A_MINUTE))


def _new_videos(
    videos: Sequence[Material],
    shown: Collection[related.Key],
    repeated: Collection[str],
    themes: Sequence[Theme],
    rules: Sequence[Rule],
) -> tuple[ListedPost, ...]:
    """The videos that stand under no pick, each with its theme."""
    titles = {theme.slug: theme.title for theme in themes}
    found = {
        each.post.key: titles.get(assign(each.post, each.reading, themes, rules).theme, "") for each in videos
    }
    listed = related.list_new_videos(videos, shown, repeated)
    return tuple(replace(each, theme=found[each.post]) for each in listed)


def _also_published(selection: rank.Selection, most: int) -> tuple[ListedPost, ...]:
    """What the caps cut, and what tells the same as another post; newest first, each with why it is only named."""
    listed = [
        _listed(each.material, _why_cut(each, selection, most), tuple(each.score.parts))
        for each in selection.cut
    ]
    listed += [
        _listed(other, f"It tells the same as “{each.material.post.title}” of {_name(each.material.source)}.")
        for each in (*selection.picked, *selection.cut)
        for other in each.also_told
    ]
    return tuple(sorted(listed, key=lambda each: (-each.published.timestamp(), each.post)))


def _listed(material: Material, why: str, parts: tuple[tuple[str, float], ...] = ()) -> ListedPost:
    post = material.post
    return ListedPost(
        post.key, post.title, post.url, _name(material.source), post.published, why=why, parts=parts
    )


def _why_cut(candidate: Candidate, selection: rank.Selection, most: int) -> str:
    """Which cap cut a post: that of the issue where all that it has rank before it, else that of its source; or which
    pick it repeats.
    """
    lowest = max(selection.picked, key=rank.by_rank)
    if len(selection.picked) >= most and rank.by_rank(candidate) > rank.by_rank(lowest):
        return f"The issue has room for {most}, and those rank before it."
    if repeated := selection.repeats.get(candidate.material.post.key):
        title, source = repeated.material.post.title, _name(repeated.material.source)
        return f"It says much of what “{title}” of {source} says, and the issue has room for {most}."
    theirs = sum(1 for each in selection.picked if each.source == candidate.source)
    if theirs:
        return f"{_name(candidate.material.source)} has its share of the issue already ({theirs})."
    return "The issue is full: a post of each theme and source comes before it."
