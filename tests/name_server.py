"""A DNS server on loopback that knows exactly the records a test writes, and some ways of misbehaving."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

SILENT, BROKEN = "silent", "broken"  # in the place of records: no answer, a server failure
_UDP = 1_232  # bytes that fit into a datagram without being cut on the way

Zone = Mapping[tuple[str, str], Sequence[str] | str]  # (name, type) → records as a zone file has them


@dataclass(slots=True)
class NameServer:
    """Where it listens, what it knows, and what it was asked."""

    port: int
    records: dict[tuple[str, str], Sequence[str] | str]
    questions: list[tuple[str, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def name_server(zone: Zone) -> Iterator[NameServer]:
    """Answer by UDP, and by TCP what is too long for that."""
    records = {(name.lower(), kind): found for (name, kind), found in zone.items()}

    def reply(wire: bytes, longest: int) -> bytes | None:
        query = dns.message.from_wire(wire)
        (question,) = query.question
        name, kind = (
            question.name.to_text(omit_final_dot=True).lower(),
            dns.rdatatype.to_text(question.rdtype),
        )
        server.questions.append((name, kind))
        found = records.get((name, kind)) or records.get((name, "CNAME"), ())
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if found == SILENT:
            return None
        if found == BROKEN:
            response.set_rcode(dns.rcode.SERVFAIL)
        else:
            _fill(response, records, question.name, kind)
        wire = response.to_wire()
        if len(wire) > longest:
            response.answer.clear()
            response.flags |= dns.flags.TC
            wire = response.to_wire()
        return wire

    class Datagrams(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, connection = self.request
            answer = reply(wire, _UDP)
            if answer is not None:
                connection.sendto(answer, self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = int.from_bytes(self.rfile.read(2), "big")
            answer = reply(self.rfile.read(length), 65_535) or b""
            self.wfile.write(len(answer).to_bytes(2, "big") + answer)

    with ExitStack() as stack:
        stream, datagrams = map(stack.enter_context, _on_one_port(Stream, Datagrams))
        server = NameServer(stream.server_address[1], records)
        for listener in (datagrams, stream):
            threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(listener.shutdown)
        yield server


def _on_one_port(
    stream: type[socketserver.BaseRequestHandler], datagrams: type[socketserver.BaseRequestHandler]
) -> tuple[socketserver.ThreadingTCPServer, socketserver.ThreadingUDPServer]:
    """Both listen on one port; where one of them was taken, on another one."""
    while True:
        first = socketserver.ThreadingTCPServer(("127.0.0.1", 0), stream)
        try:
            return first, socketserver.ThreadingUDPServer(first.server_address, datagrams)
        except OSError:
            first.server_close()


def _fill(response: dns.message.Message, records: Zone, name: dns.name.Name, kind: str) -> None:
    """The records, behind at most 20 CNAMEs; a name of which nothing at all is known does not exist."""
    for _ in range(20):
        text = name.to_text(omit_final_dot=True).lower()
        if not any(known == text for known, _ in records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        found = records.get((text, kind))
        alias = records.get((text, "CNAME"))
        if found or not alias:
            break
        response.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", alias[0]))
        name = dns.name.from_text(alias[0])
    if found:
        response.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *found))


def text_record(text: str, size: int = 250) -> str:
    """A TXT record as a zone file has it, in strings of ``size`` characters."""
    return " ".join(f'"{text[start : start + size]}"' for start in range(0, max(len(text), 1), size))
