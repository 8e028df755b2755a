"""Who works at the desk, what they may do there, and what is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person is at the desk; one person may be several."""

    VIEWER = "viewer"  # sees everything but addresses
    EDITOR = "editor"  # drafts and edits
    PUBLISHER = "publisher"  # approves and sends
    ADMIN = "admin"  # subscribers, sources of the installation, editors


@dataclass(frozen=True, slots=True)
class Editor:
    """Who may sign in. ``password`` is an argon2id hash, or "" where none was chosen yet; ``totp`` a base32 secret or ""."""

    id: int
    address: str
    name: str
    roles: tuple[Role, ...]
    created_at: datetime
    left_at: datetime | None = None
    zone: str = "UTC"  # in which times are shown
    password: str = field(default="", repr=False)
    totp: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which an editor has signed in; only the hash of its cookie is stored."""

    key: str  # SHA-256 of the cookie, hexadecimal
    editor: int
    csrf: str = field(repr=False)  # what each form of this session must bring
    began_at: datetime
    seen_at: datetime
    proved_at: datetime  # when the password was last typed


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A program that acts for an editor; only a keyed hash of its token is stored."""

    id: int
    editor: int
    name: str  # what the editor knows it by
    roles: tuple[Role, ...]  # the editor's, or fewer
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None  # within some minutes
    revoked_at: datetime | None = None


class Preview(StrEnum):
    """How an editor was shown an issue."""

    DESK = "desk"  # beside its outline
    MAIL = "mail"  # that its draft is ready, or waits
    TEST = "test"  # a test copy


@dataclass(frozen=True, slots=True)
class Look:
    """The newest preview of an issue that an editor was shown; ``edit`` is the count of changes that were in it."""

    edit: int
    at: datetime
    preview: Preview


class Errand(StrEnum):
    """What a link was made for that lets an editor in without a password, once."""

    CHOOSE = "choose"  # to choose a password
    DEMO = "demo"  # to look around an installation that is thrown away


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did; ``subject`` is what it was done to, ``detail`` a sentence or ""."""

    at: datetime
    editor: int | None  # None: not at the desk
    who: str  # the editor's address, or "command line", "scheduler"
    action: str
    subject: str
    detail: str = ""
