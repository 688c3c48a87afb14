"""What steps take from elsewhere: the recipe's wavelengths, tables of resources/, and products of other jobs."""

import csv
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from spectrolabe.recipe_copies import check_copies, check_noise, steps_of_copies
from spectrolabe.recipe_files import RecipeError, fault, one_of, show

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
LIGHT_SPEED = 299792.458  # km/s
#: Steps that keep the grid and the labels, so that they can be applied to finished spectra, batch by batch.
ON_THE_FLY = ("zero_pixels", "mask_pixels", "add_noise", "scale", "distort_continuum")
#: (section, key) of every list of steps that a recipe may hold.
STEP_LISTS = (("datasets", "prepare"), ("sets", "steps"), ("sets", "on_the_fly"), ("masks", "steps"))


def step_lists(recipe: dict) -> Iterator[tuple[list, list[dict]]]:
    """Give every list of steps in a recipe with its key, such as ["sets", "synthetic", "steps"]."""
    for section, key in STEP_LISTS:
        for name, entry in recipe.get(section, {}).items():
            if key in entry:
                yield [section, name, key], entry[key]


def broadens_to_arms(steps: list[dict]) -> bool:
    """Say whether steps, those of copies among them, broaden spectra to the resolving power of the recipe's arms."""
    every = [step for own in steps_of_copies(steps) for step in own]
    return any("broaden" in step and "resolution" not in step["broaden"] for step in every)


def check_steps(owner: str, recipe: dict) -> None:
    """Refuse steps whose options do not fit each other, or that cannot stand in their list.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    for key, steps in step_lists(recipe):
        for i, step in enumerate(steps):
            ((name, options),) = step.items()
            if key[-1] == "on_the_fly" and name not in ON_THE_FLY:
                expected = f"{one_of(ON_THE_FLY, name)}: steps that keep the grid, the rest belongs into steps"
                raise fault(owner, [*key, i], show(name), expected)
            if name == "normalise" and "asymmetric_clip" in options:
                _check_continuum(owner, [*key, i, name, "asymmetric_clip"], options["asymmetric_clip"])
            if name == "resample" and options["ends"] == "nearest" and options["method"] != "cubic":
                expected = "method: cubic beside it, or ends: missing"
                raise fault(owner, [*key, i, name, "ends"], show(options["ends"]), expected)
            if name == "add_noise":
                check_noise(owner, [*key, i, name], options)
            if name == "by_copy":
                check_copies(owner, recipe, [*key, i, name], options)


def _check_continuum(owner: str, key: list, options: dict) -> None:
    if "mask" in options and "strong_lines" in options:
        raise fault(owner, key, "'mask' and 'strong_lines'", "one of mask, strong_lines")
    if options["widen"] and "mask" not in options and "strong_lines" not in options:
        raise fault(owner, [*key, "widen"], show(options["widen"]), "strong_lines or mask beside it, ranges to widen")


def fill_steps(owner: str, recipe: dict) -> dict:
    """Give the recipe with each arm's resolution, and with what steps take from its wavelengths and from tables.

    Raises
    ------
    RecipeError
        For a table that is not in resources/, or that cannot be read.
    """
    wavelength = recipe["wavelength"]
    common = {"resolution": wavelength["resolution"]} if "resolution" in wavelength else {}
    arms, medium = [common | arm for arm in wavelength["arms"]], wavelength["medium"]
    extra = {
        "broaden": {"arms": [_pick(arm, "start", "stop", "resolution") for arm in arms]},
        "resample": {"arms": [_pick(arm, "start", "stop", "step", "scale") for arm in arms], "medium": medium},
    }

    def complete(step: dict, key: list) -> dict:
        ((name, options),) = step.items()
        if name == "by_copy":
            return {name: [[complete(own, key) for own in steps] for steps in options]}
        if name == "broaden" and "resolution" in options:
            return step
        if name == "mask_pixels":
            return {name: _fill_mask(owner, [*key, name], options, medium)}
        if name == "normalise":
            ways = options.items()
            return {name: {way: _fill_continuum(owner, [*key, name, way], chosen, medium) for way, chosen in ways}}
        return {name: options | extra.get(name, {})}

    filled = recipe | {"wavelength": wavelength | {"arms": arms}}
    for (section, name, key), steps in step_lists(recipe):
        completed = [complete(step, [section, name, key, i]) for i, step in enumerate(steps)]
        entries = filled[section]
        filled[section] = entries | {name: entries[name] | {key: completed}}
    return filled


def _fill_mask(owner: str, key: list, options: dict, medium: str) -> dict:
    if "table" in options:
        return {"ranges": read_ranges(owner, [*key, "table"], options["table"]), "medium": "air"}
    return options | {"medium": medium}


def _fill_continuum(owner: str, key: list, options: dict, medium: str) -> dict:
    """Give the continuum's options with the ranges of its lines, each widened to either side by a velocity."""
    plain = {name: value for name, value in options.items() if name not in ("mask", "strong_lines", "widen")}
    if "strong_lines" in options:
        ranges, medium = read_ranges(owner, [*key, "strong_lines"], options["strong_lines"]), "air"
    else:
        ranges = options.get("mask")
    if ranges is None:
        return plain
    beta = options["widen"] / LIGHT_SPEED
    factor = math.sqrt((1 + beta) / (1 - beta))
    return plain | {"mask": [[low / factor, high * factor] for low, high in ranges], "medium": medium}


