"""The schema of createDataFrame's rows, without looking at ten million rows one by one.

PySpark infers a schema from each row and merges them all: ten microseconds a row. A scalar's type follows from its class
alone, so rows whose values have the same classes have the same schema, and one of each kind is enough. The kinds keep the
order they came in, so that rows which don't go together fail as before.
"""

from __future__ import annotations

import datetime
import decimal
import functools
from typing import Any

# Classes whose Spark type depends on nothing else (a datetime's depends on its zone).
_SCALARS = frozenset({bool, int, float, str, bytes, type(None), datetime.date, decimal.Decimal})


def representatives(rows: Any) -> Any:
    """One row of each kind; `rows` itself when any has more than scalars in a tuple or list."""
    kinds: dict = {}
    for row in rows:
        if type(row) is not tuple and type(row) is not list:
            return rows
        kind = tuple(map(type, row))
        if kind not in kinds:
            if not _SCALARS.issuperset(kind):
                return rows
            kinds[kind] = row
    return list(kinds.values())


def speed_up(session_class: Any) -> None:
    """Makes a Connect session infer from representatives. Clients without the method stay as they are."""
    infer = getattr(session_class, "_inferSchemaFromList", None)
    if infer is None:
        return

    @functools.wraps(infer)
    def infer_from_kinds(self: Any, data: Any, *args: Any, **kwargs: Any) -> Any:
        return infer(self, representatives(data) if isinstance(data, list) else data, *args, **kwargs)

    session_class._inferSchemaFromList = infer_from_kinds
