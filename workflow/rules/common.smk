import os
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

# Here and in the modules below, nothing is imported that Snakemake does not bring: it plans runs in its own environment.
from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.basedir) / "workflow"))

from spectrolabe.acquire.sharding import BETWEEN_ARMS, assign_shards, find_files, group_files, write_file_list
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
from spectrolabe.sources import ROOT as LIBRARY
from spectrolabe.sources import keep_file, list_sources
from spectrolabe.spectra.seeds import derive_seed
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


def watch(path, text, stand_in):
    """Give a small file that stands for others as the input of a job, written where what it says of them has changed.

    A dry run writes nothing: where the file is to be written it gives one of the others, ``stand_in``, and the change
    of inputs is what the jobs run for.
    """
    try:
        kept = keep_file(path, text, may_write=not workflow.output_settings.dryrun)
    except OSError as error:
        raise WorkflowError(f"{path}: cannot be written ({error.strerror}): runs write into results/") from None
    return path if kept else str(stand_in)


def list_shards(recipe, dataset):
    """Shard of a survey -> what its jobs watch and read: the folder that it is simulated in, or the list of its files."""
    settings = RECIPES[recipe]["datasets"][dataset]
    if "simulate" in settings:
        shards = -(-settings["simulate"]["stars"] // settings["shard_size"])
        return {f"{shard:03d}": f"results/{recipe}/acquire/simulated/{dataset}/{shard:03d}" for shard in range(shards)}
    if "download" in settings and FETCHING:
        return {}
    folder = Path(f"results/{recipe}/acquire/files/{dataset}")
    if not workflow.is_main_process:
        # A job of a cluster does not search the data anew: what it is to do was decided when the run started.
        return {path.stem: str(path) for path in sorted(folder.glob("*.tsv"))}
    shards = find_shards(recipe, dataset)
    SURVEY_SPECTRA[recipe, dataset] = sum(map(len, shards.values()))
    watched = {}
    for shard, spectra in shards.items():
        # Without arms a file is a spectrum, whatever its name.
        files = [file for path in spectra for file in (path.split(BETWEEN_ARMS) if "join" in settings else [path])]
        try:
            text = write_file_list(DATA, files)
        except ValueError as error:
            raise WorkflowError(f"recipe '{recipe}': key 'datasets.{dataset}.files': {error}") from None
        watched[shard] = watch(str(folder / f"{shard}.tsv"), text, DATA / files[0])
    if not workflow.output_settings.dryrun:
        for path in folder.glob("*.tsv"):
            if path.stem not in shards:
                path.unlink()
    return watched


def find_shards(recipe, dataset):
    """Shard -> files of each spectrum of a survey, relative to the data folder, arms of one spectrum together."""
    settings = RECIPES[recipe]["datasets"][dataset]
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


def check_results():
    """End a run before its first job where it cannot write."""
    folder = Path("results") if Path("results").exists() else Path()
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WorkflowError("results: cannot be written to: runs write into this folder, only a dry run (-n) does not")


RECIPES = load_recipes()
DATA = Path(config["data"])
# Where files are to be fetched, they need not be there yet; Snakemake tells a Snakefile nothing of its targets.
FETCHING = "fetch" in sys.argv
# A pattern of the grids that are made of published files; one that matches nothing where there is none.
IMPORTED_GRIDS = "|".join(list_imported_grids(Path("config/grids"))) or "(?!)"
# Number of spectra of the surveys that the data folder was searched for.
SURVEY_SPECTRA = {}
SURVEY_SHARDS = {
    (recipe, dataset): list_shards(recipe, dataset)
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
    """What to watch of modules and all that they import, as an input of a rule: an edit reruns what uses it."""
    path, names = f"results/code/{'-'.join([package, *modules])}.tsv", [f"{package}.{module}" for module in modules]
    if not workflow.is_main_process:
        return [path]
    return [watch(path, list_sources(*names), os.path.relpath(LIBRARY.joinpath(package, f"{modules[0]}.py")))]


def recipe_of(wildcards):
    return RECIPES[wildcards.recipe]
