"""The verb ``lint``: an issue held against the 25 rules of a newsletter, before anybody gets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial
from urllib.parse import urldefrag

from digest.assemble.quotes import check_verbatim
from digest.deliver.findings import Finding, error, warning
from digest.deliver.opened import House, Opened
from digest.errors import VerbatimError
from digest.model import Group, Issue, IssueDocument, IssueId, Message
from digest.net.alive import Reach, reach
from digest.pipeline.installation import Installation
from digest.pipeline.issues.preflight import held_against_rules
from digest.pipeline.issues.proof import letter_of
from digest.pipeline.issues.publish import text_of
from digest.store.database import reading


@dataclass(frozen=True, slots=True)
class Linted:
    """What was found, in the order of the rules, and where each link led; no links where they were not asked."""

    issue: IssueId
    message: Message
    findings: tuple[Finding, ...]
    links: Mapping[str, Reach] = field(default_factory=dict)


def lint(installation: Installation, issue_id: IssueId, now: datetime, *, ask_links: bool = True) -> Linted:
    """Hold the mail of an issue, in whatever state it is, against the rules.

    Args:
        installation: whose issue it is.
        issue_id: which one.
        now: the date of the message.
        ask_links: ask each link whether it is alive, for a minute at most.

    Raises:
        NotFoundError: there is no such issue.
        TemplateError: a template has a mistake.
        DigestError: there is nothing in it to send.
    """
    issue = installation.issue(issue_id)
    _, message = letter_of(installation, issue, now)
    links = asked(installation, message) if ask_links else {}
    found = (*looked_at(installation, issue, message), *unreachable(links))
    return Linted(issue_id, message, tuple(sorted(found, key=lambda each: each.rule)), links)


def looked_at(installation: Installation, issue: Issue, message: Message) -> tuple[Finding, ...]:
    """What the rules find in an issue and its message, without asking any other host."""
    return (*held_against_rules(installation, issue, message), *_not_verbatim(installation, issue.document))


def asked(installation: Installation, message: Message) -> Mapping[str, Reach]:
    """Where the links of a message lead. Our own are not asked: publishing puts there what they lead to."""
    publish = installation.settings.publish
    ours = tuple(f"{url.rstrip('/')}/" for url in (publish.app_url, publish.feeds_url))
    page = Opened(message.data, message.sender, House())
    links = dict.fromkeys(url for url in page.links if url.startswith(("http://", "https://")))
    return reach([url for url in links if not url.startswith(ours)], installation.fetcher)


def unreachable(links: Mapping[str, Reach]) -> Iterator[Finding]:
    """What rule 19 says of links that were asked; a server that refuses programs may still show people the page."""
    for url, led in {urldefrag(url).url: led for url, led in links.items()}.items():
        if led.dead:
            yield error(19, f"link {url}", f"{led.sentence.rstrip('.')}; mend it or take it out")
        elif led.status and not led.alive:
            yield warning(19, f"link {url}", f"{led.sentence}, perhaps to programs only; open it yourself")


def _not_verbatim(installation: Installation, document: IssueDocument) -> Iterator[Finding]:
    """Rule 25: each quote stands in the stored revision of its post, word for word (docs/verbatim.md)."""
    with reading(installation.engine) as connection:
        text = cache(partial(text_of, connection))
        for pick in document.picks:
            for quote in pick.quotes:
                alone = Group("", "", (replace(pick, quotes=(quote,)),))
                try:
                    check_verbatim(replace(document, groups=(alone,)), text)
                except VerbatimError as failed:
                    yield error(25, f"quote {quote.id}", str(failed))
