"""What embeddings, and the nearest spectra in them, are made from."""


def stage_sets(wildcards):
    """The sets of all stages of a model, each once."""
    return list(dict.fromkeys(stage["set"] for stage in recipe_of(wildcards)["models"][wildcards.model]["stages"]))


def stage_trainings(wildcards):
    """Training spectra of the sets of all stages of a model, in the order of `stage_sets`."""
    folder = f"results/{wildcards.recipe}/prepare/sets"
    return [f"{folder}/{name}/training.parquet" for name in stage_sets(wildcards)]


def embedded_stage(wildcards):
    """The first stage of a model that has snapshots."""
    return snapshot_stage(recipe_of(wildcards)["models"][wildcards.model])


def embedded_parts(wildcards):
    """Training and validation part of the set of the stage with snapshots."""
    folder = f"results/{wildcards.recipe}/prepare/sets/{embedded_stage(wildcards)['set']}"
    return [f"{folder}/{part}.parquet" for part in ("training", "validation")]


def embedded_snapshots(wildcards):
    """Folders of the epochs that every member was kept at in that stage."""
    stage = embedded_stage(wildcards)["name"]
    folder = f"results/{wildcards.recipe}/train/snapshots/{wildcards.model}/{stage}"
    return [f"{folder}/{member}" for member in member_names(wildcards)]


def neighbour_pairs(recipe):
    """(model, dataset) of everything whose nearest training spectra a recipe asks for."""
    model = recipe.get("neighbours", {}).get("model")
    return [(name, dataset) for name, dataset in predicted_pairs(recipe) if name == model]
