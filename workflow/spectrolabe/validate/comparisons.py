"""Methods beside each other: errors, sizes and times of models on the same test spectra, relative to one of them.

The statistics are those of tables 2 to 5 of arXiv:2606.13868: mean absolute errors, in a label's unit and as a share of
its range in the test set, trainable parameters, and the time that labelling the whole test set takes; and with them
bias and scatter, and the time of training.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from spectrolabe.predict.ensembles import Ensemble
from spectrolabe.spectra.table import Spectra
from spectrolabe.train.distributions import quantiles
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import build, load_member
from spectrolabe.train.scaling import removed_parts
from spectrolabe.validate.comparison_scores import (
    ERROR,
    REFERENCES,
    STATISTICS,
    describe_statistics,
    score_label,
    spread_of,
)

OF_TIMES = ["seconds", "seconds_spread", "seconds_ratio", "training_seconds"]
COLUMNS = ["row", "reference", "label", "seeds", "spectra", "parameters", "parameters_ratio", *STATISTICS, *OF_TIMES]


def group_members(paths: Sequence[str | Path]) -> dict[str, list[Path]]:
    """Group files of members, ``.../{model}/{stage}/{member}.keras``, as "model/stage", in the order of the numbers."""
    members = {}
    for path in sorted(map(Path, paths), key=lambda path: int(path.stem)):
        members.setdefault(f"{path.parent.parent.name}/{path.parent.name}", []).append(path)
    return members


def read_training(paths: Sequence[str | Path], entries: Sequence[Mapping]) -> dict[str, float]:
    """Tell how long members were trained, in all stages that they went through (seconds, the mean over members).

    Parameters
    ----------
    paths : histories, ``.../{model}/{stage}/{member}.parquet``, with the ``seconds`` of each epoch.
    entries : as `compare_models` takes them, with ``stages``, those that a member went through.

    Returns
    -------
    The entries' ``model`` -> seconds.
    """
    spent = {
        stage: np.mean([np.sum(pq.read_table(path, columns=["seconds"])["seconds"].to_numpy()) for path in histories])
        for stage, histories in group_members(paths).items()
    }
    return {
        entry["model"]: float(sum(spent[f"{entry['model'].partition('/')[0]}/{stage}"] for stage in entry["stages"]))
        for entry in entries
    }


def refuse_met(spectra: Spectra, parts: Sequence[str | Path]) -> None:
    """Refuse test spectra of stars that a method was trained or validated on.

    Parameters
    ----------
    parts : Parquet files of spectra that methods have met, with ``source_id``.

    Raises
    ------
    ValueError
        For the first file with such a star.
    """
    stars = set(spectra.table["source_id"])
    for path in parts:
        met = stars & set(pq.read_table(path, columns=["source_id"])["source_id"].to_pylist())
        if met:
            found = f"{len(met)} of the {len(stars)} test stars, such as {min(met)!r}"
            raise ValueError(f"{path}: {found}; expected stars that no method of the comparison has met")


def compare_models(
    spectra: Spectra,
    entries: Sequence[Mapping],
    members: Mapping[str, Sequence[Path]],
    *,
    training: Mapping[str, float],
    reference: str,
    runs: int,
) -> pd.DataFrame:
    """Score methods on test spectra, label by label, relative to one of them.

    Parameters
    ----------
    spectra : the test part of a set; its labels are columns, NaN where unknown, with ``<label>_true`` beside them where
        the survey is simulated. Spectra with a ``status`` are labelled with the others, and not scored.
    entries : models with their ``row``, ``model`` ("model/stage"), ``labels`` and ``head``. Models of one row are one
        method: their labels are united, their parameters and times added.
    members : "model/stage" -> its `.keras` files; each is a seed of its own.
    training : "model/stage" -> seconds that a member was trained, see `read_training`.
    reference : the row that the others are divided by; its labels are compared.
    runs : how often the whole test set is labelled, by the first member of each model, after one run to warm up. The
        rows take turns, so that a busy machine is one for all of them.

    Returns
    -------
    A row per method and label, `COLUMNS`: ``seeds``; ``spectra`` with the label; ``parameters`` (trainable, of a seed);
    ``mae`` (mean absolute error, the mean over seeds, in the label's unit), ``mae_spread`` (standard deviation over
    seeds, of a sample; NaN of one seed), ``mae_ratio`` with its spread (see `relate`), ``mae_percent`` (of the range of
    the label in these spectra); ``mean`` (bias: mean of predicted minus given) and ``std`` (scatter: its standard
    deviation), each the mean over seeds with ``_spread``; the same of ``mae_true``, ``mean_true``, ``std_true``,
    against the truth, NaN where that is not known; ``seconds`` (mean over runs), ``seconds_spread`` (standard deviation
    over runs); ``training_seconds`` (of a seed); ``_ratio`` is to the reference.

    Raises
    ------
    ValueError
        Where the spectra lack a label, or have another number of pixels than the networks read.
    """
    rows = list(dict.fromkeys(entry["row"] for entry in entries))
    labels = [label for entry in entries if entry["row"] == reference for label in entry["labels"]]
    missing = [label for label in labels if not {label, f"{label}_true"} & {*spectra.table}]
    if missing:
        raise ValueError(f"the test spectra have no column {missing[0]!r}: expected the labels {', '.join(labels)}")
    found = _label_spectra(spectra, entries, members)
    networks = {
        row: [Ensemble(members[entry["model"]][:1]) for entry in entries if entry["row"] == row] for row in rows
    }
    seconds = time_rows(spectra.flux, networks, runs)
    sizes = {row: sum(_count(members[entry["model"]][0]) for entry in entries if entry["row"] == row) for row in rows}
    taught = {row: sum(training[entry["model"]] for entry in entries if entry["row"] == row) for row in rows}
    tables = []
    for label in labels:
        scores, about = score_label(spectra.table, label, {row: found[row, label] for row in rows})
        tables += [
            about
            | {"row": row, "reference": reference, "seeds": len(found[row, label]), "parameters": sizes[row]}
            | {"parameters_ratio": sizes[row] / sizes[reference]}
            | describe_statistics(scores, row, reference)
            | _describe_times(seconds, row, reference)
            | {"training_seconds": taught[row]}
            for row in rows
        ]
    table = pd.DataFrame(tables)
    for error in (f"{ERROR}{ending}" for ending in REFERENCES):
        table[f"{error}_percent"] = 100 * table[error] / table[f"{error}_range"]
    order = table["row"].map(rows.index)
    return table.iloc[np.argsort(order, kind="stable")].reindex(columns=COLUMNS).reset_index(drop=True)


def _label_spectra(spectra, entries, members):
    """Give what the seeds of a row say of a label, (row, label) -> shape (n_seeds, n_spectra)."""
    said, found = {}, {}
    for entry in entries:
        model = entry["model"]
        if model not in said:
            head, outputs = build(HEADS, entry["head"]), Ensemble(members[model])(spectra.flux)
            said[model] = np.stack([_read_labels(head, member, entry["labels"]) for member in outputs])
            said[model] = said[model] + removed_parts(spectra.table, entry["labels"])
        found |= {(entry["row"], label): said[model][..., place] for place, label in enumerate(entry["labels"])}
    return found


def _read_labels(head, outputs, labels):
    """Give the labels that a catalogue would state, shape (n, L): medians of distributions, or else means."""
    prediction = head.decode(outputs, labels)
    if prediction.distributions is None:
        return prediction.mean
    medians = [quantiles(prediction.distributions[label], head.edges(label), [0.5]) for label in labels]
    return np.concatenate(medians, axis=1)


def _count(path):
    return sum(int(np.prod(weight.shape)) for weight in load_member(path).trainable_weights)


def time_rows(flux: np.ndarray, networks: Mapping[str, Sequence[Ensemble]], runs: int) -> dict[str, np.ndarray]:
    """Time how long the networks of each row take for all of the flux: row -> seconds, shape (runs,)."""
    seconds = {row: [] for row in networks}
    for _ in range(runs + 1):
        for row, parts in networks.items():
            started = time.perf_counter()
            for network in parts:
                network(flux)
            seconds[row].append(time.perf_counter() - started)
    # The first run warms the machine up.
    return {row: np.array(taken[1:]) for row, taken in seconds.items()}


def _describe_times(seconds, row, reference):
    mean = seconds[row].mean()
    ratio = mean / seconds[reference].mean()
    return {"seconds": mean, "seconds_spread": spread_of(seconds[row]), "seconds_ratio": ratio}
