"""What sampled spectra say of their wavelengths, resolution, errors and masks, beside what a recipe expects."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spectrolabe.acquire.checks import judge, name_some, row
from spectrolabe.acquire.readers import Facts
from spectrolabe.spectra.cleaning import estimate_noise
from spectrolabe.spectra.table import Spectrum
from spectrolabe.spectra.wavelength import build_grid, convert_medium

#: Part of an arm that a spectrum must cover to count as covering it.
MOST = 0.95
#: Factors between wavelength units that files forget to name: nm, micrometre.
UNIT_FACTORS = {10.0: "nm", 1e4: "micrometre", 0.1: "tenths of angstrom"}
#: Scatter of pixels over stated error: beyond these the errors are doubtful; a spectrum's lines and shared noise move
#: it by less.
DOUBTFUL = (0.1, 3.0)
#: Beyond these, errors are not what the file says; within the second pair they are, once read the other way.
WRONG, RIGHT = (0.1, 10.0), (0.25, 4.0)
#: A recipe's resolving power counts as missed below this share of it.
NEAR = 0.9


@dataclass(frozen=True)
class Sample:
    """One sampled spectrum: its ``path``, what its file says, the spectrum, and its resolving power (NaN: unknown)."""

    path: str
    facts: Facts
    spectrum: Spectrum
    resolution: float


def check_medium(samples: Sequence[Sample]) -> dict[str, str]:
    """Say whether wavelengths are in air or in vacuum, and how that is known."""
    counts = Counter((sample.facts.medium, sample.facts.medium_from) for sample in samples)
    words = [
        f"{medium} ({f'by {written}' if written else 'assumed: the header does not say'}) in {count}"
        for (medium, written), count in counts.most_common()
    ]
    unknown = any(not written for _, written in counts)
    return row("air or vacuum", "; ".join(words), "a header that says it", judge(warning=unknown))


def check_wavelengths(samples: Sequence[Sample], arms: Sequence[Mapping], medium: str) -> dict[str, str]:
    """Compare the range of good pixels with a recipe's arms."""
    pieces = [convert_medium(build_grid([arm]), medium, "vacuum") for arm in arms]
    known = [_good(sample.spectrum) for sample in samples]
    covered = np.array([[_coverage(wavelength, piece) for piece in pieces] for wavelength in known])
    wanted = ", ".join(f"{piece[0]:.1f}-{piece[-1]:.1f}" for piece in pieces) + " angstrom (vacuum)"
    ends = np.array([[wavelength[0], wavelength[-1]] for wavelength in known])
    units = name_some([unit for unit in dict.fromkeys(sample.facts.unit for sample in samples) if unit])
    found = f"{ends[:, 0].min():.1f}-{ends[:, 1].max():.1f} angstrom (vacuum{f'; {units}' if units else ''})"
    nothing, partly, unit = covered.max(axis=1) == 0, covered.min(axis=1) < MOST, ""
    if nothing.any():
        unit = _guess_unit(ends[nothing], pieces)
        found += f"; {_name(samples, nothing)} cover nothing of it{unit}"
    elif partly.any():
        found += f"; {_name(samples, partly)} cover less than {MOST:.0%} of an arm"
    verdict = judge(error=bool(nothing.all() or unit), warning=bool(nothing.any() or partly.any()))
    return row("wavelengths", found, wanted, verdict)


def _good(spectrum: Spectrum) -> np.ndarray:
    return spectrum.wavelength[~spectrum.bad & (spectrum.ivar > 0)]


def _coverage(wavelength: np.ndarray, piece: np.ndarray) -> float:
    """Give the share of a piece of the recipe's grid that has a good pixel within a hundredth of its length."""
    above = np.searchsorted(wavelength, piece).clip(1, len(wavelength) - 1)
    distance = np.minimum(np.abs(piece - wavelength[above - 1]), np.abs(wavelength[above] - piece))
    return float(np.mean(distance < np.ptp(piece) / 100))


def _guess_unit(ends: np.ndarray, pieces: Sequence[np.ndarray]) -> str:
    low, high = np.median(ends, axis=0)
    for factor, unit in UNIT_FACTORS.items():
        if low * factor < pieces[-1][-1] and high * factor > pieces[0][0]:
            return f", and would if their unit were {unit}"
    return ""


def check_sampling(samples: Sequence[Sample], arms: Sequence[Mapping], medium: str) -> list[dict[str, str]]:
    """Compare the distance of pixels with a recipe's; no row where no spectrum has pixels there."""
    pieces = [convert_medium(build_grid([arm]), medium, "vacuum") for arm in arms]
    steps = np.array([[_step(sample.spectrum.wavelength, piece) for piece in pieces] for sample in samples])
    wanted = np.array([np.median(np.diff(piece)) for piece in pieces])
    measured = steps[np.isfinite(steps)]
    if not measured.size:
        return []
    found = f"{measured.min():.3g} to {measured.max():.3g} angstrom a pixel"
    expected = " and ".join(dict.fromkeys(f"{step:.3g}" for step in wanted)) + ", and not above twice that"
    return [row("sampling", found, expected, judge(warning=bool(np.nanmax(steps / wanted) > 2)))]


