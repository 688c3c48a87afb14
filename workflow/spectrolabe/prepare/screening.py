"""Screening: which spectra are as sound as those that networks are trained on, and what is wrong with the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spectrolabe.prepare.maps import SimilarityMap, fit_map
from spectrolabe.prepare.neighbours import Neighbours
from spectrolabe.prepare.reference_spectra import Reference, fit_reference, in_batches, robust_spread
from spectrolabe.prepare.residuals import measure_residuals
from spectrolabe.spectra.false_alarms import COMBINED_CLEARLY, COMBINED_END, PER_STEP, Alarm, fit_alarm
from spectrolabe.spectra.table import Spectra

#: Number of a spectrum -> what is wrong where it is improbable, and the column that says where. The first three name
#: what it is, the others only that it is something.
REASONS = {
    "emission": ("emission", "emission_at"),
    "second_lines": ("second set of lines or wrong velocity", "residual_at"),
    "continuum": ("continuum", "continuum_at"),
    "reconstruction": ("unlike any training spectrum", "residual_at"),
    "pca_distance": ("far from training spectra", "residual_at"),
}
NAMING = 3
EMISSION, SECOND_LINES, CONTINUUM = range(NAMING)
UNUSABLE = "no usable spectrum"
#: While the reference is fitted, a spectrum less probable than this in any way leaves the fit. Faint trouble that stays
#: shapes the components, and is then no longer found: rather too many go.
TRIM, ROUNDS = 1e-3, 4
#: Numbers that it is judged by then: what is common among the fitted spectra shows in the scores alone.
TRIMMED_BY = ("reconstruction", "emission", "second_lines", "continuum", "leverage")


@dataclass(frozen=True)
class Yardstick:
    """All that a spectrum's own numbers are judged by.

    ``alarms`` has one per number of `REASONS`, ``combined`` of the highest of their scores.
    """

    reference: Reference
    neighbours: Neighbours
    alarms: Mapping[str, Alarm]
    combined: Alarm
    false_alarms: float

    def judge(self, spectra: Spectra) -> pd.DataFrame:
        """Give the verdicts on spectra, one row each; a verdict depends on its own spectrum alone.

        Returns
        -------
        The numbers of `REASONS`, each with a ``_score`` (minus the decimal logarithm of how probable it is in a sound
        spectrum); ``second_velocity`` (km/s), ``worst_wavelength`` (angstrom), ``score`` of all numbers together,
        ``sound``, ``telling`` (what differs most, in sound spectra too), ``reason`` (the same, "" where sound), and
        ``exposure``, the signal-to-noise ratio that they were judged at. Of spectra with a status all numbers are NaN,
        and they are not sound.
        """
        usable = (spectra.table["status"] == "").to_numpy() & (spectra.ivar > 0).any(axis=1)
        chosen = spectra.select(usable)
        measured, scores = self.measure(chosen)
        snr = exposure(chosen.table, measured)
        verdicts = self.decide(measured, snr).assign(exposure=snr)
        verdicts = self._place(verdicts, measured, scores)
        verdicts = verdicts.set_axis(np.flatnonzero(usable)).reindex(range(len(spectra)))
        sound = verdicts.pop("sound").fillna(False).astype(bool)
        reason, telling = (verdicts.pop(name).where(usable, UNUSABLE) for name in ("reason", "telling"))
        return verdicts.assign(sound=sound, telling=telling, reason=reason).reset_index(drop=True)

    def _place(self, verdicts, measured, scores):
        return verdicts

    def measure(self, spectra: Spectra) -> tuple[pd.DataFrame, np.ndarray]:
        """Give the numbers of usable spectra, and their scores (n_spectra, n_components)."""
        measured, scores = measure_spectra(self.reference, spectra)
        names = spectra.table["spectrum_id"].to_numpy(str)
        distance = self.neighbours.distance(scores, measured["noise"].to_numpy(), names)
        return measured.assign(pca_distance=distance), scores

    def decide(self, measured: pd.DataFrame, snr: np.ndarray) -> pd.DataFrame:
        """Give verdicts from numbers; ``telling`` is what differs most, in sound spectra too."""
        scores = score_numbers(self.alarms, measured, snr)
        score = self.combined.score(scores.max(axis=1), snr)
        sound = score < -np.log10(self.false_alarms)
        worst = _most_telling(scores, measured, -np.log10(self.false_alarms))
        words, places = (np.array([REASONS[name][part] for name in self.alarms]) for part in (0, 1))
        where = np.array([measured[place] for place in places]).reshape(len(places), len(measured))
        return measured[[*self.alarms, "second_velocity"]].assign(
            **{f"{name}_score": column for name, column in zip(self.alarms, scores.T, strict=True)},
            worst_wavelength=where[worst, np.arange(len(measured))],
            score=score,
            sound=sound,
            telling=words[worst],
            reason=np.where(sound, "", words[worst]),
        )


@dataclass(frozen=True)
class Screen(Yardstick):
    """All that a spectrum is screened by, its place in a map of the training spectra included.

    ``map_limit`` is the distance in the map beyond which a spectrum counts as outside.
    """

    map: SimilarityMap
    map_limit: float

    def judge(self, spectra: Spectra) -> pd.DataFrame:
        """Give the verdicts of `Yardstick.judge`, and ``x``, ``y``, ``map_distance`` and ``map_inner`` in the map."""
        verdicts = super().judge(spectra)
        return verdicts.assign(map_inner=verdicts["map_distance"] <= self.map_limit)

    def _place(self, verdicts, measured, scores):
        points = self.map.place(self.neighbours.shrink(scores, measured["noise"].to_numpy()))
        return verdicts.assign(x=points[:, 0], y=points[:, 1], map_distance=self.map.distance(points))


def exposure(table: pd.DataFrame, measured: pd.DataFrame) -> np.ndarray:
    """Give the signal-to-noise ratio of usable spectra: the table's, or what their pixels say where it has none."""
    own = 1 / measured["noise"].to_numpy(float)
    stated = table["snr"].to_numpy(float) if "snr" in table else np.full(len(table), np.nan)
    return np.where(np.isfinite(stated), stated, own)


