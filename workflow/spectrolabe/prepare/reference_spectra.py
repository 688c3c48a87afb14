"""What sound spectra look like: their mean, continuum and principal components, fitted although some are not sound."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np

from spectrolabe.spectra.cleaning import GAUSSIAN_MAD
from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import split_arms

#: Highest degree of the polynomials that an arm's continuum may be off by.
DEGREE = 8
#: S/N beyond which a spectrum weighs no more than others: what the components leave is then larger than noise.
FULL_SNR = 60.0
#: Missing pixels are filled with what the components make of the others, this often.
FILLINGS = 3
#: Spectra projected at a time, a matter of memory: a spectrum's numbers do not depend on it.
BATCH = 256
#: What is left of a pixel counts up to this many times its noise, in its variance.
FAR = 4.0
TINY = 1e-12


@dataclass(frozen=True)
class Projection:
    """Spectra as the reference sees them.

    ``continuum`` (n_spectra, n_continuum) and ``scores`` (n_spectra, n_components) in units of ``1 / shape``;
    ``residual`` (n_spectra, n_pixels), what is left, over its uncertainty, 0 where there is no information; ``depth``
    (n_spectra, n_pixels), what the fitted spectrum lacks of the mean level; ``noise`` (n_spectra,), the uncertainty of
    a score.
    """

    continuum: np.ndarray
    scores: np.ndarray
    residual: np.ndarray
    depth: np.ndarray
    noise: np.ndarray


@dataclass(frozen=True)
class Reference:
    """The expected spectra and how well they are known.

    ``shape`` is one over the usual noise of each pixel, mean about 1; ``mean`` the mean flux; ``smooth`` (n_continuum,
    n_pixels) the orthonormal shapes of continuum errors and ``components`` (n_components, n_pixels) the principal
    components of the rest, both of flux times ``shape``; ``excess`` the variance that they leave beyond noise;
    ``slopes`` (1 + n_components, n_continuum) the continuum expected for given scores; ``flatness`` and ``spread`` the
    standard deviations, without noise, of what differs from that and of the scores.
    """

    wavelength: np.ndarray
    shape: np.ndarray
    mean: np.ndarray
    smooth: np.ndarray
    components: np.ndarray
    excess: np.ndarray
    slopes: np.ndarray
    flatness: np.ndarray
    spread: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """Give all that must be kept to restore a reference."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def restore(cls, arrays: Mapping[str, np.ndarray]) -> "Reference":
        """Give the reference of what `arrays` gave."""
        return cls(**{field.name: np.asarray(arrays[field.name]) for field in fields(cls)})

    def project(self, spectra: Spectra) -> Projection:
        """Split spectra into continuum, components and the rest.

        Raises
        ------
        ValueError
            Where the spectra are on another wavelength grid.
        """
        if not np.array_equal(spectra.wavelength, self.wavelength):
            expected, found = (f"{len(grid)} pixels from {grid[0]:g}" for grid in (self.wavelength, spectra.wavelength))
            raise ValueError(f"expected spectra on the grid of the reference, {expected} angstrom, found {found}")
        return self._project(spectra.flux, spectra.ivar)

    def _project(self, flux, ivar):
        known = ivar > 0
        basis = np.concatenate([self.smooth, self.components])
        deviation = np.where(known, (flux - self.mean) * self.shape, 0).astype(np.float32)
        weights, expected = _fit_known(deviation, known, basis)
        noise = self.shape / np.sqrt(np.where(known, ivar, 1))
        residual = np.where(known, (deviation - expected) / np.sqrt(noise**2 + self.excess), 0)
        flat = len(self.smooth)
        lines = self.mean + (weights[:, flat:] @ self.components) / self.shape
        counted = np.maximum(known.sum(axis=1), 1)
        typical = np.sqrt((np.where(known, noise, 0) ** 2).sum(axis=1) / counted)
        continuum = weights[:, :flat] - _design(weights[:, flat:]) @ self.slopes
        return Projection(continuum, weights[:, flat:], residual, self._depth(lines), typical)

    def _depth(self, flux):
        depth = np.empty_like(flux)
        for arm in split_arms(self.wavelength):
            depth[:, arm] = np.quantile(self.mean[arm], 0.9) - flux[:, arm]
        return depth


