"""The constructions that carry an attribution, language by language, and what is a name in them.

Each sentence stands for its kind: what its subject is, where its verb stands, what the shape of a clause says alone.
"""

from __future__ import annotations

import pytest

from attributed import attributions, clauses, narrated, speakers, words
from digest.extract.prose.namings import without_adverbs, without_roles
from digest.extract.prose.people import people
from test_extract_namings import runs

# ── who is cited, called, spoken for ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Your report quotes the leader of the council, Ada Roth, as saying: “We wait for nobody here.”",
        ),
        ("en", "The Gazette cited Ada Roth as saying that “we wait for nobody here”."),
        ("de", "Die Zeitung zitiert Ada Roth mit den Worten: „Wir warten hier auf niemanden.“"),
        ("fr", "Le journal cite Ada Roth : « Nous n’attendons personne ici. »"),
        ("es", "El diario cita a la alcaldesa. Según Ada Roth, «aquí no esperamos a nadie nunca»."),
    ],
)
def test_who_is_cited_speaks(language: str, text: str) -> None:
    """The object of a verb that cites, not who cites."""
    assert speakers(text, language) == ("Ada Roth",)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I refer to the claim made here by Ada Roth that “we wait for nobody in this town”."),
        ("en", "Jonas Feld left. In Ada Roth’s words, “we wait for nobody in this town”."),
        ("en", "The mayor, Ada Roth, had no time. It was, in her words, “a town that waits for nobody”."),
        ("fr", "Jean Roux part. Tous répètent la formule de Ada Roth « un port qui n’attend personne »."),
        ("es", "Todos repiten la frase de Ada Roth «un puerto no espera nunca a nadie»."),
    ],
)
def test_a_noun_for_what_is_said_names_its_author(language: str, text: str) -> None:
    """By a preposition behind it, or by whose it is."""
    assert speakers(text, language) == ("Ada Roth",)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "It is “a town that waits for nobody”, as Ada Roth puts things."),
        ("de", "Acht Chefs hat er gesehen, „drei mit Hut und fünf ohne“, wie Ada Roth es ausdrückt."),
        ("fr", "C’est « une ville qui n’attend personne », comme Ada Roth la surnomme."),
        ("es", "Es «un pueblo que no espera a nadie», como Ada Roth lo retrata."),
    ],
)
def test_a_clause_with_as_says_whose_words_they_are(language: str, text: str) -> None:
    """Whichever verb it has."""
    assert speakers(text, language) == ("Ada Roth",)


def test_a_declaration_to_somebody_is_not_by_them() -> None:
    """ "En declaraciones a Radio Faro" tells who listened."""
    text = "Habló Ada Roth. «Aquí no esperamos a nadie», disparó en declaraciones a Radio Faro."
    assert "Radio Faro" not in speakers(text, "es")


# ── subjects ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "text", "who"),
    [
        (
            "en",
            "Jonas Feld came. What their captain, Ada Roth, called “a gift to nobody in town” was sold.",
            "Ada Roth",
        ),
        (
            "en",
            "They had no boat; but, as Ada Roth once remarked, “there is not a day when I do not row”.",
            "Ada Roth",
        ),
        ("en", "On Monday evening Ada Roth said: “We wait here.”", "Ada Roth"),
        ("en", "In 1989 Ada Roth wrote: “We wait here.”", "Ada Roth"),
        (
            "es",
            "Ana Roth vino. Roth le replicó que «siete meses son catorce años» y anunció un recurso.",
            "Ana Roth",
        ),
        ("es", "Ana Roth llegó. «Aquí esperamos siempre», le explicó una vez a Jonás Feld.", "Ana Roth"),
        ("es", "Ana Roth vino. Desde el fondo de la sala un vecino gritó: «¡Aquí esperamos!»", ""),
        (
            "es",
            "La cirujana que la operó dos veces, Ana Roth, mide las palabras: «El tendón está bien.»",
            "Ana Roth",
        ),
        ("fr", "L’organiste du bourg, Ada Roux, n’a pas cherché d’excuses : « J’ai joué faux. »", "Ada Roux"),
    ],
)
def test_the_subject_is_found_where_its_language_puts_it(language: str, text: str, who: str) -> None:
    """Not in a phrase of time or place, nor behind "and"."""
    assert speakers(text, language) == (who,)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Als Zeugin tritt Ada Roth auf. „Der Honig war gut“, sagt sie."),
        ("fr", "Présidente de l’amicale, Ada Roux avait dix minutes. « C’est peu », a-t-elle dit."),
        ("en", "Daughter of a miller, Ada Roth never left. “I like flour,” she says."),
    ],
)
def test_what_somebody_is_before_the_name_is_not_somebody_else(language: str, text: str) -> None:
    """A bare role at the start of a sentence, or behind "as", belongs to its subject."""
    assert speakers(text, language) == ("Ada Roux" if language == "fr" else "Ada Roth",)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Ada Roth left. Somebody shouted: “Wait for us!”"),
        ("de", "Ada Roth ging. Jemand rief: „Wartet auf uns!“"),
        ("fr", "Ada Roux est partie. Quelqu’un a lancé : « Attendez-nous donc ! »"),
        ("es", "Ana Roth se fue. Alguien gritó: «¡Esperadnos, por favor!»"),
    ],
)
def test_somebody_has_spoken_and_stays_unnamed(language: str, text: str) -> None:
    """It is a quotation, and nobody's whom the post names."""
    assert speakers(text, language) == ("",)


