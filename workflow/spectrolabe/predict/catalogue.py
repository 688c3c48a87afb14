"""The catalogue: one row per spectrum of the manifest, in Parquet and FITS, with units, descriptions and provenance."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io import fits
from astropy.table import Table

from spectrolabe import VERSION
from spectrolabe.predict.calibration import intervals
from spectrolabe.predict.columns import describe
from spectrolabe.predict.flags import (
    BITS,
    LARGE_UNCERTAINTY,
    OUTSIDE_TRAINING_RANGE,
    UNREADABLE,
    flag_spectra,
    outside_range,
    uncertain,
)

FIRST = ["spectrum_id", "source_id", "ra", "dec", "snr"]
#: Columns of a survey's manifest that a catalogue carries on, where they are there.
CLUSTER = {"cluster": str, "cluster_feh": float, "cluster_age": float}
SCREENING = ["part", "screening", "screening_reason"]
APART = "apart from them in the joint map"
TEXT = ("spectrum_id", "source_id", "flag_text", "cluster", *SCREENING)


def build_catalogue(
    predictions: pd.DataFrame,
    labels: list[str],
    *,
    calibration: Mapping[str, Mapping[str, float]],
    ranges: Mapping[str, list[float]],
    min_snr: float,
    max_bad_share: float,
    max_err: Mapping[str, float],
    others: Sequence[pd.DataFrame] = (),
) -> pd.DataFrame:
    """Turn raw predictions into catalogue rows: calibrated intervals, flags, truths where the manifest had them.

    Parameters
    ----------
    predictions : in the manifest's order: ``status``, ``snr``, ``bad_share``, and per label ``L``, ``L_aleatoric``,
        ``L_epistemic``; what `add_screening` and `order_by_manifest` add is carried on.
    calibration : as `spectrolabe.predict.calibration.calibrate` gives it.
    ranges : lowest and highest training value of each label.
    min_snr, max_bad_share, max_err : thresholds of the flags; ``max_err`` is label -> largest total uncertainty.
    others : predictions of the same spectra by models trained on other grids; with any, ``L_err_grid`` follows.
    """
    predictions = pd.concat([predictions, spread_between_grids(predictions, others, labels)], axis=1)
    unreadable = predictions["status"] != ""
    parts = ("", "_aleatoric", "_epistemic", "_grid")
    raw = [f"{label}{part}" for label in labels for part in parts if f"{label}{part}" in predictions]
    predictions = predictions.assign(**predictions[raw].mask(unreadable))
    calibrated = [intervals(predictions, label, calibration[label]).mask(unreadable) for label in labels]
    quoted = pd.concat([predictions, *calibrated], axis=1)
    beyond = outside_range(quoted, {label: ranges[label] for label in labels})
    flags = flag_spectra(quoted, beyond, min_snr=min_snr, max_bad_share=max_bad_share, max_err=max_err)
    doubtful = uncertain(quoted, max_err).reindex(columns=labels, fill_value=False)
    of_labels = [_label_columns(quoted, label, unreadable, beyond[label], doubtful[label]) for label in labels]
    given = [f"{label}_{part}" for label in labels for part in ("true", "survey", "survey_err")]
    known = [name for name in (*given, *SCREENING, *CLUSTER) if name in predictions]
    return pd.concat([predictions.reindex(columns=FIRST), *of_labels, flags, predictions[known]], axis=1)


def _label_columns(quoted, label, unreadable, beyond, doubtful):
    parts = [part for part in ("aleatoric", "epistemic", "grid") if f"{label}_{part}" in quoted]
    renamed = {f"{label}_{part}": f"{label}_err_{part}" for part in parts}
    bounds = [f"{label}_{bound}{level}" for level in ("68", "95") for bound in ("lo", "hi")]
    columns = quoted[[label, f"{label}_err", *renamed, *bounds]].rename(columns=renamed)
    doubts = np.where(beyond, OUTSIDE_TRAINING_RANGE, 0) | np.where(doubtful, LARGE_UNCERTAINTY, 0)
    flag = np.where(unreadable, UNREADABLE, doubts).astype(np.int32)
    return columns.assign(**{f"{label}_flag": flag})


def spread_between_grids(
    predictions: pd.DataFrame, others: Sequence[pd.DataFrame], labels: Sequence[str]
) -> pd.DataFrame:
    """Give ``L_grid`` per label: the standard deviation over grids of what models trained on them say of a spectrum.

    It is the grids' own (population) standard deviation, in the label's unit. Grids that share code, line data or
    abundances err alike, so that it is a lower bound on what the choice of a grid does to a label; what training anew
    would change is in it too.

    Parameters
    ----------
    predictions : of one model: ``spectrum_id`` and the labels.
    others : the same of models trained on other grids, rows in any order; without any there are no columns.

    Raises
    ------
    KeyError
        Where another model has no prediction of a spectrum.
    """
    if not others:
        return pd.DataFrame(index=predictions.index)
    aligned = [other.set_index("spectrum_id").loc[predictions["spectrum_id"], labels] for other in others]
    means = np.stack([predictions[labels].to_numpy(float), *(table.to_numpy(float) for table in aligned)])
    return pd.DataFrame(means.std(axis=0), columns=[f"{label}_grid" for label in labels], index=predictions.index)


def read_predictions(paths: Sequence[Path]) -> tuple[pd.DataFrame, float]:
    """Read the predictions of all shards, and the mean rate at which they were made (spectra per second)."""
    tables = [pq.read_table(path) for path in paths]
    rates = [float(table.schema.metadata[b"spectra_per_second"]) for table in tables]
    seconds = sum(len(table) / rate for table, rate in zip(tables, rates, strict=True))
    rows = pd.concat([table.to_pandas() for table in tables], ignore_index=True)
    return rows, len(rows) / seconds


def read_models(paths: Sequence[Path]) -> list[pd.DataFrame]:
    """Read the predictions of several models, given all their shards ``.../{model}/{dataset}/{shard}.parquet``."""
    models: dict[str, list[Path]] = {}
    for path in map(Path, paths):
        models.setdefault(path.parents[1].name, []).append(path)
    return [read_predictions(shards)[0] for shards in models.values()]


def order_by_manifest(predictions: pd.DataFrame, manifest: Path) -> pd.DataFrame:
    """Bring predictions to the order of the manifest, with what it says of the stars' clusters (see `CLUSTER`).

    Raises
    ------
    ValueError
        Where a spectrum of the manifest has no prediction, or the other way round.
    """
    # A star may be called NA or nan: names are text, whatever they look like.
    named = {"dtype": str, "keep_default_na": False, "usecols": lambda name: name in ("spectrum_id", *CLUSTER)}
    rows = pd.read_csv(manifest, sep="\t", **named).set_index("spectrum_id")
    order = rows.index
    difference = set(order) ^ set(predictions["spectrum_id"])
    if difference or len(order) != len(predictions):
        counts = f"{len(order)} spectra are listed and {len(predictions)} predicted"
        raise ValueError(f"{manifest}: {counts}; they differ in {sorted(difference)[:3]}")
    clusters = {
        name: rows[name] if kind is str else pd.to_numeric(rows[name]) for name, kind in CLUSTER.items() if name in rows
    }
    return predictions.set_index("spectrum_id").loc[order].assign(**clusters).reset_index()


def read_screening(paths: Sequence[Path]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the joint map of a screened survey, the first file, and the verdicts of its shards, all others."""
    return pd.read_parquet(paths[0]), pd.concat(map(pd.read_parquet, paths[1:]), ignore_index=True)


