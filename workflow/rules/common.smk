import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from snakemake.exceptions import WorkflowError
from snakemake.utils import Paramspace

sys.path.insert(0, str(Path(workflow.basedir) / "workflow"))

from spectrolabe.acquire.sharding import BETWEEN_ARMS, assign_shards, find_files, group_files
from spectrolabe.prepare.parts import PARTS
from spectrolabe.recipe import (
    RecipeError,
    check_config,
    list_imported_grids,
    load_grid_settings,
    load_recipe,
    parse_recipe_names,
)
from spectrolabe.recipe_comparisons import find_stages, met_sets, splits_otherwise
from spectrolabe.recipe_copies import steps_of_copies
from spectrolabe.recipe_figures import is_per_arm
from spectrolabe.recipe_hash import hash_recipe
from spectrolabe.recipe_expectations import expect_of_grids, expect_of_survey, plan_work
from spectrolabe.recipe_neighbours import has_embedding, snapshot_stage
from spectrolabe.recipe_splits import only_tests, share_of
from spectrolabe.recipe_steps import list_products
from spectrolabe.sources import imported_modules
from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.train.studies import (
    count_epochs,
    describe_trial,
    find_texts,
    networks_of,
    plan_trials,
    read_changes,
    repeats_of,
    share_networks,
    studied_part,
)
from spectrolabe.validate.coverage_warnings import read_warnings
from spectrolabe.validate.figure_names import (
    FIGURES,
    FIGURE_LABELS,
    NEED_LABELS,
    NEED_SCREENING,
    NEED_SURVEY,
    NEED_TRUTH,
    OF_CATALOGUE,
    OF_GRADIENTS,
    OF_GRIDS,
    OF_RECOVERY,
    OF_SCREENING,
    OF_SETS,
    OF_SPECTRA,
    POPULATION_RESULTS,
    WITH_ISOCHRONES,
)


def load_recipes():
    """Every recipe to run, checked: a mistake ends here, before any job starts."""
    folder = Path("config/recipes")
    try:
        check_config(config)
        return {name: load_recipe(name, folder) for name in parse_recipe_names(config["recipes"], folder)}
    except RecipeError as error:
        raise WorkflowError(str(error)) from None


def list_survey_files(recipe, dataset):
    """Shard -> files of each spectrum of a survey, relative to the data folder; None where they are to be simulated."""
    settings = RECIPES[recipe]["datasets"][dataset]
    if "simulate" in settings:
        shards = -(-settings["simulate"]["stars"] // settings["shard_size"])
        return {f"{shard:03d}": None for shard in range(shards)}
    if "download" in settings and FETCHING:
        return {}
    key, catalogue = "files", settings.get("catalogue", {}).get("file")
    advice = f" (`make survey RECIPE={recipe} DATA={DATA}` fetches its files)" if "download" in settings else ""
    try:
        files = find_files(DATA, settings["files"], catalogue)
        key = "join"
        spectra = group_files(files, settings.get("join", []))
    except ValueError as error:
        raise WorkflowError(f"recipe '{recipe}': key 'datasets.{dataset}.{key}': {error}{advice}") from None
    if catalogue and not (DATA / catalogue).is_file():
        key = f"datasets.{dataset}.catalogue.file"
        raise WorkflowError(f"recipe '{recipe}': key '{key}': there is no file {DATA / catalogue}{advice}")
    shards = assign_shards(list(spectra), settings["shard_size"])
    return {shard: [spectra[name] for name in names] for shard, names in shards.items()}


def check_isochrones():
    for recipe, settings in RECIPES.items():
        isochrones = settings.get("isochrones")
        if isochrones and not (DATA / isochrones["file"]).is_file():
            key = "isochrones.file"
            raise WorkflowError(f"recipe '{recipe}': key '{key}': there is no file {DATA / isochrones['file']}")


RECIPES = load_recipes()
DATA = Path(config["data"])
# Where files are to be fetched, they need not be there yet; Snakemake tells a Snakefile nothing of its targets.
FETCHING = "fetch" in sys.argv
# A pattern of the grids that are made of published files; one that matches nothing where there is none.
IMPORTED_GRIDS = "|".join(list_imported_grids(Path("config/grids"))) or "(?!)"
SURVEY_SHARDS = {
    (recipe, dataset): list_survey_files(recipe, dataset)
    for recipe, settings in RECIPES.items()
    for dataset, options in settings["datasets"].items()
    if options["kind"] == "survey"
}
check_isochrones()


wildcard_constraints:
    recipe="[a-z][a-z0-9_]*",
    grid="[a-z][a-z0-9_]*",
    set="[a-z][a-z0-9_]*",
    mask="[a-z][a-z0-9_]*",
    model="[a-z][a-z0-9_]*",
    stage="[a-z][a-z0-9_]*",
    study="[a-z][a-z0-9_]*",
    dataset=rf"[a-z][a-z0-9_]*(-({'|'.join([*PARTS, 'injected'])}))?",
    part="|".join(PARTS),
    shard=r"\d+",
    member=r"\d+",


def library(package, *modules):
    """Modules with all that they import, as inputs: an edit reruns what uses it."""
    return [os.path.relpath(path) for path in imported_modules(*(f"{package}.{module}" for module in modules))]


def recipe_of(wildcards):
    return RECIPES[wildcards.recipe]
