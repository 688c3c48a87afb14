"""Learning rates by a range test: what counts as divergence, and half of the rate that diverges."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spectrolabe.spectra.components import Components, compress_spectra
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import build
from spectrolabe.train.rates import (
    constant_loss,
    diverges,
    find_rate,
    judge_losses,
    read_rate,
    smooth_losses,
    with_rate,
)
from spectrolabe.train.scaling import LabelScaling, read_targets

LABELS = ["teff", "logg"]
NETWORK = {"perceptron": {"units": [16, 8]}}
STAGE = {
    "batch": 16,
    "optimiser": {"adam": {"learning_rate": 0.001}},
    "find_rate": {"lowest": 1e-4, "highest": 30.0, "steps": 60},
}
# Losses about 1 of a network that has learnt nothing yet.
FLAT = [0.9, 1.1] * 10


@pytest.fixture
def find(make_set):
    """Give a function that runs a test on 100 tiny spectra, with some settings changed."""

    def run(training=None, components=None, **changes):
        settings = {"labels": LABELS, "network": NETWORK, "head": {"point": {}}, "stage": STAGE, "seed": 3} | changes
        return find_rate(make_set(100, 1) if training is None else training, components=components, **settings)

    return run


def test_smoothing_is_a_running_mean_without_the_pull_of_its_start():
    # With a memory of 0.8: 4; (0.8 * 0.2 * 4 + 0.2 * 1) / (1 - 0.64).
    np.testing.assert_allclose(smooth_losses([4, 1]), [4, 0.84 / 0.36])
    np.testing.assert_allclose(smooth_losses([3.0] * 50), 3.0)


def test_losses_that_scatter_or_fall_do_not_diverge():
    assert not diverges(FLAT, 1.0)
    assert not diverges([*FLAT, 1.1, 1.1], 1.0)
    assert not diverges([*FLAT, *np.geomspace(1, 0.01, 30)], 1.0)


def test_losing_half_of_what_was_learnt_is_divergence():
    learnt = [*FLAT, *[0.2] * 60]
    # Smoothed, 0.2 + 0.2 * 1.8 = 0.56 after one batch of 2.0, 0.85 after another: half way from 0.2 to 1 is 0.6.
    assert not diverges([*learnt, 2.0], 1.0)
    assert diverges([*learnt, 2.0, 2.0], 1.0)


def test_a_network_that_has_died_has_diverged():
    # The loss of saying the mean of every spectrum is only three times the lowest one.
    losses = [*FLAT, *[0.33] * 40, *[1.0] * 20]
    assert any(diverges(losses[:count], 1.0) for count in range(1, len(losses) + 1))


def test_negative_losses_are_judged_alike():
    losses = np.array([*FLAT, *[0.2] * 60, 2.0, 2.0])
    assert diverges(losses - 5, 1.0 - 5)
    assert not diverges(losses[:-1] - 5, 1.0 - 5)


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_has_diverged(loss):
    assert diverges([1.0, loss], 1.0)


def judge(rates, losses, held=0.1):
    """Judge losses where holding a rate gives ``held``: a number, or a function of the rate."""
    return judge_losses(rates, losses, 1.0, held if callable(held) else lambda rate: held)


def test_half_of_the_rate_is_taken_from_which_the_loss_rises():
    rates, losses = np.geomspace(0.001, 1, 100), [*FLAT, *np.linspace(1, 0.2, 40), *np.linspace(0.2, 1.2, 20)]
    found = judge(rates, losses)
    # The smoothed loss follows some batches later.
    assert rates[59] < found.diverged_at < rates[66]
    assert found.rate == found.diverged_at / 2
    assert found.held == [(found.rate, 0.1)]
    assert found.warning == ""
    assert list(found.table) == ["rate", "loss", "smoothed"]
    assert len(found.table) == 80


def test_a_rate_that_kills_the_network_when_held_is_halved():
    rates, losses = np.geomspace(0.001, 1, 100), [*FLAT, *np.linspace(1, 0.2, 40), *np.linspace(0.2, 1.2, 20)]
    found = judge(rates, losses, lambda rate: 0.5 if rate < 0.01 else 1.01)
    assert [loss for _, loss in found.held] == [1.01, 1.01, 0.5]
    assert found.rate == found.held[-1][0] < 0.01 <= found.held[-2][0] == found.diverged_at
    assert found.warning == ""


def test_a_network_that_learns_at_no_rate_takes_the_best_and_warns():
    losses = [2 * loss for loss in FLAT] + [9.0] * 3
    found = judge(np.geomspace(0.001, 0.1, 23), losses, lambda rate: 1 + rate)
    assert found.rate == min(rate for rate, _ in found.held)
    assert found.diverged_at is None
    assert "taught the network anything" in found.warning


def test_a_test_without_divergence_warns_and_takes_half_of_the_best():
    found = judge(np.geomspace(0.001, 0.1, 60), [*FLAT, *np.linspace(1, 0.2, 40)])
    assert found.rate == pytest.approx(0.05)
    assert found.diverged_at is None
    assert "did not diverge up to a learning rate of 0.1" in found.warning


def test_results_are_written_and_read(tmp_path):
    found = judge(np.geomspace(0.001, 0.1, 60), [*FLAT, *np.linspace(1, 0.2, 40)])
    found.save(tmp_path / "train.json", tmp_path / "train.csv")
    assert read_rate(tmp_path / "train.json") == found.rate
    assert len(pd.read_csv(tmp_path / "train.csv")) == 60


@pytest.mark.parametrize(("head", "expected"), [({"point": {"loss": "mse"}}, 1.0), ({"gaussian": {}}, 0.5)])
def test_the_mean_labels_have_a_loss_of_their_own(make_set, head, expected):
    targets = read_targets(make_set(50, 1).table, LABELS)
    targets[0, 0] = np.nan
    scaling = LabelScaling.fit(targets, LABELS)
    assert constant_loss(build(HEADS, head), scaling, targets) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("head", [{"point": {"loss": "msle"}}, {"gaussian": {}}])
def test_a_rate_is_found_between_the_ends(find, head):
    found = find(head=head)
    assert found.warning == ""
    assert found.rate == found.diverged_at / 2
    assert 1e-4 < found.rate < 10
    # The network has learnt something on the way, and the rates rise by a constant factor.
    assert found.table["smoothed"].min() < 0.9 * found.table["smoothed"].iloc[0]
    np.testing.assert_allclose(found.table["rate"], np.geomspace(1e-4, 30, 60)[: len(found.table)])


def test_a_test_on_coefficients_repeats_itself(find, make_set):
    training = make_set(100, 1)
    centred = training.flux - training.flux.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2].astype(np.float32)
    components = Components(training.flux.mean(axis=0), axes, float(np.sqrt(np.mean((centred @ axes.T) ** 2))))
    network = {"perceptron": {"units": [16], "dropout": 0.2}}
    tests = [find(compress_spectra(training, components), components, network=network) for _ in range(2)]
    assert tests[0].table.equals(tests[1].table)
    assert tests[0].held == tests[1].held
    assert tests[0].diverged_at is not None


def test_a_label_without_values_is_named(find, make_set):
    training = make_set(100, 1)
    with pytest.raises(ValueError, match="label 'logg' is missing in every training spectrum"):
        find(replace(training, table=training.table.assign(logg=np.nan)))


def test_a_stage_takes_the_rate_that_was_found():
    stage = STAGE | {"optimiser": {"nadam": {"learning_rate": 0.1}}}
    assert with_rate(stage, 0.25) == {"batch": 16, "optimiser": {"nadam": {"learning_rate": 0.25}}}
    assert stage["optimiser"] == {"nadam": {"learning_rate": 0.1}}
