"""The figure of how many components spectra need: its curves, marks and the number that is taken."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.component_figures import plot_components


@pytest.fixture
def errors():
    numbers = np.arange(1, 101)
    tables = [
        pd.DataFrame({"spectra": kind, "components": numbers, "error": level / numbers, "chosen": numbers == 17})
        for kind, level in (("training", 0.05), ("validation", 0.06), ("nodes", 0.04))
    ]
    return pd.concat(tables, ignore_index=True)


def test_each_kind_of_spectra_has_a_curve_beside_the_marks(errors):
    (axes,) = plot_components(errors).axes
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["training", "validation", "nodes of the grid: nodes", "taken: 17"]
    training, validation, nodes, *marks, taken = axes.lines
    assert training.get_ydata()[[0, 99]].tolist() == [0.05, 0.0005]
    assert validation.get_ydata()[0] == 0.06
    assert nodes.get_ydata()[0] == 0.04
    assert [line.get_ydata()[0] for line in marks] == [0.01, 0.005]
    assert taken.get_xdata()[0] == 17
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_ticks_are_in_per_cent_and_do_not_crowd(errors):
    (axes,) = plot_components(errors).axes
    name = axes.yaxis.get_minor_formatter()
    assert [name(value, None) for value in (0.01, 0.02, 0.03, 0.005)] == ["1 %", "2 %", "", "0.5 %"]
