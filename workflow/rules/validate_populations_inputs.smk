"""What populations are told from, and what tells of them."""


def population_files(wildcards):
    """The catalogue that populations are told from, and the manifest of its survey."""
    asked = recipe_of(wildcards)["populations"]
    folder = f"results/{wildcards.recipe}"
    return {
        "catalogue": f"{folder}/predict/catalogue/{asked['model']}/{asked['dataset']}.parquet",
        "manifest": f"{folder}/acquire/manifests/{asked['dataset']}.tsv",
    }


def dating_isochrones(wildcards):
    """The user's isochrones, or none."""
    isochrones = recipe_of(wildcards).get("isochrones")
    return DATA / isochrones["file"] if isochrones else []


def drawn_result(wildcards):
    """The stars and the numbers that a figure of populations is drawn from."""
    result = f"results/{wildcards.recipe}/validate/populations/{POPULATION_RESULTS[wildcards.figure]}"
    return {"table": f"{result}.parquet", "numbers": f"{result}.json"}


def population_figures(wildcards):
    """Figures of populations that a recipe asks for."""
    asked = [figure for figure in recipe_of(wildcards)["validate"] if figure in POPULATION_RESULTS]
    return [f"results/{wildcards.recipe}/validate/figures/{figure}.png" for figure in asked]


def population_numbers(wildcards):
    """Numbers of the populations whose figures a recipe asks for, which the report tabulates."""
    asked = [figure for figure in recipe_of(wildcards)["validate"] if figure in POPULATION_RESULTS]
    results = dict.fromkeys(POPULATION_RESULTS[figure] for figure in asked)
    return [f"results/{wildcards.recipe}/validate/populations/{result}.json" for result in results]