def test_a_verb_alone_goes_on_about_the_subject_before() -> None:
    """Where pronouns are left out, a sentence that begins with its verb changes no subject."""
    text = (
        "Jonás Feld se quejó. Luego habló la edil Ana Roth, cuyo voto se daba por dudoso. "
        "Explicó que había medido el ruido. «En mi balcón no se duerme», resumió."
    )
    assert speakers(text, "es") == ("Ana Roth",)


# ── whom a role means ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "text", "who"),
    [
        ("en", "Anto Roth, the Odde manager, was glad. “We ran,” the Irishman said.", "Anto Roth"),
        ("en", "Anto Roth was glad. “We ran a lot,” the 54-year-old said.", "Anto Roth"),
        (
            "fr",
            "Le but est de Jean Roux, servi par le capitaine Luc Morel. « J’ai couru », a révélé ce dernier.",
            "Luc Morel",
        ),
        ("de", "Ada Roth sieht alles. „Ich schlafe nie“, meint die 64-Jährige.", "Ada Roth"),
    ],
)
def test_a_description_means_who_is_on_the_scene(language: str, text: str, who: str) -> None:
    """Where somebody is from, how old, or that this was the last who was named."""
    assert speakers(text, language) == (who,)


def test_who_is_told_does_not_tell() -> None:
    """A name behind the words in their sentence is nobody whom a pronoun or a bare verb there means."""
    text = "Ana Roth reparó radios. Luis Feld la recuerda. Llovía. «Solo se entera quien te quiere», le dijo ayer a Feld."
    assert "Luis Feld" not in speakers(text, "es")
    assert speakers("Ada Roth met Jonas Feld. “It rains,” he told Feld.") != ("Jonas Feld",)


def test_the_manager_of_one_side_is_not_that_of_the_other() -> None:
    """A role with a name in it is only that of who has it there."""
    text = (
        "Anto Roth, the Odde manager, was glad. His counterpart, Ada Feld, was not. "
        "Odde and Vale drew. The Vale manager said: “We froze.”"
    )
    assert "Anto Roth" not in speakers(text)


def test_a_role_that_has_meant_somebody_means_the_same_again() -> None:
    """The accused who answered is the accused who falls silent."""
    text = (
        "Max Osorio pasó consulta nueve años sin título.</p><p>—¿Sabía que no era médico? —le preguntó la fiscal, "
        "Ana Roth.</p><p>—Perfectamente —contestó el acusado—. Siempre.</p><p>El forense Luis Balboa revisó los "
        "papeles. El acusado tardó en contestar. «Alguien tenía que abrir», dijo al fin."
    )
    assert speakers(text, "es")[-1] == "Max Osorio"


def test_the_one_whom_a_post_names_most_is_meant_after_a_while() -> None:
    """A pronoun some sentences later, when nobody else is named as often."""
    text = (
        "Ada Roth builds boats with her hands. Jonas Feld sells rope. Ada Roth never sold one. Roth laughs. "
        "It rained. It was dark. It was late. “Nobody asked for one,” she says."
    )
    assert speakers(text) == ("Ada Roth",)


def test_an_organisation_that_was_the_subject_before_is_it() -> None:
    """ "The group" is who has just acted, not who was named somewhere."""
    text = "The Tide Ministry refused. The Harbour Union counted 17 arrests. “This is the sentence,” the group wrote."
    assert speakers(text) == ("Harbour Union",)


# ── what the shape of a clause says ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "fr",
            "Paul Roux rit. “Le maire nous a promis un bal”, fanfaronnait ce dernier. “On attend toujours.”",
        ),
        ("de", "Ich blieb. „Das Brot war weg“, musste ich einsehen. „Ich hatte es gegessen.“"),
        (
            "de",
            "Der Orden ging zurück: „Ich habe nur gelesen“, stand auf der Karte. „Geben Sie ihn anderen.“",
        ),
    ],
)
def test_parts_around_an_incise_are_one_quotation_whichever_verb_it_has(language: str, text: str) -> None:
    """A comma, a verb and who speaks, between two halves in marks."""
    assert len(attributions(text, language)) == 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "„Der Sturm kommt bald“, dann schwieg sie. „Wir warten auf ihn.“"),
        ("fr", "« Le port est fermé », avec un soupir. « Nous attendons encore. »"),
    ],
)
def test_parts_around_something_else_stay_two(language: str, text: str) -> None:
    """An adverb or a preposition begins no attribution."""
    assert len(attributions(text, language)) == 2


