"""Names as editors spell them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assembling import material, pick, quote
from digest.assemble.spelling import respelt, respelt_pick
from digest.model import Rule, RuleKind

SAID = quote("I am Mira Halden, and I kept the books open.")
RULE = Rule(RuleKind.SPELLING, "Mira Halden", spelling="Mira Haldén")
POST = material("a", quotes=(SAID, quote("Nobody.", speaker="Bero Latt")), authors=("Mira Halden", "Ed"))


def test_a_name_is_spelt_so_wherever_it_stands_as_a_name() -> None:
    """Speakers and authors, in the post and under a pick; others stay."""
    found = respelt(POST, [RULE])
    assert [each.speaker for each in found.reading.quotes] == ["Mira Haldén", "Bero Latt"]
    assert found.post.authors == ("Mira Haldén", "Ed")
    shown = respelt_pick(replace(pick("a", SAID), authors=("Mira Halden",)), [RULE])
    assert (shown.quotes[0].quote.speaker, shown.authors) == ("Mira Haldén", ("Mira Haldén",))


def test_the_words_of_a_quote_are_never_changed() -> None:
    """Verbatim is verbatim, also where a person says a name."""
    assert respelt(POST, [RULE]).reading.quotes[0].text == SAID.text


@pytest.mark.parametrize(
    ("subject", "is_meant"), [("MIRA  halden", True), ("Mira Haldén", True), ("Mira", False)]
)
def test_a_rule_means_the_whole_name(subject: str, is_meant: bool) -> None:
    """In any case, with or without accents; a first name alone is somebody else's, too."""
    rule = Rule(RuleKind.SPELLING, subject, spelling="M. Haldén")
    assert (respelt(POST, [rule]).reading.quotes[0].speaker == "M. Haldén") is is_meant


@pytest.mark.parametrize(
    "rule",
    [replace(RULE, retired=True), replace(RULE, spelling=""), Rule(RuleKind.NEVER_VIDEO, "Mira Halden")],
)
def test_what_is_no_rule_of_spelling_changes_nothing(rule: Rule) -> None:
    """Nor does one that applies no longer."""
    assert respelt(POST, [rule]) == POST
