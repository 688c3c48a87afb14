"""Doubt about spectra: what a training set lacks is far from it, for any kind of set."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spectrolabe.prepare.doubt import COLUMNS, fit_doubt, judge_spectra
from spectrolabe.prepare.screen_files import read_yardstick, write_yardstick
from spectrolabe.spectra.table import Spectra

WAVELENGTH = 5400 + 0.1 * np.arange(400)
CENTRES = np.array([5404, 5408.5, 5411, 5417, 5421.5, 5425, 5430.5])


def make_set(count, seed):
    """Spectra of one label, with noise of S/N 40 to 100 that the table does not state."""
    rng = np.random.default_rng(seed)
    depth = rng.uniform(0.2, 0.7, (count, 1)) * np.linspace(0.5, 1, len(CENTRES))
    flux = 1 - depth @ np.exp(-(((WAVELENGTH - CENTRES[:, None]) / 0.3) ** 2) / 2)
    noise = 1 / rng.uniform(40, 100, (count, 1))
    flux = flux + rng.normal(size=flux.shape) * noise
    table = pd.DataFrame({"spectrum_id": [f"s{seed}-{row}" for row in range(count)], "status": ""})
    ivar = np.broadcast_to(noise**-2.0, flux.shape)
    return Spectra(WAVELENGTH, "air", flux.astype(np.float32), ivar.astype(np.float32), table)


@pytest.fixture(scope="module")
def yardstick():
    return fit_doubt(make_set(400, 1), make_set(400, 2), seed=1)[0]


def test_trouble_is_named_with_its_place(yardstick):
    sound = make_set(300, 3)
    odd = replace(sound, flux=sound.flux + 0.3 * np.exp(-(((WAVELENGTH - 5435) / 0.4) ** 2) / 2).astype(np.float32))
    judged, doubted = judge_spectra(yardstick, sound), judge_spectra(yardstick, odd)
    assert (judged["score"] > 2).mean() < 0.04
    assert (doubted["score"] > 3).all()
    assert (doubted["telling"] == "emission").all()
    np.testing.assert_allclose(doubted["worst_wavelength"], 5435, atol=0.5)


def test_the_exposure_is_the_tables_or_what_the_pixels_say(yardstick):
    spectra = make_set(20, 4)
    noise = 1 / np.sqrt(spectra.ivar[:, 0])
    np.testing.assert_allclose(judge_spectra(yardstick, spectra)["exposure"], 1 / noise, rtol=0.02)
    stated = replace(spectra, table=spectra.table.assign(snr=[50.0] * 19 + [np.nan]))
    exposure = judge_spectra(yardstick, stated)["exposure"]
    assert (exposure[:19] == 50).all()
    assert exposure[19] == pytest.approx(1 / noise[19], rel=0.02)


def test_of_an_unusable_spectrum_nothing_is_known(yardstick):
    spectra = make_set(2, 5)
    judged = judge_spectra(yardstick, replace(spectra, table=spectra.table.assign(status=["", "lost"])))
    assert np.isnan(judged["score"]).tolist() == [False, True]
    assert judged["telling"].iloc[1] == ""


def test_few_spectra_are_no_yardstick(tmp_path):
    few, numbers = fit_doubt(make_set(100, 1), make_set(59, 2), seed=1)
    assert few is None
    assert numbers["fallback"] == "expected 60 training and held-out spectra, found 100 and 59"
    write_yardstick(tmp_path / "none.npz", few)
    judged = judge_spectra(read_yardstick(tmp_path / "none.npz"), make_set(3, 3))
    assert judged.columns.tolist() == [*COLUMNS]
    assert judged["score"].isna().all()
    assert (judged["telling"] == "").all()


def test_a_yardstick_is_read_as_it_was_written(tmp_path, yardstick):
    write_yardstick(tmp_path / "reference.npz", yardstick)
    spectra = make_set(50, 6)
    again = judge_spectra(read_yardstick(tmp_path / "reference.npz"), spectra)
    pd.testing.assert_frame_equal(again, judge_spectra(yardstick, spectra))
