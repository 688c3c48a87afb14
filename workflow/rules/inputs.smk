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


def catalogue_file(wildcards):
    """The survey's own table of labels, where the recipe names one."""
    catalogue = recipe_of(wildcards)["datasets"][wildcards.dataset].get("catalogue")
    return DATA / catalogue["file"] if catalogue else []


def source_files(wildcards):
    """What a set is built from: a grid, or every prepared shard of a survey."""
    dataset = set_settings(wildcards)["from"]
    source = recipe_of(wildcards)["datasets"][dataset]
    if source["kind"] == "grid":
        return grid_watch(source["grid"])
    return [
        f"results/{wildcards.recipe}/prepare/spectra/{dataset}/{shard}.parquet"
        for shard in dataset_shards(wildcards.recipe, dataset)
    ]


def source_grid(wildcards):
    source = recipe_of(wildcards)["datasets"][set_settings(wildcards)["from"]]
    return str(grid_path(source["grid"])) if source["kind"] == "grid" else None


def set_settings(wildcards):
    return recipe_of(wildcards)["sets"][wildcards.set]


def stage_settings(wildcards):
    stages = recipe_of(wildcards)["models"][wildcards.model]["stages"]
    return next(stage for stage in stages if stage["name"] == wildcards.stage)


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


def survey_manifest(wildcards):
    """The manifest that gives the catalogue its order; a part of a set is in order already."""
    if "-" in wildcards.dataset:
        return []
    return f"results/{wildcards.recipe}/acquire/manifests/{wildcards.dataset}.tsv"


# Figures that need reference labels, so that a part of a set has them and a survey need not.
WITH_TRUTH = ("residuals", "noise", "coverage")
CAPTIONS = (*WITH_TRUTH, "kiel", "losses", "benchmark_stars")


def shows(figure, dataset):
    """Whether a figure says something of a dataset: parts of sets have truths, surveys have benchmark stars."""
    is_part = "-" in dataset
    return (is_part or figure not in WITH_TRUTH) and not (is_part and figure == "benchmark_stars")


def report_figures(wildcards):
    """Figures that the recipe asks for, of everything that it predicts."""
    recipe = recipe_of(wildcards)
    folder = f"results/{wildcards.recipe}/validate/figures"
    pairs = predicted_pairs(recipe)
    files = [
        f"{folder}/{figure}/{model}/{dataset}.png"
        for model, dataset in pairs
        for figure in recipe["validate"]
        if figure != "losses" and shows(figure, dataset)
    ]
    models = dict.fromkeys(model for model, _ in pairs) if "losses" in recipe["validate"] else []
    return files + [f"{folder}/losses/{model}.png" for model in models]


def report_benchmarks(wildcards):
    recipe = recipe_of(wildcards)
    if "benchmark_stars" not in recipe["validate"]:
        return []
    return [
        f"results/{wildcards.recipe}/validate/benchmarks/{model}/{dataset}.csv"
        for model, dataset in predicted_pairs(recipe)
        if shows("benchmark_stars", dataset)
    ]


def predicted_files(pattern):
    """Input function: a file of each predicted dataset, given a pattern with {model} and {dataset}."""
    return lambda w: [
        pattern.format(recipe=w.recipe, model=model, dataset=dataset)
        for model, dataset in predicted_pairs(recipe_of(w))
    ]


def report_emulators(wildcards):
    """Errors of the emulators that a recipe's sets are drawn from."""
    recipe = recipe_of(wildcards)
    sources = {options["from"] for options in recipe["sets"].values()}
    grids = {recipe["datasets"][name].get("grid") for name in sources} - {None}
    return [f"results/grids/{grid}.emulator.json" for grid in sorted(grids)]


def report_inputs(wildcards):
    """Everything that the report shows."""
    return {
        "catalogues": predicted_files("results/{recipe}/predict/catalogue/{model}/{dataset}.parquet")(wildcards),
        "scores": predicted_files("results/{recipe}/validate/scores/{model}/{dataset}.json")(wildcards),
        "figures": report_figures(wildcards),
        "benchmarks": report_benchmarks(wildcards),
        "emulators": report_emulators(wildcards),
    }
