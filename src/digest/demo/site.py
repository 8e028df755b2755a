"""The sample blog and the sample video channel, as Blogger and YouTube publish theirs, on loopback.

``Site`` is pure: a base URL and a moment give every page. Posts are dated back from that moment, so that a
weekly issue always has about nine new posts and six new videos, and an archive behind them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from hashlib import sha256
from urllib.parse import quote, urlencode

from digest.demo import samples
from digest.demo.loopback import Answer, Request, listening
from digest.demo.pages import render
from digest.demo.pictures import png

BLOG_TITLE = "The Long Table"
BLOG_SUBTITLE = "Interviews and speeches, read slowly"
BLOG_ID = "7391046285517302948"
BLOG_FEED = "/feeds/posts/default"
CHANNEL_ID = "UCd3mQx7TnB0vLrYk2HsWz9A"
CHANNEL_PAGE = "/channel"
CHANNEL_FEED = f"/channel/feeds/videos.xml?channel_id={CHANNEL_ID}"
PAGE_SIZE = 25  # posts in one document of the feed, as at Blogger

_ATOM = "application/atom+xml; charset=UTF-8"
_XML = "text/xml; charset=UTF-8"  # what YouTube sends
_BLOG_ZONE = timezone(timedelta(hours=-7))  # Blogger writes local times with their offset
_ADDRESS = re.compile(r'"(post|picture):([a-z0-9-]+)"')

Route = Callable[[Request], Answer | None]


@dataclass(frozen=True, slots=True)
class BlogComment:
    """A comment as the blog shows it."""

    id: str
    author: str
    text: str
    published: datetime


@dataclass(frozen=True, slots=True)
class BlogPost:
    """A post as the blog shows it; ``html`` has absolute addresses, ``path`` begins with a slash."""

    id: str
    title: str
    author: str
    profile: str
    language: str
    labels: tuple[str, ...]
    published: datetime
    path: str
    url: str
    html: str
    thumbnail: str  # 72 pixels square, or ""
    comments: tuple[BlogComment, ...]

    @property
    def month(self) -> str:
        """The archive it stands in: ``2026/11``."""
        return f"{self.published:%Y/%m}"

    @property
    def comments_feed(self) -> str:
        """The path of the Atom feed of its comments."""
        return f"/feeds/{self.id}/comments/default"


@dataclass(frozen=True, slots=True)
class ChannelVideo:
    """A video as the channel shows it."""

    id: str
    title: str
    description: str
    views: int
    published: datetime
    thumbnail: str

    @property
    def url(self) -> str:
        """Where it could be watched, if it existed."""
        return f"https://www.youtube.com/watch?v={self.id}"


class Site:
    """Every page of the blog and the channel at ``base_url``, as of ``now``."""

    def __init__(self, base_url: str, now: datetime) -> None:
        self.base_url = base_url
        self.now = now.replace(microsecond=0)
        self.posts = self._posts()
        self.videos = tuple(self._video(video) for video in samples.channel().videos)
        self._routes = dict(self._all_routes())

    @property
    def paths(self) -> tuple[str, ...]:
        """Everything there is, as decoded paths without queries."""
        return tuple(self._routes)

    def respond(self, request: Request) -> Answer | None:
        """The page at a path, or None."""
        route = self._routes.get(request.path)
        return route(request) if route else None

    # ── what is published ────────────────────────────────────────────────────────────────────────

    def _ago(self, days: float) -> datetime:
        return (self.now - timedelta(days=days)).replace(microsecond=0)

    def _posts(self) -> tuple[BlogPost, ...]:
        paths = {post.slug: f"/{self._ago(post.days_ago):%Y/%m}/{post.slug}.html" for post in samples.posts()}
        return tuple(self._post(post, paths) for post in samples.posts())

    def _post(self, post: samples.SamplePost, paths: dict[str, str]) -> BlogPost:
        def address(match: re.Match[str]) -> str:
            kind, name = match.groups()
            return f'"{self.base_url}{paths[name] if kind == "post" else _picture_path(name)}"'

        return BlogPost(
            id=post.id,
            title=post.title,
            author=post.author,
            profile=f"https://www.blogger.com/profile/{_number(post.author)}",
            language=post.language,
            labels=post.labels,
            published=self._ago(post.days_ago),
            path=paths[post.slug],
            url=self.base_url + paths[post.slug],
            html=_ADDRESS.sub(address, post.body),
            thumbnail=self.base_url + _picture_path(post.picture, "s72-c") if post.picture else "",
            comments=tuple(self._comment(post, comment) for comment in post.comments),
        )

    def _comment(self, post: samples.SamplePost, comment: samples.SampleComment) -> BlogComment:
        number = _number(post.id + comment.author + comment.text)
        return BlogComment(number, comment.author, comment.text, self._ago(comment.days_ago))

    def _video(self, video: samples.SampleVideo) -> ChannelVideo:
        return ChannelVideo(
            id=video.id,
            title=video.title,
            description=video.description.strip(),
            views=video.views,
            published=self._ago(video.days_ago),
            thumbnail=f"{self.base_url}{CHANNEL_PAGE}/vi/{video.id}/hqdefault.png",
        )

    # ── where it is ──────────────────────────────────────────────────────────────────────────────

    def _all_routes(self) -> Iterator[tuple[str, Route]]:
        yield "/", partial(self._listing, "", self.posts)
        yield BLOG_FEED, self._feed
        for post in self.posts:
            yield post.path, partial(self._post_page, post)
            yield post.comments_feed, partial(self._comments_feed, post)
        for month in self._months():
            yield f"/{month}/", partial(self._listing, month, self._dated(month))
        for label in self._labels():
            yield f"/search/label/{label}", partial(self._listing, label, self._labelled(label))
        yield CHANNEL_PAGE, self._channel_page
        yield CHANNEL_FEED.partition("?")[0], self._channel_feed
        yield from self._pictures()

    def _pictures(self) -> Iterator[tuple[str, Route]]:
        for name in sorted({post.picture for post in samples.posts()} - {""}):
            yield _picture_path(name), partial(_picture, name, 640, 360)
            yield _picture_path(name, "s72-c"), partial(_picture, name, 72, 72)
        for video in self.videos:
            yield video.thumbnail.removeprefix(self.base_url), partial(_picture, video.id, 480, 360)

    def _dated(self, month: str) -> tuple[BlogPost, ...]:
        return tuple(post for post in self.posts if post.month == month)

    def _labelled(self, label: str) -> tuple[BlogPost, ...]:
        return tuple(post for post in self.posts if label in post.labels)

    def _months(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(post.month for post in self.posts))

    def _labels(self) -> tuple[str, ...]:
        return tuple(sorted({label for post in self.posts for label in post.labels}))

    # ── what it looks like ───────────────────────────────────────────────────────────────────────

    def _render(self, template: str, content_type: str, modified: datetime, **values: object) -> Answer:
        body = render(
            template,
            base_url=self.base_url,
            blog_id=BLOG_ID,
            blog_title=BLOG_TITLE,
            blog_subtitle=BLOG_SUBTITLE,
            blog_feed=BLOG_FEED,
            stamp=_stamp,
            months=self._months(),
            all_labels=self._labels(),
            **values,
        )
        return Answer(body, content_type, modified=modified)

    def _listing(self, heading: str, posts: tuple[BlogPost, ...], _request: Request) -> Answer:
        return self._render(
            "listing.html", "text/html; charset=UTF-8", posts[0].published, heading=heading, posts=posts
        )

    def _post_page(self, post: BlogPost, _request: Request) -> Answer:
        place = self.posts.index(post)
        changed = max([post.published, *(comment.published for comment in post.comments)])
        return self._render(
            "post.html",
            "text/html; charset=UTF-8",
            changed,
            post=post,
            newer=self.posts[place - 1] if place else None,
            older=self.posts[place + 1] if place + 1 < len(self.posts) else None,
        )

    def _feed(self, request: Request) -> Answer:
        """The feed of posts; ``start-index`` (from 1) and ``max-results`` page through it, as at Blogger."""
        start = _whole(request.query.get("start-index"), default=1, most=len(self.posts))
        size = _whole(request.query.get("max-results"), default=PAGE_SIZE, most=150)
        more = urlencode({"start-index": start + size, "max-results": size})
        return self._render(
            "blog_feed.xml",
            _ATOM,
            self.posts[0].published,
            posts=self.posts[start - 1 : start - 1 + size],
            total=len(self.posts),
            start=start,
            size=size,
            next_url=f"{self.base_url}{BLOG_FEED}?{more}" if start + size <= len(self.posts) else "",
        )

    def _comments_feed(self, post: BlogPost, _request: Request) -> Answer:
        changed = max([post.published, *(comment.published for comment in post.comments)])
        return self._render("comments_feed.xml", _ATOM, changed, post=post, changed=changed)

    def _channel_page(self, _request: Request) -> Answer:
        return self._channel("channel.html", "text/html; charset=UTF-8")

    def _channel_feed(self, request: Request) -> Answer | None:
        """The channel's feed; without the right ``channel_id`` there is none, as at YouTube."""
        wanted = request.query.get("channel_id")
        return self._channel("channel_feed.xml", _XML) if wanted == CHANNEL_ID else None

    def _channel(self, template: str, content_type: str) -> Answer:
        body = render(
            template,
            base_url=self.base_url,
            feed_url=self.base_url + CHANNEL_FEED,
            channel_id=CHANNEL_ID,
            channel_title=samples.channel().title,
            channel_url=f"https://www.youtube.com/channel/{CHANNEL_ID}",
            videos=self.videos,
            founded=self._ago(900),
        )
        return Answer(body, content_type, modified=self.videos[0].published)


