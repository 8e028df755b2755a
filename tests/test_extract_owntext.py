"""Which lines of a post are its own, however much stands around and between them."""

from __future__ import annotations

from digest.extract.listed.sections import outline
from digest.extract.owntext import apart, prose
from digest.extract.words import Words
from digest.resources import Resources
from digest.text.html import document, sanitise

WORDS = Words.merge(Resources().words())
LEAD = "The council of Ostby met for three hours on Monday evening to decide about the dam and the meadow."
MORE = "The meeting went on, and nobody left the hall."
LINK = "<a href='https://x.example/1'>The old dam</a>"


def own(html: str) -> list[str]:
    """The lines of a post's own text."""
    page = document(sanitise(html, "https://x.example/p"))
    return list(prose(outline(page, WORDS, "en")))


def test_what_stands_below_the_text_is_apart() -> None:
    """Comments under a heading, a list of links, a share bar."""
    for below in (
        "<h3>Comments</h3><p>I was there, too, and it was late.</p>",
        f"<p><b>Related posts</b></p><p>{LINK}</p>",
        f"<h4>Related posts</h4><ul><li>{LINK} A short excerpt.</li></ul>",
    ):
        assert own(f"<p>{LEAD}</p><p>{MORE}</p>{below}") == [LEAD, MORE], below


def test_the_text_goes_on_behind_a_box_in_it() -> None:
    """In the same markup as before; what the box holds stays in the box."""
    for between in (
        "<p>Advertisement</p>",
        f"<p><b>Read also:</b> {LINK}</p>",
        "<div><h3>Subscribe to our newsletter</h3><p>Once a week.</p></div>",
    ):
        found = own(f"<p>{LEAD}</p>{between}<p>{MORE}</p>")
        assert (found[0], found[-1]) == (LEAD, MORE), between
        assert "Once a week." not in found


def test_a_share_bar_above_the_text_puts_nothing_apart() -> None:
    """The text has not begun yet."""
    page = document(sanitise(f"<p>Share this</p><p>{LEAD}</p>", "https://x.example/p"))
    assert apart(outline(page, WORDS, "en")) == frozenset()
