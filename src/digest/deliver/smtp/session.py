"""A session with a relay: greeting, EHLO, TLS and AUTH, and then one command and its reply after the other."""

from __future__ import annotations

import base64
import ipaddress
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import MappingProxyType
from typing import Self

from digest.deliver.ledger import UnreachableError
from digest.deliver.smtp.envelope import offers
from digest.deliver.smtp.relay import Relay
from digest.deliver.wire import GarbledError, LostError, Reply, Wire
from digest.errors import RelayError
from digest.model import Message

# RFC 5321, section 4.5.3.2, as multiples of the setting: 5 minutes there are one timeout here.
STEP, DATA, BLOCK, DOT = 1.0, 0.4, 0.6, 2.0
CONNECT, QUIT = 0.1, 0.02  # of which it says nothing


class Session:
    """A connection that is ready for mail, and what it is in the middle of."""

    def __init__(self, relay: Relay, wire: Wire) -> None:
        self.relay, self.wire = relay, wire
        self.offers: Mapping[str, str] = MappingProxyType({})
        self.used = False  # it has carried an envelope already
        self.refused = False  # the last envelope: it is still to be forgotten (RSET)
        self.ahead: Message | None = None  # whose envelope went out behind the body of the one before

    @classmethod
    async def reach(cls, relay: Relay) -> Self:
        """Connect; ``introduce`` is next.

        Raises:
            UnreachableError: nobody answers.
        """
        with _in_words(relay):
            return cls(relay, await Wire.to(relay.host, relay.port, relay.timeout * CONNECT))

    async def introduce(self, context: ssl.SSLContext | None) -> None:
        """Greet, start TLS and sign in.

        Raises:
            UnreachableError: the relay has gone, or asks to come back later.
            RelayError: TLS or AUTH is missing or refused, or it is no mail relay: trying again will not help.
        """
        with _in_words(self.relay):
            if self.relay.tls:
                await self._secure(context)
            self._expect(await self.reply(STEP), "the greeting")
            await self._ehlo()
            await self._start_tls(context)
            await self._sign_in()

    @property
    def pipelines(self) -> bool:
        """Whether several commands may wait for their replies together (RFC 2920)."""
        return "PIPELINING" in self.offers

    async def write(self, data: bytes, share: float) -> None:
        """Write within a share of the relay's timeout (per block of 64 KB). Raises LostError."""
        await self.wire.write(data, self.relay.timeout * share)

    async def reply(self, share: float) -> Reply:
        """The next reply, within a share of the relay's timeout. Raises LostError."""
        return await self.wire.reply(self.relay.timeout * share)

    async def ask(self, command: str, share: float = STEP) -> Reply:
        """One command and its reply. Raises LostError."""
        await self.write(f"{command}\r\n".encode(), share)
        return await self.reply(share)

    # ── the beginning ────────────────────────────────────────────────────────────────────────

    async def _ehlo(self) -> None:
        # Our address as a literal (RFC 5321, section 4.1.3) is always true and needs no DNS.
        reply = await self.ask(f"EHLO {self.wire.own_literal}")
        self._expect(reply, "EHLO")
        self.offers = offers(reply)

    def _expect(self, reply: Reply, step: str) -> None:
        if reply.code // 100 == 2:
            return
        kind = UnreachableError if reply.code // 100 == 4 else RelayError
        raise kind(f"The relay {self.relay} answered {step} with: {reply}")

    async def _start_tls(self, context: ssl.SSLContext | None) -> None:
        if self.relay.tls or self.relay.starttls == "never":
            return
        if "STARTTLS" in self.offers:
            self._expect(await self.ask("STARTTLS"), "STARTTLS")
            await self._secure(context)
            await self._ehlo()  # what was offered in the clear counts for nothing (RFC 3207, section 4.2)
        elif self.relay.starttls == "required":
            raise RelayError(
                f'The relay {self.relay} offers no STARTTLS, which [mail] starttls = "required" asks for: nothing was sent.'
            )

    async def _secure(self, context: ssl.SSLContext | None) -> None:
        try:
            await self.wire.secure(context or _authorities(), self.relay.host, self.relay.timeout * STEP)
        except ssl.SSLCertVerificationError as error:
            raise RelayError(
                f"The relay {self.relay} shows a certificate that does not verify ({error.verify_message}):"
                ' nothing was sent. Correct its certificate or name; for a relay on this machine set starttls = "never".'
            ) from error
        except ssl.SSLError as error:
            raise RelayError(
                f"The relay {self.relay} speaks no TLS on this port ({error.reason or error}): check [mail] relay."
            ) from error

    # ── AUTH (RFC 4954) ──────────────────────────────────────────────────────────────────────

    async def _sign_in(self) -> None:
        if not self.relay.username:
            return
        if not (self.wire.secured or self.relay.starttls == "never" or _is_loopback(self.wire.peer)):
            raise RelayError(
                f"The relay {self.relay} offers no TLS, and a password is not sent in the clear: nothing was sent."
                ' Use smtps://, or allow it with [mail] starttls = "never".'
            )
        reply = await self._authenticate(self.offers.get("AUTH", "").upper().split())
        if reply.code // 100 != 2:
            kind = UnreachableError if reply.code // 100 == 4 else RelayError
            raise kind(
                f"The relay {self.relay} refused AUTH for {self.relay.username!r} ({reply}):"
                " check [mail] username and password_file."
            )

    async def _authenticate(self, mechanisms: list[str]) -> Reply:
        user, password = self.relay.username.encode(), self.relay.password.encode()
        if "PLAIN" in mechanisms:  # RFC 4616
            return await self.ask(f"AUTH PLAIN {_base64(b'%b%b%b%b' % (bytes(1), user, bytes(1), password))}")
        if "LOGIN" not in mechanisms:
            raise RelayError(
                f"The relay {self.relay} offers neither AUTH PLAIN nor LOGIN: nothing was sent."
                " Remove [mail] username, or use another port."
            )
        reply = await self.ask("AUTH LOGIN")
        for secret in (user, password):
            if reply.code == 334:
                reply = await self.ask(_base64(secret))
        return reply


@contextmanager
def _in_words(relay: Relay) -> Iterator[None]:
    """Losses as what they mean for a relay that nothing was sent to yet."""
    try:
        yield
    except GarbledError as error:
        raise RelayError(f"{relay} does not speak SMTP ({error}): check [mail] relay.") from error
    except LostError as error:
        raise UnreachableError(
            f"The relay {relay} cannot be reached ({error}): start it, or check [mail] relay."
        ) from error


@lru_cache(maxsize=1)
def _authorities() -> ssl.SSLContext:
    """The system's authorities, which take 20 ms to read; a process that runs for months begins anew to see new ones."""
    return ssl.create_default_context()


def _base64(secret: bytes) -> str:
    return base64.b64encode(secret).decode("ascii")


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
