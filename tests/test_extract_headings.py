"""Headings: which section they name, and whom."""

from __future__ import annotations

import pytest

from digest.extract.headings import bare, bulleted, lead
from digest.extract.listed.fullnames import resolve
from digest.extract.listed.named import named_by
from digest.extract.listed.names import looks_like_name, person
from digest.extract.listed.signatures import signed
from digest.extract.listed.titlenames import interviewee
from digest.extract.listed.titles import title
from digest.extract.listed.topics import speaker_on, topic
from digest.extract.words import Kind, Words
from digest.resources import Resources

WORDS = Words.merge(Resources().words())


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Key Quotes", Kind.QUOTES),
        ("💬 2. KEY QUOTES:", Kind.QUOTES),
        ("The most memorable quotes", Kind.QUOTES),
        ("Selected quotations by Mira Halden", Kind.QUOTES),
        ("Quotes from Mira Halden", Kind.QUOTES),
        ("In her own words", Kind.QUOTES),
        ("Mira Halden: Key Quotes", Kind.QUOTES),
        ("Die wichtigsten Zitate aus der Rede von Anselm Voigt", Kind.QUOTES),
        ("Kernaussagen", Kind.QUOTES),
        ("Frases destacadas de Ana da Silva", Kind.QUOTES),
        ("Key Themes", Kind.THEMES),
        ("Main topics discussed in the interview", Kind.THEMES),
        ("Key takeaways", Kind.THEMES),
        ("Principaux thèmes", Kind.THEMES),
        ("Ana temalar", Kind.THEMES),
        ("Related Posts", Kind.POSTS),
        ("You might also like:", Kind.POSTS),
        ("Further reading on dams", Kind.POSTS),
        ("More from Tidewater", Kind.POSTS),
        ("Mehr zum Thema", Kind.POSTS),
        ("What we talked about: the main themes", Kind.THEMES),
        ("Worum es ging: die Hauptthemen", Kind.THEMES),
        ("The Topics", Kind.THEMES),
        ("محورهای اصلی سخنان", Kind.THEMES),
        ("Mira Halden in her own words", Kind.QUOTES),
        ("Mira Halden's Most Striking Quotes", Kind.QUOTES),
        ("Читайте также", Kind.POSTS),
        ("Related videos (2)", Kind.VIDEOS),
        ("Watch", Kind.VIDEOS),
        ("Vidéos", Kind.VIDEOS),
        ("Related posts and videos", Kind.LINKS),
        ("See also", Kind.LINKS),
        ("Summary", Kind.SUMMARY),
        ("3 comments", Kind.STOP),
        ("Share this post", Kind.STOP),
        ("About the author", Kind.STOP),
        ("Kommentar schreiben", Kind.STOP),
        ("نظرات", Kind.STOP),
    ],
)
def test_a_heading_names_its_section(heading: str, kind: Kind) -> None:
    """By nouns and marks, phrases, and words that are enough alone, in any language."""
    found = title(heading, WORDS, exact=False)
    assert found is not None
    assert found.kind is kind


@pytest.mark.parametrize(
    "heading",
    [
        "What happened next",
        "Quotes of the week",
        "Related developments in the valley",
        "A speech without key themes",
        "The best of all videos",
        "More than a river",
        "Warning:",
        "",
        "🔑",
        "Key " * 40 + "quotes",
    ],
)
def test_other_headings_name_none(heading: str) -> None:
    """Words of sections in a heading about something else open nothing."""
    assert title(heading, WORDS, exact=False) is None


def test_a_line_that_does_not_look_like_a_heading_must_be_little_but_the_name() -> None:
    """Plain lines are mostly prose."""
    assert title("Key Quotes of Mira Halden", WORDS, exact=True) is not None
    assert title("Related posts", WORDS, exact=True) is not None
    assert title("Key quotes from the speech made the rounds.", WORDS, exact=True) is None
    assert title("Mira Halden's key quotes", WORDS, exact=True) is None


