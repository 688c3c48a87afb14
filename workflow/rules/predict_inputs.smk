"""What labels and catalogues are made from."""


def predicted_pairs(recipe):
    """(model, dataset) of everything that a recipe predicts."""
    return [(entry["model"], entry["dataset"]) for entry in recipe["predict"]]


def calibration_set(recipe, model):
    """The set whose calibration part a model is calibrated on: one of its own, or that of its last stage."""
    return RECIPES[recipe]["models"][model].get("calibrate_on", last_stage(recipe, model)["set"])


def calibration_labels(wildcards):
    """Predictions of the calibration part of the set that a model is calibrated on."""
    name = calibration_set(wildcards.recipe, wildcards.model)
    return f"results/{wildcards.recipe}/predict/labels/{wildcards.model}/{name}-calibration/000.parquet"


def calibration_origin(wildcards):
    """Where the spectra that a model is calibrated on come from: synthetic, simulated or observed."""
    recipe = recipe_of(wildcards)
    source = recipe["datasets"][recipe["sets"][calibration_set(wildcards.recipe, wildcards.model)]["from"]]
    if source["kind"] == "grid":
        return "synthetic"
    return "simulated" if "simulate" in source else "observed"


def judgements(recipe, model, dataset):
    """How unlike a model's training spectra those of a dataset are: as its survey's screening has said, or as judged."""
    name, _, part = dataset.partition("-")
    own, folder = last_stage(recipe, model)["set"], f"results/{recipe}/prepare"
    survey = screened_survey(recipe, own)
    of_survey = name == survey or (part in PARTS and RECIPES[recipe]["sets"][name]["from"] == survey)
    if survey and of_survey:
        return [f"{folder}/screening/{survey}/{shard}.parquet" for shard in dataset_shards(recipe, survey)]
    return [f"{folder}/doubt/{own}/{dataset}/{shard}.parquet" for shard in dataset_shards(recipe, dataset)]


def judged_shards(wildcards):
    return judgements(wildcards.recipe, wildcards.model, wildcards.dataset)


def calibration_judgements(wildcards):
    name = calibration_set(wildcards.recipe, wildcards.model)
    return judgements(wildcards.recipe, wildcards.model, f"{name}-calibration")


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


def distribution_files(recipe):
    """Whole distributions of everything that a model with bins predicts."""
    return [
        f"results/{recipe}/predict/distributions/{model}/{dataset}.parquet"
        for model, dataset in predicted_pairs(RECIPES[recipe])
        if "binned" in RECIPES[recipe]["models"][model]["head"]
    ]


def survey_manifest(wildcards):
    """The manifest that gives the catalogue its order; a part of a set is in order already."""
    if "-" in wildcards.dataset:
        return []
    return f"results/{wildcards.recipe}/acquire/manifests/{wildcards.dataset}.tsv"


def screening_verdicts(wildcards):
    """The joint map of a survey that is screened, then the verdicts on its shards; nothing of other datasets."""
    if recipe_of(wildcards).get("screening", {}).get("dataset") != wildcards.dataset:
        return []
    folder, shards = f"results/{wildcards.recipe}/prepare", dataset_shards(wildcards.recipe, wildcards.dataset)
    verdicts = [f"{folder}/screening/{wildcards.dataset}/{shard}.parquet" for shard in shards]
    return [f"{folder}/maps/{wildcards.dataset}.parquet", *verdicts]


def model_flags(wildcards):
    """Thresholds of the flags, those of labels as far as the model predicts them."""
    flags, labels = recipe_of(wildcards)["flags"], model_labels(wildcards)
    return flags | {"max_err": {label: limit for label, limit in flags["max_err"].items() if label in labels}}


def meets_other_data(wildcards):
    """Whether a dataset's spectra come from another grid or survey than those that a model is calibrated on."""
    sets, name = recipe_of(wildcards)["sets"], wildcards.dataset.partition("-")[0]
    source = sets[name]["from"] if name in sets else name
    return source != sets[calibration_set(wildcards.recipe, wildcards.model)]["from"]


def catalogue_hash(wildcards):
    """Checksum of all in a recipe that a catalogue follows from."""
    return hash_recipe(recipe_of(wildcards), wildcards.model, wildcards.dataset)


def recalibration_labels(wildcards):
    """Predictions of the survey that holds a recipe's trusted stars."""
    dataset = recipe_of(wildcards)["recalibration"]["dataset"]
    folder = f"results/{wildcards.recipe}/predict/labels/{wildcards.model}/{dataset}"
    return [f"{folder}/{shard}.parquet" for shard in dataset_shards(wildcards.recipe, dataset)]


def recalibration_stars(wildcards):
    """The table of trusted stars, where a recipe names one."""
    asked = recipe_of(wildcards)["recalibration"]
    return f"resources/{asked['stars']}.csv" if "stars" in asked else []


def model_recalibration(wildcards):
    """The recalibration of a catalogue: of the model that a recipe recalibrates, on surveys alone."""
    asked = recipe_of(wildcards).get("recalibration", {})
    if asked.get("model") != wildcards.model or "-" in wildcards.dataset:
        return []
    return f"results/{wildcards.recipe}/predict/recalibration/{wildcards.model}.json"


def member_snapshots(wildcards):
    """Folders of the epochs that the members of a model's last stage were kept at."""
    stage = last_stage(wildcards.recipe, wildcards.model)["name"]
    folder = f"results/{wildcards.recipe}/train/snapshots/{wildcards.model}/{stage}"
    return [f"{folder}/{member}" for member in member_names(wildcards)]
