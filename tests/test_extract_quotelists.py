"""Key quotes as posts list them: whose they are, where signatures stand, and what is none."""

from __future__ import annotations

import pytest

from digest.extract.reading import read
from digest.text.html import sanitise
from effort import effort
from small_posts import DAM, URL, WALL, WORDS, posts, quotes

BOTH = [("Mira Halden", DAM, ()), ("Jo Brask", WALL, ())]


@pytest.mark.parametrize(
    "one",
    [
        "<p>“{words}” {name}</p>",
        "<p>“{words}” {name}, engineer</p>",
        "<p>“{words}” <small>{name}, engineer</small></p>",
        "<p>“{words}” <em>{name}</em></p>",
        "<p>“{words}” | {name}</p>",
        "<p>“{words}” ~ {name}</p>",
        "<p>“{words}”</p><p><em>{name}, engineer</em></p>",
        "<p>“{words}”</p><p style='text-align:right'>{name}</p>",
        "<p>“{words}”</p><p><small>{name}, engineer</small></p>",
        "<blockquote>{words}</blockquote><p>{name}, engineer</p>",
        "<blockquote>{words}<br>{name}</blockquote>",
        "<div class='card'><div>{words}</div><div>— <strong>{name}</strong>, engineer</div></div>",
        "<div><div>“{words}”</div><div><b>{name}</b></div><div>engineer</div></div>",
        "<table><tr><td>{words}<br><em>— {name}, engineer</em></td></tr></table>",
        "<table><tr><td>{words}</td><td>{name}</td></tr></table>",
        "<table><tr><td>{name}</td><td>{words}</td><td>engineer</td></tr></table>",
        "<table><tr><th>{name}</th><td>“{words}”</td></tr></table>",
        "<dl><dt>{name}</dt><dd>“{words}”</dd></dl>",
        "<p><b>{name}</b><br>“{words}”</p>",
        "<p><b>{name}, engineer</b></p><blockquote>{words}</blockquote>",
        "<p><b>{name}:</b> {words}</p>",
        "<ul><li>{name}: {words}</li></ul>",
        "<p>{name} (engineer): “{words}”</p>",
        "<ul><li>{words} ({name})</li></ul>",
    ],
)
def test_wherever_the_name_stands(one: str) -> None:
    """Behind, below, before, over, beside; with a dash or without; with a role or without."""
    html = one.format(words=DAM, name="Mira Halden") + one.format(words=WALL, name="Jo Brask")
    assert quotes(f"<h3>Key quotes</h3>{html}") == BOTH


def test_names_that_the_post_does_not_use_are_names_beside_one_that_it_uses() -> None:
    """Lines that are set alike say things alike."""
    html = "<h3>Key quotes</h3>" + "".join(
        f"<p><b>{name}</b></p><p>“{words}”</p>"
        for name, words in (("Mira Halden", DAM), ("Tamsin Ovey", WALL))
    )
    assert quotes(html) == [("Mira Halden", DAM, ()), ("Tamsin Ovey", WALL, ())]


def test_topics_in_capitals_are_topics_where_the_heading_names_the_speaker() -> None:
    """Before the quotation as on lines of their own."""
    html = f"<h3>Key quotes of Mira Halden</h3><ul><li><b>Press Freedom:</b> “{DAM}”</li></ul>"
    assert quotes(html) == [("Mira Halden", DAM, ("Press Freedom",))]


def test_german_topics_are_no_people() -> None:
    """An article or an "and" in them tells, though all nouns have capitals."""
    html = f"<h3>Wichtige Zitate</h3><p><b>Der Hafen</b></p><p>„{DAM}“</p><p><b>Geld und Boote</b></p><p>„{WALL}“</p>"
    assert quotes(html, language="de") == [("", DAM, ("Der Hafen",)), ("", WALL, ("Geld und Boote",))]


def test_a_script_without_capitals_has_names_too() -> None:
    """A few words that the post uses elsewhere, or that stand beside a quotation."""
    html = (
        "<p>تحدث مراد ستروب مساء الثلاثاء في بلدية أوده عن الميناء.</p><h3>أبرز الاقتباسات</h3>"
        "<p>قال مراد ستروب: «الصمت بند في الميزانية.»</p><p>«المد يكتب المحاضر.» — مراد ستروب</p>"
    )
    assert [speaker for speaker, _, _ in quotes(html, language="ar")] == ["مراد ستروب", "مراد ستروب"]


