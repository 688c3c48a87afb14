"""What a schema cannot say of a recipe: that its parts fit each other."""

from collections.abc import Sequence

from spectrolabe.acquire.conditions import ConditionError, check_condition
from spectrolabe.prepare.parts import PARTS
from spectrolabe.recipe_catalogues import check_catalogues
from spectrolabe.recipe_compression import check_compression
from spectrolabe.recipe_figures import check_survey_figures
from spectrolabe.recipe_files import fault, one_of, show
from spectrolabe.recipe_gap import check_continuum, check_gap
from spectrolabe.recipe_masks import check_masks
from spectrolabe.recipe_models import (
    check_calibration,
    check_evolution,
    check_head,
    check_rates,
    check_stage,
    known_labels,
)
from spectrolabe.recipe_neighbours import check_neighbours
from spectrolabe.recipe_populations import check_populations
from spectrolabe.recipe_recalibration import check_recalibration
from spectrolabe.recipe_recovery import check_recovery
from spectrolabe.recipe_screening import check_screening
from spectrolabe.recipe_sensitivity import check_sensitivity
from spectrolabe.recipe_simulation import check_simulations
from spectrolabe.recipe_solved import check_solved
from spectrolabe.recipe_splits import check_split, explain_empty, share_of
from spectrolabe.recipe_stages import check_trainings
from spectrolabe.recipe_standardisation import check_standardised
from spectrolabe.recipe_steps import broadens_to_arms, check_products, check_steps, step_lists
from spectrolabe.validate.figure_names import FIGURE_LABELS, OF_GRIDS


