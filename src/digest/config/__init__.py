"""config.toml → settings, with every mistake at once; its secrets; a new installation; the file written anew.

``reading`` finds and reads the file, with ``lines`` for the places of its keys, ``mistakes`` for sentences
and ``checks`` for what no single value tells; ``secrets`` reads what must not stand in the file; ``declared``
turns its sources, themes and rules into values of the model and back; ``installing`` and ``exporting`` write.
"""

from digest.config.adding import changed_source, new_source, new_theme, stated_theme
from digest.config.checks import warnings
from digest.config.declared import (
    declared_rules,
    declared_sources,
    declared_themes,
    source_settings,
    theme_value,
)
from digest.config.exporting import export, theme_text
from digest.config.inbound import imap_password, webhook_secrets
from digest.config.installing import init
from digest.config.naming import slug_for
from digest.config.operating import metrics_token, notices_secret
from digest.config.reading import asks_for_meanings, find, load, load_themes, templates_dir
from digest.config.secrets import (
    SECRET_VARIABLE,
    mail_password,
    second_mail_password,
    secret_keys,
    write_secret,
)
from digest.config.stated import Origin, Stated, Table, changed_since, secrets_set, stated

__all__ = [
    "SECRET_VARIABLE",
    "Origin",
    "Stated",
    "Table",
    "asks_for_meanings",
    "changed_since",
    "changed_source",
    "declared_rules",
    "declared_sources",
    "declared_themes",
    "export",
    "find",
    "imap_password",
    "init",
    "load",
    "load_themes",
    "mail_password",
    "metrics_token",
    "new_source",
    "new_theme",
    "notices_secret",
    "second_mail_password",
    "secret_keys",
    "secrets_set",
    "slug_for",
    "source_settings",
    "stated",
    "stated_theme",
    "templates_dir",
    "theme_text",
    "theme_value",
    "warnings",
    "webhook_secrets",
    "write_secret",
]
