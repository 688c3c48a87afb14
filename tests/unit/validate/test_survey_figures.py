import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.figure_names import OF_SETS
from spectrolabe.validate.label_figures import LABEL_FIGURES, plot_abundance_densities, plot_label_coverage
from spectrolabe.validate.scores import FEW
from spectrolabe.validate.style import save_figure
from spectrolabe.validate.survey_figures import (
    CROWD,
    plot_internal_precision,
    plot_observed_sets,
    plot_one_to_one,
    title_part,
)


def texts(axes):
    return " ".join(text.get_text() for text in axes.findobj(lambda artist: hasattr(artist, "get_text")))


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]


def screened(count=40):
    """Spectra whose Teff is 10 K too high; every fourth is a training spectrum, every other of the rest outer."""
    number = np.arange(count)
    given = np.linspace(4000, 7000, count)
    return pd.DataFrame(
        {
            "snr": np.where(number % 8 < 4, 20.0, 60.0),
            "part": np.where(number % 4 == 0, "training", ""),
            "screening": np.where(number % 2 == 0, "inner", "outer"),
            "teff": given + 10,
            "teff_true": given + 1000,
            "teff_survey": given,
            "teff_err_epistemic": 25.0,
        }
    )


def test_one_to_one_quotes_mean_and_standard_deviation_of_both_parts(tmp_path):
    training = pd.DataFrame({"teff": [5010.0, 5020, 5060], "teff_true": 5000.0, "mg_fe": 0.1, "mg_fe_true": 0.2})
    test = pd.DataFrame({"teff": [4990.0], "teff_true": 5000.0, "mg_fe": np.nan, "mg_fe_true": 0.2})
    figure = plot_one_to_one({"Training": training, "Test": test})
    assert titles(figure) == ["Training", "Test"]
    first, second, third, fourth = map(texts, figure.axes)
    assert "bias +30 K\nscatter 22 K\nn = 3" in first  # root of (400 + 100 + 900) / 3
    assert "bias −10 K\nscatter 0 K\nn = 1" in second
    assert "bias −0.100 dex" in third
    assert "no spectra with this label" in fourth
    save_figure(figure, tmp_path / "figure.png")


def test_labels_of_the_survey_come_before_the_truth():
    assert "bias +10 K\nscatter 0 K" in texts(plot_one_to_one({"Test": screened()}).axes[0])


def stars(count):
    truth = np.linspace(4000, 6000, count)
    bounds = {"teff_lo68": truth - 40, "teff_hi68": truth + 120}
    return pd.DataFrame({"teff": truth + 10, "teff_true": truth, **bounds})


def test_few_stars_have_bars_from_the_lower_to_the_upper_bound(tmp_path):
    figure = plot_one_to_one({"Test": stars(FEW)})
    (bars,) = figure.axes[0].containers
    segments = np.array(bars.lines[2][0].get_segments())
    np.testing.assert_allclose(np.diff(segments[:, :, 1], axis=1), 160)
    np.testing.assert_allclose(segments[:, 0, 1], stars(FEW)["teff_lo68"])
    assert "bias +10 K\nscatter 0 K\nn = 100" in texts(figure.axes[0])
    save_figure(figure, tmp_path / "figure.png")
    assert not plot_one_to_one({"Test": stars(FEW + 1)}).axes[0].containers


def test_stars_without_a_survey_label_are_shown_against_the_truth():
    figure = plot_one_to_one({"Test": stars(10).assign(teff_survey=np.nan)})
    assert "bias +10 K" in texts(figure.axes[0])
    assert figure.axes[0].get_xlabel().startswith("true ")
    figure = plot_one_to_one({"Test": stars(10).assign(teff_survey=4990.0)})
    assert figure.axes[0].get_xlabel().startswith("given ")


def test_parts_of_other_sets_are_titled_by_their_names():
    parts = ["stars-training", "stars-test", "clean-test"]
    assert [title_part(part, "stars") for part in parts] == ["Training", "Test", "Test: clean"]


def test_one_to_one_without_labels_says_so():
    assert "No reference labels" in texts(plot_one_to_one({"Test": pd.DataFrame({"teff": [1.0]})}))


