"""What comparisons of methods are made from."""


def comparison_of(wildcards):
    return recipe_of(wildcards)["comparisons"][wildcards.comparison]


def comparison_entries(wildcards):
    """Row, model with its stage, stages gone through, labels and head of every model of a comparison, in its order."""
    recipe, entries = recipe_of(wildcards), []
    for row in comparison_of(wildcards)["rows"]:
        for name in row["models"]:
            model, stages = find_stages(recipe, name)
            settings = {key: recipe["models"][model][key] for key in ("labels", "head")}
            entries.append({"row": row["row"], "model": f"{model}/{stages[-1]}", "stages": stages} | settings)
    return entries


def comparison_stages(wildcards):
    """Model, and the stages that its members went through, of every entry of a comparison, in its order."""
    rows = comparison_of(wildcards)["rows"]
    return [find_stages(recipe_of(wildcards), name) for row in rows for name in row["models"]]


def comparison_files(wildcards, folder, ending, stages):
    """A file of every member in each of some (model, stage), each once."""
    models = recipe_of(wildcards)["models"]
    return [
        f"results/{wildcards.recipe}/train/{folder}/{model}/{stage}/{member}.{ending}"
        for model, stage in dict.fromkeys(stages)
        for member in range(models[model]["members"])
    ]


def comparison_members(wildcards):
    """Every member of the models of a comparison, as it was after the stage that is compared."""
    last = [(model, stages[-1]) for model, stages in comparison_stages(wildcards)]
    return comparison_files(wildcards, "models", "keras", last)


def comparison_histories(wildcards):
    """Histories of every member of a comparison, of all stages that it went through."""
    through = [(model, stage) for model, stages in comparison_stages(wildcards) for stage in stages]
    return comparison_files(wildcards, "histories", "parquet", through)


def comparison_met(wildcards):
    """Spectra that a method was trained on, of the survey whose stars test it, where only conditions tell them apart."""
    recipe, comparison = recipe_of(wildcards), comparison_of(wildcards)
    tested = recipe["sets"][comparison["dataset"].removesuffix("-test")]
    met = dict.fromkeys(
        name for row in comparison["rows"] for entry in row["models"] for name in met_sets(recipe, entry)
    )
    return [
        f"results/{wildcards.recipe}/prepare/sets/{name}/{part}.parquet"
        for name in met
        if splits_otherwise(recipe["sets"][name], tested)
        for part in ("training", "validation")
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
