"""The words of sections: merged from files, any language, mistakes named."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from digest.errors import TemplateError
from digest.extract.listed.titles import title
from digest.extract.words import Kind, Words, fold, folded, tokens
from digest.resources import Resources

LANGUAGES = ["ar", "de", "en", "es", "fa", "fr", "it", "nl", "pl", "pt", "ru", "tr"]

ESPERANTO: dict[str, dict[str, list[str]]] = {
    "quotes": {"nouns": ["citaĵoj"], "marks": ["ŝlosilaj"], "alone": [], "phrases": []},
    "grammar": {"on": ["pri"], "by": ["de"]},
}


def test_every_shipped_language_has_every_list() -> None:
    """A language that lacks a list would read some posts and not others."""
    files = Resources().words()
    assert sorted(files) == LANGUAGES
    for language, tables in files.items():
        lists = {(name, key) for name, table in tables.items() if isinstance(table, Mapping) for key in table}
        english = {
            (name, key) for name, table in files["en"].items() if isinstance(table, Mapping) for key in table
        }
        assert lists == english, language


def test_a_language_is_added_by_a_file_alone() -> None:
    """Words of an unknown language open sections as soon as they are given."""
    heading = "Ŝlosilaj citaĵoj de Mira Halden"
    assert title(heading, Words.merge({"en": Resources().words()["en"]}), exact=False) is None
    found = title(heading, Words.merge({"eo": ESPERANTO}), exact=False)
    assert found is not None
    assert (found.kind, found.after) == (Kind.QUOTES, "de Mira Halden")


def test_topics_are_in_the_posts_language_or_in_english_or_in_any_if_unknown() -> None:
    """The preposition of one language is the article of another."""
    words = Words.merge(Resources().words())
    portuguese, english = words.topics("pt")
    assert ("sobre",) in portuguese.on
    assert ("o",) not in portuguese.on, "Polish for 'on', Portuguese for 'the'"
    assert ("on",) in english.on
    assert all(("sobre",) in grammar.on and ("o",) in grammar.on for grammar in words.topics("xx"))


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        ({"quotations": {}}, r"templates/words/xx\.toml: \[quotations\] is no table"),
        ({"quotes": ["quote"]}, r"\[quotes\] is no table"),
        ({"quotes": {"noun": ["quote"]}}, r"\[quotes\] noun is unknown"),
        ({"quotes": {"nouns": "quote"}}, r"\[quotes\] nouns must be a list of texts"),
        ({"grammar": {"on": [1]}}, r"\[grammar\] on must be a list of texts"),
    ],
)
def test_a_mistake_in_a_words_file_is_named(tables: dict[str, object], sentence: str) -> None:
    """The sentence has the file, the table and the list."""
    with pytest.raises(TemplateError, match=sentence):
        Words.merge({"xx": tables})


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("KEY", "key"),
        ("Thèmes", "themes"),
        ("Öne", "one"),
        ("İlgili", "ilgili"),
        ("Ещё", "еще"),
        ("أهم", "اهم"),
        ("كتاب", "کتاب"),
        ("STRAẞE", "strasse"),
    ],
)
def test_case_accents_and_keyboards_do_not_matter(word: str, same: str) -> None:
    """Headings are compared folded."""
    assert fold(word) == fold(same)


def test_words_keep_their_place_in_the_text() -> None:
    """Tokens are offsets into the text as it stands; the possessive stays with its word, an elision does not."""
    text = "Halden's d’Oriane, نقل‌قول"
    assert [text[token.start : token.end] for token in tokens(text)] == [
        "Halden's",
        "d",
        "Oriane",
        "نقل",
        "قول",
    ]
    assert folded("  – 12 “Quotes” ") == ("12", "quotes")
