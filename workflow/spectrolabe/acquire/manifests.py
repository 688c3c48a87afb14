"""Manifests: which spectra a dataset holds, of which stars, and what is known about them before any prediction."""

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from spectrolabe.acquire.arms import read_arms
from spectrolabe.acquire.catalogues import TEXT_COLUMNS as KNOWN_TEXT
from spectrolabe.acquire.catalogues import read_catalogue
from spectrolabe.acquire.readers import ReadError
from spectrolabe.acquire.sharding import BETWEEN_ARMS, split_word
from spectrolabe.spectra.failures import find_cut
from spectrolabe.spectra.table import replacing

TEXT_COLUMNS = (*KNOWN_TEXT, "missing_arm", "path", "status")
NUMBER_COLUMNS = ("ra", "dec", "snr", "rv", "resolution")
FIRST_COLUMNS = ("spectrum_id", "source_id", "path", "row", *NUMBER_COLUMNS)
#: Columns that say where a spectrum is and how it fared: a survey's catalogue cannot know them.
OWN_COLUMNS = ("spectrum_id", "path", "row", "status")
#: Rows that are read at once from a manifest of any length.
BLOCK = 200_000


def find_folder(patterns: str | Sequence[str]) -> str:
    """Give the folder that file patterns share before any wildcard: ``survey/2024/*/s-*.fits`` has ``survey/2024``."""
    patterns = [patterns] if isinstance(patterns, str) else patterns
    return os.path.commonpath([_fixed_folder(pattern) for pattern in patterns]) or "."


def _fixed_folder(pattern: str) -> str:
    folders = PurePosixPath(pattern).parts[:-1]
    return "/".join(takewhile(lambda part: not any(character in part for character in "*?["), folders))


def list_spectra(
    files: Sequence[str],
    root: Path,
    patterns: str | Sequence[str],
    reader: str,
    catalogue: Mapping | None = None,
    join: Sequence[str] = (),
) -> pd.DataFrame:
    """Give the manifest of some files: one row per spectrum, or per unreadable file with the reason in ``status``.

    Columns: spectrum_id, source_id, path, row (of the spectrum in its file), ra and dec (degrees), snr, rv (km/s),
    resolution, whatever else the files or the catalogue hold (labels, <label>_err), status (empty where all is well).
    Missing numbers are NaN, missing text is empty. What the catalogue knows replaces what the file says. source_id, the
    star, is the catalogue's, else the file's, else the spectrum_id: spectra with one source_id are never split between
    training and test. Arms of one spectrum are one row: ``path`` holds their files, ``missing_arm`` the words of those
    that are missing or unreadable, empty where all is well.

    Parameters
    ----------
    files : paths relative to ``root``, arms of one spectrum together (`spectrolabe.acquire.sharding.group_files`).
    patterns : the dataset's file patterns, relative to ``root``; spectrum_id leaves out the folder that they share.
    reader : name of the file format, see `spectrolabe.acquire.readers.READERS`.
    catalogue : options of `spectrolabe.acquire.catalogues.read_catalogue`, its file relative to ``root``; its rows are
        matched by spectrum_id, path, file name, or file name without its ending, whichever matches first.
    join : words that tell the arms of a spectrum apart; none where each file is one.
    """
    root, folder = Path(root), find_folder(patterns)
    rows = [row for path in files for row in _list_file(path, root, reader, folder, join)]
    manifest = pd.DataFrame(rows, columns=None if rows else [*FIRST_COLUMNS, "status"])
    for column in NUMBER_COLUMNS:
        manifest[column] = manifest[column].astype(float) if column in manifest else np.nan
    if catalogue is not None:
        only = {name for row in _named(manifest) for name in _candidates(row)}
        manifest = _override(manifest, read_catalogue(**catalogue | {"file": root / catalogue["file"], "only": only}))
    unnamed = manifest["source_id"].isna() | (manifest["source_id"] == "")
    manifest["source_id"] = manifest["source_id"].mask(unnamed, manifest["spectrum_id"])
    manifest = fill_text(manifest)
    others = [column for column in manifest if column not in (*FIRST_COLUMNS, "status")]
    return manifest[[*FIRST_COLUMNS, *others, "status"]]


