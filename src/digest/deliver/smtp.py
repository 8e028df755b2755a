"""The SMTP conversation, step by step (RFC 5321), so that every loss has a side: before the dot, or after it.

MAIL, RCPT and DATA go out in one write where the relay pipelines (RFC 2920). The caller's ``before_body``
runs after the 354 and before the first byte of the body; the dot is a write of its own, so that up to it
a lost connection means "not sent" for certain.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

from digest.deliver.ledger import Accepted, Lost, Outcome, Refused, Stage, UnreachableError, Withheld
from digest.deliver.wire import GarbledError, LostError, Reply, Wire
from digest.errors import ConfigError, RelayError
from digest.model import Message
from digest.settings import MailSettings

_PORTS = {"smtp": 25, "smtps": 465}
_NO_ADDRESS = re.compile(r"[\s<>\x00-\x1f\x7f]")
_LINE_END = re.compile(rb"\r\n|\r|\n")

# RFC 5321, section 4.5.3.2, as multiples of the setting: 5 minutes there are one timeout here.
_STEP, _DATA, _BLOCK, _DOT, _QUIT = 1.0, 0.4, 0.6, 2.0, 0.1
_WAITS = {Stage.MAIL: _STEP, Stage.RCPT: _STEP, Stage.DATA: _DATA, Stage.BODY: _DOT}


@dataclass(frozen=True, slots=True)
class Relay:
    """Who takes our mail, and on what terms. ``timeout`` is in seconds, per answer."""

    host: str
    port: int
    tls: bool = False  # from the first byte (RFC 8314), not by STARTTLS
    starttls: Literal["required", "offered", "never"] = "offered"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 60.0

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'smtps' if self.tls else 'smtp'}://{host}:{self.port}"


def relay(mail: MailSettings, password: str = "") -> Relay:
    """The relay that ``[mail]`` names.

    Raises:
        ConfigError: ``relay`` is no smtp:// or smtps:// address.
    """
    try:
        url = urlsplit(mail.relay)
        scheme, host, port, odd = url.scheme, url.hostname, url.port, url.username or url.path.strip("/")
    except ValueError:
        scheme, host, port, odd = "", None, None, ""
    if scheme not in _PORTS or not host or odd or port == 0:
        raise ConfigError(
            f"[mail] relay: expected smtp://HOST:PORT or smtps://HOST:PORT, got {mail.relay!r}"
            " (user name and password have settings of their own)."
        )
    return Relay(
        host=host,
        port=port or _PORTS[scheme],
        tls=scheme == "smtps",
        starttls=mail.starttls,
        username=mail.username,
        password=password,
        timeout=mail.timeout_seconds,
    )


class Smtp:
    """One connection to a relay, opened when needed and used again: a transport (``digest.sender.Transport``).

    Args:
        relay: where to.
        context: how certificates are verified; by default against the system's authorities.
    """

    def __init__(self, relay: Relay, context: ssl.SSLContext | None = None) -> None:
        self.relay = relay
        self._context = context
        self._wire: Wire | None = None
        self._offers: Mapping[str, str] = {}
        self._used = False  # whether this connection has carried a transaction already

    # ── opening ──────────────────────────────────────────────────────────────────────────────

    def open(self) -> None:
        """Connect, greet, start TLS and sign in, unless that is done already.

        Raises:
            UnreachableError: no connection, or the relay asks to come back later.
            RelayError: TLS or AUTH is missing or refused, or it is no mail relay: trying again will not help.
        """
        if self._wire is None:
            self._connect()

    def _connect(self) -> None:
        try:
            self._wire = Wire.to(self.relay.host, self.relay.port, self._wait(_STEP))
            if self.relay.tls:
                self._secure()
            self._expect(self._wire.reply(self._wait(_STEP)), "the greeting")
            self._ehlo()
            self._start_tls()
            self._sign_in()
        except GarbledError as error:
            self._drop()
            raise RelayError(f"{self.relay} does not speak SMTP ({error}): check [mail] relay.") from error
        except LostError as error:
            self._drop()
            raise UnreachableError(
                f"The relay {self.relay} cannot be reached ({error}): start it, or check [mail] relay."
            ) from error
        except BaseException:
            self._drop()
            raise

    def _ehlo(self) -> None:
        # Our address as a literal (RFC 5321, section 4.1.3) is always true and needs no DNS.
        reply = self._ask(f"EHLO {self._open_wire().own_literal}", _STEP)
        self._expect(reply, "EHLO")
        self._offers = _offers(reply)

    def _start_tls(self) -> None:
        if self.relay.tls or self.relay.starttls == "never":
            return
        if "STARTTLS" in self._offers:
            self._expect(self._ask("STARTTLS", _STEP), "STARTTLS")
            self._secure()
            self._ehlo()  # what was offered in the clear counts for nothing (RFC 3207, section 4.2)
        elif self.relay.starttls == "required":
            raise RelayError(
                f'The relay {self.relay} offers no STARTTLS, which [mail] starttls = "required" asks for: nothing was sent.'
            )

    def _secure(self) -> None:
        context = self._context or ssl.create_default_context()
        try:
            self._open_wire().secure(context, self.relay.host, self._wait(_STEP))
        except ssl.SSLCertVerificationError as error:
            raise RelayError(
                f"The relay {self.relay} shows a certificate that does not verify ({error.verify_message}):"
                ' nothing was sent. Correct its certificate or name; for a relay on this machine set starttls = "never".'
            ) from error
        except ssl.SSLError as error:
            raise RelayError(
                f"The relay {self.relay} speaks no TLS on this port ({error.reason or error}): check [mail] relay."
            ) from error

    def _sign_in(self) -> None:
        if not self.relay.username:
            return
        wire = self._open_wire()
        if not (wire.secured or self.relay.starttls == "never" or _is_loopback(wire.peer)):
            raise RelayError(
                f"The relay {self.relay} offers no TLS, and a password is not sent in the clear: nothing was sent."
                ' Use smtps://, or allow it with [mail] starttls = "never".'
            )
        reply = self._authenticate(self._offers.get("AUTH", "").upper().split())
        if reply.code // 100 != 2:
            kind = UnreachableError if reply.code // 100 == 4 else RelayError
            raise kind(
                f"The relay {self.relay} refused AUTH for {self.relay.username!r} ({reply}):"
                " check [mail] username and password_file."
            )

    def _authenticate(self, mechanisms: list[str]) -> Reply:
        user, password = self.relay.username.encode(), self.relay.password.encode()
        if "PLAIN" in mechanisms:  # RFC 4616
            return self._ask(
                f"AUTH PLAIN {_base64(b'%b%b%b%b' % (bytes(1), user, bytes(1), password))}", _STEP
            )
        if "LOGIN" not in mechanisms:
            raise RelayError(
                f"The relay {self.relay} offers neither AUTH PLAIN nor LOGIN: nothing was sent."
                " Remove [mail] username, or use another port."
            )
        reply = self._ask("AUTH LOGIN", _STEP)
        for secret in (user, password):
            if reply.code == 334:
                reply = self._ask(_base64(secret), _STEP)
        return reply

    # ── sending ──────────────────────────────────────────────────────────────────────────────

    def send(self, message: Message, before_body: Callable[[], bool]) -> Outcome:
        """Hand one message over. ``before_body`` is called at most once, after the 354; False withholds the body.

        Raises:
            UnreachableError, RelayError: as ``open``; also where the relay refuses our sender or size, which
                is about us and not about this recipient. The message was not accepted.
        """
        self.open()
        try:
            return self._unfit(message) or self._offer(message) or self._body(message, before_body)
        except LostError as error:
            self._drop()
            return Lost(after_dot=False, reply=str(error))
        except BaseException:  # the relay waits in the middle of a body: no other command may follow
            self._drop()
            raise

    def _unfit(self, message: Message) -> Refused | None:
        """What this relay cannot carry, said before it is asked."""
        if any(_NO_ADDRESS.search(address) for address in (message.sender, message.recipient)):
            return Refused(
                553, "553 an address with spaces, brackets or control characters is none", Stage.RCPT
            )
        if not _ascii(message) and "SMTPUTF8" not in self._offers:
            return Refused(
                553, "553 the relay takes only ASCII addresses (it offers no SMTPUTF8)", Stage.RCPT
            )
        limit = self._offers.get("SIZE", "")
        if limit.isascii() and limit.isdigit() and 0 < int(limit[:18]) < len(message.data):
            raise RelayError(
                f"The relay {self.relay} takes {limit} bytes at most; a mail has {len(message.data)}."
            )
        return None

    def _offer(self, message: Message) -> Refused | None:
        """The envelope; None when the relay waits for the body.

        A relay may close a connection that was idle, or after some messages: then the envelope is offered
        once more, on a new one.
        """
        if not self._used:
            return self._envelope(message)
        try:
            refused = self._envelope(message)
        except LostError:
            refused = None
            self._drop()
        if self._wire is None:
            self.open()
            refused = self._envelope(message)
        return refused

    def _envelope(self, message: Message) -> Refused | None:
        wire, commands = self._open_wire(), self._commands(message)
        self._used = True
        pipelining = "PIPELINING" in self._offers
        if pipelining:
            wire.write(b"".join(commands.values()), self._wait(_STEP))
        refused, reply = None, None
        for stage, command in commands.items():
            if not pipelining:
                wire.write(command, self._wait(_STEP))
            reply = wire.reply(self._wait(_WAITS[stage]))
            if refused is None and not _goes_on(stage, reply):
                refused = self._refusal(reply, stage)
            if reply.code == 421 or (refused and not pipelining):
                break
        if refused and reply:
            self._reset(reply)
        return refused

    def _commands(self, message: Message) -> dict[Stage, bytes]:
        parameters = [f"MAIL FROM:<{message.sender}>"]
        if "SIZE" in self._offers:
            parameters.append(f"SIZE={len(message.data)}")
        if "8BITMIME" in self._offers and not message.data.isascii():
            parameters.append("BODY=8BITMIME")
        if not _ascii(message):
            parameters.append("SMTPUTF8")
        return {
            Stage.MAIL: f"{' '.join(parameters)}\r\n".encode(),
            Stage.RCPT: f"RCPT TO:<{message.recipient}>\r\n".encode(),
            Stage.DATA: b"DATA\r\n",
        }

    def _refusal(self, reply: Reply, stage: Stage) -> Refused:
        if stage is Stage.MAIL and reply.code // 100 == 5:
            raise RelayError(
                f"The relay {self.relay} refused our sender address ({reply}): check [mail] from and username."
            )
        return Refused(reply.code, str(reply), stage)

    def _reset(self, last: Reply) -> None:
        """Leave a refused transaction, so that the connection can be used again; without it when that fails."""
        try:
            if last.code == 354:  # no recipient is left: an empty body ends it (RFC 2920, section 3.1)
                self._ask(".", _DOT)
            if last.code == 421 or self._ask("RSET", _STEP).code // 100 != 2:
                self._drop()
        except LostError:
            self._drop()

    def _body(self, message: Message, before_body: Callable[[], bool]) -> Outcome:
        wire = self._open_wire()
        if not before_body():
            self._drop()
            return Withheld()
        wire.write(_stuffed(message.data), self._wait(_BLOCK))
        try:
            wire.write(b".\r\n", self._wait(_BLOCK))
            reply = wire.reply(self._wait(_WAITS[Stage.BODY]))
        except LostError as error:
            self._drop()
            return Lost(after_dot=True, reply=str(error))
        return self._verdict(reply)

    def _verdict(self, reply: Reply) -> Outcome:
        match reply.code // 100:
            case 2:
                return Accepted(str(reply))
            case 4 | 5:
                self._reset(reply)
                return Refused(reply.code, str(reply), Stage.BODY)
            case _:
                self._drop()
                return Lost(after_dot=True, reply=f"an answer that is none: {reply}")

    # ── closing ──────────────────────────────────────────────────────────────────────────────

    def close(self) -> None:
        """Say goodbye where somebody listens, and hang up."""
        if self._wire is not None:
            with suppress(LostError):
                self._ask("QUIT", _QUIT)
        self._drop()

    def _drop(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire, self._offers, self._used = None, {}, False

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ── one step ─────────────────────────────────────────────────────────────────────────────

    def _wait(self, share: float) -> float:
        return self.relay.timeout * share

    def _open_wire(self) -> Wire:
        if self._wire is None:
            raise LostError("the connection is closed")
        return self._wire

    def _ask(self, command: str, share: float) -> Reply:
        wire = self._open_wire()
        wire.write(f"{command}\r\n".encode(), self._wait(share))
        return wire.reply(self._wait(share))

    def _expect(self, reply: Reply, step: str) -> None:
        if reply.code // 100 == 2:
            return
        kind = UnreachableError if reply.code // 100 == 4 else RelayError
        raise kind(f"The relay {self.relay} answered {step} with: {reply}")


def _goes_on(stage: Stage, reply: Reply) -> bool:
    return reply.code == 354 if stage is Stage.DATA else reply.code // 100 == 2


def _offers(reply: Reply) -> Mapping[str, str]:
    """EHLO keywords and their parameters; some relays still write ``AUTH=PLAIN``."""
    lines = [line.replace("AUTH=", "AUTH ").partition(" ") for line in reply.lines[1:]]
    return {keyword.upper(): parameters.strip() for keyword, _, parameters in lines}


def _stuffed(data: bytes) -> bytes:
    """The body with CRLF line ends only, so that no bare CR or LF can smuggle a dot, and with leading dots doubled."""
    clean = data.count(b"\r\n") == data.count(b"\r") == data.count(b"\n")
    lines = data if clean else _LINE_END.sub(b"\r\n", data)
    lines = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return (b"." if lines.startswith(b".") else b"") + lines.replace(b"\r\n.", b"\r\n..")


def _ascii(message: Message) -> bool:
    return message.sender.isascii() and message.recipient.isascii()


def _base64(secret: bytes) -> str:
    return base64.b64encode(secret).decode("ascii")


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
