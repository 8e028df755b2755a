"""Related posts and videos of a pick, each with the reason it is there.

A video is shown once in an issue. What the posts list or embed comes first, for all picks; then new videos that
link to a pick or that a pick links to; then each goes to the pick it is most like, within two weeks.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from html import unescape

from digest.assemble.meanings import NO_MEANINGS, Meanings, points
from digest.assemble.stories import subject
from digest.assemble.window import Material
from digest.model import Link, ListedPost, PickLink, PickVideo, Post, Rule, RuleKind, Theme, Video
from digest.text.language import normalise, sentences, shorten
from digest.text.links import canonical, video
from digest.text.similar import Vector, cosine, document_counts, stems, vector, weigh
from digest.text.videos import key

MOST_VIDEOS = 3  # under a pick
MOST_POSTS = 3
NEARBY = timedelta(days=14)  # between a post and a video that tells of the same
ALIKE = 0.2  # cosine from which a video is taken to be about a post: below it, chance begins
ALIKE_MEANT = 0.5  # the same of meanings, where the two share no words
GREETING = 20  # characters: a shorter first sentence says nothing
BLURB = 200  # characters of a new video's description
DESCRIPTION = 5_000  # characters of a video's description that are looked at
CAPTION = 600  # and that are kept: after them comes what every video of a channel says

_ADDRESS = re.compile(r"https?://[^\s<>\"'«»“”]{1,2000}")
_HASHTAG = re.compile(r"(?<!\w)#\w+")
_BULLET = re.compile(r"^[^\w\s\"'«»“”„‘’(¿¡]{1,8}\s+")
_SURFACE = re.compile(r"\w+")

Key = tuple[str, str]  # platform and id of a video; "" and its address where the platform is unknown


def video_key(found: Video) -> Key:
    """By what two videos are the same, however they were spelled."""
    return key(found) if found.platform and found.id else ("", canonical(found.url) or found.url)


def forbidden_videos(rules: Iterable[Rule]) -> frozenset[Key]:
    """The videos that editors never show (``RuleKind.NEVER_VIDEO``)."""
    return frozenset(
        video_key(video(rule.subject) or Video("", "", rule.subject))
        for rule in rules
        if rule.kind is RuleKind.NEVER_VIDEO and not rule.retired
    )


def own_video(material: Material) -> Video:
    """The video that a post of a channel is, with the post's title and its channel."""
    found = video_of(material.post)
    return replace(
        found, title=found.title or material.post.title, channel=found.channel or material.source.title
    )


def video_of(post: Post) -> Video:
    """The video that a post of kind video is, as its feed gave it."""
    return post.videos[0] if post.videos else video(post.url) or Video("", "", post.url)


# ── videos ───────────────────────────────────────────────────────────────────────────────────────


class _Shelves:
    """The videos under each pick, while they are put there."""

    def __init__(self, forbidden: Collection[Key], catalogue: Mapping[Key, Video]) -> None:
        self._taken = set(forbidden)
        self._catalogue = catalogue
        self._videos: dict[str, list[PickVideo]] = defaultdict(list)

    def put(self, post: str, found: Video, why: str) -> None:
        """Show the video under the post, unless it is shown or forbidden already or there is no room."""
        which = video_key(found)
        if which not in self._taken and len(self._videos[post]) < MOST_VIDEOS:
            self._taken.add(which)
            self._videos[post].append(PickVideo(self._titled(found, which), why))

    def _titled(self, found: Video, which: Key) -> Video:
        """With what its channel says of it, where the post left that out."""
        known = self._catalogue.get(which, found)
        return replace(
            found,
            title=found.title or known.title,
            channel=found.channel or known.channel,
            thumbnail=known.thumbnail or found.thumbnail,  # as its feed says, not as its address is guessed
        )

    def of(self, post: str) -> tuple[PickVideo, ...]:
        """What stands under the post."""
        return tuple(self._videos.get(post, ()))