def write_manifest(manifest: pd.DataFrame, path: Path) -> None:
    """Write a manifest as a table separated by tabs, numbers to the last bit, a missing value as an empty field."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        manifest.to_csv(temporary, sep="\t", index=False, lineterminator="\n")


def read_manifest(path: Path) -> pd.DataFrame:
    """Read a manifest: text (empty where missing), ``row`` as integers, labels as numbers (NaN where missing).

    Raises
    ------
    ValueError
        Where the file is no manifest, or is cut off; the message names it.
    """
    return next(read_blocks(path, None))


def read_blocks(path: Path, rows: int | None = BLOCK) -> Iterator[pd.DataFrame]:
    """Read a manifest as `read_manifest` does, so many rows at a time; what they hold tells text from labels."""
    cut = find_cut(path)
    if cut:
        raise ValueError(f"{path}: expected a whole manifest, but {cut}: delete it to have it made again")
    text = {"dtype": dict.fromkeys(TEXT_COLUMNS, str), "keep_default_na": False, "na_values": [""]}
    with pd.read_csv(path, sep="\t", iterator=True, chunksize=rows, **text) as tables:
        for manifest in tables:
            missing = [column for column in (*FIRST_COLUMNS, "status") if column not in manifest]
            if missing:
                raise ValueError(f"{path}: expected the columns of a manifest, found no {', '.join(missing)}")
            yield fill_text(manifest.astype({"row": int} | dict.fromkeys(NUMBER_COLUMNS, float)))


def fill_text(manifest: pd.DataFrame) -> pd.DataFrame:
    """Make missing text empty: a comparison with the empty text would fail where it is missing."""
    numbers = manifest.select_dtypes(["number", "bool"]).columns
    text = [column for column in manifest if column in TEXT_COLUMNS or column not in numbers]
    # Words such as True, with fields empty beside them, are read as neither text nor flags.
    return manifest.assign(**{column: manifest[column].astype(object).fillna("").map(str) for column in text})


def _list_file(path: str, root: Path, reader: str, folder: str, join: Sequence[str]) -> list[dict]:
    posix = PurePosixPath(split_word(path.split(BETWEEN_ARMS)[0], join)[0] if join else path)
    name = (posix.relative_to(folder) if posix.is_relative_to(folder) else posix).as_posix().removesuffix(".fits")
    try:
        spectra, missing = read_arms(path, root, reader, join)
    except ReadError as error:
        return [{"spectrum_id": name, "source_id": "", "path": path, "row": 0, "status": f"{path}: {error.reason}"}]
    rows = []
    for row, spectrum in enumerate(spectra):
        spectrum_id = name if len(spectra) == 1 else f"{name}-{row}"
        own = {"spectrum_id": spectrum_id, "path": path, "row": row, "status": ""}
        own |= {"missing_arm": missing} if join else {}
        rows.append({"source_id": ""} | spectrum.meta | own)
    return rows


def _override(manifest: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Replace what the files say by what the catalogue (one row per spectrum, indexed by key) knows."""
    catalogue = catalogue.drop(columns=[column for column in OWN_COLUMNS if column in catalogue])
    known = set(catalogue.index)
    keys = [next((name for name in _candidates(row) if name in known), None) for row in _named(manifest)]
    matched = catalogue.reindex(keys).set_axis(manifest.index)
    manifest = manifest.copy()
    for column in matched:
        manifest[column] = matched[column].combine_first(manifest[column]) if column in manifest else matched[column]
    return manifest


def _named(manifest: pd.DataFrame) -> Iterator[tuple]:
    return manifest[["spectrum_id", "path"]].itertuples(index=False)


def _candidates(row: tuple) -> tuple[str, ...]:
    """Give the keys that a spectrum's row in a catalogue may have, the first that is there counting."""
    paths = [PurePosixPath(path) for path in dict.fromkeys([row.path, *row.path.split(BETWEEN_ARMS)])]
    return (row.spectrum_id, *(name for path in paths for name in (str(path), path.name, path.stem)))
