"""Commands on the posts that were collected: held as back-fill, taken back by their authors, merged into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from digest.store.merges import Merge

app = typer.Typer(help="Posts that were collected.", no_args_is_help=True)


@app.command("held")
def held(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the posts that are kept out of issues as back-fill, each with why."""
    from digest import store
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = store.posts.held(connection)
    if as_json:
        for post in found:
            shell.emit(
                {
                    "key": post.key,
                    "source": post.source,
                    "url": post.url,
                    "title": post.title,
                    "held": post.held,
                }
            )
        return
    shell.table(
        ("key", "source", "published", "title", "why it is held"),
        ((post.key, post.source, f"{post.published:%Y-%m-%d}", post.title, post.held) for post in found),
    )


@app.command("release")
def release(
    keys: Annotated[list[str], typer.Argument(metavar="KEY…", help="Keys or addresses of held posts.")],
    config: ConfigOption = None,
) -> None:
    """Let held posts into the next issue."""
    from digest import store
    from digest.errors import NotFoundError
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        wanted = [found.key if (found := store.posts.by_url(connection, key)) else key for key in keys]
        released = store.posts.release(connection, wanted)
    if not released:
        raise NotFoundError(
            f"None of these posts is held: {', '.join(keys)}; digest posts held lists those that are."
        )
    shell.say(f"{released} of {len(keys)} were held and are open for the next issue now.")


@app.command("withdraw")
def withdraw(
    post: Annotated[str, typer.Argument(metavar="POST", help="Its address, key or id.")],
    why: Annotated[
        str, typer.Option("--why", help="The reason, told wherever it is asked for.")
    ] = "taken back",
    config: ConfigOption = None,
) -> None:
    """Print a post in no further issue, because its author has taken it back; what was published stays."""
    from digest import store
    from digest.pipeline.drafts.draft import chosen
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        (found,) = chosen(connection, [post])
        store.withdrawals.withdraw(connection, found.key, why, shell.now())
    shell.say(f"“{found.title}” is in no issue from now on; one that has it is not approved until it is out.")


@app.command("restore")
def restore(
    post: Annotated[str, typer.Argument(metavar="POST", help="Its address, key or id.")],
    config: ConfigOption = None,
) -> None:
    """Let a withdrawn post into issues again."""
    from digest import store
    from digest.errors import NotFoundError
    from digest.pipeline.drafts.draft import chosen
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        (found,) = chosen(connection, [post])
        if not store.withdrawals.restore(connection, found.key):
            raise NotFoundError(f"Nobody has withdrawn “{found.title}”.")
    shell.say(f"“{found.title}” may be in an issue again.")


@app.command("merged")
def merged(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the entries that were taken for a post known under another id or from another source, each with why."""
    from digest import store
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = store.merges.merges(connection)
    if as_json:
        for merge in found:
            shell.emit(_merge_data(merge))
        return
    if not found:
        shell.say("No entry was merged into a post known before.")
        return
    shell.table(
        ("key", "source", "merged", "address", "post", "why"),
        ((m.key, m.source, f"{m.merged_at:%Y-%m-%d}", m.url, m.post, m.reason) for m in found),
    )


def _merge_data(merge: Merge) -> dict[str, str | None]:
    from digest.text.times import rfc3339

    return {
        "key": merge.key,
        "source": merge.source,
        "id": merge.identity,
        "url": merge.url,
        "post": merge.post,
        "reason": merge.reason,
        "merged_at": rfc3339(merge.merged_at),
    }


@app.command("unmerge")
def unmerge(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="As digest posts merged lists it, or the post's.")
    ],
    config: ConfigOption = None,
) -> None:
    """Make a merged entry a post of its own, for good; the next issue may take it."""
    from digest import store
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        own = store.merges.unmerge(connection, key, shell.now())
    shell.say(f"{own.url or own.title} is a post of its own now ({own.key}), open for the next issue.")
