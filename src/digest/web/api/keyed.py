"""A request with an Idempotency-Key is done once, whoever comes with it, how often, and whatever ends in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.responses import Response

from digest import store
from digest.api.keyed import (
    KeyBusyError,
    KeyedRequest,
    KeyReusedError,
    Verdict,
    fingerprint,
    kept_key,
    verdict,
)
from digest.errors import DigestError
from digest.model import Editor
from digest.store.database import transaction
from digest.web.api.answering import as_json
from digest.web.api.entrance import Entrance

Keep = Callable[[Connection, str], None]  # keeps the answer, in the transaction of what it tells of


@dataclass(frozen=True, slots=True)
class Once:
    """An operation that is done once for each key, and answers with ``status``."""

    entrance: Entrance
    status: int

    def answer(
        self, editor: Editor, header: str, operation: str, body: bytes, effect: Callable[[Keep], str]
    ) -> Response:
        """The answer of ``effect`` (a text of JSON), or the one that was given to this key before.

        An effect that raises has changed nothing, and can be asked for again with the same key; one that was had
        already changes nothing when it is asked for again, which happens where a process ended before its answer was
        kept.

        Raises:
            KeyMissingError, KeyReusedError, KeyBusyError: the key is none, another request's, or in use.
        """
        wanted = KeyedRequest(
            editor.id, kept_key(header), fingerprint(operation, body), self.entrance.clock()
        )
        if done := self._answered(wanted):
            return as_json(done.body, self.status)

        def keep(connection: Connection, answer: str) -> None:
            store.keyed_requests.answer(connection, wanted, self.status, answer)

        engine = self.entrance.installation.engine
        try:
            answer = effect(keep)
        except DigestError:
            with transaction(engine) as connection:
                store.keyed_requests.give_up(connection, wanted)
            raise
        with transaction(engine) as connection:
            keep(connection, answer)
        return as_json(answer, self.status)

    def _answered(self, wanted: KeyedRequest) -> KeyedRequest | None:
        """The request as it was answered before; None: it is begun now, by nobody else.

        Raises:
            KeyReusedError, KeyBusyError: as ``answer``.
        """
        with transaction(self.entrance.installation.engine) as connection:
            if store.keyed_requests.begin(connection, wanted):
                return None
            found = store.keyed_requests.found(connection, wanted.editor, wanted.key)
            match verdict(found, wanted.fingerprint, wanted.begun_at):
                case Verdict.REPEAT:
                    return found
                case Verdict.AGAIN if found and store.keyed_requests.take_over(
                    connection, found, wanted.begun_at
                ):
                    return None
                case Verdict.OTHER:
                    raise KeyReusedError(
                        "That Idempotency-Key was used for another request; make a new one for this."
                    )
        raise KeyBusyError("The request with this Idempotency-Key is being done; ask again in a moment.")
