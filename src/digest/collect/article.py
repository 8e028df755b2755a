"""Where on a web page its text is: the element that holds it, without what the site puts around and into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from digest.collect.pagewords import PageWords
from digest.text.language import normalise
from digest.text.markup import Element, Node, names

# Class names are read as words: "entry-content", "postBody" and "sd_sharing" are entry-content, post-body, sd-sharing.
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_OWNER = (
    r"(?:(?:template|post|entry|article|blog|content|page|single|site|story|block|node|item|[a-z]{1,2})-)*"
)
_PART = (
    r"area|bar|block|box|buttons?|card|container|content|count|embed|form|header|holder|icons?|inner|items?|line|links?"
    r"|list|outer|section|single|thread|title|tools?|toolbox|top|bottom|widget|wrap|wrapper|\d+"
)


def _called(what: str) -> re.Pattern[str]:
    """Names such as ``share``, ``post-share-buttons`` and ``share-newsletter``, of these words."""
    return re.compile(rf"{_OWNER}(?:{what})(?:-(?:{what}|{_PART}))*")


_POST = r"article|blog|entry|post|story|e|gh|item|name|noticias?|nota|materia|articulo|artigo|articolo|artikel|beitrag|haber"
_TEXT = r"body|content|text|entry|texto|texte|testo|tekst|metin|metni|icerik|icerigi|inhalt|contenido|contenu|conteudo|cuerpo|corpo|corps"
_BODY = re.compile(rf"(?:[a-z]+-)*(?:(?:{_POST})-(?:{_TEXT})|(?:{_TEXT})-(?:{_POST}))(?:-(?:{_PART}))*")
_WIDE_BODY = re.compile(
    r"(?:main|page|single|body)-content|content(?:-body|-main)?|markdown-body|(?:[a-z]-)?rich-?text"
)
_COMMENTS = _called("comments?|commentlist|respond|disqus|responses")
_FURNITURE = _called(
    r"shar(?:e|es|ing|ebar|edaddy)|social|addthis|addtoany|feedflare|relatedposts|yarpp|outbrain|taboola|byline"
    r"|timestamp|breadcrumbs?|pager|pagination|printfriendly|backlinks|buttons?-(?:wrap|wrapper|container|row|group)|wp-block-buttons?|jump(?:-(?:link|to|nav|navigation))*|printfooter|catlinks|editsection|site-sub|noprint|no-print|screen-reader|screen-reader-text|sr-only|visually-hidden|toc|table-of-contents|preheader|view-in-browser|unsubscribe|print|pdf|labels|tags|meta|footer|header|nav|author"
    r"|submitted|author-(?:box|bio|info)|date|like|newsletter|signup|subscribe|subscription|cta|promo|advert|advertisement|adspot|ads?|sponsored"
    r"|cookies?|paywall|teaser-box|compart(?:ir|ilhar|e)|partag(?:er?|es)|teilen|condividi|paylas|delen"
)
_SURELY_FURNITURE = re.compile(
    rf"(?:[a-z]+-){{0,3}}(?:shar(?:e|ing)|social|newsletter|subscribe|subscription|cookies?)(?:-(?:{_PART}))*"
)
# Lists that a plug-in or theme adds; a list without such a prefix may be the post's own.
_ADDED = re.compile(
    rf"(?:td|jp|wp|yarpp|crp|rp4wp|et|elementor)-(?:[a-z]+-)*related(?:-(?:posts?|articles?|{_PART}))*"
)
_AROUND = _called(
    r"nav|navigation|navbar|menu|sidebars?|widgets?|masthead|banner|toolbar|skip|archives?|blogroll|modal|popup"
    r"|consent|related|recent|popular"
)
_AROUND_ROLES = names("navigation banner contentinfo complementary search dialog menu menubar toolbar alert")
_AROUND_TAGS = names("nav aside header footer dialog")
_CONTAINERS = names("div section ul ol aside table tr td header footer nav p span details")
_LISTS = names("table dl ul ol")
_ROOMS = names("article main section div table tbody tr td")

_RIGHTS = re.compile(r"©|\(c\) (?:19|20)\d\d|copyright", re.IGNORECASE)
_RIGHTS_OF_YEAR = re.compile(r"(?:©|\(c\)|copyright)\s*(?:©\s*)?(?:19|20)\d\d", re.IGNORECASE)
_SKIP = re.compile(r"(?:[a-z]+-)?(?:skip|jump)(?:-(?:link|to|nav|navigation|content|main))*")
_PAGER_WORDS = 2  # of a link to the next post; one more where its title follows
_CONTROLS = names("p div span td")

_LEAST = 0.3  # of a page's text has to be in what calls itself the body
_MOST = 0.5  # of its parent's text has to be in a child that also has the page's title
_NEARLY_ALL = 0.9  # of its parent's text has to be in a child that is looked into instead
_FURNITURE_LIMIT = 300  # characters without links: what has more says something, whatever it is called


def cleared(page: Element) -> Element:
    """The page without navigation, sidebars and comments, unless most of its text is in what calls itself so."""
    page = _pruned(page, _is_comments)
    half = _weight(page) / 2
    return _pruned(page, lambda element: _is_around(element) and _weight(element) < half, stop=_is_text)


def main_content(page: Element, words: PageWords) -> Element:
    """The element of a cleared page that has its text.

    First by what elements call themselves (``articleBody``, ``post-body``, then ``<article>``, ``<main>``), the one
    with the most text that is not linked; else the innermost that holds nearly all of it. Share bars, bylines and
    labels in it are left out; lists of related posts in it stay.
    """
    body = _by_name(page) or _innermost(page, _weights(page), _only_title(page))
    pruned = _pruned(body, lambda element: _is_furniture(element, words), stop=_is_quotation)
    return _without_properties(_without_colophon(pruned, words))


def _without_properties(body: Element) -> Element:
    """Without tables and lists in the header of the text: status, dates, who links here."""
    headers = [element for element in body.descendants if element.tag == "header"]
    listed = {id(inner) for header in headers for inner in header.descendants if inner.tag in _LISTS}
    return _pruned(body, lambda element: id(element) in listed) if listed else body


def _without_colophon(body: Element, words: PageWords) -> Element:
    """Without what stands behind the last rule if it is short and of the page: whose rights are reserved, how many came.

    Old pages have no ``<footer>``.
    """
    cut = max((at for at, node in enumerate(body.children) if _tag(node) == "hr"), default=-1)
    behind = Element("div", {}, body.children[cut:]) if cut >= 0 else None
    if behind is None or len(behind.text) > _FURNITURE_LIMIT:
        return body
    if not _RIGHTS.search(behind.text) and not words.is_colophon(_words(behind)):
        return body
    return Element(body.tag, body.attributes, body.children[:cut])


def _tag(node: Node) -> str:
    return "" if isinstance(node, str) else node.tag


def without_title(body: Element, title: str) -> Element:
    """The text without the heading that repeats the page's title."""
    wanted = normalise(title).casefold()

    def repeats(element: Element) -> bool:
        linked = element.tag != "h1" and any(inner.tag == "a" for inner in element.descendants)
        return element.tag in {"h1", "h2", "h3"} and not linked and _words(element).casefold() == wanted

    return _pruned(body, repeats)


