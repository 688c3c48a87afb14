"""Conditions on spectra in SQL, read-only, evaluated by SQLite: from the standard library alone."""

import re
import sqlite3
from collections.abc import Mapping, Sequence

#: What a condition may do: read the table, and call functions whose result the table alone decides.
ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)
BY_CHANCE = ("random", "randomblob")


#: Names in double quotes, once text in single quotes is gone.
TEXT, QUOTED = re.compile(r"'(?:[^']|'')*'"), re.compile(r'"((?:[^"]|"")*)"')


class ConditionError(ValueError):
    """What is wrong with a condition: ``condition``, and ``reason`` in the words of SQLite."""

    def __init__(self, condition: str, reason: str):
        self.condition, self.reason = condition, reason
        super().__init__(f"condition {condition!r}: {reason}")


def check_condition(condition: str) -> None:
    """Refuse what is no condition in SQL, whatever columns it names.

    Raises
    ------
    ConditionError
        For a fault of syntax, an unknown function, or anything else than reading.
    """
    with _Table({"spectrum_id": []}) as table:
        try:
            table.evaluate(condition)
        except ConditionError as error:
            if not error.reason.startswith("no such column"):
                raise


def evaluate_conditions(columns: Mapping[str, Sequence], conditions: Sequence[str]) -> dict[str, list[bool]]:
    """Tell which rows of a table meet each condition; a missing value is unknown, and what is unknown is not met.

    Parameters
    ----------
    columns : name -> values, None or NaN where missing. Names that differ in case alone are one to SQL: then the one in
        small letters counts.
    conditions : SQL expressions over the columns.

    Raises
    ------
    ConditionError
        For the first condition that cannot be evaluated.
    """
    with _Table(columns) as table:
        return {condition: table.evaluate(condition) for condition in conditions}


class _Table:
    """A table ``spectra`` in memory that can only be read once it is filled."""

    def __init__(self, columns: Mapping[str, Sequence]):
        chosen = {name.lower(): name for name in sorted(columns)}
        self._names = set(chosen)
        self._rows = list(zip(*(columns[name] for name in chosen.values()), strict=True))
        self._connection = sqlite3.connect(":memory:")
        names = ", ".join('"{}"'.format(name.replace('"', '""')) for name in chosen.values())
        self._connection.execute(f"CREATE TABLE spectra ({names})")
        marks = ", ".join("?" * len(chosen))
        self._connection.executemany(f"INSERT INTO spectra VALUES ({marks})", self._rows)
        self._connection.set_authorizer(_authorise)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def evaluate(self, condition: str) -> list[bool]:
        # SQLite takes a name in double quotes that it does not know for text.
        for name in QUOTED.findall(TEXT.sub("''", condition)):
            if name.replace('""', '"').lower() not in self._names:
                raise ConditionError(condition, f"no such column: {name}")
        # On lines of its own, so that a comment at its end hides nothing of ours.
        query = f"SELECT (\n{condition}\n) IS TRUE FROM spectra ORDER BY rowid"
        try:
            values = [row[0] == 1 for row in self._connection.execute(query)]
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise ConditionError(condition, str(error)) from error
        if len(values) != len(self._rows):
            raise ConditionError(condition, "it is about all spectra together")
        return values


def _authorise(action: int, _table, name, *_) -> int:
    allowed = action in ALLOWED and not (action == sqlite3.SQLITE_FUNCTION and name in BY_CHANCE)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
