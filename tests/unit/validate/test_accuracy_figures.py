import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.accuracy_figures import plot_accuracy, plot_model_comparison, plot_residual_histograms
from spectrolabe.validate.style import save_figure


@pytest.fixture
def catalogue():
    """120 stars in two bins of S/N: predicted 20 K too hot where noisy, 10 K too cool elsewhere; log g is exact."""
    truth = np.tile(np.linspace(4000, 7000, 60), 2)
    noisy = np.repeat([True, False], 60)
    frame = pd.DataFrame({"snr": np.where(noisy, 20.0, 90.0), "flag": 0, "teff_true": truth, "logg_true": truth / 1000})
    return frame.assign(teff=truth + np.where(noisy, 20, -10), logg=frame["logg_true"])


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def line_of(axes, name):
    return next(line for line in axes.lines if line.get_label() == name)


def test_accuracy_is_the_median_absolute_residual_in_each_bin_of_noise(catalogue, tmp_path):
    figure = plot_accuracy(catalogue.iloc[:-1])
    hot, gravity = figure.axes[:2]
    # Twelve bins of 250 K hold 5 stars each: too few to be stated.
    assert len(hot.lines) == len(gravity.lines) == 0
    figure = plot_accuracy(pd.concat([catalogue] * 2))
    hot = figure.axes[0]
    assert {line.get_label() for line in hot.lines} == {"S/N below 30", "S/N 60–100"}
    noisy = line_of(hot, "S/N below 30")
    assert noisy.get_xdata().tolist() == pytest.approx(np.arange(4125, 7000, 250))
    assert noisy.get_ydata().tolist() == pytest.approx([20] * 12)
    assert line_of(hot, "S/N 60–100").get_ydata().tolist() == pytest.approx([10] * 12)
    save_figure(figure, tmp_path / "accuracy.png")


@pytest.mark.parametrize(
    "draw", [plot_accuracy, plot_residual_histograms, lambda rows: plot_model_comparison({"m": rows})]
)
def test_figures_without_truth_say_so(catalogue, draw):
    assert "No reference labels" in texts(draw(catalogue.drop(columns=["teff_true", "logg_true"])))


def test_histograms_state_median_and_standard_deviation_of_unflagged_spectra(tmp_path):
    residual = [-30.0, 0, 0, 60, 5000]
    frame = pd.DataFrame({"teff": np.array(residual) + 5000, "teff_true": 5000.0, "flag": [0, 0, 0, 0, 8]})
    figure = plot_residual_histograms(frame)
    assert "median +0 K\nσ 33 K\nn = 4" in texts(figure)  # mean 7.5, mean square 1125
    save_figure(figure, tmp_path / "histograms.png")


def test_residuals_off_the_axis_are_counted():
    frame = pd.DataFrame({"teff": 5000 + np.append(np.tile([-10.0, 10], 200), 1e5), "teff_true": 5000.0})
    assert "n = 401\n1 off the axis" in texts(plot_residual_histograms(frame))


def test_all_spectra_flagged_leave_no_histogram(catalogue):
    assert "No reference labels" in texts(plot_residual_histograms(catalogue.assign(flag=1)))


def test_models_are_compared_on_noisy_spectra_alone(catalogue, tmp_path):
    rows = pd.concat([catalogue] * 2)
    figure = plot_model_comparison({"with_noise": rows, "noiseless": rows.assign(teff=rows["teff"] + 100)})
    axes = figure.axes[0]
    assert line_of(axes, "with_noise").get_ydata().tolist() == pytest.approx([20] * 12)
    assert line_of(axes, "noiseless").get_ydata().tolist() == pytest.approx([120] * 12)
    save_figure(figure, tmp_path / "models.png")


def test_without_noisy_spectra_there_is_nothing_to_compare(catalogue):
    assert "S/N below 80" in texts(plot_model_comparison({"m": catalogue.assign(snr=100.0)}))
