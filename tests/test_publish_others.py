"""Of others' posts only title, a capped excerpt and capped quotes are published; the rest of a text stays with us."""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from installation import NOW, BlogPost, Place, installed

EXCERPT = 80  # words of a post in one run, at most: two or three lines
SENTENCES = 300


class LongPost(BlogPost):
    """A post of 3,600 words in sentences that are all different, with three quotations in its prose and a picture."""

    @property
    def html(self) -> str:
        paragraphs = (
            f"<p>{' '.join(map(_sentence, range(at, at + 10)))}</p>" for at in range(0, SENTENCES, 10)
        )
        said = "".join(f"<p>“{_quote(number)}”, said Ines Varga.</p>" for number in range(3))
        return f'<p><img src="https://hollin.test/mill.png" alt="The mill">{"".join(paragraphs)}{said}</p>'


def _sentence(number: int) -> str:
    return f"The water of well{number} went past mill{number} and gate{number} to the river{number} of the valley."


def _quote(number: int) -> str:
    return f"Nobody asked voice{number} about the water that we lost in year{number} and the next."


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.posts.append(LongPost("weir", NOW))
        place.subscribe("ada@example.org")
        yield place


def published(here: Place) -> dict[str, str]:
    """The words of every document of the tree and of the mail, by name."""
    found = {path: _unpacked(path, data) for path, (data, _) in here.tree().items()}
    for message in here.inbox.messages:
        found["mail"] = message.data.decode().replace("=\r\n", "")
    return {name: html.unescape(re.sub(r"<[^>]*>", " ", said)) for name, said in found.items()}


def _unpacked(path: str, data: bytes) -> str:
    if path.endswith(".gz"):
        data = gzip.decompress(data)
    if path.endswith(".br"):
        data = brotli.decompress(data)
    return html.unescape(data.decode(errors="replace"))


def test_no_published_document_has_more_of_a_text_than_its_excerpt_and_quotes(here: Place) -> None:
    """Pages, every feed, compressed files, lists, the search and the mail."""
    issue = here.published()
    here.done("send", issue)
    documents = published(here)
    assert {"weekly/atom.xml", "weekly/feed.json.br", "mail"} <= documents.keys()
    for name, said in documents.items():
        numbers = set(map(int, re.findall(r"\bwell(\d+)", said)))
        assert len(numbers) * 15 <= EXCERPT, name
        assert len(set(re.findall(r"\bvoice\d", said))) <= 2, name
        assert "mill.png" not in said, name
    assert "well0" in documents[f"{issue}/index.html"]


def test_a_source_may_be_given_less(here: Place) -> None:
    """As its settings say: fewer words, fewer quotes."""
    here.configure(sources="excerpt_words = 10\nquotes = 0")
    issue = here.published()
    page = published(here)[f"{issue}/index.html"]
    assert ("well0" in page, "well1" in page, "voice" in page) == (True, False, False)


def test_the_whole_text_is_kept_to_check_quotes_against(here: Place) -> None:
    """Kept is not published."""
    issue = here.published()
    shown = here.done("show", issue, "--json").data["document"]
    said = [printed["quote"]["text"] for printed in shown["groups"][0]["picks"][0]["quotes"]]  # type: ignore[index]
    assert said
    assert all(text in [_quote(number) for number in range(3)] for text in said)
