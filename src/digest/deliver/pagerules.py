"""Rules 19 to 24: what the HTML of a newsletter must have, and must not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.deliver.findings import Finding, error, warning
from digest.deliver.opened import TEXT_LINK, Opened, host, is_secure

_ACTIVE = ("script", "form", "iframe", "object", "embed", "input", "button")
_REMOTE_STYLE = re.compile(r"@import|@font-face|expression\s*\(", re.IGNORECASE)
_DATA_IN_STYLE = re.compile(r"url\(\s*['\"]?\s*data:", re.IGNORECASE)
_SHOWN_ADDRESS = re.compile(
    r"(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})(?:[/:?#]\S*)?", re.IGNORECASE
)
_UNFILLED = re.compile(r"\{\{[^{}]{0,80}\}\}|\{%[^%]{0,80}%\}|\*\|[A-Z_:]{1,40}\|\*|%%[A-Za-z_]{1,40}%%")
_LONGEST_LABEL = 300  # characters; a longer text of a link is no address


def links(mail: Opened) -> Iterator[Finding]:
    """19: every link is absolute and https, and its text is not the address of another host."""
    for element in mail.elements("a"):
        url = (element.get("href") or "").strip()
        if not url or url.startswith(("#", "mailto:")):
            continue
        if not url.startswith(("http://", "https://")):
            yield error(19, f"link {url[:200]}", "it is not absolute, so it leads nowhere in a mail")
            continue
        if not is_secure(url):
            yield warning(19, f"link {url[:200]}", "it is not https; see whether its host offers that")
        if shown := _other_host(element.text_content(), url):
            yield error(19, f"link {url[:200]}", f"its text names {shown}, which filters take for a fraud")


def _other_host(text: str, url: str) -> str:
    """The host that the text of a link names, where the link leads to another one; else ""."""
    text = text.strip()
    named = _SHOWN_ADDRESS.fullmatch(text) if len(text) <= _LONGEST_LABEL else None
    if named is None:
        return ""
    shown, real = (name.lower().removeprefix("www.") for name in (named[1], host(url)))
    return "" if shown == real else shown


def pictures(mail: Opened) -> Iterator[Finding]:
    """20: an alt text on every picture, and none from elsewhere, which would tell others who opens the mail."""
    for element in mail.elements("img"):
        source = (element.get("src") or "").strip()
        if element.get("alt") is None:
            yield error(
                20, f"picture {source[:200]}", 'it has no alt text; write one, or alt="" for an ornament'
            )
        if mail.house.hosts and source and host(source) not in mail.house.hosts:
            yield warning(
                20, f"picture {source[:200]}", "it stands on another's host, which learns who opens the mail"
            )


def language(mail: Opened) -> Iterator[Finding]:
    """21: the page says its language and direction."""
    root = mail.tree
    if (
        root is None
        or root.get("lang", "und") in ("", "und")
        or root.get("dir") not in ("ltr", "rtl", "auto")
    ):
        yield error(21, "HTML part", "the page does not say its language and direction; set lang and dir")


def inert(mail: Opened) -> Iterator[Finding]:
    """22: nothing active, nothing from elsewhere, no MJML left."""
    tags = {element.tag for element in mail.elements()}
    for tag in sorted(tag for tag in tags if tag in _ACTIVE or tag.startswith("mj-")):
        yield error(22, "HTML part", f"a <{tag}> in the page; take it out of the template")
    styles = mail.styles  # not the page: a post may well speak of "freedom of expression (Article 19)"
    if any(mail.attributes("link", "href")) or _REMOTE_STYLE.search(styles):
        yield error(22, "HTML part", "a style or font from elsewhere; write it into the template")
    if _DATA_IN_STYLE.search(styles):
        yield error(22, "HTML part", "a data: address in a style; mail programs do not show it")
    for name in sorted(set(_active_attributes(mail))):
        yield error(22, "HTML part", f"an active attribute: {name}")


def _active_attributes(mail: Opened) -> Iterator[str]:
    for element in mail.elements():
        for name, value in element.items():
            scheme = value.strip().lower()
            leads = name in ("href", "src") and scheme.startswith(("data:", "javascript:"))
            if name.lower().startswith("on") or leads:
                yield name


def way_out(mail: Opened) -> Iterator[Finding]:
    """23: a way to unsubscribe that is seen, and a postal line, in both parts."""
    if mail.automatic:
        return
    if mail.way_out and (mail.way_out not in mail.text or mail.way_out not in mail.links):
        yield error(23, "both parts", "the link to unsubscribe is not visible in both parts")
    postal = _words(mail.house.postal)
    page = "" if mail.tree is None else mail.tree.text_content()
    if postal and not (postal in _words(mail.text) and postal in _words(page)):
        yield error(23, "both parts", "the postal line of [mail] is not in both parts, as the law asks for")


def _words(text: str) -> str:
    """Letters and digits only: lines are folded and marks of direction stand between words."""
    return re.sub(r"\W+", " ", text).strip()


def gaps(mail: Opened) -> Iterator[Finding]:
    """24: no placeholder is left, and nothing is empty."""
    hosts = {host(url) for url in (*mail.links, *TEXT_LINK.findall(mail.text))}
    if any(name.endswith(".invalid") for name in hosts):  # RFC 6761, section 6.4: never a real one
        yield error(24, "links", "a placeholder was left")
    if "" in (*mail.links, *mail.attributes("img", "src")):
        yield error(24, "links", "a link or picture leads nowhere")
    if left := _UNFILLED.search(mail.text) or _UNFILLED.search(mail.page):
        yield warning(24, "text", f"{left[0]} looks like a placeholder that nobody filled in")
