"""What is logged, and how: one line of text or one JSON object a line, with the ids of what it is about.

No address, token or secret link leaves through a log: every text is veiled (``digest.masks``) as it is written,
whoever wrote it, tracebacks and other libraries' words included.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from secrets import token_hex

from digest.masks import veiled
from digest.model import IssueId
from digest.settings import LogSettings

FIELDS = ("run", "digest", "issue", "source", "job", "method", "route", "status", "milliseconds")
RUN = token_hex(4)  # tells the lines of this process from those of others

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039  never changed in its place


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """What the lines of this block are about: ``about(source="hollin")``, ``about(digest="weekly")``; see FIELDS."""
    token = _about.set({**_about.get(), **ids})
    try:
        yield
    finally:
        _about.reset(token)


def set_up(settings: LogSettings, *, quiet: bool = False) -> None:
    """Log to stderr as ``[log]`` says; ``quiet`` leaves out what needs nobody. Called again, the last one counts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    logging.basicConfig(level=max(level, logging.WARNING) if quiet else level, handlers=[handler], force=True)
    # At WARNING it complains every few seconds of a long send that a further look at the digest has to wait.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def veil_warnings() -> None:
    """Also where nothing was set up, as in a command, what Python itself prints of a warning is veiled."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(VeiledWords())


class VeiledWords(logging.Formatter):
    """What was said, and nothing else."""

    def format(self, record: logging.LogRecord) -> str:
        """The message, with a traceback below it."""
        return veiled(super().format(record))


class TextLines(logging.Formatter):
    """Time in UTC, level and what happened, for a person; a traceback goes below it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, or several where there is a traceback."""
        said = f"{_moment(record)} {record.levelname} {record.getMessage()}"
        error = self._traceback(record)
        return veiled(f"{said}\n{error}" if error else said)

    def _traceback(self, record: logging.LogRecord) -> str:
        return self.formatException(record.exc_info) if record.exc_info else ""


class JsonLines(TextLines):
    """One object a line: ``time`` (RFC 3339), ``level``, ``event``, ``message`` and the ids of what it is about.

    ``event`` is the message without its values, by which lines of one kind are counted.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever stands in the message."""
        values = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg),
            "message": record.getMessage(),
            **_ids(record),
        }
        if error := self._traceback(record):
            values["error"] = error
        return json.dumps({name: veiled(value) for name, value in values.items()}, ensure_ascii=False)


def _ids(record: logging.LogRecord) -> Mapping[str, str]:
    """Those of the block, of the record's ``extra``, and an issue that its message names."""
    given = {name: str(getattr(record, name)) for name in FIELDS if getattr(record, name, None) is not None}
    values = record.args if isinstance(record.args, tuple) else ()
    named = next((each for each in values if isinstance(each, IssueId)), None)
    issue = {"digest": named.digest, "issue": str(named)} if named else {}
    return {"run": RUN, **_about.get(), **issue, **given}


def _moment(record: logging.LogRecord) -> str:
    return (
        datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
