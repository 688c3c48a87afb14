"""What standardised spectra need of a recipe: no later step, and no test, that takes their continuum to be 1."""

from spectrolabe.recipe_copies import steps_of_copies
from spectrolabe.recipe_files import fault, show

#: Steps that take the continuum to be above 0, or 1.
OF_CONTINUUM = ("normalise", "find_velocity", "distort_continuum")


def standardises(steps: list[dict]) -> bool:
    """Tell whether a list of steps holds `standardise`."""
    return any("standardise" in step for step in steps)


def check_standardised(owner: str, recipe: dict) -> None:
    """Refuse steps behind ``standardise`` that need a continuum, and sets only some of whose spectra go through it.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    datasets = recipe["datasets"]
    for name, dataset in datasets.items():
        _check_order(owner, ["datasets", name, "prepare"], dataset.get("prepare", []), done=False)
    for name, entry in recipe["sets"].items():
        source = datasets[entry["from"]]
        done = standardises(source.get("prepare", []))
        if source["kind"] == "survey" and standardises(entry["steps"]) and not done:
            expected = f"it in datasets.{entry['from']}.prepare: of a survey, training spectra alone go through steps"
            raise fault(owner, ["sets", name, "steps"], "'standardise'", expected)
        _check_order(owner, ["sets", name, "steps"], entry["steps"], done=done)
        later = done or standardises(entry["steps"])
        _check_order(owner, ["sets", name, "on_the_fly"], entry["on_the_fly"], done=later)
    injected = recipe.get("recovery", {}).get("set")
    if injected in recipe["sets"] and standardises(recipe["sets"][injected]["steps"]):
        expected = "a set without standardise: injected stars have noise and errors in units of the continuum"
        raise fault(owner, ["recovery", "set"], show(injected), expected)


def _check_order(owner: str, key: list, steps: list[dict], *, done: bool) -> None:
    """Go through the steps of each kind of copy; ``done`` tells whether the spectra come to them standardised."""
    for own in steps_of_copies(steps):
        behind = done
        for step in own:
            ((name, options),) = step.items()
            if behind and name in OF_CONTINUUM:
                raise fault(owner, key, f"{show(name)} behind 'standardise'", "it before, while there is a continuum")
            if behind and name == "add_noise" and "spread" not in options:
                found = "'add_noise' without spread behind 'standardise'"
                raise fault(owner, key, found, "spread, as max and snr are of a continuum of 1")
            behind |= name == "standardise"
