"""What is said about a message before its body: its envelope, what a relay cannot carry, its bytes on the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping

from digest.deliver.ledger import Refused, Stage
from digest.deliver.wire import Reply
from digest.model import Message

_NO_ADDRESS = re.compile(r"[\s<>\x00-\x1f\x7f]")
_LINE_END = re.compile(rb"\r\n|\r|\n")


def offers(reply: Reply) -> Mapping[str, str]:
    """EHLO keywords and their parameters; some relays still write ``AUTH=PLAIN``."""
    lines = [line.replace("AUTH=", "AUTH ").partition(" ") for line in reply.lines[1:]]
    return {keyword.upper(): parameters.strip() for keyword, _, parameters in lines}


def unfit(message: Message, offers: Mapping[str, str]) -> Refused | None:
    """What this relay cannot carry for this recipient, said before it is asked."""
    if any(_NO_ADDRESS.search(address) for address in (message.sender, message.recipient)):
        return Refused(553, "553 an address with spaces, brackets or control characters is none", Stage.RCPT)
    if not _is_ascii(message) and "SMTPUTF8" not in offers:
        return Refused(553, "553 the relay takes only ASCII addresses (it offers no SMTPUTF8)", Stage.RCPT)
    return None


def limit(offers: Mapping[str, str]) -> int | None:
    """How many bytes a message may have (RFC 1870); None where the relay does not say."""
    size = offers.get("SIZE", "")
    return (int(size[:18]) or None) if size.isascii() and size.isdigit() else None


def commands(message: Message, offers: Mapping[str, str]) -> dict[Stage, bytes]:
    """The envelope as it goes onto the wire, command by command."""
    parameters = [f"MAIL FROM:<{message.sender}>"]
    if "SIZE" in offers:
        parameters.append(f"SIZE={len(message.data)}")
    if "8BITMIME" in offers and not message.data.isascii():
        parameters.append("BODY=8BITMIME")
    if not _is_ascii(message):
        parameters.append("SMTPUTF8")
    return {
        Stage.MAIL: f"{' '.join(parameters)}\r\n".encode(),
        Stage.RCPT: f"RCPT TO:<{message.recipient}>\r\n".encode(),
        Stage.DATA: b"DATA\r\n",
    }


def goes_on(stage: Stage, reply: Reply) -> bool:
    """Whether a reply lets the transaction go on."""
    return reply.code == 354 if stage is Stage.DATA else reply.code // 100 == 2


def stuffed(message: Message) -> bytes:
    """The bytes with CRLF line ends only, so that no bare CR or LF can smuggle a dot, and with leading dots doubled."""
    if message.ready:
        return message.data
    data = message.data
    clean = data.count(b"\r\n") == data.count(b"\r") == data.count(b"\n")
    lines = data if clean else _LINE_END.sub(b"\r\n", data)
    lines = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return (b"." if lines.startswith(b".") else b"") + lines.replace(b"\r\n.", b"\r\n..")


def _is_ascii(message: Message) -> bool:
    return message.sender.isascii() and message.recipient.isascii()
