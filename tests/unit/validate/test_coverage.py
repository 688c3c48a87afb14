"""Coverage: shares, errors and verdicts by hand, PIT histograms of known distributions, and what is said of them."""

import json

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.calibration import LEVELS
from spectrolabe.predict.flags import LOW_SNR, OF_CATALOGUE
from spectrolabe.validate.coverage import histogram_transforms, measure_coverage, select_judged, summarise
from spectrolabe.validate.coverage_figures import plot_coverage, plot_pit
from spectrolabe.validate.coverage_tables import interval_rows, read_sentence
from spectrolabe.validate.coverage_warnings import read_warnings
from spectrolabe.validate.interval_hits import half_widths, is_inside, probability_transform
from spectrolabe.validate.style import save_figure


def catalogue_of(residuals, sigma=10.0, snr=50.0, claimed=1.0):
    """Stars whose label is 5000 and whose truth differs by the residuals; normal intervals of claimed times sigma."""
    residuals = np.asarray(residuals, float)
    columns = {"source_id": [f"s{star}" for star in range(len(residuals))], "snr": snr, "flag": 0}
    columns |= {"teff": 5000.0, "teff_err": claimed * sigma, "teff_true": 5000 + residuals}
    for level, (_, width) in LEVELS.items():
        half = width * claimed * sigma
        columns |= {f"teff_lo{level}": 5000.0 - half, f"teff_hi{level}": 5000.0 + half}
    return pd.DataFrame(columns)


def drawn(count, seed=1, **options):
    return catalogue_of(np.random.default_rng(seed).normal(0, 10, count), **options)


def cells(table, bins="all"):
    return table[table["bins"] == bins].set_index("level")


def test_shares_by_hand():
    table = cells(measure_coverage(catalogue_of([0, -5, 9, 10, -15, 18, -25, 30])))
    assert table["coverage"].tolist() == [2 / 8, 4 / 8, 5 / 8, 6 / 8]
    assert table["n"].tolist() == [8] * 4
    np.testing.assert_allclose(table["error"], [np.sqrt(p * (1 - p) / 8) for p, _ in LEVELS.values()])


def test_errors_of_references_widen_the_intervals():
    catalogue = catalogue_of([0, 12, 16]).assign(teff_true_err=[0.0, 10.0, np.nan])
    below, above = half_widths(catalogue, "teff", "68")
    np.testing.assert_allclose(below, [10, np.hypot(10, 10), 10])
    np.testing.assert_allclose(below, above)
    assert is_inside(catalogue, "teff", "68").tolist() == [True, True, False]
    # At 95 %, both are twice as wide.
    np.testing.assert_allclose(half_widths(catalogue, "teff", "95")[0], [20, np.hypot(20, 20), 20])


def test_the_spectra_of_a_star_count_as_one():
    catalogue = catalogue_of([0, 0, 0, 50, 50]).assign(source_id=["a", "a", "b", "b", "c"])
    table = cells(measure_coverage(catalogue))
    assert table["n"].tolist() == [3] * 4
    assert table.loc["68", "coverage"] == pytest.approx((1 + 0.5 + 0) / 3)


@pytest.mark.parametrize(("claimed", "within"), [(1.0, True), (1.05, True), (0.8, False), (1.4, False)])
def test_a_share_is_judged_by_tolerance_and_two_errors(claimed, within):
    table = cells(measure_coverage(drawn(4000, claimed=claimed)))
    assert table.loc["68", "within"] == within
    assert table.loc["50", "within"] == within


def test_the_limits_of_the_verdict():
    # Two errors of 100 stars are 9.3 points at 68 %, with the tolerance 12.3: 80 inside are too few to say, 81 are not.
    inside, outside = [0.0], [50.0]
    assert cells(measure_coverage(catalogue_of(inside * 80 + outside * 20))).loc["68", "within"]
    assert not cells(measure_coverage(catalogue_of(inside * 81 + outside * 19))).loc["68", "within"]


