"""Key themes as posts list them: what parts a title from its description, and what counts the items."""

from __future__ import annotations

import pytest

from effort import effort
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
        "<p>Dams ← why they break</p><p>Walls ← why they stand</p>",
        "<p><b>Dams</b>, why they break</p><p><b>Walls</b>, why they stand</p>",
        "<ul><li>Dams<ul><li>why they break</li></ul></li><li>Walls<ul><li>why they stand</li></ul></li></ul>",
        "<dl><dt>1 – Dams</dt><dd>why they break</dd><dt>2 – Walls</dt><dd>why they stand</dd></dl>",
        "<ol><li><p><b>Dams</b></p><p>why they break</p></li><li><p><b>Walls</b></p><p>why they stand</p></li></ol>",
        "<p><u>Dams</u>: why they break</p><p><u>Walls</u>: why they stand</p>",
    ],
)
def test_one_list_has_one_separator(items: str) -> None:
    """A colon, a dash, a full stop, an arrow, a bar, a cell, a heading."""
    assert themes(f"<h3>Key themes</h3>{items}") == EXPECTED


@pytest.mark.parametrize(
    ("first", "second"),
    [("1)", "2)"), ("(1)", "(2)"), ("[1]", "[2]"), ("#1", "#2"), ("1 –", "2 –"), ("1º", "2º"), ("a)", "b)"), ("(a)", "(b)"),
     ("i.", "ii."), ("00:45 —", "07:30 —"), ("(1:02:03) |", "(1:04:05) |"), ("①", "②"), ("1️⃣", "2️⃣"), ("١.", "٢."), ("✅", "✅"), ("➤", "➤")],
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


def test_a_counter_in_a_cell_or_on_a_line_of_its_own_is_no_theme() -> None:
    """The first column of a table, or the number over a card; nor is an emoji in a cell, which parts nothing either."""
    row = "<tr><td>{0}</td><td>{1}</td><td>{2}</td></tr>"
    emoji = "<tr><td>🔑</td><td><b>{1}</b></td><td>{2}</td></tr>"
    card = "<div><span>0{0}</span><p><b>{1}</b></p><p>{2}</p></div>"
    for one in (row, card, emoji):
        items = "".join(one.format(i + 1, *theme) for i, theme in enumerate(EXPECTED))
        around = f"<div>{items}</div>" if one is card else f"<table>{items}</table>"
        assert themes(f"<h3>Key themes</h3>{around}") == EXPECTED


@pytest.mark.parametrize(
    "cell", ["<th>{}</th>", "<td><b>{}</b></td>", '<td style="font-weight: bold">{}</td>']
)
def test_the_header_of_a_table_is_no_theme(cell: str) -> None:
    """Whether it is marked as one, or only bold; not even where it says "Themes"."""
    header = "".join(map(cell.format, ("Theme", "In brief")))
    rows = "".join(f"<tr><td>{title}</td><td>{description}</td></tr>" for title, description in EXPECTED)
    assert themes(f"<h3>Key themes</h3><table><tr>{header}</tr>{rows}</table>") == EXPECTED


def test_bold_cells_of_every_row_are_no_header() -> None:
    """Titles in bold all the way down are titles."""
    rows = "".join(f"<tr><td><b>{title}</b></td><td>{text}</td></tr>" for title, text in EXPECTED)
    assert themes(f"<h3>Key themes</h3><table>{rows}</table>") == EXPECTED


@pytest.mark.parametrize("head", ["<b>{}</b><br>", "<h5>{}</h5>"])
def test_each_cell_with_a_title_of_its_own_is_a_theme(head: str) -> None:
    """Themes set two by two."""
    cells = [
        f"<td>{head.format(title)}{text}</td>" for title, text in (*EXPECTED, ("Mills", "why they turn"))
    ]
    table = f"<table><tr>{cells[0]}{cells[1]}</tr><tr>{cells[2]}</tr></table>"
    assert themes(f"<h3>Key themes</h3>{table}") == [*EXPECTED, ("Mills", "why they turn")]


@pytest.mark.parametrize("label", ["Theme {}: ", "Topic #{} – ", "Takeaway {}. ", "Thema {}: "])
def test_the_word_for_themes_with_a_number_is_no_part_of_a_title(label: str) -> None:
    """ "Theme 1: Dams" under "Key themes" is the theme "Dams", and no other section."""
    listed = "".join(
        f"<h4>{label.format(i + 1)}{title}</h4><p>{text}</p>" for i, (title, text) in enumerate(EXPECTED)
    )
    assert themes(f"<h2>Key themes</h2>{listed}") == EXPECTED


def test_another_word_with_a_number_is_a_title() -> None:
    """ "Article 7: assembly" is what it is about."""
    html = "<h2>Key themes</h2><ul><li>Article 7: assembly</li><li>Article 9: belief</li></ul>"
    assert themes(html) == [("Article 7", "assembly"), ("Article 9", "belief")]


def test_hashtags_are_themes_each() -> None:
    """On the line of the heading, and on their own; one alone is a title that begins so."""
    expected = [("dams", ""), ("walls", ""), ("mills", "")]
    assert themes("<p><b>Themes:</b> #dams #walls #mills</p>") == expected
    assert themes("<h3>Key themes</h3><p>#dams #walls #mills</p>") == expected


def test_a_description_may_have_several_paragraphs() -> None:
    """Where more titles follow that are set alike; of the last theme the first paragraph is certain."""
    html = (
        "<p><b>Key themes</b></p><p><b>Dams</b></p><p>Why they break.</p><p>And when.</p>"
        "<p><b>Walls</b></p><p>Why they stand.</p><p>We met in the mill, and it rained until we left.</p>"
    )
    assert themes(html) == [("Dams", "Why they break. And when."), ("Walls", "Why they stand.")]


def test_a_chapter_under_a_theme_is_no_description() -> None:
    """Beyond sixty words it is the post itself."""
    chapter = "<p>The keeper took us up to the wall and counted the stones aloud for us, one by one.</p>" * 8
    html = f"<h2>Key themes</h2><h3>Dams</h3>{chapter}<h3>Walls</h3><p>Why they stand.</p>"
    title, description = themes(html)[0]
    assert title == "Dams"
    assert len(description.split()) <= 60


@pytest.mark.parametrize(
    "html",
    [
        "<p>" + "#a " * 33_000 + "</p>",
        "<p>" + "Theme 1 " * 12_000 + "</p>",
        "<p><b>Dams</b></p>" + "<p>why</p>" * 9_000 + "<p><b>Walls</b></p>",
        "<table>" + "<tr><td><b>a</b></td><td><b>b</b></td></tr>" * 2_500 + "</table>",
        "<table><tr>" + "<td><b>a</b></td>" * 6_000 + "</tr></table>",
    ],
)
def test_hostile_lists_of_themes_are_read_in_linear_time(html: str) -> None:
    """100 KB of hashtags, labels and bold cells take less than two seconds of a slow machine."""
    with effort() as spent:
        assert len(themes(f"<h2>Key themes</h2>{html}")) <= 50
    assert spent.seconds < 2
