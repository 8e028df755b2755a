"""Complaints as mailbox providers report them (ARF, RFC 5965): somebody pressed "this is spam"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.deliver.bounces.failures import LONGEST_WORDS, Failure
from digest.deliver.bounces.report import Report, fields
from digest.model import BounceKind

_SUBJECT = re.compile(r"(?:complaint about message from|\[?spam report\]?|abuse report)\b", re.IGNORECASE)
_NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "dmarc"})  # RFC 6430; RFC 6591 is about forged mail


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a feedback report comes to: a complaint, or None where it is not one."""

    complaint: Failure | None


def read(report: Report) -> Feedback | None:
    """The feedback that a mail reports, or None where it is no feedback report."""
    part = report.part("message/feedback-report")
    if part is None:
        return _in_words(report)
    groups = fields(part)
    said = groups[0] if groups else {}
    kind = said.get("feedback-type", "abuse").lower()
    if kind in _NO_COMPLAINT:
        return Feedback(None)
    reporter = said.get("user-agent", "") or said.get("reporting-mta", "")
    words = f"feedback report: {kind}{f', by {reporter}' if reporter else ''}"
    recipient = said.get("original-rcpt-to", "").strip("<>")[:320]
    return Feedback(Failure(BounceKind.COMPLAINT, recipient, "", words[:LONGEST_WORDS]))


def _in_words(report: Report) -> Feedback | None:
    """Some report without the format: a subject of fixed words, and the mail enclosed."""
    subject = report.header("subject").strip()
    if not _SUBJECT.match(subject) or report.part("message/rfc822") is None:
        return None
    return Feedback(Failure(BounceKind.COMPLAINT, "", "", subject[:LONGEST_WORDS]))
