"""Jinja2 templates as strict, escaping environments whose every mistake names its file and line.

Pure: the sources are an argument (``digest.resources`` reads them), so layer 1 renders without touching a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from traceback import walk_tb

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2 import TemplateError as JinjaError
from jinja2.ext import Extension
from jinja2.sandbox import SandboxedEnvironment, safe_range

from digest.errors import TemplateError


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one template, and the file a person would edit to change it."""

    text: str
    file: str


class Sources(BaseLoader):
    """Templates from memory; Jinja2 reports their mistakes against ``Source.file``."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.sources = dict(sources)

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002  the signature is Jinja2's
        template: str,
    ) -> tuple[str, str, Callable[[], bool]]:
        """What Jinja2 asks of a loader: text, file name, and whether it is still current (always)."""
        if template not in self.sources:
            raise TemplateNotFound(template)
        source = self.sources[template]
        return source.text, source.file, lambda: True

    def list_templates(self) -> list[str]:
        """The names of all templates, sorted."""
        return sorted(self.sources)


def environment(sources: Mapping[str, Source], *, sandboxed: bool = False) -> Environment:
    """An environment over ``sources`` (name → source): everything is escaped, nothing may be undefined.

    A loop that a mistyped number would make endless is refused (100,000 rounds). In a sandbox no template comes to
    more than the values it is given: not from one of them to its class, and so to files; it takes twice as long.
    """
    made = (SandboxedEnvironment if sandboxed else Environment)(
        loader=Sources(sources),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["range"] = safe_range
    return made


# Inside a template these come from what its author wrote, so they are its mistakes and not ours.
_MISTAKES = (
    JinjaError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    MemoryError,
)


def render(templates: Environment, name: str, values: Mapping[str, object]) -> str:
    """The template ``name`` filled with ``values``.

    Raises:
        TemplateError: it is missing, cannot be parsed, or uses something that is undefined or unfit.
    """
    try:
        return templates.get_template(name).render(values)
    except TemplateSyntaxError as error:
        raise TemplateError(
            _sentence(error.filename or error.name or name, error.lineno, error.message)
        ) from error
    except TemplateNotFound as error:
        raise TemplateError(
            f"The template {error.name} is missing; it is named in {_place(error, name)}."
        ) from error
    except TemplateError as error:  # of a phrase that the template asked for
        raise TemplateError(f"{_place(error, name)}: {error}") from error
    except _MISTAKES as error:
        raise TemplateError(f"{_place(error, name)}: {_reason(error)}.") from error


def syntax_mistakes(templates: Environment) -> tuple[str, ...]:
    """A sentence for every template that cannot be parsed, all at once."""
    found = []
    for name in templates.list_templates(extensions=["j2"]):
        try:
            templates.get_template(name)
        except TemplateSyntaxError as error:
            found.append(_sentence(error.filename or name, error.lineno, error.message))
    return tuple(found)


def _sentence(file: str, line: int, message: str | None) -> str:
    return f"{file}, line {line}: {(message or 'a mistake').rstrip('.')}."


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it includes or calls itself without an end"
    if isinstance(error, MemoryError):
        return "it makes a text that memory cannot hold"
    if isinstance(error, JinjaError):
        return (error.message or "a mistake").rstrip(".")
    return f"{type(error).__name__}: {error}"


def _place(error: Exception, name: str) -> str:
    """The innermost template line in the traceback, which Jinja2 has rewritten to template files and lines."""
    file, line = name, 0
    for frame, number in walk_tb(error.__traceback__):
        if "__jinja_exception__" in frame.f_globals:
            file, line = frame.f_code.co_filename, number
    return f"{file}, line {line}" if line else file


# ── from a place in the output back to the template ──────────────────────────────────────────────

_MARK = re.compile(r"<!--@(.+?):(\d+)-->")


class Traced(Extension):
    """Notes file and line in the output, as a comment before each line that starts with a tag.

    Only for finding a mistake that shows after rendering, such as an unclosed MJML tag: see ``trace``.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Put a mark before every tag that begins a line, unless the line before it is unfinished."""
        lines, complete = [], True
        for number, line in enumerate(source.splitlines(), 1):
            starts_a_tag = complete and re.match(r"\s*</?[a-z]", line)
            lines.append(f"<!--@{filename or name}:{number}-->{line}" if starts_a_tag else line)
            complete = not line.strip() or line.rstrip().endswith(">") or line.rstrip().endswith("%}")
        return "\n".join(lines)


def trace(templates: Environment, name: str, values: Mapping[str, object]) -> str:
    """Like ``render``, with the file and line of each tag noted in the output for ``origin``."""
    return render(templates.overlay(extensions=[Traced]), name, values)


def origin(traced: str, position: int) -> str:
    """``file, line n`` of the template that wrote what is at ``position`` of a traced output, or ""."""
    marks = list(_MARK.finditer(traced, 0, position))
    return f"{marks[-1][1]}, line {marks[-1][2]}" if marks else ""
