"""What catalogues are made from: predictions in the manifest's order, some at a time, with all that is known beside."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from spectrolabe.predict.doubts import CARRIED, add_judgements
from spectrolabe.spectra.slices import Order, Slices, read_column

#: Columns of a survey's manifest that a catalogue carries on, where they are there.
CLUSTER = {"cluster": str, "cluster_feh": float, "cluster_age": float}
APART = "apart from them in the joint map"
#: What is read of the joint map, and of verdicts.
PLACED, JUDGED = ("inner",), ("part", "sound", "reason")
#: Names that a message lists.
LISTED = 3
#: Rows that are read at once to choose from.
ROWS = 5_000


def read_rate(paths: Sequence[Path]) -> float:
    """Read the mean rate at which the predictions of all shards were made (spectra per second)."""
    abouts = [pq.read_metadata(path) for path in paths]
    counts = [about.num_rows for about in abouts]
    rates = [float(about.metadata[b"spectra_per_second"]) for about in abouts]
    return sum(counts) / sum(count / rate for count, rate in zip(counts, rates, strict=True))


def read_predictions(paths: Sequence[Path], choose: Callable[[pd.DataFrame], np.ndarray]) -> pd.DataFrame:
    """Read those predictions of all shards that a function chooses (a boolean array), some rows at a time."""
    tables = []
    for path in paths:
        with pq.ParquetFile(path) as file:
            batches = (batch.to_pandas() for batch in file.iter_batches(ROWS))
            tables += [rows[choose(rows)] for rows in batches]
            tables += [] if file.metadata.num_rows else [file.schema_arrow.empty_table().to_pandas()]
    return pd.concat(tables, ignore_index=True)


def gather_rows(
    predictions: Sequence[Path],
    folder: Path,
    *,
    manifest: Path | None = None,
    judgements: Sequence[Path] = (),
    screening: Sequence[Path] = (),
    others: Sequence[Path] = (),
) -> Iterator[tuple[pd.DataFrame, list[pd.DataFrame]]]:
    """Give the predictions of all shards slice by slice in one order, with what is known of their spectra beside.

    Memory holds a slice (see `spectrolabe.spectra.slices`), and some 20 bytes of every spectrum.

    Parameters
    ----------
    predictions : files of one model.
    folder : where temporary files may lie.
    manifest : of the survey, which gives the order and what `CLUSTER` names; without one, that of the files counts.
    judgements : see `spectrolabe.predict.doubts.add_judgements`.
    screening : of a screened survey the joint map, the first file, and the verdicts on all shards; see `add_screening`.
    others : predictions by other models, files ``.../{model}/{dataset}/{shard}.parquet``.

    Returns
    -------
    Of each slice the predictions, and those that each of the other models makes, rows in any order.

    Raises
    ------
    ValueError
        Where a spectrum of the manifest has no prediction, or two, or the other way round.
    """
    order = Order(_read_manifest_names(manifest) if manifest else read_column(predictions, "spectrum_id"))
    _check_names(predictions, order, manifest)
    rows = Slices(predictions, order, folder)
    judged = Slices(judgements, order, folder, columns=[*CARRIED]) if judgements else None
    placed = Slices(screening[:1], order, folder, columns=PLACED) if screening else None
    verdicts = Slices(screening[1:], order, folder, columns=JUDGED) if screening else None
    models = [Slices(shards, order, folder) for shards in group_models(others)]
    listed = _read_manifest(manifest, order.rows) if manifest else None
    for number, table in enumerate(rows):
        if judged:
            table = add_judgements(table, judged.read(number))
        if manifest:
            table = _add_clusters(table, next(listed), manifest)
        if screening:
            table = add_screening(table, placed.read(number), verdicts.read(number))
        yield table, [model.read(number) for model in models]


def group_models(paths: Sequence[Path]) -> list[list[Path]]:
    """Group the shards of several models, files ``.../{model}/{dataset}/{shard}.parquet``, by model."""
    models: dict[str, list[Path]] = {}
    for path in map(Path, paths):
        models.setdefault(path.parents[1].name, []).append(path)
    return list(models.values())


def _read_manifest(path, rows):
    """Read names and what is carried on, so many rows at a time; of a manifest without any, once none."""
    # A star may be called NA or nan: names are text, whatever they look like.
    named = {"dtype": str, "keep_default_na": False, "usecols": lambda name: name in ("spectrum_id", *CLUSTER)}
    with pd.read_csv(path, sep="\t", chunksize=rows, **named) as tables:
        yield from tables


def _read_manifest_names(path):
    return (rows["spectrum_id"].to_numpy() for rows in _read_manifest(path, 100_000))


def _check_names(predictions, order, manifest):
    counted, unknown = np.zeros(len(order), np.int32), []
    for names in read_column(predictions, "spectrum_id"):
        places = order.find(names)
        unknown += names[places < 0][:LISTED].tolist()
        np.add.at(counted, places[places >= 0], 1)
    if unknown or order.listed > len(order) or (counted != 1).any():
        raise ValueError(_describe_difference(predictions, order, manifest, counted, unknown))


def _describe_difference(predictions, order, manifest, counted, unknown):
    predicted = sum(pq.read_metadata(path).num_rows for path in predictions)
    names = _read_manifest_names(manifest) if manifest else read_column(predictions, "spectrum_id")
    for some in names:
        unknown += some[counted[order.find(some)] != 1][:LISTED].tolist()
    source, listed = manifest or Path(predictions[0]).parent, f"{order.listed} spectra are listed"
    return f"{source}: {listed} and {predicted} predicted; they differ in {sorted(unknown)[:LISTED]}"


def _add_clusters(table, listed, manifest):
    if table["spectrum_id"].tolist() != listed["spectrum_id"].tolist():
        raise ValueError(f"{manifest}: expected the spectra that are predicted, in the same order")
    clusters = {
        name: listed[name] if kind is str else pd.to_numeric(listed[name]).astype(float)
        for name, kind in CLUSTER.items()
        if name in listed
    }
    return table.assign(**{name: values.to_numpy() for name, values in clusters.items()})


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
    The predictions with ``part``, ``screening`` and ``screening_reason``.
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
