"""Model cards: what a model was trained on, what it is valid for and what not, how well it does, and where it fails."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.style import UNKNOWN, number, percent

#: Lowest and highest S/N of the training spectra, as shares of them: single ones beyond tell nothing.
SNR_SHARES = (0.01, 0.99)


def write_card(
    about: Mapping,
    *,
    kept: Path,
    calibration: Path,
    catalogue: Path,
    members: Sequence[Path],
    training: Sequence[Path],
    scores: Sequence[Path],
    coverage: Sequence[Path],
    recovery: Sequence[Path],
    recalibration: Sequence[Path],
) -> str:
    """Write a model's card in Markdown: headings, lists and tables.

    Parameters
    ----------
    about : ``recipe``, ``model``, ``labels``, ``arms`` (``start``, ``stop`` in angstrom, ``resolution``), ``medium``,
        ``synthetic`` (whether the last stage's spectra come from a grid), ``rotation`` and ``velocity`` (km/s; highest
        that synthetic spectra were given; None: none), ``stages`` (each ``name``, ``set``, ``source``).
    kept, calibration : the model's choice of members and its calibration, JSON.
    catalogue : a catalogue that the model has written, in Parquet, whose metadata say by what it was made.
    members : `.keras` files of the last stage.
    training : training part of each stage's set.
    scores : ``validate/scores/{model}/{dataset}.json``.
    coverage : ``validate/coverage/{model}/{dataset}.json``, of which ``warnings`` are told.
    recovery, recalibration : JSON of injected stars' ``sentence`` by label, and the recalibration; none, or one each.
    """
    chosen, calibrated = _read(kept), _read(calibration)
    found = {path.stem: _read(path) for path in map(Path, scores)}
    low, high = _snr_range(training[-1])
    sections = [
        f"# {about['model']} of {about['recipe']}",
        _lead(about, chosen),
        "## Trained on",
        *_training(about, training),
        *_making(catalogue, chosen, members, found),
        "## Valid for",
        f"- spectra of {_windows(about)}",
        f"- signal-to-noise ratios of {low:.0f} to {high:.0f} per pixel" if np.isfinite(low) else "",
        "- labels within these ranges:",
        *_table(["label", "lowest", "highest", "unit"], _range_rows(about, chosen)),
        "## Not valid for",
        *_limits(about, low, calibrated),
        "## Scores",
        *_table(["dataset", "label", "n", "bias", "scatter", "inside 68 %", "inside 95 %"], _score_rows(found)),
        "## Calibrated on",
        *_calibration(calibrated),
        *(line for path in recalibration for line in _recalibration(_read(path))),
        "## Known failures",
        *_failures(coverage, recovery),
    ]
    return "\n".join(_spaced(sections)) + "\n"


def _read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _spaced(lines):
    """Lines of a list or of a table stand together, everything else apart."""
    lines = [line for line in lines if line]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        yield line
        if following and (line[0] not in "-|" or following[0] != line[0]):
            yield ""


def _table(columns, rows):
    return [f"| {' | '.join(cells)} |" for cells in [columns, ["---"] * len(columns), *rows]]


def _windows(about):
    arms = [f"{arm['start']:g} to {arm['stop']:g} angstrom{_resolution(arm)}" for arm in about["arms"]]
    return f"{' and '.join(arms)} ({about['medium']})"


def _resolution(arm):
    return f" at a resolving power of {arm['resolution']:,g}" if "resolution" in arm else ""


def _lead(about, kept):
    count = len(kept["members"])
    networks = f"{count} network{'s' if count != 1 else ''} of {kept['parameters']:,} parameters"
    return f"Gives {', '.join(about['labels'])} from spectra of {_windows(about)}, by {networks}."


def _training(about, paths):
    for stage, path in zip(about["stages"], paths, strict=True):
        stars = pq.read_table(path, columns=["source_id"])["source_id"]
        spectra = f"{len(stars):,} spectra of {len(stars.unique()):,} stars"
        yield f"- stage `{stage['name']}`: {spectra}, the training part of the set `{stage['set']}`, {stage['source']}"


def _snr_range(path):
    if "snr" not in pq.read_schema(path).names:
        return np.nan, np.nan
    snr = pq.read_table(path, columns=["snr"])["snr"].to_numpy()
    snr = snr[np.isfinite(snr)]
    return np.quantile(snr, SNR_SHARES) if len(snr) else (np.nan, np.nan)


def _making(catalogue, kept, members, scores):
    told = {key.decode(): text.decode() for key, text in (pq.read_schema(catalogue).metadata or {}).items()}
    yield f"- by {told['software']}, from a recipe with the SHA-256 `{told['recipe_sha256']}`"
    used = [Path(path) for path in members if Path(path).stem in kept["members"]]
    size = sum(path.stat().st_size for path in used) / 1e6
    day = datetime.fromtimestamp(max(path.stat().st_mtime for path in used), UTC).date().isoformat()
    words = f"- on {day}, in {kept['training_seconds'] / 60:.1f} minutes for all {len(members)} networks"
    yield f"{words}; {len(used)} are kept, files of {size:.1f} MB together"
    rates = [score["model"]["spectra_per_second"] for score in scores.values()]
    if any(rates):
        yield f"- labels {np.median([rate for rate in rates if rate]):,.0f} spectra a second with these"


def _range_rows(about, kept):
    for label in about["labels"]:
        yield [label, *(number(label, limit) for limit in kept["ranges"][label]), unit_of(label)]


def _limits(about, low, calibration):
    yield "- stars beyond any of these ranges (flag `outside_training_range`): neither label nor error holds there"
    yield "- spectra of another resolving power, or that lack a part of the window (flag `partly_covered`)"
    if np.isfinite(low):
        yield f"- signal-to-noise ratios below {low:.0f}, of which there were next to none in the training"
    yield "- spectra unlike the training's, such as of binaries or with emission lines or a wrong continuum"
    if about["synthetic"]:
        for key, words in {
            "rotation": "stars that rotate faster",
            "velocity": "spectra that are shifted by more",
        }.items():
            bound = f"{about[key]:g} km/s" if about[key] else "the resolving power hides, since the training had none"
            yield f"- {words} than {bound}"
    if calibration["calibrated_on"]["origin"] == "synthetic":
        yield "- errors of observed spectra: calibrated on synthetic ones, they hold nothing of how far both differ"


def _score_rows(scores):
    # What was kept for testing first; training stars show nothing of what a model can do.
    names = sorted((name for name in scores if not name.endswith("-training")), key=lambda name: "-test" not in name)
    for name in names:
        for label, subsets in scores[name]["labels"].items():
            score = subsets["all"]
            moments = [number(label, score["bias"], signed=True), number(label, score["scatter"])]
            shares = [percent(score[f"coverage{level}"]) for level in ("68", "95")]
            yield [name, f"{label} ({unit_of(label)})", f"{score['n']:,}", *moments, *shares]


def _calibration(calibration):
    used = calibration["calibrated_on"]
    yield f"- {used['spectra']:,} {used['origin']} spectra of {used['stars']:,} stars, `{used['dataset']}`"
    rows = [_calibration_row(label, entry) for label, entry in calibration["labels"].items()]
    yield from _table(["label", "reference labels", "stretch at 68 %", "stars by bin of S/N", "remarks"], rows)


def _calibration_row(label, entry):
    bins = entry["bins"]
    reference = entry["reference"] + (", with their errors" if entry["reference_errors"] else "")
    stretches = sorted(part["stretch68"] for part in bins if np.isfinite(part["stretch68"]))
    ends = dict.fromkeys(f"{stretch:.2f}" for stretch in (stretches[:1] + stretches[-1:])) or [UNKNOWN]
    told = [f"temperature {entry['temperature']:.2f}"] if "temperature" in entry else []
    remarks = "; ".join(dict.fromkeys(told + [part["fallback"] for part in bins if part["fallback"]])) or UNKNOWN
    return [label, reference, " to ".join(ends), ", ".join(f"{part['stars']:,}" for part in bins), remarks]


def _recalibration(recalibration):
    yield "## Recalibrated"
    yield f"- catalogues of surveys, on stars of `{recalibration['dataset']}` with labels of {recalibration['stars']}:"
    rows = [
        [
            f"{label} ({unit_of(label)})",
            f"{number(label, fit['offset'], signed=True)} ± {number(label, fit['offset_err'])}",
            f"{fit['scale']:.3f} ± {fit['scale_err']:.3f}" if fit["scale_err"] else "1",
            ", ".join([f"{len(fit['names'])}", *(f"without {name}" for name in fit["left_out"])]),
            f"{number(label, fit['scatter_before'])} to {number(label, fit['scatter_after'])}",
        ]
        for label, fit in recalibration["labels"].items()
    ]
    yield from _table(["label", "offset", "scale", "stars", "scatter before and after"], rows)


def _failures(coverage, recovery):
    told = [f"- {words}" for path in coverage for words in _read(path)["warnings"]]
    told += [f"- {label}: {limit['sentence']}" for path in recovery for label, limit in _read(path).items()]
    if not recovery:
        told.append("- injected stars and mismatches were not tried: the recipe has no key `recovery` for this model")
    return told
