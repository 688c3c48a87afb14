"""The table of stars: weights, errors and doubts by hand, and what repeats do not average."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from spectrolabe.predict.flags import BAD_PIXELS, LOW_SNR, NEAR_TRAINING_EDGE, UNREADABLE
from spectrolabe.predict.stars import MIN_REPEATED, combine_stars, group_spectra, measure_repeats, repeated_share
from spectrolabe.spectra import slices

NAN = np.nan


def spectra(names, teff, errors, flags=0, **columns):
    """Rows of a catalogue with one label."""
    rows = pd.DataFrame({"source_id": list(names), "ra": 10.0, "dec": -5.0, "snr": 30.0, "teff": teff})
    rows = rows.assign(teff_err=errors, teff_lo68=0.0, teff_flag=flags, flag=flags)
    return rows.assign(**columns)


def repeats(rng, stars, noise, common):
    """Three spectra each of many stars, whose errors are partly shared by the spectra of a star."""
    names = np.repeat([f"s{star}" for star in range(stars)], 3)
    shared = np.repeat(common * rng.standard_normal(stars), 3)
    values = 5000 + shared + noise * rng.standard_normal(3 * stars)
    return spectra(names, values, np.hypot(noise, common), teff_true=5000.0)


def test_spectra_count_by_the_inverse_variance_of_their_errors():
    stars, shares = combine_stars(spectra("aab", [5000.0, 5100, 6000], [10.0, 20, 30]))
    # Weights of 4 and 1: 5000 + 100 / 5, and the chi-square 2² + 4² of distances -20 / 10 and 80 / 20.
    assert stars["source_id"].tolist() == ["a", "b"]
    assert stars["teff"].tolist() == [5020, 6000]
    np.testing.assert_allclose(stars["teff_chi2"], [20, NAN])
    np.testing.assert_allclose(stars["teff_chi2_prob"], [chi2.sf(20, 1), NAN], rtol=1e-5)
    assert stars["n_spectra"].tolist() == stars["n_listed"].tolist() == [2, 1]
    np.testing.assert_allclose(stars["snr"], [30 * np.sqrt(2), 30])
    assert np.isnan(shares["teff"])


def test_where_too_few_stars_are_repeated_nothing_averages():
    stars, _ = combine_stars(spectra("aa", [5000.0, 5100], [10.0, 20]))
    # The mean of 10² and 20² with the weights 4 and 1.
    assert stars["teff_err"].iloc[0] == pytest.approx(np.sqrt(160))


def test_noise_alone_averages():
    rng = np.random.default_rng(1)
    stars, shares = combine_stars(repeats(rng, 400, noise=50, common=0))
    assert shares["teff"] == pytest.approx(1, abs=0.15)
    assert stars["teff_err"].iloc[0] == pytest.approx(50 / np.sqrt(3), rel=0.1)
    assert (stars["teff_chi2_prob"] < 0.1).mean() == pytest.approx(0.1, abs=0.05)


def test_what_all_spectra_of_a_star_share_does_not_average():
    rng = np.random.default_rng(2)
    stars, shares = combine_stars(repeats(rng, 400, noise=30, common=40))
    assert shares["teff"] == pytest.approx(0.36, abs=0.06)
    assert stars["teff_err"].iloc[0] == pytest.approx(np.sqrt(30**2 / 3 + 40**2), rel=0.03)
    inside = (stars["teff"] - 5000).abs() < stars["teff_err"]
    assert inside.mean() == pytest.approx(0.683, abs=0.05)
    # As independent errors, 29 K would have been quoted, and 50 % of the stars have lain within them.
    assert ((stars["teff"] - 5000).abs() < 50 / np.sqrt(3)).mean() < 0.55


def test_one_variable_star_stands_out_and_moves_nothing():
    rows = repeats(np.random.default_rng(3), 60, noise=30, common=40)
    rows.loc[0, "teff"] += 1000
    stars, shares = combine_stars(rows)
    assert shares["teff"] == pytest.approx(0.36, abs=0.15)
    assert stars["teff_chi2_prob"].iloc[0] < 1e-6


@pytest.mark.parametrize(("count", "known"), [(MIN_REPEATED - 1, False), (MIN_REPEATED, True)])
def test_a_share_needs_some_repeated_stars(count, known):
    share = repeated_share(np.full(count, chi2.median(2) / 4), np.full(count, 3))
    assert share == pytest.approx(0.25) if known else np.isnan(share)


def test_good_spectra_outweigh_spoiled_ones():
    flags = [BAD_PIXELS, LOW_SNR, UNREADABLE, BAD_PIXELS, NEAR_TRAINING_EDGE | BAD_PIXELS]
    teff = [5000.0, 5100, NAN, 6000, 6200]
    stars, _ = combine_stars(spectra("aaabb", teff, [10.0, 10, NAN, 10, 10], flags))
    # A low S/N is in the error already; a star whose spectra are all spoiled keeps them, with all their flags.
    assert stars["teff"].tolist() == [5100, 6100]
    assert stars["n_spectra"].tolist() == [1, 2]
    assert stars["n_listed"].tolist() == [3, 2]
    assert stars["flag"].tolist() == stars["teff_flag"].tolist() == [LOW_SNR, BAD_PIXELS | NEAR_TRAINING_EDGE]
    assert stars["flag_text"].tolist() == ["low_snr", "bad_pixels; near_training_edge"]


def test_a_star_without_a_readable_spectrum_stays_as_a_row():
    rows = spectra("ab", [NAN, 5000.0], [NAN, 10], [UNREADABLE, 0], teff_true=[4900.0, NAN])
    star = combine_stars(rows)[0].iloc[0]
    assert (star["n_spectra"], star["n_listed"], star["flag"], star["flag_text"]) == (0, 1, UNREADABLE, "unreadable")
    assert star[["teff", "teff_err", "teff_chi2", "teff_chi2_prob"]].isna().all()
    assert star["teff_true"] == 4900


def test_a_model_without_errors_weighs_spectra_alike():
    stars, shares = combine_stars(spectra("aab", [5000.0, 5100, 6000], NAN))
    assert stars["teff"].tolist() == [5050, 6000]
    assert stars["teff_err"].isna().all()
    assert stars["teff_chi2"].isna().all()
    assert np.isnan(shares["teff"])


def test_positions_come_from_the_first_spectrum_that_knows_them():
    stars, _ = combine_stars(spectra("aa", 5000.0, 10.0, ra=[NAN, 20.0]))
    assert stars[["ra", "dec"]].iloc[0].tolist() == [20, -5]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_slices_of_any_size_give_the_same_stars_in_the_order_of_their_first_spectra(tmp_path, monkeypatch, size):
    rng = np.random.default_rng(4)
    rows = repeats(rng, 30, noise=30, common=40).sample(frac=1, random_state=5)
    rows["teff"] = rows["teff"].astype(np.float32)
    rows.assign(flag_text="left out").to_parquet(tmp_path / "survey.parquet", index=False)
    expected, shares = combine_stars(rows.reset_index(drop=True))
    monkeypatch.setattr(slices, "SLICE", size)
    spectra = group_spectra(tmp_path / "survey.parquet", tmp_path)
    measured = measure_repeats(spectra, len(spectra.order))
    stars = pd.concat([combine_stars(some, measured)[0] for some in spectra], ignore_index=True)
    pd.testing.assert_frame_equal(stars, expected, check_exact=True)
    assert stars["source_id"].tolist() == rows["source_id"].drop_duplicates().tolist()
    assert measured["teff"].share == shares["teff"]


def test_a_model_without_errors_is_told_from_all_slices():
    silent, loud = spectra("aab", [5000.0, 5100, 6000], NAN), spectra("cc", [5000.0, 5100], 10.0)
    assert measure_repeats([silent, silent])["teff"].silent
    measured = measure_repeats([silent, loud])
    assert not measured["teff"].silent
    assert combine_stars(silent, measured)[0]["teff"].isna().all()


def test_of_too_many_stars_every_second_is_compared(monkeypatch):
    rows = repeats(np.random.default_rng(6), 40, noise=30, common=40)
    monkeypatch.setattr("spectrolabe.predict.stars.MOST_COMPARED", 20)
    every_second = rows[rows["source_id"].str[1:].astype(int) % 2 == 0]
    assert measure_repeats([rows], 40) == measure_repeats([every_second])
