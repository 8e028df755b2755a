"""text/amounts.py: sentences for people count as people do."""

from __future__ import annotations

import pytest

from digest.text.amounts import amount


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 people"), (1, "1 person"), (2, "2 people"), (1204, "1,204 people")]
)
def test_a_number_stands_with_its_noun(number: int, said: str) -> None:
    """One is one, thousands are set apart."""
    assert amount(number, "person", "people") == said


def test_most_nouns_take_an_s() -> None:
    """So it need not be said."""
    assert (amount(1, "mail"), amount(3, "mail")) == ("1 mail", "3 mails")
