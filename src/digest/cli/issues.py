"""Commands on issues: draft, show, approve, veto, publish, skip."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, DigestArgument, IssueArgument, JsonOption

if TYPE_CHECKING:
    from digest.model import Issue, IssueId
    from digest.pipeline.installation import Installation

app = typer.Typer()


@app.command()
def draft(
    digest: DigestArgument,
    today: Annotated[
        bool, typer.Option("--now", help="Make one dated today, whatever the schedule says.")
    ] = False,
    extra: Annotated[
        str | None, typer.Option("--extra", metavar="NAME", help="Make an extra issue, outside the schedule.")
    ] = None,
    posts: Annotated[
        list[str] | None,
        typer.Option("--post", metavar="URL", help="With --extra: a post that it shows; may be repeated."),
    ] = None,
    introduction: Annotated[
        str | None,
        typer.Option("--introduction", metavar="TEXT|FILE", help="With --extra: what its editor says first."),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="With --extra: its date, if not today."),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at", formats=["%H:%M"], help="With --extra: when it goes out, if not at once when approved."
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make or refresh the draft of the next open slot, or of an extra issue; never over an edit."""
    from digest.cli.describe import describe_issue, issue_data
    from digest.pipeline.drafts.draft import draft as make
    from digest.pipeline.drafts.extra import Wishes, draft_extra

    if extra is not None and today:
        raise typer.BadParameter("give --now or --extra, not both")
    if extra is None and (posts or introduction or on or at):
        raise typer.BadParameter("--post, --introduction, --on and --at are for an extra issue: give --extra")
    now = shell.now()
    with shell.installation(config) as installation:
        if extra is None:
            drafted = make(installation, digest, now, today=today)
        else:
            said = None if introduction is None else shell.text_or_file(introduction)
            wishes = Wishes(on.date() if on else None, posts or None, said, at.time() if at else None)
            drafted = draft_extra(installation, digest, extra, wishes, now)
        if as_json:
            shell.emit({**issue_data(installation, drafted.issue, now), "kept": drafted.kept})
        else:
            shell.say(drafted.kept or describe_issue(installation, drafted.issue, now))


@app.command()
def show(issue: IssueArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show an issue: what is in it, where it stands, what comes next."""
    from digest.cli.describe import describe_issue, issue_data

    with shell.installation(config) as installation:
        found = installation.issue(shell.issue_id(issue))
        if as_json:
            shell.emit(issue_data(installation, found, shell.now()))
        else:
            shell.say(describe_issue(installation, found, shell.now()))


@app.command()
def approve(
    issue: IssueArgument,
    at_once: Annotated[bool, typer.Option("--now", help="It goes out at once.")] = False,
    next_slot: Annotated[bool, typer.Option("--next", help="It goes out at the next slot.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve a draft: its quotes are checked against their sources, and it is frozen.

    Before its time it goes out then; after it, say whether now or at the next slot.
    """
    from digest.pipeline.issues.publish import approve as act

    if at_once and next_slot:
        raise typer.BadParameter("give --now or --next, not both")

    def approve_timed(installation: Installation, issue_id: IssueId, now: datetime) -> Issue:
        choice = "now" if at_once else "next" if next_slot else ""
        return act(installation, issue_id, now, goes_out_at=_when(installation, issue_id, choice, now))

    _step(approve_timed, issue, config, as_json)


def _when(installation: Installation, issue_id: IssueId, choice: str, now: datetime) -> datetime | None:
    """When an issue that is approved goes out; None: as it stands.

    Raises:
        DigestError: its time is over, nobody said what to do then, and there is no terminal to ask at.
    """
    from digest.assemble.steps import is_late
    from digest.assemble.window import local_time
    from digest.errors import DigestError
    from digest.pipeline.drafts.draft import next_free_slot
    from digest.store.database import reading

    digest = installation.digest(issue_id.digest)
    with reading(installation.engine) as connection:
        following = next_free_slot(connection, digest, now).at
    if not choice and is_late(installation.issue(issue_id), digest, now):
        late = f"{issue_id} is late; its next slot is {local_time(digest, following)}"
        if not sys.stdin.isatty():
            raise DigestError(f"{late}. Say when it goes out: digest approve {issue_id} --now, or --next")
        choice = typer.prompt(f"{late}. When does it go out, now or next?", value_proc=_now_or_next)
    return {"now": now, "next": following}.get(choice)


def _now_or_next(answer: str) -> str:
    if answer not in ("now", "next"):
        raise typer.BadParameter("write now or next")
    return answer


@app.command()
def veto(
    issue: IssueArgument,
    why: Annotated[str, typer.Option("--why", help="The reason, shown until it is approved.")] = "vetoed",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a draft from being approved by itself: it waits until a person approves or skips it."""
    from digest.pipeline.drafts.draft import veto as act

    _step(lambda installation, issue_id, now: act(installation, issue_id, why, now), issue, config, as_json)


@app.command()
def publish(issue: IssueArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Publish an approved issue: feed and pages are written into feeds/."""
    from digest.pipeline.issues.publish import publish as act

    _step(act, issue, config, as_json)


@app.command()
def skip(
    issue: IssueArgument,
    why: Annotated[str, typer.Option("--why", help="The reason, kept with the issue.")] = "skipped by hand",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Leave an issue out; its posts stay open for the next one."""
    from digest.pipeline.drafts.draft import skip as act

    _step(lambda installation, issue_id, now: act(installation, issue_id, why, now), issue, config, as_json)


def _step(
    act: Callable[[Installation, IssueId, datetime], Issue], issue: str, config: Path | None, as_json: bool
) -> None:
    """One verb on one issue, and where the issue stands after it."""
    from digest.cli.describe import issue_data, standing

    now = shell.now()
    with shell.installation(config) as installation:
        after = act(installation, shell.issue_id(issue), now)
        if as_json:
            shell.emit(issue_data(installation, after, now))
        else:
            shell.say(standing(installation, after, now))
