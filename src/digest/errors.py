"""What can go wrong, as a small tree; each error is one sentence for a person.

    DigestError               exit 1: it could not be done
    ├── ConfigError           config.toml or a template: every mistake at once
    ├── NotFoundError         an unknown digest, issue, source, address
    ├── TooEarlyError         a verb before its turn; names the next step
    ├── FetchError            a source or page that could not be had
    ├── ParseError            bytes that are not a feed
    ├── TemplateError         a template with a mistake: file and line
    ├── VerbatimError         a quote that is no longer in its source
    ├── RelayError            the mail relay refused us or cannot be reached
    └── StoreError            the database is missing, locked, too old or too new

The sentence says what, where and what to do. Nothing half-written is left behind by whoever raises.
"""

from __future__ import annotations


class DigestError(Exception):
    """It could not be done; ``str(error)`` is the sentence that a person reads."""

    exit_code = 1


class ConfigError(DigestError):
    """One or more mistakes in config.toml or in a template; ``findings`` has a sentence for each."""

    def __init__(self, *findings: str) -> None:
        super().__init__("\n".join(findings))
        self.findings = findings


class NotFoundError(DigestError):
    """Something named on the command line or in a link does not exist."""


class TooEarlyError(DigestError):
    """A verb before its turn; the sentence names the command that comes first."""


class FetchError(DigestError):
    """A source or page could not be fetched: unreachable, refused, too large, too slow."""


class ParseError(DigestError):
    """The bytes are not a feed that can be read."""


class TemplateError(DigestError):
    """A template cannot be rendered; the sentence has its file and, where known, its line."""


class VerbatimError(DigestError):
    """A quote's words are not in the stored revision of its post."""


class RelayError(DigestError):
    """The mail relay cannot be used at all: no connection, no TLS, AUTH refused."""


class StoreError(DigestError):
    """The database cannot be used."""
