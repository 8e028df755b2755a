"""Commands on what is published: correct, redact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.changing import takes_changes
from digest.cli.editing import SeenOption
from digest.cli.shell import ConfigOption, IssueArgument, JsonOption
from digest.text.amounts import amount

if TYPE_CHECKING:
    from digest.assemble.editing import Change
    from digest.pipeline.issues.correct import Corrected
    from digest.pipeline.issues.redact import Redacted

app = typer.Typer()


@app.command()
@takes_changes
def correct(
    change: Change,
    issue: IssueArgument,
    note: Annotated[
        str | None,
        typer.Option(
            "--note",
            metavar="TEXT",
            help="What is corrected, in one sentence; readers see it, with the date.",
        ),
    ] = None,
    mail: Annotated[
        bool, typer.Option("--mail", help="Mail it, once, to those who have an earlier version.")
    ] = False,
    seen: SeenOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a published issue openly: page and feeds at once, and what of its mail is still to leave.

    Nobody is mailed again without --mail; with --mail alone, those get the newest correction who do not have it.
    """
    from digest.assemble.editing import Change
    from digest.pipeline.issues.correct import correct as act
    from digest.pipeline.issues.correct import mail_correction

    only_mail = mail and note is None and change == Change()
    if not only_mail and not (note and note.strip()):
        raise typer.BadParameter('say what is corrected: --note "The bridge is in Hollin, not in Weir."')
    now, issue_id = shell.now(), shell.issue_id(issue)
    with shell.installation(config) as installation:
        if only_mail:
            done = mail_correction(installation, issue_id, now)
        else:
            done = act(installation, issue_id, change, note or "", now, seen=seen, mail=mail)
        _say(done, as_json, asked=mail)


def _say(done: Corrected, as_json: bool, *, asked: bool) -> None:
    issue = done.issue
    if as_json:
        shell.emit(
            {
                "id": str(issue.id),
                "version": issue.version,
                "mailed": done.mailed,
                "written": list(done.written),
            }
        )
        return
    if done.written:
        shell.say(f"{issue.id} is corrected: version {issue.version} is on its page and in the feeds.")
    if done.mailed:
        shell.say(
            f"{done.mailed} who have it get version {issue.version}: digest send {issue.id}, or digest run."
        )
    elif asked:
        shell.say(f"Nobody who has {issue.id} is without version {issue.version}: no mail is queued.")


@app.command()
def redact(
    name: Annotated[
        list[str] | None, typer.Option("--name", help="A name; give each of its spellings.")
    ] = None,
    quote: Annotated[
        list[str] | None, typer.Option("--quote", metavar="WORDS|ID", help="Words that somebody said.")
    ] = None,
    post: Annotated[
        list[str] | None, typer.Option("--post", metavar="POST", help="A whole post (URL or key).")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="All that a source ever published (slug or URL).")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove something on request: from all that is stored and published, and from what is collected from now on."""
    from digest.pipeline.issues.redact import Request
    from digest.pipeline.issues.redact import redact as act

    request = Request(tuple(name or ()), tuple(quote or ()), tuple(post or ()), tuple(source or ()))
    with shell.installation(config) as installation:
        done = act(installation, request, shell.now(), dry_run=dry_run)
    if as_json:
        shell.emit(_redaction_data(done))
        return
    would = "would go" if dry_run else "are gone"
    shell.say(
        f"{amount(done.removed, 'post')} {would}, {amount(done.posts, 'other')} lose words; "
        f"{amount(len(done.versions), 'version')} of issues and {amount(len(done.purge), 'published document')} change."
    )
    if done.files:
        shell.say(f"{amount(done.files, 'mail')} of these issues in the mail folder {would}.")
    for each in done.mails:
        shell.say(f"Cannot be called back: {amount(each.mails, 'mail')} of {each.issue}.")
    if done.purge:
        shell.say("Ask your CDN to purge:")
        for address in done.purge:
            shell.say(f"  {address}")


def _redaction_data(done: Redacted) -> dict[str, object]:
    return {
        "removed": done.removed,
        "posts": done.posts,
        "versions": [f"{issue} version {number}" for issue, number in done.versions],
        "pictures": done.pictures,
        "files": done.files,
        "mails": {str(each.issue): each.mails for each in done.mails},
        "purge": list(done.purge),
    }
