"""Labels of one shard of spectra: every kept member in one pass."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spectrolabe.predict.distribution_columns import describe_distributions
from spectrolabe.predict.distribution_lists import EDGES, fix_sizes
from spectrolabe.predict.ensembles import Ensemble, combine
from spectrolabe.predict.features import FeatureLayer, FeatureReference
from spectrolabe.spectra.table import Spectra
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import build
from spectrolabe.train.scaling import removed_parts

#: What simulated and injected spectra say of themselves, where they do.
CARRIED = ("mismatch", "trouble")


def predict_labels(
    spectra: Spectra,
    members: Sequence[Path],
    head: Mapping,
    labels: Sequence[str],
    features: FeatureReference | None = None,
    others: Sequence[str] = (),
) -> tuple[pd.DataFrame, float]:
    """Predict labels of spectra, not yet calibrated.

    Parameters
    ----------
    spectra : a shard; its known labels become ``<label>_true`` with ``<label>_true_err``, or, where it has a column of
        that name already (a simulated survey's), ``<label>_survey`` with ``<label>_survey_err``; and
        ``<label>_removed``, what preparation has taken off a label, is added to what the members see of it.
    members : `.keras` files.
    head : one key, a name of `spectrolabe.train.heads.HEADS`, with its options.
    labels : in the order of the network's outputs.
    features : what the first member makes of its training spectra.
    others : labels that the members do not predict, whose known values are carried on as ``<label>_true``.

    Returns
    -------
    One row per spectrum, in the shard's order: identifiers, ``status``, ``snr``, ``bad_share`` (share of pixels without
    information, of those that the recipe does not mask), what it has of `CARRIED`, and per label ``L``,
    ``L_aleatoric`` and ``L_epistemic`` (1 sigma, the label's unit); with ``features`` also ``feature_distance`` from
    the training spectra and ``missing_ends``, see `FeatureReference`; and spectra per second, start-up excluded.

    Heads with bins give per label the members' mean distribution as ``L_distribution``, an array of float32 in every
    row (over bins of `label_edges`, of what preparation has left of the label, with ``L_removed`` where it took
    anything); ``L`` is its median then, with ``L_mean`` and ``L_entropy`` (nats). Of several arms, each alone says
    ``L_arm1``, ``L_arm1_low``, ``L_arm1_high``, ``L_arm2``, ...: median, 16th and 84th percentile (1 sigma of a normal
    distribution) of the members' mean; NaN where an arm has no pixel with flux.
    """
    return predict_blocks([spectra], members, head, labels, features, others)


def predict_blocks(
    blocks: Iterable[Spectra],
    members: Sequence[Path],
    head: Mapping,
    labels: Sequence[str],
    features: FeatureReference | None = None,
    others: Sequence[str] = (),
) -> tuple[pd.DataFrame, float]:
    """Predict labels as `predict_labels` does, of spectra that come some at a time, all of one grid."""
    ensemble, head = Ensemble(members), build(HEADS, head)
    layer = FeatureLayer(members[0]) if features else None
    tables, seconds = [], 0.0
    for spectra in blocks:
        started = time.perf_counter()
        decoded = [head.decode(outputs, labels) for outputs in ensemble(spectra.flux)]
        seconds += time.perf_counter() - started
        table = _tabulate(spectra, combine(decoded), labels, others)
        if decoded[0].distributions:
            edges = {label: head.edges(label) for label in labels}
            table = table.assign(**describe_distributions(spectra, decoded, edges, table))
        if features:
            table["feature_distance"] = features.distance(layer(spectra.flux))
            table["missing_ends"] = features.missing_ends(spectra)
        tables.append(table)
    return pd.concat(tables, ignore_index=True), sum(map(len, tables)) / seconds


def _tabulate(spectra, found, labels, others):
    mean, aleatoric, epistemic = found
    mean += removed_parts(spectra.table, labels)
    first = ["spectrum_id", "source_id", "ra", "dec", "snr", "status"]
    carried = [name for name in CARRIED if name in spectra.table]
    table = spectra.table.reindex(columns=[*first, *carried])
    table["bad_share"] = _bad_share(spectra)
    for index, label in enumerate(labels):
        table[label] = mean[:, index]
        table[f"{label}_aleatoric"] = np.sqrt(aleatoric[:, index])
        table[f"{label}_epistemic"] = np.sqrt(epistemic[:, index])
        table = table.assign(**_known_labels(spectra.table, label))
    given = {f"{label}_true": _known_labels(spectra.table, label).get(f"{label}_true") for label in others}
    return table.assign(**{name: values for name, values in given.items() if values is not None})


def _known_labels(known: pd.DataFrame, label: str) -> dict[str, pd.Series]:
    """What a simulated survey states, with its errors, is no truth where the truth is known as well."""
    if f"{label}_true" not in known:
        given = {f"{label}_true": label, f"{label}_true_err": f"{label}_err"} if label in known else {}
        return {ours: known[theirs] for ours, theirs in given.items() if theirs in known}
    columns = {f"{label}_true": f"{label}_true", f"{label}_survey": label, f"{label}_survey_err": f"{label}_err"}
    return {ours: known[theirs] for ours, theirs in columns.items() if theirs in known}


def _bad_share(spectra: Spectra) -> np.ndarray:
    masked = spectra.table["masked_share"].fillna(0.0).to_numpy(float) if "masked_share" in spectra.table else 0.0
    lost = (spectra.ivar == 0).mean(axis=1) - masked
    return np.clip(lost / np.maximum(1 - masked, 1 / spectra.ivar.shape[1]), 0, 1)


def label_edges(head: Mapping, labels: Sequence[str]) -> dict[str, list[float]]:
    """Give the edges of each label's bins, in its unit, of a head with bins; nothing of the other heads."""
    edges = getattr(build(HEADS, head), "edges", None)
    return {label: np.asarray(edges(label), float).tolist() for label in labels} if edges else {}


def write_predictions(
    predictions: pd.DataFrame, rate: float, path: Path, edges: Mapping[str, Sequence[float]] | None = None
) -> None:
    """Write predictions with their spectra per second and, where labels have bins, the edges of these."""
    table = pa.Table.from_pandas(predictions, preserve_index=False)
    about = {"spectra_per_second": f"{rate:.6g}"}
    if edges:
        table, about = fix_sizes(table, edges), about | {EDGES: json.dumps(edges)}
    pq.write_table(table.replace_schema_metadata(about), path, compression="zstd")
