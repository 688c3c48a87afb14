"""What a schema cannot say of a simulated survey: that it is written as its reader and its catalogue expect."""

from pathlib import PurePosixPath

from spectrolabe.recipe_files import fault, one_of, show

#: Readers whose files can be written.
LAYOUTS = ("gaia_eso",)


def check_simulations(owner: str, recipe: dict) -> None:
    """Refuse a simulated survey that could not be read back.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    for name, dataset in recipe["datasets"].items():
        if "simulate" in dataset:
            _check_layout(owner, ["datasets", name], dataset)
            _check_numbers(owner, ["datasets", name, "simulate"], dataset["simulate"])


def _check_layout(owner: str, key: list, dataset: dict) -> None:
    if dataset["reader"] not in LAYOUTS:
        raise fault(owner, [*key, "reader"], show(dataset["reader"]), f"{one_of(LAYOUTS)}, to write simulated files")
    if "solar" not in dataset.get("catalogue", {}):
        expected = "a scale, since a simulated survey publishes absolute abundances in a catalogue"
        raise fault(owner, [*key, "catalogue", "solar"], "nothing", expected)
    names = [arm["name"] for arm in dataset["simulate"]["arms"]]
    words = names if len(names) > 1 else []
    if sorted(dataset.get("join", [])) != sorted(words):
        expected = (
            f"{show(words)}, the names of simulate.arms" if words else "no such key, since there is one arm alone"
        )
        raise fault(owner, [*key, "join"], show(dataset.get("join", [])), expected)
    patterns = [dataset["files"]] if isinstance(dataset["files"], str) else dataset["files"]
    pattern = PurePosixPath(patterns[0])
    files = [pattern.with_name(f"star-000000-0{f'_{word}' if word else ''}.fits") for word in words or [""]]
    if len(patterns) > 1 or "*" in str(pattern.parent) or not all(file.match(str(pattern)) for file in files):
        expected = "one pattern as giraffe/*.fits, since simulated files have names as star-000000-0.fits in one folder"
        raise fault(owner, [*key, "files"], show(dataset["files"]), expected)


def _check_numbers(owner: str, key: list, options: dict) -> None:
    arms, shares, ratios = options["arms"], sum(options["trouble"].values()), options["snr"]
    for place, (before, after) in enumerate(zip(arms, arms[1:], strict=False), 1):
        if after["start"] < before["stop"]:
            expected = f"at least {show(before['stop'])}, where the arm before it stops"
            raise fault(owner, [*key, "arms", place, "start"], show(after["start"]), expected)
    if shares > 1:
        raise fault(owner, [*key, "trouble"], f"shares that sum up to {shares:g}", "a sum of at most 1")
    if not sum(options["populations"].values()) > 0:
        raise fault(owner, [*key, "populations"], "no stars", "a number above 0")
    if not ratios["range"][0] < ratios["median"] < ratios["range"][1] or ratios["range"][0] <= 0:
        expected = "positive numbers, the median within the range"
        raise fault(owner, [*key, "snr"], f"median {ratios['median']:g}, range {show(ratios['range'])}", expected)
