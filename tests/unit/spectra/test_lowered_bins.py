"""The lowered continuum: a plain transcription of the algorithm, and what it must not depend on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spectrolabe.spectra.continuum import normalise
from spectrolabe.spectra.lowered_bins import lowered_bins
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.table import Spectra


def make_spectra(flux, ivar=1.0, wavelength=None):
    flux = np.atleast_2d(flux)
    wavelength = 5000 + 0.1 * np.arange(flux.shape[1]) if wavelength is None else wavelength
    table = pd.DataFrame({"spectrum_id": [f"star-{row}" for row in range(len(flux))]})
    return Spectra(wavelength, "air", flux, np.broadcast_to(ivar, flux.shape), table)


def generators(spectra):
    return RowGenerators(1, spectra.table["spectrum_id"].tolist())


def draw_curve(centres, values, degree, size):
    """The curve through the centres, straight beyond the outermost ones, pixel by pixel."""
    pixels = np.arange(size)
    if degree is None:
        curve = np.interp(pixels, centres, values)
    else:
        curve = np.polynomial.Polynomial.fit(centres, values, degree)(pixels)
    first, last = centres[0], centres[-1]
    left, right = curve[first + 1] - curve[first], curve[last] - curve[last - 1]
    curve[:first] = curve[first] + left * (pixels[:first] - first)
    curve[last + 1 :] = curve[last] + right * (pixels[last + 1 :] - last)
    return curve


def transcribe(flux, drawn, snr, most_bins, smooth):
    """One complete spectrum's continuum, step by step."""
    size = len(flux)
    curve = np.full(size, 1.1 * flux.max())
    for count in range(2, most_bins + 1):
        edges = [size * number // count for number in range(count + 1)]
        centres = [(low + high) // 2 for low, high in zip(edges, edges[1:], strict=False)]
        order, drawn = np.argsort(drawn[:count]), drawn[count:]
        degree = count - 1 if count < 5 else None

        def count_above(curve, edges=edges):
            return [(flux[low:high] > curve[low:high]).sum() for low, high in zip(edges, edges[1:], strict=False)]

        values = curve[centres]
        curve = draw_curve(centres, values, degree, size)
        sizes = np.diff(edges)
        allowed = np.array([int(min(0.5, 10 / snr) * n + 1e-9) for n in sizes])
        resting = set(np.flatnonzero(count_above(curve) > allowed))
        allowed = np.maximum(allowed, count_above(curve))
        while len(resting) < count:
            for centre in order:
                if centre in resting:
                    continue
                tried = values.copy()
                tried[centre] *= 0.999
                lowered = draw_curve(centres, tried, degree, size)
                if (count_above(lowered) > allowed).any() or tried[centre] < 1e-6 * flux.max():
                    resting.add(centre)
                else:
                    values, curve = tried, lowered
    curve = draw_curve(centres, values, min(6, most_bins - 1), size)
    if not smooth:
        return curve
    reach = np.arange(-size + 1, size)
    mirrored = np.concatenate([2 * curve[0] - curve[:0:-1], curve, 2 * curve[-1] - curve[-2::-1]])
    kernel = np.exp(-0.5 * (reach / smooth) ** 2) * (np.abs(reach) <= 4 * smooth)
    return np.array([mirrored[place : place + 2 * size - 1] @ kernel for place in range(size)]) / kernel.sum()


def star(seed, size=90):
    rng, pixels = np.random.default_rng(seed), np.arange(size)
    lines = [
        depth * np.exp(-0.5 * ((pixels - centre) / 2) ** 2) for centre, depth in rng.uniform(0, [size, 0.6], (9, 2))
    ]
    shape = 300 * (1 + 0.2 * np.sin(pixels / size * 3 + rng.uniform(0, 6)))
    return shape * (1 - np.sum(lines, axis=0)).clip(0.1) * (1 + 0.01 * rng.standard_normal(size))


@pytest.mark.parametrize(("snr", "most_bins"), [(200, 11), (50, 7), (10, 3), (30, 4)])
def test_the_continuum_is_that_of_the_plain_algorithm(snr, most_bins):
    spectra = make_spectra([star(seed) for seed in range(4)])
    options = {"snr": snr, "most_bins": most_bins, "smooth": 10}
    found = lowered_bins(spectra, generators(spectra), **options)
    drawn = generators(spectra).normal(sum(range(2, most_bins + 1)))
    expected = [transcribe(flux, own, **options) for flux, own in zip(spectra.flux, drawn, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_spike_neither_lifts_the_continuum_nor_takes_long():
    flux = np.where(np.arange(400) == 130, 1e5, 1.0)
    spectra = make_spectra(flux)
    np.testing.assert_allclose(lowered_bins(spectra, generators(spectra), smooth=20), 1, atol=0.003)


@pytest.mark.parametrize("scale", [1e-16, 1e5])
def test_the_unit_of_the_flux_does_not_matter(scale):
    spectra = make_spectra([star(3), star(4)])
    scaled = replace(spectra, flux=spectra.flux * scale)
    expected = scale * lowered_bins(spectra, generators(spectra), smooth=20)
    np.testing.assert_allclose(lowered_bins(scaled, generators(scaled), smooth=20), expected, rtol=1e-6)


def test_a_spectrum_does_not_depend_on_its_neighbours():
    spectra = make_spectra([star(seed, 200) for seed in range(6)])
    together = lowered_bins(spectra, generators(spectra))
    alone = spectra.select([4])
    np.testing.assert_array_equal(lowered_bins(alone, generators(alone))[0], together[4])


def test_a_sloping_continuum_is_found_to_its_ends():
    rng, pixels = np.random.default_rng(5), np.arange(1150)
    slope = 1000 - 0.3 * pixels
    lines = [
        depth * np.exp(-0.5 * ((pixels - centre) / 2) ** 2) for centre, depth in rng.uniform(0, [1150, 0.6], (60, 2))
    ]
    noise = 1 + rng.standard_normal(1150) / 200
    spectra = make_spectra(slope * (1 - np.sum(lines, axis=0)).clip(0.05) * noise)
    np.testing.assert_allclose(lowered_bins(spectra, generators(spectra))[0] / slope, 1, atol=0.03)


def test_missing_pixels_are_bridged_and_do_not_count():
    flux = star(6, 300)
    known = np.ones(300)
    known[100:106] = known[180:240] = 0
    poisoned = make_spectra([flux, np.where(known > 0, flux, 1e9)], ivar=np.array([known, known]))
    poisoned = replace(poisoned, table=pd.DataFrame({"spectrum_id": ["same", "same"]}))
    found = lowered_bins(poisoned, generators(poisoned), smooth=20)
    np.testing.assert_allclose(found[1], found[0])
    level = found[0] / lowered_bins(make_spectra(flux), RowGenerators(1, ["same"]), smooth=20)[0]
    np.testing.assert_allclose(level, 1, atol=0.15)


def test_arms_are_on_their_own_and_an_arm_with_little_information_has_no_continuum():
    wavelength = np.r_[5000 + 0.1 * np.arange(120), 5100 + 0.1 * np.arange(120)]
    flux = np.r_[np.full(120, 2.0), np.full(120, 50.0)]
    ivar = np.ones((2, 240))
    ivar[1, 120:220] = 0
    spectra = make_spectra([flux, flux], ivar, wavelength)
    found = lowered_bins(spectra, generators(spectra), smooth=5)
    np.testing.assert_allclose(found[0] / flux, 1, atol=0.005)
    assert np.isnan(found[1, 120:]).all()
    assert np.isfinite(found[1, :120]).all()
    done = normalise(spectra, generators(spectra), lowered_bins={})
    assert (done.ivar[1, 120:] == 0).all()


def test_a_spectrum_that_is_not_positive_ends_in_a_sentence():
    spectra = make_spectra([np.ones(60), -np.ones(60)])
    with pytest.raises(ValueError, match="the spectrum star-1 cannot be normalised: its continuum is not positive"):
        normalise(spectra, generators(spectra), lowered_bins={})


def test_a_bin_of_zeros_holds_nothing_up_for_ever():
    flux = np.r_[np.ones(100), np.zeros(100)]
    spectra = make_spectra(flux)
    assert np.isfinite(lowered_bins(spectra, generators(spectra), smooth=10)).all()


def test_an_arm_too_short_for_two_bins_has_no_continuum():
    spectra = make_spectra(np.ones(5))
    assert np.isnan(lowered_bins(spectra, generators(spectra))).all()
