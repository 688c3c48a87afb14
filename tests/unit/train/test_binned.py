"""The binned head: targets, losses and outputs by hand; distributions of any shape are learnt and survive."""

import zipfile

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from spectrolabe.train.binned import BinnedHead
from spectrolabe.train.distributions import conflate, integrate_normal, moments
from spectrolabe.train.heads import FEATURES_LAYER
from spectrolabe.train.losses import focal, spread_labels, triplet
from spectrolabe.train.rates import constant_loss, find_rate
from spectrolabe.train.scaling import LabelScaling
from spectrolabe.train.training import train_member

LABELS = ["teff", "logg"]
BINS = {
    "feh": {"start": -2.0, "stop": 1.0, "width": 0.5},
    "logg": {"start": 1.0, "stop": 5.5, "width": 0.1},
    "teff": {"start": 3000, "stop": 7000, "width": 80},
}
ONES = np.ones(2, np.float32)
SCALING = LabelScaling(ONES, ONES, ONES, ONES, ("teff", "logg"))
WIDTH = 4 + 2 * (50 + 45) + 2 * 2 * 4


def head_of(**changes):
    return BinnedHead(BINS, **({"embedding": 4, "hidden": [8]} | changes))


def two_arms(head, seed=1):
    """A network whose arms are three features each; one whose features are all 0 has no information."""
    features = keras.Input((6,))
    arms = [features[:, :3], features[:, 3:]]
    known = [keras.ops.cast(keras.ops.any(arm != 0, axis=1, keepdims=True), "float32") for arm in arms]
    return keras.Model(features, head.layer(arms, SCALING, seed, known))


def draw_features(count, seed=1):
    return np.random.default_rng(seed).normal(size=(count, 6)).astype(np.float32)


def test_targets_are_labels_and_their_errors_or_a_quarter_of_a_bin():
    table = pd.DataFrame({"teff": [5000.0, np.nan, 6000], "logg": [4.0, 3, 2], "teff_err": [60.0, 50, 0]})
    targets = head_of().targets(table.assign(logg_removed=[0.5, 0, np.nan]), LABELS)
    assert targets.dtype == np.float32
    expected = [[5000, 3.5, 60, 0.025], [np.nan, 3, 50, 0.025], [6000, 2, 20, 0.025]]
    np.testing.assert_array_equal(targets, np.float32(expected))
    np.testing.assert_array_equal(head_of().targets(table.assign(teff_err=np.nan), LABELS)[:, 2], [20, 20, 20])


def test_soft_labels_are_those_outside_of_the_network():
    edges = head_of().edges("teff")
    assert (len(edges), edges[0], edges[-1]) == (51, 3000, 7000)
    values, errors = np.float32([5000, 2900, 6990]), np.float32([20, 80, 100])
    shares = np.asarray(spread_labels(tf.constant(values), tf.constant(errors), edges))
    np.testing.assert_allclose(shares, integrate_normal(values, errors, edges), atol=2e-6)


def test_the_focal_loss_without_focus_is_the_cross_entropy_of_soft_labels():
    targets = np.float32([[0.1, 0.7, 0.2], [0.5, 0, 0.5]])
    logits = np.float32([[0.5, 2, -1], [3, -2, 0.1]])
    expected = keras.losses.CategoricalCrossentropy(from_logits=True, reduction=None)(targets, logits)
    np.testing.assert_allclose(np.asarray(focal(targets, logits, 0.0)), np.asarray(expected), rtol=1e-5)
    # q = 1/4 and 3/4: -(0.2 * 0.75^2 * ln(1/4) + 0.8 * 0.25^2 * ln(3/4)).
    by_hand = -(0.2 * 0.75**2 * np.log(0.25) + 0.8 * 0.25**2 * np.log(0.75))
    found = focal(np.float32([[0.2, 0.8]]), np.float32([[0, np.log(3)]]), 2.0)
    assert float(found[0]) == pytest.approx(by_hand, rel=1e-5)