def score_numbers(alarms: Mapping[str, Alarm], measured: pd.DataFrame, snr: np.ndarray) -> np.ndarray:
    """Give minus the decimal logarithm of how probable each number is, shape (n_spectra, n_alarms)."""
    scores = [alarm.score(np.log(measured[name].to_numpy()), snr) for name, alarm in alarms.items()]
    return np.column_stack(scores)


def _most_telling(scores, measured, limit):
    """Give the column of the highest score, among those that name a reason where one of them is improbable itself.

    Lines too many leave residuals that are deepest downwards, emission such as are highest upwards. They bend the
    continuum too, which seldom looks like lines.
    """
    upwards = (measured["emission"] > measured["absorption"]).to_numpy()
    naming = scores[:, :NAMING].copy()
    naming[~upwards, EMISSION] = -np.inf
    naming[upwards, SECOND_LINES] = -np.inf
    naming[naming[:, SECOND_LINES] >= limit, CONTINUUM] = -np.inf
    named = naming.max(axis=1) >= limit
    return np.where(named, naming.argmax(axis=1), scores.argmax(axis=1))


def measure_spectra(reference: Reference, spectra: Spectra) -> tuple[pd.DataFrame, np.ndarray]:
    """Give the numbers of usable spectra, see `measure_residuals`, the ``noise`` of their scores, and the scores."""
    numbers, scores = [], []
    for rows in in_batches(max(len(spectra), 1)):
        projection = reference.project(spectra.select(rows))
        numbers.append(measure_residuals(reference, projection).assign(noise=projection.noise))
        scores.append(projection.scores)
    return pd.concat(numbers, ignore_index=True), np.concatenate(scores)


