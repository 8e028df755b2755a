"""Who is at the door of the API: a token in the Authorization header, never a cookie; and how often they may come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Annotated

from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import Request

from digest import store
from digest.api.limits import Bucket, is_full, spend
from digest.callers import caller, network
from digest.desk import rights
from digest.desk.rights import Act
from digest.model import ApiToken, Editor
from digest.pipeline.editors import api_tokens
from digest.pipeline.installation import Clock, Installation
from digest.store.database import transaction

_MOST_BUCKETS = 10_000
_SCHEME = HTTPBearer(
    scheme_name="token",
    description="A token of an editor: `digest editors token add ADDRESS NAME`.",
    auto_error=False,
)
Shown = Annotated[HTTPAuthorizationCredentials | None, Security(_SCHEME)]  # for the description alone


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who asks: ``editor`` has the rights of this token, which may be fewer than at the desk."""

    editor: Editor
    token: ApiToken

    @property
    def sees_addresses(self) -> bool:
        """Whether addresses of readers are shown whole: to whoever sends or manages, who has to find a person by one."""
        return rights.may(self.editor, Act.SEND) or rights.may(self.editor, Act.MANAGE)


@dataclass(slots=True)
class Turnstile:
    """Counts requests in the memory of this process; what is counted is forgotten when it no longer matters."""

    per_minute: int
    _buckets: dict[str, Bucket] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, who: str, now: datetime) -> int:
        """Count a request; how many seconds whoever it is has to wait, or 0."""
        with self._lock:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._forget(now)
            self._buckets[who], seconds = spend(self._buckets.get(who), self.per_minute, now)
        return seconds

    def _forget(self, now: datetime) -> None:
        waiting = {
            who: each for who, each in self._buckets.items() if not is_full(each, self.per_minute, now)
        }
        self._buckets = waiting if len(waiting) < _MOST_BUCKETS else {}


@dataclass(frozen=True, slots=True)
class Entrance:
    """Lets requests in; the dependencies that it makes raise HTTPException (401, 429) or ForbiddenError."""

    installation: Installation
    clock: Clock
    by_token: Turnstile
    by_network: Turnstile

    def allowed(self, act: Act) -> Callable[[Request, Shown], Bearer]:
        """A dependency of operations that only whoever may do ``act`` can ask for; it gives the Bearer."""

        def bearer(request: Request, _shown: Shown = None) -> Bearer:
            now = self.clock()
            _refuse_haste(self.by_network.wait(self._network(request), now))
            found = api_tokens.bearer(self.installation, request.headers.get("authorization", ""), now)
            if found is None:
                raise HTTPException(401, _NOBODY, {"WWW-Authenticate": 'Bearer realm="digest"'})
            editor, token = found
            _refuse_haste(self.by_token.wait(str(token.id), now))
            rights.require(editor, act)
            return Bearer(editor, token)

        return bearer

    def log(self, bearer: Bearer, action: str, subject: str, detail: str = "") -> None:
        """Remember what was done, where the verb that did it does not."""
        with transaction(self.installation.engine) as connection:
            store.audit.add(connection, bearer.editor, action, subject, self.clock(), detail)

    def _network(self, request: Request) -> str:
        peer = request.client.host if request.client else ""
        forwarded = request.headers.getlist("x-forwarded-for")
        return network(caller(peer, forwarded, self.installation.settings.serve.proxies))


def entrance(installation: Installation, clock: Clock) -> Entrance:
    """The door of an installation, at which nobody was yet; a network may hold two programs that ask all the time."""
    per_minute = installation.settings.serve.api_per_minute
    return Entrance(installation, clock, Turnstile(per_minute), Turnstile(2 * per_minute))


_NOBODY = (
    "This needs a token that works, as “Authorization: Bearer digest_…”; an editor gets one with:"
    " digest editors token add"
)


def _refuse_haste(seconds: int) -> None:
    if seconds:
        sentence = f"Too many requests from here: wait {seconds} s. [serve] api_per_minute says how many there may be."
        raise HTTPException(429, sentence, {"Retry-After": str(seconds)})