def assign_videos(
    picks: Sequence[Material],
    new_videos: Sequence[Material],
    forbidden: Collection[Key],
    repeated: Collection[str] = (),
    meanings: Meanings = NO_MEANINGS,
) -> dict[str, tuple[PickVideo, ...]]:
    """The videos of each pick, by post key: at most three, and none twice in the issue.

    Args:
        picks: in reading order; of two that embed the same video the first shows it.
        new_videos: open posts of kind video, in any order.
        forbidden: keys of videos that are never shown.
        repeated: lines of descriptions that say nothing of their video (``repeated_lines``).
        meanings: of picks and videos; what is lacking goes by words.
    """
    new_videos = sorted(new_videos, key=lambda new: new.post.key)
    shelves = _Shelves(forbidden, {video_key(own_video(new)): own_video(new) for new in new_videos})
    for pick in picks:
        for found, why in _told(pick):
            shelves.put(pick.post.key, found, why)
    for pick, new, why in (*_linked(picks, new_videos), *_alike(picks, new_videos, repeated, meanings)):
        shelves.put(pick.post.key, own_video(new), why)
    return {pick.post.key: shelves.of(pick.post.key) for pick in picks}


def _told(pick: Material) -> Iterator[tuple[Video, str]]:
    """What the post lists, then what it embeds."""
    for listed in pick.reading.related_videos:
        if listed.url:
            yield listed, "The post lists it."
    for embedded in (*pick.reading.embedded_videos, *pick.post.videos):
        yield embedded, "The post shows it."


def offered_videos(pick: Material) -> tuple[PickVideo, ...]:
    """The videos that a post lists, then those that it shows, however many, each with why."""
    return tuple(PickVideo(found, why) for found, why in _told(pick))


_Match = tuple[Material, Material, str]  # a pick, a new video, why


def _linked(picks: Sequence[Material], new_videos: Sequence[Material]) -> Iterator[_Match]:
    mentioned = {
        pick.post.key: {video_key(found) for found in map(video, _addresses(pick)) if found} for pick in picks
    }
    for new in new_videos:
        links = {canonical(address) for address in _addresses(new)}
        for pick in picks:
            if canonical(pick.post.url) in links - {""}:
                yield pick, new, "The video's description links to the post."
            elif video_key(own_video(new)) in mentioned[pick.post.key]:
                yield pick, new, "The post links to it."


def _addresses(material: Material) -> set[str]:
    """The web addresses in a post, in links and in words."""
    found = _ADDRESS.findall(unescape(material.post.html) or material.post.text)
    return {address.rstrip(".,;:!?)]") for address in found}


def _alike(
    picks: Sequence[Material], new_videos: Sequence[Material], repeated: Collection[str], meanings: Meanings
) -> list[_Match]:
    """Pairs that are alike and near in time, the likest first."""
    captions = [vector(f"{new.post.title} {caption(new, repeated)}", new.post.language) for new in new_videos]
    bodies = [subject(pick) for pick in picks]
    counts, total = document_counts([*captions, *bodies]), len(captions) + len(bodies)
    weighed = [weigh(body, counts, total) for body in bodies]
    meant = points((each.post for each in new_videos), meanings) @ points((p.post for p in picks), meanings).T
    pairs = []
    for new, words, row in zip(new_videos, captions, meant.tolist(), strict=True):
        words = weigh(words, counts, total)
        for pick, body, near in zip(picks, weighed, row, strict=True):
            likeness = max(cosine(words, body), near - ALIKE_MEANT + ALIKE)
            if likeness >= ALIKE and abs(new.post.published - pick.post.published) <= NEARBY:
                pairs.append(
                    (-likeness, pick.post.key, new.post.key, (pick, new, _likeness(new, words, body)))
                )
    return [match for *_, match in sorted(pairs, key=lambda pair: pair[:3])]


def _likeness(new: Material, words: Vector, body: Vector) -> str:
    """Why the two are taken to tell of the same: the weightiest words of the video's title that both use."""
    shared = {
        found: words.get(stemmed[0], 0.0) * body.get(stemmed[0], 0.0)
        for found in _SURFACE.findall(new.post.title)
        if (stemmed := stems(found, new.post.language))
    }
    telling = sorted((word for word in shared if shared[word]), key=lambda word: (-shared[word], word))[:3]
    named = ", ".join(f"“{word}”" for word in telling)
    if named:
        return f"It tells of the same: {named}."
    return (
        f"Its description {'uses the same words' if cosine(words, body) >= ALIKE else 'means much the same'}."
    )


def repeated_lines(videos: Iterable[Material]) -> frozenset[str]:
    """The lines of descriptions that stand under several videos of one channel: its signature, not its subject."""
    found = Counter(
        (material.post.source, line) for material in _once(videos) for line in set(_lines(material.post))
    )
    return frozenset(line for (_, line), count in found.items() if count > 1)


def _once(videos: Iterable[Material]) -> Iterable[Material]:
    return {material.post.key: material for material in videos}.values()