def fit_screen(
    training: Spectra,
    held_out: Iterable[Spectra],
    *,
    components: int,
    neighbours: int,
    perplexity: float,
    false_alarms: float,
    seed: int,
) -> tuple[Screen, dict]:
    """Learn what sound spectra look like, from selected ones of which some per cent are not sound.

    Parameters
    ----------
    training : usable selected spectra of the training part, which the reference is fitted to.
    held_out : usable selected spectra of the parts that thresholds are set by.
    components : number of principal components.
    neighbours : how many of the nearest training spectra the distance in their space is the mean of.
    perplexity : of the map.
    false_alarms : share of sound spectra that the verdict may call unsound.
    seed : of the fits.

    Returns
    -------
    The screen, and in numbers what it rests on.
    """
    if len(training) < PER_STEP:
        raise ValueError(f"screening: expected {PER_STEP} selected training spectra or more, found {len(training)}")
    yardstick, numbers, points = _fit_yardstick(training, held_out, components, neighbours, false_alarms, seed)
    known = yardstick.neighbours
    fitted_map = fit_map(known.shrink(known.scores, known.noise), perplexity, seed)
    distance = fitted_map.distance(fitted_map.place(points))
    limit = float(np.quantile(distance, 1 - false_alarms))
    return Screen(**vars(yardstick), map=fitted_map, map_limit=limit), numbers | {
        "map_limit": limit, "map_scale": fitted_map.scale,
    }  # fmt: skip


def fit_yardstick(
    training: Spectra, held_out: Iterable[Spectra], *, components: int, neighbours: int, false_alarms: float, seed: int
) -> tuple[Yardstick, dict]:
    """Learn what training spectra look like, without a map; parameters and numbers are those of `fit_screen`."""
    return _fit_yardstick(training, held_out, components, neighbours, false_alarms, seed)[:2]


def _fit_yardstick(training, held_out, components, neighbours, false_alarms, seed):
    """The yardstick, its numbers, and the shrunk scores of the held-out spectra that it calls sound."""
    reference, kept = fit_robustly(training, components, seed)
    table, found, scores = _measure_parts(reference, held_out)
    noise, snr = found["noise"].to_numpy(), exposure(table, found)
    # Of spectra that the components were not fitted to: in training spectra noise looks like signal.
    known = _find_neighbours(reference, training.select(kept), robust_spread(scores, noise), neighbours)
    found["pca_distance"] = known.distance(scores, noise, table["spectrum_id"].to_numpy(str))
    alarms = {name: fit_alarm(np.log(found[name].to_numpy()), snr) for name in REASONS}
    combined = fit_alarm(score_numbers(alarms, found, snr).max(axis=1), snr, COMBINED_END, COMBINED_CLEARLY)
    yardstick = Yardstick(reference, known, alarms, combined, false_alarms)
    passed = yardstick.decide(found, snr)["sound"].to_numpy()
    return yardstick, {
        "training_spectra": len(training), "fitted_to": int(kept.sum()), "held_out_spectra": len(snr),
        "held_out_called_sound": int(passed.sum()), "false_alarms": false_alarms,
    }, known.shrink(scores, noise)[passed]  # fmt: skip


def _measure_parts(reference, parts):
    measured = [(part.table, *measure_spectra(reference, part)) for part in parts]
    table, found = (pd.concat([part[place] for part in measured], ignore_index=True) for place in (0, 1))
    return table, found, np.concatenate([part[2] for part in measured])


def _find_neighbours(reference, sound, spread, count):
    measured, scores = measure_spectra(reference, sound)
    names = sound.table["spectrum_id"].to_numpy(str)
    return Neighbours(scores, measured["noise"].to_numpy(), names, spread, count)


def fit_robustly(training: Spectra, components: int, seed: int) -> tuple[Reference, np.ndarray]:
    """Fit the reference, take out what it finds improbable, and fit again; give it and the spectra that stayed."""
    kept = np.ones(len(training), bool)
    reference = fit_reference(training, components, seed)
    for _ in range(ROUNDS):
        measured, _ = measure_spectra(reference, training)
        snr = exposure(training.table, measured)
        alarms = {name: fit_alarm(np.log(measured[name].to_numpy()), snr) for name in TRIMMED_BY}
        kept = score_numbers(alarms, measured, snr).max(axis=1) < -np.log10(TRIM)
        reference = fit_reference(training.select(kept), components, seed)
    return reference, kept
