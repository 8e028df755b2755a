"""text/document.py: the plain text of a post, its lines, and what is bold or linked in them."""

from __future__ import annotations

from digest.text.html import Line, document, plain, sanitise


def lines(html: str) -> list[tuple[str, str]]:
    """(tag, words) of each line."""
    found = document(sanitise(html))
    return [(line.tag, found.words(line)) for line in found.lines]


def line(html: str) -> tuple[Line, str]:
    """The only line, and its words."""
    found = document(sanitise(html))
    (only,) = found.lines
    return only, found.words(only)


def test_blocks_are_parted_by_a_blank_line_and_their_lines_are_not() -> None:
    """Paragraphs stand apart, lines of one paragraph, list or table together."""
    html = "<h2>Title</h2><p>one<br>two</p><ul><li>a<li>b</ul><table><tr><td>c</td><td>d</td></tr></table><p>end</p>"
    assert plain(sanitise(html)) == "Title\n\none\ntwo\n\na\nb\n\nc\nd\n\nend"


def test_whitespace_is_what_a_browser_shows() -> None:
    """Runs of it are one space, also across tags and no-break spaces; none is at the ends of a line."""
    assert plain("<p>\n  a\t<b> b</b>\u00a0 <i>c </i> d\n</p>") == "a b c d"
    assert plain("<p>un<b>broken</b></p>") == "unbroken"


def test_a_line_knows_its_element_and_its_ancestors() -> None:
    """The nearest block names it, the path holds them all, and lists count its depth."""
    found = document("<blockquote><ul><li><p>x</p><ol><li>y</li></ol></li></ul></blockquote>")
    assert [(line.tag, line.depth) for line in found.lines] == [("p", 1), ("li", 2)]
    assert found.lines[0].path == ("blockquote", "ul", "li", "p")


def test_lines_of_one_block_share_its_number() -> None:
    """A single <br> stays in the block; an empty line, which is how some editors part paragraphs, begins another."""
    found = document(sanitise("<div>a<br>b<br><br>c<br>\u00a0<br>d</div><div>e</div>"))
    blocks = [line.block for line in found.lines]
    assert blocks[0] == blocks[1]
    assert len(set(blocks)) == 4
    assert found.text == "a\nb\n\nc\n\nd\n\ne"


def test_text_outside_of_any_block_is_a_line_too() -> None:
    """Posts without a paragraph exist; their text has no tag."""
    assert lines("bare<p>para</p>text") == [("", "bare"), ("p", "para"), ("", "text")]


def test_bold_and_italic_of_whole_lines_and_of_runs() -> None:
    """Adjacent runs are one; the whole line is bold when all its words are."""
    only, words = line("<p><b>Key</b> <strong>Themes</strong></p>")
    assert (only.bold, only.italic, only.bolds) == (True, False, ((0, len(words)),))
    only, words = line("<p><b>Water:</b> it is <i>ours</i></p>")
    assert not only.bold
    assert [words[start:end] for start, end in (*only.bolds, *only.italics)] == ["Water:", "ours"]


def test_citations_and_inline_quotations_are_marked() -> None:
    """<cite> and <q> may name a speaker or hold the words."""
    only, words = line("<p><q>We stay</q>, said <cite>Mira Halden</cite></p>")
    assert [words[start:end] for start, end in only.quotes] == ["We stay"]
    assert [words[start:end] for start, end in only.cites] == ["Mira Halden"]


def test_a_footer_in_a_quotation_is_a_line_of_its_own() -> None:
    """That is where quotations are signed."""
    assert lines("<blockquote>We stay.<footer>— Mira Halden</footer></blockquote>") == [
        ("blockquote", "We stay."),
        ("footer", "— Mira Halden"),
    ]


def test_links_have_offsets_into_the_text() -> None:
    """Their words, without the spaces around them; a link over two lines is one anchor in each."""
    html = '<p>See <a href="https://example.org/a"> the <b>dam</b> </a> and <a href="https://example.org/b">the<br>river</a></p>'
    found = document(html)
    assert [(found.text[anchor.start : anchor.end], anchor.url[-1]) for anchor in found.anchors] == [
        ("the dam", "a"),
        ("the", "b"),
        ("river", "b"),
    ]
    assert found.text == "See the dam and the\nriver"


def test_a_link_without_words_has_a_place() -> None:
    """A player alone makes an empty line after the text before it; a linked picture in a line has its position."""
    found = document(
        '<p>One</p><a href="https://youtu.be/x" title="T"></a><p>a <a href="https://e.example/"><img></a> b</p>'
    )
    player, picture = found.anchors
    assert (player.start, player.end, player.title) == (3, 3, "T")
    assert [line.tag for line in found.lines] == ["p", "", "p"]
    assert (picture.start, found.text[picture.start :]) == (6, " b")


def test_an_anchor_without_an_address_is_no_link() -> None:
    """<a name> marks a place."""
    assert document('<p><a name="x">words</a></p>').anchors == ()


def test_preformatted_text_keeps_its_lines() -> None:
    """One line object holds it, indentation and all."""
    only, words = line("<pre>\nif a:\n    b\n</pre>")
    assert (only.tag, words) == ("pre", "if a:\n    b")


def test_a_rule_is_an_empty_line() -> None:
    """It ends what stands before it."""
    assert lines("<p>a</p><hr><p>b</p>") == [("p", "a"), ("hr", ""), ("p", "b")]


def test_offsets_are_code_points() -> None:
    """Characters beyond the basic plane count as one."""
    found = document('<p>👩\u200d🚀 <a href="https://example.org/">flies</a></p>')
    (anchor,) = found.anchors
    assert found.text[anchor.start : anchor.end] == "flies"


def test_any_text_can_be_read() -> None:
    """What is not HTML as the sanitiser writes it is still read, as well as may be."""
    assert plain("1 < 2 </p> <b") == "1 < 2 <b"


def test_irregular_markup_is_read_like_its_tree() -> None:
    """A stray end is nothing, an end closes what is open inside it, and what is too deep stays in its parent."""
    assert plain("<p>a</b> b</p></div><p>c") == "a b\n\nc"
    found = document("<div><b>bold <i>both</div>plain")
    assert [(line.bold, found.words(line)) for line in found.lines] == [(True, "bold both"), (False, "plain")]
    deep = document("<div>" * 150 + "x" + "</div>" * 150 + "<p>y</p>")
    assert [len(line.path) for line in deep.lines] == [100, 1]


def test_blocks_of_nothing_but_words_are_read_like_others() -> None:
    """Whether the words are clean, hold references, or stand in what is bold, linked or preformatted."""
    for inside in ("a b", " a\n b ", "a&#32;b", "a\u00ad b", "<i></i>a b"):
        found = document(f"<div><p>{inside}</p><ul><li>{inside}</li></ul></div>")
        assert found.text == "a b\n\na b"
        assert [(line.tag, line.path, line.depth) for line in found.lines] == [
            ("p", ("div", "p"), 0),
            ("li", ("div", "ul", "li"), 1),
        ]
    only, words = line('<a href="https://example.org/"><h3>The dam</h3></a>')
    assert (words, only.tag, [anchor.url for anchor in only.anchors]) == (
        "The dam",
        "h3",
        ["https://example.org/"],
    )
    assert line("<b><div>The dam</div></b>")[0].bold


def test_an_empty_block_is_no_line() -> None:
    """It parts the lines around it."""
    assert lines("<p></p><p> </p><p>&nbsp;</p><p>a</p>") == [("p", "a")]
    assert plain("<div>a<p></p>b</div>") == "a\nb"
