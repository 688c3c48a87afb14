"""Files of whole distributions: what a model with bins says of each label of each spectrum, after calibration."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spectrolabe.predict.distribution_lists import EDGES, fix_sizes, read_edges, stack
from spectrolabe.predict.recalibration import correct_label
from spectrolabe.predict.tempering import temper_predictions
from spectrolabe.spectra.table import replacing


def correct_edges(
    calibration: Mapping[str, Mapping], recalibration: Mapping | None, labels: Sequence[str]
) -> dict[str, np.ndarray]:
    """Give the edges of the bins of labels that have any, moved and scaled as recalibration moves the labels.

    Parameters
    ----------
    calibration : label -> what `spectrolabe.predict.calibration.calibrate` gives.
    recalibration : the content of ``predict/recalibration/{model}.json``, where there is one.
    """
    edges = {label: np.array(calibration[label]["edges"]) for label in labels if "edges" in calibration[label]}
    fits = recalibration["labels"] if recalibration else {}
    return {label: correct_label(ends, fits[label]) if label in fits else ends for label, ends in edges.items()}


def write_distributions(
    slices: Iterable[pd.DataFrame],
    calibration: Mapping[str, Mapping],
    recalibration: Mapping | None,
    labels: Sequence[str],
    about: Mapping[str, str],
    path: Path,
) -> None:
    """Write tempered distributions as Parquet, some spectra at a time: ``spectrum_id``, per label ``L_distribution``.

    These are probabilities of bins (float32, a list of one size), NaN throughout of a spectrum that could not be read;
    no conformal stretch is in them, which the intervals of the catalogue have. Bins are of what preparation has left of
    a label: ``L_removed``, where it is there, is to be added to the edges.

    Parameters
    ----------
    slices : predictions, at least one table: ``spectrum_id``, ``status``, and what `temper_predictions` takes.
    calibration, recalibration : see `correct_edges`.
    about : what else the file's metadata are to say, beside the edges (see `EDGES`).
    """
    edges = correct_edges(calibration, recalibration, labels)
    told = dict(about) | {EDGES: json.dumps({label: ends.tolist() for label, ends in edges.items()})}
    tables = (_temper(rows, calibration, recalibration, edges).replace_schema_metadata(told) for rows in slices)
    first = next(tables)
    with (
        replacing(path) as temporary,
        pq.ParquetWriter(temporary, first.schema, compression="zstd", use_dictionary=False) as writer,
    ):
        for table in chain([first], tables):
            writer.write_table(table)


def _temper(predictions, calibration, recalibration, edges):
    tempered = temper_predictions(predictions, {label: calibration[label] for label in edges})
    unreadable, columns = tempered["status"].to_numpy() != "", {"spectrum_id": tempered["spectrum_id"]}
    fits = recalibration["labels"] if recalibration else {}
    for label, ends in edges.items():
        found = np.where(unreadable[:, None], np.nan, stack(tempered, label, ends))
        columns[f"{label}_distribution"] = list(found.astype(np.float32))
        if f"{label}_removed" in tempered:
            columns[f"{label}_removed"] = tempered[f"{label}_removed"] * (fits[label]["scale"] if label in fits else 1)
    return fix_sizes(pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False), edges)


def read_distributions(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Read what `write_distributions` wrote: identifiers, and per label probabilities and edges.

    Returns
    -------
    Names of the spectra, shape (n,); label -> probabilities, shape (n, bins), float32; label -> edges of the bins in
    the label's unit, shape (n, bins + 1): what preparation took off a spectrum's label is in them.
    """
    table, edges = pq.read_table(path), read_edges(path)
    probabilities, ends = {}, {}
    for label, bins in edges.items():
        values = table[f"{label}_distribution"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        probabilities[label] = values.reshape(-1, len(bins) - 1)
        name = f"{label}_removed"
        removed = table[name].to_numpy() if name in table.column_names else np.zeros(len(table))
        ends[label] = bins + removed[:, None]
    return table["spectrum_id"].to_numpy(), probabilities, ends
