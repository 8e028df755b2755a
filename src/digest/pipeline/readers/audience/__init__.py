"""Who gets the mail: brought in from lists, written out as one, suppressed, forgotten."""

from __future__ import annotations

from digest.pipeline.readers.audience.adding import add_subscriber
from digest.pipeline.readers.audience.exporting import audience_lines
from digest.pipeline.readers.audience.forgetting import forget, suppress, unsuppress
from digest.pipeline.readers.audience.importing import (
    FileRead,
    Imported,
    NotTaken,
    Wanted,
    import_subscribers,
)

__all__ = [
    "FileRead",
    "Imported",
    "NotTaken",
    "Wanted",
    "add_subscriber",
    "audience_lines",
    "forget",
    "import_subscribers",
    "suppress",
    "unsuppress",
]
