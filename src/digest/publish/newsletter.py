"""A frozen version → the newsletter: subject, HTML compiled from MJML, and a text part, for one choice of themes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256

from jinja2 import Environment
from lxml import etree

from digest import templates as jinja
from digest.errors import DigestError, TemplateError
from digest.model import IssueDocument, Rendering
from digest.publish import shown
from digest.publish.addresses import feed_url, issue_url
from digest.publish.colours import COMFORTABLE, DARK_TINT, LIGHT_TINT, readable
from digest.publish.fitting import fitted
from digest.publish.letter import letter
from digest.publish.pictures import picture_url
from digest.publish.sides import apart
from digest.publish.wording import Wording, vocabulary, wording
from digest.settings import DigestSettings, MailSettings, PublishSettings
from digest.text.language import direction, shorten

UNSUBSCRIBE = "https://unsubscribe.invalid/"  # delivery puts each person's own address in its place
PREFERENCES = f"{UNSUBSCRIBE}/themes"  # a page beside it
TEMPLATE = "email/issue.mjml.j2"
PREHEADER_LIMIT = 110  # characters that an inbox shows after the subject


def render(
    document: IssueDocument,
    *,
    version: int,
    digest: DigestSettings,
    publish: PublishSettings,
    mail: MailSettings,
    templates: Environment,
    strings: Mapping[str, str],
    compile_mjml: Callable[[str], str],
    choice: str = "",
) -> Rendering:
    """The newsletter of one version for one choice of themes; ``UNSUBSCRIBE`` stands where personal links go.

    What does not fit into a mail is left out of both parts, in the order that ``fitting`` says. The same arguments give
    the same bytes.

    Raises:
        TemplateError: a template cannot be rendered or is no MJML; names its file and line.
        DigestError: the choice leaves nothing (ask ``narrow`` first), or the text around the picks is too long.
    """
    narrowed = narrow(shown.cleaned(document), choice)
    if narrowed is None:
        raise DigestError(f"{document.id} has nothing under {choice}.")
    words = wording(strings, digest)
    frame = _frame(narrowed, words, digest, publish, mail)
    part, html = fitted(narrowed, lambda part: _html(templates, {**frame, **part.values()}, compile_mjml))
    text = letter(
        part, words, digest, publish, postal=mail.postal, unsubscribe=UNSUBSCRIBE, preferences=PREFERENCES
    )
    return _rendering(narrowed, version, choice, html, text)


def narrow(document: IssueDocument, choice: str) -> IssueDocument | None:
    """The issue for one choice of themes, or None where nothing is left of it (``shown.narrow``)."""
    return shown.narrow(document, choice)


def _frame(
    document: IssueDocument,
    words: Wording,
    digest: DigestSettings,
    publish: PublishSettings,
    mail: MailSettings,
) -> Mapping[str, object]:
    """What the templates know besides the issue itself."""
    return {
        **vocabulary(words),
        "language": words.language,
        "direction": direction(words.language),
        "page_url": issue_url(publish, document.id),
        "feed_url": feed_url(publish, digest.slug),
        "unsubscribe_url": UNSUBSCRIBE,
        "preferences_url": PREFERENCES,
        "postal": shown.cleaned(mail.postal),
        "preheader": preheader(document),
        "accent": readable(publish.accent, LIGHT_TINT),
        "accent_dark": readable(publish.accent_dark or publish.accent, DARK_TINT, COMFORTABLE),
        "headline_font": _compact(publish.headline_font),
        "text_font": _compact(publish.text_font),
        "logo": publish.logo,
        "logo_width": publish.logo_width,
        "picture_url": partial(picture_url, publish),
        "apart": apart,
    }


def _compact(fonts: str) -> str:
    """Names of fonts without the spaces between them, because they come back on many lines."""
    return re.sub(r"\s*,\s*", ",", fonts)


def preheader(document: IssueDocument) -> str:
    """What an inbox shows after the subject: the first title under each of the first themes."""
    titles = [group.picks[0].title for group in document.groups if group.picks]
    return shorten(" · ".join(titles[:3]), PREHEADER_LIMIT, document.language)


def _rendering(document: IssueDocument, version: int, choice: str, html: str, text: str) -> Rendering:
    subject = shown.subject_line(document.subject)
    digest = sha256("\0".join((subject, html, text)).encode()).hexdigest()
    return Rendering(document.id, version, choice, subject, html, text, digest)


# ── MJML, and where its mistakes come from ───────────────────────────────────────────────────────

_MISMATCH = re.compile(r"tag mismatch: (\S{1,60}) line (\d{1,9}) and (\S{1,60}?)(?:,|$)")
_LEFT_OVER = re.compile(r"<(mj-[a-z0-9-]+)", re.IGNORECASE)


def _html(templates: Environment, values: Mapping[str, object], compile_mjml: Callable[[str], str]) -> str:
    mjml = jinja.render(templates, TEMPLATE, values)
    try:
        html = compile_mjml(mjml)
    except DigestError as error:
        raise TemplateError(_mistake(jinja.trace(templates, TEMPLATE, values), str(error))) from error
    if left := _LEFT_OVER.search(html):
        traced = jinja.trace(templates, TEMPLATE, values)
        place = jinja.origin(traced, traced.find(f"<{left[1]}")) or TEMPLATE
        raise TemplateError(f"{place}: MJML knows no <{left[1]}>, or not in this place.")
    return html


def _mistake(traced: str, reason: str) -> str:
    """The sentence for MJML that cannot be compiled, with the place where it stops being well-formed."""
    try:
        etree.fromstring(traced.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        place = jinja.origin(traced, _position(traced, *error.position)) or TEMPLATE
        return f"{place}: {_unclosed(traced, error.msg or '') or (error.msg or reason).split(', line')[0]}."
    return f"{TEMPLATE}: {reason}"


def _unclosed(traced: str, message: str) -> str:
    """What a parser says of tags that do not match, with the place of the one that is still open; or ""."""
    found = _MISMATCH.search(message)
    if found is None:
        return ""
    still_open, line, end = found.groups()
    begins, ends = (_position(traced, int(line) + more, 0) for more in (0, 1))
    place = jinja.origin(traced, traced.rfind(f"<{still_open}", begins, ends)) or TEMPLATE
    return f"</{end}> stands where <{still_open}> is still open ({place})"


def _position(text: str, line: int, column: int) -> int:
    """A parser's line and column, both from 1, as an offset."""
    return sum(len(row) for row in text.splitlines(keepends=True)[: line - 1]) + column
