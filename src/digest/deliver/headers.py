"""Header fields that say exactly what they should, whatever strangers wrote into titles and names.

They are written here and not by ``email.message``: that decodes a title such as ``=?utf-8?q?x=0D=0ABcc:…?=``
into a header of its own, and folds a long List-Unsubscribe into an encoded word, which destroys it.
"""

from __future__ import annotations

import base64
import re

from email_validator import EmailNotValidError, validate_email

_LINE = 78  # RFC 5322, section 2.1.1
_WORD_BYTES = 42  # of UTF-8 in one encoded word: 68 characters of at most 75 (RFC 2047, section 2)
_LONG_WORD = 60  # a longer one could not be folded in plain ASCII

# Controls (line ends among them), separators of lines, marks of direction, halves of characters.
_UNFIT = re.compile(
    "[\x00-\x20\x7f-\xa0\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]+"
)
_ENCODED_WORD = re.compile(r"=(?=\?)")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")


def one_line(text: str) -> str:
    """Any text as one harmless line: what could end a header or open an encoded word (``=?``) is broken."""
    return _ENCODED_WORD.sub("= ", _UNFIT.sub(" ", text).strip())


def wire_address(address: str) -> str:
    """The address with its domain in A-labels (RFC 5891); one that is none stays as it is, for the relay to judge."""
    local, at, domain = address.rpartition("@")
    if domain.isascii() or not at:
        return address
    try:
        return f"{local}@{validate_email(f'a@{domain}', check_deliverability=False, test_environment=True).ascii_domain}"
    except EmailNotValidError:
        return address


def folded(name: str, *tokens: str) -> str:
    """A header field, folded between its tokens so that lines stay within 78 characters where they can."""
    lines = [f"{name}:"]
    for position, token in enumerate(tokens):
        if position and len(lines[-1]) + 1 + len(token) > _LINE:
            lines.append("")
        lines[-1] += f" {token}"
    return "\r\n".join(lines)


def unstructured(text: str) -> list[str]:
    """Tokens of a Subject: its words, or encoded words where ASCII cannot say it."""
    words = one_line(text).split()
    if all(word.isascii() and len(word) <= _LONG_WORD for word in words):
        return words
    return _encoded_words(" ".join(words))


def phrase(text: str) -> list[str]:
    """Tokens of a display name (RFC 5322, section 3.2.5): atoms, a quoted string or encoded words."""
    text = one_line(text)
    if (
        not text.isascii() or len(text) > _LONG_WORD or "<" in text or ">" in text
    ):  # simple readers count brackets
        return _encoded_words(text)
    if all(_ATOM.fullmatch(word) for word in text.split()):
        return text.split()
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return [f'"{escaped}"']


def header_names(data: bytes) -> tuple[str, ...]:
    """The names of a message's headers, as a receiver sees them."""
    block = data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    return tuple(
        line.partition(":")[0] for line in re.split("\r\n|\r|\n", block) if line[:1] not in (" ", "\t")
    )


def _encoded_words(text: str) -> list[str]:
    """RFC 2047, in UTF-8 and base64; no character is split between two words."""
    chunks: list[bytes] = [b""]
    for character in text:
        encoded = character.encode()
        if len(chunks[-1]) + len(encoded) > _WORD_BYTES:
            chunks.append(b"")
        chunks[-1] += encoded
    return [f"=?utf-8?b?{base64.b64encode(chunk).decode('ascii')}?=" for chunk in chunks]
