"""The same conversation for whoever sends one mail at a time, or only looks at a relay."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from digest.deliver.ledger import Outcome
from digest.deliver.smtp.client import Smtp
from digest.deliver.smtp.relay import Relay
from digest.deliver.waits import at_once
from digest.model import Message


class BlockingSmtp:
    """``Smtp`` by calls that return when all is said."""

    def __init__(self, relay: Relay, context: ssl.SSLContext | None = None) -> None:
        self._smtp = Smtp(relay, context)

    @property
    def offers(self) -> Mapping[str, str]:
        """As ``Smtp.offers``."""
        return self._smtp.offers

    @property
    def certificate(self) -> Mapping[str, object]:
        """As ``Smtp.certificate``."""
        return self._smtp.certificate

    def open(self) -> None:
        """As ``Smtp.open``."""
        at_once(self._smtp.open())

    def send(
        self, message: Message, before_body: Callable[[], bool], following: Message | None = None
    ) -> Outcome:
        """As ``Smtp.send``."""

        async def begin() -> bool:
            return before_body()

        return at_once(self._smtp.send(message, begin, following))

    def close(self) -> None:
        """As ``Smtp.close``."""
        at_once(self._smtp.close())

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
