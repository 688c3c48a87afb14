"""Differences of grids: none from itself, a known percentage from one that is dimmer."""

from dataclasses import replace

import numpy as np
import pytest

from spectrolabe.prepare.grid_differences import measure_differences

RANGES = {"teff": (4000, 7000), "logg": (1, 5), "feh": (-2, 0)}


def measure(grids, ranges=RANGES, steps=()):
    """The differences of all grids but the first."""
    table = measure_differences(grids, ranges, steps, stars=20, seed=5)
    return table[table["grid"] != next(iter(grids))].reset_index(drop=True)


def test_the_emulator_is_tested_on_nodes_left_out(toy_grid):
    table = measure_differences({"first": toy_grid, "same": toy_grid}, RANGES, (), stars=60, seed=5)
    own = table[table["grid"] == "first"]
    assert 0 < len(own) <= 12  # a fifth of 60 nodes
    # At its own nodes the emulator is exact, at others it is not.
    assert own["difference"].min() > table[table["grid"] == "same"]["difference"].max()


def test_a_grid_two_per_cent_dimmer_differs_by_two_per_cent(toy_grid):
    dimmer = replace(toy_grid, flux=np.float32(0.98) * toy_grid.flux)
    table = measure({"first": toy_grid, "same": toy_grid, "dimmer": dimmer})
    assert list(table) == [*RANGES, "grid", "difference"]
    assert table["grid"].value_counts().to_dict() == {"same": 20, "dimmer": 20}
    by_grid = table.groupby("grid")["difference"]
    assert by_grid.max()["same"] < 0.01
    assert by_grid.min()["dimmer"] == pytest.approx(2, abs=0.01)
    assert by_grid.max()["dimmer"] == pytest.approx(2, abs=0.01)


def test_only_the_laws_of_microturbulence_count(toy_grid):
    law = toy_grid.settings["vmic"] | {"constant": 1.6}
    other = replace(toy_grid, settings={"vmic": law})
    assert measure({"first": toy_grid, "other": other})["difference"].min() > 0
    # Published grids have none: the nodes' own values are kept.
    without = replace(toy_grid, settings={})
    assert measure({"first": without, "same": without})["difference"].max() < 0.01


def test_a_label_that_the_first_grid_lacks_ends_in_one_sentence(toy_grid):
    poorer = replace(toy_grid, labels=toy_grid.labels.assign(feh=-1.0).drop(columns="vmic"), settings={})
    richer = replace(toy_grid, labels=toy_grid.labels.assign(mg_fe=toy_grid.labels["feh"] / 10))
    with pytest.raises(ValueError, match="^the grid richer varies in mg_fe, which the first grid lacks"):
        measure({"first": poorer, "richer": richer})


def test_spectra_go_through_the_steps(toy_grid):
    shallow = replace(toy_grid, flux=1 - 0.5 * (1 - toy_grid.flux))
    arms = [{"start": 5002.0, "stop": 5024.0, "step": 0.5, "scale": "linear"}]
    steps = [
        {"broaden": {"arms": [{"start": 5002.0, "stop": 5024.0, "resolution": 500}]}},
        {"resample": {"arms": arms, "medium": "air", "method": "conserve"}},
    ]
    grids = {"first": toy_grid, "shallow": shallow}
    assert not np.allclose(measure(grids)["difference"], measure(grids, steps=steps)["difference"], rtol=1e-3)


def test_labels_are_those_that_all_grids_have(toy_grid):
    cool = toy_grid.select(np.flatnonzero(toy_grid.labels["teff"] < 5500))
    everything = measure({"first": toy_grid, "cool": cool}, ranges=None)
    assert everything["teff"].max() <= cool.labels["teff"].max()
    metal_poor = measure({"first": toy_grid, "cool": cool}, ranges={"feh": (-2, -1)})
    assert 0 < len(metal_poor) < len(everything) == 20
    assert metal_poor["feh"].max() <= -1


def test_grids_without_a_common_part_end_in_one_sentence(toy_grid):
    far = replace(toy_grid, labels=toy_grid.labels.assign(teff=toy_grid.labels["teff"] + 5000))
    with pytest.raises(ValueError, match="^no node of the first of the grids first, far lies within the others"):
        measure({"first": toy_grid, "far": far})
