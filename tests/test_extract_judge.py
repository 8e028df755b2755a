"""Posts and articles as somebody would try them who has not seen the rules: fresh inputs, one promise each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from digest.extract.reading import MOST_LINES, read, verbatim
from digest.extract.words import Words
from digest.model import Reading
from digest.resources import Resources
from digest.text.html import document, sanitise
from effort import effort

WORDS = Words.merge(Resources().words())
URL = "https://judge.example/post"


def reading(html: str, language: str, title: str = "") -> Reading:
    """What is read in HTML from outside; every quote is checked against its text."""
    safe = sanitise(html, URL)
    found = read(safe, url=URL, title=title, language=language, summary="", words=WORDS)
    assert all(verbatim(quote, document(safe).text) for quote in found.quotes)
    return found


def said(html: str, language: str) -> list[tuple[str, str]]:
    """Quotations with their speakers."""
    return [(quote.text, quote.speaker) for quote in reading(html, language).quotes]


# ── listed ───────────────────────────────────────────────────────────────────────────────────────


def test_a_name_in_bold_with_a_role_heads_the_list_below_it() -> None:
    """It is no signature of the quotation above."""
    html = """<h3>Key Quotes</h3>
      <p><strong>Dr. Winnifred Oakes</strong> (acoustician)</p>
      <ul><li>“At three in the morning a drill is a policy.”</li><li>“Decibels do not vote.”</li></ul>
      <p><strong>Barnaby Crouch</strong>, resident</p>
      <ul><li>“My baby knows the foreman’s voice better than mine.”</li></ul>"""
    assert said(html, "en") == [
        ("At three in the morning a drill is a policy.", "Dr. Winnifred Oakes"),
        ("Decibels do not vote.", "Dr. Winnifred Oakes"),
        ("My baby knows the foreman’s voice better than mine.", "Barnaby Crouch"),
    ]


@pytest.mark.parametrize(
    ("language", "heading", "first", "second", "topics"),
    [
        ("de", "Zitate", "Zum Handwerk", "Zum Nachwuchs", ["Handwerk", "Nachwuchs"]),
        ("en", "Key quotes", "On the trade", "On the young", ["the trade", "the young"]),
        ("fr", "Citations clés", "Sur le métier", "Sur la relève", ["le métier", "la relève"]),
        ("es", "Citas clave", "Sobre el oficio", "Sobre los jóvenes", ["el oficio", "los jóvenes"]),
    ],
)
def test_a_topic_between_two_quotations_of_one_paragraph_is_no_signature(
    language: str, heading: str, first: str, second: str, topics: list[str]
) -> None:
    """A line that begins as topics do is nobody's name, also right under a quotation."""
    html = f"<p><b>{heading}</b></p><p>{first}<br>»Eins zwei drei.«<br>{second}<br>»Vier fünf sechs.«</p>"
    found = reading(html, language).quotes
    assert [(quote.topics, quote.speaker) for quote in found] == [((topic,), "") for topic in topics]


# ── in prose ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "html", "speaker"),
    [
        (  # what follows a fronted clause is its subject, and "the company" is in that clause
            "en",
            "<p>Harrow Stone said nothing. Asked whether the company had been warned, a spokesman, who declined to"
            " be named, said: “We do not see it that way.”</p>",
            "",
        ),
        (  # a role with what it is for, before a name
            "en",
            "<p>Colm Tarry disagrees. The MP for Calder Vale, Priti Wolstenholme, will raise it on Tuesday. “I have"
            " asked three questions,” she wrote.</p>",
            "Priti Wolstenholme",
        ),
        (  # an apposition within an apposition
            "en",
            "<p>But Pettifer’s neighbour, the retired engineer Colm Tarry, said: “It leaks.”</p>",
            "Colm Tarry",
        ),
        (  # a phrase of time is none that the subject is a part of
            "en",
            "<p>At one point the author, Fenwick Adair, said: “She hated it.”</p>",
            "Fenwick Adair",
        ),
        ("de", "<p>„Noch nie“, sagt Roswitha Kallenbach zum Abschied.</p>", "Roswitha Kallenbach"),
        ("de", "<p>„Noch nie“, sagte Roswitha Kallenbach zu Journalisten.</p>", "Roswitha Kallenbach"),
        ("de", "<p>„Noch nie“, sagte Ulrike von Ahn.</p>", "Ulrike von Ahn"),
        (  # a role is no part of a name whose surname stands alone, too
            "de",
            "<p>Die Imkerin Mia Rothgeber lächelt: „Noch nie.“ Dann geht Rothgeber.</p>",
            "Mia Rothgeber",
        ),
        ("de", "<p>Seine Frau Hannelore nickt. „Noch nie“, sagt sie.</p>", "Hannelore"),
        ("de", "<p>Frau Lübbers nickt. „Noch nie“, sagt sie.</p>", "Frau Lübbers"),
        ("de", "<p>„Noch nie“, sagte der Ärztliche Direktor am Mittwoch.</p>", ""),
        (  # whoever is described by somebody else is none of those who were named
            "it",
            "<p>La sindaca Imelda Corsanego invita al dialogo.</p><p>«Mio figlio è vivo», dice la madre"
            " dell'operaio ferito.</p>",
            "",
        ),
        ("fr", "<p>« Jamais de la vie », a dit Gwendal Le Floc’h.</p>", "Gwendal Le Floc’h"),
        ("fr", "<p>« Jamais de la vie », a dit Gwendal Le Floc'hic hier.</p>", "Gwendal Le Floc'hic"),
        ("ru", "<p>«Никогда в жизни», — сказал Иван Лук’яненко.</p>", "Иван Лук’яненко"),
        (
            "nl",
            "<p>Jorrit van den Ende lacht. “Dit is uitstel”, aldus Van den Ende.</p>",
            "Jorrit van den Ende",
        ),
        (  # the verb at the end of the sentence, its subject at the beginning
            "tr",
            "<p>Köy muhtarı Satılmış Gökdere, “Bu ağaçları dedem dikti” dedi.</p>",
            "Satılmış Gökdere",
        ),
        (  # two verbs with one subject, and the first has an object
            "es",
            "<p>El alcalde, Hipólito Berruezo, lamentó la noticia y aseguró que el consistorio “hará todo lo"
            " posible por comprarlo”.</p>",
            "Hipólito Berruezo",
        ),
    ],
)
def test_the_name_on_a_quotation(language: str, html: str, speaker: str) -> None:
    """The subject of its frame by the fullest name, with nothing beside it; where that has no name, nobody."""
    assert [name for _, name in said(html, language)] == [speaker]