def test_in_a_dialogue_of_two_the_turns_alternate() -> None:
    """A line without a speaker is said by who spoke before the last."""
    text = (
        "Arthur Roth stood on the step.</p><p>“So it was you,” he said.</p><p>“I can explain,” I said.</p>"
        "<p>“I have had marrow since Tuesday.”"
    )
    [first, second, third] = attributions(text, authors=("Mia Feld",))
    assert (first.name, second.name, third.name) == ("Arthur Roth", "Mia Feld", "Arthur Roth")


def test_words_in_brackets_are_framed_by_nothing_outside_them() -> None:
    """A headline that is cited in passing is nobody's words."""
    text = "Your report (“Diggers by spring in the valley”, 2 October) quotes Ada Roth as saying: “Nobody waits.”"
    assert speakers(text) == ("Ada Roth",)


# ── names ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Doreen Roth swims. Eventually Roth said no.", ["Doreen Roth", "Roth"]),
        ("Doreen Roth swims. Afterwards Feld said no.", ["Doreen Roth", "Feld"]),
        ("Emily Roth swims. Roth said no.", ["Emily Roth", "Roth"]),
        (
            "Doreen Roth swims. Emily Roth rows. Emily Roth said no.",
            ["Doreen Roth", "Emily Roth", "Emily Roth"],
        ),
    ],
)
def test_an_adverb_at_the_start_of_a_sentence_is_no_given_name(text: str, expected: list[str]) -> None:
    """By its ending only where the surname is known without it."""
    assert [run.text for run in without_adverbs(runs(text), words().speech("en"))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Waldau siegte. Waldaus Coach Jan Roth lachte. Roth ging.", "Jan Roth"),
        ("Großseglerbauer Mertens schließt. Mertens bleibt stumm.", "Mertens"),
        ("Der Coach kam. Coach Jan Roth lachte.", "Jan Roth"),
        ("Hans Peter Roth kam. Hans Peter Roth ging. Roth blieb.", "Hans Peter Roth"),
        ("Die Seemannsmission Altholz kam. In Altholz regnet es.", "Seemannsmission Altholz"),
    ],
)
def test_german_nouns_before_a_name_are_none_of_it(text: str, expected: str) -> None:
    """A genitive, a noun that has an article elsewhere, a long compound; two given names stay."""
    named = without_roles(runs(text, "de"), narrated(text, "de").forms, words().speech("de"))
    assert expected in [run.text for run in named]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "Le Syndicat des gens de mer a salué Ada Roux.", "Syndicat des gens de mer"),
        ("es", "La radio calló. Radio Faro lo contó.", "Radio Faro"),
    ],
)
def test_a_name_keeps_the_noun_that_heads_it(language: str, text: str, expected: str) -> None:
    """What an organisation is of, and a noun of the text at the start of a sentence."""
    assert expected in [run.text for run in runs(text, language)]


def test_where_somebody_is_from_is_no_name() -> None:
    """ "The Irishman" has a capital, and an article."""
    assert [run.text for run in runs("The Irishman met Ada Roth.")] == ["Ada Roth"]


def test_a_surname_with_a_hyphen_keeps_its_title() -> None:
    """It is one name, as a surname without one is."""
    told = attributions("Mrs Adeyemi-Roth cleans. “I sang,” she says.")
    assert [each.name for each in told] == ["Mrs Adeyemi-Roth"]


def test_a_noun_for_an_organisation_before_a_name_tells_what_it_is() -> None:
    """ "L’association Grand Large" is nobody who could be "she"."""
    narration = narrated("L’association Grand Large a dix ans.", "fr")
    [entity] = people(narration, words(), "fr", title="").entities
    assert entity.organisation


def test_a_firm_with_a_surname_is_not_who_has_it() -> None:
    """The noun before it tells the one from the other."""
    text = (
        "Der Klavierhersteller Reyl schließt. Reyl ist am Ende. „Wir bedauern das“, teilte der Klavierhersteller Reyl mit."
        "</p><p>Geschäftsführerin Ada Reyl schwieg. „Ich weiß nichts davon“, sagte Reyl."
    )
    assert speakers(text, "de") == ("Reyl", "Ada Reyl")


def test_the_mother_of_somebody_is_nobody_who_was_named() -> None:
    """Even if the post is about one woman."""
    text = "Ada Roth writes. Roth is known. Ada Roth met a miller. It rained. “Ask him,” the miller’s mother said."
    assert speakers(text) == ("",)


# ── parties ──────────────────────────────────────────────────────────────────────────────────────


def test_a_phrase_of_time_is_nobody() -> None:
    """And what a preposition governs ends with it."""
    read = clauses("One evening in May Ada Roth rowed.")
    assert [(party.governed, party.mention is not None) for party in read.parties(0, 8)] == [(False, True)]
