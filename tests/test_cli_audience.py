"""`digest subscribers`: what is printed for a person and for a program, and what wrong usage gets."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from installation import Place, installed


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        yield place


def listed(here: Place, text: str, name: str = "people.csv") -> Path:
    path = here.folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_import_says_what_it_did_and_what_it_left(here: Place) -> None:
    """What was read, how many became what, which rows were not taken, and which tags name no theme."""
    path = listed(
        here,
        "Email;Tags;Shoe size\nada@example.org;Water;38\nbo@example.org;VIP,water;\nnobody;;\nnobody;;\n",
    )
    trial = here.done("subscribers", "import", path, "--dry-run")
    assert trial.out.splitlines() == [
        "people.csv: CSV, subscribed; nothing is taken from Shoe size",
        "4 rows: 2 subscribed, 2 not taken. Nothing was changed: this was a trial.",
        "  people.csv, line 4: 'nobody' is no address.",
        "  people.csv, line 5: 'nobody' is no address.",
        "Tags that name no theme: VIP (1). `digest theme list` shows the themes there are.",
    ]
    assert here.done("subscribers", "list").out.splitlines()[2:] == []
    assert "2 subscribed, 2 not taken. Nobody was mailed." in here.done("subscribers", "import", path).out
    assert "2 unchanged, 2 not taken. Nobody was mailed." in here.done("subscribers", "import", path).out
    assert here.recipients() == []


def test_long_lists_of_mistakes_are_cut_for_a_person_and_not_for_a_program(here: Place) -> None:
    """Twenty lines, and how many more there are."""
    path = listed(here, "address\n" + "nobody\n" * 25)
    lines = here.done("subscribers", "import", path).out.splitlines()
    assert (len(lines), lines[-1]) == (23, "  and 5 more.")
    data = here.done("subscribers", "import", path, "--json").data
    assert (data["rows"], data["not_taken"], data["dry_run"]) == (25, 25, False)
    refused = data["refused"]
    assert isinstance(refused, list)
    assert refused[24] == {"file": "people.csv", "line": 26, "why": "'nobody' is no address"}


def test_several_lists_are_one_import(here: Place) -> None:
    """The most careful row about a person counts, whichever file it is in."""
    everybody = listed(here, "ada@example.org\nbo@example.org\n", "all.csv")
    gone = listed(here, "bo@example.org\n", "unsubscribed.csv")
    out = here.done("subscribers", "import", everybody, gone, "--source", "the old tool").out
    assert "unsubscribed.csv: CSV, unsubscribed" in out
    assert "3 rows: 1 subscribed, 1 unsubscribed, as the list says, 1 unchanged. Nobody was mailed." in out
    assert "the old tool" in here.done("subscribers", "list").out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "outlook"), "expected one of mailchimp, listmonk, ghost, csv, got 'outlook'"),
        (("--as", "friends"), "expected one of subscribed, pending, unsubscribed, suppressed, got 'friends'"),
        (("--digest", "daily"), "There is no digest 'daily' in config.toml; it has weekly."),
    ],
)
def test_wrong_words_say_which_are_right(here: Place, options: tuple[str, ...], said: str) -> None:
    """And nobody is imported."""
    ran = here.digest("subscribers", "import", listed(here, "ada@example.org\n"), *options)
    assert ran.code in (1, 2)
    assert said in " ".join(ran.err.replace("│", " ").split())
    assert here.done("subscribers", "list", "--json").out == ""


def test_one_person_is_added_suppressed_and_forgotten(here: Place) -> None:
    """Each says what it did; what cannot be done is one sentence and exit code 1."""
    added = here.done("subscribers", "add", "ada@example.org", "--theme", "water", "--source", "a letter")
    assert added.out == "ada@example.org gets weekly from its next issue on.\n"
    (row,) = here.done("subscribers", "list", "--json").rows
    assert (row["themes"], row["consent_source"], row["state"]) == (["water"], "a letter", "confirmed")
    suppressed = here.done("subscribers", "suppress", "ada@example.org", "--why", "a letter")
    assert suppressed.out == "ada@example.org is not written to any more.\n"
    assert here.done("subscribers", "forget", "ada@example.org").out == "ada@example.org is forgotten.\n"
    for command, said in (
        (
            ("forget", "ada@example.org"),
            "Nothing was kept of ada@example.org; no list will bring it in from now on.",
        ),
        (("add", "ada@example.org"), "asked to be forgotten, and can only come back by their own hand."),
        (("suppress", "nobody"), "'nobody' is no address: expected one like ada@example.org."),
    ):
        ran = here.digest("subscribers", *command)
        assert (ran.code, ran.out) == (1, "")
        assert said in ran.err


def test_an_export_goes_to_a_file_or_to_the_terminal(here: Place) -> None:
    """The same lines; the file is for its owner only, and import takes it back."""
    here.subscribe("ada@example.org", "bo@example.org", themes="water")
    here.done("subscribers", "suppress", "bo@example.org")
    path = here.folder / "out.csv"
    assert here.done("subscribers", "export", path).out == f"{path}: 3 rows.\n"
    printed = here.done("subscribers", "export").out
    assert list(csv.reader(printed.splitlines())) == list(csv.reader(path.read_text().splitlines()))
    assert path.stat().st_mode & 0o777 == 0o600
    assert "2 unchanged" in here.done("subscribers", "import", path).out
    ran = here.digest("subscribers", "export", here.folder / "none" / "out.csv")
    assert (ran.code, ran.out) == (1, "")
    assert "could not be written" in ran.err


def test_one_person_is_shown_with_what_they_agreed_to(here: Place) -> None:
    """For a person as lines; a program gets all that is kept of them."""
    here.done("subscribers", "add", "ada@example.org", "--source", "the fair", "--theme", "water")
    here.done("subscribers", "suppress", "ada@example.org", "--why", "a letter")
    shown = here.done("subscribers", "show", "ADA@example.org").out
    assert "not written to since" in shown
    assert "weekly: confirmed, themes: water;" in shown
    assert "added weekly (command line: the fair)" in shown
    data = here.done("subscribers", "show", "ada@example.org", "--json").data
    assert (data["address"], data["not_written_to"]) == ("ada@example.org", "a letter")
    assert "Nobody subscribed with the address" in here.digest("subscribers", "show", "bo@example.org").err
    assert "example.org" not in here.done("editors", "log").out


def test_a_suppression_is_taken_back(here: Place) -> None:
    """Once."""
    here.done("subscribers", "suppress", "ada@example.org")
    here.done("subscribers", "unsuppress", "ADA@example.org", "--why", "a slip")
    assert "neither suppressed nor held" in here.digest("subscribers", "unsuppress", "ada@example.org").err
    assert "ada" not in here.done("suppressions", "list").out