def comments_of(page: Element) -> Iterator[Element]:
    """The elements that hold or count comments."""
    return (element for element in page.descendants if _is_comments(element))


def _words(element: Element) -> str:
    return normalise(element.text)


def _weight(element: Element) -> int:
    """Characters of text that are not in a link."""
    weight = 0
    waiting = [element]
    while waiting:
        for child in waiting.pop().children:
            if isinstance(child, str):
                weight += len(child.strip())
            elif child.tag != "a":
                waiting.append(child)
    return weight


def _pruned(
    element: Element, unwanted: Callable[[Element], object], stop: Callable[[Element], bool] = lambda _: False
) -> Element:
    """A copy without the unwanted elements; those that ``stop`` knows are kept whole."""
    return Element(element.tag, element.attributes, [*_keep(element.children, unwanted, stop)])


def _keep(
    nodes: Iterable[Node], unwanted: Callable[[Element], object], stop: Callable[[Element], bool]
) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, str) or stop(node):
            yield node
        elif not unwanted(node):
            yield _pruned(node, unwanted, stop)


# ── what elements call themselves ────────────────────────────────────────────────────────────────


@cache
def _spelled(name: str) -> str:
    return "-".join(word.lower() for word in _WORD.findall(name))


def _is_called(element: Element, pattern: re.Pattern[str]) -> bool:
    called = [*element.get("class").split()[:20], element.get("id")]
    return any(pattern.fullmatch(_spelled(name[:100])) for name in called if name)


def _is_body(element: Element) -> bool:
    return "articlebody" in element.get("itemprop").lower() or (
        element.tag in _ROOMS and _is_called(element, _BODY) and not _is_called(element, _COMMENTS)
    )


def _is_text(element: Element) -> bool:
    return element.tag in {"article", "main", "blockquote", "figure"} or _is_body(element)


def _is_quotation(element: Element) -> bool:
    return element.tag in {"blockquote", "figure"}  # whose footers are signatures


def _holds_body(element: Element) -> bool:
    return any(map(_is_body, element.descendants))


def _is_comments(element: Element) -> bool:
    id = _spelled(element.get("id"))
    named = _is_called(element, _COMMENTS) or _COMMENTS.fullmatch(id)
    return bool(named) and element.tag in _CONTAINERS and not (_is_body(element) or _holds_body(element))