def _fit_known(deviation, known, basis):
    """Give weights and expected deviations; a row with missing pixels is filled and fitted several times."""
    weights = deviation @ basis.T
    expected = weights @ basis
    rows = np.flatnonzero(~known.all(axis=1))
    for _ in range(FILLINGS if rows.size else 0):
        filled = np.where(known[rows], deviation[rows], expected[rows])
        weights[rows] = filled @ basis.T
        expected[rows] = weights[rows] @ basis
    return weights, expected


def _design(scores):
    return np.concatenate([np.ones((len(scores), 1), scores.dtype), scores], axis=1)


def smooth_shapes(wavelength: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Give orthonormal shapes (n_shapes, n_pixels) of a continuum's errors: polynomials times ``level``, arm by arm."""
    shapes = []
    for arm in split_arms(wavelength):
        place = np.linspace(-1, 1, arm.stop - arm.start)
        degree = min(DEGREE, len(place) - 1)
        values = np.polynomial.legendre.legvander(place, degree) * level[arm, None]
        found = np.zeros((degree + 1, len(wavelength)))
        found[:, arm] = np.linalg.qr(values)[0].T
        shapes.append(found)
    return np.concatenate(shapes).astype(np.float32)


def fit_reference(spectra: Spectra, components: int, seed: int) -> Reference:
    """Fit the mean, the continuum's shapes and the principal components to spectra that all count as sound.

    Parameters
    ----------
    spectra : usable spectra.
    components : number of principal components, fewer where there are not as many spectra.
    seed : of the components' search.
    """
    from sklearn.utils.extmath import randomized_svd

    known = spectra.ivar > 0
    root = np.sqrt(spectra.ivar)
    level = root.sum(axis=1) / known.sum(axis=1)
    count = np.maximum(known.sum(axis=0), 1)
    shape = np.maximum((root / level[:, None]).sum(axis=0) / count, TINY).astype(np.float32)
    mean = (np.where(known, spectra.flux, 0).sum(axis=0) / count).astype(np.float32)
    smooth = smooth_shapes(spectra.wavelength, mean * shape)
    deviation = np.where(known, (spectra.flux - mean) * shape, 0)
    weights = deviation @ smooth.T
    rest = deviation - weights @ smooth
    importance = np.minimum(level, FULL_SNR)[:, None].astype(np.float32)
    size = min(components, len(spectra) - 1)
    found = randomized_svd(rest * importance, size, n_iter=3, random_state=seed % 2**32)[2].astype(np.float32)
    # Orthogonal to the continuum's shapes, which pixels without information blur.
    found = np.linalg.qr((found - (found @ smooth.T) @ smooth).T)[0].T
    scores = rest @ found.T
    noise = shape / np.where(known, root, 1)
    excess = _excess_variance(np.where(known, rest - scores @ found, 0), np.where(known, noise, 0), count)
    slopes = np.linalg.lstsq(_design(scores), weights, rcond=None)[0].astype(np.float32)
    flatness = robust_spread(weights - _design(scores) @ slopes, 1 / level)
    return Reference(
        spectra.wavelength, shape, mean, smooth, found, excess, slopes, flatness, robust_spread(scores, 1 / level)
    )


def robust_spread(values: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Give the robust standard deviations of columns (n_spectra, n_columns) less their noise (n_spectra,).

    A tenth of the whole is left at least, so that nothing is divided by 0.
    """
    total = (GAUSSIAN_MAD * np.median(np.abs(values - np.median(values, axis=0)), axis=0)) ** 2
    return np.sqrt(np.maximum(total - np.median(noise) ** 2, 0.01 * total)).astype(np.float32)


def _excess_variance(left, noise, count):
    """Give the variance of what is left beyond that of noise, per pixel; what is far beyond noise counts in part."""
    limited = np.minimum(np.abs(left), FAR * noise)
    return np.maximum(((limited**2).sum(axis=0) - (noise**2).sum(axis=0)) / count, 0).astype(np.float32)


def in_batches(count: int) -> Iterator[slice]:
    """Give slices of `BATCH` rows."""
    return (slice(start, start + BATCH) for start in range(0, count, BATCH))
