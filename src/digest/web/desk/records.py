"""What is looked up rather than worked on: all issues, all sends, who did what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from digest import codec, store
from digest.desk.rights import Act
from digest.errors import DigestError
from digest.model import AuditEntry, IssueId
from digest.roster.writing import csv_lines
from digest.store.audit import COMMAND_LINE, SCHEDULER, Which
from digest.store.database import reading
from digest.web.desk.gate import Gate, Visit
from digest.web.desk.pages import KEPT, DeskPages

_PAGE = 100
_ISSUES = 50
_AT_ONCE = 500  # lines of a file
_COLUMNS = ("at", "who", "action", "subject", "detail")


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/issues``, ``/desk/deliveries``, ``/desk/log``, and the log as a file."""
    routes = APIRouter()
    _add_issues(routes, gate, pages)
    _add_log(routes, gate, pages)
    return routes


# ── issues and their sends ───────────────────────────────────────────────────────────────────────


def _add_issues(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))
    titles = {digest.slug: digest.title for digest in gate.installation.settings.digests}

    def listed(request: Request, visit: Visit, name: str, before: str, *, sent: bool) -> Response:
        with reading(gate.installation.engine) as connection:
            behind = IssueId.parse(before) if before else None
            found = store.listings.headings(connection, _ISSUES + 1, before=behind, sent=sent)
        more = found[_ISSUES - 1].id if len(found) > _ISSUES else ""
        return pages.page(request, name, visit, found=found[:_ISSUES], more=more, titles=titles)

    @routes.get("/issues")
    def issues(request: Request, before: str = "", visit: Visit = see) -> Response:
        return listed(request, visit, "issues", before, sent=False)

    @routes.get("/deliveries")
    def sends(request: Request, before: str = "", visit: Visit = see) -> Response:
        return listed(request, visit, "sends", before, sent=True)


# ── the log ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries a page asks for, as they stand in its address: days are the asker's own."""

    who: str = ""
    action: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""

    def which(self, zone: str) -> Which:
        """The same with moments; the last day is whole.

        Raises:
            DigestError: a day is none.
        """
        since, until = _begins(self.since, zone), _begins(self.until, zone, later=1)
        return Which(self.who, self.action, self.subject.strip(), since, until)


def _begins(day: str, zone: str, later: int = 0) -> datetime | None:
    if not day.strip():
        return None
    try:
        begins = date.fromisoformat(day.strip()) + timedelta(days=later)
        return datetime.combine(begins, time(), ZoneInfo(zone))
    except (ValueError, OverflowError) as error:
        raise DigestError(f"{day[:40]!r} is no day; write one like 2026-11-22.") from error


def _add_log(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))
    manage: Visit = Depends(gate.allowed(Act.MANAGE))
    asked_for: Asked = Depends(Asked)

    @routes.get("/log")
    def log(request: Request, before: int = 0, asked: Asked = asked_for, visit: Visit = see) -> Response:
        which = asked.which(visit.editor.zone)
        with reading(gate.installation.engine) as connection:
            behind = min(before, 2**53) if before > 0 else None
            found = store.audit.newest(connection, _PAGE + 1, before=behind, which=which)
            people = [editor.address for editor in store.editors.editors(connection)]
            actions = store.audit.actions(connection)
        more = found[_PAGE - 1][0] if len(found) > _PAGE else 0
        values = {"people": [*people, COMMAND_LINE, SCHEDULER], "actions": actions, "asked": asked}
        return pages.page(request, "log", visit, 200, entries=found[:_PAGE], more=more, **values)

    @routes.get("/log.csv")
    def as_csv(asked: Asked = asked_for, visit: Visit = manage) -> Response:
        rows = (
            (entry.at.isoformat(), entry.who, entry.action, entry.subject, entry.detail)
            for entry in _entries(gate, asked.which(visit.editor.zone))
        )
        return _file(csv_lines(_COLUMNS, rows), "text/csv")

    @routes.get("/log.jsonl")
    def as_json(asked: Asked = asked_for, visit: Visit = manage) -> Response:
        lines = (
            json.dumps(codec.to_data(AuditEntry, entry), ensure_ascii=False) + "\n"
            for entry in _entries(gate, asked.which(visit.editor.zone))
        )
        return _file(lines, "application/jsonl")


def _file(lines: Iterable[str], kind: str) -> Response:
    """Lines as they come, some hundred at a time: each part costs a hop into a thread."""
    remaining = iter(lines)
    parts = iter(lambda: "".join(islice(remaining, _AT_ONCE)), "")
    return StreamingResponse(parts, media_type=f"{kind}; charset=utf-8", headers=KEPT)


def _entries(gate: Gate, which: Which) -> Iterator[AuditEntry]:
    with reading(gate.installation.engine) as connection:
        yield from store.audit.entries(connection, which)
