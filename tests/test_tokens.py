"""Signed links: what verifies, what does not, and for how long."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ConfigError
from digest.tokens import UNSUBSCRIBE, Keys, copy_url, parse_keys, token, unsubscribe_url, verify

OLD, NEW = Keys((b"o" * 32,)), Keys((b"n" * 32, b"o" * 32))


def test_a_token_names_its_subscriber_and_is_always_the_same() -> None:
    """Nothing has to be stored for a link to work: it can be made again, and is short."""
    made = token(OLD, UNSUBSCRIBE, "weekly", 42)
    assert made == token(OLD, UNSUBSCRIBE, "weekly", 42)
    assert made.startswith("42.")
    assert len(made) == len("42.") + 22
    assert verify(OLD, UNSUBSCRIBE, "weekly", made) == 42


def test_an_old_link_survives_a_new_key_and_a_new_link_needs_it() -> None:
    """Links never expire: the first key signs, all of them verify."""
    assert verify(NEW, UNSUBSCRIBE, "weekly", token(OLD, UNSUBSCRIBE, "weekly", 42)) == 42
    assert verify(OLD, UNSUBSCRIBE, "weekly", token(NEW, UNSUBSCRIBE, "weekly", 42)) is None


@pytest.mark.parametrize(
    ("purpose", "digest", "number"),
    [("preferences", "weekly", 42), (UNSUBSCRIBE, "monthly", 42), (UNSUBSCRIBE, "weekly", 43)],
)
def test_a_token_is_good_for_one_purpose_digest_and_subscriber(
    purpose: str, digest: str, number: int
) -> None:
    """A proof made for something else proves nothing here."""
    proof = token(OLD, purpose, digest, number).partition(".")[2]
    assert verify(OLD, UNSUBSCRIBE, "weekly", f"42.{proof}") is None


def test_a_digest_with_odd_characters_cannot_borrow_another_ones_proof() -> None:
    """What is signed says where one part ends and the next begins, whatever a link claims as its digest."""
    proof = token(OLD, "unsub", "scribe\0weekly", 1).partition(".")[2]
    assert verify(OLD, UNSUBSCRIBE, "weekly", f"1.{proof}") is None
    assert verify(OLD, UNSUBSCRIBE, "week\udc80ly", f"1.{proof}") is None


def test_every_single_changed_character_spoils_a_token() -> None:
    """All 128 bits count, the padding bits of base64 too: no two spellings of one token verify."""
    made = token(OLD, UNSUBSCRIBE, "weekly", 42)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spoiled = {
        made[:place] + other + made[place + 1 :]
        for place in range(len(made))
        for other in alphabet
        if made[place] != other
    }
    assert not [text for text in spoiled if verify(OLD, UNSUBSCRIBE, "weekly", text) is not None]


@given(st.text(max_size=60) | st.from_regex(r"[0-9]{1,30}\.[A-Za-z0-9_-]{20,24}", fullmatch=True))
def test_no_text_from_a_stranger_verifies_or_raises(text: str) -> None:
    """A token comes from an address bar: anything may stand in it."""
    assert verify(OLD, UNSUBSCRIBE, "weekly", text) is None


@pytest.mark.parametrize("spelling", ["042.{}", "+42.{}", " 42.{}", "42.{}\n", "４２.{}", "42.{}=="])
def test_a_token_has_one_spelling(spelling: str) -> None:
    """Other ways to write the same number are not accepted."""
    proof = token(OLD, UNSUBSCRIBE, "weekly", 42).partition(".")[2]
    assert verify(OLD, UNSUBSCRIBE, "weekly", spelling.format(proof)) is None


def test_the_links_are_short_and_stand_below_the_application() -> None:
    """A List-Unsubscribe line should not need folding; a slash at the end of app_url makes no difference."""
    link = unsubscribe_url("https://app.example.org/", OLD, "weekly", 42)
    assert link == f"https://app.example.org/u/weekly/{token(OLD, UNSUBSCRIBE, 'weekly', 42)}"
    assert copy_url("https://app.example.org", "weekly") == "https://app.example.org/u/weekly/test"
    assert verify(OLD, UNSUBSCRIBE, "weekly", "test") is None


def test_a_key_file_holds_hex_and_base64_newest_first() -> None:
    """Both ways in which people write keys are read; comments and blank lines pass."""
    first, second = bytes(range(32)), bytes(range(100, 148))
    text = f"# made in spring\n{first.hex()}\n\n  {base64.b64encode(second).decode()}  \n"
    assert parse_keys(text).keys == (first, second)
    assert parse_keys(base64.urlsafe_b64encode(second).decode()).keys == (second,)
    assert parse_keys(base64.b64encode(first).decode().rstrip("=")).keys == (first,)


@pytest.mark.parametrize("line", ["short", "ab" * 31, "not hex, not base64 " * 4, "é" * 64, "=" * 64])
def test_a_bad_key_is_named_by_its_line_and_never_shown(line: str) -> None:
    """The sentence says which line and how to make a key; what stands there may be half a secret."""
    with pytest.raises(ConfigError, match=r"line 2: expected 64 or more hex digits.*openssl") as caught:
        parse_keys(f"{b'k'.hex() * 32}\n{line}\n")
    assert line not in str(caught.value)


def test_an_empty_key_file_says_what_to_do() -> None:
    """No key, no links: better an error than a signature that anyone can make."""
    with pytest.raises(ConfigError, match="openssl rand -hex 32"):
        parse_keys("# nothing here\n\n")
    with pytest.raises(ConfigError, match="at least one key"):
        Keys(())
    with pytest.raises(ConfigError, match="32 bytes"):
        Keys((b"k" * 32, b"short"))


def test_keys_do_not_show_themselves() -> None:
    """A traceback or a log line with the keys in it would give every link away."""
    assert "ooo" not in repr(OLD)
