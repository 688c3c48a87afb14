"""Injected stars: the set's own but for the noise, and each mismatch what it says and nothing else."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.prepare.injection import MISMATCHES, alter_steps, inject_stars
from spectrolabe.prepare.splitting import assign_parts
from spectrolabe.spectra.distortion import shift_by
from spectrolabe.spectra.table import concatenate

RANGES = {"teff": [4500, 6500], "logg": [2, 4.5], "feh": [-1.5, -0.5]}
ARMS = [{"start": 5002, "stop": 5022, "step": 0.5}]
RESAMPLE = {"resample": {"arms": ARMS, "medium": "air", "method": "conserve"}}
BROADEN = {"broaden": {"arms": [{"start": 5002, "stop": 5022, "resolution": 4000}]}}
ROTATE = {"rotate": {"min": 0, "max": 20, "label": "vbroad"}}
SHIFT = {"shift": {"max": 3, "label": "rv"}}
STEPS = [ROTATE, SHIFT, BROADEN, RESAMPLE, {"add_noise": {"max": 0.07}}]


def inject(grid, other=None, steps=STEPS, **changes):
    settings = {"name": "synthetic", "stars": 40, "ranges": RANGES, "split": None, "seed": 5}
    return concatenate(list(inject_stars(grid, other, steps, **settings | changes)))


def by_kind(spectra):
    return {kind: spectra.select(rows) for kind, rows in spectra.table.groupby("mismatch").indices.items()}


def test_every_star_comes_with_every_mismatch_and_a_name_of_its_own(toy_grid):
    found = inject(toy_grid)
    assert found.table["mismatch"].value_counts().to_dict() == dict.fromkeys(MISMATCHES[:-1], 40)
    assert found.table["spectrum_id"].is_unique
    assert found.table["source_id"].equals(found.table["spectrum_id"])
    assert found.table["spectrum_id"].iloc[0] == "synthetic-injected-000000-none"
    kinds = by_kind(found)
    for kind in ("resolution", "continuum", "velocity", "rotation"):
        left, right = (kinds[name].table[["teff", "logg", "feh", "vmic", "snr"]] for name in (kind, "none"))
        pd.testing.assert_frame_equal(left, right)


def test_noise_is_log_uniform_from_5_to_300_whatever_the_sets(toy_grid):
    snr = by_kind(inject(toy_grid, stars=300))["none"].table["snr"]
    assert snr.between(5, 300).all()
    # The middle of a log-uniform law is the geometric mean of its ends, 38.7.
    assert np.median(np.log(snr)) == pytest.approx(np.log(np.sqrt(5 * 300)), abs=0.3)
    assert (snr < 7).any()
    assert (snr > 200).any()
    assert alter_steps("none", [RESAMPLE, ROTATE], toy_grid)[1] == {"add_noise": {"snr": [5.0, 300.0]}}


def test_injected_stars_go_through_the_lists_of_copies_in_turn_with_one_noise(toy_grid):
    lists = [[], [{"add_noise": {"snr": [2, 3]}}], [{"scale": {"min": 3, "max": 3}}, {"add_noise": {"snr": [2, 3]}}]]
    assert alter_steps("none", [RESAMPLE, {"by_copy": lists}], toy_grid) == [
        RESAMPLE,
        {"add_noise": {"snr": [5.0, 300.0]}},
        {"by_copy": [[], [], [{"scale": {"min": 3, "max": 3}}]]},
    ]
    found = by_kind(inject(toy_grid, steps=[RESAMPLE, {"by_copy": lists}]))["none"]
    scaled = found.flux.mean(axis=1) > 1.5
    np.testing.assert_array_equal(scaled, np.arange(40) % 3 == 2)
    assert found.table["snr"].between(5, 300).all()


def test_the_resolutions_of_copies_are_a_tenth_lower_too(toy_grid):
    lists = [[{"broaden": {"resolution": 3000}}], [{"broaden": {"resolution": 6000}}]]
    altered = alter_steps("resolution", [{"by_copy": lists}, RESAMPLE], toy_grid)
    # The grid itself has 5000.
    assert altered[0] == {"by_copy": [[{"broaden": {"resolution": power}}] for power in (2700, 4500)]}


def test_resolution_is_a_tenth_below_that_of_the_set(toy_grid):
    kinds = by_kind(inject(toy_grid))
    assert (kinds["none"].table["resolution"] == 4000).all()
    assert kinds["resolution"].table["resolution"].to_numpy() == pytest.approx(3600)
    # The grid itself has 5000, which no step changes here, and which a step to 6000 leaves.
    for steps in ([RESAMPLE], [{"broaden": {"arms": [{"start": 5002, "stop": 5022, "resolution": 6000}]}}, RESAMPLE]):
        found = by_kind(inject(toy_grid, steps=steps))
        assert found["none"].table["resolution"].to_numpy() == pytest.approx(5000)
        assert found["resolution"].table["resolution"].to_numpy() == pytest.approx(4500)


def test_continuum_is_wrong_by_two_to_five_per_cent_and_by_nothing_else(toy_grid):
    kinds = by_kind(inject(toy_grid, stars=100, steps=[{"add_noise": {"max": 0.07}}, RESAMPLE]))
    factor = kinds["continuum"].flux / kinds["none"].flux
    largest = np.abs(factor - 1).max(axis=1)
    assert largest.max() <= 0.0501
    assert largest.min() > 0.012
    assert np.abs(np.diff(factor, axis=1)).max() < 0.05 * 2 * 2 * np.pi / 39 * 1.01
    np.testing.assert_allclose(kinds["continuum"].ivar * factor**2, kinds["none"].ivar, rtol=1e-4)


def test_velocity_is_left_after_all_that_could_remove_it_and_part_of_the_label(toy_grid):
    kinds = by_kind(inject(toy_grid))
    difference = kinds["velocity"].table["rv"].to_numpy() - kinds["none"].table["rv"].to_numpy()
    assert difference == pytest.approx(5)
    bright = (kinds["none"].table["snr"] > 100).to_numpy()
    moved = shift_by(kinds["none"].select(bright), np.full(bright.sum(), 5.0)).flux
    np.testing.assert_allclose(kinds["velocity"].flux[bright][:, 2:-2], moved[:, 2:-2], atol=0.03)
    assert "rv" not in inject(toy_grid, steps=[RESAMPLE]).table


def test_rotation_is_beyond_the_sets_or_where_there_is_none(toy_grid):
    kinds = by_kind(inject(toy_grid))
    assert kinds["none"].table["vbroad"].between(0, 20).all()
    assert kinds["rotation"].table["vbroad"].between(20, 50).all()
    assert kinds["rotation"].table["vbroad"].max() > 45
    alone = by_kind(inject(toy_grid, steps=[RESAMPLE]))
    assert alone["rotation"].table["vsini"].between(20, 50).all()
    assert alone["none"].table["vsini"].isna().all()


def test_another_grid_gives_its_own_spectra(toy_grid):
    darker = toy_grid.select(np.arange(len(toy_grid.labels)))
    darker.flux[:] *= 0.5
    kinds = by_kind(inject(toy_grid, darker, steps=[RESAMPLE]))
    assert list(dict.fromkeys(inject(toy_grid, darker).table["mismatch"])) == list(MISMATCHES)
    assert np.median(kinds["grid"].flux) == pytest.approx(0.5 * np.median(kinds["none"].flux), rel=0.05)


def test_nodes_are_those_of_the_test_part_taken_again_where_they_are_few(toy_grid):
    split = {"validation": 0.2, "calibration": 0.2, "test": 0.2}
    found = by_kind(inject(toy_grid, split=split, ranges={}, steps=[RESAMPLE]))["none"].table
    names = [f"synthetic-{row:06d}" for row in range(len(toy_grid.labels))]
    tested = toy_grid.labels[assign_parts(names, split, 5) == "test"]
    assert 0 < len(tested) < 40
    assert set(found["teff"]) == set(tested["teff"])


def test_ranges_without_test_stars_are_told(toy_grid):
    with pytest.raises(ValueError, match="set 'synthetic': none of its test stars, nodes of the grid, lies within"):
        inject(toy_grid, split={"test": 0.2}, ranges={"teff": [3000, 3500]})