def on_circle(degrees):
    angles = np.deg2rad(degrees)
    return tf.constant(np.stack([np.cos(angles), np.sin(angles)], axis=1), tf.float32)


def chord(degrees):
    return 2 * np.sin(np.deg2rad(degrees) / 2)


@pytest.mark.parametrize(
    ("mining", "losses"),
    [
        # Anchors at 0 and 40 degrees, 60 and 150 of the other class: the nearest negative of 0 is at 60, and so on.
        ("hard", [chord(40) - chord(60), chord(40) - chord(20), chord(90) - chord(20), chord(90) - chord(110)]),
        # Of 40 the one beyond 40 degrees is at 150, of 60 none is beyond 90: the nearest in its place.
        ("semi_hard", [chord(40) - chord(60), chord(40) - chord(110), chord(90) - chord(20), chord(90) - chord(110)]),
    ],
)
def test_triplets_are_mined_in_the_batch(mining, losses):
    embeddings, classes = on_circle([0, 40, 60, 150]), tf.constant([1.0, 1, 2, 2])
    expected = np.mean(np.maximum(np.array(losses) + 0.5, 0))
    found = triplet(embeddings, classes, tf.ones(4, bool), 0.5, mining)
    assert float(found) == pytest.approx(expected, rel=1e-5)
    # A spectrum without a known class changes nothing.
    more = on_circle([0, 40, 60, 150, 5]), tf.constant([1.0, 1, 2, 2, 2]), tf.constant([True] * 4 + [False])
    assert float(triplet(*more, 0.5, mining)) == pytest.approx(expected, rel=1e-5)


def test_triplets_without_partners_add_nothing():
    one_class, all_apart = (on_circle([0, 40]), tf.ones(2)), (on_circle([0, 40]), tf.constant([1.0, 2]))
    for mining in ("hard", "semi_hard"):
        for embeddings, classes in (one_class, all_apart):
            assert float(triplet(embeddings, classes, tf.ones(2, bool), 0.5, mining)) == 0


def test_gradients_are_finite_everywhere():
    head = head_of(focusing=0.5, triplet=1.0)
    targets = np.float32([[5000, 3, 20, 0.02], [np.nan, 3, 20, 0.02], [9000, np.nan, 1, 0.02], [5000, 1, 20, 0.02]])
    model, features = two_arms(head), np.zeros((4, 6), np.float32)
    # Embeddings that coincide, arms without information, and logits that leave no doubt.
    features[:2] = 1e3
    with tf.GradientTape() as tape:
        loss = head.loss(SCALING)(tf.constant(targets), model(features))
    assert np.isfinite(float(loss))
    assert all(np.isfinite(each).all() for each in tape.gradient(loss, model.trainable_variables))


def test_the_loss_is_the_mean_over_arms_of_the_sum_over_labels():
    head, names = head_of(triplet=0.0, focusing=0.0), ("teff", "logg")
    outputs = two_arms(head)(draw_features(5))
    targets = np.float32([[5000, 3, 20, 0.02]] * 4 + [[np.nan, 3, 20, 0.02]])
    arms = head.decode(np.asarray(outputs), names).arms
    expected = 0
    for place, name in enumerate(names):
        soft = integrate_normal(targets[:, place], targets[:, 2 + place], head.edges(name))
        entropies = -(soft[:, None] * np.log(arms[name])).sum(axis=2)
        expected += np.nanmean(entropies, axis=0).mean()
    assert float(head.loss(SCALING)(targets, outputs)) == pytest.approx(expected, rel=1e-4)
    # The triplet loss comes on top: all of a class but for the third, with embeddings as they are.
    weighted = head_of(triplet=2.0, focusing=0.0)
    near = [head.embeddings(np.asarray(outputs), names)[:, arm, 0] for arm in (0, 1)]
    targets[:, 1], targets[2, 0] = np.nan, 6000
    known = tf.constant([True] * 4 + [False])
    added = [float(triplet(tf.constant(arm), tf.constant([1.0, 1, 2, 1, 0]), known, 0.5, "hard")) for arm in near]
    difference = weighted.loss(SCALING)(targets, outputs) - head.loss(SCALING)(targets, outputs)
    assert float(difference) == pytest.approx(2 * np.mean(added), rel=1e-4)


