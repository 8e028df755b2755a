"""Direct speech in prose: which words, in every convention of marks and dashes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.extract.prose.parts import word_count
from digest.extract.prose.utterances import Utterance, utterances
from digest.extract.words import Words
from digest.model import SPAN_JOINT
from digest.resources import Resources
from digest.text.html import document, sanitise
from digest.text.language import normalise
from effort import effort

WORDS = Words.merge(Resources().words())


def found(html: str, language: str = "en") -> tuple[Utterance, ...]:
    return utterances(document(sanitise(html, "https://a.example/")), WORDS, language)


def texts(html: str, language: str = "en") -> list[str]:
    text = document(sanitise(html, "https://a.example/")).text
    return [
        SPAN_JOINT.join(normalise(text[start:end]) for start, end in each.spans)
        for each in found(html, language)
    ]


# ── marks ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "prose", "said"),
    [
        ("en", "“The dam leaks,” Ilse Varn said.", ["The dam leaks"]),
        ("en", '"The dam leaks," Ilse Varn said.', ["The dam leaks"]),
        ("en", "‘The dam leaks,’ Ilse Varn said.", ["The dam leaks"]),
        ("en", "'The dam leaks,' Ilse Varn said.", ["The dam leaks"]),
        ("en", "“The dam leaks”, Ilse Varn said.", ["The dam leaks"]),
        ("de", "„Der Damm leckt“, sagte Ilse Varn.", ["Der Damm leckt"]),
        ("de", "»Der Damm leckt«, sagte Ilse Varn.", ["Der Damm leckt"]),
        ("de", "«Der Damm leckt», sagte Ilse Varn.", ["Der Damm leckt"]),
        ("de", "„Der Damm leckt”, sagte Ilse Varn.", ["Der Damm leckt"]),
        ("de", "‚Der Damm leckt heute‘, sagte Ilse Varn.", ["Der Damm leckt heute"]),
        ("fr", "« Le barrage fuit », a dit Ilse Varn.", ["Le barrage fuit"]),
        ("fr", "“Le barrage fuit”, a dit Ilse Varn.", ["Le barrage fuit"]),
        ("fr", "‹ Le barrage fuit ici ›, a dit Ilse Varn.", ["Le barrage fuit ici"]),
        ("nl", "„De dam lekt”, zei Ilse Varn.", ["De dam lekt"]),
        ("sv", "”Dammen läcker”, sade Ilse Varn.", ["Dammen läcker"]),
        ("fi", "”Pato vuotaa.” Näin sanoi Ilse Varn.", ["Pato vuotaa."]),
        ("da", "»Dæmningen er utæt,« sagde Ilse Varn.", ["Dæmningen er utæt"]),
        ("pl", "„Tama przecieka” – powiedziała Ilse Varn.", ["Tama przecieka"]),
        ("fa", "ایلسه گفت: «سد چکه می‌کند.»", ["سد چکه می‌کند."]),
        ("ja", "「堤防が漏れている。」とイルゼは言った。", ["堤防が漏れている。"]),
        ("ja", "『堤防が漏れている。』とイルゼは言った。", ["堤防が漏れている。"]),
        ("es", "“La presa pierde agua”, dijo Ilse Varn.", ["La presa pierde agua"]),
        ("he", 'אילזה אמרה: "דובר צה"ל לא ענה לנו."', ['דובר צה"ל לא ענה לנו.']),
    ],
)
def test_the_marks_of_many_countries(language: str, prose: str, said: list[str]) -> None:
    """What opens decides what closes; a comma of the reporter's sentence is not said."""
    assert texts(f"<p>{prose}</p>", language) == said


@pytest.mark.parametrize(
    ("prose", "said"),
    [
        ("‘The engineers’ dam isn’t old,’ she said.", "The engineers’ dam isn’t old"),
        ("'The engineers' dam isn't old,' she said.", "The engineers' dam isn't old"),
        (
            "‘We’re goin’ home before the ’60s come back,’ she said.",
            "We’re goin’ home before the ’60s come back",
        ),
        ("‘They say “no” to the boys’ mothers,’ she said.", "They say “no” to the boys’ mothers"),
        ("“He said ‘not now’ and left,” she said.", "He said ‘not now’ and left"),
        ("“He said “not now” and left,” she said.", "He said “not now” and left"),
        ('"He said "not now" and left," she said.', 'He said "not now" and left'),
        ('"We laid 12" pipes in the dyke," she said.', 'We laid 12" pipes in the dyke'),
        ("Rock ’n’ roll is dead. ‘It was never alive,’ she said.", "It was never alive"),
        ("The boys’ mother came. ‘It was never alive,’ she said.", "It was never alive"),
        ('A 6\' 2" man said: "It was never alive."', "It was never alive."),
        ("She said:“It was never alive.”", "It was never alive."),
    ],
)
def test_apostrophes_inches_and_marks_within_marks(prose: str, said: str) -> None:
    """They neither end a quotation nor begin one."""
    assert texts(f"<p>{prose}</p>") == [said]


