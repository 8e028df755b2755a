"""What a mail has beside posts and quotes: videos, notes, a logo, colours, names in other scripts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markupsafe import Markup

from digest.model import Note
from digest.publish.sides import apart
from mails import links, mail, tree
from publish_samples import DIGEST, PUBLISH, issue, right_to_left, with_pictures


def test_a_video_is_a_card_with_a_picture_from_our_own_host() -> None:
    """Picture and title lead to the video; where pictures are off, a sentence stands in its place (rule 20)."""
    document = with_pictures(issue(1))
    (shown,) = document.picks[0].videos
    page = tree(mail(document))
    card = page.xpath("//table[.//a[text()='The night shift at the press, part 0']]")[-1]
    (img,) = card.iter("img")
    assert img.get("src") == f"https://feeds.example.org/pictures/{shown.picture and shown.picture.name}"
    assert (img.get("width"), img.get("height")) == ("160", "90")
    assert img.get("alt") == "Video: The night shift at the press, part 0"
    assert set(card.xpath(".//a/@href")) == {shown.video.url}
    assert "Harbour Talks" in card.text_content()


def test_a_video_without_a_picture_is_a_plain_card() -> None:
    """The still could not be had: nothing is missing but the picture."""
    plain, pictured = (tree(mail(document)) for document in (issue(4), with_pictures(issue(4))))
    assert not plain.xpath("//img")
    cards = "//table[contains(@class, 'card')]"
    assert len(plain.xpath(cards)) == len(pictured.xpath(cards))
    assert "▶" in plain.xpath("string(//td[@class='video'])")


def test_new_videos_say_what_they_are_about() -> None:
    """With their theme and the first sentence of their description, in both parts."""
    rendering = mail(issue(1))
    assert "Harbour Talks · Health" in tree(rendering).text_content()
    assert "A talk." in tree(rendering).text_content()
    assert "part 501 · Harbour Talks · Health [" in rendering.text
    assert "\n  A talk.\n" in rendering.text


def test_an_editor_s_notes_stand_where_they_belong() -> None:
    """Before all groups or at the head of one; one of a group that was not chosen is not shown."""
    document = replace(
        issue(5),
        notes=(
            Note(
                "n-1",
                "We move on Monday.\n\nCome and see.",
                "https://harbour.example.org/move",
                "The new desk",
            ),
            Note("n-2", "Schools are closed this week.", group="theme-schools"),
        ),
    )
    rendering = mail(document)
    words = tree(rendering).text_content()
    for text in (words, rendering.text):
        assert text.index("Come and see.") < text.lower().index("press freedom", text.index("The new desk"))
        assert "schools" in text.lower()[: text.index("Schools are closed")][-100:]
    assert "https://harbour.example.org/move" in links(rendering)
    chosen = mail(document, choice="elections")
    assert "Schools are closed" not in chosen.html + chosen.text
    assert "We move on Monday." in chosen.html


def test_a_logo_stands_in_the_place_of_the_title() -> None:
    """Still a heading, read aloud and shown without pictures as what it says."""
    page = tree(mail(issue(1), publish=PUBLISH.model_copy(update={"logo": "https://example.org/logo.png"})))
    (logo,) = page.xpath("//h1/img")
    assert (logo.get("src"), logo.get("alt")) == ("https://example.org/logo.png", DIGEST.title)
    assert logo.get("width") == "200"


def test_colours_and_fonts_are_settings() -> None:
    """Everywhere, also where a template of ours named them before; a colour that cannot be read is moved."""
    look = {
        "accent": "#7a1f5c",
        "accent_dark": "#ffb0e0",
        "headline_font": "Charter, serif",
        "text_font": "Verdana",
    }
    rendering = mail(issue(3), publish=PUBLISH.model_copy(update=look))
    assert "border-left:3px solid #7a1f5c" in rendering.html
    assert "#ffb0e0 !important" in rendering.html
    assert "Charter,serif" in rendering.html
    assert "Georgia" not in rendering.html
    assert "font-family:Verdana" in rendering.html
    pale = mail(issue(3), publish=PUBLISH.model_copy(update={"accent": "#ffffcc"}))
    assert "border-left:3px solid #ffffcc" not in pale.html


def test_names_that_are_read_from_the_other_side_are_kept_apart() -> None:
    """A Latin source in a Persian line would otherwise swallow the number of the day beside it."""
    page = tree(mail(right_to_left()))
    assert page.xpath("//p[@class='meta']/span[@dir='ltr'][text()='Harbour Notes']")
    assert not tree(mail(issue(3))).xpath("//body//span[@dir]")


@pytest.mark.parametrize(
    ("text", "within", "shown"),
    [
        ("Harbour Notes", "ltr", "Harbour Notes"),
        ("Harbour Notes", "rtl", '<span dir="ltr">Harbour Notes</span>'),
        ("«بندر»", "ltr", '<span dir="rtl">«بندر»</span>'),
        ("בנמל, 3", "ltr", '<span dir="rtl">בנמל, 3</span>'),
        ("12 — 2026", "rtl", "12 — 2026"),
        ("<b>", "rtl", '<span dir="ltr">&lt;b&gt;</span>'),
        (Markup('<a href="https://example.org/">بندر</a>'), "rtl", '<a href="https://example.org/">بندر</a>'),
        ("", "ltr", ""),
    ],
)
def test_a_text_says_its_side_only_where_it_is_another(text: str, within: str, shown: str) -> None:
    """By its first letter that has one, as browsers judge; markup is left as it is, text is escaped."""
    assert str(apart(text, within)) == shown
