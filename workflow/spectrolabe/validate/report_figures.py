"""The report's pictures: each figure with its title and caption, as data within the page."""

import base64
import struct
from collections.abc import Mapping
from pathlib import Path

TITLES = {
    "residuals": "Predicted against reference labels",
    "noise": "Residuals against signal-to-noise",
    "coverage": "Are the uncertainties true?",
    "pit": "Where truths lie in their predicted distributions",
    "arms": "Arms alone and together",
    "kiel": "Kiel diagram",
    "luminosity_classes": "Giants, subgiants and dwarfs",
    "benchmark_stars": "Benchmark stars",
    "losses": "Training",
    "learning_rates": "Which learning rates diverge",
    "kiel_evolution": "The Kiel diagram during the training",
    "accuracy": "Accuracy by signal-to-noise",
    "residual_histograms": "Histograms of residuals",
    "abundances": "[α/Fe] against [Fe/H]",
    "snr": "Signal-to-noise ratios",
    "clusters": "Star clusters",
    "model_comparison": "Models side by side",
    "observed_sets": "Predicted against the survey’s labels: spectra that no model has met",
    "internal_precision": "How far the networks disagree",
    "one_to_one": "Predicted against given labels",
    "label_coverage": "Labels of the training set",
    "label_densities": "Labels of the parts of the set",
    "example_spectra": "Example spectra",
    "architecture": "Layers of the network",
    "abundance_densities": "Abundances of the training set",
    "cross_grid": "Models of each grid on test stars of each",
    "uncertainty_growth": "Do uncertainties grow where they should?",
    "grid_differences": "How far the spectra of the grids differ",
    "gap": "Can synthetic spectra be told from observed ones?",
    "continuum_bias": "How true the continuum is",
    "continuum_fits": "The continuum in single spectra",
    "sensitivity": "What labels are taken from",
    "correlated_labels": "What correlated labels do",
    "discs": "Thin and thick disc",
    "eccentricities": "Eccentricities of the discs’ stars",
    "ages": "Ages of the discs’ stars",
    "cluster_abundances": "Abundances of star clusters",
    "anticorrelation": "The Mg-Al anti-correlation",
    "reference_stars": "Benchmark stars, predicted against the survey’s labels",
    "similarity_map": "Similarity of the selected spectra",
    "observed_sets_map": "Inner and outer observed sets",
    "screening_recall": "What screening finds",
    "seismic": "Gravities beside asteroseismic ones",
    "recovery": "Where labels are recovered, and where they stop",
    "study": "Study of hyperparameters",
    "databases": "Errors by what networks were trained on",
    "comparisons": "Methods beside each other",
    "components": "How many components spectra need",
    "augmentation": "What copies of a star look like",
    "error_by_rotation": "Errors by signal-to-noise and rotation",
    "embedding": "What the network takes as alike",
}


def describe_figure(path: Path, captions: Mapping[str, str]) -> dict:
    """Give a figure's kind, title, caption, size and data, and what it is of.

    Parameters
    ----------
    path : ``.../figures/{figure}/{model}/{dataset}.png``, of a catalogue; ``.../figures/{figure}/{name}.png``, of a
        model or a dataset; or ``.../figures/{figure}.png``, of a recipe.
    captions : figure -> text.
    """
    places = path.with_suffix("").parts
    kind, *names = places[len(places) - places[::-1].index("figures") :]
    content = path.read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    caption, title = captions.get(kind, ""), TITLES.get(kind, kind)
    return {
        "kind": kind,
        "of": tuple(names),
        "title": f"{title}: {names[0]}" if len(names) == 1 else title,
        "alt": ", ".join(filter(None, [title, " on ".join(names)])) + f". {caption}",
        "caption": caption,
        "source": "data:image/png;base64," + base64.b64encode(content).decode("ascii"),
        "width": width,
        "height": height,
    }
