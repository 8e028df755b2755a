"""Addresses: made absolute, made canonical, and pointed at exact words. Videos are in ``text.videos``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from url_normalize import url_normalize

from digest.model import Span
from digest.text.language import normalise
from digest.text.videos import video

__all__ = ["absolute", "canonical", "passage", "text_fragment", "video"]

_LONGEST = 4_096

# A browser drops these wherever they stand, so "java\nscript:" is a script to it (WHATWG URL, basic URL parser).
_DROPPED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\\ud800-\\udfff]"
)
# An address in which nothing has to be changed, as most are.
_PLAIN = re.compile(r"https?://[a-z0-9-]++(?:\.[a-z0-9-]++)*+(?:/[\w/.~%?=&+,;:@!*()#'-]*+)?+", re.ASCII)
_UNSAFE = re.compile(r"[\s\"<>`{}|^\\]")

# Families of campaign parameters, then those of single networks, mailers and shops.
_TRACKING = re.compile(
    r"""(?:utm|mtm|matomo|piwik|pk|hsa|vero|oly|fb_action|ns_m\w*|at_custom\d*)_\w+
    | (?:fb|g|d|msc|y|ys|tw|tt)clid | gclsrc | [gw]braid | igsh(?:id)? | li_fat_id | epik | fb_(?:source|ref)
    | mc_[ce]id | _hs(?:enc|mi) | hsctatracking | mkt_tok | rb_clickid | s_cid | ref_(?:src|url) | spref
    | _ga | _gl | _openstat | at_(?:medium|campaign) | cmpid | ncid | sr_share | wt_z?mc | xtor | trk(?:campaign)?
    | guccounter | guce_referrer(?:_sig)? | __twitter_impression | __s | campaign_id | ns_(?:campaign|source)""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)

_WHOLE_WORDS = 8  # a quotation of at most so many words is searched for as a whole
_WHOLE_CHARACTERS = 60
_EDGE_WORDS = 5
_TELLING = 40  # characters by which two passages are told apart
_CONTEXT = 60  # characters before a passage that may be needed for it


def absolute(url: str, base: str = "") -> str:
    """The address as an absolute one, or ``""`` unless it leads to http, https or mailto afterwards.

    Read as a browser does: control characters dropped, backslashes are slashes, ``//host`` takes the scheme of
    ``base`` (https without one). Characters that no address may have are percent-encoded.
    """
    if len(url) <= _LONGEST and _PLAIN.fullmatch(url):
        return url
    url = _DROPPED.sub("", url).strip()
    if not url or len(url) > _LONGEST:
        return ""
    head, mark, query = url.partition("?")
    try:
        parts = urlsplit(urljoin(base or "https:", head.replace("\\", "/") + mark + query))
        known = _is_mail(parts) or _is_web(parts)
    except ValueError:  # an impossible host or port
        return ""
    return _UNSAFE.sub(lambda match: quote(match.group()), parts.geturl()) if known else ""


def _is_web(parts: SplitResult) -> bool:
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0


def _is_mail(parts: SplitResult) -> bool:
    return parts.scheme == "mailto" and "@" in parts.path


# Most addresses are canonical as they stand, and normalising one takes as long as storing a post.
_CANONICAL = re.compile(
    r"https?://(?:[a-z0-9][a-z0-9-]{0,62}(?<!-)\.){1,8}[a-z]{2,24}"
    r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,199}/){0,12}(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,199})?"
)


_PLAIN_QUERY = re.compile(r"[A-Za-z0-9_.~-]++=[A-Za-z0-9_.~-]*+(?:&[A-Za-z0-9_.~-]++=[A-Za-z0-9_.~-]*+)*+")


