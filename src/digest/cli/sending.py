"""Commands on sends: send, pause, resume, cancel, settle, retry, deliveries."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, IssueArgument, JsonOption
from digest.model import DeliveryState
from digest.text.amounts import amount

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import IssueId
    from digest.pipeline.installation import Installation
    from digest.pipeline.mail.send import Sent
    from digest.store.deliveries import Account

app = typer.Typer()


@app.command()
def send(
    issue: IssueArgument,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write .eml files and touch nothing else.")
    ] = False,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ADDRESS", help="Send one marked test copy.")
    ] = None,
    first_percent: Annotated[
        float | None,
        typer.Option(
            min=0, max=50, help="A part of the audience gets it first; the others when that went well."
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Send although the last ones would get it too late.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a published issue to its audience; run twice, it sends once. Ctrl-C stops it between two messages."""
    if dry_run and to:
        raise typer.BadParameter("give --dry-run or --to, not both")
    with shell.installation(config) as installation:
        issue_id = shell.issue_id(issue)
        if dry_run:
            _dry_run(installation, issue_id, as_json)
        elif to:
            _test_copy(installation, issue_id, to, as_json)
        else:
            _ask_if_too_late(installation, issue_id, yes)
            _send(installation, issue_id, first_percent, as_json)


def _ask_if_too_late(installation: Installation, issue_id: IssueId, yes: bool) -> None:
    """A send that cannot reach everybody in time is begun only by a person's word."""
    from digest.errors import DigestError
    from digest.pipeline.mail.send import forecast

    expected = forecast(installation, issue_id, shell.now())
    if not expected.is_too_late or yes:
        return
    if not sys.stdin.isatty():
        raise DigestError(
            f"{issue_id}: {expected.sentence}. Raise the limits in [mail] or expires_hours, or send all the same: "
            f"digest send {issue_id} --yes"
        )
    typer.confirm(f"{expected.sentence}. Send all the same?", abort=True)


def _send(installation: Installation, issue_id: IssueId, first_percent: float | None, as_json: bool) -> None:
    from digest.cli.describe import unfinished
    from digest.cli.progress import sending, stopped_by_signal
    from digest.errors import RelayError
    from digest.pipeline.mail.send import request, sent
    from digest.pipeline.mail.send import send as act

    request(installation, issue_id, shell.now(), first_percent)
    waiting = sent(installation, issue_id).counts[DeliveryState.QUEUED]
    with stopped_by_signal() as stop, sending(waiting, quiet=as_json) as told:
        result = act(installation, issue_id, shell.now, stop=stop, told=told)
    if as_json or not result.problem:
        _print_send(installation, result, as_json)
    if result.problem:
        raise RelayError(unfinished(result))


def _dry_run(installation: Installation, issue_id: IssueId, as_json: bool) -> None:
    from digest.pipeline.mail.send import dry_run as act

    folder = installation.settings.mail.folder.parent / "dry-run" / str(issue_id).replace("/", "-")
    count = act(installation, issue_id, folder, shell.now())
    if as_json:
        shell.emit({"issue": str(issue_id), "messages": count, "folder": str(folder)})
    else:
        shell.say(f"{amount(count, 'message')} written to {folder}; nothing else was touched.")


def _test_copy(installation: Installation, issue_id: IssueId, address: str, as_json: bool) -> None:
    from digest.pipeline.mail.send import test_copy as act

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
    from digest.pipeline.mail.steering import pause as act

    _steer(
        lambda installation, issue_id: act(installation, issue_id, shell.now(), why), issue, config, as_json
    )


@app.command()
def resume(issue: IssueArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Let a paused send go on; `digest send` or `digest run` then sends the rest."""
    from digest.pipeline.mail.steering import resume as act

    _steer(lambda installation, issue_id: act(installation, issue_id, shell.now()), issue, config, as_json)


@app.command()
def cancel(issue: IssueArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """End a send for good: what has not been sent never will be."""
    from digest.pipeline.mail.steering import cancel as act

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
    from digest.pipeline.mail.steering import settle as act

    was_sent = verdict is Verdict.SENT
    _steer(
        lambda installation, issue_id: act(installation, issue_id, address, shell.now(), was_sent=was_sent),
        issue,
        config,
        as_json,
    )


@app.command()
def retry(issue: IssueArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Queue again what waits to be tried, what is too late, and what was refused for a policy (5.7.x).

    Never what was accepted, is in doubt, or went to an address that is no more. `digest send` or `digest run` sends it.
    """
    from digest.pipeline.mail.steering import retry as act

    with shell.installation(config) as installation:
        issue_id = shell.issue_id(issue)
        counts = {state.value: count for state, count in act(installation, issue_id, shell.now()).items()}
        if as_json:
            shell.emit({"issue": str(issue_id), "queued_again": counts})
            return
        said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        shell.say(
            f"Queued again: {said}. Then: digest send {issue_id}"
            if said
            else f"{issue_id} has nothing to try again."
        )


@app.command()
def deliveries(
    issue: IssueArgument,
    state: Annotated[
        DeliveryState | None, typer.Option("--state", help="Only the mails in this state.")
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="ADDRESS", help="Only the mail to this address.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="So many at most; 0: all.")] = 100,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell of each person's mail what happened, when, how often it was tried, and the relay's words."""
    from digest import store
    from digest.pipeline.mail.send import sent
    from digest.store.database import reading

    with shell.installation(config) as installation:
        issue_id = shell.issue_id(issue)
        installation.issue(issue_id)
        counts = {found.value: count for found, count in sent(installation, issue_id).counts.items() if count}
        with reading(installation.engine) as connection:
            accounts = store.deliveries.accounts(connection, issue_id, state, address, limit or None)
            rows = [_account(found) for found in accounts]
    if as_json:
        shell.emit(
            {"issue": str(issue_id), "audience": sum(counts.values()), "counts": counts, "deliveries": rows}
        )
        return
    shell.say(
        f"{issue_id}: {amount(sum(counts.values()), 'person', 'people')}; {', '.join(f'{n} {s}' for s, n in counts.items())}"
    )
    shell.table(("ADDRESS", "STATE", "SINCE OR DUE", "TRIED", "WORDS"), (list(row.values()) for row in rows))
    if limit and len(rows) == limit and limit < sum(counts.values()):
        shell.say(f"These are the first {limit}; more: --limit 0, --state, --address.")


def _account(found: Account) -> dict[str, str | int | None]:
    from digest.text.times import rfc3339

    row = found.delivery
    came_back = f" (came back {rfc3339(found.bounced_at)})" if found.bounced_at else ""
    return {
        "address": row.address,
        "state": row.state.value,
        "at": rfc3339(row.settled_at or row.next_try_at),
        "attempts": row.attempts,
        "reply": row.reply + came_back,
    }


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
