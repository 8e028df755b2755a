"""Answers: JSON of the shapes, problems for whatever was not done, and what the description says of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from digest import codec
from digest.api.paging import Page
from digest.api.problems import MEDIA_TYPE, Problem, problem
from digest.desk.rights import GRANTS, Act

KEPT: Mapping[str, str] = {"Cache-Control": "no-store"}
_SECONDS = {"description": "How many seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
_REFUSALS: Mapping[int, str] = {
    400: "The body is no JSON.",
    401: "There is no token, or one that does not work.",
    403: "The editor or the token may not do this.",
    404: "There is no such thing.",
    409: "It cannot be done as things stand, or somebody else was faster.",
    412: "The issue is another one than If-Match names; the sentence says what was done with it.",
    413: "The body is too large.",
    422: "Something in the request is not as it must be.",
    428: "The request came without If-Match.",
    429: "Too many requests.",
    503: "The database, the relay or a template cannot be used now.",
}
_ALWAYS = (401, 403, 422, 429, 503)
_OF_BODIES = (400, 413)


def answer(kind: Any, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as JSON."""
    return as_json(codec.dump(kind, value), status, headers)


def as_json(body: bytes | str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as it is."""
    return Response(body, status, {**KEPT, **(headers or {})}, "application/json")


def page_answer(request: Request, kind: Any, page: Page[Any]) -> Response:
    """A page of a list, with a Link to the next one (RFC 8288)."""
    if page.next is None:
        return answer(kind, page)
    query = urlencode({**request.query_params, "cursor": page.next})
    return answer(kind, page, 200, {"Link": f'<{request.url.path}?{query}>; rel="next"'})


def problem_answer(found: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as RFC 9457 has it."""
    return Response(codec.dump(Problem, found), found.status, {**KEPT, **(headers or {})}, MEDIA_TYPE)


def refusal(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem with its sentence."""
    return problem_answer(problem(status, detail), headers)


# ── what the description says ────────────────────────────────────────────────────────────────────


def told(
    act: Act,
    summary: str,
    kind: Any = None,
    *refusals: int,
    status: int = 200,
    body: bool = False,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What an operation is declared with: who may do it, what it does, its answers, each with its schema.

    Args:
        kind: the type of the answer; None: it has none.
        refusals: statuses beside those that every operation may answer with.
        body: whether it takes one.
        headers: of the answer, each with what it says.
    """
    extra = _OF_BODIES if body else ()
    found = sorted({*_ALWAYS, *refusals, *extra})
    said = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in (headers or {}).items()
    }
    return {
        "summary": summary,
        "status_code": status,
        "response_model": kind,
        "responses": {
            **({status: {"headers": said}} if said else {}),
            **{each: _declared(each) for each in found},
        },
        "openapi_extra": {"x-roles": roles_for(act)},
    }


def roles_for(act: Act) -> list[str]:
    """The roles that may do something."""
    return [role.value for role, acts in GRANTS.items() if act in acts]


def _declared(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    headers = {"headers": {"Retry-After": _SECONDS}} if status in (429, 503) else {}
    return {"description": _REFUSALS[status], "content": {MEDIA_TYPE: {"schema": schema}}, **headers}
