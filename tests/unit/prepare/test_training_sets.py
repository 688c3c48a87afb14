"""Training sets: every star in one part, every copy its own, nothing held out is touched."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.prepare.parts import PARTS
from spectrolabe.prepare.splitting import assign_parts
from spectrolabe.prepare.training_sets import BATCH, Plan, copy_nodes, draw_shard, select_shard
from spectrolabe.spectra.table import concatenate

RANGES = {"teff": [4500, 6500], "logg": [2, 4.5], "feh": [-1.5, -0.5]}
SPLIT = {"validation": 0.2, "calibration": 0.2, "test": 0.2}
ARMS = [{"start": 5002, "stop": 5022, "step": 0.5}]
RESAMPLE = {"resample": {"arms": ARMS, "medium": "air", "method": "conserve"}}
NOISY = [{"shift": {"max": 3}}, RESAMPLE, {"add_noise": {"snr": [20, 100]}}]
NOISE = [{"add_noise": {"snr": [20, 100]}}]


def plan(**changes):
    settings = {
        "name": "synthetic",
        "labels": ["teff", "logg", "feh", "rv"],
        "copies": 2,
        "steps": NOISY,
        "on_the_fly": [],
        "split": SPLIT,
        "seed": 5,
    }
    return Plan(**settings | changes)


def simulate(grid, part=None, stars=40, shards=1, **changes):
    """All shards of a set, or one part of it."""
    made = plan(**changes)
    batches = [draw_shard(grid, made, shard, shards, stars=stars, ranges=RANGES) for shard in range(shards)]
    return gather(batches, part)


def gather(shards, part=None):
    spectra = concatenate([batch for shard in shards for batch in shard])
    return spectra if part is None else spectra.select((spectra.table["part"] == part).to_numpy())


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


@pytest.mark.parametrize(("stars", "shards"), [(300, 1), (40, 3), (300, 7)])
def test_no_star_depends_on_the_others_or_on_shards(toy_grid, stars, shards):
    few, many = simulate(toy_grid), simulate(toy_grid, stars=stars, shards=shards)
    rows = many.table.index[many.table["spectrum_id"].isin(few.table["spectrum_id"])]
    common = many.select(rows)
    pd.testing.assert_frame_equal(common.table, few.table, check_exact=True)
    np.testing.assert_array_equal(common.flux, few.flux)
    np.testing.assert_array_equal(common.ivar, few.ivar)
    assert many.table["source_id"].nunique() == stars


def test_few_spectra_are_in_memory_at_a_time(toy_grid):
    batches = list(draw_shard(toy_grid, plan(copies=7), 0, 1, stars=300, ranges=RANGES))
    assert sum(map(len, batches)) == 2100
    assert max(map(len, batches)) == BATCH


def test_sets_of_two_names_or_seeds_differ(toy_grid):
    def temperatures(**changes):
        return set(simulate(toy_grid, "training", steps=[RESAMPLE], labels=["teff"], **changes).table["teff"])

    assert temperatures() == temperatures()
    assert not temperatures() & temperatures(name="other")
    assert not temperatures() & temperatures(seed=6)


def test_later_steps_wait_where_spectra_are_trained_on(toy_grid):
    later = [{"mask_pixels": {"ranges": [[5010, 5012]]}}, {"scale": {"min": 2, "max": 3}}]
    plain, finished = simulate(toy_grid), simulate(toy_grid, on_the_fly=later)
    trained = (plain.table["part"] == "training").to_numpy()
    np.testing.assert_array_equal(finished.flux[trained], plain.flux[trained])
    np.testing.assert_array_equal(finished.ivar[trained], plain.ivar[trained])
    columns = plain.table.columns
    pd.testing.assert_frame_equal(finished.table[columns], plain.table, check_exact=True)
    masked = (plain.wavelength >= 5010) & (plain.wavelength <= 5012)
    assert not finished.flux[~trained][:, masked].any()
    factors = finished.flux[~trained][:, ~masked] / plain.flux[~trained][:, ~masked]
    assert (factors.min(axis=1) >= 1.99).all()
    assert np.ptp(factors, axis=1).max() < 1e-4
    assert np.ptp(factors) > 0.5
    # Five of forty pixels; what training takes is not known yet.
    np.testing.assert_array_equal(finished.table["masked_share"], np.where(trained, np.nan, 5 / 40))


BY_COPY = {"by_copy": [[], [{"add_noise": {"snr": [20, 100]}}], [{"scale": {"min": 2, "max": 3}}]]}


@pytest.mark.parametrize("shards", [1, 7])
def test_copies_carry_their_number_and_go_through_their_own_steps(toy_grid, shards):
    spectra = simulate(toy_grid, stars=60, shards=shards, copies=6, steps=[RESAMPLE, BY_COPY], labels=["teff"])
    assert spectra.table["copy"].tolist() == list(range(6)) * 60
    assert spectra.table["spectrum_id"].str[-1].astype(int).equals(spectra.table["copy"])
    plain, noisy, scaled = (spectra.select((spectra.table["copy"] % 3 == kind).to_numpy()) for kind in range(3))
    # Without other random steps, all plain copies of a star are one, and the others differ from it by their steps.
    np.testing.assert_array_equal(plain.flux[::2], plain.flux[1::2])
    assert (scaled.flux.mean(axis=1) > 1.9 * plain.flux.mean(axis=1)).all()
    assert noisy.table["snr"].between(20, 100).all()
    assert plain.table["snr"].isna().all()
    # Every part alike: held-out stars as those that are trained on.
    assert (noisy.table.groupby("part")["snr"].count() == noisy.table.groupby("part").size()).all()


def test_a_grids_own_nodes_are_split_and_copied(toy_grid):
    nodes = gather([copy_nodes(toy_grid, plan(name="nodes", steps=[RESAMPLE], labels=["teff"]), 0, 1, ranges={})])
    assert nodes.table["source_id"].tolist() == [f"nodes-{row:06d}" for row in range(60) for _ in range(2)]
    for label in ("teff", "logg", "feh", "vmic"):
        np.testing.assert_array_equal(nodes.table[label], toy_grid.labels[label].repeat(2))
    assert (nodes.table.groupby("source_id")["part"].nunique() == 1).all()
    assert nodes.table["part"].nunique() == 4
    # Without an emulator: what the first node's pixels hold, resampled.
    inside = np.interp(nodes.wavelength, toy_grid.wavelength, toy_grid.flux[0])
    np.testing.assert_allclose(nodes.flux[0], inside, atol=0.01)


def test_nodes_beyond_the_ranges_are_left_out_and_shards_change_nothing(toy_grid):
    made = plan(name="nodes", labels=["teff", "rv"])
    ranges = {"teff": [4500, 6000]}
    whole = gather([copy_nodes(toy_grid, made, 0, 1, ranges=ranges)])
    rows = np.flatnonzero(toy_grid.labels["teff"].between(4500, 6000))
    assert whole.table["source_id"].tolist() == [f"nodes-{row:06d}" for row in rows.repeat(2)]
    # More shards than nodes: some are empty.
    parts = gather([copy_nodes(toy_grid, made, shard, 50, ranges=ranges) for shard in range(50)])
    np.testing.assert_array_equal(parts.flux, whole.flux)
    pd.testing.assert_frame_equal(parts.table, whole.table, check_exact=True)


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({"mg_fe": [0, 1]}, "set 'nodes': the grid has no label 'mg_fe': it has teff, logg, feh, vmic"),
        ({"teff": [100, 200]}, "set 'nodes': none of the grid's 60 nodes lies within the set's ranges"),
    ],
)
def test_ranges_without_nodes_end_in_one_sentence(toy_grid, ranges, message):
    with pytest.raises(ValueError, match=message):
        next(copy_nodes(toy_grid, plan(name="nodes"), 0, 1, ranges=ranges))


def test_a_label_that_neither_nodes_nor_steps_give_is_named(toy_grid):
    message = "set 'nodes': the spectra have no label 'vsini': neither the grid's nodes nor the steps give it"
    with pytest.raises(ValueError, match=message):
        next(copy_nodes(toy_grid, plan(name="nodes", labels=["teff", "vsini"]), 0, 1, ranges={}))


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
    settings = {"name": "observed", "labels": ["teff", "logg"], "copies": 3, "steps": NOISE}
    return gather([select_shard(survey, plan(**settings | changes))], part)


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


def test_copies_of_observed_spectra_go_through_their_own_steps(survey):
    part = select(survey, "training", steps=[BY_COPY])
    names = original_names(survey, "training")
    assert part.table["copy"].tolist() == [0, 1, 2] * len(names)
    observed = survey.flux[survey.table.index[survey.table["spectrum_id"].isin(names)]]
    np.testing.assert_array_equal(part.flux[::3], observed)
    assert (part.flux[1::3] != observed).any(axis=1).all()
    assert (part.flux[2::3] > 1.9 * observed).all()
    assert (select(survey, "test", steps=[BY_COPY]).table["copy"] == 0).all()


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


def test_a_set_that_needs_no_labels_takes_all_that_can_be_read(survey):
    survey.table["teff"] = survey.table["logg"] = np.nan
    split = {"validation": 0, "calibration": 0, "test": 1}
    batches = list(select_shard(survey, plan(labels=[], split=split)))
    assert {*pd.concat([batch.table for batch in batches])["part"]} == {"test"}
    assert sum(map(len, batches)) == (survey.table["status"] == "").sum() > 0


def test_a_shard_without_labelled_spectra_gives_none(survey):
    assert list(select_shard(survey.select([3, 5]), plan(labels=["teff", "logg"]))) == []
