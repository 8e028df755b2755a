"""Mail to editors, through the Outbox: a link to choose a password, a draft that is ready, a reminder, a report.

A mail is written once for each editor and occasion, whoever looks how often: its key says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from markupsafe import escape

from digest import store, templates
from digest.assemble.steps import goes_out
from digest.assemble.window import local_time
from digest.deliver.notice import notice
from digest.desk import signing as rules
from digest.desk.mail import CONCERNS, Occasion, Report, occasions
from digest.desk.rights import may
from digest.desk.today import Standing
from digest.model import Editor, Errand, IssueId, Look, Message, OutboxKind, OutboxMail, Preview, Send
from digest.pipeline.editors.overview import standings
from digest.pipeline.editors.signing import key_of, link_url
from digest.pipeline.installation import Installation
from digest.pipeline.issues.lint import looked_at
from digest.pipeline.issues.proof import letter_of
from digest.pipeline.mail.letters import letterhead
from digest.publish import newsletter
from digest.publish.colours import readable
from digest.settings import DigestSettings
from digest.store.database import reading, transaction
from digest.tokens import copy_url

WORTH_SENDING = timedelta(hours=24)
REPORT_AFTER = timedelta(hours=1)  # the end of a send: what comes back at once is in it
REPORTED_WITHIN = timedelta(days=2)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """What a mail to editors says, before it is anybody's; ``page`` and ``text`` are a preview below it, or ""."""

    subject: str
    sentences: tuple[str, ...]
    link: str
    button: str
    page: str = ""
    text: str = ""


# ── a link to choose a password ──────────────────────────────────────────────────────────────────


