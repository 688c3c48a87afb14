"""Files and settings as functions of wildcards, in the order of the steps."""


def grid_path(grid):
    """A grid made here comes before the embedded one; where neither is there, it is synthesised."""
    made, embedded = Path(f"results/grids/{grid}.fits"), Path(f"resources/grids/{grid}.fits")
    return embedded if embedded.exists() and not made.exists() else made


def grid_watch(grid):
    """What to watch of a grid: an embedded file has a new time in every checkout, its checksum has not."""
    path = grid_path(grid)
    return f"{path}.sha256" if path.parts[0] == "resources" else str(path)


def dataset_shards(recipe, dataset):
    """Shards of a survey; a part of a set is one shard."""
    return list(SURVEY_SHARDS.get((recipe, dataset), ["000"]))


def spectra_file(wildcards):
    """Prepared spectra of one shard."""
    name, _, part = wildcards.dataset.partition("-")
    if part:
        return f"results/{wildcards.recipe}/prepare/sets/{name}/{part}.parquet"
    return f"results/{wildcards.recipe}/prepare/spectra/{name}/{wildcards.shard}.parquet"


def last_stage(recipe, model):
    return RECIPES[recipe]["models"][model]["stages"][-1]


def member_names(wildcards):
    return range(recipe_of(wildcards)["models"][wildcards.model]["members"])


def stage_histories(wildcards):
    """Histories of every member in a model's last stage."""
    stage = last_stage(wildcards.recipe, wildcards.model)["name"]
    return [
        f"results/{wildcards.recipe}/train/histories/{wildcards.model}/{stage}/{member}.parquet"
        for member in member_names(wildcards)
    ]


def predicted_pairs(recipe):
    """(model, dataset) of everything that a recipe predicts."""
    return [(entry["model"], entry["dataset"]) for entry in recipe["predict"]]


LINE_LISTS = "resources/line_lists"


def grid_settings(wildcards):
    try:
        return load_grid_settings(wildcards.grid, Path("config/grids"))
    except RecipeError as error:
        raise WorkflowError(str(error)) from None


def listed_lines(wildcards):
    """The line list that a grid's settings name."""
    return f"{LINE_LISTS}/{grid_settings(wildcards)['lines']}.parquet"


def line_list(wildcards):
    """The lines that a grid is synthesised with: those listed, or with strengths adjusted on a star."""
    adjusted = f"results/line_lists/{wildcards.grid}.parquet"
    return adjusted if "adjust" in grid_settings(wildcards) else listed_lines(wildcards)


def line_list_watch(wildcards):
    """What to watch of the lines: a file of resources/ has a new time in every checkout, its checksum has not."""
    path = line_list(wildcards)
    return path if "adjust" in grid_settings(wildcards) else f"{path}.sha256"


def download_addresses(wildcards):
    """The list of files to fetch, where a grid names one of its own."""
    urls = grid_settings(wildcards)["download"].get("urls")
    return f"config/grids/{urls}" if urls else []


def imported_files(wildcards):
    """Published files that a grid is made of, or the table of those that are to be fetched first."""
    settings = grid_settings(wildcards)
    if "download" in settings:
        return f"results/grids/{wildcards.grid}.downloads.tsv"
    try:
        return [DATA / path for path in find_files(DATA, settings["import"]["files"])]
    except ValueError as error:
        raise WorkflowError(f"grid '{wildcards.grid}': key 'import.files': {error}") from None


def catalogue_file(wildcards):
    """The survey's own table of labels, where the recipe names one."""
    catalogue = recipe_of(wildcards)["datasets"][wildcards.dataset].get("catalogue")
    return DATA / catalogue["file"] if catalogue else []


