"""Quotations in prose: which of the words in marks somebody says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.extract.prose.speech import MOST_QUOTES, Finding, prose_findings, prose_quotes
from digest.extract.reading import verbatim
from digest.extract.words import Words
from digest.model import QuoteOrigin
from digest.resources import Resources
from digest.text.html import document, sanitise
from effort import effort
from labelled_posts import BENCH

WORDS = Words.merge(Resources().words())
URL = "https://ferry.example/post"


def findings(html: str, language: str = "en") -> tuple[Finding, ...]:
    page = document(sanitise(html, URL))
    return prose_findings(page, WORDS, title="", language=language, url=URL, authors=())


def quoted(html: str, language: str = "en") -> list[str]:
    return [finding.quote.text for finding in findings(html, language)]


# ── what counts ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "prose", "said"),
    [
        ("en", "“I resign,” Varn said.", "I resign"),
        ("en", "Varn told The Odde Herald: “I’d do it again.”", "I’d do it again."),
        (
            "en",
            "Varn never “counted the sacks in eleven years”, she says.",
            "counted the sacks in eleven years",
        ),
        (
            "en",
            "In his words, it was “the best bad day of my whole career”.",
            "the best bad day of my whole career",
        ),
        ("en", "Asked if she would stand, she laughed. “Ask my dog.”", "Ask my dog."),
        ("en", "Varn called it “late” and “a gift to nobody but the bank”.", "a gift to nobody but the bank"),
        ("en", "“It is what it is.”", "It is what it is."),
        (
            "de",
            "Der Damm sei „in keinem guten Zustand und morsch“, so Reyl.",
            "in keinem guten Zustand und morsch",
        ),
        (
            "fr",
            "Le pont « ne peut plus porter un camion chargé », selon Reyl.",
            "ne peut plus porter un camion chargé",
        ),
        ("es", "Varela aseguró que “nadie va a pagar dos veces”.", "nadie va a pagar dos veces"),
        ("ar", "قال الوزير «لن نقامر بحياة أربعين ألف إنسان».", "لن نقامر بحياة أربعين ألف إنسان"),
        (
            "ja",
            "市長は「橋は『命の道』だ。閉じるつもりはない」と言う。",
            "橋は『命の道』だ。閉じるつもりはない",
        ),
        ("ja", "船頭はこう語った。「霧で前が見えない日でした」", "霧で前が見えない日でした"),
        ("ja", "大臣は「川は誰にも売らない」と述べた。", "川は誰にも売らない"),
        ("en", "His dog, Varn says, “never liked the other dog”.", "never liked the other dog"),
        ("en", "<em>“We wait for nobody,”</em> said Varn.", "We wait for nobody"),
        ("en", "“We wait—”", "We wait—"),
        ("zh", "他说：“我们不会拿四万人的安全去赌博。”", "我们不会拿四万人的安全去赌博。"),
        ("cs", "„Hráz propouští vodu,“ řekla Varnová.", "Hráz propouští vodu"),
    ],
)
def test_words_that_somebody_says(language: str, prose: str, said: str) -> None:
    """A sentence from two words on, a fragment from five; also in languages without words of their own."""
    assert quoted(f"<p>{prose}</p>", language) == [said]


@pytest.mark.parametrize(
    ("language", "prose"),
    [
        ("en", "“No,” Varn said."),
        ("en", "Varn called it a “gift to nobody”, she said."),
        ("en", "A “take it or leave it for good” offer lay on the table."),
        ("en", "The novel “A Bridge Too Late for Us” came out in May."),
        ("en", "Her memoir, “The Dam Keepers of Odde,” came out in May."),
        ("en", "She won the “Golden Oar of the Northern Lakes” twice."),
        ("en", "“The Long Walk to the Sea” (1998) is her best film."),
        ("en", "See also <a href='https://a.example/x'>“Nine years for a file nobody read”</a>"),
        ("en", "Opponents wore a button that read “Dams leak, ministers do not.”"),
        ("en", "She had a sign above the till: “We serve people, not customers.”"),
        ("en", "Somebody hung a sign on the trunk. It reads, “Beware of the family.”"),
        ("en", "Click “Save and continue to the next page” to go on."),
        ("en", "The council holds a debate on “the state of our roads and bridges” in May."),
        ("en", "Did Varn really say “sell the dam to the bank”?"),
        ("ja", "小説「雨を待つ長い時間の物語」は五月に出た。"),
        ("ja", "看板には「川は売り物ではありません」と書かれている。"),
        ("de", "Einen Strudel hat er nach ihr benannt, „Gschwandtner mit Geröll“, er schmeckt."),
        ("en", "There is a grant named something like “Bounce Forward,” and a workshop."),
        ("de", "Auf dem Tisch liegt ein Artikel: „Weiß ist das neue Weiß“."),
        ("fr", "Il lançait un « Plus fort ! » que la salle prenait pour une réplique."),
        ("de", "Die Sendung „Wer hat Angst vor der Flut“ läuft am Montag."),
        ("de", "Unter dem Motto „Wasser ist für alle da“ zogen sie los."),
        ("fr", "Le film « La Nuit des grandes écluses » sort mercredi."),
        ("es", "La novela “La larga espera de la lluvia” ganó el premio."),
    ],
)
def test_words_that_nobody_says(language: str, prose: str) -> None:
    """Terms, titles, names, and what is written on a thing."""
    assert quoted(f"<p>{prose}</p>", language) == []


def test_a_heading_in_bold_is_no_quotation() -> None:
    """Its words come back in the text, or they are the editor's."""
    assert quoted("<p><b>“No victory parade for us”</b></p><p>Varn spoke.</p>") == []


