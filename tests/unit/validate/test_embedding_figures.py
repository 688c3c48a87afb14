"""Maps of embeddings: one per part, epoch and label, and the picture of a part."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.embedding_files import Embedded
from spectrolabe.validate.embedding_figures import plot_embedding
from spectrolabe.validate.embedding_maps import closeness, map_embeddings

LABELS = ["teff", "feh"]


@pytest.fixture(scope="module")
def embedded():
    """Forty spectra at two epochs: mixed at first, then along an arc by Teff; one arm of the last is empty."""
    rng = np.random.default_rng(1)
    teff = np.linspace(4000, 7000, 40)
    angles = np.deg2rad((teff - 4000) / 20)
    arc = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    mixed = rng.permutation(arc)
    vectors = np.concatenate([np.broadcast_to(each[:, None, None], (40, 2, 2, 2)) for each in (mixed, arc)])
    known = np.ones((80, 2), bool)
    known[[39, 79], 1] = False
    table = pd.DataFrame({
        "spectrum_id": [f"s{number}" for number in range(40)] * 2, "part": "training", "epoch": [0] * 40 + [50] * 40,
        "teff": np.tile(teff, 2), "feh": np.nan,
    })  # fmt: skip
    return Embedded(vectors.astype(np.float32), known, table)


@pytest.fixture(scope="module")
def maps(embedded):
    return map_embeddings(embedded, LABELS, seed=3)


def test_a_map_per_epoch_and_label_of_spectra_with_all_arms(maps):
    assert maps.groupby(["epoch", "label"], sort=False).size().to_dict() == {
        (0, "teff"): 39, (0, "feh"): 39, (50, "teff"): 39, (50, "feh"): 39,
    }  # fmt: skip
    before, after = (maps[(maps["epoch"] == epoch) & (maps["label"] == "teff")] for epoch in (0, 50))
    assert closeness(after[["x", "y"]].to_numpy(), after["value"].to_numpy()) > 0.95
    assert abs(closeness(before[["x", "y"]].to_numpy(), before["value"].to_numpy())) < 0.5


def test_closeness_by_hand():
    line = np.stack([np.arange(4.0), np.zeros(4)], axis=1) ** 1.1
    # Each one's nearest is the one before it, that of the first the second.
    assert closeness(line, np.array([1.0, 2, 3, 4])) == pytest.approx(np.corrcoef([1, 2, 3, 4], [2, 1, 2, 3])[0, 1])
    assert np.isnan(closeness(line, np.array([1.0, 2, np.nan, np.nan])))
    assert np.isnan(closeness(line, np.ones(4)))


def test_a_row_per_epoch_and_a_column_per_label(maps):
    figure = plot_embedding(maps)
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert [axes.get_ylabel() for axes in panels] == ["0 epochs", "", "50 epochs", ""]
    assert [axes.get_title(loc="left") for axes in panels[:2]] == [r"$T_\mathrm{eff}$ [K]", "[Fe/H] [dex]"]
    grey, coloured = panels[2].collections
    assert (len(grey.get_offsets()), len(coloured.get_offsets())) == (0, 39)
    # Spectra whose label is unknown are drawn without a colour.
    assert len(panels[3].collections[0].get_offsets()) == 39
    assert float(panels[2].texts[0].get_text()) > 0.95


def test_a_part_without_usable_spectra_says_so(maps):
    figure = plot_embedding(maps.iloc[:0])
    assert "information in all arms" in figure.texts[0].get_text()
