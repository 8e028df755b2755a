"""collect/pagewords.py: the words by which parts of web pages are known, and the files that they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.collect.page import read_page
from digest.collect.pagewords import NO_WORDS, PageWords
from digest.errors import TemplateError
from digest.resources import Resources

SHIPPED = PageWords.merge(Resources().pages())


@pytest.mark.parametrize(
    "text",
    [
        "Next",
        "← Older posts",
        "« précédente",
        "Nächster Beitrag",
        "Önceki yazı",
        "Следующая",
        "‹ بعدی",
        "Volgende:",
    ],
)
def test_links_to_the_next_post_are_known_by_how_they_begin(text: str) -> None:
    """In the languages of the files, whatever arrow stands before."""
    assert SHIPPED.opens_pager(text)


@pytest.mark.parametrize("text", ["Nextcloud", "The next day", "Oldest", "←", "", "Nachbar"])
def test_other_links_are_not(text: str) -> None:
    """A word counts whole, unless its file says that a beginning is enough."""
    assert not SHIPPED.opens_pager(text)


@pytest.mark.parametrize(
    ("byline", "name"),
    [
        ("By Tomas Brandt", "Tomas Brandt"),
        ("von: Mira Halden", "Mira Halden"),
        ("نوشتهٔ Mira", "Mira"),
        ("Byron Halden", "Byron Halden"),
        ("By", "By"),
        ("", ""),
    ],
)
def test_a_name_stands_without_its_by(byline: str, name: str) -> None:
    """But a name that begins alike is a name."""
    assert SHIPPED.name(byline) == name


@pytest.mark.parametrize(
    "text",
    [
        "5 min read",
        "Riproduzione riservata",
        "Lesedauer: 4 Minuten",
        "© All rights reserved.",
        "7 دقیقه مطالعه",
    ],
)
def test_short_lines_about_the_page_are_no_text(text: str) -> None:
    """How long it takes to read, whose rights are reserved; a sentence that mentions it is text."""
    assert SHIPPED.is_notice(text)
    assert not SHIPPED.is_notice(
        f"The keeper told us that his sign says “{text}”, and that nobody has ever read it."
    )
    page = f"<article><p>{'The keeper of the mill spoke. ' * 9}</p><div><span>{text}</span></div></article>"
    assert text not in read_page(page.encode(), "https://x.example/a", SHIPPED).text


def test_without_words_a_page_is_read_by_its_structure() -> None:
    """And nothing is taken for a link to another post."""
    assert not NO_WORDS.opens_pager("Next")
    page = b'<article><p>%s</p><p><a href="/b">Next</a></p></article>' % (
        b"The weir was mended by three brothers. " * 9
    )
    assert read_page(page, "https://elm.example.org/a").text.endswith("Next")
    assert read_page(page, "https://elm.example.org/a", SHIPPED).text.endswith("brothers.")


def test_a_language_is_added_by_a_file(tmp_path: Path) -> None:
    """In the folder of one's own templates, beside ours."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "eo.toml").write_text('pager = ["Sekv*"]\nby = ["de"]\n', encoding="utf-8")
    words = PageWords.merge(Resources(tmp_path).pages())
    assert words.opens_pager("sekva afiŝo")
    assert words.opens_pager("Next")
    assert words.name("de Mira Halden") == "Mira Halden"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"pagers": []}, "pagers is unknown"),
        ({"by": "von"}, "by must be a list"),
        ({"pager": [1]}, "pager must be a list"),
    ],
)
def test_a_mistake_in_a_file_names_it(said: dict[str, object], complaint: str) -> None:
    """With what is wrong in it."""
    with pytest.raises(TemplateError, match=f"^templates/pages/eo.toml: {complaint}"):
        PageWords.merge({"eo": said})
