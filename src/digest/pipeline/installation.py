"""What the verbs work with: settings and edges, built once by ``digest.wiring``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from jinja2 import Environment
from sqlalchemy import Engine

from digest import store
from digest.collect.pagewords import PageWords
from digest.deliver.dkim import Signer
from digest.encoder import Encoder
from digest.errors import NotFoundError
from digest.extract.words import Words
from digest.gallery import Gallery
from digest.isolate import Crew
from digest.model import Issue, IssueId
from digest.net.http import Fetcher
from digest.resources import Resources
from digest.sender import Transport
from digest.settings import DigestSettings, Settings
from digest.store.database import reading
from digest.tokens import Keys


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation: what config.toml says, and the edges through which its verbs act."""

    settings: Settings
    engine: Engine
    resources: Resources
    templates: Environment
    keys: Keys
    signers: tuple[Signer, ...]  # of mail
    fetcher: Fetcher
    messenger: Fetcher  # of notices and heartbeats, to whom ``[operate] allow`` lets us
    parsers: Crew  # in which untrusted feeds and pages are read
    compile_mjml: Callable[[str], str]
    gallery: Gallery
    transport: Callable[[], Transport]
    second_transport: Callable[[], Transport] | None = None  # where mail goes while that one is away
    notices_secret: str = field(default="", repr=False)  # signs what the webhook gets
    encoder: Encoder | None = None  # of what texts mean, where [assemble] semantic asks for it
    file: Path | None = None  # the config.toml that describes it

    @property
    def words(self) -> Words:
        """The words by which sections of posts are known.

        Raises:
            TemplateError: a file of them says what it cannot say.
        """
        return self.resources.section_words

    @property
    def page_words(self) -> PageWords:
        """The words by which parts of web pages are known.

        Raises:
            TemplateError: a file of them says what it cannot say.
        """
        return self.resources.page_words

    @property
    def relays(self) -> tuple[Callable[[], Transport], ...]:
        """All that take mail from us, the preferred one first."""
        second = self.second_transport
        return (self.transport,) if second is None else (self.transport, second)

    def digest(self, slug: str) -> DigestSettings:
        """The settings of one digest.

        Raises:
            NotFoundError: there is none of that slug; the sentence lists those there are.
        """
        found = self.settings.digest(slug)
        if found is None:
            known = ", ".join(digest.slug for digest in self.settings.digests)
            raise NotFoundError(f"There is no digest {slug!r} in config.toml; it has {known}.")
        return found

    def issue(self, issue_id: IssueId) -> Issue:
        """One stored issue.

        Raises:
            NotFoundError: there is no such digest or issue; the sentence says how to make one.
        """
        self.digest(issue_id.digest)
        with reading(self.engine) as connection:
            found = store.issues.issue(connection, issue_id)
        if found is None:
            raise NotFoundError(
                f"There is no issue {issue_id}; make one with: digest draft {issue_id.digest}"
            )
        return found


Clock = Callable[[], datetime]
