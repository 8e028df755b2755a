"""A relay that is far away: ``far.py PORT MILLISECONDS`` passes bytes on after half of that time, in each direction.

Prints its own port. Standard input takes ``turns``: how often, over all connections, the client waited for an
answer; a round trip is counted where the first bytes from the relay follow bytes to it.
"""

from __future__ import annotations

import heapq
import selectors
import socket
import sys
import time
from dataclasses import dataclass
from itertools import count

_BLOCK = 1 << 18


@dataclass(slots=True, eq=False)
class End:
    """One side of a connection."""

    connection: socket.socket
    is_relay: bool
    other: End | None = None
    said_last: bool = False


class Far:
    """All connections, and what is on its way."""

    def __init__(self, relay: int, delay: float) -> None:
        self.relay, self.delay = relay, delay
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(sys.stdin, selectors.EVENT_READ)
        self.order = count()
        self.under_way: list[tuple[float, int, End, bytes]] = []
        self.turns = 0

    def run(self) -> None:
        while True:
            wait = max(0.0, self.under_way[0][0] - time.monotonic()) if self.under_way else None
            for key, _ in self.selector.select(wait):
                if isinstance(key.data, End):
                    self._take(key.data)
                elif key.fileobj is self.listener:
                    self._accept()
                elif sys.stdin.readline():
                    print(self.turns, flush=True)
                else:
                    return
            self._deliver()

    def _accept(self) -> None:
        client = End(self.listener.accept()[0], is_relay=False)
        relay = End(socket.create_connection(("127.0.0.1", self.relay)), is_relay=True, other=client)
        client.other = relay
        for end in (client, relay):
            end.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(end.connection, selectors.EVENT_READ, end)

    def _take(self, end: End) -> None:
        try:
            data = end.connection.recv(_BLOCK)
        except OSError:
            data = b""
        if not data:
            self.selector.unregister(end.connection)
        assert end.other
        self.turns += end.is_relay and end.other.said_last
        end.said_last, end.other.said_last = True, False
        heapq.heappush(self.under_way, (time.monotonic() + self.delay, next(self.order), end.other, data))

    def _deliver(self) -> None:
        now = time.monotonic()
        while self.under_way and self.under_way[0][0] <= now:
            _, _, end, data = heapq.heappop(self.under_way)
            try:
                if data:
                    end.connection.sendall(data)
                else:
                    end.connection.shutdown(socket.SHUT_WR)
            except OSError:
                continue


def main(relay: str, milliseconds: str) -> None:
    far = Far(int(relay), float(milliseconds) / 2_000)
    print(far.listener.getsockname()[1], flush=True)
    far.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
