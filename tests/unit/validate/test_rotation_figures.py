"""Errors by signal-to-noise and rotation: numbers by hand, and words where there is nothing to draw."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.rotation_figures import measure_spreads, plot_error_by_rotation
from spectrolabe.validate.style import save_figure


def make_catalogue(count=800, fastest=300.0):
    """Errors of teff are 20 K and 50 K beyond 100 km/s, twice that below S/N 100; logg is predicted without any."""
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"snr": rng.uniform(5, 300, count), "vsini_true": rng.uniform(0, fastest, count)})
    sigma = np.where(table["vsini_true"] > 100, 50.0, 20.0) * np.where(table["snr"] < 100, 2, 1)
    return table.assign(teff_true=8000.0, teff=8000 + rng.normal(0, sigma), logg=4.0, logg_true=4.0)


def words(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def test_spreads_by_hand():
    # One bin (40 spectra), thirds of 0 to 30 km/s; errors of plus and minus 1, 2 and 3.
    rotation = np.r_[np.full(12, 5.0), np.full(12, 15.0), np.full(16, 29.5)]
    error = np.r_[np.tile([1.0, -1], 6), np.tile([2.0, -2], 6), np.tile([3.0, -3], 8)]
    table = pd.DataFrame({"snr": 50.0, "vsini_true": rotation, "feh": error, "feh_true": 0.0})
    found = measure_spreads(table).set_index("rotation")
    assert found["std"].to_dict() == pytest.approx({"0–10": 1, "10–20": 2, "20–30": 3, "all": np.sqrt(5.1)})
    assert found["n"].to_dict() == {"0–10": 12, "10–20": 12, "20–30": 16, "all": 40}
    assert (found["snr"] == 50).all()
    # Too few of a range say nothing.
    assert "0–10" not in set(measure_spreads(table.drop(index=[0, 1, 2]))["rotation"])


def test_spreads_follow_noise_and_rotation():
    found = measure_spreads(make_catalogue(3200))
    teff = found[found["label"] == "teff"]
    assert list(dict.fromkeys(teff["rotation"])) == ["0–50", "50–100", "100–200", "200–300", "all"]
    assert (teff.groupby("rotation").size() == 8).all()
    quiet = teff[teff["snr"] > 120].groupby("rotation")["std"].mean().to_dict()
    assert quiet == pytest.approx({"0–50": 20, "50–100": 20, "100–200": 50, "200–300": 50, "all": 42}, rel=0.15)
    assert teff[teff["snr"] < 80].groupby("rotation")["std"].mean()["200–300"] == pytest.approx(100, rel=0.2)
    assert (found[found["label"] == "logg"]["std"] == 0).all()


@pytest.mark.parametrize("fastest", [300.0, 90.0])
def test_a_panel_per_label_and_a_curve_per_range(fastest, tmp_path):
    figure = plot_error_by_rotation(make_catalogue(fastest=fastest))
    assert len(figure.axes) == 2
    shown = words(figure)
    assert ("200–300 km/s" in shown) == (fastest > 200)
    assert ("0–30 km/s" in shown) == (fastest < 200)
    save_figure(figure, tmp_path / "figure.png")


def test_a_few_spectra_are_drawn_together(tmp_path):
    save_figure(plot_error_by_rotation(make_catalogue(12)), tmp_path / "figure.png")
    assert "Too few spectra" in words(plot_error_by_rotation(make_catalogue(3)))


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ("snr", "No signal-to-noise"),
        ("vsini_true", "No true v sin i"),
        (["teff_true", "logg_true"], "No reference labels"),
    ],
)
def test_what_is_missing_is_said(lost, told):
    assert told in words(plot_error_by_rotation(make_catalogue(20).drop(columns=lost)))
