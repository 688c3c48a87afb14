"""What members are trained from."""


def last_stage(recipe, model):
    return RECIPES[recipe]["models"][model]["stages"][-1]


def model_labels(wildcards):
    """Labels that a model predicts: its own, or the recipe's."""
    return recipe_of(wildcards)["models"][wildcards.model]["labels"]


def member_names(wildcards):
    return range(recipe_of(wildcards)["models"][wildcards.model]["members"])


def stage_histories(wildcards):
    """Histories of every member in a model's last stage."""
    stage = last_stage(wildcards.recipe, wildcards.model)["name"]
    return [
        f"results/{wildcards.recipe}/train/histories/{wildcards.model}/{stage}/{member}.parquet"
        for member in member_names(wildcards)
    ]


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
    """Input function: a part of the set that a stage trains on, as coefficients where the set is compressed."""
    return lambda w: network_inputs(w.recipe, stage_settings(w)["set"], part)


def network_inputs(recipe, name, part):
    """A part of a set as networks are trained on it: its spectra, or their coefficients where it is compressed."""
    if "compress" in RECIPES[recipe]["sets"][name]:
        return f"results/{recipe}/prepare/coefficients/{name}/{name}-{part}.parquet"
    return f"results/{recipe}/prepare/sets/{name}/{part}.parquet"


def set_components(recipe, name):
    """The components of a set, where it is compressed."""
    compressed = "compress" in RECIPES[recipe]["sets"][name]
    return f"results/{recipe}/prepare/components/{name}.npz" if compressed else []


def stage_components(wildcards):
    return set_components(wildcards.recipe, stage_settings(wildcards)["set"])


def member_files(wildcards):
    """Every member of a model's last stage."""
    stage = last_stage(wildcards.recipe, wildcards.model)["name"]
    return [
        f"results/{wildcards.recipe}/train/models/{wildcards.model}/{stage}/{member}.keras"
        for member in member_names(wildcards)
    ]


def stage_rate(wildcards):
    """The learning rate of a stage, where it is to be found by a range test."""
    tested = "find_rate" in stage_settings(wildcards)
    return f"results/{wildcards.recipe}/train/rates/{wildcards.model}/{wildcards.stage}.json" if tested else []


def rate_settings(wildcards):
    """What of a stage a range test depends on."""
    keys = ("batch", "buffer", "find_rate", "layer_rates", "optimiser")
    return {key: value for key, value in stage_settings(wildcards).items() if key in keys}


def first_earlier_member(wildcards):
    """Member 0 of the stage that this one starts from."""
    earlier = stage_settings(wildcards).get("start_from")
    return f"results/{wildcards.recipe}/train/models/{wildcards.model}/{earlier}/0.keras" if earlier else []


def rate_tests(wildcards, ending):
    """Range tests of a model, stage by stage: their results or the tables of them."""
    stages = recipe_of(wildcards)["models"][wildcards.model]["stages"]
    folder = f"results/{wildcards.recipe}/train/rates/{wildcards.model}"
    return [f"{folder}/{stage['name']}.{ending}" for stage in stages if "find_rate" in stage]
