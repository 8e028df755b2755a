"""What `digest check` finds: mistakes in config.toml and templates, and when the next mail would leave."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from digest import config, store
from digest.assemble import window
from digest.assemble.steps import Step, goes_out, next_step
from digest.errors import ConfigError, DigestError
from digest.isolate import Child
from digest.model import Approval
from digest.pipeline.drafts.draft import next_free_slot, slot_to_draft
from digest.pipeline.installation import Installation
from digest.pipeline.readers import chosen_themes
from digest.resources import Resources, check
from digest.settings import DigestSettings, MailSettings, Settings
from digest.store.database import reading
from digest.text.amounts import amount
from digest.text.times import rfc3339
from digest.tokens import parse_keys
from digest.wiring import MJML, compiler, transport_of


def check_files(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """The settings and what is worth a look, once there is no mistake in the file, its secrets or the templates.

    Raises:
        ConfigError: with a sentence for every mistake.
    """
    try:
        settings = config.load(path)
    except ConfigError as error:
        raise ConfigError(*error.findings, *_mistakes(lambda: _templates(_templates_dir(path)))) from error
    mistakes = (
        *_mistakes(lambda: _secret(settings)),
        *_mistakes(lambda: transport_of(settings)),
        *_mistakes(lambda: _templates(settings.publish.templates_dir)),
    )
    if mistakes:
        raise ConfigError(*mistakes)
    return settings, tuple(config.warnings(settings))


def _mistakes(look: Callable[[], object]) -> tuple[str, ...]:
    try:
        look()
    except ConfigError as error:
        return error.findings
    except DigestError as error:
        return (str(error),)
    return ()


def _secret(settings: Settings) -> None:
    """A secret that is there must be one; one that is missing is made, or missed, when the installation is opened."""
    if settings.serve.secret_file.exists() or os.environ.get(config.SECRET_VARIABLE):
        parse_keys(config.secret_keys(settings, os.environ))


def _templates(folder: Path | None) -> None:
    with Child(preload=(MJML,)) as child:
        found = check(Resources(folder), compiler(child))
    if found:
        raise ConfigError(*found)


def _templates_dir(path: Path) -> Path | None:
    """The templates of a file that has mistakes elsewhere; None where they are one of these mistakes."""
    folder = config.templates_dir(path)
    return folder if folder and folder.is_dir() else None


@dataclass(frozen=True, slots=True, order=True)
class Leaves:
    """A moment at which `digest run` would send; ``held`` until a person approves, ``later`` than now."""

    at: datetime
    held: bool
    later: bool


@dataclass(frozen=True, slots=True)
class NextMail:
    """When the next mail of a digest would leave, and to how many people."""

    digest: DigestSettings
    leaves: Leaves
    people: int

    def sentence(self, mail: MailSettings) -> str:
        """For a person, with what keeps it back."""
        when = f"on {window.local_time(self.digest, self.leaves.at)}" if self.leaves.later else "at once"
        approval = " once it is approved" if self.leaves.held else ""
        people = amount(self.people, "person", "people")
        where = f"by {mail.relay}" if mail.live else f"into {mail.folder}, because [mail] live is false"
        return f"{self.digest.title}: the next mail would leave {when}{approval}, to {people}, {where}."

    def data(self) -> dict[str, Any]:
        """For a program."""
        return {
            "digest": self.digest.slug,
            "at": rfc3339(self.leaves.at),
            "people": self.people,
            "approval": self.digest.approval.value,
        }


def next_mails(installation: Installation, now: datetime) -> tuple[NextMail, ...]:
    """The next mail of each digest."""
    with reading(installation.engine) as connection:
        return tuple(
            NextMail(
                digest,
                min(_leaves(connection, digest, now)),
                store.audience.reached_count(connection, digest.slug, now),
            )
            for digest in installation.settings.digests
        )


def held_mail(installation: Installation) -> tuple[str, ...]:
    """Why no mail leaves from a database that was restored or copied, or nothing."""
    with reading(installation.engine) as connection:
        return tuple(filter(None, [store.moves.why_held(connection)]))


def unread_themes(installation: Installation) -> tuple[str, ...]:
    """A sentence for each theme that readers chose and that is covered no longer: they would get nothing."""
    with reading(installation.engine) as connection:
        found = chosen_themes.unread(connection)
    return tuple(
        f"{readers} subscriptions chose {slug}, which is covered no longer: digest theme merge {slug} THEME"
        for slug, readers in sorted(found.items())
    )


def _leaves(connection: Connection, digest: DigestSettings, now: datetime) -> Iterator[Leaves]:
    """What may leave: issues that are under way, one to catch up, and the next regular one."""
    held = digest.approval is Approval.HOLD
    for issue in store.issues.unfinished(connection, digest.slug):
        step = next_step(issue, digest, store.deliveries.send(connection, issue.id), now).step
        if step not in (Step.PAUSED, Step.EXPIRED, Step.SKIP, Step.DONE):
            yield _leaves_at(goes_out(issue, digest), step is Step.WAIT_FOR_APPROVAL, now)
    missed = window.slot_on(digest, slot_to_draft(connection, digest, now)).at
    if held or now < missed + timedelta(hours=digest.expires_hours):
        yield _leaves_at(missed, held, now)
    yield _leaves_at(next_free_slot(connection, digest, now).at, held, now)


def _leaves_at(slot: datetime, held: bool, now: datetime) -> Leaves:
    return Leaves(max(slot, now), held, slot > now)
