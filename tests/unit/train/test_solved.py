"""Members whose weights are solved for: scikit-learn's regressions and spectra that follow the model are met."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge

from spectrolabe.predict.ensembles import Ensemble
from spectrolabe.predict.features import FeatureLayer, learn_features
from spectrolabe.predict.gradients import measure_gradients
from spectrolabe.recipe_solved import SOLVED as SOLVED_IN_RECIPES
from spectrolabe.train.members import load_member, save_member, write_history
from spectrolabe.train.selection import read_histories
from spectrolabe.train.solved import SOLVED, fit_member, solve_member
from spectrolabe.validate.diagrams import plot_losses

LABELS = ["teff", "logg"]
NETWORKS = [{"linear": {"penalties": [0]}}, {"quadratic": {"iterations": 4}}]


@pytest.fixture
def noisy(make_set):
    """Give a function (count, seed) -> spectra of 20 pixels with noise of 3 %."""

    def make(count, seed):
        spectra = make_set(count, seed)
        noise = np.random.default_rng(seed + 100).normal(0, 0.03, spectra.flux.shape)
        return replace(spectra, flux=(spectra.flux + noise).astype(np.float32))

    return make


def solve(training, validation, network, head=None):
    lines = []
    settings = {"labels": LABELS, "network": network, "head": {"point": head or {}}}
    return *solve_member(training, validation, **settings, report=lines.append), lines


def regress(regression, training, spectra):
    return regression.fit(training.flux.astype(float), training.table[LABELS]).predict(spectra.flux.astype(float))


def test_without_penalty_it_is_ordinary_least_squares(noisy):
    training, validation = noisy(200, 1), noisy(50, 2)
    model, history, _ = solve(training, validation, {"linear": {"penalties": [0]}})
    expected = regress(LinearRegression(), training, validation)
    np.testing.assert_allclose(np.asarray(model(validation.flux)), expected, rtol=1e-5)
    residuals = (expected - validation.table[LABELS].to_numpy()) / training.table[LABELS].to_numpy().std(axis=0)
    assert history["val_loss"].to_list() == pytest.approx([np.mean(residuals**2)], rel=1e-4)
    assert list(history)[:5] == ["epoch", "loss", "val_loss", "learning_rate", "seconds"]


def test_pixels_that_do_not_determine_the_weights_get_the_smallest_ones(noisy):
    training, validation = noisy(200, 1), noisy(50, 2)
    for spectra in (training, validation):
        spectra.flux[:, 6] = spectra.flux[:, 5]
        spectra.flux[:, 7] = 1.0
    model, _, _ = solve(training, validation, {"linear": {"penalties": [0]}})
    weights = model.get_layer("regression").get_weights()[0]
    np.testing.assert_allclose(weights[6], weights[5], rtol=1e-5)
    np.testing.assert_allclose(weights[7], 0, atol=1e-7)
    expected = regress(LinearRegression(), training, validation)
    np.testing.assert_allclose(np.asarray(model(validation.flux)), expected, rtol=1e-5)


def test_fewer_spectra_than_pixels_are_met_exactly(noisy):
    training = noisy(12, 1)
    model, _, _ = solve(training, noisy(50, 2), {"linear": {"penalties": [0]}})
    np.testing.assert_allclose(np.asarray(model(training.flux)), training.table[LABELS], rtol=1e-5)


def test_each_label_keeps_the_penalty_that_validates_best(noisy):
    training, validation = noisy(40, 1), noisy(400, 2)
    penalties = [0, 0.01, 0.1, 1, 100]
    model, history, lines = solve(training, validation, {"linear": {"penalties": penalties}})
    truth = validation.table[LABELS].to_numpy()
    regressions = [LinearRegression(), *(Ridge(penalty) for penalty in penalties[1:])]
    predicted = np.stack([regress(regression, training, validation) for regression in regressions])
    best = np.square(predicted - truth).mean(axis=1).argmin(axis=0)
    assert [history[f"penalty_{label}"][0] for label in LABELS] == [penalties[place] for place in best]
    assert set(best) <= {1, 2, 3}
    expected = np.stack([predicted[place, :, column] for column, place in enumerate(best)], axis=1)
    np.testing.assert_allclose(np.asarray(model(validation.flux)), expected, rtol=1e-5)
    assert lines[-2] == "penalty kept: " + ", ".join(
        f"{label} {penalties[place]:g}" for label, place in zip(LABELS, best, strict=True)
    )


def test_spectra_without_a_label_are_left_out_for_that_label(noisy):
    training, validation = noisy(200, 1), noisy(50, 2)
    training.table.loc[::3, "teff"] = np.nan
    validation.table.loc[::2, "logg"] = np.nan
    model, history, _ = solve(training, validation, {"linear": {"penalties": [0]}})
    found = np.asarray(model(validation.flux))
    for column, label in enumerate(LABELS):
        known = training.table[label].notna().to_numpy()
        flux = training.flux[known].astype(float)
        fitted = LinearRegression().fit(flux, training.table[label][known])
        np.testing.assert_allclose(found[:, column], fitted.predict(validation.flux.astype(float)), rtol=1e-5)
    assert np.isfinite(history[["loss", "val_loss"]].to_numpy()).all()


def test_a_missing_pixel_counts_as_the_mean_one(noisy):
    training, validation = noisy(200, 1), noisy(50, 2)
    training.flux[::4, 5] = 0
    model, _, _ = solve(training, validation, {"linear": {"penalties": [0]}})
    mean = training.flux[training.flux[:, 5] != 0, 5].mean(dtype=float)
    filled = replace(training, flux=np.where(training.flux == 0, mean, training.flux))
    without = validation.flux.copy()
    without[:, 5] = 0
    expected = regress(LinearRegression(), filled, replace(validation, flux=np.where(without == 0, mean, without)))
    np.testing.assert_allclose(np.asarray(model(without)), expected, rtol=1e-5)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_robust_scaling_of_labels_changes_no_solution_of_least_squares(network, noisy):
    training, validation = noisy(200, 1), noisy(50, 2)
    found = [
        np.asarray(solve(training, validation, network, head)[0](validation.flux))
        for head in ({}, {"scaling": "robust"})
    ]
    np.testing.assert_allclose(*found, rtol=2e-3)


PLAIN_KERAS = """
import sys
import keras
import numpy as np
model = keras.saving.load_model(sys.argv[1], safe_mode=True)
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
assert not [name for name in sys.modules if name.startswith("spectrolabe")]
"""


@pytest.mark.parametrize("network", NETWORKS)
def test_a_solved_member_opens_in_plain_keras(network, noisy, tmp_path):
    model, _, _ = solve(noisy(200, 1), noisy(50, 2), network)
    save_member(model, tmp_path / "0.keras")
    flux = noisy(10, 4).flux
    flux[3, 5] = flux[4] = 0
    np.save(tmp_path / "flux.npy", flux)
    arguments = [str(tmp_path / name) for name in ("0.keras", "flux.npy", "labels.npy")]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-I", "-c", PLAIN_KERAS, *arguments], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    found = np.load(tmp_path / "labels.npy")
    np.testing.assert_array_equal(found, model.predict(flux, verbose=0))
    assert np.isfinite(found).all()


@pytest.mark.parametrize("network", NETWORKS)
def test_a_solved_member_serves_what_follows(network, noisy, tmp_path):
    training, validation = noisy(200, 1), noisy(50, 2)
    model, history, _ = solve(training, validation, network)
    save_member(model, tmp_path / "0.keras")
    write_history(history, model, tmp_path / "0.parquet")
    # A spectrum of zeros fills batches up: it must not spoil the others.
    flux = np.vstack([validation.flux, np.zeros((1, 20), np.float32)])
    outputs = Ensemble([tmp_path / "0.keras"])(flux)[0]
    np.testing.assert_allclose(outputs[:-1], np.asarray(model(validation.flux)), rtol=1e-5)
    assert np.isfinite(outputs).all()
    reference = learn_features(training, tmp_path / "0.keras")
    features = FeatureLayer(tmp_path / "0.keras")(validation.flux)
    assert np.median(reference.distance(features)) == pytest.approx(1, abs=0.3)
    gradients = measure_gradients([tmp_path / "0.keras"], validation.flux, 2)[0]
    assert np.abs(gradients[0]).argmax() == 5
    assert np.abs(gradients[1]).argmax() == 12
    histories = read_histories([tmp_path / "0.parquet"])
    # A weight per pixel and label with intercepts, or one per pixel and term of 2 labels but the constant.
    assert histories.parameters == {"linear": 2 * 20 + 2, "quadratic": 5 * 20}[next(iter(network))]
    assert histories.losses == {"0": history["val_loss"][0]}
    plot_losses({"0": history}).canvas.draw()
    assert load_member(tmp_path / "0.keras").input_shape == (None, 20)


def test_what_is_no_solved_network_is_trained(noisy, tmp_path):
    stage = {"name": "train", "epochs": 1, "batch": 32, "optimiser": {"adam": {}}, "schedule": {"constant": {}}}
    settings = {"labels": LABELS, "head": {"point": {}}, "report": lambda line: None}
    trained = {"stage": stage, "seed": 1, "checkpoint": tmp_path / "0.npz", "on_the_fly": [], "start_from": None}
    for network in ({"perceptron": {"units": [4]}}, NETWORKS[0]):
        model, history = fit_member(noisy(64, 1), noisy(32, 2), network=network, **settings, **trained)
        assert model.output_shape == (None, 2)
        assert len(history) == 1
        assert (tmp_path / "0.npz").exists() is ("perceptron" in network)
        (tmp_path / "0.npz").unlink(missing_ok=True)


def test_an_empty_part_ends_in_one_sentence(noisy):
    with pytest.raises(ValueError, match="spectra in both parts: 64 to train on, 0 to validate on"):
        solve(noisy(64, 1), noisy(32, 2).select(slice(0)), NETWORKS[0])


def test_recipes_know_the_same_networks():
    assert sorted(SOLVED_IN_RECIPES) == sorted(SOLVED)
