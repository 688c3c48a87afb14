"""Figure of the learning-rate range test: the loss while the rate rises and where it is held, and the chosen one."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.validate.style import BLUE, GREEN, GREY, ORANGE, draw_message, new_figure, panel_grid, styled

WIDTH, HEIGHT = 5.2, 4.0  # of a panel (inches)
SHARE = 0.5  # what is held first of the rate from which on the loss rose


@styled
def plot_learning_rates(tests: Mapping[str, tuple[pd.DataFrame, Mapping]]) -> Figure:
    """Draw the loss against the rate, a panel per stage, with the rates that were held and the chosen one.

    Parameters
    ----------
    tests : stage -> the columns ``rate, loss, smoothed`` and the result with ``rate`` and ``held``, as
        `spectrolabe.train.rates.RateTest` writes them.
    """
    if not tests:
        return draw_message("No stage has a range test")
    figure = new_figure(WIDTH * min(len(tests), 3), HEIGHT * -(-len(tests) // 3))
    for stage, axes in panel_grid(figure, list(tests)).items():
        _draw_test(axes, *tests[stage])
        axes.set(xlabel="learning rate", ylabel="loss")
        axes.set_title(stage)
    return figure


def _draw_test(axes, table, result):
    rates = table["rate"].to_numpy(float)
    axes.plot(rates, table["loss"], ".", color=GREY, ms=3, label="single batches")
    axes.plot(rates, table["smoothed"], color=BLUE, lw=1.6, label="smoothed")
    held = np.array(result["held"], float).reshape(-1, 2)
    smoothed = table[rates <= held[0, 0] / SHARE]["smoothed"].to_numpy(float)
    low, high = _loss_limits(smoothed, held[:, 1])
    # One that is above the axis, or infinite (None), stands at its edge.
    after = np.minimum(np.nan_to_num(held[:, 1], nan=np.inf), high)
    axes.plot(held[:, 0], after, "s", color=ORANGE, ms=5, label="after holding a rate")
    axes.axvline(result["rate"], color=GREEN, lw=1.2, ls="--", label=f"chosen: {result['rate']:.2g}")
    axes.set_ylim(low, high)
    axes.set_xscale("log")
    axes.legend(loc="upper left")


def _loss_limits(smoothed, held):
    """What a diverging loss explodes to would squeeze all that comes before."""
    known = smoothed[np.isfinite(smoothed)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    low = min(low, np.nanmin(held, initial=low))
    span = (high - low) or 1.0
    return low - 0.15 * span, high + span
