"""Which elements of a page are players, and of which video."""

from __future__ import annotations

import re

from digest.model import Video
from digest.text.markup import Element, names
from digest.text.videos import video, youtube

FRAMES = names("iframe frame embed object applet video amp-iframe")
CUSTOM = names("amp-youtube amp-vimeo amp-dailymotion amp-video lite-youtube lite-vimeo youtube-video")

SOURCES = (
    "src",
    "data",
    "data-src",
    "data-lazy-src",
    "data-lazyload",
    "data-litespeed-src",
    "data-cookieblock-src",
    "data-video-url",
    "data-video-src",
    "data-embed-url",
    "data-embed",
    "data-iframe-src",
    "data-href",
    "data-url",
    "data-orig-src",
)
_TITLES = ("title", "data-title", "aria-label", "data-video-title", "playlabel", "data-alt")
IDS = (
    "videoid",
    "data-videoid",
    "data-video-id",
    "data-youtube-id",
    "data-yt-id",
    "data-ytid",
    "data-youtube",
)
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_PLAY = re.compile(r"^\s*Play\s*:\s*")  # before the titles of <lite-youtube>
_ADDRESS = re.compile(r"""(?:href|src)\s*=\s*["']?(?=https?:|//)([^\s"'<>]+)""", re.IGNORECASE)
_MOST_SOURCES = 20
_TELLING = frozenset({*SOURCES, *IDS})


def player(element: Element, base: str = "") -> Video | None:
    """The video that an element plays, or None.

    Frames, ``<embed>``, ``<object>`` with its parameters, ``<video>`` with its sources, AMP's and other custom
    elements, and the placeholders of lazy players, which name their video in an attribute.
    """
    if element.tag in {"a", "img", "source", "param"}:
        return None
    if element.tag not in FRAMES and _TELLING.isdisjoint(element.attributes):
        return None
    candidates = _candidates(element) if element.tag in FRAMES else _named(element)
    title = _PLAY.sub("", element.get(*_TITLES))
    for candidate in candidates[:_MOST_SOURCES]:
        if found := video(candidate, title, base):
            return found
    return _by_id(element, title)


def _named(element: Element) -> list[str]:
    return [value for name in SOURCES if name != "src" and (value := element.attributes.get(name, ""))]


def _candidates(element: Element) -> list[str]:
    """The addresses a frame names: its own, then those of its parameters, sources and fallbacks."""
    addresses = [value for name in SOURCES if (value := element.attributes.get(name, ""))]
    addresses += _ADDRESS.findall(element.get("srcdoc"))  # of a page that asks to be clicked before it plays
    for inner in element.descendants:
        if inner.tag in {"source", "embed", "iframe"}:
            addresses.append(inner.get("src", "data-src"))
        elif inner.tag == "param" and inner.get("name").lower() in {"movie", "src", "url", "filename"}:
            addresses.append(inner.get("value"))
    return addresses


def _by_id(element: Element, title: str) -> Video | None:
    """A video by its bare id, where tag, class or attribute say whose id it is."""
    name, value = next(
        ((name, element.attributes[name]) for name in IDS if element.attributes.get(name)), ("", "")
    )
    owner = f"{element.tag} {element.get('class')} {element.get('data-provider', 'data-type')} {name}".lower()
    if ("youtube" in owner or "-yt" in owner) and _YOUTUBE_ID.fullmatch(value):
        return video(youtube(value).url, title)
    if "vimeo" in owner and value.isdecimal():
        return video(f"https://vimeo.com/{value}", title)
    if "dailymotion" in owner:
        return video(f"https://www.dailymotion.com/video/{value}", title)
    return None