@pytest.mark.parametrize(
    "prose",
    [
        "The engineers’ dam, the boys’ wall and rock ’n’ roll in the ’60s.",
        'A pipe of 12" and one of 14" lie in the dyke.',
        "He is 6' 2\" tall and she is 5' 9\".",
        "A “lost decade”, she called it, of ‘care’.",
        "It is called “the ten-year gap”.",
        "It's the drivers' dockets, isn't it?",
        "'t Is de jongens' schuld, 's avonds.",
    ],
)
def test_no_speech_is_found_where_there_is_none(prose: str) -> None:
    """Apostrophes, inches, terms of a few words."""
    assert texts(f"<p>{prose}</p>") == []


# ── attributions between parts ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "prose", "said"),
    [
        ("en", "“We wait,” she said, “and we count.”", "We wait […] and we count."),
        ("en", "“We wait,” she said. “We count.”", "We wait […] We count."),
        ("en", "“Do we wait?” she asked. “We count.”", "Do we wait? […] We count."),
        ("en", "“Do we wait?” Varn asked. “We count.”", "Do we wait? […] We count."),
        (
            "en",
            "“We wait,” said Ilse Varn, who runs the ferry with Dr. Jo Feld. “We count.”",
            "We wait […] We count.",
        ),
        ("en", "“We wait,” quipped Ilse Varn, 61. “We count.”", "We wait […] We count."),
        ("en", "“We wait,” she said. “We count,” she added.", "We wait […] We count"),
        ("en", "‘We wait,’ said Varn, ‘and we count.’", "We wait […] and we count."),
        ("en", "‘We wait’, said Varn. ‘We count.’", "We wait […] We count."),
        ("de", "„Wir warten“, sagte sie, „und wir zählen.“", "Wir warten […] und wir zählen."),
        ("de", "„Wir warten“, sagte Varn der „Zeitung“. „Wir zählen.“", "Wir warten […] Wir zählen."),
        ("de", "»Wir warten«, sagt sie, »und wir zählen.«", "Wir warten […] und wir zählen."),
        ("fr", "« On attend », dit-elle, « et on compte. »", "On attend […] et on compte."),
        ("fr", "« On attend, dit-elle, et on compte. »", "On attend […] et on compte."),
        ("fr", "« On attend, explique Ilse Varn. On compte. »", "On attend […] On compte."),
        ("fr", "« On attend !, s’exclame-t-elle. On compte. »", "On attend ! […] On compte."),
        ("fr", "« On attend, a-t-elle ajouté, et on compte. »", "On attend […] et on compte."),
        ("fr", "« On attend, dit Ilse Varn, maire d’Odde, et on compte. »", "On attend […] et on compte."),
        ("fr", "« On attend, dit-elle. »", "On attend"),
        (
            "fr",
            "« On attend, a-t-il raillé mercredi à l’issue du conseil. On compte. »",
            "On attend […] On compte.",
        ),
        ("fr", "« On attend, raconte Yvonne K., 84 ans. On compte. »", "On attend […] On compte."),
        ("fr", "« On attend, raconte l’éclusier, qui compte. On y est. »", "On attend […] On y est."),
        (
            "fr",
            "« On attend, raconte Marie-Lou Varn, éleveuse à Odde. On compte. »",
            "On attend […] On compte.",
        ),
        ("fr", "« On attend », énumère Ilse Varn. « On compte. »", "On attend […] On compte."),
        ("es", "“Esperamos”, dijo, “y contamos”.", "Esperamos […] y contamos"),
        ("es", "«Esperamos —dijo Varn— y contamos».", "Esperamos […] y contamos"),
        ("it", "«Aspettiamo – dice Varn – e contiamo»", "Aspettiamo […] e contiamo"),
        ("it", "«Aspettiamo, assicura, e contiamo»", "Aspettiamo […] e contiamo"),
        (
            "it",
            "«Aspettiamo» dice Varn «e contiamo tutti i giorni».",
            "Aspettiamo […] e contiamo tutti i giorni",
        ),
        ("it", "«Aspettiamo», ha detto Varn. «Contiamo».", "Aspettiamo […] Contiamo"),
        ("ru", "«Мы ждём, — сказал Варн, — и считаем».", "Мы ждём […] и считаем"),
        ("ru", "«Мы ждём, — сказал Варн. — Мы считаем».", "Мы ждём […] Мы считаем"),
        ("pl", "„Czekamy – mówi Varn – i liczymy”", "Czekamy […] i liczymy"),
        ("pt", "“Esperamos”, disse Varn. “Contamos.”", "Esperamos […] Contamos."),
    ],
)
def test_parts_around_an_attribution_are_one_quotation(language: str, prose: str, said: str) -> None:
    """Between marks and, where the language sets it so, inside them."""
    assert texts(f"<p>{prose}</p>", language) == [said]


