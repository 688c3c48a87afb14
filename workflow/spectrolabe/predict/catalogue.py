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
from spectrolabe.predict.flags import BITS, OUTSIDE_TRAINING_RANGE, UNREADABLE, flag_spectra, outside_range
from spectrolabe.spectra.labels import unit_of

NAMES = {
    "teff": ("effective temperature", "phys.temperature.effective"),
    "logg": ("logarithm of surface gravity (cgs)", "phys.gravity"),
    "feh": ("iron abundance [Fe/H]", "phys.abund.Fe"),
    "alpha_fe": ("alpha-element abundance [alpha/Fe]", "phys.abund"),
    "vsini": ("projected rotational velocity", "phys.veloc.rotat"),
    "vbroad": ("broadening by rotation and macroturbulence", "phys.veloc"),
    "rv": ("radial velocity left in the spectrum", "spect.dopplerVeloc"),
}
FIRST = ["spectrum_id", "source_id", "ra", "dec", "snr"]
DESCRIPTIONS = {
    "spectrum_id": ("identifier of the spectrum", "", "meta.id;meta.main"),
    "source_id": ("identifier of the star", "", "meta.id"),
    "ra": ("right ascension", "deg", "pos.eq.ra"),
    "dec": ("declination", "deg", "pos.eq.dec"),
    "snr": ("signal-to-noise ratio per pixel", "", "stat.snr"),
    "flag": ("reasons for doubt, bit mask", "", "meta.code"),
    "flag_text": ("reasons for doubt, in words", "", "meta.note"),
}
#: What follows a label's name in a column's, with what it says and the UCD that goes before the label's.
SUFFIXES = {
    "err": (", total uncertainty, calibrated, 1 sigma", "stat.error"),
    "err_aleatoric": (", uncertainty from the spectrum's noise, as the networks give it", "stat.error"),
    "err_epistemic": (", uncertainty from the networks' disagreement", "stat.error"),
    "lo68": (", lower end of the 68 % interval", "stat.min"),
    "hi68": (", upper end of the 68 % interval", "stat.max"),
    "lo95": (", lower end of the 95 % interval", "stat.min"),
    "hi95": (", upper end of the 95 % interval", "stat.max"),
    "flag": (", reasons for doubt in this label, bit mask", "meta.code"),
    "true": (", reference value", ""),
}


def build_catalogue(
    predictions: pd.DataFrame,
    labels: list[str],
    *,
    calibration: Mapping[str, Mapping[str, float]],
    ranges: Mapping[str, list[float]],
    min_snr: float,
    max_bad_share: float,
) -> pd.DataFrame:
    """Turn raw predictions into catalogue rows: calibrated intervals, flags, truths where the manifest had them.

    Parameters
    ----------
    predictions : in the manifest's order: ``status``, ``snr``, ``bad_share``, and per label ``L``, ``L_aleatoric``,
        ``L_epistemic``.
    calibration : as `spectrolabe.predict.calibration.calibrate` gives it.
    ranges : lowest and highest training value of each label.
    min_snr, max_bad_share : thresholds of the flags.
    """
    unreadable = predictions["status"] != ""
    raw = [name for label in labels for name in (label, f"{label}_aleatoric", f"{label}_epistemic")]
    predictions = predictions.assign(**predictions[raw].mask(unreadable))
    calibrated = [intervals(predictions, label, calibration[label]).mask(unreadable) for label in labels]
    quoted = pd.concat([predictions, *calibrated], axis=1)
    beyond = outside_range(quoted, {label: ranges[label] for label in labels})
    flags = flag_spectra(quoted, beyond, min_snr=min_snr, max_bad_share=max_bad_share)
    of_labels = [_label_columns(quoted, label, unreadable, beyond[label]) for label in labels]
    truths = [f"{label}_true" for label in labels if f"{label}_true" in predictions]
    return pd.concat([predictions.reindex(columns=FIRST), *of_labels, flags, predictions[truths]], axis=1)


def _label_columns(quoted, label, unreadable, beyond):
    renamed = {f"{label}_{part}": f"{label}_err_{part}" for part in ("aleatoric", "epistemic")}
    bounds = [f"{label}_{bound}{level}" for level in ("68", "95") for bound in ("lo", "hi")]
    columns = quoted[[label, f"{label}_err", *renamed, *bounds]].rename(columns=renamed)
    flag = np.select([unreadable, beyond], [UNREADABLE, OUTSIDE_TRAINING_RANGE], 0).astype(np.int32)
    return columns.assign(**{f"{label}_flag": flag})


def read_predictions(paths: Sequence[Path]) -> tuple[pd.DataFrame, float]:
    """Read the predictions of all shards, and the mean rate at which they were made (spectra per second)."""
    tables = [pq.read_table(path) for path in paths]
    rates = [float(table.schema.metadata[b"spectra_per_second"]) for table in tables]
    seconds = sum(len(table) / rate for table, rate in zip(tables, rates, strict=True))
    rows = pd.concat([table.to_pandas() for table in tables], ignore_index=True)
    return rows, len(rows) / seconds


def order_by_manifest(predictions: pd.DataFrame, manifest: Path) -> pd.DataFrame:
    """Bring predictions to the order of the manifest.

    Raises
    ------
    ValueError
        Where a spectrum of the manifest has no prediction, or the other way round.
    """
    # A star may be called NA or nan: names are text, whatever they look like.
    order = pd.read_csv(manifest, sep="\t", usecols=["spectrum_id"], dtype=str, keep_default_na=False)["spectrum_id"]
    difference = set(order) ^ set(predictions["spectrum_id"])
    if difference or len(order) != len(predictions):
        counts = f"{len(order)} spectra are listed and {len(predictions)} predicted"
        raise ValueError(f"{manifest}: {counts}; they differ in {sorted(difference)[:3]}")
    return predictions.set_index("spectrum_id").loc[order].reset_index()


def provenance(recipe: str, sources: Sequence[Path], rate: float) -> dict[str, str]:
    """Give what a catalogue says of its making: recipe, software, packages, checksums of the files it rests on."""
    # With the folder: the files of one model share their name.
    files = {f"sha256 {path.parent.name}/{path.name}": path.read_bytes() for path in map(Path, sources)}
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    packages = {name: version(name) for name in ("numpy", "pandas", "pyarrow", "astropy")}
    about = {"recipe": recipe, "software": f"Spectrolabe {VERSION}", "spectra_per_second": f"{rate:.6g}"}
    return about | packages | checksums


def describe(column: str) -> tuple[str, str, str]:
    """Give a catalogue column's description, unit and UCD."""
    if column in DESCRIPTIONS:
        return DESCRIPTIONS[column]
    suffix = max((suffix for suffix in SUFFIXES if column.endswith(f"_{suffix}")), key=len, default="")
    label = column.removesuffix(f"_{suffix}")
    meaning, ucd = NAMES.get(label, (label, ""))
    if suffix == "flag":
        return meaning + SUFFIXES[suffix][0], "", SUFFIXES[suffix][1]
    words, statistic = SUFFIXES.get(suffix, ("", ""))
    return meaning + words, unit_of(label), ";".join(part for part in (statistic, ucd) if part)


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
    text = {name: _ascii(catalogue[name]) for name in ("spectrum_id", "source_id", "flag_text")}
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
