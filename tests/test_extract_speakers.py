"""Who says what stands between quotation marks: the clause around it, short names, pronouns, roles, and who is nobody."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attributed import attributions, speakers, words
from digest.extract.prose.speakers import NAMED, attribute
from digest.extract.prose.utterances import utterances
from digest.text.html import document, sanitise
from effort import effort

# ── English ──────────────────────────────────────────────────────────────────────────────────────

FRAMED = [
    (
        "“The nets are empty,” said Ilse Varnhagen, who runs the ferry with her brother Jonas Feld.",
        "Ilse Varnhagen",
    ),
    (
        "Ilse Varnhagen, who runs the ferry with her brother Jonas Feld, said: “The nets are empty.”",
        "Ilse Varnhagen",
    ),
    (
        "Ilse Varnhagen, sister of Jonas Feld, said the nets were “empty for the third year in a row”.",
        "Ilse Varnhagen",
    ),
    ("When Jonas Feld stopped the engine, Ilse Varnhagen said, “The nets are empty.”", "Ilse Varnhagen"),
    ("“The nets are empty,” the harbour master, Tomas Reyl, told the Odde Gazette on Monday.", "Tomas Reyl"),
    (
        "According to Tomas Reyl, harbour master of Odde, “the nets have been empty for three years”.",
        "Tomas Reyl",
    ),
    ("“The nets,” according to Mayor Dana Orlo, “are empty.”", "Dana Orlo"),
    ("As Dana Orlo put it: “The nets are empty.”", "Dana Orlo"),
    ("“The nets are empty,” sighed the ferryman, Tomas Reyl.", "Tomas Reyl"),
    ("“The nets are empty,” growled Tomas Reyl, not looking up.", "Tomas Reyl"),
    ("“The nets are empty,” Harbour Union spokeswoman Dana Orlo said.", "Dana Orlo"),
    ("In her letter, Dana Orlo wrote that the sale was “a gift to nobody but the bank”.", "Dana Orlo"),
    ("What Dana Orlo called “a gift to nobody but the bank” was approved on Monday.", "Dana Orlo"),
    ("“The boats stay,” says Dr. Dana Orlo of the University of Vell.", "Dana Orlo"),
    ("Dana Orlo was reported by the police to have shouted, “The boats stay here!”", "Dana Orlo"),
    ("The judge, Adaeze Rowntree, told Tomas Reyl: “You knew the boats were not yours.”", "Adaeze Rowntree"),
    (
        "“You knew,” Judge Adaeze Rowntree told Tomas Reyl, “that the boats were not yours.”",
        "Adaeze Rowntree",
    ),
    ("Tomas Reyl’s lawyer, Dana Orlo, said: “He did not know.”", "Dana Orlo"),
    ("Her brother Jonas Feld said, “She did not know.” Ilse Feld was not there.", "Jonas Feld"),
    ("“I was twelve when the ferry sank,” recalls Vell-born novelist Mira Halden.", "Mira Halden"),
    (
        "Speaking to reporters after the vote, opposition leader Anselm Kiru said: “This is a beginning.”",
        "Anselm Kiru",
    ),
    (
        "“This is a beginning,” opposition leader Anselm Kiru, speaking after the vote, told reporters.",
        "Anselm Kiru",
    ),
    ("For Anselm Kiru, the vote is “the beginning of the end of the old harbour”.", "Anselm Kiru"),
    ("Firefighter Renata Solis pulled the boat ashore. “It was not heavy,” Solis said.", "Renata Solis"),
    (
        "At the funeral Fr Cathal Toomey told mourners that the dead man had left “by the only road he never walked”.",
        "Cathal Toomey",
    ),
    ("Dana Orlo asked whether the boats were sold, and Tomas Reyl replied: “Not one of them.”", "Tomas Reyl"),
    ("“We will appeal,” said Dana Orlo, a lawyer for Tomas Reyl. “He is innocent.”", "Dana Orlo"),
    (
        "Mira Halden, whose report was published on Monday, writes that the harbour was “left to rot for eleven years”.",
        "Mira Halden",
    ),
    ("“I was afraid,” said Tomas Reyl Jr.", "Tomas Reyl Jr"),
    (
        "‘The nets are empty,’ said Ilse Varnhagen, 54, from Odde. ‘They’ve been empty for years.’",
        "Ilse Varnhagen",
    ),
]

RESOLVED = [
    (
        "“The nets are empty,” Reyl told the council. Tomas Reyl is the harbour master of Odde.",
        ("Tomas Reyl",),
    ),
    (
        "Dana Orlo chairs the board. “We will not sell the boats,” she said. Tomas Reyl, who owns two of them, laughed. “We will see,” he said.",
        ("Dana Orlo", "Tomas Reyl"),
    ),
    (
        "Minister Dana Orlo met Tomas Reyl on Friday. “We will not sell the boats,” the minister said.",
        ("Dana Orlo",),
    ),
    (
        "“We will not sell the boats,” Orlo said.</p><p>“We never have,” she added.</p><p>“And we never will.”</p><p>Dana Orlo has led the board since 2019.",
        ("Dana Orlo", "Dana Orlo", "Dana Orlo"),
    ),
    ("Asked whether the boats would be sold, Orlo replied: “Never.” Dana Orlo is the mayor.", ("Dana Orlo",)),
    ("“The boats stay,” Orlo, 54, said. Dana Orlo is the mayor.", ("Dana Orlo",)),
    (
        "“The boats stay here for good,” Mr Reyl said. Mrs Reyl was not so sure. “I would sell them,” she said.",
        ("Mr Reyl", "Mrs Reyl"),
    ),
    (
        "“Do you regret it?” Dana Orlo asked. “Not for a minute,” Tomas Reyl answered.",
        ("Dana Orlo", "Tomas Reyl"),
    ),
    ("Halden was blunt. “Nobody reads it,” she said. Mira Halden edits the paper.", ("Mira Halden",)),
    ("Dana Orlo: “The boats stay.”</p><p>Tomas Reyl: “We will see about that.”", ("Dana Orlo", "Tomas Reyl")),
    ("“It’s over,” he said.</p><p>Tomas Reyl, 61, has fished here all his life.", ("Tomas Reyl",)),
    (
        "In Obanta on Monday, the chair of the union, Ezinne Adara, said teachers were owed money. “A teacher who has not eaten cannot teach,” she said.",
        ("Ezinne Adara",),
    ),
    ("A pupil named Hamid comes every day. “I learned to boil an egg at seventy,” he told me.", ("Hamid",)),
    ("Reyl shook his head. “Not one of them was sold,” he said quietly. Tomas Reyl is 61.", ("Tomas Reyl",)),
    (
        "Dana Orlo, the mayor of Odde, and Tomas Reyl, her deputy, resigned on Friday. “It was time to go,” the mayor said.",
        ("Dana Orlo",),
    ),
    (
        "“It was time to go,” Orlo told Halden, the paper’s editor. Dana Orlo resigned on Friday.",
        ("Dana Orlo",),
    ),
    ("Captain Lars Undset waited on the bridge. “Nobody came,” the captain said.", ("Lars Undset",)),
    ("\"I'd do it again,\" O'Brien said. Sean O'Brien won twice.", ("Sean O'Brien",)),
    ("“I would do it again,” van der Velde said. Tom van der Velde won twice.", ("Tom van der Velde",)),
]

ORGANISATIONS = [
    ("The Harbour Union said in a statement: “The nets are empty.”", "Harbour Union"),
    (
        "“The nets are empty,” the union said in a statement. The Harbour Union has 300 members.",
        "Harbour Union",
    ),
    (
        "In a post on Monday, the Odde Port Authority said it was “aware of the concerns of local people”.",
        "Odde Port Authority",
    ),
]

UNNAMED = [
    "“The nets are empty,” one resident said. Dana Orlo disagreed.",
    "“The nets are empty,” said a spokesman for Dana Orlo.",
    "“The nets are empty,” a spokesperson for the Harbour Union said.",
    "“The nets are empty,” a Harbour Union spokeswoman said.",
    "Fishermen said the nets were “empty for the third year in a row”.",
    "Dana Orlo and Tomas Reyl wrote in a letter: “We will not sell the boats.”",
    "Tomas Reyl’s lawyer said: “He did not know.”",
    "“Order,” said His Honour. Judge Ada Rowntree had heard enough.",
    "The report, written by Mira Halden, says that the harbour was “left to rot for eleven years by those who owned it”.",
    "“The harbour was left to rot,” the report says.",
    "“We are aware of the concerns,” it added. The Odde Port Authority runs the harbour.",
    "My mother used to say: “Never sell a boat.” She never did.",
]

DENIED = [
    "People who say “it cannot happen here today” have never met Dana Orlo.",
    "A sign on the door read “Closed until further notice, thank you”. Dana Orlo shrugged.",
    "“The sea gives,” runs the old saying, “and the sea takes.”",
]


@pytest.mark.parametrize(("text", "speaker"), FRAMED)
def test_the_clause_around_a_quotation_names_its_speaker(text: str, speaker: str) -> None:
    """The subject of the verb of speech, not who stands in an apposition, a relative clause or behind a preposition."""
    assert speakers(text) == (speaker,)


@pytest.mark.parametrize(("text", "named"), RESOLVED)
def test_a_short_name_a_pronoun_or_a_role_becomes_the_full_name(text: str, named: tuple[str, ...]) -> None:
    """Also where nothing frames the quotation and the speaker goes on, answers or was just the subject."""
    assert speakers(text) == named


@pytest.mark.parametrize(("text", "speaker"), ORGANISATIONS)
def test_an_organisation_speaks_by_its_name(text: str, speaker: str) -> None:
    """Without an article, and by "the union" once it was named."""
    assert speakers(text) == (speaker,)


@pytest.mark.parametrize("text", UNNAMED)
def test_nobody_is_named_where_the_text_names_nobody(text: str) -> None:
    """A spokesman is not whom he speaks for, two people are not one, and a lawyer is not the client."""
    assert set(speakers(text)) == {""}


@pytest.mark.parametrize("text", DENIED)
def test_nobodys_words_are_denied(text: str) -> None:
    """Signs, proverbs and "people who say" report nobody's speech."""
    told = attributions(text)
    assert not any(each.reported or each.name for each in told)
    assert all(each.denied for each in told)


