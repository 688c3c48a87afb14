"""What a schema cannot say of embeddings: that the models whose neighbours or maps a recipe asks for have one."""

from spectrolabe.recipe_files import fault, one_of, show

#: What a model needs for spectra to be neighbours in it.
NEEDED = "a head binned whose options embedding and triplet are above 0"


def has_embedding(model: dict) -> bool:
    """Tell whether a model learns an embedding: its head is binned, and its triplet loss counts."""
    options = model["head"].get("binned")
    return bool(options) and options["embedding"] > 0 and options["triplet"] > 0


def snapshot_stage(model: dict) -> dict | None:
    """Give the first stage of a model that has snapshots; None where there is none."""
    return next((stage for stage in model["stages"] if "snapshots" in stage), None)


def check_neighbours(owner: str, recipe: dict) -> None:
    """Refuse a key ``neighbours`` whose model has no embedding or predicts nothing, and the figure without maps.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    predicting = list(dict.fromkeys(entry["model"] for entry in recipe["predict"]))
    models = {name: recipe["models"][name] for name in predicting}
    if "embedding" in recipe["validate"] and not any(
        has_embedding(model) and snapshot_stage(model) for model in models.values()
    ):
        expected = f"a model that predicts, with {NEEDED}, and with snapshots in a stage, or no embedding"
        raise fault(owner, "validate", "'embedding' without a network to draw", expected)
    if "neighbours" not in recipe:
        return
    name, key = recipe["neighbours"]["model"], ["neighbours", "model"]
    if name not in models:
        raise fault(owner, key, show(name), f"a model that predicts: {one_of(predicting, name)}")
    if not has_embedding(models[name]):
        ((head, _),) = models[name]["head"].items()
        raise fault(owner, key, f"{show(name)} with a head {head}", NEEDED)
