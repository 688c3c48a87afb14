"""What a recipe expects of the spectra it is given, put together for the check before a run."""

from collections.abc import Mapping

from spectrolabe.recipe_copies import steps_of_copies
from spectrolabe.spectra.plain_wavelengths import count_pixels

#: Bytes of a pixel with its inverse variance in a file of spectra.
PIXEL = 8
#: Seconds that a spectrum takes in an epoch of training, per pixel or component, on one core; and to start a member.
#: Measured on networks of 90 000 to 760 000 parameters: good to a factor of two or three.
SECONDS = {"perceptron": 1e-7, "pca_conv": 5e-6, "linear": 3e-7, "quadratic": 2e-7}
CONVOLUTIONS, START = 5e-7, 10.0
#: Components reckoned with where an error says how many are kept.
COMPONENTS = 50


def expect_of_survey(recipe: Mapping, dataset: str) -> dict:
    """Say what a survey must have: for the sets that are built from it, and for the networks that label it.

    Returns
    -------
    ``sets`` from the survey and the ``labels`` that they need; ``taught``: whether networks trained on a grid label it;
    of the training of the first of them then ``ranges`` (label -> lowest and highest), ``snr`` (lowest and
    highest, None: no limit) and ``shift`` (largest velocity, km/s; None where networks learn from the survey itself);
    ``min_snr`` and ``max_bad_share`` of the recipe's flags.
    """
    sets, models = recipe["sets"], recipe["models"]
    own = [name for name, entry in sets.items() if entry["from"] == dataset]
    users = [model for model in models.values() if {*_sets_of(model), model.get("calibrate_on")} & {*own}]
    labels = [label for model in users for label in model["labels"]]
    labelled = [models[entry["model"]] for entry in recipe["predict"] if entry["dataset"] == dataset]
    trained = [sets[_sets_of(model)[-1]] for model in labelled]
    synthetic = [entry for entry in trained if recipe["datasets"][entry["from"]]["kind"] == "grid"]
    shifts = [options["max"] for options in _options(synthetic[0], "shift")] if synthetic else []
    flags = recipe["flags"]
    return {
        "sets": own,
        "labels": list(dict.fromkeys(labels)),
        "taught": bool(synthetic),
        "ranges": synthetic[0].get("ranges", {}) if synthetic else {},
        "snr": _trained_snr(synthetic[0]) if synthetic else [None, None],
        "shift": max(shifts, default=0.0) if synthetic else None,
        "min_snr": flags["min_snr"],
        "max_bad_share": flags["max_bad_share"],
    }


def _sets_of(model: Mapping) -> list[str]:
    return [stage["set"] for stage in model["stages"]]


def _options(entry: Mapping, name: str) -> list[Mapping]:
    return [step[name] or {} for step in entry["steps"] + entry["on_the_fly"] if name in step]


def _trained_snr(entry: Mapping) -> list[float | None]:
    """Give the lowest and the highest S/N of all copies: of several noises in a copy the first; a spread tells none."""
    copies = [_snr_of(entry | {"steps": steps}) for steps in steps_of_copies(entry["steps"])]
    lowest, highest = zip(*copies, strict=True)
    known = [snr for snr in lowest if snr is not None]
    return [min(known, default=None), None if None in highest else max(highest)]


def _snr_of(entry: Mapping) -> list[float | None]:
    noise = _options(entry, "add_noise")
    if not noise:
        return [None, None]
    if "spread" in noise[0]:
        return [None, None]
    return list(noise[0]["snr"]) if "snr" in noise[0] else [1 / noise[0]["max"], None]


def expect_of_grids(recipe: Mapping) -> list[dict]:
    """Say what each grid of a recipe must cover: ``dataset``, ``grid``, and ``ranges`` by set and label.

    A simulated survey is made of a grid too.
    """
    grids = []
    for dataset, source in recipe["datasets"].items():
        if source["kind"] == "grid":
            sets = {name: entry for name, entry in recipe["sets"].items() if entry["from"] == dataset}
            ranges = {name: entry["ranges"] for name, entry in sets.items() if "ranges" in entry}
            grids.append({"dataset": dataset, "grid": source["grid"], "ranges": ranges})
        elif "simulate" in source:
            grids.append({"dataset": dataset, "grid": source["simulate"]["grid"], "ranges": {}})
    return grids


def plan_work(recipe: Mapping, spectra: Mapping[str, int]) -> dict:
    """Estimate what a run takes: ``bytes`` of prepared spectra and sets at most, ``training`` (model -> core seconds).

    What a set selects of a survey is not known before: all counts, and in all copies.

    Parameters
    ----------
    spectra : dataset -> spectra of a survey, or nodes of a grid.
    """
    pixels, sets = sum(map(count_pixels, recipe["wavelength"]["arms"])), recipe["sets"]
    sizes = {name: _count_spectra(entry, spectra[entry["from"]]) for name, entry in sets.items()}
    surveys = [spectra[name] for name, entry in recipe["datasets"].items() if entry["kind"] == "survey"]
    # A set lies there twice: in shards, and in parts.
    stored = pixels * PIXEL * (sum(surveys) + 2 * sum(map(sum, sizes.values())))
    training = {}
    for name, model in recipe["models"].items():
        ((kind, options),) = model["network"].items()
        rate = SECONDS.get(kind, CONVOLUTIONS)
        seconds = [
            START + stage["epochs"] * sizes[stage["set"]][0] * rate * _inputs(kind, options, sets[stage["set"]], pixels)
            for stage in model["stages"]
        ]
        training[name] = model["members"] * sum(seconds)
    return {"bytes": stored, "training": training}


def _inputs(kind: str, options: Mapping, entry: Mapping, pixels: int) -> int:
    """Count what is trained on of each spectrum: its coefficients where its set is compressed, else its pixels."""
    if "compress" in entry:
        return entry["compress"].get("components", COMPONENTS)
    return options["components"] if kind == "pca_conv" else pixels


def _count_spectra(entry: Mapping, sources: int) -> tuple[int, int]:
    """Count the spectra of a set that are trained on, in all copies, and the others; what it selects is not known."""
    split, stars = entry["split"], entry.get("stars", sources)
    trained = round(stars * (1 - split["validation"] - split["calibration"] - split["test"]))
    return trained * entry["copies"], (stars - trained) * entry["copies"]
