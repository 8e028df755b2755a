"""The settings in force, read-only: where each is said, and which secrets are there."""

from __future__ import annotations

import os

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from digest import config
from digest.desk.rights import Act
from digest.web.desk.gate import Gate, Visit
from digest.web.desk.pages import DeskPages


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/settings``."""
    routes = APIRouter()
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.get("/settings")
    def settings(request: Request, visit: Visit = see) -> Response:
        in_force, file = gate.installation.settings, gate.installation.file
        return pages.page(
            request,
            "settings",
            visit,
            called=file.name if file else "",
            tables=config.stated(file, in_force, os.environ) if file else (),
            changed=config.changed_since(file, in_force) if file else "",
            secrets=config.secrets_set(os.environ),
            files=_files(gate),
        )

    return routes


def _files(gate: Gate) -> dict[str, bool]:
    """The files of secrets that are named, and whether each is there."""
    settings = gate.installation.settings
    named = {
        "[serve] secret_file": settings.serve.secret_file,
        "[mail] password_file": settings.mail.password_file,
        "[mail] second_password_file": settings.mail.second_password_file,
        "[inbound] imap_password_file": settings.inbound.imap_password_file,
        "[inbound] webhooks_file": settings.inbound.webhooks_file,
    }
    return {name: path.exists() for name, path in named.items() if path}
