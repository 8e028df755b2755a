"""Templates, strings and words: ours, a user's over ours, and every mistake in them at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.errors import TemplateError
from digest.isolate import Child
from digest.resources import Resources, check, untranslated


@pytest.fixture(scope="module")
def compile_mjml() -> Iterator[Callable[[str], str]]:
    """The real compiler, in a child process as in production."""
    with Child(preload=("digest.publish.mjml",)) as child:
        yield lambda text: str(child.run("digest.publish.mjml:compile_mjml", text))


def write(folder: Path, **files: str) -> Path:
    """A user's folder: keyword ``email__foot`` is the file ``email/foot``, with the suffix of its kind."""
    suffixes = {"email": ".mjml.j2", "page": ".html.j2", "strings": ".toml", "words": ".toml"}
    for name, text in files.items():
        kind, _, stem = name.partition("__")
        path = folder / kind / (stem + suffixes[kind])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_what_ships_has_no_mistake(compile_mjml: Callable[[str], str]) -> None:
    """Every template parses and renders in every language that ships."""
    assert check(Resources(), compile_mjml) == ()


def test_a_user_s_file_is_taken_instead_of_ours(tmp_path: Path) -> None:
    """One file replaced, one added, the rest ours."""
    ours = Resources()
    resources = Resources(write(tmp_path, email__foot="<p>Bye</p>", email__own="<p>New</p>"))
    assert resources.sources["email/foot.mjml.j2"].text == "<p>Bye</p>"
    assert resources.sources["email/own.mjml.j2"].file == str(tmp_path / "email" / "own.mjml.j2")
    assert resources.sources["email/pick.mjml.j2"] == ours.sources["email/pick.mjml.j2"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ say.__globals__ }}",
        "{{ issue.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ '{0.__class__}'.format(issue) }}",
        "{{ issue|attr('__init__') }}",
    ],
)
def test_a_user_s_template_stays_in_a_sandbox(
    tmp_path: Path, compile_mjml: Callable[[str], str], text: str
) -> None:
    """It comes to the values that it is given and no further, and is told where it tried."""
    (mistake,) = check(Resources(write(tmp_path, email__foot=text)), compile_mjml)
    assert "foot.mjml.j2" in mistake
    assert "unsafe" in mistake


def test_a_copy_of_our_templates_works_in_the_sandbox(
    tmp_path: Path, compile_mjml: Callable[[str], str]
) -> None:
    """Whoever starts from ours changes nothing by that."""
    foot = Resources().sources["email/foot.mjml.j2"].text
    assert check(Resources(write(tmp_path, email__foot=foot)), compile_mjml) == ()


def test_english_fills_what_a_language_lacks(tmp_path: Path) -> None:
    """A half-translated language works, and what it lacks can be named."""
    resources = Resources(write(tmp_path, strings__it='feed = "Canale Atom"\nunsubscribe = "Annulla"'))
    strings = resources.strings("it")
    assert strings["feed"] == "Canale Atom"
    assert strings["contents"] == "In this issue"
    assert "contents" in untranslated(resources, "it")
    assert "feed" not in untranslated(resources, "it")
    assert untranslated(resources, "de-AT") == ()


def test_a_region_adds_to_its_language(tmp_path: Path) -> None:
    """Austrian German is German where it says nothing else."""
    resources = Resources(write(tmp_path, strings__de__AT='feed = "x"'.replace("x", "Atom-Kanal")))
    (tmp_path / "strings" / "de__AT.toml").rename(tmp_path / "strings" / "de-AT.toml")
    assert resources.strings("de-AT")["feed"] == "Atom-Kanal"
    assert resources.strings("de-AT")["unsubscribe"] == "Abbestellen"


def test_a_user_changes_one_phrase_without_copying_the_rest(tmp_path: Path) -> None:
    """The shipped file of the same language still gives what the user's does not say."""
    strings = Resources(write(tmp_path, strings__de='unsubscribe = "Abmelden"')).strings("de")
    assert strings["unsubscribe"] == "Abmelden"
    assert strings["contents"] == "In dieser Ausgabe"


