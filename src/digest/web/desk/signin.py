"""Signing in and out, choosing a password by a link, typing it again before a grave step."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from digest.desk.rights import Act
from digest.errors import DigestError
from digest.model import Errand
from digest.pipeline.editors import signing
from digest.pipeline.editors.editor_mail import mail_link
from digest.pipeline.editors.signing import RefusedError
from digest.web.desk.gate import Gate, Visit, check_origin, go, onward
from digest.web.desk.pages import DeskPages

Words = Annotated[str, Form(max_length=1_000)]


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/sign-in``, ``/desk/sign-out``, ``/desk/choose/…``, ``/desk/demo/…``, ``/desk/prove``."""
    routes = APIRouter()
    _add_door(routes, gate, pages)
    _add_forgotten(routes, gate, pages)
    _add_links(routes, gate, pages)
    _add_proof(routes, gate, pages)
    return routes


def _add_door(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.get("/sign-in")
    def ask(request: Request, to: str = "") -> Response:
        return pages.page(request, "sign-in", to=onward(to), address="")

    @routes.post("/sign-in", dependencies=[Depends(check_origin)])
    def sign_in(
        request: Request, address: Words = "", password: Words = "", code: Words = "", to: Words = ""
    ) -> Response:
        try:
            welcome = signing.sign_in(
                gate.installation, address, password, code, gate.network(request), gate.clock()
            )
        except RefusedError as error:
            problem = str(error)
            return pages.page(request, "sign-in", None, 422, to=onward(to), address=address, problem=problem)
        response = go(request, onward(to))
        gate.let_in(request, response, welcome.cookie)
        return response

    @routes.post("/sign-out")
    def sign_out(request: Request, visit: Visit = see) -> Response:
        signing.sign_out(gate.installation, visit.session, visit.editor, gate.clock())
        response = go(request, "sign-in")
        gate.let_out(request, response)
        return response


def _add_forgotten(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    @routes.get("/forgotten")
    def ask(request: Request) -> Response:
        return pages.page(request, "forgotten", asked=False)

    @routes.post("/forgotten", dependencies=[Depends(check_origin)])
    def mail(request: Request, work: BackgroundTasks, address: Words = "") -> Response:
        # After the answer, so that its time does not tell who is an editor.
        work.add_task(mail_link, gate.installation, address, gate.clock())
        return pages.page(request, "forgotten", asked=True)


def _add_links(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    @routes.get("/choose/{secret}")
    def ask(secret: str, request: Request) -> Response:
        editor = signing.whose_link(gate.installation, secret, Errand.CHOOSE, gate.clock())
        return pages.page(request, "choose", status=200 if editor else 404, editor=editor, secret=secret)

    @routes.post("/choose/{secret}", dependencies=[Depends(check_origin)])
    def choose(secret: str, request: Request, password: Words = "") -> Response:
        now = gate.clock()
        try:
            welcome = signing.choose_password(gate.installation, secret, password, now)
        except DigestError as error:
            editor = signing.whose_link(gate.installation, secret, Errand.CHOOSE, now)
            status, problem = 422 if editor else 404, str(error)
            return pages.page(request, "choose", None, status, editor=editor, secret=secret, problem=problem)
        response = go(request, "")
        gate.let_in(request, response, welcome.cookie)
        return response

    @routes.get("/demo/{secret}")
    def look(secret: str, request: Request) -> Response:
        editor = signing.whose_link(gate.installation, secret, Errand.DEMO, gate.clock())
        return pages.page(request, "demo", status=200 if editor else 404, editor=editor, secret=secret)

    @routes.post("/demo/{secret}", dependencies=[Depends(check_origin)])
    def enter(secret: str, request: Request) -> Response:
        try:
            welcome = signing.enter_demo(gate.installation, secret, gate.clock())
        except RefusedError:
            return pages.page(request, "demo", status=404, editor=None, secret=secret)
        response = go(request, "")
        gate.let_in(request, response, welcome.cookie)
        return response


def _add_proof(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.get("/prove")
    def ask(request: Request, to: str = "", visit: Visit = see) -> Response:
        return pages.page(request, "prove", visit, to=onward(to))

    @routes.post("/prove")
    def prove(request: Request, password: Words = "", to: Words = "", visit: Visit = see) -> Response:
        try:
            signing.prove(gate.installation, visit.session, password, gate.network(request), gate.clock())
        except RefusedError as error:
            return pages.page(request, "prove", visit, 422, to=onward(to), problem=str(error))
        return go(request, onward(to))