def source_files(wildcards):
    """What a shard of a set is built from: a grid, or a prepared shard of a survey."""
    dataset = set_settings(wildcards)["from"]
    source = recipe_of(wildcards)["datasets"][dataset]
    if source["kind"] == "grid":
        return grid_watch(source["grid"])
    return f"results/{wildcards.recipe}/prepare/spectra/{dataset}/{wildcards.shard}.parquet"


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
    """Labels that a set must have: synthetic stars that no network is trained on, such as templates, need none."""
    recipe = recipe_of(wildcards)
    trained = any(stage["set"] == wildcards.set for model in recipe["models"].values() for stage in model["stages"])
    return recipe["labels"] if trained or not source_grid(wildcards) else []


def set_shard_files(wildcards):
    folder = f"results/{wildcards.recipe}/prepare/sets/{wildcards.set}/shards"
    return [f"{folder}/{shard}.parquet" for shard in set_shards(wildcards)]


def step_products(wildcards, steps):
    """Learned masks and sets of templates that steps name, as named inputs of a rule."""
    names, folder = list_products(steps), f"results/{wildcards.recipe}/prepare"
    return {
        "masks": [f"{folder}/masks/{mask}.csv" for mask in names["masks"]],
        "templates": [f"{folder}/sets/{templates}/training.parquet" for templates in names["templates"]],
    }


def set_products(wildcards):
    settings = set_settings(wildcards)
    return step_products(wildcards, settings["steps"] + settings["on_the_fly"])


def mask_settings(wildcards):
    return recipe_of(wildcards)["masks"][wildcards.mask]


def mask_spectra(wildcards):
    """Every prepared shard of the survey that holds a mask's reference stars."""
    dataset = mask_settings(wildcards)["spectra"]
    return [
        f"results/{wildcards.recipe}/prepare/spectra/{dataset}/{shard}.parquet"
        for shard in dataset_shards(wildcards.recipe, dataset)
    ]


def mask_grid(wildcards):
    return recipe_of(wildcards)["datasets"][mask_settings(wildcards)["from"]]["grid"]


def mask_products(wildcards):
    return step_products(wildcards, mask_settings(wildcards)["steps"])


def dataset_products(wildcards):
    return step_products(wildcards, recipe_of(wildcards)["datasets"][wildcards.dataset]["prepare"])


def source_grid(wildcards):
    source = recipe_of(wildcards)["datasets"][set_settings(wildcards)["from"]]
    return str(grid_path(source["grid"])) if source["kind"] == "grid" else None


def set_settings(wildcards):
    return recipe_of(wildcards)["sets"][wildcards.set]


def stage_settings(wildcards):
    stages = recipe_of(wildcards)["models"][wildcards.model]["stages"]
    return next(stage for stage in stages if stage["name"] == wildcards.stage)


def stage_distortions(wildcards):
    """Steps that the spectra of a stage's set go through anew in every epoch."""
    return recipe_of(wildcards)["sets"][stage_settings(wildcards)["set"]]["on_the_fly"]


def earlier_member(wildcards):
    """The member of the stage that this one starts from."""
    earlier = stage_settings(wildcards).get("start_from")
    return (
        f"results/{wildcards.recipe}/train/models/{wildcards.model}/{earlier}/{wildcards.member}.keras"
        if earlier
        else []
    )


def stage_part(part):
    """Input function: a part of the set that a stage trains on."""
    return lambda w: f"results/{w.recipe}/prepare/sets/{stage_settings(w)['set']}/{part}.parquet"


def member_files(wildcards):
    """Every member of a model's last stage."""
    stage = last_stage(wildcards.recipe, wildcards.model)["name"]
    return [
        f"results/{wildcards.recipe}/train/models/{wildcards.model}/{stage}/{member}.keras"
        for member in member_names(wildcards)
    ]


def calibration_labels(wildcards):
    """Predictions of the calibration part of the set that a model was trained on last."""
    name = last_stage(wildcards.recipe, wildcards.model)["set"]
    return f"results/{wildcards.recipe}/predict/labels/{wildcards.model}/{name}-calibration/000.parquet"


def label_shards(wildcards):
    return [
        f"results/{wildcards.recipe}/predict/labels/{wildcards.model}/{wildcards.dataset}/{shard}.parquet"
        for shard in dataset_shards(wildcards.recipe, wildcards.dataset)
    ]


