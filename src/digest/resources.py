"""Templates, strings and words: those of a user's folder first, file by file, then those that ship with digest.

They ship in the wheel as ``digest/_templates``; in a checkout they are the folder ``templates`` at its top.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from string import Formatter

from jinja2 import Environment

from digest import templates
from digest.collect.pagewords import PageWords
from digest.errors import TemplateError
from digest.extract.words import Words
from digest.publish import newsletter, page, plan, sample

_LARGEST_FILE = 1024 * 1024


class Resources:
    """What digest says and how it looks. Files are read once, when first asked for."""

    def __init__(self, user: Path | None = None) -> None:
        """``user`` is the folder named by ``[publish] templates_dir``, or None.

        Raises:
            TemplateError: that folder does not exist, or the installation has lost its own.
        """
        if user is not None and not user.is_dir():
            raise TemplateError(f"{user} is no folder; create it or remove templates_dir from [publish].")
        self._folders = (_shipped(), *([user] if user else []))

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """Every file by its name below the folder (``email/issue.mjml.j2``), the user's before ours."""
        found: dict[str, Path] = {}
        for folder in self._folders:
            found |= {path.relative_to(folder).as_posix(): path for path in _files(folder)}
        return found

    @cached_property
    def sources(self) -> Mapping[str, templates.Source]:
        """Every Jinja2 template, by name.

        Raises:
            TemplateError: a file is no UTF-8 text, or too large.
        """
        return {
            name: templates.Source(_text(path), str(path))
            for name, path in self.files.items()
            if path.suffix == ".j2"
        }

    def environment(self) -> Environment:
        """A strict, escaping environment over all templates, in a sandbox where some are the user's.

        ``digest.templates.render`` renders with it.
        """
        return templates.environment(self.sources, sandboxed=len(self._folders) > 1)

    def languages(self) -> tuple[str, ...]:
        """The languages that have a strings file, sorted."""
        return tuple(sorted(self._languages("strings")))

    def strings(self, language: str) -> Mapping[str, str]:
        """What digest writes itself, by key, in ``language`` (BCP 47).

        English fills what the language lacks, and our files what the user's lack.

        Raises:
            TemplateError: a strings file cannot be read, or holds something else than strings.
        """
        primary = language.partition("-")[0]
        merged: dict[str, str] = {}
        for name in dict.fromkeys(("en", primary, language)):
            merged |= self.strings_of(name)
        return merged

    def strings_of(self, language: str) -> dict[str, str]:
        """The strings of one file and no other: ours, then the user's.

        Raises:
            TemplateError: as ``strings``.
        """
        merged: dict[str, str] = {}
        for folder in self._folders:
            path = folder / "strings" / f"{language}.toml"
            merged |= _strings(path) if path.is_file() else {}
        return merged

    def words(self) -> Mapping[str, Mapping[str, object]]:
        """The words by which sections of posts are known: language → what its file says.

        Raises:
            TemplateError: a words file cannot be read.
        """
        return {language: _table(path) for language, path in sorted(self._languages("words").items())}

    def pages(self) -> Mapping[str, Mapping[str, object]]:
        """The words by which parts of web pages are known: language → what its file says.

        Raises:
            TemplateError: a file of them cannot be read.
        """
        return {language: _table(path) for language, path in sorted(self._languages("pages").items())}

    @cached_property
    def section_words(self) -> Words:
        """The words of ``words()``, checked and put together: a tenth of a second, for who reads posts.

        Raises:
            TemplateError: as ``words``; or a table in a file is no table of a words file.
        """
        return Words.merge(self.words())

    @cached_property
    def page_words(self) -> PageWords:
        """The words of ``pages()``, checked and put together.

        Raises:
            TemplateError: as ``pages``; or a table in a file is no table of such a file.
        """
        return PageWords.merge(self.pages())

    def subjects(self) -> Mapping[str, Mapping[str, object]]:
        """The words of common subjects: language → subject → its words, separated by spaces.

        Raises:
            TemplateError: a file of subjects cannot be read.
        """
        return {language: _table(path) for language, path in sorted(self._languages("subjects").items())}

    def example_config(self) -> str:
        """The commented example of config.toml, from which ``digest init`` makes an installation's own."""
        shipped = _shipped()
        inside = shipped / "config.toml"
        return _text(inside if inside.is_file() else shipped.parent / "config.toml")

    def _languages(self, kind: str) -> Mapping[str, Path]:
        return {
            path.stem: path
            for name, path in self.files.items()
            if name.startswith(f"{kind}/") and path.suffix == ".toml"
        }


