"""Texts, names and numbers as requests may bring them."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

from digest.settings import SLUG

_CLEAN = r"^[^\x00]*$"  # no database takes a NUL
_WORD = r"^[^\x00-\x20\x7f]+$"
_LISTED = r"^[^\x00-\x1f\x7f,]*[^\x00-\x20\x7f,][^\x00-\x1f\x7f,]*$"  # no comma, no line: by those lists are written

Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Line = Annotated[str, StringConstraints(max_length=300, pattern=_CLEAN)]
Term = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_LISTED)]
Paragraphs = Annotated[str, StringConstraints(max_length=20_000, pattern=_CLEAN)]
Key = Annotated[
    str, StringConstraints(min_length=1, max_length=2_000, pattern=_WORD)
]  # of a post, or its address
Mailbox = Annotated[
    str, StringConstraints(min_length=3, max_length=320, pattern=r"^[^\x00-\x20\x7f]+@[^\x00-\x20\x7f@]+$")
]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=_CLEAN)]
Yes = Annotated[bool, Strict()]


_TIME = re.compile(r"[0-9]{4}-[0-9]{2}|[0-9]{2}:[0-9]{2}")


def _written(value: object) -> object:
    """Numbers are no times here, whatever pydantic makes of them."""
    if isinstance(value, int | float) or (isinstance(value, str) and not _TIME.search(value)):
        raise ValueError("expected a text such as 2026-11-22T08:00:00Z")  # pydantic wants this one
    return value


def _whole(value: object) -> object:
    """2.0 is a whole number in JSON Schema; a text of digits or a yes is none."""
    if isinstance(value, str | bool):
        raise ValueError("expected a number")  # noqa: TRY004  # pydantic wants this one
    return value


WHOLE = BeforeValidator(_whole)
Place = Annotated[int, Field(ge=1, le=1_000), WHOLE]
Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
Day = Annotated[date, BeforeValidator(_written)]
Hour = Annotated[time, BeforeValidator(_written)]

MOST = 300  # of one list of a request


class Wanted(BaseModel):
    """The body of a request: nothing that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)
