"""Key themes as posts list them: what parts a title from its description, and what counts the items."""

from __future__ import annotations

import pytest

from small_posts import themes

EXPECTED = [("Dams", "why they break"), ("Walls", "why they stand")]


@pytest.mark.parametrize(
    "items",
    [
        "<ul><li><em>Dams</em>. why they break</li><li><em>Walls</em>. why they stand</li></ul>",
        "<ul><li>Dams. why they break</li><li>Walls. why they stand</li></ul>",
        "<ul><li><b>Dams</b> → why they break</li><li><b>Walls</b> → why they stand</li></ul>",
        "<ul><li>Dams | why they break</li><li>Walls | why they stand</li></ul>",
        "<ul><li>Dams => why they break</li><li>Walls => why they stand</li></ul>",
        "<ul><li><h5>Dams</h5><p>why they break</p></li><li><h5>Walls</h5><p>why they stand</p></li></ul>",
        "<table><tr><th>Dams</th><td>why they break</td></tr><tr><th>Walls</th><td>why they stand</td></tr></table>",
        "<table><tr><td><b>Dams</b> – why they break<br><br><b>Walls</b> – why they stand</td></tr></table>",
        "<details><summary>Dams</summary>why they break</details><details><summary>Walls</summary>why they stand</details>",
    ],
)
def test_one_list_has_one_separator(items: str) -> None:
    """A colon, a dash, a full stop, an arrow, a bar, a cell, a heading."""
    assert themes(f"<h3>Key themes</h3>{items}") == EXPECTED


@pytest.mark.parametrize(
    ("first", "second"),
    [("1)", "2)"), ("(1)", "(2)"), ("[1]", "[2]"), ("#1", "#2"), ("1 –", "2 –"), ("1º", "2º"), ("a)", "b)"), ("(a)", "(b)"),
     ("i.", "ii."), ("①", "②"), ("1️⃣", "2️⃣"), ("١.", "٢."), ("✅", "✅"), ("➤", "➤")],
)  # fmt: skip
def test_whatever_counts_the_items_is_no_part_of_them(first: str, second: str) -> None:
    """Numbers in any script, letters, ticks."""
    html = f"<h3>Key themes</h3><p>{first} Dams: why they break<br>{second} Walls: why they stand</p>"
    assert themes(html) == EXPECTED


def test_the_most_usual_separator_of_a_list_wins() -> None:
    """A dash inside one description parts nothing, where all items have a colon."""
    html = (
        "<h3>Key themes</h3><ul><li>Dams: why – and when – they break</li><li>Walls: why they stand</li></ul>"
    )
    assert themes(html) == [("Dams", "why – and when – they break"), ("Walls", "why they stand")]


def test_sentences_are_not_parted_at_their_full_stops() -> None:
    """A title is a few words, and so in more than one item."""
    html = "<h3>Key themes</h3><ul><li>Nobody had asked the people of the lower town. They asked.</li><li>Walls</li></ul>"
    assert themes(html) == [("Nobody had asked the people of the lower town. They asked.", ""), ("Walls", "")]


def test_a_list_after_plain_themes_is_something_else() -> None:
    """What was set as a theme first tells what the others look like."""
    html = (
        "<h3>Key themes</h3><p>Dams: why they break</p><p>Walls: why they stand</p><p>A long night</p>"
        "<ul><li>The council met on Thursday for two hours.</li></ul>"
    )
    assert themes(html) == EXPECTED
