"""The figure of methods beside each other: errors, sizes and times relative to one of them."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.validate.style import COLOURS, GREY, INK, PALE, draw_message, name_of, new_figure, styled

#: Columns that are drawn of errors.
DRAWN = ("mae_ratio", "mae_ratio_spread")
#: Share of a row's height that its labels are spread over.
HEIGHT = 0.5


@styled
def plot_comparison(comparison: pd.DataFrame) -> Figure:
    """Draw the errors of every method relative to the reference's, label by label, and its size and time beside.

    Parameters
    ----------
    comparison : as `spectrolabe.validate.comparisons.compare_models` gives it. Errors of labels that the set does not
        give are those against the truth.
    """
    rows, labels = list(comparison["row"].unique()), list(comparison["label"].unique())
    known = {name: comparison[name].fillna(comparison[f"mae_true{name[3:]}"]) for name in DRAWN}
    comparison = comparison.assign(**known)
    if comparison["mae_ratio"].isna().all():
        return draw_message("No test spectra with labels")
    figure = new_figure(8.6 + 0.075 * max(map(len, rows)), 1.5 + max(0.42, 0.18 * len(labels)) * len(rows))
    errors, costs = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    _draw_errors(errors, comparison, rows, labels)
    _draw_costs(costs, comparison.drop_duplicates("row").set_index("row").loc[rows])
    reference = comparison["reference"].iloc[0]
    errors.set(xlabel=f"mean absolute error / that of {reference}", title="Errors")
    costs.set(xlabel=f"relative to {reference}", title="Size and time")
    errors.set_yticks(range(len(rows)), rows)
    errors.set_ylim(len(rows) - 0.5, -0.5)
    for axes in (errors, costs):
        axes.axvline(1, color=GREY, lw=0.8, ls="--", zorder=0)
        axes.grid(axis="x", color=PALE, lw=0.5)
        axes.hlines(np.arange(1, len(rows)) - 0.5, 0, 1, color=PALE, lw=0.5, transform=axes.get_yaxis_transform())
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
    handles, names = zip(*(axes.get_legend_handles_labels() for axes in (errors, costs)), strict=True)
    figure.legend(sum(handles, []), sum(names, []), loc="outside lower center", ncols=6)
    return figure


def _draw_errors(axes, comparison, rows, labels):
    shifts = np.linspace(-HEIGHT / 2, HEIGHT / 2, len(labels)) if len(labels) > 1 else [0.0]
    for place, (label, shift) in enumerate(zip(labels, shifts, strict=True)):
        found = comparison[comparison["label"] == label].set_index("row").loc[rows]
        axes.errorbar(
            found["mae_ratio"],
            np.arange(len(rows)) + shift,
            # A spread that no second seed tells has no length.
            xerr=found["mae_ratio_spread"].fillna(0),
            fmt="o",
            color=COLOURS[place % len(COLOURS)],
            ms=4.5,
            capsize=2.5,
            lw=1.2,
            label=name_of(label),
        )
    # Differences of some per cent look small.
    low, high = axes.get_xlim()
    axes.set_xlim(min(0.8, low), max(1.2, high))


def _draw_costs(axes, costs):
    places = np.arange(len(costs))
    axes.plot(costs["parameters_ratio"], places - 0.12, "s", color=INK, ms=5, label="parameters")
    axes.plot(costs["seconds_ratio"], places + 0.12, "o", mfc="none", color=INK, ms=5.5, label="time")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    values = costs[["parameters_ratio", "seconds_ratio"]].to_numpy()
    # At least a decade to either side of what is divided by, so that small differences look small.
    axes.set_xlim(min(0.1, 0.6 * values.min()), max(10, 1.6 * values.max()))