def test_columns_are_moments_logits_and_embeddings():
    head, features = head_of(), draw_features(7)
    outputs = two_arms(head).predict(features, verbose=0)
    assert outputs.shape == (7, WIDTH)
    prediction = head.decode(outputs, LABELS)
    np.testing.assert_array_equal(prediction.mean, outputs[:, :2])
    for place, label in enumerate(LABELS):
        arms, joint = prediction.arms[label], prediction.distributions[label]
        assert arms.shape == (7, 2, len(head.edges(label)) - 1)
        np.testing.assert_allclose(joint.sum(axis=1), 1)
        np.testing.assert_array_equal(joint, conflate([arms[:, 0], arms[:, 1]]))
        mean, variance = moments(joint, head.edges(label))
        np.testing.assert_allclose(prediction.mean[:, place], mean, rtol=1e-5)
        np.testing.assert_allclose(prediction.variance[:, place], variance, rtol=1e-4)
    embeddings = head.embeddings(outputs, LABELS)
    assert embeddings.shape == (7, 2, 2, 4)
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=3), 1, rtol=1e-5)
    np.testing.assert_array_equal(embeddings[:, 1, 0], outputs[:, -8:-4])
    with pytest.raises(ValueError, match="expected 4 columns and 103 for each arm, found 209"):
        head.decode(outputs[:, :-1], LABELS)


def test_an_arm_without_information_leaves_the_word_to_the_other():
    head, features = head_of(), draw_features(2)
    features[0, :3] = 0
    outputs = two_arms(head).predict(features, verbose=0)
    arms = head.decode(outputs, LABELS).arms["teff"]
    np.testing.assert_allclose(arms[0, 0], 1 / 50)
    np.testing.assert_allclose(head.decode(outputs, LABELS).distributions["teff"][0], arms[0, 1], rtol=1e-6)
    assert (head.embeddings(outputs, LABELS)[0, 0] == 0).all()
    assert (head.embeddings(outputs, LABELS)[1] != 0).all()


def test_features_of_all_arms_go_through_one_layer():
    model = two_arms(head_of())
    assert model.get_layer(FEATURES_LAYER).output.shape == (None, 6)


def test_a_saved_member_opens_without_this_library(tmp_path):
    model, features = two_arms(head_of(hidden_dropout=0.1)), draw_features(5)
    model.save(tmp_path / "member.keras")
    assert b"spectrolabe" not in zipfile.ZipFile(tmp_path / "member.keras").read("config.json")
    opened = keras.saving.load_model(tmp_path / "member.keras", compile=False, safe_mode=True)
    np.testing.assert_array_equal(opened.predict(features, verbose=0), model.predict(features, verbose=0))


def test_a_temperature_divides_the_logits_and_stays_positive():
    model, features = two_arms(head_of()), draw_features(3)
    before = model.predict(features, verbose=0)[:, 4:54]
    model.get_layer("temperature_arm1_teff").set_weights([np.array([[np.log(2)]])])
    np.testing.assert_allclose(model.predict(features, verbose=0)[:, 4:54], before / 2, rtol=1e-5, atol=1e-6)
    assert not any("temperature" in layer.name for layer in two_arms(head_of(temperature=False)).layers)


def test_without_an_embedding_there_is_none():
    head = head_of(embedding=0, triplet=0.0)
    outputs = two_arms(head).predict(draw_features(3), verbose=0)
    assert outputs.shape == (3, WIDTH - 16)
    assert np.isfinite(float(head.loss(SCALING)(np.float32([[5000, 3, 20, 0.02]] * 3), outputs)))


