"""Model cards on the report's page: the Markdown that they are written in, as HTML."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from markupsafe import Markup, escape


def describe_card(path: Path) -> dict:
    """Give a card's ``title``, its first line, and ``page``, the rest as HTML.

    Parameters
    ----------
    path : Markdown as `spectrolabe.validate.cards.write_card` gives it.
    """
    title, *lines = Path(path).read_text(encoding="utf-8").splitlines()
    return {"title": title.removeprefix("# "), "page": render_markdown(lines)}


def render_markdown(lines: Iterable[str]) -> Markup:
    """Give lines of Markdown as HTML: headings of the second rank, lists, tables, paragraphs, and code within them."""
    blocks = groupby((line for line in lines if line), key=_kind)
    return Markup("\n").join(RENDERERS[kind](list(block)) for kind, block in blocks)


def _kind(line):
    return next((start for start in ("## ", "- ", "| ") if line.startswith(start)), "")


def _inline(text):
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))


def _headings(lines):
    return Markup("\n").join(Markup("<h3>{}</h3>").format(_inline(line.removeprefix("## "))) for line in lines)


def _list(lines):
    entries = (Markup("<li>{}</li>").format(_inline(line.removeprefix("- "))) for line in lines)
    return Markup("<ul>{}</ul>").format(Markup("").join(entries))


def _paragraphs(lines):
    return Markup("\n").join(Markup("<p>{}</p>").format(_inline(line)) for line in lines)


def _table(lines):
    header, _, *rows = ([cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines)
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(_inline(cell)) for cell in header)
    body = Markup("").join(Markup("<tr>{}</tr>").format(_row(cells)) for cells in rows)
    table = Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)
    return Markup('<div class="scroll" tabindex="0" role="group" aria-label="{}">{}</div>').format(header[0], table)


def _row(cells: Sequence[str]) -> Markup:
    first, *others = map(_inline, cells)
    named = Markup('<th scope="row">{}</th>').format(first)
    return named + Markup("").join(Markup("<td>{}</td>").format(cell) for cell in others)


RENDERERS = {"## ": _headings, "- ": _list, "| ": _table, "": _paragraphs}
