"""What trials of studies are run from, and what tells of them."""


def study_of(wildcards):
    return recipe_of(wildcards)["studies"][wildcards.study]


def whole_model(wildcards):
    """The model that is studied, with all of its stages."""
    return recipe_of(wildcards)["models"][study_of(wildcards)["model"]]


def studied_model(wildcards):
    """The model up to the stage that is studied."""
    return studied_part(whole_model(wildcards), study_of(wildcards))


@cache
def study_space(recipe, study):
    """The trials of a study, label, parameter, value and seed or fold of each, by the name of its file."""
    trials = plan_trials(RECIPES[recipe]["studies"][study])
    return {",".join(f"{key}~{value}" for key, value in trial.items()): trial for trial in trials}


def study_trials(recipe, study):
    """Results of all trials of a study."""
    folder = f"results/{recipe}/train/trials/{study}"
    return [f"{folder}/{trial}.json" for trial in study_space(recipe, study)]


def trial_identity(wildcards):
    """What names a trial: its label, parameter, value and seed or fold."""
    return study_space(wildcards.recipe, wildcards.study)[wildcards.trial] | {"study": wildcards.study}


def trial_fold(wildcards):
    """The fold that a trial leaves out, of how many, and the seed that they are drawn with; none without folds."""
    identity, seed = trial_identity(wildcards), recipe_of(wildcards)["seed"]
    if "fold" not in identity:
        return None
    return {"fold": identity["fold"], "folds": study_of(wildcards)["folds"], "seed": seed}


def trial_labels(wildcards):
    """What the network of a trial predicts."""
    return networks_of(study_of(wildcards))[trial_identity(wildcards)["label"]]


def trial_seed(wildcards):
    """The seed that a trial's network is trained with, counted as those of members are; of folds the first."""
    return recipe_of(wildcards)["seed"] + trial_identity(wildcards).get("seed", 0)


def trial_settings(wildcards):
    """Network, head and stage of a planned trial, and all of its settings."""
    study, trial = study_of(wildcards), trial_identity(wildcards)
    changes = read_changes(study, find_texts(study, trial["parameter"], trial["value"]))
    return describe_trial(studied_model(wildcards), changes, study["epochs"], trial_labels(wildcards))


def base_point(wildcards):
    """What of a model a joint search starts from."""
    model = studied_model(wildcards)
    return {"network": model["network"], "head": model["head"], "stages": model["stages"][-1:]}


def search_settings(wildcards):
    """What a joint search chooses from, and what it may spend."""
    study = study_of(wildcards)
    return {key: study[key] for key in ("base", "choices", "ranges", "epochs")} | {"budget": count_epochs(study)}


def search_journal(wildcards):
    """Where the trials of a label's joint search tell each other what they have found."""
    folder = f"results/{wildcards.recipe}/train/studies/{wildcards.study}"
    return f"{folder}/{trial_identity(wildcards)['label']}.journal"


def search_seed(wildcards):
    return derive_seed(recipe_of(wildcards)["seed"], wildcards.study, trial_identity(wildcards)["label"])


def studied_set(wildcards):
    """The set that the studied stage of a model is trained on."""
    return studied_model(wildcards)["stages"][-1]["set"]


def studied_distortions(wildcards):
    return recipe_of(wildcards)["sets"][studied_set(wildcards)]["on_the_fly"]


def trial_inputs(wildcards):
    """Spectra that a trial is trained, validated and compared on, and the components that they were compressed by."""
    name, measure = studied_set(wildcards), study_of(wildcards)["measure"]
    components = set_components(wildcards.recipe, name)
    coefficients = f"results/{wildcards.recipe}/prepare/coefficients/{name}/{measure}.parquet"
    return {
        "training": network_inputs(wildcards.recipe, name, "training"),
        "validation": network_inputs(wildcards.recipe, name, "validation"),
        "measure": coefficients if components else dataset_spectra(wildcards.recipe, measure)[0],
        "components": components,
        "masks": step_products(wildcards, studied_distortions(wildcards))["masks"],
    }


def study_files(wildcards, ending):
    """A file of every study of a recipe: csv, its best settings; parquet, all its trials; yaml, models with the best."""
    return [f"results/{wildcards.recipe}/train/studies/{study}.{ending}" for study in recipe_of(wildcards)["studies"]]


def compared_studies(recipe):
    """Studies of a recipe that share a model and stage with another one, and a label, or all labels where together."""
    studies = recipe["studies"]
    return [
        name
        for name, study in studies.items()
        if any(
            share_networks(study, other) and (study["model"], study["stage"]) == (other["model"], other["stage"])
            for another, other in studies.items()
            if another != name
        )
    ]


def compared_trials(wildcards):
    """All trials of each study that is compared with another."""
    folder = f"results/{wildcards.recipe}/train/studies"
    return [f"{folder}/{study}.parquet" for study in compared_studies(recipe_of(wildcards))]


def compared_settings(wildcards):
    recipe = recipe_of(wildcards)
    return {study: recipe["studies"][study] for study in compared_studies(recipe)}


def study_tables(wildcards):
    """The best settings of every study, and the comparison of studies where several are of the same labels."""
    compared = [f"results/{wildcards.recipe}/validate/studies.csv"] if compared_studies(recipe_of(wildcards)) else []
    return study_files(wildcards, "csv") + compared
