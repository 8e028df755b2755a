"""The one place that builds edges from settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from digest import config, store
from digest.config.signing import signers
from digest.deliver.folder import Folder
from digest.deliver.inbound.imap import Mailbox, mailbox
from digest.deliver.smtp import Smtp, relay
from digest.encoder import encoder
from digest.errors import RelayError
from digest.gallery import MAX_BYTES, Gallery
from digest.isolate import Child, Crew
from digest.model import Picture
from digest.net.http import Fetcher, user_agent
from digest.pipeline.installation import Installation
from digest.pipeline.issues.redact import restore
from digest.resources import Resources
from digest.sender import Transport
from digest.settings import Settings
from digest.store.database import migrate, open_database, reading, transaction
from digest.tokens import Keys, parse_keys

MJML = "digest.publish.mjml"
STILL = "digest.publish.stills:still"
PICTURE_SECONDS = 10.0
MESSAGE_SECONDS = 5.0  # for a heartbeat or a notice
READING = ("digest.collect.reading", "digest.collect.page")  # of feeds, of pages


@contextmanager
def open_installation(path: Path, now: datetime) -> Iterator[Installation]:
    """The installation that a config.toml describes, with its database brought up to date with the file.

    Raises:
        ConfigError: mistakes in the file, every one at once, or a missing secret.
        StoreError: the database cannot be used.
    """
    settings = config.load(path)
    transport, second_transport = transport_of(settings), second_transport_of(settings)
    sentences = encoder() if settings.assemble.semantic else None
    resources = Resources(settings.publish.templates_dir)
    engine = open_database(settings.database.url)
    try:
        _bring_up_to_date(engine, settings, now)
        keys = _keys(settings, engine)
        with Child(preload=(MJML,)) as child, Crew(os.cpu_count() or 1, preload=READING) as parsers:
            opened = Installation(
                settings=settings,
                engine=engine,
                resources=resources,
                templates=resources.environment(),
                keys=keys,
                signers=signers(settings.mail),
                fetcher=fetcher(settings, _readers(engine, settings)),
                messenger=messenger(settings, _readers(engine, settings)),
                notices_secret=config.notices_secret(settings, os.environ),
                parsers=parsers,
                compile_mjml=compiler(child),
                gallery=gallery(settings, _readers(engine, settings), parsers),
                transport=_unless_held(engine, transport),
                second_transport=second_transport and _unless_held(engine, second_transport),
                encoder=sentences,
                file=path.absolute(),
            )
            restore(opened, now)
            yield opened
    finally:
        engine.dispose()


def _bring_up_to_date(engine: Engine, settings: Settings, now: datetime) -> None:
    migrate(engine)
    store.jobs.install(engine)
    with reading(engine) as connection:
        store.moves.require_here(connection)
    with transaction(engine) as connection:
        store.sources.sync(
            connection,
            config.declared_sources(settings),
            config.declared_themes(settings),
            config.declared_rules(settings),
            now,
        )
        for digest in settings.digests:
            store.issues.digest_started(connection, digest.slug, now)


def _keys(settings: Settings, engine: Engine) -> Keys:
    """The keys that sign links. Where nobody subscribes yet, and so nobody holds a link, a missing one is made."""
    missing = not settings.serve.secret_file.exists() and not os.environ.get(config.SECRET_VARIABLE)
    if missing and not _readers(engine, settings):
        with suppress(FileExistsError):  # another process that opens the installation was first
            config.write_secret(settings.serve.secret_file)
    return parse_keys(config.secret_keys(settings, os.environ))


def _readers(engine: Engine, settings: Settings) -> int:
    with reading(engine) as connection:
        return sum(store.audience.confirmed_count(connection, digest.slug) for digest in settings.digests)


def fetcher(settings: Settings, subscribers: int) -> Fetcher:
    """What fetches documents, within the limits of ``[collect]``."""
    return Fetcher(settings.collect.allow, settings.collect.timeout_seconds, _agent(settings, subscribers))


def messenger(settings: Settings, subscribers: int) -> Fetcher:
    """What calls other machines for us, within the limits of ``[operate]``."""
    return Fetcher(settings.operate.allow, MESSAGE_SECONDS, _agent(settings, subscribers))


def gallery(settings: Settings, subscribers: int, crew: Crew) -> Gallery:
    """The pictures of an installation; new ones are decoded in a child process, because decoders crash."""

    def draw(data: bytes) -> tuple[Picture, bytes]:
        return cast(tuple[Picture, bytes], crew.run(STILL, data))

    timeout = min(settings.collect.timeout_seconds, PICTURE_SECONDS)
    agent = _agent(settings, subscribers)
    return Gallery(
        settings.publish.pictures_dir,
        Fetcher(settings.collect.allow, timeout, agent, MAX_BYTES),
        draw,
    )


def _agent(settings: Settings, subscribers: int) -> str:
    return user_agent(version("digest-pipeline"), settings.publish.app_url, subscribers)


def transport_of(settings: Settings) -> Callable[[], Transport]:
    """Where mail goes: to the relay once ``[mail] live = true``, until then to a folder.

    Raises:
        ConfigError: the relay's address or password is missing or wrong.
    """
    mail = settings.mail
    if not mail.live:
        return lambda: Folder(mail.folder)
    known = relay(mail, config.mail_password(settings, os.environ))
    return lambda: Smtp(known)


def second_transport_of(settings: Settings) -> Callable[[], Transport] | None:
    """Where mail goes while the relay is away; None where nothing is set, or no mail leaves at all.

    Raises:
        ConfigError: as ``transport_of``.
    """
    mail = settings.mail
    if not (mail.live and mail.second_relay):
        return None
    other = mail.model_copy(update={"relay": mail.second_relay, "username": mail.second_username})
    known = relay(other, config.second_mail_password(settings, os.environ))
    return lambda: Smtp(known)


def _unless_held(engine: Engine, connect: Callable[[], Transport]) -> Callable[[], Transport]:
    """What takes mail, unless the database was restored and nobody has looked at it yet: asked at each connection."""

    def connect_unless_held() -> Transport:
        with reading(engine) as connection:
            why = store.moves.why_held(connection)
        if why:
            raise RelayError(why)
        return connect()

    return connect_unless_held


def mailbox_of(settings: Settings) -> Mailbox | None:
    """The mailbox in which bounces arrive, where one is to be read.

    Raises:
        ConfigError: its password, or what reads it, is missing.
    """
    return mailbox(settings.inbound, config.imap_password(settings, os.environ))


def compiler(child: Child) -> Callable[[str], str]:
    """MJML → HTML in a child process, because deep nesting crashes mjml-python."""

    def compile_mjml(text: str) -> str:
        return str(child.run(f"{MJML}:compile_mjml", text))

    return compile_mjml
