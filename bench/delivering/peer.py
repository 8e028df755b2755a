"""Python's ways to send, each in a process of its own: ``peer.py NAME PARTS PORT MESSAGES CONNECTIONS``.

Prints seconds and processor seconds of the sending as JSON. The threads of one process share its interpreter lock.
"""

from __future__ import annotations

import asyncio
import json
import smtplib
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import letters

Mail = dict[str, str]


def each_connection(mail: Mail, port: int, messages: int, connections: int) -> None:
    """smtplib as its documentation shows it: a connection and an EmailMessage for every message."""

    def one(number: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(letters.email(mail, number))

    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(one, range(messages)))


def kept_connections(mail: Mail, port: int, messages: int, connections: int) -> None:
    """smtplib over connections that stay open, with bytes that were ready before."""
    ready = letters.email(mail, 0).as_bytes()

    def some(lane: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            for number in range(lane, messages, connections):
                client.sendmail(mail["sender"], [letters.recipient(number)], ready)

    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(some, range(connections)))


def aiosmtplib(mail: Mail, port: int, messages: int, connections: int) -> None:
    """aiosmtplib over connections that stay open, with bytes that were ready before."""
    from aiosmtplib import SMTP

    ready = letters.email(mail, 0).as_bytes()

    async def some(lane: int) -> None:
        async with SMTP(hostname="127.0.0.1", port=port, start_tls=False, use_tls=False) as client:
            for number in range(lane, messages, connections):
                await client.sendmail(mail["sender"], [letters.recipient(number)], ready)

    async def everybody() -> None:
        await asyncio.gather(*map(some, range(connections)))

    asyncio.run(everybody())


WAYS = {"smtplib": each_connection, "smtplib-kept": kept_connections, "aiosmtplib": aiosmtplib}


def main(name: str, parts: str, port: str, messages: str, connections: str) -> None:
    mail = json.loads(Path(parts).read_text(encoding="utf-8"))
    letters.email(mail, 0).as_bytes()  # what is imported late is no part of the measure
    began, worked = time.perf_counter(), time.process_time()
    WAYS[name](mail, int(port), int(messages), int(connections))
    print(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time() - worked}))


if __name__ == "__main__":
    main(*sys.argv[1:])
