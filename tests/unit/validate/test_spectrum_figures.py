"""The figure of example spectra."""

import numpy as np
import pandas as pd

from spectrolabe.validate.spectrum_figures import plot_example_spectra


def curve(name, stage, **columns):
    known = {"teff": 5012.0, "snr": 31.4, "unit": ""} | columns
    return {"spectrum_id": name, "stage": stage, "wavelength": np.arange(4000.0, 4010), "flux": np.arange(10.0)} | known


def test_a_row_per_star_with_the_planck_curve_on_the_right():
    curves = [curve("plate/a", "raw", unit="1E-17 erg"), curve("plate/a", "prepared"), curve("plate/a", "planck")]
    curves += [curve("b", stage, teff=np.nan, snr=np.nan) for stage in ("raw", "prepared")]
    first, planck, second, other = plot_example_spectra(pd.DataFrame(curves)).axes
    assert first.get_title(loc="left").startswith("a   $T")
    assert "S/N 31" in first.get_title(loc="left")
    assert second.get_title(loc="left") == "b"
    assert first.get_ylabel() == "flux\n[1E-17 erg]"
    assert second.get_ylabel() == "flux\n[file’s unit]"
    assert [line.get_label() for line in planck.lines] == ["prepared", "Planck curve"]
    assert len(other.lines) == 1


def test_no_usable_spectrum_is_said_in_words():
    figure = plot_example_spectra(pd.DataFrame(columns=["spectrum_id", "stage"]))
    assert figure.texts[0].get_text() == "No spectrum of the survey can be used"
