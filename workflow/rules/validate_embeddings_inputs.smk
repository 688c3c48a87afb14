"""What figures and tables of embeddings are made from."""


def neighbour_tables(wildcards):
    """How far neighbours tell labels, and examples of them, of everything that a recipe asks for."""
    folder = f"results/{wildcards.recipe}/validate/neighbours"
    pairs = neighbour_pairs(recipe_of(wildcards))
    return [f"{folder}/{model}/{dataset}.{ending}" for model, dataset in pairs for ending in ("csv", "examples.csv")]


def embedding_figures(wildcards):
    """Figures of the embeddings of the predicting models that have some and snapshots, for both parts of their set."""
    recipe, folder = recipe_of(wildcards), f"results/{wildcards.recipe}/validate/figures/embedding"
    models = dict.fromkeys(model for model, _ in shown_pairs(recipe))
    stages = {name: snapshot_stage(recipe["models"][name]) for name in models if has_embedding(recipe["models"][name])}
    drawn = [f"{folder}/{name}/{stage['set']}" for name, stage in stages.items() if stage]
    asked = "embedding" in recipe["validate"]
    return [f"{path}-{part}.png" for path in drawn for part in ("training", "validation") if asked]