def test_bins_of_snr_and_of_labels():
    snr = np.repeat([5.0, 20.0, 200.0], [150, 150, 50])
    catalogue = catalogue_of(np.repeat([0.0, 50.0, 50.0], [150, 150, 50]), snr=snr)
    catalogue["logg_true"] = np.arange(350.0)
    table = measure_coverage(catalogue)
    by_snr = table[(table["bins"] == "snr") & (table["level"] == "68")]
    assert by_snr[["low", "high", "n", "coverage"]].to_numpy().tolist() == [
        [0, 10, 150, 1], [10, 30, 150, 0], [150, np.inf, 50, 0],
    ]  # fmt: skip
    assert by_snr["within"].tolist() == [False, False, True]  # of fewer than 100 stars, nothing is said
    quarters = table[(table["bins"] == "logg") & (table["level"] == "68")]
    assert quarters["n"].tolist() == [88, 87, 87, 88]
    assert quarters["n"].sum() == 350


def test_the_transform_of_a_normal_distribution_is_its_probability():
    catalogue = catalogue_of([-20, -10, -6.745, 0, 5, 10, 16.449, 25, 40])
    expected = [0.0228, 0.1587, 0.25, 0.5, 0.6915, 0.8413, 0.95, 0.9938, 1.0]
    np.testing.assert_allclose(probability_transform(catalogue, "teff"), expected, atol=1e-4)


def test_the_transform_knows_uneven_and_empty_intervals():
    catalogue = catalogue_of([-20.0, 20.0, 0.0, 3.0])
    for level in LEVELS:
        catalogue[f"teff_hi{level}"] = 5000 + 2 * (catalogue[f"teff_hi{level}"] - 5000)
    catalogue.loc[2:, [f"teff_{end}{level}" for level in LEVELS for end in ("lo", "hi")]] = 5000.0
    np.testing.assert_allclose(probability_transform(catalogue, "teff"), [0.0228, 0.8413, 0.5, 1.0], atol=1e-4)


@pytest.mark.parametrize(("claimed", "middle"), [(1.0, 0.1), (2.0, 0.2), (0.5, 0.05)])
def test_histograms_are_even_where_distributions_are_true(claimed, middle):
    table = histogram_transforms(drawn(20000, claimed=claimed))
    assert table["bin"].tolist() == pytest.approx(np.arange(0.05, 1, 0.1))
    assert table["share"].sum() == pytest.approx(1)
    assert table.loc[table["bin"].isin([0.45, 0.55]), "share"].mean() == pytest.approx(middle, rel=0.08)


def test_of_a_survey_spectra_without_flags_that_are_in_no_part_are_judged():
    catalogue = catalogue_of([0, 0, 0, 0]).assign(flag=[0, LOW_SNR, OF_CATALOGUE, OF_CATALOGUE])
    assert select_judged(catalogue, "survey").index.tolist() == [0, 2, 3]
    screened = catalogue.assign(part=["", "", "test", ""])
    assert select_judged(screened, "survey").index.tolist() == [0, 3]
    assert select_judged(screened, "stars-test").index.tolist() == [0, 1, 2, 3]


def test_a_summary_in_words(tmp_path):
    catalogue = drawn(1000, claimed=0.7, snr=40.0)
    summary = summarise(catalogue, measure_coverage(catalogue), "mlp on stars-test")
    found = (abs(catalogue["teff_true"] - 5000) <= 7).mean()
    assert summary["sharpness"] == {"teff": 7}
    assert summary["sentence"].startswith(
        f"mlp on stars-test: of 1,000 stars, the 68 % intervals hold the reference value for {100 * found:.0f} % (teff)"
    )
    assert summary["sentence"].endswith(": beyond tolerance and chance for teff.")
    # All stars lie in one bin of S/N, which says nothing new.
    assert len(summary["warnings"]) == 1
    assert summary["warnings"][0].startswith("mlp on stars-test: teff holds ")
    assert summary["warnings"][0].endswith("(n = 1000)")
    path = tmp_path / "stars-test.json"
    path.write_text(json.dumps(summary, allow_nan=False))
    assert read_sentence(path) == summary["sentence"]
    assert read_warnings([tmp_path / "absent.json", path])[0] == f"WARNING {summary['warnings'][0]}\n"