def add_screening(predictions: pd.DataFrame, placed: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Say of each spectrum whether it lies among the training spectra (``screening``: inner or outer), and why not.

    Parameters
    ----------
    predictions : with ``spectrum_id``.
    placed : the joint map, rows in any order: ``spectrum_id`` and ``inner``; spectra that cannot be used are absent.
    verdicts : ``spectrum_id``, ``part`` (of the training set; empty: observed alone), ``sound``, and in ``reason`` what
        a spectrum differs by that is not.

    Returns
    -------
    The predictions with the columns of `SCREENING`.
    """
    names = predictions["spectrum_id"]
    placed, verdicts = (table.set_index("spectrum_id").reindex(names) for table in (placed, verdicts))
    # A spectrum that nobody has judged is not known to be alike.
    inner, sound = (column.eq(True).to_numpy() for column in (placed["inner"], verdicts["sound"]))
    reason = np.where(sound, APART, verdicts["reason"].fillna("not screened"))
    return predictions.assign(
        part=verdicts["part"].fillna("").to_numpy(),
        screening=np.where(inner, "inner", "outer"),
        screening_reason=np.where(inner, "", reason),
    )


def provenance(recipe: str, sources: Sequence[Path], rate: float) -> dict[str, str]:
    """Give what a catalogue says of its making: recipe, software, packages, checksums of the files it rests on."""
    # With the folder: the files of one model share their name.
    files = {f"sha256 {path.parent.name}/{path.name}": path.read_bytes() for path in map(Path, sources)}
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    packages = {name: version(name) for name in ("numpy", "pandas", "pyarrow", "astropy")}
    about = {"recipe": recipe, "software": f"Spectrolabe {VERSION}", "spectra_per_second": f"{rate:.6g}"}
    return about | packages | checksums


def write_catalogue(catalogue: pd.DataFrame, parquet: Path, fits_path: Path, provenance: Mapping[str, str]) -> None:
    """Write a catalogue as Parquet and as a FITS binary table, both with descriptions, units, UCDs and provenance."""
    table = pa.Table.from_pandas(catalogue, preserve_index=False)
    fields = []
    for field in table.schema:
        meaning, unit, ucd = describe(field.name)
        fields.append(field.with_metadata({"description": meaning, "unit": unit, "ucd": ucd}))
    bits = {f"FLAGBIT{bit}": f"{name}: {meaning}" for bit, (name, meaning) in BITS.items()}
    metadata = {**provenance, **bits}
    table = table.cast(pa.schema(fields, metadata={**(table.schema.metadata or {}), **metadata}))
    temporary = parquet.with_name(f".{parquet.name}.writing")
    pq.write_table(table, temporary, compression="zstd")
    os.replace(temporary, parquet)
    _write_fits(catalogue, fits_path, metadata)


def _write_fits(catalogue, path, metadata):
    text = {name: _ascii(catalogue[name]) for name in TEXT if name in catalogue}
    hdu = fits.BinTableHDU(Table.from_pandas(catalogue.assign(**text)), name="CATALOGUE")
    for index, column in enumerate(catalogue.columns, start=1):
        meaning, unit, ucd = describe(column)
        hdu.header[f"TCOMM{index}"], hdu.header[f"TUCD{index}"] = meaning, ucd
        if unit and unit != "dex":  # dex is no FITS unit
            hdu.header[f"TUNIT{index}"] = unit
    for key, value in metadata.items():
        hdu.header[key.upper()[:8] if key.startswith("FLAGBIT") else f"HIERARCH {key}"] = value
    temporary = path.with_name(f".{path.name}.writing")
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(temporary, overwrite=True)
    os.replace(temporary, path)


def _ascii(column):
    # FITS tables hold nothing else, and files have names in every script.
    return column.fillna("").map(lambda text: text.encode("ascii", "backslashreplace").decode())
