"""Who says what stands between quotation marks in German, French, Spanish and eight other languages."""

from __future__ import annotations

import pytest

from attributed import speakers

GERMAN = [
    (
        "„Die Netze sind leer“, sagte Ilse Varnhagen, die mit ihrem Bruder Jonas Feld die Fähre betreibt.",
        ("Ilse Varnhagen",),
    ),
    (
        "„Die Netze sind leer“, sagte die Hafenmeisterin Dana Orlo am Montag der „Odder Zeitung“.",
        ("Dana Orlo",),
    ),
    ("Am Montag sagte Bürgermeister Tomas Reyl: „Die Netze sind leer.“", ("Tomas Reyl",)),
    ("Hafenmeisterin Dana Orlo erklärte dazu: „Die Netze sind leer.“ Tomas Reyl schwieg.", ("Dana Orlo",)),
    ("„Die Netze sind leer“, so Reyl. Tomas Reyl ist Bürgermeister von Odde.", ("Tomas Reyl",)),
    ("Laut Tomas Reyl ist der Hafen „seit drei Jahren am Ende seiner Kräfte“.", ("Tomas Reyl",)),
    ("Nach den Worten von Dana Orlo ist der Hafen „seit drei Jahren am Ende seiner Kräfte“.", ("Dana Orlo",)),
    ("Wie Dana Orlo betont, sei der Hafen „seit drei Jahren am Ende seiner Kräfte“.", ("Dana Orlo",)),
    ("„Die Netze sind leer“, sagte ein Sprecher des Ministeriums. Dana Orlo war nicht zu erreichen.", ("",)),
    ("„Die Netze sind leer“, sagte eine Anwohnerin. Dana Orlo widersprach.", ("",)),
    ("Der Mieterverein Odde teilte mit: „Die Netze sind leer.“", ("Mieterverein Odde",)),
    (
        "„Wir verkaufen nicht“, sagt Dana Orlo. „Nie.“ Die Ministerin lacht. „Fragen Sie in zehn Jahren wieder“, sagt sie.",
        ("Dana Orlo", "Dana Orlo"),
    ),
    (
        "Ministerin Dana Orlo traf Tomas Reyl. „Wir verkaufen nicht“, sagte die Ministerin. „Schade“, sagte Reyl.",
        ("Dana Orlo", "Tomas Reyl"),
    ),
    (
        "Dana Orlo hat die Pläne kritisiert. „Das ist ein Geschenk an die Bank“, sagte die 54-Jährige.",
        ("Dana Orlo",),
    ),
    (
        "Orlo nannte den Verkauf „ein Geschenk an niemanden außer der Bank“. Dana Orlo leitet den Hafen.",
        ("Dana Orlo",),
    ),
    (
        "„Warum?“, fragte Reyl. „Weil ich müde war“, antwortete Orlo. Dana Orlo und Tomas Reyl kennen sich lange.",
        ("Tomas Reyl", "Dana Orlo"),
    ),
    ("Frau Orlo sagte: „Wir verkaufen nicht.“", ("Frau Orlo",)),
    ("Fachleute sagen: „Die Netze sind leer.“", ("",)),
    ("„Das war nicht leicht“, erinnert sich Dana Orlo, die seit 2019 den Hafen leitet.", ("Dana Orlo",)),
    ("Hafenchef Tomas Reyl zeigte sich zufrieden. „Das war nicht leicht“, sagte er.", ("Tomas Reyl",)),
    (
        "Größte Kundin ist eine Bäckerei. Dana Orlo leitet sie. „Ich rufe jeden Tag an“, sagt sie.",
        ("Dana Orlo",),
    ),
    ("Auch Dana Orlo widerspricht: „Das stimmt nicht.“", ("Dana Orlo",)),
    ("Dem widerspricht Dana Orlo von der Hafenbehörde. „Das stimmt nicht“, sagt sie.", ("Dana Orlo",)),
    (
        "Die Vorsitzende des Mietervereins, Dana Orlo, sprach von „einem Geschenk an niemanden außer der Bank“.",
        ("Dana Orlo",),
    ),
    ("„Das stimmt nicht“, heißt es in einer Mitteilung der Hafenbehörde.", ("",)),
    ("„Das stimmt nicht“, teilte das Umweltministerium mit.", ("Umweltministerium",)),
    ("Reyls Anwältin Dana Orlo sagte: „Das stimmt nicht.“ Tomas Reyl schwieg.", ("Dana Orlo",)),
    ("„Ich kauf euch jetzt“, hat Gül gesagt. Gül führt die Bäckerei.", ("Gül",)),
    ("Er habe „nie einen einzigen Sack gezählt“, sagte Reyl. Tomas Reyl ist angeklagt.", ("Tomas Reyl",)),
    (
        "Mit Blick auf den Hafen sprach Orlo von einem „Geschenk an niemanden außer der Bank“. Dana Orlo ist Bürgermeisterin.",
        ("Dana Orlo",),
    ),
    (
        "„Wir warten“, erklärte das Umweltministerium. Es gebe „keinen Grund zur Sorge um den Damm“.",
        ("Umweltministerium", "Umweltministerium"),
    ),
    ("Laut Reyl ist der Damm „seit drei Jahren am Ende seiner Kräfte“.", ("Reyl",)),
]

