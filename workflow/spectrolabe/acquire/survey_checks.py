"""The check of a survey before anything is computed: a sample of its files, read and prepared as the run would."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.acquire.arms import read_arms
from spectrolabe.acquire.checks import COLUMNS, WARNING, judge, row, write_duration
from spectrolabe.acquire.manifest_checks import (
    check_duplicates,
    check_labels,
    check_ranges,
    check_snr,
    check_velocities,
)
from spectrolabe.acquire.manifests import list_spectra
from spectrolabe.acquire.readers import ReadError, describe_file
from spectrolabe.acquire.sharding import BETWEEN_ARMS
from spectrolabe.acquire.spectrum_checks import (
    Sample,
    check_errors,
    check_masks,
    check_medium,
    check_resolution,
    check_sampling,
    check_wavelengths,
)
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.steps import apply_steps
from spectrolabe.spectra.table import Spectrum, from_spectrum
from spectrolabe.spectra.wavelength import build_grid, convert_medium

#: Unreadable files that have a row of their own.
MOST_NAMED = 10


@dataclass(frozen=True)
class Survey:
    """Where a survey's spectra are and how they are read.

    ``files`` are relative to ``root``, arms of one spectrum joined; ``patterns``, ``reader``, ``catalogue`` and
    ``join`` as `spectrolabe.acquire.manifests.list_spectra` takes them; ``steps`` bring spectra to the recipe's grid;
    ``resolution`` is that of spectra for which nobody gives one.
    """

    files: Sequence[str]
    root: Path
    patterns: str | Sequence[str]
    reader: str
    steps: Sequence[Mapping]
    catalogue: Mapping | None = None
    join: Sequence[str] = ()
    resolution: float | None = None


def check_survey(
    survey: Survey, *, arms: Sequence[Mapping], medium: str, expected: Mapping, spectra: int, seed: int
) -> pd.DataFrame:
    """Say what a survey's files hold beside what a recipe expects: rows of what, found, expected, verdict.

    Parameters
    ----------
    arms, medium : the recipe's grid.
    expected : see `spectrolabe.recipe_expectations.expect_of_survey`.
    spectra : files read, spread over all (number).
    seed : of their choice.
    """
    chosen = sample_files(survey.files, spectra, seed)
    found, faults, seconds = _read_files(survey, chosen)
    count, readable = f"{len(survey.files)} spectra, {len(chosen)} of them sampled", [path for path, _ in found]
    rows = [row("files", count, f"files that {survey.reader} reads")]
    rows += _name_faults(faults)
    rows.append(check_duplicates(survey.files, chosen, survey.root, by_name=survey.catalogue is not None))
    if not found:
        rows.append(row("readable files", "none of the sample", "some", "error"))
        return pd.DataFrame(rows, columns=COLUMNS)
    manifest, fault = _list_sample(survey, readable)
    rows += [fault] if fault else []
    samples = _describe(survey, found, manifest)
    rows += _check_samples(survey, samples, manifest, arms, medium, expected)
    rows.append(_check_time(survey, samples, manifest, seconds))
    return pd.DataFrame(rows, columns=COLUMNS)


def _name_faults(faults: Mapping[str, str]) -> list[dict[str, str]]:
    named = [row("unreadable file", f"{path}: {why}", "a spectrum", WARNING) for path, why in faults.items()]
    more = len(named) - MOST_NAMED
    return named[:MOST_NAMED] + ([row("unreadable file", f"{more} more", "spectra", WARNING)] if more > 0 else [])


def sample_files(files: Sequence[str], count: int, seed: int) -> list[str]:
    """Choose files spread evenly over all, one by chance out of each stretch; all where there are no more."""
    if len(files) <= count:
        return list(files)
    places = (np.arange(count) + np.random.default_rng(seed).random(count)) * len(files) / count
    return [files[place] for place in places.astype(int)]


def _read_files(survey: Survey, chosen: Sequence[str]) -> tuple[list[tuple[str, list]], dict[str, str], float]:
    """Give the spectra of each readable file, the reasons of the others, and the seconds that a file took."""
    found, faults, start = [], {}, time.perf_counter()
    for path in chosen:
        try:
            found.append((path, read_arms(path, survey.root, survey.reader, survey.join)[0]))
        except ReadError as error:
            faults[path] = error.reason
    return found, faults, (time.perf_counter() - start) / len(chosen)


def _list_sample(survey: Survey, readable: Sequence[str]) -> tuple[pd.DataFrame, dict | None]:
    """Give the manifest of readable files, without the catalogue where that cannot be read, and what is wrong there."""
    where = (survey.root, survey.patterns, survey.reader)
    try:
        manifest = list_spectra(readable, *where, survey.catalogue, survey.join)
    except (ValueError, OSError) as error:
        return list_spectra(readable, *where, None, survey.join), row("catalogue", str(error), "a table", "error")
    if survey.catalogue is None:
        return manifest, None
    bare = list_spectra(readable, *where, None, survey.join)
    added = [column for column in manifest if column not in bare]
    known = int((manifest[added].notna() & (manifest[added] != "")).any(axis=1).sum()) if added else len(manifest)
    found = f"rows for {known} of {len(manifest)} spectra"
    verdict = judge(error=known == 0, warning=known < len(manifest))
    return manifest, row("catalogue", found, f"one for each, named by {survey.catalogue['key']}", verdict)


def _describe(survey: Survey, found: Sequence[tuple[str, list[Spectrum]]], manifest: pd.DataFrame) -> list[Sample]:
    """Give the sampled spectra, in the manifest's order, with what their files say."""
    power = manifest["resolution"].fillna(np.nan if survey.resolution is None else survey.resolution).tolist()
    samples = []
    for path, spectra in found:
        facts = _describe_first(survey, path)
        samples += [(path, facts, spectrum) for spectrum in spectra]
    return [Sample(*sample, resolution) for sample, resolution in zip(samples, power, strict=True)]


