"""Screening finds what was planted, names it, and judges every spectrum by itself."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spectrolabe.prepare.joint_maps import map_survey
from spectrolabe.prepare.screen_files import read_held_out, read_screen, read_training, write_screen
from spectrolabe.prepare.screening import UNUSABLE, fit_screen
from spectrolabe.spectra.table import Spectra, write_shard
from spectrolabe.spectra.wavelength import LIGHT_SPEED

WAVELENGTH = np.concatenate([5400 + 0.1 * np.arange(350), 8500 + 0.15 * np.arange(350)])
CENTRES = np.array([5404, 5408.5, 5411, 5417, 5421.5, 5425, 5430.5, 8506, 8513, 8524, 8531, 8539, 8544.0])
SETTINGS = {"components": 6, "neighbours": 5, "perplexity": 15, "false_alarms": 0.02, "seed": 3}


def lines(depth, velocity=0.0):
    places = CENTRES * (1 + velocity / LIGHT_SPEED)
    profiles = np.exp(-(((WAVELENGTH[:, None] - places) / places * LIGHT_SPEED / 12) ** 2) / 2)
    return depth @ profiles.T


def make_survey(count, seed, trouble=()):
    """Spectra of two labels with noise of S/N 40 to 100; the first ones have one trouble each."""
    rng = np.random.default_rng(seed)
    strength, other = rng.uniform(0.2, 0.7, count), rng.uniform(0.5, 1.5, count)
    slope = np.linspace(0, 1, len(CENTRES))
    depth = strength[:, None] * (1 - slope) + 0.4 * other[:, None] * slope
    flux = 1 - lines(depth)
    for row, kind in enumerate(trouble):
        if kind == "emission":
            flux[row] += 0.5 * np.exp(-(((WAVELENGTH - 8531) / 0.8) ** 2) / 2)
        if kind == "second_lines":
            flux[row] = (flux[row] + 0.7 * (1 - lines(depth[row], 80.0))) / 1.7
        if kind == "continuum":
            flux[row, :350] *= 1 + 0.15 * np.linspace(-1, 1, 350)
    snr = rng.uniform(40, 100, count)
    flux = flux + rng.normal(size=flux.shape) / snr[:, None]
    names = [f"s{seed}-{number:04d}" for number in range(count)]
    kinds = [*trouble, *[""] * (count - len(trouble))]
    table = pd.DataFrame({"spectrum_id": names, "source_id": names, "status": "", "snr": snr, "trouble": kinds})
    ivar = np.repeat(snr[:, None] ** 2, flux.shape[1], axis=1)
    return Spectra(WAVELENGTH, "air", flux.astype(np.float32), ivar.astype(np.float32), table.assign(label=strength))


@pytest.fixture(scope="module")
def screen():
    training = make_survey(300, 1, ["emission", "second_lines", "continuum"] * 3)
    held_out = make_survey(300, 2, ["second_lines", "continuum"] * 5)
    return fit_screen(training, [held_out], **SETTINGS)


@pytest.fixture(scope="module")
def observed():
    return make_survey(300, 4, ["emission", "second_lines", "continuum"] * 4)


@pytest.fixture(scope="module")
def verdicts(screen, observed):
    return screen[0].judge(observed)


def test_trouble_leaves_the_reference(screen):
    assert screen[1]["training_spectra"] == 300
    assert 250 < screen[1]["fitted_to"] <= 291
    assert {f"s1-{number:04d}" for number in range(9)}.isdisjoint(screen[0].neighbours.names)


def test_trouble_is_found_and_named(verdicts, observed):
    planted = observed.table["trouble"]
    assert not verdicts["sound"][planted != ""].any()
    # 288 sound spectra at a rate of 2 %: no more than four standard deviations above it.
    assert (~verdicts["sound"][planted == ""]).mean() < 0.055
    assert (verdicts["reason"][planted == "continuum"] == "continuum").all()
    assert (verdicts["reason"][planted == "emission"] == "emission").all()
    np.testing.assert_allclose(verdicts["worst_wavelength"][planted == "emission"], 8531, atol=0.5)
    assert (verdicts["reason"][planted == "second_lines"] == "second set of lines or wrong velocity").all()
    np.testing.assert_allclose(verdicts["second_velocity"][planted == "second_lines"], 80, atol=6)
    assert (verdicts["reason"][verdicts["sound"]] == "").all()


def test_a_verdict_does_not_depend_on_the_other_spectra(screen, verdicts, observed):
    alone = screen[0].judge(observed.select([5, 200]))
    numbers = verdicts.select_dtypes("number").columns
    np.testing.assert_allclose(alone[numbers], verdicts.iloc[[5, 200]][numbers], rtol=1e-3)
    assert alone["sound"].tolist() == verdicts["sound"].iloc[[5, 200]].tolist()


def test_the_map_never_moves(screen, observed):
    similarity = screen[0].map
    before = similarity.points.copy()
    scores = np.random.default_rng(5).normal(size=(40, similarity.scores.shape[1])) * similarity.scores.std(axis=0)
    placed = similarity.place(scores)
    np.testing.assert_array_equal(similarity.place(scores[7:9]), placed[7:9])
    np.testing.assert_array_equal(similarity.points, before)
    assert similarity.place(scores[:0]).shape == (0, 2)
    # A training spectrum's own scores lead back to its place or beside it.
    again = similarity.place(similarity.scores[:50])
    assert np.median(np.hypot(*(again - similarity.points[:50]).T)) < 3 * similarity.scale


def test_pixels_without_information_change_no_verdict(screen, observed, verdicts):
    gap = observed.select([100])
    flux, ivar = gap.flux.copy(), gap.ivar.copy()
    flux[:, 300:310], ivar[:, 300:310] = 0, 0
    judged = screen[0].judge(replace(gap, flux=flux, ivar=ivar))
    assert verdicts["sound"][100]
    assert judged["sound"][0]
    assert judged["score"][0] == pytest.approx(verdicts["score"][100], abs=0.5)


def test_an_unusable_spectrum_is_a_row_that_is_not_sound(screen, observed):
    table = observed.table.iloc[:2].assign(status=["", "cannot be read"])
    judged = screen[0].judge(Spectra(WAVELENGTH, "air", observed.flux[:2], observed.ivar[:2], table))
    assert judged["reason"].iloc[1] == UNUSABLE
    assert judged[["sound", "map_inner"]].iloc[1].tolist() == [False, False]
    assert np.isnan(judged["score"]).tolist() == [False, True]
    nothing = screen[0].judge(replace(observed.select([0]), table=table.iloc[[1]]))
    assert nothing["reason"].tolist() == [UNUSABLE]


def test_few_training_spectra_are_no_reference():
    with pytest.raises(ValueError, match="expected 60 selected training spectra or more, found 59"):
        fit_screen(make_survey(59, 1), [], **SETTINGS)


def test_another_grid_is_refused(screen, observed):
    moved = replace(observed, wavelength=WAVELENGTH + 1)
    with pytest.raises(
        ValueError, match="on the grid of the reference, 700 pixels from 5400 angstrom, found 700 .*5401"
    ):
        screen[0].judge(moved)


def test_a_screen_is_read_as_it_was_written(tmp_path, screen, observed, verdicts):
    write_screen(tmp_path / "reference.npz", screen[0])
    again = read_screen(tmp_path / "reference.npz").judge(observed)
    pd.testing.assert_frame_equal(again, verdicts)


def test_parts_are_read_from_shards(tmp_path):
    shards = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    for seed, path in enumerate(shards):
        write_shard(path, make_survey(4, seed), {})
    names = [f"s{seed}-{number:04d}" for seed in (0, 1) for number in range(4)]
    parts = ["training", "test", "", "validation", "calibration", "training", "training", ""]
    selection = pd.DataFrame({"spectrum_id": names, "part": parts})
    training = read_training(shards, selection, seed=1)
    assert training.table["spectrum_id"].tolist() == ["s0-0000", "s1-0001", "s1-0002"]
    held_out = [part.table["spectrum_id"].tolist() for part in read_held_out(shards, selection, 1)]
    assert held_out == [["s0-0003"], ["s1-0000"]]


@pytest.mark.parametrize("most", [300, 200])
def test_the_joint_map_tells_inner_from_outer(tmp_path, monkeypatch, observed, verdicts, most):
    # Of 300 spectra all are in the map, or 200 of them, among which the others are placed, some at a time.
    monkeypatch.setattr("spectrolabe.prepare.joint_maps.MOST_MAPPED", most)
    monkeypatch.setattr("spectrolabe.prepare.joint_maps.PLACED", 30)
    # One spectrum of another kind altogether, which no training spectrum is beside.
    flux = observed.flux.copy()
    flux[290:] += 0.6 * np.sin(WAVELENGTH)
    write_shard(tmp_path / "0.parquet", replace(observed, flux=flux), {})
    part = np.where(np.arange(300) < 200, "training", "validation")
    part[280:] = ""
    table = observed.table[["spectrum_id", "snr"]].assign(part=part).join(verdicts)
    settings = {"columns": ["label", "trouble"], "components": 6, "perplexity": 15, "false_alarms": 0.02, "seed": 3}
    placed = map_survey([tmp_path / "0.parquet"], table, **settings)
    assert placed["spectrum_id"].tolist() == observed.table["spectrum_id"].tolist()
    assert placed["label"].tolist() == observed.table["label"].tolist()
    assert not placed["joint_inner"].iloc[290:].any()
    assert placed["joint_inner"].iloc[:280].mean() > 0.9
    assert (placed["inner"] == placed["joint_inner"] & placed["sound"]).all()
