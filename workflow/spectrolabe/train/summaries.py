"""What studies have found: all trials in one table, the best settings of each label, and models that use them."""

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.train.studies import (
    CRITERIA,
    HIDDEN,
    apply_settings,
    layers_by_label,
    method_of,
    networks_of,
    read_changes,
    repeats_of,
    studied_part,
    write_value,
)

NOTED = ("epoch", "std", "scatter", "bias", "mae", "val_loss")


def read_trials(paths: Sequence[Path]) -> list[dict]:
    """Read the results of trials that `spectrolabe.train.trials.write_trial` wrote."""
    return [json.loads(Path(path).read_text()) for path in paths]


def tabulate_trials(records: Sequence[Mapping], study: Mapping) -> pd.DataFrame:
    """Give one row per trial and noted epoch; one without numbers for a trial that has noted none.

    Parameters
    ----------
    records : results of all trials of a study.
    study : see `spectrolabe.train.studies`.

    Returns
    -------
    ``label, parameter, value, seed`` (or ``fold``), ``epoch, std, scatter, bias, mae, val_loss`` (std to mae in the
    label's unit; of all labels together without one, and then ``std_<label>`` of each in its own), ``state, seconds,
    learning_rate``; ``trained``, the trial's epochs in all, where a failed one counts as a whole one; ``settings``, the
    varied names and their values as JSON text; ``method``.
    """
    rows = []
    for record in records:
        noted = record["epochs"] or [dict.fromkeys(NOTED)]
        shared = {name: record[name] for name in (*_identity(study), "state", "seconds", "learning_rate")}
        shared |= {"trained": _count_trained(record, study), "method": method_of(study)}
        settings = {name: write_value(record["settings"].get(name)) for name in study["base"]}
        shared |= {"settings": json.dumps(settings)}
        for row in noted:
            apart = {f"std_{label}": errors["std"] for label, errors in row.get("labels", {}).items()}
            rows.append(shared | row | apart)
    measured = [*NOTED, *(name for name in _deviations(study) if name != "std")]
    columns = [*_identity(study), *measured, "state", "seconds", "learning_rate", "trained", "settings", "method"]
    table = pd.DataFrame(rows).reindex(columns=columns)
    numbers = {name: float for name in (*measured, "seconds", "learning_rate")}
    return table.astype(numbers | {"epoch": "Int64"})


def _identity(study):
    return ["label", "parameter", "value", repeats_of(study)[0]]


def _deviations(study):
    """Name the standard deviations of a study's trials: the one that they are compared by, and that of each label."""
    return ["std", *(f"std_{label}" for label in study["labels"] if study["together"])]


def _count_trained(record, study):
    if record["state"] == "not run":
        return 0
    return study["epochs"][-1] if record["state"] == "failed" else record["epochs"][-1]["epoch"]


def average_trials(table: pd.DataFrame, study: Mapping) -> pd.DataFrame:
    """Average the errors of trials that differ in their seed or fold alone: a row per label, settings and noted epoch.

    ``spread`` is the standard deviation over these of what trials are compared by, NaN of one. Settings that failed
    with any seed or fold are left out, but in a joint search, whose trials have one seed each.
    """
    keys, by = ["label", "parameter", "settings", "epoch"], CRITERIA[study["criterion"]]
    (repeat, times) = repeats_of(study)
    known = table[table[by].notna() & (table["state"] != "failed")]
    means = {name: (name, "mean") for name in (*_deviations(study), "val_loss")}
    averages = known.groupby(keys, as_index=False).agg(**means, spread=(by, _spread), runs=(repeat, "nunique"))
    needed = 1 if method_of(study) == "joint" else times
    return averages[averages["runs"] >= needed].drop(columns="runs")


def _spread(values):
    return values.std(ddof=0) if len(values) > 1 else np.nan


def find_best(table: pd.DataFrame, study: Mapping) -> pd.DataFrame:
    """Find the best settings of each label.

    Varied one at a time, each parameter has the value of the lowest error, be it that of the base point, whatever the
    others are; else all have those of the best trial. The best number of epochs is that of the lowest error of all.
    By the criterion ``loss`` it is the validation loss that is the lowest.

    Returns
    -------
    A row per label and parameter, ``epochs`` last: ``label, parameter, value, epoch, std`` (there; ``std_<label>`` too
    of labels that are studied together), ``val_loss`` (there), ``spread`` (see `average_trials`), ``base_value``,
    ``base_std``, ``base_val_loss`` (at its best epoch), ``criterion``, and of the label ``trials`` (that were run) and
    ``epochs_spent``. Where no trial has come to an end, the value is the base point's.
    """
    means = average_trials(table, study)
    rows = []
    for label in networks_of(study):
        ours = means[means["label"] == label]
        at_base = ours["settings"] == json.dumps(study["base"])
        run = table[(table["label"] == label) & (table["state"] != "not run")].drop_duplicates(_identity(study))
        costs = {"trials": len(run), "epochs_spent": int(run["trained"].sum())}
        base = _lowest(ours[at_base], study)
        shared = {f"base_{name}": base[name] for name in CRITERIA.values()} | {"criterion": study["criterion"]} | costs
        for name, value in study["base"].items():
            candidates = ours if method_of(study) != "one_at_a_time" else ours[at_base | (ours["parameter"] == name)]
            found = _lowest(candidates, study)
            best = {"value": found.pop("settings")[name], **found, "base_value": value}
            rows.append({"label": label, "parameter": name} | best | shared)
        found = _lowest(ours, study)
        found.pop("settings")
        epochs = {"value": str(found["epoch"])} | found | {"base_value": str(study["epochs"][-1])}
        rows.append({"label": label, "parameter": "epochs"} | epochs | shared)
    return pd.DataFrame(rows)