FRENCH = [
    (
        "« Les filets sont vides, explique Ilse Varnet, qui tient le bac avec son frère Jonas Feld. On attend. »",
        ("Ilse Varnet",),
    ),
    ("« Les filets sont vides », a déclaré lundi la maire d’Odde, Dana Orlo.", ("Dana Orlo",)),
    ("« Les filets sont vides », a déclaré Dana Orlo, maire d’Odde.", ("Dana Orlo",)),
    ("Selon Tomas Reyl, le port est « au bout de ses forces depuis trois ans ».", ("Tomas Reyl",)),
    (
        "D’après la ministre Dana Orlo, le port est « au bout de ses forces depuis trois ans ».",
        ("Dana Orlo",),
    ),
    ("Pour Dana Orlo, « le port est au bout de ses forces ».", ("Dana Orlo",)),
    (
        "Dana Orlo dirige le port. « Nous ne vendrons pas », dit-elle. Tomas Reyl, lui, sourit. « On verra », glisse-t-il.",
        ("Dana Orlo", "Tomas Reyl"),
    ),
    ("« Nous ne vendrons pas », assure un porte-parole du ministère. Dana Orlo n’a pas répondu.", ("",)),
    ("« Nous ne vendrons pas », affirme une habitante du quartier.", ("",)),
    (
        "Le Syndicat des pêcheurs écrit dans un communiqué : « Nous ne vendrons pas. »",
        ("Syndicat des pêcheurs",),
    ),
    (
        "La ministre Dana Orlo a reçu Tomas Reyl. « Nous ne vendrons pas », a répété la ministre.",
        ("Dana Orlo",),
    ),
    (
        "Interrogée par l’AFP, Dana Orlo a qualifié la vente de « cadeau à personne sauf à la banque ».",
        ("Dana Orlo",),
    ),
    (
        "— Pourquoi ? demanda Reyl.</p><p>— Parce que j’étais fatiguée, répondit Orlo.</p><p>Dana Orlo et Tomas Reyl se connaissent depuis longtemps.",
        ("Tomas Reyl", "Dana Orlo"),
    ),
    ("« Je n’ai rien vu, s’agace Mme Orlo. Rien du tout. »", ("Mme Orlo",)),
    ("« Le port est mort », se désole le patron du bac, Tomas Reyl.", ("Tomas Reyl",)),
    ("Dana Orlo, qui dirige le port depuis 2019, se souvient : « Ce n’était pas facile. »", ("Dana Orlo",)),
    (
        "La Fédération des pêcheurs, elle, dénonce « un cadeau à personne sauf à la banque ».",
        ("Fédération des pêcheurs",),
    ),
    ("« Ce n’était pas facile », confie celle qui dirige le port. Dana Orlo a 54 ans.", ("",)),
    ("« Ce n’était pas facile », raconte M. Reyl, 61 ans.", ("M. Reyl",)),
    (
        "Le ministère de l’Intérieur a fait savoir qu’il n’y avait « aucune raison de s’inquiéter pour le port ».",
        ("ministère de l’Intérieur",),
    ),
    ("Aux yeux de Dana Orlo, la vente est « un cadeau à personne sauf à la banque ».", ("Dana Orlo",)),
    ("« Nous attendons », ont déclaré Dana Orlo et Tomas Reyl dans une lettre commune.", ("",)),
    ("Son frère, Jonas Feld, n’est pas d’accord. « On attend », dit-il.", ("Jonas Feld",)),
    (
        "« On attend », lance Lucette, la patronne du bar.</p><p>« On a l’habitude », ajoute-t-elle.",
        ("Lucette", "Lucette"),
    ),
]

