"""Commands on who works at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell, tokens
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from digest.model import Editor
    from digest.pipeline.installation import Installation

app = typer.Typer(help="Who works at the desk.", no_args_is_help=True)
app.add_typer(tokens.app, name="token")

AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS")]
RoleOption = Annotated[
    list[str] | None,
    typer.Option("--role", help="viewer, editor, publisher or admin; repeat it for several."),
]


@app.command()
def add(
    address: AddressArgument,
    name: Annotated[str, typer.Option("--name", help="As the others at the desk know them.")] = "",
    role: RoleOption = None,
    config: ConfigOption = None,
) -> None:
    """Let somebody in: prints a link by which they choose a password, once and within a day.

    Without --role they are editor and publisher; the first one is admin as well.
    """
    from digest.model import Role
    from digest.pipeline.editors import signing

    with shell.installation(config) as installation:
        roles = tokens.roles_of(role or ())
        if not roles:
            first = () if _known(installation) else (Role.ADMIN,)
            roles = (Role.EDITOR, Role.PUBLISHER, *first)
        editor = signing.add_editor(installation, address, name, roles, shell.now())
        _say_link(installation, editor)


@app.command()
def link(address: AddressArgument, config: ConfigOption = None) -> None:
    """Print a new link by which an editor chooses a password, once and within a day."""
    from digest.pipeline.editors import signing

    with shell.installation(config) as installation:
        _say_link(installation, signing.editor_of(installation, address))


@app.command()
def change(
    address: AddressArgument,
    name: Annotated[str | None, typer.Option("--name", help="As the others at the desk know them.")] = None,
    role: RoleOption = None,
    zone: Annotated[
        str | None, typer.Option("--zone", metavar="ZONE", help="In which times are shown: Europe/Berlin.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Change an editor's name, roles (all of them are named anew) or time zone."""
    from digest.pipeline.editors import signing

    with shell.installation(config) as installation:
        roles = tokens.roles_of(role) if role else None
        editor = signing.change_editor(
            installation, address, shell.now(), name=name, roles=roles, zone=zone and _zone(zone)
        )
    shell.say(_told(editor))


@app.command()
def remove(address: AddressArgument, config: ConfigOption = None) -> None:
    """Let somebody in no more, and end what they have open; what they did stays in the log."""
    from digest.pipeline.editors import signing

    with shell.installation(config) as installation:
        editor = signing.shut_out(installation, address, shell.now())
    shell.say(f"{editor.address} is let in no more.")


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List who works at the desk, and as what."""
    with shell.installation(config) as installation:
        found = _known(installation)
    if as_json:
        for editor in found:
            shell.emit(
                {
                    "address": editor.address,
                    "name": editor.name,
                    "roles": list(editor.roles),
                    "zone": editor.zone,
                    "left": editor.left_at is not None,
                    "code": bool(editor.totp),
                }
            )
        return
    shell.table(
        ("address", "name", "is", "signs in with"),
        ((each.address, each.name, _is(each), _signs_in_with(each)) for each in found),
    )


@app.command()
def log(
    subject: Annotated[str | None, typer.Argument(metavar="[SUBJECT]", help="An issue, an address.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print who did what at the desk, oldest first."""
    from digest import store
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        for entry in store.audit.entries(connection):
            if subject not in (None, entry.subject):
                continue
            if as_json:
                from digest import codec
                from digest.model import AuditEntry

                shell.emit(codec.to_data(AuditEntry, entry))
            else:
                shell.say(
                    f"{entry.at:%Y-%m-%d %H:%M} {entry.who}: {entry.action} {entry.subject} {entry.detail}"
                )


def _known(installation: Installation) -> tuple[Editor, ...]:
    from digest import store
    from digest.store.database import reading

    with reading(installation.engine) as connection:
        return store.editors.editors(connection)


def _say_link(installation: Installation, editor: Editor) -> None:
    from digest.desk.signing import CHOOSE
    from digest.model import Errand
    from digest.pipeline.editors import signing

    url = signing.link(installation, editor, Errand.CHOOSE, CHOOSE, shell.now())
    shell.say(_told(editor))
    shell.say(f"They choose a password here, once and within a day: {url}")


def _told(editor: Editor) -> str:
    from digest.desk.rights import listed

    return f"{editor.address} is {listed(editor.roles)}."


def _is(editor: Editor) -> str:
    from digest.desk.rights import listed

    return "let in no more" if editor.left_at else listed(editor.roles)


def _signs_in_with(editor: Editor) -> str:
    if not editor.password:
        return "a link that was not used yet"
    return "password and code" if editor.totp else "password"


def _zone(name: str) -> str:
    """A time zone by its IANA name.

    Raises:
        DigestError: there is none of that name.
    """
    from zoneinfo import available_timezones

    from digest.errors import DigestError

    if name not in available_timezones():
        raise DigestError(f"There is no time zone {name!r}; write one like Europe/Berlin.")
    return name
