"""Reference stars: benchmark stars with several spectra, and stars whose gravity is known from their oscillations."""

import numpy as np
import pandas as pd

from spectrolabe.validate.population_sample import WORTHLESS, known, lacking, predicted_labels, without_flags
from spectrolabe.validate.scores import robust_sigma

PARTS = ("", "_err", "_survey", "_survey_err", "_true")
#: Pairs of gravities that are set against each other: first minus second.
PAIRS = {
    "survey_seismic": ("logg_survey", "logg_seismic"),
    "predicted_seismic": ("logg", "logg_seismic"),
    "predicted_survey": ("logg", "logg_survey"),
}
#: Scatter of the survey's log g around the seismic one in A&A 672, A46, section 5.2 (dex).
PUBLISHED_SCATTER = 0.08


def compare_repeats(sample: pd.DataFrame) -> tuple[pd.DataFrame, dict]:
    """Set predicted labels of benchmark stars beside the survey's, and their repeats' scatter beside quoted errors.

    Parameters
    ----------
    sample : as `spectrolabe.validate.population_sample.join_manifest` gives it; ``benchmark`` names the stars.

    Returns
    -------
    table : a row per spectrum: spectrum_id, ``star``, snr, ``screening``, and of every label the predicted, the
        survey's and the true value with the errors.
    numbers : ``stars``, ``spectra``, ``outer`` (stars with an outer spectrum), and ``labels``, see `describe_label`; or
        ``missing``, a sentence.
    """
    labels = predicted_labels(sample)
    names = ["spectrum_id", "star", "snr", "screening", *(f"{label}{part}" for label in labels for part in PARTS)]
    named = without_flags(sample[sample["benchmark"] != ""], WORTHLESS)
    table = named.rename(columns={"benchmark": "star"}).reindex(columns=names).reset_index(drop=True)
    if table.empty:
        return table, {"missing": "No spectrum of this survey is named one of a benchmark star"}
    outer = int(table.loc[table["screening"] == "outer", "star"].nunique())
    numbers = {"stars": int(table["star"].nunique()), "spectra": len(table), "outer": outer}
    return table, numbers | {"labels": {label: describe_label(table, label) for label in labels}}


def describe_label(table: pd.DataFrame, label: str) -> dict:
    """Say how far a label's predictions agree with the survey, and with one another.

    Returns
    -------
    ``inner`` and ``outer`` (``all`` where nothing was screened), each with ``stars``, ``bias`` and ``scatter`` (mean
    and standard deviation over stars of the mean of predicted minus survey's labels), and of stars with several spectra
    ``repeated`` (number), ``repeat_scatter`` (root mean square of their standard deviations), ``quoted`` (median
    predicted error), ``survey_error`` (median) and ``within_survey_error`` (share of the stars whose scatter is below
    it), in the label's unit.
    """
    spectra = table.dropna(subset=label)
    spectra = spectra.assign(difference=spectra[label] - spectra[f"{label}_survey"])
    subsets = {name or "all": rows for name, rows in spectra.groupby("screening")}
    numbers = {name: _agreement(rows) for name, rows in subsets.items()}
    stars = spectra.groupby("star").agg(
        count=(label, "size"), scatter=(label, "std"), quoted=(f"{label}_err", "median"),
        survey=(f"{label}_survey_err", "median"),
    )  # fmt: skip
    repeated = stars[stars["count"] > 1]
    compared = repeated.dropna(subset="survey")
    return numbers | {
        "repeated": len(repeated),
        "repeat_scatter": known(np.sqrt((repeated["scatter"] ** 2).mean())),
        "quoted": known(repeated["quoted"].median()),
        "survey_error": known(compared["survey"].median()),
        "within_survey_error": known((compared["scatter"] < compared["survey"]).mean()),
    }


def _agreement(rows):
    means = rows.dropna(subset="difference").groupby("star")["difference"].mean()
    return {"stars": len(means), "bias": known(means.mean()), "scatter": known(means.std())}


def compare_gravities(sample: pd.DataFrame) -> tuple[pd.DataFrame, dict]:
    """Set predicted and the survey's log g beside asteroseismic ones, spectrum by spectrum.

    Returns
    -------
    table : spectrum_id, source_id, snr, ``screening``, logg and logg_survey with errors, ``logg_true``,
        ``logg_seismic`` and its error (dex).
    numbers : per pair of `PAIRS` (first minus second) ``n``, ``bias`` (median) and ``scatter`` (robust sigma, dex); or
        ``missing``, a sentence.
    """
    names = ["spectrum_id", "source_id", "snr", "screening", *(f"logg{part}" for part in PARTS)]
    names += ["logg_seismic", "logg_seismic_err"]
    missing = lacking(sample, ["logg", "logg_seismic"])
    if missing:
        sentence = f"Gravities need logg and logg_seismic; no star of this survey has {' or '.join(missing)}"
        return pd.DataFrame(columns=names), {"missing": sentence}
    table = without_flags(sample, WORTHLESS).reindex(columns=names)
    table = table.dropna(subset=["logg", "logg_seismic"]).reset_index(drop=True)
    if table.empty:
        return table, {"missing": "No readable spectrum of a star with an asteroseismic log g"}
    differences = {pair: (table[first] - table[second]).dropna() for pair, (first, second) in PAIRS.items()}
    numbers = {
        pair: {"n": len(values), "bias": known(values.median()), "scatter": known(robust_sigma(values))}
        for pair, values in differences.items()
        if len(values)
    }
    return table, numbers | {"published": {"scatter": PUBLISHED_SCATTER}}
