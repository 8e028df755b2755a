"""The command line: one command per verb. Exit codes: 0 done, 1 could not be done (one sentence), 2 wrong usage."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from digest.errors import DigestError


def main(arguments: Sequence[str] | None = None) -> None:
    """The ``digest`` command, by default with the arguments of this process; ends with SystemExit."""
    from digest.cli.commands import app

    try:
        app(arguments, prog_name="digest")
    except DigestError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the one sentence a person reads
        sys.exit(error.exit_code)