def serve(now: datetime, port: int = 0) -> AbstractContextManager[str]:
    """Publish the samples on loopback until the block ends; gives the base URL, without a final slash.

    ``base + BLOG_FEED`` and ``base + CHANNEL_FEED`` are the two sources. ``now`` must be aware.

    Raises:
        DigestError: the port is taken.
    """
    return listening(lambda base_url: Site(base_url, now).respond, port)


def _stamp(moment: datetime) -> str:
    """RFC 3339 with milliseconds and the blog's offset: ``2026-11-22T04:10:00.000-07:00``."""
    return moment.astimezone(_BLOG_ZONE).isoformat(timespec="milliseconds")


def _number(text: str) -> str:
    """A number of 19 digits made from a text, in the manner of Blogger's."""
    return str(10**18 + int.from_bytes(sha256(text.encode()).digest()[:8]) % (9 * 10**18))


def _whole(text: str | None, default: int, most: int) -> int:
    """A number from 1 to ``most`` from a query, or the default."""
    return min(max(int(text), 1), most) if text and re.fullmatch(r"[0-9]{1,6}", text) else default


def _picture_path(name: str, size: str = "s640") -> str:
    return f"/pictures/{size}/{quote(name)}.png"


def _picture(name: str, width: int, height: int, _request: Request) -> Answer:
    return Answer(png(name, width, height), "image/png", headers=(("Cache-Control", "max-age=86400"),))
