"""The pages of the reference that are made from the code: every command with its options, every error with its sentence."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

import digest
from digest import errors
from digest.cli.commands import app


def write(folder: Path) -> None:
    """Write the pages into ``folder``, for Sphinx to read; files that would not change are left alone."""
    folder.mkdir(exist_ok=True)
    for name, text in {"commands.md": commands(), "errors.md": error_sentences()}.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


# ── commands ─────────────────────────────────────────────────────────────────────────────────────


def commands() -> str:
    """Every command in MyST Markdown, as `digest COMMAND --help` has it."""
    parts = [
        _described(name, command)
        for name, command in sorted(_commands("digest", typer.main.get_command(app)))
    ]
    return "# Commands\n\nMade from the program; `digest COMMAND --help` says the same.\n\n" + "\n".join(
        parts
    )


def _commands(name: str, command: object) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    if isinstance(command, TyperGroup):
        if command.invoke_without_command and name != "digest":
            yield name, command
        for part, inner in command.commands.items():
            yield from _commands(f"{name} {part}", inner)
    elif isinstance(command, TyperCommand):
        yield name, command


def _described(name: str, command: TyperCommand | TyperGroup) -> str:
    arguments = [each for each in command.params if isinstance(each, TyperArgument)]
    options = [each for each in command.params if isinstance(each, TyperOption) and each.name != "help"]
    usage = " ".join([name, *(each.metavar or str(each.name).upper() for each in arguments)])
    rows = [(each.metavar or str(each.name).upper(), each.help or "") for each in arguments]
    rows += [(", ".join([*each.opts, *each.secondary_opts]), each.help or "") for each in options]
    table = "".join(f"| `{term}` | {_cell(said)} |\n" for term, said in rows)
    head = "| | |\n|---|---|\n" if table else ""
    return f"## `{name}`\n\n{_prose(command.help or '')}\n\n    {usage}\n\n{head}{table}"


def _prose(text: str) -> str:
    return inspect.cleandoc(text).replace("\b", "").replace("<", "&lt;")


def _cell(text: str) -> str:
    return " ".join(_prose(text).split()).replace("|", "\\|")


# ── errors ───────────────────────────────────────────────────────────────────────────────────────

FEWEST_WORDS = 3  # fewer are only glue between sentences of others
KINDS: Mapping[str, type[errors.DigestError]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.DigestError)
}


def error_sentences() -> str:
    """Every sentence with which a command can end with exit code 1, by kind, in MyST Markdown."""
    found: dict[str, set[str]] = {name: set() for name in KINDS}
    folder = Path(digest.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        for kind, sentence in sentences(path.read_text(encoding="utf-8")):
            found[kind].add(sentence)
    parts = [_kind(name, found[name]) for name in KINDS if found[name]]
    head = "# Errors\n\nMade from the program. ‹What stands like this› is filled in; each ends its command with exit code 1.\n\n"
    return head + "\n".join(parts)


def _kind(name: str, found: set[str]) -> str:
    items = "\n".join(f"- {_plain(sentence)}" for sentence in sorted(found))
    return f"## {name}\n\n{_prose(KINDS[name].__doc__ or '')}\n\n{items}\n"


def _plain(sentence: str) -> str:
    """As text: nothing in it is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", " ".join(sentence.split()))


def sentences(source: str) -> Iterator[tuple[str, str]]:
    """(kind, sentence) of each of our errors that a module makes with words of its own."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in KINDS
            and node.args
        ):
            sentence = _words(node.args[0])
            if len(re.findall(r"\w+", re.sub("‹[^›]*›", "", sentence))) >= FEWEST_WORDS:
                yield node.func.id, sentence


def _words(node: ast.expr) -> str:
    """A text as it is written, with ‹names› for what is filled in; nothing for one that is put together elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _words(node.left) + _words(node.right)
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(value) or _filled(value) for value in node.values)
    return ""


def _filled(node: ast.expr) -> str:
    inner = node.value if isinstance(node, ast.FormattedValue) else node
    names = [
        each.attr if isinstance(each, ast.Attribute) else each.id
        for each in ast.walk(inner)
        if isinstance(each, ast.Name | ast.Attribute)
    ]
    return f"‹{names[0].strip('_').lower().replace('_', ' ')}›" if names else "‹…›"
