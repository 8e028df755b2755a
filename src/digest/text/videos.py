"""One video behind all the spellings of its address.

Each platform is a function from an address to a ``Video`` or None, found by host. A playlist, a channel, a
document, a map or a sound player is no video.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from urllib.parse import SplitResult, parse_qs, quote, unquote, urljoin, urlsplit
from uuid import UUID

from digest.model import Video
from digest.text.language import normalise

_LONGEST = 4_096
_LONGEST_TITLE = 300

# What players are called by those who embed them: no title says nothing but these.
_NO_TITLE = frozenset(
    {
        "youtube",
        "vimeo",
        "dailymotion",
        "peertube",
        "facebook",
        "blogger",
        "iframe",
        "frame",
        "embed",
        "embedded",
    }
    | {"video", "videos", "player", "videoplayer"}
)
_WORD = re.compile(r"[^\W_]+")
_ABSOLUTE = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}(?![A-Za-z0-9_-])")
# Eleven characters too: a playlist, and a channel's stream.
_NOT_YOUTUBE_IDS = frozenset({"videoseries", "live_stream"})
_YOUTUBE_PATHS = frozenset({"embed", "e", "v", "vi", "shorts", "live", "watch"})
_VIMEO_PATH = re.compile(
    r"/(?:video/|channels/[^/]+/|groups/[^/]+/videos/|album/[^/]+/video/|showcase/[^/]+/video/|ondemand/[^/]+/)?"
    r"(\d+)(?:/([0-9a-f]{6,}))?(?:/|$)"
)
_DAILYMOTION_PATH = re.compile(r"/(?:embed/|swf/|crawler/)?(?:video/)([A-Za-z0-9]+)")
_DAILYMOTION_ID = re.compile(r"[A-Za-z0-9]{5,}")
_FACEBOOK_PATH = re.compile(r"/(?:[^/]+/videos/(?:[^/]+/)?|reel/)(\d+)(?:/|$)")
_PEERTUBE_PATH = re.compile(
    r"/(?:w|videos/(?:watch|embed))/"
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[1-9A-HJ-NP-Za-km-z]{21,22})(?:/|$)"
)
_BASE_58 = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"  # as Flickr orders it, and short-uuid after it
# Without one of these an address cannot be that of a video, and most addresses are not.
_SIGN = re.compile(
    r"youtu|vimeo|dai\.ly|dailymotion|facebook|fb\.|blogger\.com|embedly|iframe\.ly|google\."
    r"|/w/|/videos/|\.mp4|\.m4v|\.webm|\.ogv|%"
)
_DIGITS = 22  # of 128 bits in base 58
_FILE_PATH = re.compile(r"\.(?:mp4|m4v|webm|ogv)$", re.IGNORECASE)


class _Address:
    """The parts of an address that platforms look at."""

    def __init__(self, parts: SplitResult) -> None:
        self.parts = parts
        self.path = unquote(parts.path)
        self.host = re.sub(r"^(?:www|m|mobile|web|touch)\.", "", (parts.hostname or "").rstrip("."))

    @cached_property
    def _query(self) -> Mapping[str, list[str]]:
        try:
            return parse_qs(self.parts.query.replace("&amp;", "&"), max_num_fields=100)
        except ValueError:  # more fields than any player has
            return {}

    def value(self, *names: str) -> str:
        """The first value of the first of these query parameters, or ``""``."""
        return next((self._query[name][0] for name in names if name in self._query), "")


def video(url: str, title: str = "", base: str = "") -> Video | None:
    """The video that an address leads to or plays, or None.

    ``Video.url`` is the page to watch it on, the same for every spelling; ``Video.id`` is the platform's own.
    Addresses without a scheme (``//www.youtube.com/embed/…``) are https.
    """
    found = _video(url, base, wrappers=2)
    return replace(found, title=_telling(title)) if found and title else found


def _telling(title: str) -> str:
    """A title in one line; none if it only says that there is a player: "YouTube video player"."""
    title = normalise(title)[:_LONGEST_TITLE]
    return "" if _NO_TITLE.issuperset(_WORD.findall(title.lower())) else title


@lru_cache(maxsize=128)  # a post's players and links are asked about again and again
def _video(url: str, base: str, wrappers: int) -> Video | None:
    url = url.strip()
    if not url or len(url) > _LONGEST or not (_may_play(url) or _may_play(base)):
        return None
    try:
        parts = urlsplit(url if _ABSOLUTE.match(url) else urljoin(base or "https:", url))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return None
    except ValueError:  # an impossible host
        return None
    address = _Address(parts)
    if inner := _wrapped(address):
        return _video(inner, parts.geturl(), wrappers - 1) if wrappers else None
    platform = _PLATFORMS.get(address.host)
    return platform(address) if platform else _peertube(address) or _file(address)


def _may_play(address: str) -> bool:
    address = address.lower()
    return not address.isascii() or _SIGN.search(address) is not None


def _wrapped(address: _Address) -> str:
    """The address inside a player or redirect of somebody else, or ``""``."""
    host, path = address.host, address.path
    if host.endswith("embedly.com") or host.endswith("iframe.ly"):
        return address.value("src", "url")
    if host.startswith("google.") and path == "/url":
        return address.value("q", "url")
    if host == "consent.youtube.com":
        return address.value("continue")
    if host == "youtube.com" and path in {"/attribution_link", "/oembed"}:
        return address.value("u", "url")
    if host in _FACEBOOK_HOSTS and path.endswith("/plugins/video.php"):
        return address.value("href")
    return address.value("u") if host in {"l.facebook.com", "lm.facebook.com"} else ""


def _youtube(address: _Address) -> Video | None:
    first, _, rest = address.path.lstrip("/").partition("/")
    if address.host == "youtu.be":
        candidate = first
    elif first in _YOUTUBE_PATHS and rest:
        candidate = rest
    else:  # /watch?v=, /watch_popup?v=, /?v=, and /watch#!v= of the days of Ajax
        candidate = address.value("v", "vi") or address.parts.fragment.removeprefix("!").removeprefix("v=")
    match = _YOUTUBE_ID.match(candidate)
    return youtube(match.group()) if match and match.group() not in _NOT_YOUTUBE_IDS else None


def youtube(id: str) -> Video:
    """The YouTube video of that id."""
    watch, thumbnail = f"https://www.youtube.com/watch?v={id}", f"https://i.ytimg.com/vi/{id}/hqdefault.jpg"
    return Video("youtube", id, watch, thumbnail=thumbnail)


def _vimeo(address: _Address) -> Video | None:
    if match := _VIMEO_PATH.match(address.path):
        id, private = match.group(1), match.group(2) or address.value("h")
    else:
        id, private = address.value("clip_id"), ""
    if not id.isdecimal():
        return None
    private = f"/{private}" if re.fullmatch(r"[0-9a-f]{6,}", private) else ""
    return Video("vimeo", id, f"https://vimeo.com/{id}{private}")


def _dailymotion(address: _Address) -> Video | None:
    if address.host == "dai.ly":
        candidate = address.path.strip("/")
    elif match := _DAILYMOTION_PATH.match(address.path):
        candidate = match.group(1)
    else:
        candidate = address.value("video")
    if not _DAILYMOTION_ID.fullmatch(candidate):
        return None
    page = "https://www.dailymotion.com"
    return Video(
        "dailymotion", candidate, f"{page}/video/{candidate}", thumbnail=f"{page}/thumbnail/video/{candidate}"
    )


def _facebook(address: _Address) -> Video | None:
    if address.host == "fb.watch":
        short = address.path.strip("/")
        return (
            Video("facebook", short, f"https://fb.watch/{short}/") if re.fullmatch(r"[\w-]+", short) else None
        )
    match = _FACEBOOK_PATH.match(address.path)
    watched = address.path.startswith(("/watch", "/video.php"))
    id = match.group(1) if match else address.value("v") if watched else ""
    return Video("facebook", id, f"https://www.facebook.com/watch/?v={id}") if id.isdecimal() else None


def _blogger(address: _Address) -> Video | None:
    """Blogger's own player: the token is all there is of an identity."""
    token = address.value("token", "contentId", "contentid")
    if not address.path.startswith(("/video", "/img/videoplayer")) or not re.fullmatch(r"[\w.=-]+", token):
        return None
    name = "token" if address.value("token") else "contentId"
    return Video("blogger", token, f"https://www.blogger.com/video.g?{name}={quote(token)}")


def _peertube(address: _Address) -> Video | None:
    """PeerTube lives on any host; its ids are UUIDs or their 22 characters in base 58."""
    match = _PEERTUBE_PATH.match(address.path)
    if not match:
        return None
    return Video(
        "peertube", match.group(1), f"{address.parts.scheme}://{address.parts.netloc}/w/{match.group(1)}"
    )


def key(video: Video) -> tuple[str, str]:
    """What is the same of two videos that are one, however their ids are spelled."""
    return video.platform, _uuid(video.id) if video.platform == "peertube" else video.id


def _uuid(id: str) -> str:
    """The UUID that an id of PeerTube stands for."""
    if len(id) > _DIGITS or not set(id) <= set(_BASE_58):
        return id
    number = 0
    for digit in id:
        number = number * len(_BASE_58) + _BASE_58.index(digit)
    return str(UUID(int=number)) if number < 2**128 else id


def _file(address: _Address) -> Video | None:
    if not _FILE_PATH.search(address.path):
        return None
    url = address.parts._replace(fragment="", path=quote(address.path)).geturl()
    return Video("file", url, url)


_FACEBOOK_HOSTS = frozenset({"facebook.com", "fb.com", "fb.watch"})

_PLATFORMS: Mapping[str, Callable[[_Address], Video | None]] = {
    **dict.fromkeys(
        (
            "youtube.com",
            "youtube-nocookie.com",
            "music.youtube.com",
            "gaming.youtube.com",
            "youtube.googleapis.com",
            "youtu.be",
        ),
        _youtube,
    ),
    **dict.fromkeys(("vimeo.com", "player.vimeo.com"), _vimeo),
    **dict.fromkeys(("dailymotion.com", "geo.dailymotion.com", "dai.ly"), _dailymotion),
    **dict.fromkeys(_FACEBOOK_HOSTS, _facebook),
    **dict.fromkeys(("blogger.com", "draft.blogger.com"), _blogger),
}
