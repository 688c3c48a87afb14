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
