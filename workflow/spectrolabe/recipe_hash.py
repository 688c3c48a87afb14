"""The checksum of a recipe, as catalogues state it: of all that a model's labels are made by, and of nothing else."""

import hashlib
import json
from collections.abc import Mapping

#: Sections that count as a whole.
WHOLE = ("flags", "masks", "recalibration", "screening", "seed", "wavelength")


def hash_recipe(recipe: Mapping, model: str, dataset: str) -> str:
    """Give the SHA-256 of the part of a recipe that a catalogue follows from: another figure changes nothing.

    Parameters
    ----------
    recipe : complete, as `spectrolabe.recipe.load_recipe` gives it.
    model, dataset : of the catalogue. The model counts with its sets and what these are built from; where it is the one
        that grids are compared by, so do the models beside it.
    """
    comparison = recipe.get("cross_grid", {})
    beside = comparison["models"] if comparison.get("model") == model else []
    models = {name: recipe["models"][name] for name in (model, *beside)}
    stages = {stage["set"] for entry in models.values() for stage in entry["stages"]}
    named = {entry["calibrate_on"] for entry in models.values() if "calibrate_on" in entry}
    named |= {dataset.partition("-")[0]} & {*recipe["sets"]}
    sets = {name: recipe["sets"][name] for name in stages | named}
    sources = {entry["from"] for entry in sets.values()} | ({dataset} & {*recipe["datasets"]})
    injected = recipe["recovery"] if dataset.endswith("-injected") else {}
    sources |= {injected.get("other")} & {*recipe["datasets"]}
    parts = {key: recipe[key] for key in WHOLE if key in recipe} | {"recovery": injected}
    parts |= {"models": models, "sets": sets, "datasets": {name: recipe["datasets"][name] for name in sources}}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