def test_a_question_and_its_answer_in_one_paragraph_are_two() -> None:
    """Each has an attribution of its own, to somebody else."""
    html = "<p>— А если вернутся? — спросил Реил. — Тогда и мы вернёмся, — ответила Анна Голубцова.</p>"
    assert said(html, "ru") == [
        ("А если вернутся?", "Реил"),
        ("Тогда и мы вернёмся", "Анна Голубцова"),
    ]


def test_one_who_asks_goes_on_after_the_attribution() -> None:
    """A question that its speaker follows up stays one quotation."""
    html = "<p>— ¿Y ahora? —preguntó Ana Reil—. ¿Quién paga?</p>"
    assert said(html, "es") == [("¿Y ahora? […] ¿Quién paga?", "Ana Reil")]


def test_apostrophes_and_inches_are_no_quotation() -> None:
    """Also where an elision begins the paragraph with a capital."""
    html = "<p>'Tis a pity that the 6' 2\" poet couldn't stay; the '90s crowd loved him.</p>"
    assert said(html, "en") == []


# ── key phrases ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "title", "text", "theme"),
    [
        (
            "fr",
            "La crue à Saint-Avre-les-Eaux",
            "À Saint-Avre-les-Eaux, rien ne va. La mairie de Saint-Avre-les-Eaux attend.",
            "Saint-Avre-les-Eaux",
        ),
        (
            "en",
            "Quarry blast in Marrowdale",
            "MARROWDALE — Two workers were hurt. Marrowdale County waits.",
            "Marrowdale",
        ),
    ],
)
def test_a_place_is_a_theme_as_it_is_written(language: str, title: str, text: str, theme: str) -> None:
    """A hyphened name is one word; the capitals of a dateline are not its own."""
    themes = [found.title for found in reading(f"<p>{text}</p>", language, title).themes]
    assert theme in themes
    assert not {"Saint-Avre", "Eaux", "MARROWDALE"}.intersection(themes)


# ── hostile ──────────────────────────────────────────────────────────────────────────────────────


def hostile() -> Iterator[tuple[str, str]]:
    """What is repeated up to 100 KB, and where."""
    for mark in (
        "“a ",
        "a” ",
        '"a" ',
        "'a' ",
        "“‘",
        "„a “ ",
        "« a ",
        "「『",
        "— a ",
        "(",
        "\u200b“a",
        "🔥“",
        "e\u0301“",
    ):
        yield "<p>{}</p>", mark
    for words in (
        "Ana of the ",
        "according to Ana “go” ",
        "Ana Bo, the Ci, who ",
        "قال «لا» ثم ",
        "6'2\" ",
        "Ç'h ",
    ):
        yield "<p>{}</p>", words
    for unclosed in ("<b><i>“a ", "<div>", "<blockquote>a. ", "<ul><li>a ", "<table><tr><td>“a"):
        yield "{}", unclosed


@pytest.mark.parametrize(("around", "again"), list(hostile()))
@pytest.mark.parametrize("language", ["en", "de", "ru", ""])
def test_hostile_text_is_read_in_linear_time(around: str, again: str, language: str) -> None:
    """100 KB take some tens of milliseconds where nothing runs away; the limit leaves room for a busy machine."""
    html = around.format(again * (100_000 // len(again.encode())))
    with effort() as spent:
        reading(html, language)
    assert spent.seconds < 1.0


@pytest.mark.parametrize(
    "line", ["<h2>Key quotes</h2>", "<h3>On x</h3>", "a<br>", "- a<br>", "<li>“a b”</li>"]
)
def test_a_post_of_endless_lines_is_read_in_part(line: str) -> None:
    """Beyond the first three thousand lines nothing is looked at, so that time is bounded."""
    with effort() as spent:
        reading(line * 10_000, "en")
    assert spent.seconds < 2.0


def test_what_stands_behind_the_most_lines_is_not_read() -> None:
    """The limit is far beyond any real post."""
    quote = "<p>“We wait for nobody,” said Ana Roth.</p>"
    lines = "<p>Rain.</p>" * (MOST_LINES - 1)
    assert said(lines + quote, "en") == [("We wait for nobody", "Ana Roth")]
    assert said(lines + "<p>Rain.</p>" + quote, "en") == []
