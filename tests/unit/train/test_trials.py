"""Trials: errors noted on the way of one training, which may be killed, diverge or be given up."""

import json
from dataclasses import replace

import numpy as np
import pytest

from spectrolabe.spectra.components import Components, compress_spectra
from spectrolabe.train.trials import (
    TrialData,
    average_errors,
    forget_trial,
    measure_residuals,
    run_trial,
    write_trial,
)

STAGE = {"epochs": 4, "batch": 16, "optimiser": {"adam": {"learning_rate": 0.01}}, "schedule": {"constant": {}}}
NETWORK = {"perceptron": {"units": [4], "dropout": 0.2}}


class Killed(Exception):
    """What ends a training from outside."""


@pytest.fixture
def data(make_set):
    return TrialData(make_set(64, 1), make_set(32, 2), make_set(32, 3))


@pytest.fixture
def trial(data, tmp_path):
    """Give a function that runs a trial of effective temperatures."""

    def run(data=data, **changes):
        choice = {"labels": ["teff"], "network": NETWORK, "head": {"point": {"loss": "mse"}}, "stage": STAGE, "seed": 3}
        choice |= {"epochs": [1, 4], "checkpoint": tmp_path / "trial.npz", "report": lambda line: None}
        return run_trial(data, **(choice | changes))

    return run


def test_residuals_are_measured_four_ways():
    # Residuals -1, 0, 1, 4 have the mean 1 and the median 0.5, from which they lie 1.5, 0.5, 0.5, 3.5: median 1.
    measured = measure_residuals(np.array([-1, 0, 1, 4]))
    assert measured == pytest.approx({"std": np.sqrt(3.5), "scatter": 1.482602, "bias": 0.5, "mae": 1.5})


def test_a_trial_notes_its_errors_on_the_way(trial):
    record = trial()
    assert (record["state"], record["reason"], record["learning_rate"]) == ("finished", "", 0.01)
    assert [row["epoch"] for row in record["epochs"]] == [1, 4]
    assert set(record["epochs"][0]) == {"epoch", "std", "scatter", "bias", "mae", "val_loss"}
    # 20 pixels to 4 units, 4 units to the label.
    assert record["parameters"] == 20 * 4 + 4 + 4 + 1
    assert record["spectra_per_second"] == pytest.approx(64 * 4 / record["seconds"])


def test_errors_are_those_of_the_weights_after_each_epoch(trial, data):
    # The measured stars have one label throughout: only the spread of what is predicted is left.
    table = data.measure.table.assign(teff=5500.0)
    flat = replace(data, measure=replace(data.measure, table=table))
    # A rate of 0 leaves the network as it began.
    record = trial(flat, stage=STAGE | {"optimiser": {"adam": {"learning_rate": 0.0}}})
    first, last = record["epochs"]
    assert first["std"] == last["std"]
    moved = trial(flat)
    assert moved["epochs"][0]["std"] != moved["epochs"][1]["std"]


def test_a_killed_trial_goes_on_to_the_same_result(trial, tmp_path):
    def kill(line):
        if line.startswith("epoch 2/"):
            raise Killed

    with pytest.raises(Killed):
        trial(report=kill)
    lines = []
    resumed = trial(report=lines.append)
    assert [line.split()[1] for line in lines] == ["3/4", "4/4"]
    forget_trial(tmp_path / "trial.npz")
    assert list(tmp_path.iterdir()) == []
    assert trial()["epochs"] == resumed["epochs"]


def test_a_trial_that_is_given_up_is_pruned(trial):
    told = []

    def give_up(epoch, std):
        told.append((epoch, std))
        return True

    record = trial(give_up=give_up)
    assert (record["state"], len(record["epochs"])) == ("pruned", 1)
    assert record["reason"] == "worse than the median of other trials after 1 epochs"
    assert told == [(1, record["epochs"][0]["std"])]


def test_a_loss_that_explodes_is_a_result(trial, tmp_path):
    record = trial(stage=STAGE | {"optimiser": {"adam": {"learning_rate": 1e30}}})
    assert (record["state"], record["epochs"], record["seconds"]) == ("failed", [], None)
    assert record["reason"].startswith("the loss turned")
    write_trial(record, tmp_path / "trial.json")
    assert json.loads((tmp_path / "trial.json").read_text()) == record


def test_a_rate_is_found_for_each_trial(trial):
    found = {"lowest": 1e-4, "highest": 1e3, "steps": 60}
    record = trial(stage=STAGE | {"find_rate": found})
    assert record["learning_rate"] != 0.01
    assert 1e-4 < record["learning_rate"] <= 500


def test_spectra_in_another_basis_are_measured_there(trial, data):
    axes = np.eye(20, dtype=np.float32)[[5, 12, 0]]
    components = Components(data.training.flux.mean(axis=0), axes, 0.1)
    parts = [compress_spectra(part, components) for part in (data.training, data.validation, data.measure)]
    record = trial(TrialData(*parts, components), epochs=[4])
    assert record["state"] == "finished"
    # Three components to 4 units: the projection is not trained.
    assert record["parameters"] == 3 * 4 + 4 + 4 + 1


