"""One's own place at the desk: time zone, password, codes by the clock, open sessions, tokens for programs."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Form, Path
from starlette.requests import Request
from starlette.responses import Response

from digest import passwords, store
from digest.desk import forms
from digest.desk import signing as rules
from digest.desk.rights import Act
from digest.errors import DigestError
from digest.model import Errand, Role
from digest.pipeline.editors import api_tokens, signing, staff
from digest.store.database import transaction
from digest.web.desk.gate import Gate, Visit, form_of, go
from digest.web.desk.pages import DeskPages

Words = Annotated[str, Form(max_length=1_000)]
Number = Annotated[int, Path(ge=1, le=2**53)]
_ISSUER = "digest"


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/me`` and what is below it."""
    routes = APIRouter(prefix="/me")
    account = _Account(gate, pages)
    _add_page(routes, gate, account)
    _add_codes(routes, gate, account)
    _add_tokens(routes, gate, account)
    return routes


class _Account:
    """The page, whichever of its forms was sent."""

    def __init__(self, gate: Gate, pages: DeskPages) -> None:
        self._gate = gate
        self._pages = pages

    def shown(self, request: Request, visit: Visit, status: int = 200, **values: object) -> Response:
        """``problem`` is about the form that the value ``wrong`` names."""
        secret = values.pop("secret", passwords.new_secret())
        installation = self._gate.installation
        known = {
            "secret": secret,
            "url": passwords.secret_url(str(secret), visit.editor.address, _ISSUER),
            "sessions": staff.colleague(installation, visit.editor.id, self._gate.clock()).sessions,
            "tokens": api_tokens.given(installation, visit.editor),
            "now": self._gate.clock(),
            "wrong": "",
            "given": None,
        }
        return self._pages.page(request, "me", visit, status, **{**known, **values})


def _add_page(routes: APIRouter, gate: Gate, account: _Account) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))
    sent: forms.Fields = Depends(form_of)

    @routes.get("")
    def me(request: Request, visit: Visit = see) -> Response:
        return account.shown(request, visit)

    @routes.post("/zone")
    def zone(request: Request, zone: Words = "", visit: Visit = see) -> Response:
        if zone.strip() not in available_timezones():
            problem = f"There is no time zone {zone.strip()[:40]!r}; write one like Europe/Berlin."
            return account.shown(request, visit, 422, wrong="zone", problem=problem)
        signing.change_editor(
            gate.installation, visit.editor.address, gate.clock(), zone=zone.strip(), by=visit.editor
        )
        return go(request, "me")

    @routes.post("/end")
    def end(request: Request, visit: Visit = see, fields: forms.Fields = sent) -> Response:
        staff.end_sessions(
            gate.installation, visit.editor, forms.many(fields, "session"), visit.editor, gate.clock()
        )
        return go(request, "me")

    @routes.post("/password")
    def new_password(request: Request, visit: Visit = see) -> Response:
        now = gate.clock()
        if not rules.is_proved(visit.session, now):
            return go(request, "prove?to=me")
        with transaction(gate.installation.engine) as connection:
            secret = signing.give_link(connection, visit.editor, Errand.CHOOSE, rules.MAILED, now)
        return go(request, f"choose/{secret}")


def _add_codes(routes: APIRouter, gate: Gate, account: _Account) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.post("/code")
    def ask_for_codes(request: Request, secret: Words = "", code: Words = "", visit: Visit = see) -> Response:
        now = gate.clock()
        if not rules.is_proved(visit.session, now):
            return go(request, "prove?to=me")
        step = passwords.step_of(secret, code, now)
        if step is None:
            problem = "That is not the code of this moment. Check the clock of your phone, and try again."
            return account.shown(request, visit, 422, secret=secret, wrong="code", problem=problem)
        with transaction(gate.installation.engine) as connection:
            store.editors.set_totp(connection, visit.editor.id, secret)
            store.editors.take_step(connection, visit.editor.id, step)
            store.audit.add(connection, visit.editor, "ask for codes", visit.editor.address, now)
        return go(request, "me")

    @routes.post("/no-code")
    def no_codes(request: Request, visit: Visit = see) -> Response:
        now = gate.clock()
        if not rules.is_proved(visit.session, now):
            return go(request, "prove?to=me")
        with transaction(gate.installation.engine) as connection:
            store.editors.set_totp(connection, visit.editor.id, "")
            store.audit.add(connection, visit.editor, "ask for no codes", visit.editor.address, now)
        return go(request, "me")


def _add_tokens(routes: APIRouter, gate: Gate, account: _Account) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/tokens")
    def give(request: Request, visit: Visit = see, fields: forms.Fields = sent) -> Response:
        now = gate.clock()
        if not rules.is_proved(visit.session, now):
            return go(request, "prove?to=me")
        name = forms.one(fields, "name")
        try:
            roles = [Role(each) for each in forms.many(fields, "role") if each in visit.editor.roles]
            until = _until(fields.get("until", [""])[0])
            given = api_tokens.give(
                gate.installation, visit.editor, name, now, roles=roles, expires_at=until, by=visit.editor
            )
        except DigestError as error:
            return account.shown(request, visit, 422, wrong="name", problem=str(error))
        return account.shown(request, visit, given=given)

    @routes.post("/tokens/{number}/revoke")
    def revoke(number: Number, request: Request, visit: Visit = see) -> Response:
        api_tokens.revoke(gate.installation, visit.editor, number, gate.clock(), by=visit.editor)
        return go(request, "me")


def _until(day: str) -> datetime | None:
    """The beginning of a day (UTC), or None where none is given.

    Raises:
        DigestError: it is no day.
    """
    if not day.strip():
        return None
    try:
        return datetime.combine(datetime.fromisoformat(day.strip()).date(), time(), UTC)
    except ValueError as error:
        raise DigestError(f"{day[:40]!r} is no day; write one like 2027-03-31.") from error
