"""Which encoding a document is in, where what it says of itself and what its server says differ.

Bytes that are UTF-8 are hardly ever anything else. Then the document's own word counts, because servers name one
encoding for all their files; the server's is for documents that say nothing (RFC 7303 §3 has it the other way round,
and feeds that follow it are read the same, for they do not contradict themselves).
"""

from __future__ import annotations

import codecs
import re

_HEAD = 1_024  # bytes in which a document says its encoding (HTML §4.2.5.4)
_ITS_OWN_WORD = re.compile(
    rb"""\A\s*<\?xml\b[^>]{1,200}?\sencoding\s*=|<meta\b[^>]{1,200}?charset\s*=""", re.IGNORECASE
)
_OTHER_THAN_UTF8 = re.compile(rb"""(\A\s*<\?xml\b[^>]{1,200}?)\sencoding\s*=\s*["']([\w.:-]{1,40})["']""")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,39}")
_TEXT = re.compile(
    r"utf-(?:8|16|32)|iso8859|cp(?:12|866|874|932|949|950)|koi8|mac|ascii|big5|gb|euc_|shift|tis"
)
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # UTF-32's begins like UTF-16's


def as_utf8(body: bytes, charset: str) -> bytes:
    """The document as UTF-8 where nothing but its server tells its encoding; else as it is.

    Args:
        body: an XML, HTML or JSON document.
        charset: what the server calls its encoding, or "".
    """
    name = _codec(charset)
    wide = name.startswith(("utf-16", "utf-32")) and b"\x00" in body[:8]
    if name in {"", "utf-8"} or body.startswith(_MARKS) or (is_utf8(body) and not wide):
        return body
    if _ITS_OWN_WORD.search(body[:_HEAD]):
        return body
    return body.decode("cp1252" if name in {"iso8859-1", "ascii"} else name, "replace").encode()


def corrected(body: bytes) -> bytes:
    """An XML document without the encoding that it declares, if it is one of a byte a character and wrong.

    Some programs write UTF-8 under the declaration of a template. Text in another encoding is by chance no UTF-8.
    """
    declared = _OTHER_THAN_UTF8.match(body[:_HEAD])
    if declared is None or body.isascii():
        return body
    codec = _codec(declared[2].decode("ascii", "replace"))
    if not codec.startswith(("iso8859", "cp125", "koi8", "mac", "ascii")) or not is_utf8(body):
        return body
    return declared[1] + body[declared.end() :]


def is_utf8(body: bytes) -> bool:
    """Whether the bytes are UTF-8 from beginning to end."""
    if body.isascii():
        return True
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _codec(charset: str) -> str:
    """Python's name of an encoding of text, or ""."""
    name = charset.strip().lower()
    if not _NAME.fullmatch(name):
        return ""
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return ""
    return codec if _TEXT.match(codec) else ""
