import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from spectrolabe.validate.diagrams import plot_benchmark_stars, plot_kiel, plot_losses
from spectrolabe.validate.figures import CROWD, plot_coverage, plot_noise, plot_residuals
from spectrolabe.validate.style import axis_name, name_of, number, save_figure

SCALES = {"teff": (4000, 7000, 60), "logg": (0.5, 5, 0.1), "feh": (-2.5, 0.5, 0.05), "rv": (-3, 3, 0.2)}


def make_catalogue(count, *, truth=True):
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"snr": rng.uniform(30, 150, count), "flag": np.arange(count) % 10 == 9})
    for label, (low, high, sigma) in SCALES.items():
        true = rng.uniform(low, high, count)
        frame[label], frame[f"{label}_err"] = true + rng.normal(0, sigma, count), sigma
        for level, width in (("68", 1), ("95", 2)):
            frame[f"{label}_lo{level}"] = frame[label] - width * sigma
            frame[f"{label}_hi{level}"] = frame[label] + width * sigma
        if truth:
            frame[f"{label}_true"] = true
    return frame


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


@pytest.mark.parametrize("draw", [plot_residuals, plot_noise, plot_coverage])
@pytest.mark.parametrize("count", [1, 12, CROWD + 50])
def test_figures_with_truth_draw_a_panel_per_label(draw, count, tmp_path):
    figure = draw(make_catalogue(count))
    assert isinstance(figure, Figure)
    assert len(figure.axes) == {plot_residuals: 8, plot_noise: 4, plot_coverage: 2}[draw]
    save_figure(figure, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("draw", [plot_residuals, plot_noise, plot_coverage])
def test_figures_without_truth_say_so(draw):
    assert "No reference labels" in texts(draw(make_catalogue(5, truth=False)))


def test_noise_without_snr_says_so():
    catalogue = make_catalogue(5)
    catalogue["snr"] = np.nan
    assert "signal-to-noise" in texts(plot_noise(catalogue))


def test_residuals_quote_bias_and_scatter():
    frame = pd.DataFrame({"teff": [5010.0, 5030, 5050], "teff_true": [5000.0, 5000, 5000]})
    shown = texts(plot_residuals(frame))
    assert "bias +30 K" in shown
    assert "scatter 30 K" in shown  # 1.4826 times 20 K


def test_figures_survive_a_point_head_without_intervals():
    catalogue = make_catalogue(12)
    catalogue = catalogue.drop(columns=[name for name in catalogue if "_lo" in name or "_hi" in name])
    catalogue["teff_err"] = np.nan
    assert len(plot_coverage(catalogue).axes) == 2


@pytest.mark.parametrize("truth", [True, False])
def test_kiel_draws_surveys_and_test_sets(truth, tmp_path):
    figure = plot_kiel(make_catalogue(20, truth=truth))
    assert len(figure.axes) == (3 if truth else 2)  # the last one is the colour bar
    assert figure.axes[0].xaxis_inverted()
    assert figure.axes[0].yaxis_inverted()
    save_figure(figure, tmp_path / "kiel.png")


def test_kiel_without_metallicity_has_no_colour_bar():
    assert len(plot_kiel(make_catalogue(20, truth=False).drop(columns="feh")).axes) == 1


def test_kiel_without_gravity_says_so():
    assert "Teff and log g" in texts(plot_kiel(make_catalogue(5).drop(columns="logg")))


def test_kiel_of_unreadable_spectra_says_so():
    catalogue = make_catalogue(3, truth=False)
    catalogue[["teff", "logg"]] = np.nan
    assert "Teff and log g" in texts(plot_kiel(catalogue))


def test_losses_draw_every_member(tmp_path):
    epochs = np.arange(1, 6)
    history = {"epoch": epochs, "loss": 5.0 / epochs, "val_loss": 6.0 / epochs, "learning_rate": 1e-3}
    figure = plot_losses({str(member): pd.DataFrame(history) for member in range(9)})
    assert len(figure.axes[0].lines) == 27  # two curves and a dot per member
    save_figure(figure, tmp_path / "losses.png")


def test_benchmark_stars_draw_a_panel_per_label(tmp_path):
    rows = pd.DataFrame({"star": ["Sun", "Sun", "bet Hyi"], "flag": [0, 0, 8]})
    for label in ("teff", "logg"):
        rows[f"{label}_difference"], rows[f"{label}_difference_err"] = [30.0, np.nan, -40], [10.0, np.nan, 20]
    figure = plot_benchmark_stars(rows)
    assert len(figure.axes) == 2
    assert "quadratic mean 35 K; within the training range 30 K" in texts(figure)
    save_figure(figure, tmp_path / "stars.png")


def test_no_benchmark_star_says_so():
    rows = pd.DataFrame({"star": [], "flag": [], "teff_difference": [], "teff_difference_err": []}, dtype=float)
    assert "No spectrum of a benchmark star" in texts(plot_benchmark_stars(rows))


def test_same_picture_same_bytes(tmp_path):
    for name in ("a", "b"):
        save_figure(plot_kiel(make_catalogue(20)), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_names_and_numbers():
    assert axis_name("teff") == r"$T_\mathrm{eff}$ [K]"
    assert axis_name("alpha_fe", "Δ ") == "Δ [α/Fe] [dex]"
    assert [name_of(label) for label in ("mg_fe", "al_h", "something")] == ["[Mg/Fe]", "[Al/H]", "something"]
    assert number("teff", -12.4) == "−12"
    assert number("feh", -0.0001, signed=True) == "+0.000"
    assert number("feh", 0.126, coarse=True) == "0.13"


def test_figures_import_neither_keras_nor_pyplot():
    code = "import sys, spectrolabe.validate.figures, spectrolabe.validate.diagrams, spectrolabe.validate.report\n"
    code += "print({'keras', 'tensorflow', 'matplotlib.pyplot'} & set(sys.modules))"
    workflow = Path(__file__).parents[3] / "workflow"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=workflow)
    assert done.stdout.strip() == "set()"