def test_a_bin_is_named_where_all_stars_together_hide_it():
    # Intervals too narrow at one S/N, as much too wide at the other.
    both = [drawn(1000, claimed=claimed, snr=snr) for claimed, snr in ((0.8, 20.0), (1.25, 40.0))]
    catalogue = pd.concat(both, ignore_index=True).assign(source_id=[f"s{row}" for row in range(2000)])
    warnings = summarise(catalogue, measure_coverage(catalogue), "mlp on stars-test")["warnings"]
    assert len(warnings) == 1
    assert " at S/N " in warnings[0]
    assert warnings[0].endswith("(n = 1000)")


def test_what_is_as_claimed_warns_of_nothing():
    catalogue = drawn(1000)
    summary = summarise(catalogue, measure_coverage(catalogue), "mlp on stars-test")
    assert summary["warnings"] == []
    assert summary["sentence"].endswith(": as claimed, within tolerance.")


def test_without_reference_labels_there_is_nothing_to_tell():
    catalogue = drawn(5).assign(teff_true=np.nan)
    table = measure_coverage(catalogue)
    assert table.empty
    assert histogram_transforms(catalogue).empty
    summary = summarise(catalogue, table, "mlp on stars")
    sentence = "mlp on stars: no star has both an interval and a reference value."
    assert summary == {"sentence": sentence, "sharpness": {}, "warnings": []}


def test_the_reports_table(tmp_path):
    catalogue = drawn(1000, claimed=0.7, snr=40.0)
    table = measure_coverage(catalogue)
    table.to_csv(tmp_path / "stars-test.csv", index=False)
    (tmp_path / "stars-test.json").write_text(json.dumps(summarise(catalogue, table, "mlp on stars-test")))
    (row,) = interval_rows(tmp_path / "stars-test.csv")
    share = 100 * cells(table).loc["68", "coverage"]
    assert (row["label"], row["n"], row["sharpness"]) == ("teff", "1,000", "7")
    assert row["68"] == f'<span class="flagged">{share:.1f} ± 1.5</span>'
    assert f"30–60: {share:.0f} % of 1,000 at 68 %" in row["worst"]


def test_figures(tmp_path):
    catalogue = drawn(300, snr=np.linspace(5, 200, 300))
    catalogue = catalogue.assign(logg_true=np.linspace(1, 5, 300), teff_true=catalogue["teff_true"])
    figure = plot_coverage(catalogue)
    assert len(figure.axes) == 4  # levels, and bins of S/N, Teff and log g
    save_figure(figure, tmp_path / "coverage.png")
    pit = plot_pit(catalogue)
    assert len(pit.axes) == 1
    save_figure(pit, tmp_path / "pit.png")
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in tmp_path.iterdir())


def test_distributions_say_their_own_transform():
    rows = pd.DataFrame({"teff": [5000.0, 5000.0], "teff_pit": [0.25, 0.75], "teff_true": [4000.0, 6000.0]})
    np.testing.assert_array_equal(probability_transform(rows, "teff"), [0.25, 0.75])


def test_sides_of_an_interval_count_by_themselves():
    rows = pd.DataFrame({"teff": 5000.0, "teff_lo68": 4990.0, "teff_hi68": 5100.0, "teff_true": [4985.0, 5090.0]})
    assert is_inside(rows, "teff", "68").tolist() == [False, True]
    # An error of 20 K on the label: 22.4 K below, 102 K above.
    rows = rows.assign(teff_true=[4980.0, 5103.0], teff_true_err=20.0)
    assert is_inside(rows, "teff", "68").tolist() == [True, False]
