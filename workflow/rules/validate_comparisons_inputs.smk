"""What comparisons of methods are made from."""


def comparison_of(wildcards):
    return recipe_of(wildcards)["comparisons"][wildcards.comparison]


def comparison_entries(wildcards):
    """Row, model, labels and head of every model of a comparison, in its order."""
    models = recipe_of(wildcards)["models"]
    return [
        {"row": row["row"], "model": model, "labels": models[model]["labels"], "head": models[model]["head"]}
        for row in comparison_of(wildcards)["rows"]
        for model in row["models"]
    ]


def comparison_members(wildcards):
    """Every member of the last stage of the models of a comparison."""
    recipe, models = wildcards.recipe, dict.fromkeys(entry["model"] for entry in comparison_entries(wildcards))
    return [
        f"results/{recipe}/train/models/{model}/{last_stage(recipe, model)['name']}/{member}.keras"
        for model in models
        for member in range(recipe_of(wildcards)["models"][model]["members"])
    ]


def comparison_spectra(wildcards):
    """The test spectra that the models of a comparison label."""
    return dataset_spectra(wildcards.recipe, comparison_of(wildcards)["dataset"])[0]


def comparison_tables(wildcards):
    """The table of every comparison of a recipe."""
    folder = f"results/{wildcards.recipe}/validate/comparisons"
    return [f"{folder}/{name}.csv" for name in recipe_of(wildcards)["comparisons"]]


def comparison_figures(wildcards):
    """The figure of every comparison of a recipe, where it asks for them."""
    recipe, folder = recipe_of(wildcards), f"results/{wildcards.recipe}/validate/figures/comparisons"
    return [f"{folder}/{name}.png" for name in recipe["comparisons"]] if "comparisons" in recipe["validate"] else []
