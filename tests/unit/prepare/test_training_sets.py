"""Training sets: every star in one part, every copy its own, nothing held out is touched."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.prepare.parts import PARTS
from spectrolabe.prepare.splitting import assign_parts
from spectrolabe.prepare.training_sets import select_part, simulate_part

RANGES = {"teff": [4500, 6500], "logg": [2, 4.5], "feh": [-1.5, -0.5]}
SPLIT = {"validation": 0.2, "calibration": 0.2, "test": 0.2}
ARMS = [{"start": 5002, "stop": 5022, "step": 0.5}]
RESAMPLE = {"resample": {"arms": ARMS, "medium": "air", "method": "conserve"}}
NOISY = [{"shift": {"max": 3}}, RESAMPLE, {"add_noise": {"snr": [20, 100]}}]
NOISE = [{"add_noise": {"snr": [20, 100]}}]


def simulate(grid, part, **changes):
    settings = {
        "name": "synthetic",
        "stars": 40,
        "ranges": RANGES,
        "copies": 2,
        "steps": NOISY,
        "split": SPLIT,
        "seed": 5,
    }
    return simulate_part(grid, part, **settings | changes)


def test_every_simulated_star_stands_in_one_part_with_all_its_copies(toy_grid):
    parts = {part: simulate(toy_grid, part) for part in PARTS}
    stars = {part: set(spectra.table["source_id"]) for part, spectra in parts.items()}
    assert sum(map(len, stars.values())) == 40
    assert set.union(*stars.values()) == {f"synthetic-{number:06d}" for number in range(40)}
    for spectra in parts.values():
        assert (spectra.table["source_id"].value_counts() == 2).all()
        assert spectra.table["spectrum_id"].is_unique
        assert spectra.table["spectrum_id"].iloc[:2].str[-2:].tolist() == ["-0", "-1"]


def test_simulated_spectra_have_the_labels_of_the_grid_and_of_the_steps(toy_grid):
    spectra = simulate(toy_grid, "training")
    assert len(spectra.wavelength) == 40
    for label, (low, high) in RANGES.items():
        assert spectra.table[label].between(low, high).all()
    assert spectra.table["rv"].between(-3, 3).all()
    assert spectra.table["snr"].between(20, 100).all()
    assert (spectra.table["status"] == "").all()
    assert (spectra.table["resolution"] == 5000).all()


def test_copies_share_a_star_and_differ_in_all_else(toy_grid):
    spectra = simulate(toy_grid, "training")
    first, second = spectra.select(slice(0, None, 2)), spectra.select(slice(1, None, 2))
    for label in ("teff", "logg", "feh", "vmic"):
        np.testing.assert_array_equal(first.table[label], second.table[label])
    assert (first.table["rv"] != second.table["rv"]).all()
    assert (first.flux != second.flux).any(axis=1).all()


def test_simulated_stars_do_not_depend_on_the_others(toy_grid):
    few, many = simulate(toy_grid, "training"), simulate(toy_grid, "training", stars=300)
    rows = many.table.index[many.table["spectrum_id"].isin(few.table["spectrum_id"])]
    common = many.select(rows)
    pd.testing.assert_frame_equal(common.table, few.table)
    np.testing.assert_allclose(common.flux, few.flux, rtol=0, atol=1e-6)


def test_sets_of_two_names_or_seeds_differ(toy_grid):
    def temperatures(**changes):
        return set(simulate(toy_grid, "training", steps=[RESAMPLE], **changes).table["teff"])

    assert temperatures() == temperatures()
    assert not temperatures() & temperatures(name="other")
    assert not temperatures() & temperatures(seed=6)


def test_an_empty_part_of_a_simulated_set_ends_in_one_sentence(toy_grid):
    with pytest.raises(ValueError, match="set 'synthetic': no star falls into its test part, of 40 stars"):
        simulate(toy_grid, "test", split={"validation": 0.1})


@pytest.fixture
def survey(make_set):
    """60 spectra of 30 stars; one cannot be read, one has no label at all, one lacks teff alone."""
    spectra = make_set(60, 1)
    spectra.table["source_id"] = [f"HD {number // 2}" for number in range(60)]
    spectra.table.loc[3, "status"] = "d.fits: damaged"
    spectra.table.loc[5, ["teff", "logg"]] = np.nan
    spectra.table.loc[6, "teff"] = np.nan
    return spectra


def select(survey, part, **changes):
    settings = {"name": "observed", "labels": ["teff", "logg"], "copies": 3, "steps": NOISE, "split": SPLIT, "seed": 5}
    return select_part(survey, part, **settings | changes)


def original_names(survey, part):
    usable = survey.table.drop(index=[3, 5])
    return usable["spectrum_id"][assign_parts(usable["source_id"], SPLIT, 5) == part].tolist()


def test_training_spectra_are_copied_and_go_through_the_steps(survey):
    part = select(survey, "training")
    names = original_names(survey, "training")
    assert part.table["spectrum_id"].tolist() == [f"{name}-{copy}" for name in names for copy in range(3)]
    copies = part.flux.reshape(-1, 3, 20)
    assert (copies[:, 0] != copies[:, 1]).any(axis=1).all()
    assert (part.ivar < 1e4).all()


@pytest.mark.parametrize("part", ["validation", "calibration", "test"])
def test_held_out_spectra_are_as_they_were_observed(survey, part):
    names = original_names(survey, part)
    selected = select(survey, part)
    assert selected.table["spectrum_id"].tolist() == names
    rows = survey.table.index[survey.table["spectrum_id"].isin(names)]
    np.testing.assert_array_equal(selected.flux, survey.flux[rows])
    np.testing.assert_array_equal(selected.ivar, survey.ivar[rows])


def test_parts_are_all_usable_spectra_and_share_no_star(survey):
    parts = {part: select(survey, part, copies=1) for part in PARTS}
    assert sum(map(len, parts.values())) == 58
    stars = [star for spectra in parts.values() for star in set(spectra.table["source_id"])]
    assert len(stars) == len(set(stars)) == 30
    assert "star-6" in {name.removesuffix("-0") for spectra in parts.values() for name in spectra.table["spectrum_id"]}


def test_copies_do_not_depend_on_the_other_spectra(survey):
    whole, half = select(survey, "training"), select(survey.select(slice(20, 60)), "training")
    rows = whole.table.index[whole.table["spectrum_id"].isin(half.table["spectrum_id"])]
    assert len(rows) == len(half)
    np.testing.assert_array_equal(whole.flux[rows], half.flux)


def test_a_label_that_the_survey_lacks_is_named(survey):
    message = "set 'observed': the survey has no column 'feh': its catalogue must give the recipe's labels"
    with pytest.raises(ValueError, match=message):
        select(survey, "training", labels=["teff", "feh"])


def test_an_empty_part_of_a_survey_ends_in_one_sentence(survey):
    message = "set 'observed': no spectrum falls into its test part: 58 spectra have labels"
    with pytest.raises(ValueError, match=message):
        select(survey, "test", split={"validation": 0.2})
