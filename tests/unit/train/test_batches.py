"""Batches of an epoch: every spectrum once, distorted by its own name, in the epoch's order."""

from dataclasses import replace

import numpy as np
import pytest

from spectrolabe.train.batches import Batches

TARGETS = np.arange(70, dtype=np.float32)[:, None]
ZEROS = [{"zero_pixels": {"max": 0.5}}]


def by_target(batches):
    """Flux of every spectrum of an epoch, in the set's order."""
    flux, targets = (np.concatenate(part) for part in zip(*(batches[i] for i in range(len(batches))), strict=True))
    assert sorted(targets[:, 0]) == TARGETS[:, 0].tolist()
    return flux[np.argsort(targets[:, 0])]


@pytest.mark.parametrize("size", [64, 70, 100])
def test_every_spectrum_comes_once_in_the_epochs_order(make_set, size):
    spectra = make_set(70, 1)
    batches = Batches(spectra, TARGETS, size, seed=3, epoch=2)
    order = np.random.default_rng([3, 2]).permutation(70)
    assert len(batches) == (2 if size == 64 else 1)
    flux, targets = batches[0]
    np.testing.assert_array_equal(targets[:, 0], order[:size])
    np.testing.assert_array_equal(flux, spectra.flux[order[:size]])
    np.testing.assert_array_equal(by_target(batches), spectra.flux)
    if size == 64:
        assert len(batches[1][0]) == 6


def test_spectra_are_distorted_by_name_and_epoch_whatever_the_batch(make_set):
    spectra = make_set(70, 1)
    untouched = spectra.flux.copy()
    first = by_target(Batches(spectra, TARGETS, 64, seed=3, epoch=0, steps=ZEROS))
    np.testing.assert_array_equal(by_target(Batches(spectra, TARGETS, 7, seed=3, epoch=0, steps=ZEROS)), first)
    for seed, epoch in [(3, 1), (4, 0)]:
        assert (by_target(Batches(spectra, TARGETS, 64, seed=seed, epoch=epoch, steps=ZEROS)) != first).any()
    lost = first == 0
    assert 0.1 < lost.mean() < 0.4
    assert len(np.unique(lost.sum(axis=1))) > 5
    np.testing.assert_array_equal(first[~lost], untouched[~lost])
    np.testing.assert_array_equal(spectra.flux, untouched)
    assert first.dtype == np.float32


def test_missing_pixels_stay_missing(make_set):
    spectra = make_set(70, 1)
    spectra.flux[:, 3] = 0
    steps = [{"add_noise": {"max": 0.1}}, {"mask_pixels": {"ranges": [[5010, 5012]], "medium": "air"}}]
    flux = by_target(Batches(spectra, TARGETS, 64, seed=3, epoch=0, steps=steps))
    assert np.flatnonzero((flux == 0).all(axis=0)).tolist() == [3, 10, 11, 12]
    assert (flux[:, [5, 6]] != spectra.flux[:, [5, 6]]).all()


def test_equal_names_are_distorted_alike(make_set):
    spectra = make_set(70, 1).select([0] * 70)
    flux = by_target(Batches(spectra, TARGETS, 64, seed=3, epoch=0, steps=ZEROS))
    np.testing.assert_array_equal(flux, flux[:1].repeat(70, axis=0))
    other = replace(spectra, table=spectra.table.assign(spectrum_id=[f"star-{i % 2}" for i in range(70)]))
    assert (by_target(Batches(other, TARGETS, 64, seed=3, epoch=0, steps=ZEROS))[1] != flux[1]).any()
