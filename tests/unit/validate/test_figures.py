import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from spectrolabe.predict.calibration import LEVELS
from spectrolabe.recipe import RECIPE_SCHEMA
from spectrolabe.validate.catalogue_figures import CATALOGUE_FIGURES
from spectrolabe.validate.coverage_figures import plot_coverage, plot_pit
from spectrolabe.validate.diagrams import plot_abundances, plot_losses, plot_snr
from spectrolabe.validate.figure_names import FIGURES, OF_CATALOGUE
from spectrolabe.validate.figures import CROWD, plot_noise, plot_residuals
from spectrolabe.validate.report_figures import TITLES
from spectrolabe.validate.style import axis_name, name_of, number, save_figure

LEVEL_WIDTHS = [(level, width) for level, (_, width) in LEVELS.items()]
SCALES = {"teff": (4000, 7000, 60), "logg": (0.5, 5, 0.1), "feh": (-2.5, 0.5, 0.05), "rv": (-3, 3, 0.2)}


def make_catalogue(count, *, truth=True):
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"snr": rng.uniform(30, 150, count), "flag": np.arange(count) % 10 == 9})
    frame["source_id"] = [f"s{star}" for star in range(count)]
    for label, (low, high, sigma) in SCALES.items():
        true = rng.uniform(low, high, count)
        frame[label], frame[f"{label}_err"] = true + rng.normal(0, sigma, count), sigma
        for level, width in LEVEL_WIDTHS:
            frame[f"{label}_lo{level}"] = frame[label] - width * sigma
            frame[f"{label}_hi{level}"] = frame[label] + width * sigma
        if truth:
            frame[f"{label}_true"] = true
    return frame


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


@pytest.mark.parametrize("draw", [plot_residuals, plot_noise, plot_coverage, plot_pit])
@pytest.mark.parametrize("count", [1, 12, CROWD + 50])
def test_figures_with_truth_draw_a_panel_per_label(draw, count, tmp_path):
    figure = draw(make_catalogue(count))
    assert isinstance(figure, Figure)
    assert (
        len(figure.axes) == {plot_residuals: 8, plot_noise: 4, plot_coverage: 5 if count > 12 else 1, plot_pit: 4}[draw]
    )
    save_figure(figure, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("draw", [plot_residuals, plot_noise, plot_coverage, plot_pit])
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
    assert "No intervals" in texts(plot_coverage(catalogue))
    assert "No intervals" in texts(plot_pit(catalogue))


def test_losses_draw_every_member(tmp_path):
    epochs = np.arange(1, 6)
    history = {"epoch": epochs, "loss": 5.0 / epochs, "val_loss": 6.0 / epochs, "learning_rate": 1e-3}
    figure = plot_losses({str(member): pd.DataFrame(history) for member in range(9)})
    assert len(figure.axes[0].lines) == 27  # two curves and a dot per member
    save_figure(figure, tmp_path / "losses.png")


def test_tables_of_figures_agree():
    assert tuple(CATALOGUE_FIGURES) == OF_CATALOGUE
    captions = Path(__file__).parents[3] / "workflow" / "report"
    assert {path.stem for path in captions.glob("*.rst")} == set(FIGURES)
    assert set(RECIPE_SCHEMA.alternatives("figure")) == set(FIGURES)
    assert set(FIGURES) <= set(TITLES)


@pytest.mark.parametrize("count", [12, CROWD + 50])
def test_abundances_leave_flagged_spectra_out_and_put_the_reference_beside(count, tmp_path):
    catalogue = make_catalogue(count).assign(alpha_fe=0.2, alpha_fe_true=0.1)
    figure = plot_abundances(catalogue)
    good = count - count // 10
    assert [axes.get_title(loc="left") for axes in figure.axes] == [f"Predicted ({good})", f"Reference ({good})"]
    save_figure(figure, tmp_path / "abundances.png")


def test_abundances_without_alpha_say_so():
    assert "[α/Fe]" in texts(plot_abundances(make_catalogue(12)))


def test_signal_to_noise_ratios_are_counted():
    figure = plot_snr(pd.DataFrame({"snr": [10.0, 20, 40, np.nan]}))
    assert "3 spectra, median S/N 20" in figure.axes[0].get_title(loc="left")
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == 3


def test_no_signal_to_noise_ratio_says_so():
    assert "No signal-to-noise" in texts(plot_snr(pd.DataFrame({"snr": [np.nan]})))


def test_same_picture_same_bytes(tmp_path):
    for name in ("a", "b"):
        save_figure(plot_noise(make_catalogue(20)), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_names_and_numbers():
    assert axis_name("teff") == r"$T_\mathrm{eff}$ [K]"
    assert axis_name("alpha_fe", "Δ ") == "Δ [α/Fe] [dex]"
    assert [name_of(label) for label in ("mg_fe", "al_h", "something")] == ["[Mg/Fe]", "[Al/H]", "something"]
    assert number("teff", -12.4) == "−12"
    assert number("feh", -0.0001, signed=True) == "+0.000"
    assert number("feh", 0.126, coarse=True) == "0.13"


def test_figures_import_neither_keras_nor_pyplot():
    code = "import sys, spectrolabe.validate.catalogue_figures, spectrolabe.validate.report\n"
    code += "print({'keras', 'tensorflow', 'matplotlib.pyplot'} & set(sys.modules))"
    workflow = Path(__file__).parents[3] / "workflow"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=workflow)
    assert done.stdout.strip() == "set()"
