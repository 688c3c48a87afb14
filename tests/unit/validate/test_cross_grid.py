"""Models of one grid on the test stars of another: numbers by hand, and pictures that hold every one of them."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.cross_grid import compare_grids, describe_matrices, growth, matrix
from spectrolabe.validate.cross_grid_figures import plot_cross_grid, plot_grid_differences, plot_uncertainty_growth
from spectrolabe.validate.style import save_figure


def catalogue_of(teff, *, shift=0.0, count=4):
    """Stars of one temperature, labelled 10 K too cool, 0, 10 and 20 K too hot, and then shifted; errors are 13 K."""
    errors = np.resize([-10.0, 0, 10, 20], count) + shift
    frame = pd.DataFrame({"teff": teff + errors, "teff_true": np.asarray(teff, float), "teff_err": 13.0})
    for level, half in (("68", 13), ("95", 26)):
        frame[f"teff_lo{level}"], frame[f"teff_hi{level}"] = frame["teff"] - half, frame["teff"] + half
    return frame.assign(teff_err_aleatoric=3.0, teff_err_epistemic=4.0)


@pytest.fixture
def table():
    shifts = {("b", "a"): 0.0, ("b", "c"): 40.0, ("a", "a"): -5.0, ("a", "c"): 0.0}
    return compare_grids((*pair, catalogue_of(5000.0, shift=shift)) for pair, shift in shifts.items())


def test_statistics_by_hand(table):
    row = table.iloc[0]
    assert row[["trained_on", "tested_on", "label", "n"]].tolist() == ["b", "a", "teff", 4]
    # Residuals -10, 0, 10, 20: absolute deviations from their median, 5, are 15, 5, 5, 15.
    assert row[["bias", "scatter", "medae"]].tolist() == pytest.approx([5, 14.826, 10])
    assert row[["coverage68", "coverage95"]].tolist() == [0.75, 1]


def test_a_matrix_keeps_the_order_of_the_recipe(table):
    bias = matrix(table, "teff", "bias")
    assert (bias.index.tolist(), bias.columns.tolist()) == (["b", "a"], ["a", "c"])
    assert bias.to_numpy().tolist() == [[5, 45], [0, 5]]


def test_a_matrix_in_words(table):
    (words,) = describe_matrices(table)
    assert (words["label"], words["unit"], words["tested"]) == ("teff", "K", ["a", "c"])
    assert words["rows"]["b"][1] == {"bias": "+45", "scatter": "15", "coverage": "0 %"}


def test_labels_that_some_test_stars_lack_leave_holes(tmp_path):
    other = catalogue_of(5000.0).rename(columns=lambda name: name.replace("teff", "logg"))
    both = pd.concat([catalogue_of(5000.0), other], axis=1)
    table = compare_grids([("a", "a", both), ("a", "b", catalogue_of(5000.0))])
    assert matrix(table, "logg", "n").columns.tolist() == ["a"]
    assert len(plot_cross_grid(table).axes) == 2


def test_uncertainties_of_a_point_head_have_no_coverage():
    catalogue = catalogue_of(5000.0).drop(columns=["teff_lo68", "teff_hi68", "teff_lo95", "teff_hi95"])
    table = compare_grids([("a", "a", catalogue)])
    assert np.isnan(table.loc[0, "coverage68"])
    assert describe_matrices(table)[0]["rows"]["a"][0]["coverage"] == "–"


def test_growth_against_truth_by_hand():
    catalogue = pd.concat(
        [catalogue_of(4100.0), catalogue_of(4300.0).assign(teff_err=50.0), catalogue_of(4900.0, count=2)]
    )
    bins = growth(catalogue, "teff", "truth", np.array([4000.0, 4200, 4400, 5000]), 3)
    assert bins["centre"].tolist() == [4100, 4300]  # two stars are too few
    assert bins["calibrated"].tolist() == [13, 50]
    assert bins["raw"].tolist() == [5, 5]  # 3 and 4 in quadrature


def test_growth_against_the_error_leaves_unreadable_spectra_out():
    catalogue = catalogue_of(5000.0, count=8)
    catalogue.loc[3, "teff"] = np.nan
    bins = growth(catalogue, "teff", "discrepancy", np.array([5.0, 15, 30]), 1)
    assert bins["centre"].tolist() == [10, 20]  # residuals of 0 lie below the first edge


def texts(figure):
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def test_the_matrix_figure_writes_bias_and_scatter(table, tmp_path):
    figure = plot_cross_grid(table)
    assert "+45\n± 15" in texts(figure)
    assert {"trained on", "tested on", "a", "b", "c"} <= {*texts(figure)}
    save_figure(figure, tmp_path / "figure.png")


def test_growth_is_drawn_within_and_beyond_the_training_range(tmp_path):
    catalogues = {
        "a": catalogue_of(np.linspace(4000, 5000, 60), count=60),
        "b": catalogue_of(np.full(60, 4500.0), count=60),
    }
    figure = plot_uncertainty_growth(catalogues, {"teff": [4200, 4800]})
    upper, lower = figure.axes
    assert [line.get_xdata()[0] for line in upper.lines if line.get_linestyle() == "--" and len(line.get_xdata())] == [
        4200, 4800,
    ]  # fmt: skip
    assert lower.get_xscale() == "log"
    assert {"a", "b", "before calibration", "training range"} <= {*texts(figure)}
    save_figure(figure, tmp_path / "figure.png")


def test_figures_without_truth_say_so():
    assert "No test stars" in " ".join(texts(plot_uncertainty_growth({"a": pd.DataFrame({"teff": [1.0]})}, {})))
    assert "No test stars" in " ".join(texts(plot_cross_grid(compare_grids([]))))


def test_differences_have_a_panel_per_label_and_a_line_per_grid(tmp_path):
    rng = np.random.default_rng(4)
    rows = pd.DataFrame(
        {"grid": np.repeat(["b", "a"], 50), "teff": rng.uniform(4000, 7000, 100), "feh": rng.uniform(-2, 0, 100)}
    )
    figure = plot_grid_differences(rows.assign(difference=rng.uniform(0, 2, 100)), "a")
    assert [len(axes.lines) for axes in figure.axes] == [2, 2]
    assert {"flux difference from a [%]", "b", "emulator alone"} <= {*texts(figure)}
    save_figure(figure, tmp_path / "figure.png")
