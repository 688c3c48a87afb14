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
    """Input function: a part of the set that a stage trains on."""
    return lambda w: f"results/{w.recipe}/prepare/sets/{stage_settings(w)['set']}/{part}.parquet"


def member_files(wildcards):
    """Every member of a model's last stage."""
    stage = last_stage(wildcards.recipe, wildcards.model)["name"]
    return [
        f"results/{wildcards.recipe}/train/models/{wildcards.model}/{stage}/{member}.keras"
        for member in member_names(wildcards)
    ]
