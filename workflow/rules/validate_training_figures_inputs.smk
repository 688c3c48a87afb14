"""What the figures and tables of how networks are trained are made from."""


def own_steps(recipe, name):
    """The steps that each copy of a set's stars has for itself; of a set without `by_copy` there are none."""
    entry = recipe["sets"][name]
    apart = [step for step in entry["steps"] if "by_copy" in step]
    return steps_of_copies(apart)[: entry["copies"]] if apart else []


def augmentation_figures(wildcards):
    """Figures of the copies of every set whose copies go through steps of their own."""
    recipe, folder = recipe_of(wildcards), f"results/{wildcards.recipe}/validate/figures/augmentation"
    trained = [name for name, entry in recipe["sets"].items() if share_of(entry["split"], "training")]
    copied = [name for name in trained if own_steps(recipe, name)]
    return [f"{folder}/{name}.png" for name in copied] if "augmentation" in recipe["validate"] else []


def component_figures(wildcards):
    """Figures of the components of every compressed set that is trained on."""
    recipe, folder = recipe_of(wildcards), f"results/{wildcards.recipe}/validate/figures/components"
    trained = {stage["set"] for model in recipe["models"].values() for stage in model["stages"]}
    compressed = [name for name in recipe["sets"] if name in trained and "compress" in recipe["sets"][name]]
    return [f"{folder}/{name}.png" for name in compressed] if "components" in recipe["validate"] else []


def rate_figures(wildcards):
    """Figures of the range tests of the predicting models that have one."""
    recipe, folder = recipe_of(wildcards), f"results/{wildcards.recipe}/validate/figures/learning_rates"
    models = dict.fromkeys(model for model, _ in shown_pairs(recipe))
    tested = [name for name in models if any("find_rate" in stage for stage in recipe["models"][name]["stages"])]
    return [f"{folder}/{name}.png" for name in tested] if "learning_rates" in recipe["validate"] else []


def is_joint(wildcards):
    return "joint" in recipe_of(wildcards)["studies"][wildcards.study]["method"]


def drawn_trials(wildcards):
    """Trials of a study; a joint search stands beside the other studies of its model and label, or labels."""
    recipe, study = wildcards.recipe, wildcards.study
    studies = recipe_of(wildcards)["studies"]
    predicted = networks_of(studies[study])[wildcards.label]
    beside = [
        name
        for name, other in studies.items()
        if name != study
        and other["model"] == studies[study]["model"]
        and networks_of(other).get(wildcards.label) == predicted
    ]
    return [path for name in [study, *(beside if is_joint(wildcards) else [])] for path in study_trials(recipe, name)]


def study_figures(wildcards):
    """Figures of every study and label, or of all labels together."""
    recipe, folder = recipe_of(wildcards), f"results/{wildcards.recipe}/validate/figures/study"
    drawn = [
        f"{folder}/{name}/{label}.png" for name, study in recipe["studies"].items() for label in networks_of(study)
    ]
    return drawn if "study" in recipe["validate"] else []


def database_entries(wildcards):
    """(set trained on, model, part or test) of all that `databases` compares, in its order."""
    asked = recipe_of(wildcards)["databases"]
    entries = []
    for model in asked["models"]:
        name = last_stage(wildcards.recipe, model)["set"]
        own = [[name, model, part] for part in ("training", "validation")]
        # A model's own parts are not repeated as tests.
        tests = [test for test in asked["tests"] if test not in (f"{name}-training", f"{name}-validation")]
        entries += own + [[name, model, test] for test in tests]
    return entries


def database_catalogues(wildcards):
    """Catalogues of all that `database_entries` names."""
    datasets = [(model, part if "-" in part else f"{name}-{part}") for name, model, part in database_entries(wildcards)]
    return predicted_files(wildcards, datasets, "results/{recipe}/predict/catalogue/{model}/{dataset}.parquet")


def database_tables(wildcards):
    """The comparison of databases, where a recipe asks for one."""
    return [f"results/{wildcards.recipe}/validate/databases.csv"] if "databases" in recipe_of(wildcards) else []


def database_figures(wildcards):
    folder = f"results/{wildcards.recipe}/validate/figures"
    return [f"{folder}/databases.png"] if "databases" in recipe_of(wildcards)["validate"] else []


def training_figures(wildcards):
    """Figures of how networks come to be, as far as a recipe asks for them."""
    of_sets = augmentation_figures(wildcards) + component_figures(wildcards)
    return of_sets + rate_figures(wildcards) + study_figures(wildcards) + database_figures(wildcards)
