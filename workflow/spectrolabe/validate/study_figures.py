"""The figure of a study of hyperparameters: errors by what is varied, or the best found for what has been spent."""

from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from spectrolabe.spectra.labels import unit_of
from spectrolabe.train.studies import BASE, write_value
from spectrolabe.validate.study_trials import average_seeds, best_so_far
from spectrolabe.validate.style import (
    BLUE,
    COLOURS,
    GREY,
    INK,
    ORANGE,
    PALE,
    axis_name,
    draw_message,
    name_of,
    new_figure,
    number,
    panel_grid,
    robust_limits,
    styled,
)

NOTHING = "No trial of this label has come to an epoch whose error is noted"
EPOCHS = "epochs"
SMALL = 0.25  # share of the worst below which a logarithmic axis tells more
CROWD, LETTERS = 8, 34  # values, and letters in all of them, that fit below a panel side by side


@styled
def plot_study(trials: pd.DataFrame, label: str, vary: Mapping[str, Sequence]) -> Figure:
    """Draw the error against each varied parameter, as a share of the worst in its panel, a line per noted epoch.

    Parameters
    ----------
    trials : of the label, as `spectrolabe.validate.study_trials.read_trials` gives them. In a grid, each point is the
        mean of all trials with its value.
    label : the label, for the worst error in its unit.
    vary : parameter -> its values; words stay in this order, numbers ascend.
    """
    means = {name: average_seeds(trials, name) for name in vary}
    means = {name: table for name, table in means.items() if len(table)}
    if not means:
        return draw_message(NOTHING)
    epochs = sorted({epoch for table in means.values() for epoch in table["epoch"]})
    shades = colormaps["viridis"](np.linspace(0.85, 0.05, len(epochs)))
    looks = dict(zip(epochs, shades if len(epochs) > 1 else [BLUE], strict=True))
    base = trials[(trials["parameter"] == BASE) & trials["std"].notna()]
    panels = [*means, *([EPOCHS] if base["epoch"].nunique() > 1 else [])]
    figure = new_figure(4.3 * min(3, len(panels)), 3.3 * -(-len(panels) // 3) + 0.5)
    for name, axes in panel_grid(figure, panels).items():
        if name == EPOCHS:
            _draw_epochs(axes, base, label)
            continue
        values = _order(vary[name], trials, name)
        _draw_panel(axes, means[name], values, looks)
        _mark_failures(axes, trials, name, values)
        _dress(axes, name.replace("_", " "), label, means[name]["mean"])
    figure.supylabel("standard deviation / worst", fontsize=10, color=INK)
    _add_legend(figure)
    return figure


def _order(listed, trials, name):
    """Values of a parameter as text, that of the base among them."""
    met = [settings.get(name) for settings in trials["settings"]]
    values = {write_value(value): value for value in [*listed, *met]}
    numbers = all(isinstance(value, Real) for value in values.values())
    return sorted(values, key=values.get) if numbers else list(values)


def _draw_panel(axes, means, values, looks):
    worst = means["mean"].max() or 1.0
    for epoch, rows in means.groupby("epoch"):
        rows = rows.set_index("chosen").reindex(values)
        spread = rows["spread"].where(rows["count"] > 1)
        look = {"color": looks[epoch], "ms": 4.5, "lw": 1.4, "capsize": 2}
        name = f"{epoch:g} epochs" if epoch != 1 else "1 epoch"
        axes.errorbar(range(len(values)), rows["mean"] / worst, yerr=spread / worst, fmt="o-", label=name, **look)
    axes.set_xticks(range(len(values)), [value.replace("_", " ") for value in values])
    if len(values) > CROWD or sum(map(len, values)) > LETTERS:
        axes.set_xticks(range(len(values)), axes.get_xticklabels(), rotation=50, ha="right", fontsize=8)


def _mark_failures(axes, trials, name, values):
    failed = trials[(trials["state"] == "failed") & trials["parameter"].isin([name, BASE, "grid"])]
    places = sorted({values.index(write_value(settings.get(name))) for settings in failed["settings"]})
    if places:
        look = {"color": ORANGE, "ms": 7, "mew": 2, "label": "failed", "clip_on": False}
        axes.plot(places, [0.97] * len(places), "x", transform=axes.get_xaxis_transform(), **look)


def _draw_epochs(axes, base, label):
    means = base.groupby("epoch")["std"].agg(["mean", "size", lambda values: values.std(ddof=0)])
    means.columns = ["mean", "count", "spread"]
    worst = means["mean"].max() or 1.0
    spread = means["spread"].where(means["count"] > 1)
    look = {"color": INK, "ms": 4.5, "lw": 1.4, "capsize": 2, "label": "base"}
    axes.errorbar(means.index, means["mean"] / worst, yerr=spread / worst, fmt="s-", **look)
    axes.set_xlim(left=0)
    _dress(axes, EPOCHS, label, means["mean"])


def _dress(axes, name, label, means):
    worst = means.max()
    axes.set_title(f"{name}: 1 is {number(label, worst)} {unit_of(label)}")
    lowest = means.min() / (worst or 1.0)
    if 0 < lowest < SMALL:
        axes.set(yscale="log", ylim=(0.8 * lowest, 1.5))
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        margin = 0.15 * (1 - lowest) or 0.1
        axes.set_ylim(lowest - 2 * margin, 1 + margin)
    axes.grid(axis="y", color=PALE, lw=0.5)


def _add_legend(figure):
    named = {name: line for axes in figure.axes for line, name in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(named.values(), named, loc="outside lower center", ncols=min(len(named), 7))


@styled
def plot_search(trials: pd.DataFrame, study: str, label: str) -> Figure:
    """Draw the lowest error so far against the epochs spent: of a joint search, beside other studies of the label.

    Parameters
    ----------
    trials : of the label and all these studies, as `spectrolabe.validate.study_trials.read_trials` gives them.
    study : the search, whose single trials are drawn as well.
    """
    courses = {name: best_so_far(rows) for name, rows in trials.groupby("study", sort=False)}
    courses = {name: course for name, course in courses.items() if course["std"].notna().any()}
    if study not in courses:
        return draw_message(NOTHING)
    figure = new_figure(7, 4.4)
    axes = figure.subplots()
    own = courses[study]
    axes.plot(own["spent"], own["std"], "o", color=GREY, ms=3.5, alpha=0.7, label=f"trials of {study}")
    for index, (name, course) in enumerate(sorted(courses.items(), key=lambda entry: entry[0] != study)):
        best = course["best"].dropna().iloc[-1]
        look = {"color": COLOURS[index % len(COLOURS)], "lw": 2.2 if name == study else 1.5, "where": "post"}
        axes.step(course["spent"], course["best"], label=f"{name}: {number(label, best)} {unit_of(label)}", **look)
    shown = np.concatenate([own["std"].dropna(), *(course["best"].dropna() for course in courses.values())])
    low, high = robust_limits(shown, share=3)
    axes.set(xlabel="epochs of training spent", ylabel=f"lowest standard deviation of {axis_name(label)}")
    axes.set(xlim=(0, None), ylim=(max(low, 0), high))
    axes.set_title(f"{name_of(label)}: the best found so far")
    axes.legend()
    return figure
