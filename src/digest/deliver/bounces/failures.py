"""What the words of a mail server say of one recipient: nobody there, not now, not from you, not this message.

The enhanced status code (RFC 3463) decides where it says something; many servers send 5.0.0, none at all, or one
that contradicts their own sentence, and then the sentence decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.deliver.bounces import words
from digest.model import BounceKind

LONGEST_WORDS = 500  # characters that are kept of a reporter's words
_READ = 4_000  # characters of them that are looked at

# An enhanced status code, and no part of an address such as 192.0.2.5.1.
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d]|\.\d)")
_FULL = re.compile(r"(?<![\d.])5\.2\.2(?![\d.])")
_REPLY = re.compile(r"(?<![\d.#-])([45]\d\d)(?=[ \-#:])")


@dataclass(frozen=True, slots=True)
class Failure:
    """What a report says of one recipient; ``recipient`` as the report names them, which may be somebody else."""

    kind: BounceKind
    recipient: str
    status: str  # RFC 3463, such as "5.1.1"; "" where there is none
    words: str  # the reporter's, at most ``LONGEST_WORDS``


def failure(recipient: str, status: str, said: str) -> Failure:
    """A failure, classified; ``status`` may be empty or say nothing, then the words are searched for a better one."""
    said = " ".join(said[:_READ].split())
    status = _best(status.strip(), said)
    return Failure(classify(status, said), recipient.strip()[:320], status, said[:LONGEST_WORDS])


def classify(status: str, said: str) -> BounceKind:
    """The kind of a failure that is final, from its status ("" for none) and what was said with it.

    Where the two differ, the milder one counts: a gateway may say 5.1.0 of a server that said 5.7.1 or "full".
    """
    category, subject, detail = _parts(status)
    said = words.URL.sub("", said)
    if _is_policy(subject, detail, said):
        return BounceKind.POLICY
    if (subject, detail) == ("2", "2") or _FULL.search(said):
        return BounceKind.SOFT
    if category == "4":  # given up after days: what was unknown at the time may have been a fault of theirs
        return BounceKind.SOFT
    if subject == "6" or (subject, detail) in _ABOUT_MESSAGES or words.TOO_LARGE.search(said):
        return BounceKind.MESSAGE
    if words.NOBODY.search(said):
        return BounceKind.ADDRESS
    if words.REFUSED.search(said):
        return BounceKind.POLICY
    if words.FULL.search(said):
        return BounceKind.SOFT
    return _by_status(subject, detail)


def _is_policy(subject: str, detail: str, said: str) -> bool:
    """Whether they speak of us, by a code of theirs or in words that leave no doubt."""
    if subject == "7" or (subject == "1" and detail in _OF_SENDERS):
        return True
    codes = (_parts(code) for code in _STATUS.findall(said))
    return any(part[:2] == ("5", "7") for part in codes) or bool(words.OF_SENDER.search(said))


def status_in(text: str) -> str:
    """The first enhanced status code of a text that says something, else the first, else ""."""
    found = _STATUS.findall(text[:_READ])
    return next((status for status in found if _is_telling(status)), found[0] if found else "")


def is_known(text: str) -> bool:
    """Whether a text tells of a failure by a code or by words that are known."""
    text = text[:_READ]
    known = (words.OF_SENDER, words.REFUSED, words.TOO_LARGE, words.FULL, words.NOBODY)
    return any(pattern.search(text) for pattern in (_STATUS, _REPLY, *known))


# ── the status ───────────────────────────────────────────────────────────────────────────────────

_OF_SENDERS = frozenset({"7", "8"})  # 5.1.7 and 5.1.8 speak of the sender's address: ours
_ABOUT_MESSAGES = frozenset({("2", "3"), ("3", "4"), ("3", "2")})  # too long, too big, not accepting such


def _best(status: str, said: str) -> str:
    """The report's own code, unless that is general and the server's words have a telling one."""
    status = status_in(status)
    found = "" if _is_telling(status) else status_in(said)
    if found and (_is_telling(found) or not status):
        return found
    code = _REPLY.search(said)
    return status or (f"{code[1][0]}.0.0" if code else "")


def _is_telling(status: str) -> bool:
    return _parts(status)[1] not in ("", "0")


def _parts(status: str) -> tuple[str, str, str]:
    category, _, rest = status.partition(".")
    subject, _, detail = rest.partition(".")
    return category, subject, detail


def _by_status(subject: str, detail: str) -> BounceKind:
    if subject == "1" or (subject, detail) == ("2", "1"):  # 5.2.1: a mailbox that is disabled
        return BounceKind.ADDRESS
    return BounceKind.MESSAGE if subject == "5" else BounceKind.SOFT
