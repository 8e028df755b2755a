"""Who may do what. To create, to approve and to send are three acts; one person may hold all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from digest.errors import DigestError
from digest.model import AuditEntry, Editor, Role


class Act(StrEnum):
    """What a page or a button does."""

    SEE = "see"
    EDIT = "edit"
    APPROVE = "approve"
    SEND = "send"
    MANAGE = "manage"


class ForbiddenError(DigestError):
    """This editor may not do this; the sentence says who may."""


GRANTS: Mapping[Role, frozenset[Act]] = MappingProxyType(
    {
        Role.VIEWER: frozenset({Act.SEE}),
        Role.EDITOR: frozenset({Act.SEE, Act.EDIT}),
        Role.PUBLISHER: frozenset({Act.SEE, Act.APPROVE, Act.SEND}),
        Role.ADMIN: frozenset({Act.SEE, Act.MANAGE}),
    }
)

_TELLS = {
    Act.SEE: "look around here",
    Act.EDIT: "change issues, themes and sources",
    Act.APPROVE: "approve an issue",
    Act.SEND: "send an issue",
    Act.MANAGE: "manage subscribers and editors",
}
_PARTED = {Act.APPROVE: frozenset({"edit"}), Act.SEND: frozenset({"edit", "approve"})}


def may(editor: Editor, act: Act) -> bool:
    """Whether one of an editor's roles grants an act."""
    return editor.left_at is None and any(act in GRANTS[role] for role in editor.roles)


def require(editor: Editor, act: Act) -> None:
    """Refuse what no role of an editor grants.

    Raises:
        ForbiddenError: which role would.
    """
    if not may(editor, act):
        role = next(role for role, acts in GRANTS.items() if act in acts)
        raise ForbiddenError(
            f"To {_TELLS[act]} one is {role}; {editor.address} is {listed(editor.roles)}."
            " An admin can change that: digest editors change."
        )


def require_another(editor: Editor, act: Act, done: Iterable[AuditEntry]) -> None:
    """Where ``[desk] four_eyes`` is set: whoever edited an issue does not approve it, and whoever did either does not send it.

    Args:
        done: what was done with the issue, in any order.

    Raises:
        ForbiddenError: the same person would do both.
    """
    parted = _PARTED.get(act, frozenset())
    for entry in done:
        if entry.editor == editor.id and entry.action in parted:
            raise ForbiddenError(
                f"{editor.address} did “{entry.action}” with {entry.subject} on {entry.at:%Y-%m-%d}, and [desk] four_eyes"
                f" asks for somebody else to {_TELLS[act]}."
            )


def listed(roles: Iterable[Role]) -> str:
    """Roles in words: ``editor and publisher``."""
    names = [str(role) for role in roles] or ["nothing yet"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
