"""The table `[inbound]`: what is wrong in it is said with its line, and its secrets stay in their own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import config
from digest.config import imap_password
from digest.errors import ConfigError
from digest.resources import Resources
from digest.settings import Settings

EXAMPLE = Resources().example_config()


def load(folder: Path, lines: str) -> Settings:
    """The example with these lines in its table."""
    path = folder / "config.toml"
    path.write_text(EXAMPLE.replace("[inbound]\n", f"[inbound]\n{lines}\n"), encoding="utf-8")
    return config.load(path)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('lmtp = "8024"', 'lmtp: expected "127.0.0.1:8024"'),
        ('lmtp = "var/lmtp"', "the whole path of a socket"),
        ('imap = "mail.example.org"\nimap_user = "b"', "imap: expected imaps://host:port"),
        ('imap = "imaps://b:secret@mail.example.org"\nimap_user = "b"', "the name goes to `imap_user`"),
        ('imap = "imaps://mail.example.org:many"\nimap_user = "b"', "imap: expected imaps://host:port"),
        ('imap = "imap://mail.example.org"\nimap_user = "b"', "would cross to mail.example.org in clear"),
        ('imap = "imaps://mail.example.org"', "imap_user: expected the name"),
        ("imap_minutes = 0", "imap_minutes"),
    ],
)
def test_a_mistake_is_said_with_what_was_expected(tmp_path: Path, lines: str, expected: str) -> None:
    """One sentence, and the line of the file."""
    with pytest.raises(ConfigError) as mistake:
        load(tmp_path, lines)
    (finding,) = mistake.value.findings
    assert expected in finding
    assert "config.toml line " in finding


@pytest.mark.parametrize("where", ["127.0.0.1:8024", "[::1]:8024", "localhost:24", "/run/digest/lmtp"])
def test_what_can_be_listened_at_is_taken(tmp_path: Path, where: str) -> None:
    """A port of this machine, or a socket."""
    assert load(tmp_path, f'lmtp = "{where}"').inbound.lmtp == where


def test_the_password_is_read_from_its_file_or_the_environment(tmp_path: Path) -> None:
    """The path is relative to config.toml; the environment wins; none where no mailbox is read."""
    lines = 'imap = "imaps://mail.example.org"\nimap_user = "b"\n'
    (tmp_path / "imap.password").write_text("from the file\n", encoding="utf-8")
    told = load(tmp_path, f'{lines}imap_password_file = "imap.password"')
    assert imap_password(told, {}) == "from the file"
    assert imap_password(told, {"DIGEST_IMAP_PASSWORD": "from there"}) == "from there"
    assert imap_password(load(tmp_path, ""), {}) == ""
    with pytest.raises(ConfigError, match="there is no password"):
        imap_password(load(tmp_path, lines), {})


def test_secrets_that_others_can_read_are_told(tmp_path: Path) -> None:
    """As those of the relay and of the links."""
    for name in ("imap.password", "webhooks.toml"):
        (tmp_path / name).write_text("a secret", encoding="utf-8")
        (tmp_path / name).chmod(0o644)
    told = load(tmp_path, 'imap_password_file = "imap.password"\nwebhooks_file = "webhooks.toml"')
    open_files = [warning for warning in config.warnings(told) if "chmod 600" in warning]
    assert len(open_files) == 2
