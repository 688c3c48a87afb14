"""Masks: what no model explains is found in reference stars, and nothing else."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spectrolabe.acquire.grids import Grid
from spectrolabe.prepare.masks import learn_mask, merge_ranges, select_stars
from spectrolabe.spectra.broadening import rotate
from spectrolabe.spectra.cleaning import within
from spectrolabe.spectra.distortion import shift_by
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.steps import apply_steps
from spectrolabe.spectra.table import Spectra, concatenate

RANGES = {"teff": (4000, 7000), "logg": (1, 5), "feh": (-2, 0), "mg_fe": (-0.2, 0.6)}
WAVELENGTH = 5000 * np.exp(1e-5 * np.arange(900))  # steps of 3 km/s
LINES = (5006, 5011, 5017, 5022, 5029, 5035)  # angstrom
STEPS = [{"resample": {"arms": [{"start": 5003, "stop": 5040, "step": 0.1}], "medium": "air"}}]
STARS = pd.DataFrame(
    {
        "name": ["Sun", "eta Boo", "far Star"],
        "aliases": ["", "HD121370;eta_Boo", ""],
        "teff": [5771.0, 6099.0, 9000.0],
        "logg": [4.44, 3.79, 4.0],
        "feh": [-0.5, -1.0, -0.5],
        "alpha_fe": [0.0, np.nan, 0.0],
    }
)


def lines_flux(labels: pd.DataFrame) -> np.ndarray:
    """Six lines, whose common depth follows the labels."""
    depth = 0.3 + 0.1 * labels["feh"] + 0.1 * (5040 / labels["teff"] - 1) + 0.05 * labels["mg_fe"]
    profiles = sum(np.exp(-(((WAVELENGTH - centre) / 0.15) ** 2)) for centre in LINES)
    return (1 - np.outer(depth, profiles)).astype(np.float32)


@pytest.fixture
def grid():
    low, high = np.array(list(RANGES.values()), float).T
    inner = np.random.default_rng(3).uniform(low, high, (24, 4))
    labels = pd.DataFrame(np.vstack([list(itertools.product(*RANGES.values())), inner]), columns=list(RANGES))
    return Grid(labels, lines_flux(labels), WAVELENGTH, "air", 30000.0, {}, {})


def observe(name: str, star: int = 0, extra: float | None = None, depth: float = 0.2, error: float = 0.001) -> Spectra:
    """One spectrum of a star of the table: 6 km/s broad, moving by 1.5 km/s, perhaps with a line that no model has."""
    labels = STARS.iloc[[star]].assign(mg_fe=STARS["alpha_fe"].fillna(0)[star])
    flux = rotate(lines_flux(labels).astype(float), WAVELENGTH, np.array([6.0]))
    if extra:
        flux -= depth * np.exp(-(((WAVELENGTH - extra) / 0.2) ** 2))
    table = pd.DataFrame({"spectrum_id": [name], "source_id": [STARS["name"][star]], "status": ""})
    spectra = shift_by(Spectra(WAVELENGTH, "air", flux, np.full_like(flux, error**-2), table), np.array([1.5]))
    spectra = apply_steps(spectra, STEPS, RowGenerators(0, [name]))
    return replace(spectra, ivar=np.full_like(spectra.ivar, error**-2))


def learn(grid, *spectra, stars=("Sun",), steps=STEPS, threshold=0.03):
    chosen = select_stars(concatenate(spectra), stars, STARS)
    return learn_mask(chosen, stars, STARS, grid, steps=steps, threshold=threshold)


def test_a_line_that_no_model_has_is_masked_and_nothing_else(grid):
    mask = learn(grid, observe("a", extra=5025.0))
    ((start, stop),) = mask.ranges.to_numpy()
    # 0.2 exp(-(x / 0.2)^2) > 0.03 for |x| < 0.28, here about 5025.03 (1.5 km/s), in pixels of 0.1.
    assert start == pytest.approx(5025.03 - 0.28, abs=0.11)
    assert stop == pytest.approx(5025.03 + 0.28, abs=0.11)
    assert mask.summary["masked_share"] == pytest.approx((stop - start) / 37)
    assert (mask.summary["stars"], mask.summary["threshold"]) == (["Sun"], 0.03)
    (row,) = mask.summary["spectra"]
    assert (row["spectrum_id"], row["star"]) == ("a", "Sun")
    assert row["broadening"] == pytest.approx(6, abs=0.3)
    assert row["velocity"] == pytest.approx(1.5, abs=0.1)
    assert row["rms_after"] < 0.01 < row["rms_before"]


def test_the_mask_as_a_step_takes_the_pixels_that_were_found(grid):
    spectra = observe("a", extra=5025.0)
    mask = learn(grid, spectra)
    inside = within(spectra.wavelength, mask.ranges.to_numpy(), "air", "air")
    assert inside.mean() == mask.summary["masked_share"]


def test_a_star_that_its_model_meets_masks_nothing(grid):
    mask = learn(grid, observe("a"))
    assert mask.ranges.empty
    assert list(mask.ranges) == ["start", "stop"]


def test_pixels_without_information_are_not_masked(grid):
    spectra = observe("a", extra=5025.0)
    gap = np.abs(spectra.wavelength - 5025) < 2
    spectra = replace(spectra, flux=np.where(gap, 0, spectra.flux), ivar=np.where(gap, 0, spectra.ivar))
    assert learn(grid, spectra).ranges.empty


def test_what_may_be_noise_is_not_masked(grid):
    assert len(learn(grid, observe("a", extra=5025.0, error=0.02)).ranges) == 1
    assert learn(grid, observe("a", extra=5025.0, error=0.1)).ranges.empty


def test_the_threshold_decides(grid):
    assert len(learn(grid, observe("a", extra=5025.0, depth=0.06)).ranges) == 1
    assert learn(grid, observe("a", extra=5025.0, depth=0.06), threshold=0.08).ranges.empty


def test_any_star_masks_and_spectra_of_one_star_count_as_their_median(grid):
    sun = [observe("a"), observe("b", extra=5014.0), observe("c")]
    mask = learn(grid, *sun, observe("d", star=1, extra=5025.0), stars=("Sun", "HD 121370"))
    ((start, stop),) = mask.ranges.to_numpy()
    assert start < 5025 < stop
    assert mask.summary["stars"] == ["Sun", "eta Boo"]
    assert [row["star"] for row in mask.summary["spectra"]] == ["Sun", "Sun", "Sun", "eta Boo"]


def test_a_single_alpha_element_follows_alpha_fe(grid, monkeypatch):
    # A magnesium-rich Sun is 0.03 deeper in every line: met only where the grid's mg_fe is the table's alpha_fe.
    monkeypatch.setitem(STARS, "alpha_fe", [0.6, np.nan, 0.0])
    assert learn(grid, observe("a"), threshold=0.01).ranges.empty


def test_spectra_of_other_stars_and_unusable_ones_are_left_out():
    spectra = concatenate([observe("a"), observe("b", star=1), observe("c")])
    spectra.table["status"] = ["", "", "c.fits: expected a FITS file, found an empty file (0 bytes)"]
    chosen = select_stars(spectra, ["Sun"], STARS)
    assert chosen.table[["spectrum_id", "star"]].to_numpy().tolist() == [["a", "Sun"]]


def test_runs_of_pixels_become_ranges_between_pixel_edges():
    masked = np.array([True, True, False, True, False])
    ranges = merge_ranges(np.array([5000.0, 5000.5, 5001.0, 5001.5, 5002.0]), masked)
    assert ranges.to_numpy().tolist() == [[4999.75, 5000.75], [5001.25, 5001.75]]


@pytest.mark.parametrize(
    ("stars", "sentence"),
    [
        (["Sum"], "found 'Sum', which is none of Sun, eta Boo, far Star"),
        (["eta Boo"], "expected a usable spectrum of each reference star, found none of 'eta Boo'"),
        (["far Star"], "the star 'far Star': expected teff from 4000 to 7000, as the grid, found 9000"),
    ],
)
def test_a_star_that_cannot_be_a_reference_ends_in_one_sentence(grid, stars, sentence):
    with pytest.raises(ValueError, match=sentence):
        learn(grid, observe("a"), observe("b", star=2), stars=stars)


def test_a_star_in_motion_ends_in_one_sentence(grid):
    moving = observe("a")
    moving = replace(moving, wavelength=moving.wavelength * (1 + 11 / 299792.458))
    steps = [{"resample": {"arms": [{"start": 5003, "stop": 5040, "step": 0.1}], "medium": "air"}}]
    moving = apply_steps(moving, steps, RowGenerators(0, ["a"]))
    with pytest.raises(ValueError, match="the spectrum a: expected a star within 10 km/s of rest, found 12 km/s"):
        learn(grid, moving)


def test_models_that_miss_everything_end_in_one_sentence(grid):
    spectra = observe("a")
    with pytest.raises(ValueError, match="a threshold of 0.03 masks every pixel"):
        learn(grid, replace(spectra, flux=spectra.flux - 0.5))


def test_steps_that_end_on_another_grid_end_in_one_sentence(grid):
    with pytest.raises(ValueError, match="expected steps that end on the grid of the spectra"):
        learn(grid, observe("a"), steps=[])
