"""What ``approve`` asks before an issue is frozen: whether its mail may leave at all, while there is time to mend it."""

from __future__ import annotations

from datetime import datetime

from digest.deliver import lint as rules
from digest.deliver.findings import Finding
from digest.deliver.opened import House, host
from digest.errors import DigestError
from digest.model import Issue, Message
from digest.pipeline.installation import Installation
from digest.pipeline.issues.proof import letter_of
from digest.pipeline.mail.letters import EVERYTHING, letterhead
from digest.publish.newsletter import narrow


def preflight(installation: Installation, issue: Issue, now: datetime) -> None:
    """Refuse what sending would refuse; asks nothing of the network. An issue that has nothing to send may pass.

    Raises:
        TemplateError: a template of the mail has a mistake.
        DigestError: the mail must not leave, or is too long; the sentence has every reason.
    """
    if narrow(issue.document, EVERYTHING) is None:
        return
    _, message = letter_of(installation, issue, now)
    if grave := rules.grave(held_against_rules(installation, issue, message)):
        reasons = "; ".join(map(str, grave))
        raise DigestError(
            f"The mail of {issue.id} is not fit to leave. {reasons}. See: digest preview {issue.id}"
        )


def held_against_rules(installation: Installation, issue: Issue, message: Message) -> tuple[Finding, ...]:
    """What the rules of a message find, knowing who sends it."""
    publish, mail = installation.settings.publish, installation.settings.mail
    hosts = {host(url) for url in (publish.app_url, publish.feeds_url, publish.logo or "")} - {""}
    domain = letterhead(installation, issue.id.digest).domain
    return rules.findings(message.data, message.sender, House(frozenset(hosts), domain, mail.postal))
