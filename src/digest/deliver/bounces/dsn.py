"""Delivery status notifications (RFC 3464; internationalised, RFC 6533): what became of our message's recipients.

A mail of ours has one recipient. Where a report has several, an alias or a forwarding list has made them of it: then
the address is as well off as the best of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.deliver.bounces.automatic import is_from_system
from digest.deliver.bounces.failures import Failure, failure
from digest.deliver.bounces.report import Report, fields, groups
from digest.model import BounceKind

_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_WORST_LAST = (BounceKind.MESSAGE, BounceKind.POLICY, BounceKind.SOFT, BounceKind.ADDRESS)


@dataclass(frozen=True, slots=True)
class Status:
    """What a delivery report comes to: a failure, or None where nothing has failed (delayed, delivered, relayed)."""

    failure: Failure | None


def read(report: Report) -> Status | None:
    """The status that a mail reports, or None where it is no delivery report."""
    recipients = [group for group in _groups(report) if _is_recipient(group)]
    if not recipients:
        return None
    if any(_action(group) != "failed" for group in recipients):
        return Status(None)
    failures = [_failure(group, report.text) for group in recipients]
    return Status(min(failures, key=lambda found: _WORST_LAST.index(found.kind)))


def _groups(report: Report) -> Sequence[Mapping[str, str]]:
    """The groups of fields; some mail systems write them into their text, without a part of their own."""
    part = report.part(*_STATUS_PARTS)
    if part is not None:
        return fields(part)
    if not is_from_system(report):
        return ()
    return [group for group in groups(report.text) if "action" in group and "final-recipient" in group]


def _is_recipient(group: Mapping[str, str]) -> bool:
    return "action" in group or "final-recipient" in group or "status" in group


def _action(group: Mapping[str, str]) -> str:
    """The action (RFC 3464 §2.3.3); where it is missing, the status tells."""
    words = group.get("action", "").lower().split()
    if words:
        return words[0].strip(";,.")
    return {"5": "failed", "2": "delivered"}.get(group.get("status", "")[:1], "delayed")


def _failure(group: Mapping[str, str], text: str) -> Failure:
    said = _typed(group.get("diagnostic-code", ""))
    recipient = _typed(group.get("original-recipient", "")) or _typed(group.get("final-recipient", ""))
    found = failure(recipient, group.get("status", ""), said)
    if found.kind is BounceKind.SOFT and not said:  # some say it only in the part for people
        return failure(recipient, group.get("status", ""), next(_telling_lines(text), ""))
    return found


def _typed(value: str) -> str:
    """What stands after the type of a field: ``smtp; 550 no such user``, ``rfc822;reader@example.org``."""
    kind, semicolon, rest = value.partition(";")
    return (rest if semicolon and " " not in kind.strip() else value).strip().strip("<>")


def _telling_lines(text: str) -> Iterator[str]:
    words = " ".join(text[:4_000].split())
    if words:
        yield words
