"""Lists of steps."""

import numpy as np
import pytest

from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.steps import BLOCK, STEPS, apply_steps, complete_steps, name_products
from spectrolabe.spectra.table import Spectra, concatenate, write_shard
from spectrolabe.spectra.wavelength import LIGHT_SPEED, is_log_uniform

ARMS = [{"start": 5208, "stop": 5225, "step": 0.1, "resolution": 20000}]
GRID = 5200 * np.exp(2 / LIGHT_SPEED * np.arange(900))
CHAIN = [
    {"rotate": {"max": 20, "label": "vbroad"}},
    {"shift": {"max": 3}},
    {"broaden": {"arms": ARMS}},
    {"resample": {"arms": ARMS, "medium": "air"}},
    {"add_noise": {"snr": [30, 150]}},
    {"normalise": {"asymmetric_clip": {"segment": 5}}},
    {"zero_pixels": {"max": 0.05}},
]


@pytest.fixture
def stars(make_spectra):
    depths = np.random.default_rng(6).uniform(0.1, 0.9, (BLOCK + 3, 1))
    flux = 1 - depths * np.exp(-(((GRID - 5215) / 0.1) ** 2))
    return make_spectra(GRID, flux.astype(np.float32), resolution=80000.0)


def generators(spectra: Spectra) -> RowGenerators:
    return RowGenerators(1, spectra.table["spectrum_id"].tolist())


def test_a_spectrum_does_not_depend_on_its_neighbours(stars):
    together = apply_steps(stars, CHAIN, generators(stars))
    chosen = stars.select([BLOCK + 1, 0, 7])
    apart = apply_steps(chosen, CHAIN, generators(chosen))
    np.testing.assert_array_equal(apart.flux, together.flux[[BLOCK + 1, 0, 7]])
    np.testing.assert_array_equal(apart.ivar, together.ivar[[BLOCK + 1, 0, 7]])
    assert apart.table["rv"].tolist() == together.table["rv"].iloc[[BLOCK + 1, 0, 7]].tolist()


def test_bad_pixels_of_one_spectrum_leave_the_others_alone(stars):
    ivar = stars.ivar.copy()
    ivar[3, 200:240] = 0
    ivar[4] = np.linspace(1, 2, 900)
    holed = Spectra(stars.wavelength, "air", stars.flux, ivar.astype(np.float32), stars.table)
    whole = Spectra(stars.wavelength, "air", stars.flux, stars.ivar.astype(np.float32), stars.table)
    for method in ("conserve", "cubic"):
        steps = [*CHAIN[:3], {"resample": {"arms": ARMS, "medium": "air", "method": method}}, *CHAIN[4:]]
        one, two = (apply_steps(each, steps, generators(stars)) for each in (holed, whole))
        others = ~np.isin(np.arange(len(stars)), [3, 4])
        np.testing.assert_array_equal(one.flux[others], two.flux[others])
        np.testing.assert_array_equal(one.ivar[others], two.ivar[others])
        assert (one.ivar[3] == 0).sum() > (two.ivar[3] == 0).sum()


def test_chain_gives_normalised_spectra_on_the_grid(stars):
    done = apply_steps(stars, CHAIN, generators(stars))
    assert done.flux.shape == (BLOCK + 3, 170)
    assert done.flux.dtype == np.float32
    assert {"vbroad", "rv", "snr", "resolution"} <= set(done.table)
    np.testing.assert_allclose(np.median(done.flux, axis=1), 1, atol=0.05)


@pytest.mark.parametrize("wavelength", [np.arange(5200.0, 5235.0, 0.01), 5200 * 1.000003 ** np.arange(2200)])
def test_observed_spectra_go_through_one_by_one(make_spectra, wavelength):
    rng = np.random.default_rng(9)
    flux = 500 * (1 - 0.5 * np.exp(-(((wavelength - 5215) / 0.1) ** 2))) + rng.standard_normal(len(wavelength))
    flux[:50] = 0
    steps = [
        {"rest_frame": None},
        {"clean_zeros": {}},
        {"clean_spikes": {"sigma": 8}},
        {"mask_pixels": {"ranges": [[5220, 5221]]}},
        *CHAIN[2:4],
        {"normalise": {"asymmetric_clip": {"segment": 5}}},
    ]
    star = make_spectra(wavelength, flux, ivar=1.0, rv=0.0, resolution=47000.0)
    done = apply_steps(star, steps, generators(star))
    masked = (done.wavelength > 5220.05) & (done.wavelength < 5220.95)
    assert not done.ivar[0, masked].any()
    assert (done.ivar[0, ~masked] > 0).mean() > 0.95
    assert np.median(done.flux[done.ivar > 0]) == pytest.approx(1, abs=0.01)


LISTS = [[], [{"add_noise": {"snr": [5, 300]}}], [{"scale": {"min": 2, "max": 2}}, {"zero_pixels": {"max": 0.1}}]]


def copied(stars, numbers):
    table = stars.table.assign(copy=np.resize(numbers, len(stars)))
    return Spectra(stars.wavelength, stars.medium, stars.flux, stars.ivar, table)


