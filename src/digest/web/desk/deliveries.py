"""What became of each mail of an issue: searched, page by page; what is in doubt is settled here."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from digest import store
from digest.desk import forms
from digest.desk.charts import chart
from digest.desk.rights import Act
from digest.model import DeliveryState
from digest.pipeline.mail import steering
from digest.store.database import reading
from digest.web.desk.gate import Gate, Visit, form_of, go
from digest.web.desk.issues import named
from digest.web.desk.pages import DeskPages

PAGE = 100  # rows
_BOUNCES = timedelta(days=30)
_MOST_DOMAINS = 12


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/deliveries/{digest}/{edition}`` and ``/desk/bounces``."""
    routes = APIRouter()
    _add_page(routes, gate, pages)
    _add_settling(routes, gate)
    _add_bounces(routes, gate, pages)
    return routes


def _add_page(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.get("/deliveries/{digest}/{edition}")
    def page(
        digest: str,
        edition: str,
        request: Request,
        state: str = "",
        address: str = "",
        after: int = 0,
        visit: Visit = see,
    ) -> Response:
        issue = gate.installation.issue(named(digest, edition))
        wanted = DeliveryState(state) if state in {*DeliveryState} else None
        with reading(gate.installation.engine) as connection:
            counts = store.deliveries.counts(connection, issue.id)
            rows = store.deliveries.page(
                connection,
                issue.id,
                PAGE + 1,
                state=wanted,
                address=address.strip()[:320],
                after=max(after, 0),
            )
        more = rows[PAGE - 1].delivery.id if len(rows) > PAGE else 0
        return pages.page(
            request,
            "deliveries",
            visit,
            issue=issue,
            counts=counts,
            rows=rows[:PAGE],
            more=more,
            state=wanted or "",
            address=address,
            shown=visit.shown,
        )


def _add_settling(routes: APIRouter, gate: Gate) -> None:
    may_send: Visit = Depends(gate.allowed(Act.SEND))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/deliveries/{digest}/{edition}/settle")
    def settle(
        digest: str, edition: str, request: Request, visit: Visit = may_send, fields: forms.Fields = sent
    ) -> Response:
        issue_id, now = named(digest, edition), gate.clock()
        was_sent = forms.one(fields, "word") == "sent"
        address = forms.one(fields, "address")
        steering.settle(gate.installation, issue_id, address, now, was_sent=was_sent, by=visit.editor)
        return go(request, f"deliveries/{issue_id}?state=in_doubt")


def _add_bounces(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.get("/bounces")
    def bounces(request: Request, visit: Visit = see) -> Response:
        since = gate.clock() - _BOUNCES
        with reading(gate.installation.engine) as connection:
            found = store.reports.bounced_since(connection, since)
            newest = tuple(store.bounces.listed(connection, since, PAGE))
        kinds: dict[str, int] = {}
        domains: dict[str, int] = {}
        for (kind, domain), count in found.items():
            kinds[str(kind)] = kinds.get(str(kind), 0) + count
            domains[domain] = domains.get(domain, 0) + count
        most = sorted(domains.items(), key=lambda each: (-each[1], each[0]))[:_MOST_DOMAINS]
        drawn = (chart("By what they mean", sorted(kinds.items())), chart("By domain", most))
        return pages.page(request, "bounces", visit, charts=drawn, newest=newest, shown=visit.shown)
