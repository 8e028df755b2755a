"""Messages over one connection after the other, and what became of each.

MAIL, RCPT and DATA go out in one write where the relay pipelines (RFC 2920), and where the next message is known,
its envelope goes out behind the body of this one: one round trip a message. The caller's ``before_body`` runs after
the 354 and before the first byte of the body. A body and its dot are one write, of which we know how much has
left us: as long as nothing of the dot has, a lost connection means "not sent" for certain.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import MappingProxyType

from digest.deliver.ledger import Accepted, Lost, Outcome, Refused, Stage, Withheld
from digest.deliver.smtp import envelope
from digest.deliver.smtp.relay import Relay
from digest.deliver.smtp.session import BLOCK, DATA, DOT, QUIT, STEP, Session
from digest.deliver.wire import LostError, Reply, SilentError
from digest.errors import RelayError
from digest.model import Message

_WAITS = {Stage.MAIL: STEP, Stage.RCPT: STEP, Stage.DATA: DATA, Stage.BODY: DOT}
_UNDER_WAY = {Stage.MAIL: b"", Stage.RCPT: b"", Stage.DATA: b""}  # an envelope that went ahead


class Smtp:
    """One connection to a relay, opened when needed and used again: a transport (``digest.sender.Transport``).

    Its methods are conversations (``digest.deliver.waits``): whoever awaits them is driven by somebody.

    Args:
        relay: where to.
        context: how certificates are verified; by default against the system's authorities.
    """

    def __init__(self, relay: Relay, context: ssl.SSLContext | None = None) -> None:
        self.relay = relay
        self._context = context
        self._session: Session | None = None
        self._looks_ahead = True  # until the relay has dropped an envelope that came behind a body

    async def open(self) -> None:
        """Connect, greet, start TLS and sign in, unless that is done already.

        Raises:
            UnreachableError: no connection, or the relay asks to come back later.
            RelayError: TLS or AUTH is missing or refused, or it is no mail relay: trying again will not help.
        """
        await self._open()

    @property
    def offers(self) -> Mapping[str, str]:
        """What the relay said to EHLO, by keyword; nothing while there is no connection."""
        return self._session.offers if self._session else MappingProxyType({})

    @property
    def certificate(self) -> Mapping[str, object]:
        """The relay's certificate as ``ssl.SSLSocket.getpeercert`` tells it; nothing without TLS."""
        secured = self._session.wire.secured if self._session else None
        return (secured.getpeercert() or {}) if secured else {}

    # ── sending ──────────────────────────────────────────────────────────────────────────────

    async def send(
        self, message: Message, before_body: Callable[[], Awaitable[bool]], following: Message | None = None
    ) -> Outcome:
        """Hand one message over. ``before_body`` is called at most once, after the 354; False withholds the body.

        Args:
            message: what to send.
            before_body: asked after the 354 and before the first byte of the body.
            following: what will most likely be sent next: its envelope goes out with this body where the relay
                pipelines. When it is another message after all, that one takes a new connection.

        Raises:
            UnreachableError, RelayError: as ``open``; also where the relay refuses our sender or size, which
                is about us and not about this recipient. The message was not accepted.
        """
        if self._session and self._session.ahead not in (None, message):
            self._drop()  # the relay waits for the body of that one, and would take anything for it
        try:
            session = await self._open()
            refused = None if session.ahead else self._unfit(message, session)
            refused = refused or await self._offer(message, session)
            return refused or await self._body(message, before_body, following)
        except LostError as error:
            self._drop()
            return Lost(after_dot=False, reply=str(error))
        except BaseException:  # the relay waits in the middle of a body: no other command may follow
            self._drop()
            raise

    async def _open(self) -> Session:
        if self._session is None:
            self._session = await Session.reach(self.relay)
            try:
                await self._session.introduce(self._context)
            except BaseException:
                self._drop()
                raise
        return self._session

    def _unfit(self, message: Message, session: Session) -> Refused | None:
        if _is_too_large(message, session):
            limit = envelope.limit(session.offers)
            raise RelayError(
                f"The relay {self.relay} takes {limit} bytes at most; a mail has {len(message.data)}."
            )
        return envelope.unfit(message, session.offers)

    # ── the envelope ─────────────────────────────────────────────────────────────────────────

    async def _offer(self, message: Message, session: Session) -> Refused | None:
        """The envelope; None when the relay waits for the body.

        A relay may close a connection that was idle, or after some messages: then the envelope is offered
        once more, on a new one.
        """
        if not session.used:
            return await self._envelope(message, session)
        was_ahead = session.ahead is not None
        try:
            refused = await self._envelope(message, session)
        except LostError as error:
            self._looks_ahead = self._looks_ahead and not (was_ahead and isinstance(error, SilentError))
            self._drop()
        if self._session is None:
            refused = await self._envelope(message, await self._open())
        return refused

    async def _envelope(self, message: Message, session: Session) -> Refused | None:
        commands = await self._written(message, session)
        refused, reply = None, None
        for stage, command in commands.items():
            if not session.pipelines:
                await session.write(command, STEP)
            reply = await session.reply(_WAITS[stage])
            if refused is None and not envelope.goes_on(stage, reply):
                refused = self._refusal(reply, stage)
            if reply.code == 421 or (refused and not session.pipelines):
                break
        if refused and reply:
            await self._leave(session, reply)
        elif session.wire.stirs():
            raise LostError("the relay did not wait for the body")
        return refused

    async def _written(self, message: Message, session: Session) -> Mapping[Stage, bytes]:
        """The envelope's commands, written where they may be written together and are not yet."""
        if session.ahead is not None:
            session.ahead = None
            return _UNDER_WAY
        commands = envelope.commands(message, session.offers)
        forget = b"RSET\r\n" if session.refused else b""
        if together := forget + b"".join(commands.values() if session.pipelines else ()):
            await session.write(together, STEP)
        if forget and (await session.reply(STEP)).code // 100 != 2:
            raise LostError("the relay does not forget a refused envelope")
        session.used, session.refused = True, False
        return commands

    def _refusal(self, reply: Reply, stage: Stage) -> Refused:
        if stage is Stage.MAIL and reply.code // 100 == 5:
            raise RelayError(
                f"The relay {self.relay} refused our sender address ({reply}): check [mail] from and username."
            )
        return Refused(reply.code, str(reply), stage)

    async def _leave(self, session: Session, last: Reply) -> None:
        """Leave a refused transaction, so that the connection can be used again; without it when that fails."""
        session.refused = True
        try:
            if last.code == 354:  # no recipient is left: an empty body ends it (RFC 2920, section 3.1)
                await session.ask(".", DOT)
        except LostError:
            self._drop()
        if last.code == 421:
            self._drop()

    # ── the body ─────────────────────────────────────────────────────────────────────────────

    async def _body(
        self, message: Message, before_body: Callable[[], Awaitable[bool]], following: Message | None
    ) -> Outcome:
        session = await self._open()
        if not await before_body():
            self._drop()
            return Withheld()
        body, ahead = envelope.stuffed(message), self._ahead(following, session)
        if session.wire.stirs():  # what it would take no more, the kernel would: a doubt for nothing
            raise LostError("the relay did not wait for the body")
        try:
            await session.write(body + b".\r\n" + ahead, BLOCK)
        except LostError as error:
            self._drop()
            return Lost(after_dot=error.left > len(body), reply=str(error))
        session.ahead = following if ahead else None
        try:
            return self._verdict(await session.reply(_WAITS[Stage.BODY]))
        except LostError as error:
            self._drop()
            return Lost(after_dot=True, reply=str(error))

    def _ahead(self, following: Message | None, session: Session) -> bytes:
        """The envelope of the next message, where it may go out behind this body: a body may begin a group of commands."""
        if following is None or not (session.pipelines and self._looks_ahead):
            return b""
        if _is_too_large(following, session) or envelope.unfit(following, session.offers):
            return b""
        return b"".join(envelope.commands(following, session.offers).values())

    def _verdict(self, reply: Reply) -> Outcome:
        match reply.code // 100:
            case 2:
                return Accepted(str(reply))
            case 4 | 5:  # the transaction is over all the same (RFC 5321, section 4.1.1.4)
                if reply.code == 421:
                    self._drop()
                return Refused(reply.code, str(reply), Stage.BODY)
            case _:
                self._drop()
                return Lost(after_dot=True, reply=f"an answer that is none: {reply}")

    # ── closing ──────────────────────────────────────────────────────────────────────────────

    async def close(self) -> None:
        """Say goodbye where somebody listens for commands, and hang up."""
        if self._session is not None and self._session.ahead is None:
            with suppress(LostError):
                await self._session.ask("QUIT", QUIT)
        self._drop()

    def _drop(self) -> None:
        if self._session is not None:
            self._session.wire.close()
        self._session = None


def _is_too_large(message: Message, session: Session) -> bool:
    limit = envelope.limit(session.offers)
    return limit is not None and len(message.data) > limit