def test_observed_sets_leave_out_training_stars_and_say_how_many_lie_outside():
    figure = plot_observed_sets(screened(), {"teff": [5000, 8000]})
    assert titles(figure) == ["Inner, S/N of 30 and more", "Inner, S/N below 30", "Outer"]
    # Inner are numbers 2, 10, 18, ... at S/N 20, and 6, 14, 22, ... at 60; below 5000 K lie numbers up to 12.
    assert [f"n = {n}" in texts(axes) for n, axes in zip((5, 5, 20), figure.axes, strict=True)] == [True] * 3
    assert ["20 % outside" in texts(figure.axes[0]), "40 % outside" in texts(figure.axes[1])] == [True, True]
    assert "30 % outside" in texts(figure.axes[2])  # 1, 3, ... 11 of 20


def test_shades_lie_outside_the_training_range():
    panel = plot_observed_sets(screened(), {"teff": [5000, 6000]}).axes[0]
    spans = sorted((patch.get_x(), patch.get_x() + patch.get_width()) for patch in panel.patches)
    low, high = panel.get_xlim()
    np.testing.assert_allclose(spans, [(low, 5000), (6000, high)])


@pytest.mark.parametrize("draw", [lambda rows: plot_observed_sets(rows, {}), plot_internal_precision])
@pytest.mark.parametrize("rows", [screened().drop(columns="screening"), screened().assign(part="test")])
def test_nothing_observed_says_so(draw, rows):
    assert "No observed spectra" in texts(draw(rows))


def test_internal_precision_draws_boxes_in_steps_of_ten(tmp_path):
    rows = screened(80).assign(part="", mg_fe_err_epistemic=0.02, mg_fe=0.1)
    rows["teff_err_epistemic"] = np.where(rows["snr"] == 20, 40.0, 15.0)
    figure = plot_internal_precision(rows)
    left, right = figure.axes[:2]
    medians = {tuple(line.get_xdata()): set(line.get_ydata()) for line in right.lines if line.get_linewidth() == 2}
    assert medians == {(22.0, 28.0): {40.0}, (62.0, 68.0): {15.0}}
    assert left.get_ylim() == (0, pytest.approx(44))
    assert len(figure.axes) == 4
    save_figure(figure, tmp_path / "figure.png")


def labels_of(count, seed):
    rng = np.random.default_rng(seed)
    low, span = np.array([4000, 1, -1.5, -0.2, -0.9]), np.array([2900, 3.8, 2.2, 1, 1.9])
    return pd.DataFrame(low + span * rng.random((count, 5)), columns=["teff", "logg", "feh", "mg_fe", "al_fe"])


def test_tables_of_figures_of_sets_agree():
    assert tuple(LABEL_FIGURES) == OF_SETS


def test_label_coverage_has_a_panel_per_part(tmp_path):
    figure = plot_label_coverage({"training": labels_of(30, 1), "test": labels_of(4, 2).assign(logg=np.nan)})
    assert titles(figure) == ["Training (30)", "Test (0)"]
    low, high = figure.axes[0].get_xlim()
    assert low > high
    save_figure(figure, tmp_path / "figure.png")


def test_label_coverage_without_metallicity_has_no_colours():
    figure = plot_label_coverage({"training": labels_of(30, 1)[["teff", "logg"]]})
    assert len(figure.axes) == 1


@pytest.mark.parametrize("count", [20, CROWD])
def test_abundance_densities_join_the_parts_and_draw_a_panel_per_element(count, tmp_path):
    figure = plot_abundance_densities({"training": labels_of(count, 1).assign(a_fe=7.0), "test": labels_of(5, 2)})
    assert titles(figure) == [f"[Mg/Fe] ({count + 5})", f"[Al/Fe] ({count + 5})"]
    save_figure(figure, tmp_path / "figure.png")


def test_abundance_densities_of_no_abundances_say_so():
    assert "No spectrum" in texts(plot_abundance_densities({"training": labels_of(3, 1)[["teff", "feh"]]}))
