"""Files of distributions: what is written is what was said, tempered, and no row is lost."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spectrolabe.predict.distribution_files import read_distributions, write_distributions
from spectrolabe.predict.distribution_lists import fix_sizes, read_edges, stack

ROWS = pd.DataFrame(
    {
        "spectrum_id": ["a", "b", "c"],
        "status": ["", "damaged", ""],
        "teff_distribution": list(np.float32([[0.2, 0.8], [0.5, 0.5], [1, 0]])),
        "rv_distribution": list(np.float32([[0.25, 0.5, 0.25]] * 3)),
        "rv_removed": [10.0, 0.0, -5.0],
        "logg": 4.0,
    }
)
CALIBRATION = {
    "teff": {"temperature": 0.5, "edges": [4000, 5000, 6000], "bins": []},
    "rv": {"temperature": 1.0, "edges": [-3, -1, 1, 3], "bins": []},
    "logg": {"bins": []},
}
LABELS = ["teff", "logg", "rv"]


def test_tempered_distributions_and_their_edges(tmp_path):
    write_distributions([ROWS], CALIBRATION, None, LABELS, {"recipe": "mine"}, tmp_path / "survey.parquet")
    names, probabilities, edges = read_distributions(tmp_path / "survey.parquet")
    assert names.tolist() == ["a", "b", "c"]
    assert [*probabilities] == ["teff", "rv"]
    np.testing.assert_allclose(probabilities["teff"], [[1 / 17, 16 / 17], [np.nan, np.nan], [1, 0]], rtol=1e-6)
    np.testing.assert_allclose(probabilities["rv"][[0, 2]], [[0.25, 0.5, 0.25]] * 2)
    assert probabilities["teff"].dtype == np.float32
    np.testing.assert_array_equal(edges["teff"], [[4000, 5000, 6000]] * 3)
    np.testing.assert_array_equal(edges["rv"], [[7, 9, 11, 13], [-3, -1, 1, 3], [-8, -6, -4, -2]])
    schema = pq.read_schema(tmp_path / "survey.parquet")
    assert schema.field("teff_distribution").type == pa.list_(pa.float32(), 2)
    assert schema.metadata[b"recipe"] == b"mine"
    assert json.loads(schema.metadata[b"edges"])["teff"] == [4000, 5000, 6000]


def test_edges_are_recalibrated_as_labels_are(tmp_path):
    fit = {"offset": 100.0, "scale": 1.1, "pivot": 5000.0}
    recalibration = {"labels": {"teff": fit, "rv": {"offset": 1.0, "scale": 2.0, "pivot": 0.0}}}
    write_distributions([ROWS], CALIBRATION, recalibration, LABELS, {}, tmp_path / "survey.parquet")
    _, probabilities, edges = read_distributions(tmp_path / "survey.parquet")
    np.testing.assert_allclose(edges["teff"][0], [4000, 5100, 6200])
    # A velocity v of -3 + 10 becomes 1 + 2 v.
    np.testing.assert_allclose(edges["rv"][0], [15, 19, 23, 27])
    np.testing.assert_allclose(probabilities["teff"][2], [1, 0])


def test_lists_of_one_size_survive_slices_and_no_rows(tmp_path):
    table = pa.Table.from_pandas(ROWS.drop(columns="rv_distribution"), preserve_index=False)
    edges = {"teff": [4000, 5000, 6000]}
    fixed = fix_sizes(pa.concat_tables([table, table.slice(1)]), edges)
    np.testing.assert_allclose(stack(fixed.to_pandas(), "teff", edges["teff"])[3], [0.5, 0.5])
    assert len(fixed) == 5
    write_distributions([ROWS.iloc[:0]], CALIBRATION, None, LABELS, {}, tmp_path / "empty.parquet")
    names, probabilities, ends = read_distributions(tmp_path / "empty.parquet")
    assert (len(names), probabilities["teff"].shape, ends["rv"].shape) == (0, (0, 2), (0, 4))


def test_slices_make_one_file(tmp_path):
    for name, slices in (("one", [ROWS]), ("two", [ROWS[:2], ROWS[2:]])):
        write_distributions(slices, CALIBRATION, None, LABELS, {}, tmp_path / f"{name}.parquet")
    assert pq.read_table(tmp_path / "one.parquet").equals(pq.read_table(tmp_path / "two.parquet"))


def test_files_without_bins_have_no_edges(tmp_path):
    ROWS[["spectrum_id", "logg"]].to_parquet(tmp_path / "labels.parquet")
    assert read_edges(tmp_path / "labels.parquet") == {}
