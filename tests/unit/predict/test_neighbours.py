"""The nearest training stars: by hand in the plane, label by label, over arms, copies and unknown labels."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict import neighbours
from spectrolabe.predict.embedding_files import Embedded, read_embedded, write_embedded
from spectrolabe.predict.neighbours import NeighbourFinder, squared_distances

LABELS = ["teff", "logg"]


def on_circle(degrees):
    """Embeddings of one arm and two labels: the second label's vectors stand the other way round."""
    angles = np.deg2rad(np.asarray(degrees, float))
    first = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.stack([first, first * [1, -1]], axis=1)[:, None].astype(np.float32)


@pytest.fixture
def training():
    """Four stars at 0, 10, 40 and 90 degrees; the second has a copy at 12, the third no log g."""
    table = pd.DataFrame({
        "spectrum_id": ["a-0", "b-0", "b-1", "c-0", "d-0"], "source_id": ["a", "b", "b", "c", "d"],
        "teff": [4000.0, 5000, 5000, 6000, 7000], "logg": [1.0, 2, 2, np.nan, 4],
        "set": ["one", "one", "one", "two", "two"],
    })  # fmt: skip
    return Embedded(on_circle([0, 12, 10, 40, 90]), np.ones((5, 1), bool), table)


def queries(degrees, names, known=True, **columns):
    given = {"spectrum_id": names, "source_id": names, "teff": np.nan, "logg": 2.5}
    table = pd.DataFrame(given | columns, index=range(len(names)))
    return Embedded(on_circle(degrees), np.full((len(names), 1), known), table)


def test_stars_follow_each_other_by_distance_label_by_label(training):
    found = NeighbourFinder(training, LABELS, 3)(queries([1, 80], ["x", "y"]))
    assert found["label"].tolist() == (["teff"] * 3 + ["logg"] * 3) * 2
    assert found["rank"].tolist() == [1, 2, 3] * 4
    names = found["neighbour_id"].tolist()
    # The nearer copy stands for its star; the star without log g is no neighbour for it.
    assert names == ["a-0", "b-1", "c-0", "a-0", "b-1", "d-0", "d-0", "c-0", "b-0", "d-0", "b-0", "a-0"]
    assert found["set"].tolist()[:3] == ["one", "one", "two"]
    assert found["neighbour_source_id"].tolist()[:3] == ["a", "b", "c"]
    assert found["neighbour_value"].tolist()[:6] == [4000, 5000, 6000, 1, 2, 4]
    # Chords of 1, 9 and 39 degrees.
    chords = 2 * np.sin(np.deg2rad([1, 9, 39]) / 2)
    np.testing.assert_allclose(found["distance"][:3], chords, atol=1e-6)
    assert found["value"].tolist()[3:6] == [2.5, 2.5, 2.5]
    assert found["value"][:3].isna().all()


def test_a_star_is_no_neighbour_of_its_own(training):
    found = NeighbourFinder(training, ["teff"], 2)(queries([10, 10], ["b", "x"]))
    assert found["neighbour_id"].tolist() == ["a-0", "c-0", "b-1", "a-0"]


def test_truths_count_before_labels_as_given(training):
    truth = {"teff": [5000.0, 5500], "teff_true": [5100, np.nan]}
    found = NeighbourFinder(training, ["teff"], 1)(queries([0, 0], ["x", "y"], **truth))
    assert found["value"].tolist() == [5100, 5500]


def test_what_is_missing_leaves_empty_rows(training):
    few = NeighbourFinder(training, ["logg"], 5)(queries([0], ["x"]))
    assert few["neighbour_id"].tolist() == ["a-0", "b-1", "d-0", "", ""]
    assert few["distance"].isna().tolist() == [False, False, False, True, True]
    dark = NeighbourFinder(training, LABELS, 2)(queries([0], ["x"], known=False))
    assert (dark["neighbour_id"] == "").all()
    assert dark[["distance", "neighbour_value"]].isna().all(axis=None)
    training.table["teff"] = np.nan
    unknown = NeighbourFinder(training, ["teff"], 2)(queries([0], ["x"]))
    assert unknown["set"].tolist() == ["", ""]
    assert unknown["distance"].isna().all()


def test_small_blocks_change_nothing(training, monkeypatch):
    asked = queries([1, 80, 35, 5], list("wxyz"))
    whole = NeighbourFinder(training, LABELS, 3)(asked)
    monkeypatch.setattr(neighbours, "CELLS", 6)
    pd.testing.assert_frame_equal(NeighbourFinder(training, LABELS, 3)(asked), whole)


def test_squares_are_summed_over_the_arms_that_both_know():
    own = np.array([[[1.0, 0], [0, 1]], [[1, 0], [0, 1]]])
    theirs = np.array([[[0.0, 1], [0, 1]], [[1, 0], [0, -1]]])
    known = np.array([[True, True], [True, False]])
    squared = squared_distances(own, np.array([[True, True], [False, True]]), theirs, known)
    # 2 + 0; of one arm alone, 0, twice; 0, twice; and no arm in common.
    np.testing.assert_allclose(squared, [[2, 0], [0, np.inf]])


def test_as_scikit_learn_finds_them():
    from sklearn.neighbors import NearestNeighbors

    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(260, 2, 1, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=3, keepdims=True)
    names = [f"s{number:03d}" for number in range(260)]
    table = pd.DataFrame({"spectrum_id": names, "source_id": names, "teff": rng.uniform(4000, 7000, 260), "set": "one"})
    training, asked = (
        Embedded(vectors[rows], np.ones((len(vectors[rows]), 2), bool), table.iloc[rows].reset_index(drop=True))
        for rows in (slice(200), slice(200, None))
    )
    found = NeighbourFinder(training, ["teff"], 5)(asked)
    flat = vectors.reshape(260, -1).astype(float)
    distance, rows = NearestNeighbors(n_neighbors=5).fit(flat[:200]).kneighbors(flat[200:])
    assert found["neighbour_id"].tolist() == table["spectrum_id"].to_numpy()[rows.ravel()].tolist()
    np.testing.assert_allclose(found["distance"], distance.ravel(), rtol=1e-5)


def test_embeddings_survive_their_file(training, tmp_path):
    write_embedded(tmp_path / "model.parquet", training)
    read = read_embedded(tmp_path / "model.parquet")
    np.testing.assert_array_equal(read.vectors, training.vectors)
    np.testing.assert_array_equal(read.known, training.known)
    pd.testing.assert_frame_equal(read.table, training.table)