@pytest.mark.parametrize(
    ("language", "prose"),
    [
        ("en", "“We will wait.” She said: “We will count.”"),
        ("en", "“We will wait,” she said. Then she looked at the gate. “We will count.”"),
        ("en", "“We will wait,” said Varn. “We will count,” said Feld."),
        ("en", "“Will we wait?” she asked. “We will count,” Feld replied."),
        ("en", "“We will wait,” (…), “We will count.”"),
        ("en", "“We will wait,” Varn told MPs. Jo Feld accused her. “We will count.”"),
        ("en", "“Will we wait?” asked Varn. “We will count,” he said."),
        ("en", "“We will wait.” Varn laughed. “We will count.”"),
        (
            "fr",
            "« L’arrestation est la peine », écrivait-elle dans son rapport, « Le prix d’une question ici ».",
        ),
        ("en", "She said “we will wait and not count” and that “we will count and not wait”."),
        ("de", "„Wir werden warten“, sagte Varn. Sie ging. „Wir werden zählen.“"),
        ("en", "“We are late,” said Varn and “nobody is going to wait for us”."),
        ("nl", "‘We wachten’, aldus Reil. Hij kijkt op. ‘We tellen.’"),
        ("fr", "« Nous attendons. » Elle sourit. « Nous comptons. »"),
    ],
)
def test_narration_between_parts_leaves_two_quotations(language: str, prose: str) -> None:
    """As does another speaker, or a sentence that leads to the second part."""
    assert len(texts(f"<p>{prose}</p>", language)) == 2


@pytest.mark.parametrize(
    ("language", "prose", "said"),
    [
        (
            "fr",
            "« Ici, on raconte tout : les bancs, la cloche », dit-elle.",
            "Ici, on raconte tout : les bancs, la cloche",
        ),
        ("fr", "« Il vient, demande pardon, et repart. »", "Il vient, demande pardon, et repart."),
        ("es", "—Mi hermana —la mayor— vive allí —dijo.", "Mi hermana —la mayor— vive allí"),
        ("fr", "« Et Jean, est-il là ? » demande-t-elle.", "Et Jean, est-il là ?"),
        ("en", "“My sister – the elder one – says no,” she said.", "My sister – the elder one – says no"),
        (
            "de",
            "«Wer jetzt ruft, soll mir sagen, welchen Bus er streicht», sagte sie.",
            "Wer jetzt ruft, soll mir sagen, welchen Bus er streicht",
        ),
    ],
)
def test_what_only_looks_like_an_attribution_is_said(language: str, prose: str, said: str) -> None:
    """A parenthesis between dashes, a verb of speech that the speaker uses."""
    assert texts(f"<p>{prose}</p>", language) == [said]


