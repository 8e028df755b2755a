"""The form for other sites: plain HTML that needs neither a script nor a style of ours."""

from __future__ import annotations

from jinja2 import Environment

from digest import templates
from digest.publish.wording import Wording
from digest.settings import DigestSettings


def snippet(environment: Environment, app_url: str, digest: DigestSettings, words: Wording) -> str:
    """The form as HTML to paste into a page.

    Raises:
        TemplateError: its template or a phrase has a mistake.
    """
    values = {
        "action": f"{app_url.rstrip('/')}/s/{digest.slug}",
        "slug": digest.slug,
        "title": digest.title,
        "language": digest.language,
        "say": words.say,
    }
    return templates.render(environment, "web/embed.snippet.html.j2", values)
