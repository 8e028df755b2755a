"""What was public of each issue, and since when: its version when it was published, and every later one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from digest.model import IssueId, IssueState, Version
from digest.store.schema import issues, redactions, sources, versions


@dataclass(frozen=True, slots=True)
class Published:
    """The public versions of a published issue, oldest first, at least one."""

    issue: IssueId
    published_at: datetime
    versions: tuple[Version, ...]


def published(connection: Connection, digest: str) -> tuple[Published, ...]:
    """The published issues of a digest, newest first.

    A version that an editor replaced before the issue was published was never public, and is left out.
    """
    first = (
        select(func.max(versions.c.number))
        .where(versions.c.issue == issues.c.id, versions.c.frozen_at <= issues.c.published_at)
        .correlate(issues)
        .scalar_subquery()
    )
    public = and_(
        versions.c.issue == issues.c.id, versions.c.number.between(func.coalesce(first, 1), issues.c.version)
    )
    query = (
        select(versions, issues.c.published_at)
        .join(issues, public)
        .where(issues.c.digest == digest, issues.c.state == IssueState.PUBLISHED)
        .order_by(issues.c.published_at.desc(), issues.c.slot.desc(), issues.c.name, versions.c.number)
    )
    found: dict[IssueId, Published] = {}
    for row in connection.execute(query):
        version = Version(**{name: value for name, value in row._mapping.items() if name != "published_at"})
        earlier = found[version.issue].versions if version.issue in found else ()
        found[version.issue] = Published(version.issue, row.published_at, (*earlier, version))
    return tuple(found.values())


def edition(connection: Connection) -> tuple[object, ...]:
    """A value that is another one once anything else is to be published than before, whoever changed it."""
    public = issues.c.state == IssueState.PUBLISHED
    figures = (
        select(func.count()).where(public),
        select(func.max(issues.c.published_at)).where(public),
        select(func.count()).select_from(versions),
        select(func.max(versions.c.frozen_at)),
        select(func.count()).select_from(redactions),
        select(func.count()).where(~sources.c.retired),
    )
    query = select(*(figure.scalar_subquery() for figure in figures))
    return tuple(connection.execute(query).one())
