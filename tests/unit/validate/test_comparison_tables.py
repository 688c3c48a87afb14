"""Numbers of a comparison are written as finely as their spread allows, and drawn relative to the reference."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.comparison_figures import plot_comparison
from spectrolabe.validate.comparison_tables import (
    method_columns,
    method_rows,
    scatter_columns,
    scatter_rows,
    write_number,
)
from spectrolabe.validate.report_sections import describe_sections
from spectrolabe.validate.style import save_figure


def line(row, label, mae, spread, ratio, ratio_spread, **others):
    first = {"row": row, "reference": "dnn", "label": label, "seeds": 3, "spectra": 9, "parameters": 13655103}
    errors = {"mae": mae, "mae_spread": spread, "mae_ratio": ratio, "mae_ratio_spread": ratio_spread}
    nothing = dict.fromkeys(["mae_true", "mae_true_spread", "mae_true_ratio", "mae_true_ratio_spread"], np.nan)
    times = {"mae_percent": 1.0982, "seconds": 1.2345, "seconds_spread": 0.04, "seconds_ratio": 1.0}
    spread = {"mean": -12.34, "mean_spread": 2.1, "std": 71.2, "std_spread": 3.0}
    spread |= dict.fromkeys(["mean_true", "mean_true_spread", "std_true", "std_true_spread"], np.nan)
    times |= {"training_seconds": 310.4}
    return first | {"parameters_ratio": 1.0} | errors | nothing | spread | times | others


@pytest.fixture
def comparison():
    small = {"parameters": 542771, "parameters_ratio": 0.0397486, "seconds_ratio": 0.163}
    return pd.DataFrame(
        [
            line("dnn", "teff", 60.512, 0.84, 1.0, 0.0),
            line("dnn", "logg", 0.14, 0.0012, 1.0, 0.0),
            line("ours", "teff", 59.75, 0.41, 0.98741, 0.0153, **small),
            line("ours", "logg", 0.13, np.nan, 0.9286, np.nan, **small | {"mae_true": 0.1, "mae_true_ratio": 0.9}),
        ]
    )


@pytest.mark.parametrize(
    ("value", "spread", "text"),
    [
        (59.752, 0.41, "59.8 ± 0.4"),
        (0.10312, 0.0012, "0.1031 ± 0.0012"),
        (4012.3, 130.0, "4012 ± 130"),
        (0.987, 0.0197, "0.99 ± 0.02"),
        (0.0397486, np.nan, "0.0397"),
        (1.0, 0.0, "1.00"),
        (143.75, np.nan, "144"),
        (0.0, np.nan, "0"),
        (np.nan, np.nan, "–"),
    ],
)
def test_numbers_are_as_fine_as_their_spread(value, spread, text):
    assert write_number(value, spread) == text


def test_a_row_has_every_label_with_its_ratio(comparison, tmp_path):
    comparison.to_csv(tmp_path / "x.csv", index=False)
    columns, rows = method_columns(tmp_path / "x.csv"), method_rows(tmp_path / "x.csv")
    assert columns["logg"] == "log <i>g</i> <small>dex</small>"
    assert rows[1] == {
        "row": "ours", "seeds": "3", "parameters": "542,771 (0.0397)", "seconds": "1.23 ± 0.04 (0.163)",
        "training": "310",
        "teff": "59.8 ± 0.4 (0.987 ± 0.015)", "teff_percent": "1.10", "teff_true": "–",
        "logg": "0.130 (0.929)", "logg_percent": "1.10", "logg_true": "0.100 (0.900)",
    }  # fmt: skip
    assert rows[0]["teff"] == "60.5 ± 0.8 (1.00)"
    assert all(set(columns) == set(row) for row in rows)


def test_the_report_has_a_table_of_each_comparison(comparison, tmp_path):
    path = tmp_path / "validate" / "comparisons" / "baselines.csv"
    path.parent.mkdir(parents=True)
    comparison.to_csv(path, index=False)
    (section,) = describe_sections([], [path])
    assert section["title"] == "Comparison of methods"
    table, second = section["tables"]
    assert table["title"] == "baselines: errors, sizes and times"
    # Nobody knows the true temperatures: no such column.
    assert len(table["columns"]) == 5 + 2 + 3
    assert [row[0] for row in table["rows"]] == ["dnn", "ours"]
    assert second["title"] == "baselines: bias and scatter"
    assert len(second["columns"]) == 1 + 2 + 2
    assert second["rows"][0][:3] == ["dnn", "−12 ± 2", "71 ± 3"]


def test_bias_has_a_sign_and_the_truth_its_own_columns(comparison, tmp_path):
    comparison.loc[0, ["mean", "mean_true", "mean_true_spread", "std_true"]] = [12.0, 0.04, 3.0, 68.0]
    comparison.to_csv(tmp_path / "x.csv", index=False)
    columns, rows = scatter_columns(tmp_path / "x.csv"), scatter_rows(tmp_path / "x.csv")
    assert columns["teff_bias_true"] == "<i>T</i><sub>eff</sub> <small>bias, K, true</small>"
    assert rows[0]["teff_bias"] == "+12 ± 2"
    assert (rows[0]["teff_bias_true"], rows[0]["teff_scatter_true"]) == ("+0 ± 3", "68.0")
    assert (rows[0]["logg_bias"], rows[0]["logg_bias_true"]) == ("−12 ± 2", "–")
    assert all(set(columns) == set(row) for row in rows)


def test_seeds_may_differ_between_labels(comparison, tmp_path):
    comparison.assign(seeds=[1, 3, 3, 3]).to_csv(tmp_path / "x.csv", index=False)
    assert [row["seeds"] for row in method_rows(tmp_path / "x.csv")] == ["1 to 3", "3"]


def test_figure_draws_ratios_with_their_spread(comparison, tmp_path):
    figure = plot_comparison(comparison)
    errors, costs = figure.axes
    assert [text.get_text() for text in errors.get_yticklabels()] == ["dnn", "ours"]
    assert errors.get_xlabel() == "mean absolute error / that of dnn"
    assert errors.containers[0].lines[0].get_xdata() == pytest.approx([1, 0.98741])
    bars = errors.containers[0].lines[2][0].get_segments()
    assert np.ptp(bars[1][:, 0]) == pytest.approx(2 * 0.0153)
    assert costs.get_xscale() == "log"
    drawn = {line.get_label(): line.get_xdata() for line in costs.lines}
    assert drawn["parameters"] == pytest.approx([1, 0.0397486])
    assert drawn["time"] == pytest.approx([1, 0.163])
    save_figure(figure, tmp_path / "figure.png")


def test_figure_without_labels_says_so(comparison):
    figure = plot_comparison(comparison.assign(mae_ratio=np.nan, mae_true_ratio=np.nan))
    assert "No test spectra with labels" in figure.texts[0].get_text()


def test_figure_shows_the_truth_where_no_labels_are_given(comparison):
    given = comparison.assign(mae_ratio=np.nan, mae_true_ratio=[1.0, 1.0, 0.5, 0.7])
    assert plot_comparison(given).axes[0].containers[0].lines[0].get_xdata() == pytest.approx([1, 0.5])
