"""What mails of the Outbox say, in a digest's language: what they are for, one link at most, and who sends them.

Nothing that a stranger has typed stands in them, so that nobody can have words of theirs delivered by us.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jinja2 import Environment

from digest import templates
from digest.deliver.letterhead import letterhead
from digest.deliver.notice import notice
from digest.model import LinkPurpose, OutboxKind, OutboxMail
from digest.publish import newsletter
from digest.publish.colours import readable
from digest.publish.page import Strings
from digest.publish.wording import Wording, wording
from digest.settings import DigestSettings, Settings
from digest.text.language import direction
from digest.tokens import Keys

WORTH_SENDING = timedelta(hours=24)  # a mail that is later answers nothing any more
CONFIRM_WITHIN = timedelta(days=7)
USE_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stationery:
    """What notices are written with."""

    settings: Settings
    templates: Environment
    strings: Strings
    keys: Keys = field(repr=False)

    def wording(self, digest: DigestSettings) -> Wording:
        """Our phrases in the language of a digest."""
        return wording(self.strings(digest.language), digest)


def link_mail(
    stationery: Stationery,
    digest: DigestSettings,
    address: str,
    purpose: LinkPurpose,
    link: str,
    key: str,
    now: datetime,
) -> OutboxMail:
    """The mail that brings a link, or asks for a confirmation.

    Raises:
        TemplateError: the template or a phrase has a mistake.
    """
    name = purpose.value  # as its phrases begin in templates/strings
    is_confirmation = purpose is LinkPurpose.CONFIRM
    kind = OutboxKind.CONFIRMATION if is_confirmation else OutboxKind.LINK
    lasts, ignore = ("mail_days", "confirm_mail_ignore") if is_confirmation else ("mail_hour", "mail_ignore")
    paragraphs = [f"{name}_mail_text", lasts, ignore]
    return _mail(stationery, digest, address, kind, name, paragraphs, link, key, now)


def moved_notice(
    stationery: Stationery, digest: DigestSettings, address: str, key: str, now: datetime
) -> OutboxMail:
    """Tells the former address that it gets no mail any more.

    Raises:
        TemplateError: as ``link_mail``.
    """
    return _mail(stationery, digest, address, OutboxKind.NOTICE, "moved", ["moved_mail_text"], "", key, now)


def _mail(
    stationery: Stationery,
    digest: DigestSettings,
    address: str,
    kind: OutboxKind,
    name: str,
    paragraphs: list[str],
    link: str,
    key: str,
    now: datetime,
) -> OutboxMail:
    words, settings = stationery.wording(digest), stationery.settings
    said = [words.say(phrase, title=digest.title) for phrase in paragraphs]
    subject = words.say(f"{name}_mail_subject", title=digest.title)
    values = {
        "language": digest.language,
        "direction": direction(digest.language),
        "title": digest.title,
        "subject": subject,
        "paragraphs": said,
        "link": link,
        "button": words.say(f"{name}_mail_button", title=digest.title) if link else "",
        "postal": settings.mail.postal,
        "accent": readable(settings.publish.accent, "#ffffff"),
    }
    page = templates.render(stationery.templates, "web/notice.html.j2", values)
    text = _text(digest.title, said, link, settings.mail.postal)
    head = letterhead(digest, settings.mail, settings.publish, stationery.keys, newsletter.UNSUBSCRIBE)
    message = notice(head, address, subject, text, page, key, now)
    return OutboxMail(kind, key, address, message, now, now + WORTH_SENDING)


def _text(title: str, paragraphs: list[str], link: str, postal: str) -> str:
    """The same as plain text; the link stands alone on its line, after the first paragraph."""
    first, *others = paragraphs
    return "\n\n".join([title, first, *([link] if link else []), *others, "-- \n" + postal]) + "\n"
