"""Recipes: read, extended, checked and filled with defaults, so that all later steps see them complete."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from spectrolabe.acquire.phoenix_library import list_phoenix
from spectrolabe.recipe_checks import check_recipe
from spectrolabe.recipe_comparisons import expand_comparisons
from spectrolabe.recipe_databases import expand_databases
from spectrolabe.recipe_expansion import expand_cross_grid
from spectrolabe.recipe_files import RecipeError, fault, list_settings, one_of, read_settings, show
from spectrolabe.recipe_models import fill_labels
from spectrolabe.recipe_schema import FOLDER, Schema, has_alternatives
from spectrolabe.recipe_steps import fill_steps
from spectrolabe.recipe_studies import expand_studies

__all__ = [
    "RecipeError", "check_config", "list_imported_grids", "load_grid_settings", "load_recipe", "parse_recipe_names",
]  # fmt: skip

RECIPE_SCHEMA = Schema(FOLDER / "recipe.schema.yaml")
GRID_SCHEMA = Schema(FOLDER / "grid.schema.yaml")
CONFIG_KEYS = ("recipes", "data")
EXTENDABLE = ("datasets", "sets", "models", "studies")  # sections whose entries may be differences from another entry


def load_recipe(name: str, folder: Path) -> dict:
    """Give a complete recipe: extended, checked, every default in place, keys sorted.

    Parameters
    ----------
    name : the recipe's name, that of its file without ``.yaml``.
    folder : the folder of recipes, config/recipes.

    Returns
    -------
    The recipe as config/README.md explains it, without ``extends``. Each arm has its ``resolution`` where one is
    known; each step ``broaden`` has ``arms`` (start, stop, resolution), each step ``resample`` has ``arms`` (start,
    stop, step, scale) and ``medium``; steps with ranges of wavelength, or a table of them, have ``ranges`` or ``mask``
    and ``medium``. What ``cross_grid`` asks for stands among sets, models and predictions; rows of comparisons are
    lists; studies have their values beside those of the base point (see
    `spectrolabe.recipe_studies.expand_studies`). Mappings are sorted by key, so that the order in a file changes
    nothing.

    Raises
    ------
    RecipeError
        For the first mistake, in one sentence: the recipe, the key, what was found and what would be accepted.
    """
    folder, owner = Path(folder), f"recipe '{name}'"
    _check_present(owner, name, folder)
    recipe = _read_chain(owner, [name], folder)
    for section in EXTENDABLE:
        if isinstance(recipe.get(section), dict):
            recipe[section] = _extend_entries(owner, section, recipe[section])
    recipe = _without_nulls(recipe, RECIPE_SCHEMA.root)
    RECIPE_SCHEMA.check(owner, recipe)
    recipe = fill_labels(RECIPE_SCHEMA.fill_defaults(recipe))
    recipe = expand_cross_grid(owner, recipe, lambda grid: _grid_labels(grid, folder.parent / "grids"))
    recipe = expand_databases(owner, recipe)
    check_recipe(owner, recipe)
    recipe = expand_comparisons(owner, recipe)
    recipe = expand_studies(owner, recipe, RECIPE_SCHEMA)
    return _sorted(fill_steps(owner, recipe))


def load_grid_settings(name: str, folder: Path) -> dict:
    """Give the settings of a synthetic grid: checked, defaults in place, keys sorted.

    Parameters
    ----------
    name : the grid's name, that of its file without ``.yaml``.
    folder : the folder of grids, config/grids.

    Raises
    ------
    RecipeError
        For the first mistake, in one sentence.
    """
    folder, owner = Path(folder), f"grid '{name}'"
    _check_present(owner, name, folder)
    settings = read_settings(owner, folder / f"{name}.yaml")
    GRID_SCHEMA.check(owner, settings)
    settings = GRID_SCHEMA.fill_defaults(settings)
    if "import" not in settings and settings["shards"] > settings["spectra"]:
        raise fault(owner, "shards", show(settings["shards"]), f"at most as many as spectra ({settings['spectra']})")
    _check_windows(owner, settings)
    box = settings.get("download", {}).get("phoenix")
    if box and len(list_phoenix(**box)) == 1:
        raise fault(owner, "download.phoenix", show(box), "a box that holds a model of the library")
    return _sorted(settings)


def _check_windows(owner: str, settings: dict) -> None:
    window = settings["wavelength"]
    if {"start", "stop", "windows"} & {*window} not in ({"start", "stop"}, {"windows"}):
        raise fault(owner, "wavelength", show(window), "either start and stop, or windows")
    windows = window.get("windows", [])
    for before, after in zip(windows, windows[1:], strict=False):
        if after[0] <= before[1]:
            expected = f"one that begins above {show(before[1])}, where the one before it ends"
            raise fault(owner, "wavelength.windows", show(after), expected)
    if windows and "adjust" in settings:
        raise fault(owner, "adjust", "several windows", "one window (start and stop), since lines are adjusted in one")


def list_imported_grids(folder: Path) -> list[str]:
    """Name the grids that are made of published files, without any whose settings cannot be read."""
    return [name for name in list_settings(folder) if _is_imported(folder, name)]


def _is_imported(folder: Path, name: str) -> bool:
    try:
        return "import" in read_settings(f"grid '{name}'", Path(folder) / f"{name}.yaml")
    except RecipeError:
        return False


def _grid_labels(name: str, folder: Path) -> dict:
    """Give the label ranges of a grid that is synthesised here; none of others, which only their files tell."""
    settings = load_grid_settings(name, folder) if name in list_settings(folder) else {}
    return {} if "import" in settings else settings.get("labels", {})


def check_config(config: Mapping) -> None:
    """Check what config.yaml and the command line say together: which recipes to run, and where the data are.

    Raises
    ------
    RecipeError
        For a key that is unknown or missing, or a data folder that is no text, in one sentence.
    """
    unknown = [key for key in config if key not in CONFIG_KEYS]
    missing = [key for key in CONFIG_KEYS if key not in config]
    if unknown:
        raise fault("config", "", f"'{unknown[0]}'", one_of(CONFIG_KEYS, unknown[0]))
    if missing:
        raise fault("config", missing[0], "nothing", "a value: config/config.yaml shows one")
    if not isinstance(config["data"], str) or not config["data"]:
        raise fault("config", "data", show(config["data"]), "a folder, as in data=./my_spectra")


def parse_recipe_names(value: str | Sequence[str] | None, folder: Path | None = None) -> list[str]:
    """Give the names of the recipes to run, each once, from "a", "a,b" or ["a", "b"].

    Parameters
    ----------
    value : what config.yaml or the command line says.
    folder : the folder of recipes that must hold them all; unchecked where None.

    Raises
    ------
    RecipeError
        Where there is none, something else than names, or a name that the folder does not hold.
    """
    parts = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    texts = [part for part in parts if isinstance(part, str)]
    names = list(dict.fromkeys(name.strip() for text in texts for name in text.split(",") if name.strip()))
    if not names or len(texts) != len(parts):
        raise fault("config", "recipes", show(value), "a recipe's name, or several")
    for name in names if folder is not None else []:
        _check_present(f"recipe '{name}'", name, Path(folder))
    return names


def _check_present(owner: str, name: str, folder: Path) -> None:
    available = list_settings(folder)
    if name not in available:
        written = "/".join(folder.resolve().parts[-2:])
        raise RecipeError(f"{owner} is not in {written}; available: {', '.join(available) or 'none'}")


def _read_chain(owner: str, names: list[str], folder: Path) -> dict:
    """Read a recipe over the one it extends; ``names`` leads from the recipe asked for to the one read."""
    document = read_settings(owner, folder / f"{names[-1]}.yaml")
    parent = document.pop("extends", None)
    if parent is None:
        return document
    _check_parent(owner, ["extends"], parent, list_settings(folder), names)
    return _extend(_read_chain(owner, [*names, parent], folder), document, RECIPE_SCHEMA.root)


def _extend_entries(owner: str, section: str, entries: dict) -> dict:
    """Extend the entries of a section by one another."""
    entries = {name: entry for name, entry in entries.items() if entry is not None}
    node = RECIPE_SCHEMA.child(RECIPE_SCHEMA.root["properties"][section], "entry")

    def resolve(names: list):
        entry = entries[names[-1]]
        parent = entry.get("extends") if isinstance(entry, dict) else None
        if parent is None:
            return entry
        _check_parent(owner, [section, names[-1], "extends"], parent, list(entries), names)
        own = {key: value for key, value in entry.items() if key != "extends"}
        return _extend(resolve([*names, parent]), own, node)

    return {name: resolve([name]) for name in entries}


def _check_parent(owner: str, key: list, parent, available: Sequence[str], names: Sequence[str]) -> None:
    if parent in names:
        raise fault(owner, key, f"the cycle {' -> '.join([*names, parent])}", "a chain that ends")
    if parent not in available:
        raise fault(owner, key, show(parent), one_of([name for name in available if name not in names], parent))


def _extend(parent, child, node: dict):
    """Lay a difference over what it extends; a null stays, as the mark that its key is to go."""
    if not (isinstance(parent, dict) and isinstance(child, dict)):
        return child
    node = RECIPE_SCHEMA.resolve(node, parent | child)
    other_alternative = has_alternatives(node) and set(parent) != set(child)
    other_kind = "kind" in node.get("properties", {}) and child.get("kind", parent.get("kind")) != parent.get("kind")
    if other_alternative or other_kind:
        return child
    inherited = {key: value for key, value in parent.items() if key not in child}
    return inherited | {
        key: _extend(parent[key], value, RECIPE_SCHEMA.child(node, key)) if key in parent else value
        for key, value in child.items()
    }


def _without_nulls(value, node: dict):
    """Leave out the keys that are null; a chosen alternative stays, since there a null is options forgotten."""
    if not isinstance(value, dict):
        return value
    node = RECIPE_SCHEMA.resolve(node, value)
    return {
        key: _without_nulls(item, RECIPE_SCHEMA.child(node, key))
        for key, item in value.items()
        if item is not None or has_alternatives(node)
    }


def _sorted(value):
    """Sort the keys of all mappings; lists keep their order."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