def test_words_come_by_language(tmp_path: Path) -> None:
    """A language is one file more, without code."""
    words = Resources(write(tmp_path, words__eo='key_quotes = ["citaĵoj"]')).words()
    assert words["eo"] == {"key_quotes": ["citaĵoj"]}


def test_the_example_configuration_ships() -> None:
    """``digest init`` has something to start from, wherever digest was installed."""
    assert isinstance(Resources().example_config(), str)


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """The sentence names the setting."""
    with pytest.raises(TemplateError, match=r"nowhere is no folder; .*templates_dir"):
        Resources(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("files", "mistake"),
    [
        ({"strings__de": "feed = 1"}, r"strings/de\.toml: feed must be a text"),
        ({"strings__de": "feed = "}, r"strings/de\.toml: .*line 1|strings/de\.toml: Invalid value"),
        ({"strings__de": '# x\nfeed = "{nobody}"'}, r"strings/de\.toml, line 2: feed may use no placeholder"),
        (
            {"strings__de": 'minutes_other = "{n} min"'},
            r"strings/de\.toml, line 1: minutes_other may use \{number\}",
        ),
        (
            {"strings__pl": 'minutes_few = "{number} x {"'},
            r"strings/pl\.toml, line 1: minutes_few may use \{number\}",
        ),
        ({"words__de": "x = ["}, r"words/de\.toml: "),
        ({"email__pick": "{% for %}"}, r"email/pick\.mjml\.j2, line 1: "),
        ({"email__pick": "\n{{ pick.titel }}"}, r"email/pick\.mjml\.j2, line 2: .*titel"),
        ({"email__pick": "\n\n<mj-nothing />"}, r"email/pick\.mjml\.j2, line 3: MJML knows no <mj-nothing>"),
        ({"page__pick": "\n{{ day(pick.when) }}"}, r"page/pick\.html\.j2, line 2: .*when"),
        (
            {"page__quote": '{% include "page/none.j2" %}'},
            r"page/none\.j2 is missing; .*page/quote\.html\.j2, line 1",
        ),
        ({"page__quote": "{{ 1 / 0 }}"}, r"page/quote\.html\.j2, line 1: ZeroDivisionError"),
    ],
)
def test_a_mistake_is_found_with_its_file_and_line(
    files: dict[str, str], mistake: str, tmp_path: Path, compile_mjml: Callable[[str], str]
) -> None:
    """Before an issue meets it."""
    findings = check(Resources(write(tmp_path, **files)), compile_mjml)
    assert len(findings) == 1, findings
    assert re.search(mistake, findings[0]), findings


def test_all_files_that_cannot_be_read_are_named_at_once(
    tmp_path: Path, compile_mjml: Callable[[str], str]
) -> None:
    """One mistake does not hide the next."""
    write(tmp_path, strings__de="feed = 1", strings__fr="feed = ", words__de="x = [")
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "foot.mjml.j2").write_bytes(b"\xff\xfe")
    (tmp_path / "email" / "pick.mjml.j2").write_bytes(b"x" * 2_000_000)
    findings = check(Resources(tmp_path), compile_mjml)
    assert len(findings) == 5
    assert any("is no UTF-8 text (byte 0)" in finding for finding in findings)
    assert any("is larger than 1024 KB" in finding for finding in findings)


def test_all_templates_that_cannot_be_parsed_are_named_at_once(
    tmp_path: Path, compile_mjml: Callable[[str], str]
) -> None:
    """Each with its own line."""
    findings = check(Resources(write(tmp_path, email__pick="{{", page__pick="\n{% if %}")), compile_mjml)
    assert [("line 1" in finding, "line 2" in finding) for finding in findings] == [
        (True, False),
        (False, True),
    ]
