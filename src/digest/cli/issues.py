"""Commands on issues: draft, show, approve, publish, send, skip, pause, resume, cancel, settle."""

from __future__ import annotations

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
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make or refresh the draft of the next open slot; never over an edit."""
    from digest.cli.describe import describe_issue, issue_data
    from digest.pipeline.draft import draft as make

    now = shell.now()
    with shell.installation(config) as installation:
        drafted = make(installation, digest, now, today=today)
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
def approve(issue: IssueArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Approve a draft: its quotes are checked against their sources, and it is frozen."""
    from digest.pipeline.publish import approve as act

    _step(act, issue, config, as_json)


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
