"""What a survey's sampled manifest says: velocities, labels, S/N, files that are there twice."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from spectrolabe.acquire.checks import count_of, judge, name_some, row
from spectrolabe.acquire.sharding import BETWEEN_ARMS
from spectrolabe.spectra.labels import unit_of

#: What no star has is a missing value that nobody declared, or another unit.
PLAUSIBLE = {"teff": (1500, 60_000), "logg": (-2, 7), "feh": (-8, 2), "rv": (-1500, 1500)}
#: Up to this size (bytes) of a survey the content of all its files is compared, above it that of the sample alone.
COMPARED = 300_000_000
#: Share of spectra outside what networks were trained on from which a survey is warned of.
MANY = 0.1


def check_velocities(rv: pd.Series, steps: Sequence[str], shift: float | None) -> dict[str, str]:
    """Say whether spectra will be at rest: known velocities, and a step that takes them off.

    Parameters
    ----------
    rv : km/s, NaN where unknown.
    steps : names of the survey's steps.
    shift : velocities within which the networks are trained on synthetic spectra (km/s); None where they are trained
        on the survey itself.
    """
    known, missing = rv.dropna(), int(rv.isna().sum())
    words = [f"rv {known.min():.0f} to {known.max():.0f} km/s"] if len(known) else []
    words += [f"not known in {missing} of {len(rv)}"] if missing else []
    if "find_velocity" in steps:
        return row("velocity", "; ".join(words), "any: the step find_velocity measures it")
    expected, far = "known ones: the step rest_frame takes them off, and others count as at rest", 0
    if "rest_frame" not in steps:
        # Networks that learn from the survey itself see it as it is.
        missing = missing if shift is not None else 0
        far = int((known.abs() > shift).sum()) if shift is not None else 0
        within = "any, as the networks are trained on" if shift is None else f"within {shift:g} km/s of rest"
        expected = f"{within}; the step rest_frame is not there"
        words += [f"{far} beyond {shift:g} km/s"] if far else []
    return row("velocity", "; ".join(words), expected, judge(warning=missing > 0 or far > 0))


def check_labels(manifest: pd.DataFrame, labels: Sequence[str], sets: Sequence[str]) -> list[dict[str, str]]:
    """Say by label whether the sets that are built from a survey have it: a row each."""
    needed = f"numbers, for {name_some(sets)}; stars without any are left out"
    rows = []
    for label in labels:
        if label not in manifest:
            numbers = [name for name in manifest.select_dtypes("number") if name not in ("row", "ra", "dec")]
            found = f"no such column; numbers there are: {', '.join(numbers) or 'none'}"
            rows.append(row(f"label {label}", found, needed, "error"))
            continue
        values = pd.to_numeric(manifest[label], errors="coerce")
        known, unit = values.dropna(), unit_of(label)
        found = f"known in {len(known)} of {len(values)}"
        found += f", {known.min():.5g} to {known.max():.5g} {unit}" if len(known) else ""
        low, high = PLAUSIBLE.get(label, (-np.inf, np.inf))
        strange = int((~known.between(low, high)).sum())
        expected = needed
        if strange:
            found += f"; {strange} of no star ({_quote(known[~known.between(low, high)])})"
            expected += f" from {low:g} to {high:g} {unit}; numbers that stand for none go to catalogue.missing"
        verdict = judge(error=strange > 0 or known.empty, warning=len(known) < len(values) / 2)
        rows.append(row(f"label {label}", found, expected, verdict))
    return rows


def _quote(values: pd.Series) -> str:
    return name_some([f"{value:g}" for value in values.unique()])


def check_ranges(manifest: pd.DataFrame, ranges: Mapping[str, Sequence[float]]) -> list[dict[str, str]]:
    """Say by label how many stars, where the catalogue knows them, lie outside what the networks are trained on."""
    rows = []
    for label, (low, high) in ranges.items():
        values = pd.to_numeric(manifest.get(label, pd.Series(dtype=float)), errors="coerce").dropna()
        if values.empty:
            continue
        outside = int((~values.between(low, high)).sum())
        found = f"{values.min():.5g} to {values.max():.5g}; {outside} of {len(values)} outside"
        expected = f"{low:g} to {high:g} {unit_of(label)}, as trained"
        rows.append(row(f"range of {label}", found, expected, judge(warning=outside > 0)))
    return rows


def check_snr(snr: pd.Series, min_snr: float, trained: Sequence[float | None]) -> dict[str, str]:
    """Compare S/N per pixel with the recipe's threshold and with the training set's.

    Parameters
    ----------
    trained : lowest and highest S/N that the networks are trained on, None where that is not limited.
    """
    known = snr.dropna()
    if known.empty:
        return row("S/N per pixel", "not known", f"above {min_snr:g}", "warning")
    low, middle, high = known.quantile([0.05, 0.5, 0.95])
    below = int((known < min_snr).sum())
    found = f"5, 50, 95 %: {low:.0f}, {middle:.0f}, {high:.0f}; {below} of {len(known)} below {min_snr:g}"
    expected = f"above {min_snr:g}, else flagged"
    least, most = trained
    outside = (known < (least or 0)) | (known > (most or np.inf))
    if least or most:
        limits = [f"from {least:.0f}" if least else "", f"to {most:.0f}" if most else ""]
        expected += f"; {' '.join(filter(None, limits))}, as trained"
        found += f"; {outside.sum()} outside the training's"
    return row("S/N per pixel", found, expected, judge(warning=below > 0 or bool(outside.mean() > MANY)))


def check_duplicates(files: Sequence[str], sampled: Sequence[str], root: Path, *, by_name: bool) -> dict[str, str]:
    """Find files of the same content, and files of one name, which a catalogue's row would be given to twice.

    Parameters
    ----------
    files : all of the survey, arms of one spectrum joined, relative to ``root``; ``sampled`` are some of them.
    by_name : whether a catalogue is matched by names of files.
    """
    every = [file for path in files for file in path.split(BETWEEN_ARMS)]
    sizes = {file: (root / file).stat().st_size for file in every}
    whole = sum(sizes.values()) <= COMPARED
    compared = every if whole else [file for path in sampled for file in path.split(BETWEEN_ARMS)]
    repeated = Counter(sizes[file] for file in compared)
    contents: dict[bytes, list[str]] = {}
    for file in compared:
        if sizes[file] and repeated[sizes[file]] > 1:
            contents.setdefault(hashlib.blake2b((root / file).read_bytes()).digest(), []).append(file)
    same = [f"{first} = {other}" for first, *others in contents.values() for other in others]
    stems = Counter(PurePosixPath(file).stem for file in every) if by_name else Counter()
    names = [stem for stem, count in stems.items() if count > 1]
    words = [f"{count_of(len(same), 'file')} the same as another ({name_some(same)})"] if same else []
    words += [f"{count_of(len(names), 'name')} in several folders ({name_some(names)})"] if names else []
    extent = f"{len(compared)} files compared" if whole else f"only the {len(compared)} sampled files compared"
    found = f"{'; '.join(words) or 'none'}; {extent}"
    expected = "each file once: a copy may be trained on and tested on"
    return row("duplicates", found, expected, judge(warning=bool(words)))
