"""Databases are compared by the papers' statistic, label by label, and in the stars that a limit leaves."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.database_figures import database_columns, database_rows, plot_databases
from spectrolabe.validate.databases import compare_databases, name_databases, read_residuals
from spectrolabe.validate.style import save_figure


def part(*differences, label="teff", vsini=(10.0, 50.0, 150.0, 250.0)):
    """Spectra whose true label is 8000, predicted with these differences."""
    count = len(differences)
    truth = pd.Series(8000.0, index=range(count))
    return pd.DataFrame({label: truth + np.array(differences), f"{label}_true": truth, "vsini_true": vsini[:count]})


def compared(below=None):
    residuals = [
        ("small", "teff_small", "training", part(1, -1, 1, -1)),
        ("small", "teff_small", "noisy-test", part(10, -10, 30, -30)),
        ("small", "logg_small", "training", part(0.1, -0.1, label="logg")),
        ("small", "logg_small", "noisy-test", part(0.2, -0.2, 0.4, np.nan, label="logg")),
        ("large", "teff_large", "training", part(2, -2, 2)),
        ("large", "teff_large", "noisy-test", part(5, -5, 5, -5)),
    ]
    return compare_databases(residuals, {"vsini": 100} if below is None else below)


def test_standard_deviations_are_of_all_and_of_slow_rotators():
    table = compared()
    test = table[(table["model"] == "teff_small") & (table["part"] == "noisy-test")]
    assert test["subset"].tolist() == ["all", "vsini < 100"]
    assert test["n"].tolist() == [4, 2]
    assert test["std"].tolist() == pytest.approx([np.sqrt(500), 10])  # root of (100 + 100 + 900 + 900) / 4
    assert test["scatter"].iloc[1] == pytest.approx(14.826)
    assert test["spectra"].tolist() == [4, 4]
    assert table["spectra"].tolist() == [4] * 4 + [2] * 4 + [3] * 4


def test_unknown_labels_are_left_out_and_no_stars_have_no_deviation():
    table = compared({"vsini": 5})
    test = table[(table["model"] == "logg_small") & (table["part"] == "noisy-test")]
    assert test["n"].tolist() == [3, 0]
    assert np.isnan(test["std"].iloc[1])


def test_networks_of_one_set_stand_together_unless_they_share_a_label():
    rows = [("a", "hot", "teff"), ("a", "dense", "logg"), ("a", "both", "teff"), ("a", "both", "logg")]
    rows += [("b", "third", "logg")]
    table = pd.DataFrame(rows, columns=["set", "model", "label"])
    assert name_databases(table).tolist() == ["a", "a", "a (both)", "a (both)", "b"]


def test_rows_of_the_report_have_a_column_per_label(tmp_path):
    compared().to_csv(tmp_path / "databases.csv", index=False)
    columns, rows = database_columns(tmp_path / "databases.csv"), database_rows(tmp_path / "databases.csv")
    assert list(columns)[-2:] == ["teff", "logg"]
    assert columns["teff"] == "<i>T</i><sub>eff</sub> <small>K</small>"
    assert len(rows) == 8
    assert rows[2] == {
        "database": "small", "spectra": "4", "part": "noisy-test", "subset": "all", "n": "4", "teff": "22",
        "logg": "0.249",
    }  # fmt: skip
    assert rows[-1]["logg"] == "–"


def test_figure_divides_by_each_labels_largest(tmp_path):
    figure = plot_databases(compared())
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [r"$T_\mathrm{eff}$: 1 is 22 K", r"$\log\,g$: 1 is 0.249 dex"]
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}
    assert lines["noisy-test"] == pytest.approx([1, 5 / np.sqrt(500)])
    # No network for log g was trained on the large one.
    assert [text.get_text() for text in figure.axes[1].get_xticklabels()] == ["small\n2"]
    save_figure(figure, tmp_path / "figure.png")


def test_figure_without_truths_says_so():
    nothing = compare_databases([("a", "m", "training", pd.DataFrame({"teff": [1.0]}))], {})
    assert "No spectra with reference labels" in plot_databases(nothing).texts[0].get_text()


def test_truths_of_labels_that_are_not_predicted_are_read_where_asked_for(tmp_path):
    path = tmp_path / "catalogue.parquet"
    columns = {"spectrum_id": ["a"], "teff": [1.0], "teff_err": [9.0], "teff_true": [3.0], "vsini_true": [20.0]}
    pd.DataFrame(columns | {"logg_true": [4.0]}).to_parquet(path)
    assert list(read_residuals(path, ["vsini", "teff"])) == ["teff", "teff_true", "vsini_true"]
    assert list(read_residuals(path, [])) == ["teff", "teff_true"]
    with pytest.raises(ValueError, match=r"no column rv_true; expected the true value of every label of databases"):
        read_residuals(path, ["vsini", "rv"])
