"""Ways back that each copy carries: read whatever relays do to them, and never believed when they are not ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliver_samples import KEYS
from digest import tokens
from digest.deliver import verp
from digest.deliver.verp import LONGEST_NAME, OUTBOX, read_mark, read_sender, read_unsubscribe, tag
from digest.tokens import Keys
from effort import effort

OTHER = Keys((b"a key of somebody else's machine",))
INBOX = "bounces@example.org"


def sender(row: int, keys: Keys = KEYS, inbox: str = INBOX) -> str:
    return verp.sender(inbox, tag(keys, row))


@pytest.mark.parametrize("row", [1, 42, 999_999_999_999])
def test_a_bounce_leads_back_to_its_row(row: int) -> None:
    """By the envelope's sender, and by the header where a relay has put another sender in its place."""
    assert read_sender(KEYS, sender(row)) == row
    assert read_mark(KEYS, tag(KEYS, row)) == row


def test_what_relays_do_to_an_address_does_not_matter() -> None:
    """Letter case, angle brackets, another domain, spaces, an inbox with a plus sign in its own name."""
    address = sender(42)
    assert address.startswith("bounces+d42.")
    for seen in (
        address.upper(),
        f"<{address}>",
        address.replace("example.org", "mx.example.net"),
        f" {address}\r\n",
    ):
        assert read_sender(KEYS, seen) == 42
    assert read_sender(KEYS, sender(42, inbox="news+b@example.org")) == 42


def test_a_forged_one_is_nobodys() -> None:
    """Another key, another row, a proof cut short, no proof at all."""
    good = tag(KEYS, 42)
    for forged in (
        tag(OTHER, 42),
        good.replace("d42", "d43"),
        good[:-1],
        good + "a",
        "d42",
        "d42.",
        "",
        "d042" + good[3:],
    ):
        assert read_mark(KEYS, forged) is None
        assert read_sender(KEYS, f"bounces+{forged}@example.org") is None
    assert read_sender(KEYS, INBOX) is None


def test_one_ledgers_row_is_never_taken_for_the_others() -> None:
    """The outbox counts its rows from 1 as well."""
    assert read_mark(KEYS, tag(KEYS, 42, OUTBOX)) is None
    assert read_mark(KEYS, tag(KEYS, 42), OUTBOX) is None
    assert read_mark(KEYS, tag(KEYS, 42, OUTBOX), OUTBOX) == 42
    assert read_mark(KEYS, "o" + tag(KEYS, 42)[1:], OUTBOX) is None


def test_an_older_key_goes_on_to_verify() -> None:
    """A bounce may come days after the keys were changed."""
    assert read_sender(Keys((OTHER.keys[0], KEYS.keys[0])), sender(42)) == 42


def test_an_address_fits_into_an_envelope() -> None:
    """64 characters before the at sign (RFC 5321, section 4.5.3.1.1), for the longest inbox and the largest row."""
    address = sender(999_999_999_999, inbox=f"{'n' * LONGEST_NAME}@example.org")
    assert len(address.rpartition("@")[0]) == 64


@given(st.text(max_size=400))
def test_anything_at_all_is_read_without_an_error(text: str) -> None:
    """Bounces are written by strangers."""
    assert read_sender(KEYS, text) is None
    assert read_mark(KEYS, text) is None
    assert read_unsubscribe(KEYS, text) is None


@pytest.mark.parametrize(
    "junk", ["d1." * 400_000, "+" * 1_000_000, "<" * 1_000_000, "unsubscribe " * 100_000, " " * 1_000_000]
)
def test_junk_is_looked_at_once(junk: str) -> None:
    """A megabyte of it costs next to nothing."""
    with effort() as spent:
        assert read_sender(KEYS, junk) is None
        assert read_mark(KEYS, junk) is None
        assert read_unsubscribe(KEYS, junk) is None
    assert spent.seconds < 0.5


def test_leaving_by_mail() -> None:
    """A subject that any mail program fills in, with the token of the link."""
    token = tokens.token(KEYS, tokens.UNSUBSCRIBE, "weekly", 42)
    url = verp.unsubscribe_url("news+in@example.org", "weekly", token)
    assert url == f"mailto:news+in@example.org?subject=unsubscribe%20weekly%20{token}"
    assert read_unsubscribe(KEYS, f"unsubscribe weekly {token}") == ("weekly", 42)
    assert read_unsubscribe(KEYS, f"  Unsubscribe  WEEKLY {token}\r\n") == ("weekly", 42)


def test_leaving_by_mail_takes_the_right_token() -> None:
    """Nobody takes another one out, or out of another digest."""
    token = tokens.token(KEYS, tokens.UNSUBSCRIBE, "weekly", 42)
    other = tokens.token(OTHER, tokens.UNSUBSCRIBE, "weekly", 42)
    for words in (
        f"unsubscribe daily {token}",
        f"unsubscribe weekly {other}",
        f"Re: unsubscribe weekly {token}",
        "unsubscribe",
        "",
    ):
        assert read_unsubscribe(KEYS, words) is None
