"""Keys that sign mail: made once, kept from others' eyes, named by their file, and shown as the DNS wants them."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import dkim as peer
import pytest

from deliver_samples import mail_settings
from digest import config
from digest.config.signing import read_signer, signers, signing_domain, write_key
from digest.deliver import verp
from digest.deliver.dkim import record
from digest.errors import ConfigError
from digest.tokens import parse_keys
from installation import Place, installed


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        yield place


def told(tmp_path: Path, lines: str) -> str:
    """What is wrong with a file whose ``[mail]`` has these lines too."""
    path = tmp_path / "config.toml"
    example = (Path(__file__).parents[1] / "config.toml").read_text(encoding="utf-8")
    path.write_text(example.replace("[mail]\n", f"[mail]\n{lines}\n"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    return str(caught.value)


def test_a_key_is_made_for_its_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    """Mode 0600 from the first moment."""
    path = tmp_path / "dkim" / "autumn.pem"
    write_key(path, is_ed25519=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        write_key(path, is_ed25519=True)
    assert path.read_bytes() == before


def test_the_files_name_is_the_selector_and_from_names_the_domain(tmp_path: Path) -> None:
    """Unless another domain is named."""
    write_key(tmp_path / "autumn.pem", is_ed25519=False)
    write_key(tmp_path / "winter.pem", is_ed25519=True)
    keys = [str(tmp_path / "autumn.pem"), str(tmp_path / "winter.pem")]
    found = signers(mail_settings(dkim_keys=keys))
    assert [each.name for each in found] == ["autumn._domainkey.example.org", "winter._domainkey.example.org"]
    assert [each.algorithm for each in found] == ["rsa-sha256", "ed25519-sha256"]
    assert signing_domain(mail_settings(dkim_domain="Mail.Example.net")) == "mail.example.net"
    assert signing_domain(mail_settings(**{"from": "News <news@Bücher.example>"})) == "xn--bcher-kva.example"
    assert signers(mail_settings()) == ()


def test_a_missing_key_says_how_to_make_it(tmp_path: Path) -> None:
    """No mail leaves unsigned by mistake."""
    with pytest.raises(ConfigError, match=r"autumn\.pem, which cannot be read: .*`digest keys dkim autumn`"):
        read_signer(tmp_path / "autumn.pem", "example.org")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ('bounces = "nobody"', "bounces: expected an address"),
        (
            f'bounces = "{"n" * 24}@example.org"',
            "bounces: expected at most 23 characters before the @, or `verp = false`",
        ),
        ('dkim_domain = "example"', "dkim_domain: expected a domain such as example.org"),
        (
            'dkim_keys = ["var/dkim/Autumn_2026.pem"]',
            "dkim_keys: the name of Autumn_2026.pem is its selector",
        ),
    ],
)
def test_mistakes_in_the_file_are_told_with_the_others(tmp_path: Path, lines: str, sentence: str) -> None:
    """Before anything is opened."""
    assert sentence in told(tmp_path, lines)


def test_a_key_that_others_can_read_is_told(tmp_path: Path) -> None:
    """As it is of passwords."""
    path = tmp_path / "config.toml"
    example = (Path(__file__).parents[1] / "config.toml").read_text(encoding="utf-8")
    path.write_text(example.replace("[mail]\n", '[mail]\ndkim_keys = ["autumn.pem"]\n'), encoding="utf-8")
    write_key(tmp_path / "autumn.pem", is_ed25519=True)
    (tmp_path / "autumn.pem").chmod(0o644)
    assert any(
        "chmod 600" in warning and "autumn.pem" in warning for warning in config.warnings(config.load(path))
    )


# ── digest keys dkim ─────────────────────────────────────────────────────────────────────────────


def test_the_command_makes_a_key_prints_its_record_and_says_what_is_next(here: Place) -> None:
    """Run again, it shows the same key."""
    first, second = here.digest("keys", "dkim", "autumn"), here.digest("keys", "dkim", "autumn")
    assert first == second
    assert first.code == 0, first.err
    path = here.folder / "var" / "dkim" / "autumn.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    strings = re.findall(r'"([^"]*)"', first.out.partition("IN TXT (")[2].partition(")")[0])
    assert max(map(len, strings)) <= 255
    domain = signing_domain(config.load(here.path).mail)
    assert "".join(strings) == record(read_signer(path, domain))
    assert f"autumn._domainkey.{domain}. IN TXT" in first.out
    assert 'dkim_keys = ["var/dkim/autumn.pem"]' in first.out


def test_the_command_speaks_to_programs_too(here: Place) -> None:
    """Name and value, as an interface to a DNS wants them."""
    said = json.loads(here.digest("keys", "dkim", "winter", "--ed25519", "--json").out)
    assert (said["type"], said["name"].split(".")[0]) == ("TXT", "winter")
    assert said["value"].startswith("v=DKIM1; k=ed25519; p=")


@pytest.mark.parametrize("selector", ["Autumn", "../autumn", "a/b", ""])
def test_a_selector_that_is_none_makes_no_file(here: Place, selector: str) -> None:
    """It would be the name of a file somewhere else."""
    ran = here.digest("keys", "dkim", selector)
    assert (ran.code, ran.out) == (1, "")
    assert "DKIM selector" in ran.err
    assert not (here.folder / "var" / "dkim").exists()


# ── a whole send ─────────────────────────────────────────────────────────────────────────────────


def test_a_send_is_signed_and_each_copy_tells_whose_its_bounce_is(here: Place) -> None:
    """From config.toml to the relay: others verify it, and the sender and our header lead to the ledger's rows."""
    key = here.folder / "var" / "dkim" / "autumn.pem"
    here.done("keys", "dkim", "autumn")
    lines = '[mail]\ndkim_keys = ["var/dkim/autumn.pem"]\nbounces = "back@hollin.test"\n'
    here.path.write_text(here.path.read_text().replace("[mail]\n", lines), encoding="utf-8")
    here.blog.write("sluice", "weir", at=datetime.now(UTC))
    here.subscribe("ada@example.org", "ben@example.org")
    here.done("send", here.published())
    keys = parse_keys((here.folder / "var" / "secret.key").read_text())
    rows = set()
    for received in here.inbox.messages:
        dns = {"autumn._domainkey.hollin.test.": record(read_signer(key, "hollin.test"))}
        assert peer.verify(
            received.data, dnsfunc=lambda name, timeout=5, dns=dns: dns[name.decode()].encode()
        )
        row = verp.read_sender(keys, received.sender)
        assert row == verp.read_mark(keys, str(message_from_bytes(received.data)[verp.MARK]))
        rows.add(row)
    assert len(rows - {None}) == 2