def test_copies_go_through_lists_of_their_own(stars):
    spectra = copied(stars, [0, 1, 2, 3, 4])
    done = apply_steps(spectra, [{"by_copy": LISTS}], generators(spectra))
    assert done.table["spectrum_id"].tolist() == spectra.table["spectrum_id"].tolist()
    number = spectra.table["copy"].to_numpy()
    plain, noisy, scaled = ((number % 3) == kind for kind in range(3))
    np.testing.assert_array_equal(done.flux[plain], stars.flux[plain])
    assert (done.flux[noisy] != stars.flux[noisy]).all()
    known = done.ivar[scaled] > 0
    np.testing.assert_array_equal(done.flux[scaled], np.where(known, 2 * stars.flux[scaled], 0))
    assert not known.all(axis=1).any()
    # What only noise gives the others lack.
    np.testing.assert_array_equal(done.table["snr"].notna(), noisy)
    assert done.flux.dtype == np.float32


def test_what_a_copy_becomes_depends_on_no_other(stars):
    spectra = copied(stars, [0, 1, 2, 3, 4])
    steps = [{"shift": {"max": 3}}, {"by_copy": LISTS}]
    together, chosen = apply_steps(spectra, steps, generators(spectra)), spectra.select([BLOCK + 1, 1, 4, 2])
    apart = apply_steps(chosen, steps, generators(chosen))
    np.testing.assert_array_equal(apart.flux, together.flux[[BLOCK + 1, 1, 4, 2]])
    # Alone, a copy draws what it draws among others.
    alone = chosen.select([1])
    noise = apply_steps(alone, [{"shift": {"max": 3}}, *LISTS[1]], generators(alone))
    np.testing.assert_array_equal(apart.flux[1], noise.flux[0])


def test_copies_without_numbers_are_refused(stars):
    message = "by_copy expects the column 'copy', the number of each copy, from 0; the table has spectrum_id"
    with pytest.raises(ValueError, match=message):
        apply_steps(stars, [{"by_copy": LISTS}], generators(stars))


def test_unknown_step_is_named(stars):
    with pytest.raises(ValueError, match="unknown step 'blur': expected one of rest_frame, clean_spikes"):
        apply_steps(stars, [{"blur": {}}], generators(stars))


def test_every_spectrum_needs_a_generator(stars):
    with pytest.raises(ValueError, match="35 spectra, 1 generators"):
        apply_steps(stars, [], RowGenerators(1, ["a"]))


def test_no_steps_change_nothing(stars):
    unchanged = apply_steps(stars, [], generators(stars))
    np.testing.assert_array_equal(unchanged.flux, stars.flux)
    assert len(concatenate([unchanged, stars])) == 2 * len(stars)


def test_all_steps_of_a_recipe_are_there():
    assert set(STEPS) == {
        "rotate", "shift", "broaden", "resample", "add_noise", "normalise", "zero_pixels", "scale", "clean_spikes",
        "clean_zeros", "mask_pixels", "rest_frame", "find_velocity", "distort_continuum", "by_copy",
        "standardise",
    }  # fmt: skip


def test_what_steps_name_is_read_in(tmp_path, stars):
    folders = tmp_path / "masks", tmp_path / "sets" / "giants"
    for folder in folders:
        folder.mkdir(parents=True)
    mask, templates = folders[0] / "sun.csv", folders[1] / "training.parquet"
    mask.write_text("start,stop,reason\n5215,5216,too deep\n5220.5,5221,too weak\n")
    write_shard(templates, stars.select([2, 4]), {})
    steps = [
        {"mask_pixels": {"learned": "sun", "medium": "air"}},
        {"find_velocity": {"templates": "giants", "max": 90}},
        {"add_noise": {"max": 0.1}},
    ]
    completed = complete_steps(steps, name_products([mask], [str(templates)]))
    assert completed[0] == {"mask_pixels": {"ranges": [[5215.0, 5216.0], [5220.5, 5221.0]], "medium": "air"}}
    assert completed[1]["find_velocity"]["max"] == 90
    read = completed[1]["find_velocity"]["templates"]
    assert read.table["spectrum_id"].tolist() == ["star-2", "star-4"]
    assert completed[2] == {"add_noise": {"max": 0.1}}
    assert complete_steps([{"by_copy": LISTS}], {}) == [{"by_copy": LISTS}]
    assert steps[0] == {"mask_pixels": {"learned": "sun", "medium": "air"}}


def test_copies_that_are_broadened_apart_keep_one_grid(stars):
    spectra = copied(stars, [0, 1, 2])
    lists = [[{"broaden": {"resolution": power}}] for power in (2000, 4000)] + [[]]
    done = apply_steps(spectra, [{"by_copy": lists}], generators(spectra))
    assert is_log_uniform(done.wavelength)
    number = spectra.table["copy"].to_numpy()
    np.testing.assert_array_equal(done.table["resolution"], np.choose(number, [2000, 4000, 80000]))
    alone = spectra.select([1])
    np.testing.assert_array_equal(apply_steps(alone, lists[1], generators(alone)).flux[0], done.flux[1])
