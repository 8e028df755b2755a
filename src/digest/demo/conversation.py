"""One client's SMTP conversation with the demo inbox: aiosmtpd's, plus refusals, losses and a record."""

# ruff: noqa: N802 - aiosmtpd finds its methods by names with the verb in capitals

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from secrets import compare_digest
from ssl import SSLContext
from typing import Any, NoReturn, Protocol

from aiosmtpd.smtp import MISSING, SMTP, Session
from aiosmtpd.smtp import Envelope as OpenEnvelope

MAX_MESSAGE = 10_000_000  # octets
NULL_SENDER = "<>"  # how aiosmtpd gives the empty address of RFC 5321 §4.5.5; "" in our values


class Stage(StrEnum):
    """Where in a conversation a reply is given."""

    EHLO = "EHLO"  # or HELO
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"  # the command: a reply instead of the 354
    BODY = "BODY"  # after the final dot


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of a message so far: at RCPT the last of ``recipients`` is the one being asked about."""

    connection: int  # clients are counted from 1
    sender: str = ""  # also "" for the null sender of a bounce
    recipients: tuple[str, ...] = ()
    data: bytes = b""  # from BODY on; dots unstuffed, lines ending in CRLF


Replies = Callable[[Stage, Envelope], str | None]

DROP = "(drop)"  # close the connection without a reply, and keep nothing
KEEP_AND_DROP = "(keep and drop)"  # at BODY: take the message, then close the connection without a reply


class Host(Protocol):
    """What a conversation needs of the inbox it belongs to."""

    login: tuple[str, str] | None
    starttls: SSLContext | None
    hide: Collection[str]

    def begun(self, conversation: Conversation) -> int: ...
    def ended(self, conversation: Conversation) -> None: ...
    def note(self, connection: int, line: str) -> None: ...
    async def reply(self, stage: Stage, envelope: Envelope) -> str | None: ...
    def keep(self, envelope: Envelope) -> None: ...


class _Session(Session):
    login_data = None  # the original logs a warning of deprecation at every AUTH


class Conversation(SMTP):
    """The server's side of one connection."""

    def __init__(self, host: Host, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            _Hooks(self, host),
            hostname="localhost",
            ident="digest demo inbox",
            data_size_limit=MAX_MESSAGE,
            enable_SMTPUTF8="SMTPUTF8" not in host.hide,
            tls_context=host.starttls,
            auth_require_tls=host.starttls is not None,
            auth_callback=self._is_known,
            loop=loop,
        )
        self.host = host
        self.number = 0
        # aiosmtpd has no hook for "any command", and its table of them is built in its __init__.
        self._smtp_methods = {verb: self._noting(verb, method) for verb, method in self._smtp_methods.items()}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there; called once more when STARTTLS has replaced the transport."""
        self.number = self.number or self.host.begun(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone."""
        self.host.ended(self)
        super().connection_lost(error)

    def abort(self) -> None:
        """Close the connection at once, without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def lose(self) -> NoReturn:
        """Close the connection in the middle of a command."""
        self.abort()
        # connection_lost cancels this task; until then there must be no reply.
        await asyncio.get_running_loop().create_future()
        raise AssertionError("a lost connection went on")

    async def smtp_DATA(self, arg: str) -> None:
        """Ask for a reply before the 354, for which aiosmtpd has no hook."""
        assert self.envelope
        answer = await self.answer(Stage.DATA, self.facts(self.envelope)) if self.envelope.rcpt_tos else None
        await (self.push(answer) if answer else super().smtp_DATA(arg))

    async def answer(self, stage: Stage, envelope: Envelope) -> str | None:
        """The reply that was ordered for this stage, or None; may lose the connection instead."""
        reply = await self.host.reply(stage, envelope)
        if reply == KEEP_AND_DROP:
            self.host.keep(envelope)
        if reply in (DROP, KEEP_AND_DROP):
            await self.lose()
        return reply

    def facts(self, envelope: OpenEnvelope, *recipients: str) -> Envelope:
        """aiosmtpd's mutable envelope as a value, with further recipients."""
        sender = "" if envelope.mail_from in (None, NULL_SENDER) else envelope.mail_from
        data = envelope.original_content or b""
        return Envelope(self.number, sender, (*envelope.rcpt_tos, *recipients), data)

    def _create_session(self) -> Session:
        return _Session(self.loop)

    def _noting(
        self, verb: str, method: Callable[[str], Awaitable[None]]
    ) -> Callable[[str], Awaitable[None]]:
        async def noted(arg: str) -> None:
            shown = arg.split(" ", 1)[0] if verb == "AUTH" and arg else arg  # no passwords
            self.host.note(self.number, f"{verb} {shown}" if shown else verb)
            await method(arg)

        return noted

    def _is_known(self, _mechanism: str, user: bytes, password: bytes) -> bool:
        return self.host.login is not None and compare_digest(
            b"\0".join((user, password)), "\0".join(self.host.login).encode()
        )


class _Hooks:
    """aiosmtpd's hooks: each returns the line to reply with."""

    def __init__(self, conversation: Conversation, host: Host) -> None:
        self.conversation, self.host = conversation, host

    async def handle_EHLO(
        self, _server: SMTP, session: Session, envelope: OpenEnvelope, name: str, lines: list[str]
    ) -> list[str]:
        refusal = await self.conversation.answer(Stage.EHLO, self.conversation.facts(envelope))
        if refusal:
            return [refusal]
        session.host_name = name
        # RFC 2920: aiosmtpd reads line by line from a buffer, so it pipelines without saying so.
        offered = [line for line in [*lines[1:-1], "250-PIPELINING"] if self._offers(line[4:].split(" ")[0])]
        return [lines[0], *offered, lines[-1]]

    def _offers(self, extension: str) -> bool:
        return extension not in self.host.hide and (extension != "AUTH" or self.host.login is not None)

    async def handle_HELO(self, _server: SMTP, session: Session, envelope: OpenEnvelope, name: str) -> str:
        reply = (
            await self.conversation.answer(Stage.EHLO, self.conversation.facts(envelope)) or "250 localhost"
        )
        if reply.startswith("2"):
            session.host_name = name
        return reply

    async def handle_AUTH(
        self, _server: SMTP, _session: Session, envelope: OpenEnvelope, _args: list[str]
    ) -> Any:
        return await self.conversation.answer(Stage.AUTH, self.conversation.facts(envelope)) or MISSING

    async def handle_MAIL(
        self, _server: SMTP, session: Session, envelope: OpenEnvelope, sender: str, options: list[str]
    ) -> str:
        if self.host.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        facts = Envelope(self.conversation.number, "" if sender == NULL_SENDER else sender)
        reply = await self.conversation.answer(Stage.MAIL, facts) or "250 2.1.0 Ok"
        if reply.startswith("2"):
            envelope.mail_from = sender
            envelope.mail_options.extend(options)
        return reply

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: OpenEnvelope, recipient: str, options: list[str]
    ) -> str:
        facts = self.conversation.facts(envelope, recipient)
        reply = await self.conversation.answer(Stage.RCPT, facts) or "250 2.1.5 Ok"
        if reply.startswith("2"):
            envelope.rcpt_tos.append(recipient)
            envelope.rcpt_options.extend(options)
        return reply

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: OpenEnvelope) -> str:
        facts = self.conversation.facts(envelope)
        reply = await self.conversation.answer(Stage.BODY, facts) or "250 2.0.0 Ok, kept"
        if reply.startswith("2"):
            self.host.keep(facts)
        return reply