def test_a_labels_branches_start_alike_beside_others_and_alone():
    alone = LabelScaling(*[np.ones(1, np.float32)] * 4, names=("logg",))
    models = []
    for scaling in (SCALING, alone):
        features = keras.Input((3,))
        models.append(keras.Model(features, head_of().layer(features, scaling, 5)))
    for name in ("logits_logg", "embedding_logg"):
        together, single = (model.get_layer(name).get_weights()[0] for model in models)
        np.testing.assert_array_equal(together, single)


def test_two_peaks_are_learnt_and_their_shares():
    # Whatever else they show, stars of the first feature are cool or hot, 3 to 1; the others are at 5000 K.
    head = head_of(focusing=0.0, embedding=0, triplet=0.0)
    rng = np.random.default_rng(2)
    kind = rng.integers(2, size=800)
    teff = np.where(kind == 0, np.where(rng.random(800) < 0.75, 4000, 6000), 5000).astype(np.float32)
    features = np.eye(2, dtype=np.float32)[kind]
    scaling = LabelScaling(*[np.ones(1, np.float32)] * 4, names=("teff",))
    inputs = keras.Input((2,))
    model = keras.Model(inputs, head.layer(inputs, scaling, 1))
    model.compile(keras.optimizers.Adam(0.02), loss=head.loss(scaling))
    targets = head.targets(pd.DataFrame({"teff": teff, "teff_err": 80.0}), ["teff"])
    model.fit(features, targets, batch_size=100, epochs=25, verbose=0)
    found = head.decode(model.predict(np.eye(2, dtype=np.float32), verbose=0), ["teff"])
    edges, shape = head.edges("teff"), found.distributions["teff"]
    shares = [shape[:, (edges[1:] > low) & (edges[:-1] < low + 800)].sum(axis=1) for low in (3600, 4600, 5600)]
    truth = np.mean(teff[kind == 0] == 4000)
    np.testing.assert_allclose(np.array(shares)[:, 0], [truth, 0, 1 - truth], atol=0.04)
    np.testing.assert_allclose(np.array(shares)[:, 1], [0, 1, 0], atol=0.04)
    assert found.mean[0, 0] == pytest.approx(4000 * truth + 6000 * (1 - truth), abs=80)
    assert found.mean[1, 0] == pytest.approx(5000, abs=40)


def test_what_says_the_same_of_all_has_a_loss_of_its_own():
    head = head_of(focusing=0.0, embedding=0, triplet=0.0, hidden=[])
    targets = np.float32([[3040, 1.05, 1, 0.001], [3120, 1.05, 1, 0.001]] * 2 + [[np.nan, 1.05, 1, 0.001]])
    # Half of the spectra in the first bin, half in the second, those whose temperature is known; log g is the same.
    assert constant_loss(head, SCALING, targets) == pytest.approx(-np.log(0.5), rel=1e-3)


SETTINGS = {
    "labels": LABELS,
    "network": {"perceptron": {"units": [16]}},
    "head": {"binned": {"bins": BINS, "embedding": 4, "hidden": [8], "triplet": 0.1}},
    "seed": 3,
}


def test_a_member_is_trained_like_any_other(make_set, tmp_path):
    stage = {"epochs": 4, "batch": 32, "optimiser": {"adam": {"learning_rate": 0.01}}, "schedule": {"constant": {}}}
    training, validation = make_set(200, 1), make_set(60, 2)
    training.table.loc[:40, "teff"] = np.nan
    options = {"stage": stage, "checkpoint": tmp_path / "state.npz", "report": lambda line: None}
    _, history = train_member(training, validation, **SETTINGS, **options)
    assert history["val_loss"].iloc[-1] < 0.9 * history["val_loss"].iloc[0]


def test_a_rate_is_found_for_it(make_set):
    stage = {"batch": 16, "optimiser": {"adam": {"learning_rate": 0.001}}}
    stage["find_rate"] = {"lowest": 1e-4, "highest": 30.0, "steps": 60}
    found = find_rate(make_set(100, 1), stage=stage, **SETTINGS | {"labels": ["teff"]})
    assert found.warning == ""
    assert 1e-4 < found.rate < 10
