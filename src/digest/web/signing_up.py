"""Signing up: a form for each digest, the same form for other sites to embed, and what it answers.

Whatever is known of an address, the answer is the same. Programs are kept away by a field that people do not see,
by the time that a person takes, and by the network that they come from; nobody has to solve a riddle. A form of
another site cannot know when it was shown: whoever sends it is asked to press one more button, on a page of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from digest import tokens
from digest.callers import PERIOD
from digest.model import Theme
from digest.pipeline.readers import signing_up
from digest.settings import DigestSettings
from digest.store.audience import choice_of
from digest.store.database import reading
from digest.tokens import Keys
from digest.web.embedding import snippet
from digest.web.reception import Reception

HASTE = timedelta(seconds=2)  # in less time nobody reads a form and fills it in
STALE = timedelta(hours=24)
_MOST_BOXES = 200
_LONGEST_FIELD = 1000

Field = Annotated[str, Form(max_length=_LONGEST_FIELD)]


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it came back."""

    address: str
    themes: tuple[str, ...]
    shown: str  # when it was shown, signed
    website: str  # the field that people do not see


class Verdict(Enum):
    """What is to be done with a form."""

    TAKE = auto()
    IGNORE = auto()  # a program: it gets the answer that everybody gets
    ASK_AGAIN = auto()  # by a button on a page of ours
    NO_ADDRESS = auto()


def verdict(form: Filled, digest: str, keys: Keys, now: datetime) -> Verdict:
    """What a form is worth, before anything is asked of the database."""
    if form.website:
        return Verdict.IGNORE
    if signing_up.mailbox(form.address) is None:
        return Verdict.NO_ADDRESS
    shown = _shown_at(form, digest, keys)
    return Verdict.TAKE if shown and HASTE <= now - shown <= STALE else Verdict.ASK_AGAIN


def stamp(form: Filled | None, digest: str, keys: Keys, now: datetime) -> str:
    """When a form is shown, signed; one that came too early keeps the moment at which it was shown first."""
    shown = _shown_at(form, digest, keys) if form else None
    if form and shown and timedelta() <= now - shown <= STALE:
        return form.shown
    return tokens.token(keys, tokens.FORM, digest, int(now.timestamp()))


def _shown_at(form: Filled, digest: str, keys: Keys) -> datetime | None:
    second = tokens.verify(keys, tokens.FORM, digest, form.shown)
    return datetime.fromtimestamp(second, UTC) if second else None  # signed by us, so it is one


def router(here: Reception) -> APIRouter:
    """``/s/``: all digests; ``/s/{digest}``: the form; ``/s/{digest}/form``: the form for another site."""
    routes = APIRouter()

    @routes.api_route("/s/", methods=["GET", "HEAD"])
    def choose(request: Request) -> Response:
        return here.pages.page(request, "digests", 200, digests=here.settings.digests)

    @routes.api_route("/s/{digest}", methods=["GET", "HEAD"])
    def show(digest: str, request: Request) -> Response:
        return _form(here, request, here.digest(digest))

    @routes.post("/s/{digest}")
    def sign_up(
        digest: str,
        request: Request,
        address: Field = "",
        shown: Field = "",
        website: Field = "",
        theme: Annotated[list[str], Form(max_length=_MOST_BOXES)] = [],  # noqa: B006  FastAPI copies it
    ) -> Response:
        known, filled = here.digest(digest), Filled(address, tuple(theme), shown, website)
        match verdict(filled, digest, here.keys, here.clock()):
            case Verdict.TAKE:
                return _take(here, request, known, filled)
            case Verdict.IGNORE:
                return _asked(here, request, known, filled)
            case Verdict.NO_ADDRESS:
                return _form(here, request, known, filled, 422, "sign_up_no_address")
            case Verdict.ASK_AGAIN:
                return _form(here, request, known, filled, 200, "sign_up_once_more")

    @routes.api_route("/s/{digest}/form", methods=["GET", "HEAD"])
    def embed(digest: str, request: Request) -> Response:
        known = here.digest(digest)
        html = snippet(
            here.pages.environment, here.settings.publish.app_url, known, here.stationery.wording(known)
        )
        return here.pages.page(request, "embed", 200, snippet=html, **here.named(digest))

    return routes


def _form(
    here: Reception,
    request: Request,
    digest: DigestSettings,
    form: Filled | None = None,
    status: int = 200,
    problem: str = "",
) -> Response:
    """The form, empty or as it came back; ``problem`` is the phrase that says what is the matter with it."""
    themes = _themes(here, digest)
    return here.pages.page(
        request,
        "subscribe",
        status,
        path=f"s/{digest.slug}",
        themes=themes,
        chosen=(form and form.themes) or [theme.slug for theme in themes],
        typed=form.address if form else "",
        stamp=stamp(form, digest.slug, here.keys, here.clock()),
        problem=problem,
        about=digest.description,
        **here.named(digest.slug),
    )


def _take(here: Reception, request: Request, digest: DigestSettings, filled: Filled) -> Response:
    address = signing_up.mailbox(filled.address) or ""
    known = [theme.slug for theme in _themes(here, digest)]
    wanted = [slug for slug in known if slug in filled.themes]
    choice = choice_of(None if len(wanted) == len(known) else wanted)
    network, now = here.network(request), here.clock()
    if signing_up.ask(here.engine, here.stationery, digest, address, choice, network, now):
        return _asked(here, request, digest, filled)
    page = here.pages.page(request, "too-many", 429, **here.named(digest.slug))
    page.headers["Retry-After"] = str(int(PERIOD.total_seconds()))
    return page


def _asked(here: Reception, request: Request, digest: DigestSettings, filled: Filled) -> Response:
    """What everybody is told, whatever is known of the address."""
    return here.pages.page(request, "asked", 200, typed=filled.address.strip(), **here.named(digest.slug))


def _themes(here: Reception, digest: DigestSettings) -> tuple[Theme, ...]:
    with reading(here.engine) as connection:
        return here.themes(connection, digest)
