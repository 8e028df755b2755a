"""Lists of subscriptions: read with care, written so that others and we read them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.collect.opml import LARGEST, MOST, Outline, Subscriptions, read_opml, write_opml
from digest.errors import ParseError
from effort import effort

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def read(body: str) -> Subscriptions:
    """What a list with this body names."""
    return read_opml(f'<opml version="2.0"><head/><body>\n{body}\n</body></opml>'.encode(), "list.opml")


def urls(body: str) -> list[str]:
    return [outline.url for outline in read(body).outlines]


def test_folders_are_opened_to_any_depth() -> None:
    """What is in them is followed, and labelled with the way to it."""
    body = (
        '<outline text="Coast"><outline text="Boats"><outline text="Quay" type="rss" xmlUrl="https://a.example/f"/>'
        '</outline><outline text="Nets" type="rss" xmlUrl="https://b.example/f"/></outline><outline text="Empty"/>'
    )
    assert read(body) == Subscriptions(
        (
            Outline("https://a.example/f", "Quay", labels=("Coast/Boats",)),
            Outline("https://b.example/f", "Nets", labels=("Coast",)),
        )
    )


def test_categories_are_labels_too() -> None:
    """As OPML 2.0 writes them; the folder comes first, and each counts once."""
    body = (
        '<outline text="Coast"><outline text="Quay" xmlUrl="https://a.example/f" category="/Harbour/Old, tides,/Coast"/>'
        '</outline><outline text="Nets" xmlUrl="https://b.example/f" category=",/"/>'
    )
    assert [outline.labels for outline in read(body).outlines] == [("Coast", "Harbour/Old", "tides"), ()]


def test_what_was_in_a_folder_is_written_into_it() -> None:
    """Folders in folders, one for all that is in it, and further labels as categories."""
    outlines = (
        Outline("https://a.example/f", "Quay", labels=("Coast/Boats", "slow", "Harbour/Old")),
        Outline("https://b.example/f", "Nets", labels=("Coast",)),
        Outline("https://c.example/f", "Buoy", labels=("Coast/Boats",)),
        Outline("https://d.example/f", "Fog"),
    )
    text = write_opml(outlines, "What is followed", NOW)
    assert [
        each.get("text") for each in ElementTree.fromstring(text).findall(".//outline[@text='Boats']/*")
    ] == [
        "Quay",
        "Buoy",
    ]
    back = read_opml(text.encode(), "list.opml").outlines
    assert sorted(back, key=lambda outline: outline.url) == list(outlines)


def test_folders_without_end_take_no_time() -> None:
    """Ten thousand outlines, two hundred folders deep."""
    body = '<outline text="x">' * 200
    body += "".join(f'<outline xmlUrl="https://{number}.example/f"/>' for number in range(10_000))
    with effort() as spent:
        assert len(read(body + "</outline>" * 200).outlines) == MOST
    assert spent.seconds < 5


def test_names_are_read_however_they_are_written() -> None:
    """Case of letters, feed:, no type, a title beside the text, addresses of YouTube."""
    body = (
        '<outline TEXT="a" xmlURL="https://a.example/f"/><outline title="b" xmlurl="feed://b.example/f"/>'
        '<outline text="t" title="C &amp; c" xmlUrl=" https://c.example/f?a=1&amp;b=2 " htmlUrl="https://c.example/"/>'
    )
    assert read(body).outlines == (
        Outline("https://a.example/f", "a"),
        Outline("http://b.example/f", "b"),
        Outline("https://c.example/f?a=1&b=2", "C & c", "https://c.example/"),
    )


def test_a_source_that_stands_there_twice_is_one() -> None:
    """Also in other words; the first outline is meant."""
    found = read(
        '<outline text="A" xmlUrl="https://a.example/f"/><outline text="B" xmlUrl="HTTPS://A.example:443/f#top"/>'
    )
    assert found == Subscriptions((Outline("https://a.example/f", "A"),), repeated=1)


def test_what_cannot_be_followed_is_told_by_line_and_name_and_the_rest_kept() -> None:
    """One sentence for each, short however long the file makes it."""
    found = read(
        '<outline text="Script" type="rss" xmlUrl="javascript:alert(1)"/>\n'
        '<outline text="Lost" type="rss"/>\n'
        '<outline text="Others" type="include" url="https://a.example/more.opml"/>\n'
        f'<outline type="rss" xmlUrl="gopher://{"x" * 500}"/>\n'
        '<outline text="Good" xmlUrl="https://a.example/f"/>'
    )
    assert [outline.title for outline in found.outlines] == ["Good"]
    assert found.refused[:3] == (
        "line 2: “Script”: javascript:alert(1) is no http:// or https:// address.",
        "line 3: “Lost”: it has no address (xmlUrl).",
        "line 4: “Others”: it names another list, https://a.example/more.opml; import that one by itself.",
    )
    assert found.refused[3].startswith("line 5: gopher://xxx")
    assert len(found.refused[3]) < 150


def test_a_broken_file_is_read_as_far_as_it_goes() -> None:
    """A bare ampersand is mended; where the XML breaks off, that is said."""
    assert urls('<outline text="Nets & nuts" xmlUrl="https://a.example/f?a=1&b=2"/>') == [
        "https://a.example/f?a=1&b=2"
    ]
    cut = b'<opml><body><outline xmlUrl="https://a.example/f"/>\n<outline xmlUrl="https://b.exa'
    found = read_opml(cut, "list.opml")
    assert [outline.url for outline in found.outlines] == ["https://a.example/f"]
    (why,) = found.refused
    assert why.startswith("line 2: the file is broken here")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is no OPML file"),
        (b"not xml at all", "is no OPML file"),
        (b"<rss version='2.0'/>", "is no OPML file"),
        (b"<!doctype html><html><body>Sign in</body></html>", "is no OPML file"),
        (b"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml><body/></opml>", "declares entities"),
        (b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/hosts">]><opml>&x;</opml>', "declares entities"),
        (b" " * (LARGEST + 1), "is too large"),
    ],
    ids=["empty", "text", "feed", "page", "entities", "outside", "large"],
)
def test_what_is_no_list_is_refused(body: bytes, why: str) -> None:
    """With the name of the file, and nothing looked up outside it."""
    with pytest.raises(ParseError, match=why) as caught:
        read_opml(body, "list.opml")
    assert "list.opml" in str(caught.value)


def test_a_list_without_end_is_cut() -> None:
    """At ten thousand sources, and says so."""
    found = read("".join(f'<outline xmlUrl="https://a.example/{number}"/>' for number in range(MOST + 5)))
    assert len(found.outlines) == MOST
    assert "only the first 10,000" in found.refused[0]


def test_an_export_is_opml_2() -> None:
    """Every outline has its text, type and address, as the specification wants; titles are escaped."""
    text = write_opml(
        [Outline("https://a.example/f?a=1&b=<2>", 'Quay "&" <Co>', "https://a.example/")],
        "Ours & theirs",
        NOW,
    )
    root = ElementTree.fromstring(text.encode())
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/title") == "Ours & theirs"
    assert root.findtext("head/dateCreated") == "Fri, 20 Nov 2026 08:00:00 +0000"
    (outline,) = root.findall("body/outline")
    assert outline.attrib == {
        "type": "rss",
        "text": 'Quay "&" <Co>',
        "title": 'Quay "&" <Co>',
        "xmlUrl": "https://a.example/f?a=1&b=<2>",
        "htmlUrl": "https://a.example/",
    }


def test_what_digest_alone_knows_has_a_namespace() -> None:
    """So that other programs pass over it, and we read it back."""
    ours = Outline("https://a.example/f", "Quay", "", {"slug": "quay", "own": "true"})
    text = write_opml([ours], "Ours", NOW)
    assert 'digest:slug="quay"' in text
    assert read_opml(text.encode(), "list.opml").outlines == (ours,)


def test_a_source_without_a_title_is_named_by_its_address() -> None:
    """The text of an outline is required; read back, an address is no title."""
    text = write_opml([Outline("https://a.example/f")], "Ours", NOW)
    assert 'text="https://a.example/f"' in text
    assert read_opml(text.encode(), "list.opml").outlines == (Outline("https://a.example/f"),)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_title_survives_the_way_out_and_back(title: str, name: str) -> None:
    """As normalised text; whatever XML cannot hold is gone before."""
    text = write_opml([Outline("https://a.example/f", title)], name, NOW)
    (back,) = read_opml(text.encode(), "list.opml").outlines
    again = write_opml([back], name, NOW)
    assert again == text


@given(st.binary(max_size=300))
def test_no_bytes_make_a_list_raise_anything_but_its_own_error(body: bytes) -> None:
    """Nor do they look like a list by chance."""
    for whole in (body, b"<opml><body><outline xmlUrl='https://a.example/" + body + b"'/></body></opml>"):
        with suppress(ParseError):
            read_opml(whole, "list.opml")
