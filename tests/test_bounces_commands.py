"""`digest bounces` and `digest suppressions`: what came back is listed, read from files, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

import bounce_samples as samples
from bounce_samples import READER
from bounced import DAY, came_back, is_held, send_out, suppressed
from deliver_samples import NOW
from digest.deliver import verp
from digest.model import BounceEffect, SuppressionCause
from digest.store import bounces, holds, suppressions
from digest.store.database import reading, transaction
from digest.store.suppressions import Window
from installation import Place, installed

OTHER = "tam@other.example.com"


# ── undo ─────────────────────────────────────────────────────────────────────────────────────────


def two_weeks_of_failures(engine: Engine) -> None:
    """Two people at two domains, unknown in two issues; a third complained, a fourth was suppressed by hand."""
    send_out(engine, READER, OTHER, "c@mail.example.net")
    for at in (NOW, NOW + 7 * DAY):
        if at != NOW:
            send_out(engine, at=at)
        for person in (READER, OTHER):
            came_back(engine, samples.POSTFIX, person, at)
    came_back(engine, samples.arf(), "c@mail.example.net", NOW + 7 * DAY)
    with transaction(engine) as connection:
        suppressions.suppress(connection, "d@mail.example.net", "asked by letter", NOW + 7 * DAY)


def test_a_storm_is_taken_back(engine: Engine) -> None:
    """Suppressions and holds by bounces; not the complaint, not what a person has decided."""
    two_weeks_of_failures(engine)
    assert len(suppressed(engine)) == 4
    with transaction(engine) as connection:
        undone = bounces.undo(connection, Window(since=NOW), NOW + 8 * DAY)
    assert (undone.suppressions, undone.holds, undone.bounces) == (2, 2, 4)
    assert {each.cause for each in suppressed(engine)} == {
        SuppressionCause.COMPLAINT,
        SuppressionCause.PERSON,
    }
    assert not is_held(engine)


def test_what_was_taken_back_counts_no_more(engine: Engine) -> None:
    """The next failure holds, as the first one did; without the undo it would suppress at once."""
    two_weeks_of_failures(engine)
    with transaction(engine) as connection:
        bounces.undo(connection, Window(since=NOW), NOW + 8 * DAY)
    send_out(engine, at=NOW + 14 * DAY)
    assert came_back(engine, samples.POSTFIX, READER, NOW + 14 * DAY).effect is BounceEffect.HELD


def test_only_the_window_and_the_domain_are_taken_back(engine: Engine) -> None:
    """Two days, one domain; a domain that ends alike is another one."""
    two_weeks_of_failures(engine)
    for window in (
        Window(since=NOW + 8 * DAY),
        Window(since=NOW, until=NOW + 6 * DAY, domain="nothing.example"),
        Window(since=NOW, domain="example.com"),
    ):
        with transaction(engine) as connection:
            assert bounces.undo(connection, window, NOW + 8 * DAY).suppressions == 0
    with transaction(engine) as connection:
        undone = bounces.undo(connection, Window(NOW, NOW + 8 * DAY, "Other.example.com"), NOW + 8 * DAY)
    assert undone.suppressions == 1
    assert OTHER not in [each.address for each in suppressed(engine)]
    assert READER in [each.address for each in suppressed(engine)]


def test_undo_ends_the_pause_of_a_domain(engine: Engine) -> None:
    """Its mail goes on."""
    send_out(engine, READER)
    came_back(engine, samples.GMAIL_POLICY)
    with transaction(engine) as connection:
        assert bounces.undo(connection, Window(since=NOW), NOW + timedelta(minutes=1)).pauses == 1
        assert holds.paused_domains(connection, NOW + timedelta(minutes=2)) == {}


def test_suppressions_are_found_by_window_and_domain(engine: Engine) -> None:
    """An underscore or a percent sign in a domain stands for itself."""
    two_weeks_of_failures(engine)
    with reading(engine) as connection:
        at_domain = [
            each.address for each in suppressions.listed(connection, Window(domain="mail.example.net"))
        ]
        assert len(at_domain) == 3
        assert list(suppressions.listed(connection, Window(domain="mail_example.net"))) == []
        assert list(suppressions.listed(connection, Window(domain="%"))) == []


# ── commands ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """An installation of which one issue went out to one reader, with the VERP address of its mail."""
    with installed(tmp_path) as found:
        found.blog.write("mill", at=NOW)
        found.subscribe(READER)
        issue = found.published()
        found.done("send", issue)
        yield found


def verp_address(place: Place) -> str:
    """Where a bounce of the only mail comes to."""
    with place.opened() as installation, reading(installation.engine) as connection:
        (delivery,) = bounces.sent_to(connection, READER)
        return verp.sender("bounces@example.org", verp.tag(installation.keys, delivery.id))


def test_bounces_are_read_listed_and_taken_back_by_command(place: Place, tmp_path: Path) -> None:
    """What they did is in the tables, reading them again changes nothing, and mistakes have a sentence."""
    folder = tmp_path / "back"
    folder.mkdir()
    (folder / "1.eml").write_bytes(f"Delivered-To: {verp_address(place)}\r\n".encode() + samples.POSTFIX)
    (folder / "2.eml").write_bytes(samples.GMAIL)
    (folder / "3.eml").write_bytes(samples.AUTOMATIC["vacation"])
    first = place.done("bounces", "read", folder)
    assert first.out.splitlines() == [
        "3 mails read.",
        "  1 automatic",
        "  1 failure, held",
        "  1 failure, unmatched",
    ]
    assert place.done("bounces", "read", folder, "--json").data == {
        "automatic": 1,
        "failure, known already": 2,
    }
    listed = place.done("bounces").out
    assert all(words in listed for words in (READER, "address 5.1.1", "nobody known"))
    assert {row["effect"] for row in place.done("bounces", "--json").rows} == {"held", "unmatched"}
    assert place.done("bounces", "--since", "2999-01-01", "--json").out == ""

    assert place.done("suppressions", "list", "--json").data["cause"] == "held"
    assert READER not in place.done("suppressions", "list", "--domain", "elsewhere.example").out
    wrong = place.digest("suppressions", "undo", "--since", "yesterday")
    assert (wrong.code, "expected a date or time" in wrong.err) == (1, True)
    assert place.digest("suppressions", "undo").code == 2  # since when must be said
    undone = place.done("suppressions", "undo", "--since", "2020-01-01", "--domain", "@mail.example.net")
    assert undone.out.startswith("0 suppressions and 1 holds are taken back")
    assert place.done("suppressions", "list", "--json").out == ""

    missing = place.digest("bounces", "read", tmp_path / "nothing")
    assert (missing.code, missing.err.strip().endswith("or a folder of such.")) == (1, True)
