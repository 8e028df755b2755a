"""The verb that tells people that they are needed: by mail through the Outbox, and by webhook.

Both are written in one transaction, each under a key of its own, so that whoever looks how often tells it once.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime

from digest import store
from digest.desk import telling
from digest.desk.rights import may
from digest.desk.today import needs
from digest.doctor.machine import LITTLE, folders
from digest.model import Editor, Notice, NoticeKind
from digest.pipeline.editors import editor_mail
from digest.pipeline.editors.editor_mail import Told
from digest.pipeline.editors.overview import standings
from digest.pipeline.installation import Installation
from digest.settings import Settings
from digest.store.database import reading, transaction


def tell(installation: Installation, now: datetime) -> tuple[Notice, ...]:
    """Write what is new for a person to know; those that were."""
    wanted = _wanted(installation, now)
    return tuple(notice for notice in wanted if _written(installation, notice, now))


def tell_trial(installation: Installation, now: datetime) -> Notice:
    """Write a trial for both channels: mail goes to whoever may manage."""
    notice = telling.trial(_desk(installation.settings), now)
    _written(installation, notice, now)
    return notice


def _wanted(installation: Installation, now: datetime) -> tuple[Notice, ...]:
    with reading(installation.engine) as connection:
        found = needs(standings(installation, connection, now), store.sources.all_sources(connection), now)
        polls = store.figures.of_sources(connection, now)
        in_doubt = store.outbox.in_doubt(connection)
    lacking = telling.lacks(polls.last_poll, polls.due_since, _full(installation.settings), now)
    return tuple(telling.notices(found, lacking, in_doubt, _desk(installation.settings), now))


def _written(installation: Installation, notice: Notice, now: datetime) -> bool:
    """Whether a notice was new; its mails and its row for the webhook are written together."""
    with reading(installation.engine) as connection:
        if store.notices.known(connection, [notice.key]):
            return False
        editors = store.editors.editors(connection)
    concerned = [each for each in editors if _concerns(installation.settings, notice.kind, each)]
    digest = installation.settings.digests[0]
    mails = [
        editor_mail.mail_to(installation, digest, each, _told(notice), notice.key, now) for each in concerned
    ]
    with transaction(installation.engine) as connection:
        if not store.notices.put(connection, _for_webhook(installation.settings, notice)):
            return False
        for mail in mails:
            store.outbox.put(connection, mail)
    return True


def _for_webhook(settings: Settings, notice: Notice) -> Notice:
    """Without a webhook the row only says that it was told."""
    return notice if settings.notices.webhook else telling.only_mailed(notice)


def _concerns(settings: Settings, kind: NoticeKind, editor: Editor) -> bool:
    act = telling.CONCERNS.get(kind)
    return settings.notices.mails and act is not None and may(editor, act)


def _told(notice: Notice) -> Told:
    return Told(telling.SUBJECTS[notice.kind], tuple(notice.text.split("\n")), notice.url, "Open the desk")


def _desk(settings: Settings) -> str:
    return f"{settings.publish.app_url.rstrip('/')}/desk/"


def _full(settings: Settings) -> Iterator[str]:
    for folder in folders(settings).values():
        if folder.is_dir() and shutil.disk_usage(folder).free < LITTLE:
            yield str(folder)
