"""Settings from the environment: each key of a table that stands once, before what the file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import config
from digest.config.environment import given
from digest.errors import ConfigError
from installation import command
from setting_names import every_setting

FILE = """
[[digests]]
slug = "weekly"
title = "Weekly"
days = ["sunday"]
at = "09:00"
zone = "UTC"
[mail]
live = false
from = "news@example.org"
postal = "1 Example Street"
[publish]
tag = "tag:example.org,2026:"
feeds_url = "https://example.org/feeds/"
app_url = "https://example.org/"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A config.toml."""
    found = tmp_path / "config.toml"
    found.write_text(FILE, encoding="utf-8")
    return found


@pytest.mark.parametrize(
    ("name", "text", "at"),
    [
        ("DIGEST_MAIL__CONNECTIONS", "7", "mail.connections"),
        ("DIGEST_MAIL__FROM", "Other <other@example.org>", "mail.from_"),
        ("DIGEST_MAIL__POSTAL", "12", "mail.postal"),
        ("DIGEST_MAIL__FIRST_PERCENT", "2.5", "mail.first_percent"),
        ("DIGEST_DATABASE__URL", "postgresql://db.example.org/digest", "database.url"),
        ("DIGEST_SERVE__HOST", "0.0.0.0", "serve.host"),
        ("DIGEST_PUBLISH__ACCENT", "#123456", "publish.accent"),
    ],
)
def test_a_variable_takes_the_place_of_a_setting(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, at: str
) -> None:
    """Text stays text, also where it looks like a number; the rest is read as in the file."""
    monkeypatch.setenv(name, text)
    table, key = at.split(".")
    assert str(getattr(getattr(config.load(path), table), key)) == text


def test_lists_truth_and_paths_are_read_as_in_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are beside the file."""
    monkeypatch.setenv("DIGEST_SERVE__PROXIES", '["127.0.0.1", "10.0.0.0/8"]')
    monkeypatch.setenv("DIGEST_MAIL__VERP", "false")
    monkeypatch.setenv("DIGEST_SERVE__SECRET_FILE", "run/keys")
    settings = config.load(path)
    assert settings.serve.proxies == ("127.0.0.1", "10.0.0.0/8")
    assert settings.mail.verp is False
    assert settings.serve.secret_file == path.parent / "run" / "keys"


def test_every_mistake_is_told_with_the_name_of_its_variable(tmp_path: Path, path: Path) -> None:
    """One sentence each, exit 1."""
    ran = command("--config", path, "check", DIGEST_MAIL__CONNECTIONS="many", DIGEST_SERVE__PORT="99999")
    assert ran.code == 1
    assert sorted(line.partition(":")[0] for line in ran.err.splitlines()) == [
        "$DIGEST_MAIL__CONNECTIONS",
        "$DIGEST_SERVE__PORT",
    ]


@pytest.mark.parametrize(
    "name", ["DIGEST_MAIL__CONECTIONS", "DIGEST_MALE__LIVE", "DIGEST_SOURCES__URL", "DIGEST_DIGESTS__AT"]
)
def test_a_variable_that_names_no_setting_is_refused(name: str) -> None:
    """A slip of the pen must not leave a default in force; tables that stand many times are for the file."""
    with pytest.raises(ConfigError, match=rf"\${name}: "):
        given({name: "x"})


def test_other_variables_are_left_alone() -> None:
    """Secrets have names of their own."""
    assert given({"DIGEST_SECRET": "x", "DIGEST_CONFIG": "y", "PATH": "z", "DIGEST_CHAOS": "long"}) == {}


def test_every_setting_of_a_table_that_stands_once_has_a_variable() -> None:
    """Also one that is added tomorrow."""
    once = [
        (table, key)
        for table, key, _ in every_setting()
        if table not in ("digests", "sources", "themes", "rules")
    ]
    assert len(once) > 40
    assert all(given({f"DIGEST_{table.upper()}__{key.upper()}": ""}) for table, key in once)
