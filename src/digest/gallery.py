"""The stills of videos: fetched once, drawn anew, kept in a folder under the hash of their bytes."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from digest import files
from digest.errors import DigestError, FetchError
from digest.model import Picture
from digest.net.http import Fetcher

MAX_BYTES = 4_000_000  # of a picture as it is fetched
PATIENCE = 60.0  # seconds in all, for the pictures of one issue
MOST = 300  # pictures of one issue
ACCEPT = "image/jpeg, image/png, image/webp, image/gif"

_HOSTS = 4  # asked at a time; each is asked for one picture after the other
_NAME = re.compile(r"[0-9a-f]{32}\.jpg")

log = logging.getLogger(__name__)

Draw = Callable[[bytes], tuple[Picture, bytes]]


@dataclass(frozen=True, slots=True)
class Gallery:
    """A folder of pictures, and how more of them come into it.

    ``draw`` makes a picture of our own from what was fetched (``publish.stills.still``); it raises ``DigestError``.
    """

    folder: Path
    fetcher: Fetcher
    draw: Draw

    def fetched(self, addresses: Sequence[str], patience: float = PATIENCE) -> Mapping[str, Picture]:
        """The pictures at these addresses, kept. One that cannot be had is left out, and the log says why.

        Args:
            addresses: each once; of more than ``MOST`` the first.
            patience: seconds after which no further one is asked for.
        """
        ends = time.monotonic() + patience
        hosts: dict[str, list[str]] = {}
        for address in addresses[:MOST]:
            hosts.setdefault(_host(address), []).append(address)
        with ThreadPoolExecutor(_HOSTS) as pool:
            return dict(chain.from_iterable(pool.map(partial(self._of_host, ends), hosts.values())))

    def read(self, picture: Picture) -> bytes | None:
        """A picture's bytes, or None where it is not there (any more)."""
        if not _NAME.fullmatch(picture.name):
            return None
        try:
            return (self.folder / picture.name).read_bytes()
        except OSError as error:
            log.warning("the picture %s cannot be read: %s", picture.name, error.strerror)
            return None

    def forget(self, picture: Picture) -> None:
        """Remove a picture that nothing shows any more."""
        if _NAME.fullmatch(picture.name):
            (self.folder / picture.name).unlink(missing_ok=True)

    def _of_host(self, ends: float, addresses: Sequence[str]) -> list[tuple[str, Picture]]:
        return list(self._each(ends, addresses))

    def _each(self, ends: float, addresses: Sequence[str]) -> Iterator[tuple[str, Picture]]:
        with self.fetcher.visit() as visit:
            for address in addresses:
                try:
                    if time.monotonic() > ends:
                        raise FetchError("there was no time left")
                    answer = visit.get(address, accept=ACCEPT)
                    if answer.status != 200:
                        raise FetchError(f"it answers {answer.status}")
                    yield address, self._kept(answer.body)
                except DigestError as error:
                    log.info("a video is shown without its picture %.200s: %s", address, error)

    def _kept(self, data: bytes) -> Picture:
        picture, drawn = self.draw(data)
        files.write_tree(self.folder, {picture.name: drawn})
        return picture


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:  # the fetcher says what is wrong with it
        return ""
