"""What the figures and tables of what networks are made of and learn from are made of."""


def all_parts(wildcards):
    """Every part of a set that it has, the one that is trained on first."""
    shares = set_settings(wildcards)["split"]
    folder = f"results/{wildcards.recipe}/prepare/sets/{wildcards.set}"
    return [
        f"{folder}/{part}.parquet"
        for part in sorted(PARTS, key=lambda name: name != "training")
        if shares.get(part) != 0
    ]


def example_survey(recipe, main):
    """The survey that a set is selected from, else the first that is predicted; none where there is none."""
    source = recipe["sets"][main]["from"]
    surveys = [name for _, name in predicted_pairs(recipe) if "-" not in name]
    return source if recipe["datasets"][source]["kind"] == "survey" else next(iter(surveys), None)


def first_shard(wildcards):
    return dataset_shards(wildcards.recipe, wildcards.dataset)[0]


def first_member(wildcards):
    """The first member of a model's last stage."""
    stage = last_stage(wildcards.recipe, wildcards.model)["name"]
    return f"results/{wildcards.recipe}/train/models/{wildcards.model}/{stage}/0.keras"


def label_ranges(wildcards):
    """The table of the labels' ranges, beside the figure of their densities."""
    folder = f"results/{wildcards.recipe}/validate/label_ranges"
    drawn = "label_densities" in recipe_of(wildcards)["validate"]
    return [f"{folder}/{main_set(wildcards)}.csv"] if drawn else []


def description_figures(wildcards):
    """Figures of the main set's labels, of its survey's spectra, and of the layers of every model with a section."""
    recipe, main = recipe_of(wildcards), main_set(wildcards)
    names = {
        "label_densities": [main],
        "example_spectra": [example_survey(recipe, main)],
        "architecture": list(dict.fromkeys(model for model, _ in shown_pairs(recipe))),
    }
    asked = [(figure, name) for figure in names if figure in recipe["validate"] for name in names[figure]]
    return [f"results/{wildcards.recipe}/validate/figures/{figure}/{name}.png" for figure, name in asked]
