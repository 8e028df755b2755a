"""Mails for tests: an issue rendered with the templates that ship, and what stands in it."""

from __future__ import annotations

from collections.abc import Callable

from lxml import html

from digest.model import IssueDocument, Rendering
from digest.publish import mjml
from digest.publish.newsletter import render
from digest.resources import Resources
from digest.settings import PublishSettings
from publish_samples import DIGEST, MAIL, PUBLISH


def mail(
    document: IssueDocument,
    *,
    compile_mjml: Callable[[str], str] = mjml.compile_mjml,
    choice: str = "",
    resources: Resources | None = None,
    publish: PublishSettings = PUBLISH,
) -> Rendering:
    """The rendering of an issue, in the issue's language; MJML is compiled in this process unless told otherwise."""
    resources = resources or Resources()
    return render(
        document,
        version=1,
        digest=DIGEST.model_copy(update={"language": document.language}),
        publish=publish,
        mail=MAIL,
        templates=resources.environment(),
        strings=resources.strings(document.language),
        compile_mjml=compile_mjml,
        choice=choice,
    )


def tree(rendering: Rendering) -> html.HtmlElement:
    """Its HTML."""
    return html.document_fromstring(rendering.html)


def links(rendering: Rendering) -> list[str]:
    """Where its HTML leads, in order."""
    return [str(href) for href in tree(rendering).xpath("//a/@href")]
