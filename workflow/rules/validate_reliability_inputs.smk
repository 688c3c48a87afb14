"""What coverage, doubt, recovery and model cards are made from."""


def injected_catalogue(wildcards):
    """What the model says of the stars that are injected into it."""
    name = recipe_of(wildcards)["recovery"]["set"]
    return f"results/{wildcards.recipe}/predict/catalogue/{wildcards.model}/{name}-injected.parquet"


def recovery_files(wildcards, *endings):
    """What is told of injected stars, where a recipe injects any."""
    asked = recipe_of(wildcards).get("recovery")
    folder = f"results/{wildcards.recipe}/validate/recovery"
    return [f"{folder}/{asked['model']}.{ending}" for ending in endings] if asked else []


def coverage_files(recipe, *endings):
    """How often intervals hold reference labels: of the parts of sets but training, and of surveys with labels."""
    settings = RECIPES[recipe]
    return [
        f"results/{recipe}/validate/coverage/{model}/{dataset}.{ending}"
        for model, dataset in shown_pairs(settings)
        if not dataset.endswith("-training")
        if "-" in dataset or {"catalogue", "simulate"} & {*settings["datasets"][dataset]}
        for ending in endings
    ]


def arm_files(wildcards, pattern):
    """A file of every test set that a model with a network per arm predicts, where the figure `arms` is asked for."""
    recipe = recipe_of(wildcards)
    models = {name for name, model in recipe["models"].items() if is_per_arm(model)}
    pairs = [pair for pair in shown_pairs(recipe) if pair[0] in models and pair[1].endswith("-test")]
    return predicted_files(wildcards, pairs, pattern) if "arms" in recipe["validate"] else []


def soundness_known(recipe, dataset):
    """Whether it is known of a dataset's spectra which are sound: synthetic ones all are, in simulated ones trouble is planted."""
    name = dataset.partition("-")[0]
    source = recipe["datasets"][recipe["sets"][name]["from"] if name in recipe["sets"] else name]
    return source["kind"] == "grid" or "simulate" in source


def doubt_scores(wildcards):
    """What share of sound spectra is doubted, and of planted trouble; injected stars have tables of their own."""
    recipe = recipe_of(wildcards)
    pairs = [pair for pair in shown_pairs(recipe) if soundness_known(recipe, pair[1]) and "injected" not in pair[1]]
    return predicted_files(wildcards, pairs, "results/{recipe}/validate/doubt/{model}/{dataset}.csv")


def carded_models(recipe):
    """Models that have sections in the report."""
    return list(dict.fromkeys(model for model, _ in shown_pairs(recipe)))


def card_pairs(wildcards):
    return [pair for pair in predicted_pairs(recipe_of(wildcards)) if pair[0] == wildcards.model]


def card_catalogue(wildcards):
    """The catalogue whose provenance a card repeats: of test stars, where the model labels any."""
    pairs = sorted(card_pairs(wildcards), key=lambda pair: not pair[1].endswith("-test"))
    return predicted_files(wildcards, pairs[:1], "results/{recipe}/predict/catalogue/{model}/{dataset}.parquet")[0]


def card_scores(wildcards):
    return predicted_files(wildcards, card_pairs(wildcards), "results/{recipe}/validate/scores/{model}/{dataset}.json")


def card_coverage(wildcards):
    """Warnings about a model's intervals on test stars."""
    pairs = [pair for pair in card_pairs(wildcards) if pair[1].endswith("-test")]
    return predicted_files(wildcards, pairs, "results/{recipe}/validate/coverage/{model}/{dataset}.json")


def card_training(wildcards):
    """Training part of each stage's set."""
    stages = recipe_of(wildcards)["models"][wildcards.model]["stages"]
    return [f"results/{wildcards.recipe}/prepare/sets/{stage['set']}/training.parquet" for stage in stages]


def card_recovery(wildcards):
    """What injected stars have told of a model, where the recipe injects any into it."""
    asked = recipe_of(wildcards).get("recovery", {})
    return recovery_files(wildcards, "json") if asked.get("model") == wildcards.model else []


def card_recalibration(wildcards):
    asked = recipe_of(wildcards).get("recalibration", {})
    path = f"results/{wildcards.recipe}/predict/recalibration/{wildcards.model}.json"
    return [path] if asked.get("model") == wildcards.model else []


def set_origin(recipe, name):
    """What a set's spectra are, in words."""
    source = recipe["sets"][name]["from"]
    settings = recipe["datasets"][source]
    if settings["kind"] == "grid":
        return f"synthetic spectra of the grid {settings['grid']}"
    return f"{'simulated' if 'simulate' in settings else 'observed'} spectra of the survey {source}"


def added_velocity(recipe, name, step):
    """The highest velocity that a step of a set gives its spectra, in km/s; None where it has no such step."""
    settings = recipe["sets"][name]
    return next((entry[step]["max"] for entry in settings["steps"] + settings["on_the_fly"] if step in entry), None)


def card_settings(wildcards):
    """What a card says of a recipe."""
    recipe, last = recipe_of(wildcards), last_stage(wildcards.recipe, wildcards.model)["set"]
    stages = recipe["models"][wildcards.model]["stages"]
    return {
        "recipe": wildcards.recipe,
        "model": wildcards.model,
        "labels": model_labels(wildcards),
        "arms": recipe["wavelength"]["arms"],
        "medium": recipe["wavelength"]["medium"],
        "synthetic": recipe["datasets"][recipe["sets"][last]["from"]]["kind"] == "grid",
        "rotation": added_velocity(recipe, last, "rotate"),
        "velocity": added_velocity(recipe, last, "shift"),
        "stages": [
            {"name": stage["name"], "set": stage["set"], "source": set_origin(recipe, stage["set"])} for stage in stages
        ],
    }
