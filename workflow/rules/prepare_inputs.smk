"""What sets, masks and prepared spectra are made from."""


def spectra_file(wildcards):
    """Prepared spectra of one shard."""
    name, _, part = wildcards.dataset.partition("-")
    if part:
        return f"results/{wildcards.recipe}/prepare/sets/{name}/{part}.parquet"
    return f"results/{wildcards.recipe}/prepare/spectra/{name}/{wildcards.shard}.parquet"


def source_files(wildcards):
    """What a shard of a set is built from: a grid, or a prepared shard of a survey."""
    dataset = set_settings(wildcards)["from"]
    source = recipe_of(wildcards)["datasets"][dataset]
    if source["kind"] == "grid":
        return grid_watch(source["grid"])
    return f"results/{wildcards.recipe}/prepare/spectra/{dataset}/{wildcards.shard}.parquet"


def set_selection(wildcards):
    """Which spectra of a survey meet a set's conditions, where it has some."""
    selection = f"results/{wildcards.recipe}/prepare/selection/{wildcards.set}.parquet"
    return selection if "select" in set_settings(wildcards) else []


def set_cuts(wildcards):
    """The table of what a set's conditions cut, where it has some."""
    cuts = f"results/{wildcards.recipe}/prepare/selection/{wildcards.set}.csv"
    return cuts if "select" in set_settings(wildcards) else ""


def set_screening(wildcards):
    """The verdict on each spectrum of a shard, where the set's survey is screened."""
    dataset = set_settings(wildcards)["from"]
    if recipe_of(wildcards).get("screening", {}).get("dataset") != dataset:
        return []
    return f"results/{wildcards.recipe}/prepare/screening/{dataset}/{wildcards.shard}.parquet"


def screened_survey(recipe, name):
    """The survey that a set is selected from, where it is screened; else none."""
    survey = RECIPES[recipe]["sets"][name]["from"]
    return survey if RECIPES[recipe].get("screening", {}).get("dataset") == survey else None


def doubt_reference(wildcards):
    """What spectra are judged by for the networks of a set: the screening of its survey, or the set's own."""
    survey = screened_survey(wildcards.recipe, wildcards.set)
    folder = f"screening/{survey}" if survey else f"doubt/{wildcards.set}"
    return f"results/{wildcards.recipe}/prepare/{folder}/reference.npz"


def screening_selection(wildcards):
    """Which spectra of a screened survey its set selects, and in which parts they are."""
    return f"results/{wildcards.recipe}/prepare/selection/{recipe_of(wildcards)['screening']['set']}.parquet"


def screening_shards(wildcards):
    """The verdicts on every shard of a screened survey."""
    folder = f"results/{wildcards.recipe}/prepare/screening/{wildcards.dataset}"
    return [f"{folder}/{shard}.parquet" for shard in dataset_shards(wildcards.recipe, wildcards.dataset)]


def map_columns(wildcards):
    """What a survey's table says of the spectra in its map: labels, and the trouble that was planted in simulated ones."""
    return [*recipe_of(wildcards)["labels"], "trouble", "trouble_strength", "flux_ratio"]


# Published grids have some thousand nodes; how many is known once their files are read, and the plan must not change then.
PUBLISHED_NODES = 2000


def count_nodes(grid):
    """Nodes of a grid by its settings, for a published one a usual number: it decides how many jobs share the work."""
    folder = Path("config/grids")
    if not (folder / f"{grid}.yaml").exists():
        return PUBLISHED_NODES
    try:
        return load_grid_settings(grid, folder).get("spectra", PUBLISHED_NODES)
    except RecipeError as error:
        raise WorkflowError(str(error)) from None


