"""Commands on issues: draft, show, approve, veto, publish, send, skip, pause, resume, cancel, settle."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, DigestArgument, IssueArgument, JsonOption

if TYPE_CHECKING:
    from digest.model import Issue, IssueId
    from digest.pipeline.installation import Installation
    from digest.pipeline.send import Sent

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
    from digest.pipeline.draft import draft as make
    from digest.pipeline.extra import Wishes, draft_extra

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
    from digest.pipeline.publish import approve as act

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
    from digest.pipeline.draft import next_free_slot
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
    from digest.pipeline.draft import veto as act

    _step(lambda installation, issue_id, now: act(installation, issue_id, why, now), issue, config, as_json)


@app.command()
def publish(issue: IssueArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Publish an approved issue: feed and pages are written into feeds/."""
    from digest.pipeline.publish import publish as act

    _step(act, issue, config, as_json)


@app.command()
def skip(
    issue: IssueArgument,
    why: Annotated[str, typer.Option("--why", help="The reason, kept with the issue.")] = "skipped by hand",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Leave an issue out; its posts stay open for the next one."""
    from digest.pipeline.draft import skip as act

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


# ── sending ──────────────────────────────────────────────────────────────────────────────────────


@app.command()
def send(
    issue: IssueArgument,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write .eml files and touch nothing else.")
    ] = False,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ADDRESS", help="Send one marked test copy.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a published issue to its audience; run twice, it sends once."""
    if dry_run and to:
        raise typer.BadParameter("give --dry-run or --to, not both")
    with shell.installation(config) as installation:
        issue_id = shell.issue_id(issue)
        if dry_run:
            _dry_run(installation, issue_id, as_json)
        elif to:
            _test_copy(installation, issue_id, to, as_json)
        else:
            _send(installation, issue_id, as_json)


def _send(installation: Installation, issue_id: IssueId, as_json: bool) -> None:
    from digest.cli.describe import unfinished
    from digest.errors import RelayError
    from digest.pipeline.send import send as act

    result = act(installation, issue_id, shell.now)
    if as_json or not result.problem:
        _print_send(installation, result, as_json)
    if result.problem:
        raise RelayError(unfinished(result))


def _dry_run(installation: Installation, issue_id: IssueId, as_json: bool) -> None:
    from digest.pipeline.send import dry_run as act

    folder = installation.settings.mail.folder.parent / "dry-run" / str(issue_id).replace("/", "-")
    count = act(installation, issue_id, folder, shell.now())
    if as_json:
        shell.emit({"issue": str(issue_id), "messages": count, "folder": str(folder)})
    else:
        shell.say(f"{count} messages are written to {folder}; nothing else was touched.")


def _test_copy(installation: Installation, issue_id: IssueId, address: str, as_json: bool) -> None:
    from digest.pipeline.send import test_copy as act

    reply = act(installation, issue_id, address, shell.now())
    if as_json:
        shell.emit({"issue": str(issue_id), "to": address, "reply": reply})
    else:
        shell.say(f"A test copy of {issue_id} to {address}: {reply}. The ledger is as it was.")


@app.command()
def pause(
    issue: IssueArgument,
    why: Annotated[str, typer.Option("--why", help="The reason, shown until it goes on.")] = "by hand",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold a running send; it stops between two messages."""
    from digest.pipeline.send import pause as act

    _steer(lambda installation, issue_id: act(installation, issue_id, why), issue, config, as_json)


@app.command()
def resume(issue: IssueArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Let a paused send go on; `digest send` or `digest run` then sends the rest."""
    from digest.pipeline.send import resume as act

    _steer(act, issue, config, as_json)


@app.command()
def cancel(issue: IssueArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """End a send for good: what has not been sent never will be."""
    from digest.pipeline.send import cancel as act

    _steer(lambda installation, issue_id: act(installation, issue_id, shell.now()), issue, config, as_json)


class Verdict(StrEnum):
    """What a person says of a message in doubt."""

    SENT = "sent"
    RESEND = "resend"


@app.command()
def settle(
    issue: IssueArgument,
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    verdict: Annotated[Verdict, typer.Argument(help="It was sent, or it is to be sent once more.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide about a message in doubt; nothing in doubt is ever sent again by itself."""
    from digest.pipeline.send import settle as act

    was_sent = verdict is Verdict.SENT
    _steer(
        lambda installation, issue_id: act(installation, issue_id, address, shell.now(), was_sent=was_sent),
        issue,
        config,
        as_json,
    )


def _steer(
    act: Callable[[Installation, IssueId], Sent], issue: str, config: Path | None, as_json: bool
) -> None:
    with shell.installation(config) as installation:
        _print_send(installation, act(installation, shell.issue_id(issue)), as_json)


def _print_send(installation: Installation, result: Sent, as_json: bool) -> None:
    from digest.cli.describe import describe_send, send_data

    mail = installation.settings.mail
    if as_json:
        shell.emit({**send_data(result), "live": mail.live})
        return
    shell.say(describe_send(result))
    if not mail.live:
        shell.say(f"Nothing left this machine: [mail] live is false, so mails are written to {mail.folder}.")
