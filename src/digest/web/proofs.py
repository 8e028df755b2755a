"""An issue as it would go out now: made anew when it or a template has changed, with what went wrong in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from threading import Lock
from typing import TypeVar

from digest.deliver.bodyrules import fill
from digest.deliver.findings import Finding
from digest.deliver.opened import House, Opened
from digest.errors import DigestError
from digest.model import Issue, IssueId, Message, Rendering
from digest.net.alive import Reach
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.issues.lint import asked, looked_at
from digest.pipeline.issues.proof import entry_of, letter_of, page_of
from digest.publish.feeds.entries import FeedEntry
from digest.resources import Resources

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Proof:
    """All that an issue will be, under the ``stamp`` of what it was made of; what failed is missing.

    ``problems`` has a sentence for each failure, with file and line where a template is at fault.
    """

    stamp: str
    issue: Issue
    problems: tuple[str, ...] = ()
    rendering: Rendering | None = None
    message: Message | None = None
    findings: tuple[Finding, ...] = ()
    page: str = ""
    entry: FeedEntry | None = None

    @property
    def subject(self) -> str:
        """The subject of the mail, or ""."""
        return self.rendering.subject if self.rendering else ""

    @property
    def headers(self) -> str:
        """The headers of the message, as they travel."""
        return self.message.data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace") if self.message else ""

    @property
    def fill(self) -> float:
        """How much is used of what Gmail shows before it cuts a mail; 1 is all."""
        return fill(Opened(self.message.data, "", House())) if self.message else 0.0

    @property
    def percent(self) -> int:
        """The same for a person."""
        return round(100 * self.fill)

    @property
    def size(self) -> str:
        """The size of the mail in words, or ""."""
        if self.rendering is None or self.message is None:
            return ""
        page, whole = len(self.rendering.html.encode()), len(self.message.data)
        return f"{page / 1000:.1f} KB of HTML, {whole / 1000:.1f} KB in all"


@dataclass
class Proofs:
    """The proofs of one issue; the newest is kept, and what its links and templates were found to be."""

    installation: Installation
    issue_id: IssueId
    clock: Clock
    _lock: Lock = field(default_factory=Lock, repr=False)
    _newest: Proof | None = None
    _links: tuple[str, Mapping[str, Reach]] = ("", {})

    def stamp(self) -> str:
        """What tells this state of the issue and of the templates from any other.

        Raises:
            NotFoundError: the issue is gone.
        """
        return _stamp(self.installation.issue(self.issue_id), self._resources())

    def newest(self) -> Proof:
        """The issue as it would go out now.

        Raises:
            NotFoundError: the issue is gone.
        """
        with self._lock:
            issue, resources = self.installation.issue(self.issue_id), self._resources()
            stamp = _stamp(issue, resources)
            if self._newest is None or self._newest.stamp != stamp:
                self._newest = self._made(stamp, issue, resources)
            return self._newest

    def links(self) -> Mapping[str, Reach]:
        """Where the links of the newest proof led when they were first asked."""
        proof = self.newest()
        if proof.message is None:
            return {}
        if self._links[0] != proof.stamp:
            self._links = (proof.stamp, asked(self.installation, proof.message))
        return self._links[1]

    def _resources(self) -> Resources:
        """Read anew: those of the installation are read once."""
        return Resources(self.installation.settings.publish.templates_dir)

    def _made(self, stamp: str, issue: Issue, resources: Resources) -> Proof:
        problems: list[str] = []
        templates = _tried(resources.environment, problems)
        if templates is None:
            return Proof(stamp, issue, tuple(problems))
        fresh, now = replace(self.installation, resources=resources, templates=templates), self.clock()
        letter = _tried(lambda: letter_of(fresh, issue, now), problems)
        page = _tried(lambda: page_of(fresh, issue, now), problems)
        entry = _tried(lambda: entry_of(fresh, issue, now), problems)
        proof = Proof(stamp, issue, tuple(dict.fromkeys(problems)), page=page or "", entry=entry)
        if letter is None:
            return proof
        rendering, message = letter
        return replace(proof, rendering=rendering, message=message, findings=looked_at(fresh, issue, message))


def _tried(make: Callable[[], T], problems: list[str]) -> T | None:
    """What ``make`` makes; where it fails, its sentence among the problems."""
    try:
        return make()
    except DigestError as error:
        problems.append(str(error))
        return None


def _stamp(issue: Issue, resources: Resources) -> str:
    state = (issue.state, issue.edit, issue.version, issue.updated_at)
    return sha256(repr((state, list(_files(resources)))).encode()).hexdigest()[:16]


def _files(resources: Resources) -> Iterator[tuple[str, int, int]]:
    """Every file of the templates: its name, when it was written, and its size."""
    for name, path in sorted(resources.files.items()):
        try:
            found = path.stat()
        except OSError:  # between two moments of an editor that replaces the file
            continue
        yield name, found.st_mtime_ns, found.st_size
