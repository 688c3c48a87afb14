"""Patterns of keys, such as ``spec-{PLATE:04d}-{MJD:05d}-{FIBER:04d}``: functions of text alone."""

from string import Formatter

EXAMPLES = (1, 1.0, "a")  # what a column may hold


def key_columns(key: str) -> list[str]:
    """Name the columns that a key is made of: those in braces, or the one that the key itself names.

    Raises
    ------
    ValueError
        Where the braces hold anything else than a column's name and a format that numbers or text can have.
    """
    return [key] if not is_pattern(key) else list(dict.fromkeys(name for _, name, _ in parse_pattern(key) if name))


def is_pattern(key: str) -> bool:
    """Say whether a key is a pattern; else it names a column."""
    return "{" in key or "}" in key


def parse_pattern(key: str) -> list[tuple[str, str, str]]:
    """Give the parts of a pattern: text, then the column that follows it and its format.

    Raises
    ------
    ValueError
        Where the braces hold anything else than a column's name and a format that numbers or text can have.
    """
    parts = []
    for literal, name, form, conversion in Formatter().parse(key):
        if name is not None and (not name or conversion or set(name + form) & set("{}[]")):
            raise ValueError("expected the name of a column in each pair of braces, or name:format")
        if form and not any(_fits(example, form) for example in EXAMPLES):
            raise ValueError(f"{form!r} is no format of a number or of text")
        parts.append((literal, name or "", form or ""))
    return parts


def _fits(value, form: str) -> bool:
    try:
        format(value, form)
    except ValueError:
        return False
    return True
