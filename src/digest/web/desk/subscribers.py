"""Who reads: found, looked at one by one, and changed where they ask for it.

An address stands in no link here. Who only sees masked addresses finds nobody by the beginning of one, else it could
be asked out letter by letter.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from digest import store
from digest.assemble.drafting import covered
from digest.desk import forms, signing
from digest.desk.charts import Chart, course
from digest.desk.rights import Act
from digest.errors import DigestError
from digest.model import SubscriptionState
from digest.pipeline.readers import audience
from digest.pipeline.readers.audience import tending
from digest.roster.addresses import fault
from digest.store.audience import Wanted
from digest.store.database import reading
from digest.web.desk.gate import Gate, Visit, form_of, go
from digest.web.desk.pages import KEPT, DeskPages

PAGE = 100  # rows
SUPPRESSED = "suppressed"  # a state of the list, though of an address
_LONGEST = 320  # characters of what is searched for
_WEEKS = 26
_MOST_CHARTS = 6  # digests on one page
_MOST_COURSES = 64  # are kept for their hour: to reckon one of a million people takes most of a second
_LARGEST = 2**53  # a number of a row

Number = Annotated[int, Path(ge=1, le=_LARGEST)]
Behind = Annotated[int, Query(ge=0, le=_LARGEST)]


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/subscribers`` and what is below it."""
    routes = APIRouter(prefix="/subscribers")
    _add_lists(routes, gate, pages)
    _add_adding(routes, gate, pages)
    _add_person(routes, gate, pages)
    _add_changes(routes, gate)
    _add_erasing(routes, gate, pages)
    return routes


# ── the list ─────────────────────────────────────────────────────────────────────────────────────


def _add_lists(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))
    courses = lru_cache(_MOST_COURSES)(lambda digest, hour: _course(gate, digest, hour))

    @routes.get("")
    def everybody(
        request: Request,
        address: str = "",
        digest: str = "",
        state: str = "",
        after: Behind = 0,
        visit: Visit = see,
    ) -> Response:
        typed = address.strip()[:_LONGEST]
        values = {
            "digests": gate.installation.settings.digests,
            "states": (*SubscriptionState, SUPPRESSED),
            "address": typed,
            "digest": digest,
            "state": state,
            "shown": visit.shown,
        }
        if typed and not visit.sees_addresses and fault(typed):
            values["problem"] = "Type the whole address: you see addresses masked."
            return pages.page(request, "subscribers", visit, 422, rows=(), more=0, **values)
        if state == SUPPRESSED:
            return _suppressed(request, gate, pages, visit, after, values)
        known = SubscriptionState(state) if state in {*SubscriptionState} else None
        slugs = [each.slug for each in gate.installation.settings.digests]
        wanted = Wanted(digest if digest in slugs else "", known, typed)
        with reading(gate.installation.engine) as connection:
            rows = store.audience.page(connection, wanted, slugs, PAGE + 1, after)
        more = rows[PAGE - 1].number if len(rows) > PAGE else 0
        if wanted.state is None and not (typed or after):  # the first page of all, or of one digest
            hour = gate.clock().replace(minute=0, second=0, microsecond=0)
            drawn = [wanted.digest] if wanted.digest else slugs[:_MOST_CHARTS]
            values["charts"] = [courses(slug, hour) for slug in drawn]
        return pages.page(request, "subscribers", visit, 200, rows=rows[:PAGE], more=more, **values)


def _course(gate: Gate, slug: str, now: datetime) -> Chart:
    """How many had confirmed a digest, week by week until today."""
    days = [now.date() - timedelta(weeks=weeks) for weeks in reversed(range(_WEEKS))]
    with reading(gate.installation.engine) as connection:
        counts = store.audience.confirmed_by(connection, slug, days)
    labels = [f"{day.day} {day:%B %Y}" for day in days]
    title = f"{gate.installation.digest(slug).title}: confirmed."
    return course(title, list(zip(labels, counts, strict=True)))


def _suppressed(
    request: Request, gate: Gate, pages: DeskPages, visit: Visit, skip: int, values: dict[str, object]
) -> Response:
    with reading(gate.installation.engine) as connection:
        barred = store.audience.barred(connection, str(values["address"]), PAGE + 1, skip)
    more = skip + PAGE if len(barred) > PAGE else 0
    return pages.page(request, "suppressed", visit, 200, rows=barred[:PAGE], more=more, **values)


# ── adding ───────────────────────────────────────────────────────────────────────────────────────