def _is_around(element: Element) -> bool:
    named = (
        element.tag in _AROUND_TAGS or element.get("role") in _AROUND_ROLES or _is_called(element, _AROUND)
    )
    return named and not any(map(_is_text, element.descendants)) and not _is_heading(element)


def _is_heading(element: Element) -> bool:
    """Whether a <header> holds nothing but a heading of a part of the text."""
    inner = [child for child in element.children if not isinstance(child, str) or child.strip()]
    return element.tag == "header" and len(inner) == 1 and _tag(inner[0]) in {"h2", "h3", "h4", "h5", "h6"}


def _is_furniture(element: Element, words: PageWords) -> bool:
    if element.tag not in _CONTAINERS:
        return element.tag == "a" and _is_called(element, _SKIP)
    named = any(_is_called(element, pattern) for pattern in (_FURNITURE, _SURELY_FURNITURE, _ADDED))
    known = named or element.tag in {"nav", "footer"} or element.get("role") in _AROUND_ROLES
    light = known and _weight(element) <= _FURNITURE_LIMIT
    return light or _is_control(element) or _is_pager(element, words) or _is_notice(element, words)


def _is_control(element: Element) -> bool:
    """Whether all that an element says is in links that lead nowhere: "Print", "Forward", "Back"."""
    if element.tag not in _CONTROLS or element.get("id"):
        return False
    links = [inner for inner in element.descendants if inner.tag == "a"]
    return bool(links) and not any(map(_leads_away, links)) and not _weight(element)


def _is_pager(element: Element, words: PageWords) -> bool:
    """Whether an element is a link to the post before or after: "Next interview", with its title or without."""
    if element.tag not in _CONTROLS or _weight(element):
        return False
    texts = [text for text in map(normalise, _texts(element)) if text]
    most = _PAGER_WORDS + (len(texts) > 1)
    return bool(texts) and words.opens_pager(texts[0]) and len(texts[0].split()) <= most


def _texts(element: Element) -> Iterator[str]:
    for child in element.children:
        yield from [child] if isinstance(child, str) else _texts(child)


def _leads_away(link: Element) -> bool:
    return link.get("href") not in {"", "#"} or any(inner.tag == "img" for inner in link.descendants)


def _is_notice(element: Element, words: PageWords) -> bool:
    """Whether an element is short and says whose rights are reserved, as the small print does, or how long it takes."""
    text = element.text
    if len(text) > _FURNITURE_LIMIT:
        return False
    return bool(_RIGHTS_OF_YEAR.search(text)) or words.is_notice(normalise(text))


# ── choosing ─────────────────────────────────────────────────────────────────────────────────────


def _by_name(page: Element) -> Element | None:
    """The heaviest of what is surely the body, else of the articles, and so on, that is not but a small part."""
    least = _LEAST * _weight(page)
    title = _only_title(page)
    elements = list(page.descendants)
    for is_wanted in (
        _is_body,
        lambda element: element.tag == "article" and not _is_part(element, title),
        lambda element: element.tag in _ROOMS and _is_called(element, _WIDE_BODY),
        lambda element: element.tag == "main",
    ):
        best = max(filter(is_wanted, elements), key=_weight, default=None)
        if best is not None and _weight(best) >= max(least, 1):
            return best
    return None


def _is_part(article: Element, title: Element | None) -> bool:
    """Whether an article is only a part of the text: the page's only title stands outside of it, and it has one of less."""
    if title is None or _holds(article, title):
        return False
    return any(inner.tag in {"h2", "h3", "h4"} for inner in article.descendants)


def _only_title(page: Element) -> Element | None:
    titles = [element for element in page.descendants if element.tag == "h1"]
    return titles[0] if len(titles) == 1 else None


def _holds(element: Element, part: Element | None) -> bool:
    return part is not None and any(part is inner for inner in element.descendants)


def _weights(page: Element) -> Mapping[int, int]:
    """The weight of every element of a page, by ``id``, in one walk: asking each anew is quadratic in depth."""
    weights: dict[int, int] = {}

    def weigh(element: Element) -> int:
        parts = (
            len(child.strip()) if isinstance(child, str) else weigh(child) * (child.tag != "a")
            for child in element.children
        )
        weights[id(element)] = sum(parts)
        return weights[id(element)]

    weigh(page)
    return weights


def _innermost(element: Element, weights: Mapping[int, int], title: Element | None) -> Element:
    """Down to where no single child holds nearly all of the text, or most of it under the page's only title."""
    weight = weights[id(element)]
    for inner in element.elements:
        share = weights[id(inner)] if inner.tag in _ROOMS else 0
        if share > _NEARLY_ALL * weight or (share > _MOST * weight and _holds(inner, title)):
            return _innermost(inner, weights, title)
    return element
