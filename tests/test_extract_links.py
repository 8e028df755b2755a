"""A quote's link leads a real browser to its words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

import loopback
from digest.extract.reading import read
from digest.extract.words import Words
from digest.resources import Resources
from digest.text.html import sanitise

pytestmark = pytest.mark.browser

WORDS = Words.merge(Resources().words())
FILLER = "<p>The meeting went on.</p>" * 60

POSTS = {
    "en": [
        "<p>“We kept the books open because nobody had told us that they could be closed,” said Ines Varga.</p>",
        "<p>“We stay,” said Tom Lund. Nobody asked him why.</p>",
        "<p>Later Ines Varga was asked again. She said: “We stay, and we pay for it.”</p>",
        "<p>“The wall is old,” she said, “and so-called experts, 40 % of them, know it & say nothing.”</p>",
    ],
    "de": ["<p>„Wir haben dreimal gefragt, und dreimal war niemand da“, sagte Ines Varga in der Mühle.</p>"],
    "fr": ["<p>« Nous n’avons rien demandé, dit Ines Varga, et nous n’avons rien reçu. »</p>"],
    "fa": ["<p>اینس ورگا گفت: «ما سه بار پرسیدیم و هر سه بار هیچ کس در آسیاب نبود.»</p>"],
}


@pytest.mark.parametrize("language", POSTS)
def test_the_link_of_a_quotation_in_prose_scrolls_to_it(browser: Browser, language: str) -> None:
    """In several languages; also of words that stand earlier in the post, too, and of interrupted ones."""
    body = FILLER + FILLER.join(POSTS[language]) + FILLER
    page = f"<!doctype html><html lang={language}><meta charset=utf-8><title>T</title><body>{body}"

    def answer(request: loopback.Request) -> None:
        request.send(loopback.response(page.encode(), content_type="text/html; charset=utf-8"))

    with loopback.serve(answer) as server:
        url = server.url("/post")
        safe = sanitise(body, url)
        quotes = read(safe, url=url, title="T", language=language, summary="", words=WORDS).quotes
        assert len(quotes) == len(POSTS[language])
        for quote in quotes:
            assert quote.text.split(" […] ")[0] in shown(browser, quote.link), quote.link


def shown(browser: Browser, link: str) -> str:
    """The words that stand in the window after a link was followed, without their marks' spaces."""
    with browser.new_context(viewport={"width": 800, "height": 400}) as context:
        page = context.new_page()
        page.goto(link)
        page.wait_for_function("window.scrollY > 0", timeout=5_000)
        text: str = page.evaluate(
            """[...document.querySelectorAll('p')].filter(p => {
                const box = p.getBoundingClientRect();
                return box.bottom > 0 && box.top < innerHeight;
            }).map(p => p.textContent).join(' ')"""
        )
    return " ".join(text.split())
