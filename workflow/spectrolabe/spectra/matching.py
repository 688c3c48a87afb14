"""How broad a star's lines are and how it moves, by trying which model is most like its spectrum."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

FIRST_BROADENING = 3.0  # km/s
VELOCITY_STEP = 2.5  # km/s, less than half a line's width
#: Sides of the first triangle of the search (km/s), and how far from the best point it may end (km/s).
SIMPLEX, PRECISION = (2.0, 1.0), 0.03


def match_spectrum(
    differences: Callable[[float, float], np.ndarray], *, broadest: float, fastest: float, robust: float
) -> tuple[float, float]:
    """Give the broadening and the velocity (km/s) at which a model is most like a spectrum.

    The sum of sqrt(1 + (difference / robust)^2) is minimised over a triangle of points (Nelder & Mead 1965), since
    clipping for the continuum makes it uneven: slopes over small steps mean nothing.

    Parameters
    ----------
    differences : gives observed minus model flux, shape (n_pixels,), NaN without information, for both.
    broadest : highest broadening (km/s).
    fastest : highest velocity to either side that the search begins at (km/s); it may end a fifth beyond.
    robust : difference above which pixels count less.
    """

    def cost(point: np.ndarray) -> float:
        return float(np.nansum(np.sqrt(1 + (differences(*point) / robust) ** 2)))

    count = 2 * int(np.ceil(fastest / VELOCITY_STEP)) + 1
    start = min(([FIRST_BROADENING, velocity] for velocity in np.linspace(-fastest, fastest, count)), key=cost)
    simplex = np.array([start, start, start]) + np.array([[0, 0], [SIMPLEX[0], 0], [0, SIMPLEX[1]]])
    options = {"initial_simplex": simplex, "xatol": PRECISION, "fatol": np.inf}
    bounds = [(0.0, broadest), (-1.2 * fastest, 1.2 * fastest)]
    broadening, velocity = minimize(cost, start, method="Nelder-Mead", bounds=bounds, options=options).x
    return float(broadening), float(velocity)