def canonical(url: str) -> str:
    """The address under which two links are the same, or ``""`` if it is not http or https.

    RFC 3986 normalisation (case, default port, dots, percent-encoding, IDNA host), without tracking parameters,
    without a fragment, and without the mobile switch of Blogger (``?m=1``).
    """
    address = url.partition("#")[0]
    head, mark, query = address.partition("?")
    if (
        len(url) <= _LONGEST
        and _CANONICAL.fullmatch(head)
        and "--" not in head
        and (not mark or (_PLAIN_QUERY.fullmatch(query) and not _tracks(query, head)))
    ):
        return address
    return _normalised(url)


@lru_cache(maxsize=512)
def _normalised(url: str) -> str:
    url = absolute(url)
    if not url.startswith(("http:", "https:")):
        return ""
    parts = urlsplit(url)
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_tracking(pair, parts.path))
    try:
        return url_normalize(parts._replace(query=query, fragment="").geturl()) or ""
    except ValueError:  # a host that IDNA refuses
        return ""


def _tracks(query: str, path: str) -> bool:
    return any(_is_tracking(pair, path) for pair in query.split("&"))


def _is_tracking(pair: str, path: str) -> bool:
    name, _, value = pair.partition("=")
    if name == "m" and path.endswith(".html"):
        return value in {"0", "1"}
    return _TRACKING.fullmatch(name) is not None


def passage(url: str, text: str, spans: Iterable[Span]) -> str:
    """The address of a page with a directive for each span of its text; ``""`` without an address.

    A span whose first words stand earlier in the text, too, takes along what is before it on its line, so that a
    browser finds it and not the others.
    """
    parts = tuple(spans)
    before = [_before(text, start, end) for start, end in parts]
    return text_fragment(url, [text[start:end] for start, end in parts], before) if url else ""


def _before(text: str, start: int, end: int) -> str:
    """What stands before a span on its line, in whole words; ``""`` where the span can do without."""
    head = text[start : min(end, start + _TELLING)]
    if text.find(head, 0, start + len(head) - 1) < 0:
        return ""
    near = text[max(0, start - _CONTEXT) : start].rpartition("\n")[2]
    return near if len(near) < _CONTEXT else near.partition(" ")[2]


def text_fragment(url: str, words: Sequence[str], before: Sequence[str] = ()) -> str:
    """The address with a directive that scrolls to words and marks them (WICG scroll-to-text-fragment).

    Args:
        url: of the page; a fragment that it has is kept.
        words: runs of words as the page shows them; a line break in a run is where a block ends, and neither the
            first nor the last words that are searched for cross one.
        before: for each run what stands right before it, where that tells it from the same words elsewhere, or "".
    """
    runs = zip_longest(words, before, fillvalue="")
    directives = [_prefix(prefix) + directive for run, prefix in runs if (directive := _directive(run))]
    address, _, fragment = url.partition("#")
    fragment = fragment.partition(":~:")[0]
    if not directives:
        return address + (f"#{fragment}" if fragment else "")
    return f"{address}#{fragment}:~:" + "&".join(f"text={directive}" for directive in directives)


def _prefix(before: str) -> str:
    """What stands before the words, with the mark that opens them: a browser wants nothing between the two."""
    words = normalise(before).split()
    return f"{_encoded(words[-_EDGE_WORDS:])}-," if words else ""


def _directive(run: str) -> str:
    lines = [words for line in run.split("\n") if (words := normalise(line).split())]
    if not lines:
        return ""
    first, last = lines[0], lines[-1]
    if len(lines) == 1 and (len(first) <= _WHOLE_WORDS or len(" ".join(first)) <= _WHOLE_CHARACTERS):
        return _encoded(first)
    edge = min(_EDGE_WORDS, len(first) // 2) if len(lines) == 1 else _EDGE_WORDS
    return f"{_encoded(first[:edge])},{_encoded(last[-edge:])}"


def _encoded(words: Sequence[str]) -> str:
    """Percent-encoded, with ``-``, ``,`` and ``&``, which are the directive's own syntax."""
    return quote(" ".join(words), safe="").replace("-", "%2D")