@pytest.mark.parametrize(
    ("heading", "speaker"),
    [
        ("Key Quotes of Mira Halden in the Interview with Radio Osterfell", "Mira Halden"),
        ("KEY QUOTES OF HALE DORN AT THE ACADEMY", "HALE DORN"),
        ("Key quotes from Odile Marsh's talk", "Odile Marsh"),
        ("Key Quotes from Radio Osterfell's Interview with Mira Halden", "Mira Halden"),
        ("Key Quotes from the Conversation with Mira Halden", "Mira Halden"),
        ("Mira Halden's Key Quotes", "Mira Halden"),
        ("Interview with Mira Halden: Key Quotes", "Mira Halden"),
        ("Key Quotes – Mira Halden", "Mira Halden"),
        ("Key quotes of A. Halden", "A. Halden"),
        ("Key quotes by Prof. Dr. Mira van der Holt on water", "Prof. Dr. Mira van der Holt"),
        ("Wichtige Zitate aus dem Gespräch mit Anselm Voigt", "Anselm Voigt"),
        ("Citations clés d’Oriane Beltour", "Oriane Beltour"),
        ("Frases destacadas de Ana da Silva", "Ana da Silva"),
        ("Citas clave de Inés Carvajal en la rueda de prensa", "Inés Carvajal"),
        ("نقل‌قول‌های کلیدی لیلا دهقان در گفت‌وگو با رادیو", "لیلا دهقان"),
        ("Selma Aydınlı'nın Öne Çıkan Alıntıları", "Selma Aydınlı"),
        ("Frases destacadas de la maestra Pilar Ordás en la escuela", "Pilar Ordás"),
        ("Key quotes of harbour director Petra Lindqvist", "Petra Lindqvist"),
        ("5 best quotes from the speech", ""),
        ("Key quotes from the evening lecture in Ostby Hall", ""),
        ("Key quotes", ""),
    ],
)
def test_a_heading_of_quotes_names_the_speaker(heading: str, speaker: str) -> None:
    """Before or after the name of the section, in any language, and nobody where nobody is named."""
    found = title(heading, WORDS, exact=False)
    assert found is not None
    assert named_by(found, WORDS, f"{heading} … لیلا دهقان") == speaker


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("— Ilse Varga, marine biologist", "Ilse Varga"),
        ("(Käte Solms)", "Käte Solms"),
        ("– Dr. Mira Halden", "Dr. Mira Halden"),
        ("— J. R. Brask", "J. R. Brask"),
        ("— marine biologist Ilse Varga", "Ilse Varga"),
        ("— Minister for Water, Aldo Kress", "Aldo Kress"),
        ("— the harbour master of Port Almeda", "harbour master of Port Almeda"),
        ("— The Teachers' Union", "Teachers' Union"),
        ("- A teacher who sells her coat.", ""),
        ("Mira Halden", ""),
        ("—", ""),
        ("", ""),
    ],
)
def test_a_signature_names_a_person(line: str, name: str) -> None:
    """Without role, article and dash; a sentence is no signature."""
    assert signed(line, WORDS) == name


@pytest.mark.parametrize("line", ["(laughs)", "(from the steps, at noon)", "(postscript)", "(in Spanish)"])
def test_a_remark_in_brackets_signs_nothing(line: str) -> None:
    """Only a name does, or a description with one."""
    assert signed(line, WORDS) == ""
    assert signed("(marine biologist Ilse Varga)", WORDS) == "Ilse Varga"


def test_markup_makes_a_signature_of_a_bare_name() -> None:
    """<cite>, <footer> and <figcaption> need no dash."""
    assert signed("Mira Halden, engineer", WORDS, sure=True) == "Mira Halden"