def caption(material: Material, repeated: Collection[str] = ()) -> str:
    """The beginning of a video's description, without links, hashtags, labels of links, and ``repeated`` lines."""
    return " ".join(line for line in _lines(material.post) if line not in repeated)[:CAPTION]


def _lines(post: Post) -> Iterator[str]:
    for line in (post.text or post.summary)[:DESCRIPTION].split("\n"):
        bare = _BULLET.sub("", normalise(_HASHTAG.sub(" ", _ADDRESS.sub(" ", line))))
        only_label = _ADDRESS.search(line) and (bare.endswith(":") or len(bare.split()) < 4)
        if bare and not only_label:
            yield bare


def list_new_videos(
    new_videos: Sequence[Material], shown: Collection[Key], repeated: Collection[str] = ()
) -> tuple[ListedPost, ...]:
    """The videos that stand under no pick, newest first, each once, with the first sentence of its description."""
    seen = set(shown)
    listed = []
    for new in sorted(new_videos, key=lambda new: (-new.post.published.timestamp(), new.post.key)):
        found = own_video(new)
        if video_key(found) not in seen:
            seen.add(video_key(found))
            post = new.post
            blurb = first_sentence(new, repeated)
            listed.append(
                ListedPost(
                    post.key,
                    post.title,
                    found.url or post.url,
                    new.source.title,
                    post.published,
                    found,
                    blurb,
                )
            )
    return tuple(listed)


def first_sentence(material: Material, repeated: Collection[str] = ()) -> str:
    """The first sentence of a video's description that says something: a greeting is none."""
    text, language = caption(material, repeated), material.post.language
    found = [text[start:end] for start, end in sentences(text, language)]
    telling = next((sentence for sentence in found if len(sentence) >= GREETING), "".join(found[:1]))
    return shorten(telling, BLURB, language)


# ── posts ────────────────────────────────────────────────────────────────────────────────────────


def assign_posts(
    picks: Sequence[tuple[Material, str]], archive: Sequence[tuple[Material, str]], themes: Iterable[Theme]
) -> dict[str, tuple[PickLink, ...]]:
    """The related posts of each pick, by post key: what it lists, then older posts of ours on its theme.

    None is a pick of this issue, and an older post is offered under one pick only.

    Args:
        picks: with the slug of their theme, in reading order.
        archive: older posts of ours, with the slug of their theme.
    """
    in_issue = {canonical(pick.post.url) for pick, _ in picks} | {""}
    shelf = _Archive(archive)
    titles = {theme.slug: theme.title for theme in themes}
    result = {}
    for pick, theme in picks:
        found = offered_posts(pick, in_issue)[:MOST_POSTS]
        seen = in_issue | {canonical(link.link.url) for link in found}
        why = f"An earlier post of ours on {titles.get(theme, theme)}."
        for older in shelf.nearest(pick, theme, seen, MOST_POSTS - len(found)):
            found.append(PickLink(Link(older.post.title, older.post.url), why))
        result[pick.post.key] = tuple(found)
    return result


def offered_posts(pick: Material, in_issue: Collection[str] = ()) -> list[PickLink]:
    """The related posts that a post lists, each once; what is in the issue itself left out."""
    by_address: dict[str, PickLink] = {}
    for link in pick.reading.related_posts:
        address = canonical(link.url)
        if address not in in_issue:
            by_address.setdefault(address, PickLink(link, "The post lists it."))
    return list(by_address.values())


class _Archive:
    """Older posts of ours by theme, each given out once."""

    def __init__(self, archive: Iterable[tuple[Material, str]]) -> None:
        self._by_theme: dict[str, list[tuple[Material, Vector]]] = defaultdict(list)
        for material, theme in sorted(archive, key=lambda pair: pair[0].post.key):
            if theme:
                self._by_theme[theme].append((material, subject(material)))
        self._given: set[str] = set()

    def nearest(self, pick: Material, theme: str, seen: Collection[str], most: int) -> list[Material]:
        """The older posts on the theme that are most like the pick, of equals the newest."""
        body = subject(pick)
        ranked = sorted(
            (
                (-cosine(body, words), -older.post.published.timestamp(), older.post.key, older)
                for older, words in self._by_theme.get(theme, ())
                if older.post.published < pick.post.published
            ),
            key=lambda entry: entry[:3],
        )
        free = [
            older
            for *_, older in ranked
            if older.post.key not in self._given and canonical(older.post.url) not in seen
        ][: max(most, 0)]
        self._given.update(older.post.key for older in free)
        return free
