"""The figure and the report's table of databases: errors by what networks were trained on."""

from pathlib import Path

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.databases import ALL, name_databases
from spectrolabe.validate.report_tables import html_name
from spectrolabe.validate.style import (
    COLOURS,
    PALE,
    UNKNOWN,
    draw_message,
    name_of,
    new_figure,
    number,
    panel_grid,
    styled,
)

#: Key of a row -> heading of its column; those of the labels follow.
FIRST_COLUMNS = {"database": "trained on", "spectra": "spectra", "part": "tested on", "subset": "stars", "n": "n"}


@styled
def plot_databases(comparison: pd.DataFrame) -> Figure:
    """Draw the standard deviation of every database and part as a share of the label's largest, a panel per label.

    Parameters
    ----------
    comparison : as `spectrolabe.validate.databases.compare_databases` gives it; its subset ``all`` is drawn.
    """
    everything = comparison.assign(database=name_databases(comparison))
    known = everything[(everything["subset"] == ALL) & everything["std"].notna()]
    labels = list(known["label"].unique())
    if not labels:
        return draw_message("No spectra with reference labels")
    columns, databases = min(2, len(labels)), len(known["database"].unique())
    figure = new_figure(columns * max(4.2, 0.95 * databases + 1.2), 3.3 * -(-len(labels) // columns) + 0.4)
    looks = dict(zip(known["part"].unique(), COLOURS * len(known), strict=False))
    for label, axes in panel_grid(figure, labels, columns=columns).items():
        _draw_label(axes, known[known["label"] == label], looks)
        largest = known.loc[known["label"] == label, "std"].max()
        axes.set_title(f"{name_of(label)}: 1 is {number(label, largest)} {unit_of(label)}")
    named = {name: line for axes in figure.axes for line, name in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(named.values(), named, loc="outside lower center", ncols=min(len(named), 5))
    return figure


def _draw_label(axes, rows, looks):
    # Databases that have no network for this label are left out.
    names = list(rows["database"].unique())
    largest = rows["std"].max() or 1.0
    for part, found in rows.groupby("part", sort=False):
        share = found.set_index("database")["std"].reindex(names) / largest
        axes.plot(range(len(names)), share, "o-", color=looks[part], ms=5, lw=1.4, label=part)
    sizes = rows.drop_duplicates("database").set_index("database")["spectra"]
    slant = {"rotation": 30, "ha": "right"} if len(names) > 3 else {}
    axes.set_xticks(range(len(names)), [f"{name}\n{sizes[name]:,}" for name in names], fontsize=8.5, **slant)
    axes.set(ylabel="standard deviation / largest", xlim=(-0.4, len(names) - 0.6))
    axes.set_ylim(0, 1.08)
    axes.grid(axis="y", color=PALE, lw=0.5)


def database_columns(comparison: str | Path) -> dict[str, str]:
    """Give the table's columns: what a row is of, then the labels with their units."""
    labels = pd.read_csv(comparison)["label"].unique()
    units = {label: Markup("{} <small>{}</small>").format(html_name(label), unit_of(label)) for label in labels}
    return FIRST_COLUMNS | units


def database_rows(comparison: str | Path) -> list[dict]:
    """Give a row per database, part and subset: how many spectra, and the standard deviation of every label.

    Parameters
    ----------
    comparison : CSV that `spectrolabe.validate.databases.compare_databases` gives.
    """
    table = pd.read_csv(comparison)
    table = table.assign(database=name_databases(table))
    labels = list(table["label"].unique())
    rows = []
    for (database, part, subset), found in table.groupby(["database", "part", "subset"], sort=False):
        first = {"database": database, "spectra": f"{found['spectra'].iloc[0]:,}", "part": part}
        first |= {"subset": subset, "n": f"{found['n'].max():,}"}
        cells = {row.label: number(row.label, row.std) for row in found.itertuples() if row.n}
        rows.append(first | dict.fromkeys(labels, UNKNOWN) | cells)
    return rows
