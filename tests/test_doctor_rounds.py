"""What the doctor reads in the settings alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from deliver_samples import mail_settings, settings
from digest.doctor.check import Level
from digest.doctor.rounds import inbound_check
from digest.settings import InboundSettings


@pytest.mark.parametrize(
    ("bounces", "inbound", "level", "words"),
    [
        ("", {}, Level.WARNING, "nobody reads"),
        ("b@hollin.test", {}, Level.WARNING, "nobody reads"),
        ("b@hollin.test", {"webhooks_file": Path("hooks.toml")}, Level.WARNING, "which digest does not read"),
        ("", {"webhooks_file": Path("hooks.toml")}, Level.OK, "by webhooks_file"),
        ("b@hollin.test", {"lmtp": "127.0.0.1:8024"}, Level.OK, "by lmtp"),
        (
            "b@hollin.test",
            {"lmtp": "/run/digest", "imap": "imaps://mail.hollin.test"},
            Level.OK,
            "by lmtp, imap",
        ),
    ],
)
def test_somebody_has_to_read_what_comes_back(
    bounces: str, inbound: dict[str, object], level: Level, words: str
) -> None:
    """A provider's reports are enough only where it keeps the bounces itself."""
    changed = {"mail": mail_settings(bounces=bounces), "inbound": InboundSettings.model_validate(inbound)}
    check = inbound_check(settings(Path("feeds")).model_copy(update=changed))
    assert (check.level, words in check.found) == (level, True)