def _lowest(means, study):
    numbers = [*_deviations(study), "val_loss", "spread"]
    if not len(means):
        return {"settings": study["base"], "epoch": study["epochs"][-1]} | dict.fromkeys(numbers, np.nan)
    row = means.loc[means[CRITERIA[study["criterion"]]].idxmin()]
    settings = {"settings": json.loads(row["settings"]), "epoch": int(row["epoch"])}
    return settings | {name: float(row[name]) for name in numbers}


def write_models(best: pd.DataFrame, *, recipe: str, name: str, study: Mapping, model: Mapping) -> dict:
    """Give a recipe that extends the studied one by models with the best settings: ``<study>_<label>``, or ``_all``.

    Parameters
    ----------
    best : see `find_best`.
    recipe, name : of the recipe, and of the study.
    study, model : see `spectrolabe.train.studies`.
    """
    models = {}
    for label, rows in best.groupby("label", sort=False):
        texts = dict(zip(rows["parameter"], rows["value"], strict=True))
        epochs = int(texts.pop("epochs"))
        changes = read_changes(study, texts)
        changed = apply_settings(studied_part(model, study), changes)
        *earlier, stage = changed["stages"]
        later = model["stages"][len(changed["stages"]) :]
        kept = [epoch for epoch in stage.get("snapshots", []) if epoch <= epochs]
        stage = {key: value for key, value in stage.items() if key != "snapshots"} | {"epochs": epochs}
        stages = {"stages": [*earlier, stage | ({"snapshots": kept} if kept else {}), *later]}
        labels = networks_of(study)[label]
        parts = {"network": _differences(changed["network"], changes), "head": _of_head(changed, changes, labels)}
        # Copies of its own for each label: YAML writes what mappings share as an anchor, hard to read.
        models[f"{name}_{label}"] = {"extends": study["model"], "labels": list(labels)} | parts | copy.deepcopy(stages)
    return {"extends": recipe, "models": models}


def _differences(part, changes):
    ((name, options),) = part.items()
    return {name: {key: value for key, value in options.items() if key in changes}}


def _of_head(changed, changes, labels):
    """Give what differs in a head, which loses the layers of labels that it does not predict."""
    ((head, options),) = changed["head"].items()
    ((_, differences),) = _differences(changed["head"], changes).items()
    hidden = {
        label: units if label in labels else None
        for label, units in layers_by_label(options).items()
        if label not in labels or f"{HIDDEN}{label}" in changes
    }
    return {head: differences | ({"hidden": hidden} if hidden else {})}


def compare_studies(tables: Mapping[str, pd.DataFrame], studies: Mapping[str, Mapping]) -> pd.DataFrame:
    """Compare the best trials of several studies, and what these cost, for each label that some of them share.

    Studies of several labels together are compared where these are the same.

    Parameters
    ----------
    tables : study -> its trials, see `tabulate_trials`.
    studies : study -> its settings, see `spectrolabe.train.studies`.

    Returns
    -------
    ``study, method, label, trials`` (that were run), ``epochs_spent``, ``seconds`` (of training), ``best_std`` (the
    label's unit, mean over seeds or folds) and ``settings`` in words.
    """
    rows = []
    networks = [(label, labels) for study in studies.values() for label, labels in networks_of(study).items()]
    for place, (label, labels) in enumerate(networks):
        sharing = [name for name, study in studies.items() if networks_of(study).get(label) == labels]
        for name in sharing if len(sharing) > 1 and (label, labels) not in networks[:place] else []:
            table, study = tables[name], studies[name]
            run = table[(table["label"] == label) & (table["state"] != "not run")].drop_duplicates(_identity(study))
            means = average_trials(table, study)
            found = _lowest(means[means["label"] == label], study)
            words = [f"{key} {value}" for key, value in found["settings"].items()] + [f"epochs {found['epoch']}"]
            costs = {"trials": len(run), "epochs_spent": int(run["trained"].sum()), "seconds": run["seconds"].sum()}
            identity = {"study": name, "method": method_of(study), "label": label}
            rows.append(identity | costs | {"best_std": found["std"], "settings": ", ".join(words)})
    return pd.DataFrame(rows)
