"""The check of what a run needs beside files of spectra: its grids, room on the disc, time to train."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from spectrolabe.acquire.checks import (
    COLUMNS,
    ERROR,
    WARNING,
    count_of,
    format_table,
    judge,
    list_sentences,
    row,
    write_duration,
)
from spectrolabe.acquire.grids import list_windows, read_grid
from spectrolabe.spectra.wavelength import build_grid, convert_medium, split_arms


def check_plan(
    grids: Sequence[Mapping],
    surveys: Sequence[str],
    work: Mapping,
    *,
    arms: Sequence[Mapping],
    medium: str,
    folder: Path,
    cores: int,
) -> pd.DataFrame:
    """Say whether a recipe's grids cover what it wants of them, and what the run takes: rows as of a survey's check.

    Parameters
    ----------
    grids : each has ``dataset``, ``path``, ``settings`` (of config/grids; None where there are none) and ``ranges``,
        see `spectrolabe.recipe_expectations.expect_of_grids`.
    surveys : in words, what else the recipe takes spectra from.
    work : see `spectrolabe.recipe_expectations.plan_work`.
    arms, medium : the recipe's grid of wavelengths.
    folder : where results are written.
    cores : that the run may use.
    """
    rows = [row("surveys", "; ".join(surveys) or "none: the recipe is of grids alone", "any")]
    rows += [found for grid in grids for found in check_grid(grid, arms, medium)]
    rows.append(check_disc(work["bytes"], folder))
    total = sum(work["training"].values())
    found = "; ".join(f"{model} {write_duration(seconds)}" for model, seconds in work["training"].items())
    found += f" on one core; all of them {write_duration(total / cores)} on {cores}"
    rows.append(row("training", found, "any; rough: a factor of three either way, less where sets select"))
    return pd.DataFrame(rows, columns=COLUMNS)


def check_grid(grid: Mapping, arms: Sequence[Mapping], medium: str) -> list[dict[str, str]]:
    """Say whether a grid is there, and whether it covers a recipe's wavelengths, resolution and ranges of labels."""
    name, path, settings = f"grid {grid['dataset']}", Path(grid["path"]), grid["settings"]
    if path.exists():
        try:
            made = read_grid(path, with_flux=False)
        except ValueError as error:
            return [row(name, str(error), "a grid file", ERROR)]
        found, box = f"{path}, {len(made.labels)} spectra", made.settings.get("labels", {})
        nodes = {label: [made.labels[label].min(), made.labels[label].max()] for label in made.labels}
        windows = [made.wavelength[window][[0, -1]] for window in split_arms(made.wavelength)]
        resolution, own = made.resolution, made.medium
        covered = {label: [*nodes[label], *box.get(label, [])] for label in nodes}
    elif settings is None:
        return [row(name, f"no file {path}, and no config/grids/{path.stem}.yaml to make it by", "either", ERROR)]
    else:
        window = settings["wavelength"]
        found, covered = f"no file {path}: the run makes it, which may take hours", settings.get("labels", {})
        windows, resolution, own = list_windows(window), window.get("resolution"), "air"
    pieces = [convert_medium(build_grid([arm])[[0, -1]], medium, own) for arm in arms]
    beyond = any(not any(low <= piece[0] and piece[1] <= high for low, high in windows) for piece in pieces)
    wanted = max((arm["resolution"] for arm in arms if arm.get("resolution")), default=0)
    blunt = bool(resolution and resolution < wanted)
    found += f"; {_name(windows)} angstrom ({own})" + (f", R = {resolution:.0f}" if resolution else "")
    expected = f"{_name(pieces)} angstrom" + (f", R of {wanted:.0f} or more" if wanted else "")
    rows = [row(name, found, expected, judge(error=beyond or blunt, warning=not path.exists()))]
    for owner, ranges in grid["ranges"].items() if covered else ():
        rows += [_check_range(f"{owner}: {label}", limits, covered.get(label)) for label, limits in ranges.items()]
    return rows


def _name(windows: Sequence[Sequence[float]]) -> str:
    return ", ".join(f"{low:.1f}-{high:.1f}" for low, high in windows)


def _check_range(what: str, limits: Sequence[float], covered: Sequence[float] | None) -> dict[str, str]:
    expected = f"{limits[0]:g} to {limits[1]:g}, the range of the set"
    if covered is None:
        return row(what, "the grid has no such label", expected, ERROR)
    low, high = min(covered), max(covered)
    found = f"{low:g} to {high:g} in the grid"
    return row(what, found, expected, judge(error=limits[0] < low or limits[1] > high))


def check_disc(needed: float, folder: Path) -> dict[str, str]:
    """Compare what a run writes at most with what is free."""
    place = next(path for path in [Path(folder), *Path(folder).absolute().parents] if path.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 1e9:.1f} GB free in {folder}"
    expected = f"{needed / 1e9:.2f} GB or less for prepared spectra and training sets"
    return row("disc space", found, expected, judge(error=needed > free, warning=2 * needed > free))


def summarise(tables: Mapping[str, pd.DataFrame]) -> tuple[str, list[str]]:
    """Give all tables (title -> table) as text, warnings and errors named below them, and the errors one by one."""
    sentences = {
        verdict: [text for title, table in tables.items() for text in list_sentences(title, table, verdict)]
        for verdict in (WARNING, ERROR)
    }
    parts = [format_table(title, table) for title, table in tables.items()]
    named = [f"{verdict.upper()} {text}" for verdict, found in sentences.items() for text in found]
    count = ", ".join(count_of(len(sentences[verdict]), verdict) for verdict in (ERROR, WARNING))
    return "\n\n".join([*parts, "\n".join([*named, count])]), sentences[ERROR]
