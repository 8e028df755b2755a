"""The sources, themes and rules of config.toml as values of the model, and back."""

from __future__ import annotations

from digest.model import Rule, RuleKind, Source, Theme
from digest.settings import RuleSettings, Settings, SourceSettings, ThemeSettings


def declared_sources(settings: Settings) -> tuple[Source, ...]:
    """The file's sources, in its order; ``settings`` as ``load`` gave them, so that each has a slug."""
    return tuple(map(source_value, settings.sources))


def declared_themes(settings: Settings) -> tuple[Theme, ...]:
    """The file's themes, in its order."""
    return tuple(map(theme_value, settings.themes))


def declared_rules(settings: Settings) -> tuple[Rule, ...]:
    """The file's rules, in its order."""
    return tuple(map(rule_value, settings.rules))


def source_value(source: SourceSettings) -> Source:
    """A source as the model has it, owned by the file."""
    return Source(
        slug=source.slug or "",
        url=source.url,
        title=source.title,
        own=source.own,
        weight=source.weight,
        shorts=source.shorts,
        live=source.live,
        premieres=source.premieres,
        quotes=source.quotes,
        excerpt_words=source.excerpt_words,
        fulltext=source.fulltext,
        labels=source.labels,
    )


def theme_value(theme: ThemeSettings) -> Theme:
    """A theme as the model has it, owned by the file."""
    return Theme(
        slug=theme.slug,
        title=theme.title,
        terms=theme.terms,
        not_terms=theme.not_terms,
        terms_by_language=tuple(sorted(theme.terms_by_language.items())),
        description=theme.description,
        weight=theme.weight,
    )


def rule_value(rule: RuleSettings) -> Rule:
    """A rule as the model has it, owned by the file."""
    if rule.never_video:
        return Rule(RuleKind.NEVER_VIDEO, rule.never_video)
    if rule.name:
        return Rule(RuleKind.SPELLING, rule.name, spelling=rule.spelling or "")
    return Rule(RuleKind.SOURCE_THEME, rule.source or "", rule.theme or "")


def source_settings(source: Source) -> SourceSettings:
    """A source as the file would say it."""
    return SourceSettings(
        url=source.url,
        slug=source.slug,
        title=source.title,
        own=source.own,
        weight=source.weight,
        shorts=source.shorts,
        live=source.live,
        premieres=source.premieres,
        quotes=source.quotes,
        excerpt_words=source.excerpt_words,
        fulltext=source.fulltext,
        labels=source.labels,
    )


def theme_settings(theme: Theme) -> ThemeSettings:
    """A theme as the file would say it."""
    return ThemeSettings(
        slug=theme.slug,
        title=theme.title,
        terms=theme.terms,
        not_terms=theme.not_terms,
        terms_by_language=dict(theme.terms_by_language),
        description=theme.description,
        weight=theme.weight,
    )


def rule_settings(rule: Rule) -> RuleSettings:
    """A rule as the file would say it."""
    if rule.kind is RuleKind.NEVER_VIDEO:
        return RuleSettings(never_video=rule.subject)
    if rule.kind is RuleKind.SPELLING:
        return RuleSettings(name=rule.subject, spelling=rule.spelling)
    return RuleSettings(source=rule.subject, theme=rule.theme)
