"""The figure of a joint search: the best found for what has been spent, and the errors of trials by each setting."""

from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.train.studies import ALL, write_value
from spectrolabe.validate.study_figures import NOTHING, name_values, order_values
from spectrolabe.validate.study_trials import best_so_far, write_error
from spectrolabe.validate.style import (
    BLUE,
    COLOURS,
    GREY,
    INK,
    ORANGE,
    axis_name,
    draw_message,
    name_of,
    new_figure,
    robust_limits,
    styled,
)

COLUMNS = 3  # panels of settings side by side
SPREADS = "lowest mean of standard deviation / spread"


@styled
def plot_search(trials: pd.DataFrame, study: str, label: str, vary: Mapping[str, Sequence | Mapping]) -> Figure:
    """Draw the lowest error so far against the epochs spent, and below it the error of each trial by each setting.

    Parameters
    ----------
    trials : of the label and of all studies to be shown beside the search, as
        `spectrolabe.validate.study_trials.read_trials` gives them.
    study : the search, whose single trials are drawn as well.
    label : the label, or ``all``.
    vary : setting -> its values, or its range (``from``, ``to``, ``law``), in which trials stand at their numbers.
    """
    courses = {name: best_so_far(rows) for name, rows in trials.groupby("study", sort=False)}
    courses = {name: course for name, course in courses.items() if course["std"].notna().any()}
    if study not in courses:
        return draw_message(NOTHING)
    own = trials[(trials["study"] == study) & trials["std"].notna()]
    lowest = own.loc[own.groupby(["parameter", "value", "repeat"], sort=False)["std"].idxmin()]
    shown = np.concatenate([courses[study]["std"].dropna(), *(course["best"].dropna() for course in courses.values())])
    low, high = robust_limits(shown, share=3)
    limits = max(low, 0), high
    columns = min(COLUMNS, max(len(vary), 1))
    rows = -(-len(vary) // columns)
    figure = new_figure(max(4.3 * columns, 7), 4.4 + 2.9 * rows)
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[4.4, *[2.9] * rows])
    _draw_courses(figure.add_subplot(grid[0, :]), courses, study, label, limits)
    for place, (name, values) in enumerate(vary.items()):
        row, column = divmod(place, columns)
        axes = figure.add_subplot(grid[1 + row, column])
        _draw_setting(axes, lowest, name, values, limits)
        axes.set_ylabel("" if column else "lowest of each trial")
    if vary:
        figure.legend(*figure.axes[-1].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _draw_courses(axes, courses, study, label, limits):
    own = courses[study]
    axes.plot(own["spent"], own["std"], "o", color=GREY, ms=3.5, alpha=0.7, label=f"trials of {study}")
    for index, (name, course) in enumerate(sorted(courses.items(), key=lambda entry: entry[0] != study)):
        best = course["best"].dropna().iloc[-1]
        look = {"color": COLOURS[index % len(COLOURS)], "lw": 2.2 if name == study else 1.5, "where": "post"}
        axes.step(course["spent"], course["best"], label=f"{name}: {write_error(label, best)}", **look)
    error = SPREADS if label == ALL else f"lowest standard deviation of {axis_name(label)}"
    axes.set(xlabel="epochs of training spent", ylabel=error)
    axes.set(xlim=(0, None), ylim=limits)
    axes.set_title(f"{'All labels together' if label == ALL else name_of(label)}: the best found so far")
    axes.legend()


def _draw_setting(axes, trials, name, values, limits):
    """Draw trials by one setting; those with a larger error than is shown stand at the upper edge."""
    places = _place_trials(axes, trials, name, values)
    ended, best = trials["state"] == "finished", trials["std"] == trials["std"].min()
    base = (trials["parameter"] == "joint") & (trials["value"] == "0")
    height = trials["std"].clip(*limits)
    looks = {
        "ended early": (~ended, {"marker": "o", "mfc": "none", "mec": GREY, "ms": 4}),
        "finished": (ended & ~base & ~best, {"marker": "o", "color": BLUE, "ms": 4.5, "alpha": 0.8}),
        "base": (base, {"marker": "s", "color": INK, "ms": 5.5}),
        "best": (best, {"marker": "*", "color": ORANGE, "ms": 11, "mec": INK, "mew": 0.5}),
    }
    for word, (chosen, look) in looks.items():
        (line,) = axes.plot(places[chosen], height[chosen], ls="", label=word, clip_on=False, **look)
        # The layout would make room for points of no place on a logarithmic axis.
        line.set_in_layout(False)
    axes.set(ylim=limits)
    axes.set_title(name.replace("_", " "))


def _place_trials(axes, trials, name, values):
    """Give where each trial stands along a panel; NaN where it has no number there."""
    met = [settings.get(name) for settings in trials["settings"]]
    if isinstance(values, Mapping):
        places = pd.Series([value if isinstance(value, Real) else np.nan for value in met], trials.index, dtype=float)
        axes.set_xscale(values["law"])
        # The base point's own value may be one that has no logarithm.
        return places.mask(places <= 0) if values["law"] == "log" else places
    names = order_values(values, trials, name)
    name_values(axes, names)
    axes.set_xlim(-0.5, len(names) - 0.5)
    return pd.Series([names.index(write_value(value)) for value in met], trials.index, dtype=float)
