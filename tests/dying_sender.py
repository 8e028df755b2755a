"""A sender that kills itself with SIGKILL at one point of its work: run by test_sender_kills.py.

    python dying_sender.py DATABASE_URL RELAY_URL POINT NUMBER

POINT is one of those below, NUMBER counts how often it is passed before the end; "never" sends everything.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

from deliver_samples import ISSUE, NOW, mail_settings, rendering, sample_letterhead
from digest.deliver.ledger import Outcome, Settled
from digest.deliver.message import letter
from digest.deliver.pacing import Limits
from digest.deliver.smtp import Smtp, relay
from digest.model import Delivery, DeliveryState, Message
from digest.sender import send_issue
from digest.store import deliveries
from digest.store.database import open_database, transaction

ONE = Limits(connections=1)
POINTS = (
    "before the claim",
    "after the claim",
    "after sending",
    "in the body",
    "after the dot",
    "before the settle",
)
HASTY = "accepted before the dot"  # the control: a ledger that says "accepted" too early


def main(database: str, relay_url: str, point: str, number: str) -> None:
    left = int(number)
    engine = open_database(database)
    held: dict[str, Delivery] = {}

    def passes(here: str) -> None:
        nonlocal left
        left -= here == point
        if left < 0 and here == point:
            os.kill(os.getpid(), signal.SIGKILL)

    class Dying(Smtp):
        async def send(
            self,
            message: Message,
            before_body: Callable[[], Awaitable[bool]],
            following: Message | None = None,
        ) -> Outcome:
            async def hook() -> bool:
                begun = await before_body()
                passes("after sending")
                if point == HASTY and left == 0:
                    row = replace(held[message.recipient], state=DeliveryState.SENDING)
                    with transaction(engine) as connection:
                        hoped = Settled(DeliveryState.ACCEPTED, None, "250 hopefully")
                        deliveries.settle(connection, [(row, hoped)], NOW)
                if point in ("in the body", HASTY) and left == 0:
                    await (await self._open()).wire.write(message.data[:300], 5)
                passes("in the body")
                passes(HASTY)
                return begun

            outcome = await super().send(message, hook, following)
            passes("after the dot")
            return outcome

    def make_message(delivery: Delivery) -> Message:
        held[delivery.address] = delivery
        passes("after the claim")
        return letter(rendering(), sample_letterhead(), delivery.subscriber, delivery.address, NOW)

    watch(deliveries, passes)
    where = relay(mail_settings(relay=relay_url))
    print("ready", flush=True)  # noqa: T201
    send_issue(
        engine, ISSUE, (lambda: Dying(where),), make_message, lambda: datetime.now(UTC), Event(), limits=ONE
    )


def watch(store: object, passes: Callable[[str], None]) -> None:
    """Pass the points that lie inside the ledger's own transactions."""
    claim, turn = deliveries.claim, deliveries.turn

    def watched_claim(*arguments: object) -> tuple[Delivery, ...]:
        passes("before the claim")
        return claim(*arguments)  # type: ignore[arg-type]

    def watched_turn(connection: object, settled: object, *arguments: object) -> object:
        turned = turn(connection, settled, *arguments)  # type: ignore[arg-type]
        if settled:
            passes("before the settle")  # it is written, but not committed
        return turned

    store.claim, store.turn = watched_claim, watched_turn  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(*sys.argv[1:])
