"""The command edit: what an editor changes in a draft."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, IssueArgument, JsonOption

app = typer.Typer()

_PostsOption = list[str] | None


@app.command()
def edit(
    issue: IssueArgument,
    title: Annotated[str | None, typer.Option("--title", help="The title.")] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="The subject line of the mail.")] = None,
    introduction: Annotated[
        str | None, typer.Option("--introduction", metavar="TEXT|FILE", help="What its editor says first.")
    ] = None,
    add: Annotated[
        _PostsOption, typer.Option("--add", metavar="POST", help="Take a stored post in (URL or key).")
    ] = None,
    drop: Annotated[
        _PostsOption, typer.Option("--drop", metavar="POST", help="Take a post out for good (URL or key).")
    ] = None,
    later: Annotated[
        _PostsOption, typer.Option("--later", metavar="POST", help="Leave a post to the next issue.")
    ] = None,
    move: Annotated[
        _PostsOption,
        typer.Option("--move", metavar="POST=THEME", help="Put a post under the theme of this slug."),
    ] = None,
    seen: Annotated[
        int | None,
        typer.Option("--seen", metavar="EDIT", help="Refuse if it was changed since this edit (see show)."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a draft by hand; from then on it is never drafted anew, and what comes later is only offered."""
    from digest.assemble.editing import Change
    from digest.cli.describe import issue_data, standing
    from digest.pipeline.editing import edit as act

    said = None if introduction is None else shell.text_or_file(introduction)
    change = Change(
        title,
        subject,
        said,
        tuple(add or ()),
        tuple(drop or ()),
        tuple(later or ()),
        tuple(map(_move, move or ())),
    )
    now = shell.now()
    with shell.installation(config) as installation:
        changed = act(installation, shell.issue_id(issue), change, now, seen=seen)
        if as_json:
            shell.emit(issue_data(installation, changed, now))
        else:
            shell.say(f"{standing(installation, changed, now)} It is at edit {changed.edit}.")


def _move(text: str) -> tuple[str, str]:
    """``POST=THEME`` as its two parts; an address may have a ``=`` of its own."""
    post, sign, theme = text.rpartition("=")
    if not (post and sign and theme):
        raise typer.BadParameter(f"{text!r} is no move: write POST=THEME")
    return post, theme