@pytest.mark.parametrize(
    ("name", "text", "full"),
    [
        ("Halden", "The auditor Mira Halden spoke. Yesterday Halden went home.", "Mira Halden"),
        ("Halden", "Auditor Mira Halden spoke.", "Mira Halden"),
        ("HALE DORN", "Inspector Hale Dorn spoke.", "Hale Dorn"),
        ("MIRA HALDEN", "MIRA HALDEN", "Mira Halden"),
        ("Haliny Sowińskiej", "Rektorka Halina Sowińska. Cytaty Haliny Sowińskiej", "Halina Sowińska"),
        ("Mira Halden", "Mira Halden came. Mira Halden left.", "Mira Halden"),
        ("Brask", "Nobody is named here.", "Brask"),
    ],
)
def test_a_name_is_resolved_to_the_full_name_of_the_post(name: str, text: str, full: str) -> None:
    """Surnames, capitals and cases of inflected languages; never a word that only begins a sentence."""
    assert resolve(name, text, WORDS) == full


def test_a_title_names_the_person_only_if_the_post_does() -> None:
    """The title's "Interview with X" counts where X is spoken of."""
    assert interviewee("An interview with Mira Halden", WORDS, "Mira Halden came.") == "Mira Halden"
    assert interviewee("Mira Halden: a dam is a promise", WORDS, "Mira Halden came.") == "Mira Halden"
    assert interviewee("An evening with Blue Water", WORDS, "Nobody came.") == ""


def test_a_person_is_told_from_a_description() -> None:
    """Capitals are the name, small letters the description; a name is two to five words."""
    assert person("Minister Aldo Kress, health", WORDS) == "Minister Aldo Kress"
    assert person("a fisherman", WORDS) == "fisherman"
    assert looks_like_name("Mira van der Holt", WORDS)
    assert not looks_like_name("On the dykes", WORDS)
    assert not looks_like_name("Mira", WORDS)


@pytest.mark.parametrize(
    ("heading", "language", "said"),
    [
        ("On corruption:", "en", "corruption"),
        ("🌊 3. On the dykes", "en", "the dykes"),
        ('On "independence":', "en", '"independence"'),
        ("Zur Lage", "de", "Lage"),
        ("On forests", "de", "forests"),
        ("Sull’acqua", "it", "acqua"),
        ("À propos de l’eau :", "fr", "l’eau"),
        ("O preço", "pt", "O preço"),
        ("O stypendiach", "pl", "stypendiach"),
        ("Yolsuzluk hakkında", "tr", "Yolsuzluk"),
        ("درباره کتاب:", "fa", "کتاب"),
        ("Corruption", "en", "Corruption"),
        ("On", "en", "On"),
    ],
)
def test_a_topic_is_what_stands_after_on(heading: str, language: str, said: str) -> None:
    """The preposition goes; an article that is not fused with it stays, as do the words."""
    assert topic(heading, WORDS, language) == said


def test_ornaments_are_bullets_dashes_numbers_and_emoji() -> None:
    """They stand before an item's words and are none of them."""
    for ornament in ("- ", "• ", "1. ", "(2) ", "a) ", "✔ ", "👉 ", "1️⃣ ", "— ", "·\u00a0\u00a0"):
        assert bare(f"{ornament}Dams:") == "Dams", ornament
        assert bulleted(f"{ornament}Dams")
    for words in ("Dams", "“Dams”", "«Dams»", "12.5 million", "1990 was dry", "A. Halden"):
        assert lead(words) == 0, words


@pytest.mark.parametrize(
    ("heading", "both"),
    [
        ("Mira Halden on the press:", ("Mira Halden", "the press")),
        ("Jo Brask, on dams:", ("Jo Brask", "dams")),
        ("The minister, Jo Brask, on dams", ("Jo Brask", "dams")),
        ("Notes on dams", None),
        ("Press Freedom on Trial", None),
        ("On dams", None),
    ],
)
def test_a_heading_may_name_person_and_topic(heading: str, both: tuple[str, str] | None) -> None:
    """Whom the post names elsewhere too, or whom a comma sets apart."""
    assert speaker_on(heading, WORDS, "Mira Halden came. Mira Halden left.", "en") == both


