"""Arms of a spectrum: files of one exposure in several settings of a spectrograph, read as one spectrum."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from spectrolabe.acquire.readers import ReadError, read_file
from spectrolabe.acquire.sharding import BETWEEN_ARMS, split_word, stays_inside
from spectrolabe.spectra.table import Spectrum


def read_arms(path: str, root: Path, reader: str, words: Sequence[str]) -> tuple[list[Spectrum], str]:
    """Give the spectra of a file, or of the files that are arms of one another, and the words of missing arms.

    Arms come in ascending wavelength, with a gap between them. ``meta`` is that of the first arm that knows a value,
    but for ``resolution``, which is the lowest: the step broaden must not broaden an arm that has it already.

    Parameters
    ----------
    path : one file, or several as `spectrolabe.acquire.sharding.group_files` gives them, relative to ``root``.
    reader : name of the file format.
    words : what tells arms apart; without any, ``path`` is one file.

    Raises
    ------
    ReadError
        Where a path leads out of ``root``, no arm can be read, arms are of different stars, overlap, or hold different
        numbers of spectra.
    """
    _check_inside(path)
    if not words:
        return read_file(root / path, reader), ""
    arms, faults = {}, {}
    for file in path.split(BETWEEN_ARMS):
        word = split_word(file, words)[1]
        try:
            arms[word] = read_file(root / file, reader)
        except ReadError as error:
            faults[word] = error.reason
    if not arms:
        raise ReadError(path, "; ".join(f"{word}: {fault}" if word else fault for word, fault in faults.items()))
    missing = [] if "" in arms else [word for word in words if word not in arms]
    counts = {len(spectra) for spectra in arms.values()}
    if len(counts) > 1:
        raise ReadError(path, f"expected as many spectra in each arm, found {' and '.join(map(str, sorted(counts)))}")
    return [_join(path, spectra) for spectra in zip(*arms.values(), strict=True)], ", ".join(missing)


def _check_inside(path: str) -> None:
    """Refuse paths that leave the folder of the data: a manifest may have been changed by hand."""
    for file in path.split(BETWEEN_ARMS):
        if not stays_inside(file):
            raise ReadError(path, "expected a path that stays in the folder of the data, found another")


def _join(path: str, arms: Sequence[Spectrum]) -> Spectrum:
    stars = dict.fromkeys(arm.meta["source_id"] for arm in arms if "source_id" in arm.meta)
    if len(stars) > 1:
        raise ReadError(path, f"expected arms of one star, found {' and '.join(map(repr, stars))}")
    meta = {key: value for arm in reversed(arms) for key, value in arm.meta.items()}
    if "resolution" in meta:
        meta["resolution"] = min(arm.meta["resolution"] for arm in arms if "resolution" in arm.meta)
    arms = sorted(arms, key=lambda arm: arm.wavelength[0])
    for before, after in zip(arms, arms[1:], strict=False):
        if after.wavelength[0] <= before.wavelength[-1]:
            found = f"one from {after.wavelength[0]:.1f} and one to {before.wavelength[-1]:.1f} angstrom (vacuum)"
            raise ReadError(path, f"expected arms that do not overlap, found {found}")
    columns = (np.concatenate([getattr(arm, name) for arm in arms]) for name in ("wavelength", "flux", "ivar", "bad"))
    return Spectrum(*columns, meta)
