"""Where SDSS has its spectra (data release 12), and the way from its catalogue of stars to files on disk."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.acquire.catalogues import convert_columns
from spectrolabe.acquire.conditions import ConditionError, evaluate_conditions
from spectrolabe.acquire.download_lists import COLUMNS, write_table
from spectrolabe.acquire.downloads import check_complete, fetch_files
from spectrolabe.acquire.tables import find_numbers, list_columns, read_table

#: Plates from here on are of BOSS.
FIRST_BOSS_PLATE = 3510
#: Reductions, folders of the archive (its page on bulk downloads): of SDSS-I and -II the legacy survey, SEGUE-2 and the
#: plates of star clusters, of BOSS both of release 12. A plate's number does not tell which one has it (plates of
#: SEGUE-2, such as 2640, stand among older ones), so that all are tried, the one with the most plates first.
SDSS_RUNS, BOSS_RUNS = ("26", "104", "103"), ("v5_7_0", "v5_7_2")
#: What a catalogue calls plate, date and fibre, and the reduction where it says it.
PLACES = {"plate": ("PLATE",), "mjd": ("MJD",), "fiber": ("FIBER", "FIBERID")}
RUN = "RUN2D"


def fetch_sdss(
    catalogue: Path,
    folder: Path,
    report: Callable[[str], None],
    *,
    mirror: str,
    spectra: str,
    select: Sequence[str],
    most: int | None,
    missing: Sequence[float],
) -> pd.DataFrame:
    """Bring the spectra of a catalogue's stars into a folder, and before them the catalogue, if it is not there.

    How each file fared is written to ``<folder>.tsv`` beside the folder, where it outlives a failed job, and given: see
    `spectrolabe.acquire.downloads.fetch_files`. A spectrum that the archive lacks is a row with the status "not
    published".

    Parameters
    ----------
    catalogue : see `choose_spectra`; where it is not there, it is fetched under its own name.
    folder : where the spectra are to lie.
    report : takes lines of progress.
    mirror, spectra : see `list_files`.
    select, most, missing : see `choose_spectra`.

    Raises
    ------
    spectrolabe.acquire.downloads.MissingFilesError, spectrolabe.acquire.transfers.StorageError, ValueError
        Where a file does not come, cannot be written, or the catalogue cannot be used.
    """
    table = folder.with_name(f"{folder.name}.tsv")
    if not catalogue.is_file():
        row = {"path": catalogue.name, "url": f"{mirror.rstrip('/')}/sdss/sspp/{catalogue.name}"}
        fetched = fetch_files(_fill([row]), catalogue.parent, report)
        write_table(fetched, table)
        check_complete(fetched, catalogue.parent, table)
    chosen = choose_spectra(catalogue, select, most, missing)
    report(f"{len(chosen)} spectra are chosen of {catalogue}")
    downloads = fetch_files(list_files(chosen, mirror, spectra), folder, report)
    write_table(downloads, table)
    check_complete(downloads, folder, table)
    return downloads


def choose_spectra(
    catalogue: Path, select: Sequence[str] = (), most: int | None = None, missing: Sequence[float] = ()
) -> pd.DataFrame:
    """Choose spectra of a catalogue: name, plate, mjd, fiber, and run (the reduction, "" where it does not say).

    Parameters
    ----------
    catalogue : table with the columns PLATE, MJD, FIBER or FIBERID, and RUN2D where it has it.
    select : SQL conditions over its own columns, see `spectrolabe.acquire.conditions.evaluate_conditions`.
    most : largest number of spectra: those whose names' checksums come first. It is as good as a draw, the same in
        every run and order of the catalogue, and more spectra are those before and others.
    missing : numbers that stand for a missing value.

    Raises
    ------
    ValueError
        Where the catalogue lacks a column, a condition cannot be evaluated, or none is left.
    """
    names = list_columns(catalogue)
    places = {place: _find_column(catalogue, names, options) for place, options in PLACES.items()}
    run = next((name for name in names if name.upper() == RUN), None)
    texts = " ".join(select).lower()
    columns = [name for name in names if name in (*places.values(), run) or name.lower() in texts]
    table = read_table(catalogue, columns)
    met = _evaluate(catalogue, pd.DataFrame(convert_columns(table, find_numbers(catalogue, columns), missing)), select)
    numbers = {place: pd.to_numeric(table[name], errors="coerce") for place, name in places.items()}
    chosen = pd.DataFrame(numbers | {"run": table[run].fillna("") if run else ""})[met].dropna()
    chosen = chosen.astype(dict.fromkeys(PLACES, int)).drop_duplicates(list(PLACES))
    if chosen.empty:
        raise ValueError(f"{catalogue}: expected a spectrum or more that meets the conditions, found none")
    chosen.insert(0, "name", [f"spec-{row.plate:04d}-{row.mjd:05d}-{row.fiber:04d}" for row in chosen.itertuples()])
    first = chosen["name"].map(_checksum).sort_values().index[:most]
    return chosen.loc[first].sort_values("name", ignore_index=True)


def list_files(chosen: pd.DataFrame, mirror: str, spectra: str) -> pd.DataFrame:
    """Give the list of files to fetch, see `spectrolabe.acquire.download_lists.read_download_list`.

    The address is <mirror>/<sdss or boss>/spectro/redux/<reduction>/spectra/[lite/]<plate>/<name>.fits; where the
    reduction is not known, the addresses in all that may have the plate.

    Parameters
    ----------
    chosen : as `choose_spectra` gives them.
    mirror : address of a copy of the release.
    spectra : ``lite`` (the coadded spectrum alone) or ``full`` (with all exposures, some ten times larger).
    """
    inner = "spectra/lite" if spectra == "lite" else "spectra"
    rows = []
    for row in chosen.itertuples(index=False):
        runs = [row.run] if row.run else BOSS_RUNS if row.plate >= FIRST_BOSS_PLATE else SDSS_RUNS
        folders = [f"{'boss' if run.startswith('v') else 'sdss'}/spectro/redux/{run}" for run in runs]
        path = f"{inner}/{row.plate:04d}/{row.name}.fits"
        addresses = " ".join(f"{mirror.rstrip('/')}/{folder}/{path}" for folder in folders)
        rows.append({"path": f"{row.name}.fits", "url": addresses, "optional": "yes"})
    return _fill(rows)


def _fill(rows: list[dict[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows).reindex(columns=COLUMNS, fill_value="")


def _find_column(catalogue: Path, names: Sequence[str], options: Sequence[str]) -> str:
    found = next((name for option in options for name in names if name.upper() == option), None)
    if found is None:
        raise ValueError(f"{catalogue}: expected a column {' or '.join(options)}, found {', '.join(names)}")
    return found


def _evaluate(catalogue: Path, table: pd.DataFrame, select: Sequence[str]) -> np.ndarray:
    if not select:
        return np.ones(len(table), bool)
    try:
        met = evaluate_conditions({name: table[name].tolist() for name in table}, select)
    except ConditionError as error:
        raise ValueError(f"{catalogue}: {error}; expected SQL over its columns") from error
    return np.all([met[condition] for condition in select], axis=0)


def _checksum(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=8).hexdigest()