@pytest.mark.parametrize(
    "one",
    [
        "<p><span>“</span>{words}<span>”</span></p>",
        "<table><tr><td>“</td><td>{words}</td><td>”</td></tr></table>",
        "<div><div>“</div><div>{words}</div><div>”</div></div>",
        "<blockquote><div>“</div><p>{words}</p></blockquote>",
    ],
)
def test_marks_in_elements_of_their_own(one: str) -> None:
    """As wikis and themes set them; what follows the last of them is no quotation."""
    html = one.format(words=DAM) + one.format(words=WALL)
    assert quotes(f"<h3>Key quotes</h3>{html}<p>The evening ended at nine with soup.</p>") == [
        ("", DAM, ()),
        ("", WALL, ()),
    ]


def test_blockquotes_in_one_item_are_quotations_each() -> None:
    """And paragraphs in one blockquote are one."""
    html = (
        f"<h3>Key quotes</h3><ul><li><blockquote>{DAM}</blockquote><blockquote>{WALL}</blockquote></li></ul>"
    )
    assert quotes(html) == [("", DAM, ()), ("", WALL, ())]
    html = f"<h3>Key quotes</h3><blockquote><p>{DAM}</p><p>{WALL}</p></blockquote>"
    assert quotes(html) == [("", f"{DAM} {WALL}", ())]


def test_a_time_or_a_page_behind_a_quotation_is_no_signature() -> None:
    """Nor is a footnote."""
    html = f"<h3>Key quotes of Mira Halden</h3><p>“{DAM}” (12:30)</p><p>“{WALL}” <sup>[1]</sup></p>"
    assert quotes(html) == [("Mira Halden", DAM, ()), ("Mira Halden", WALL, ())]


def test_sentences_around_signed_cards_are_none() -> None:
    """Where quotations without marks are in cards, a plain sentence is prose."""
    card = "<div><div>{0}</div><div>— {1}, engineer</div></div>"
    html = f"<h3>Key quotes</h3><p>Here they are.</p>{card.format(DAM, 'Mira Halden')}{card.format(WALL, 'Jo Brask')}<p>It ended at nine.</p>"
    assert quotes(html) == BOTH


@pytest.mark.parametrize(
    "item",
    [
        "<li>{t} <a href='{u}'>Read more</a></li>",
        "<li><a href='{u}'><b>The</b></a> <a href='{u}'>dam at night</a></li>",
        "<div class='card'><h4>{t}</h4><p>It was late, and the water stood at the second step already.</p><a href='{u}'>Read more</a></div>",
        "<dt><a href='{u}'>{t}</a></dt><dd>What the keeper saw.</dd>",
        "<figure><a href='{u}'><div><div>{t}</div></div></a></figure>",
        "<p>3 May – <a href='{u}'>{t}</a></p>",
        "<tr><td>1</td><td><a href='{u}'>{t}</a></td></tr>",
        "<div class='card'><h4><a href='{u}'>{t}</a></h4><p>It was late, and the water stood at the second step already, "
        "and nobody had thought of calling the keeper, who slept in the mill and heard nothing of it at all.</p></div>",
    ],
)
def test_a_related_post_has_its_title_and_nothing_else(item: str) -> None:
    """Whatever stands beside it, and whatever the words of the link are."""
    around = (
        "<table>{}</table>" if item.startswith("<tr") else "<dl>{}</dl>" if item.startswith("<dt") else "{}"
    )
    listed = around.format(item.format(t="The dam at night", u="https://x.example/1"))
    assert posts(f"<h3>Related posts</h3>{listed}") == [("The dam at night", "https://x.example/1")]


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr>" + "<td>Ann Lee</td>" * 6_000 + "</tr></table>",
        "<p>Ann Lee</p>" * 7_000,
        "".join(f"<p>Ann Lee{i:05}: “x y z.”</p>" for i in range(3_000)),
        "<p>“</p><p>x</p>" * 6_000,
        "<p>" + "“" * 100_000 + "</p>",
        "<p>" + "Ann Lee " * 12_000 + "</p>",
        "<p><b>Ann Lee</b></p>" * 4_000,
        "<h3>Key quotes</h3>" * 5_000,
    ],
)
def test_a_hostile_list_is_read_in_linear_time(html: str) -> None:
    """100 KB of what looks like names, marks and headings take less than two seconds of a slow machine."""
    safe = sanitise(f"<h2>Key quotes</h2>{html}", URL)
    with effort() as spent:
        read(safe, url=URL, title="", language="en", summary="", words=WORDS)
    assert spent.seconds < 2
