"""Commands on tokens, by which programs act for an editor through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import ApiToken, Role
    from digest.pipeline.installation import Installation

app = typer.Typer(help="Tokens of editors, for programs that use the API.", no_args_is_help=True)

AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS")]


@app.command()
def add(
    address: AddressArgument,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="By which you know it: what it is for, where it is.")
    ],
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role", help="One of the editor's roles that it has; repeat it. Without it: all of them."
        ),
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=36_500, help="After so many days it works no longer.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give an editor a token, which is printed once."""
    from digest.pipeline.editors import api_tokens, signing

    now = shell.now()
    with shell.installation(config) as installation:
        editor = signing.editor_of(installation, address)
        ends = now + timedelta(days=days) if days else None
        given = api_tokens.give(installation, editor, name, now, roles=roles_of(role or ()), expires_at=ends)
    if as_json:
        shell.emit({**_data(given.token, editor.address), "token": given.secret})
        return
    shell.say(given.secret)
    shell.say(
        f"This is the only time it is shown; end it with: digest editors token remove {address} {given.token.id}"
    )


@app.command("list")
def list_(
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="One editor's; else all.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List tokens: whose they are, what they may do, and when they were last used."""
    from digest.desk.rights import listed
    from digest.pipeline.editors import api_tokens, signing

    with shell.installation(config) as installation:
        editor = signing.editor_of(installation, address) if address else None
        found = api_tokens.given(installation, editor)
        whose = _addresses(installation)
    if as_json:
        for token in found:
            shell.emit(_data(token, whose[token.editor]))
        return
    shell.table(
        ("number", "editor", "name", "is", "used", "works until"),
        (
            (
                each.id,
                whose[each.editor],
                each.name,
                listed(each.roles),
                f"{each.used_at:%Y-%m-%d}" if each.used_at else "never",
                f"{each.expires_at:%Y-%m-%d %H:%M}" if each.expires_at else "it is removed",
            )
            for each in found
        ),
    )


@app.command()
def remove(
    address: AddressArgument,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As digest editors token list shows it.")],
    config: ConfigOption = None,
) -> None:
    """Let nobody in by a token any more."""
    from digest.pipeline.editors import api_tokens, signing

    with shell.installation(config) as installation:
        editor = signing.editor_of(installation, address)
        token = api_tokens.revoke(installation, editor, number, shell.now())
    shell.say(f"“{token.name}” of {editor.address} lets nobody in any more.")


def roles_of(names: Sequence[str]) -> tuple[Role, ...]:
    """The roles of these names, each once.

    Raises:
        DigestError: there is no such role.
    """
    from digest.errors import DigestError
    from digest.model import Role

    unknown = [name for name in names if name not in {*Role}]
    if unknown:
        raise DigestError(f"There is no role {unknown[0]!r}: viewer, editor, publisher, admin.")
    return tuple(dict.fromkeys(Role(name) for name in names))


def _addresses(installation: Installation) -> dict[int, str]:
    from digest import store
    from digest.store.database import reading

    with reading(installation.engine) as connection:
        return {editor.id: editor.address for editor in store.editors.editors(connection)}


def _data(token: ApiToken, address: str) -> dict[str, object]:
    from digest.text.times import rfc3339

    return {
        "number": token.id,
        "editor": address,
        "name": token.name,
        "roles": list(token.roles),
        "created_at": rfc3339(token.created_at),
        "used_at": rfc3339(token.used_at),
        "expires_at": rfc3339(token.expires_at),
    }
