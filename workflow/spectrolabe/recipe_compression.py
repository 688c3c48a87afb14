"""What compressed sets need of a recipe: networks that take coefficients, and steps that leave these as they are."""

from spectrolabe.recipe_files import fault, one_of, show

#: Steps that do to coefficients what they would do to the flux: white noise is as strong in any orthonormal basis.
IN_ANY_BASIS = ("add_noise",)
#: Networks that take principal components alone: their own, or those of a compressed set.
OF_COMPONENTS = ("pca_conv",)


def check_compression(owner: str, recipe: dict) -> None:
    """Refuse compressed sets with steps in training that need flux, and models that cannot learn from coefficients.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    sets = recipe["sets"]
    for name, entry in sets.items():
        for place, step in enumerate(entry["on_the_fly"] if "compress" in entry else []):
            ((kind, _),) = step.items()
            if kind not in IN_ANY_BASIS:
                expected = f"{one_of(IN_ANY_BASIS, kind)}: networks meet coefficients, which others cannot change"
                raise fault(owner, ["sets", name, "on_the_fly", place], show(kind), f"{expected} (steps can have them)")
    for name, model in recipe["models"].items():
        _check_stages(owner, recipe, name)
        _check_network(owner, name, model, compressed="compress" in sets[model["stages"][0]["set"]])
    if "components" in recipe["validate"] and not any("compress" in entry for entry in sets.values()):
        found = "'components' without a compressed set"
        raise fault(owner, "validate", found, "a set with compress, or no components in validate")


def _check_stages(owner: str, recipe: dict, name: str) -> None:
    stages, sets = recipe["models"][name]["stages"], recipe["sets"]
    first = stages[0]["set"]
    for place, stage in enumerate(stages):
        if stage["set"] != first and "compress" in {*sets[first], *sets[stage["set"]]}:
            expected = f"{show(first)}, as in the first stage: coefficients of two sets do not mean the same"
            raise fault(owner, ["models", name, "stages", place, "set"], show(stage["set"]), expected)


def _check_network(owner: str, name: str, model: dict, *, compressed: bool) -> None:
    ((network, options),) = model["network"].items()
    key = ["models", name, "network", network, "components"]
    if compressed and "components" in options:
        expected = f"no such key, since the set {show(model['stages'][0]['set'])} is compressed"
        raise fault(owner, key, show(options["components"]), expected)
    if network in OF_COMPONENTS and not compressed and "components" not in options:
        expected = f"a number, or compress in the set {show(model['stages'][0]['set'])}"
        raise fault(owner, key, "nothing", expected)
