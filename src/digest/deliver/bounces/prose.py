"""Reports that are written for people only: qmail's, old Exim's, and those of systems of their own kind.

Mailman's library knows many shapes; where it knows none, a mail from a mail system that speaks of a failure in known
words or with a reply code is one. A warning that says it will go on trying is none.
"""

from __future__ import annotations

import logging
import re

from flufl.bounce import all_failures

from digest.deliver.bounces import automatic
from digest.deliver.bounces.failures import Failure, failure, is_known
from digest.deliver.bounces.report import Report

_LONGEST = 20_000  # characters in which the failure is told; what follows is our own message
_AROUND = 400  # characters after a code that belong to it
_RETURNED = re.compile(
    r"^[\s>*#=_-]*(?:(?:(?:this|below|here|below this line) is )?(?:a )?copy of (?:the |your )?(?:message|mail)"
    r"|(?:original|returned) message|(?:the )?(?:text|header|start) of (?:the )?(?:returned|original)"
    r"|returned mail follows|unsent message|message headers? follows?|your message follows)",
    re.IGNORECASE | re.MULTILINE,
)
_STILL_TRYING = re.compile(
    r"(?:will|going to|continue to) (?:be )?(?:re-?tr(?:y|ied)|attempt|keep trying|try(?:ing)? again)|still (?:trying|being (?:re)?tried)"
    r"|not yet been delivered|has been delayed|delivery (?:is |has been )?(?:delayed|postponed)|warning message only"
    r"|delivery attempts will continue|will be (?:retried|attempted)|no action is required|do not need to (?:take any action|resend)"
    r"|wird (?:es )?weiter(?:hin)? versuch|verzögert",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(
    r"giv(?:en|ing) up|given up|permanent(?:ly)? (?:error|fail)|fatal error|undeliverable"
    r"|cannot be delivered|fail(?:ed|ure) permanently|delivery (?:has )?failed|error has occurred|error delivering|delivery errors"
    r"|could not\s+be\s+delivered|was ?n[o']t\s+(?:able to deliver|delivered)|unable to deliver",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<![\d.#-])[45]\d\d[ \-#:]|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d]|\.\d)")
_ADDRESS = re.compile(r"[^\s<>\"'(),:;]{1,64}@[A-Za-z0-9.-]{1,255}")

# It logs each shape that it tries, and a traceback for what makes one of them fail.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


def read(report: Report) -> Failure | None:
    """The failure of which a mail system tells in prose, or None."""
    if not automatic.is_from_system(report):
        return None
    text = _own_words(report.text)
    recipients = _recipients_of_library(report)
    if _is_warning(report, text) or not (recipients or is_known(text) or _GIVEN_UP.search(text)):
        return None
    named = recipients or _ADDRESS.findall(text)[:1]
    return failure(named[0] if named else "", "", _around_code(text))


def _is_warning(report: Report, text: str) -> bool:
    """Whether a mail system says that it has not given up yet."""
    if re.search(r"\b(?:delay|warning|verzöger)", report.header("subject"), re.IGNORECASE):
        return not _GIVEN_UP.search(text)
    return bool(_STILL_TRYING.search(text)) and not _GIVEN_UP.search(text)


def _own_words(text: str) -> str:
    """What the system says itself, without the message that it gives back."""
    text = text[:_LONGEST]
    match = _RETURNED.search(text, 1)  # what begins so is no report
    return text[: match.start()] if match else text


def _around_code(text: str) -> str:
    """From the address or line before the first code on; the beginning where there is none."""
    match = _CODE.search(text)
    if match is None:
        return text.strip()[:2_000]
    start = text.rfind("\n", 0, match.start()) + 1
    return text[start : match.end() + _AROUND]


def _recipients_of_library(report: Report) -> list[str]:
    """Whom Mailman's library finds to have failed for good."""
    try:
        _temporary, permanent = all_failures(report.mail)
    except Exception:  # noqa: BLE001  # it raises various errors on mails that lack what it looks for
        return []
    return sorted(address.decode("ascii", "replace") for address in permanent)[:10]