def set_shards(wildcards):
    """Shards of a set: those of its survey, else as many as its stars, with their copies, fill."""
    settings = set_settings(wildcards)
    source = recipe_of(wildcards)["datasets"][settings["from"]]
    if source["kind"] == "survey":
        return dataset_shards(wildcards.recipe, settings["from"])
    stars = settings["stars"] if "stars" in settings else count_nodes(source["grid"])
    spectra = stars * settings["copies"]
    return [f"{shard:03d}" for shard in range(-(-spectra // settings["shard_size"]))]


def set_labels(wildcards):
    """Labels that a set must have: synthetic stars that no network meets, such as templates, and mere tests need none."""
    recipe = recipe_of(wildcards)
    models = recipe["models"].values()
    trained = [
        model
        for model in models
        if wildcards.set in (model.get("calibrate_on"), *(stage["set"] for stage in model["stages"]))
    ]
    studied = [
        study
        for study in recipe["studies"].values()
        if wildcards.set
        in (
            studied_part(recipe["models"][study["model"]], study)["stages"][-1]["set"],
            study["measure"].partition("-")[0],
        )
    ]
    if not trained + studied:
        needless = source_grid(wildcards) or only_tests(set_settings(wildcards)["split"])
        return [] if needless else recipe["labels"]
    return list(dict.fromkeys(label for user in trained + studied for label in user["labels"]))


def set_shard_files(wildcards):
    folder = f"results/{wildcards.recipe}/prepare/sets/{wildcards.set}/shards"
    return [f"{folder}/{shard}.parquet" for shard in set_shards(wildcards)]


def step_products(wildcards, steps):
    """Learned masks and sets of templates that steps name, as named inputs of a rule."""
    names, folder = list_products(steps), f"results/{wildcards.recipe}/prepare"
    masks = recipe_of(wildcards)["masks"]
    kinds = {mask: "fixed_features" if "recurrent" in masks[mask] else "masks" for mask in names["masks"]}
    return {
        "masks": [f"{folder}/{kind}/{mask}.csv" for mask, kind in kinds.items()],
        "templates": [f"{folder}/sets/{templates}/training.parquet" for templates in names["templates"]],
    }


def set_products(wildcards):
    settings = set_settings(wildcards)
    return step_products(wildcards, settings["steps"] + settings["on_the_fly"])


def dataset_products(wildcards):
    return step_products(wildcards, recipe_of(wildcards)["datasets"][wildcards.dataset]["prepare"])


def source_grid(wildcards):
    source = recipe_of(wildcards)["datasets"][set_settings(wildcards)["from"]]
    return str(grid_path(source["grid"])) if source["kind"] == "grid" else None


def set_settings(wildcards):
    return recipe_of(wildcards)["sets"][wildcards.set]


def injected_other(wildcards):
    """The grid that a set's networks do not know, where the recipe names one to inject stars of."""
    other = recipe_of(wildcards)["recovery"].get("other")
    return str(grid_path(recipe_of(wildcards)["datasets"][other]["grid"])) if other else None


def injected_grids(wildcards):
    """What to watch of the grids that injected stars are made of."""
    grids = [source_grid(wildcards), injected_other(wildcards)]
    return [grid_watch(Path(grid).stem) for grid in grids if grid]


def compared_grids(wildcards):
    """Datasets whose grids a recipe compares, the one that the others are compared with first."""
    recipe = recipe_of(wildcards)
    names = dict.fromkeys(recipe["cross_grid"]["train_on"] + recipe["cross_grid"]["test_on"])
    return [name for name in names if name in recipe["datasets"]]


def compared_set(wildcards):
    """Settings of the set that is drawn from every grid that a recipe compares."""
    recipe = recipe_of(wildcards)
    return recipe["sets"][recipe["cross_grid"]["set"]]


def dataset_spectra(recipe, dataset):
    """Every file of a dataset's prepared spectra."""
    name, _, part = dataset.partition("-")
    if part:
        return [f"results/{recipe}/prepare/sets/{name}/{part}.parquet"]
    return [f"results/{recipe}/prepare/spectra/{name}/{shard}.parquet" for shard in dataset_shards(recipe, name)]


def raw_sources(wildcards):
    """What raw spectra are taken from: a survey's manifest and files, or a part of a set and its grid."""
    name, _, part = wildcards.dataset.partition("-")
    if part:
        grid = synthetic_source(recipe_of(wildcards), wildcards.dataset)["grid"]
        return {"table": dataset_spectra(wildcards.recipe, wildcards.dataset)[0], "source": grid_watch(Path(grid).stem)}
    files = list(SURVEY_SHARDS[wildcards.recipe, name].values())
    return {"table": f"results/{wildcards.recipe}/acquire/manifests/{name}.tsv", "source": files}


def raw_settings(wildcards):
    recipe = recipe_of(wildcards)
    if "-" in wildcards.dataset:
        return synthetic_source(recipe, wildcards.dataset)
    survey, grid = recipe["datasets"][wildcards.dataset], recipe["wavelength"]
    options = {"root": survey_root(wildcards), "reader": survey["reader"], "steps": survey["prepare"]}
    options |= {"join": survey.get("join", [])}
    return options | {"arms": grid["arms"], "medium": grid["medium"], "resolution": survey.get("resolution")}


def synthetic_source(recipe, dataset):
    """The grid behind a part of a set, its steps, and whether its stars are the grid's nodes."""
    entry = recipe["sets"][dataset.partition("-")[0]]
    grid = recipe["datasets"][entry["from"]]["grid"]
    return {"grid": str(grid_path(grid)), "steps": entry["steps"], "nodes": "stars" not in entry}


def gap_observed(wildcards):
    """Files of the spectra that a recipe's synthetic ones are set against: raw, and prepared."""
    observed = recipe_of(wildcards)["gap"]["observed"]
    raw = f"results/{wildcards.recipe}/prepare/raw/{observed}.parquet"
    return {"observed": raw, "shards": dataset_spectra(wildcards.recipe, observed)}


def gap_synthetic(wildcards):
    recipe = recipe_of(wildcards)
    return [{"name": name} | synthetic_source(recipe, name) for name in recipe["gap"]["synthetic"]]


def gap_parts(wildcards):
    parts = recipe_of(wildcards)["gap"]["synthetic"]
    return [path for part in parts for path in dataset_spectra(wildcards.recipe, part)]