# ── dialogue after a dash ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "prose", "said"),
    [
        ("es", "—Esperamos —dijo Varn—. Contamos.", "Esperamos […] Contamos."),
        ("es", "—Esperamos —dijo Varn.", "Esperamos"),
        ("es", "—¿Esperamos? —preguntó ella.", "¿Esperamos?"),
        ("es", "—¿Esperamos? —quise saber.", "¿Esperamos?"),
        ("es", "—Esperamos. —Varn se levantó—. Contamos.", "Esperamos. […] Contamos."),
        ("es", "—No —respondió Varn—, contamos.", "No […] contamos."),
        ("fr", "— On attend, dit-elle, et on compte.", "On attend […] et on compte."),
        ("fr", "– On attend ? demanda-t-elle.", "On attend ?"),
        ("fr", "— On attend et on compte.", "On attend et on compte."),
        ("pl", "– Czekamy – mówi Jan Varn. – Liczymy.", "Czekamy […] Liczymy."),
        ("pl", "- Czekamy - mówi Jan Varn. - Liczymy.", "Czekamy […] Liczymy."),
        ("pt", "— Esperamos — disse Varn. — Contamos.", "Esperamos […] Contamos."),
        ("ru", "— Мы ждём, — сказал Варн. — Мы считаем.", "Мы ждём […] Мы считаем."),
        ("it", "— Aspettiamo — disse Varn. — Contiamo.", "Aspettiamo […] Contiamo."),
        ("it", "– Aspettiamo? – chiede Varn.", "Aspettiamo?"),
        ("pl", "– Czekamy, czekamy – burknęła potem. Pokazuje teczkę „1985–”. Liczy.", "Czekamy, czekamy"),
        ("pl", "– Czekamy – westchnęła. – Liczymy.", "Czekamy […] Liczymy."),
        ("pl", "– Czekamy – zżyma się Jan Varn. – Liczymy.", "Czekamy […] Liczymy."),
        ("ru", "— Мы ждём, — вздыбилась она. — Мы считаем.", "Мы ждём […] Мы считаем."),
        ("pl", "Objazd trwa godzinę. – Czekamy – mówi Varn. – Liczymy.", "Czekamy […] Liczymy."),
        ("sv", "– Vi väntar, säger hamnkapten Torsten Reil. Vi räknar.", "Vi väntar […] Vi räknar."),
        ("tr", "— Bekliyoruz, dedi İlker. Sayıyoruz.", "Bekliyoruz […] Sayıyoruz."),
        ("tr", "— Bekliyoruz, dedi Varn. Sayıyoruz.", "Bekliyoruz […] Sayıyoruz."),
    ],
)
def test_dialogue_after_a_dash(language: str, prose: str, said: str) -> None:
    """The words up to the attribution and behind it, without the dash."""
    (utterance,) = found(f"<p>{prose}</p>", language)
    assert utterance.dash
    assert texts(f"<p>{prose}</p>", language) == [said]


@pytest.mark.parametrize(
    "html",
    [
        "<p>— Ilse Varn</p>",
        "<p>- Milk<br>- Eggs<br>- Rope</p>",
        "<ul><li>— On attend.</li></ul>",
        "<p>—</p>",
        "<p>-5 degrees.</p>",
    ],
)
def test_signatures_and_lists_are_no_dialogue(html: str) -> None:
    """A dash alone makes no speech."""
    assert found(html, "fr") == ()


# ── over paragraphs ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>“We wait.</p><p>“We count.”</p>", ["We wait. […] We count."]),
        ("<p>“We wait.</p><p>“We count,” she said. “We go.”</p>", ["We wait. […] We count […] We go."]),
        ("<p>‘We wait.</p><p>‘We count,’ she said.</p>", ["We wait. […] We count"]),
        ('<p>"We wait.</p><p>"We count."</p>', ["We wait. […] We count."]),
        ("<p>« On attend.</p><p>» On compte. »</p>", ["On attend. […] On compte."]),
        ("<p>She said: “We wait.</p><p>We count.</p><p>We go,” and left.</p>", ["We wait. We count. We go"]),
        ("<p>“We wait.</p><p>We say ‘no’ to all.”</p>", ["We wait. We say ‘no’ to all."]),
        ("<p>“He said: ‘Go.’</p><p>“We go,” she said.</p>", ["He said: ‘Go.’ […] We go"]),
        ("<p>‘The boys’ mother waits.</p><p>‘We go,’ she said.</p>", ["The boys’ mother waits. […] We go"]),
        ("<div>“We wait.<br>We count.”</div>", ["We wait. We count."]),
        ("<p>“We wait.</p><figure><img src='/a.jpg'></figure><p>“We count.”</p>", ["We wait. […] We count."]),
    ],
)
def test_a_quotation_over_paragraphs(html: str, said: list[str]) -> None:
    """A span for each that opens anew; else the break is a space."""
    assert texts(html) == said


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>“We will wait.</p><p>Varn left the hall.</p>", ["We will wait."]),
        (
            "<p>“We will wait.</p><p>Varn left. “We will count,” she said.</p>",
            ["We will wait.", "We will count"],
        ),
        ("<p>“We will wait.</p><h2>Later</h2><p>“We will count.”</p>", ["We will wait.", "We will count."]),
        ("<p>“We wait, she said. “We will count,” she added.</p>", ["We will count"]),
        ("<ul><li>“We will wait.</li><li>“We will count.”</li></ul>", ["We will wait.", "We will count."]),
    ],
)
def test_a_mark_that_is_never_closed_takes_its_paragraph_at_most(html: str, said: list[str]) -> None:
    """The rest of the post is not swallowed."""
    assert texts(html) == said


