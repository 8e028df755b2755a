"""Whether links lead anywhere: each asked once, several at a time, through the address guard."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from urllib.parse import urldefrag

from digest.errors import FetchError
from digest.net.http import Fetcher

MOST = 300  # links that are asked
PATIENCE = 60.0  # seconds, after which no further one is asked
_AT_A_TIME = 8
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a link led: the ``status`` of its server, or 0 and ``why`` not.

    A server may refuse programs and still show people the page: only ``dead`` is certain.
    """

    status: int
    why: str = ""

    @property
    def alive(self) -> bool:
        """It leads to a document."""
        return 200 <= self.status < 300

    @property
    def dead(self) -> bool:
        """It leads nowhere: the page is gone, or its host cannot be reached."""
        return self.status in _GONE or (self.status == 0 and bool(self.why))

    @property
    def sentence(self) -> str:
        """For a person."""
        return self.why if self.status == 0 else f"it answers {self.status}"


NOT_ASKED = Reach(0)


def reach(urls: Iterable[str], fetcher: Fetcher, patience: float = PATIENCE) -> Mapping[str, Reach]:
    """Where each address leads; addresses that differ in their fragment only are asked once.

    Args:
        urls: absolute http or https addresses; those after the first ``MOST`` documents are not asked.
        fetcher: whose guard, deadline and name are used; nothing is read but headers.
        patience: seconds in all; what is not reached by then is ``NOT_ASKED``.
    """
    documents = {url: urldefrag(url).url for url in urls}
    wanted = list(dict.fromkeys(documents.values()))[:MOST]
    ends = time.monotonic() + patience
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        found = dict(zip(wanted, pool.map(partial(_look, fetcher, ends), wanted), strict=True))
    return {url: found.get(document, NOT_ASKED) for url, document in documents.items()}


def _look(fetcher: Fetcher, ends: float, url: str) -> Reach:
    if time.monotonic() > ends:
        return NOT_ASKED
    try:
        return Reach(fetcher.look(url).status)
    except FetchError as error:
        return Reach(0, str(error))
