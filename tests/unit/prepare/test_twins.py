"""Every observed spectrum finds the synthetic star nearest in what is known of it."""

from dataclasses import replace

import numpy as np
import pandas as pd

from spectrolabe.prepare.twins import find_twins, join_sources, pick_observed, pick_twins

STARS = pd.DataFrame({"teff": [4000.0, 5000, 6000, 7000], "logg": [1.0, 2, 4, 5]})
LABELS = ["teff", "logg", "rv"]


def test_labels_count_in_units_of_their_range():
    # From (5000 K, 4): the second star is half a range away in log g, the third one third of a range in Teff.
    observed = pd.DataFrame({"teff": [5000.0], "logg": [4.0], "rv": [3.0]})
    assert list(find_twins(observed, STARS, LABELS, seed=1)) == [2]


def test_an_unknown_label_does_not_count():
    observed = pd.DataFrame({"teff": [5000.0, np.nan], "logg": [np.nan, 4.9]})
    assert list(find_twins(observed, STARS, LABELS, seed=1)) == [1, 3]


def test_every_star_is_a_twin_once():
    observed = pd.DataFrame({"teff": [5000.0] * 6})
    twins = find_twins(observed, STARS, LABELS, seed=1)
    assert twins[0] == 1
    assert sorted(twins) == [0, 1, 2, 3]


def test_without_known_labels_twins_are_random():
    observed, stars = pd.DataFrame(index=range(5)), pd.DataFrame({"teff": np.arange(1000.0)})
    first, second = (find_twins(observed, stars, LABELS, seed) for seed in (1, 2))
    assert len(set(first)) == 5
    assert list(first) != list(second)


def test_observed_spectra_are_those_usable_in_both_forms(make_set):
    raw, prepared = make_set(5, 1), make_set(6, 1)
    raw.flux[2] = -1.0
    prepared.table.loc[3, "status"] = "broken"
    shards = [prepared.select([5, 4, 3]), prepared.select([2, 1, 0])]
    first, second = pick_observed("survey", raw, shards)
    assert list(first.table["spectrum_id"]) == list(second.table["spectrum_id"]) == ["star-4", "star-1", "star-0"]
    np.testing.assert_array_equal(first.flux[1], raw.flux[1])
    assert set(first.table["source"]) == {"survey"}


def test_twins_carry_the_names_of_their_observed_stars(make_set):
    observed = make_set(2, 1)
    table = observed.table.assign(source_id=["sun", "sun"])
    part = make_set(50, 2)
    twins = pick_twins("synthetic-test", table, part, ["teff", "logg"], seed=1)
    assert list(twins.table["pair"]) == ["star-0", "star-1"]
    assert list(twins.table["star"]) == ["sun", "sun"]
    assert np.abs(twins.table["teff"] - table["teff"]).max() < 1000
    seen = pick_observed("survey", replace(observed, table=table), [observed])[1]
    joined = join_sources([seen, twins])
    assert list(joined.table["source"]) == ["survey", "survey", "synthetic-test", "synthetic-test"]
    assert list(joined.table) == ["spectrum_id", "source_id", "status", "source", "pair", "star"]