def test_i_am_the_author_if_there_is_one() -> None:
    """In a first-person post "I asked" is the byline; without one, or with two, it is nobody known."""
    text = "“Why did you sell?” I asked. “Because I was tired,” said Dana Orlo."
    assert [each.name for each in attributions(text, authors=("Nela Brant",))] == ["Nela Brant", "Dana Orlo"]
    assert [each.name for each in attributions(text)] == ["", "Dana Orlo"]
    assert [each.name for each in attributions(text, authors=("Nela Brant", "Jo Vell"))] == ["", "Dana Orlo"]


def test_two_women_make_a_pronoun_unclear() -> None:
    """Of two who fit as well, none is printed: a wrong name costs more than none."""
    text = "<p>Dana Orlo and Mira Halden met on Monday.</p><p>“I like her,” she said.</p>"
    assert speakers(text) == ("",)


# ── promises ─────────────────────────────────────────────────────────────────────────────────────


def test_why_is_a_clause_for_an_editor() -> None:
    """It says where the name was found, by which verb, and whom a pronoun means."""
    text = "Dana Orlo, 54, leads the board. “We will not sell,” she said. “Never,” Orlo added."
    first, second = attributions(text)
    assert first.why == "named behind it by ‘said’; ‘she’ is Dana Orlo, the subject of the sentence before"
    assert second.why == "named behind it by ‘added’"


