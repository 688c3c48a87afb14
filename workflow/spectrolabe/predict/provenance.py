"""Provenance of a catalogue: recipe, software, date, checksums of all that it rests on, and what its errors are."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

from spectrolabe import VERSION

PACKAGES = ("numpy", "pandas", "pyarrow", "astropy")


def provenance(about: Mapping[str, str], sources: Sequence[Path], members: Sequence[Path]) -> dict[str, str]:
    """Give what a catalogue says of its making: recipe, software, packages, checksums of the files it rests on.

    The date is that of the day (UTC), so that a catalogue written twice on a day is twice the same.

    Parameters
    ----------
    about : what else there is to say, such as ``recipe``, ``recipe_sha256``, ``model``, ``dataset``.
    sources : files whose checksums are given: the manifest, the calibration, the choice of members.
    members : `.keras` files of the kept members.
    """
    # With the folder: the files of one model share their name.
    files = {f"sha256 {Path(path).parent.name}/{Path(path).name}": path for path in (*sources, *members)}
    software = {"software": f"Spectrolabe {VERSION}", "date": datetime.now(UTC).date().isoformat()}
    # One entry for all: Parquet keeps a key named pandas for itself.
    packages = {name: version(name) for name in PACKAGES} | {"keras": _keras_version(members[0])}
    software["packages"] = ", ".join(f"{name} {number}" for name, number in packages.items())
    return dict(about) | software | {name: _checksum(path) for name, path in files.items()}


def kept_members(members: Sequence[Path], kept: Mapping) -> list[Path]:
    """Choose the files of the members that were kept, given the content of ``train/kept/{model}.json``."""
    return [path for path in map(Path, members) if path.stem in kept["members"]]


def describe_uncertainties(
    calibration: Mapping, *, between_grids: bool, recalibration: Mapping | None
) -> dict[str, str]:
    """Say which terms entered the errors, and on what, and on how many stars, they were calibrated.

    Parameters
    ----------
    calibration : as `spectrolabe.predict.calibration.calibrate` gives it.
    between_grids : whether the models of other grids widened the errors.
    recalibration : where one was applied, its content.
    """
    binned = any("temperature" in label for label in calibration["labels"].values())
    terms = ["noise and members' disagreement in quadrature, stretched by calibration"]
    terms = ["widths of the members' mean distribution, tempered and stretched by calibration"] if binned else terms
    terms += ["between grids"] if between_grids else []
    terms += ["recalibration"] if recalibration else []
    used = calibration["calibrated_on"]
    text = f"{used['dataset']} ({used['origin']}), {used['stars']} stars, {used['spectra']} spectra"
    told = {"uncertainties": "; in quadrature with ".join(terms)}
    told |= {"calibrated_on": text}
    told |= {f"calibration {label}": _describe_label(of) for label, of in calibration["labels"].items()}
    if recalibration:
        fits = recalibration["labels"].items()
        told |= {f"recalibration {label}": _describe_fit(fit, recalibration) for label, fit in fits}
    return told


def describe_shares(shares: Mapping[str, float]) -> dict[str, str]:
    """Say of each label which share of its error's variance repeats average, see `spectrolabe.predict.stars`."""
    unknown = "unknown: too few stars have several spectra, so that no part of an error averages"
    told = {label: unknown if math.isnan(share) else f"{share:.4g}" for label, share in shares.items()}
    return {f"repeated_share {label}": text for label, text in told.items()}


def _describe_fit(fit, recalibration):
    offset = f"{fit['offset']:+.4g} +- {fit['offset_err']:.2g} at {fit['pivot']:.5g}"
    scale = f"scale {fit['scale']:.4g} +- {fit['scale_err']:.2g}"
    stars = f"{len(fit['names'])} stars ({recalibration['stars']}) in {recalibration['dataset']}"
    return f"{offset}, {scale}, from {stars}: {', '.join(fit['names'])}"


def _describe_label(calibration):
    errors = " with its errors" if calibration["reference_errors"] else ""
    tempered = f"temperature {calibration['temperature']:.3g}; " if "temperature" in calibration else ""
    return f"{calibration['reference']} labels{errors}; {tempered}" + "; ".join(map(_describe_bin, calibration["bins"]))


def _describe_bin(entry):
    low, high = entry["snr"]
    text = f"S/N {low:g} to {high:g}" if high is not None else f"S/N from {low:g}"
    return f"{text}: {entry['stars']} stars" + (f" ({entry['fallback']})" if entry["fallback"] else "")


def _checksum(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keras_version(member):
    with ZipFile(member) as archive:
        return json.loads(archive.read("metadata.json"))["keras_version"]
