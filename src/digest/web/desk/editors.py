"""Who works at the desk: seen by all of them, changed by an admin whose password was typed lately."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from digest.desk import forms, signing
from digest.desk.rights import Act
from digest.errors import DigestError
from digest.model import Role
from digest.pipeline.editors import signing as sessions
from digest.pipeline.editors import staff
from digest.pipeline.editors.staff import Colleague
from digest.web.desk.gate import Gate, Visit, form_of, go
from digest.web.desk.pages import DeskPages

Number = Annotated[int, Path(ge=1, le=2**53)]

_EMPTY = {"address": "", "name": ""}  # the form


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/editors`` and what is below it."""
    routes = APIRouter(prefix="/editors")
    _add_pages(routes, gate, pages)
    _add_adding(routes, gate, pages)
    _add_changes(routes, gate)
    return routes


def _add_pages(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))
    manage: Visit = Depends(gate.allowed(Act.MANAGE))

    @routes.get("")
    def everybody(request: Request, visit: Visit = see) -> Response:
        found = staff.everybody(gate.installation, gate.clock())
        return pages.page(request, "editors", visit, colleagues=found, roles=Role, typed=_EMPTY)

    @routes.get("/{number}")
    def one(number: Number, request: Request, visit: Visit = manage) -> Response:
        found = staff.colleague(gate.installation, number, gate.clock())
        return pages.page(request, "editor", visit, colleague=found, roles=Role)


def _add_adding(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    manage: Visit = Depends(gate.allowed(Act.MANAGE))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/add")
    def add(request: Request, visit: Visit = manage, fields: forms.Fields = sent) -> Response:
        now = gate.clock()
        if not signing.is_proved(visit.session, now):
            return go(request, "prove?to=editors")
        typed = {name: forms.one(fields, name).strip()[:320] for name in ("address", "name")}
        try:
            roles = _roles(fields)
            staff.invite(gate.installation, typed["address"], typed["name"], roles, now, visit.editor)
        except DigestError as error:
            found = staff.everybody(gate.installation, now)
            values = {"colleagues": found, "roles": Role, "typed": typed, "problem": str(error)}
            return pages.page(request, "editors", visit, 422, **values)
        return go(request, "editors")


def _add_changes(routes: APIRouter, gate: Gate) -> None:
    manage: Visit = Depends(gate.allowed(Act.MANAGE))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/{number}/change")
    def change(
        number: Number, request: Request, visit: Visit = manage, fields: forms.Fields = sent
    ) -> Response:
        found = staff.colleague(gate.installation, number, gate.clock())
        if not signing.is_proved(visit.session, gate.clock()):
            return go(request, f"prove?to=editors/{number}")
        _change(gate, visit, found, fields)
        return go(request, f"editors/{number}" if found.editor.id != visit.editor.id else "editors")


def _change(gate: Gate, visit: Visit, found: Colleague, fields: forms.Fields) -> None:
    """What a form wants with an editor.

    Raises:
        DigestError: it is nothing that is done here, or nobody would be admin any more.
    """
    installation, editor, now, by = gate.installation, found.editor, gate.clock(), visit.editor
    match forms.one(fields, "do"):
        case "roles":
            name = forms.one(fields, "name").strip()[:200] or editor.address
            sessions.change_editor(installation, editor.address, now, name=name, roles=_roles(fields), by=by)
        case "reset":
            staff.reset(installation, editor, by, now)
        case "end":
            staff.end_sessions(installation, editor, [each.key for each in found.sessions], by, now)
        case "remove":
            sessions.shut_out(installation, editor.address, now, by)
        case "let-in":
            staff.let_in_again(installation, editor, by, now)
        case _:
            raise DigestError("The form wants nothing that is done here. Load the page again.")


def _roles(fields: forms.Fields) -> tuple[Role, ...]:
    """The roles that are ticked.

    Raises:
        DigestError: there is no such role, or none was ticked.
    """
    names = forms.many(fields, "role")
    if unknown := [name for name in names if name not in {*Role}]:
        raise DigestError(f"There is no role {unknown[0][:40]!r}. Load the page again.")
    if not names:
        raise DigestError("Tick at least one role: a viewer sees everything and changes nothing.")
    return tuple(dict.fromkeys(map(Role, names)))
