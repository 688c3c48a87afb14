"""The report's tables of studies say what is best, how much better than the base it is, and what it cost."""

import pandas as pd

from spectrolabe.validate.report_sections import describe_sections
from spectrolabe.validate.study_tables import best_columns, best_rows, compared_rows

COSTS = {
    "trials": 12, "epochs_spent": 12000, "criterion": "error", "spread": None, "val_loss": None, "base_val_loss": None,
}  # fmt: skip


def write(rows, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def write_best(folder):
    base = {"label": "teff", "base_std": 130.4} | COSTS
    rows = [
        {"parameter": "initialiser", "value": "he_normal", "epoch": 1000, "std": 130.4, "base_value": "he_normal"},
        {"parameter": "strides", "value": "none", "epoch": 1000, "std": 130.4, "base_value": "none"},
        {"parameter": "batch", "value": "32", "epoch": 500, "std": 120.6, "base_value": "64"},
    ]
    rows = [base | row for row in rows]
    nothing = {"label": "logg", "parameter": "batch", "value": "64", "epoch": 1000, "std": None, "base_value": "64"}
    return write([*rows, nothing | {"base_std": None} | COSTS], folder / "train/studies/sweeps.csv")


def write_comparison(folder):
    rows = [
        {"study": "sweeps", "method": "one_at_a_time", "best_std": 120.6, "seconds": 5400.0},
        {"study": "joint", "method": "joint", "best_std": None, "seconds": 90.0},
    ]
    shared = {"label": "teff", "settings": "batch 32, epochs 500"} | COSTS
    return write([shared | row for row in rows], folder / "validate/studies.csv")


def test_best_values_stand_beside_those_of_the_base(tmp_path):
    first, strides, batch, nothing = best_rows(write_best(tmp_path))
    assert first["value"] == "he_normal"
    assert strides["value"] == strides["base_value"] == "none"
    assert batch == {
        "label": "teff", "parameter": "batch", "value": "32", "std": "121", "epoch": "500", "base_value": "64",
        "base_std": "130", "cost": "12 trials, 12,000 epochs",
    }  # fmt: skip
    assert (nothing["std"], nothing["base_std"]) == ("–", "–")


def test_methods_are_compared_at_their_cost(tmp_path):
    sweeps, joint = compared_rows(write_comparison(tmp_path))
    assert sweeps == {
        "label": "teff", "study": "sweeps", "method": "one at a time", "std": "121", "trials": "12",
        "epochs": "12,000", "time": "1.5 h", "settings": "batch 32, epochs 500",
    }  # fmt: skip
    assert (joint["std"], joint["time"]) == ("–", "1.5 min")


def test_both_have_their_place_in_the_report(tmp_path):
    (section,) = describe_sections([], [write_best(tmp_path), write_comparison(tmp_path)])
    assert section["title"] == "Study of hyperparameters"
    assert [table["title"] for table in section["tables"]] == ["sweeps: the best settings", "Ways of searching"]


def test_of_labels_together_the_error_of_each_is_shown(tmp_path):
    row = {"label": "all", "parameter": "dropout", "value": "0.1235", "epoch": 10, "std": 0.0872, "base_value": "0.4"}
    path = write([row | {"base_std": 0.1, "std_teff": 81.6, "std_logg": 0.152} | COSTS], tmp_path / "tuning.csv")
    (shown,) = best_rows(path)
    assert [*best_columns(path)][-2:] == ["std_teff", "std_logg"]
    assert (shown["std"], shown["std_teff"], shown["std_logg"]) == ("0.087", "82", "0.152")
    assert best_columns(path)["std_teff"] == "error of teff"
    assert "std_teff" not in best_columns(write_best(tmp_path))


def test_folds_have_a_spread_and_losses_columns_of_their_own(tmp_path):
    row = {"label": "teff", "parameter": "filters", "value": "8-8", "epoch": 10, "std": 80.4, "base_value": "4-4"}
    row |= {"base_std": 91.2} | COSTS | {"val_loss": 2.5051, "base_val_loss": 2.6}
    (shown,) = best_rows(write([row | {"spread": 7.3}], tmp_path / "errors.csv"))
    assert shown["std"] == "80 ± 7"
    path = write([row | {"criterion": "loss", "spread": 0.1234}], tmp_path / "losses.csv")
    (shown,) = best_rows(path)
    assert (shown["std"], shown["val_loss"], shown["base_val_loss"]) == ("80", "2.505 ± 0.12", "2.6")
    assert [*best_columns(path)][-2:] == ["val_loss", "base_val_loss"]
    assert "val_loss" not in best_columns(tmp_path / "errors.csv")
