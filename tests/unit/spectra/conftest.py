"""Small spectra made by hand."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectra


@pytest.fixture
def make_spectra():
    """Give a function (wavelength, flux, ivar, **columns) -> Spectra in air, noise-free by default."""

    def make(wavelength, flux, ivar=NOISE_FREE_IVAR, **columns):
        flux = np.atleast_2d(np.asarray(flux))
        names = [f"star-{row}" for row in range(len(flux))]
        table = pd.DataFrame({"spectrum_id": names, "status": ""} | columns)
        return Spectra(
            np.asarray(wavelength, float), "air", flux, np.broadcast_to(ivar, flux.shape).astype(float), table
        )

    return make
