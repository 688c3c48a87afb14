"""Ranges and densities of a set's labels, part by part."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.label_densities import measure_ranges, range_rows, read_labels
from spectrolabe.validate.label_density_figures import estimate_density, plot_label_densities


@pytest.fixture
def parts():
    training = pd.DataFrame({"teff": [4000.0, 5000, 6500], "feh": [-2.0, np.nan, 0.25]})
    return {"training": training, "test": pd.DataFrame({"teff": [4500.0, 4600], "feh": [np.nan, np.nan]})}


def test_copies_of_a_spectrum_count_once(tmp_path):
    path = tmp_path / "training.parquet"
    pd.DataFrame({"teff": [4000.0, 4000, 5000, 5000], "copy": [0, 1, 0, 1], "flux": 1.0}).to_parquet(path)
    rows = read_labels(path, ["teff", "logg"])
    assert rows.columns.tolist() == ["teff"]
    assert rows["teff"].tolist() == [4000, 5000]


def test_ranges_of_each_part_and_label(parts, tmp_path):
    ranges = measure_ranges(parts)
    assert ranges.iloc[0].tolist() == ["training", "teff", 3, 4000, 6500]
    assert ranges.iloc[1].tolist() == ["training", "feh", 2, -2, 0.25]
    assert ranges.iloc[3]["spectra"] == 0
    ranges.to_csv(tmp_path / "stars.csv", index=False)
    rows = range_rows(tmp_path / "stars.csv")
    assert [(row["label"], row["part"]) for row in rows] == [
        ("teff", "training"),
        ("teff", "test"),
        ("feh", "training"),
    ]
    assert rows[2] == {
        "label": "feh", "part": "training", "spectra": "2", "lowest": "−2.000", "highest": "0.250",
    }  # fmt: skip


def test_density_agrees_with_scipy():
    from scipy.stats import gaussian_kde

    values = np.random.default_rng(4).normal(5500, 400, 3000)
    places, density = estimate_density(values)
    np.testing.assert_allclose(density, gaussian_kde(values)(places), atol=0.01 * density.max())
    assert density.sum() * (places[1] - places[0]) == pytest.approx(1, abs=0.01)


def test_a_single_value_has_a_density_too():
    places, density = estimate_density(np.full(5, 4.5))
    assert places[density.argmax()] == pytest.approx(4.5, abs=1e-3)


def test_a_panel_per_label_and_a_curve_per_part(parts):
    figure = plot_label_densities(parts)
    teff, feh = figure.axes
    assert [line.get_label() for line in teff.lines] == ["training", "test"]
    assert len(feh.lines) == 1
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["training", "test"]


def test_parts_without_labels_say_so():
    figure = plot_label_densities({"training": pd.DataFrame({"teff": [np.nan]})})
    assert figure.texts[0].get_text() == "No labels in any part of the set"
