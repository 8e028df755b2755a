"""Bytes of an inbound mail → what it means for us, and where in it our own marks may stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import getaddresses
from enum import StrEnum

from digest.deliver.bounces import arf, automatic, dsn, prose
from digest.deliver.bounces.failures import Failure
from digest.deliver.bounces.report import Report, opened
from digest.deliver.verp import MARK

_TO_WHOM = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "original-recipient", "to")
_MOST_CANDIDATES = 20
_MARK = re.compile(rf"^[\s>]*{MARK}:[\s>]*(\S{{1,200}})", re.IGNORECASE | re.MULTILINE)


class Meaning(StrEnum):
    """What an inbound mail is."""

    FAILURE = "failure"
    COMPLAINT = "complaint"
    NO_FAILURE = "no failure"  # a report of a delay or a delivery
    AUTOMATIC = "automatic"  # out of office, a receipt: it changes nothing and is not answered
    LEAVING = "leaving"  # somebody asks to be unsubscribed
    PERSONAL = "personal"  # what somebody wrote to us


@dataclass(frozen=True, slots=True)
class Arrival:
    """An inbound mail, understood; ``failure`` where its meaning is a failure or a complaint.

    ``recipients`` are the addresses it came to, ``marks`` the values of our header in what it gives back,
    ``leaving`` the words after "unsubscribe": none of them proves anything yet.
    """

    meaning: Meaning
    failure: Failure | None
    recipients: tuple[str, ...]
    marks: tuple[str, ...]
    leaving: str = ""


def read(data: bytes, recipient: str = "") -> Arrival:
    """What an inbound mail means; ``recipient`` is its envelope's, where that is known. Raises nothing."""
    report = opened(data)
    meaning, failure, leaving = _meaning(report)
    marks = tuple(dict.fromkeys(_MARK.findall(report.all_text)))[:_MOST_CANDIDATES]
    return Arrival(meaning, failure, _recipients(report, recipient), marks, leaving)


def _meaning(report: Report) -> tuple[Meaning, Failure | None, str]:
    if feedback := arf.read(report):
        complaint = feedback.complaint
        return (Meaning.COMPLAINT if complaint else Meaning.NO_FAILURE), complaint, ""
    if status := dsn.read(report):
        return (Meaning.FAILURE if status.failure else Meaning.NO_FAILURE), status.failure, ""
    if leaving := _leaving(report):
        return Meaning.LEAVING, None, leaving
    if automatic.is_reply(report):
        return Meaning.AUTOMATIC, None, ""
    if failure := prose.read(report):
        return Meaning.FAILURE, failure, ""
    if automatic.is_from_system(report):
        return Meaning.NO_FAILURE, None, ""
    return Meaning.PERSONAL, None, ""


_LEAVING = re.compile(r"^\W{0,5}(?:re: ?)?unsubscribe\b[ :]*([^\r\n]{0,200})", re.IGNORECASE)


def _leaving(report: Report) -> str:
    """What stands after "unsubscribe" in the subject, else at the beginning of the text."""
    for text in (report.header("subject"), report.text[:1_000].lstrip()):
        if (match := _LEAVING.match(text)) and match[1].strip():
            return match[1].strip()
    return ""


def _recipients(report: Report, recipient: str) -> tuple[str, ...]:
    headers = [value for name in _TO_WHOM for value in report.headers(name)]
    addresses = [address for _, address in getaddresses(headers[:_MOST_CANDIDATES]) if address]
    given = [recipient] if recipient else []
    return tuple(dict.fromkeys([*given, *addresses]))[:_MOST_CANDIDATES]