def test_stars_without_the_label_are_not_measured(trial, data):
    half = data.measure.table["teff"].where(np.arange(32) % 2 == 0)
    some = replace(data.measure, table=data.measure.table.assign(teff=half))
    record = trial(replace(data, measure=some), epochs=[4])
    assert np.isfinite(record["epochs"][0]["std"])
    none = replace(data.measure, table=data.measure.table.assign(teff=np.nan))
    with pytest.raises(ValueError, match="no spectrum to measure errors of 'teff' on: all 32 lack it or have no flux"):
        trial(replace(data, measure=none))


def test_errors_of_several_labels_are_averaged_in_their_spreads():
    errors = {"teff": {"std": 100.0, "bias": -50.0}, "logg": {"std": 0.3, "bias": 0.1}}
    assert average_errors(errors, [1000, 0.5]) == pytest.approx({"std": (0.1 + 0.6) / 2, "bias": (0.05 + 0.2) / 2})


def test_a_trial_of_labels_together_notes_each(trial, data):
    record = trial(labels=["teff", "logg"], together=True)
    assert [row["epoch"] for row in record["epochs"]] == [1, 4]
    row = record["epochs"][-1]
    spreads = data.training.table[["teff", "logg"]].std(ddof=0)
    shares = [row["labels"][label]["std"] / spreads[label] for label in ("teff", "logg")]
    assert row["std"] == pytest.approx(np.mean(shares), rel=1e-5)
    assert set(row["labels"]["logg"]) == {"std", "scatter", "bias", "mae"}
    assert record["parameters"] == 20 * 4 + 4 + 2 * 4 + 2


def test_one_label_together_is_a_share_of_its_spread(trial, data, tmp_path):
    alone, shared = trial(epochs=[4]), trial(epochs=[4], together=True, checkpoint=tmp_path / "all.npz")
    spread = data.training.table["teff"].std(ddof=0)
    assert shared["epochs"][0]["std"] == pytest.approx(alone["epochs"][0]["std"] / spread, rel=1e-5)


def test_stars_that_lack_one_label_are_measured_on_the_other(trial, data, tmp_path):
    half = data.measure.table["teff"].where(np.arange(32) % 2 == 0)
    some = replace(data.measure, table=data.measure.table.assign(teff=half))
    record = trial(replace(data, measure=some), epochs=[4], labels=["teff", "logg"], together=True)
    full = trial(epochs=[4], labels=["teff", "logg"], together=True, checkpoint=tmp_path / "full.npz")
    errors, complete = record["epochs"][0]["labels"], full["epochs"][0]["labels"]
    assert errors["logg"] == complete["logg"]
    assert errors["teff"] != complete["teff"]
    none = replace(data.measure, table=data.measure.table.assign(logg=np.nan))
    with pytest.raises(ValueError, match="no spectrum to measure errors of 'logg' on: all 32 lack it or have no flux"):
        trial(replace(data, measure=none), labels=["teff", "logg"], together=True)


def test_folds_leave_each_star_out_once(data):
    """Copies stay with their star, and folds depend on its name alone."""
    names = [[f"{part}{number // 2}" for number in range(size)] for part, size in (("a", 64), ("b", 32))]
    training, validation = (
        replace(part, table=part.table.assign(source_id=stars))
        for part, stars in zip((data.training, data.validation), names, strict=True)
    )
    copied = TrialData(training, validation, data.measure)
    folds = [copied.leave_out(fold=fold, folds=3, seed=1) for fold in range(3)]
    judged = [set(fold.measure.table["source_id"]) for fold in folds]
    assert sum(map(len, judged)) == len(set.union(*judged)) == 32 + 16
    assert min(map(len, judged)) > 5
    for fold, stars in zip(folds, judged, strict=True):
        assert fold.validation is fold.measure
        assert len(fold.measure) == 2 * len(stars)
        assert not stars & set(fold.training.table["source_id"])
        assert len(fold.training) == 96 - len(fold.measure)
    fewer = TrialData(training.select(np.arange(64) < 40), validation, data.measure)
    left = set(fewer.leave_out(fold=0, folds=3, seed=1).measure.table["source_id"])
    assert left == judged[0] & {*names[0][:40], *names[1]}
    assert set(copied.leave_out(fold=0, folds=3, seed=2).measure.table["source_id"]) != judged[0]


def test_a_fold_without_stars_says_so(data):
    one = replace(data.training, table=data.training.table.assign(source_id="a"))
    with pytest.raises(ValueError, match="needs stars in each fold, found .* ask for fewer folds"):
        TrialData(one, one, one).leave_out(fold=0, folds=2, seed=1)


def test_a_fold_is_trained_and_measured(trial, data):
    record = trial(data.leave_out(fold=1, folds=4, seed=0), epochs=[4])
    assert record["state"] == "finished"
    assert np.isfinite([record["epochs"][0]["std"], record["epochs"][0]["val_loss"]]).all()


def test_a_binned_head_is_measured_by_its_means(trial):
    bins = {"teff": {"start": 4000, "stop": 7000, "width": 500}, "logg": {"start": 0.0, "stop": 5.0, "width": 1.0}}
    head = {"binned": {"bins": bins, "hidden": [4], "embedding": 2}}
    record = trial(head=head, labels=["teff", "logg"], together=True, epochs=[4])
    (row,) = record["epochs"]
    assert record["state"] == "finished"
    assert set(row["labels"]) == {"teff", "logg"}
    assert np.isfinite([row["std"], row["val_loss"], row["labels"]["teff"]["std"]]).all()
