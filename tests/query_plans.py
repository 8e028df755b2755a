"""How a database would run the statements that a function of the store executes."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Engine, event

from digest.store.database import transaction


def plan_of(engine: Engine, action: Callable[[Connection], object]) -> str:
    """The plans of every statement of ``action``, over the rows that are stored now."""
    seen: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        seen.append((statement, parameters))

    with transaction(engine) as connection:
        connection.exec_driver_sql("ANALYZE")
        event.listen(connection, "before_cursor_execute", note)
        action(connection)
        event.remove(connection, "before_cursor_execute", note)
        explain = "EXPLAIN " if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        plans = [connection.exec_driver_sql(explain + sql, values).all() for sql, values in seen]  # type: ignore[arg-type]
    return "\n".join(str(row) for plan in plans for row in plan)
