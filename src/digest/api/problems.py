"""What went wrong, as a value for a program: Problem Details (RFC 9457), with one sentence for a person."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request: where, as a JSON Pointer or the name of a parameter, and what."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was not done. ``type`` is always "about:blank": the status says what kind of problem it is."""

    title: str
    status: int
    detail: str  # one sentence: what, where, what to do
    type: str = "about:blank"
    faults: tuple[Fault, ...] = ()


def problem(status: int, detail: str = "", faults: tuple[Fault, ...] = ()) -> Problem:
    """A problem with the title of its status."""
    title = HTTPStatus(status).phrase
    return Problem(title, status, detail or f"{title}.", faults=faults)
