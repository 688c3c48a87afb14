"""What labels and catalogues are made from."""


def predicted_pairs(recipe):
    """(model, dataset) of everything that a recipe predicts."""
    return [(entry["model"], entry["dataset"]) for entry in recipe["predict"]]


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


def member_snapshots(wildcards):
    """Folders of the epochs that the members of a model's last stage were kept at."""
    stage = last_stage(wildcards.recipe, wildcards.model)["name"]
    folder = f"results/{wildcards.recipe}/train/snapshots/{wildcards.model}/{stage}"
    return [f"{folder}/{member}" for member in member_names(wildcards)]
