"""MJML → HTML for mail. Run it in a child process (``digest.isolate``): deep nesting crashes the interpreter."""

from __future__ import annotations

import re

import css_inline
from mjml import mjml2html

from digest.errors import TemplateError

# The standard's way to ask for inlined styles; mrml prints them as an ordinary style sheet instead.
_INLINE_STYLE = re.compile(r'<mj-style\s+inline="inline"\s*>(.*?)</mj-style>', re.DOTALL)


def compile_mjml(text: str) -> str:
    """The HTML document of an MJML document, ``mj-style inline="inline"`` applied to each element, no web font.

    The mail is its main landmark; mrml makes it an article that stands outside of any, where screen readers that go
    from landmark to landmark pass it by.

    Raises:
        TemplateError: it is no MJML: a tag is left open, the root is another, an include was tried.
    """
    css = "\n".join(_INLINE_STYLE.findall(text))
    try:
        html = mjml2html(_INLINE_STYLE.sub("", text), fonts={}, disable_comments=False)
    except ValueError as error:
        raise TemplateError(f"The MJML cannot be compiled: {error}.") from error
    return _inlined(html.replace(' role="article"', ' role="main"', 1), css)


def _inlined(html: str, css: str) -> str:
    """Only ``css`` is inlined: what mrml and the template put into the head is for clients that read it there."""
    inliner = css_inline.CSSInliner(
        inline_style_tags=False,
        keep_style_tags=True,
        load_remote_stylesheets=False,
        extra_css=css,
        minify_css=True,
    )
    return inliner.inline(html)
