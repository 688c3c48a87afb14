"""The figure of the learning-rate range test."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.rate_figures import plot_learning_rates
from spectrolabe.validate.style import save_figure


@pytest.fixture
def table():
    """Losses that fall from 1 to 0.1, then explode."""
    losses = [*np.geomspace(1, 0.1, 40), 5.0, 400.0]
    return pd.DataFrame({"rate": np.geomspace(1e-5, 1, 42), "loss": losses, "smoothed": losses})


def words(axes):
    return " ".join(text.get_text() for text in axes.get_legend().get_texts())


def test_each_stage_has_a_panel_with_its_rates(table, tmp_path):
    first = (table, {"rate": 0.05, "held": [[0.1, None], [0.05, 0.3]]})
    second = (table.head(40), {"rate": 0.15, "held": [[0.15, 0.01]]})
    figure = plot_learning_rates({"first": first, "second": second})
    left, right = figure.axes
    assert [axes.get_title("left") for axes in (left, right)] == ["first", "second"]
    assert "chosen: 0.05" in words(left)
    assert "chosen: 0.15" in words(right)
    # Both rates that were held are seen, the infinite loss at the edge.
    held = next(line for line in left.lines if line.get_label() == "after holding a rate")
    assert held.get_ydata().tolist() == [left.get_ylim()[1], 0.3]
    assert right.get_ylim()[0] < 0.01
    # What a diverging loss explodes to would squeeze all the rest.
    assert left.get_ylim()[1] < 10
    save_figure(figure, tmp_path / "learning_rates.png")


def test_losses_that_are_not_finite_are_left_out(table, tmp_path):
    table.loc[41, ["loss", "smoothed"]] = np.nan
    figure = plot_learning_rates({"train": (table, {"rate": 0.1, "held": [[0.1, 0.2]]})})
    assert np.isfinite(figure.axes[0].get_ylim()).all()
    save_figure(figure, tmp_path / "learning_rates.png")


def test_without_a_test_the_figure_says_so():
    assert "No stage" in plot_learning_rates({}).texts[0].get_text()
