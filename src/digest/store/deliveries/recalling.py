"""A send that is taken back before its first mail, as if nobody had asked for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from digest.model import IssueId
from digest.store.deliveries.steering import locked_send
from digest.store.schema import deliveries, sends
from digest.store.statements import write


def recall(connection: Connection, issue: IssueId, now: datetime) -> bool:
    """Forget the request to send an issue, while its hour has not come and no row of it was ever claimed.

    False, and nothing is written, where it is too late; the send can be paused or cancelled then.

    Raises:
        NotFoundError: nobody asked to send this issue.
    """
    if locked_send(connection, issue).requested_at <= now:
        return False
    theirs = deliveries.c.issue == issue
    untouched = theirs & (deliveries.c.fence == 0)
    before = connection.execute(select(func.count()).where(theirs)).scalar_one()
    with connection.begin_nested() as attempt:
        if write(connection, delete(deliveries).where(untouched)) != before:
            attempt.rollback()
            return False
    connection.execute(delete(sends).where(sends.c.issue == issue))
    return True
