"""Commands before an issue goes out: lint and preview."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, IssueArgument, JsonOption

if TYPE_CHECKING:
    from digest.caniemail import Support
    from digest.pipeline.issues.lint import Linted

app = typer.Typer()


@app.command()
def lint(
    issue: IssueArgument,
    links: Annotated[
        bool, typer.Option("--links/--no-links", help="Ask each link whether it is alive.")
    ] = True,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold the mail of an issue against the 25 rules of a newsletter; exit code 1 where one is broken.

    Where Node and npm's caniemail are installed, it also says which mail programs lack what the mail uses.
    """
    from digest.caniemail import support
    from digest.deliver.findings import errors
    from digest.deliver.opened import House, Opened
    from digest.pipeline.issues.lint import lint as hold

    with shell.installation(config) as installation:
        linted = hold(installation, shell.issue_id(issue), shell.now(), ask_links=links)
    known = support(Opened(linted.message.data, "", House()).page, _node_folder())
    if as_json:
        shell.emit(_data(linted, known))
    else:
        _say(linted, known, asked=links)
    if errors(linted.findings):
        raise typer.Exit(1)


@app.command()
def preview(
    issue: IssueArgument,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where it is served on this machine; 0 picks a port.")
    ] = 0,
    config: ConfigOption = None,
) -> None:
    """Show an issue on this machine, in all its forms, anew whenever it or a template changes, until stopped."""
    from digest.web.preview import create_preview
    from digest.web.server import run

    with shell.installation(config) as installation:
        issue_id = shell.issue_id(issue)
        installation.issue(issue_id)
        table = create_preview(installation, issue_id, shell.now, _node_folder())
        run(
            table,
            "127.0.0.1",
            port,
            lambda at: shell.say(f"{issue_id} is shown at {at}/. Stop it with Ctrl-C."),
        )


def _node_folder() -> Path:
    """Where `make node` puts npm's packages."""
    return Path(os.environ.get("DIGEST_NODE") or Path("var") / "node")


def _data(linted: Linted, known: Support) -> dict[str, Any]:
    """For a program: docs/preview.md names the keys."""
    counts = Counter(found.severity.value for found in linted.findings)
    return {
        "issue": str(linted.issue),
        "errors": counts["error"],
        "warnings": counts["warning"],
        "findings": [
            {
                "rule": each.rule,
                "severity": each.severity.value,
                "where": each.where,
                "sentence": each.sentence,
            }
            for each in linted.findings
        ],
        "links": [{"url": url, "status": led.status, "why": led.why} for url, led in linted.links.items()],
        "support": [
            {
                "feature": each.title,
                "url": each.url,
                "without": list(each.without),
                "partly": list(each.partly),
            }
            for each in known.features
        ],
        "skipped": known.skipped,
    }


def _say(linted: Linted, known: Support, *, asked: bool) -> None:
    for each in linted.findings:
        shell.say(f"{each.severity.value:<8} rule {each.rule:>2}  {each.where}: {each.sentence}")
    counts = Counter(found.severity.value for found in linted.findings)
    looked = f"{len(linted.links)} links asked" if asked else "links not asked"
    shell.say(f"{linted.issue}: errors: {counts['error']}, warnings: {counts['warning']}; {looked}.")
    if known.skipped:
        shell.say(known.skipped)
        return
    shell.say(
        f"Of {len(known.features)} features of HTML and CSS, {len(known.gaps)} are not in every mail program:"
    )
    for gap in known.gaps:
        shell.say(f"  {gap}")
