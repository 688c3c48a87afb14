"""What scores, figures and the report are made from."""


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


def shows(recipe, figure, dataset):
    """Whether a figure says something of a dataset: parts of sets have truths, surveys have stars with names."""
    if figure in NEED_SCREENING:
        return dataset == recipe.get("screening", {}).get("dataset")
    if "-" in dataset:
        return figure not in NEED_SURVEY and not (figure in NEED_TRUTH and dataset.endswith("-training"))
    has_labels = "catalogue" in recipe["datasets"][dataset]
    return figure not in NEED_TRUTH and (has_labels or figure not in NEED_LABELS)


def caption_text(wildcards):
    return (Path(workflow.basedir) / f"workflow/report/{wildcards.figure}.rst").read_text(encoding="utf-8")


def shown_pairs(recipe):
    """(model, dataset) of what has a section of its own: predictions by models of other grids are compared alone."""
    return [(entry["model"], entry["dataset"]) for entry in recipe["predict"] if not entry.get("derived")]


def compared_models(recipe, dataset):
    return [model for model, predicted in predicted_pairs(recipe) if predicted == dataset]


def compared_datasets(recipe):
    """Datasets with reference labels that several models predict."""
    datasets = dict.fromkeys(dataset for _, dataset in predicted_pairs(recipe))
    return [
        name for name in datasets if len(compared_models(recipe, name)) > 1 and shows(recipe, "model_comparison", name)
    ]


def isochrones_file(wildcards):
    """The user's isochrones, for the figures that show them."""
    isochrones = recipe_of(wildcards).get("isochrones")
    return DATA / isochrones["file"] if isochrones and wildcards.figure in WITH_ISOCHRONES else []


def isochrones_age(wildcards):
    return recipe_of(wildcards)["isochrones"]["age"] if isochrones_file(wildcards) else None


def mask_stars(wildcards):
    """Stars that the masks of a survey's spectra were learned from."""
    recipe = recipe_of(wildcards)
    steps = recipe["datasets"].get(wildcards.dataset, {}).get("prepare", [])
    names = [step["mask_pixels"]["learned"] for step in steps if "learned" in step.get("mask_pixels", {})]
    return sorted({star for name in names for star in recipe["masks"][name].get("stars", [])})


def evolution_figures(wildcards):
    """Figures of the training of the predicting models that have snapshots of it."""
    recipe, folder = recipe_of(wildcards), f"results/{wildcards.recipe}/validate/figures/kiel_evolution"
    models = dict.fromkeys(model for model, _ in shown_pairs(recipe))
    drawn = [model for model in models if "snapshots" in last_stage(wildcards.recipe, model)]
    return [f"{folder}/{model}.png" for model in drawn] if "kiel_evolution" in recipe["validate"] else []


def sensitivity_files(wildcards, ending):
    """Sensitivity maps, or what is told of them, of the model that a recipe asks for and of the one beside it."""
    asked = recipe_of(wildcards).get("sensitivity", {})
    models = [asked[key] for key in ("model", "correlated") if key in asked]
    return [f"results/{wildcards.recipe}/validate/sensitivity/{model}.{ending}" for model in models]


def report_figures(wildcards):
    """Figures that the recipe asks for, of everything that it predicts."""
    recipe = recipe_of(wildcards)
    folder = f"results/{wildcards.recipe}/validate/figures"
    pairs = shown_pairs(recipe)
    files = [
        f"{folder}/{figure}/{model}/{dataset}.png"
        for model, dataset in pairs
        for figure in recipe["validate"]
        if figure in (*OF_CATALOGUE, "benchmark_stars", "observed_sets") and shows(recipe, figure, dataset)
        if {*FIGURE_LABELS.get(figure, ())} <= {*recipe["models"][model]["labels"]}
    ]
    models = dict.fromkeys(model for model, _ in pairs) if "losses" in recipe["validate"] else []
    losses = [f"{folder}/losses/{model}.png" for model in models]
    of_grids = [f"{folder}/{figure}.png" for figure in recipe["validate"] if figure in OF_GRIDS]
    alone = (*OF_SPECTRA, *OF_GRADIENTS, *OF_SCREENING, *OF_RECOVERY)
    of_spectra = [f"{folder}/{figure}.png" for figure in recipe["validate"] if figure in alone]
    compared = compared_datasets(recipe) if "model_comparison" in recipe["validate"] else []
    of_models = [f"{folder}/model_comparison/{dataset}.png" for dataset in compared]
    of_training = losses + evolution_figures(wildcards) + training_figures(wildcards) + comparison_figures(wildcards)
    of_training += description_figures(wildcards) + embedding_figures(wildcards)
    of_training += arm_files(wildcards, "results/{recipe}/validate/figures/arms/{model}/{dataset}.png")
    of_survey = of_spectra + population_figures(wildcards)
    return files + set_figures(wildcards) + of_models + of_training + of_grids + of_survey