SPANISH = [
    (
        "«Las redes están vacías», dijo Ilse Varne, que lleva el ferri con su hermano Jonás Feld.",
        ("Ilse Varne",),
    ),
    ("“Las redes están vacías”, afirmó este lunes la alcaldesa de Odde, Dana Orlo.", ("Dana Orlo",)),
    ("La alcaldesa Dana Orlo dijo: “Las redes están vacías”.", ("Dana Orlo",)),
    ("Según Tomás Reil, el puerto está “al final de sus fuerzas desde hace tres años”.", ("Tomás Reil",)),
    ("A juicio de Dana Orlo, el puerto está “al final de sus fuerzas desde hace tres años”.", ("Dana Orlo",)),
    (
        "Dana Orlo dirige el puerto. “No venderemos”, dijo. Tomás Reil, en cambio, sonrió. “Ya veremos”, respondió él.",
        ("Dana Orlo", "Tomás Reil"),
    ),
    ("“No venderemos nunca”, aseguró un portavoz del ministerio.", ("",)),
    ("“No venderemos nunca”, contó una vecina. Dana Orlo no respondió.", ("",)),
    ("—No venderemos —dijo Dana Orlo—. Nunca.", ("Dana Orlo",)),
    ("La ministra Dana Orlo recibió a Tomás Reil. “No venderemos”, repitió la ministra.", ("Dana Orlo",)),
    (
        "La Federación de Pescadores denunció en un comunicado: “No venderemos nunca”.",
        ("Federación de Pescadores",),
    ),
    (
        "Orlo calificó la venta de “regalo para nadie salvo para el banco”. Dana Orlo dirige el puerto.",
        ("Dana Orlo",),
    ),
    ("“Eso no es verdad”, le espetó Tomás Reil a la alcaldesa.", ("Tomás Reil",)),
    ("Para Dana Orlo, “el puerto está al final de sus fuerzas”.", ("Dana Orlo",)),
    (
        "Para Saúl Perdi, analista del banco, las cuentas no cuadran. “El margen encoge”, aseguró.",
        ("Saúl Perdi",),
    ),
    ("Dana Orlo, que dirige el puerto desde 2019, recuerda: “No fue fácil”.", ("Dana Orlo",)),
    ("“No fue fácil”, dijeron Dana Orlo y Tomás Reil en una carta.", ("",)),
    (
        "El Ministerio del Interior informó de que no había “ninguna razón para preocuparse por el puerto”.",
        ("Ministerio del Interior",),
    ),
    ("“No fue fácil”, disparó el entrenador, Tomás Reil.", ("Tomás Reil",)),
    ("Interrogada por la prensa, la alcaldesa, Dana Orlo, respondió: “No fue fácil”.", ("Dana Orlo",)),
    ("Su hermano, Jonás Feld, no está de acuerdo. “Esperamos”, dice.", ("Jonás Feld",)),
    ("Queda Jacinta Ocelo. “Yo solo vengo a oír las de los otros”, dice.", ("Jacinta Ocelo",)),
]

OTHERS = [
    ("it", "«Le reti sono vuote», ha detto la sindaca di Odde, Dana Orlo.", "Dana Orlo"),
    ("it", "Secondo Dana Orlo il porto è «alla fine delle sue forze da tre anni».", "Dana Orlo"),
    ("nl", "‘De netten zijn leeg,’ zei burgemeester Dana Orlo. ‘Al drie jaar.’", "Dana Orlo"),
    ("pt", "“As redes estão vazias”, disse a prefeita de Odde, Dana Orlo.", "Dana Orlo"),
    ("pl", "– Sieci są puste – powiedziała Dana Orlo, burmistrzyni Odde. – Od trzech lat.", "Dana Orlo"),
    ("ru", "«Сети пусты», — сказала мэр Дана Орло.", "Дана Орло"),
    ("tr", "“Ağlar boş,” dedi Dana Orlo.", "Dana Orlo"),
    ("sv", "”Näten är tomma”, säger Dana Orlo, som är borgmästare i Odde.", "Dana Orlo"),
]


@pytest.mark.parametrize(("text", "named"), GERMAN)
def test_german(text: str, named: tuple[str, ...]) -> None:
    """Inverted verbs, "so X", "laut", "nach den Worten von", nouns with capitals that are no names."""
    assert speakers(text, "de") == named


@pytest.mark.parametrize(("text", "named"), FRENCH)
def test_french(text: str, named: tuple[str, ...]) -> None:
    """Attributions inside the marks, "selon", "pour X", participles, organisations in small letters."""
    assert speakers(text, "fr") == named


@pytest.mark.parametrize(("text", "named"), SPANISH)
def test_spanish(text: str, named: tuple[str, ...]) -> None:
    """Verbs without a subject, "según", "a juicio de", dialogue after a dash."""
    assert speakers(text, "es") == named


@pytest.mark.parametrize(("language", "text", "speaker"), OTHERS)
def test_other_languages(language: str, text: str, speaker: str) -> None:
    """The verbs of a words file are enough; without one, the comma of the quotation tells that a verb of speech follows."""
    assert speakers(text, language) == (speaker,)
