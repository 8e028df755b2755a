"""Names as editors spell them, in the place of those that posts have: of speakers and authors, never in their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from digest.assemble.window import Material
from digest.model import Pick, Rule, RuleKind
from digest.text.language import collapsed
from digest.text.similar import fold


def respelt(material: Material, rules: Iterable[Rule]) -> Material:
    """A post and its reading with the names that standing rules give; a rule means the whole name, in any case."""
    names = _spellings(rules)
    if not names:
        return material
    reading, post = material.reading, material.post
    quotes = tuple(replace(quote, speaker=_spelt(quote.speaker, names)) for quote in reading.quotes)
    authors = tuple(_spelt(author, names) for author in post.authors)
    return replace(material, reading=replace(reading, quotes=quotes), post=replace(post, authors=authors))


def respelt_pick(pick: Pick, rules: Iterable[Rule]) -> Pick:
    """A pick with the names that the rules give."""
    names = _spellings(rules)
    printed = tuple(
        replace(shown, quote=replace(shown.quote, speaker=_spelt(shown.quote.speaker, names)))
        for shown in pick.quotes
    )
    return replace(pick, quotes=printed, authors=tuple(_spelt(author, names) for author in pick.authors))


def _spellings(rules: Iterable[Rule]) -> Mapping[str, str]:
    return {
        _known_by(rule.subject): rule.spelling
        for rule in rules
        if rule.kind is RuleKind.SPELLING and rule.spelling and not rule.retired
    }


def _spelt(name: str, names: Mapping[str, str]) -> str:
    return names.get(_known_by(name), name)


def _known_by(name: str) -> str:
    return fold(collapsed(name))
