"""The commands edit, undo and unapprove: what an editor changes in an issue."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.changing import parted, takes_changes
from digest.cli.shell import ConfigOption, IssueArgument, JsonOption

if TYPE_CHECKING:
    from digest.assemble.editing import Change, NewNote
    from digest.model import Issue
    from digest.pipeline.drafts.editing import Edited
    from digest.pipeline.installation import Installation

app = typer.Typer()

NoteOption = Annotated[
    str | None, typer.Option("--note", metavar="TEXT|FILE", help="Add a note of your own.")
]
LinkOption = Annotated[
    str | None,
    typer.Option("--link", metavar="TITLE=URL", help="Add a link, with the note if there is one."),
]
UnderOption = Annotated[
    str, typer.Option("--under", metavar="THEME", help="Note and link stand at the head of this theme.")
]
RememberOption = Annotated[
    bool, typer.Option("--remember", help="From now on: what --move, --hide and --name say becomes a rule.")
]
SeenOption = Annotated[
    int | None,
    typer.Option("--seen", metavar="EDIT", help="Refuse if it was changed since this edit (see show)."),
]


@app.command()
@takes_changes
def edit(
    change: Change,
    issue: IssueArgument,
    note: NoteOption = None,
    link: LinkOption = None,
    under: UnderOption = "",
    remember: RememberOption = False,
    seen: SeenOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change an issue by hand; from then on it is never drafted anew, and what comes later is only offered.

    Where it was approved, the approval is void: it is a draft again until somebody approves it.
    """
    from digest.pipeline.drafts.editing import edit as act

    change = replace(change, notes=_notes(note, link, under))
    now = shell.now()
    with shell.installation(config) as installation:
        changed = act(installation, shell.issue_id(issue), change, now, seen=seen, remember=remember)
        _say(installation, changed.issue, now, as_json, _after(changed))


def _after(changed: Edited) -> str:
    rules = "".join(f" Rule from now on: {rule.kind} {rule.subject}." for rule in changed.remembered)
    return f" It is at edit {changed.issue.edit}.{rules}"


@app.command()
def undo(
    issue: IssueArgument,
    seen: SeenOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the newest change of an issue back; again, and the one before it goes."""
    from digest.pipeline.drafts.editing import undo as act

    now = shell.now()
    with shell.installation(config) as installation:
        changed = act(installation, shell.issue_id(issue), now, seen=seen)
        _say(installation, changed, now, as_json, f" It is at edit {changed.edit}.")


@app.command()
def unapprove(
    issue: IssueArgument,
    why: Annotated[
        str, typer.Option("--why", help="The reason, shown until it is approved again.")
    ] = "its approval was withdrawn",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw the approval of an issue that is not published: it is a draft again, and waits for a person."""
    from digest.pipeline.drafts.editing import unapprove as act

    now = shell.now()
    with shell.installation(config) as installation:
        _say(installation, act(installation, shell.issue_id(issue), why, now), now, as_json)


def _say(installation: Installation, issue: Issue, now: datetime, as_json: bool, more: str = "") -> None:
    from digest.cli.describe import issue_data, standing

    if as_json:
        shell.emit(issue_data(installation, issue, now))
    else:
        shell.say(standing(installation, issue, now) + more)


def _notes(note: str | None, link: str | None, under: str) -> tuple[NewNote, ...]:
    from digest.assemble.editing import NewNote

    if note is None and link is None:
        if under:
            raise typer.BadParameter("--under is for a note or a link: give --note or --link")
        return ()
    title, address = parted("=http", link or "")
    if link and not (title and address):
        raise typer.BadParameter(f"{link!r} cannot be read: write TITLE=URL")
    return (
        NewNote(shell.text_or_file(note) if note else "", f"http{address}" if link else "", title, under),
    )
