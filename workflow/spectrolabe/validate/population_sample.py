"""What populations are told from: predictions, the survey's values beside them, and the truth where it is known."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.predict.columns import predicted_labels
from spectrolabe.predict.flags import BAD_PIXELS, LARGE_UNCERTAINTY, OUTSIDE_TRAINING_RANGE, UNREADABLE
from spectrolabe.validate.catalogue_rows import MOST_ROWS, read_catalogue

#: Flags of spectra that say nothing, and of those whose labels are doubtful; low S/N is a cut of its own.
WORTHLESS = UNREADABLE | BAD_PIXELS
DOUBTFUL = WORTHLESS | OUTSIDE_TRAINING_RANGE | LARGE_UNCERTAINTY
TEXT = ("source_id", "cluster", "benchmark", "population", "part", "screening")
#: Parts of the training set that networks were fitted to or chosen by.
KNOWN_PARTS = ("training", "validation", "calibration")


def read_sample(catalogue: Path | str, manifest: Path | str) -> pd.DataFrame:
    """Read a catalogue (see `read_catalogue`) together with the manifest of its survey, see `join_manifest`."""
    rows, text = read_catalogue(catalogue), dict.fromkeys(("spectrum_id", *TEXT), str)
    names, options = set(rows["spectrum_id"]), {"keep_default_na": False, "na_values": [""], "chunksize": MOST_ROWS}
    with pd.read_csv(manifest, sep="\t", dtype=text, **options) as listed:
        return join_manifest(rows, pd.concat([part[part["spectrum_id"].isin(names)] for part in listed]))


def join_manifest(catalogue: pd.DataFrame, manifest: pd.DataFrame) -> pd.DataFrame:
    """Give predictions with all that the manifest knows beside, one row per spectrum of the catalogue.

    Parameters
    ----------
    catalogue : predicted labels, see `spectrolabe.predict.catalogue.build_catalogue`.
    manifest : a row per spectrum, with ``spectrum_id``.

    Returns
    -------
    The catalogue's columns and those of the manifest that it has not. For every predicted label ``L_survey``,
    ``L_survey_err`` and ``L_true`` (NaN: unknown): of a survey that was not simulated, the catalogue's reference values
    are the survey's, and the truth is unknown. The columns of `TEXT` are empty where nothing is known.
    """
    further = manifest.set_index("spectrum_id").reindex(catalogue["spectrum_id"]).reset_index(drop=True)
    sample = catalogue.reset_index(drop=True)
    sample = pd.concat([sample, further[[name for name in further if name not in sample]]], axis=1)
    for label in predicted_labels(catalogue):
        if f"{label}_survey" not in catalogue:
            sample[f"{label}_survey"] = sample.get(f"{label}_true", np.nan)
            sample[f"{label}_survey_err"] = further.get(f"{label}_err", np.nan)
            sample[f"{label}_true"] = np.nan
        missing = [name for name in (f"{label}_survey_err", f"{label}_true") if name not in sample]
        sample = sample.assign(**dict.fromkeys(missing, np.nan))
    empty = pd.Series("", index=sample.index)
    return sample.assign(**{name: sample.get(name, empty).fillna("").astype(str) for name in TEXT})


def without_flags(sample: pd.DataFrame, bits: int) -> pd.DataFrame:
    """Keep the spectra that raise none of some flags."""
    return sample[(sample["flag"].to_numpy(int) & bits) == 0]


def best_spectra(sample: pd.DataFrame) -> pd.DataFrame:
    """Keep one spectrum per star, that of the highest S/N, so that every star counts once."""
    return sample.sort_values("snr", ascending=False, kind="stable").drop_duplicates("source_id").sort_index()


def lacking(sample: pd.DataFrame, names: tuple[str, ...] | list[str]) -> list[str]:
    """Name the columns that a sample has not, or has no value in."""
    return [name for name in names if name not in sample or sample[name].isna().all()]


def near_enough(sample: pd.DataFrame, largest: float) -> pd.Series:
    """Say of each star whether its parallax is positive and known better than ``largest`` relative to itself."""
    parallax = sample.reindex(columns=["parallax", "parallax_err"]).astype(float)
    return (parallax["parallax"] > 0) & (parallax["parallax_err"] < largest * parallax["parallax"])


def known(value) -> float | None:
    """Give a number as JSON takes it: None where it is not finite."""
    return float(value) if np.isfinite(value) else None


def write_results(table: pd.DataFrame, numbers: Mapping, table_out: Path | str, numbers_out: Path | str) -> None:
    """Write the stars of a result as Parquet and its numbers as JSON."""
    table.to_parquet(table_out, index=False)
    Path(numbers_out).write_text(json.dumps(numbers, indent=2, allow_nan=False), encoding="utf-8")
