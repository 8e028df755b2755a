"""Whether the world finds our pages where every mail says they are, and by what clock it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from digest.deliver.opened import is_secure
from digest.doctor.check import Check, failed, ok, warning
from digest.errors import FetchError
from digest.net.http import ACCEPT_PAGE, Answer, Fetcher
from digest.settings import DigestSettings, Settings
from digest.tokens import copy_url

WRONG_CLOCK = 300.0  # seconds: signed mail and sign-ins fail
ODD_CLOCK = 30.0
_SOURCES = 3  # of which the clock is asked


@dataclass
class Pages:
    """Our published addresses, looked at one after the other; what clocks say on the way is kept for ``clock``."""

    settings: Settings
    fetcher: Fetcher
    clock: Callable[[], datetime]
    offsets: list[float] = field(default_factory=list)  # seconds by which we are ahead of a host

    def checks(self) -> Iterator[Check]:
        """All of them; the look at the clock comes last."""
        yield self._feeds()
        for digest in self.settings.digests:
            yield self._way_out(digest)
        self._ask_sources()
        yield clock_check(self.offsets)

    def _feeds(self) -> Check:
        publish = self.settings.publish
        url = f"{publish.feeds_url.rstrip('/')}/"
        own = _bytes(publish.feeds_dir / "index.html")
        if own is None:
            todo = "Look again when the first issue is published: digest publish."
            return warning("feeds_url", f"{url} has nothing to show yet.", todo)
        answer = self._got(url)
        if isinstance(answer, Check):
            return answer
        if answer.body != own:
            return failed(
                "feeds_url",
                f"{url} answers {answer.status}, but not with what stands in {publish.feeds_dir}.",
                "Let the web server serve that folder (docs/serving.md).",
            )
        return ok("feeds_url", f"{url} shows what we published.")

    def _way_out(self, digest: DigestSettings) -> Check:
        """The address of List-Unsubscribe, asked without a person's token: it explains itself, and changes nothing."""
        about, url = "List-Unsubscribe", copy_url(self.settings.publish.app_url, digest.slug)
        answer = self._got(url, about)
        if isinstance(answer, Check):
            return answer
        if answer.url != url:
            return failed(
                about,
                f"{url} redirects to {answer.url}; a click of a mail program is not redirected (RFC 8058, section 3.1).",
                "Set [publish] app_url to the address where it ends.",
            )
        if answer.status != 200 or escape(digest.title, quote=False).encode() not in answer.body:
            todo = "Let `digest serve` or `digest run` answer there (docs/serving.md), and see [publish] app_url."
            return failed(about, f"{url} answers {answer.status}, and it is not we who answer.", todo)
        if not is_secure(url):
            return failed(about, f"{url} is not https.", "Get a certificate, and set [publish] app_url.")
        return ok(about, f"{url} answers as it should.")

    def _got(self, url: str, about: str = "feeds_url") -> Answer | Check:
        try:
            answer = self.fetcher.get(url, accept=ACCEPT_PAGE)
        except FetchError as error:
            return failed(
                about, str(error), "Readers must reach it: see [publish], the web server and its certificate."
            )
        self._note(answer.date)
        return answer

    def _ask_sources(self) -> None:
        """Other people's clocks are better witnesses than our own server's."""
        hosts = {urlsplit(source.url).netloc: source.url for source in self.settings.sources}
        for url in list(hosts.values())[:_SOURCES]:
            try:
                self._note(self.fetcher.look(url).date)
            except FetchError:
                continue  # a source that is away is `digest sources`' business

    def _note(self, date: datetime | None) -> None:
        if date is not None:
            self.offsets.append((self.clock() - date).total_seconds())


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def clock_check(offsets: Iterable[float]) -> Check:
    """Whether our clock goes right; ``offsets`` are seconds by which it is ahead of other hosts'."""
    found = list(offsets)
    if not found:
        return warning("clock", "nobody told the time.", "Compare it yourself: date -u.")
    ahead = median(found)
    said = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} {len(found)} other clock{'s' * (len(found) > 1)}"
    if abs(ahead) > WRONG_CLOCK:
        return failed("clock", f"this machine is {said}.", "Set it, and let it be kept by NTP.")
    if abs(ahead) > ODD_CLOCK:
        return warning("clock", f"this machine is {said}.", "Let it be kept by NTP.")
    return ok("clock", f"{said}.")
