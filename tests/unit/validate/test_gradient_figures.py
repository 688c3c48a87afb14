"""Figures of sensitivity maps show every label, mark the lines, and keep to the window."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.gradient_figures import plot_correlated_labels, plot_sensitivity
from spectrolabe.validate.line_shares import correlate_gradients
from spectrolabe.validate.style import save_figure

WAVELENGTH = np.r_[np.arange(5350.0, 5600, 0.5), np.arange(8480.0, 8930, 0.5)]
NAMED = {"mg_fe": [5528.405, 8736.016, 8806.756], "al_fe": [8772.865, 8773.896]}


def make_map(labels, seed):
    rng = np.random.default_rng(seed)
    columns = {"wavelength": WAVELENGTH, "mean_flux": 1 - 0.3 * rng.random(len(WAVELENGTH))}
    for label in labels:
        columns |= {label: rng.normal(0, 0.1, len(WAVELENGTH)), f"{label}_spread": 0.05}
    return pd.DataFrame(columns)


def test_every_label_has_a_panel_in_every_arm(tmp_path):
    table = make_map(["teff", "mg_fe", "al_fe"], 1)
    table.loc[10:20, "teff"] = np.nan
    figure = plot_sensitivity(table, NAMED)
    blocks = figure.subfigs
    assert [len(block.axes) for block in blocks] == [4, 4]
    first, last = (block.axes for block in blocks)
    # One marked line in the first arm, four in the second, beside the curve and the axis at zero.
    assert [len(axes.lines) for axes in first] == [2, 3, 3, 3]
    assert [len(axes.lines) for axes in last] == [5, 6, 6, 6]
    assert first[-1].get_xlim() == (5350, 5599.5)
    save_figure(figure, tmp_path / "sensitivity.png")


def test_one_arm_and_a_gradient_of_zero_are_drawn(tmp_path):
    table = make_map(["teff"], 1).iloc[:400].assign(teff=0.0)
    save_figure(plot_sensitivity(table, {"teff": [5400.0]}), tmp_path / "sensitivity.png")


def test_correlated_labels_are_drawn_around_the_lines_of_the_last_arm(tmp_path):
    maps = {
        "cnn": make_map(["teff", "mg_fe", "al_fe", "feh"], 1),
        "absolute": make_map(["teff", "a_mg", "a_al", "a_fe"], 2),
    }
    correlations = {model: correlate_gradients(table) for model, table in maps.items()}
    figure = plot_correlated_labels(maps, correlations, NAMED)
    for axes, labels in zip(figure.axes, (["[Mg/Fe]", "[Al/Fe]", "[Fe/H]"], ["A(Mg)", "A(Al)", "A(Fe)"]), strict=True):
        assert axes.get_xlim() == pytest.approx((8732.016, 8810.756))
        assert [text.get_text() for text in axes.get_legend().get_texts()] == labels
    colours = [[line.get_color() for line in axes.lines[:3]] for axes in figure.axes]
    assert colours[0] == colours[1]
    save_figure(figure, tmp_path / "correlated_labels.png")


def test_models_without_a_common_element_say_so():
    maps = {"cnn": make_map(["teff"], 1), "absolute": make_map(["a_mg"], 2)}
    figure = plot_correlated_labels(maps, {model: correlate_gradients(table) for model, table in maps.items()}, NAMED)
    assert "cnn and the model beside it have no abundance of one element" in figure.texts[0].get_text()
