"""What doctor found last, and a button that makes it look again: never while somebody waits for a page."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from threading import Lock

from fastapi import APIRouter, Depends
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from digest import store
from digest.desk import rights
from digest.desk.rights import Act
from digest.doctor.check import Checkup
from digest.doctor.checkup import check_up
from digest.errors import StoreError
from digest.store.database import reading
from digest.web.desk.gate import Gate, Visit, go
from digest.web.desk.pages import DeskPages

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What was found last, whether that was long ago, and whether somebody looks now."""

    checkup: Checkup | None
    is_old: bool
    is_looking: bool


@dataclass(frozen=True, slots=True)
class Surgery:
    """Where doctor looks, once at a time in this process. ``nameserver`` is as for ``net.dns.Dns``."""

    gate: Gate
    nameserver: str = ""
    _busy: Lock = field(default_factory=Lock, repr=False)

    def bulletin(self) -> Bulletin:
        """What pages show."""
        with reading(self.gate.installation.engine) as connection:
            checkup = store.checks.newest(connection)
        is_old = checkup is not None and checkup.is_old(self.gate.clock())
        return Bulletin(checkup, is_old, self._busy.locked())

    def look(self) -> BackgroundTask | None:
        """What is to be done after the answer; None where it is being done already."""
        return BackgroundTask(self._look) if self._busy.acquire(blocking=False) else None

    def _look(self) -> None:
        try:
            check_up(self.gate.installation, self.gate.clock, self.nameserver)
        except StoreError as error:  # the page goes on showing what was found before
            log.error("doctor: %s", error)  # noqa: TRY400  # the sentence says it all
        finally:
            self._busy.release()


def router(gate: Gate, pages: DeskPages, surgery: Surgery) -> APIRouter:
    """``/desk/doctor``."""
    routes = APIRouter(prefix="/doctor")
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.get("")
    def page(request: Request, visit: Visit = see) -> Response:
        may_look = visit.may(Act.SEND) or visit.may(Act.MANAGE)
        return pages.page(request, "doctor", visit, bulletin=surgery.bulletin(), may_look=may_look)

    @routes.post("/look")
    def look(request: Request, visit: Visit = see) -> Response:
        if not visit.may(Act.MANAGE):  # who sends may as well; nobody else has our relay and DNS asked
            rights.require(visit.editor, Act.SEND)
        answer = go(request, "doctor")
        answer.background = surgery.look()
        return answer

    return routes
