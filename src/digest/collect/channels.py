"""Feeds that an address itself tells: channels, playlists and profiles of platforms that make them by rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import SplitResult, parse_qs, quote, urljoin, urlsplit

from digest.text.links import video

_LARGEST_PAGE = 4 * 1024 * 1024
_YOUTUBE = "https://www.youtube.com"
_YOUTUBE_HOSTS = frozenset({"youtube.com", "youtu.be", "music.youtube.com", "youtube-nocookie.com"})
_CHANNEL = re.compile(r"UC[\w-]{22}(?![\w-])", re.ASCII)
# Lists that somebody made or a channel has; RD is a mix made for one viewer, WL and LL are private.
_PLAYLIST = re.compile(r"(?:PL|UU|OL|FL|EC|SP)[\w-]{8,64}", re.ASCII)
# Where a YouTube page says whose it is, the surest first. A channel's page names other channels too.
_CHANNEL_MARKS = tuple(
    re.compile(mark + rb"(UC[\w-]{22})(?![\w-])", re.ASCII)
    for mark in (
        rb"""<link(?=[^>]{0,500}rel=["']?canonical)[^>]{0,500}youtube\.com/channel/""",
        rb"""<meta(?=[^>]{0,500}itemprop=["']?(?:channelId|identifier))[^>]{0,500}content=["']?""",
        rb"""<meta(?=[^>]{0,500}property=["']?og:url)[^>]{0,500}youtube\.com/channel/""",
        rb"""["']externalId\\?["']\s*:\s*\\?["']""",
        rb"""["']externalChannelId\\?["']\s*:\s*\\?["']""",
        rb"""feeds/videos\.xml\?channel_id=""",
        rb"""["']channelId\\?["']\s*:\s*\\?["']""",
    )
)
_CONSENT_HOST = re.compile(r"consent\.(?:youtube|google)\.[a-z.]+")
_CONSENT_FORM = re.compile(rb'action="https://consent\.(?:youtube|google)\.')

# First words of paths that are no names of channels.
_VIMEO_PAGES = frozenset(
    [
        *("about", "album", "blog", "categories", "create", "enterprise", "explore", "features", "for-hire"),
        *("help", "join", "log_in", "ondemand", "pricing", "search", "settings", "showcase", "site_map"),
        *("solutions", "stock", "upgrade", "upload", "watch"),
    ]
)
_DAILYMOTION_PAGES = frozenset(
    ["embed", "feed", "legal", "partner", "playlist", "rss", "search", "signin", "topic", "video"]
)
_MEDIUM_PAGES = frozenset(
    ["about", "feed", "m", "me", "membership", "plans", "search", "tag", "topic", "topics"]
)


def feeds_of(url: str) -> tuple[str, ...]:
    """The addresses of the feeds that belong to a page's address by the rules of its platform, the best first."""
    parts = urlsplit(url)
    host = _host(parts)
    rule = _RULES.get(host) or next(
        (rule for part, rule in _RULES_BY_PART.items() if part in f"{host}."), None
    )
    return tuple(dict.fromkeys(rule(parts))) if rule else ()


def perhaps_of(url: str) -> tuple[str, ...]:
    """Feeds that the address has if its host runs what it looks like: PeerTube or Mastodon, which live anywhere."""
    parts = urlsplit(url)
    kind, _, rest = parts.path.strip("/").partition("/")
    name = quote(rest.partition("/")[0], safe="@")
    if kind in {"c", "video-channels"} and name:
        return (urljoin(url, f"/feeds/videos.xml?videoChannelName={name}"),)
    if kind in {"a", "accounts"} and name:
        return (urljoin(url, f"/feeds/videos.xml?accountName={name}"),)
    account = kind if kind.startswith("@") else f"@{name}" if kind == "users" and name else ""
    return (urljoin(url, f"/{account}.rss"),) if account and not account.endswith(".rss") else ()


def page_of(url: str) -> str:
    """The page to read for its feed: of a player or short link to a video, the page to watch it on."""
    if not is_youtube(url):
        return url
    watched = video(url)
    if watched:
        return watched.url
    return urlsplit(url)._replace(scheme="https", netloc="www.youtube.com", fragment="").geturl()


def is_youtube(url: str) -> bool:
    """Whether the address is one of YouTube."""
    return _host(urlsplit(url)) in _YOUTUBE_HOSTS


def is_youtube_feed(url: str) -> bool:
    """Whether the address is a feed of YouTube already, of a channel or a list."""
    return is_youtube(url) and urlsplit(url).path == "/feeds/videos.xml"