def read_ranges(owner: str, key: list, name: str, folder: Path = RESOURCES) -> list[list[float]]:
    """Read the wavelength ranges (angstrom, air) of a table in resources/, ``<name>.csv`` with columns start and stop.

    Raises
    ------
    RecipeError
        Where there is no such table, or a row of it is no range; the message names ``key`` or the file.
    """
    path = folder / f"{name}.csv"
    tables = [file.stem for file in sorted(folder.glob("*.csv")) if {"start", "stop"} <= set(_read_rows(file)[0])]
    if name not in tables:
        raise fault(owner, key, show(name), f"a table of ranges in resources/: {one_of(tables, name)}")
    header, *rows = _read_rows(path)
    ranges = []
    for number, row in enumerate(rows, 2):
        values = dict(zip(header, row, strict=False))
        try:
            low, high = float(values["start"]), float(values["stop"])
        except (KeyError, ValueError):
            low = high = math.nan
        if not 0 < low < high:
            found = f"start {show(values.get('start'))} and stop {show(values.get('stop'))}"
            raise RecipeError(f"{owner}: {path}, line {number}: found {found}; expected two rising numbers (angstrom)")
        ranges.append([low, high])
    return ranges


def _read_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(file) if row] or [[]]


def list_products(steps: Iterable[dict]) -> dict[str, list[str]]:
    """Name what steps need from other jobs: ``masks`` (learned ones) and ``templates`` (sets), each once."""
    options = [chosen for step in steps for chosen in step.values()]
    return {
        "masks": list(dict.fromkeys(chosen["learned"] for chosen in options if "learned" in chosen)),
        "templates": list(dict.fromkeys(chosen["templates"] for chosen in options if "templates" in chosen)),
    }


def check_products(owner: str, recipe: dict) -> None:
    """Refuse steps that name a mask or a set which is not there, or which cannot be made before them.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    for key, steps in step_lists(recipe):
        for i, step in enumerate(steps):
            ((name, options),) = step.items()
            for option, section in (("learned", "masks"), ("templates", "sets")):
                known = recipe.get(section, {})
                if option in options and options[option] not in known:
                    place, expected = [*key, i, name, option], one_of(known, options[option])
                    raise fault(owner, place, show(options[option]), f"a name of {section}: {expected}")
    for name in recipe.get("masks", {}):
        if name in recipe["sets"]:
            expected = "another name, since steps know masks and sets by their names alone"
            raise fault(owner, ["masks", name], "the name of a set", expected)
    for section in ("datasets", "sets", "masks"):
        for name in recipe.get(section, {}):
            _follow(owner, recipe, [(section, name)])


def _follow(owner: str, recipe: dict, chain: list[tuple[str, str]]) -> None:
    """Go from a dataset, set or mask to all that must be there before it; whoever comes back has found a cycle."""
    for needed in _needs(recipe, *chain[-1]):
        if needed == chain[0]:
            section, name = chain[0]
            found = f"the cycle {' -> '.join(f'{section}.{name}' for section, name in [*chain, needed])}"
            raise fault(owner, [section, name], found, "steps whose templates and masks can be made before them")
        if needed not in chain:
            _follow(owner, recipe, [*chain, needed])


def _needs(recipe: dict, section: str, name: str) -> list[tuple[str, str]]:
    entry = recipe[section][name]
    steps = [step for part, key in STEP_LISTS if part == section for step in entry.get(key, [])]
    products = list_products(steps)
    sources = (("sets", "from"), ("masks", "spectra"))
    source = [("datasets", entry[key]) for part, key in sources if part == section and key in entry]
    return source + [("masks", mask) for mask in products["masks"]] + [("sets", used) for used in products["templates"]]


def _pick(mapping: dict, *keys: str) -> dict:
    return {key: mapping[key] for key in keys if key in mapping}
