"""Which state of an issue each editor has seen: what changed since then is told before a send."""

from __future__ import annotations

from sqlalchemy import Connection, select

from digest.model import IssueId, Look
from digest.store.schema import looks
from digest.store.statements import columns_of, insert_into


def newest(connection: Connection, editor: int, issue: IssueId) -> Look | None:
    """The newest preview of an issue that an editor was shown; None where there was none."""
    columns = (looks.c.edit, looks.c.at, looks.c.preview)
    query = select(*columns).where(looks.c.editor == editor, looks.c.issue == issue)
    row = connection.execute(query).one_or_none()
    return None if row is None else Look(**row._mapping)


def remember(connection: Connection, editor: int, issue: IssueId, look: Look) -> None:
    """Remember a look; one that is older than what is known changes nothing."""
    values = columns_of(look)
    insert = insert_into(connection, looks).values(editor=editor, issue=issue, **values)
    newer = insert.on_conflict_do_update(
        index_elements=["editor", "issue"], set_=values, where=looks.c.at <= look.at
    )
    connection.execute(newer)
