"""What figures of the sets that models are trained on are made from."""


def set_parts(wildcards):
    """Training and test part of a set, as far as it has them."""
    shares = set_settings(wildcards)["split"]
    folder = f"results/{wildcards.recipe}/prepare/sets/{wildcards.set}"
    return [f"{folder}/{part}.parquet" for part in ("training", "test") if shares.get(part) != 0]


def one_to_one_parts(recipe, model, name):
    """Parts of a set that a model predicts, training first, then the tests of other sets; none without both kinds."""
    predicted = [dataset for of, dataset in predicted_pairs(recipe) if of == model]
    own = [part for part in (f"{name}-training", f"{name}-validation", f"{name}-test") if part in predicted]
    tests = [dataset for dataset in predicted if dataset.endswith("-test")]
    return list(dict.fromkeys(own + tests)) if tests and f"{name}-training" in own else []


def tested_parts(recipe, model, name):
    """Parts of a set that a figure shows: see `one_to_one_parts`; the test alone where no model predicts both kinds."""
    return one_to_one_parts(recipe, model, name) or [f"{name}-test"]


def compared_sets(recipe):
    """(model, set) of what a model with a section of its own predicts: training beside test stars, or else tests alone."""
    models = dict.fromkeys(model for model, _ in shown_pairs(recipe))
    both = [(model, name) for model in models for name in recipe["sets"] if one_to_one_parts(recipe, model, name)]
    tests = [(model, dataset.partition("-")) for model, dataset in shown_pairs(recipe)]
    return both or [(model, name) for model, (name, _, part) in tests if part == "test"]


def set_figures(wildcards):
    """Figures of the sets that the predicting models are trained on last, and of these models on them."""
    recipe = recipe_of(wildcards)
    folder = f"results/{wildcards.recipe}/validate/figures"
    models = dict.fromkeys(model for model, _ in shown_pairs(recipe))
    sets = dict.fromkeys(last_stage(wildcards.recipe, model)["set"] for model in models)
    compared = compared_sets(recipe) if "one_to_one" in recipe["validate"] else []
    of_sets = [f"{folder}/{figure}/{name}.png" for figure in recipe["validate"] if figure in OF_SETS for name in sets]
    return of_sets + [f"{folder}/one_to_one/{model}/{name}.png" for model, name in compared]


def test_spectra(wildcards):
    """Test stars of the set that a model is trained on last."""
    name = last_stage(wildcards.recipe, wildcards.model)["set"]
    return f"results/{wildcards.recipe}/prepare/sets/{name}/test.parquet"