def mail_link(installation: Installation, address: str, now: datetime) -> None:
    """Mail an editor a link to choose a password, at most once in a quarter of an hour; nobody else gets anything."""
    with reading(installation.engine) as connection:
        editor = store.editors.known_as(connection, address)
    if editor is None or editor.left_at:
        return
    said = (
        "Somebody, most likely you, asked for a link to choose a password for the desk.",
        "It works once, for one hour. If it was not you, leave it alone: nothing changes.",
    )
    quarter = int(now.timestamp() // rules.TRY_WINDOW.total_seconds())
    _mail_link(installation, editor, said, f"sign-in:{quarter}", rules.MAILED, now)


def mail_invitation(installation: Installation, editor: Editor, by: Editor, now: datetime) -> None:
    """Mail an editor a link by which they choose a password because somebody lets them in."""
    said = (
        f"{by.name} lets you in at the desk. Choose a password there.",
        "The link works once, within a day; after that, ask for another one where one signs in.",
    )
    _mail_link(installation, editor, said, f"sign-in:invited:{now.isoformat()}", rules.CHOOSE, now)


def _mail_link(
    installation: Installation,
    editor: Editor,
    said: tuple[str, ...],
    what: str,
    lasts: timedelta,
    now: datetime,
) -> None:
    secret = token_urlsafe(32)
    url = link_url(installation, Errand.CHOOSE, secret)
    told = Told("Your link to the desk", said, url, "Choose a password")
    with transaction(installation.engine) as connection:
        mail = mail_to(installation, installation.settings.digests[0], editor, told, what, now)
        if store.outbox.put(connection, mail):  # else the link in the mail that is on its way goes on working
            store.editors.give_errand(connection, key_of(secret), editor.id, Errand.CHOOSE, now + lasts)


# ── drafts and reports ───────────────────────────────────────────────────────────────────────────


def tell_editors(installation: Installation, now: datetime) -> int:
    """Write the mails that are due to editors and that they have not had; how many there were.

    Raises:
        TemplateError: a template has a mistake.
    """
    if not installation.settings.desk.mails:
        return 0
    with reading(installation.engine) as connection:
        editors = store.editors.editors(connection)
        drafts = standings(installation, connection, now) if editors else ()
        since = now - REPORTED_WITHIN
        sent = store.deliveries.finished_since(connection, since, now - REPORT_AFTER) if editors else ()
    written = sum(
        _tell(installation, editors, draft.issue.id, occasion, draft, now)
        for draft in drafts
        for occasion in occasions(draft, now)
    )
    return written + sum(
        _tell(installation, editors, send.issue, Occasion.REPORT, send, now) for send in sent
    )


def _tell(
    installation: Installation,
    editors: tuple[Editor, ...],
    issue: IssueId,
    occasion: Occasion,
    of: Standing | Send,
    now: datetime,
) -> int:
    """Write one occasion's mail to those whom it concerns and who have not had it."""
    what = f"{occasion}:{issue}"
    concerned = [editor for editor in editors if may(editor, CONCERNS[occasion])]
    with reading(installation.engine) as connection:
        known = store.outbox.known(connection, [_key(editor, what) for editor in concerned])
    waiting = [editor for editor in concerned if _key(editor, what) not in known]
    if not waiting or installation.settings.digest(issue.digest) is None:
        return 0
    told = (
        _of_draft(installation, occasion, of, now) if isinstance(of, Standing) else _of_send(installation, of)
    )
    digest = installation.digest(issue.digest)
    with transaction(installation.engine) as connection:
        written = [
            editor
            for editor in waiting
            if store.outbox.put(connection, mail_to(installation, digest, editor, told, what, now))
        ]
        if isinstance(of, Standing):
            for editor in written:  # it has the preview in it
                look = Look(of.issue.edit, now, Preview.MAIL)
                store.looks.remember(connection, editor.id, issue, look)
    return len(written)


def _of_draft(installation: Installation, occasion: Occasion, draft: Standing, now: datetime) -> Told:
    """The preview of a draft below what is to be done with it."""
    issue, digest = draft.issue, draft.digest
    rendering, message = letter_of(installation, issue, now)
    due = local_time(digest, goes_out(issue, digest))
    first = {
        Occasion.READY: f"The draft of {digest.title} is ready: it goes out at {due} once it is approved.",
        Occasion.REMINDER: f"{digest.title} goes out at {due}, and nobody has approved it yet.",
    }[occasion]
    link = f"{installation.settings.publish.app_url.rstrip('/')}/desk/issue/{issue.id}"
    unsubscribe = copy_url(installation.settings.publish.app_url, digest.slug)
    return Told(
        f"{'Reminder: ' if occasion is Occasion.REMINDER else ''}[Draft] {issue.document.subject}",
        (first, *_findings(installation, draft, message)),
        link,
        "Review and approve",
        rendering.html.replace(newsletter.UNSUBSCRIBE, str(escape(unsubscribe))),
        rendering.text.replace(newsletter.UNSUBSCRIBE, unsubscribe),
    )


def _findings(installation: Installation, draft: Standing, message: Message) -> Iterator[str]:
    found = looked_at(installation, draft.issue, message)
    if not found:
        yield "Nothing in it has to be mended."
    for each in found:
        yield f"{each.severity.value.capitalize()}: {each.sentence}."


def _of_send(installation: Installation, send: Send) -> Told:
    with reading(installation.engine) as connection:
        report = Report(
            store.deliveries.counts(connection, send.issue),
            store.reports.bounced(connection, send.issue),
            store.reports.left_since(connection, send.issue.digest, send.requested_at),
        )
    link = f"{installation.settings.publish.app_url.rstrip('/')}/desk/send/{send.issue}"
    return Told(f"{send.issue} was sent", report.sentences, link, "Look at it")


# ── the mail ─────────────────────────────────────────────────────────────────────────────────────


def _key(editor: Editor, what: str) -> str:
    return f"editor:{editor.id}:{what}"


def mail_to(
    installation: Installation, digest: DigestSettings, editor: Editor, told: Told, what: str, now: datetime
) -> OutboxMail:
    """One editor's mail; ``what`` is its occasion, of which each editor has one mail.

    Raises:
        TemplateError: a template has a mistake.
    """
    head, key = letterhead(installation, digest.slug), _key(editor, what)
    paragraphs = "\n\n".join([told.sentences[0], told.link, *told.sentences[1:]])
    text = f"{paragraphs}\n\n{told.text}\n" if told.text else f"{paragraphs}\n"
    message = notice(head, editor.address, told.subject, text, _page(installation, told), key, now)
    kind = OutboxKind.SIGN_IN if what.startswith("sign-in") else OutboxKind.NOTICE
    return OutboxMail(kind, key, editor.address, message, now, now + WORTH_SENDING)


def _page(installation: Installation, told: Told) -> str:
    """What is said, above the preview where there is one."""
    values = {
        "told": told,
        "accent": readable(installation.settings.publish.accent, "#ffffff"),
        "postal": installation.settings.mail.postal,
    }
    if not told.page:
        return templates.render(installation.templates, "desk/mail.html.j2", values)
    said = templates.render(installation.templates, "desk/mail-said.html.j2", values)
    body = _BODY.search(told.page)
    at = body.end() if body else 0
    return told.page[:at] + said + told.page[at:]