# ── once ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "again",
    [
        "<blockquote><p>“We have waited for the bridge for nine years.”</p></blockquote>",
        "<figure><figcaption>Varn: ‘We have waited for the bridge’</figcaption></figure>",
        "<p>To have “waited for the bridge for nine years” was too much, she said.</p>",
    ],
)
def test_words_that_come_twice_are_one_quotation(again: str) -> None:
    """Not the pull quote, the caption or the fragment."""
    said = "<p>“We have waited for the bridge for nine years,” Ilse Varn said.</p>"
    assert quoted(said + again) == ["We have waited for the bridge for nine years"]
    assert len(quoted(again + said)) == 1


def test_a_pull_quote_takes_the_speaker_of_the_text() -> None:
    """Of two that are the same, the one with a name is kept."""
    html = "<aside><p>“We have waited for nine years.”</p></aside><p>“We have waited for nine years,” Ilse Varn said.</p>"
    assert [finding.quote.speaker for finding in findings(html)] == ["Ilse Varn"]


# ── the quote ────────────────────────────────────────────────────────────────────────────────────


def test_a_quotation_is_a_quote_of_the_model() -> None:
    """With its spans, its origin, how sure we are, and a link to its words."""
    (finding,) = findings("<p>“We wait,” said Ilse Varn, “and we count the days.”</p>")
    quote = finding.quote
    assert quote.text == "We wait […] and we count the days."
    assert (quote.origin, quote.topics, quote.speaker) == (QuoteOrigin.PROSE, (), "Ilse Varn")
    assert quote.confidence == finding.attribution.confidence
    assert quote.link == URL + "#:~:text=We%20wait&text=and%20we%20count%20the%20days."


def test_quotes_and_findings_go_together() -> None:
    """The quotes are those of the findings."""
    page = document("<p>“We wait,” said Ilse Varn. “We go,” said Jo Feld.</p>")
    quotes = prose_quotes(page, WORDS, title="", language="en", url="", authors=())
    found = prose_findings(page, WORDS, title="", language="en", url="", authors=())
    assert quotes == tuple(finding.quote for finding in found)
    assert [quote.link for quote in quotes] == ["", ""]


def test_there_are_never_more_quotes_than_a_reader_can_bear() -> None:
    """A novel is cut off."""
    assert len(quoted("".join(f"<p>“We wait {n} days,” she said.</p>" for n in range(300)))) == MOST_QUOTES


# ── the labelled posts ───────────────────────────────────────────────────────────────────────────

OPEN = BENCH.labelled("prose/open")
UNSEEN = [post for folder in ("held", "hard", "daily") for post in BENCH.labelled(f"prose/{folder}")]


@pytest.mark.parametrize("post", OPEN, ids=lambda post: post.name)
def test_every_quotation_of_a_labelled_post_is_verbatim(post: object) -> None:
    """Its spans, in order, are its words."""
    entry = BENCH.entry(post)
    for quote in BENCH.reading(entry, WORDS).quotes:
        assert verbatim(quote, entry.text)


def test_the_quotations_of_the_labelled_posts_are_found() -> None:
    """At least 95 of 100 are, and as many of those found are right, in each language that has words of its own."""
    for language, scores in BENCH.prose_scores(OPEN, WORDS).items():
        if language in WORDS.languages:
            assert scores["quotes"].f1 >= 0.95, language


def test_the_quotations_of_posts_that_were_labelled_out_of_sight_are_found() -> None:
    """As well: the rules are not made for the posts in view."""
    assert BENCH.prose_scores(UNSEEN, WORDS)["all"]["quotes"].f1 >= 0.97


# ── harm ─────────────────────────────────────────────────────────────────────────────────────────

PIECES = [
    *'“”„«»‹›‘’"—–',
    " ",
    "We wait",
    "Varn said",
    ", dit-elle, ",
    ". ",
    "!",
    "?",
    ":",
    "</p><p>",
    "<br>",
    "<blockquote>",
    "</blockquote>",
    "<q>We go</q>",
    "said İlker",
    "(",
    '12"',
    "1998",
    "Dear Jo,",
    "…",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=50), st.sampled_from(["en", "fr", "es", "de", "xx"]))
def test_quotes_of_any_text_are_verbatim(pieces: list[str], language: str) -> None:
    """However its marks are set."""
    page = document(sanitise(f"<p>{''.join(pieces)}</p>", URL))
    for quote in prose_quotes(page, WORDS, title="", language=language, url=URL, authors=()):
        assert verbatim(quote, page.text)
        assert any(map(str.isalnum, quote.text))


@pytest.mark.parametrize(
    "unit", ["“We wait,” she said. ", "“a b c d e f ", '" ', "‘a’ ", "— Si, dit-elle, no. "]
)
def test_hostile_text_is_judged_in_linear_time(unit: str) -> None:
    """Four times the text takes about four times as long, not sixteen."""

    def seconds(size: int) -> float:
        page = document(f"<p>{unit * (size // len(unit))}</p>")
        with effort() as spent:
            prose_quotes(page, WORDS, title="", language="fr", url=URL, authors=())
        return spent.seconds

    once, fourfold = (min(seconds(size) for _ in range(3)) for size in (25_000, 100_000))
    assert fourfold < 10 * once + 0.05