# ── blocks, code, and what they are ──────────────────────────────────────────────────────────────


def test_a_block_without_marks_is_one_utterance() -> None:
    """Its paragraphs together, its inner marks as words, its signature left out."""
    html = (
        "<p>Varn wrote:</p><blockquote><p>They say “wait”.</p><p>We count.</p><p>— Ilse Varn</p></blockquote>"
    )
    (utterance,) = found(html)
    assert utterance.block
    assert texts(html) == ["They say “wait”. We count."]


def test_a_block_with_marks_is_read_as_prose() -> None:
    """The marks say what was said."""
    html = "<blockquote><p>“We wait here,” said Varn.</p></blockquote>"
    assert texts(html) == ["We wait here"]
    assert not found(html)[0].block


def test_a_line_that_is_a_link_is_no_prose() -> None:
    """It names another post."""
    assert found('<p>› <a href="/x">“Nine years for a file”, said nobody</a></p>') == ()


def test_code_and_headings_are_no_prose() -> None:
    """A string in a program is no speech."""
    assert found('<h2>“We wait here,” she says</h2><pre>print("We wait here.")</pre>') == ()


def test_the_element_for_quotations_has_no_marks() -> None:
    """<q> stands for them."""
    assert texts("<p>She said: <q>We wait here.</q></p>") == ["We wait here."]


@pytest.mark.parametrize(
    ("prose", "fragment"),
    [
        ("She called it “a gift to nobody but the bank”.", True),
        ("He never “once counted the sacks in eleven years,” he said.", True),
        ("Es sei ein „Geschenk an niemanden als die Bank“, sagte sie.", True),
        ("“We wait,” she said.", False),
        ("She said: “we wait and we count.”", False),
        ("She said “We wait.”", False),
        ("Varn said, “We wait.”", False),
        ("“The whole of the river to the sea” was her phrase.", True),
    ],
)
def test_a_fragment_stands_in_the_reporters_sentence(prose: str, fragment: bool) -> None:
    """A sentence stands by itself, or behind a colon or a comma."""
    (utterance,) = found(f"<p>{prose}</p>")
    assert utterance.fragment is fragment


def test_words_are_counted_in_scripts_without_spaces() -> None:
    """Two characters of Chinese or Japanese are about a word."""
    assert word_count("We wait — here.") == 3
    assert word_count("四万人の命で賭け") >= 4


# ── promises for every text ──────────────────────────────────────────────────────────────────────

PIECES = [
    *"“”„«»‹›‘’‚'\"「」—–-",
    " ",
    " ",
    "a",
    "Reyl",
    "said",
    ", dit-elle, ",
    ". ",
    "!",
    "?",
    ":",
    "</p><p>",
    "<br>",
]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(["en", "fr", "es", "de", "ru", "xx", ""])
)
def test_spans_are_in_order_inside_the_text_and_never_overlap(pieces: list[str], language: str) -> None:
    """Whatever stands there, and each is enclosed by its outer span."""
    html = f"<p>{''.join(pieces)}</p>"
    text = document(sanitise(html, "https://a.example/")).text
    at = 0
    for utterance in found(html, language):
        assert len(utterance.spans) == len(utterance.outer) > 0
        for (start, end), (left, right) in zip(utterance.spans, utterance.outer, strict=True):
            assert at <= left <= start < end <= right <= len(text)
            assert text[start:end].strip()
            at = right


@pytest.mark.parametrize(
    "unit",
    [
        "“",
        "”",
        '"',
        "'a' ",
        "“a” ",
        "« ",
        "‘a ",
        "a’ ",
        '"a "b ',
        "— a",
        " — dit ",
        ", dit-elle",
        "“a” he said. ",
        "Dr. A. ",
        "„a“, ",
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_hostile_text_is_read_in_linear_time(unit: str, language: str) -> None:
    """100 KB of marks in less than 100 ms, however they are set."""
    page = document(f"<p>{unit * (100_000 // len(unit))}</p>")
    with effort() as spent:
        utterances(page, WORDS, language)
    assert spent.seconds < 0.1
