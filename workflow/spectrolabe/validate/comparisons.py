"""Methods beside each other: errors, sizes and times of models on the same test spectra, relative to one of them.

The statistics are those of tables 2 to 5 of arXiv:2606.13868: mean absolute errors, in a label's unit and as a share of
its range in the test set, trainable parameters, and the time that labelling the whole test set takes.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.predict.ensembles import Ensemble
from spectrolabe.spectra.table import Spectra
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import build, load_member
from spectrolabe.train.scaling import removed_parts

#: Errors of two kinds: against the labels of the set, and against the truth where a survey is simulated.
ERRORS = ("mae", "mae_true")
OF_ERRORS = [f"{error}{of}" for error in ERRORS for of in ("", "_spread", "_ratio", "_ratio_spread", "_percent")]
OF_TIMES = ["seconds", "seconds_spread", "seconds_ratio"]
COLUMNS = ["row", "reference", "label", "seeds", "spectra", "parameters", "parameters_ratio", *OF_ERRORS, *OF_TIMES]


def group_members(paths: Sequence[str | Path]) -> dict[str, list[Path]]:
    """Group members, ``.../{model}/{stage}/{member}.keras``, by their model; of each, in the order of their numbers."""
    members = {}
    for path in sorted(map(Path, paths), key=lambda path: int(path.stem)):
        members.setdefault(path.parent.parent.name, []).append(path)
    return members


def compare_models(
    spectra: Spectra,
    entries: Sequence[Mapping],
    members: Mapping[str, Sequence[Path]],
    *,
    reference: str,
    runs: int,
) -> pd.DataFrame:
    """Score methods on test spectra, label by label, relative to one of them.

    Parameters
    ----------
    spectra : the test part of a set; its labels are columns, NaN where unknown, with ``<label>_true`` beside them where
        the survey is simulated. Spectra with a ``status`` are labelled with the others, and not scored.
    entries : models with their ``row``, ``model``, ``labels`` and ``head``. Models of one row are one method: their
        labels are united, their parameters and times added.
    members : model -> its `.keras` files; each is a seed of its own.
    reference : the row that the others are divided by; its labels are compared.
    runs : how often the whole test set is labelled, by the first member of each model, after one run to warm up. The
        rows take turns, so that a busy machine is one for all of them.

    Returns
    -------
    A row per method and label, `COLUMNS`: ``seeds``; ``spectra`` with the label; ``parameters`` (trainable, of a seed);
    ``mae`` (mean absolute error, the mean over seeds, in the label's unit), ``mae_spread`` (standard deviation over
    seeds, of a sample; NaN of one seed), ``mae_ratio`` with its spread (see `relate`), ``mae_percent`` (of the range of
    the label in these spectra); the same of ``mae_true``, against the truth, NaN where that is not known; ``seconds``
    (mean over runs), ``seconds_spread`` (standard deviation over runs); ``_ratio`` is to the reference.

    Raises
    ------
    ValueError
        Where the spectra lack a label, or have another number of pixels than the networks read.
    """
    rows = list(dict.fromkeys(entry["row"] for entry in entries))
    labels = [label for entry in entries if entry["row"] == reference for label in entry["labels"]]
    missing = [label for label in labels if label not in spectra.table]
    if missing:
        raise ValueError(f"the test spectra have no column {missing[0]!r}: expected the labels {', '.join(labels)}")
    found = _label_spectra(spectra, entries, members)
    networks = {
        row: [Ensemble(members[entry["model"]][:1]) for entry in entries if entry["row"] == row] for row in rows
    }
    seconds = time_rows(spectra.flux, networks, runs)
    sizes = {row: sum(_count(members[entry["model"]][0]) for entry in entries if entry["row"] == row) for row in rows}
    tables = []
    for label in labels:
        errors, about = score_label(spectra.table, label, {row: found[row, label] for row in rows})
        tables += [
            about
            | {"row": row, "reference": reference, "seeds": len(found[row, label]), "parameters": sizes[row]}
            | {"parameters_ratio": sizes[row] / sizes[reference]}
            | {key: value for error in ERRORS for key, value in _describe(error, errors[error], row, reference).items()}
            | _describe_times(seconds, row, reference)
            for row in rows
        ]
    table = pd.DataFrame(tables)
    for error in ERRORS:
        table[f"{error}_percent"] = 100 * table[error] / table[f"{error}_range"]
    order = table["row"].map(rows.index)
    return table.iloc[np.argsort(order, kind="stable")].reindex(columns=COLUMNS).reset_index(drop=True)


def _label_spectra(spectra, entries, members):
    """Give what the seeds of a row say of a label, (row, label) -> shape (n_seeds, n_spectra)."""
    said, found = {}, {}
    for entry in entries:
        model = entry["model"]
        if model not in said:
            decode = build(HEADS, entry["head"]).decode
            said[model] = np.stack([decode(outputs).mean for outputs in Ensemble(members[model])(spectra.flux)])
            said[model] = said[model] + removed_parts(spectra.table, entry["labels"])
        found |= {(entry["row"], label): said[model][..., place] for place, label in enumerate(entry["labels"])}
    return found


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


def score_label(table: pd.DataFrame, label: str, said: Mapping[str, np.ndarray]) -> tuple[dict, dict]:
    """Give the mean absolute errors of every seed in a label.

    Parameters
    ----------
    table : of the test spectra: ``status``, the label and, where known, ``<label>_true``.
    said : row -> values that its seeds give, shape (n_seeds, n_spectra).

    Returns
    -------
    Kind of error -> row -> mean absolute error of each seed, NaN without spectra; and what the rows share: ``label``,
    ``spectra`` and of each kind the range of the label, ``mae_range``.
    """
    readable = (table["status"] == "").to_numpy() if "status" in table else np.ones(len(table), bool)
    errors, about = {}, {"label": label}
    for error, column in zip(ERRORS, (label, f"{label}_true"), strict=True):
        truth = table[column].to_numpy(float) if column in table else np.full(len(table), np.nan)
        known = readable & np.isfinite(truth)
        about.setdefault("spectra", int(known.sum()))
        about[f"{error}_range"] = np.ptp(truth[known]) if known.any() else np.nan
        errors[error] = {
            row: np.abs(values - truth)[:, known].mean(axis=1) if known.any() else np.full(len(values), np.nan)
            for row, values in said.items()
        }
    return errors, about


def _describe(error, errors, row, reference):
    # A method has no distance from itself: its own spread stands beside its error.
    ratio, spread = (1.0, 0.0) if row == reference else relate(errors[row], errors[reference])
    if np.isnan(errors[row]).all():
        ratio, spread = np.nan, np.nan
    return {
        error: errors[row].mean(),
        f"{error}_spread": _spread(errors[row]),
        f"{error}_ratio": ratio,
        f"{error}_ratio_spread": spread,
    }


def _describe_times(seconds, row, reference):
    mean = seconds[row].mean()
    ratio = mean / seconds[reference].mean()
    return {"seconds": mean, "seconds_spread": _spread(seconds[row]), "seconds_ratio": ratio}


def _spread(values):
    return values.std(ddof=1) if len(values) > 1 else np.nan


def relate(errors: np.ndarray, others: np.ndarray) -> tuple[float, float]:
    """Give the ratio of two means over seeds and its spread.

    Seeds of two methods have nothing in common: to first order, the squares of both relative standard deviations add
    up. A method of one seed has none that is known, and adds nothing; where neither is known, the spread is NaN.

    Parameters
    ----------
    errors, others : mean absolute error of each seed of a method and of the reference, shapes (n_seeds,).
    """
    ratio = errors.mean() / others.mean()
    shares = np.array([_spread(values) / values.mean() for values in (errors, others)])
    return ratio, ratio * np.sqrt(np.nansum(shares**2)) if np.isfinite(shares).any() else np.nan
