import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.benchmark_figures import plot_benchmark_stars
from spectrolabe.validate.style import save_figure


@pytest.fixture
def rows():
    stars = ["Sun", "Sun", "bet Hyi", "tau Cet", "eps Vir", "HD 140283"]
    rows = pd.DataFrame({"star": stars, "flag": [0, 0, 0, 8, 0, 0]})
    rows["group"] = ["MRD", "MRD", "MRD", "MRD", "MRG", "MP"]
    rows["subset"] = ["compared", "compared", "compared", "mask", "compared", "outside"]
    for label in ("teff", "logg"):
        rows[f"{label}_difference"] = [20.0, 40, np.nan, 300, -50, 900]
        rows[f"{label}_difference_err"] = [10.0, 10, np.nan, 20, 20, 20]
    return rows


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def test_a_panel_per_label_states_the_groups_that_are_compared(rows, tmp_path):
    figure = plot_benchmark_stars(rows)
    assert len(figure.axes) == 2
    assert "average quadratic difference: MRD 30 K (n = 1); MRG 50 K (n = 1)" in texts(figure)
    assert [tick.get_text() for tick in figure.axes[-1].get_xticklabels()] == list(dict.fromkeys(rows["star"]))
    assert all(f"{group} (" in texts(figure) for group in ("MRD", "MRG", "MP"))
    save_figure(figure, tmp_path / "stars.png")


def test_the_legend_names_what_is_there(rows):
    (legend,) = plot_benchmark_stars(rows).legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == [
        "inside the training range",
        "outside the training range",
        "used to learn a mask, so that they are no test",
        "flagged",
    ]
    (legend,) = plot_benchmark_stars(rows.iloc[:3]).legends
    assert [text.get_text() for text in legend.get_texts()] == ["inside the training range"]


def test_stars_outside_the_range_have_red_outlines(rows):
    edges = [
        line.get_markeredgecolor() for line in plot_benchmark_stars(rows).axes[0].lines if line.get_marker() == "o"
    ]
    assert "#cc0000" in edges


def test_no_benchmark_star_says_so(rows):
    assert "No spectrum of a benchmark star" in texts(plot_benchmark_stars(rows.iloc[:0]))