def _step(wavelength: np.ndarray, piece: np.ndarray) -> float:
    within = wavelength[(wavelength >= piece[0]) & (wavelength <= piece[-1])]
    return float(np.median(np.diff(within))) if len(within) > 1 else np.nan


def check_resolution(
    samples: Sequence[Sample], arms: Sequence[Mapping], *, broaden: Sequence[Mapping], taught: bool
) -> dict[str, str]:
    """Compare resolving powers with the recipe's: the step broaden only lowers them.

    Parameters
    ----------
    broaden : options of each step broaden among the survey's; a ``resolution`` there stands in place of the arms'.
    taught : whether networks trained on a grid label the survey; those trained on the survey itself need no match.
    """
    known = np.array([sample.resolution for sample in samples])
    targets = _target_resolutions(arms, broaden)
    have = known[np.isfinite(known)]
    missing = len(known) - len(have)
    words = [f"{have.min():.0f} to {have.max():.0f}"] if len(have) else []
    words += [f"not known in {missing} of {len(known)}"] if missing else []
    found = "; ".join(words)
    if not targets or not taught:
        return row("resolution", found, "any: the networks learn from the survey itself" if not taught else "any")
    target, lowest = max(targets), have.min() if len(have) else np.inf
    doubts = [lowest < target, missing > 0]
    expected = f"{target:.0f} or more, which broaden lowers to it"
    if not broaden:
        expected = f"{target:.0f}, since the step broaden is not among the survey's"
        doubts.append(len(have) > 0 and have.max() > target / NEAR)
    elif missing:
        expected += "; unknown ones are broadened as if they had no width: see the keys resolution and catalogue"
    return row("resolution", found, expected, judge(error=lowest < NEAR * target, warning=any(doubts)))


def _target_resolutions(arms: Sequence[Mapping], broaden: Sequence[Mapping]) -> list[float]:
    """Give the resolving powers that spectra are compared with: the arms', or the lowest that steps broaden to."""
    own = [options["resolution"] for options in broaden if "resolution" in options]
    of_arms = [arm["resolution"] for arm in arms if arm.get("resolution")]
    if not own:
        return of_arms
    # Beside a step that broadens to the arms, the lower of both is what is left.
    to_arms = len(own) < len(broaden) and of_arms
    return [min([*own, max(of_arms)] if to_arms else own)]


def check_errors(samples: Sequence[Sample]) -> dict[str, str]:
    """Say which errors the spectra have, and whether their pixels scatter as these say."""
    counts = Counter((sample.facts.errors, sample.facts.errors_from) for sample in samples)
    words = [f"{kind} ({written}) in {count}" for (kind, written), count in counts.most_common()]
    stated = [sample for sample in samples if sample.facts.errors != "none"]
    ratios = np.array([_scatter(sample) for sample in stated]).reshape(-1, 2)
    as_read, other_way = np.nanmedian(ratios, axis=0) if np.isfinite(ratios).any() else (1.0, np.nan)
    wrong = not WRONG[0] < as_read < WRONG[1] and RIGHT[0] < other_way < RIGHT[1]
    if stated:
        words.append(f"pixels scatter by {as_read:.2g} times that")
    if wrong:
        kind = stated[0].facts.errors
        words.append(f"and {'an' if kind == 'sigma' else 'a'} {'ivar' if kind == 'sigma' else 'sigma'} would fit them")
    doubtful = bool(stated) and not DOUBTFUL[0] < as_read < DOUBTFUL[1]
    expected = f"ivar or sigma, pixels scattering by {DOUBTFUL[0]:g} to {DOUBTFUL[1]:g} times that"
    return row("errors", "; ".join(words), expected, judge(error=wrong, warning=doubtful or len(stated) < len(samples)))


def _scatter(sample: Sample) -> tuple[float, float]:
    """Give the scatter of pixels over the error that a file states, and over the one if read the other way."""
    spectrum = sample.spectrum
    good = ~spectrum.bad & (spectrum.ivar > 0)
    claimed = float(np.median(1 / np.sqrt(spectrum.ivar[good])))
    measured = estimate_noise(spectrum.flux[good])
    return measured / claimed, measured / (claimed**-2 if sample.facts.errors == "ivar" else claimed**-0.5)


def check_masks(samples: Sequence[Sample], low: float, high: float, max_bad_share: float) -> dict[str, str]:
    """Say what makes a pixel bad, and the share of bad pixels from ``low`` to ``high`` (angstrom, vacuum)."""
    meaning = name_some(list(dict.fromkeys(sample.facts.mask for sample in samples)))
    shares = []
    for sample in samples:
        spectrum = sample.spectrum
        within = (spectrum.wavelength >= low) & (spectrum.wavelength <= high)
        shares.append(np.mean((spectrum.bad | (spectrum.ivar <= 0))[within]) if within.any() else 1.0)
    many = int(np.sum(np.array(shares) > max_bad_share))
    found = f"bad: {meaning}; {np.median(shares):.1%} of the pixels (median), above {max_bad_share:.0%} in {many}"
    return row("masked pixels", found, f"at most {max_bad_share:.0%}, else flagged", judge(warning=many > 0))


def _name(samples: Sequence[Sample], chosen: np.ndarray) -> str:
    paths = [sample.path for sample, taken in zip(samples, chosen, strict=True) if taken]
    return f"{len(paths)} of {len(samples)} ({name_some(paths)})"
