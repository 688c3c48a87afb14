"""What a check before a run has found: rows of a table, its picture on a terminal, and what must be said in words."""

import textwrap
from collections.abc import Sequence

import pandas as pd

OK, WARNING, ERROR = "ok", "warning", "error"
COLUMNS = ("what", "found", "expected", "verdict")
#: Characters of each column on a terminal.
WIDTHS = {"what": 16, "found": 50, "expected": 36, "verdict": 7}


def row(what: str, found: str, expected: str, verdict: str = OK) -> dict[str, str]:
    """Give one row of a table of checks; tabs and line breaks would end its fields early."""
    return dict(zip(COLUMNS, (" ".join(text.split()) for text in (what, found, expected, verdict)), strict=True))


def judge(*, error: bool = False, warning: bool = False) -> str:
    """Give the verdict of a row: the graver of two conditions counts."""
    return ERROR if error else WARNING if warning else OK


def format_table(title: str, table: pd.DataFrame) -> str:
    """Give a table of checks as text for a terminal, long fields on several lines."""
    ruler = {name: "-" * width for name, width in WIDTHS.items()}
    lines = [title, _join({name: name for name in COLUMNS}), _join(ruler)]
    for record in table.to_dict("records"):
        wrapped = {name: textwrap.wrap(str(record[name]), WIDTHS[name]) or [""] for name in COLUMNS}
        for number in range(max(map(len, wrapped.values()))):
            lines.append(_join({name: parts[number] if number < len(parts) else "" for name, parts in wrapped.items()}))
    return "\n".join(lines)


def _join(fields: dict[str, str]) -> str:
    return "  ".join(f"{fields[name]:{WIDTHS[name]}}" for name in COLUMNS).rstrip()


def list_sentences(owner: str, table: pd.DataFrame, verdict: str) -> list[str]:
    """Give one sentence for each row of a verdict: whose it is, what was found and what was expected."""
    chosen = table[table["verdict"] == verdict].to_dict("records")
    return [f"{owner}: {item['what']}: found {item['found']}; expected {item['expected']}" for item in chosen]


def write_duration(seconds: float) -> str:
    """Write a time in seconds, minutes or hours."""
    if seconds < 90:
        return count_of(max(1, round(seconds)), "second")
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def count_of(number: int, thing: str) -> str:
    """Write a number of things: "1 error", "2 errors"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def name_some(names: Sequence[str], most: int = 3) -> str:
    """Write a few of some names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