def _shipped() -> Path:
    package = Path(__file__).parent
    for folder in (package / "_templates", package.parents[1] / "templates"):
        if folder.is_dir():
            return folder
    raise TemplateError(f"The templates of digest are missing beside {package}; install digest again.")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _text(path: Path) -> str:
    """The file as text.

    Raises:
        TemplateError: it cannot be read, is no UTF-8, or is larger than a template can reasonably be.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise TemplateError(f"{path} is larger than {_LARGEST_FILE // 1024} KB, which is no template.")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TemplateError(f"{path} is no UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    except OSError as error:
        raise TemplateError(f"{path} cannot be read: {error.strerror or error}.") from error


def _table(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{path}: {error}.") from error


def _strings(path: Path) -> Mapping[str, str]:
    strings: dict[str, str] = {}
    for key, value in _table(path).items():
        if not isinstance(value, str):
            raise TemplateError(f"{path}: {key} must be a text in quotation marks.")
        strings[key] = value
    return strings


# ── for ``digest check`` ─────────────────────────────────────────────────────────────────────────


def check(resources: Resources, compile_mjml: Callable[[str], str]) -> tuple[str, ...]:
    """A sentence for every mistake in templates, strings and words; each names its file and, where known, its line.

    What can be parsed is then tried on a sample issue in every language, as mail, page and feed.
    """
    mistakes = list(_unreadable(resources))
    if not mistakes:
        mistakes += templates.syntax_mistakes(resources.environment())
    if not mistakes:
        for language in resources.languages():
            mistakes += _trial(resources, language, compile_mjml)
    return tuple(dict.fromkeys(mistakes))


def untranslated(resources: Resources, language: str) -> tuple[str, ...]:
    """The keys of strings that ``language`` lacks, for which English stands in; all, if it has no file."""
    own = resources.strings_of(language.partition("-")[0]) | resources.strings_of(language)
    return tuple(key for key in resources.strings_of("en") if key not in own)


def _unreadable(resources: Resources) -> Iterator[str]:
    """Files that are no text or no TOML, each on its own, so that one does not hide the next."""
    english = _strings(_shipped() / "strings" / "en.toml")
    for name, path in resources.files.items():
        try:
            if name.startswith("strings/"):
                yield from _wrong_placeholders(path, english)
            elif path.suffix == ".toml":
                _table(path)
            elif path.suffix == ".j2":
                _text(path)
        except TemplateError as error:
            yield str(error)


def _wrong_placeholders(path: Path, english: Mapping[str, str]) -> Iterator[str]:
    """Phrases that ask for what they do not get: a phrase may use the placeholders of the English one, or fewer."""
    text = _text(path)
    for key, phrase in _strings(path).items():
        model = english.get(key) or english.get(f"{key.rpartition('_')[0]}_other", "")
        known = _placeholders(model)
        try:
            wrong = not _placeholders(phrase) <= known
        except ValueError:  # a brace that is not closed
            wrong = True
        if wrong:
            line = text[: text.find(f"\n{key}") + 1].count("\n") + 1
            may = ", ".join(f"{{{name}}}" for name in sorted(known)) or "no placeholder"
            yield f"{path}, line {line}: {key} may use {may}."


def _placeholders(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name is not None}


def _trial(resources: Resources, language: str, compile_mjml: Callable[[str], str]) -> Iterator[str]:
    """Mail, pages and feed of the sample issue in one language; what goes wrong with each."""
    digest, publish, mail = sample.settings(language)
    issue = sample.issue(language)
    environment = resources.environment()

    def as_mail() -> None:
        newsletter.render(
            issue.document,
            version=issue.version,
            digest=digest,
            publish=publish,
            mail=mail,
            templates=environment,
            strings=resources.strings(language),
            compile_mjml=compile_mjml,
        )

    def as_pages() -> None:
        shelves = [page.Shelf(digest, (issue,)), page.Shelf(digest, ())]
        moved = publish.model_copy(update={"redirects": {"before/": f"{digest.slug}/"}})
        house = plan.House(moved, environment, resources.strings, {})
        for planned in plan.plan(shelves, house).values():
            planned.make()

    for attempt in (as_mail, as_pages):
        try:
            attempt()
        except TemplateError as error:
            yield str(error)
