"""What a rule of a newsletter finds: which rule, how bad, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"  # the rule is broken
    WARNING = "warning"  # worth a look by a person
    NOTE = "note"  # good to know; nothing is wrong with the message itself


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, under the number of its rule (docs/preview.md lists them)."""

    rule: int  # 1 to 25
    severity: Severity
    where: str  # a header, a part of the message, a link
    sentence: str  # what is wrong, and what to do

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}: {self.sentence}"


def error(rule: int, where: str, sentence: str) -> Finding:
    """The rule is broken."""
    return Finding(rule, Severity.ERROR, where, sentence)


def warning(rule: int, where: str, sentence: str) -> Finding:
    """Worth a look."""
    return Finding(rule, Severity.WARNING, where, sentence)


def note(rule: int, where: str, sentence: str) -> Finding:
    """Good to know."""
    return Finding(rule, Severity.NOTE, where, sentence)


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those with which a rule is broken."""
    return tuple(found for found in findings if found.severity is Severity.ERROR)