def report_benchmarks(wildcards, ending):
    recipe = recipe_of(wildcards)
    if "benchmark_stars" not in recipe["validate"]:
        return []
    return [
        f"results/{wildcards.recipe}/validate/benchmarks/{model}/{dataset}.{ending}"
        for model, dataset in shown_pairs(recipe)
        if shows(recipe, "benchmark_stars", dataset)
    ]


def predicted_files(wildcards, pairs, pattern):
    """A file of each (model, dataset), given a pattern with {model} and {dataset}."""
    return [pattern.format(recipe=wildcards.recipe, model=model, dataset=dataset) for model, dataset in pairs]


def report_emulators(wildcards):
    """Errors of the emulators that a recipe's sets are drawn from."""
    recipe = recipe_of(wildcards)
    sources = {options["from"] for options in recipe["sets"].values() if "stars" in options}
    grids = {recipe["datasets"][name].get("grid") for name in sources} - {None}
    return [f"results/grids/{grid}.emulator.json" for grid in sorted(grids)]


def class_tables(wildcards):
    """Luminosity classes of everything predicted by models that give what they are told by."""
    recipe, figure = recipe_of(wildcards), "luminosity_classes"
    needed = {*FIGURE_LABELS[figure]}
    pairs = [
        (model, dataset) for model, dataset in shown_pairs(recipe) if needed <= {*recipe["models"][model]["labels"]}
    ]
    classes = predicted_files(wildcards, pairs, "results/{recipe}/validate/classes/{model}/{dataset}.csv")
    return classes if figure in recipe["validate"] else []


def report_tables(wildcards):
    """Files behind the tables of the whole recipe: of selection, screening, gradients, injected stars, populations."""
    recipe, folder = recipe_of(wildcards), f"results/{wildcards.recipe}"
    selected = [name for name, options in recipe["sets"].items() if "select" in options]
    cuts = [f"{folder}/prepare/selection/{name}.{ending}" for name in selected for ending in ("csv", "coverage.csv")]
    screened = recipe["screening"]["dataset"] if "screening" in recipe else None
    verdicts = [f"{folder}/validate/screening/{screened}.{ending}" for ending in ("csv", "sets.csv") if screened]
    gradients = sensitivity_files(wildcards, "csv") + sensitivity_files(wildcards, "json")
    errors = predicted_files(wildcards, shown_pairs(recipe), "results/{recipe}/validate/errors/{model}/{dataset}.csv")
    intervals = coverage_files(wildcards.recipe, "json", "csv")
    injected = recovery_files(wildcards, "json", "csv")
    errors += doubt_scores(wildcards) + study_tables(wildcards) + database_tables(wildcards)
    errors += comparison_tables(wildcards) + label_ranges(wildcards) + neighbour_tables(wildcards)
    errors += arm_files(wildcards, "results/{recipe}/validate/arms/{model}/{dataset}.csv") + class_tables(wildcards)
    return intervals + errors + cuts + verdicts + gradients + injected + population_numbers(wildcards)


def report_inputs(wildcards):
    """Everything that the report shows."""
    recipe = recipe_of(wildcards)
    catalogue = "results/{recipe}/predict/catalogue/{model}/{dataset}.parquet"
    scores = "results/{recipe}/validate/scores/{model}/{dataset}.json"
    return {
        "catalogues": predicted_files(wildcards, shown_pairs(recipe), catalogue),
        "scores": predicted_files(wildcards, predicted_pairs(recipe), scores),
        "cross_grid": [f"results/{wildcards.recipe}/validate/cross_grid.csv"] if "cross_grid" in recipe else [],
        "figures": report_figures(wildcards),
        "benchmarks": report_benchmarks(wildcards, "csv"),
        "groups": report_benchmarks(wildcards, "groups.csv"),
        "emulators": report_emulators(wildcards),
        "tables": report_tables(wildcards),
        "cards": [f"results/{wildcards.recipe}/validate/cards/{model}.md" for model in carded_models(recipe)],
    }
