"""Example spectra: spread, each once; as the file holds them, as prepared, and beside the Planck curve."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from spectrolabe.prepare.examples import choose_examples, planck_curve, read_examples, read_prepared, read_unit
from spectrolabe.spectra.standardisation import standardise
from spectrolabe.spectra.table import Spectra, write_shard


def test_examples_are_spread_in_temperature_and_noise():
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"status": "", "teff": rng.uniform(4000, 9000, 500), "snr": rng.uniform(10, 100, 500)})
    table.loc[:99, "status"] = "broken"
    chosen = choose_examples(table)
    assert len(set(chosen)) == 5
    assert chosen.min() >= 100
    assert table["teff"].iloc[chosen].is_monotonic_increasing
    assert np.ptp(table["teff"].iloc[chosen]) > 3500
    assert np.ptp(table["snr"].iloc[chosen]) > 50


@pytest.mark.parametrize(("rows", "expected"), [(0, []), (2, [0, 1])])
def test_few_spectra_are_each_shown_once(rows, expected):
    table = pd.DataFrame({"status": [""] * rows, "teff": [5000.0, 6000.0][:rows]})
    assert sorted(choose_examples(table)) == expected


def test_planck_curve_peaks_where_wien_says():
    wavelength = np.arange(3000.0, 9000.0)
    assert wavelength[planck_curve(wavelength, 5772).argmax()] == pytest.approx(2.897772e7 / 5772, abs=1)


@pytest.fixture
def survey(tmp_path):
    """Three one-dimensional spectra with a unit, and the same ones standardised on a shorter grid."""
    native = np.arange(5000.0, 5100.0)
    rows, flux = [], np.random.default_rng(1).uniform(40, 60, (3, 100))
    for number in range(3):
        hdu = fits.PrimaryHDU(flux[number].astype(np.float32))
        hdu.header.update({"CRVAL1": 5000.0, "CDELT1": 1.0, "CRPIX1": 1.0, "CTYPE1": "WAVE", "BUNIT": "1E-17 erg"})
        hdu.writeto(tmp_path / f"s{number}.fits")
        rows.append({"spectrum_id": f"s{number}", "source_id": "x", "path": f"s{number}.fits", "row": 0, "status": ""})
    table = pd.DataFrame(rows).assign(teff=[5000.0, np.nan, 7000.0], snr=[20.0, 30, 40])
    ivar = np.ones((3, 50))
    ivar[:, 7] = 0
    spectra = standardise(Spectra(native[:50], "vacuum", flux[:, :50], ivar, table), None)
    write_shard(tmp_path / "000.parquet", spectra, {})
    return tmp_path


def test_each_example_is_shown_raw_and_prepared(survey):
    prepared = read_prepared(survey / "000.parquet")
    curves = read_examples(prepared, survey, "linear_1d", [], planck=True)
    stages = curves.groupby("spectrum_id")["stage"].apply(list).to_dict()
    assert stages["s0"] == ["raw", "prepared", "planck"]
    assert stages["s1"] == ["raw", "prepared"]
    assert set(curves.loc[curves["stage"] == "raw", "unit"]) == {"1E-17 erg"}
    first = curves[curves["spectrum_id"] == "s0"].set_index("stage")
    assert len(first.loc["raw", "flux"]) == 100
    planck = first.loc["planck", "flux"]
    assert np.flatnonzero(np.isnan(planck)).tolist() == [7]
    np.testing.assert_allclose([np.nanmean(planck), np.nanstd(planck)], [0, 1], atol=1e-5)
    plain = read_examples(prepared, survey, "linear_1d", [], planck=False)
    assert set(plain["stage"]) == {"raw", "prepared"}


def test_a_file_without_unit_has_none(tmp_path):
    (tmp_path / "a.txt").write_text("5000 1\n")
    assert read_unit(tmp_path / "a.txt") == ""
