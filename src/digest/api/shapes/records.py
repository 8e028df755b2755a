"""Editors, what was done, and what came back, as answers have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.masks import masked, veiled
from digest.model import ApiToken, AuditEntry, Bounce, BounceEffect, BounceKind, Editor, Role


@dataclass(frozen=True, slots=True)
class Me:
    """Who asks, and by which token; ``roles`` are those of both, editor and token."""

    address: str
    name: str
    roles: tuple[Role, ...]
    token: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class EditorNow:
    """Who works here, and as what."""

    address: str
    name: str
    roles: tuple[Role, ...]
    zone: str
    left_at: datetime | None
    asks_for_codes: bool


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that somebody did."""

    at: datetime
    who: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class BounceSeen:
    """A bounce or complaint, and what it did; the address is masked unless one sends or manages."""

    at: datetime
    address: str
    issue: str | None
    kind: BounceKind
    status: str
    words: str
    effect: BounceEffect
    why: str


def bounce_seen(bounce: Bounce, *, whole: bool) -> BounceSeen:
    """A bounce in a list.

    Args:
        whole: whether who asks sees addresses.
    """
    return BounceSeen(
        bounce.at,
        bounce.address if whole or not bounce.address else masked(bounce.address),
        str(bounce.issue) if bounce.issue else None,
        bounce.kind,
        bounce.status,
        bounce.words if whole else veiled(bounce.words),
        bounce.effect,
        bounce.why if whole else veiled(bounce.why),
    )


def me(editor: Editor, token: ApiToken) -> Me:
    """Who asks."""
    return Me(editor.address, editor.name, editor.roles, token.name, token.expires_at)


def editor_now(editor: Editor) -> EditorNow:
    """An editor in a list."""
    return EditorNow(
        editor.address, editor.name, editor.roles, editor.zone, editor.left_at, bool(editor.totp)
    )


def done(entry: AuditEntry) -> Done:
    """An entry of the log."""
    return Done(entry.at, entry.who, entry.action, entry.subject, entry.detail)
