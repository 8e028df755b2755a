"""The two bodies of a mail, encoded once for all its copies; each copy's own token goes into gaps between bytes.

No line of them begins with a dot, so that nothing is left to be stuffed on the wire (RFC 5321, section 4.5.2), and
what stands between two gaps begins and ends with the end of a line, but for the token's own: so each of these pieces
has a canonical form of its own for a signature.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

_LINE_END = re.compile("\r\n|\r|\n")
_LEADING_DOTS = re.compile(rb"^\.+", re.MULTILINE)
_DOTS_A_LINE = 24  # as "=2E", in 76 characters
_LEAST_PIECE = 4  # bytes between two gaps, for base64 to lend some to either
_GROUP = 3  # bytes that base64 encodes together

# A body as its copies have it: bytes that are the same in all of them, and gaps.
Pieces = tuple["bytes | Gap", ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a copy's token goes, on a line of its own, with bytes before and after that share a group of base64."""

    before: bytes = b""
    after: bytes = b""
    is_base64: bool = False

    def fill(self, token: bytes) -> bytes:
        """The line, without its end; a token has at most 50 letters and digits, dots, hyphens and underscores."""
        return base64.b64encode(self.before + token + self.after) if self.is_base64 else token


@dataclass(frozen=True, slots=True)
class Alternatives:
    """multipart/alternative of plain text and HTML.

    How base64 goes on after a token depends on how long that is: where there is base64, the pieces have three
    forms, by the remainder of the token's length divided by 3, and else one.
    """

    boundary: str
    forms: tuple[Pieces, ...]

    def pieces(self, token: bytes) -> Pieces:
        """The form in which a token fits."""
        return self.forms[len(token) % len(self.forms)]

    def copy(self, token: bytes = b"") -> bytes:
        """The whole body of one copy."""
        return b"".join(filled(self.pieces(token), token))


def filled(pieces: Pieces, token: bytes) -> list[bytes]:
    """All pieces, the gaps filled with a token."""
    return [piece if isinstance(piece, bytes) else piece.fill(token) for piece in pieces]


def alternatives(text: str | Sequence[str], page: str | Sequence[str]) -> Alternatives:
    """The two bodies, plain text first, of the texts between gaps, and the boundary, which comes from what they say."""
    parts = [_Part("plain", _between(text)), _Part("html", _between(page))]
    # "=_" can stand neither in quoted-printable nor in base64 (RFC 2045, section 6.7).
    boundary = f"=_{sha256(b''.join(part.digest for part in parts)).hexdigest()[:24]}"
    forms = max(len(part.forms) for part in parts)
    return Alternatives(boundary, tuple(_multipart(boundary, parts, number) for number in range(forms)))


def _multipart(boundary: str, parts: Sequence[_Part], form: int) -> Pieces:
    mark = f"--{boundary}".encode()
    pieces: list[bytes | Gap] = [mark]
    for part in parts:
        pieces += [b"\r\n", part.head, *part.forms[form % len(part.forms)], b"\r\n", mark]
    return _joined([*pieces, b"--\r\n"])


def _joined(pieces: Sequence[bytes | Gap]) -> Pieces:
    """The same with no two runs of bytes side by side."""
    joined: list[bytes | Gap] = []
    for piece in pieces:
        if joined and isinstance(piece, bytes) and isinstance(last := joined[-1], bytes):
            joined[-1] = last + piece
        else:
            joined.append(piece)
    return tuple(joined)


def _between(text: str | Sequence[str]) -> tuple[bytes, ...]:
    """The texts between gaps as UTF-8 with CRLF, the last one ending with it."""
    texts = [text] if isinstance(text, str) else list(text)
    texts[-1] = texts[-1].rstrip() + "\n"
    return tuple(_LINE_END.sub("\r\n", each).encode("utf-8", "replace") for each in texts)


class _Part:
    """One body, in the shorter of two encodings."""

    def __init__(self, subtype: str, between: tuple[bytes, ...]) -> None:
        encoding = "quoted-printable"
        self.forms: tuple[Pieces, ...] = (_quoted_printable(between),)
        packed = tuple(_base64(between, remainder) for remainder in range(_GROUP))
        lend = all(len(each) >= _LEAST_PIECE for each in between[1:-1])
        if lend and _size(packed[0]) < _size(self.forms[0]):
            encoding, self.forms = "base64", packed if len(between) > 1 else packed[:1]
        self.head = (
            f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        ).encode()
        self.digest = sha256(b"\0".join((subtype.encode(), *between))).digest()


def _size(pieces: Pieces) -> int:
    return sum(len(piece) for piece in pieces if isinstance(piece, bytes))


# ── quoted-printable (RFC 2045, section 6.7) ─────────────────────────────────────────────────────


def _quoted_printable(between: Sequence[bytes]) -> Pieces:
    lines = [_LEADING_DOTS.sub(_no_dots, _quoted(each)) for each in between]
    pieces: list[bytes | Gap] = [lines[0]]
    for former, line in pairwise(lines):
        pieces += [_soft_end(former), Gap(), b"" if line.startswith(b"\r\n") else b"=\r\n", line]
    return _joined(pieces)


def _quoted(text: bytes) -> bytes:
    encoded = binascii.b2a_qp(text, istext=True)
    # A text without line ends is broken by bare line feeds.
    return encoded if b"\n" in text else encoded.replace(b"\n", b"\r\n")


def _soft_end(line: bytes) -> bytes:
    return b"" if not line or line.endswith(b"\r\n") else b"=\r\n"


def _no_dots(dots: re.Match[bytes]) -> bytes:
    """Dots at the beginning of a line, spelled so that the line begins with none, and broken so that it stays short."""
    spelled = [b"=2E" * len(run) + b"=\r\n" for run in _runs(dots[0])]
    return b"".join(spelled)


def _runs(dots: bytes) -> list[bytes]:
    return [dots[start : start + _DOTS_A_LINE] for start in range(0, len(dots), _DOTS_A_LINE)]


# ── base64 (RFC 2045, section 6.8) ───────────────────────────────────────────────────────────────


def _base64(between: Sequence[bytes], remainder: int) -> Pieces:
    """Each gap borrows up to two bytes from either side, so that what lies between gaps is whole groups."""
    pieces: list[bytes | Gap] = []
    rest = between[0]
    for following in between[1:]:
        whole = len(rest) - len(rest) % _GROUP
        before, lent = rest[whole:], -(len(rest) - whole + remainder) % _GROUP
        pieces += [_packed(rest[:whole]), Gap(before, following[:lent], is_base64=True), b"\r\n"]
        rest = following[lent:]
    return _joined([*pieces, _packed(rest)])


def _packed(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