def _describe_first(survey: Survey, path: str):
    """Describe the first readable file of a spectrum's arms."""
    for file in path.split(BETWEEN_ARMS):
        try:
            return describe_file(survey.root / file, survey.reader)
        except ReadError as error:
            last = error
    raise last


def _check_samples(
    survey: Survey,
    samples: Sequence[Sample],
    manifest: pd.DataFrame,
    arms: Sequence[Mapping],
    medium: str,
    expected: Mapping,
) -> list[dict[str, str]]:
    steps = [name for step in survey.steps for name in step]
    broaden = [step["broaden"] or {} for step in survey.steps if "broaden" in step]
    low, high = convert_medium(build_grid(arms)[[0, -1]], medium, "vacuum")
    measured = pd.Series([_measure_snr(sample.spectrum, low, high) for sample in samples], manifest.index)
    return [
        check_medium(samples),
        check_wavelengths(samples, arms, medium),
        *check_sampling(samples, arms, medium),
        check_resolution(samples, arms, broaden=broaden, taught=expected["taught"]),
        check_errors(samples),
        check_masks(samples, low, high, expected["max_bad_share"]),
        check_velocities(manifest["rv"], steps, expected["shift"]),
        *check_labels(manifest, expected["labels"], expected["sets"]),
        *check_ranges(manifest, expected["ranges"]),
        check_snr(manifest["snr"].fillna(measured), expected["min_snr"], expected["snr"]),
    ]


def _measure_snr(spectrum: Spectrum, low: float, high: float) -> float:
    good = (spectrum.wavelength >= low) & (spectrum.wavelength <= high) & ~spectrum.bad & (spectrum.ivar > 0)
    return float(np.median(spectrum.flux[good] * np.sqrt(spectrum.ivar[good]))) if good.any() else np.nan


def _check_time(survey: Survey, samples: Sequence[Sample], manifest: pd.DataFrame, reading: float) -> dict[str, str]:
    """Prepare the sample as the run would, and say how long the whole survey takes and what cannot be prepared."""
    # Masks and templates that other jobs make are not there yet.
    steps = [step for step in survey.steps if not {"learned", "templates"} & {*(next(iter(step.values())) or {})}]
    faults, start = [], time.perf_counter()
    for sample, known in zip(samples, manifest.to_dict("records"), strict=True):
        power = np.inf if np.isnan(sample.resolution) else sample.resolution
        try:
            apply_steps(
                from_spectrum(sample.spectrum, known | {"resolution": power}), steps, RowGenerators(0, [sample.path])
            )
        except ValueError as error:
            faults.append(f"{sample.path}: {error}")
    each = reading + (time.perf_counter() - start) / len(samples)
    total = each * len(survey.files) * len(samples) / max(1, len({sample.path for sample in samples}))
    left_out = " (without learned masks and templates)" if len(steps) < len(survey.steps) else ""
    found = f"{1e3 * each:.1f} ms a spectrum{left_out}, {write_duration(total)} for all of them on one core"
    found += f"; {len(faults)} cannot be prepared ({faults[0]})" if faults else ""
    verdict = judge(error=len(faults) == len(samples), warning=bool(faults))
    return row("read and prepare", found, "all prepared", verdict)
