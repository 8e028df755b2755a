"""The summary of a post: whole sentences of its own, in any language."""

from __future__ import annotations

import pytest

from digest.extract.lead import LONGEST
from digest.extract.reading import read
from digest.extract.words import Words
from digest.resources import Resources
from digest.text.html import sanitise

WORDS = Words.merge(Resources().words())


def summary(html: str, *, language: str = "en", feed: str = "") -> str:
    """The summary of a post."""
    url = "https://x.example/p"
    return read(sanitise(html, url), url=url, title="", language=language, summary=feed, words=WORDS).summary


LEADS = {
    "en": "Dr. J. R. Brask and Mrs. Lund met at 5 p.m. to hear what the U.S. engineers had found in the old wall.",
    "de": "Prof. Dr. Halden prüft z. B. im Herbst, ob die Mauer, die seit ca. 1911 steht, noch ein Jahr hält.",
    "fr": "M. Dupont et Mme Halden ont rencontré J.-P. Marouis, p. ex. lundi, pour parler du mur et de l’eau.",
    "es": "El Sr. Dovano y la Dra. Halden hablaron ayer del muro, que según ellos no aguanta otro invierno.",
    "pt": "O Sr. Brask e a Dra. Halden falaram ontem do muro, que segundo eles não aguenta outro inverno.",
    "it": "Il sig. Brask e la dott.ssa Halden hanno parlato ieri del muro, che non regge un altro inverno.",
    "nl": "Dhr. Brask sprak o.a. maandag over de muur, die volgens hem geen tweede winter overleeft.",
    "pl": "Prof. Brask mówił np. w poniedziałek o murze, który jego zdaniem nie przetrwa kolejnej zimy.",
    "tr": "Prof. Brask pazartesi günü bir kış daha dayanamayacağını söylediği duvar hakkında konuştu.",
    "ru": "И. И. Брасков рассказал о стене, которая стоит ок. 100 лет и не переживёт ещё одну зиму.",
    "fa": "دکتر هالدن دوشنبه درباره دیواری سخن گفت که به گفته او زمستان دیگری را تاب نمی‌آورد.",
    "ar": "تحدثت د. هالدن يوم الاثنين عن الجدار الذي لن يصمد شتاء آخر بحسب قولها أمام المجلس.",
    "ja": "ハルデン博士は月曜日に、百年前に建てられた壁がもう一冬は持たないだろうと語った。",
    "ur": "ڈاکٹر ہالڈن نے پیر کو اس دیوار کے بارے میں بات کی جو ان کے مطابق ایک اور سردی نہیں جھیل سکتی۔",
}


@pytest.mark.parametrize("language", LEADS)
def test_a_summary_ends_with_a_sentence(language: str) -> None:
    """Not within one, because of an abbreviation in it; as many sentences as fit."""
    lead = LEADS[language]
    long = " ".join([lead] * 12) if language != "ja" else lead * 12
    found = summary(f"<p>{long}</p>", language=language)
    assert found.startswith(lead)
    assert found.endswith(lead[-12:])
    assert len(found) <= LONGEST


@pytest.mark.parametrize("end", ["؟", "۔", "。", "!", ".”", ".“", ".»", "。」"])
def test_a_feed_s_own_summary_is_whole_where_it_ends_as_a_sentence(end: str) -> None:
    """In any script and behind any closing mark, although the text begins with the same words."""
    own = f"The wall will not stand another winter, the engineers found{end}"
    assert summary(f"<p>{own} More follows here, and more, and more of it.</p>", feed=own) == own


def test_a_stub_is_no_summary() -> None:
    """The beginning of the text, cut by the feed, gives way to the text."""
    text = "The wall will not stand another winter, the engineers found. Nobody had asked them for a year."
    assert summary(f"<p>{text}</p>", feed=f"{text[:50]}…") == text


def test_prose_in_a_table_that_sets_the_page_is_a_lead() -> None:
    """Where there is none outside it; the cells of a table of data are none."""
    lead = "Three women who have never agreed on anything met us at the weir on Sunday, and they agreed on the weir."
    assert summary(f"<table><tr><td><p>Issue 4</p><p>{lead}</p></td></tr></table>") == lead
    assert (
        summary("<table><tr><td>Postal votes</td><td>why they arrive late, and who pays</td></tr></table>")
        == ""
    )


@pytest.mark.parametrize(
    "dateline",
    [
        "PORT ALMEDA, 3 November — ",
        "PORT ALMEDA: ",
        "Port Almeda (nak) – ",
        "Odde, 4 nov (ADR).- ",
        "Odde, 4 nov - ",
    ],
)
def test_where_and_when_it_was_reported_is_no_part_of_it(dateline: str) -> None:
    """A place in capitals, with a date or with an agency; a sentence with a dash or a colon in it stays whole."""
    lead = "The wall will not stand another winter, the engineers found on Monday."
    assert summary(f"<p>{dateline}{lead}</p>") == lead
    inside = "The mayor (Greens) – eleven years in office by now – has seen three walls come and go."
    assert summary(f"<p>{inside}</p>") == inside
    for whole in (f"The engineers (of whom two came) agreed – {lead}", f"One thing is clear: {lead}"):
        assert summary(f"<p>{whole}</p>") == whole
