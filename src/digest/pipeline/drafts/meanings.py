"""What the texts of an issue mean: what is kept of it, and what the encoder is asked anew.

A draft asks before it is made (``remember``), so that it, and every later one, finds the points of its texts kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest import store
from digest.assemble.meanings import NO_MEANINGS, Meanings, texts, unpacked
from digest.assemble.subjects import Subjects
from digest.encoder import LANGUAGES, Encoder
from digest.model import Post, Theme
from digest.pipeline.installation import Installation
from digest.store.database import reading, transaction

AT_ONCE = 100  # texts whose points are kept in one transaction: what a crash leaves is asked again
KEPT = timedelta(
    days=90
)  # an issue's posts are looked at for weeks, its themes for years: these are asked again


def wanted(posts: Iterable[Post], themes: Sequence[Theme], subjects: Subjects) -> tuple[str, ...]:
    """The texts whose meanings an issue of these posts is made with."""
    posts = tuple(posts)
    return texts(posts, themes, subjects, {post.language for post in posts} & LANGUAGES)


def remember(
    installation: Installation, texts_of: Callable[[Connection], Sequence[str]], now: datetime
) -> None:
    """Keep what these texts mean, some at a time; nothing where no encoder is asked for."""
    encoder = installation.encoder
    if encoder is None:
        return
    with reading(installation.engine) as connection:
        asked = texts_of(connection)
        known = store.meanings.known(connection, encoder.model, asked)
    missing = [text for text in asked if text not in known]
    for start in range(0, len(missing), AT_ONCE):
        points = encoder.encode(missing[start : start + AT_ONCE])
        with transaction(installation.engine) as connection:
            store.meanings.keep(connection, encoder.model, points, now)
            store.meanings.forget(connection, now - KEPT)


def understood(encoder: Encoder | None, connection: Connection, asked: Sequence[str]) -> Meanings:
    """What these texts mean; what is not kept is asked now, and not kept."""
    if encoder is None:
        return NO_MEANINGS
    known = store.meanings.known(connection, encoder.model, asked)
    return unpacked({**known, **encoder.encode(text for text in asked if text not in known)})