def test_words_that_are_symbols_to_unicode_are_no_ornaments() -> None:
    """A line of copyright is no item of a list; the permanent link behind a heading is no word of it."""
    assert not bulleted("© Mira Halden")
    assert bare("On dams#") == bare("## On dams ¶") == "On dams"
    assert bare("1- Dams") == bare("① Dams") == "Dams"


USUAL = {
    Kind.THEMES: """
        Key Takeaways
        Main Points
        Key Messages of the Speech
        Themes
        Discussion Topics
        Topics of Discussion
        Key Themes in the Interview:
        Kernthemen
        Hauptthemen des Interviews
        Temas clave
        Thèmes principaux
        Thèmes abordés
        مضامین کلیدی
        موضوعات اصلی
        المواضيع الرئيسية
        Ключевые темы
        Ana Konular
        Önemli Temalar
        Temi chiave
        Temas-chave
        Kernthema's
        Kluczowe tematy
    """,
    Kind.QUOTES: """
        Notable Quotations
        Quotes
        Key Quote
        Selected Quotes from the Speech
        Most Important Quotes of Mira Halden
        Quotable Quotes
        Key Statements
        Mira Halden: Key Quotes
        Zentrale Aussagen
        Wichtige Zitate
        Schlüsselzitate von Anselm Voigt
        Citas clave
        Frases clave de Inés
        Citations clés
        Principales citations
        نقل قول‌های کلیدی
        نقل‌قول‌های مهم
        اقتباسات رئيسية
        أهم الاقتباسات
        Ключевые цитаты
        Основные цитаты
        Önemli Alıntılar
        Anahtar Alıntılar
        Citazioni chiave
        Citações-chave
        Principais citações
        Belangrijkste citaten
        Kluczowe cytaty
    """,
    Kind.POSTS: """
        Related Articles
        Related Stories
        Related Blog Posts
        Further Reading
        Read More
        You May Also Like
        Previous Posts on This Topic
        More on Mira Halden
        Verwandte Beiträge
        Weitere Artikel
        Entradas relacionadas
        Artículos relacionados
        Articles liés
        Articles connexes
        À lire aussi
        مطالب مرتبط
        نوشته‌های مرتبط
        پست‌های مرتبط
        مقالات ذات صلة
        Похожие записи
        Похожие публикации
        İlgili Yazılar
        İlgili Gönderiler
        Post correlati
        Articoli correlati
        Postagens relacionadas
        Gerelateerde berichten
        Powiązane wpisy
        Powiązane posty
    """,
    Kind.VIDEOS: """
        Related Video
        Videos
        Related Videos on YouTube
        Video Clips
        Watch
        Ähnliche Videos
        Videos relacionados
        Vídeos relacionados
        Vidéos associées
        Vidéos connexes
        ویدئوهای مرتبط
        فيديوهات ذات صلة
        Связанные видео
        İlgili Videolar
        Video correlati
        Vídeos relacionados
        Gerelateerde video's
        Powiązane filmy
    """,
    Kind.LINKS: """
        See Also
        Related
        Related Links
    """,
    Kind.STOP: """
        Leave a Comment
        Share this post
        Comments
        3 Comments
        Kommentare
        Yorumlar
        نظرات
    """,
}


@pytest.mark.parametrize("kind", USUAL)
def test_the_usual_headings_of_twelve_languages(kind: Kind) -> None:
    """Each line as bloggers word it; one that is not known leaves a section unread."""
    headings = [line.strip() for line in USUAL[kind].strip().splitlines()]
    found = {heading: title(heading, WORDS, exact=False) for heading in headings}
    assert {heading: named.kind if named else None for heading, named in found.items()} == dict.fromkeys(
        headings, kind
    )
