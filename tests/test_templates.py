"""Template environments: strict, escaping, and exact about where a mistake stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import TemplateError
from digest.templates import Source, environment, origin, render, syntax_mistakes, trace


def sources(**texts: str) -> dict[str, Source]:
    """Templates ``name.j2`` as files of a folder of somebody's."""
    return {f"{name}.j2": Source(text, f"/theirs/{name}.j2") for name, text in texts.items()}


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"main": "a\n{{ nothing }}"}, "/theirs/main.j2, line 2: 'nothing' is undefined."),
        ({"main": "a\n{{ given.more }}"}, "/theirs/main.j2, line 2: 'str object' has no attribute 'more'."),
        ({"main": "a\n{% include 'part.j2' %}", "part": "\n\n{{ nothing }}"}, "/theirs/part.j2, line 3: "),
        ({"main": "{% macro m() %}\n{{ nothing }}{% endmacro %}\n{{ m() }}"}, "/theirs/main.j2, line 2: "),
        ({"main": "\n{% endif %}"}, "/theirs/main.j2, line 2: "),
        ({"main": "\n{% include 'part.j2' %}", "part": "\n\n\n{{ a b }}"}, "/theirs/part.j2, line 4: "),
        (
            {"main": "\n{% include 'gone.j2' %}"},
            "gone.j2 is missing; it is named in /theirs/main.j2, line 2.",
        ),
        ({"main": "\n{{ 1 / 0 }}"}, "/theirs/main.j2, line 2: ZeroDivisionError: division by zero."),
        ({"main": "\n{{ given | nofilter }}"}, "/theirs/main.j2, line 2: No filter named 'nofilter'."),
        ({"main": "\n{{ call() }}"}, "/theirs/main.j2, line 2: strings: no such phrase"),
        ({}, "main.j2 is missing"),
        ({"main": "\n{% include 'main.j2' %}"}, "/theirs/main.j2, line 2: it includes or calls itself"),
        (
            {"main": "{% macro m() %}\n{{ m() }}{% endmacro %}\n{{ m() }}"},
            "/theirs/main.j2, line 2: it includes",
        ),
        ({"main": "\n\n{{ 'x' * 10 ** 12 }}"}, "/theirs/main.j2, line 3: it makes a text"),
        ({"main": "\n{% for n in range(10 ** 9) %}x{% endfor %}"}, "/theirs/main.j2, line 2: OverflowError"),
    ],
)
def test_a_mistake_names_the_file_and_line_where_it_stands(texts: dict[str, str], sentence: str) -> None:
    """Of the innermost template, in the sentence a person reads."""

    def call() -> str:
        raise TemplateError("strings: no such phrase")

    with pytest.raises(TemplateError) as caught:
        render(environment(sources(**texts)), "main.j2", {"given": "text", "call": call})
    assert sentence in str(caught.value)


def test_every_syntax_mistake_is_found_at_once() -> None:
    """In every file, whether something includes it or not."""
    templates = environment(sources(fine="{{ a }}", one="{{", two="\n{% if %}"))
    assert [mistake.split(":")[0] for mistake in syntax_mistakes(templates)] == [
        "/theirs/one.j2, line 1",
        "/theirs/two.j2, line 2",
    ]


@given(st.text())
def test_every_value_is_escaped(text: str) -> None:
    """No value can bring markup into a template."""
    shown = render(environment(sources(main="[{{ value }}]")), "main.j2", {"value": text})
    assert not set("<>\"'") & set(shown)


def test_a_place_in_the_output_is_traced_to_its_template() -> None:
    """Through includes and loops, to the line that wrote the tag."""
    templates = environment(
        sources(
            main="<a>\n{% for n in [1, 2] %}\n{% include 'part.j2' %}\n{% endfor %}\n</a>",
            part="<p>\nwords\n</p>\n<broken>",
        )
    )
    traced = trace(templates, "main.j2", {})
    assert origin(traced, traced.index("<broken>")) == "/theirs/part.j2, line 4"
    assert origin(traced, traced.index("</a>")) == "/theirs/main.j2, line 5"
    assert origin(traced, 0) == ""


def test_tracing_leaves_unfinished_tags_alone() -> None:
    """A mark inside a tag would itself be a mistake."""
    text = '<a\n  href="x"\n  class="y">\n<b/>\n</a>'
    traced = trace(environment(sources(main=text)), "main.j2", {})
    assert traced.count("<!--") == 3
    assert 'href="x"\n  class="y">' in traced
