"""The figure of a study of hyperparameters that varies one setting at a time, or all in a grid: errors by its value."""

from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from spectrolabe.train.studies import BASE, CRITERIA, write_value
from spectrolabe.validate.study_trials import average_seeds, write_error
from spectrolabe.validate.style import (
    BLUE,
    INK,
    ORANGE,
    PALE,
    draw_message,
    new_figure,
    panel_grid,
    styled,
)

AXES = {"std": "standard deviation / worst", "val_loss": "validation loss"}
NOTHING = "No trial of this label has come to an epoch whose error is noted"
EPOCHS = "epochs"
SMALL = 0.25  # share of the worst below which a logarithmic axis tells more
CROWD, LETTERS = 8, 34  # values, and letters in all of them, that fit below a panel side by side


@styled
def plot_study(trials: pd.DataFrame, label: str, vary: Mapping[str, Sequence], criterion: str = "error") -> Figure:
    """Draw the error against each varied parameter, as a share of the worst in its panel, a line per noted epoch.

    Validation losses, which may be negative, are drawn as they are.

    Parameters
    ----------
    trials : of the label, as `spectrolabe.validate.study_trials.read_trials` gives them. In a grid, each point is the
        mean of all trials with its value.
    label : the label, for the worst error in its unit, or ``all``.
    vary : parameter -> its values; words stay in this order, numbers ascend.
    criterion : what trials are compared by, ``error`` or ``loss``.
    """
    measured = CRITERIA[criterion]
    means = {name: average_seeds(trials, name, measured) for name in vary}
    means = {name: table for name, table in means.items() if len(table)}
    if not means:
        return draw_message(NOTHING)
    epochs = sorted({epoch for table in means.values() for epoch in table["epoch"]})
    shades = colormaps["viridis"](np.linspace(0.85, 0.05, len(epochs)))
    looks = dict(zip(epochs, shades if len(epochs) > 1 else [BLUE], strict=True))
    base = trials[(trials["parameter"] == BASE) & trials[measured].notna()]
    panels = [*means, *([EPOCHS] if base["epoch"].nunique() > 1 else [])]
    figure = new_figure(4.3 * min(3, len(panels)), 3.3 * -(-len(panels) // 3) + 0.5)
    for name, axes in panel_grid(figure, panels).items():
        if name == EPOCHS:
            _draw_epochs(axes, base, label, measured)
            continue
        values = order_values(vary[name], trials, name)
        _draw_panel(axes, means[name], values, looks, measured)
        _mark_failures(axes, trials, name, values)
        _dress(axes, name.replace("_", " "), label, means[name]["mean"], measured)
    figure.supylabel(AXES[measured], fontsize=10, color=INK)
    _add_legend(figure)
    return figure


def order_values(listed: Sequence, trials: pd.DataFrame, name: str) -> list[str]:
    """Give the values of a parameter as text, that of the base among them; numbers ascend, all else is as listed."""
    met = [settings.get(name) for settings in trials["settings"]]
    values = {write_value(value): value for value in [*listed, *met]}
    numbers = all(isinstance(value, Real) for value in values.values())
    return sorted(values, key=values.get) if numbers else list(values)


def _scale(means, measured):
    return (means.max() or 1.0) if measured == "std" else 1.0


def _draw_panel(axes, means, values, looks, measured):
    worst = _scale(means["mean"], measured)
    for epoch, rows in means.groupby("epoch"):
        rows = rows.set_index("chosen").reindex(values)
        spread = rows["spread"].where(rows["count"] > 1)
        look = {"color": looks[epoch], "ms": 4.5, "lw": 1.4, "capsize": 2}
        name = f"{epoch:g} epochs" if epoch != 1 else "1 epoch"
        axes.errorbar(range(len(values)), rows["mean"] / worst, yerr=spread / worst, fmt="o-", label=name, **look)
    name_values(axes, values)


def name_values(axes: Axes, values: Sequence[str]) -> None:
    """Name values that stand side by side below a panel, aslant where there are many."""
    crowded = len(values) > CROWD or sum(map(len, values)) > LETTERS
    look = {"rotation": 50, "ha": "right", "fontsize": 8} if crowded else {}
    axes.set_xticks(range(len(values)), [value.replace("_", " ") for value in values], **look)


def _mark_failures(axes, trials, name, values):
    failed = trials[(trials["state"] == "failed") & trials["parameter"].isin([name, BASE, "grid"])]
    places = sorted({values.index(write_value(settings.get(name))) for settings in failed["settings"]})
    if places:
        look = {"color": ORANGE, "ms": 7, "mew": 2, "label": "failed", "clip_on": False}
        axes.plot(places, [0.97] * len(places), "x", transform=axes.get_xaxis_transform(), **look)


def _draw_epochs(axes, base, label, measured):
    means = base.groupby("epoch")[measured].agg(["mean", "size", lambda values: values.std(ddof=0)])
    means.columns = ["mean", "count", "spread"]
    worst = _scale(means["mean"], measured)
    spread = means["spread"].where(means["count"] > 1)
    look = {"color": INK, "ms": 4.5, "lw": 1.4, "capsize": 2, "label": "base"}
    axes.errorbar(means.index, means["mean"] / worst, yerr=spread / worst, fmt="s-", **look)
    axes.set_xlim(left=0)
    _dress(axes, EPOCHS, label, means["mean"], measured)


def _dress(axes, name, label, means, measured):
    is_share = measured == "std"
    axes.set_title(f"{name}: 1 is {write_error(label, means.max())}" if is_share else name)
    lowest = means.min() / _scale(means, measured)
    highest = 1.0 if is_share else means.max()
    if is_share and 0 < lowest < SMALL:
        axes.set(yscale="log", ylim=(0.8 * lowest, 1.5))
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        margin = 0.15 * (highest - lowest) or 0.1
        axes.set_ylim(lowest - 2 * margin, highest + margin)
    axes.grid(axis="y", color=PALE, lw=0.5)


def _add_legend(figure):
    named = {name: line for axes in figure.axes for line, name in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(named.values(), named, loc="outside lower center", ncols=min(len(named), 7))
