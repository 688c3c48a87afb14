"""What columns mean: words, units, and UCDs of the vocabulary."""

import pytest
from astropy.io.votable.ucd import check_ucd

from spectrolabe.predict.columns import DESCRIPTIONS, NAMES, SUFFIXES, describe


@pytest.mark.parametrize(
    ("column", "meaning", "unit", "ucd"),
    [
        ("teff", "effective temperature", "K", "phys.temperature.effective"),
        ("teff_err_epistemic", "the networks' disagreement", "K", "stat.error;phys.temperature.effective"),
        ("teff_err_grid", "between grids of training, a LOWER bound", "K", "stat.error;phys.temperature.effective"),
        ("alpha_fe_lo95", "lower end of the 95 % interval", "dex", "phys.abund;stat.min"),
        ("feh_true", "reference value", "dex", "phys.abund.Fe"),
        ("teff_flag", "bit mask", "", "meta.code"),
        ("flag", "bit mask", "", "meta.code"),
        ("ra", "right ascension", "deg", "pos.eq.ra"),
        # Labels that only their name describes.
        ("vrad_err", "vrad, total uncertainty", "km/s", "stat.error"),
        ("strength_hi68", "strength, upper end", "dex", "stat.max"),
        ("strength", "strength", "dex", ""),
        ("mg_fe", "abundance [Mg/Fe]", "dex", "phys.abund"),
        ("al_h_hi68", "abundance [Al/H], upper end", "dex", "phys.abund;stat.max"),
        ("mg_fe_flag", "abundance [Mg/Fe], reasons for doubt", "", "meta.code"),
        ("a_mg", "abundance A(Mg), logarithm of the atoms to 1e12 of hydrogen", "dex", "phys.abund"),
        ("a_fe_err", "abundance A(Fe), logarithm", "dex", "stat.error;phys.abund.Fe"),
        ("teff_survey", "effective temperature, as the survey gives it", "K", "phys.temperature.effective"),
        ("mg_fe_survey_err", "[Mg/Fe], uncertainty that the survey gives", "dex", "stat.error;phys.abund"),
        ("mg_fe_true_err", "uncertainty of the reference value", "dex", "stat.error;phys.abund"),
        ("teff_hi50", "upper end of the 50 % interval", "K", "phys.temperature.effective;stat.max"),
        ("teff_chi2", "effective temperature, chi-square", "", "stat.fit.chi2"),
        ("teff_chi2_prob", "probability of a chi-square", "", "stat.probability"),
        ("n_spectra", "number of spectra", "", "meta.number"),
        ("screening", "inner or outer", "", "meta.code.class"),
        ("screening_reason", "why the spectrum is unlike", "", "meta.note"),
        ("teff_mean", "mean of the predicted distribution", "K", "phys.temperature.effective;stat.mean"),
        ("teff_entropy", "entropy of the predicted distribution", "", "stat.value"),
        ("mg_fe_pit", "where the reference value lies", "", "stat.probability"),
        ("part", "part of a training set", "", "meta.code.class"),
    ],
)
def test_every_column_is_described(column, meaning, unit, ucd):
    described = describe(column)
    assert meaning in described[0]
    assert described[1:] == (unit, ucd)


@pytest.mark.parametrize("column", [*DESCRIPTIONS, *NAMES, *(f"teff_{suffix}" for suffix in SUFFIXES)])
def test_every_ucd_is_one_that_astronomers_know(column):
    ucd = describe(column)[2]
    assert check_ucd(ucd, check_controlled_vocabulary=True), ucd