def _add_adding(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    manage: Visit = Depends(gate.allowed(Act.MANAGE))
    sent: forms.Fields = Depends(form_of)

    def asked(request: Request, visit: Visit, fields: forms.Fields, problem: str = "") -> Response:
        with reading(gate.installation.engine) as connection:
            themes = store.sources.themes(connection)
        offered = [(digest, covered(themes, digest)) for digest in gate.installation.settings.digests]
        typed = {name: fields.get(name, [""])[0] for name in ("address", "digest", "how", "consent")}
        status = 422 if problem else 200
        return pages.page(
            request, "subscriber-add", visit, status, offered=offered, problem=problem, typed=typed
        )

    @routes.get("/add")
    def ask(request: Request, visit: Visit = manage) -> Response:
        return asked(request, visit, {})

    @routes.post("/add")
    def add(request: Request, visit: Visit = manage, fields: forms.Fields = sent) -> Response:
        try:
            number = _added(gate, visit, fields)
        except DigestError as error:
            return asked(request, visit, fields, str(error))
        return go(request, f"subscribers/{number}")

    @routes.post("/suppress")
    def suppress(request: Request, visit: Visit = manage, fields: forms.Fields = sent) -> Response:
        address, why = forms.one(fields, "address").strip(), forms.one(fields, "why").strip()
        audience.suppress(gate.installation, address, why or "by hand", gate.clock(), visit.editor)
        return go(request, f"subscribers?state={SUPPRESSED}")

    @routes.post("/unsuppress")
    def unsuppress(request: Request, visit: Visit = manage, fields: forms.Fields = sent) -> Response:
        address, why = forms.one(fields, "address"), _reason(fields)
        audience.unsuppress(gate.installation, address, why, gate.clock(), visit.editor)
        return go(request, f"subscribers?state={SUPPRESSED}")


def _added(gate: Gate, visit: Visit, fields: forms.Fields) -> int:
    """Add somebody as a form asks for it, or ask them by mail; their number."""
    address, digest = forms.one(fields, "address").strip(), forms.one(fields, "digest")
    ticked = [name.partition("/") for name in forms.many(fields, "theme")]
    themes = [theme for slug, _, theme in ticked if slug == digest]
    installation, now = gate.installation, gate.clock()
    if forms.one(fields, "how") == "stated":
        consent = forms.one(fields, "consent").strip()
        if not consent:
            raise DigestError("Say how they gave their consent, or ask them by mail.")
        audience.add_subscriber(installation, address, digest, themes, consent, now, visit.editor)
    else:
        address = tending.invite(installation, address, digest, themes, now, visit.editor)
    return tending.number_of(installation, address)


def _reason(fields: forms.Fields) -> str:
    """Why something is done, which the log keeps.

    Raises:
        DigestError: nothing was said.
    """
    why = forms.one(fields, "why").strip()[:500]
    if not why:
        raise DigestError("Say why, for whoever asks later: go back, and fill in the reason.")
    return why


# ── one person ───────────────────────────────────────────────────────────────────────────────────


def _add_person(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))
    manage: Visit = Depends(gate.allowed(Act.MANAGE))

    @routes.get("/{number}")
    def one(number: Number, request: Request, visit: Visit = see) -> Response:
        found = tending.person(gate.installation, number, gate.clock())
        log = tending.history(gate.installation, number)
        titles = {digest.slug: digest.title for digest in gate.installation.settings.digests}
        return pages.page(
            request, "subscriber", visit, person=found, log=log, titles=titles, shown=visit.shown
        )

    @routes.post("/{number}/data.json")
    def data(number: Number, visit: Visit = manage) -> Response:
        found = tending.export(gate.installation, number, gate.clock(), visit.editor)
        name = {"Content-Disposition": f'attachment; filename="subscriber-{number}.json"'}
        return Response(found, media_type="application/json", headers={**KEPT, **name})


def _add_changes(routes: APIRouter, gate: Gate) -> None:
    manage: Visit = Depends(gate.allowed(Act.MANAGE))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/{number}/change")
    def change(
        number: Number, request: Request, visit: Visit = manage, fields: forms.Fields = sent
    ) -> Response:
        now, why = gate.clock(), _reason(fields)
        address = tending.person(gate.installation, number, now).address
        match forms.one(fields, "do"):
            case "leave":
                digest = forms.one(fields, "digest")
                tending.leave(gate.installation, number, digest, why, now, visit.editor)
            case "suppress":
                audience.suppress(gate.installation, address, why, now, visit.editor)
            case "unsuppress":
                audience.unsuppress(gate.installation, address, why, now, visit.editor)
            case _:
                raise DigestError("The form wants nothing that is done here. Load the page again.")
        return go(request, f"subscribers/{number}")


def _add_erasing(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    manage: Visit = Depends(gate.allowed(Act.MANAGE))
    sent: forms.Fields = Depends(form_of)

    @routes.get("/{number}/erase")
    def ask(number: Number, request: Request, visit: Visit = manage) -> Response:
        found = tending.person(gate.installation, number, gate.clock())
        if not signing.is_proved(visit.session, gate.clock()):
            return go(request, f"prove?to=subscribers/{number}/erase")
        return pages.page(request, "subscriber-erase", visit, person=found)

    @routes.post("/{number}/erase")
    def erase(
        number: Number, request: Request, visit: Visit = manage, fields: forms.Fields = sent
    ) -> Response:
        now = gate.clock()
        found = tending.person(gate.installation, number, now)
        if not signing.is_proved(visit.session, now):
            return go(request, f"prove?to=subscribers/{number}/erase")
        if forms.one(fields, "address").strip().casefold() != found.address.casefold():
            problem = "That is not the address of this person: nothing was erased."
            return pages.page(request, "subscriber-erase", visit, 422, person=found, problem=problem)
        audience.forget(gate.installation, found.address, now, visit.editor)
        return pages.page(request, "subscriber-erased", visit)
