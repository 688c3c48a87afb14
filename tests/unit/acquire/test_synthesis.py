"""Synthesis: labels drawn reproducibly within what the models cover, and spectra where its code is installed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spectrolabe.acquire.atmospheres import Atmosphere
from spectrolabe.acquire.lines import read_lines
from spectrolabe.acquire.synthesis import Synthesizer, draw_labels, element_excesses, microturbulence

RANGES = {"teff": [4000, 7000], "logg": [0.5, 5.0], "feh": [-2.5, 0.5], "alpha_fe": [-0.2, 0.6]}
LAW = {"constant": 1.15, "teff": [0.35, 0.25], "logg": -0.3, "scatter": 0.2, "range": [0.8, 2.2]}
LINES = Path(__file__).resolve().parents[3] / "resources" / "line_lists" / "gaia_eso_atoms.parquet"


def everywhere(points):
    return np.ones(len(points), bool)


def dwarfs_are_hot(points):
    teff, logg, _ = points.T
    return (logg < 4) | (teff > 5000)


def test_labels_lie_within_their_ranges_and_fill_them():
    labels = draw_labels(RANGES, LAW, 512, 1, everywhere)
    assert list(labels) == ["alpha_fe", "feh", "logg", "teff", "vmic"]
    assert len(labels) == 512
    for name, (low, high) in RANGES.items():
        assert labels[name].between(low, high).all()
        # A Sobol sequence puts as many into either half.
        assert (labels[name] < (low + high) / 2).sum() == 256
    assert labels["vmic"].between(0.8, 2.2).all()


def test_labels_are_covered():
    labels = draw_labels(RANGES, LAW, 300, 1, dwarfs_are_hot)
    assert len(labels) == 300
    assert dwarfs_are_hot(labels[["teff", "logg", "feh"]].to_numpy()).all()
    assert labels.index.tolist() == list(range(300))


def test_labels_depend_on_the_seed_alone_and_more_of_them_begin_alike():
    labels = draw_labels(RANGES, LAW, 300, 1, dwarfs_are_hot)
    pd.testing.assert_frame_equal(labels, draw_labels(RANGES, LAW, 300, 1, dwarfs_are_hot))
    reordered = dict(reversed(RANGES.items()))
    pd.testing.assert_frame_equal(labels, draw_labels(reordered, LAW, 300, 1, dwarfs_are_hot))
    pd.testing.assert_frame_equal(labels, draw_labels(RANGES, LAW, 600, 1, dwarfs_are_hot).iloc[:300])
    assert not labels.equals(draw_labels(RANGES, LAW, 300, 2, dwarfs_are_hot))


def test_labels_that_nothing_covers_end_in_one_sentence():
    message = "expected label ranges that overlap with the models, found none between teff 4000 to 7000, logg 0.5 to 5"
    with pytest.raises(ValueError, match=message):
        draw_labels(RANGES, LAW, 10, 1, lambda points: np.zeros(len(points), bool))


def test_microturbulence():
    labels = pd.DataFrame({"teff": [5500, 6500, 4500], "logg": [4.0, 4.0, 2.0]})
    # 1.15; 1.15 + 0.35 + 0.25; 1.15 - 0.35 + 0.25 + 0.6.
    np.testing.assert_allclose(microturbulence(labels, LAW), [1.15, 1.75, 1.65])


def test_microturbulence_scatters_around_its_law():
    labels = draw_labels(RANGES | {"teff": [5400, 5600], "logg": [3.9, 4.1]}, LAW, 1024, 1, everywhere)
    difference = labels["vmic"] - microturbulence(labels, LAW)
    assert difference.mean() == pytest.approx(0, abs=0.02)
    # Cut at 0.8 km/s, 1.75 standard deviations below: a little less than 0.2.
    assert difference.std() == pytest.approx(0.19, abs=0.01)


@pytest.mark.parametrize(
    ("labels", "excesses"),
    [
        ({"feh": -1.0, "vmic": 1.0}, {}),
        ({"mg_fe": 0.2}, {"Mg": 0.2}),
        ({"alpha_fe": 0.4}, dict.fromkeys(["O", "Ne", "Mg", "Si", "S", "Ar", "Ca", "Ti"], 0.4)),
    ],
)
def test_elements_differ_as_the_labels_say(labels, excesses):
    assert element_excesses(labels) == excesses


def test_a_single_element_overrules_the_alpha_elements():
    excesses = element_excesses({"mg_fe": -0.1, "alpha_fe": 0.4, "c_fe": 0.3})
    assert (excesses["Mg"], excesses["Ca"], excesses["C"]) == (-0.1, 0.4, 0.3)


class GreySun:
    """A grey atmosphere of the Sun's gravity in hydrostatic equilibrium, standing for a grid of models."""

    def interpolate(self, teff, logg, feh):
        tau = np.logspace(-5, 1.7, 56)
        temperature = teff * (0.75 * (tau + 2 / 3)) ** 0.25
        # Mass per area grows as the optical depth does under H-, 4 g/cm2 at the surface that is seen.
        rhox = 4 * tau**0.6
        atoms = rhox * 10**logg / (1.380649e-16 * temperature)
        return Atmosphere(rhox, temperature, atoms * 1e-4, atoms, atoms * 2.1e-24)


@pytest.mark.filterwarnings("ignore")  # those of the synthesis code's own packages
def test_spectra_answer_to_their_labels():
    pytest.importorskip("pysme")
    wavelength = 5180 * np.exp(1.6 / 299792.458 * np.arange(200))
    synthesizer = Synthesizer(read_lines(LINES, 5180, wavelength[-1]), GreySun(), wavelength, 80000)
    solar = {"teff": 5771, "logg": 4.44, "feh": 0.0, "alpha_fe": 0.0, "vmic": 1.0}
    flux = synthesizer.spectrum(solar)
    assert flux.shape == (200,)
    assert np.isfinite(flux).all()
    # The strongest of the Mg b triplet.
    assert wavelength[np.argmin(flux)] == pytest.approx(5183.60, abs=0.03)
    assert 0 < flux.min() < 0.4
    assert flux.max() < 1.001
    rich, poor = (synthesizer.spectrum(solar | changes) for changes in ({"alpha_fe": 0.4}, {"feh": -1.0}))
    assert rich.mean() < flux.mean() < poor.mean()
    np.testing.assert_array_equal(synthesizer.spectrum(solar), flux)


@pytest.mark.filterwarnings("ignore")  # those of the synthesis code's own packages
def test_every_line_has_its_own_depth():
    pytest.importorskip("pysme")
    wavelength = 5180 * np.exp(1.6 / 299792.458 * np.arange(200))
    lines = read_lines(LINES, 5180, wavelength[-1])
    solar = {"teff": 5771, "logg": 4.44, "feh": 0.0, "alpha_fe": 0.0, "vmic": 1.0}
    depths = Synthesizer(lines, GreySun(), wavelength, 80000).line_depths(solar)
    assert depths.shape == (len(lines),)
    inside = np.where(lines["wavelength"] > wavelength[0], depths, 0)
    assert lines["wavelength"][np.argmax(inside)] == pytest.approx(5183.60, abs=0.03)
    assert 0.5 < inside.max() < 1
    # Most lines of a list are too weak to be seen.
    assert np.median(depths) < 0.01
