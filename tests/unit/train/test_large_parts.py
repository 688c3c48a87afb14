"""Training on parts in files: as in memory where they fit, and from a buffer where they do not."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.spectra import table
from spectrolabe.spectra.stored import join, open_spectra
from spectrolabe.spectra.table import read_shard, write_shard
from spectrolabe.train import rates, solved
from spectrolabe.train.rates import find_rate
from spectrolabe.train.searches import search_trial
from spectrolabe.train.solved import fit_member
from spectrolabe.train.training import train_member
from spectrolabe.train.trials import TrialData, run_trial

#: Flux of one spectrum of make_set (20 pixels of four bytes), in MB.
ONE = 80 / 1e6
LABELS = ["teff", "logg"]
STAGE = {
    "epochs": 4,
    "batch": 16,
    "optimiser": {"adam": {"learning_rate": 0.01}},
    "schedule": {"cosine_cycles": {"cycles": 2, "floor": 0.1}},
}
SMALL = STAGE | {"buffer": 30 * ONE}
COMMON = {
    "labels": LABELS,
    "network": {"conv": {"filters": [2], "kernel": 3, "pool": 2, "dense": [8], "dropout": 0.5, "components": 4}},
    "head": {"point": {}},
    "seed": 3,
    "on_the_fly": [{"add_noise": {"max": 0.02}}],
}


class Killed(Exception):
    """What ends a training from outside."""


@pytest.fixture
def paths(make_set, tmp_path, monkeypatch):
    """100 training and 60 validation spectra, each a star, in row groups of eight."""
    monkeypatch.setattr(table, "ROW_GROUP", 8)
    for part, count, seed in (("training", 100, 1), ("validation", 60, 2)):
        spectra = make_set(count, seed)
        spectra.table["source_id"] = [f"{part}-{row}" for row in range(count)]
        write_shard(tmp_path / f"{part}.parquet", spectra, {})
    return tmp_path / "training.parquet", tmp_path / "validation.parquet"


@pytest.fixture
def train(paths, tmp_path):
    """Give a function that trains and gives (weights, history without times)."""

    def run(checkpoint, parts=None, killed_after=None, **changes):
        lines = []

        def report(line):
            lines.append(line)
            if len(lines) == killed_after:
                raise Killed

        parts = parts or [open_spectra(path) for path in paths]
        model, history = train_member(*parts, checkpoint=tmp_path / checkpoint, report=report, **COMMON | changes)
        return model.get_weights(), history.drop(columns="seconds")

    return run


def assert_same(one, other):
    for first, second in zip(one[0], other[0], strict=True):
        np.testing.assert_array_equal(first, second)
    pd.testing.assert_frame_equal(one[1], other[1])


@pytest.mark.parametrize("redraw", [False, True])
def test_parts_that_fit_are_trained_on_as_in_memory(train, paths, redraw):
    stage = STAGE | {"redraw": redraw, "epochs": 2}
    in_memory = train("memory.npz", [read_shard(path, with_ivar=False) for path in paths], stage=stage)
    assert_same(in_memory, train("stored.npz", stage=stage | {"buffer": 160 * ONE}))


def test_a_larger_validation_part_gives_the_same_losses(train, paths):
    fits = [open_spectra(path) for path in paths]
    fits[0] = fits[0].select(np.arange(30))
    small = train("small.npz", fits, stage=SMALL)
    assert_same(small, train("large.npz", fits, stage=SMALL | {"buffer": 60 * ONE}))


def test_a_larger_training_part_comes_in_another_order_and_teaches_alike(train):
    stage = STAGE | {"epochs": 10, "optimiser": {"adam": {"learning_rate": 0.05}}}
    settings = {"stage": stage, "network": {"perceptron": {"units": [16]}}, "on_the_fly": []}
    whole = train("whole.npz", **settings)
    buffered = train("buffered.npz", **settings | {"stage": stage | {"buffer": 30 * ONE}})
    assert any((one != other).any() for one, other in zip(whole[0], buffered[0], strict=True))
    # Saying the mean label of every spectrum has a loss of 1.
    assert max(found[1]["val_loss"].min() for found in (whole, buffered)) < 0.2


@pytest.mark.parametrize("changes", [{"redraw": True}, {"average": 2, "snapshots": [0, 3]}])
def test_a_training_from_a_buffer_resumes_to_the_same_bits(train, tmp_path, changes):
    stage = SMALL | changes
    whole = train("whole.npz", stage=stage)
    with pytest.raises(Killed):
        train("killed.npz", stage=stage, killed_after=3)
    assert_same(whole, train("killed.npz", stage=stage))
    assert {path.stem for path in (tmp_path / "killed").glob("*.keras")} == set(map(str, changes.get("snapshots", [])))
    assert np.isfinite(whole[1]["val_loss"]).all()


def test_another_buffer_or_other_spectra_begin_anew(train, paths, make_set):
    with pytest.raises(Killed):
        train("killed.npz", stage=SMALL, killed_after=2)
    larger = SMALL | {"buffer": 50 * ONE}
    assert_same(train("larger.npz", stage=larger), train("killed.npz", stage=larger))
    with pytest.raises(Killed):
        train("killed.npz", stage=SMALL, killed_after=2)
    write_shard(paths[0], make_set(100, 9), {})
    assert_same(train("other.npz", stage=SMALL), train("killed.npz", stage=SMALL))


def note_sizes(monkeypatch, module, name):
    """Give a list that the numbers of spectra are added to which a function of a module is called with."""
    sizes, function = [], getattr(module, name)

    def note(*parts, **settings):
        sizes.extend(len(part) for part in parts if hasattr(part, "__len__"))
        return function(*parts, **settings)

    monkeypatch.setattr(module, name, note)
    return sizes


def test_a_range_test_takes_a_sample(paths, monkeypatch):
    sizes = note_sizes(monkeypatch, rates, "_draw_batches")
    stage = SMALL | {"find_rate": {"lowest": 1e-4, "highest": 1.0, "steps": 50}}
    found = find_rate(open_spectra(paths[0]), stage=stage, **COMMON)
    assert 30 in sizes
    assert 100 not in sizes
    assert 1e-5 < found.rate < 1


def test_weights_are_solved_for_on_a_sample(paths, monkeypatch):
    sizes = note_sizes(monkeypatch, solved, "solve_member")
    settings = COMMON | {"network": {"linear": {"penalties": [0.1]}}, "stage": SMALL}
    _, history = fit_member(*map(open_spectra, paths), report=lambda line: None, **settings)
    assert sizes == [30, 30]
    assert history["val_loss"].iloc[0] < 0.1


def test_trials_are_measured_on_a_sample_and_may_leave_folds_out(paths, tmp_path):
    data = TrialData.open(*paths, paths[1], None)
    settings = {key: value for key, value in COMMON.items() if key != "labels"}
    options = {"epochs": [1, 2], "stage": SMALL | {"epochs": 2}, "checkpoint": tmp_path / "trial.npz"}
    record = run_trial(data, labels=["teff"], report=lambda line: None, **settings, **options)
    assert record["state"] == "finished"
    assert [row["epoch"] for row in record["epochs"]] == [1, 2]
    folded = data.leave_out(fold=1, folds=4, seed=0)
    assert len(folded.training) + len(folded.validation) == 160
    assert set(folded.training.table["source_id"]) | set(folded.measure.table["source_id"]) == set(
        join([data.training, data.validation]).table["source_id"]
    )
    record = run_trial(folded, labels=["teff"], report=lambda line: None, **settings, **options)
    assert np.isfinite(record["epochs"][-1]["std"])


def test_a_joint_search_reads_parts_from_their_files(paths, tmp_path):
    model = {"network": {"perceptron": {"units": [4]}}, "head": {"point": {}}, "stages": [SMALL | {"name": "train"}]}
    search = {
        "choices": {"batch": ["8", "16"]},
        "ranges": {},
        "base": {"batch": "16"},
        "epochs": [1],
        "budget": 4,
    }
    record = search_trial(
        TrialData.open(*paths, paths[1], None),
        journal=tmp_path / "search.journal",
        model=model,
        search=search,
        labels=["teff"],
        number=0,
        repeat=0,
        search_seed=1,
        seed=3,
        checkpoint=tmp_path / "trial.npz",
        report=lambda line: None,
    )
    assert (record["state"], record["settings"]["batch"]) == ("finished", 16)
