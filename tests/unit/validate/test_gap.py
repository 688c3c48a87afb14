"""The synthetic gap: spectra that differ are told apart, spectra that do not are not."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.spectra.table import Spectra
from spectrolabe.validate.gap import measure_gap, raw_values, tell_apart
from spectrolabe.validate.gap_figures import plot_gap
from spectrolabe.validate.style import save_figure

PAIRS = 60


def make_spectra(offset, pairs=PAIRS):
    """Observed spectra with twins from two sources: "near" are like them, "far" differ by an offset in one pixel."""
    rng = np.random.default_rng(5)
    sources = ["survey", "near", "far"]
    flux = rng.normal(1, 0.05, (3 * pairs, 30)).astype(np.float32)
    flux[2 * pairs :, 7] += offset
    names = [f"star-{number}" for number in range(pairs)]
    table = pd.DataFrame({"source": np.repeat(sources, pairs), "pair": names * 3, "star": names * 3})
    table.insert(0, "spectrum_id", [f"{s}-{n}" for s, n in zip(table["source"], table["pair"], strict=True)])
    return Spectra(5000 + np.arange(30.0), "air", flux, np.ones_like(flux), table.assign(status=""))


@pytest.fixture(scope="module")
def measured():
    return measure_gap(make_spectra(1.0), make_spectra(0.0), "survey", perplexity=30, seed=3)


def test_a_gap_in_raw_spectra_that_preparation_closes(measured):
    _, numbers = measured
    assert list(numbers["raw"]) == ["near", "far"]
    assert numbers["raw"]["far"]["components"] > 0.95
    assert numbers["raw"]["far"]["map"] > 0.9
    chance = numbers["raw"]["near"]["chance"]
    assert chance == pytest.approx(np.sqrt(1 / (8 * PAIRS)))
    for stage, source in (("raw", "near"), ("prepared", "near"), ("prepared", "far")):
        assert abs(numbers[stage][source]["components"] - 0.5) < 4 * chance
        assert numbers[stage][source]["n"] == PAIRS


def test_the_map_has_a_place_for_every_spectrum(measured, tmp_path):
    table, numbers = measured
    assert list(table) == ["spectrum_id", "source", "star", "raw_x", "raw_y", "prepared_x", "prepared_y"]
    assert len(table) == 3 * PAIRS
    assert np.isfinite(table[["raw_x", "raw_y", "prepared_x", "prepared_y"]].to_numpy()).all()
    figure = plot_gap(table, numbers)
    assert len(figure.axes) == 3
    save_figure(figure, tmp_path / "gap.png")


def test_units_and_missing_pixels_are_no_gap():
    raw = make_spectra(0.0, pairs=1)
    raw.flux[0] *= 1000
    raw.flux[1, 4], raw.ivar[1, 4] = 0, 0
    values = raw_values(raw)
    assert np.median(values, axis=1) == pytest.approx(1, abs=0.02)
    assert values[1, 4] == pytest.approx((values[1, 3] + values[1, 5]) / 2)


def test_few_stars_say_nothing(tmp_path):
    table, numbers = measure_gap(*[make_spectra(1.0, pairs=4)] * 2, "survey", perplexity=30, seed=3)
    assert numbers["raw"]["far"] == {"n": 4, "components": None, "map": None, "chance": pytest.approx(0.1767767)}
    save_figure(plot_gap(table, numbers), tmp_path / "gap.png")


def test_no_usable_spectrum_is_said_in_words():
    empty = make_spectra(0.0).select([])
    table, numbers = measure_gap(empty, empty, "survey", perplexity=30, seed=3)
    assert "raw" not in numbers
    assert "No usable spectra" in plot_gap(table, numbers).texts[0].get_text()


def test_a_star_is_judged_without_its_own_spectra():
    # Every star's spectra lie together, far from all others: who knows the star knows the answer, who does not cannot.
    stars = pd.Series(np.repeat([f"star-{number}" for number in range(20)], 6))
    places = np.repeat(np.arange(20.0) ** 3, 6)[:, None]
    rng = np.random.default_rng(1)
    synthetic = np.repeat(rng.permutation(np.arange(20) % 2 == 0), 6)
    # Its six spectra are all synthetic or all observed, so that leakage would give 1.
    assert tell_apart(places, synthetic, stars) < 0.8
