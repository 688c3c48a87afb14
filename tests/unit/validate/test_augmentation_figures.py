"""Copies of a star: those of the first star, each told by its own steps."""

import numpy as np
import pytest

from spectrolabe.spectra.table import write_shard
from spectrolabe.validate.augmentation_figures import plot_augmentation, read_copies
from spectrolabe.validate.style import save_figure

NOISE, SCALE = {"add_noise": {"snr": [5, 300]}}, {"scale": {"min": 0.95, "max": 1.05}}
STEPS = [[], [NOISE], [SCALE, NOISE], [{"distort_continuum": {"min": 0.95, "max": 1.05}}], [{"zero_pixels": {}}]]


@pytest.fixture
def copies(make_set, tmp_path):
    spectra = make_set(12, 1)
    rotation = np.r_[10.0 * np.arange(6), np.arange(6.0)]
    table = spectra.table.assign(copy=np.tile(range(6), 2), teff=np.repeat([7000.0, 8800.0], 6), vsini=rotation)
    spectra.table[table.columns] = table
    spectra.table["snr"] = [np.nan, 27.4, 140.0, np.nan, np.nan, np.nan] * 2
    spectra.ivar[10, 3:6] = 0
    write_shard(tmp_path / "training.parquet", spectra, {})
    return read_copies(tmp_path / "training.parquet", len(STEPS), ["teff", "vsini", "feh"])


def test_the_copies_that_are_most_alike_are_read(copies):
    assert copies.table["copy"].tolist() == [0, 1, 2, 3, 4]
    assert copies.table["vsini"].tolist() == [0, 1, 2, 3, 4]
    assert copies.table["spectrum_id"].iloc[0] == "star-6"


def test_each_copy_is_told_by_its_steps_and_drawn_beside_the_first(copies, tmp_path):
    figure = plot_augmentation(copies, STEPS, ["teff", "vsini", "feh"])
    titles = ["as it is", "noise (S/N 27)", "scale, noise (S/N 140)", "parabola", "lost pixels", ""]
    assert [axes.get_title(loc="left") for axes in figure.axes] == titles
    assert [len(axes.lines) for axes in figure.axes] == [1, 2, 2, 2, 2, 0]
    np.testing.assert_array_equal(figure.axes[2].lines[0].get_ydata(), copies.flux[0])
    assert np.isnan(figure.axes[4].lines[1].get_ydata()[3:6]).all()
    # Shared labels above, others in the panels; unknown ones nowhere.
    assert "8800 K" in figure.get_suptitle()
    assert "km/s" not in figure.get_suptitle()
    assert "3.0 km/s" in figure.axes[3].texts[0].get_text()
    save_figure(figure, tmp_path / "figure.png")