def labels_by_other_grids(wildcards):
    """Labels of the same spectra by the models of the other grids, for the model that a recipe compares grids by."""
    comparison = recipe_of(wildcards).get("cross_grid", {})
    models = comparison["models"] if comparison.get("model") == wildcards.model else []
    return [
        f"results/{wildcards.recipe}/predict/labels/{model}/{wildcards.dataset}/{shard}.parquet"
        for model in models
        for shard in dataset_shards(wildcards.recipe, wildcards.dataset)
        if model != wildcards.model
    ]


def compared_grids(wildcards):
    """Datasets whose grids a recipe compares, the one that the others are compared with first."""
    recipe = recipe_of(wildcards)
    names = dict.fromkeys(recipe["cross_grid"]["train_on"] + recipe["cross_grid"]["test_on"])
    return [name for name in names if name in recipe["datasets"]]


def compared_set(wildcards):
    """Settings of the set that is drawn from every grid that a recipe compares."""
    recipe = recipe_of(wildcards)
    return recipe["sets"][recipe["cross_grid"]["set"]]


def cross_grid_pairs(wildcards):
    """What each catalogue of `cross_grid_catalogues` was trained and tested on, in its order."""
    comparison = recipe_of(wildcards)["cross_grid"]
    return [[trained, tested] for trained in comparison["train_on"] for tested in comparison["test_on"]]


def cross_grid_catalogues(wildcards):
    comparison = recipe_of(wildcards)["cross_grid"]
    folder = f"results/{wildcards.recipe}/predict/catalogue"
    return [
        f"{folder}/{model}/{dataset}.parquet" for model in comparison["models"] for dataset in comparison["datasets"]
    ]


def main_catalogues(wildcards):
    """Catalogues of all test stars by the model that a recipe compares grids by."""
    comparison = recipe_of(wildcards)["cross_grid"]
    folder = f"results/{wildcards.recipe}/predict/catalogue/{comparison['model']}"
    return [f"{folder}/{dataset}.parquet" for dataset in comparison["datasets"]]


def survey_manifest(wildcards):
    """The manifest that gives the catalogue its order; a part of a set is in order already."""
    if "-" in wildcards.dataset:
        return []
    return f"results/{wildcards.recipe}/acquire/manifests/{wildcards.dataset}.tsv"


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
    files = [DATA / path for shard in SURVEY_SHARDS[wildcards.recipe, name].values() for path in shard]
    return {"table": f"results/{wildcards.recipe}/acquire/manifests/{name}.tsv", "source": files}


def raw_settings(wildcards):
    recipe = recipe_of(wildcards)
    if "-" in wildcards.dataset:
        return synthetic_source(recipe, wildcards.dataset)
    survey, grid = recipe["datasets"][wildcards.dataset], recipe["wavelength"]
    options = {"root": str(DATA), "reader": survey["reader"], "steps": survey["prepare"]}
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


def main_set(wildcards):
    """The set that the model of a recipe's first prediction is trained on last."""
    return last_stage(wildcards.recipe, recipe_of(wildcards)["predict"][0]["model"])["set"]


def continuum_stars(wildcards):
    return f"results/{wildcards.recipe}/prepare/raw/{main_set(wildcards)}-validation.parquet"


def continuum_method(steps):
    """The continuum of a list of steps; None where it has none."""
    return next((step["normalise"] for step in steps if "normalise" in step), None)


def main_continuum(wildcards):
    return continuum_method(recipe_of(wildcards)["sets"][main_set(wildcards)]["steps"])


def continuum_survey(wildcards):
    """The first survey that a recipe predicts and normalises, or none."""
    recipe = recipe_of(wildcards)
    surveys = [name for _, name in predicted_pairs(recipe) if "-" not in name]
    return next((name for name in surveys if continuum_method(recipe["datasets"][name]["prepare"])), None)


def survey_continuum(wildcards):
    survey = continuum_survey(wildcards)
    return continuum_method(recipe_of(wildcards)["datasets"][survey]["prepare"]) if survey else None
