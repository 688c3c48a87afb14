"""What masks are learned from."""


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


def feature_survey(wildcards):
    """The survey that a mask of fixed features is found in, as the wildcards of its own rules."""
    return SimpleNamespace(recipe=wildcards.recipe, dataset=mask_settings(wildcards)["recurrent"]["survey"])


def feature_sources(wildcards):
    """A survey's manifest and native files, in which fixed features are found."""
    return raw_sources(feature_survey(wildcards))


def feature_sample(wildcards):
    """Which native spectra fixed features are found in, and how they are read."""
    survey = feature_survey(wildcards)
    settings = survey_settings(survey)
    options = {"root": survey_root(survey), "reader": settings["reader"], "join": settings.get("join", [])}
    count = mask_settings(wildcards)["recurrent"]["spectra"]
    return options | {"count": count, "seed": derive_seed(recipe_of(wildcards)["seed"], wildcards.mask)}