def playlists_of(url: str) -> tuple[str, ...]:
    """The feed of the list that an address of YouTube names, if that is a list for everybody."""
    if not is_youtube(url):
        return ()
    id = query_value(url, "list")
    return (f"{_YOUTUBE}/feeds/videos.xml?playlist_id={id}",) if _PLAYLIST.fullmatch(id) else ()


def query_value(url: str, name: str) -> str:
    """The first value of a parameter in the query of an address, or ""."""
    try:
        return parse_qs(urlsplit(url).query, max_num_fields=100).get(name, [""])[0]
    except ValueError:  # more parameters than any page has
        return ""


def youtube_channel(body: bytes) -> str:
    """The feed of the channel that a YouTube page is of, or "" where the page does not say."""
    for mark in _CHANNEL_MARKS:
        found = {match.decode() for match in mark.findall(body[:_LARGEST_PAGE])}
        if len(found) == 1:
            return _channel_feed(found.pop())
    return ""


def asks_consent(url: str, body: bytes) -> bool:
    """Whether what came back is no page but the question whether one agrees to be tracked."""
    return bool(_CONSENT_HOST.fullmatch(urlsplit(url).hostname or "") or _CONSENT_FORM.search(body))


def _host(parts: SplitResult) -> str:
    return re.sub(r"^(?:www|m|mobile)\.", "", (parts.hostname or "").rstrip("."))


def _path(parts: SplitResult) -> list[str]:
    return [part for part in parts.path.split("/") if part]


# ── the platforms ────────────────────────────────────────────────────────────────────────────────


def _channel_feed(id: str) -> str:
    return f"{_YOUTUBE}/feeds/videos.xml?channel_id={id}"


def _youtube(parts: SplitResult) -> Iterator[str]:
    path = _path(parts)
    if path[:1] == ["channel"] and len(path) > 1 and _CHANNEL.fullmatch(path[1]):
        yield _channel_feed(path[1])
    elif path[:1] == ["user"] and len(path) > 1:
        yield f"{_YOUTUBE}/feeds/videos.xml?user={quote(path[1])}"
    elif path == ["playlist"]:
        yield from playlists_of(parts.geturl())


def _vimeo(parts: SplitResult) -> Iterator[str]:
    path = _path(parts)
    if path[:1] in (["channels"], ["groups"]) and len(path) > 1:
        yield f"https://vimeo.com/{path[0]}/{path[1]}/videos/rss"
    elif path and not path[0].isdecimal() and path[0] not in _VIMEO_PAGES:
        yield f"https://vimeo.com/{path[0]}/videos/rss"


def _dailymotion(parts: SplitResult) -> Iterator[str]:
    path = _path(parts)
    if path[:1] == ["playlist"] and len(path) > 1:
        yield f"https://www.dailymotion.com/rss/playlist/{path[1]}"
    elif path and path[0] not in _DAILYMOTION_PAGES:
        yield f"https://www.dailymotion.com/rss/user/{path[1] if path[0] == 'user' and path[1:] else path[0]}"


def _medium(parts: SplitResult) -> Iterator[str]:
    path = _path(parts)
    if path and path[0] not in _MEDIUM_PAGES:
        yield f"https://medium.com/feed/{path[0]}"


def _bluesky(parts: SplitResult) -> Iterator[str]:
    path = _path(parts)
    if path[:1] == ["profile"] and len(path) > 1:
        yield f"https://bsky.app/profile/{path[1]}/rss"


def _blogspot(parts: SplitResult) -> Iterator[str]:
    """A label's page has a feed of its own."""
    path = _path(parts)
    if path[:1] == ["feeds"]:
        return
    label = f"/-/{path[2]}" if path[:2] == ["search", "label"] and len(path) > 2 else ""
    yield f"{parts.scheme}://{parts.netloc}/feeds/posts/default{label}"


_Rule = Callable[[SplitResult], Iterator[str]]


def _at(path: str) -> _Rule:
    """The rule of a platform on which every site has its feed in the same place."""

    def rule(parts: SplitResult) -> Iterator[str]:
        if not parts.path.startswith(path.rstrip("/")):
            yield f"{parts.scheme}://{parts.netloc}{path}"

    return rule


_RULES: Mapping[str, _Rule] = {
    **dict.fromkeys(_YOUTUBE_HOSTS, _youtube),
    "vimeo.com": _vimeo,
    "dailymotion.com": _dailymotion,
    "medium.com": _medium,
    "bsky.app": _bluesky,
}
_RULES_BY_PART: Mapping[str, _Rule] = {
    ".substack.com.": _at("/feed"),
    ".medium.com.": _at("/feed"),
    ".tumblr.com.": _at("/rss"),
    ".blogspot.": _blogspot,  # in every country
}