def check_recipe(owner: str, recipe: dict) -> None:
    """Refuse a recipe whose parts do not fit each other.

    Parameters
    ----------
    owner : how messages begin, such as "recipe 'demo'".
    recipe : a recipe that the schema accepts, defaults filled in.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    _check_wavelength(owner, recipe)
    _check_datasets(owner, recipe)
    check_catalogues(owner, recipe)
    check_simulations(owner, recipe)
    for name in recipe["sets"]:
        _check_set(owner, recipe, name)
    check_masks(owner, recipe)
    check_steps(owner, recipe)
    check_standardised(owner, recipe)
    check_products(owner, recipe)
    for name in recipe["models"]:
        _check_members(owner, recipe, name)
        _check_stages(owner, recipe, name)
        _check_labels(owner, recipe, name)
        check_head(owner, recipe, name)
        check_calibration(owner, recipe, name)
    check_solved(owner, recipe)
    check_trainings(owner, recipe)
    check_compression(owner, recipe)
    for position in range(len(recipe["predict"])):
        _check_prediction(owner, recipe, position)
    _check_figures(owner, recipe)
    _check_grid_figures(owner, recipe)
    check_evolution(owner, recipe)
    check_rates(owner, recipe)
    check_neighbours(owner, recipe)
    check_gap(owner, recipe)
    check_continuum(owner, recipe)
    check_survey_figures(owner, recipe)
    check_screening(owner, recipe)
    check_sensitivity(owner, recipe)
    check_populations(owner, recipe)
    check_recalibration(owner, recipe)
    check_recovery(owner, recipe)
    _check_limits(owner, recipe)


def _count(steps: list[dict], name: str) -> int:
    return sum(name in step for step in steps)


def _check_wavelength(owner: str, recipe: dict) -> None:
    arms = recipe["wavelength"]["arms"]
    for i, arm in enumerate(arms):
        if i and arm["start"] < arms[i - 1]["stop"]:
            expected = f"at least {show(arms[i - 1]['stop'])}, where the arm before it stops"
            raise fault(owner, ["wavelength", "arms", i, "start"], show(arm["start"]), expected)
        resolution = arm.get("resolution", recipe["wavelength"].get("resolution"))
        if resolution is None and any(broadens_to_arms(steps) for _, steps in step_lists(recipe)):
            expected = "a resolving power, since the step broaden needs one (or one in wavelength.resolution)"
            raise fault(owner, ["wavelength", "arms", i, "resolution"], "nothing", expected)


def _check_datasets(owner: str, recipe: dict) -> None:
    for name, dataset in recipe["datasets"].items():
        if name in recipe["sets"]:
            raise fault(
                owner,
                ["sets", name],
                "the name of a dataset",
                "another name, since datasets and sets share one namespace",
            )
        if "prepare" in dataset:
            _check_resample(owner, ["datasets", name, "prepare"], dataset["prepare"])
        select = dataset.get("download", {}).get("sdss", {}).get("select", [])
        _check_conditions(owner, ["datasets", name, "download", "sdss", "select"], select)


def _check_resample(owner: str, key: list, steps: list[dict]) -> None:
    count = _count(steps, "resample")
    if count != 1:
        raise fault(
            owner,
            key,
            f"{f'{count} steps' if count else 'no step'} resample",
            "one, which brings the spectra to the recipe's grid",
        )


def _check_set(owner: str, recipe: dict, name: str) -> None:
    entry, datasets = recipe["sets"][name], recipe["datasets"]
    source = entry["from"]
    if source not in datasets:
        raise fault(owner, ["sets", name, "from"], show(source), one_of(datasets, source))
    from_grid = datasets[source]["kind"] == "grid"
    if "stars" in entry and from_grid and "ranges" not in entry:
        expected = f"a value, since stars are drawn from '{source}', a grid (without stars its own nodes are the stars)"
        raise fault(owner, ["sets", name, "ranges"], "nothing", expected)
    for key in ["select"] if from_grid else ["stars", "ranges"]:
        if key in entry:
            kind = datasets[source]["kind"]
            raise fault(owner, ["sets", name], show(key), f"no such key, since '{source}' is a {kind}")
    _check_conditions(owner, ["sets", name, "select"], entry.get("select", []))
    if from_grid:
        _check_resample(owner, ["sets", name, "steps"], entry["steps"])
    check_split(owner, recipe, name)


def _check_conditions(owner: str, key: list, conditions: Sequence[str]) -> None:
    for i, condition in enumerate(conditions):
        try:
            check_condition(condition)
        except ConditionError as error:
            expected = f"a condition in SQL such as 'snr >= 30' ({error.reason})"
            raise fault(owner, [*key, i], show(condition), expected) from error


def _check_members(owner: str, recipe: dict, name: str) -> None:
    model = recipe["models"][name]
    members, keep = model["members"], model.get("keep", {})
    if keep.get("best", 0) > members:
        raise fault(owner, ["models", name, "keep", "best"], show(keep["best"]), f"at most the {members} members")
    if keep.get("drop_worst", 0) >= members:
        raise fault(
            owner, ["models", name, "keep", "drop_worst"], show(keep["drop_worst"]), f"fewer than the {members} members"
        )


def _check_stages(owner: str, recipe: dict, name: str) -> None:
    earlier: list[str] = []
    for i, stage in enumerate(recipe["models"][name]["stages"]):
        key = ["models", name, "stages", i]
        if stage["name"] in earlier:
            raise fault(owner, [*key, "name"], f"{show(stage['name'])} twice", "a name of its own for each stage")
        if stage["set"] not in recipe["sets"]:
            raise fault(owner, [*key, "set"], show(stage["set"]), one_of(recipe["sets"], stage["set"]))
        start = stage.get("start_from", stage["name"])
        if "start_from" in stage and start not in earlier:
            raise fault(owner, [*key, "start_from"], show(start), f"an earlier stage: {one_of(earlier, start)}")
        check_stage(owner, recipe, key, stage)
        earlier.append(stage["name"])


def _check_labels(owner: str, recipe: dict, name: str) -> None:
    """Every label needs a source."""
    known = known_labels(recipe, name)
    if known is None:
        return
    labels = recipe["models"][name]["labels"]
    key = "labels" if labels == recipe["labels"] else ["models", name, "labels"]
    for label in labels:
        if label not in known:
            found = f"{show(label)}, which no set of model '{name}' has"
            raise fault(owner, key, found, one_of(sorted(known), label))


def _check_prediction(owner: str, recipe: dict, position: int) -> None:
    entry, key = recipe["predict"][position], ["predict", position]
    if entry["model"] not in recipe["models"]:
        raise fault(owner, [*key, "model"], show(entry["model"]), one_of(recipe["models"], entry["model"]))
    surveys = [name for name, dataset in recipe["datasets"].items() if dataset["kind"] == "survey"]
    parts = [f"{name}-{part}" for name in recipe["sets"] for part in PARTS]
    if entry["dataset"] not in surveys + parts:
        raise fault(owner, [*key, "dataset"], show(entry["dataset"]), one_of(surveys + parts, entry["dataset"]))
    name, _, part = entry["dataset"].partition("-")
    if part and not share_of(recipe["sets"][name]["split"], part):
        raise fault(owner, [*key, "dataset"], show(entry["dataset"]), explain_empty(name, part))


def _check_figures(owner: str, recipe: dict) -> None:
    for figure, needed in FIGURE_LABELS.items():
        labels = [recipe["models"][entry["model"]]["labels"] for entry in recipe["predict"]]
        missing = min(([label for label in needed if label not in known] for known in labels), key=len)
        if figure in recipe["validate"] and missing:
            expected = f"{_join(needed)} among labels, or no {figure}"
            raise fault(owner, "validate", f"'{figure}' without the label {_join(missing)}", expected)


def _check_grid_figures(owner: str, recipe: dict) -> None:
    comparison = recipe.get("cross_grid")
    for figure in OF_GRIDS:
        if figure in recipe["validate"] and comparison is None:
            raise fault(owner, "validate", f"'{figure}' without cross_grid", f"the key cross_grid, or no {figure}")
    names = {*comparison["train_on"], *comparison["test_on"]} & {*recipe["datasets"]} if comparison else ()
    if "grid_differences" in recipe["validate"] and len(names) < 2:
        expected = "another grid in cross_grid.test_on or train_on, or no grid_differences"
        raise fault(owner, "validate", "'grid_differences' of one grid alone", expected)


def _check_limits(owner: str, recipe: dict) -> None:
    known = list(dict.fromkeys(label for model in recipe["models"].values() for label in model["labels"]))
    for label in recipe["flags"]["max_err"]:
        if label not in known:
            raise fault(owner, ["flags", "max_err"], show(label), one_of(known, label))


def _join(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