def test_a_name_is_printed_from_the_stated_confidence_on() -> None:
    """Below it the attribution still says that somebody speaks."""
    named = attributions("“We will not sell,” said Dana Orlo.")[0]
    unnamed = attributions("“We will not sell,” one resident said.")[0]
    assert named.name
    assert named.confidence >= NAMED
    assert (unnamed.name, unnamed.reported) == ("", True)
    assert unnamed.confidence < NAMED


def test_what_nothing_frames_is_not_reported() -> None:
    """A term in marks in the middle of a sentence is nobody's speech."""
    assert speakers("The “winter reserve of the northern grid” will be used from Monday.") == ()


def test_a_name_in_italics_is_a_title() -> None:
    """The heroine of a play is not who "she" is."""
    text = "Dana Orlo, 54, plays <em>Mira Halden</em> in Odde. “I learned it in a week,” she said."
    assert speakers(text) == ("Dana Orlo",)


PIECES = st.sampled_from(
    [
        "“",
        "”",
        "«",
        "»",
        ",",
        ".",
        ":",
        "—",
        " said ",
        " she ",
        " the ",
        "Dana ",
        "Orlo",
        " of ",
        "and ",
        "\n",
        "’s ",
        "x ",
    ]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(PIECES, max_size=60), st.sampled_from(["en", "de", "fr", "es", "ru", "xx", ""]))
def test_any_text_has_an_attribution_for_every_utterance(pieces: list[str], language: str) -> None:
    """Whatever stands there: as many as utterances, names from the text, and no error."""
    text = "".join(pieces).replace("\n", "</p><p>")
    for told in attributions(text, language):
        assert told.name == "" or told.name in document(f"<p>{text}</p>").text
        assert not (told.denied and told.reported)


HOSTILE = [
    "“a b c,” " + "said " * 20_000,
    "“a b c.” " + "Ab " * 33_000,
    "“a b c,” said " + ", " * 40_000,
    "“a b c,” " + "A and " * 16_000 + "said B",
    "“Aa is bb cc,” said Bb Cc. " * 3_600,
    "Minister Ab Cd, who said “it is so and so”, " * 2_200,
    "“a b c,” said the " + "minister of the " * 6_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_takes_no_more_time_than_its_length(text: str) -> None:
    """100 KB in a fraction of a second of processor time: twice the text takes about twice the time."""

    def seconds(part: str) -> float:
        page = document(sanitise(f"<p>{part}</p>", "https://odde.example/"))
        found = utterances(page, words(), "en")
        with effort() as spent:
            attribute(page, found, words(), "en", title="", authors=())
        return spent.seconds

    seconds(text[:1000])
    assert seconds(text) < 0.4
